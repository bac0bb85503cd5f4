use super::*;
use crate::engine::Event;
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

fn drain(receiver: &mut mpsc::Receiver<Update>) -> Vec<Update> {
    std::iter::from_fn(|| receiver.try_recv().ok()).collect()
}

#[test]
fn text_is_sent_once_with_the_number_of_characters_before_it() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    let Subscriber {
        snapshot, mut updates, ..
    } = feed.subscribe(None).unwrap();
    assert!(snapshot.deltas.is_empty());
    assert!(matches!(feed.text(&attempt(1), "héllo", Timestamp(100)), Tick::Now));
    feed.tick(Timestamp(100));
    assert!(matches!(feed.text(&attempt(1), " wor", Timestamp(120)), Tick::In(30)));
    assert!(matches!(feed.text(&attempt(1), "ld", Timestamp(130)), Tick::Never));
    feed.tick(Timestamp(150));
    let texts: Vec<(usize, String)> = drain(&mut updates)
        .into_iter()
        .flat_map(|update| match update {
            Update::Deltas(deltas) => deltas
                .iter()
                .map(|delta| (delta.from, delta.text.clone()))
                .collect::<Vec<_>>(),
            Update::Events(_) | Update::Answer(_) => panic!("no event was committed"),
        })
        .collect();
    assert_eq!(texts, [(0, "héllo".to_owned()), (5, " world".to_owned())]);
}

#[test]
fn a_late_subscriber_gets_the_whole_text_of_each_attempt_in_flight() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    feed.attempt_began(&attempt(2));
    assert!(matches!(feed.text(&attempt(1), "abc", Timestamp(0)), Tick::Never));
    let Subscriber {
        snapshot, mut updates, ..
    } = feed.subscribe(None).unwrap();
    assert_eq!(
        snapshot.deltas,
        [Delta {
            attempt: attempt(1),
            from: 0,
            text: "abc".into(),
            last: false
        }]
    );
    feed.text(&attempt(1), "d", Timestamp(60));
    feed.tick(Timestamp(60));
    let Some(Update::Deltas(deltas)) = drain(&mut updates).pop() else {
        panic!("a delta")
    };
    assert_eq!((deltas[0].from, deltas[0].text.as_str()), (3, "d"));
}

#[test]
fn events_wait_until_they_are_durable_and_keep_their_order() {
    let feed = Feed::default();
    assert_eq!(feed.committed(&[event(1)], None), None, "nobody watches");
    let mut updates = feed.subscribe(None).unwrap().updates;
    let connection = feed.committed(&[event(2), event(3)], None).unwrap();
    assert_eq!(feed.committed(&[event(4)], None), Some(connection));
    assert!(drain(&mut updates).is_empty());
    feed.durable(connection, 3);
    feed.durable(connection, 4);
    assert_eq!(
        drain(&mut updates),
        [
            Update::Events(Rc::new([event(2), event(3)])),
            Update::Events(Rc::new([event(4)]))
        ]
    );
}

#[test]
fn what_became_durable_of_an_earlier_life_is_no_news_of_the_next() {
    let feed = Feed::default();
    let _old = feed.subscribe(None).unwrap();
    let old = feed.committed(&[event(1), event(2)], None).unwrap();
    feed.close();
    let mut updates = feed.subscribe(None).unwrap().updates;
    feed.committed(&[event(1)], None).unwrap();
    feed.durable(old, 2);
    assert!(drain(&mut updates).is_empty(), "the new event is not durable yet");
    assert!(!feed.is_connected(old));
}

#[test]
fn a_slow_subscriber_is_closed_and_a_vanished_one_is_dropped() {
    let feed = Feed::default();
    let slow = feed.subscribe(None).unwrap();
    let gone = feed.subscribe(None).unwrap();
    assert_eq!(feed.subscriber_count(), 2);
    drop(gone);
    assert_eq!(feed.subscriber_count(), 1);
    for seq in 0..=QUEUE_MAX as u64 + 1 {
        let connection = feed.committed(&[event(seq)], None);
        if let Some(connection) = connection {
            feed.durable(connection, seq);
        }
    }
    assert_eq!(feed.subscriber_count(), 0);
    drop(slow);
}

#[test]
fn a_subscriber_beyond_the_bound_is_refused_until_another_leaves() {
    let feed = Feed::default();
    let mut subscribers: Vec<_> = (0..SUBSCRIBERS_MAX).map(|_| feed.subscribe(None).unwrap()).collect();
    assert!(feed.subscribe(None).is_none());
    subscribers.pop();
    assert!(feed.subscribe(None).is_some());
}

#[test]
fn texts_that_reach_their_bound_together_end_with_a_delta_that_says_so() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    feed.attempt_began(&attempt(2));
    let mut updates = feed.subscribe(None).unwrap().updates;
    feed.text(&attempt(1), &"x".repeat(LIVE_TEXT_BYTES_MAX - 2), Timestamp(0));
    feed.text(&attempt(2), "abc", Timestamp(0));
    feed.tick(Timestamp(60));
    feed.text(&attempt(2), "more", Timestamp(120));
    feed.tick(Timestamp(120));
    let ends: Vec<_> = drain(&mut updates)
        .iter()
        .flat_map(|update| match update {
            Update::Deltas(deltas) => deltas.iter().map(|delta| (delta.attempt.number, delta.last)).collect(),
            Update::Events(_) | Update::Answer(_) => Vec::new(),
        })
        .collect();
    assert_eq!(ends, [(1, false), (2, true)], "and nothing after it");
    let late = feed.subscribe(None).unwrap().snapshot;
    let told: Vec<_> = late
        .deltas
        .iter()
        .map(|delta| (delta.attempt.number, delta.last))
        .collect();
    assert_eq!(told, [(1, false), (2, true)]);
    // The room of an attempt that ends is free again.
    feed.attempt_ended(&attempt(1));
    feed.attempt_began(&attempt(3));
    feed.text(&attempt(3), "abc", Timestamp(180));
    assert_eq!(
        feed.subscribe(None).unwrap().snapshot.deltas.last().unwrap().text,
        "abc"
    );
}

#[test]
fn subscribers_that_do_not_read_hold_no_more_than_the_bound_of_live_text() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    feed.text(&attempt(1), &"x".repeat(1024 * 1024), Timestamp(0));
    let subscribers: Vec<Subscriber> = std::iter::from_fn(|| feed.subscribe(None)).collect();
    let held: usize = subscribers
        .iter()
        .flat_map(|one| &one.snapshot.deltas)
        .map(|delta| delta.text.len())
        .sum();
    assert_eq!((subscribers.len(), held), (16, SNAPSHOT_BYTES_MAX));
    drop(subscribers);
    assert!(feed.subscribe(None).is_some(), "what was read or left makes room");
}

#[test]
fn a_flush_that_never_came_does_not_silence_the_live_text() {
    let feed = Feed::default();
    feed.attempt_began(&attempt(1));
    let _subscriber = feed.subscribe(None).unwrap();
    feed.tick(Timestamp(0));
    assert!(matches!(feed.text(&attempt(1), "a", Timestamp(10)), Tick::In(_)));
    assert!(matches!(feed.text(&attempt(1), "b", Timestamp(60)), Tick::Never));
    assert!(matches!(feed.text(&attempt(1), "c", Timestamp(60_000)), Tick::Now));
}
