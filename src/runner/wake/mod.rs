//! When the object wakes: its alarm and its timer.
//!
//! The alarm is the safety net. It survives crashes and evictions, and it is armed for the earliest of named
//! [`Source`]s. The timer (`timer`) lives in memory and is exact: it serves what is due soon, a retry or a stage of the
//! deadline, so that nobody pays for moving the alarm.
//!
//! The rules. Breaking any of them has stranded a workflow:
//! - A load arms the alarm, whatever may be armed already. A load means that memory was lost, and nobody knows what
//!   became of the alarm.
//! - The handler leaves the next alarm armed. An error counts as a failure and makes it later each time
//!   ([`next_after_failure`]). Where the storage refuses that too, and after a crash of the WebAssembly, the guard in
//!   JavaScript arms it.
//! - A deletion arms the next alarm before it begins, because it may fail, or last for longer than the alarm.
//! - A turn only ever moves the alarm to an earlier time. One that fires too early arms the next and returns.

mod handler;
mod timer;

use super::Runner;
use super::host::Host;
use crate::alarm::Alarm;
use crate::engine::Workflow;
use crate::engine::words::time::Timestamp;
use crate::journal::JournalError;

/// The pause after a failure where no heartbeat is known: with a wrong configuration.
const FAILURE_PAUSE_MS: u64 = 10_000;
/// The longest pause, however often the alarm has failed.
const FAILURE_PAUSE_MS_MAX: u64 = 600_000;

/// Why an object wakes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Calls or timers may be under way: were any of them lost?
    Heartbeat,
    /// The workflow has ended, and its time is over.
    Purge,
    /// Nobody listens, and the workflow is to be paused or terminated for that.
    Silence,
    /// The index of the tenant does not know how the workflow stands.
    Notice,
}

/// The earliest of the sources. `heard`: until when somebody has listened. None where only a person can move the
/// workflow: it is paused, or waits for approval.
fn next(
    workflow: &Workflow,
    now: Timestamp,
    heartbeat_ms: u64,
    heard: Timestamp,
    notice: Option<Timestamp>,
) -> Option<(Timestamp, Source)> {
    let sources = [
        (
            Source::Heartbeat,
            workflow.is_active().then(|| now.plus_ms(heartbeat_ms)),
        ),
        (Source::Silence, workflow.deserted_at(heard)),
        (Source::Purge, workflow.purge_at()),
        (Source::Notice, notice),
    ];
    let armed = sources.into_iter().filter_map(|(source, at)| Some((at?, source)));
    armed.min_by_key(|(at, _)| *at)
}

/// Counts a failure of the alarm and says when the next one is due. The pause doubles with each failure in a row.
fn next_after_failure(alarm: &impl Alarm, now: Timestamp, first_pause_ms: u64) -> Timestamp {
    let failures = alarm.failures().saturating_add(1);
    alarm.set_failures(failures);
    now.plus_ms(failure_pause_ms(failures, first_pause_ms))
}

/// The alarm of an object whose configuration is wrong. It touches nothing else, because somebody will mend the
/// configuration.
pub fn after_wrong_configuration(alarm: &impl Alarm, now: Timestamp) -> Result<(), JournalError> {
    alarm.arm(next_after_failure(alarm, now, FAILURE_PAUSE_MS))
}

fn failure_pause_ms(failures: u32, first_pause_ms: u64) -> u64 {
    let doublings = failures.saturating_sub(1);
    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    first_pause_ms.saturating_mul(factor).min(FAILURE_PAUSE_MS_MAX)
}

impl<H: Host> Runner<H> {
    /// After a turn: arms the alarm where the workflow has to wake before the alarm that is armed.
    pub(super) fn arm_if_earlier(&self, at: Option<Timestamp>) {
        let Some(at) = at else { return };
        let is_late = |armed: Timestamp| at < armed || self.is_overdue(armed);
        if self.inner.armed.get().is_none_or(is_late) {
            self.arm(at);
        }
    }

    /// Whoever asks for a workflow also sees that its alarm is there. One that should have fired long ago never will,
    /// and one that could not be armed is missing.
    pub(super) fn arm_if_missing(&self) {
        let armed = self.inner.armed.get();
        if armed.is_none_or(|armed| self.is_overdue(armed)) {
            self.arm_after_load();
        }
    }

    fn is_overdue(&self, armed: Timestamp) -> bool {
        armed.plus_ms(self.inner.heartbeat_ms) < self.inner.host.now()
    }

    pub(super) fn arm(&self, at: Timestamp) {
        if let Err(error) = self.try_arm(at) {
            self.inner.host.warn(&error.to_string());
        }
    }

    /// What could not be armed counts as not armed, so that the next turn tries again.
    fn try_arm(&self, at: Timestamp) -> Result<(), JournalError> {
        let armed = self.inner.host.arm(at);
        self.inner.armed.set(armed.is_ok().then_some(at));
        armed
    }

    /// After a load: memory was lost, so nobody knows what is armed, nor what became of the calls in flight. An active
    /// workflow wakes at once, so that whoever made it load also makes it go on.
    pub(super) fn arm_after_load(&self) {
        let now = self.inner.host.now();
        match self.next_wake(now) {
            Some((_, Source::Heartbeat)) => self.arm(now),
            Some((at, Source::Silence | Source::Purge | Source::Notice)) => self.arm(at.max(now)),
            None => {}
        }
    }

    /// Nobody runs, and nothing is untold: what is left is the purge, or nothing at all.
    pub(super) fn arm_at_rest(&self) {
        match self.next_wake(self.inner.host.now()) {
            Some((at, _)) => self.arm(at),
            None => {
                self.inner.armed.set(None);
                if let Err(error) = self.inner.host.disarm() {
                    self.inner.host.warn(&error.to_string());
                }
            }
        }
    }

    /// When the workflow in memory wakes next, and why.
    pub(super) fn next_wake(&self, now: Timestamp) -> Option<(Timestamp, Source)> {
        let notice = self.next_notice(now);
        let borrowed = self.inner.loaded.borrow();
        let workflow = &borrowed.as_ref()?.workflow;
        next(workflow, now, self.inner.heartbeat_ms, self.inner.heard.get(), notice)
    }

    /// A workflow that can't be read may need an alarm all the same. Its handler tries again, later each time.
    pub(super) fn arm_after_failed_load(&self) {
        let heartbeat = self.inner.host.now().plus_ms(self.inner.heartbeat_ms);
        self.arm_if_earlier(Some(heartbeat));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_after_a_failure_doubles_up_to_ten_minutes() {
        let pauses = [1, 2, 3, 6, 7, 8, 100].map(|failures| failure_pause_ms(failures, 10_000));
        assert_eq!(pauses, [10_000, 20_000, 40_000, 320_000, 600_000, 600_000, 600_000]);
    }
}
