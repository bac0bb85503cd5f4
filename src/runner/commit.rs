//! What is in memory and what is on disk: loading by replay, committing, and telling the subscribers once it is
//! durable.

use futures::FutureExt;

use super::{Host, Runner, SubmitError};
use crate::engine::words::codec;
use crate::engine::words::time::Timestamp;
use crate::engine::{Event, Recorded, Workflow};
use crate::journal::{JournalError, LoadError};

/// How long an outcome that unlocks nothing may wait to share a commit.
const GROUP_COMMIT_MS: u64 = 5;

/// The workflow in memory, and what of it is not on disk yet.
pub(super) struct Live {
    pub(super) workflow: Workflow,
    /// Of the last event, committed or not.
    pub(super) seq: u64,
    pub(super) uncommitted: Vec<Recorded>,
}

impl Live {
    pub(super) fn record(&mut self, events: Vec<Event>, at: Timestamp) {
        // The engine's clock never goes back; the journal's does not either.
        let at = at.max(self.workflow.last_at());
        for event in events {
            self.seq += 1;
            self.uncommitted.push(Recorded {
                seq: self.seq,
                at,
                event,
            });
        }
    }
}

/// By their stored form. Other events under these numbers would mean that memory is that of an earlier life.
fn are_same(kept: &[Recorded], events: &[Recorded]) -> bool {
    let stored = |recorded: &Recorded| (recorded.seq, codec::encode(&recorded.event));
    kept.iter().map(stored).eq(events.iter().map(stored))
}

impl<H: Host> Runner<H> {
    /// Replays the journal unless the workflow is in memory.
    pub(super) fn load(&self) -> Result<(), SubmitError> {
        if self.inner.live.borrow().is_some() {
            return Ok(());
        }
        let log = self.inner.host.load()?;
        let seq = log.last().ok_or(SubmitError::NotFound)?.seq;
        let workflow = Workflow::replay(log).map_err(|error| LoadError::Corrupt(error.to_string()))?;
        *self.inner.live.borrow_mut() = Some(Live {
            workflow,
            seq,
            uncommitted: Vec::new(),
        });
        Ok(())
    }

    /// Commits what is not on disk yet. On failure memory may be ahead of the disk: it is dropped and replayed at the
    /// next turn.
    pub(super) fn flush(&self) -> Result<(), JournalError> {
        let result = {
            let mut borrowed = self.inner.live.borrow_mut();
            let Some(live) = borrowed.as_mut() else { return Ok(()) };
            if live.uncommitted.is_empty() {
                return Ok(());
            }
            self.append(&live.uncommitted)
                .map(|()| std::mem::take(&mut live.uncommitted))
        };
        match result {
            Ok(events) => {
                self.committed(&events);
                Ok(())
            }
            Err(error) => {
                self.inner.host.warn(&error.to_string());
                self.forget();
                // The write may have been kept: the subscribers would miss its events.
                self.inner.feed.disconnect();
                Err(error)
            }
        }
    }

    /// Tries a failed write once more, after a look whether it was kept: the answers that wait in it were paid for.
    fn append(&self, events: &[Recorded]) -> Result<(), JournalError> {
        let host = &self.inner.host;
        let Err(error) = host.append(events) else { return Ok(()) };
        let Some(first) = events.first() else { return Ok(()) };
        host.warn(&error.to_string());
        match host.after(first.seq.saturating_sub(1), events.len() as u32) {
            Ok(kept) if kept.is_empty() => host.append(events),
            Ok(kept) if are_same(&kept, events) => Ok(()),
            _ => Err(error),
        }
    }

    fn committed(&self, events: &[Recorded]) {
        let active = {
            let borrowed = self.inner.live.borrow();
            let Some(live) = borrowed.as_ref() else { return };
            self.inner.host.committed(&live.workflow, events);
            live.workflow.is_active()
        };
        self.publish(events);
        if !active {
            self.wake_waiters();
        }
    }

    /// Tells the subscribers once the events are durable.
    fn publish(&self, events: &[Recorded]) {
        let Some(last) = events.last().map(|recorded| recorded.seq) else {
            return;
        };
        if !self.inner.feed.committed(events) {
            return;
        }
        let runner = self.clone();
        let synced = self.inner.host.sync();
        self.inner.host.spawn(
            async move {
                match synced.await {
                    Ok(()) => runner.inner.feed.durable(last),
                    // The object is about to be reset: its clients reconnect and read the journal.
                    Err(error) => runner.inner.host.warn(&error.to_string()),
                }
            }
            .boxed_local(),
        );
    }

    pub(super) fn flush_soon(&self) {
        if self.inner.flush_pending.replace(true) {
            return;
        }
        let runner = self.clone();
        let sleep = self.inner.host.sleep(GROUP_COMMIT_MS);
        self.inner.host.spawn(
            async move {
                sleep.await;
                runner.inner.flush_pending.set(false);
                // A failure is reported by `flush`; the alarm finds the attempts that it undid.
                let _ = runner.flush();
            }
            .boxed_local(),
        );
    }

    /// Drops the workflow in memory. The calls in flight go on: after the replay they are still current, or ignored.
    pub(super) fn forget(&self) {
        *self.inner.live.borrow_mut() = None;
        if let Some((_, timer)) = self.inner.timer.borrow_mut().take() {
            timer.abort();
        }
    }
}
