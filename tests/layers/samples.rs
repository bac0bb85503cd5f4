//! Sources for the test of the test, a line each: the module, what its file holds, and for a broken one what is said.

/// Each breaks a rule, and each hides it in another way. The last ones are what a careless reader of comments, strings
/// and characters runs over.
pub const BROKEN: &str = r##"
engine::decide::x | use crate::runner::Runner; | engine may not import runner
engine::decide::x | use crate::{json, runner::{Runner, feed}}; | engine may not import runner
engine::decide::x | fn f() { crate::api::problem::shown() } | engine may not import api
engine::decide::x | fn f() { use super::super::super::api; } | engine may not import api
engine::words::x | use super::super::super::providers::demo; | engine may not import providers
engine::words::x | mod tests { use super::super::super::super::providers; } | may not import providers
engine::words::x | #[cfg(test)] mod tests { use crate::providers::demo; } | may not import providers
engine::words::x | #[serde(with = "crate::api::views")] struct A; | engine may not import api
engine::words::x | macro_rules! m { () => { $crate::runner::x() } } | engine may not import runner
engine::words::x | use crate as root; fn f() { root::api::x() } | hides which module
engine::words::x | use crate::*; | engine may not import *
engine::words::x | use crate::model::Model; | engine is pure, and model::Model is a port
engine::words::x | use crate::model; fn f<M: model::Model>() {} | must name the items of model
engine::words::x | use crate::model::*; | must name the items of model
engine::words::x | use crate::engine::state::queries; | words may not import state
engine::words::x | use super::super::decide; | words may not import decide
engine::state::x | fn f(fit: crate::engine::ask::fit::Fit) {} | state may not import ask
engine::ask::x | use crate::engine::{words::plan, decide::retry}; | ask may not import decide
engine::decide::x | use crate::engine::show::view as words; | decide may not import show
engine::decide::x | use crate::engine::Workflow; | decide may not import the engine's face
engine::decide::x | use super::super::{Event as E}; | decide may not import the engine's face
engine::secret::x | use crate::engine::words::plan; | the room secret has no row
model::names | use crate::providers::wire; | model may not import providers
providers::demo | use crate::engine::words::plan::Plan; | providers may not import engine
api::sse | use crate::runner::feed::Delta; | api may not import runner
runner::x | use crate::api::sse; | runner may not import api
runner::x | pub use crate::cloudflare::host::ObjectHost as Host; | runner may not import cloudflare
text | use crate::model::Provider; | text may not import model
runner::x | use worker::Env; | runner may not import the crate worker
runner::x | use {std::fmt, ::worker as w}; | runner may not import the crate worker
runner::x | fn f(env: ::worker::Env) {} | runner may not import the crate worker
api::x | fn f() -> js_sys::Date { js_sys::Date::new_0() } | api may not import the crate js_sys
engine::decide::x | use futures::future::join_all; | engine may not import the crate futures
newcomer | use crate::json; | newcomer has no row
engine::words::x | use super::super::super::super::y; | `super` leads out of the crate
engine::words::x | include!("../../runner/mod.rs"); | `include!` hides
engine::words::x | #[path = "../../runner/mod.rs"] mod r; | `#[path]` leads to another folder
engine::words::x | extern crate self as me; | `extern crate` renames

text | const Q: char = '"'; use crate::api; const R: char = '"'; | text may not import api
text | const Q: &str = "\""; use crate::api; | text may not import api
text | const Q: &str = r#"""#; use crate::api; | text may not import api
text | /* /* */ */ use crate::api; // */ | text may not import api
text | fn f<'a>(x: &'a str) { crate::api::x() } | text may not import api
"##;

pub const SOUND: &str = r##"
engine::decide::x | use crate::engine::{ask::fit, state::workflow::Workflow, words::plan::Plan};
engine::decide::x | use super::retry; use crate::model::{ErrorClass, tokens::estimate_tokens};
engine::decide::x | /* As [`crate::runner::Runner`] does: use crate::api; */ fn f() {}
engine::decide::x | const A: &str = "x"; fn f() { log("use crate::api::x;") }
engine::words::x | pub(in crate::engine) fn f() -> impl Iterator<Item = u8> + use<'_> {}
engine::words::x | mod tests { use super::super::plan; }
engine | use ask::request; use crate::engine::decide::handle;
cloudflare::object | use worker::Env; use crate::{api, runner::{self, Runner}};
providers::wire::reader | use super::super::demo; use futures::StreamExt;
runner::x | fn f() { let worker = 1; self.worker(worker) }
"##;

/// The cells of each line.
pub fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = table.lines().filter(|line| !line.is_empty());
    lines.map(|line| line.split(" | ").collect())
}
