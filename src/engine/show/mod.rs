//! What a client sees.
//!
//! - [`view`]: the types of STATUS. [`build`]: how they are made from the state.

pub mod build;
pub mod live;
pub mod view;
