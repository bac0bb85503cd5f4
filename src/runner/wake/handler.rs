//! The alarm handler: what a workflow does when its alarm fires. It arms the next alarm, then repeats what was lost and
//! does what is due, or purges a workflow whose time is over.

use super::{Source, next_after_failure};
use crate::engine::{AttemptId, Input};
use crate::journal::JournalError;
use crate::runner::host::Host;
use crate::runner::{Runner, SubmitError};

impl<H: Host> Runner<H> {
    /// Arms the next alarm, finds the attempts that were lost, and does what is due. Returns at once, because a slow
    /// handler delays the next alarm. Fails only where the storage arms no alarm at all: the guard in JavaScript then
    /// tries.
    pub async fn alarm(&self) -> Result<(), JournalError> {
        // It has fired, so none is armed now.
        self.inner.armed.set(None);
        let host = &self.inner.host;
        match self.on_alarm().await {
            // The count is written only where it changes, because an alarm that is well costs no write.
            Ok(()) if host.failures() == 0 => Ok(()),
            Ok(()) => {
                host.set_failures(0);
                Ok(())
            }
            Err(error) => {
                host.warn(&error.to_string());
                self.try_arm(next_after_failure(host, host.now(), self.inner.heartbeat_ms))
            }
        }
    }

    async fn on_alarm(&self) -> Result<(), SubmitError> {
        // Not `ensure_loaded`: it would arm the alarm for now, and after a failed load without a growing pause.
        match self.load() {
            Ok(_) => {}
            Err(SubmitError::NotFound) => {}
            Err(error) => return Err(error),
        }
        self.look_for_tombstones()?;
        let now = self.inner.host.now();
        if self.inner.loaded.borrow().is_none() {
            self.drop_what_runs();
            // The alarm of a workflow that is gone. What is left is told of, and then deleted with this alarm.
            if let Some(at) = self.next_notice(now) {
                self.try_arm(at)?;
            }
            self.tell_soon();
            return Ok(());
        }
        match self.next_wake(now) {
            // `delete` arms the next alarm itself, before anything can fail.
            Some((at, Source::Purge)) if at <= now => self.delete().await,
            Some((at, Source::Purge | Source::Notice)) => {
                self.try_arm(at)?;
                self.tell_soon();
                Ok(())
            }
            Some((at, Source::Heartbeat | Source::Silence)) => {
                // First the next alarm, then what may fail or crash. What is lost is journaled before it is repeated.
                let is_due = at <= now;
                self.try_arm(if is_due {
                    now.plus_ms(self.inner.heartbeat_ms)
                } else {
                    at
                })?;
                self.tell_soon();
                if self.is_deserted_by(now) {
                    self.submit_and_drive(Input::NobodyListens)?;
                }
                self.submit_and_drive(Input::AttemptsLost(self.lost_attempts()))
            }
            // Only a person can move it: paused, or waiting for approval.
            None => Ok(()),
        }
    }

    /// The attempts that the journal calls in flight and that nobody runs, or runs far beyond its time limits.
    fn lost_attempts(&self) -> Vec<AttemptId> {
        let now = self.inner.host.now();
        // First those that nobody polls any more, so that they count as missing below.
        self.inner.in_flight.abort_overdue(now);
        let borrowed = self.inner.loaded.borrow();
        let Some(loaded) = borrowed.as_ref() else {
            return Vec::new();
        };
        let waited_for = loaded.workflow.in_flight();
        waited_for
            .into_iter()
            .filter(|attempt| !self.inner.in_flight.contains(attempt))
            .collect()
    }
}
