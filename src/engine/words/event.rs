//! The journal's vocabulary: what happened to a workflow, in the past tense.
//!
//! Events are the engine's only output. They are journal, SSE stream and audit log at once. Their stored JSON is a
//! promise, because every build replays the journals of all released builds before it. A field is added with a default
//! and is never renamed. An event that an older build could misread gets a higher schema version ([`SCHEMA_VERSION`]).

use serde::{Deserialize, Serialize};

use super::answer::{AssemblyProblem, EditResult, Segment};
use super::plan::Plan;
use super::spec::{Length, Mode, OnDisconnect, Review, WorkflowSpec};
use super::step_name::StepName;
use super::time::Timestamp;
use crate::engine::words::outcome::{AttemptUsage, ErrorInfo};
use crate::model::{ErrorClass, ModelSpec, Provider};

/// The newest version of an event's stored form that this build understands.
pub const SCHEMA_VERSION: u32 = 2;

/// The stored words of all event types.
pub const EVENT_TYPES: [&str; 21] = [
    "workflow_queued",
    "workflow_started",
    "workflow_waiting",
    "workflow_waiting_for_pause",
    "workflow_paused",
    "workflow_resumed",
    "workflow_completed",
    "workflow_errored",
    "workflow_terminated",
    "workflow_restarted",
    "plan_accepted",
    "plan_approved",
    "reduction_planned",
    "answer_assembled",
    "answer_reviewed",
    "attempt_started",
    "attempt_completed",
    "attempt_errored",
    "attempt_lost",
    "step_errored",
    "step_skipped",
];

/// An event with its place in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// From 1, without gaps.
    pub seq: u64,
    pub at: Timestamp,
    pub event: Event,
}

/// Every variant has named fields, even where it has none, so that each is stored as an object ([`super::codec`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(tag = "type"))]
#[serde(rename_all = "snake_case")]
pub enum Event {
    WorkflowQueued {
        spec: Box<WorkflowSpec>,
    },
    WorkflowStarted {},
    /// For approval of the plan.
    WorkflowWaiting {},
    WorkflowWaitingForPause {
        /// Absent: a control asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<StopReason>,
    },
    WorkflowPaused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<StopReason>,
    },
    WorkflowResumed {},
    WorkflowCompleted {
        #[serde(default, skip_serializing_if = "is_synthesis")]
        result: ResultSource,
    },
    WorkflowErrored {
        error: ErrorInfo,
    },
    WorkflowTerminated {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<StopReason>,
    },
    /// Run `run` begins. `reset` are the steps that run again; every other keeps its answer.
    WorkflowRestarted {
        run: u32,
        reset: Reset,
        /// What a person wants done otherwise, and by which step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<StepRemark>,
    },
    /// A valid plan, proposed (where it waits for approval) or in force.
    PlanAccepted {
        plan: Plan,
        source: PlanSource,
        /// The subtasks of the planner that were left out, because they ask for the same as an earlier one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        merged: Vec<MergedTask>,
        /// What the rest of the run is expected to take.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate: Option<Estimate>,
    },
    /// With `plan` where it was edited.
    PlanApproved {
        #[serde(skip_serializing_if = "Option::is_none")]
        plan: Option<Plan>,
        /// What the edited plan is expected to take.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate: Option<Estimate>,
    },
    /// The answers together do not fit the big model's context: this round condenses them, one `reduce/<n>` a group.
    ReductionPlanned {
        reductions: Vec<Reduction>,
    },
    /// The editor's script is resolved: what the answer consists of, so that no later build reads the script again.
    AnswerAssembled {
        /// The version of the rules by which the script was read.
        assembler: u32,
        segments: Vec<Segment>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edits: Vec<EditResult>,
        /// What of the script could not be followed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        problems: Vec<AssemblyProblem>,
        /// The reply had no mark at all, so it is the answer as it stands. Its model is not asked for marks again.
        #[serde(default, skip_serializing_if = "is_false")]
        unmarked: bool,
    },
    /// The reviewer's reply is resolved: what the final answer consists of. A slice of `synthesis` is of the answer as
    /// it was before the review, whose attempt has number 0 where no model wrote it.
    AnswerReviewed {
        /// The version of the rules by which the reply was read.
        assembler: u32,
        segments: Vec<Segment>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edits: Vec<EditResult>,
        /// Why the reply, or a whole text in it, was not taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    AttemptStarted {
        step: StepName,
        run: u32,
        number: u32,
        model: String,
        /// The model's index in its list, where models were passed over because the step does not fit them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model_index: Option<usize>,
        /// What the step was given had to be cut to fit the model's context.
        #[serde(default, skip_serializing_if = "is_false")]
        input_cut: bool,
        /// The version of the prompts. Absent: that of 0.1.0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prompts: Option<u32>,
        /// SHA-256 of the messages as they were rendered, in hexadecimal digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_sha256: Option<String>,
    },
    AttemptCompleted {
        step: StepName,
        run: u32,
        number: u32,
        text: String,
        /// The model stopped at its limit of tokens, or the text was cut to the journal's limit.
        #[serde(default, skip_serializing_if = "is_false")]
        truncated: bool,
        /// The server's word for the end of the text, where nobody knows it. The text may be whole or not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unknown_finish: Option<String>,
        usage: AttemptUsage,
        /// The model that answered, where `attempt_started` left the choice to the server.
        #[serde(skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// The parameters of the request that the server wanted otherwise.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        adapted: Vec<String>,
    },
    AttemptErrored {
        step: StepName,
        run: u32,
        number: u32,
        error: ErrorInfo,
        class: FailureClass,
        /// The refused reply, for the attempt that repairs it.
        #[serde(skip_serializing_if = "Option::is_none")]
        reply: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        usage: Option<AttemptUsage>,
        /// When the next attempt is due; null: the step fails for good.
        retry_at: Option<Timestamp>,
        /// The index in the model list that the next attempt uses.
        #[serde(default, skip_serializing_if = "is_zero")]
        next_model: usize,
        /// What a request that was refused as too long has taught.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        context: Option<ContextLesson>,
    },
    /// The host restarted, or the invocation ended: nobody knows what became of the call.
    AttemptLost {
        step: StepName,
        run: u32,
        number: u32,
        /// When it is repeated; absent: at once.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
    },
    /// The step failed for good.
    StepErrored {
        step: StepName,
        error: ErrorInfo,
    },
    /// The step will not run: a limit of the run was reached.
    StepSkipped {
        step: StepName,
        reason: String,
    },
}

/// Why a workflow is paused or terminated although no control asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Nobody listens, and `options.on_disconnect` says so.
    NoListener,
}

/// Where the final answer came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResultSource {
    #[default]
    Synthesis,
    /// The answers one after the other, without a model: a limit was reached before the synthesis, or no model can
    /// write it.
    Answers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlanSource {
    Planner,
    Client,
}

/// What a restart runs again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    Everything,
    Steps(Vec<StepName>),
}

/// A person's remark on what a step had written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct StepRemark {
    pub step: StepName,
    pub text: String,
}

/// One `reduce/<number>` step: which texts it condenses, and where its result stands among the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Reduction {
    pub number: u32,
    pub round: u32,
    pub parts: Vec<ReductionPart>,
}

/// A piece of a step's answer: characters `from` to `to` (exclusive), since one answer alone may be too long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ReductionPart {
    pub step: StepName,
    pub from: usize,
    pub to: usize,
}

/// What a refusal has taught about the context of the model that was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ContextLesson {
    /// The context, prompt and reply together, is no larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u32>,
    /// The server counts so many tokens where a thousand are estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_per_1000: Option<u32>,
    /// The server named no size, so this step alone is asked with less.
    #[serde(default, skip_serializing_if = "is_false")]
    pub guessed: bool,
}

/// What a plan is expected to take from here on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Estimate {
    /// Model calls, without repetitions.
    pub calls: u32,
    /// Prompt and reply together.
    pub tokens: u64,
}

/// A subtask that asked for the same as an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MergedTask {
    pub id: String,
    pub title: String,
    /// The id of the earlier one, which does the work of both.
    pub into: String,
}

/// The model's error classes, and the failures that the engine finds itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    Transient,
    Permanent,
    Quota,
    /// The reply was read and refused (an invalid plan): asked again at once, with the reason.
    Invalid,
    /// Aborted by a limit of the run or by a restart: says nothing of the model.
    Aborted,
}

impl From<ErrorClass> for FailureClass {
    fn from(class: ErrorClass) -> Self {
        match class {
            // An interrupted attempt is reported as lost and never gets here; transient is the harmless reading.
            ErrorClass::Transient | ErrorClass::Interrupted => FailureClass::Transient,
            ErrorClass::Permanent => FailureClass::Permanent,
            ErrorClass::Quota => FailureClass::Quota,
        }
    }
}

impl Event {
    /// The stored word, which is also the SSE event's name.
    pub fn type_name(&self) -> &'static str {
        match self {
            Event::WorkflowQueued { .. } => "workflow_queued",
            Event::WorkflowStarted {} => "workflow_started",
            Event::WorkflowWaiting {} => "workflow_waiting",
            Event::WorkflowWaitingForPause { .. } => "workflow_waiting_for_pause",
            Event::WorkflowPaused { .. } => "workflow_paused",
            Event::WorkflowResumed {} => "workflow_resumed",
            Event::WorkflowCompleted { .. } => "workflow_completed",
            Event::WorkflowErrored { .. } => "workflow_errored",
            Event::WorkflowTerminated { .. } => "workflow_terminated",
            Event::WorkflowRestarted { .. } => "workflow_restarted",
            Event::PlanAccepted { .. } => "plan_accepted",
            Event::PlanApproved { .. } => "plan_approved",
            Event::ReductionPlanned { .. } => "reduction_planned",
            Event::AnswerAssembled { .. } => "answer_assembled",
            Event::AnswerReviewed { .. } => "answer_reviewed",
            Event::AttemptStarted { .. } => "attempt_started",
            Event::AttemptCompleted { .. } => "attempt_completed",
            Event::AttemptErrored { .. } => "attempt_errored",
            Event::AttemptLost { .. } => "attempt_lost",
            Event::StepErrored { .. } => "step_errored",
            Event::StepSkipped { .. } => "step_skipped",
        }
    }

    /// The lowest version that reads this event rightly, which is stored with it: an older build goes on with every
    /// journal that it understands.
    pub fn schema_version(&self) -> u32 {
        let step = match self {
            Event::WorkflowQueued { spec } => return version_of_spec(spec),
            Event::PlanAccepted { plan, .. } | Event::PlanApproved { plan: Some(plan), .. } => {
                return if plan.is_contract() { 2 } else { 1 };
            }
            Event::AnswerAssembled { .. } | Event::AnswerReviewed { .. } => return 2,
            Event::WorkflowRestarted { remark: Some(_), .. } => return 2,
            Event::WorkflowRestarted {
                reset: Reset::Steps(steps),
                ..
            } => {
                return if steps.iter().any(is_newer) { 2 } else { 1 };
            }
            Event::AttemptStarted { step, .. }
            | Event::AttemptCompleted { step, .. }
            | Event::AttemptErrored { step, .. }
            | Event::AttemptLost { step, .. }
            | Event::StepErrored { step, .. }
            | Event::StepSkipped { step, .. } => step,
            _ => return 1,
        };
        if is_newer(step) { 2 } else { 1 }
    }

    /// Whether the workflow has ended with this event.
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Event::WorkflowCompleted { .. } | Event::WorkflowErrored { .. } | Event::WorkflowTerminated { .. }
        )
    }
}

/// A build that knows no modes and lengths would split what is to be answered directly, and one that knows no review,
/// schema, history or listener would leave them out. It knows no servers by names of their own either.
fn version_of_spec(spec: &WorkflowSpec) -> u32 {
    let options = &spec.options;
    let is_contract = spec.tasks.as_ref().is_some_and(Plan::is_contract);
    let is_finished_otherwise = options.review != Review::None
        || options.output_schema.is_some()
        || options.on_disconnect != OnDisconnect::Continue;
    let is_named = |model: &ModelSpec| matches!(model.provider, Provider::Named(_));
    if spec.big_models.iter().chain(&spec.small_models).any(is_named) || matches!(spec.provider, Provider::Named(_)) {
        return 2;
    }
    let is_plain = options.mode != Mode::Direct && options.length == Length::Normal && !is_contract;
    if !is_plain || is_finished_otherwise || spec.parent.is_some() || !spec.history.is_empty() {
        2
    } else {
        1
    }
}

/// 0.1.0 knows no such step.
fn is_newer(step: &StepName) -> bool {
    matches!(step, StepName::Edit(_) | StepName::Review(_) | StepName::Structure)
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(index: &usize) -> bool {
    *index == 0
}

fn is_synthesis(source: &ResultSource) -> bool {
    *source == ResultSource::Synthesis
}
