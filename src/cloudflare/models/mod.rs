//! The transports of the four providers. The wire formats are pure and live in `crate::model`.

mod chat;
mod demo;
mod memory;
mod transport;
mod workers_ai;

use wasm_bindgen::JsValue;
use web_sys::Response;

use crate::model::{ErrorClass, ModelError, ModelReply, ModelRequest, Progress, Provider};
use crate::providers::wire::{Adaptations, Call, Redactor};

pub use chat::Endpoint;
use transport::{Reading, read_error_body, read_reply, refused, thrown};
pub use workers_ai::{AiBinding, WorkersAi};

/// The providers that this deployment can call.
pub struct Models {
    pub openai: Option<Endpoint>,
    pub ollama: Endpoint,
    pub workers_ai: Option<WorkersAi>,
    pub demo_speed: f64,
}

impl Models {
    pub async fn complete(&self, request: &ModelRequest, progress: &dyn Progress) -> Result<ModelReply, ModelError> {
        match request.model.provider {
            Provider::Demo => demo::complete(request, self.demo_speed, progress).await,
            Provider::Ollama => self.ollama.complete(request, progress).await,
            Provider::Openai => match &self.openai {
                Some(openai) => openai.complete(request, progress).await,
                None => Err(not_configured("openai has no OPENAI_API_KEY any more")),
            },
            Provider::WorkersAi => match &self.workers_ai {
                Some(workers_ai) => workers_ai.complete(request, progress).await,
                None => Err(not_configured("workers-ai has no AI binding any more")),
            },
        }
    }
}

/// One call, repeated within its attempt while refusals teach something (at most as often as there are lessons).
async fn call(
    request: &ModelRequest,
    progress: &dyn Progress,
    redactor: &Redactor<'_>,
    build: impl Fn(&ModelRequest, &Adaptations) -> Call,
    send: impl AsyncFn(&Call) -> Result<Response, JsValue>,
) -> Result<ModelReply, ModelError> {
    let mut adaptations = memory::adaptations(&request.model);
    loop {
        let call = build(request, &adaptations);
        progress.call_started(call.streaming);
        let (error, lesson) = match send(&call).await {
            Ok(response) if response.status() == 200 => {
                match read_reply(&response, call.max_tokens, progress, redactor).await {
                    Reading::Reply(reply) => return Ok(reply),
                    Reading::Failed { error, given: true } => return Err(error),
                    Reading::Failed { error, given: false } => {
                        let said = error.message.clone();
                        (error, (400, said))
                    }
                }
            }
            Ok(response) => {
                let body = read_error_body(&response).await;
                (
                    refused(request.model.provider, &response, &body, redactor),
                    (response.status(), body),
                )
            }
            // A binding may throw what a server would have answered.
            Err(exception) => {
                let error = thrown(&exception, redactor);
                let said = error.message.clone();
                (error, (400, said))
            }
        };
        if !adaptations.learn(lesson.0, &lesson.1) {
            return Err(error);
        }
        memory::keep(&request.model, &adaptations);
    }
}

/// A workflow of an earlier configuration names a provider that the present one lacks.
fn not_configured(message: &str) -> ModelError {
    ModelError {
        class: ErrorClass::Permanent,
        name: "NotConfigured".to_owned(),
        message: message.to_owned(),
        retry_after_ms: None,
    }
}
