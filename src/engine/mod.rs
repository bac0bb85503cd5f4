//! See the crate map.

pub mod plan;
