//! The end of a workflow's data: a client's DELETE, or the purge.
//!
//! In one turn the events go and a tombstone comes: for every reader the life is gone, or it is not. What is left, the
//! tombstone included, is deleted once the index of the tenant knows (`notices`). An id that is used again meanwhile
//! carries the tombstone along. The nonce tells the lives apart.

use super::host::Host;
use super::{Runner, SubmitError};
use crate::engine::AttemptId;
use crate::engine::words::time::Timestamp;
use crate::journal::LoadError;
use crate::notify::Notice;

impl<H: Host> Runner<H> {
    /// Aborts every call and deletes the workflow. After an error it is as it was, and the alarm finds it.
    pub async fn delete(&self) -> Result<(), SubmitError> {
        let host = &self.inner.host;
        let tombstone = match self.ensure_loaded() {
            Ok(()) => self.tombstone(),
            // Nobody can load it, now or then, and what nobody can read may still be deleted.
            Err(SubmitError::Load(LoadError::Corrupt(_))) => None,
            Err(error) => return Err(error),
        };
        // Whatever is left is found by the alarm. It belongs to the same transaction.
        self.arm(host.now().plus_ms(self.inner.heartbeat_ms));
        if let Some(tombstone) = &tombstone
            && let Err(error) = host.bury(tombstone)
        {
            host.warn(&error.to_string());
            // Nobody knows what is on disk.
            self.forget();
            self.inner.feed.disconnect();
            if !matches!(self.ensure_loaded(), Err(SubmitError::NotFound)) {
                return Err(error.into());
            }
        }
        self.forget();
        self.drop_what_runs();
        match tombstone {
            Some(tombstone) => {
                let since = self.inner.buried_since.get().unwrap_or(tombstone.at);
                self.inner.buried_since.set(Some(since));
                // It does not wait for an attempt that was put off, and neither does the next life.
                self.inner.tell_after.set(Timestamp::default());
                self.inner.tried.set(0);
                self.tell_soon();
            }
            None => self.empty().await?,
        }
        Ok(())
    }

    /// There is no workflow: whatever runs belongs to a life that is over.
    pub(super) fn drop_what_runs(&self) {
        self.inner.in_flight.abort_unless_current(|_: &AttemptId| false);
        self.inner.feed.close();
        self.wake_waiters();
    }

    fn tombstone(&self) -> Option<Notice> {
        let borrowed = self.inner.loaded.borrow();
        let workflow = &borrowed.as_ref()?.workflow;
        Some(Notice::gone(workflow, self.inner.host.now()))
    }
}
