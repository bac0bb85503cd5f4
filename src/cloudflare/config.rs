//! The configuration from the runtime's environment, parsed once per isolate.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use worker::Env;

use super::models::{AiBinding, Endpoint, Models, WorkersAi};
use crate::api::config::{Bindings, Config};
use crate::api::problem::Problem;
use crate::runner::log;

/// The name of the Workers AI binding.
const AI: &str = "AI";

thread_local! {
    /// An isolate's environment never changes: a deploy makes new isolates.
    static PARSED: RefCell<Option<Result<Rc<Config>, Problem>>> = const { RefCell::new(None) };
}

/// The configuration, or the problem that names what is wrong with it.
pub fn config(env: &Env) -> Result<Rc<Config>, Problem> {
    PARSED.with_borrow_mut(|parsed| parsed.get_or_insert_with(|| parse(env)).clone())
}

fn parse(env: &Env) -> Result<Rc<Config>, Problem> {
    let bindings = Bindings {
        ai: property(env, AI).is_object(),
    };
    Config::from_vars(|name| property(env, name).as_string(), bindings)
        .map(Rc::new)
        .map_err(|error| {
            // The log may show the wrong values; a stranger may not.
            worker::console_error!("{}", log::failure(None, &error.to_string()));
            Problem::from(&error)
        })
}

/// The transports of the configured providers.
pub fn models(env: &Env, config: &Config) -> Models {
    let binding = property(env, AI);
    Models {
        openai: Some(Endpoint {
            base_url: config.openai.base_url.as_str().to_owned(),
            api_key: config.openai.api_key.as_ref().map(|key| key.expose().to_owned()),
            first_listed: RefCell::default(),
        }),
        ollama: Endpoint {
            base_url: config.ollama_base_url.as_str().to_owned(),
            api_key: None,
            first_listed: RefCell::default(),
        },
        workers_ai: binding.is_object().then(|| WorkersAi {
            binding: wasm_bindgen::JsCast::unchecked_into::<AiBinding>(binding),
            gateway_id: config.ai_gateway_id.clone(),
        }),
        demo_speed: config.demo_speed,
    }
}

fn property(env: &Env, name: &str) -> JsValue {
    Reflect::get(env, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
