//! The `workers-ai` provider: `env.AI.run(model, inputs, options)`, bound here because the `worker` crate's own binding
//! takes no options and sends JSON objects as empty `Map`s.

use js_sys::{JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::transport::CallGuard;
use crate::model::{ModelError, ModelReply, ModelRequest, Progress};
use crate::providers::wire::{Call, Redactor, workers_ai_call};

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub type AiBinding;

    #[wasm_bindgen(method, catch)]
    fn run(this: &AiBinding, model: &str, inputs: &JsValue, options: &JsValue) -> Result<Promise, JsValue>;
}

pub struct WorkersAi {
    pub binding: AiBinding,
    pub gateway_id: Option<String>,
}

impl WorkersAi {
    pub async fn complete(&self, request: &ModelRequest, progress: &dyn Progress) -> Result<ModelReply, ModelError> {
        let redactor = Redactor::new(None, &request.messages);
        let guard = CallGuard::new();
        let send = async |call: &Call| self.run(request, &call.body.to_string(), &guard).await;
        let reply = super::call(request, progress, &redactor, workers_ai_call, send).await?;
        guard.disarm();
        Ok(reply)
    }

    async fn run(&self, request: &ModelRequest, inputs: &str, guard: &CallGuard) -> Result<Response, JsValue> {
        // Always the same set of options: concurrent calls share the binding object's state.
        let options = Object::new();
        Reflect::set(&options, &"returnRawResponse".into(), &true.into())?;
        if let Some(signal) = guard.signal() {
            Reflect::set(&options, &"signal".into(), &signal)?;
        }
        if let Some(id) = &self.gateway_id {
            let gateway = Object::new();
            Reflect::set(&gateway, &"id".into(), &id.as_str().into())?;
            Reflect::set(&options, &"gateway".into(), &gateway)?;
        }
        let promise = self.binding.run(&request.model.name, &JSON::parse(inputs)?, &options)?;
        JsFuture::from(promise).await?.dyn_into()
    }
}
