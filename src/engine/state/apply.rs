//! `apply`, the only place where the state changes. Replay uses it too.

use super::step::{Attempt, Outcome, Step, StepState};
use super::workflow::Workflow;
use crate::engine::words::event::{Event, FailureClass, Reduction, Reset, ResultSource};
use crate::engine::words::outcome::{AttemptUsage, Status};
use crate::engine::words::plan::Plan;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;

impl Workflow {
    /// The only mutator; replay uses it too.
    pub(in crate::engine) fn apply(&mut self, event: &Event, at: Timestamp) {
        self.last_at = self.last_at.max(at);
        match event {
            // The first event makes the workflow; replay refuses any other place.
            Event::WorkflowQueued { .. } => {}
            Event::WorkflowStarted {} => {
                self.started = Some(at);
                self.enter(Status::Running, at);
            }
            Event::WorkflowWaiting {} => self.enter(Status::Waiting, at),
            Event::WorkflowWaitingForPause {} => {
                self.before_pause = self.status;
                self.enter(Status::WaitingForPause, at);
            }
            Event::WorkflowPaused {} => {
                if self.status != Status::WaitingForPause {
                    self.before_pause = self.status;
                }
                self.enter(Status::Paused, at);
            }
            Event::WorkflowResumed {} => self.enter(self.before_pause, at),
            Event::WorkflowCompleted { result } => {
                self.result = Some(self.final_result(*result));
                self.result_source = *result;
                self.end(Status::Complete, at);
            }
            Event::WorkflowErrored { error } => {
                self.error = Some(error.clone());
                self.end(Status::Errored, at);
            }
            Event::WorkflowTerminated {} => self.end(Status::Terminated, at),
            Event::WorkflowRestarted { run, reset } => self.restart(*run, reset, at),
            Event::PlanAccepted { plan, source } => {
                self.plan_source = *source;
                self.set_plan(plan.clone());
            }
            Event::PlanApproved { plan } => {
                if let Some(plan) = plan {
                    self.set_plan(plan.clone());
                }
                self.approved = true;
                if self.status == Status::Waiting {
                    self.enter(Status::Running, at);
                }
            }
            Event::ReductionPlanned { reductions } => self.add_reductions(reductions),
            Event::AttemptStarted {
                step,
                run,
                number,
                model,
                input_cut,
            } => {
                self.usage.model_calls += 1;
                if let Some(step) = self.step_mut(step) {
                    step.attempts.push(Attempt {
                        number: *number,
                        model: model.clone(),
                        start: at,
                        end: None,
                        outcome: Outcome::Running,
                        usage: None,
                    });
                    step.input_cut = *input_cut;
                    step.state = StepState::InFlight {
                        run: *run,
                        number: *number,
                    };
                }
            }
            Event::AttemptCompleted {
                step,
                text,
                truncated,
                usage,
                model,
                ..
            } => {
                self.add_usage(usage);
                self.progressed();
                let continuations_max = self.spec.policy.continuations_max as usize;
                if let Some(step) = self.step_mut(step) {
                    step.end_attempt(at, Outcome::Completed, Some(*usage));
                    if let (Some(model), Some(attempt)) = (model, step.attempts.last_mut()) {
                        attempt.model = model.clone();
                    }
                    step.complete(text, *truncated, continuations_max);
                }
            }
            Event::AttemptErrored {
                step,
                error,
                class,
                reply,
                usage,
                retry_at,
                next_model,
                ..
            } => {
                if let Some(usage) = usage {
                    self.add_usage(usage);
                }
                self.progressed();
                if *class == FailureClass::Aborted {
                    self.limit = Some(error.message.clone());
                }
                if let Some(step) = self.step_mut(step) {
                    step.end_attempt(at, Outcome::Errored(error.clone()), *usage);
                    step.fail(error, *class, reply.as_ref(), *retry_at, *next_model);
                }
            }
            Event::AttemptLost { step, retry_at, .. } => {
                let lost_max = self.spec.policy.lost_max;
                if let Some(step) = self.step_mut(step) {
                    step.lose(at, retry_at.unwrap_or(at), lost_max);
                }
            }
            Event::StepErrored { step, error } => {
                if let Some(step) = self.step_mut(step) {
                    step.state = StepState::Failed { error: error.clone() };
                }
            }
            Event::StepSkipped { step, reason } => {
                self.limit = Some(reason.clone());
                if let Some(step) = self.step_mut(step) {
                    step.state = StepState::Skipped { reason: reason.clone() };
                }
            }
        }
    }

    fn step_mut(&mut self, name: &StepName) -> Option<&mut Step> {
        self.steps.iter_mut().find(|step| step.name == *name)
    }

    /// Changes the status and keeps the account of active time.
    fn enter(&mut self, status: Status, at: Timestamp) {
        if let Some(since) = self.active_since.take() {
            self.active_ms = self.active_ms.saturating_add(at.ms_since(since));
        }
        if matches!(status, Status::Running | Status::WaitingForPause) {
            self.active_since = Some(at);
        }
        self.status = status;
    }

    fn end(&mut self, status: Status, at: Timestamp) {
        for step in &mut self.steps {
            step.abort(at);
        }
        self.enter(status, at);
        self.ended = Some(at);
    }

    pub(in crate::engine) fn start_over(&mut self) {
        self.plan = None;
        self.approved = false;
        self.steps.clear();
        if self.spec.tasks.is_none() {
            self.steps.push(Step::new(StepName::Plan, "Plan", Vec::new()));
        }
    }

    fn restart(&mut self, run: u32, reset: &Reset, at: Timestamp) {
        self.run = run;
        self.error = None;
        self.result = None;
        self.limit = None;
        self.started = None;
        self.ended = None;
        self.enter(Status::Queued, at);
        self.active_ms = 0;
        match reset {
            Reset::Everything => self.start_over(),
            Reset::Steps(names) => self.reset_steps(names),
        }
        for step in &mut self.steps {
            step.lost = 0;
        }
    }

    /// A subtask's new answer makes every reduction stale; a reduction's only those of the rounds after it.
    fn reset_steps(&mut self, names: &[StepName]) {
        let subtasks = names.iter().any(|name| matches!(name, StepName::Subtask(_)));
        let round = self
            .steps
            .iter()
            .filter(|step| names.contains(&step.name))
            .filter_map(|step| step.reduction.as_ref())
            .map(|r| r.round)
            .min();
        self.steps.retain(|step| match &step.reduction {
            Some(reduction) => !subtasks && round.is_none_or(|round| reduction.round <= round),
            None => true,
        });
        for step in self.steps.iter_mut().filter(|step| names.contains(&step.name)) {
            step.reset();
        }
    }

    fn set_plan(&mut self, plan: Plan) {
        self.steps.retain(|step| step.name == StepName::Plan);
        for task in plan.tasks() {
            let depends_on = task.depends_on.iter().cloned().map(StepName::Subtask).collect();
            self.steps
                .push(Step::new(StepName::Subtask(task.id.clone()), &task.title, depends_on));
        }
        let subtasks = plan
            .tasks()
            .iter()
            .map(|task| StepName::Subtask(task.id.clone()))
            .collect();
        self.steps.push(Step::new(StepName::Synthesis, "Synthesis", subtasks));
        self.plan = Some(plan);
    }

    fn add_reductions(&mut self, reductions: &[Reduction]) {
        let at = self
            .steps
            .iter()
            .position(|step| step.name == StepName::Synthesis)
            .unwrap_or(self.steps.len());
        let steps = reductions.iter().map(|reduction| {
            let mut depends_on: Vec<StepName> = reduction.parts.iter().map(|part| part.step.clone()).collect();
            depends_on.dedup();
            let title = format!("Condense {} of round {}", reduction.number, reduction.round);
            Step {
                reduction: Some(reduction.clone()),
                ..Step::new(StepName::Reduce(reduction.number), &title, depends_on)
            }
        });
        self.steps.splice(at..at, steps);
    }

    fn add_usage(&mut self, usage: &AttemptUsage) {
        // Servers report what they like: a sum that wrapped around would lift the token budget.
        self.usage.prompt_tokens = self.usage.prompt_tokens.saturating_add(usage.prompt_tokens);
        self.usage.completion_tokens = self.usage.completion_tokens.saturating_add(usage.completion_tokens);
        self.usage.total_tokens = self.usage.prompt_tokens.saturating_add(self.usage.completion_tokens);
        self.usage.estimated |= usage.estimated;
    }

    /// An attempt came to its end: whatever was lost before, this is no crash loop.
    fn progressed(&mut self) {
        for step in &mut self.steps {
            step.lost = 0;
        }
    }

    fn final_result(&self, source: ResultSource) -> String {
        let synthesis = self.step(&StepName::Synthesis);
        let parts = || {
            synthesis
                .map(|step| step.parts.concat())
                .filter(|parts| !parts.is_empty())
        };
        match source {
            ResultSource::Synthesis => synthesis
                .and_then(Step::answer)
                .map(str::to_owned)
                .or_else(parts)
                .unwrap_or_default(),
            ResultSource::Answers => parts().unwrap_or_else(|| self.answers_in_order()),
        }
    }

    fn answers_in_order(&self) -> String {
        let answered = self.steps.iter().filter(|step| step.is_subtask());
        let sections: Vec<String> = answered
            .filter_map(|step| Some(format!("## {}\n\n{}", step.title, step.answer()?)))
            .collect();
        sections.join("\n\n")
    }
}
