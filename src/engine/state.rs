//! The state of one workflow. `apply` is the only place where it changes.
//!
//! Everything here follows from the events alone: replaying a journal gives the same state, whatever the build's
//! configuration says today.

use super::event::{PlanSource, ResultSource};
use super::plan::Plan;
use super::spec::WorkflowSpec;
use super::step::Step;
use super::step_name::StepName;
use super::time::Timestamp;
use super::view::{ErrorInfo, Status, UsageView};

/// One piece of work, from its prompt to its answer. See the module documentation of [`crate::engine`].
#[derive(Clone, Debug, PartialEq)]
pub struct Workflow {
    pub(super) spec: WorkflowSpec,
    pub(super) run: u32,
    pub(super) status: Status,
    /// Where resume leads; meaningful while pausing or paused.
    pub(super) before_pause: Status,
    /// The last event's time: `now` never goes below it.
    pub(super) last_at: Timestamp,
    pub(super) queued: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    /// Time of this run that counts for the deadline, up to `active_since`.
    pub(super) active_ms: u64,
    /// Set while the time counts: running, or waiting for the attempts in flight to pause.
    pub(super) active_since: Option<Timestamp>,
    pub(super) plan: Option<Plan>,
    pub(super) plan_source: PlanSource,
    pub(super) approved: bool,
    /// `plan`, the subtasks in plan order, the reductions, `synthesis`.
    pub(super) steps: Vec<Step>,
    pub(super) usage: UsageView,
    pub(super) error: Option<ErrorInfo>,
    /// The final answer.
    pub(super) result: Option<String>,
    pub(super) result_source: ResultSource,
    /// The limit of the run that was reached, in words.
    pub(super) limit: Option<String>,
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

impl Workflow {
    /// The state after `workflow_queued`.
    pub(super) fn queued(spec: WorkflowSpec, at: Timestamp) -> Self {
        let mut workflow = Workflow {
            spec,
            run: 1,
            status: Status::Queued,
            before_pause: Status::Queued,
            last_at: at,
            queued: at,
            started: None,
            ended: None,
            active_ms: 0,
            active_since: None,
            plan: None,
            plan_source: PlanSource::Planner,
            approved: false,
            steps: Vec::new(),
            usage: UsageView::default(),
            error: None,
            result: None,
            result_source: ResultSource::Synthesis,
            limit: None,
        };
        workflow.start_over();
        workflow
    }

    pub(super) fn step(&self, name: &StepName) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == *name)
    }
}
