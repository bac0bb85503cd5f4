//! The body of Ollama's `POST /api/chat`.
//!
//! `truncate` and `shift` are false, so that a prompt or a reply that does not fit is told and never cut in silence
//! (ollama/ollama, `api/types.go`; servers before 0.12.6 ignore both). `think` is sent to models that think: gpt-oss
//! gets the lowest effort, because it can't be switched off. The others do not think where a schema was sent, because
//! servers differ in when the schema begins to hold. Elsewhere they do as they do by themselves, and the server gives
//! the thinking apart.

use super::adapt::{Adaptations, SchemaForm};
use super::chat::{Call, PLAN_TEMPERATURE, REASONING_EFFORT, messages};
use crate::model::{Brief, ModelRequest};
use serde_json::{Map, Value};

/// What is known of the model on its server, as far as it decides about a call.
#[derive(Clone, Copy, Debug)]
pub struct OllamaTerms {
    /// The context that is asked for: prompt and reply together.
    pub num_ctx: u32,
    pub thinks: bool,
}

pub fn ollama_call(request: &ModelRequest, adaptations: &Adaptations, terms: OllamaTerms) -> Call {
    let with_schema = request.json_schema.is_some();
    let streaming = adaptations.streams(with_schema);
    let max_tokens = adaptations.max_tokens(request.max_tokens);
    let mut options = Map::new();
    options.insert("num_ctx".into(), terms.num_ctx.into());
    options.insert("num_predict".into(), max_tokens.into());
    if adaptations.temperature && matches!(request.brief, Brief::Plan { .. }) {
        options.insert("temperature".into(), PLAN_TEMPERATURE.into());
    }
    let mut body = Map::new();
    body.insert("model".into(), request.model.name.as_str().into());
    body.insert("messages".into(), messages(&request.messages, adaptations.system_role));
    body.insert("stream".into(), streaming.into());
    body.insert("truncate".into(), false.into());
    body.insert("shift".into(), false.into());
    body.insert("options".into(), Value::Object(options));
    let format = match adaptations.schema {
        SchemaForm::Bare | SchemaForm::Envelope => request.json_schema.clone(),
        SchemaForm::JsonObject => with_schema.then(|| "json".into()),
        SchemaForm::Omitted => None,
    };
    if terms.thinks && adaptations.reasoning_effort {
        if request.model.name.contains("gpt-oss") {
            body.insert("think".into(), REASONING_EFFORT.into());
        } else if format.is_some() {
            body.insert("think".into(), false.into());
        }
    }
    if let Some(format) = format {
        body.insert("format".into(), format);
    }
    Call {
        body: Value::Object(body),
        streaming,
        max_tokens,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::fixtures::{plan_request, plan_schema, subtask_request};
    use super::*;
    use crate::model::Provider;
    use serde_json::json;

    fn body(request: &ModelRequest, thinks: bool) -> Value {
        let terms = OllamaTerms { num_ctx: 8_192, thinks };
        ollama_call(request, &Adaptations::new(&request.model), terms).body
    }

    #[test]
    fn a_plan_has_its_schema_and_the_context_that_it_needs() {
        let expected = json!({
            "model": "llama3.2:3b",
            "messages": [{"role": "system", "content": "You plan."}, {"role": "user", "content": "Build it."}],
            "stream": true, "truncate": false, "shift": false, "format": plan_schema(),
            "options": {"num_ctx": 8_192, "num_predict": 4_096, "temperature": 0.2},
        });
        assert_eq!(body(&plan_request(Provider::Ollama, "llama3.2:3b"), false), expected);
    }

    #[test]
    fn a_subtask_has_neither_schema_nor_temperature() {
        let body = body(&subtask_request(Provider::Ollama, "qwen3:8b"), true);
        assert_eq!(body["options"], json!({"num_ctx": 8_192, "num_predict": 4_096}));
        assert!(body.get("format").is_none() && body.get("think").is_none());
    }

    #[test]
    fn a_model_that_thinks_does_not_where_a_schema_holds() {
        for (name, think) in [("qwen3:8b", json!(false)), ("gpt-oss:20b", json!("low"))] {
            assert_eq!(body(&plan_request(Provider::Ollama, name), true)["think"], think);
            assert!(
                body(&plan_request(Provider::Ollama, name), false)
                    .get("think")
                    .is_none()
            );
        }
        assert_eq!(
            body(&subtask_request(Provider::Ollama, "gpt-oss:20b"), true)["think"],
            "low"
        );
    }

    #[test]
    fn what_was_refused_is_left_out() {
        let request = plan_request(Provider::Ollama, "qwen3:8b");
        let terms = OllamaTerms {
            num_ctx: 8_192,
            thinks: true,
        };
        let barest = Adaptations::new(&request.model).barest("");
        let body = ollama_call(&request, &barest, terms).body;
        let keys: Vec<_> = body.as_object().expect("object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["messages", "model", "options", "shift", "stream", "truncate"]);
        assert_eq!(body["options"], json!({"num_ctx": 8_192, "num_predict": 2_048}));
    }
}
