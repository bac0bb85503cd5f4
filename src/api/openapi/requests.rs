//! The bodies that are read by hand (`submission`, `control`), as types for their schemas. Tests hold them to the
//! parsers: the same fields, the same limits, and the examples are read by both.

#![allow(dead_code, reason = "only their schemas are of use")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::schemas::{NewWorkflowId, SAYS_SOMETHING, WITHOUT_NUL};
use crate::api::control::REMARK_BYTES_MAX;
use crate::api::id::WorkflowId;
use crate::api::submission::options::{
    DEADLINE_SECONDS_MAX, INSTRUCTIONS_BYTES_MAX, MAX_SUBTASKS_DEFAULT, RETENTION_SECONDS, TOKEN_BUDGET_MAX,
};
use crate::api::submission::{
    HISTORY_TURNS_MAX, METADATA_KEY_CHARS_MAX, METADATA_PAIRS_MAX, METADATA_VALUE_CHARS_MAX, PROMPT_BYTES_MAX,
};
use crate::engine::words::plan::{
    BORDER_CHARS_MAX, BORDERS_MAX, CRITERIA_MAX, CRITERION_CHARS_MAX, Form, LENGTH_WORDS_MAX, SHARED_CHARS_MAX,
    SUBTASKS_MAX, TaskDraft, WORDS_MIN,
};
use crate::engine::words::spec::{Approval, Length, Mode, OnDisconnect, OnSubtaskFailure, Review};
use crate::engine::words::step_name::StepName;

/// What to work on, and how. A field that is null counts as absent; an unknown one is refused.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Submission {
    /// The request, at most 128 KiB in UTF-8.
    #[schemars(length(max = PROMPT_BYTES_MAX), regex(pattern = SAYS_SOMETHING))]
    prompt: String,
    /// The workflow's id. Without one the server makes a UUID. Not together with the header Idempotency-Key.
    id: Option<NewWorkflowId>,
    /// The id of a workflow that is complete, whose request and answer this one goes on with. What was said before is
    /// copied, at most 256 KiB of it, so that whatever becomes of that workflow changes nothing here.
    follow_up_to: Option<WorkflowId>,
    /// The earlier turns of a conversation that the client brings itself, oldest first. At most 256 KiB of them are
    /// kept, the newest, and a warning says what is left out. Not together with `follow_up_to`.
    #[schemars(length(max = HISTORY_TURNS_MAX))]
    history: Option<Vec<Turn>>,
    /// The client's own plan: no planner is called.
    #[schemars(length(min = 1, max = SUBTASKS_MAX))]
    tasks: Option<Vec<TaskDraft>>,
    /// Everything on which the parts must agree, given to every call. `shared`, `borders`, `criteria` and `form` are
    /// only for `tasks` of one's own.
    #[schemars(length(max = SHARED_CHARS_MAX), regex(pattern = WITHOUT_NUL))]
    shared: Option<String>,
    /// What two parts touch, and who decides on it.
    #[schemars(length(max = BORDERS_MAX))]
    borders: Option<Vec<OwnBorder>>,
    /// What an expert will check in the answer. Those that no task names belong to the editor.
    #[schemars(length(max = CRITERIA_MAX))]
    criteria: Option<Vec<OwnCriterion>>,
    form: Option<Form>,
    /// Pairs of strings that STATUS repeats.
    #[serde(default)]
    #[schemars(schema_with = "metadata")]
    metadata: Option<BTreeMap<String, String>>,
    options: Option<Options>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Turn {
    #[schemars(regex(pattern = WITHOUT_NUL))]
    request: String,
    #[schemars(regex(pattern = WITHOUT_NUL))]
    answer: String,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SubmissionOptions")]
pub(super) struct Options {
    mode: Option<Mode>,
    length: Option<Length>,
    /// The most subtasks that the planner may plan.
    #[schemars(range(min = 1, max = SUBTASKS_MAX), extend("default" = MAX_SUBTASKS_DEFAULT))]
    max_subtasks: Option<u32>,
    /// The most model calls at a time; at most the deployment's `MAX_CONCURRENT_CALLS`, which is also the default.
    #[schemars(range(min = 1))]
    max_concurrency: Option<u32>,
    /// `once`: one call more of the big model reads the whole answer and corrects it. It is left out near a limit of
    /// the run, and where it fails the answer stands.
    review: Option<Review>,
    /// A JSON Schema (2020-12) of at most 64 KiB. The answer is written as text first, then one call more turns it into
    /// JSON that fits, which is validated: `output.structured`. What is not honoured of a schema is refused: references
    /// to other documents, unknown keywords, numbers beyond 9,007,199,254,740,991, and patterns with lookaround or
    /// references back.
    #[schemars(extend("type" = ["object", "boolean", "null"]))]
    output_schema: Option<serde_json::Value>,
    approval: Option<Approval>,
    on_subtask_failure: Option<OnSubtaskFailure>,
    /// Tokens of all runs together. When three quarters are used no further subtask starts. The default is the
    /// deployment's `WORKFLOW_TOKEN_BUDGET`.
    #[schemars(range(min = 1, max = TOKEN_BUDGET_MAX))]
    token_budget: Option<u64>,
    /// Seconds of one run, except those paused or waiting for approval. At three quarters no further subtask starts.
    #[schemars(range(min = 1, max = DEADLINE_SECONDS_MAX))]
    deadline_seconds: Option<u64>,
    /// Seconds after its end, a minute to a year, at which the workflow is deleted. The default is the deployment's
    /// `RETENTION_DAYS`.
    #[schemars(range(min = *RETENTION_SECONDS.start(), max = *RETENTION_SECONDS.end()))]
    retention_seconds: Option<u64>,
    on_disconnect: Option<OnDisconnect>,
    /// Tone, format, domain: given to all three roles. At most 32 KiB in UTF-8.
    #[schemars(length(max = INSTRUCTIONS_BYTES_MAX), regex(pattern = WITHOUT_NUL))]
    instructions: Option<String>,
    /// One of `models.big` or `models.small` of `GET /`: the first to be tried. A small model in mode `direct` answers
    /// what needs no more.
    big_model: Option<String>,
    /// One of `models.small` of `GET /`: the first to be tried.
    small_model: Option<String>,
}

/// Where a restart begins. `{}` or no body: with the plan.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Restart {
    from: Option<From>,
    /// What that step is to do otherwise: it sees what it wrote before. Only where `from` names a step. At most 4 KiB
    /// in UTF-8.
    #[schemars(length(max = REMARK_BYTES_MAX), regex(pattern = SAYS_SOMETHING))]
    instructions: Option<String>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "RestartFrom")]
pub(super) enum From {
    /// The failed and skipped steps, what depends on them, and the synthesis.
    Failed(FailedWord),
    /// That step, its transitive dependents and the synthesis.
    Step(FromStep),
}

#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum FailedWord {
    Failed,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct FromStep {
    name: StepName,
}

/// The plan as it is (`{}` or no body), or an edited one: what is absent stays as proposed. A bare list is `tasks`.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Approve")]
pub(super) enum Approve {
    Wrapped(PlanEdit),
    Bare(#[schemars(length(min = 1, max = SUBTASKS_MAX))] Vec<TaskDraft>),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct PlanEdit {
    /// In place of all that were proposed.
    #[schemars(length(min = 1, max = SUBTASKS_MAX))]
    tasks: Option<Vec<TaskDraft>>,
    #[schemars(length(max = SHARED_CHARS_MAX), regex(pattern = WITHOUT_NUL))]
    shared: Option<String>,
    #[schemars(length(max = BORDERS_MAX))]
    borders: Option<Vec<OwnBorder>>,
    #[schemars(length(max = CRITERIA_MAX))]
    criteria: Option<Vec<OwnCriterion>>,
    form: Option<Form>,
    /// Words of the whole answer.
    #[schemars(range(min = WORDS_MIN, max = LENGTH_WORDS_MAX))]
    length: Option<u32>,
}

/// A border: what it is, or an object with its owner.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "OwnBorder")]
pub(super) enum OwnBorder {
    What(#[schemars(length(max = BORDER_CHARS_MAX), regex(pattern = SAYS_SOMETHING))] String),
    Owned(OwnedBorder),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct OwnedBorder {
    #[schemars(length(max = BORDER_CHARS_MAX), regex(pattern = SAYS_SOMETHING))]
    what: String,
    /// The id of the task that decides, or `editor`.
    owner: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
pub(super) struct OwnCriterion(#[schemars(length(max = CRITERION_CHARS_MAX), regex(pattern = SAYS_SOMETHING))] String);

fn metadata(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": ["object", "null"],
        "maxProperties": METADATA_PAIRS_MAX,
        "propertyNames": {"minLength": 1, "maxLength": METADATA_KEY_CHARS_MAX, "pattern": WITHOUT_NUL},
        "additionalProperties": {"type": "string", "maxLength": METADATA_VALUE_CHARS_MAX, "pattern": WITHOUT_NUL}
    })
}
