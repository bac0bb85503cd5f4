//! Memory and disk: loads a workflow by replay, commits its events, and tells the subscribers once events are durable.

use std::cell::{Cell, RefCell};

use futures::FutureExt;

use super::host::Host;
use super::notices::Untold;
use super::{Runner, SubmitError};
use crate::engine::show::answer::ReaderText;
use crate::engine::words::codec;
use crate::engine::words::time::Timestamp;
use crate::engine::{Event, Recorded, Workflow};
use crate::journal::{Journal, JournalError, LoadError, SEQ_MAX};
use crate::notify;

/// How long an outcome that unlocks nothing may wait to share a commit.
const GROUP_COMMIT_MS: u64 = 5;
/// How late a shared commit may be before another is asked for.
const FLUSH_OVERDUE_MS: u64 = 1_000;
/// Events that are read from the journal at a time. Each may have 1 MiB, and an isolate has 128 MB for all its objects.
pub(super) const PAGE_EVENTS: u32 = 8;

/// The workflow in memory, and what of it is not on disk yet.
pub(super) struct Loaded {
    pub workflow: Workflow,
    /// Of the last event, committed or not.
    pub seq: u64,
    pub uncommitted: Vec<Recorded>,
    /// What the index of the tenant is to be told.
    pub untold: Option<Untold>,
}

impl Loaded {
    /// Nobody knows what the index was told before, so it is told once more.
    pub fn new(workflow: Workflow, seq: u64, now: Timestamp) -> Self {
        let since = now;
        Loaded {
            workflow,
            seq,
            uncommitted: Vec::new(),
            untold: Some(Untold { seq, since }),
        }
    }

    pub fn record(&mut self, events: Vec<Event>, at: Timestamp) {
        // The engine's clock never goes back; the journal's does not either.
        let at = at.max(self.workflow.last_at());
        for event in events {
            self.seq += 1;
            if notify::is_told(&event) {
                let since = self.untold.map_or(at, |untold| untold.since);
                self.untold = Some(Untold { seq: self.seq, since });
            }
            self.uncommitted.push(Recorded {
                seq: self.seq,
                at,
                event,
            });
        }
    }
}

/// Compares by the stored form. Other events under these numbers mean that memory is that of an earlier life.
fn are_same(kept: &[Recorded], events: &[Recorded]) -> bool {
    let stored = |recorded: &Recorded| (recorded.seq, codec::encode(&recorded.event));
    kept.iter().map(stored).eq(events.iter().map(stored))
}

impl<H: Host> Runner<H> {
    /// Loads the workflow unless it is in memory. Whoever makes it load also makes it go on: the alarm is armed.
    pub(super) fn ensure_loaded(&self) -> Result<(), SubmitError> {
        let loaded = self.load();
        match &loaded {
            Ok(true) => {
                self.arm_after_load();
                self.tell_what_is_left();
            }
            Ok(false) => self.arm_if_missing(),
            Err(SubmitError::NotFound) => self.tell_what_is_left(),
            Err(SubmitError::Load(_)) => self.arm_after_failed_load(),
            _ => {}
        }
        loaded.map(drop)
    }

    /// Replays the journal unless the workflow is in memory. True where it was replayed.
    pub(super) fn load(&self) -> Result<bool, SubmitError> {
        if self.inner.loaded.borrow().is_some() {
            return Ok(false);
        }
        let pages = Pages::new(&self.inner.host);
        let workflow = Workflow::replay(pages.events());
        // The replay saw a journal that ends where a page could not be read. Its complaint would name the wrong cause.
        if let Some(error) = pages.failed.take() {
            return Err(error.into());
        }
        let seq = pages.last.get();
        if seq == 0 {
            return Err(SubmitError::NotFound);
        }
        let workflow = workflow.map_err(|error| LoadError::Corrupt(error.to_string()))?;
        *self.inner.loaded.borrow_mut() = Some(Loaded::new(workflow, seq, self.inner.host.now()));
        self.hear(0);
        Ok(true)
    }

    /// Commits what is not on disk yet. On failure memory may be ahead of the disk: it is dropped and replayed at the
    /// next turn.
    pub(super) fn flush(&self) -> Result<(), JournalError> {
        let result = {
            let mut borrowed = self.inner.loaded.borrow_mut();
            let Some(loaded) = borrowed.as_mut() else { return Ok(()) };
            if loaded.uncommitted.is_empty() {
                return Ok(());
            }
            self.append(&loaded.uncommitted)
                .map(|()| std::mem::take(&mut loaded.uncommitted))
        };
        match result {
            Ok(events) => {
                self.committed(&events);
                Ok(())
            }
            Err(error) => {
                self.inner.host.warn(&error.to_string());
                // Memory holds decisions that the disk may not have, and the disk may have a write that nobody told of.
                self.forget();
                // So the subscribers are sent to the journal, because they would miss the events of such a write.
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
        match host.page(first.seq.saturating_sub(1), SEQ_MAX, events.len() as u32) {
            // Lost: written again. Kept: as good as a success. Anything else is another life's, or unreadable.
            Ok(kept) if kept.is_empty() => host.append(events),
            Ok(kept) if are_same(&kept, events) => Ok(()),
            _ => Err(error),
        }
    }

    /// After a commit: the log, then the subscribers, then those who wait for the end.
    fn committed(&self, events: &[Recorded]) {
        let (active, reader) = {
            let borrowed = self.inner.loaded.borrow();
            let Some(loaded) = borrowed.as_ref() else { return };
            self.inner.host.committed(&loaded.workflow, events);
            let reader = if self.inner.feed.wants_answer() {
                loaded.workflow.reader_text()
            } else {
                None
            };
            (loaded.workflow.is_active(), reader)
        };
        self.publish(events, reader);
        if !active {
            self.wake_waiters();
        }
    }

    /// Tells the subscribers once the events are durable. The platform holds new answers and calls back until then, but
    /// not what goes into a stream that is open already, so this waits for `sync`.
    fn publish(&self, events: &[Recorded], reader: Option<ReaderText>) {
        let Some(last) = events.last().map(|recorded| recorded.seq) else {
            return;
        };
        let Some(connection) = self.inner.feed.committed(events, reader) else {
            return;
        };
        let runner = self.clone();
        let synced = self.inner.host.sync();
        self.inner.host.spawn(
            async move {
                match synced.await {
                    Ok(()) => runner.inner.feed.durable(connection, last),
                    Err(error) => {
                        runner.inner.host.warn(&error.to_string());
                        // Nobody knows what is on disk: the clients reconnect and read the journal.
                        runner.inner.feed.disconnect();
                    }
                }
            }
            .boxed_local(),
        );
    }

    pub(super) fn flush_soon(&self) {
        let now = self.inner.host.now();
        // The platform may have dropped the work that was to flush.
        let is_pending = |at: Timestamp| now <= at.plus_ms(FLUSH_OVERDUE_MS);
        if self.inner.flush_at.get().is_some_and(is_pending) {
            return;
        }
        self.inner.flush_at.set(Some(now.plus_ms(GROUP_COMMIT_MS)));
        let runner = self.clone();
        let sleep = self.inner.host.sleep(GROUP_COMMIT_MS);
        self.inner.host.spawn(
            async move {
                sleep.await;
                runner.inner.flush_at.set(None);
                // A failure is reported by `flush`; the alarm finds the attempts that it undid.
                let _ = runner.flush();
            }
            .boxed_local(),
        );
    }

    /// Drops the workflow in memory. The calls in flight go on: after the replay they are still current, or ignored.
    pub(super) fn forget(&self) {
        *self.inner.loaded.borrow_mut() = None;
        if let Some((_, timer)) = self.inner.timer.borrow_mut().take() {
            timer.abort();
        }
    }
}

/// The journal page by page, so that a replay holds the state and one page rather than the whole journal beside it.
struct Pages<'a, J> {
    journal: &'a J,
    failed: RefCell<Option<LoadError>>,
    /// The sequence number of the last event that was read.
    last: Cell<u64>,
}

impl<'a, J: Journal> Pages<'a, J> {
    fn new(journal: &'a J) -> Self {
        Pages {
            journal,
            failed: RefCell::new(None),
            last: Cell::new(0),
        }
    }

    /// Ends early where a page can't be read: `failed` then says why.
    fn events(&self) -> impl Iterator<Item = Recorded> {
        let pages = std::iter::from_fn(|| {
            let page = self.journal.page(self.last.get(), SEQ_MAX, PAGE_EVENTS);
            let page = page.map_err(|error| self.failed.replace(Some(error))).ok()?;
            self.last.set(page.last()?.seq);
            Some(page)
        });
        pages.flatten()
    }
}
