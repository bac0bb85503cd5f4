//! The wire formats of `workers-ai`, `openai` and `ollama` as pure functions and push parsers. No async, no I/O, no
//! clock.
//!
//! [`super::exchange`] is the loop that drives them: it builds a [`Call`], sends it, and either feeds the bytes of the
//! reply to a [`ReplyReader`] or hands a refusal to [`Adaptations::learn`] and builds the call anew.
//!
//! In reading order: [`chat`] and [`workers_ai`] (requests), `adapt`, `refusal`, `schema` (their alternatives),
//! [`reader`], `partial`, `shapes`, [`sse`], [`think`] (replies), [`errors`], `fault`, `retry_after`, [`redact`]
//! (errors).

mod adapt;
pub mod chat;
pub mod errors;
mod fault;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
pub(super) mod fixtures;
mod partial;
pub mod reader;
pub mod redact;
mod refusal;
mod retry_after;
mod schema;
mod shapes;
pub mod sse;
pub mod think;
pub mod workers_ai;

pub use adapt::{Adaptations, LESSONS_MAX};
pub use chat::{Call, chat_call};
pub use errors::{error_from_response, error_from_thrown};
pub use reader::{Piece, ReplyReader};
pub use redact::Redactor;
pub use workers_ai::workers_ai_call;
