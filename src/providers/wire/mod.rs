//! The wire formats of `workers-ai`, `openai` and `ollama` as pure functions and push parsers. No async, no I/O, no
//! clock.
//!
//! A transport drives them so; `remembered` is its map from model to [`Adaptations`], and no borrow of it crosses an
//! await:
//!
//! ```text
//! let redactor = Redactor::new(api_key, &request.messages);
//! let mut adaptations = remembered.get(&request.model).cloned().unwrap_or_else(|| Adaptations::new(&request.model));
//! loop {
//!     let call = chat_call(request, &adaptations);              // or workers_ai_call: `call.body` is then `inputs`
//!     progress.call_started(call.streaming);
//!     let response = match send(&call.body).await {
//!         Ok(response) if response.status == 200 => response,
//!         Ok(response) => {
//!             let body = response.text_up_to(16 KiB).await;
//!             if adaptations.learn(response.status, &body) { remember(&adaptations); continue }
//!             return Err(error_from_response(provider, response.status, &header, &body, now_ms, &redactor));
//!         }
//!         Err(exception) if adaptations.learn(400, &exception) => { remember(&adaptations); continue }
//!         Err(exception) => return Err(error_from_thrown(&exception, &redactor)),
//!     };
//!     let mut reader = ReplyReader::new(content_type).with_max_tokens(call.max_tokens);
//!     let read = async {                                        // breaking out drops the body, which closes the call
//!         while !reader.is_done() && let Some(bytes) = next_chunk().await? {
//!             for piece in reader.feed(&bytes)? { /* Progress::delta or alive */ }
//!         }
//!         reader.finish()
//!     };
//!     match read.await {                                        // an error in a 200 may name a parameter as well
//!         Err(error) if nothing_was_given && adaptations.learn(400, &error.message) => { remember(&adaptations); continue }
//!         result => return result.map_err(|error| redactor.error(error)),
//!     }
//! }
//! ```
//!
//! `remember` merges ([`Adaptations::merge`]) into the entry of the map. The loop ends: each `learn` that returns true
//! uses up one of at most [`LESSONS_MAX`] lessons.
//!
//! In reading order: [`chat`] and [`workers_ai`] (requests), `adapt`, `refusal`, `schema` (their alternatives),
//! [`reader`], `answer`, `shapes`, [`sse`], [`think`] (replies), [`errors`], `fault`, `retry_after`, [`redact`]
//! (errors).

mod adapt;
mod answer;
pub mod chat;
pub mod errors;
mod fault;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod fixtures;
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
