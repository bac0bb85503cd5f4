//! What a client sees. This room imports `words` and `state`.
//!
//! - [`view`]: the types of STATUS. `build`, `warnings`: how they are made from the state. [`live`]: what a subscriber is told.

pub(super) mod build;
pub mod live;
pub mod view;
pub(super) mod warnings;
