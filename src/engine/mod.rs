//! The decision core: an event-sourced state machine.

pub mod plan;
pub mod prompts;
pub mod spec;
pub mod step_name;
pub mod time;
pub mod view;
