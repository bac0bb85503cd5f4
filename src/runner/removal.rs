//! The end of a workflow's data: a client's DELETE, or the purge.
//!
//! Deleting takes an await, and requests come in between. The nonce tells the lives of an id apart: the removed life is
//! gone for everybody from the first moment on, and a new life that begins meanwhile is not touched.

use super::host::Host;
use super::{Runner, SubmitError};
use crate::engine::AttemptId;
use crate::journal::LoadError;

impl<H: Host> Runner<H> {
    /// Aborts every call and deletes everything. After an error the workflow is as it was, and the alarm finds it.
    pub async fn delete(&self) -> Result<(), SubmitError> {
        let host = &self.inner.host;
        // Whose data this is must be known, because a request during the await may be able to load it.
        let nonce = match self.ensure_loaded() {
            Ok(()) => self.nonce(),
            // Nobody can load it, now or then, and what nobody can read may still be deleted.
            Err(SubmitError::Load(LoadError::Corrupt(_))) => None,
            Err(error) => return Err(error),
        };
        // Armed before anything can fail. Deleting everything takes the alarm along.
        self.arm(host.now().plus_ms(self.inner.heartbeat_ms));
        // Before the await: whoever comes in between finds no workflow, and none of its calls or streams goes on.
        self.inner.removed.replace(nonce.clone());
        self.forget();
        // Only calls of this life can be there: an earlier one was removed by this very function.
        self.inner.in_flight.abort_unless_current(|_: &AttemptId| false);
        self.inner.feed.close();
        self.wake_waiters();
        let deleted = host.delete_all().await;
        // The data is still there, so it is a workflow again. Unless another deletion has begun meanwhile.
        if deleted.is_err() && *self.inner.removed.borrow() == nonce {
            self.inner.removed.replace(None);
        }
        if deleted.is_err() {
            // What was armed may have fired meanwhile and found nothing, or is gone with a half of the deletion.
            self.arm(host.now().plus_ms(self.inner.heartbeat_ms));
        }
        deleted.map_err(SubmitError::Journal)
    }

    /// Whether what is on disk is a life that is being deleted.
    pub(super) fn is_being_removed(&self) -> Result<bool, SubmitError> {
        if self.inner.removed.borrow().is_none() {
            return Ok(false);
        }
        Ok(!self.inner.host.page(0, 1, 1)?.is_empty())
    }

    fn nonce(&self) -> Option<String> {
        let borrowed = self.inner.loaded.borrow();
        borrowed.as_ref().map(|loaded| loaded.workflow.spec().nonce.clone())
    }
}
