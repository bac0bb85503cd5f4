//! The configuration from the runtime's environment, parsed once per isolate.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::transport::FetchTransport;
use crate::api::access::Access;
use crate::api::config::{Bindings, Config, Server};
use crate::api::problem::Problem;
use crate::model::Provider;
use crate::providers::demo::Speed;
use crate::providers::{Endpoint, Ollama, OllamaServer, Providers, Remembered, WorkersAi};
use crate::runner::log;

/// The name of the Workers AI binding.
const AI: &str = "AI";

thread_local! {
    /// A valid configuration, for the life of the isolate: a deploy makes new isolates.
    static VALID: RefCell<Option<Rc<Config>>> = const { RefCell::new(None) };

    /// The log knows what is wrong. Once is enough, because every request finds it out again.
    static TOLD: Cell<bool> = const { Cell::new(false) };

    /// What calls learned about models, for the life of the isolate and shared by its objects.
    static REMEMBERED: Remembered = Remembered::default();

    /// What is known of the Ollama server, and the line before it: of all workflows of the isolate.
    static OLLAMA: OllamaServer = OllamaServer::default();
}

/// The configuration, or the problem that names what is wrong with it. A wrong one is never kept.
pub fn config(env: &Env) -> Result<Rc<Config>, Problem> {
    if let Some(config) = VALID.with_borrow(Clone::clone) {
        return Ok(config);
    }
    let config = parse(env)?;
    VALID.replace(Some(config.clone()));
    Ok(config)
}

/// What a configuration says of access, also where the rest of it is wrong.
pub fn access(env: &Env) -> Access {
    Config::access(|name| property(env, name).as_string())
}

fn parse(env: &Env) -> Result<Rc<Config>, Problem> {
    let bindings = Bindings {
        ai: property(env, AI).is_object(),
    };
    let names: Vec<String> = Object::keys(env.unchecked_ref::<Object>())
        .iter()
        .filter_map(|name| name.as_string())
        .collect();
    Config::from_vars(|name| property(env, name).as_string(), &names, bindings)
        .map(Rc::new)
        .map_err(|error| {
            // The log may show the wrong values; a stranger may not.
            if !TOLD.replace(true) {
                worker::console_error!("{}", log::failure(None, &error.to_string()));
            }
            Problem::from(&error)
        })
}

/// The configured services.
pub fn providers(env: &Env, config: &Config) -> Providers<FetchTransport> {
    let binding = property(env, AI);
    Providers {
        remembered: REMEMBERED.with(Remembered::clone),
        servers: config.servers.iter().map(endpoint).collect(),
        ollama: Ollama::new(
            config.ollama_base_url.as_str(),
            config.ollama_concurrency,
            OLLAMA.with(OllamaServer::clone),
        ),
        workers_ai: binding.is_object().then(|| WorkersAi {
            gateway_id: config.ai_gateway_id.clone(),
        }),
        demo_speed: Speed::new(config.demo_speed),
        transport: FetchTransport {
            ai: binding.unchecked_into(),
        },
    }
}

fn endpoint(server: &Server) -> (Provider, Endpoint) {
    let headers = server.headers.iter();
    let exposed = headers.map(|(name, value)| (name.clone(), value.expose().to_owned()));
    let api_key = server.api_key.as_ref().map(|key| key.expose().to_owned());
    let endpoint = Endpoint::new(server.base_url.as_str(), api_key, exposed.collect());
    (server.provider, endpoint)
}

fn property(env: &Env, name: &str) -> JsValue {
    Reflect::get(env, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
