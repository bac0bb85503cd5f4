//! The decisions: from an input and the state to events.
//!
//! - [`handle`]: the one way in. [`controls`], [`retry`]: what an input leads to.
//! - [`advance`], [`limits`]: what follows from the state.

pub mod advance;
pub mod controls;
pub mod handle;
pub mod limits;
pub mod retry;
