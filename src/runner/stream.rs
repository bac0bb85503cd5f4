//! The event stream of one subscriber: the journal after its last event, the text so far, then whatever happens.
//!
//! The promises, which the simulation holds it to:
//! - Every event once, in order, without a gap, and none before it is durable.
//! - The reader's text (`answer`), where it is wanted, from its beginning once, then as it goes on. What of it stands
//!   in the journal is durable when it is given, and before `workflow_completed` it is exactly the final answer.
//! - Pages of the journal end at the border, which is the journal's end when the subscription began. The feed tells
//!   everything after it. Without the border the two would overlap, and the end could be read from a page unnoticed.
//! - It ends with the workflow, and where the workflow is deleted or nobody knows what is on disk.
//! - A client that names an event which this life of the workflow does not have gets everything from the beginning.

use futures::channel::mpsc;
use futures::future::{Either, select};
use futures::stream::StreamExt;

use super::commit::PAGE_EVENTS;
use super::feed::{AnswerWish, Connection, Snapshot, Subscriber};
use super::host::Host;
use super::{Runner, SubmitError};
use crate::engine::show::answer::ReaderText;
use crate::engine::show::live::{ANSWER, Position, Types, Update, life};
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
    types: Types,
    /// The last event that was given or left out.
    seen: u64,
    /// The last event of the journal when the subscription began.
    border: u64,
    /// The workflow had ended by then.
    ended_at_border: bool,
    /// The events up to the border are known to be durable.
    is_border_durable: bool,
    /// The text that each attempt in flight had when the subscription began, and the reader's. Given once: after the
    /// events up to the border, or before the last of them where the workflow ends with it.
    snapshot: Option<Snapshot>,
    updates: mpsc::Receiver<Update>,
    keep_alive_ms: u64,
}

impl<H: Host> Runner<H> {
    /// Subscribes in one turn with the reading of the journal's end, so that nothing falls between. None where nothing
    /// of these types will follow: the workflow has ended, and the client has seen all of them.
    pub fn stream(
        &self,
        from: &Position,
        types: Types,
        keep_alive_ms: u64,
    ) -> Result<Option<EventStream<H>>, SubmitError> {
        self.begin_to_listen(keep_alive_ms)?;
        let (border, ended, life, in_flight) = self.read(|workflow, seq| {
            let life = life(&workflow.spec().nonce);
            (seq, workflow.status().is_terminal(), life, workflow.in_flight())
        })?;
        // A position of another life, or one beyond the journal's end, says nothing of what the client has seen.
        let is_of_this_life = from.life.as_ref().is_none_or(|named| *named == life);
        let is_known = is_of_this_life && from.seq <= border;
        let seen = if is_known { from.seq } else { 0 };
        if ended && !self.has_any_of(&types, seen, border)? {
            return Ok(None);
        }
        // In the same turn as the border: the feed tells everything that is committed from here on.
        let reader = || self.reader_text();
        let wish = types.wants(ANSWER).then_some(AnswerWish {
            reader: &reader,
            seq: border,
            is_over: ended,
        });
        let subscriber = self.inner.feed.subscribe(wish).ok_or(SubmitError::TooManySubscribers)?;
        let Subscriber {
            connection,
            mut snapshot,
            updates,
        } = subscriber;
        // The text of an attempt that was aborted may linger for a moment.
        snapshot.deltas.retain(|delta| in_flight.contains(&delta.attempt));
        Ok(Some(EventStream {
            runner: self.clone(),
            life,
            connection,
            types,
            seen,
            border,
            ended_at_border: ended,
            is_border_durable: false,
            snapshot: Some(snapshot),
            updates,
            keep_alive_ms,
        }))
    }

    /// Whether the journal has events of these types after `seen`.
    fn has_any_of(&self, types: &Types, seen: u64, border: u64) -> Result<bool, SubmitError> {
        if types.are_all() {
            return Ok(seen < border);
        }
        let mut seen = seen;
        while seen < border {
            let page = self.inner.host.page(seen, border, PAGE_EVENTS)?;
            let Some(last) = page.last() else { return Ok(false) };
            seen = last.seq;
            if page.iter().any(|recorded| types.wants(recorded.event.type_name())) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the reader's text is made of, in the turn of a [`Runner::read`].
    fn reader_text(&self) -> Option<ReaderText> {
        let borrowed = self.inner.loaded.borrow();
        borrowed.as_ref()?.workflow.reader_text()
    }

    /// How many clients watch.
    pub fn subscriber_count(&self) -> usize {
        self.inner.feed.subscriber_count()
    }
}

impl<H: Host> Drop for EventStream<H> {
    fn drop(&mut self) {
        self.runner.stop_listening();
    }
}

impl<H: Host> EventStream<H> {
    /// None at the end. The client of a stream that ended before its workflow resumes by the last event it has seen.
    pub async fn next(&mut self) -> Option<Item> {
        // Goes on while updates come that the client does not want: without a sign of life a proxy would cut the
        // connection, and nobody would notice a client that has left.
        self.runner.hear(self.keep_alive_ms);
        let mut silence = None;
        loop {
            // First the journal up to the border, which may have been committed a moment ago.
            if !self.is_border_durable {
                self.runner.inner.host.sync().await.ok()?;
                self.is_border_durable = true;
                // The work that was to tell the others may have been dropped.
                self.runner.inner.feed.durable(self.connection, self.border);
            }
            // The texts come between the events of the past and what happens next. A workflow that has ended has its
            // last event after them.
            let texts_at = if self.ended_at_border {
                self.border.saturating_sub(1)
            } else {
                self.border
            };
            let update = if self.snapshot.is_some() && self.seen >= texts_at {
                // As with a page, the workflow may be another one by now.
                let is_connected = self.runner.inner.feed.is_connected(self.connection);
                match self.next_of_snapshot() {
                    None => continue,
                    update => update.filter(|_| is_connected),
                }
            } else if self.seen < self.border {
                let until = if self.snapshot.is_some() { texts_at } else { self.border };
                self.page(until)
            } else if self.ended_at_border {
                None
            } else {
                // Then whatever happens.
                let sleep = || self.runner.inner.host.sleep(self.keep_alive_ms);
                let next = select(self.updates.next(), silence.get_or_insert_with(sleep)).await;
                // Whoever is given something may take a moment before it reads on.
                self.runner.hear(self.keep_alive_ms);
                match next {
                    Either::Left((update, _)) => update.map(|update| self.after_border(update)),
                    Either::Right(_) => {
                        self.catch_up()?;
                        return Some(Item::KeepAlive);
                    }
                }
            };
            if let Some(update) = self.types.of(update?) {
                return Some(Item::Update(update));
            }
        }
    }

    /// The platform may drop the work that was to announce events. What the journal has by now is then read as pages,
    /// so that the stream ends with the workflow all the same.
    fn catch_up(&mut self) -> Option<()> {
        let read = |workflow: &Workflow, seq| (seq, workflow.status().is_terminal());
        let (border, ended) = self.runner.read(read).ok()?;
        if border > self.border {
            self.border = border;
            self.ended_at_border = ended;
            self.is_border_durable = false;
            if ended && self.types.wants(ANSWER) {
                let reader = || self.runner.reader_text();
                let wish = AnswerWish {
                    reader: &reader,
                    seq: border,
                    is_over: true,
                };
                self.snapshot = Some(self.runner.inner.feed.final_answer(wish)?);
            }
        }
        Some(())
    }

    /// None once everything of the snapshot was given.
    fn next_of_snapshot(&mut self) -> Option<Update> {
        let update = self.snapshot.as_mut().and_then(Snapshot::next);
        if update.is_none() {
            self.snapshot = None;
        }
        update
    }

    /// The next events up to `until`. None where the journal can't be read, or is another one by now: the workflow
    /// was deleted, and perhaps made anew, while the client was reading.
    fn page(&mut self, until: u64) -> Option<Update> {
        if !self.runner.inner.feed.is_connected(self.connection) {
            return None;
        }
        let host = &self.runner.inner.host;
        let page = host.page(self.seen, until, PAGE_EVENTS);
        let events = page.map_err(|error| host.warn(&error.to_string())).ok()?;
        self.seen = events.last()?.seq;
        Some(Update::Events(events.into()))
    }

    /// The update without what the pages have shown: events committed before the border and durable only after it.
    fn after_border(&mut self, update: Update) -> Update {
        let Update::Events(events) = &update else { return update };
        let is_new = |recorded: &&Recorded| recorded.seq > self.seen;
        let news: Vec<Recorded> = events.iter().filter(is_new).cloned().collect();
        if let Some(last) = news.last() {
            self.seen = last.seq;
            self.border = last.seq;
            self.ended_at_border = last.event.is_terminal();
        }
        Update::Events(news.into())
    }
}
