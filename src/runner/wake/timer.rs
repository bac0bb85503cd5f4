//! The object's one timer in memory, at the next instant at which something becomes due. The alarm serves what is due
//! later.

use futures::FutureExt;
use futures::future::{AbortHandle, Abortable};

use crate::engine::Input;
use crate::engine::words::time::Timestamp;
use crate::runner::host::Host;
use crate::runner::{Runner, SubmitError};

/// Timers reach this many heartbeats ahead. The alarm serves what is due later.
const TIMER_HEARTBEATS_MAX: u64 = 2;

impl<H: Host> Runner<H> {
    /// One timer per object, at the next instant at which something becomes due.
    pub(in crate::runner) fn arm_timer(&self, now: Timestamp) {
        let horizon = now.plus_ms(self.inner.heartbeat_ms.saturating_mul(TIMER_HEARTBEATS_MAX));
        let due = self
            .inner
            .loaded
            .borrow()
            .as_ref()
            .filter(|loaded| loaded.workflow.is_active())
            .and_then(|loaded| loaded.workflow.wake_at(now));
        let due = due.filter(|at| *at <= horizon);
        let mut timer = self.inner.timer.borrow_mut();
        // Most turns leave the next instant where it was.
        if timer.as_ref().map(|(at, _)| *at) == due {
            return;
        }
        // The old one goes even where no new one follows: a timer must not outlive what it was for.
        if let Some((_, old)) = timer.take() {
            old.abort();
        }
        let Some(at) = due else { return };
        let (handle, registration) = AbortHandle::new_pair();
        let runner = self.clone();
        let sleep = Abortable::new(self.inner.host.sleep(at.ms_since(now)), registration);
        self.inner.host.spawn(
            async move {
                if sleep.await.is_ok() {
                    runner.timer_fired();
                }
            }
            .boxed_local(),
        );
        *timer = Some((at, handle));
    }

    fn timer_fired(&self) {
        self.inner.timer.borrow_mut().take();
        match self.submit_and_drive(Input::TimePassed) {
            Ok(()) | Err(SubmitError::NotFound) => {}
            Err(error) => self.inner.host.warn(&error.to_string()),
        }
    }
}
