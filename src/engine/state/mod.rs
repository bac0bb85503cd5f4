//! The state of one workflow, which follows from its events alone. This room imports `words` and `answer`.
//!
//! - [`workflow`], [`step`]: the state. [`apply`]: the only place where it changes, which [`replay`] uses too.
//! - [`assembly`]: how the answer comes about. [`memo`]: what is worked out once.
//! - [`context`]: the context of a model, and what its server has told.
//! - [`queries`]: which step, which attempt, which models. [`result`]: the text of the final answer.
//! - [`validate`]: the invariants.

pub mod apply;
pub mod assembly;
pub mod context;
pub mod memo;
pub mod queries;
pub mod replay;
pub mod result;
pub mod step;
pub mod validate;
pub mod workflow;
