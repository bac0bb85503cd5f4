//! Breaks a complex prompt into subtasks with a big model, runs them concurrently on a small one and synthesises
//! one answer. Every step is journaled in the workflow's own Durable Object, so that a crash, an eviction or a
//! deploy loses nothing that was finished.
//!
//! ```text
//! POST /   -> cloudflare::entry (auth, limits, parse) -> cloudflare::object -> runner: Workflow::create
//!          -> journal + alarm -> 202
//! attempt ends, timer, alarm, control -> runner::submit -> engine::Workflow::handle -> journal
//!          -> runner::drive -> model
//! GET /:id -> entry -> object -> engine::Workflow::view
//! ```
//!
//! In reading order, and who may import whom (each may import only modules above it; nobody imports `cloudflare`):
//!
//! - [`json`]: writing JSON, and saying what is wrong with some that was read.
//! - [`model`]: the `Model` port, its request, reply and error types, and the wire formats of the providers. Pure.
//! - [`engine`]: the decisions. An event-sourced state machine without async, I/O, clock or randomness.
//! - [`journal`], [`clock`]: the ports of storage and of time.
//! - [`runner`]: the only async code of the core: engine + ports.
//! - [`api`]: the vocabulary of HTTP: configuration, routes, request parsing, problem+json, views. Pure.
//! - `cloudflare`: the only code that imports `worker` or `wasm-bindgen`. Compiled for wasm32 only.

pub mod api;
pub mod clock;
#[cfg(target_arch = "wasm32")]
mod cloudflare;
pub mod engine;
pub mod journal;
pub mod json;
pub mod model;
pub mod providers;
pub mod runner;
mod text;
