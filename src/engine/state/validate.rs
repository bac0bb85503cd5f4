//! The invariants of a workflow. The tests assert them after every step.

use super::assembly::{EDIT, Making, REPAIR, REVIEW, making};
use super::queries::{find_step, models_of, needs_approval};
use super::step::{Outcome, Step, StepState};
use super::workflow::Workflow;
use crate::engine::words::outcome::Status;
use crate::engine::words::spec::Approval;
use crate::engine::words::step_name::StepName;

/// Says which invariant is broken. A broken one is a bug of the engine, whatever the input was.
pub fn validate(workflow: &Workflow) -> Result<(), String> {
    validate_status(workflow)?;
    validate_concurrency(workflow)?;
    let models = workflow.spec.big_models.len() + workflow.spec.small_models.len();
    ensure(workflow.lessons.len() <= models, || {
        format!("{} lessons about {models} models", workflow.lessons.len())
    })?;
    validate_steps(workflow)?;
    workflow.steps.iter().try_for_each(|step| validate_step(workflow, step))
}

/// Which steps there are follows from how the answer comes about.
fn validate_steps(workflow: &Workflow) -> Result<(), String> {
    let making = making(workflow);
    let synthesis = find_step(workflow, &StepName::Synthesis);
    ensure(synthesis.is_some() == making.is_some(), || {
        format!("{making:?} and a synthesis: {}", synthesis.is_some())
    })?;
    for (index, step) in workflow.steps.iter().enumerate() {
        let name = &step.name;
        let twice = workflow.steps.iter().take(index).any(|earlier| earlier.name == *name);
        ensure(!twice, || format!("{name} is there twice"))?;
        let belongs = match name {
            StepName::Plan => true,
            StepName::Synthesis => making.is_some(),
            StepName::Subtask(_) => making.is_some_and(|making| making != Making::Direct),
            StepName::Reduce(_) => matches!(making, Some(Making::Merge | Making::Single)),
            StepName::Review(number) => making.is_some() && *number == 1,
            StepName::Structure => making.is_some(),
            StepName::Edit(number) => making == Some(Making::Assemble) && (1..=2).contains(number),
        };
        ensure(belongs, || {
            format!("{name} has no place where the answer is made by {making:?}")
        })?;
    }
    let is_assembled = making == Some(Making::Assemble);
    ensure(find_step(workflow, &EDIT).is_some() == is_assembled, || {
        format!("{making:?} and the editor's step do not go together")
    })?;
    let script = find_step(workflow, &EDIT).and_then(Step::answer);
    ensure(script.is_some() || find_step(workflow, &REPAIR).is_none(), || {
        "a repair of edits without a script".to_owned()
    })?;
    let answered = synthesis.filter(|step| step.answer().is_some());
    let put_together = answered.is_some_and(|step| step.assembled.is_some());
    ensure(put_together == workflow.assembled.is_some(), || {
        "what is known of an assembly and the answer do not go together".to_owned()
    })?;
    ensure(!is_assembled || answered.is_none() || put_together, || {
        "a model wrote what is to be put together".to_owned()
    })?;
    let result = workflow.result.as_ref().map(|text| text.as_ptr());
    let last = workflow.reviewed.as_ref().map(|reviewed| &*reviewed.text);
    let review = find_step(workflow, &REVIEW).filter(|step| step.answer().is_some());
    ensure(last.is_none() || review.is_some() && answered.is_some(), || {
        "a reviewed answer without an answer and its review".to_owned()
    })?;
    let is_shared = last
        .or(answered.and_then(Step::answer))
        .is_none_or(|text| result.is_none_or(|result| result == text.as_ptr()));
    ensure(is_shared, || "the result is a copy of the answer".to_owned())
}

fn validate_status(workflow: &Workflow) -> Result<(), String> {
    let active = matches!(workflow.status, Status::Running | Status::WaitingForPause);
    ensure(active == workflow.active_since.is_some(), || {
        format!("time counts for the deadline while {:?}", workflow.status)
    })?;
    ensure(workflow.status.is_terminal() == workflow.ended.is_some(), || {
        format!("{:?} with end {:?}", workflow.status, workflow.ended)
    })?;
    // The one error with a result: JSON was asked for, and only the text is there.
    let is_kept = workflow.status == Status::Errored && workflow.spec.options.output_schema.is_some();
    let has_result = workflow.result.is_some();
    ensure((workflow.status == Status::Complete) == has_result || is_kept, || {
        format!("a result while {:?}", workflow.status)
    })?;
    ensure((workflow.status == Status::Errored) == workflow.error.is_some(), || {
        format!("an error while {:?}", workflow.status)
    })?;
    let is_stopped = matches!(
        workflow.status,
        Status::WaitingForPause | Status::Paused | Status::Terminated
    );
    ensure(workflow.deserted.is_none() || is_stopped, || {
        format!("stopped for want of a listener while {:?}", workflow.status)
    })?;
    ensure(workflow.status != Status::Waiting || needs_approval(workflow), || {
        "waiting without a plan to approve".to_owned()
    })
}

fn validate_concurrency(workflow: &Workflow) -> Result<(), String> {
    let in_flight = workflow.steps.iter().filter(|step| step.is_in_flight()).count();
    let limit = workflow.spec.options.max_concurrency.max(1) as usize;
    ensure(in_flight <= limit, || {
        format!("{in_flight} calls in flight, the limit is {limit}")
    })?;
    let may_run = matches!(workflow.status, Status::Running | Status::WaitingForPause);
    ensure(may_run || in_flight == 0, || {
        format!("{in_flight} calls in flight while {:?}", workflow.status)
    })
}

fn validate_step(workflow: &Workflow, step: &Step) -> Result<(), String> {
    let policy = &workflow.spec.policy;
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
    ensure(step.model_index < models_of(workflow, name).len(), || {
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
            .all(|dependency| find_step(workflow, dependency).is_some_and(Step::is_resolved));
        ensure(resolved, || format!("{name} ran before its dependencies were resolved"))?;
    }
    if step.is_subtask() && step.is_in_flight() && workflow.spec.options.approval == Approval::Plan {
        ensure(workflow.approved, || format!("{name} runs without approval"))?;
    }
    ensure(
        *name != StepName::Synthesis || step.assembled.is_none() || step.attempts.is_empty(),
        || "an answer was put together and written".to_owned(),
    )?;
    ensure(step.parts.is_empty() || step.is_continued(), || {
        format!("{name} is being continued")
    })?;
    ensure(step.unknown_finish.is_none() || step.answer().is_some(), || {
        format!("{name} has the end of an answer without the answer")
    })
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(message()) }
}
