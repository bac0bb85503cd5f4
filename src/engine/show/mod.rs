//! What a client sees. This room imports `words`, `answer` and `state`.
//!
//! - [`view`]: the types of STATUS. `build`, `warnings`: how they are made from the state.
//! - [`summary`]: what a list shows of it.
//! - [`live`]: what a subscriber is told. [`answer`]: what the reader's text is made of while the workflow runs.

pub mod answer;
pub(super) mod build;
pub mod live;
pub mod summary;
pub mod view;
pub(super) mod warnings;
