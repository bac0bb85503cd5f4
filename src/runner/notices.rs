//! Telling the index of the tenant: how the workflow stands, and that a life of its id is gone.
//!
//! It happens in the background and holds nothing up. The alarm is armed for what is untold, in the transaction of the
//! events themselves, so that no crash loses it. An index that can't be reached is tried again, later each time.

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Either, select};

use super::host::Host;
use super::{Runner, SubmitError};
use crate::engine::words::time::Timestamp;
use crate::journal::JournalError;
use crate::notify::{self, COLLECT_MS, Notice};

/// How long the index may take for one notice.
const TELL_MS_MAX: u64 = 10_000;
/// By then a teller has gone on, unless the platform has dropped it.
const OVERDUE_MS: u64 = 1_000;

/// What of the workflow in memory the index does not know yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Untold {
    /// The last event that it is to be told of.
    pub seq: u64,
    pub since: Timestamp,
}

impl<H: Host> Runner<H> {
    /// When what is untold is tried the next time. None where nothing is.
    pub(super) fn next_notice(&self, now: Timestamp) -> Option<Timestamp> {
        let untold = self.untold().filter(|_| self.inner.host.has_index());
        let since = untold.map(|untold| untold.since).into_iter();
        let since = since.chain(self.inner.buried_since.get()).min()?;
        Some(notify::next_attempt(since, now, self.inner.heartbeat_ms))
    }

    /// After a load, and where there is no workflow: an earlier life of this object may have left tombstones.
    pub(super) fn look_for_tombstones(&self) -> Result<(), JournalError> {
        let host = &self.inner.host;
        let tombstones = host.tombstones();
        let since = match &tombstones {
            Ok(tombstones) if tombstones.is_empty() => None,
            // Where they can't be read there may be some, so that somebody has to look again.
            _ => Some(self.inner.buried_since.get().unwrap_or(host.now())),
        };
        self.inner.buried_since.set(since);
        tombstones.map(drop)
    }

    /// The same by whoever asks: where they can't be read, the alarm looks again.
    pub(super) fn tell_what_is_left(&self) {
        if let Err(error) = self.look_for_tombstones() {
            self.inner.host.warn(&error.to_string());
            self.arm_after_failed_load();
        }
        // Nobody knows what is armed. A workflow that was loaded has seen to it.
        if self.inner.loaded.borrow().is_none() {
            self.drop_what_runs();
            self.arm_if_earlier(self.next_notice(self.inner.host.now()));
        }
        self.tell_soon();
    }

    /// Tells the index in the background what it does not know, unless somebody does so already.
    pub(super) fn tell_soon(&self) {
        let now = self.inner.host.now();
        let is_told_by_another = self.inner.telling_until.get().is_some_and(|until| now <= until);
        let Some(next) = self.next_notice(now) else { return };
        if is_told_by_another || (now < self.inner.tell_after.get() && !self.has_news()) {
            return;
        }
        self.telling_for(COLLECT_MS);
        self.inner.tried.set(self.untold().map_or(0, |untold| untold.seq));
        // As late as the alarm that was armed in this turn, so that it does not come too early for the next attempt.
        self.inner.tell_after.set(next);
        let runner = self.clone();
        let collected = self.inner.host.sleep(COLLECT_MS);
        self.inner.host.spawn(
            async move {
                collected.await;
                match runner.tell_everything().await {
                    Ok(()) => runner.inner.tell_after.set(Timestamp::default()),
                    Err(words) => runner.inner.host.warn(&words),
                }
                runner.inner.telling_until.set(None);
            }
            .boxed_local(),
        );
    }

    /// What happened since the last attempt does not wait for the next one that is due.
    fn has_news(&self) -> bool {
        self.untold().is_some_and(|untold| untold.seq > self.inner.tried.get())
    }

    fn untold(&self) -> Option<Untold> {
        self.inner.loaded.borrow().as_ref()?.untold
    }

    /// Until nothing is untold, whatever happens meanwhile.
    async fn tell_everything(&self) -> Result<(), String> {
        loop {
            // First the lives that are gone, so that the index does not have two of one id.
            if self.inner.buried_since.get().is_some() {
                self.tell_of_the_buried().await?;
            } else if let Some(notice) = self.notice() {
                self.tell(&notice).await?;
                self.was_told(&notice);
            } else {
                return Ok(());
            }
        }
    }

    /// Afterwards nothing is left of them. Where nobody lives on in this object, nothing is left at all.
    async fn tell_of_the_buried(&self) -> Result<(), String> {
        let host = &self.inner.host;
        let words = |error: JournalError| error.to_string();
        let tombstones = host.tombstones().map_err(words)?;
        if tombstones.is_empty() {
            self.inner.buried_since.set(None);
            return Ok(());
        }
        for tombstone in &tombstones {
            self.tell(tombstone).await?;
        }
        // No await between this look and what follows of it.
        match self.load() {
            Err(SubmitError::NotFound) => {
                self.inner.buried_since.set(None);
                self.telling_for(TELL_MS_MAX);
                self.empty().await.map_err(words)
            }
            // What can't be read is taken for a life: only what was told of is removed.
            loaded => {
                if loaded == Ok(true) {
                    self.arm_after_load();
                }
                for tombstone in &tombstones {
                    host.unbury(&tombstone.life).map_err(words)?;
                }
                // Another may have joined while the index was told.
                self.look_for_tombstones().map_err(words)
            }
        }
    }

    async fn tell(&self, notice: &Notice) -> Result<(), String> {
        let host = &self.inner.host;
        if !host.has_index() {
            return Ok(());
        }
        self.telling_for(TELL_MS_MAX);
        match select(host.tell(notice), host.sleep(TELL_MS_MAX)).await {
            Either::Left((told, _)) => told.map_err(|error| format!("the index of the tenant was not told: {error}")),
            Either::Right(_) => Err("the index of the tenant did not answer in time".to_owned()),
        }
    }

    fn telling_for(&self, ms: u64) {
        let until = self.inner.host.now().plus_ms(ms + OVERDUE_MS);
        self.inner.telling_until.set(Some(until));
    }

    /// How the workflow stands, where the index does not know it. What is told is on disk.
    fn notice(&self) -> Option<Notice> {
        if !self.inner.host.has_index() {
            return None;
        }
        self.flush().ok()?;
        let borrowed = self.inner.loaded.borrow();
        let loaded = borrowed.as_ref().filter(|loaded| loaded.untold.is_some())?;
        Some(Notice::of(&loaded.workflow, loaded.seq))
    }

    fn was_told(&self, notice: &Notice) {
        let is_at_rest = {
            let mut borrowed = self.inner.loaded.borrow_mut();
            let Some(loaded) = borrowed.as_mut() else { return };
            let is_newest = loaded.untold.is_none_or(|untold| untold.seq <= seq_of(notice));
            if loaded.workflow.spec().nonce != notice.life || !is_newest {
                return;
            }
            loaded.untold = None;
            !loaded.workflow.is_active()
        };
        // The heartbeat goes on by itself. At rest the alarm was armed for this notice.
        if is_at_rest {
            self.arm_at_rest();
        }
    }

    /// Deletes everything that the storage has. Creations wait for its end.
    pub(super) async fn empty(&self) -> Result<(), JournalError> {
        let host = &self.inner.host;
        self.inner.emptying.replace(Some(Vec::new()));
        let emptied = host.delete_all().await;
        for waiter in self.inner.emptying.take().into_iter().flatten() {
            // The other end may have stopped waiting.
            let _ = waiter.send(());
        }
        match &emptied {
            // It took the alarm along.
            Ok(()) => self.inner.armed.set(None),
            // What was armed may have fired meanwhile and found nothing, or is gone with a half of the deletion.
            Err(_) => {
                self.inner.buried_since.set(Some(host.now()));
                self.arm(host.now().plus_ms(self.inner.heartbeat_ms));
            }
        }
        emptied
    }

    /// Returns when no deletion can take along what is written next.
    pub(super) async fn emptied(&self) {
        let (sender, receiver) = oneshot::channel();
        match &mut *self.inner.emptying.borrow_mut() {
            Some(waiters) => waiters.push(sender),
            None => return,
        }
        // The platform may have dropped the deletion.
        select(receiver, self.inner.host.sleep(TELL_MS_MAX)).await;
        self.inner.emptying.take();
    }
}

fn seq_of(notice: &Notice) -> u64 {
    notice.entry.as_ref().map_or(0, |entry| entry.seq)
}
