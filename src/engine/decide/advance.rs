//! What follows from the state: the next event that is due, derived and never stored.
//!
//! A replayed workflow therefore asks for exactly what the lost one would have asked for. `next_event` is called until
//! it returns nothing; each event that it gives changes the state so that it is not due again.

use super::limits::{LimitStage, RunLimit};
use crate::engine::ask::fit::Fit;
use crate::engine::state::step::{CRASH_LOOP, Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Event, FailureClass, PlanSource, ResultSource};
use crate::engine::words::outcome::{ErrorInfo, Status};
use crate::engine::words::spec::{Approval, OnSubtaskFailure};
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;

impl Workflow {
    /// The next event that is due at `now`, if any.
    pub(in crate::engine) fn next_event(&self, now: Timestamp) -> Option<Event> {
        match self.status {
            Status::Queued => Some(Event::WorkflowStarted {}),
            Status::Running | Status::WaitingForPause => {
                self.next_consequence(now).or_else(|| self.next_transition(now))
            }
            Status::Waiting | Status::Paused | Status::Complete | Status::Errored | Status::Terminated => None,
        }
    }

    /// What must follow whether or not something new may start.
    fn next_consequence(&self, now: Timestamp) -> Option<Event> {
        self.final_failure()
            .or_else(|| self.completion())
            .or_else(|| self.fatal_failure())
            .or_else(|| self.limit_reached(now))
    }

    fn next_transition(&self, now: Timestamp) -> Option<Event> {
        if self.status == Status::WaitingForPause {
            let in_flight = self.steps.iter().any(Step::is_in_flight);
            return (!in_flight).then_some(Event::WorkflowPaused {});
        }
        if self.plan.is_none()
            && let Some(plan) = &self.spec.tasks
        {
            return Some(Event::PlanAccepted {
                plan: plan.clone(),
                source: PlanSource::Client,
            });
        }
        if self.needs_approval() {
            return Some(Event::WorkflowWaiting {});
        }
        self.next_start(now)
    }

    pub(in crate::engine) fn needs_approval(&self) -> bool {
        self.spec.options.approval == Approval::Plan && self.plan.is_some() && !self.approved
    }

    /// A step without further attempts fails, or is skipped where a limit of the run stopped it.
    fn final_failure(&self) -> Option<Event> {
        self.steps.iter().find_map(|step| match &step.state {
            StepState::Exhausted { error, limit: true } if step.is_subtask() => Some(Event::StepSkipped {
                step: step.name.clone(),
                reason: error.message.clone(),
            }),
            StepState::Exhausted { error, .. } => Some(Event::StepErrored {
                step: step.name.clone(),
                error: error.clone(),
            }),
            _ => None,
        })
    }

    /// A failure that ends the workflow.
    fn fatal_failure(&self) -> Option<Event> {
        let fatal = |error: ErrorInfo| Some(Event::WorkflowErrored { error });
        for step in &self.steps {
            let StepState::Failed { error } = &step.state else {
                continue;
            };
            if error.name == CRASH_LOOP {
                return fatal(error.clone());
            }
            match &step.name {
                // What a truncated synthesis has so far is an answer.
                StepName::Synthesis if !step.parts.is_empty() => {
                    return Some(Event::WorkflowCompleted {
                        result: ResultSource::Synthesis,
                    });
                }
                // The limit decides what becomes of the answers.
                StepName::Synthesis | StepName::Reduce(_) if RunLimit::is_error(error) => {}
                StepName::Plan | StepName::Synthesis | StepName::Reduce(_) => {
                    return fatal(ErrorInfo::new(
                        &error.name,
                        format!("{} failed: {}", step.name, error.message),
                    ));
                }
                StepName::Subtask(_) if self.spec.options.on_subtask_failure == OnSubtaskFailure::Fail => {
                    return fatal(ErrorInfo::new(
                        &error.name,
                        format!("{} failed: {}", step.name, error.message),
                    ));
                }
                StepName::Subtask(_) => {}
            }
        }
        if self.plan.is_some() && self.subtasks_resolved() && self.answer_count() == 0 {
            return fatal(self.nothing_to_answer_with());
        }
        None
    }

    fn nothing_to_answer_with(&self) -> ErrorInfo {
        if let Some(limit) = &self.limit {
            return ErrorInfo::new("LimitReached", format!("{limit}, and no subtask had an answer by then"));
        }
        let last = self
            .steps
            .iter()
            .filter(|step| step.is_subtask())
            .find_map(|step| match &step.state {
                StepState::Failed { error } => Some(format!("{}: {}", step.name, error.message)),
                _ => None,
            });
        ErrorInfo::new(
            "AllSubtasksFailed",
            format!("every subtask failed, the first with {}", last.unwrap_or_default()),
        )
    }

    /// At three quarters of a limit nothing further starts but the synthesis; at the whole of it calls are aborted.
    fn limit_reached(&self, now: Timestamp) -> Option<Event> {
        let (limit, whole) = match self.limit_stage(now) {
            LimitStage::Below => return None,
            LimitStage::ThreeQuarters(limit) => (limit, false),
            LimitStage::Whole(limit) => (limit, true),
        };
        let answers = self.answer_count();
        let abort = |step: &Step| self.aborted(step, &limit);
        if whole {
            if let Some(event) = self.steps.iter().find_map(abort) {
                return Some(event);
            }
            if self.plan.is_none() || (self.subtasks_resolved() && answers == 0) {
                return Some(Event::WorkflowErrored {
                    error: ErrorInfo::new("LimitReached", limit.message(true)),
                });
            }
        }
        let skipped = self
            .steps
            .iter()
            .filter(|step| step.is_subtask())
            .find(|step| match step.state {
                StepState::Pending => true,
                // With nothing in hand a repeated attempt is the only hope of an answer.
                StepState::Backoff { .. } => whole || answers > 0,
                _ => false,
            });
        if let Some(step) = skipped {
            return Some(Event::StepSkipped {
                step: step.name.clone(),
                reason: limit.message(whole),
            });
        }
        if whole {
            return Some(Event::WorkflowCompleted {
                result: ResultSource::Answers,
            });
        }
        // Time runs on while a call does: with an answer in hand, the last quarter belongs to the synthesis.
        // Tokens don't: what is in flight has been paid for and may end.
        let hurry = matches!(limit, RunLimit::Deadline { .. }) && answers > 0;
        self.steps
            .iter()
            .filter(|step| hurry && step.is_subtask())
            .find_map(abort)
    }

    fn aborted(&self, step: &Step, limit: &RunLimit) -> Option<Event> {
        let StepState::InFlight { run, number } = step.state else {
            return None;
        };
        Some(Event::AttemptErrored {
            step: step.name.clone(),
            run,
            number,
            error: limit.error(),
            class: FailureClass::Aborted,
            reply: None,
            usage: None,
            retry_at: None,
            next_model: step.model_index,
        })
    }

    fn completion(&self) -> Option<Event> {
        let answered = self
            .step(&StepName::Synthesis)
            .is_some_and(|step| step.answer().is_some());
        answered.then_some(Event::WorkflowCompleted {
            result: ResultSource::Synthesis,
        })
    }

    /// The next call that may go out: the first ready step, in plan order, while there is a slot.
    fn next_start(&self, now: Timestamp) -> Option<Event> {
        let in_flight = self.steps.iter().filter(|step| step.is_in_flight()).count();
        if in_flight >= self.spec.options.max_concurrency.max(1) as usize {
            return None;
        }
        let step = self.steps.iter().find(|step| self.is_ready(step, now))?;
        match self.fit(step) {
            Fit::Fits { input_cut } => Some(Event::AttemptStarted {
                step: step.name.clone(),
                run: self.run,
                number: step
                    .attempts
                    .last()
                    .map_or(1, |attempt| attempt.number.saturating_add(1)),
                model: self.model_of(step).name.clone(),
                input_cut,
            }),
            Fit::Reduce(reductions) => Some(Event::ReductionPlanned { reductions }),
            Fit::Impossible(error) => Some(Event::StepErrored {
                step: step.name.clone(),
                error,
            }),
        }
    }

    fn is_ready(&self, step: &Step, now: Timestamp) -> bool {
        let due = match step.state {
            StepState::Pending => true,
            StepState::Backoff { retry_at, .. } => retry_at <= now,
            _ => false,
        };
        let resolved = |name: &StepName| self.step(name).is_some_and(Step::is_resolved);
        let reduced = || {
            self.steps
                .iter()
                .all(|step| step.reduction.is_none() || step.is_resolved())
        };
        due && step.depends_on.iter().all(resolved) && (step.name != StepName::Synthesis || reduced())
    }

    pub(in crate::engine) fn subtasks_resolved(&self) -> bool {
        self.steps
            .iter()
            .filter(|step| step.is_subtask())
            .all(Step::is_resolved)
    }

    pub(in crate::engine) fn answer_count(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| step.is_subtask() && step.answer().is_some())
            .count()
    }
}
