//! Breaks a complex prompt into subtasks with a big model, runs them concurrently on a small one and synthesises
//! one answer. Every step is journaled in the workflow's own Durable Object, so that a crash, an eviction or a
//! deploy loses nothing that was finished.
//!
//! ```text
//! POST /   -> cloudflare::entry (auth, limits, parse) -> cloudflare::object -> runner: Workflow::create -> journal
//!             and alarm -> 202, then the plan's call in the background
//! attempt ends, timer, alarm, control -> runner::submit -> engine::Workflow::handle -> journal -> runner::drive ->
//!             model
//! GET /:id -> entry -> object -> engine::Workflow::view
//! ```
//!
//! In reading order. Each imports only modules above it, and `tests/layers/rules.rs` says which; a test holds that.
//!
//! - [`json`], `text`: small helpers that everybody may import.
//! - [`errors`]: the table of what can go wrong, with what to do about it.
//! - [`model`]: the port of language models: its request, reply and error types, tokens, names and facts about models.
//! - [`engine`]: the decisions. An event-sourced state machine without async, I/O, clock or randomness. Of `model` it
//!   imports only data.
//! - [`notify`]: what a workflow tells the index of its tenant. [`tenant`]: that index. Pure.
//! - [`journal`], [`clock`], [`alarm`]: the ports of storage, of time and of waking up.
//! - [`providers`]: the services that answer: wire formats, the exchange over the `Transport` port, the demo. Imports
//!   `model` and `clock`.
//! - [`runner`]: the async code of the core: engine, model and ports put together.
//! - [`api`]: the vocabulary of HTTP: configuration, routes, request parsing, problem+json, views. Pure. Imports
//!   `engine` and `model`.
//! - `cloudflare`: the only code that imports `worker` or `wasm-bindgen`. Compiled for wasm32 only. Nobody imports it.

pub mod alarm;
pub mod api;
pub mod clock;
#[cfg(target_arch = "wasm32")]
mod cloudflare;
pub mod engine;
pub mod errors;
pub mod journal;
pub mod json;
pub mod model;
pub mod notify;
pub mod providers;
pub mod runner;
pub mod tenant;
mod text;
