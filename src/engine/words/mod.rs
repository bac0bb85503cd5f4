//! The words: what is journaled. This room imports no other.
//!
//! - [`time`], [`step_name`], [`outcome`]: instants, names of steps, statuses, errors and tokens.
//! - [`too_long`]: why no model can be asked.
//! - [`plan`]: a valid plan, from a model's reply or a client's list.
//! - [`spec`]: everything that a run depends on. [`event`]: what happened to a workflow.
//! - [`answer`]: how an answer was put together from parts. [`history`]: what was said before.
//! - [`json_text`]: JSON within a model's reply.
//! - [`codec`]: the stored form of events.

pub mod answer;
pub mod codec;
pub mod event;
pub mod history;
pub mod json_text;
pub mod outcome;
pub mod plan;
pub mod spec;
pub mod step_name;
pub mod time;
pub mod too_long;
