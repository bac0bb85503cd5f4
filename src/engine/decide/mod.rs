//! The decisions: from an input and the state to events. This room imports `words`, `answer`, `state` and
//! `ask`.
//!
//! - [`input`]: what a workflow is told. [`handle`]: the one way in.
//! - [`controls`], [`attempt_end`]: what an input leads to. [`retry`]: whether, when and where an attempt is repeated.
//! - [`context_refusal`]: what a request that is too long for its model leads to.
//! - [`planning`]: how a plan comes into force. [`assembly`]: when the answer is put together.
//! - [`listeners`]: what becomes of a workflow that nobody listens to.
//! - [`advance`], [`limits`]: what follows from the state. [`wake`]: when time alone changes something.

pub mod advance;
pub mod assembly;
pub mod attempt_end;
pub mod context_refusal;
pub mod controls;
pub mod handle;
pub mod input;
pub mod limits;
pub mod listeners;
pub mod planning;
pub mod retry;
mod review;
pub mod wake;
