//! Who watches a workflow, and what they are told: committed events, and the text of attempts in flight as it comes.
//!
//! Events reach a subscriber when they are durable, in order and without a gap. Text is sent at most every
//! [`TICK_MS`], whatever the number of tokens, and is nowhere stored: who comes late gets what each attempt has so far.
//! A subscriber's queue is bounded. One that is full is closed, and its client resumes by the last event it has seen;
//! one whose client went away is dropped at the next update. Neither holds anybody up.

use std::cell::RefCell;
use std::rc::Rc;

use futures::channel::mpsc;

pub use crate::engine::show::live::Delta;
use crate::engine::words::time::Timestamp;
use crate::engine::{AttemptId, Recorded};

/// The shortest time between two batches of text.
pub const TICK_MS: u64 = 50;
/// Updates that wait for a slow subscriber before it is closed.
const QUEUE_MAX: usize = 256;

/// What a subscriber is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    Events(Rc<[Recorded]>),
    Deltas(Rc<[Delta]>),
}

#[derive(Default)]
pub(super) struct Feed {
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    subscribers: Vec<mpsc::Sender<Update>>,
    /// Committed, not yet known to be durable.
    undurable: Vec<Recorded>,
    /// In the order of their ids.
    texts: Vec<(AttemptId, Partial)>,
    flushed_at: Option<Timestamp>,
    tick_pending: bool,
}

/// The text of an attempt in flight.
#[derive(Default)]
struct Partial {
    text: String,
    /// Of these bytes and characters the subscribers know.
    sent_bytes: usize,
    sent_chars: usize,
}

/// When the text that just came is to be flushed.
pub(super) enum Tick {
    Now,
    In(u64),
    /// Somebody sees to it already, or nobody watches.
    Never,
}

impl Feed {
    /// A receiver of everything from now on, and the text of each attempt in flight so far.
    pub fn subscribe(&self) -> (mpsc::Receiver<Update>, Vec<Delta>) {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let mut inner = self.inner.borrow_mut();
        // What is buffered belongs to the others; the newcomer gets it in its first delta.
        inner.flush_texts();
        inner.subscribers.push(sender);
        let known = inner.texts.iter().filter(|(_, partial)| !partial.text.is_empty());
        let deltas = known
            .map(|(attempt, partial)| Delta {
                attempt: attempt.clone(),
                from: 0,
                text: partial.text.clone(),
            })
            .collect();
        (receiver, deltas)
    }

    /// How many clients watch.
    pub fn subscriber_count(&self) -> usize {
        let mut inner = self.inner.borrow_mut();
        inner.subscribers.retain(|subscriber| !subscriber.is_closed());
        inner.subscribers.len()
    }

    pub fn attempt_began(&self, attempt: &AttemptId) {
        let texts = &mut self.inner.borrow_mut().texts;
        texts.retain(|(known, _)| known != attempt);
        let at = texts.partition_point(|(known, _)| known < attempt);
        texts.insert(at, (attempt.clone(), Partial::default()));
    }

    pub fn attempt_ended(&self, attempt: &AttemptId) {
        let mut inner = self.inner.borrow_mut();
        inner.flush_texts();
        inner.texts.retain(|(known, _)| known != attempt);
    }

    pub fn text(&self, attempt: &AttemptId, text: &str, now: Timestamp) -> Tick {
        let mut inner = self.inner.borrow_mut();
        if let Some((_, partial)) = inner.texts.iter_mut().find(|(known, _)| known == attempt) {
            partial.text.push_str(text);
        }
        if inner.subscribers.is_empty() || inner.tick_pending {
            return Tick::Never;
        }
        let waited = inner.flushed_at.map_or(TICK_MS, |at| now.ms_since(at));
        if waited >= TICK_MS {
            return Tick::Now;
        }
        inner.tick_pending = true;
        Tick::In(TICK_MS - waited)
    }

    /// Sends the text that has come since the last time.
    pub fn tick(&self, now: Timestamp) {
        let mut inner = self.inner.borrow_mut();
        inner.tick_pending = false;
        inner.flushed_at = Some(now);
        inner.flush_texts();
    }

    /// Events that were just committed. True where somebody waits for them to become durable.
    pub fn committed(&self, events: &[Recorded]) -> bool {
        let mut inner = self.inner.borrow_mut();
        if inner.subscribers.is_empty() {
            return false;
        }
        inner.undurable.extend_from_slice(events);
        true
    }

    /// Everything up to `seq` is durable: the subscribers may know.
    pub fn durable(&self, seq: u64) {
        let mut inner = self.inner.borrow_mut();
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

    /// Nobody knows what is on disk: every stream ends, and its client resumes from the journal by the last event it
    /// has seen.
    pub fn disconnect(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.subscribers.clear();
        inner.undurable.clear();
    }

    /// The workflow is gone: every stream ends.
    pub fn close(&self) {
        *self.inner.borrow_mut() = Inner::default();
    }
}

impl Inner {
    fn flush_texts(&mut self) {
        if self.subscribers.is_empty() {
            // Nobody was told, and a newcomer gets the whole text.
            for (_, partial) in &mut self.texts {
                partial.take();
            }
            return;
        }
        let news = self.texts.iter_mut().filter_map(|(attempt, partial)| {
            let (from, text) = partial.take()?;
            Some(Delta {
                attempt: attempt.clone(),
                from,
                text,
            })
        });
        let deltas: Rc<[Delta]> = news.collect();
        if !deltas.is_empty() {
            self.send(Update::Deltas(deltas));
        }
    }

    fn send(&mut self, update: Update) {
        self.subscribers
            .retain_mut(|subscriber| subscriber.try_send(update.clone()).is_ok());
    }
}

impl Partial {
    /// What the subscribers do not know yet, and how many characters come before it.
    fn take(&mut self) -> Option<(usize, String)> {
        let text = self
            .text
            .get(self.sent_bytes..)
            .filter(|text| !text.is_empty())?
            .to_owned();
        let from = self.sent_chars;
        self.sent_bytes = self.text.len();
        self.sent_chars += text.chars().count();
        Some((from, text))
    }
}

#[cfg(test)]
mod tests {
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
        let (mut receiver, known) = feed.subscribe();
        assert!(known.is_empty());
        assert!(matches!(feed.text(&attempt(1), "héllo", Timestamp(100)), Tick::Now));
        feed.tick(Timestamp(100));
        assert!(matches!(feed.text(&attempt(1), " wor", Timestamp(120)), Tick::In(30)));
        assert!(matches!(feed.text(&attempt(1), "ld", Timestamp(130)), Tick::Never));
        feed.tick(Timestamp(150));
        let texts: Vec<(usize, String)> = drain(&mut receiver)
            .into_iter()
            .flat_map(|update| match update {
                Update::Deltas(deltas) => deltas
                    .iter()
                    .map(|delta| (delta.from, delta.text.clone()))
                    .collect::<Vec<_>>(),
                Update::Events(_) => panic!("no event was committed"),
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
        let (mut receiver, known) = feed.subscribe();
        assert_eq!(
            known,
            [Delta {
                attempt: attempt(1),
                from: 0,
                text: "abc".into()
            }]
        );
        feed.text(&attempt(1), "d", Timestamp(60));
        feed.tick(Timestamp(60));
        let Some(Update::Deltas(deltas)) = drain(&mut receiver).pop() else {
            panic!("a delta")
        };
        assert_eq!((deltas[0].from, deltas[0].text.as_str()), (3, "d"));
    }

    #[test]
    fn events_wait_until_they_are_durable_and_keep_their_order() {
        let feed = Feed::default();
        assert!(!feed.committed(&[event(1)]), "nobody watches");
        let (mut receiver, _) = feed.subscribe();
        assert!(feed.committed(&[event(2), event(3)]));
        assert!(feed.committed(&[event(4)]));
        assert!(drain(&mut receiver).is_empty());
        feed.durable(3);
        feed.durable(4);
        assert_eq!(
            drain(&mut receiver),
            [
                Update::Events(Rc::new([event(2), event(3)])),
                Update::Events(Rc::new([event(4)]))
            ]
        );
    }

    #[test]
    fn a_slow_subscriber_is_closed_and_a_vanished_one_is_dropped() {
        let feed = Feed::default();
        let (slow, _) = feed.subscribe();
        let (gone, _) = feed.subscribe();
        assert_eq!(feed.subscriber_count(), 2);
        drop(gone);
        assert_eq!(feed.subscriber_count(), 1);
        for seq in 0..=QUEUE_MAX as u64 + 1 {
            feed.committed(&[event(seq)]);
            feed.durable(seq);
        }
        assert_eq!(feed.subscriber_count(), 0);
        drop(slow);
    }
}
