//! The only code that imports `worker` or wasm-bindgen; compiled for wasm32 only.
//!
//! - `entry`: the stateless worker: access, limits, parsing. `protocol`: what it asks an object.
//! - `object`: the Durable Object of one workflow. `host`: the core's ports on it. `sql`: its journal.
//! - `page`: the web console's page.
//! - `events`: the stream of one subscriber.
//! - `models`: the transports of the providers.
//! - `config`, `http`, `body`: the environment's variables; responses and bodies.

mod body;
mod config;
#[cfg(feature = "crash-test")]
mod crash;
mod entry;
mod events;
mod host;
mod http;
mod models;
mod object;
mod page;
mod protocol;
mod sql;
