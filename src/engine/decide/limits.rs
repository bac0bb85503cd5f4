//! The limits of a run: when a stage of one is reached, and what follows. A client sets `deadline_seconds` and
//! `token_budget`, the deployment the bound of the journal.
//!
//! At three quarters no further subtask starts, and the synthesis runs on the answers that there are. At the whole
//! limit calls are aborted, and the run ends with its answers.

use super::advance::ended_with;
use crate::engine::state::assembly::REVIEW;
use crate::engine::state::queries::{answer_count, find_step, is_direct, subtasks, subtasks_resolved};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::codec;
use crate::engine::words::event::{Event, FailureClass, Reset, ResultSource};
use crate::engine::words::outcome::ErrorInfo;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::errors::ErrorName;

/// The part of a limit after which no further subtask starts. The rest belongs to the synthesis.
const STOP_NUMERATOR: u64 = 3;
const STOP_DENOMINATOR: u64 = 4;

/// What a further run is given at least.
const RESTART_BYTES_MIN: u64 = codec::EVENT_BYTES_MAX as u64 / 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunLimit {
    Deadline {
        seconds: u64,
    },
    Tokens {
        budget: u64,
    },
    /// `JOURNAL_BYTES_MAX`, over all runs.
    Journal {
        bytes: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LimitStage {
    Below,
    ThreeQuarters(RunLimit),
    Whole(RunLimit),
}

/// Kept free in the journal for the answer that reaches the bound, and for the events that end the run.
const JOURNAL_RESERVE_BYTES: u64 = codec::EVENT_BYTES_MAX as u64 * 3 / 2;

impl RunLimit {
    /// The words of `warnings` and errors.
    fn message(self, whole: bool) -> String {
        let part = if whole { "the whole" } else { "three quarters" };
        match self {
            RunLimit::Deadline { seconds } => format!("{part} of deadline_seconds ({seconds}) was used"),
            RunLimit::Tokens { budget } => format!("{part} of token_budget ({budget}) was used"),
            RunLimit::Journal { bytes } => format!("{part} of the journal's bound ({bytes} bytes) was used"),
        }
    }

    /// The error of a call that the limit aborts.
    fn error(self) -> ErrorInfo {
        match self {
            RunLimit::Deadline { seconds } => ErrorInfo::new(
                ErrorName::DeadlineReached,
                format!("the call was aborted by deadline_seconds ({seconds})"),
            ),
            RunLimit::Tokens { budget } => ErrorInfo::new(
                ErrorName::TokenBudgetReached,
                format!("the call was aborted by token_budget ({budget})"),
            ),
            RunLimit::Journal { bytes } => ErrorInfo::new(
                ErrorName::JournalFull,
                format!("the call was aborted because the journal has reached its bound ({bytes} bytes)"),
            ),
        }
    }
}

/// The time of this run that counts, without the time paused or waiting for approval.
fn active_ms_at(workflow: &Workflow, now: Timestamp) -> u64 {
    let running_ms = workflow.active_since.map_or(0, |since| now.ms_since(since));
    workflow.active_ms.saturating_add(running_ms)
}

/// The furthest stage that a limit has reached. If both limits have reached it, the deadline is named.
fn limit_stage(workflow: &Workflow, now: Timestamp) -> LimitStage {
    let deadline = workflow.spec.options.deadline_seconds.map(|seconds| {
        let used = active_ms_at(workflow, now);
        (RunLimit::Deadline { seconds }, used, seconds.saturating_mul(1000))
    });
    let tokens = workflow
        .spec
        .options
        .token_budget
        .map(|budget| (RunLimit::Tokens { budget }, tokens_used(workflow), budget));
    let journal = Some(journal_limit(workflow));
    let limits = || [deadline, tokens, journal].into_iter().flatten();
    if let Some((limit, ..)) = limits().find(|(_, used, whole)| used >= whole) {
        return LimitStage::Whole(limit);
    }
    match limits().find(|(_, used, whole)| is_past_stop(*used, *whole)) {
        Some((limit, ..)) => LimitStage::ThreeQuarters(limit),
        None => LimitStage::Below,
    }
}

/// The tokens that count. A review began where the budget was enough for the JSON after it, and a server that lets it
/// write more than it may is no reason to go without.
fn tokens_used(workflow: &Workflow) -> u64 {
    let review = find_step(workflow, &REVIEW).filter(|_| workflow.spec.options.output_schema.is_some());
    let spent = review
        .into_iter()
        .flat_map(|step| &step.attempts)
        .filter_map(|attempt| attempt.usage);
    let spent: u64 = spent
        .map(|usage| usage.prompt_tokens.saturating_add(usage.completion_tokens))
        .sum();
    workflow.usage.total_tokens.saturating_sub(spent)
}

/// The limit, the bytes used, and the bytes at which it is reached.
fn journal_limit(workflow: &Workflow) -> (RunLimit, u64, u64) {
    let bytes = workflow.spec.policy.journal_bytes_max;
    let whole = bytes.saturating_sub(JOURNAL_RESERVE_BYTES);
    (RunLimit::Journal { bytes }, workflow.journal_bytes, whole)
}

/// Whether the journal has room for a further run, which throws the present answer away. A new synthesis needs room
/// before the whole bound, and new subtasks need room for an answer before they would be stopped.
pub fn has_room_for(workflow: &Workflow, reset: &Reset) -> bool {
    let (_, used, whole) = journal_limit(workflow);
    let is_of_synthesis =
        |step: &StepName| !matches!(step, StepName::Plan | StepName::Subtask(_) | StepName::Reduce(_));
    let only_synthesis = matches!(reset, Reset::Steps(steps) if steps.iter().all(is_of_synthesis));
    let used = used.saturating_add(RESTART_BYTES_MIN);
    if only_synthesis {
        used < whole
    } else {
        !is_past_stop(used, whole)
    }
}

fn is_past_stop(used: u64, whole: u64) -> bool {
    used.saturating_mul(STOP_DENOMINATOR) >= whole.saturating_mul(STOP_NUMERATOR)
}

/// When the deadline's next stage begins, while its time runs.
pub fn deadline_wake_at(workflow: &Workflow, now: Timestamp) -> Option<Timestamp> {
    let since = workflow.active_since?;
    let whole = workflow.spec.options.deadline_seconds?.saturating_mul(1000);
    let stages = [whole.saturating_mul(STOP_NUMERATOR).div_ceil(STOP_DENOMINATOR), whole];
    stages
        .into_iter()
        .map(|stage| since.plus_ms(stage.saturating_sub(workflow.active_ms)))
        .find(|at| *at > now)
}

/// The limit of which three quarters are used, in words. From then on nothing starts but what the answer can't do
/// without.
pub fn past_stop(workflow: &Workflow, now: Timestamp) -> Option<String> {
    match limit_stage(workflow, now) {
        LimitStage::Below => None,
        LimitStage::ThreeQuarters(limit) => Some(limit.message(false)),
        LimitStage::Whole(limit) => Some(limit.message(true)),
    }
}

/// The next event that a limit asks for.
pub fn limit_reached(workflow: &Workflow, now: Timestamp) -> Option<Event> {
    let (limit, whole) = match limit_stage(workflow, now) {
        LimitStage::Below => return None,
        LimitStage::ThreeQuarters(limit) => (limit, false),
        LimitStage::Whole(limit) => (limit, true),
    };
    let answers = answer_count(workflow);
    let abort = |step: &Step| aborted(step, &limit);

    // At the whole limit every call is aborted first. Without any answer in hand the run then ends.
    if whole {
        if let Some(event) = workflow.steps.iter().find_map(abort) {
            return Some(event);
        }
        let has_nothing = if is_direct(workflow) {
            workflow.steps.iter().all(|step| step.parts.is_empty())
        } else {
            subtasks_resolved(workflow) && answers == 0
        };
        if workflow.plan.is_none() || has_nothing {
            return Some(Event::WorkflowErrored {
                error: ErrorInfo::new(
                    ErrorName::LimitReached,
                    ErrorName::LimitReached.with_remedy(&limit.message(true)),
                ),
            });
        }
    }

    // Then every subtask that has not started is skipped, at either stage.
    let skipped = subtasks(workflow).find(|step| match step.state {
        StepState::Pending => true,
        // Without an answer in hand, a repeated attempt is the only hope of one.
        StepState::Backoff { .. } => whole || answers > 0,
        _ => false,
    });
    if let Some(step) = skipped {
        return Some(Event::StepSkipped {
            step: step.name.clone(),
            reason: limit.message(whole),
        });
    }

    // No time or tokens are left for a synthesis, so the answers are the result.
    if whole {
        return Some(ended_with(workflow, ResultSource::Answers, || {
            ErrorInfo::new(
                ErrorName::LimitReached,
                ErrorName::LimitReached.with_remedy(&limit.message(true)),
            )
        }));
    }

    // At three quarters of the deadline the subtasks in flight are aborted, because the time that they take is the
    // synthesis's, and so is a review whose time is that of the JSON. At three quarters of the tokens they may end,
    // because they have been paid for.
    if !matches!(limit, RunLimit::Deadline { .. }) {
        return None;
    }
    let makes_json = workflow.spec.options.output_schema.is_some();
    let gives_way = |step: &&Step| (step.is_subtask() && answers > 0) || (step.name == REVIEW && makes_json);
    workflow.steps.iter().filter(gives_way).find_map(abort)
}

/// The budget, which counts all runs, where it has nothing left for one more.
pub fn used_up_budget(workflow: &Workflow) -> Option<u64> {
    let budget = workflow.spec.options.token_budget;
    budget.filter(|budget| workflow.usage.total_tokens >= *budget)
}

fn aborted(step: &Step, limit: &RunLimit) -> Option<Event> {
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
        context: None,
    })
}
