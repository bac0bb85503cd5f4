//! Everything that a workflow is made from. `workflow_queued` journals it whole, so that replay reads no configuration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::model::{ModelSpec, Provider};

/// The most restarts of one workflow: a script in a loop must not grow the journal without end.
pub const RESTARTS_MAX: u32 = 20;
/// The most pauses of one workflow, for the same reason.
pub const PAUSES_MAX: u32 = 1_000;
/// The default bound of a journal. A workflow of this size is loaded, shown, streamed and restarted within the memory
/// that an isolate has for all its objects.
pub const JOURNAL_BYTES_MAX: u64 = 24 * 1024 * 1024;
/// The largest bound that may be configured, and the largest journal whose texts are shown at once.
pub const JOURNAL_BYTES_SHOWN_MAX: u64 = 32 * 1024 * 1024;

/// Everything that the run depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WorkflowSpec {
    pub id: String,
    pub tenant: String,
    /// Random, made at creation: after DELETE and re-creation under the same id no reply of the old life lands.
    pub nonce: String,
    pub prompt: String,
    /// The client's own plan: no planner is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Plan>,
    /// Texts under names of the client's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The workflow that this one follows up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// The earlier requests and answers, oldest first: a copy that lives and dies with this workflow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Exchange>,
    /// So many of the earliest exchanges that the client brought are left out, because they would be too long. Those
    /// of a parent are counted there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    pub options: Options,
    pub policy: Policy,
    /// `MODEL_PROVIDER` at the time: what STATUS shows.
    pub provider: Provider,
    /// In order of preference, never empty.
    pub big_models: Vec<ModelSpec>,
    pub small_models: Vec<ModelSpec>,
    /// SHA-256 of the request's body, for submissions under an idempotency key. 0.1.0 knows no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The same of what the body says, whatever the order of its keys and its white space. Begins with the version of
    /// the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
}

impl WorkflowSpec {
    /// A repeated submission under the same idempotency key says the same: its bytes are the same, or its meaning is by
    /// the same rules.
    pub fn is_asked_for_again_by(&self, other: &WorkflowSpec) -> bool {
        let same = |own: &Option<String>, other: &Option<String>| own.is_some() && own == other;
        same(&self.fingerprint, &other.fingerprint) || same(&self.meaning, &other.meaning)
    }

    /// So many of the earliest exchanges of the conversation are not in `history`.
    pub fn exchanges_left_out(&self) -> u32 {
        self.parent.as_ref().map_or(self.left_out, |parent| parent.left_out)
    }
}

/// A workflow that is followed up, as it was then: a restart or a deletion of it changes nothing here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Parent {
    pub id: String,
    pub nonce: String,
    pub run: u32,
    /// So many of the earliest exchanges are left out of the history, because it would be too long.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Exchange {
    pub request: String,
    pub answer: String,
    /// The answer, or the request, was shortened, because the history would be too long. The text says so where it
    /// was cut.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cut: bool,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// The client's `options`, with the defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Options {
    pub max_subtasks: u32,
    pub max_concurrency: u32,
    #[serde(default, skip_serializing_if = "Mode::is_auto")]
    pub mode: Mode,
    #[serde(default, skip_serializing_if = "Length::is_normal")]
    pub length: Length,
    #[serde(default, skip_serializing_if = "Review::is_none")]
    pub review: Review,
    /// A JSON Schema (2020-12) that the answer is to fit, as JSON, besides its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<serde_json::Value>,
    #[serde(default)]
    pub approval: Approval,
    #[serde(default)]
    pub on_subtask_failure: OnSubtaskFailure,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_budget: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<u64>,
    /// Tone, format, domain: given to all three roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    #[serde(default, skip_serializing_if = "OnDisconnect::is_continue")]
    pub on_disconnect: OnDisconnect,
}

/// What becomes of a queued or running workflow that nobody has listened to for a minute. An open event stream
/// listens, and so does a request that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OnDisconnect {
    #[default]
    Continue,
    /// It goes on once somebody listens again, and is terminated after an hour.
    Pause,
    Terminate,
}

impl OnDisconnect {
    pub const WORDS: [(&str, OnDisconnect); 3] = [
        ("continue", OnDisconnect::Continue),
        ("pause", OnDisconnect::Pause),
        ("terminate", OnDisconnect::Terminate),
    ];

    fn is_continue(&self) -> bool {
        *self == OnDisconnect::Continue
    }
}

/// Whether a reviewer reads the answer before it is final.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Review {
    #[default]
    None,
    /// One call more, of the big model.
    Once,
}

impl Review {
    fn is_none(&self) -> bool {
        *self == Review::None
    }
}

/// How a request is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The planner chooses.
    #[default]
    Auto,
    /// One call of the big model, from the request alone.
    Direct,
    /// Subtasks, put together.
    Split,
}

impl Mode {
    fn is_auto(&self) -> bool {
        *self == Mode::Auto
    }
}

/// How long the answer is. Words of prose: code and tables don't count. A limit in the request itself wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// At most 400.
    Brief,
    /// About what one call would write, at most 1,500 unless the request asks for more.
    #[default]
    Normal,
    /// As long as the request deserves.
    Full,
    MaxWords(
        #[cfg_attr(
            not(target_arch = "wasm32"),
            schemars(range(min = MAX_WORDS_MIN, max = MAX_WORDS_MAX))
        )]
        u32,
    ),
}

/// What `max_words` may be.
pub const MAX_WORDS_MIN: u32 = 50;
pub const MAX_WORDS_MAX: u32 = 20_000;
/// [`Length::Brief`] and [`Length::Normal`] say these.
pub const BRIEF_WORDS: u32 = 400;
pub const NORMAL_WORDS: u32 = 1_500;

impl Length {
    fn is_normal(&self) -> bool {
        *self == Length::Normal
    }

    /// The limit that the client named, which only a limit in the request itself wins over.
    pub fn firm_words(self) -> Option<u32> {
        match self {
            Length::Brief | Length::MaxWords(_) => self.words(),
            Length::Normal | Length::Full => None,
        }
    }

    /// The limit in words, where there is one.
    pub fn words(self) -> Option<u32> {
        match self {
            Length::Brief => Some(BRIEF_WORDS),
            Length::Normal => Some(NORMAL_WORDS),
            Length::Full => None,
            Length::MaxWords(words) => Some(words),
        }
    }
}

/// Whether a person approves each plan before it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Approval {
    #[default]
    None,
    Plan,
}

/// What the final failure of one subtask means for the workflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OnSubtaskFailure {
    /// Dependents run with the gap named, and the synthesis says so.
    #[default]
    Continue,
    /// The workflow ends in `errored`.
    Fail,
}

/// The deployment's rules: retries, time limits, token limits, retention. The client may ask for another retention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Policy {
    /// Failed attempts of a step over all models, after which it fails for good.
    pub attempts_max: u32,
    /// Failures on one model after which the next of the list takes over.
    pub failures_per_model: u32,
    pub backoff_base_ms: u64,
    pub backoff_max_ms: u64,
    /// Lost attempts of a step without progress of the workflow, after which it is a crash loop.
    pub lost_max: u32,
    /// How often a truncated synthesis is continued.
    pub continuations_max: u32,
    pub first_token_timeout_ms: u64,
    pub idle_timeout_ms: u64,
    pub attempt_timeout_ms: u64,
    pub plan_max_tokens: u32,
    pub subtask_max_tokens: u32,
    pub synthesis_max_tokens: u32,
    /// How long the data is kept after the end.
    pub retention_ms: u64,
    /// The most bytes of the journal, over all runs.
    #[serde(default = "journal_bytes_max")]
    pub journal_bytes_max: u64,
    /// The time limits of calls to Ollama, where one of the models is there: first token, silence and attempt, in
    /// milliseconds. None: those of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ollama_timeouts_ms: Option<[u64; 3]>,
    /// How long nobody may listen before [`Options::on_disconnect`] holds.
    #[serde(default = "disconnect_ms", skip_serializing_if = "is_disconnect_ms")]
    pub disconnect_ms: u64,
}

const DISCONNECT_MS: u64 = 60_000;

fn disconnect_ms() -> u64 {
    DISCONNECT_MS
}

fn is_disconnect_ms(ms: &u64) -> bool {
    *ms == DISCONNECT_MS
}

/// A workflow of a build that knew no bound runs to its end as it was.
fn journal_bytes_max() -> u64 {
    u64::MAX
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            attempts_max: 5,
            failures_per_model: 3,
            backoff_base_ms: 1_000,
            backoff_max_ms: 60_000,
            lost_max: 10,
            continuations_max: 3,
            first_token_timeout_ms: 120_000,
            idle_timeout_ms: 60_000,
            attempt_timeout_ms: 900_000,
            plan_max_tokens: 4_096,
            subtask_max_tokens: 4_096,
            synthesis_max_tokens: 8_192,
            retention_ms: 30 * 86_400_000,
            journal_bytes_max: JOURNAL_BYTES_MAX,
            ollama_timeouts_ms: None,
            disconnect_ms: DISCONNECT_MS,
        }
    }
}
