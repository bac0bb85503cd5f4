//! The state of one workflow, which follows from its events alone. This room imports `words` and no other.
//!
//! - [`workflow`], [`step`]: the state. [`apply`]: the only place where it changes, which [`replay`] uses too.
//! - [`queries`]: which step, which attempt, which models. [`result`]: the text of the final answer.
//! - [`validate`]: the invariants.

pub mod apply;
pub mod queries;
pub mod replay;
pub mod result;
pub mod step;
pub mod validate;
pub mod workflow;
