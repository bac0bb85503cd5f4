//! What each control does in each status (design, section 4: the table).

use super::handle::{Control, RestartFrom};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Event, Reset};
use crate::engine::words::outcome::Status;
use crate::engine::words::plan::{Plan, PlanError, TaskDraft};
use crate::engine::words::spec::RESTARTS_MAX;
use crate::engine::words::step_name::StepName;

/// The caller's fault: nothing has changed.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Rejection {
    #[error("not possible while the workflow is {}", status.as_str())]
    Conflict { status: Status, allowed: Vec<&'static str> },
    #[error("there is no step {step}")]
    UnknownStep { step: StepName, steps: Vec<String> },
    #[error(transparent)]
    InvalidPlan(#[from] PlanError),
    #[error("a workflow can be restarted {RESTARTS_MAX} times, and this one was")]
    TooManyRestarts,
}

impl Workflow {
    /// The events of a control. None where its goal already holds.
    pub(in crate::engine) fn control(&self, control: Control) -> Result<Vec<Event>, Rejection> {
        match control {
            Control::Pause => match self.status {
                Status::Running if self.steps.iter().any(Step::is_in_flight) => {
                    Ok(vec![Event::WorkflowWaitingForPause {}])
                }
                Status::Queued | Status::Running | Status::Waiting => Ok(vec![Event::WorkflowPaused {}]),
                Status::WaitingForPause | Status::Paused => Ok(Vec::new()),
                Status::Complete | Status::Errored | Status::Terminated => Err(self.conflict()),
            },
            Control::Resume => match self.status {
                Status::WaitingForPause | Status::Paused => Ok(vec![Event::WorkflowResumed {}]),
                Status::Queued | Status::Running => Ok(Vec::new()),
                Status::Waiting | Status::Complete | Status::Errored | Status::Terminated => Err(self.conflict()),
            },
            Control::Terminate => match self.status {
                Status::Terminated => Ok(Vec::new()),
                Status::Complete | Status::Errored => Err(self.conflict()),
                _ => Ok(vec![Event::WorkflowTerminated {}]),
            },
            Control::Approve(tasks) => self.approve(tasks),
            Control::Restart(from) => self.restarted(from),
        }
    }

    fn approve(&self, tasks: Option<Vec<TaskDraft>>) -> Result<Vec<Event>, Rejection> {
        match self.status {
            Status::Waiting => {
                let plan = tasks
                    .map(|tasks| {
                        Plan::from_client(
                            self.plan.as_ref().map_or("", Plan::analysis),
                            tasks,
                            self.spec.options.max_subtasks,
                        )
                    })
                    .transpose()?;
                Ok(vec![Event::PlanApproved { plan }])
            }
            // The reply to the first approval may have been lost.
            Status::Running if self.approved && tasks.is_none() => Ok(Vec::new()),
            _ => Err(self.conflict()),
        }
    }

    fn restarted(&self, from: RestartFrom) -> Result<Vec<Event>, Rejection> {
        let reset = match from {
            RestartFrom::Everything | RestartFrom::Step(StepName::Plan) => Reset::Everything,
            RestartFrom::Step(step) => self
                .reset_from(|candidate| candidate.name == step)
                .ok_or_else(|| self.unknown_step(step))?,
            RestartFrom::Failed => self
                .reset_from(|step| {
                    matches!(step.state, StepState::Failed { .. } | StepState::Skipped { .. })
                        || step.name == StepName::Synthesis
                })
                .unwrap_or(Reset::Everything),
        };
        if self.run > RESTARTS_MAX {
            return Err(Rejection::TooManyRestarts);
        }
        Ok(vec![Event::WorkflowRestarted {
            run: self.run + 1,
            reset,
        }])
    }

    /// The chosen steps, their transitive dependents and the synthesis; none where nothing is chosen.
    fn reset_from(&self, chosen: impl Fn(&Step) -> bool) -> Option<Reset> {
        let mut reset: Vec<StepName> = self
            .steps
            .iter()
            .filter(|step| chosen(step))
            .map(|step| step.name.clone())
            .collect();
        if reset.is_empty() {
            return None;
        }
        if reset.contains(&StepName::Plan) {
            return Some(Reset::Everything);
        }
        // Dependents of dependents: at most as many rounds as there are steps.
        for _ in 0..self.steps.len() {
            let more: Vec<StepName> = self
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
        if !reset.contains(&StepName::Synthesis) {
            reset.push(StepName::Synthesis);
        }
        Some(Reset::Steps(reset))
    }

    fn unknown_step(&self, step: StepName) -> Rejection {
        Rejection::UnknownStep {
            step,
            steps: self.steps.iter().map(|step| step.name.to_string()).collect(),
        }
    }

    fn conflict(&self) -> Rejection {
        Rejection::Conflict {
            status: self.status,
            allowed: self.allowed_controls(),
        }
    }

    /// The controls that a client may use now, without those whose goal already holds.
    pub fn allowed_controls(&self) -> Vec<&'static str> {
        match self.status {
            Status::Queued | Status::Running => vec!["pause", "terminate", "restart"],
            Status::Waiting => vec!["approve", "pause", "terminate", "restart"],
            Status::WaitingForPause | Status::Paused => vec!["resume", "terminate", "restart"],
            Status::Complete | Status::Errored | Status::Terminated => vec!["restart"],
        }
    }
}
