//! The feed tells subscribers of committed events, and of the text of attempts in flight as it comes.
//!
//! Events reach a subscriber when they are durable, in order and without a gap. Text is sent at most every [`TICK_MS`],
//! whatever the number of tokens, and is stored nowhere. A late subscriber gets the text so far of each attempt.
//!
//! Everything has a bound, so that no subscriber holds up the others. A subscriber whose queue is full is closed, and
//! its client resumes after the last event that it has seen. A subscriber whose client went away is dropped at the next
//! update. When the texts together reach [`LIVE_TEXT_BYTES_MAX`], attempts go on without live text, and their last
//! delta says so.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::channel::mpsc;

use crate::engine::show::live::{Delta, Update};
use crate::engine::words::time::Timestamp;
use crate::engine::{AttemptId, Recorded};

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
    subscribers: Vec<mpsc::Sender<Update>>,
    /// Committed, not yet known to be durable.
    undurable: Vec<Recorded>,
    /// In the order in which the attempts began. They are few enough to be searched one by one.
    texts: Vec<(AttemptId, LiveText)>,
    /// Of all texts together.
    text_bytes: usize,
    /// Of all snapshots that their subscribers have not read yet.
    snapshot_bytes: Rc<Cell<usize>>,
    flushed_at: Option<Timestamp>,
    /// Somebody sleeps until then to flush the texts.
    tick_at: Option<Timestamp>,
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

/// The text so far of each attempt in flight, for one subscriber.
pub(super) struct Snapshot {
    pub deltas: Vec<Delta>,
    bytes: usize,
    /// Of all snapshots that were not given yet.
    bytes_in_all: Rc<Cell<usize>>,
}

impl Snapshot {
    pub fn take(mut self) -> Vec<Delta> {
        std::mem::take(&mut self.deltas)
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

impl Feed {
    /// None where there are too many, or where too much text waits for others that don't read.
    pub fn subscribe(&self) -> Option<Subscriber> {
        if self.subscriber_count() >= SUBSCRIBERS_MAX {
            return None;
        }
        let (sender, updates) = mpsc::channel(QUEUE_MAX);
        let mut inner = self.inner.borrow_mut();
        let bytes = inner.text_bytes;
        let bytes_in_all = inner.snapshot_bytes.clone();
        if bytes_in_all.get() + bytes > SNAPSHOT_BYTES_MAX {
            return None;
        }
        bytes_in_all.set(bytes_in_all.get() + bytes);
        // What is buffered belongs to the others; the newcomer gets it in its first delta.
        inner.flush_texts();
        inner.subscribers.push(sender);
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
        Some(Subscriber {
            connection: inner.connection,
            snapshot: Snapshot {
                deltas,
                bytes,
                bytes_in_all,
            },
            updates,
        })
    }

    /// How many clients watch.
    pub fn subscriber_count(&self) -> usize {
        let mut inner = self.inner.borrow_mut();
        inner.subscribers.retain(|subscriber| !subscriber.is_closed());
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
    }

    /// Events that were just committed. None where nobody waits for them to become durable.
    pub fn committed(&self, events: &[Recorded]) -> Option<Connection> {
        let mut inner = self.inner.borrow_mut();
        if inner.subscribers.is_empty() {
            return None;
        }
        inner.undurable.extend_from_slice(events);
        Some(inner.connection)
    }

    /// Everything up to `seq` is durable: the subscribers may know.
    pub fn durable(&self, connection: Connection, seq: u64) {
        let mut inner = self.inner.borrow_mut();
        if inner.connection != connection {
            return;
        }
        let count = inner
            .undurable
            .iter()
            .take_while(|recorded| recorded.seq <= seq)
            .count();
        let events: Rc<[Recorded]> = inner.undurable.drain(..count).collect();
        if !events.is_empty() {
            inner.flush_texts();
            inner.send(Update::Events(events));
        }
    }

    /// Nobody knows what is on disk. Every stream ends, and its client resumes from the journal by the last event that
    /// it has seen.
    pub fn disconnect(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.connection.0 += 1;
        inner.subscribers.clear();
        inner.undurable.clear();
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

    fn send(&mut self, update: Update) {
        self.subscribers
            .retain_mut(|subscriber| subscriber.try_send(update.clone()).is_ok());
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
mod tests;
