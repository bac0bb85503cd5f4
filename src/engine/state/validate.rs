//! The invariants of a workflow, asserted by the tests after every step.

use super::step::{Outcome, Step, StepState};
use super::workflow::Workflow;
use crate::engine::words::outcome::Status;
use crate::engine::words::spec::Approval;
use crate::engine::words::step_name::StepName;

impl Workflow {
    /// Says which invariant is broken. A broken one is a bug of the engine, whatever the input was.
    pub fn validate(&self) -> Result<(), String> {
        self.validate_status()?;
        self.validate_concurrency()?;
        self.steps.iter().try_for_each(|step| self.validate_step(step))
    }

    fn validate_status(&self) -> Result<(), String> {
        let active = matches!(self.status, Status::Running | Status::WaitingForPause);
        ensure(active == self.active_since.is_some(), || {
            format!("time counts for the deadline while {:?}", self.status)
        })?;
        ensure(self.status.is_terminal() == self.ended.is_some(), || {
            format!("{:?} with end {:?}", self.status, self.ended)
        })?;
        ensure((self.status == Status::Complete) == self.result.is_some(), || {
            format!("a result while {:?}", self.status)
        })?;
        ensure((self.status == Status::Errored) == self.error.is_some(), || {
            format!("an error while {:?}", self.status)
        })?;
        ensure(self.status != Status::Waiting || self.needs_approval(), || {
            "waiting without a plan to approve".to_owned()
        })
    }

    fn validate_concurrency(&self) -> Result<(), String> {
        let in_flight = self.steps.iter().filter(|step| step.is_in_flight()).count();
        let limit = self.spec.options.max_concurrency.max(1) as usize;
        ensure(in_flight <= limit, || {
            format!("{in_flight} calls in flight, the limit is {limit}")
        })?;
        let may_run = matches!(self.status, Status::Running | Status::WaitingForPause);
        ensure(may_run || in_flight == 0, || {
            format!("{in_flight} calls in flight while {:?}", self.status)
        })
    }

    fn validate_step(&self, step: &Step) -> Result<(), String> {
        let policy = &self.spec.policy;
        let name = &step.name;
        ensure(step.failures <= policy.attempts_max, || {
            format!("{name} failed {} times", step.failures)
        })?;
        ensure(step.lost <= policy.lost_max, || {
            format!("{name} was lost {} times", step.lost)
        })?;
        ensure(step.parts.len() <= policy.continuations_max as usize, || {
            format!("{name} was continued {} times", step.parts.len())
        })?;
        ensure(step.model_index < self.models_of(name).len(), || {
            format!("{name} is past the end of its model list")
        })?;
        let numbered = step
            .attempts
            .iter()
            .zip(1..)
            .all(|(attempt, number)| attempt.number == number);
        ensure(numbered, || format!("the attempts of {name} have a gap"))?;
        let running = step
            .attempts
            .iter()
            .filter(|attempt| attempt.outcome == Outcome::Running)
            .count();
        ensure(running == usize::from(step.is_in_flight()), || {
            format!("{name} has {running} running attempts")
        })?;
        ensure(!matches!(step.state, StepState::Exhausted { .. }), || {
            format!("{name} is exhausted and was not ended")
        })?;
        if step.is_in_flight() || step.answer().is_some() {
            let resolved = step
                .depends_on
                .iter()
                .all(|dependency| self.step(dependency).is_some_and(Step::is_resolved));
            ensure(resolved, || format!("{name} ran before its dependencies were resolved"))?;
        }
        if step.is_subtask() && step.is_in_flight() && self.spec.options.approval == Approval::Plan {
            ensure(self.approved, || format!("{name} runs without approval"))?;
        }
        ensure(step.parts.is_empty() || *name == StepName::Synthesis, || {
            format!("{name} is being continued")
        })
    }
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(message()) }
}
