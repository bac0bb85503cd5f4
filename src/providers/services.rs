//! The services that this deployment can call, and which of them answers for a request.

use super::demo::{Speed, play};
use super::endpoint::Endpoint;
use super::exchange::{Exchange, Remembered};
use super::ollama::Ollama;
use super::transport::{Request, Transport};
use super::wire::{Call, Redactor, workers_ai_call};
use crate::clock::Clock;
use crate::errors::ErrorName;
use crate::model::{ErrorClass, ModelError, ModelReply, ModelRequest, Progress, Provider};

/// The configured services over one transport.
pub struct Providers<T> {
    pub transport: T,
    /// What the servers taught about their models' parameters.
    pub remembered: Remembered,
    /// `openai`, and the servers that the configuration names.
    pub servers: Vec<(Provider, Endpoint)>,
    pub ollama: Ollama,
    /// None without the AI binding.
    pub workers_ai: Option<WorkersAi>,
    pub demo_speed: Speed,
}

/// The AI binding's options.
pub struct WorkersAi {
    pub gateway_id: Option<String>,
}

impl<T: Transport> Providers<T> {
    /// Calls the service of the request's model. Dropping the future aborts the outgoing call. `clock`: for dates in
    /// Retry-After, and for the pauses of the demo.
    pub async fn complete(
        &self,
        clock: &dyn Clock,
        request: &ModelRequest,
        progress: &dyn Progress,
    ) -> Result<ModelReply, ModelError> {
        let exchange = |secrets| Exchange {
            transport: &self.transport,
            clock,
            remembered: &self.remembered,
            redactor: Redactor::new(secrets, &request.messages),
            progress,
        };
        match request.model.provider {
            Provider::Demo => play(request, self.demo_speed, clock, progress).await,
            Provider::Ollama => self.ollama.complete(&exchange(&[]), request).await,
            provider @ (Provider::Openai | Provider::Named(_)) => {
                let server = self.servers.iter().find(|(own, _)| *own == provider);
                match server {
                    Some((_, server)) => server.complete(&exchange(server.secrets()), request).await,
                    None => Err(not_configured(&format!(
                        "nothing defines {} any more: set {}",
                        provider.as_str(),
                        provider.base_url_variable()
                    ))),
                }
            }
            Provider::WorkersAi => match &self.workers_ai {
                Some(workers_ai) => {
                    let address = |call: &Call| workers_ai.request(&request.model.name, call);
                    exchange(&[]).complete(request, &workers_ai_call, &address).await
                }
                None => Err(not_configured("workers-ai has no AI binding any more")),
            },
        }
    }
}

impl WorkersAi {
    fn request(&self, model: &str, call: &Call) -> Request {
        Request::AiRun {
            model: model.to_owned(),
            inputs: call.text(),
            gateway_id: self.gateway_id.clone(),
        }
    }
}

/// A workflow of an earlier configuration names a provider that the present one lacks.
fn not_configured(message: &str) -> ModelError {
    ModelError::new(ErrorClass::Permanent, ErrorName::NotConfigured, message)
}
