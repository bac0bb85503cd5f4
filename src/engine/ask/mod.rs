//! What a step asks its model.
//!
//! - [`request`]: the brief of a step and the call made of it. [`prompts`]: what each role is told.
//! - [`fit`]: what fits a model's context window.

pub mod fit;
pub mod prompts;
pub mod request;
