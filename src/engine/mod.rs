//! The decision core: an event-sourced state machine.
//!
//! [`Workflow::handle`] is the only way in which a workflow advances, and [`Event`]s are its only output: the journal,
//! the live stream and the audit log at once. The caller's rule: commit the events, publish them, then make one model
//! call for each `attempt_started`. No async, I/O, clock or randomness: the caller supplies `now` and `entropy`, and
//! knows nothing of HTTP, SQL or Cloudflare.
//!
//! In reading order:
//! - [`spec`], [`event`], [`step_name`], [`time`]: the words.
//! - [`plan`]: a valid plan, from a model's reply or a client's list. [`prompts`]: what each role is told.
//! - `state`, `step`: the state. `apply`: the only place where it changes, which replay uses too.
//! - `handle`, `controls`, `retry`: inputs to events.
//! - `advance`, `limits`, `fit`: what follows from the state and what fits a model.
//! - `request`: what an attempt asks its model. [`view`], `status`: what a client sees. `validate`: the invariants.
//! - [`codec`]: the stored form of events.

pub mod ask;
pub mod decide;
pub mod show;
pub mod state;
pub mod words;

pub use decide::controls::Rejection;
pub use decide::handle::{Control, Input, RestartFrom};
pub use state::replay::ReplayError;
pub use state::workflow::{AttemptId, Workflow};
pub use words::event::{Event, Recorded};
