//! The event stream of one subscriber: the journal after its last event, the text so far, then whatever happens.
//!
//! The promises, which the simulation holds it to:
//! - Every event once, in order, without a gap, and none before it is durable.
//! - Pages of the journal end at the border, which is the journal's end when the subscription began. The feed tells
//!   everything after it. Without the border the two would overlap, and the end could be read from a page unnoticed.
//! - It ends with the workflow, and where the workflow is deleted or nobody knows what is on disk.
//! - A client that names an event which this life of the workflow does not have gets everything from the beginning.

use futures::channel::mpsc;
use futures::future::{Either, select};
use futures::stream::StreamExt;

use super::commit::PAGE_EVENTS;
use super::feed::{Connection, Subscriber};
use super::host::Host;
use super::{Runner, SubmitError};
use crate::engine::show::live::{Delta, Position, Update, life};
use crate::engine::{Recorded, Workflow};

/// What comes next.
#[derive(Debug, PartialEq)]
pub enum Item {
    Update(Update),
    /// Nothing happened for a while.
    KeepAlive,
}

pub struct EventStream<H: Host> {
    runner: Runner<H>,
    /// Names the life of the workflow, for the ids of its events.
    pub life: String,
    connection: Connection,
    /// The last event that was given.
    seen: u64,
    /// The last event of the journal when the subscription began.
    border: u64,
    /// The workflow had ended by then.
    ended_at_border: bool,
    /// The events up to the border are known to be durable.
    is_border_durable: bool,
    deltas: Vec<Delta>,
    updates: mpsc::Receiver<Update>,
    keep_alive_ms: u64,
}

impl<H: Host> Runner<H> {
    /// Subscribes in one turn with the reading of the journal's end, so that nothing falls between. None where nothing
    /// will follow: the workflow has ended and the client has seen its end.
    pub fn stream(&self, from: &Position, keep_alive_ms: u64) -> Result<Option<EventStream<H>>, SubmitError> {
        let (border, ended, life, in_flight) = self.read(|workflow, seq| {
            let life = life(&workflow.spec().nonce);
            (seq, workflow.status().is_terminal(), life, workflow.in_flight())
        })?;
        // A position of another life, or one beyond the journal's end, says nothing of what the client has seen.
        let is_of_this_life = from.life.as_ref().is_none_or(|named| *named == life);
        let is_known = is_of_this_life && from.seq <= border;
        let seen = if is_known { from.seq } else { 0 };
        if ended && seen == border {
            return Ok(None);
        }
        // In the same turn as the border: the feed tells everything that is committed from here on.
        let subscriber = self.inner.feed.subscribe().ok_or(SubmitError::TooManySubscribers)?;
        let Subscriber {
            connection,
            mut deltas,
            updates,
        } = subscriber;
        // The text of an attempt that was aborted may linger for a moment.
        deltas.retain(|delta| in_flight.contains(&delta.attempt));
        Ok(Some(EventStream {
            runner: self.clone(),
            life,
            connection,
            seen,
            border,
            ended_at_border: ended,
            is_border_durable: false,
            deltas,
            updates,
            keep_alive_ms,
        }))
    }

    /// How many clients watch.
    pub fn subscriber_count(&self) -> usize {
        self.inner.feed.subscriber_count()
    }
}

impl<H: Host> EventStream<H> {
    /// None at the end. The client of a stream that ended before its workflow resumes by the last event it has seen.
    pub async fn next(&mut self) -> Option<Item> {
        // First the journal up to the border, which may have been committed a moment ago.
        if !self.is_border_durable {
            self.runner.inner.host.sync().await.ok()?;
            self.is_border_durable = true;
        }
        if self.seen < self.border {
            return self.page();
        }
        if self.ended_at_border {
            return None;
        }
        // Then the text that each attempt in flight had at the border.
        if !self.deltas.is_empty() {
            let deltas = std::mem::take(&mut self.deltas);
            return Some(Item::Update(Update::Deltas(deltas.into())));
        }
        // Then whatever happens.
        loop {
            let silence = self.runner.inner.host.sleep(self.keep_alive_ms);
            match select(self.updates.next(), silence).await {
                Either::Left((update, _)) => {
                    // A closed queue ends the stream: the workflow is deleted, its disk unknown, its client slow.
                    if let Some(update) = self.after_border(update?) {
                        return Some(Item::Update(update));
                    }
                }
                Either::Right(_) => {
                    // Whatever was missed shows as a new border. The next call reads up to it.
                    self.catch_up()?;
                    return Some(Item::KeepAlive);
                }
            }
        }
    }

    /// The platform may drop the work that was to announce events. The stream then reads the rest of the journal as
    /// pages, so that it ends with the workflow all the same.
    fn catch_up(&mut self) -> Option<()> {
        let read = |workflow: &Workflow, seq| (seq, workflow.status().is_terminal());
        let (border, ended) = self.runner.read(read).ok()?;
        if border > self.border {
            self.border = border;
            self.ended_at_border = ended;
            self.is_border_durable = false;
        }
        Some(())
    }

    fn page(&mut self) -> Option<Item> {
        // Deleted, and perhaps made anew, while the client was reading: the journal is another one now.
        if !self.runner.inner.feed.is_connected(self.connection) {
            return None;
        }
        let page = self.runner.inner.host.page(self.seen, self.border, PAGE_EVENTS);
        let events: Vec<Recorded> = match page {
            Ok(events) => events,
            Err(error) => {
                self.runner.inner.host.warn(&error.to_string());
                return None;
            }
        };
        self.seen = events.last()?.seq;
        Some(Item::Update(Update::Events(events.into())))
    }

    /// The update without what the pages have shown: events committed before the border and durable only after it.
    fn after_border(&mut self, update: Update) -> Option<Update> {
        let Update::Events(events) = &update else {
            return Some(update);
        };
        let news: Vec<Recorded> = events
            .iter()
            .filter(|recorded| recorded.seq > self.seen)
            .cloned()
            .collect();
        let last = news.last()?;
        self.seen = last.seq;
        self.border = last.seq;
        self.ended_at_border = last.event.is_terminal();
        Some(Update::Events(news.into()))
    }
}
