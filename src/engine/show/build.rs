//! How the view of a workflow is made from its state.

use super::view::{AttemptView, Extent, OutputView, StepStateView, StepView, WarningReason, WarningView, WorkflowView};
use crate::engine::state::queries::subtasks;
use crate::engine::state::step::{Attempt, Outcome, Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{MergedTask, ResultSource};
use crate::engine::words::outcome::Status;
use crate::engine::words::spec::JOURNAL_BYTES_SHOWN_MAX;
use crate::engine::words::step_name::StepName;

/// The body of STATUS. The texts of a journal beyond its bound may not fit the memory, so they are left out.
pub fn view(workflow: &Workflow, extent: Extent) -> WorkflowView<'_> {
    let is_oversize = is_oversize(workflow);
    let extent = if is_oversize { extent.without_texts() } else { extent };
    let mut warnings = warnings(workflow);
    if is_oversize {
        warnings.push(oversize_warning(workflow));
    }
    WorkflowView {
        status: workflow.status,
        error: workflow.error.as_ref(),
        output: output(workflow, extent),
        run: workflow.run,
        provider: workflow.spec.provider.as_str(),
        prompt: extent.prompt.then_some(workflow.spec.prompt.as_str()),
        metadata: &workflow.spec.metadata,
        queued: workflow.queued,
        start: workflow.started,
        end: workflow.ended,
        warnings,
        steps: extent.steps.then(|| {
            let view = |step| step_view(step, extent.step_outputs);
            workflow.steps.iter().map(view).collect()
        }),
        step_count: extent.step_count.then_some(workflow.steps.len()),
        usage: workflow.usage,
    }
}

fn output(workflow: &Workflow, extent: Extent) -> Option<OutputView<'_>> {
    Some(OutputView {
        final_result: workflow.result.as_deref()?,
        orchestrator_tasks: workflow
            .plan
            .iter()
            .flat_map(|plan| plan.tasks())
            .map(|task| task.instructions.as_str())
            .collect(),
        worker_responses: extent
            .worker_responses
            .then(|| subtasks(workflow).map(Step::answer).collect()),
    })
}

/// The bound itself keeps room for what comes after it, so that only an older build's journal is larger.
fn is_oversize(workflow: &Workflow) -> bool {
    workflow.journal_bytes > shown_bytes_max(workflow)
}

fn shown_bytes_max(workflow: &Workflow) -> u64 {
    workflow.spec.policy.journal_bytes_max.min(JOURNAL_BYTES_SHOWN_MAX)
}

fn oversize_warning(workflow: &Workflow) -> WarningView {
    let message = format!(
        "the journal has {} bytes, more than the {} that are shown at once: the texts of the subtasks are left out \
         here, and the event stream has them",
        workflow.journal_bytes,
        shown_bytes_max(workflow)
    );
    warning(&StepName::Synthesis, WarningReason::Limit, message)
}

/// What the answer lacks, step by step.
pub fn warnings(workflow: &Workflow) -> Vec<WarningView> {
    let mut warnings: Vec<WarningView> = workflow
        .steps
        .iter()
        .flat_map(|step| step_warnings(workflow, step))
        .collect();
    warnings.extend(workflow.merged.iter().map(merged_warning));
    let without_synthesis = workflow.status == Status::Complete && workflow.result_source == ResultSource::Answers;
    let failed = without_synthesis.then(|| failed_synthesis(workflow)).flatten();
    warnings.extend(failed.map(unsynthesised_warning));
    // If nothing had to be skipped or aborted, no event has named the limit.
    let unnamed = || (without_synthesis && failed.is_none()).then(|| "a limit of the run was reached".to_owned());
    if let Some(limit) = workflow.limit.clone().or_else(unnamed) {
        let message = match workflow.status {
            Status::Complete if without_synthesis && failed.is_none() => {
                format!(
                    "{limit}; that left no room for a synthesis: the result is the subtasks' answers one \
                     after the other"
                )
            }
            Status::Complete => format!("{limit}; the answer is made of what was there by then"),
            _ => limit,
        };
        warnings.push(warning(&StepName::Synthesis, WarningReason::Limit, message));
    }
    warnings
}

/// The step whose failure left the answers one after the other. A limit of the run leaves none.
fn failed_synthesis(workflow: &Workflow) -> Option<&Step> {
    workflow.steps.iter().find(|step| {
        matches!(step.name, StepName::Synthesis | StepName::Reduce(_))
            && matches!(&step.state, StepState::Failed { error } if !error.is_of_a_limit())
    })
}

fn unsynthesised_warning(failed: &Step) -> WarningView {
    let message = format!(
        "{} failed for good: the result is the subtasks' answers one after the other. A restart from \"failed\" asks \
         for the whole answer again",
        failed.name
    );
    warning(&StepName::Synthesis, WarningReason::Failed, message)
}

fn merged_warning(twin: &MergedTask) -> WarningView {
    let message = format!(
        "the plan had the same instructions twice: subtask {} ({:?}) was left out, because {} does its work",
        twin.id, twin.title, twin.into
    );
    warning(&StepName::Plan, WarningReason::Merged, message)
}

fn cut_message(step: &Step) -> String {
    let context = step.attempts.last().map_or(0, |attempt| attempt.context.context_tokens);
    format!(
        "what the step was given was cut to fit the context of {} ({context} tokens): shorten the request, or use a \
         model with a larger context",
        model_of_last_attempt(step)
    )
}

fn model_of_last_attempt(step: &Step) -> &str {
    step.attempts.last().map_or("the model", |attempt| &attempt.model)
}

/// The variable that limits the reply of such a step.
fn limit_variable(name: &StepName) -> &'static str {
    match name {
        StepName::Plan => "PLAN_MAX_TOKENS",
        StepName::Subtask(_) | StepName::Reduce(_) => "SUBTASK_MAX_TOKENS",
        StepName::Edit(_) | StepName::Synthesis => "SYNTHESIS_MAX_TOKENS",
    }
}

fn step_warnings(workflow: &Workflow, step: &Step) -> Vec<WarningView> {
    let mut warnings = Vec::new();
    if step.input_cut {
        warnings.push(warning(&step.name, WarningReason::Truncated, cut_message(step)));
    }
    match &step.state {
        StepState::Failed { error } => warnings.push(warning(&step.name, WarningReason::Failed, error.message.clone())),
        StepState::Skipped { reason } => warnings.push(warning(&step.name, WarningReason::Skipped, reason.clone())),
        StepState::Complete { truncated: true, .. } => {
            let message = format!(
                "{} stopped at its limit of tokens, so that the answer is incomplete: raise {}, or the model's context",
                model_of_last_attempt(step),
                limit_variable(&step.name)
            );
            warnings.push(warning(&step.name, WarningReason::Truncated, message));
        }
        _ => {}
    }
    if let Some(word) = &step.unknown_finish {
        let message = format!("the server ended the text with {word:?}, which nobody knows; it may be incomplete");
        warnings.push(warning(&step.name, WarningReason::UnknownFinish, message));
    }
    // Parts are left over only where a continuation failed. Before the end it may still succeed.
    if !step.parts.is_empty() && workflow.status.is_terminal() {
        let message =
            "the answer could not be continued after the model's limit of tokens; it is incomplete".to_owned();
        warnings.push(warning(&step.name, WarningReason::Truncated, message));
    }
    warnings
}

fn warning(step: &StepName, reason: WarningReason, message: String) -> WarningView {
    WarningView {
        step: step.to_string(),
        reason,
        message,
    }
}

fn step_view(step: &Step, with_output: bool) -> StepView<'_> {
    let (state, success, error, retry_at) = match &step.state {
        StepState::Pending => (StepStateView::Pending, None, None, None),
        StepState::InFlight { .. } => (StepStateView::Running, None, None, None),
        StepState::Backoff { retry_at, error } => (StepStateView::Retrying, None, Some(error), Some(*retry_at)),
        StepState::Complete { .. } => (StepStateView::Complete, Some(true), None, None),
        StepState::Failed { error } | StepState::Exhausted { error, .. } => {
            (StepStateView::Errored, Some(false), Some(error), None)
        }
        StepState::Skipped { .. } => (StepStateView::Skipped, Some(false), None, None),
    };
    StepView {
        name: step.name.to_string(),
        kind: "step",
        title: &step.title,
        depends_on: step.depends_on.iter().map(StepName::to_string).collect(),
        state,
        start: step.attempts.first().map(|attempt| attempt.start),
        end: step.is_resolved().then(|| step.attempts.last()?.end).flatten(),
        success,
        output: with_output.then(|| step.answer()),
        error,
        retry_at,
        attempts: step.attempts.iter().map(attempt_view).collect(),
    }
}

fn attempt_view(attempt: &Attempt) -> AttemptView<'_> {
    let (success, error) = match &attempt.outcome {
        Outcome::Running => (None, None),
        Outcome::Completed => (Some(true), None),
        Outcome::Errored(error) => (Some(false), Some(error)),
    };
    AttemptView {
        start: attempt.start,
        end: attempt.end,
        success,
        error,
        model: &attempt.model,
        usage: attempt.usage,
    }
}
