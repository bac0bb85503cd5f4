//! Questions to the state: what is in flight, what is due when, whether anything is under way.

use super::step::Step;
use super::step::StepState;
use super::workflow::{AttemptId, Workflow};
use crate::engine::words::outcome::Status;
use crate::engine::words::time::Timestamp;

impl Workflow {
    /// The calls that the journal says are running.
    pub fn in_flight(&self) -> Vec<AttemptId> {
        let id = |step: &Step| match step.state {
            StepState::InFlight { run, number } => Some(AttemptId {
                nonce: self.spec.nonce.clone(),
                run,
                step: step.name.clone(),
                number,
            }),
            _ => None,
        };
        self.steps.iter().filter_map(id).collect()
    }

    /// Whether a reply for this attempt would still be taken.
    pub fn is_current(&self, attempt: &AttemptId) -> bool {
        self.current(attempt).is_some()
    }

    /// The next instant after `now` at which time alone changes something: a retry, a stage of the deadline, the purge.
    /// What is due already and still waits needs a slot or a person, not time.
    pub fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.ended.is_some() {
            return self.purge_at();
        }
        let starts = self.status == Status::Running;
        let retries = self
            .steps
            .iter()
            .filter(|_| starts)
            .filter_map(|step| match step.state {
                StepState::Backoff { retry_at, .. } if retry_at > now => Some(retry_at),
                _ => None,
            });
        retries.chain(self.deadline_wake_at(now)).min()
    }

    /// Whether a call or a timer may be under way: the heartbeat is needed.
    pub fn is_active(&self) -> bool {
        matches!(self.status, Status::Queued | Status::Running | Status::WaitingForPause)
    }

    /// When the data is purged: some time after the end.
    pub fn purge_at(&self) -> Option<Timestamp> {
        self.ended.map(|ended| ended.plus_ms(self.spec.policy.retention_ms))
    }
}
