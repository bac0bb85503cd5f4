//! What a step asks its model. This room imports `words` and `state`.
//!
//! - [`request`]: the call of an attempt. [`prompts`]: what each role is told.
//! - [`answers`], [`report`]: what other steps have said, and how the run went.
//! - [`fit`], [`room`], [`cut`], [`reduce`]: what fits a model's context, how the rest is cut or condensed.

pub mod answers;
pub mod cut;
pub mod fit;
pub mod prompts;
pub mod reduce;
pub mod report;
pub mod request;
pub mod room;
