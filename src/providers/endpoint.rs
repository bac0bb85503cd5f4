//! The services `openai` and `ollama`: any server that speaks `POST {base URL}/chat/completions`.

use crate::errors::ErrorName;
use std::cell::RefCell;

use super::exchange::Exchange;
use super::transport::{Request, Transport};
use super::wire::{Call, chat_call};
use crate::model::names::chat_models_of_listing;
use crate::model::{ErrorClass, ModelError, ModelReply, ModelRequest, ModelSpec, Provider};
use crate::text::clause;

/// How much of a server's list of models is read.
const LISTING_BYTES_MAX: usize = 256 * 1024;

/// Where a server is, and the key it wants to see.
pub struct Endpoint {
    base_url: String,
    api_key: Option<String>,
    /// The model that stands for an unnamed one, once the server was asked.
    first_listed: RefCell<Option<String>>,
}

impl Endpoint {
    /// `base_url`: without a trailing slash, `/v1` included.
    pub fn new(base_url: impl Into<String>, api_key: Option<String>) -> Self {
        Endpoint {
            base_url: base_url.into(),
            api_key,
            first_listed: RefCell::default(),
        }
    }

    pub(super) fn api_key(&self) -> Option<&str> {
        self.api_key.as_deref()
    }

    pub(super) async fn complete<T: Transport>(
        &self,
        exchange: &Exchange<'_, T>,
        request: &ModelRequest,
    ) -> Result<ModelReply, ModelError> {
        let provider = request.model.provider;
        let model = self.resolved(exchange, &request.model).await?;
        let chosen = model.name != request.model.name;
        let request = ModelRequest {
            model,
            ..request.clone()
        };
        let address = |call: &Call| self.request("/chat/completions", Some(call.text()));
        let reply = exchange
            .complete(&request, chat_call, address)
            .await
            .map_err(|error| self.unreachable(provider, error))?;
        Ok(ModelReply {
            model: chosen.then_some(request.model.name),
            ..reply
        })
    }

    /// With no model named, the first that the server lists.
    async fn resolved<T: Transport>(
        &self,
        exchange: &Exchange<'_, T>,
        model: &ModelSpec,
    ) -> Result<ModelSpec, ModelError> {
        if !model.name.is_empty() {
            return Ok(model.clone());
        }
        let listed = self.first_listed.borrow().clone();
        let name = match listed {
            Some(name) => name,
            None => {
                exchange.progress.call_started(false);
                let name = self.ask_for_first(exchange, model.provider).await?;
                *self.first_listed.borrow_mut() = Some(name.clone());
                name
            }
        };
        Ok(ModelSpec { name, ..model.clone() })
    }

    async fn ask_for_first<T: Transport>(
        &self,
        exchange: &Exchange<'_, T>,
        provider: Provider,
    ) -> Result<String, ModelError> {
        let listing = exchange
            .fetch_text(provider, self.request("/models", None), LISTING_BYTES_MAX)
            .await
            .map_err(|error| self.unreachable(provider, error))?;
        let first = chat_models_of_listing(&listing).into_iter().next();
        first.ok_or_else(|| no_model(&self.base_url))
    }

    /// Says which server a failing network did not reach.
    fn unreachable(&self, provider: Provider, error: ModelError) -> ModelError {
        if error.name != ErrorName::NetworkError {
            return error;
        }
        let hint = if provider == Provider::Ollama {
            "; is it running (`ollama serve`)?"
        } else {
            ""
        };
        ModelError {
            message: format!(
                "no connection to {}: {}{hint}",
                self.base_url,
                clause(thrown(&error.message))
            ),
            ..error
        }
    }

    fn request(&self, path: &str, body: Option<String>) -> Request {
        let mut headers = vec![("accept", "text/event-stream, application/json".to_owned())];
        if let Some(key) = &self.api_key {
            headers.push(("authorization", format!("Bearer {key}")));
        }
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        Request::Http {
            method: if body.is_some() { "POST" } else { "GET" },
            url: format!("{}{path}", self.base_url),
            headers,
            body,
        }
    }
}

/// What an exception says, without the name of its class.
fn thrown(message: &str) -> &str {
    let is_class = |word: &str| word.ends_with("Error") && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match message.split_once(": ") {
        Some((word, said)) if is_class(word) => said,
        _ => message,
    }
}

fn no_model(base_url: &str) -> ModelError {
    ModelError {
        class: ErrorClass::Permanent,
        name: ErrorName::NoModel,
        message: format!(
            "{base_url}/models lists no model: \
             pull one (`ollama pull llama3.2`), or name one in BIG_MODEL and SMALL_MODEL"
        ),
        retry_after_ms: None,
        usage: None,
        context: None,
    }
}
