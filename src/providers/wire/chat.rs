//! The request body of an OpenAI-compatible `POST /chat/completions`: OpenAI, Ollama, vLLM, llama.cpp, LiteLLM.
//!
//! A body always has `model`, `messages` (their content is never null), `stream`, and a limit of tokens. A key without
//! a value is left out and never null. `stream_options.include_usage` asks for the usage chunk.
//! `temperature` is 0.2 for a plan, because its shape matters more than its wording; elsewhere the model's own default
//! holds. `reasoning_effort` is low on reasoning models, which otherwise spend the whole limit before the first word. A
//! schema with a strict form is sent in that form with `strict: true`, any other as it is with `strict: false`.
//!
//! In its barest form ([`Adaptations::barest`]) a body has the model, the messages, the limit and `stream` alone.

use super::adapt::{Adaptations, SchemaForm, TokenField};
use super::schema::{body_text, strict_schema};
use crate::model::{Brief, Message, MessageRole, ModelRequest};
use serde_json::{Map, Value, json};

/// OpenAI requires a name of `[a-zA-Z0-9_-]{1,64}`.
const PLAN_NAME: &str = "plan";
const ANSWER_NAME: &str = "answer";
pub(super) const PLAN_TEMPERATURE: f64 = 0.2;
pub(super) const REASONING_EFFORT: &str = "low";

/// A call ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The JSON body of an HTTP request; for `env.AI.run` its `inputs` (convert with `JSON.parse`, not through `Map`s).
    pub body: Value,
    /// False where the whole reply comes at once, so that no first-token limit can apply.
    pub streaming: bool,
    /// The limit that is sent, for [`super::ReplyReader::with_max_tokens`].
    pub max_tokens: u32,
}

impl Call {
    /// The body as it is sent.
    pub fn text(&self) -> String {
        body_text(&self.body)
    }
}

/// The body of `POST {base URL}/chat/completions`.
pub fn chat_call(request: &ModelRequest, adaptations: &Adaptations) -> Call {
    let streaming = adaptations.streams(request.json_schema.is_some());
    let mut body = common_fields(request, adaptations, streaming);
    body.insert("model".into(), request.model.name.as_str().into());
    Call {
        body: Value::Object(body),
        streaming,
        max_tokens: adaptations.max_tokens(request.max_tokens),
    }
}

/// The fields that all services share.
pub(super) fn common_fields(request: &ModelRequest, adaptations: &Adaptations, streaming: bool) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("messages".into(), messages(&request.messages, adaptations.system_role));
    let max_tokens = Value::from(adaptations.max_tokens(request.max_tokens));
    if adaptations.token_field != TokenField::MaxCompletionTokens {
        body.insert("max_tokens".into(), max_tokens.clone());
    }
    if adaptations.token_field != TokenField::MaxTokens {
        body.insert("max_completion_tokens".into(), max_tokens);
    }
    if streaming {
        body.insert("stream".into(), true.into());
        if adaptations.stream_options {
            body.insert("stream_options".into(), json!({"include_usage": true}));
        }
    }
    if adaptations.temperature && matches!(request.brief, Brief::Plan { .. }) {
        body.insert("temperature".into(), PLAN_TEMPERATURE.into());
    }
    if adaptations.reasoning_effort {
        body.insert("reasoning_effort".into(), REASONING_EFFORT.into());
    }
    if let Some(format) = request
        .json_schema
        .as_ref()
        .and_then(|schema| response_format(schema, adaptations.schema, matches!(request.brief, Brief::Plan { .. })))
    {
        body.insert("response_format".into(), format);
    }
    body
}

/// `is_plan`: the schema is ours.
fn response_format(schema: &Value, form: SchemaForm, is_plan: bool) -> Option<Value> {
    match form {
        SchemaForm::Bare => Some(json_schema(schema.clone())),
        SchemaForm::Envelope => {
            let strict = strict_schema(schema, is_plan);
            let name = if is_plan { PLAN_NAME } else { ANSWER_NAME };
            let is_strict = strict.is_some();
            let schema = strict.unwrap_or_else(|| schema.clone());
            let fields = [("name", name.into()), ("schema", schema), ("strict", is_strict.into())];
            Some(json_schema(object(fields)))
        }
        SchemaForm::JsonObject => Some(json!({"type": "json_object"})),
        SchemaForm::Omitted => None,
    }
}

fn json_schema(schema: Value) -> Value {
    object([("type", "json_schema".into()), ("json_schema", schema)])
}

/// The macro would write each value anew, by code of its own.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let mut object = Map::new();
    for (name, value) in fields {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

/// Without a system role its text stands at the head of the first message of the user, and roles alternate, because a
/// chat template that knows no system role mostly knows no two messages of one role in a row either.
pub(super) fn messages(messages: &[Message], system_role: bool) -> Value {
    let wire = |role: MessageRole, content: &str| json!({"role": role.as_str(), "content": content});
    if system_role {
        return messages
            .iter()
            .map(|message| wire(message.role, &message.content))
            .collect();
    }
    let (system, rest): (Vec<_>, Vec<_>) = messages.iter().partition(|message| message.role == MessageRole::System);
    let preamble = system.into_iter().map(|message| (MessageRole::User, &message.content));
    let others = rest.into_iter().map(|message| (message.role, &message.content));
    let mut folded: Vec<(MessageRole, String)> = Vec::new();
    for (role, content) in preamble.chain(others) {
        match folded.last_mut() {
            Some((last, text)) if *last == role => {
                text.push_str("\n\n");
                text.push_str(content);
            }
            _ => folded.push((role, content.clone())),
        }
    }
    folded.iter().map(|(role, content)| wire(*role, content)).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::fixtures::{plan_request, subtask_request};

    use super::*;
    use crate::model::Provider;

    fn body(request: &ModelRequest) -> Value {
        chat_call(request, &Adaptations::new(&request.model)).body
    }

    #[test]
    fn a_plan_of_a_plain_model_has_every_field() {
        assert_eq!(
            body(&plan_request(Provider::Openai, "gpt-4o")),
            json!({
                "model": "gpt-4o",
                "messages": [{"role": "system", "content": "You plan."}, {"role": "user", "content": "Build it."}],
                "max_tokens": 4096, "stream": true, "stream_options": {"include_usage": true}, "temperature": 0.2,
                "response_format": {"type": "json_schema", "json_schema": {"name": "plan", "strict": true, "schema": {
                    "type": "object", "properties": {"tasks": {"type": "array", "items": {"type": "string"}}},
                    "required": ["tasks"], "additionalProperties": false,
                }}},
            })
        );
    }

    #[test]
    fn a_subtask_has_neither_schema_nor_temperature() {
        let body = body(&subtask_request(Provider::Openai, "llama3.2:3b"));
        let keys: Vec<_> = body.as_object().expect("object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["max_tokens", "messages", "model", "stream", "stream_options"]);
    }

    #[test]
    fn a_reasoning_model_gets_low_effort_and_its_own_temperature() {
        let body = body(&plan_request(Provider::Openai, "gpt-5-mini"));
        assert_eq!(body["reasoning_effort"], "low");
        assert_eq!(body["max_completion_tokens"], 4096);
        assert!(body.get("temperature").is_none() && body.get("max_tokens").is_none());
    }

    #[test]
    fn what_was_refused_is_left_out_and_nothing_is_null() {
        let request = plan_request(Provider::Openai, "m");
        let mut adaptations = Adaptations::new(&request.model);
        for param in [
            "temperature",
            "stream_options",
            "response_format",
            "response_format",
            "stream",
            "max_tokens",
        ] {
            assert!(
                adaptations.learn(400, &format!(r#"{{"error":{{"message":"no","param":"{param}"}}}}"#)),
                "{param}"
            );
        }
        let call = chat_call(&request, &adaptations);
        assert!(!call.streaming);
        let keys: Vec<_> = call
            .body
            .as_object()
            .expect("object")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(keys, ["max_completion_tokens", "messages", "model"]);
        assert!(!call.body.to_string().contains("null"));
    }

    #[test]
    fn a_ceiling_lowers_the_limit_only() {
        let mut request = subtask_request(Provider::Openai, "m");
        let mut adaptations = Adaptations::new(&request.model);
        assert!(adaptations.learn(
            400,
            "max_tokens is too large: 8192. This model supports at most 2048 completion tokens"
        ));
        assert_eq!(chat_call(&request, &adaptations).body["max_tokens"], 2048);
        request.max_tokens = 100;
        assert_eq!(chat_call(&request, &adaptations).body["max_tokens"], 100);
    }

    #[test]
    fn a_model_without_a_system_role_reads_it_in_the_first_message() {
        let mut request = plan_request(Provider::Openai, "gemma");
        let mut adaptations = Adaptations::new(&request.model);
        assert!(adaptations.learn(400, r#"{"message":"System role not supported"}"#));
        assert_eq!(
            chat_call(&request, &adaptations).body["messages"],
            json!([{"role": "user", "content": "You plan.\n\nBuild it."}])
        );
        request.messages.truncate(1);
        assert_eq!(
            chat_call(&request, &adaptations).body["messages"],
            json!([{"role": "user", "content": "You plan."}])
        );
    }

    #[test]
    fn without_a_system_role_the_roles_alternate() {
        let request = plan_request(Provider::Openai, "gemma");
        let message = |role, content: &str| Message {
            role,
            content: content.into(),
        };
        let request = ModelRequest {
            messages: vec![
                message(MessageRole::System, "S"),
                message(MessageRole::User, "1"),
                message(MessageRole::User, "2"),
                message(MessageRole::Assistant, "3"),
                message(MessageRole::System, "T"),
                message(MessageRole::User, "4"),
            ],
            ..request
        };
        let barest = Adaptations::new(&request.model).barest("");
        assert_eq!(
            chat_call(&request, &barest).body["messages"],
            json!([
                {"role": "user", "content": "S\n\nT\n\n1\n\n2"},
                {"role": "assistant", "content": "3"},
                {"role": "user", "content": "4"},
            ])
        );
    }
}
