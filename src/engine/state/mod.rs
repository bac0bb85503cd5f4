//! The state of one workflow, which follows from its events alone.
//!
//! - [`workflow`], [`step`]: the state. [`apply`]: the only place where it changes, which [`replay`] uses too.
//! - [`queries`]: what is in flight, what is due when. [`validate`]: the invariants.

pub mod apply;
pub mod queries;
pub mod replay;
pub mod step;
pub mod validate;
pub mod workflow;
