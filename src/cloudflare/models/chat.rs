//! The `openai` and `ollama` providers: `POST {base URL}/chat/completions`.

use std::cell::RefCell;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::transport::{CallGuard, read_body, refused, thrown};
use crate::model::names::chat_models_of_listing;
use crate::model::{ErrorClass, ModelError, ModelReply, ModelRequest, ModelSpec, Progress, Provider};
use crate::providers::wire::{Call, Redactor, chat_call};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// What is read of a server's list of models.
const LISTING_BYTES_MAX: usize = 256 * 1024;

/// Where an OpenAI-compatible server is, and what it wants to see.
pub struct Endpoint {
    /// Without a trailing slash, `/v1` included.
    pub base_url: String,
    pub api_key: Option<String>,
    /// The model that stands for an unnamed one, once the server was asked.
    pub first_listed: RefCell<Option<String>>,
}

impl Endpoint {
    pub async fn complete(&self, request: &ModelRequest, progress: &dyn Progress) -> Result<ModelReply, ModelError> {
        let redactor = Redactor::new(self.api_key.as_deref(), &request.messages);
        let guard = CallGuard::new();
        let model = self.resolved(&request.model, &guard, &redactor, progress).await?;
        let chosen = model.name != request.model.name;
        let request = ModelRequest {
            model,
            ..request.clone()
        };
        let send = async |call: &Call| {
            self.send("/chat/completions", Some(&call.body.to_string()), &guard)
                .await
        };
        let reply = super::call(&request, progress, &redactor, chat_call, send)
            .await
            .map_err(|error| self.unreachable(request.model.provider, error))?;
        guard.disarm();
        Ok(ModelReply {
            model: chosen.then_some(request.model.name),
            ..reply
        })
    }

    /// With no model named, the first that the server lists.
    async fn resolved(
        &self,
        model: &ModelSpec,
        guard: &CallGuard,
        redactor: &Redactor<'_>,
        progress: &dyn Progress,
    ) -> Result<ModelSpec, ModelError> {
        if !model.name.is_empty() {
            return Ok(model.clone());
        }
        let listed = self.first_listed.borrow().clone();
        let name = match listed {
            Some(name) => name,
            None => {
                progress.call_started(false);
                let name = self.ask_for_first(model, guard, redactor).await?;
                *self.first_listed.borrow_mut() = Some(name.clone());
                name
            }
        };
        Ok(ModelSpec { name, ..model.clone() })
    }

    async fn ask_for_first(
        &self,
        model: &ModelSpec,
        guard: &CallGuard,
        redactor: &Redactor<'_>,
    ) -> Result<String, ModelError> {
        let response = self
            .send("/models", None, guard)
            .await
            .map_err(|error| self.unreachable(model.provider, thrown(&error, redactor)))?;
        let body = read_body(&response, LISTING_BYTES_MAX).await;
        if response.status() != 200 {
            return Err(refused(model.provider, &response, &body, redactor));
        }
        chat_models_of_listing(&body)
            .into_iter()
            .next()
            .ok_or_else(|| no_model(&self.base_url))
    }

    /// Says which server a failing network did not reach.
    fn unreachable(&self, provider: Provider, error: ModelError) -> ModelError {
        if error.name != "NetworkError" {
            return error;
        }
        let hint = if provider == Provider::Ollama {
            "; is it running (`ollama serve`)?"
        } else {
            ""
        };
        ModelError {
            message: format!("no connection to {}{hint} {}", self.base_url, error.message),
            ..error
        }
    }

    async fn send(&self, path: &str, body: Option<&str>, guard: &CallGuard) -> Result<Response, JsValue> {
        let headers = Headers::new()?;
        headers.set("accept", "text/event-stream, application/json")?;
        if let Some(key) = &self.api_key {
            headers.set("authorization", &format!("Bearer {key}"))?;
        }
        let init = RequestInit::new();
        init.set_method(if body.is_some() { "POST" } else { "GET" });
        if let Some(body) = body {
            headers.set("content-type", "application/json")?;
            init.set_body(&body.into());
        }
        init.set_headers(&headers);
        init.set_signal(guard.signal().as_ref());
        let response = JsFuture::from(global_fetch(&format!("{}{path}", self.base_url), &init)?).await?;
        response.dyn_into()
    }
}

fn no_model(base_url: &str) -> ModelError {
    ModelError {
        class: ErrorClass::Permanent,
        name: "NoModel".to_owned(),
        message: format!(
            "{base_url}/models lists no model: pull one (`ollama pull llama3.2`), or name one in BIG_MODEL and SMALL_MODEL"
        ),
        retry_after_ms: None,
    }
}
