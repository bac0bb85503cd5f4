//! The fields of a workflow. Its face, for those outside of the engine, is in [`crate::engine`].
//!
//! Every field follows from the events alone, so that replaying a journal gives the same state whatever the build's
//! configuration says today. Only `apply` writes them.

use std::sync::Arc;

use super::assembly::{Assembled, ReviewedAnswer};
use super::context::ModelLesson;
use super::memo::Memo;
use super::step::Step;
use crate::engine::answer::Assembly;
use crate::engine::words::event::{Estimate, MergedTask, PlanSource, ResultSource};
use crate::engine::words::outcome::{ErrorInfo, Status, WorkflowUsage};
use crate::engine::words::plan::Plan;
use crate::engine::words::spec::WorkflowSpec;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;

/// One piece of work, from its prompt to its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Workflow {
    pub(in crate::engine) spec: WorkflowSpec,
    pub(in crate::engine) run: u32,
    pub(in crate::engine) status: Status,
    /// Where resume leads; meaningful while pausing or paused.
    pub(in crate::engine) before_pause: Status,
    /// The last event's time: `now` never goes below it.
    pub(in crate::engine) last_at: Timestamp,
    pub(in crate::engine) queued: Timestamp,
    pub(in crate::engine) started: Option<Timestamp>,
    pub(in crate::engine) ended: Option<Timestamp>,
    /// Time of this run that counts for the deadline, up to `active_since`.
    pub(in crate::engine) active_ms: u64,
    /// Set while the time counts: running, or waiting for the attempts in flight to pause.
    pub(in crate::engine) active_since: Option<Timestamp>,
    pub(in crate::engine) plan: Option<Plan>,
    pub(in crate::engine) plan_source: PlanSource,
    pub(in crate::engine) estimate: Option<Estimate>,
    /// What the planner asked for twice.
    pub(in crate::engine) merged: Vec<MergedTask>,
    pub(in crate::engine) approved: bool,
    /// `plan`, the subtasks in plan order, the reductions or the edits, `synthesis`.
    pub(in crate::engine) steps: Vec<Step>,
    pub(in crate::engine) usage: WorkflowUsage,
    pub(in crate::engine) error: Option<ErrorInfo>,
    /// The final answer. It is the synthesis's text itself where there is one.
    pub(in crate::engine) result: Option<Arc<str>>,
    pub(in crate::engine) result_source: ResultSource,
    /// What of the answer's assembly a reader should know.
    pub(in crate::engine) assembled: Option<Assembled>,
    /// What the review has made of the answer.
    pub(in crate::engine) reviewed: Option<ReviewedAnswer>,
    /// What the editor's script gives by itself.
    pub(in crate::engine) first_assembly: Memo<Arc<Assembly>>,
    /// The measured length of the answer.
    pub(in crate::engine) words: Memo<usize>,
    /// Of the journal, over all runs.
    pub(in crate::engine) journal_bytes: u64,
    /// Over all runs.
    pub(in crate::engine) pauses: u32,
    /// Since when it is pausing or paused because nobody listens, or when it was terminated for that.
    pub(in crate::engine) deserted: Option<Timestamp>,
    /// The limit of the run that was reached, in words.
    pub(in crate::engine) limit: Option<String>,
    /// What servers have told of their models' contexts, over all runs. At most one for each model of the lists.
    pub(in crate::engine) lessons: Vec<ModelLesson>,
}

/// Names one model call. A reply for an attempt that is no longer current is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptId {
    pub nonce: String,
    /// The run in which the attempt started: a restart elsewhere leaves it current.
    pub run: u32,
    pub step: StepName,
    pub number: u32,
}
