//! The event stream of one subscriber: the journal after its last event, the text so far, then whatever happens.

use futures::channel::mpsc;
use futures::future::{Either, select};
use futures::stream::{self, Stream, StreamExt};

use super::host::ObjectHost;
use crate::api::query::EventsQuery;
use crate::api::sse::{DELTA, KEEP_ALIVE, KEEP_ALIVE_MS, RETRY, delta_frame, event_frame};
use crate::clock::Clock;
use crate::engine::Recorded;
use crate::journal::Journal;
use crate::runner::feed::{Delta, Update};
use crate::runner::{Runner, SubmitError, Subscription};

/// Events that are read from the journal at a time.
const PAGE_EVENTS: u32 = 50;

type Chunk = worker::Result<Vec<u8>>;

/// None where nothing will follow: the workflow has ended and the client has seen it.
pub fn stream(
    runner: &Runner<ObjectHost>,
    query: EventsQuery,
) -> Result<Option<impl Stream<Item = Chunk> + 'static>, SubmitError> {
    let Subscription {
        seq,
        ended,
        deltas,
        updates,
    } = runner.subscribe()?;
    if ended && query.after >= seq {
        return Ok(None);
    }
    let watcher = Watcher {
        runner: runner.clone(),
        seen: query.after,
        query,
        journal_end: seq,
        ended,
        deltas,
        updates,
    };
    let opening = stream::iter([Ok(RETRY.as_bytes().to_vec())]);
    Ok(Some(opening.chain(stream::unfold(Some(watcher), |watcher| async {
        watcher?.next().await
    }))))
}

struct Watcher {
    runner: Runner<ObjectHost>,
    query: EventsQuery,
    /// The last event that was sent or left out.
    seen: u64,
    /// The last event of the journal when the subscription began.
    journal_end: u64,
    /// The workflow had ended by then.
    ended: bool,
    deltas: Vec<Delta>,
    updates: mpsc::Receiver<Update>,
}

impl Watcher {
    /// The next chunk, and the watcher unless it was the last.
    async fn next(mut self) -> Option<(Chunk, Option<Watcher>)> {
        let (text, ended) = if self.seen < self.journal_end {
            self.page()?
        } else if !self.deltas.is_empty() {
            let deltas = std::mem::take(&mut self.deltas);
            (self.delta_frames(&deltas), false)
        } else if self.ended {
            return None;
        } else {
            self.update().await?
        };
        Some((Ok(text.into_bytes()), (!ended).then_some(self)))
    }

    /// The next events of the journal. None where it is gone.
    fn page(&mut self) -> Option<(String, bool)> {
        let events = self.runner.host().after(self.seen, PAGE_EVENTS).ok()?;
        self.seen = events.last()?.seq;
        let text = self.event_frames(&events);
        Some((text, self.ended && self.seen >= self.journal_end))
    }

    /// What happens next, or a sign of life. None where the subscription was closed.
    async fn update(&mut self) -> Option<(String, bool)> {
        let sleep = self.runner.host().sleep(KEEP_ALIVE_MS);
        match select(self.updates.next(), sleep).await {
            Either::Left((update, _)) => match update? {
                Update::Deltas(deltas) => Some((self.delta_frames(&deltas), false)),
                Update::Events(events) => {
                    let news: Vec<Recorded> = events
                        .iter()
                        .filter(|recorded| recorded.seq > self.seen)
                        .cloned()
                        .collect();
                    self.seen = news.last().map_or(self.seen, |recorded| recorded.seq);
                    let ended = news.last().is_some_and(|recorded| recorded.event.is_terminal());
                    Some((self.event_frames(&news), ended))
                }
            },
            Either::Right(_) => Some((KEEP_ALIVE.to_owned(), false)),
        }
    }

    fn event_frames(&self, events: &[Recorded]) -> String {
        events
            .iter()
            .filter(|recorded| self.query.wants(recorded.event.type_name()))
            .map(event_frame)
            .collect()
    }

    fn delta_frames(&self, deltas: &[Delta]) -> String {
        if self.query.wants(DELTA) {
            deltas.iter().map(delta_frame).collect()
        } else {
            String::new()
        }
    }
}
