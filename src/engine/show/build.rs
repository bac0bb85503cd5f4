//! The view of a workflow: what `GET /:id` shows.

use super::view::{AttemptView, OutputView, StepStateView, StepView, WarningReason, WarningView, WorkflowView};
use crate::engine::state::step::{Attempt, Outcome, Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::ResultSource;
use crate::engine::words::outcome::{ErrorInfo, Status};
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;

impl Workflow {
    pub fn status(&self) -> Status {
        self.status
    }

    pub fn id(&self) -> &str {
        &self.spec.id
    }

    pub fn spec(&self) -> &crate::engine::words::spec::WorkflowSpec {
        &self.spec
    }

    pub fn run(&self) -> u32 {
        self.run
    }

    /// The final answer, once there is one.
    pub fn result(&self) -> Option<&str> {
        self.result.as_deref()
    }

    pub fn error(&self) -> Option<&ErrorInfo> {
        self.error.as_ref()
    }

    /// The time of the last event.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }

    /// The model that an attempt of the present run calls; empty where there is no such attempt.
    pub fn model_of_attempt(&self, step: &StepName, number: u32) -> &str {
        self.attempt(step, number).map_or("", |attempt| attempt.model.as_str())
    }

    /// Milliseconds from the attempt's start to its end.
    pub fn duration_of_attempt(&self, step: &StepName, number: u32) -> Option<u64> {
        self.attempt(step, number)
            .and_then(|attempt| Some(attempt.end?.ms_since(attempt.start)))
    }

    fn attempt(&self, step: &StepName, number: u32) -> Option<&Attempt> {
        self.step(step)?
            .attempts
            .iter()
            .find(|attempt| attempt.number == number)
    }

    /// The full body of STATUS, or the simple one: without `steps`, `prompt` and the answers of subtasks.
    pub fn view(&self, simple: bool) -> WorkflowView<'_> {
        WorkflowView {
            status: self.status,
            error: self.error.as_ref(),
            output: self.output(simple),
            run: self.run,
            provider: self.spec.provider.as_str(),
            prompt: (!simple).then_some(self.spec.prompt.as_str()),
            metadata: &self.spec.metadata,
            queued: self.queued,
            start: self.started,
            end: self.ended,
            warnings: self.warnings(),
            steps: (!simple).then(|| self.steps.iter().map(step_view).collect()),
            step_count: simple.then_some(self.steps.len()),
            usage: self.usage,
        }
    }

    fn output(&self, simple: bool) -> Option<OutputView<'_>> {
        let subtasks = || self.steps.iter().filter(|step| step.is_subtask());
        Some(OutputView {
            final_result: self.result.as_deref()?,
            orchestrator_tasks: self
                .plan
                .iter()
                .flat_map(|plan| plan.tasks())
                .map(|task| task.instructions.as_str())
                .collect(),
            worker_responses: (!simple).then(|| subtasks().map(Step::answer).collect()),
        })
    }

    /// What the answer lacks, step by step.
    pub fn warnings(&self) -> Vec<WarningView> {
        let mut warnings: Vec<WarningView> = self.steps.iter().flat_map(|step| self.step_warnings(step)).collect();
        let without_synthesis = self.status == Status::Complete && self.result_source == ResultSource::Answers;
        // Where nothing had to be skipped or aborted, no event named the limit.
        let unnamed = || without_synthesis.then(|| "a limit of the run was reached".to_owned());
        if let Some(limit) = self.limit.clone().or_else(unnamed) {
            let message = match self.status {
                Status::Complete if without_synthesis => {
                    format!(
                        "{limit}; that left no room for a synthesis: the result is the subtasks' answers one after the other"
                    )
                }
                Status::Complete => format!("{limit}; the answer is made of what was there by then"),
                _ => limit,
            };
            warnings.push(warning(&StepName::Synthesis, WarningReason::Limit, message));
        }
        warnings
    }

    fn step_warnings(&self, step: &Step) -> Vec<WarningView> {
        let mut warnings = Vec::new();
        if step.input_cut {
            let message = "what the step was given was cut to fit its model's context".to_owned();
            warnings.push(warning(&step.name, WarningReason::Truncated, message));
        }
        match &step.state {
            StepState::Failed { error } => {
                warnings.push(warning(&step.name, WarningReason::Failed, error.message.clone()))
            }
            StepState::Skipped { reason } => warnings.push(warning(&step.name, WarningReason::Skipped, reason.clone())),
            StepState::Complete { truncated: true, .. } => {
                let message = "the model stopped at its limit of tokens; the answer is incomplete".to_owned();
                warnings.push(warning(&step.name, WarningReason::Truncated, message));
            }
            _ => {}
        }
        if !step.parts.is_empty() && self.status.is_terminal() {
            let message =
                "the answer could not be continued after the model's limit of tokens; it is incomplete".to_owned();
            warnings.push(warning(&step.name, WarningReason::Truncated, message));
        }
        warnings
    }
}

fn warning(step: &StepName, reason: WarningReason, message: String) -> WarningView {
    WarningView {
        step: step.to_string(),
        reason,
        message,
    }
}

fn step_view(step: &Step) -> StepView<'_> {
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
        output: step.answer(),
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
