//! How the view of a workflow is made from its state.

use super::view::{
    AnswerView, AttemptView, Extent, ModeView, OutputView, ParentView, PlanView, StepStateView, StepView,
    WarningReason, WarningView, WorkflowView,
};
use super::warnings::{warning, warnings};
use crate::engine::answer::prose_words;
use crate::engine::state::assembly::words_allowed;
use crate::engine::state::queries::{find_step, is_direct, purge_at, stop_reason, subtasks};
use crate::engine::state::step::{Attempt, Outcome, Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::plan::Plan;
use crate::engine::words::spec::{JOURNAL_BYTES_SHOWN_MAX, Mode};
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
        stop_reason: stop_reason(workflow),
        error: workflow.error.as_ref(),
        output: output(workflow, extent),
        run: workflow.run,
        provider: workflow.spec.provider,
        prompt: extent.prompt.then_some(workflow.spec.prompt.as_str()),
        parent: workflow.spec.parent.as_ref().map(|parent| ParentView {
            id: &parent.id,
            run: parent.run,
            left_out: parent.left_out,
        }),
        history: extent.history.then_some(workflow.spec.history.as_slice()),
        mode: mode(workflow),
        plan: extent.plan.then(|| {
            let plan = workflow.plan.as_ref();
            plan.map(|plan| PlanView::of(plan, workflow.estimate))
        }),
        answer: answer(workflow),
        metadata: &workflow.spec.metadata,
        queued: workflow.queued,
        start: workflow.started,
        end: workflow.ended,
        purge: purge_at(workflow),
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
        structured: workflow.spec.options.output_schema.as_ref().map(|_| {
            let text = find_step(workflow, &StepName::Structure)?.answer()?;
            // It was read before it was journaled.
            serde_json::from_str(text).ok()
        }),
        orchestrator_tasks: if is_direct(workflow) {
            vec![workflow.spec.prompt.as_str()]
        } else {
            let tasks = workflow.plan.iter().flat_map(|plan| plan.tasks());
            tasks.map(|task| task.instructions.as_str()).collect()
        },
        worker_responses: extent.worker_responses.then(|| {
            if is_direct(workflow) {
                vec![workflow.result.as_deref()]
            } else {
                subtasks(workflow).map(Step::answer_for_readers).collect()
            }
        }),
    })
}

fn mode(workflow: &Workflow) -> ModeView<'_> {
    let plan = workflow.plan.as_ref();
    let asked = workflow.spec.options.mode;
    let said = plan.map(Plan::analysis).filter(|analysis| !analysis.is_empty());
    let is_split = plan.is_some_and(|plan| !plan.is_direct());
    ModeView {
        asked,
        chosen: plan.map(Plan::mode),
        reason: match said {
            _ if is_split && workflow.spec.tasks.is_some() => Some("The request has its own subtasks."),
            _ if is_split && asked == Mode::Split => Some("The request asked for it."),
            said => said,
        },
    }
}

/// How long the answer is. It is measured once.
pub fn answer(workflow: &Workflow) -> Option<AnswerView> {
    let result = workflow.result.as_deref()?;
    let before = find_step(workflow, &StepName::Synthesis).and_then(Step::answer);
    let reviewed = workflow.reviewed.as_ref();
    Some(AnswerView {
        words: *workflow.words.get_or(|| prose_words(result)),
        limit: words_allowed(workflow),
        reviewed: reviewed.is_some_and(|reviewed| before != Some(&*reviewed.text)),
    })
}

/// The bound itself keeps room for what comes after it, so that only an older build's journal is larger. An answer that
/// was put together is held and shown beside its parts, so that both together may be too much.
fn is_oversize(workflow: &Workflow) -> bool {
    let answer = workflow.assembled.as_ref().and(workflow.result.as_ref());
    let whole = workflow
        .journal_bytes
        .saturating_add(answer.map_or(0, |text| text.len() as u64));
    workflow.journal_bytes > shown_bytes_max(workflow) || whole > JOURNAL_BYTES_SHOWN_MAX
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
        start: step.attempts.first().map(|attempt| attempt.start).or(step.assembled),
        end: step
            .is_resolved()
            .then(|| step.attempts.last()?.end)
            .flatten()
            .or(step.assembled),
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
