//! How a workflow stands and how things ended: statuses, errors, tokens.

use crate::errors::ErrorName;
use serde::{Deserialize, Serialize};

/// The statuses, in Cloudflare Workflows' words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Status {
    Queued,
    Running,
    /// For approval of the plan.
    Waiting,
    /// Attempts in flight finish, nothing new starts.
    WaitingForPause,
    Paused,
    Complete,
    Errored,
    Terminated,
}

impl Status {
    pub const ALL: [Status; 8] = [
        Status::Queued,
        Status::Running,
        Status::Waiting,
        Status::WaitingForPause,
        Status::Paused,
        Status::Complete,
        Status::Errored,
        Status::Terminated,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Status::Queued => "queued",
            Status::Running => "running",
            Status::Waiting => "waiting",
            Status::WaitingForPause => "waitingForPause",
            Status::Paused => "paused",
            Status::Complete => "complete",
            Status::Errored => "errored",
            Status::Terminated => "terminated",
        }
    }

    pub fn is_terminal(self) -> bool {
        matches!(self, Status::Complete | Status::Errored | Status::Terminated)
    }
}

/// Why a step, an attempt or a workflow failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ErrorInfo {
    /// A stable word in UpperCamelCase.
    pub name: String,
    pub message: String,
}

impl ErrorInfo {
    /// Whether it bears this name. Journals of other builds may hold names that this one does not know.
    pub fn is(&self, name: ErrorName) -> bool {
        self.name == name.as_str()
    }

    pub fn new(name: ErrorName, message: impl Into<String>) -> Self {
        ErrorInfo {
            name: name.as_str().to_owned(),
            message: message.into(),
        }
    }

    /// Whether a limit of the run aborted the call that failed with this error.
    pub fn is_of_a_limit(&self) -> bool {
        let aborts = [
            ErrorName::DeadlineReached,
            ErrorName::TokenBudgetReached,
            ErrorName::JournalFull,
        ];
        aborts.into_iter().any(|name| self.is(name))
    }

    /// Whether the server says that the request was too long.
    pub fn is_too_long(&self) -> bool {
        self.is(ErrorName::ContextTooLong) || self.is(ErrorName::RequestTooLarge)
    }
}

/// The tokens of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AttemptUsage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    /// The server reported none: reckoned from the lengths.
    pub estimated: bool,
}

/// The tokens of all attempts of all runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(rename = "UsageView")
)]
pub struct WorkflowUsage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    pub total_tokens: u64,
    pub model_calls: u64,
    /// True where any part of it is estimated.
    pub estimated: bool,
}
