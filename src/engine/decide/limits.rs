//! The limits of a run: `deadline_seconds` and `token_budget`. Pure arithmetic on the state.

use crate::engine::state::workflow::Workflow;
use crate::engine::words::outcome::ErrorInfo;
use crate::engine::words::time::Timestamp;

/// Of a limit, the part after which no further subtask starts: the rest belongs to the synthesis.
const STOP_NUMERATOR: u64 = 3;
const STOP_DENOMINATOR: u64 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum RunLimit {
    Deadline { seconds: u64 },
    Tokens { budget: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum LimitStage {
    Below,
    ThreeQuarters(RunLimit),
    Whole(RunLimit),
}

const DEADLINE_ERROR: &str = "DeadlineReached";
const TOKENS_ERROR: &str = "TokenBudgetReached";

impl RunLimit {
    /// What `warnings` and errors say.
    pub fn message(self, whole: bool) -> String {
        let part = if whole { "the whole" } else { "three quarters" };
        match self {
            RunLimit::Deadline { seconds } => format!("{part} of deadline_seconds ({seconds}) was used"),
            RunLimit::Tokens { budget } => format!("{part} of token_budget ({budget}) was used"),
        }
    }

    /// The error of a call that the limit aborts.
    pub fn error(self) -> ErrorInfo {
        match self {
            RunLimit::Deadline { seconds } => ErrorInfo::new(
                DEADLINE_ERROR,
                format!("the call was aborted by deadline_seconds ({seconds})"),
            ),
            RunLimit::Tokens { budget } => {
                ErrorInfo::new(TOKENS_ERROR, format!("the call was aborted by token_budget ({budget})"))
            }
        }
    }

    pub fn is_error(error: &ErrorInfo) -> bool {
        error.name == DEADLINE_ERROR || error.name == TOKENS_ERROR
    }
}

impl Workflow {
    /// Time of this run that counts: neither paused nor waiting for approval.
    fn active_ms_at(&self, now: Timestamp) -> u64 {
        let running_ms = self.active_since.map_or(0, |since| now.ms_since(since));
        self.active_ms.saturating_add(running_ms)
    }

    pub(in crate::engine) fn limit_stage(&self, now: Timestamp) -> LimitStage {
        let deadline = self.spec.options.deadline_seconds.map(|seconds| {
            let used = self.active_ms_at(now);
            (RunLimit::Deadline { seconds }, used, seconds.saturating_mul(1000))
        });
        let tokens = self
            .spec
            .options
            .token_budget
            .map(|budget| (RunLimit::Tokens { budget }, self.usage.total_tokens, budget));
        let limits = || [deadline, tokens].into_iter().flatten();
        if let Some((limit, ..)) = limits().find(|(_, used, whole)| used >= whole) {
            return LimitStage::Whole(limit);
        }
        match limits()
            .find(|(_, used, whole)| used.saturating_mul(STOP_DENOMINATOR) >= whole.saturating_mul(STOP_NUMERATOR))
        {
            Some((limit, ..)) => LimitStage::ThreeQuarters(limit),
            None => LimitStage::Below,
        }
    }

    /// When the deadline's next stage begins, while its time runs.
    pub(in crate::engine) fn deadline_wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        let since = self.active_since?;
        let whole = self.spec.options.deadline_seconds?.saturating_mul(1000);
        let stages = [whole.saturating_mul(STOP_NUMERATOR).div_ceil(STOP_DENOMINATOR), whole];
        stages
            .into_iter()
            .map(|stage| since.plus_ms(stage.saturating_sub(self.active_ms)))
            .find(|at| *at > now)
    }
}
