//! What a step asks its model. This room imports `words` and `state`.
//!
//! - [`request`]: the one way to a request. It fits, or something has to be condensed first, or it is too long.
//! - [`brief`]: what a step is given. [`prompts`]: how each kind of call is told.
//! - [`measure`]: what a request takes of a context. [`cut`], [`reduce`]: what becomes of texts that are too long.
//! - [`check`], [`estimate`]: what is known before anything is paid.
//! - [`answers`], [`report`]: what other steps have said, and how the run went.

pub mod answers;
pub mod brief;
pub mod check;
pub mod cut;
pub mod estimate;
pub mod measure;
pub mod prompts;
pub mod reduce;
pub mod report;
pub mod request;
