//! What a client sees. This room imports `words` and `state`.
//!
//! - [`view`]: the types of STATUS. `build`: how they are made from the state. [`live`]: the text of running calls.

pub(super) mod build;
pub mod live;
pub mod view;
