//! One step: its state, its attempts, and how an event changes them. Only `apply` calls what changes them.

use std::ops::Range;
use std::sync::Arc;

use super::context::ModelContext;
use crate::engine::answer::split_notes;
use crate::engine::words::event::{ContextLesson, FailureClass, Reduction};
use crate::engine::words::outcome::{AttemptUsage, ErrorInfo};
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::errors::ErrorName;
use crate::model::Repair;

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub name: StepName,
    pub title: String,
    pub depends_on: Vec<StepName>,
    /// What a `reduce/<n>` condenses.
    pub reduction: Option<Reduction>,
    pub state: StepState,
    pub attempts: Vec<Attempt>,
    /// Attempts that count against the retry limit.
    pub failures: u32,
    pub failures_on_model: u32,
    /// Attempts lost since the workflow last made progress.
    pub lost: u32,
    /// Index in the step's model list.
    pub model_index: usize,
    /// The refused plan that the next attempt repairs.
    pub repair: Option<Repair>,
    /// The texts of a truncated synthesis or script so far. The next attempt is its continuation.
    pub parts: Vec<String>,
    /// The step's inputs were cut to fit its model.
    pub input_cut: bool,
    /// The server's word for the end of the answer, where nobody knows it.
    pub unknown_finish: Option<String>,
    /// What a model of its list is asked to keep since it refused the step as too long without naming a size.
    pub guess: Option<(usize, ContextLesson)>,
    /// Where the answer stands in the text, in bytes, beside the notes for the editor. None: the text has no notes.
    pub without_notes: Option<Range<usize>>,
    /// When its text was put together of others, without a call of its own.
    pub assembled: Option<Timestamp>,
    /// Why it runs again. Gone with the next run.
    pub remark: Option<Remark>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// Not started, or (a truncated synthesis or script) ready for its continuation.
    Pending,
    InFlight {
        run: u32,
        number: u32,
    },
    /// A failed or lost attempt is repeated at `retry_at`.
    Backoff {
        retry_at: Timestamp,
        error: ErrorInfo,
    },
    /// No further attempt will be made. `step_errored` or `step_skipped` follows in the same turn.
    Exhausted {
        error: ErrorInfo,
        limit: bool,
    },
    Complete {
        /// Shared, because the final answer and what it is put together of may be many megabytes.
        answer: Arc<str>,
        truncated: bool,
    },
    Failed {
        error: ErrorInfo,
    },
    Skipped {
        reason: String,
    },
}

/// What a person wants done otherwise, and what the step had written before it was run again.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    pub text: String,
    /// None where the step had no answer.
    pub previous: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// The run in which it started, which its journaled events name.
    pub run: u32,
    pub number: u32,
    pub model: String,
    pub start: Timestamp,
    pub end: Option<Timestamp>,
    pub outcome: Outcome,
    pub usage: Option<AttemptUsage>,
    /// What was known of the model's context. The request is made for it, however late it is made.
    pub context: ModelContext,
    /// The version of its prompts. None: those of 0.1.0, which asked for no notes.
    pub prompts: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Running,
    Completed,
    /// Failed, lost or aborted.
    Errored(ErrorInfo),
}

impl Step {
    pub fn new(name: StepName, title: &str, depends_on: Vec<StepName>) -> Self {
        Step {
            name,
            title: title.to_owned(),
            depends_on,
            reduction: None,
            state: StepState::Pending,
            attempts: Vec::new(),
            failures: 0,
            failures_on_model: 0,
            lost: 0,
            model_index: 0,
            repair: None,
            parts: Vec::new(),
            input_cut: false,
            unknown_finish: None,
            guess: None,
            without_notes: None,
            assembled: None,
            remark: None,
        }
    }

    pub fn is_subtask(&self) -> bool {
        matches!(self.name, StepName::Subtask(_))
    }

    /// It will not change any more within this run.
    pub fn is_resolved(&self) -> bool {
        matches!(
            self.state,
            StepState::Complete { .. } | StepState::Failed { .. } | StepState::Skipped { .. }
        )
    }

    pub fn is_in_flight(&self) -> bool {
        matches!(self.state, StepState::InFlight { .. })
    }

    pub fn answer(&self) -> Option<&str> {
        match &self.state {
            StepState::Complete { answer, .. } => Some(answer),
            _ => None,
        }
    }

    /// The same without a copy.
    pub fn shared_answer(&self) -> Option<Arc<str>> {
        match &self.state {
            StepState::Complete { answer, .. } => Some(Arc::clone(answer)),
            _ => None,
        }
    }

    /// The answer without the notes for the editor.
    pub fn answer_for_readers(&self) -> Option<&str> {
        let answer = self.answer()?;
        match &self.without_notes {
            Some(range) => answer.get(range.clone()),
            None => Some(answer),
        }
    }

    /// Whether a text that stopped at its limit of tokens is continued by a further attempt.
    pub fn is_continued(&self) -> bool {
        matches!(self.name, StepName::Synthesis | StepName::Edit(_))
    }

    /// Ends the attempt in flight, which is always the last.
    pub fn end_attempt(&mut self, at: Timestamp, outcome: Outcome, usage: Option<AttemptUsage>) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.end = Some(at);
            attempt.outcome = outcome;
            attempt.usage = usage;
        }
    }

    /// The call is aborted and its reply will be ignored. The step could run again.
    pub fn abort(&mut self, at: Timestamp) {
        if self.is_in_flight() {
            self.end_attempt(
                at,
                Outcome::Errored(ErrorInfo::new(ErrorName::Aborted, "the call was aborted")),
                None,
            );
            self.state = StepState::Pending;
        }
    }

    /// As if it had never run, in the same place of the plan.
    pub fn reset(&mut self) {
        *self = Step {
            reduction: self.reduction.take(),
            ..Step::new(self.name.clone(), &self.title, std::mem::take(&mut self.depends_on))
        };
    }

    /// The attempt has brought `text`. `continuations_max` is how often a truncated text is continued.
    pub fn complete(&mut self, text: &str, truncated: bool, unknown_finish: &Option<String>, continuations_max: usize) {
        // A truncated synthesis stays open. Its text is kept as a part, and the next attempt continues it.
        if self.is_continued() && truncated && self.parts.len() < continuations_max {
            self.parts.push(text.to_owned());
            self.state = StepState::Pending;
            return;
        }
        // Anything else is the answer, after the parts that came before it. A truncated answer of another step is kept
        // and marked.
        let answer: Arc<str> = if self.parts.is_empty() {
            text.into()
        } else {
            (self.parts.concat() + text).into()
        };
        self.parts.clear();
        self.repair = None;
        self.unknown_finish.clone_from(unknown_finish);
        let asked_for_notes = self.attempts.last().is_some_and(|attempt| attempt.prompts.is_some());
        if self.is_subtask() && asked_for_notes {
            let (range, notes) = split_notes(&answer);
            self.without_notes = (!notes.is_empty()).then_some(range);
        }
        self.state = StepState::Complete { answer, truncated };
    }

    /// Its text is put together of others.
    pub fn assemble(&mut self, answer: Arc<str>, at: Timestamp) {
        self.parts.clear();
        self.assembled = Some(at);
        self.state = StepState::Complete {
            answer,
            truncated: false,
        };
    }

    /// The attempt has failed. `retry_at` and `next_model` were decided when the event was made. Without `retry_at` the
    /// step has no further attempt.
    pub fn fail(
        &mut self,
        error: &ErrorInfo,
        class: FailureClass,
        reply: Option<&String>,
        retry_at: Option<Timestamp>,
        next_model: usize,
    ) {
        // A limit of the run says nothing of the step, so an aborted attempt does not count.
        if class != FailureClass::Aborted {
            self.failures += 1;
        }
        self.failures_on_model += 1;
        self.turn_to(next_model);
        // A plan repair shows the model its own reply with the reason.
        if class == FailureClass::Invalid {
            self.repair = Some(Repair {
                reply: reply.cloned().unwrap_or_default(),
                reason: error.message.clone(),
            });
        }
        self.state = match retry_at {
            Some(retry_at) => StepState::Backoff {
                retry_at,
                error: error.clone(),
            },
            None => StepState::Exhausted {
                error: error.clone(),
                limit: class == FailureClass::Aborted,
            },
        };
    }

    /// Each model begins with a clean record.
    pub fn turn_to(&mut self, model_index: usize) {
        if model_index != self.model_index {
            self.failures_on_model = 0;
            self.model_index = model_index;
        }
    }

    /// The attempt is lost. It does not count as a failure, but `lost_max` losses without progress are a crash loop.
    pub fn lose(&mut self, at: Timestamp, retry_at: Timestamp, lost_max: u32) {
        let error = ErrorInfo::new(
            ErrorName::Lost,
            "the host restarted while the call was running; it is repeated",
        );
        self.end_attempt(at, Outcome::Errored(error.clone()), None);
        self.lost += 1;
        self.state = if self.lost < lost_max {
            StepState::Backoff { retry_at, error }
        } else {
            let message = format!(
                "{} was lost {lost_max} times in a row: the host restarts whenever it runs",
                self.name
            );
            StepState::Exhausted {
                error: ErrorInfo::new(ErrorName::CrashLoop, message),
                limit: false,
            }
        };
    }
}
