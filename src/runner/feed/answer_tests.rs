//! The reader's text: what subscribers get of it, when, and what is kept.

use super::answer::ANSWER_BYTES_MAX;
use super::*;
use crate::engine::Event;
use crate::engine::answer::{Assembler, Source};
use crate::engine::show::answer::{GoesOn, How, TextSoFar};
use crate::engine::words::step_name::StepName;

fn attempt(number: u32) -> AttemptId {
    AttemptId {
        nonce: "n".into(),
        run: 1,
        step: StepName::Synthesis,
        number,
    }
}

fn event(seq: u64) -> Recorded {
    Recorded {
        seq,
        at: Timestamp(seq),
        event: Event::WorkflowStarted {},
    }
}

/// The journal has this much of it, and attempt `number` goes on with it.
fn written(text: &str, number: u32) -> ReaderText {
    ReaderText {
        goes_on: Some(GoesOn {
            attempt: attempt(number),
            how: How::Follows,
        }),
        ..settled(text)
    }
}

fn settled(text: &str) -> ReaderText {
    let text = TextSoFar::from(text);
    ReaderText {
        settled: text.chars(),
        text,
        goes_on: None,
    }
}

/// Attempt `number` is the editor's, and `text` the only part.
fn edited(text: &str, number: u32) -> ReaderText {
    let part = Source {
        step: StepName::Subtask("t1".into()),
        run: 1,
        number: 1,
        id: "t1".into(),
        text: text.into(),
    };
    ReaderText {
        goes_on: Some(GoesOn {
            attempt: attempt(number),
            how: How::Script {
                assembler: Box::new(Assembler::new(vec![part], StepName::Edit(1), 1, number)),
                is_open: false,
            },
        }),
        ..ReaderText::default()
    }
}

fn subscribe(feed: &Feed, reader: impl Fn() -> ReaderText) -> Subscriber {
    let reader = || Some(reader());
    let wish = AnswerWish {
        reader: &reader,
        seq: 0,
        is_over: false,
    };
    feed.subscribe(Some(wish)).unwrap()
}

/// A client that truncates and appends.
#[derive(Default)]
struct Client {
    text: String,
    settled: usize,
    /// Characters that were sent.
    received: usize,
    last: bool,
}

impl Client {
    fn take(&mut self, answer: &Answer) {
        assert!(answer.from <= self.text.chars().count(), "a piece is missing");
        self.text = self.text.chars().take(answer.from).chain(answer.text.chars()).collect();
        self.settled = answer.settled;
        self.last = answer.last;
        self.received += answer.text.chars().count();
    }

    fn read(&mut self, subscriber: &mut Subscriber) {
        if let Some(answer) = subscriber.snapshot.answer.take() {
            self.take(&answer);
        }
        while let Ok(update) = subscriber.updates.try_recv() {
            if let Update::Answer(answer) = update {
                self.take(&answer);
            }
        }
    }
}

fn commit(feed: &Feed, seq: u64, reader: ReaderText) {
    let connection = feed.committed(&[event(seq)], Some(reader)).unwrap();
    feed.durable(connection, seq);
}

#[test]
fn it_streams_with_its_attempt_and_is_cut_back_when_that_dies() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    let mut subscriber = subscribe(&feed, || written("héad ", 1));
    let mut client = Client::default();
    feed.text(&attempt(1), "one", Timestamp(0));
    feed.text(&attempt(9), "of another step", Timestamp(0));
    feed.tick(Timestamp(0));
    client.read(&mut subscriber);
    assert_eq!((client.text.as_str(), client.settled), ("héad one", 8));
    feed.attempt_ended(&attempt(1));
    commit(&feed, 2, settled("héad "));
    client.read(&mut subscriber);
    assert_eq!(client.text, "héad ");
    feed.attempt_began(&attempt(2));
    commit(&feed, 3, written("héad ", 2));
    feed.text(&attempt(1), "too late", Timestamp(50));
    feed.text(&attempt(2), "two", Timestamp(50));
    feed.tick(Timestamp(50));
    client.read(&mut subscriber);
    assert_eq!((client.text.as_str(), client.received), ("héad two", 11));
}

#[test]
fn what_came_whole_is_told_before_the_event_that_it_came_with() {
    let feed = Feed::default();
    let mut subscriber = subscribe(&feed, ReaderText::default);
    let connection = feed.committed(&[event(1), event(2)], Some(settled("all"))).unwrap();
    feed.tick(Timestamp(60));
    assert!(subscriber.updates.try_recv().is_err(), "nothing before it is durable");
    feed.durable(connection, 2);
    let Ok(Update::Answer(answer)) = subscriber.updates.try_recv() else {
        panic!("first the answer")
    };
    assert_eq!((answer.text.as_str(), answer.settled), ("all", 3));
    assert!(matches!(subscriber.updates.try_recv(), Ok(Update::Events(_))));
}

#[test]
fn a_turn_that_replaces_an_answer_before_it_is_durable_does_not_hide_it() {
    let feed = Feed::default();
    let mut subscriber = subscribe(&feed, ReaderText::default);
    let connection = feed.committed(&[event(1)], Some(settled("all"))).unwrap();
    feed.committed(&[event(2)], Some(ReaderText::default()));
    feed.durable(connection, 1);
    let mut client = Client::default();
    client.read(&mut subscriber);
    assert_eq!(client.text, "all");
    feed.durable(connection, 2);
    client.read(&mut subscriber);
    assert_eq!(client.text, "");
}

/// The script includes a part whose event may not be durable yet.
#[test]
fn a_part_is_not_shown_before_its_event_is_durable() {
    let feed = Feed::default();
    let mut subscriber = subscribe(&feed, ReaderText::default);
    let mut client = Client::default();
    let connection = feed
        .committed(&[event(1), event(2)], Some(edited("the part", 1)))
        .unwrap();
    feed.attempt_began(&attempt(1));
    feed.text(&attempt(1), "@answer\nLead.\n@include t1\n", Timestamp(0));
    feed.tick(Timestamp(60));
    client.read(&mut subscriber);
    assert_eq!(client.text, "");
    feed.durable(connection, 2);
    client.read(&mut subscriber);
    assert!(client.text.contains("the part"), "{:?}", client.text);
    feed.text(&attempt(1), "Tail.\n", Timestamp(120));
    feed.tick(Timestamp(120));
    client.read(&mut subscriber);
    assert!(
        client.text.starts_with("Lead.") && client.text.contains("Tail."),
        "{:?}",
        client.text
    );
    let whole = "Lead.\n\nthe part\n\nTail.";
    commit(&feed, 3, settled(whole));
    client.read(&mut subscriber);
    assert_eq!((client.text.as_str(), client.settled), (whole, whole.len()));
}

#[test]
fn a_newcomer_gets_it_once_from_its_beginning_and_then_what_the_others_get() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    feed.text(&attempt(1), "ab", Timestamp(0));
    let mut first = subscribe(&feed, || written("", 1));
    assert_eq!(
        first.snapshot.answer.as_ref().unwrap().text,
        "ab",
        "the text before anybody watched"
    );
    feed.text(&attempt(1), "c", Timestamp(0));
    let connection = feed.committed(&[event(1)], Some(settled("x"))).unwrap();
    let mut second = subscribe(&feed, || panic!("it is kept"));
    assert_eq!(second.snapshot.answer.as_ref().unwrap().text, "x");
    feed.durable(connection, 1);
    commit(&feed, 2, settled("xy"));
    let (mut early, mut late) = (Client::default(), Client::default());
    early.read(&mut first);
    late.read(&mut second);
    assert_eq!((early.text.as_str(), late.text.as_str()), ("xy", "xy"));
    assert_eq!(late.received, 2, "nothing twice");
}

#[test]
fn a_newcomer_gets_nothing_that_waited_for_those_who_left() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    let leaving = subscribe(&feed, || written("", 1));
    for (text, at) in [("one ", 100), ("two ", 200)] {
        feed.text(&attempt(1), text, Timestamp(at));
        feed.tick(Timestamp(at));
    }
    let connection = feed.committed(&[event(1)], Some(settled("one two three"))).unwrap();
    drop(leaving);
    // A restart has taken the answer away, and nothing of both is durable yet.
    let mut subscriber = subscribe(&feed, || settled(""));
    feed.committed(&[event(2)], Some(written("", 2))).unwrap();
    feed.durable(connection, 2);
    let mut client = Client::default();
    client.read(&mut subscriber);
    assert_eq!((client.text.as_str(), client.received), ("", 0));
    feed.attempt_began(&attempt(2));
    feed.text(&attempt(2), "four", Timestamp(400));
    feed.tick(Timestamp(400));
    client.read(&mut subscriber);
    assert_eq!(client.text, "four");
}

#[test]
fn a_newcomer_gets_all_of_it_where_its_coming_drops_the_last_who_was_told() {
    for queued in 250..260 {
        let feed = Feed::default();
        feed.attempt_began(&attempt(1));
        let _stalled = subscribe(&feed, || written("", 1));
        for seq in 1..=queued {
            if let Some(connection) = feed.committed(&[event(seq)], Some(written("", 1))) {
                feed.durable(connection, seq);
            }
        }
        feed.text(&attempt(1), "one ", Timestamp(0));
        let mut subscriber = subscribe(&feed, || written("", 1));
        feed.text(&attempt(1), "two ", Timestamp(0));
        let mut third = subscribe(&feed, || written("", 1));
        feed.text(&attempt(1), "three", Timestamp(100));
        feed.tick(Timestamp(200));
        for subscriber in [&mut subscriber, &mut third] {
            let mut client = Client::default();
            client.read(subscriber);
            assert_eq!(client.text, "one two three", "with {queued} updates in the queue");
        }
    }
}

#[test]
fn a_newcomer_gets_a_large_text_in_pieces_that_settle_one_after_the_other() {
    let feed = Feed::default();
    let whole = "é漢".repeat(ANSWER_PIECE_BYTES_MAX / 2);
    let mut snapshot = subscribe(&feed, || settled(&whole)).snapshot;
    let (mut text, mut chars, mut pieces) = (String::new(), 0, 0);
    while let Some(Update::Answer(piece)) = snapshot.next() {
        assert_eq!((piece.from, piece.last), (chars, false));
        assert!(piece.text.len() <= ANSWER_PIECE_BYTES_MAX && !piece.text.is_empty());
        text.push_str(&piece.text);
        chars += piece.text.chars().count();
        pieces += 1;
        assert_eq!(piece.settled, chars);
    }
    assert_eq!((text == whole, pieces), (true, 3));
}

#[test]
fn an_event_while_the_attempt_writes_changes_nothing() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    let mut subscriber = subscribe(&feed, || edited("part", 1));
    let mut client = Client::default();
    feed.text(&attempt(1), "@answer\nLead.\n@incl", Timestamp(0));
    commit(&feed, 1, edited("part", 1));
    feed.text(&attempt(1), "ude t1\n", Timestamp(60));
    feed.tick(Timestamp(60));
    client.read(&mut subscriber);
    assert!(client.text.contains("part"), "{:?}", client.text);
}

#[test]
fn nothing_is_kept_or_sent_where_nobody_wants_it() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    let mut events_only = feed.subscribe(None).unwrap();
    assert!(!feed.wants_answer());
    let wanting = subscribe(&feed, || written("", 1));
    assert!(feed.wants_answer());
    feed.text(&attempt(1), "a", Timestamp(0));
    feed.tick(Timestamp(0));
    drop(wanting);
    feed.text(&attempt(1), "b", Timestamp(60));
    feed.tick(Timestamp(60));
    assert!(!feed.wants_answer() && feed.inner.borrow().answer.is_none());
    while let Ok(update) = events_only.updates.try_recv() {
        assert!(!matches!(update, Update::Answer(_)));
    }
}

#[test]
fn a_text_beyond_its_bound_ends_there_and_says_so() {
    let feed = Feed::default();
    let mut subscriber = subscribe(&feed, ReaderText::default);
    let mut client = Client::default();
    // The last character does not fit whole.
    let long = "x".repeat(ANSWER_BYTES_MAX - 1) + "é";
    commit(&feed, 1, settled(&long));
    client.read(&mut subscriber);
    assert_eq!((client.text.len(), client.last), (ANSWER_BYTES_MAX - 1, true));
    assert_eq!(client.settled, ANSWER_BYTES_MAX - 1);
    commit(&feed, 2, settled("short"));
    client.read(&mut subscriber);
    assert_eq!((client.text.as_str(), client.last), ("short", false));
}

#[test]
fn an_attempt_whose_live_text_is_full_ends_it_until_the_attempt_has_ended() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    let mut subscriber = subscribe(&feed, || written("", 1));
    let mut client = Client::default();
    feed.text(&attempt(1), "begun", Timestamp(0));
    feed.text(&attempt(1), &"x".repeat(LIVE_TEXT_BYTES_MAX), Timestamp(0));
    feed.tick(Timestamp(0));
    client.read(&mut subscriber);
    assert_eq!((client.text.as_str(), client.last), ("begun", true));
    commit(&feed, 1, settled("begun and done"));
    client.read(&mut subscriber);
    assert_eq!((client.text.as_str(), client.last), ("begun and done", false));
}

#[test]
fn subscribers_that_do_not_read_it_hold_no_more_than_the_bound() {
    let feed = Feed::default();
    let long = "x".repeat(1024 * 1024);
    let subscribers: Vec<_> = std::iter::from_fn(|| {
        let reader = || Some(settled(&long));
        let wish = AnswerWish {
            reader: &reader,
            seq: 1,
            is_over: true,
        };
        feed.subscribe(Some(wish))
    })
    .collect();
    assert_eq!(subscribers.len(), SNAPSHOT_BYTES_MAX / long.len());
    assert!(
        feed.inner.borrow().answer.is_none(),
        "nothing follows, so nothing is kept"
    );
}

/// What a subscriber is sent grows with the text, not with the number of ticks.
#[test]
fn a_long_text_is_sent_once() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    let part = "A sentence of the part.\n\n".repeat(4_000);
    let mut subscriber = subscribe(&feed, || edited(&part, 1));
    let mut client = Client::default();
    feed.text(&attempt(1), "@answer\nLead.\n@include t1\n", Timestamp(0));
    for time in 1..500 {
        feed.text(&attempt(1), "A word. ", Timestamp(time * 60));
        feed.tick(Timestamp(time * 60));
        client.read(&mut subscriber);
    }
    assert!(client.text.len() > part.len());
    assert!(
        client.received < client.text.len() + part.len() / 2,
        "{} of {}",
        client.received,
        client.text.len()
    );
}
