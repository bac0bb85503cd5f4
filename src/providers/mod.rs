//! The services that answer: wire formats, the exchange with a server, and the demo.
//!
//! Imports `model` and the Clock port. In reading order:
//!
//! - [`transport`]: the port that sends a request and gives the response in chunks.
//! - [`wire`]: the formats of the services as pure functions and push parsers.
//! - [`exchange`]: the loop of one call: build, send, read, learn from a refusal, repeat.
//! - `endpoint`: servers that speak chat completions (`openai`, and those that the configuration names).
//! - `gate`: the line before a server. `ollama`: Ollama by its own API.
//! - [`demo`]: a provider without a network.
//! - `services`: all of them, and which one answers.

pub mod demo;
mod endpoint;
pub mod exchange;
mod gate;
mod ollama;
mod services;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
pub mod transport;
pub mod wire;

pub use endpoint::Endpoint;
pub use exchange::Remembered;
pub use ollama::{Ollama, OllamaServer};
pub use services::{Providers, WorkersAi};
