//! Who looks on: reading, waiting for the end, and subscribing.

use futures::channel::{mpsc, oneshot};
use futures::future::select;

use super::feed::{Delta, Update};
use super::{Host, Runner, SubmitError};
use crate::engine::Workflow;

/// A workflow being watched: first the journal after the client's last event, then `deltas`, then `updates`.
pub struct Subscription {
    /// The last event of the journal at the time: `updates` continue after it.
    pub seq: u64,
    /// Nothing will follow: the workflow has ended.
    pub ended: bool,
    /// The text so far of each attempt in flight.
    pub deltas: Vec<Delta>,
    pub updates: mpsc::Receiver<Update>,
}

impl<H: Host> Runner<H> {
    /// Reads the workflow and the sequence number of its last event. What is shown is on disk.
    pub fn read<T>(&self, read: impl FnOnce(&Workflow, u64) -> T) -> Result<T, SubmitError> {
        self.load()?;
        self.flush()?;
        let borrowed = self.inner.live.borrow();
        let live = borrowed.as_ref().ok_or(SubmitError::NotFound)?;
        Ok(read(&live.workflow, live.seq))
    }

    /// Returns when the workflow has ended, waits for a person or is gone, at the latest after `ms`.
    pub async fn wait(&self, ms: u64) -> Result<(), SubmitError> {
        let until = self.inner.host.now().plus_ms(ms);
        loop {
            if !self.read(|workflow, _| workflow.is_active())? {
                return Ok(());
            }
            let left = until.ms_since(self.inner.host.now());
            if left == 0 {
                return Ok(());
            }
            select(self.news(), self.inner.host.sleep(left)).await;
        }
    }

    /// Resolves when the workflow ends, comes to rest or is deleted.
    fn news(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiters = self.inner.waiters.borrow_mut();
        // Those whose time is up: a client that asks every minute must not pile them up.
        waiters.retain(|waiter| !waiter.is_canceled());
        waiters.push(sender);
        receiver
    }

    /// Watches the workflow from now on. In one turn with the reading of `seq`, so that nothing falls between.
    pub fn subscribe(&self) -> Result<Subscription, SubmitError> {
        let (seq, ended) = self.read(|workflow, seq| (seq, workflow.status().is_terminal()))?;
        let (updates, deltas) = self.inner.feed.subscribe();
        Ok(Subscription {
            seq,
            ended,
            deltas,
            updates,
        })
    }

    /// How many clients watch.
    pub fn subscriber_count(&self) -> usize {
        self.inner.feed.subscriber_count()
    }

    pub(super) fn wake_waiters(&self) {
        for waiter in self.inner.waiters.borrow_mut().drain(..) {
            // The other end may have stopped waiting.
            let _ = waiter.send(());
        }
    }
}
