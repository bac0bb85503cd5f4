//! Layer 2: the engine's scenarios. A script of model replies in, the events out; virtual time, never a sleep.
//! One file per feature, one binary, so that it links once.
#![cfg(not(target_arch = "wasm32"))]
// Helpers are not test functions, so clippy.toml does not excuse them; in a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod approval;
mod assembly;
mod bounds;
mod contexts;
mod controls;
mod conversation;
mod demo_plan;
mod dependencies;
mod estimate;
mod finishes;
mod fixtures;
mod flow;
mod foreign;
mod journal;
mod limits;
mod listeners;
mod live_answer;
mod modes;
mod plan;
mod properties;
mod reduce;
mod requests;
mod restart;
mod retries;
mod review;
mod structure;
#[path = "../support/mod.rs"]
mod support;
mod synthesis;
mod view;
mod warnings;
