//! The `Transport` port on Workers: `fetch`, and `env.AI.run`, which is bound here because the `worker` crate's own
//! binding takes no options and sends JSON objects as empty `Map`s.

use js_sys::{JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, RequestInit, Response};

use super::chunks::Chunks;
use super::sql::describe;
use crate::providers::transport::{self, Request, Thrown, Transport};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    pub type AiBinding;

    #[wasm_bindgen(method, catch)]
    fn run(this: &AiBinding, model: &str, inputs: &JsValue, options: &JsValue) -> Result<Promise, JsValue>;
}

pub struct FetchTransport {
    /// May be undefined: running it then throws.
    pub ai: AiBinding,
}

impl Transport for FetchTransport {
    type Response = FetchResponse;

    async fn send(&self, request: Request) -> Result<FetchResponse, Thrown> {
        let guard = AbortGuard::new();
        let signal = guard.signal();
        let promise = match request {
            Request::Http {
                method,
                url,
                headers,
                body,
            } => fetch(method, &url, &headers, body.as_deref(), signal.as_ref()),
            Request::AiRun {
                model,
                inputs,
                gateway_id,
            } => self.run(&model, &inputs, gateway_id.as_deref(), signal.as_ref()),
        };
        let response = JsFuture::from(promise.map_err(thrown)?).await;
        let response: Response = response.and_then(JsCast::dyn_into).map_err(thrown)?;
        Ok(FetchResponse {
            chunks: Chunks::of(response.body()),
            response,
            guard,
        })
    }
}

fn fetch(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: Option<&str>,
    signal: Option<&AbortSignal>,
) -> Result<Promise, JsValue> {
    let sent = Headers::new()?;
    for (name, value) in headers {
        sent.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(method);
    init.set_headers(&sent);
    init.set_signal(signal);
    if let Some(body) = body {
        init.set_body(&body.into());
    }
    global_fetch(url, &init)
}

impl FetchTransport {
    fn run(
        &self,
        model: &str,
        inputs: &str,
        gateway_id: Option<&str>,
        signal: Option<&AbortSignal>,
    ) -> Result<Promise, JsValue> {
        // Always the same set of options: concurrent calls share the binding object's state.
        let options = Object::new();
        Reflect::set(&options, &"returnRawResponse".into(), &true.into())?;
        if let Some(signal) = signal {
            Reflect::set(&options, &"signal".into(), signal)?;
        }
        if let Some(id) = gateway_id {
            let gateway = Object::new();
            Reflect::set(&gateway, &"id".into(), &id.into())?;
            Reflect::set(&options, &"gateway".into(), &gateway)?;
        }
        self.ai.run(model, &JSON::parse(inputs)?, &options)
    }
}

/// Fields are dropped in this order: the body is cancelled before its request is aborted.
pub struct FetchResponse {
    chunks: Option<Chunks>,
    response: Response,
    guard: AbortGuard,
}

impl transport::Response for FetchResponse {
    fn status(&self) -> u16 {
        self.response.status()
    }

    fn header(&self, name: &str) -> Option<String> {
        self.response.headers().get(name).ok().flatten()
    }

    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, Thrown> {
        let chunk = match &mut self.chunks {
            Some(chunks) => chunks.next().await.map_err(thrown)?,
            None => None,
        };
        if chunk.is_none() {
            self.guard.disarm();
        }
        Ok(chunk)
    }

    fn release(mut self) {
        self.guard.disarm();
        if let Some(chunks) = self.chunks.take() {
            chunks.finish();
        }
    }
}

/// Aborts the request when dropped before its end.
struct AbortGuard {
    controller: Option<AbortController>,
}

impl AbortGuard {
    fn new() -> Self {
        AbortGuard {
            controller: AbortController::new().ok(),
        }
    }

    /// The request has ended: nothing is left to abort.
    fn disarm(&mut self) {
        self.controller = None;
    }

    fn signal(&self) -> Option<AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

fn thrown(error: JsValue) -> Thrown {
    let name = error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.name()))
        .unwrap_or_default();
    Thrown(format!("{name}: {}", describe(&error)))
}
