//! What becomes of a workflow that nobody listens to (`options.on_disconnect`).
//!
//! Who listens is nothing that is journaled: the caller tells it, and since when. So after a crash the time begins
//! anew. What follows of it is journaled with its reason, because a pause that a person asked for is another thing.

use super::controls::paused;
use crate::engine::state::queries::stop_reason;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Event, StopReason};
use crate::engine::words::outcome::Status;
use crate::engine::words::spec::{OnDisconnect, PAUSES_MAX};
use crate::engine::words::time::Timestamp;

/// A workflow that is paused is terminated after so many times the time that it took to be paused: an hour.
const PATIENCE: u64 = 60;

/// Nobody has listened for [`Policy::disconnect_ms`](crate::engine::words::spec::Policy). One that was paused too often
/// already goes on.
pub fn nobody_listens(workflow: &Workflow) -> Option<Event> {
    let reason = Some(StopReason::NoListener);
    match workflow.spec.options.on_disconnect {
        _ if !matches!(workflow.status, Status::Queued | Status::Running) => None,
        OnDisconnect::Continue => None,
        OnDisconnect::Pause if workflow.pauses >= PAUSES_MAX => None,
        OnDisconnect::Pause => Some(paused(workflow, reason)),
        OnDisconnect::Terminate => Some(Event::WorkflowTerminated { reason }),
    }
}

/// A pause by a control is none of a listener's business.
pub fn somebody_listens(workflow: &Workflow) -> Option<Event> {
    is_deserted(workflow).then_some(Event::WorkflowResumed {})
}

/// Whether it waits for a listener.
pub fn is_deserted(workflow: &Workflow) -> bool {
    workflow.deserted.is_some() && workflow.ended.is_none()
}

/// When it is paused or terminated if nobody listens. `heard`: until when somebody has.
pub fn deserted_at(workflow: &Workflow, heard: Timestamp) -> Option<Timestamp> {
    let disconnect_ms = workflow.spec.policy.disconnect_ms;
    nobody_listens(workflow).map_or_else(|| given_up_at(workflow), |_| Some(heard.plus_ms(disconnect_ms)))
}

/// When a workflow that waits for a listener ends.
pub fn given_up_at(workflow: &Workflow) -> Option<Timestamp> {
    let since = workflow.deserted.filter(|_| workflow.status == Status::Paused)?;
    Some(since.plus_ms(workflow.spec.policy.disconnect_ms.saturating_mul(PATIENCE)))
}

/// The end of a workflow that has waited for a listener too long.
pub fn given_up(workflow: &Workflow, now: Timestamp) -> Option<Event> {
    let reason = stop_reason(workflow);
    (given_up_at(workflow)? <= now).then_some(Event::WorkflowTerminated { reason })
}
