//! The decision core: an event-sourced state machine. No async, I/O, clock or randomness, because the caller supplies
//! `now` and `entropy`. The engine knows nothing of HTTP, SQL or Cloudflare.
//!
//! [`Workflow::handle`] is the only way in which a workflow advances, and [`Event`]s are its only output: the journal,
//! the live stream and the audit log at once. The caller commits the events, then publishes them, then makes one model
//! call for each `attempt_started`. If the commit fails, memory is ahead of the disk, so the caller drops the workflow
//! and replays its journal.
//!
//! This file is the face of the engine. Behind it are free functions over the state, in rooms. A room imports only the
//! rooms that stand before it, and `tests/layers` holds that:
//!
//! - [`words`]: what is journaled, and the plan. Imports no other room.
//! - [`answer`]: how an answer is put together: the editor's script, edits, includes, notes, lengths. Imports `words`.
//! - `state`: the fields of a workflow, `apply` (the only place where they change), replay, queries, invariants.
//! - `ask`: what a step asks its model: prompts, and what fits the model's context.
//! - `decide`: from an input and the state to events: controls, ends of attempts, retry and backoff, limits.
//! - [`show`]: what a client sees. Imports `words`, `answer` and `state`.

pub mod answer;
mod ask;
mod decide;
pub mod show;
mod state;
pub mod words;

pub use decide::input::{Control, ControlBound, Input, Rejection, RestartFrom, Verdict};
pub use state::replay::ReplayError;
pub use state::workflow::{AttemptId, Workflow};
pub use words::event::{Event, Recorded};
pub use words::too_long::TooLong;

use crate::model::ModelRequest;
use show::answer::ReaderText;
use show::summary::Summary;
use show::view::{Extent, WarningView, WorkflowView};
use state::queries;
use words::history::Conversation;
use words::outcome::{ErrorInfo, Status};
use words::spec::WorkflowSpec;
use words::step_name::StepName;
use words::time::Timestamp;

/// Whether the models of a specification can ever answer it. That is known before anything is paid for.
pub fn can_ever_answer(spec: &WorkflowSpec) -> Result<(), TooLong> {
    ask::check::can_ever_answer(spec)
}

/// First how a workflow begins and advances, then what a caller has to do for it, then how it stands.
impl Workflow {
    /// A new workflow and its first event. The next `handle` starts the plan's call.
    pub fn create(spec: WorkflowSpec, now: Timestamp) -> (Workflow, Vec<Event>) {
        decide::handle::create(spec, now)
    }

    /// Rebuilds the state from a journal, oldest event first.
    pub fn replay(log: impl IntoIterator<Item = Recorded>) -> Result<Workflow, ReplayError> {
        state::replay::replay(log)
    }

    /// Takes one input and returns the events that it led to, in order. An outdated input, such as a late reply, gives
    /// no event. `entropy` is used for jitter, and the events hold the resulting times.
    pub fn handle(&mut self, input: Input, now: Timestamp, entropy: u64) -> Result<Vec<Event>, Rejection> {
        decide::handle::handle(self, input, now, entropy)
    }

    /// The call of an attempt. None where the attempt is no longer in flight.
    pub fn model_request(&self, attempt: &AttemptId) -> Option<ModelRequest> {
        ask::request::model_request(self, attempt)
    }

    /// The calls that the journal says are running.
    pub fn in_flight(&self) -> Vec<AttemptId> {
        queries::in_flight(self)
    }

    /// Whether a reply for this attempt would still be taken.
    pub fn is_current(&self, attempt: &AttemptId) -> bool {
        queries::current_step(self, attempt).is_some()
    }

    /// Whether a call or a timer may be under way, so that the heartbeat is needed.
    pub fn is_active(&self) -> bool {
        queries::is_active(self)
    }

    /// The next instant after `now` at which time alone changes something: a retry, a stage of the deadline, the purge.
    pub fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        decide::wake::wake_at(self, now)
    }

    /// When it is paused or terminated if nobody listens. `heard`: until when somebody has.
    pub fn deserted_at(&self, heard: Timestamp) -> Option<Timestamp> {
        decide::listeners::deserted_at(self, heard)
    }

    /// Whether it is paused until somebody listens.
    pub fn is_deserted(&self) -> bool {
        decide::listeners::is_deserted(self)
    }

    /// When the data is purged: some time after the end.
    pub fn purge_at(&self) -> Option<Timestamp> {
        queries::purge_at(self)
    }

    /// What a workflow that follows this one up is given. None before there is an answer.
    pub fn conversation(&self) -> Option<Conversation> {
        queries::conversation(self)
    }

    /// The body of STATUS. A workflow whose journal is larger than its bound, as an older build could leave it, is
    /// shown without the texts of its subtasks, and a warning says so.
    pub fn view(&self, extent: Extent) -> WorkflowView<'_> {
        show::build::view(self, extent)
    }

    /// What a list shows of it.
    pub fn summary(&self) -> Summary<'_> {
        show::summary::summary(self)
    }

    /// What the reader's text is made of at this moment. None where the workflow has ended without an answer.
    pub fn reader_text(&self) -> Option<ReaderText> {
        show::answer::reader_text(self)
    }

    /// What the answer lacks, step by step.
    pub fn warnings(&self) -> Vec<WarningView> {
        show::warnings::warnings(self)
    }

    /// Whether a restart without a body is still possible.
    pub fn can_restart(&self) -> bool {
        decide::controls::can_restart(self)
    }

    /// The controls that a client may use now, without those whose goal already holds and those at their bound.
    pub fn allowed_controls(&self) -> Vec<&'static str> {
        decide::controls::allowed_controls(self)
    }

    pub fn id(&self) -> &str {
        &self.spec.id
    }

    pub fn spec(&self) -> &WorkflowSpec {
        &self.spec
    }

    pub fn run(&self) -> u32 {
        self.run
    }

    pub fn status(&self) -> Status {
        self.status
    }

    /// The final answer, once there is one.
    pub fn result(&self) -> Option<&str> {
        self.result.as_deref()
    }

    /// The answer as JSON, once there is JSON that fits the schema.
    pub fn structured(&self) -> Option<&str> {
        queries::find_step(self, &StepName::Structure)?.answer()
    }

    pub fn error(&self) -> Option<&ErrorInfo> {
        self.error.as_ref()
    }

    /// The time of the last event.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }

    /// The model that an attempt of the present run calls. Empty where there is no such attempt.
    pub fn model_of_attempt(&self, step: &StepName, number: u32) -> &str {
        queries::find_attempt(self, step, number).map_or("", |attempt| attempt.model.as_str())
    }

    /// Milliseconds from the attempt's start to its end.
    pub fn duration_of_attempt(&self, step: &StepName, number: u32) -> Option<u64> {
        let attempt = queries::find_attempt(self, step, number)?;
        Some(attempt.end?.ms_since(attempt.start))
    }

    /// Says which invariant is broken. A broken one is a bug of the engine, whatever the input was.
    pub fn validate(&self) -> Result<(), String> {
        state::validate::validate(self)
    }
}
