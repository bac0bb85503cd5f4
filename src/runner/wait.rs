//! Reading a workflow, and waiting for its end.

use futures::channel::oneshot;
use futures::future::select;

use super::host::Host;
use super::{Runner, SubmitError};
use crate::engine::Workflow;

/// Clients that wait for the end of one workflow at a time.
const WAITERS_MAX: usize = 100;

impl<H: Host> Runner<H> {
    /// Reads the workflow and the sequence number of its last event. What is shown is on disk.
    pub fn read<T>(&self, read: impl FnOnce(&Workflow, u64) -> T) -> Result<T, SubmitError> {
        self.ensure_loaded()?;
        self.flush()?;
        let borrowed = self.inner.loaded.borrow();
        let loaded = borrowed.as_ref().ok_or(SubmitError::NotFound)?;
        Ok(read(&loaded.workflow, loaded.seq))
    }

    /// Returns when the workflow has ended, waits for a person or is gone, at the latest after `ms`. False where it did
    /// not wait because too many wait already: to wait is a preference, which may be left aside (RFC 7240, section 2).
    pub async fn wait(&self, ms: u64) -> Result<bool, SubmitError> {
        self.begin_to_listen(ms)?;
        let until = self.inner.host.now().plus_ms(ms);
        loop {
            if !self.read(|workflow, _| workflow.is_active())? {
                return Ok(true);
            }
            let left = until.ms_since(self.inner.host.now());
            if left == 0 {
                return Ok(true);
            }
            let Some(news) = self.news() else { return Ok(false) };
            select(news, self.inner.host.sleep(left)).await;
        }
    }

    /// Resolves when the workflow ends, comes to rest or is deleted. None where too many wait already.
    fn news(&self) -> Option<oneshot::Receiver<()>> {
        let (sender, receiver) = oneshot::channel();
        let mut waiters = self.inner.waiters.borrow_mut();
        // Those whose time is up: a client that asks every minute must not pile them up.
        waiters.retain(|waiter| !waiter.is_canceled());
        if waiters.len() >= WAITERS_MAX {
            return None;
        }
        waiters.push(sender);
        Some(receiver)
    }

    pub(super) fn wake_waiters(&self) {
        for waiter in self.inner.waiters.borrow_mut().drain(..) {
            // The other end may have stopped waiting.
            let _ = waiter.send(());
        }
    }
}
