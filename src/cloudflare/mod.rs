//! The only code that imports `worker` or wasm-bindgen; compiled for wasm32 only.
//!
//! - `entry`: the stateless worker: access, limits, parsing.
//! - `object`: the Durable Object of one workflow. `host`: the core's ports on it. `sql`: its journal.
//! - `index`: the Durable Object of a tenant's index. `objects`: asking a Durable Object.
//! - `page`: the web console's page.
//! - `events`: the stream of one subscriber.
//! - `transport`: `fetch` and the AI binding, for the providers.
//! - `config`, `http`, `chunks`: the environment's variables; responses and bodies.

mod chunks;
mod config;
#[cfg(feature = "crash-test")]
mod crash;
mod entry;
mod events;
mod host;
mod http;
mod index;
mod large;
mod object;
mod objects;
mod page;
mod sql;
mod transport;
