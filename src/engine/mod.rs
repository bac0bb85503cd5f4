//! See the crate map.

pub mod plan;
pub mod prompts;
