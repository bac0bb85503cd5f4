//! The body of `GET /:id`, a superset of Cloudflare Workflows' `InstanceStatus`. It borrows from the state, so that
//! polling copies nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::words::event::{Estimate, StopReason};
use crate::engine::words::outcome::{AttemptUsage, ErrorInfo, Status, WorkflowUsage};
use crate::engine::words::plan::{Border, Form, Plan, PlanMode, Task, TaskModel};
use crate::engine::words::spec::{Exchange, Mode};
#[cfg(not(target_arch = "wasm32"))]
use crate::engine::words::step_name::StepName;
#[cfg(not(target_arch = "wasm32"))]
use crate::engine::words::time::Iso8601;
use crate::engine::words::time::{Timestamp, iso8601, iso8601_option};

/// Which parts of a workflow a view shows. They are what makes a status long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub prompt: bool,
    pub history: bool,
    pub plan: bool,
    pub steps: bool,
    /// The texts of the steps.
    pub step_outputs: bool,
    /// `output.workerResponses`.
    pub worker_responses: bool,
    pub step_count: bool,
}

impl Extent {
    pub const FULL: Extent = Extent {
        prompt: true,
        history: true,
        plan: true,
        steps: true,
        step_outputs: true,
        worker_responses: true,
        step_count: false,
    };
    /// `?simple=true`.
    pub const SIMPLE: Extent = Extent {
        prompt: false,
        history: false,
        plan: false,
        steps: false,
        step_outputs: false,
        worker_responses: false,
        step_count: true,
    };

    /// Without any text but the final answer.
    pub fn without_texts(self) -> Extent {
        Extent {
            step_outputs: false,
            worker_responses: false,
            step_count: self.step_count || !self.steps,
            ..self
        }
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WorkflowView<'a> {
    pub status: Status,
    /// Why it is pausing, paused or terminated. Null where a control asked for it.
    pub stop_reason: Option<StopReason>,
    pub error: Option<&'a ErrorInfo>,
    /// Null until `complete`. Where `output_schema` was asked for and no JSON fits it, an errored workflow has its
    /// answer here all the same.
    pub output: Option<OutputView<'a>>,
    pub run: u32,
    pub provider: crate::model::Provider,
    /// Left out of the simple form, as are `plan`, `steps` and `output.workerResponses`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<&'a str>,
    /// The workflow that this one follows up, as it was then.
    pub parent: Option<ParentView<'a>>,
    /// The earlier requests and answers, oldest first. Left out of the simple form.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Vec<Exchange>"))]
    pub history: Option<&'a [Exchange]>,
    pub mode: ModeView<'a>,
    /// Null until there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<PlanView>"))]
    pub plan: Option<Option<PlanView<'a>>>,
    /// Null until `complete`.
    pub answer: Option<AnswerView>,
    pub metadata: &'a BTreeMap<String, String>,
    #[serde(serialize_with = "iso8601")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Iso8601"))]
    pub queued: Timestamp,
    #[serde(serialize_with = "iso8601_option")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<Iso8601>"))]
    pub start: Option<Timestamp>,
    #[serde(serialize_with = "iso8601_option")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<Iso8601>"))]
    pub end: Option<Timestamp>,
    /// When all of it is deleted. Null until it has ended.
    #[serde(serialize_with = "iso8601_option")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<Iso8601>"))]
    pub purge: Option<Timestamp>,
    pub warnings: Vec<WarningView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<StepView<'a>>>,
    /// Only in the simple form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_count: Option<usize>,
    pub usage: WorkflowUsage,
}

/// A workflow that is followed up.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ParentView<'a> {
    pub id: &'a str,
    /// The run whose answer was taken.
    pub run: u32,
    /// So many of the earliest exchanges are left out of `history`, because it would be too long.
    pub left_out: u32,
}

/// How the request is answered.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ModeView<'a> {
    pub asked: Mode,
    /// Null until there is a plan.
    pub chosen: Option<PlanMode>,
    /// Why, where anybody has said so.
    pub reason: Option<&'a str>,
}

/// The plan in force, or the one that waits for approval.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PlanView<'a> {
    pub analysis: &'a str,
    pub mode: PlanMode,
    pub form: Form,
    /// Words of the whole answer.
    pub length: Option<u32>,
    pub shared: &'a str,
    pub borders: Vec<BorderView<'a>>,
    pub criteria: &'a [String],
    /// None where the request is answered directly.
    pub tasks: Vec<TaskView<'a>>,
    pub estimate: Option<Estimate>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct BorderView<'a> {
    pub what: &'a str,
    /// The id of a subtask, or `editor`.
    pub owner: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TaskView<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub instructions: &'a str,
    pub depends_on: &'a [String],
    /// Numbers, from 1, of the plan's criteria.
    pub criteria: &'a [u32],
    pub words: Option<u32>,
    pub model: TaskModel,
}

/// How long the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AnswerView {
    /// Words of prose: code and tables don't count.
    pub words: usize,
    /// What the request allows, or else what the plan says.
    pub limit: Option<u32>,
    /// A review has changed the text. The step `synthesis` has it as it was before.
    pub reviewed: bool,
}

/// The three fields of the original demo.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutputView<'a> {
    pub orchestrator_tasks: Vec<&'a str>,
    /// In the order of `orchestratorTasks`, without notes for the editor and before its edits; null where a subtask
    /// failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker_responses: Option<Vec<Option<&'a str>>>,
    pub final_result: &'a str,
    /// Where `output_schema` was asked for: the JSON that fits it. Null where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structured: Option<Option<serde_json::Value>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WarningView {
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "StepName"))]
    pub step: String,
    pub reason: WarningReason,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WarningReason {
    Failed,
    Truncated,
    Skipped,
    Limit,
    /// The server ended the text with a word that nobody knows: it may be incomplete.
    UnknownFinish,
    /// The planner asked for the same twice.
    Merged,
    /// A correction of the editor could not be made.
    EditFailed,
    /// The editor's script could not be followed everywhere.
    Assembly,
    /// The answer is longer than the request allows.
    Length,
    /// What the reviewer wrote could not be taken.
    Review,
    /// The request is answered in another way than it asked for.
    Mode,
    /// More tokens are expected, or were used, than `token_budget` has.
    Budget,
}

impl<'a> PlanView<'a> {
    pub fn of(plan: &'a Plan, estimate: Option<Estimate>) -> PlanView<'a> {
        let border = |border: &'a Border| BorderView {
            what: &border.what,
            owner: border.owner.as_deref(),
        };
        let task = |task: &'a Task| TaskView {
            id: &task.id,
            title: &task.title,
            instructions: &task.instructions,
            depends_on: &task.depends_on,
            criteria: &task.criteria,
            words: task.words,
            model: task.model,
        };
        PlanView {
            analysis: plan.analysis(),
            mode: plan.mode(),
            form: plan.form(),
            length: plan.length(),
            shared: plan.shared(),
            borders: plan.borders().iter().map(border).collect(),
            criteria: plan.criteria(),
            tasks: plan.tasks().iter().map(task).collect(),
            estimate,
        }
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct StepView<'a> {
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "StepName"))]
    pub name: String,
    /// Always `step`, as in Cloudflare Workflows.
    #[serde(rename = "type")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(extend("const" = "step")))]
    pub kind: &'static str,
    pub title: &'a str,
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Vec<StepName>"))]
    pub depends_on: Vec<String>,
    pub state: StepStateView,
    #[serde(serialize_with = "iso8601_option")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<Iso8601>"))]
    pub start: Option<Timestamp>,
    #[serde(serialize_with = "iso8601_option")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<Iso8601>"))]
    pub end: Option<Timestamp>,
    /// Null until the step has ended.
    pub success: Option<bool>,
    /// Null until there is one. Left out where `?fields=` does not name `steps.output`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<String>"))]
    pub output: Option<Option<&'a str>>,
    pub error: Option<&'a ErrorInfo>,
    /// When a failed attempt is repeated, while the step waits for it.
    #[serde(serialize_with = "iso8601_option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<Iso8601>"))]
    pub retry_at: Option<Timestamp>,
    pub attempts: Vec<AttemptView<'a>>,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum StepStateView {
    Pending,
    Running,
    /// A failed or lost attempt waits to be repeated.
    Retrying,
    Complete,
    Errored,
    Skipped,
}

#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AttemptView<'a> {
    #[serde(serialize_with = "iso8601")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Iso8601"))]
    pub start: Timestamp,
    #[serde(serialize_with = "iso8601_option")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<Iso8601>"))]
    pub end: Option<Timestamp>,
    /// Null while it runs.
    pub success: Option<bool>,
    pub error: Option<&'a ErrorInfo>,
    pub model: &'a str,
    pub usage: Option<AttemptUsage>,
}
