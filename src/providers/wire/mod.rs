//! The wire formats of `workers-ai`, `openai` and `ollama` as pure functions and push parsers. No async, no I/O, no
//! clock.
//!
//! [`super::exchange`] is the loop that drives them: it builds a [`Call`], sends it, and either feeds the bytes of the
//! reply to a [`ReplyReader`] or hands a refusal to [`Adaptations::learn`] and builds the call anew.
//!
//! In reading order: [`chat`], [`workers_ai`], `ollama` (requests), `adapt`, `refusal`, `schema` (their alternatives),
//! [`reader`], [`sse`], `values`, `halves` (bytes to JSON), `shapes`, `responses`, `harmless`, `finish`, `usage` (what
//! a JSON value says), `partial`, `choices`, `repeats`, [`think`], `marks` (the reply as it grows), [`errors`],
//! `fault`, `verdict`, `retry_after`, `times`, `context`, `wording`, [`redact`] (errors).
//!
//! `behaviours` is the table of what servers are known to do. The tests are made from it: a new row is a new test.

mod adapt;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
pub(super) mod behaviours;
pub mod chat;
mod choices;
mod context;
pub mod errors;
mod fault;
mod finish;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
pub(super) mod fixtures;
mod halves;
mod harmless;
mod marks;
mod ollama;
mod partial;
pub mod reader;
pub mod redact;
mod refusal;
mod repeats;
mod responses;
mod retry_after;
mod schema;
mod shapes;
pub mod sse;
pub mod think;
mod times;
mod usage;
mod values;
mod verdict;
mod wording;
pub mod workers_ai;

pub use adapt::{Adaptations, LOWER_MAX_TOKENS};
pub use chat::{Call, chat_call};
pub use context::{REPLY_TOKENS_MIN, reply_that_fits};
pub use errors::{
    error_from_response, error_from_thrown, refused_twice, refuses_the_output, refuses_the_request, refuses_the_size,
};
pub use ollama::{OllamaTerms, ollama_call};
pub use reader::{Piece, ReplyReader};
pub use redact::Redactor;
pub use workers_ai::workers_ai_call;
