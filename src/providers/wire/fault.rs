//! Reads what went wrong out of every shape of error body.
//!
//! - OpenAI, vLLM, llama.cpp, Ollama: `{"error": {"message", "type", "param", "code"}}`, older vLLM and Mistral flat
//!   with `"object": "error"`, Gemini in an array, others `{"error": "text"}`; OpenRouter hides the cause in
//!   `metadata.raw`.
//! - Workers AI: `{"internalCode", "description", "name"}` or `{"errors": [{"code", "message"}], "success": false}`.
//! - AI Gateway: `{"success": false, "error": [{"code", "message"}]}`.
//! - FastAPI: `{"detail": "text"}` or `{"detail": [{"loc", "msg", "type", "input"}]}`; `input` echoes the request and
//!   is not read. Mistral puts that object where others have their message.
//! - Routers and proxies: an error of one of these shapes as JSON text within their own message.
//! - HTML of a proxy: its title. Anything else: the text itself.
//!
//! Beside the message a body may tell numbers in fields: waits, sizes, names of limits. [`Fault::told`] gives them, in
//! whatever spelling they stand (`retry_after`, `retryAfter`, `Retry-After`), and however deep.

use super::redact::cut;
use crate::json;
use crate::text::{clause, lower};
use serde_json::{Map, Value};

/// How much of a text that is not JSON is kept, and of an embedded cause, in bytes. Messages are bounded again by
/// `Redactor`.
const TEXT_BYTES_MAX: usize = 4_000;
/// How many validation errors of a FastAPI body are named.
const DETAILS_MAX: usize = 3;
/// How deep the fields of [`TOLD`] are looked for.
const TOLD_DEPTH_MAX: usize = 5;

/// The fields that are kept beside the message, without their separators and in lower case.
const TOLD: &[&str] = &[
    "retryafter",
    "retryafterms",
    "retryaftermilliseconds",
    "retryafterseconds",
    "retrydelay",
    "estimatedtime",
    "ratelimitreset",
    "ratelimitremaining",
    "xratelimitreset",
    "xratelimitremaining",
    "nctx",
    "nprompttokens",
    "quotaid",
];
/// Fields that echo the request or what the model wrote. Nothing in them is the server's own word.
const ECHOES: &[&str] = &["input", "messages", "failed_generation", "body"];

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
    /// The fields of [`TOLD`].
    told: Vec<(String, String)>,
}

impl Fault {
    /// Reads the body of an error response, or the message of an exception.
    pub(super) fn of_body(body: &str) -> Fault {
        let trimmed = body.trim_start_matches('\u{feff}').trim();
        match serde_json::from_str::<Value>(trimmed) {
            Ok(value) => Fault::of_json(&value)
                .unwrap_or_else(|| Fault::text(trimmed))
                .with_told(&value),
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

    fn of_json(value: &Value) -> Option<Fault> {
        Fault::within(value).or_else(|| Fault::lenient(value.as_object()?))
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
            other => Fault::text(&json::text(other)),
        }
    }

    fn of_object(object: &Map<String, Value>) -> Fault {
        let first = |keys: &[&str]| keys.iter().find_map(|key| object.get(*key).and_then(scalar_text));
        let own = Fault {
            message: first(&["message", "description", "detail", "msg"]).unwrap_or_default(),
            code: first(&["code", "internalCode"]),
            kind: first(&["type", "name", "status"]),
            param: first(&["param"]).filter(|param| !param.is_empty()),
            told: Vec::new(),
        };
        let raw = object.get("metadata").and_then(|metadata| metadata.get("raw"));
        let nested = match (object.get("message"), raw.and_then(Value::as_str), object.get("error")) {
            (_, Some(raw), _) => Some(own.caused_by(Fault::of_body(cut(raw, TEXT_BYTES_MAX)))),
            // Mistral: `"message": {"detail": [...]}`.
            (Some(message @ Value::Object(_)), ..) => Fault::of_json(message).map(|fault| own.told_by(fault)),
            (Some(Value::String(message)), ..) => json_object(message).map(|inner| own.told_by(inner)),
            (.., Some(error)) if own.message.is_empty() => Some(Fault::of_value(error)),
            _ => None,
        };
        nested.unwrap_or(own).with_fields(object)
    }

    /// The router's words, then those of the server behind it.
    fn caused_by(&self, cause: Fault) -> Fault {
        let message = format!("{}: {}", clause(&self.message), cause.message);
        self.told_by(Fault { message, ..cause })
    }

    /// An error within this one. It says more, and this one fills its gaps.
    fn told_by(&self, inner: Fault) -> Fault {
        Fault {
            code: inner.code.or_else(|| self.code.clone()),
            kind: inner.kind.or_else(|| self.kind.clone()),
            param: inner.param.or_else(|| self.param.clone()),
            ..inner
        }
    }

    /// Keeps what the body tells beside its message.
    fn with_told(mut self, value: &Value) -> Fault {
        self.gather(value, 0);
        self
    }

    fn with_fields(mut self, object: &Map<String, Value>) -> Fault {
        self.gather_fields(object, 0);
        self
    }

    fn gather(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(object) => self.gather_fields(object, depth),
            Value::Array(items) if depth < TOLD_DEPTH_MAX => {
                items.iter().for_each(|item| self.gather(item, depth + 1));
            }
            _ => {}
        }
    }

    fn gather_fields(&mut self, object: &Map<String, Value>, depth: usize) {
        for (name, value) in object {
            let plain = plain_name(name);
            let known = TOLD.contains(&plain.as_str()) && self.told(&plain).is_none();
            // gRPC: a duration may be an object of seconds.
            let told = scalar_text(value).or_else(|| value.get("seconds").and_then(scalar_text));
            match told.filter(|_| known) {
                Some(told) => self.told.push((plain, told)),
                None if depth < TOLD_DEPTH_MAX && !ECHOES.contains(&name.as_str()) => self.gather(value, depth + 1),
                None => {}
            }
        }
    }

    /// A field beside the message, by its name in any spelling.
    pub(super) fn told(&self, name: &str) -> Option<&str> {
        let plain = plain_name(name);
        let found = self.told.iter().find(|(known, _)| *known == plain);
        found.map(|(_, value)| value.as_str())
    }

    /// xAI: `{"code": "...", "error": "text"}`.
    fn or_code(self, object: &Map<String, Value>) -> Fault {
        let code = self.code.clone().or_else(|| object.get("code").and_then(scalar_text));
        Fault { code, ..self }.with_fields(object)
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
            ..Fault::default()
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
        lower(&parts.join(" ")).replace('’', "'")
    }
}

/// A name without separators and in lower case: `Retry-After`, `retry_after` and `retryAfter` are one.
fn plain_name(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// An error as JSON text within a message.
fn json_object(message: &str) -> Option<Fault> {
    let begins = message.trim_start().starts_with(['{', '[']);
    let value = begins.then(|| serde_json::from_str::<Value>(message.trim()).ok())??;
    Some(Fault::of_json(&value)?.with_told(&value))
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
    fn an_error_within_an_error_is_read() {
        let mistral = concat!(
            r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"#,
            r#""msg":"not known here","input":{}}]},"type":"invalid_request_error","param":null,"code":null}"#,
        );
        assert_eq!(
            parts(mistral),
            (
                "stream_options: not known here".into(),
                None,
                some("extra_forbidden"),
                some("stream_options")
            )
        );
        let text = r#"{"error":{"message":"{\"error\":{\"code\":429,\"message\":\"slow\"}}","code":500}}"#;
        assert_eq!(parts(text).0, "slow");
        assert_eq!(parts(text).1, some("429"));
        assert_eq!(parts(r#"{"error":{"message":"{not JSON"}}"#).0, "{not JSON");
        assert_eq!(parts(r#"{"object":"error","message":{}}"#).0, "");
    }

    #[test]
    fn fields_beside_the_message_are_found_in_any_spelling_and_depth() {
        let told = |body: &str, name: &str| Fault::of_body(body).told(name).map(str::to_owned);
        assert_eq!(
            told(r#"{"error":{"message":"m","retry_after":20}}"#, "retry-after"),
            some("20")
        );
        assert_eq!(told(r#"{"error":"m","retryAfter":"20"}"#, "retry-after"), some("20"));
        assert_eq!(
            told(r#"{"detail":"m","estimated_time":20.5}"#, "estimated-time"),
            some("20.5")
        );
        let google = r#"[{"error":{"message":"m","details":[{"@type":"x"},{"retryDelay":"20.25s"}]}}]"#;
        assert_eq!(told(google, "retryDelay"), some("20.25s"));
        assert_eq!(
            told(r#"{"error":{"retryDelay":{"seconds":7}}}"#, "retryDelay"),
            some("7")
        );
        let router = r#"{"error":{"message":"m","metadata":{"headers":{"X-RateLimit-Reset":"17"}}}}"#;
        assert_eq!(told(router, "x-ratelimit-reset"), some("17"));
        assert_eq!(
            told(r#"{"detail":[{"loc":[],"input":{"retry_after":1}}]}"#, "retry-after"),
            None
        );
        let deep = (0..20).fold(r#"{"retry_after":1}"#.to_owned(), |inner, _| {
            format!(r#"{{"a":{inner}}}"#)
        });
        assert_eq!(told(&deep, "retry-after"), None);
        let event: Value = serde_json::from_str(r#"{"error":"busy","estimated_time":3}"#).expect("JSON");
        assert_eq!(
            Fault::within(&event).and_then(|fault| fault.told("estimated_time").map(str::to_owned)),
            some("3")
        );
    }
}
