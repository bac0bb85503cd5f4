//! The feed tells subscribers of committed events, and of the text of attempts in flight and the reader's text as they
//! come.
//!
//! Events reach a subscriber when they are durable, in order and without a gap. Text is sent at most every [`TICK_MS`],
//! whatever the number of tokens, and is stored nowhere. A late subscriber gets the text so far of each attempt.
//!
//! The reader's text (`answer`) is kept while somebody wants it. What of it stands in the journal is told once that is
//! durable, before the events that it came with, so that the last of it precedes `workflow_completed`.
//!
//! Everything has a bound, so that no subscriber holds up the others. A subscriber whose queue is full is closed, and
//! its client resumes after the last event that it has seen. A subscriber whose client went away is dropped at the next
//! update. When the texts together reach [`LIVE_TEXT_BYTES_MAX`], attempts go on without live text, and their last
//! delta says so. So does the reader's text at its own bound.

mod answer;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures::channel::mpsc;

use crate::engine::show::answer::ReaderText;
use crate::engine::show::live::{Answer, Delta, Update};
use crate::engine::words::time::Timestamp;
use crate::engine::{AttemptId, Recorded};
use answer::AnswerText;

/// The shortest time between two batches of text.
const TICK_MS: u64 = 50;
/// Updates that wait for a slow subscriber before it is closed.
const QUEUE_MAX: usize = 256;
/// Clients that read one workflow's events at a time.
pub const SUBSCRIBERS_MAX: usize = 100;
/// Text of all attempts in flight together that is kept for late subscribers.
const LIVE_TEXT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The same text in the hands of all subscribers together that have not read it yet.
const SNAPSHOT_BYTES_MAX: usize = 2 * LIVE_TEXT_BYTES_MAX;
/// The most that one update gives of the reader's text to a newcomer.
const ANSWER_PIECE_BYTES_MAX: usize = 256 * 1024;
/// How late a flush of text may be before another is asked for.
const TICK_OVERDUE_MS: u64 = 1_000;

#[derive(Default)]
pub(super) struct Feed {
    inner: RefCell<Inner>,
}

/// Numbers the times between which every stream was ended: what belongs to an earlier one is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Connection(u64);

#[derive(Default)]
struct Inner {
    connection: Connection,
    subscribers: Vec<Watcher>,
    /// Committed, not yet known to be durable.
    undurable: VecDeque<Pending>,
    /// In the order in which the attempts began. They are few enough to be searched one by one.
    texts: Vec<(AttemptId, LiveText)>,
    /// Kept while somebody wants it.
    answer: Option<AnswerText>,
    /// Of all texts together.
    text_bytes: usize,
    /// Of all snapshots that their subscribers have not read yet.
    snapshot_bytes: Rc<Cell<usize>>,
    flushed_at: Option<Timestamp>,
    /// Somebody sleeps until then to flush the texts.
    tick_at: Option<Timestamp>,
}

struct Watcher {
    sender: mpsc::Sender<Update>,
    /// The version of the reader's text that it began with. None: it does not want any.
    answer_after: Option<u64>,
}

/// What waits until the events up to `seq` are durable.
enum Pending {
    Event(Recorded),
    Answer { seq: u64, version: u64, answer: Rc<Answer> },
}

impl Pending {
    fn seq(&self) -> u64 {
        match self {
            Pending::Event(recorded) => recorded.seq,
            Pending::Answer { seq, .. } => *seq,
        }
    }
}

/// The text of an attempt in flight.
#[derive(Default)]
struct LiveText {
    text: String,
    /// Of these bytes and characters the subscribers know.
    sent_bytes: usize,
    sent_chars: usize,
    /// The bound is reached: more text of this attempt is not kept and not sent.
    is_full: bool,
    /// The subscribers know that it is full.
    told_full: bool,
}

/// When the text that just came is to be flushed.
pub(super) enum Tick {
    Now,
    In(u64),
    /// Somebody sees to it already, or nobody watches.
    Never,
}

/// The text so far of each attempt in flight and the reader's, for one subscriber.
pub(super) struct Snapshot {
    pub deltas: Vec<Delta>,
    pub answer: Option<Answer>,
    bytes: usize,
    /// Of all snapshots that were not given yet.
    bytes_in_all: Rc<Cell<usize>>,
}

impl Snapshot {
    /// Its next part, if there is one.
    pub fn next(&mut self) -> Option<Update> {
        if self.deltas.is_empty() {
            return Some(Update::Answer(self.next_of_answer()?.into()));
        }
        Some(Update::Deltas(std::mem::take(&mut self.deltas).into()))
    }

    /// A piece of the reader's text, because a frame of a whole large one would be several copies of it at once.
    fn next_of_answer(&mut self) -> Option<Answer> {
        let mut rest = self.answer.take()?;
        if rest.text.len() <= ANSWER_PIECE_BYTES_MAX {
            return Some(rest);
        }
        let end = rest.text.floor_char_boundary(ANSWER_PIECE_BYTES_MAX);
        let text: String = rest.text.drain(..end).collect();
        let from = rest.from;
        rest.from += text.chars().count();
        let piece = Answer {
            from,
            text,
            settled: rest.settled.min(rest.from),
            last: false,
        };
        self.answer = Some(rest);
        Some(piece)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.bytes_in_all
            .set(self.bytes_in_all.get().saturating_sub(self.bytes));
    }
}

/// A new subscriber's place: what was, and what comes.
pub(super) struct Subscriber {
    pub connection: Connection,
    pub snapshot: Snapshot,
    /// Everything from now on.
    pub updates: mpsc::Receiver<Update>,
}

/// How a subscriber wants the reader's text.
pub(super) struct AnswerWish<'a> {
    /// What of it stands in the journal, up to the event `seq`.
    pub reader: &'a dyn Fn() -> Option<ReaderText>,
    pub seq: u64,
    /// The workflow has ended, so that nothing follows.
    pub is_over: bool,
}

impl Feed {
    /// None where there are too many, or where too much text waits for others that don't read.
    pub fn subscribe(&self, wish: Option<AnswerWish<'_>>) -> Option<Subscriber> {
        if self.subscriber_count() >= SUBSCRIBERS_MAX {
            return None;
        }
        let (sender, updates) = mpsc::channel(QUEUE_MAX);
        let mut inner = self.inner.borrow_mut();
        // What is buffered belongs to the others; the newcomer gets it in its first delta.
        inner.flush_texts();
        let follows = wish.as_ref().is_some_and(|wish| !wish.is_over);
        let answer = wish.and_then(|wish| inner.answer_for_a_newcomer(wish));
        let known = inner
            .texts
            .iter()
            .filter(|(_, live)| !live.text.is_empty() || live.is_full);
        let deltas = known
            .map(|(attempt, live)| Delta {
                attempt: attempt.clone(),
                from: 0,
                text: live.text.clone(),
                last: live.is_full,
            })
            .collect();
        let Some(snapshot) = inner.snapshot(deltas, answer) else {
            inner.forget_unwanted_answer();
            return None;
        };
        let version = inner.answer.as_ref().map_or(0, |answer| answer.version);
        inner.subscribers.push(Watcher {
            sender,
            answer_after: follows.then_some(version),
        });
        Some(Subscriber {
            connection: inner.connection,
            snapshot,
            updates,
        })
    }

    /// The final answer, for a subscriber whose stream ends with it. None where too much text waits for others.
    pub fn final_answer(&self, wish: AnswerWish<'_>) -> Option<Snapshot> {
        let mut inner = self.inner.borrow_mut();
        let answer = inner.answer_for_a_newcomer(wish);
        inner.snapshot(Vec::new(), answer)
    }

    /// Whether anybody wants the reader's text.
    pub fn wants_answer(&self) -> bool {
        self.inner.borrow().wants_answer()
    }

    /// How many clients watch.
    pub fn subscriber_count(&self) -> usize {
        let mut inner = self.inner.borrow_mut();
        inner.subscribers.retain(|subscriber| !subscriber.sender.is_closed());
        inner.forget_unwanted_answer();
        inner.subscribers.len()
    }

    /// Whether the streams of that time still go on.
    pub fn is_connected(&self, connection: Connection) -> bool {
        self.inner.borrow().connection == connection
    }

    pub fn attempt_began(&self, attempt: &AttemptId) {
        let mut inner = self.inner.borrow_mut();
        inner.forget_text(attempt);
        inner.texts.push((attempt.clone(), LiveText::default()));
    }

    pub fn attempt_ended(&self, attempt: &AttemptId) {
        let mut inner = self.inner.borrow_mut();
        inner.flush_texts();
        inner.forget_text(attempt);
    }

    pub fn text(&self, attempt: &AttemptId, text: &str, now: Timestamp) -> Tick {
        let mut inner = self.inner.borrow_mut();
        inner.add_text(attempt, text);
        // The platform may have dropped the work that was to flush the text.
        let is_pending = inner.tick_at.is_some_and(|at| now <= at.plus_ms(TICK_OVERDUE_MS));
        if inner.subscribers.is_empty() || is_pending {
            return Tick::Never;
        }
        let waited = inner.flushed_at.map_or(TICK_MS, |at| now.ms_since(at));
        if waited >= TICK_MS {
            return Tick::Now;
        }
        inner.tick_at = Some(now.plus_ms(TICK_MS - waited));
        Tick::In(TICK_MS - waited)
    }

    /// Sends the text that has come since the last time.
    pub fn tick(&self, now: Timestamp) {
        let mut inner = self.inner.borrow_mut();
        inner.tick_at = None;
        inner.flushed_at = Some(now);
        inner.flush_texts();
        inner.flush_answer();
    }

    /// Events that were just committed, and what the reader's text is made of after them, where anybody wants it. None
    /// where nobody waits for them to become durable.
    pub fn committed(&self, events: &[Recorded], reader: Option<ReaderText>) -> Option<Connection> {
        let mut inner = self.inner.borrow_mut();
        if inner.subscribers.is_empty() {
            return None;
        }
        let seq = events.last().map_or(0, |recorded| recorded.seq);
        inner.turn_answer(reader, seq);
        inner.undurable.extend(events.iter().cloned().map(Pending::Event));
        Some(inner.connection)
    }

    /// Everything up to `seq` is durable: the subscribers may know.
    pub fn durable(&self, connection: Connection, seq: u64) {
        let mut inner = self.inner.borrow_mut();
        if inner.connection != connection {
            return;
        }
        if inner.undurable.front().is_none_or(|pending| pending.seq() > seq) {
            return;
        }
        inner.flush_texts();
        let mut events = Vec::new();
        while inner.undurable.front().is_some_and(|pending| pending.seq() <= seq)
            && let Some(pending) = inner.undurable.pop_front()
        {
            match pending {
                Pending::Event(recorded) => events.push(recorded),
                Pending::Answer { version, answer, .. } => {
                    inner.send_events(&mut events);
                    inner.send_answer(version, &answer);
                }
            }
        }
        inner.send_events(&mut events);
        inner.flush_answer();
    }

    /// Nobody knows what is on disk. Every stream ends, and its client resumes from the journal by the last event that
    /// it has seen.
    pub fn disconnect(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.connection.0 += 1;
        inner.subscribers.clear();
        inner.undurable.clear();
        inner.answer = None;
    }

    /// The workflow is gone: every stream ends, and no text of its attempts is kept.
    pub fn close(&self) {
        self.disconnect();
        let mut inner = self.inner.borrow_mut();
        inner.texts.clear();
        inner.text_bytes = 0;
    }
}

impl Inner {
    fn add_text(&mut self, attempt: &AttemptId, text: &str) {
        let room = LIVE_TEXT_BYTES_MAX.saturating_sub(self.text_bytes);
        let Some((_, live)) = self.texts.iter_mut().find(|(id, _)| id == attempt) else {
            return;
        };
        live.is_full |= text.len() > room;
        if !live.is_full {
            live.text.push_str(text);
            self.text_bytes += text.len();
        }
        if let Some(answer) = &mut self.answer {
            if live.is_full {
                answer.cut(attempt);
            } else {
                answer.push(attempt, text);
            }
        }
    }

    fn forget_text(&mut self, attempt: &AttemptId) {
        self.texts.retain(|(id, live)| {
            let is_kept = id != attempt;
            if !is_kept {
                self.text_bytes = self.text_bytes.saturating_sub(live.text.len());
            }
            is_kept
        });
    }

    fn flush_texts(&mut self) {
        let news: Rc<[Delta]> = self
            .texts
            .iter_mut()
            .filter_map(|(attempt, live)| live.take(attempt))
            .collect();
        // Where nobody is told, a newcomer gets the whole text.
        if !news.is_empty() && !self.subscribers.is_empty() {
            self.send(Update::Deltas(news));
        }
    }

    fn wants_answer(&self) -> bool {
        self.subscribers.iter().any(|one| one.answer_after.is_some())
    }

    /// The reader's text so far. The others are told what is buffered, so that all are told the same from then on.
    fn answer_for_a_newcomer(&mut self, wish: AnswerWish<'_>) -> Option<Answer> {
        if wish.is_over {
            return AnswerText::new((wish.reader)()?, wish.seq).into_whole();
        }
        self.forget_unwanted_answer();
        if self.answer.is_some() {
            self.tell_answer(None);
        }
        // Telling may have dropped the last one for whom it was kept.
        if self.answer.is_none() {
            let mut answer = AnswerText::new((wish.reader)()?, wish.seq);
            // The attempt in flight may have written before anybody wanted it.
            if let Some(attempt) = answer.attempt().cloned()
                && let Some((_, live)) = self.texts.iter().find(|(id, _)| *id == attempt)
            {
                answer.push(&attempt, &live.text);
                if live.is_full {
                    answer.cut(&attempt);
                }
            }
            answer.all_is_known();
            self.answer = Some(answer);
        }
        self.answer.as_ref()?.whole()
    }

    /// None where too much text waits for others that don't read.
    fn snapshot(&self, deltas: Vec<Delta>, answer: Option<Answer>) -> Option<Snapshot> {
        let texts = deltas.iter().map(|delta| delta.text.len());
        let bytes = texts.sum::<usize>() + answer.as_ref().map_or(0, |answer| answer.text.len());
        let bytes_in_all = self.snapshot_bytes.clone();
        if bytes_in_all.get() + bytes > SNAPSHOT_BYTES_MAX {
            return None;
        }
        bytes_in_all.set(bytes_in_all.get() + bytes);
        Some(Snapshot {
            deltas,
            answer,
            bytes,
            bytes_in_all,
        })
    }

    /// Events up to `seq` were committed, and this is what the reader's text is made of now.
    fn turn_answer(&mut self, reader: Option<ReaderText>, seq: u64) {
        let Some(answer) = &mut self.answer else { return };
        answer.turn(reader, seq);
        // Told with these events, because a later turn may replace it before they are durable.
        if answer.seq == seq {
            self.tell_answer(Some(seq));
        }
    }

    /// Sends what is new of the reader's text, unless events that it is made of are not durable yet.
    fn flush_answer(&mut self) {
        if !self.is_answer_held() {
            self.tell_answer(None);
        }
    }

    /// And what waits of it: whoever comes later gets another from its beginning.
    fn forget_unwanted_answer(&mut self) {
        if self.answer.is_some() && !self.wants_answer() {
            self.answer = None;
            self.undurable.retain(|pending| matches!(pending, Pending::Event(_)));
        }
    }

    fn is_answer_held(&self) -> bool {
        let made_of = self.answer.as_ref().map_or(0, |answer| answer.seq);
        self.undurable.front().is_some_and(|pending| pending.seq() <= made_of)
    }

    /// What is new of the reader's text waits for the event `until`, or for the events that it is made of.
    fn tell_answer(&mut self, until: Option<u64>) {
        let is_held = until.is_some() || self.is_answer_held();
        let Some(answer) = &mut self.answer else { return };
        let Some(news) = answer.take() else { return };
        let (seq, version, answer) = (until.unwrap_or(answer.seq), answer.version, Rc::new(news));
        if is_held {
            self.undurable.push_back(Pending::Answer { seq, version, answer });
        } else {
            self.send_answer(version, &answer);
        }
    }

    fn send_events(&mut self, events: &mut Vec<Recorded>) {
        if !events.is_empty() {
            self.send(Update::Events(std::mem::take(events).into()));
        }
    }

    /// To those who want it and do not have it yet.
    fn send_answer(&mut self, version: u64, answer: &Rc<Answer>) {
        self.subscribers.retain_mut(|one| {
            let wants = one.answer_after.is_some_and(|after| version > after);
            !wants || one.sender.try_send(Update::Answer(answer.clone())).is_ok()
        });
        self.forget_unwanted_answer();
    }

    fn send(&mut self, update: Update) {
        self.subscribers
            .retain_mut(|subscriber| subscriber.sender.try_send(update.clone()).is_ok());
        self.forget_unwanted_answer();
    }
}

impl LiveText {
    /// What the subscribers do not know yet.
    fn take(&mut self, attempt: &AttemptId) -> Option<Delta> {
        let text = self.text.get(self.sent_bytes..).unwrap_or_default();
        let tells_full = self.is_full && !self.told_full;
        if text.is_empty() && !tells_full {
            return None;
        }
        let delta = Delta {
            attempt: attempt.clone(),
            from: self.sent_chars,
            text: text.to_owned(),
            last: self.is_full,
        };
        self.sent_bytes = self.text.len();
        self.sent_chars += delta.text.chars().count();
        self.told_full = self.is_full;
        Some(delta)
    }
}

#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod tests;
