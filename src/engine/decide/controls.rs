//! What each control does in each status: pause, resume, terminate, approve, restart.
//!
//! A control whose goal already holds gives no event. One that is not possible is a [`Rejection`].

use super::input::{Control, ControlBound, Rejection, RestartFrom};
use super::limits::{has_room_for, used_up_budget};
use super::planning::as_it_will_run;
use crate::engine::ask::check::can_ever_run;
use crate::engine::ask::estimate::estimate;
use crate::engine::state::assembly::{EDIT, Making, REPAIR, making};
use crate::engine::state::queries::{find_step, subtasks};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Event, Reset, StepRemark, StopReason};
use crate::engine::words::outcome::Status;
use crate::engine::words::plan::PlanEdit;
use crate::engine::words::spec::{PAUSES_MAX, RESTARTS_MAX};
use crate::engine::words::step_name::StepName;

/// The events of a control. No event where its goal already holds.
pub fn control(workflow: &Workflow, asked: Control) -> Result<Vec<Event>, Rejection> {
    match asked {
        Control::Pause => match workflow.status {
            Status::Queued | Status::Running | Status::Waiting if workflow.pauses >= PAUSES_MAX => {
                Err(at_bound(workflow, ControlBound::Pauses, "pause"))
            }
            // What was paused for want of a listener is the person's from here on.
            Status::WaitingForPause | Status::Paused if workflow.deserted.is_none() => Ok(Vec::new()),
            Status::Queued | Status::Running | Status::Waiting | Status::WaitingForPause | Status::Paused => {
                Ok(vec![paused(workflow, None)])
            }
            Status::Complete | Status::Errored | Status::Terminated => Err(conflict(workflow)),
        },
        Control::Resume => match workflow.status {
            Status::WaitingForPause | Status::Paused => Ok(vec![Event::WorkflowResumed {}]),
            Status::Queued | Status::Running => Ok(Vec::new()),
            Status::Waiting | Status::Complete | Status::Errored | Status::Terminated => Err(conflict(workflow)),
        },
        Control::Terminate => match workflow.status {
            Status::Terminated => Ok(Vec::new()),
            Status::Complete | Status::Errored => Err(conflict(workflow)),
            _ => Ok(vec![Event::WorkflowTerminated { reason: None }]),
        },
        Control::Approve(edit) => approve(workflow, edit.filter(|edit| !edit.is_empty())),
        Control::Restart(from) => restart(workflow, from, None),
        Control::RestartWithRemark { step, remark } => {
            let text = remark;
            let remark = StepRemark {
                step: step_with_call(workflow, &step),
                text,
            };
            restart(workflow, RestartFrom::Step(step), Some(remark))
        }
    }
}

/// At once where nothing is in flight.
pub fn paused(workflow: &Workflow, reason: Option<StopReason>) -> Event {
    if workflow.steps.iter().any(Step::is_in_flight) {
        Event::WorkflowWaitingForPause { reason }
    } else {
        Event::WorkflowPaused { reason }
    }
}

fn approve(workflow: &Workflow, edit: Option<PlanEdit>) -> Result<Vec<Event>, Rejection> {
    match (workflow.status, &workflow.plan, edit) {
        (Status::Waiting, Some(proposed), Some(edit)) => {
            let plan = proposed.edited(edit, workflow.spec.options.max_subtasks)?;
            let plan = as_it_will_run(workflow, plan);
            can_ever_run(workflow, &plan)?;
            Ok(vec![Event::PlanApproved {
                estimate: Some(estimate(workflow, &plan)),
                plan: Some(plan),
            }])
        }
        (Status::Waiting, _, None) => Ok(vec![Event::PlanApproved {
            plan: None,
            estimate: None,
        }]),
        // The client may not have seen the answer to its first approval.
        (Status::Running, _, None) if workflow.approved => Ok(Vec::new()),
        _ => Err(conflict(workflow)),
    }
}

/// The step that writes what this one stands for: an answer that is put together is the editor's, and that of a single
/// subtask is the subtask's.
fn step_with_call(workflow: &Workflow, step: &StepName) -> StepName {
    if *step != StepName::Synthesis {
        return step.clone();
    }
    match making(workflow) {
        Some(Making::Assemble) => EDIT,
        Some(Making::Single) => subtasks(workflow)
            .next()
            .map_or(StepName::Synthesis, |only| only.name.clone()),
        _ => StepName::Synthesis,
    }
}

fn restart(workflow: &Workflow, from: RestartFrom, remark: Option<StepRemark>) -> Result<Vec<Event>, Rejection> {
    let reset = match from {
        RestartFrom::Everything | RestartFrom::Step(StepName::Plan) => Reset::Everything,
        RestartFrom::Step(StepName::Synthesis) if making(workflow) == Some(Making::Single) && remark.is_some() => {
            reset_from(workflow, Step::is_subtask).unwrap_or(Reset::Everything)
        }
        RestartFrom::Step(StepName::Synthesis) => {
            reset_from(workflow, is_of_the_synthesis).ok_or_else(|| unknown_step(workflow, StepName::Synthesis))?
        }
        RestartFrom::Step(step) => {
            reset_from(workflow, |candidate| candidate.name == step).ok_or_else(|| unknown_step(workflow, step))?
        }
        RestartFrom::Failed => failed_steps(workflow),
    };
    bound_of_restart(workflow, &reset).map_or(Ok(()), |bound| Err(at_bound(workflow, bound, "restart")))?;
    Ok(vec![Event::WorkflowRestarted {
        run: workflow.run + 1,
        reset,
        remark,
    }])
}

/// What failed or was skipped, and the synthesis. Where the repair of edits failed, the script that it was for stays.
fn failed_steps(workflow: &Workflow) -> Reset {
    let has_failed = |step: &Step| matches!(step.state, StepState::Failed { .. } | StepState::Skipped { .. });
    // What comes after the synthesis is done again by itself, because the answer before it is whole.
    let mut failed = workflow.steps.iter().filter(|step| has_failed(step)).peekable();
    let has_answer = find_step(workflow, &StepName::Synthesis).is_some_and(|step| step.answer().is_some());
    if has_answer && failed.peek().is_some() && failed.all(|step| is_after_synthesis(&step.name)) {
        return reset_from(workflow, has_failed).unwrap_or(Reset::Everything);
    }
    let repair_failed = find_step(workflow, &REPAIR).is_some_and(has_failed);
    reset_from(workflow, |step| {
        has_failed(step) || step.name == StepName::Synthesis || (is_of_the_synthesis(step) && !repair_failed)
    })
    .unwrap_or(Reset::Everything)
}

fn is_after_synthesis(step: &StepName) -> bool {
    matches!(step, StepName::Review(_) | StepName::Structure)
}

/// The editor's call takes the place of the synthesis's.
fn is_of_the_synthesis(step: &Step) -> bool {
    step.name == StepName::Synthesis || step.name == EDIT
}

/// The bound that a restart would pass.
fn bound_of_restart(workflow: &Workflow, reset: &Reset) -> Option<ControlBound> {
    if workflow.run > RESTARTS_MAX {
        return Some(ControlBound::Restarts);
    }
    if let Some(budget) = used_up_budget(workflow) {
        return Some(ControlBound::Tokens { budget });
    }
    let bytes_max = workflow.spec.policy.journal_bytes_max;
    (!has_room_for(workflow, reset)).then_some(ControlBound::Journal { bytes_max })
}

/// Whether a restart without a body is still possible.
pub fn can_restart(workflow: &Workflow) -> bool {
    bound_of_restart(workflow, &Reset::Everything).is_none()
}

/// The chosen steps, their transitive dependents, and the synthesis if any of them comes before it. None where nothing
/// is chosen.
fn reset_from(workflow: &Workflow, chosen: impl Fn(&Step) -> bool) -> Option<Reset> {
    let mut reset: Vec<StepName> = workflow
        .steps
        .iter()
        .filter(|step| chosen(step))
        .map(|step| step.name.clone())
        .collect();
    if reset.is_empty() {
        return None;
    }
    // A new plan makes new subtasks.
    if reset.contains(&StepName::Plan) {
        return Some(Reset::Everything);
    }
    add_dependents(workflow, &mut reset);
    if !reset.contains(&StepName::Synthesis) && !reset.iter().all(is_after_synthesis) {
        reset.push(StepName::Synthesis);
        add_dependents(workflow, &mut reset);
    }
    Some(Reset::Steps(reset))
}

/// Each round adds the dependents of those that it has. There are at most as many rounds as there are steps.
fn add_dependents(workflow: &Workflow, reset: &mut Vec<StepName>) {
    for _ in 0..workflow.steps.len() {
        let more: Vec<StepName> = workflow
            .steps
            .iter()
            .filter(|step| !reset.contains(&step.name))
            .filter(|step| step.depends_on.iter().any(|name| reset.contains(name)))
            .map(|step| step.name.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        reset.extend(more);
    }
}

fn at_bound(workflow: &Workflow, bound: ControlBound, control: &str) -> Rejection {
    let mut allowed = allowed_controls(workflow);
    allowed.retain(|allowed| *allowed != control);
    Rejection::AtBound {
        bound,
        status: workflow.status,
        allowed,
    }
}

fn unknown_step(workflow: &Workflow, step: StepName) -> Rejection {
    Rejection::UnknownStep {
        step,
        steps: workflow.steps.iter().map(|step| step.name.to_string()).collect(),
    }
}

fn conflict(workflow: &Workflow) -> Rejection {
    Rejection::Conflict {
        status: workflow.status,
        allowed: allowed_controls(workflow),
    }
}

/// The controls that a client may use now, without those whose goal already holds and those that have reached their
/// bound. A restart from the synthesis may be possible where none from the beginning is.
pub fn allowed_controls(workflow: &Workflow) -> Vec<&'static str> {
    let mut controls = controls_of(workflow.status);
    let least = reset_from(workflow, is_of_the_synthesis).unwrap_or(Reset::Everything);
    controls.retain(|control| match *control {
        "pause" => workflow.pauses < PAUSES_MAX,
        "restart" => bound_of_restart(workflow, &least).is_none(),
        _ => true,
    });
    controls
}

fn controls_of(status: Status) -> Vec<&'static str> {
    match status {
        Status::Queued | Status::Running => vec!["pause", "terminate", "restart"],
        Status::Waiting => vec!["approve", "pause", "terminate", "restart"],
        Status::WaitingForPause | Status::Paused => vec!["resume", "terminate", "restart"],
        Status::Complete | Status::Errored | Status::Terminated => vec!["restart"],
    }
}
