//! Servers that speak `POST {base URL}/chat/completions`: `openai`, and those that the configuration names.

use crate::errors::ErrorName;

use super::exchange::Exchange;
use super::transport::{Request, Transport};
use super::wire::{Call, chat_call};
use crate::model::{ModelError, ModelReply, ModelRequest};
use crate::text::clause;

/// Where a server is, and what it wants to see of its callers.
pub struct Endpoint {
    base_url: String,
    api_key: Option<String>,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    /// Of key and headers: what no message may show.
    secrets: Vec<String>,
}

impl Endpoint {
    /// `base_url`: without a trailing slash.
    pub fn new(base_url: impl Into<String>, api_key: Option<String>, headers: Vec<(String, String)>) -> Self {
        // Behind the name of a scheme too.
        let values = headers
            .iter()
            .flat_map(|(_, value)| [value.as_str()].into_iter().chain(value.split(' ')));
        let values = values.map(str::to_owned);
        Endpoint {
            base_url: base_url.into(),
            secrets: api_key.iter().cloned().chain(values).collect(),
            api_key,
            headers,
        }
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(super) fn secrets(&self) -> &[String] {
        &self.secrets
    }

    pub(super) async fn complete<T: Transport>(
        &self,
        exchange: &Exchange<'_, T>,
        request: &ModelRequest,
    ) -> Result<ModelReply, ModelError> {
        let address = |call: &Call| self.request("/chat/completions", Some(call.text()));
        let reply = exchange.complete(request, &chat_call, &address).await;
        reply.map_err(|error| self.unreachable("", error))
    }

    /// Says which server a failing network did not reach.
    pub(super) fn unreachable(&self, hint: &str, error: ModelError) -> ModelError {
        if error.name != ErrorName::NetworkError {
            return error;
        }
        ModelError {
            message: format!(
                "no connection to {}: {}{hint}",
                self.base_url,
                clause(thrown(&error.message))
            ),
            ..error
        }
    }

    pub(super) fn request(&self, path: &str, body: Option<String>) -> Request {
        let mut headers = self.headers.clone();
        let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        add("accept", "text/event-stream, application/json");
        if let Some(key) = &self.api_key {
            add("authorization", &format!("Bearer {key}"));
        }
        if body.is_some() {
            add("content-type", "application/json");
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
