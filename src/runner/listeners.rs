//! Who listens: an open event stream, or a request that waits. A workflow may ask to be paused or terminated once
//! nobody has for a while (`options.on_disconnect`).
//!
//! Nobody is counted. Each listener says for how long at least it will be there, and a stream says so again whenever it
//! is read on. The platform may drop a stream or a request without a word, and a count would never fall again. After a
//! load nobody listens, and whoever sends a control is there at that moment.

use super::host::Host;
use super::{Runner, SubmitError};
use crate::engine::Input;
use crate::engine::words::time::Timestamp;

impl<H: Host> Runner<H> {
    /// Somebody begins to listen. A workflow that was paused because nobody did goes on.
    pub(super) fn begin_to_listen(&self, ms: u64) -> Result<(), SubmitError> {
        let is_deserted = self.read(|workflow, _| workflow.is_deserted())?;
        self.hear(ms);
        if is_deserted {
            self.submit_and_drive(Input::SomebodyListens)?;
        }
        Ok(())
    }

    /// Somebody is there, and listens for so long at least.
    pub(super) fn hear(&self, ms: u64) {
        let until = self.inner.host.now().plus_ms(ms);
        self.inner.heard.set(self.inner.heard.get().max(until));
    }

    /// A stream ends. If it was the last listener, the time without any begins now.
    pub(super) fn stop_listening(&self) {
        let waits = self.inner.waiters.borrow().iter().any(|waiter| !waiter.is_canceled());
        // It has not left the feed yet.
        if !waits && self.subscriber_count() <= 1 {
            let now = self.inner.host.now();
            self.inner.heard.set(self.inner.heard.get().min(now));
        }
    }

    /// Whether nobody has listened for too long.
    pub(super) fn is_deserted_by(&self, now: Timestamp) -> bool {
        let borrowed = self.inner.loaded.borrow();
        let workflow = borrowed.as_ref().map(|loaded| &loaded.workflow);
        let at = workflow.and_then(|workflow| workflow.deserted_at(self.inner.heard.get()));
        at.is_some_and(|at| at <= now)
    }
}
