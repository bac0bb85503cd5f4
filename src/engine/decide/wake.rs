//! When time alone changes something. This mirrors the decisions that look at `now`, because nobody asks `next_event`
//! at an instant that is missing here.

use super::limits::deadline_wake_at;
use super::listeners::given_up_at;
use crate::engine::state::queries::purge_at;
use crate::engine::state::step::StepState;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::outcome::Status;
use crate::engine::words::time::Timestamp;

/// The next instant after `now` at which time alone changes something: a retry, a stage of the deadline, the end of
/// one that nobody listens to, the purge. A step that is due already and still waits needs a slot or a person, not
/// time.
pub fn wake_at(workflow: &Workflow, now: Timestamp) -> Option<Timestamp> {
    // An ended workflow waits only for its purge.
    if workflow.ended.is_some() {
        return purge_at(workflow);
    }
    // Retries start while running. While paused they wait for the resume, whatever the time is.
    let starts = workflow.status == Status::Running;
    let retries = workflow
        .steps
        .iter()
        .filter(|_| starts)
        .filter_map(|step| match step.state {
            StepState::Backoff { retry_at, .. } if retry_at > now => Some(retry_at),
            _ => None,
        });
    let given_up = given_up_at(workflow).filter(|at| *at > now);
    retries.chain(deadline_wake_at(workflow, now)).chain(given_up).min()
}
