//! The service `ollama`, by its own API.
//!
//! Unlike its OpenAI-compatible endpoint, `POST /api/chat` takes the size of the context, so that no prompt is cut in
//! silence at 4,096 tokens. Each call asks for what it needs, up to the context that `POST /api/show` tells of the
//! model. Another size makes the server load the model anew, so that sizes go in large steps and never back.
//!
//! Calls pass a [`Gate`]: one machine answers one call at a time, whichever workflow it belongs to.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use futures::future::{Either, select};
use serde_json::{Value, json};

use super::endpoint::Endpoint;
use super::exchange::Exchange;
use super::gate::Gate;
use super::transport::Transport;
use super::wire::{Call, OllamaTerms, ollama_call};
use crate::errors::ErrorName;
use crate::json;
use crate::model::names::chat_models_of_listing;
use crate::model::tokens::estimate_messages_tokens;
use crate::model::{ContextReport, ErrorClass, ModelError, ModelReply, ModelRequest, Provider};
use crate::text::clause;

/// How much is read of the list of models, and of what is told of one: its licence and its tensors too.
const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// A server that answers these slowly holds up all that wait for it.
const LOOK_UP_MS_MAX: u64 = 30_000;
/// Contexts are asked for in steps of so many tokens.
const NUM_CTX_STEP: u32 = 8_192;
/// What is left free for the chat template.
const MARGIN_TOKENS: u64 = 256;
/// More models than a configuration can name. Of more than these nothing is remembered.
const MODELS_MAX: usize = 64;

/// One Ollama server.
pub struct Ollama {
    endpoint: Endpoint,
    /// The calls that it answers at a time.
    concurrency: u32,
    server: OllamaServer,
}

/// What this process knows of the server, and the line before it. Clones share both.
#[derive(Clone, Default)]
pub struct OllamaServer {
    gate: Gate,
    known: Rc<RefCell<Known>>,
}

#[derive(Default)]
struct Known {
    /// The model that stands for an unnamed one.
    first: Option<String>,
    models: Vec<(String, Facts)>,
}

/// What the server told of a model.
#[derive(Clone, Copy, Default)]
struct Facts {
    /// None where it told none.
    context_tokens: Option<u32>,
    thinks: bool,
    /// The largest context that was asked for.
    num_ctx: u32,
}

impl Ollama {
    /// `base_url`: without a trailing slash and without `/v1`.
    pub fn new(base_url: impl Into<String>, concurrency: u32, server: OllamaServer) -> Self {
        Ollama {
            endpoint: Endpoint::new(base_url, None, Vec::new()),
            concurrency,
            server,
        }
    }

    pub(super) async fn complete<T: Transport>(
        &self,
        exchange: &Exchange<'_, T>,
        request: &ModelRequest,
    ) -> Result<ModelReply, ModelError> {
        let call = self.call(exchange, request);
        let gate = &self.server.gate;
        gate.pass(self.concurrency, exchange.clock, exchange.progress, call)
            .await
            .map_err(|error| self.endpoint.unreachable("; is it running (`ollama serve`)?", error))
    }

    async fn call<T: Transport>(
        &self,
        exchange: &Exchange<'_, T>,
        request: &ModelRequest,
    ) -> Result<ModelReply, ModelError> {
        let mut request = request.clone();
        let name = &mut request.model.name;
        let is_unnamed = name.is_empty();
        if is_unnamed {
            *name = self.first_listed(exchange).await?;
        }
        let name = name.clone();
        let reply = self.ask(exchange, &request).await.map_err(|error| {
            if error.name != ErrorName::ModelNotFound {
                return error;
            }
            // Models come and go, and with them what is remembered.
            *self.server.known.borrow_mut() = Known::default();
            let message = format!("{}: pull it (`ollama pull {name}`)", clause(&error.message));
            ModelError { message, ..error }
        })?;
        Ok(ModelReply {
            model: is_unnamed.then_some(name),
            // A prompt that the server had at hand counts nothing there.
            usage: reply.usage.filter(|usage| usage.prompt_tokens > 0),
            ..reply
        })
    }

    async fn ask<T: Transport>(
        &self,
        exchange: &Exchange<'_, T>,
        request: &ModelRequest,
    ) -> Result<ModelReply, ModelError> {
        let facts = self.facts(exchange, &request.model.name).await?;
        let assumed = request.model.context_tokens;
        let limit = facts.context_tokens.map_or(assumed, |told| told.min(assumed));
        let prompt_tokens = estimate_messages_tokens(&request.messages);
        let wanted = prompt_tokens + u64::from(request.max_tokens);
        if wanted > limit.into() && limit < assumed {
            // The engine learns the size, and asks for less.
            return Err(too_long(request, prompt_tokens, limit));
        }
        // The server counts otherwise than we do.
        let mut needed = wanted + prompt_tokens / 4 + MARGIN_TOKENS;
        loop {
            let num_ctx = self.grown(&request.model.name, needed, limit);
            let terms = OllamaTerms {
                num_ctx,
                thinks: facts.thinks,
            };
            let address = |call: &Call| self.endpoint.request("/api/chat", Some(call.text()));
            let build = |request: &ModelRequest, adaptations: &_| ollama_call(request, adaptations, terms);
            match exchange.complete(request, &build, &address).await {
                Err(error) if error.name == ErrorName::ContextTooLong && num_ctx < limit => needed = limit.into(),
                outcome => return outcome,
            }
        }
    }

    /// The context to ask for: as much as is needed, and no less than before.
    fn grown(&self, name: &str, needed: u64, limit: u32) -> u32 {
        let needed = u32::try_from(needed).unwrap_or(u32::MAX);
        let rounded = needed.div_ceil(NUM_CTX_STEP).saturating_mul(NUM_CTX_STEP).min(limit);
        let mut known = self.server.known.borrow_mut();
        let Some((_, facts)) = known.models.iter_mut().find(|(known, _)| known == name) else {
            return rounded;
        };
        facts.num_ctx = facts.num_ctx.max(rounded);
        facts.num_ctx
    }

    /// The first model that the server lists.
    async fn first_listed<T: Transport>(&self, exchange: &Exchange<'_, T>) -> Result<String, ModelError> {
        let known = self.server.known.borrow().first.clone();
        if let Some(name) = known {
            return Ok(name);
        }
        let listing = self.fetch(exchange, "/api/tags", None).await?;
        let first = chat_models_of_listing(&listing).into_iter().next();
        let name = first.ok_or_else(|| {
            let base_url = self.endpoint.base_url();
            let message = format!(
                "{base_url} has no model: pull one (`ollama pull llama3.2`), or name one in BIG_MODEL and SMALL_MODEL"
            );
            ModelError::new(ErrorClass::Permanent, ErrorName::NoModel, message)
        })?;
        self.server.known.borrow_mut().first = Some(name.clone());
        Ok(name)
    }

    async fn facts<T: Transport>(&self, exchange: &Exchange<'_, T>, name: &str) -> Result<Facts, ModelError> {
        let of_name = |known: &Known| {
            known
                .models
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, facts)| *facts)
        };
        let known = of_name(&self.server.known.borrow());
        if let Some(facts) = known {
            return Ok(facts);
        }
        let body = json::text(&json!({ "model": name }));
        let facts = Facts::read(&self.fetch(exchange, "/api/show", Some(body)).await?);
        let mut known = self.server.known.borrow_mut();
        if of_name(&known).is_none() && known.models.len() < MODELS_MAX {
            known.models.push((name.to_owned(), facts));
        }
        Ok(facts)
    }

    async fn fetch<T: Transport>(
        &self,
        exchange: &Exchange<'_, T>,
        path: &str,
        body: Option<String>,
    ) -> Result<String, ModelError> {
        exchange.progress.call_started(false);
        let request = self.endpoint.request(path, body);
        let asked = pin!(exchange.fetch_text(Provider::Ollama, request, BODY_BYTES_MAX));
        match select(asked, exchange.clock.sleep(LOOK_UP_MS_MAX)).await {
            Either::Left((found, _)) => found,
            Either::Right(_) => Err(ModelError::new(
                ErrorClass::Transient,
                ErrorName::Timeout,
                format!("{}{path} did not answer in time", self.endpoint.base_url()),
            )),
        }
    }
}

impl Facts {
    /// Reads the body of `/api/show`. What is missing or malformed stays unknown.
    fn read(body: &str) -> Facts {
        let value: Value = serde_json::from_str(body).unwrap_or_default();
        let info = value.get("model_info").and_then(Value::as_object);
        // `llama.context_length`, `qwen3.context_length`: the key begins with the architecture.
        let context = info.and_then(|info| info.iter().find(|(key, _)| key.ends_with(".context_length")));
        let capabilities = value.get("capabilities").and_then(Value::as_array);
        Facts {
            context_tokens: context
                .and_then(|(_, tokens)| tokens.as_u64())
                .filter(|tokens| *tokens > 0)
                .map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX)),
            thinks: capabilities.is_some_and(|all| all.iter().any(|one| one == "thinking")),
            num_ctx: 0,
        }
    }
}

fn too_long(request: &ModelRequest, prompt_tokens: u64, limit: u32) -> ModelError {
    let message = format!(
        "the request takes about {prompt_tokens} tokens and {} for the reply, and the context of {} has {limit}",
        request.max_tokens, request.model.name
    );
    ModelError {
        context: Some(ContextReport {
            context_tokens: Some(limit),
            prompt_tokens: None,
        }),
        ..ModelError::new(ErrorClass::Permanent, ErrorName::ContextTooLong, message)
    }
}
