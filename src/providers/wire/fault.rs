//! Reads what went wrong out of every shape of error body.
//!
//! - OpenAI, vLLM, llama.cpp, Ollama: `{"error": {"message", "type", "param", "code"}}`, older vLLM and Mistral flat
//!   with `"object": "error"`, Gemini in an array, others `{"error": "text"}`; OpenRouter hides the cause in
//!   `metadata.raw`.
//! - Workers AI: `{"internalCode", "description", "name"}` or `{"errors": [{"code", "message"}], "success": false}`.
//! - AI Gateway: `{"success": false, "error": [{"code", "message"}]}`.
//! - FastAPI: `{"detail": "text"}` or `{"detail": [{"loc", "msg", "type", "input"}]}`; `input` echoes the request and
//!   is not read.
//! - HTML of a proxy: its title. Anything else: the text itself.

use super::redact::cut;
use serde_json::{Map, Value};

/// How much of a text that is not JSON is kept, and of an embedded cause, in bytes. Messages are bounded again by
/// `Redactor`.
const TEXT_BYTES_MAX: usize = 4_000;
/// How many validation errors of a FastAPI body are named.
const DETAILS_MAX: usize = 3;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fault {
    /// May be empty. Not redacted yet.
    pub(super) message: String,
    /// `insufficient_quota`, `3040`, `429`.
    pub(super) code: Option<String>,
    /// The `type` or `name`: `invalid_request_error`, `exceed_context_size_error`.
    pub(super) kind: Option<String>,
    /// The parameter that was refused: `max_tokens`, `messages[0].role`.
    pub(super) param: Option<String>,
}

impl Fault {
    /// Reads the body of an error response, or the message of an exception.
    pub(super) fn of_body(body: &str) -> Fault {
        let trimmed = body.trim_start_matches('\u{feff}').trim();
        match serde_json::from_str::<Value>(trimmed) {
            Ok(value) => Fault::within(&value)
                .or_else(|| Fault::lenient(value.as_object()?))
                .unwrap_or_else(|| Fault::text(trimmed)),
            Err(_) if looks_like_html(trimmed) => {
                Fault::text(&html_title(trimmed).unwrap_or_else(|| "an HTML page".to_owned()))
            }
            Err(_) => Fault::text(trimmed),
        }
    }

    /// The error inside a reply of status 200 or a stream event, if it holds one. Strict: a normal reply is never taken
    /// for one.
    pub(super) fn within(value: &Value) -> Option<Fault> {
        let object = match value {
            Value::Array(items) => items.first()?.as_object()?,
            _ => value.as_object()?,
        };
        let from_errors = || object.get("errors")?.as_array()?.first().map(Fault::of_value);
        // Groq: a failure in the middle of a stream.
        let of_groq = || Fault::of_field(object.get("x_groq")?.as_object()?);
        if let Some(fault) = Fault::of_field(object)
            .or_else(from_errors)
            .or_else(of_groq)
            .or_else(|| Fault::of_minimax(object))
        {
            return Some(fault);
        }
        let says_error = |key: &str| object.get(key).and_then(Value::as_str) == Some("error");
        let failed = object.get("success") == Some(&Value::Bool(false)) || object.contains_key("internalCode");
        (failed || ["object", "type", "status"].into_iter().any(says_error)).then(|| Fault::of_object(object))
    }

    /// The `error` field of an object. Some servers always have it, and leave it empty.
    pub(super) fn of_field(object: &Map<String, Value>) -> Option<Fault> {
        match object.get("error")? {
            Value::Null | Value::Bool(false) => None,
            error if is_empty(error) => None,
            error => Some(Fault::of_value(error).or_code(object)),
        }
    }

    /// MiniMax: every reply holds `{"base_resp": {"status_code": 0, "status_msg": ""}}`, and zero means success.
    fn of_minimax(object: &Map<String, Value>) -> Option<Fault> {
        let status = object.get("base_resp")?.as_object()?;
        let code = status
            .get("status_code")
            .and_then(scalar_text)
            .filter(|code| code != "0")?;
        Some(Fault {
            message: status.get("status_msg").and_then(scalar_text).unwrap_or_default(),
            code: Some(code),
            ..Fault::default()
        })
    }

    /// The words of an object that is known to be no reply.
    pub(super) fn lenient(object: &Map<String, Value>) -> Option<Fault> {
        if let Some(details) = object.get("detail").and_then(Value::as_array) {
            return Some(Fault::of_details(details));
        }
        if let Some(detail) = object.get("detail").filter(|detail| detail.is_object()) {
            return Fault::within(detail).or_else(|| Some(Fault::of_value(detail)));
        }
        let fault = Fault::of_object(object);
        (!fault.message.is_empty()).then_some(fault)
    }

    fn of_value(value: &Value) -> Fault {
        match value {
            Value::String(text) => Fault::text(text),
            Value::Object(object) => Fault::of_object(object),
            Value::Array(items) => items.first().map(Fault::of_value).unwrap_or_default(),
            other => Fault::text(&other.to_string()),
        }
    }

    fn of_object(object: &Map<String, Value>) -> Fault {
        let first = |keys: &[&str]| keys.iter().find_map(|key| object.get(*key).and_then(scalar_text));
        let mut message = first(&["message", "description", "detail", "msg"]).unwrap_or_default();
        if let Some(cause) = object
            .get("metadata")
            .and_then(|metadata| metadata.get("raw"))
            .and_then(Value::as_str)
        {
            message = format!("{message}: {}", cut(cause, TEXT_BYTES_MAX));
        }
        if message.is_empty()
            && let Some(nested) = object.get("error")
        {
            return Fault::of_value(nested);
        }
        Fault {
            message,
            code: first(&["code", "internalCode"]),
            kind: first(&["type", "name", "status"]),
            param: first(&["param"]),
        }
    }

    /// xAI: `{"code": "...", "error": "text"}`.
    fn or_code(self, object: &Map<String, Value>) -> Fault {
        let code = self.code.or_else(|| object.get("code").and_then(scalar_text));
        Fault { code, ..self }
    }

    fn of_details(details: &[Value]) -> Fault {
        let place = |detail: &Value| {
            let path = detail.get("loc").and_then(Value::as_array)?;
            let names = path.iter().filter_map(scalar_text).filter(|name| name != "body");
            Some(names.collect::<Vec<_>>().join("."))
        };
        let described = details.iter().take(DETAILS_MAX).map(|detail| {
            let message = detail.get("msg").and_then(scalar_text).unwrap_or_default();
            format!("{}: {message}", place(detail).unwrap_or_default())
        });
        Fault {
            message: described.collect::<Vec<_>>().join("; "),
            param: details.first().and_then(place),
            kind: details
                .first()
                .and_then(|detail| detail.get("type"))
                .and_then(scalar_text),
            code: None,
        }
    }

    pub(super) fn text(text: &str) -> Fault {
        Fault {
            message: cut(text, TEXT_BYTES_MAX).to_owned(),
            ..Fault::default()
        }
    }

    /// Code, type and message in lower case, for looking for words.
    pub(super) fn lower_text(&self) -> String {
        let parts = [self.code.as_deref(), self.kind.as_deref(), Some(self.message.as_str())];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        parts.join(" ").to_lowercase().replace('’', "'")
    }

    /// The prompt and the reply it asks for don't fit into the model's context.
    pub(super) fn is_context_too_long(&self) -> bool {
        let text = self.lower_text();
        contains_any(&text, CONTEXT_WORDS)
    }

    /// Money or an allowance is used up, as opposed to a rate. Gemini says "exceeded your current quota" for rates as
    /// well, with the delay after which to retry.
    pub(super) fn is_quota(&self) -> bool {
        let text = self.lower_text();
        contains_any(&text, QUOTA_WORDS)
            || (text.contains("exceeded your current quota") && !contains_any(&text, &["retry in", "try again in"]))
    }
}

const CONTEXT_WORDS: &[&str] = &[
    "context_length_exceeded",
    "exceed_context_size",
    "maximum context length",
    "context length is only",
    "exceeds the context",
    "exceed the context",
    "exceed context",
    "exceeds context",
    "exceeds the available context",
    "exceeds the model's context",
    "context window",
    "fewer output tokens",
    "prompt is too long",
    "input is too long",
    "reduce the length of",
    "max_seq_len",
    "token limit exceeded",
    "tokens exceed",
];

const QUOTA_WORDS: &[&str] = &[
    "insufficient_quota",
    "insufficient_user_quota",
    "billing_hard_limit",
    "billing_not_active",
    "insufficient balance",
    "insufficient credit",
    "insufficient funds",
    "credit balance is too low",
    "daily free allocation",
    "payment required",
];

pub(super) fn contains_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn looks_like_html(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// The title of an HTML page, or its first heading.
pub(super) fn html_title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let between = |open: &str, close: &str| {
        let start = lower.find(open)? + open.len();
        let start = start + lower.get(start..)?.find('>')? + 1;
        let end = start + lower.get(start..)?.find(close)?;
        let title = page.get(start..end)?.trim();
        (!title.is_empty()).then(|| cut(title, 200).to_owned())
    };
    between("<title", "</title").or_else(|| between("<h1", "</h1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> (String, Option<String>, Option<String>, Option<String>) {
        let fault = Fault::of_body(body);
        (fault.message, fault.code, fault.kind, fault.param)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn every_known_shape_gives_its_message() {
        let openai = concat!(
            r#"{"error":{"message":"m","type":"invalid_request_error","param":"max_tokens","#,
            r#""code":"unsupported_parameter"}}"#,
        );
        assert_eq!(
            parts(openai),
            (
                "m".into(),
                some("unsupported_parameter"),
                some("invalid_request_error"),
                some("max_tokens")
            )
        );
        let llama_cpp = r#"{"error":{"code":400,"message":"m","type":"exceed_context_size_error","n_ctx":256}}"#;
        assert_eq!(
            parts(llama_cpp),
            ("m".into(), some("400"), some("exceed_context_size_error"), None)
        );
        let old_vllm = r#"{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}"#;
        assert_eq!(
            parts(old_vllm),
            ("m".into(), some("400"), some("BadRequestError"), None)
        );
        assert_eq!(
            parts(r#"[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}]"#).0,
            "m"
        );
        assert_eq!(
            parts(r#"{"code":"Client specified an invalid argument","error":"m"}"#).1,
            some("Client specified an invalid argument")
        );
        assert_eq!(
            parts(r#"{"internalCode":3040,"description":"m","name":"n"}"#),
            ("m".into(), some("3040"), some("n"), None)
        );
        assert_eq!(
            parts(r#"{"result":null,"success":false,"errors":[{"code":5007,"message":"m"}]}"#),
            ("m".into(), some("5007"), None, None)
        );
        assert_eq!(
            parts(r#"{"success":false,"result":[],"messages":[],"error":[{"code":2003,"message":"m"}]}"#),
            ("m".into(), some("2003"), None, None)
        );
        assert_eq!(parts(r#"{"detail":"Not Found"}"#).0, "Not Found");
        assert_eq!(parts("  plain text \n").0, "plain text");
        assert_eq!(
            parts("<html><head><TITLE lang=en> 502 Bad Gateway </title>").0,
            "502 Bad Gateway"
        );
        assert_eq!(parts("<!doctype html><p>").0, "an HTML page");
        assert_eq!(parts("").0, "");
    }

    #[test]
    fn a_validation_error_names_the_field_and_leaves_the_input_out() {
        let body = concat!(
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"#,
            r#""msg":"Extra inputs are not permitted","input":{"secret":"prompt"}}]}"#,
        );
        assert_eq!(
            parts(body),
            (
                "stream_options: Extra inputs are not permitted".into(),
                None,
                some("extra_forbidden"),
                some("stream_options")
            )
        );
    }

    #[test]
    fn the_cause_behind_a_router_is_shown() {
        let body = concat!(
            r#"{"error":{"message":"Provider returned error","code":400,"#,
            r#""metadata":{"raw":"{\"error\":{\"message\":\"must be verified to stream this model\"}}"}}}"#,
        );
        assert!(parts(body).0.contains("verified to stream"));
    }

    #[test]
    fn a_normal_reply_holds_no_error() {
        for reply in [
            r#"{"choices":[],"error":null}"#,
            r#"{"choices":[],"error":{}}"#,
            r#"{"choices":[],"error":""}"#,
            r#"{"response":"error"}"#,
            r#"{"result":{"response":"x"},"success":true,"errors":[]}"#,
            r#"{"type":"response.completed","response":{}}"#,
            r#""error""#,
            "[]",
        ] {
            assert_eq!(
                Fault::within(&serde_json::from_str(reply).expect(reply)),
                None,
                "{reply}"
            );
        }
    }

    #[test]
    fn context_and_quota_are_told_from_rates() {
        let too_long = [
            concat!(
                r#"{"error":{"message":"This model's maximum context length is 4097 tokens. However, you requested "#,
                r#"4203 tokens","code":"context_length_exceeded"}}"#,
            ),
            concat!(
                r#"{"error":{"code":400,"message":"the request exceeds the available context size. try increasing "#,
                r#"the context size","type":"exceed_context_size_error"}}"#,
            ),
            "You passed 9000 input tokens and requested 10 output tokens. However, the model's context length is only \
            4096 tokens",
            "max_tokens=5000cannot be greater than max_model_len=max_total_tokens=4096. Please request fewer output \
            tokens.",
            "Your input exceeds the context window of this model",
        ];
        assert!(too_long.iter().all(|body| Fault::of_body(body).is_context_too_long()));
        let rate = "Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000";
        assert!(!Fault::of_body(rate).is_context_too_long() && !Fault::of_body(rate).is_quota());
        assert!(
            Fault::of_body(
                r#"{"error":{"message":"You exceeded your current quota, please check","code":"insufficient_quota"}}"#
            )
            .is_quota()
        );
        assert!(!Fault::of_body("You exceeded your current quota. Please retry in 26.1s.").is_quota());
    }
}
