//! Asking a Durable Object: an internal POST.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use worker::{Env, Response, Result};

/// The Durable Object namespace of wrangler.toml.
pub const WORKFLOWS: &str = "ORCHESTRATOR_WORKERS_WORKFLOW";

/// Whether wrangler.toml has the namespace. A deployment may bring an older one.
pub fn has_namespace(env: &Env, namespace: &str) -> bool {
    Reflect::has(env, &namespace.into()).unwrap_or_default()
}

/// `path` and `body` say what is asked. The names of objects are those of [`crate::api::id::Tenant`].
pub async fn fetch(env: &Env, namespace: &str, name: &str, path: &str, body: &str) -> Result<Response> {
    let stub = env.durable_object(namespace)?.id_from_name(name)?.get_stub()?;
    // Not worker's own RequestInit: the conversion of all its options is large.
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(body));
    let request = web_sys::Request::new_with_str_and_init(&format!("https://object{path}"), &init)?;
    stub.fetch_with_request(request.into()).await
}

/// The answer's status and body. The error is for the log.
pub async fn text(
    env: &Env,
    namespace: &str,
    name: &str,
    path: &str,
    body: &str,
) -> std::result::Result<(u16, String), String> {
    let read = async {
        let mut response = fetch(env, namespace, name, path, body).await?;
        Ok::<_, worker::Error>((response.status_code(), response.text().await?))
    };
    read.await.map_err(|error| error.to_string())
}
