//! The vocabulary of HTTP: what a request says and what an answer looks like. Pure: text and bytes in, values and text
//! out.
//!
//! In the order in which a request meets them:
//! - [`config`]: variables and secrets, validated. [`tokens`]: `API_TOKENS`.
//! - [`routes`]: method and path. [`id`]: workflow ids and tenants. [`query`], [`status_fields`], [`prefer`],
//!   [`negotiation`]: the rest of its head.
//! - [`access`], [`cors`]: who may ask what, and whose pages may read the answer. [`authority`]: hosts and origins.
//! - [`submission`], [`idempotency`], [`media`], [`control`]: bodies. `json`, `tasks`, `contract`,
//!   [`model_names`]: their parts.
//! - [`page`]: when a browser gets the console instead.
//! - [`protocol`]: what the entry asks a workflow's object.
//! - [`views`]: the bodies of answers. [`problem`]: those of errors, and the only place that decides a status of one.
//! - `openapi`, `error_table`: the documents that describe all of this. Native only.

pub mod access;
pub mod authority;
pub mod config;
mod contract;
pub mod control;
pub mod cors;
#[cfg(not(target_arch = "wasm32"))]
pub mod error_table;
pub mod follow_up;
mod headers;
pub mod host;
pub mod id;
pub mod idempotency;
mod json;
pub mod list;
pub mod media;
pub mod model_names;
pub mod negotiation;
#[cfg(not(target_arch = "wasm32"))]
// It never ships; and a missing key of a `Value` reads as null.
#[allow(clippy::indexing_slicing)]
pub mod openapi;
pub mod output_schema;
pub mod page;
pub mod prefer;
pub mod problem;
pub mod protocol;
pub mod query;
pub mod routes;
pub mod sse;
pub mod status_fields;
pub mod submission;
mod tasks;
pub mod tokens;
pub mod views;
