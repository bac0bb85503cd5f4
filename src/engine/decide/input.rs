//! What a workflow is told, and how it refuses. These are the arguments of `handle`.

use crate::engine::state::workflow::AttemptId;
use crate::engine::words::outcome::Status;
use crate::engine::words::plan::{PlanEdit, PlanError};
use crate::engine::words::spec::{PAUSES_MAX, RESTARTS_MAX};
use crate::engine::words::step_name::StepName;
use crate::engine::words::too_long::TooLong;
use crate::model::{ModelError, ModelReply};

/// What happened to a workflow, or what is asked of it.
#[derive(Clone, Debug)]
pub enum Input {
    /// Retries may have become due, or a limit reached.
    TimePassed,
    /// The host restarted (or an invocation ended), so these calls are gone. Does not use up the retry limit; a
    /// separate ceiling stops a crash loop.
    AttemptsLost(Vec<AttemptId>),
    AttemptFinished {
        attempt: AttemptId,
        outcome: Result<ModelReply, ModelError>,
    },
    /// The same for a reply to `structure`, once a validator has read it.
    StructureFinished {
        attempt: AttemptId,
        reply: ModelReply,
        verdict: Verdict,
    },
    Control(Control),
    /// Nobody has listened for [`Policy::disconnect_ms`](crate::engine::words::spec::Policy).
    NobodyListens,
    /// Somebody listens again.
    SomebodyListens,
}

/// What a validator says of a reply that should be JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The JSON, as the model wrote it.
    Fits(String),
    /// In words that a model can act on.
    Faults(String),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    Pause,
    Resume,
    Terminate,
    Restart(RestartFrom),
    /// The same from one step, which is told what a person wants done otherwise.
    RestartWithRemark {
        step: StepName,
        remark: String,
    },
    /// With the changes to the plan, if it was edited.
    Approve(Option<PlanEdit>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestartFrom {
    Everything,
    /// That step, its transitive dependents and the synthesis.
    Step(StepName),
    /// The failed and skipped steps, what depends on them, and the synthesis.
    Failed,
}

/// A control that is not possible. The fault is the caller's, and nothing has changed.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// `allowed` are the controls that the status allows.
    #[error("not possible while the workflow is {}", status.as_str())]
    Conflict { status: Status, allowed: Vec<&'static str> },
    /// `steps` are the names of the steps that there are.
    #[error("there is no step {step}")]
    UnknownStep { step: StepName, steps: Vec<String> },
    /// The edited plan is none.
    #[error(transparent)]
    InvalidPlan(#[from] PlanError),
    /// A subtask of the edited plan fits no model.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// `allowed` are the controls that are left.
    #[error("{bound}")]
    AtBound {
        bound: ControlBound,
        status: Status,
        allowed: Vec<&'static str>,
    },
}

/// A bound that a control would pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlBound {
    #[error("a workflow can be restarted {RESTARTS_MAX} times, and this one was")]
    Restarts,
    #[error("a workflow can be paused {PAUSES_MAX} times, and this one was")]
    Pauses,
    #[error("the journal has no room for another run: it may have {bytes_max} bytes")]
    Journal { bytes_max: u64 },
    #[error("token_budget ({budget}) counts all runs and is used up: submit a new workflow with a larger one")]
    Tokens { budget: u64 },
}
