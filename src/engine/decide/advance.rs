//! The next event that follows from the state. It is derived and never stored, so that a replayed workflow asks for
//! exactly what the lost one would have asked for.
//!
//! `handle` calls [`next_event`] until it returns none. Each event changes the state so that it is not due again.

use super::assembly::{assembly, repair};
use super::limits::limit_reached;
use super::listeners::given_up;
use super::planning::{is_answered_without_a_plan, plan_of_request};
use super::review::review;
use crate::engine::ask::prompts::PROMPTS;
use crate::engine::ask::request::{Ask, first_that_takes};
use crate::engine::state::assembly::{Making, REPAIR, REVIEW, making};
use crate::engine::state::queries::{
    answer_count, find_step, is_direct, models_of, needs_approval, stop_reason, subtasks, subtasks_resolved,
};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Event, ResultSource};
use crate::engine::words::outcome::{ErrorInfo, Status};
use crate::engine::words::spec::OnSubtaskFailure;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::errors::ErrorName;

/// The next event that is due at `now`, if any.
pub fn next_event(workflow: &Workflow, now: Timestamp) -> Option<Event> {
    match workflow.status {
        Status::Queued => Some(Event::WorkflowStarted {}),
        Status::Running | Status::WaitingForPause => {
            next_consequence(workflow, now).or_else(|| next_transition(workflow, now))
        }
        Status::Paused => given_up(workflow, now),
        Status::Waiting | Status::Complete | Status::Errored | Status::Terminated => None,
    }
}

/// What must follow whether or not something new may start.
fn next_consequence(workflow: &Workflow, now: Timestamp) -> Option<Event> {
    // The order matters. An exhausted step first gets its end, so that the rest sees only resolved and live steps.
    final_failure(workflow)
        // An answer in hand wins over a failure and over a limit that is reached in the same turn, and so does what
        // only has to be put together.
        .or_else(|| assembly(workflow, now))
        .or_else(|| review(workflow, now))
        .or_else(|| completion(workflow))
        // A failure names its cause better than the limit that comes with it.
        .or_else(|| fatal_failure(workflow))
        .or_else(|| limit_reached(workflow, now))
}

/// What may begin, once nothing must follow.
fn next_transition(workflow: &Workflow, now: Timestamp) -> Option<Event> {
    // While pausing nothing new starts. The last attempt in flight completes the pause.
    if workflow.status == Status::WaitingForPause {
        let in_flight = workflow.steps.iter().any(Step::is_in_flight);
        return (!in_flight).then_some(Event::WorkflowPaused {
            reason: stop_reason(workflow),
        });
    }
    if let Some(accepted) = plan_of_request(workflow) {
        return Some(accepted);
    }
    // No subtask starts before a person has approved the plan.
    if needs_approval(workflow) {
        return Some(Event::WorkflowWaiting {});
    }
    next_start(workflow, now)
}

/// A step without further attempts fails, or is skipped where a limit of the run stopped it.
fn final_failure(workflow: &Workflow) -> Option<Event> {
    workflow.steps.iter().find_map(|step| match &step.state {
        StepState::Exhausted { error, limit: true } if step.is_subtask() => Some(Event::StepSkipped {
            step: step.name.clone(),
            reason: error.message.clone(),
        }),
        StepState::Exhausted { error, .. } => Some(Event::StepErrored {
            step: step.name.clone(),
            error: for_the_operator(step, error),
        }),
        _ => None,
    })
}

/// The error with the model that it happened on and what to do about it.
fn for_the_operator(step: &Step, error: &ErrorInfo) -> ErrorInfo {
    let mut message = error.message.clone();
    if let Some(attempt) = step.attempts.last()
        && !message.contains(&attempt.model)
    {
        message = format!("{}: {message}", attempt.model);
    }
    if let Some(name) = ErrorName::parse(&error.name) {
        message = name.with_remedy(&message);
    }
    ErrorInfo {
        name: error.name.clone(),
        message,
    }
}

/// A failure that ends the workflow.
fn fatal_failure(workflow: &Workflow) -> Option<Event> {
    let fatal = |error: ErrorInfo| Some(Event::WorkflowErrored { error });
    for step in &workflow.steps {
        let StepState::Failed { error } = &step.state else {
            continue;
        };
        // A crash loop ends the workflow whichever step it is, because the next step would crash the host again.
        if error.is(ErrorName::CrashLoop) {
            return fatal(error.clone());
        }
        let named = || ErrorInfo {
            name: error.name.clone(),
            message: format!("{} failed: {}", step.name, error.message),
        };
        match &step.name {
            // The parts of a truncated synthesis are an answer, though an incomplete one.
            StepName::Synthesis if !step.parts.is_empty() => {
                return Some(ended_with(workflow, ResultSource::Synthesis, named));
            }
            // What it would have repaired is named in the warnings.
            name if *name == REPAIR => {}
            // The answer stands without it.
            StepName::Review(_) => {}
            StepName::Structure => return fatal(named()),
            StepName::Plan if workflow.plan.is_some() || is_answered_without_a_plan(workflow) => {}
            // A limit of the run aborted it. `limit_reached` decides what becomes of the answers.
            StepName::Synthesis | StepName::Edit(_) | StepName::Reduce(_) if error.is_of_a_limit() => {}
            // The answers are there and paid for, so they are better than an error. A restart from what failed gives
            // the whole answer, once the cause is mended.
            StepName::Synthesis | StepName::Edit(_) | StepName::Reduce(_) if answer_count(workflow) > 0 => {
                return Some(ended_with(workflow, ResultSource::Answers, named));
            }
            StepName::Plan | StepName::Synthesis | StepName::Edit(_) | StepName::Reduce(_) => return fatal(named()),
            StepName::Subtask(_) if workflow.spec.options.on_subtask_failure == OnSubtaskFailure::Fail => {
                return fatal(named());
            }
            // The run goes on, and the synthesis names the gap.
            StepName::Subtask(_) => {}
        }
    }
    // Every subtask failed or was skipped, so there is nothing to synthesise.
    let is_split = workflow.plan.is_some() && !is_direct(workflow);
    if is_split && subtasks_resolved(workflow) && answer_count(workflow) == 0 {
        return fatal(nothing_to_answer_with(workflow));
    }
    None
}

/// A run that ends with what is there. Where JSON was asked for, that is an error, and what is there is kept beside it.
pub fn ended_with(workflow: &Workflow, result: ResultSource, error: impl FnOnce() -> ErrorInfo) -> Event {
    match workflow.spec.options.output_schema {
        None => Event::WorkflowCompleted { result },
        Some(_) => Event::WorkflowErrored { error: error() },
    }
}

fn nothing_to_answer_with(workflow: &Workflow) -> ErrorInfo {
    if let Some(limit) = &workflow.limit {
        return ErrorInfo::new(
            ErrorName::LimitReached,
            ErrorName::LimitReached.with_remedy(&format!("{limit}, and no subtask had an answer by then")),
        );
    }
    let first = subtasks(workflow).find_map(|step| match &step.state {
        StepState::Failed { error } => Some(format!("{}: {}", step.name, error.message)),
        _ => None,
    });
    ErrorInfo::new(
        ErrorName::AllSubtasksFailed,
        format!("every subtask failed, the first with {}", first.unwrap_or_default()),
    )
}

/// The answer is there, and what was to be done with it is done, failed or skipped.
fn completion(workflow: &Workflow) -> Option<Event> {
    let answered = find_step(workflow, &StepName::Synthesis).is_some_and(|step| step.answer().is_some());
    let reviewed = find_step(workflow, &REVIEW).is_none_or(Step::is_resolved);
    // Without JSON that fits, nobody who asked for it has what they asked for.
    let structured = find_step(workflow, &StepName::Structure).is_none_or(|step| step.answer().is_some());
    (answered && reviewed && structured).then_some(Event::WorkflowCompleted {
        result: ResultSource::Synthesis,
    })
}

/// The call of the first ready step in plan order, while there is a slot.
fn next_start(workflow: &Workflow, now: Timestamp) -> Option<Event> {
    let in_flight = workflow.steps.iter().filter(|step| step.is_in_flight()).count();
    if in_flight >= workflow.spec.options.max_concurrency.max(1) as usize {
        return None;
    }
    let ready = workflow.steps.iter().find(|step| is_ready(workflow, step, now));
    let repair = if ready.is_none() { repair(workflow, now) } else { None };
    let step = ready.or(repair.as_ref())?;
    // A call that doesn't fit the model's context does not go out. The next model that takes it is asked, and a
    // synthesis may first get a round of reductions.
    let first = step.model_index;
    match first_that_takes(workflow, step, first) {
        Ok((index, Ask::Fits(fitted))) => Some(Event::AttemptStarted {
            step: step.name.clone(),
            run: workflow.run,
            number: step
                .attempts
                .last()
                .map_or(1, |attempt| attempt.number.saturating_add(1)),
            model: models_of(workflow, &step.name)
                .get(index)
                .map(|model| model.name.clone())
                .unwrap_or_default(),
            model_index: (index != first).then_some(index),
            input_cut: fitted.rendered.cut,
            prompts: Some(PROMPTS),
            request_sha256: Some(fitted.rendered.sha256()),
        }),
        Ok((_, Ask::Reduce(reductions))) => Some(Event::ReductionPlanned { reductions }),
        Ok((_, Ask::TooLong(error))) | Err(error) => Some(Event::StepErrored {
            step: step.name.clone(),
            error: error.into(),
        }),
    }
}

/// Whether the step is due and its dependencies are resolved. A failed dependency is resolved too, because dependents
/// run with the gap named.
fn is_ready(workflow: &Workflow, step: &Step, now: Timestamp) -> bool {
    let due = match step.state {
        StepState::Pending => true,
        StepState::Backoff { retry_at, .. } => retry_at <= now,
        _ => false,
    };
    let resolved = |name: &StepName| find_step(workflow, name).is_some_and(Step::is_resolved);
    let reduced = || {
        workflow
            .steps
            .iter()
            .all(|step| step.reduction.is_none() || step.is_resolved())
    };
    let has_answer = || find_step(workflow, &StepName::Synthesis).is_some_and(|step| step.answer().is_some());
    let is_after = matches!(step.name, StepName::Review(_) | StepName::Structure);
    due && step.depends_on.iter().all(resolved)
        && (!is_after || has_answer())
        && (step.name != StepName::Synthesis || (is_written_by_a_model(workflow, step) && reduced()))
}

/// Whether the synthesis is a call of its own. A 0.1.0 called it for a client's single subtask too.
fn is_written_by_a_model(workflow: &Workflow, synthesis: &Step) -> bool {
    match making(workflow) {
        Some(Making::Assemble) => false,
        Some(Making::Single) => !synthesis.attempts.is_empty(),
        Some(Making::Direct | Making::Merge) | None => true,
    }
}
