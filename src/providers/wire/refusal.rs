//! Which parameter of a request an error body refuses.
//!
//! The wordings are those of OpenAI and Azure (`param`, "Unsupported parameter: 'max_tokens' is not supported with this
//! model. Use 'max_completion_tokens' instead.", "Unrecognized request argument supplied: reasoning_effort"), vLLM
//! (FastAPI validation, "System role not supported"), llama.cpp ("Failed to initialize samplers: failed to parse
//! grammar"), Ollama ("\"gemma3\" does not support thinking", "think value \"low\" is not supported for this model"),
//! LiteLLM ("does not support parameters: ['response_format']"), Mistral (FastAPI's details within `message`), Gemini
//! ("Developer instruction is not enabled") and Workers AI (5023, 5024, 5025). Ceilings of `max_tokens` come in as many
//! wordings as there are servers, so that they are read by a rule and not by a list.

use super::fault::Fault;
use super::verdict::{classify, workers_ai_code};
use super::wording::{all_numbers, contains_any, word_position};
use crate::errors::ErrorName;
use crate::model::ErrorClass;
use crate::text::lower;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The limit of tokens is above what the model can write.
    MaxTokensAbove(u32),
    MaxTokens,
    MaxCompletionTokens,
    Temperature,
    /// In this form; another may do.
    ResponseFormat,
    /// In any form.
    AnyResponseFormat,
    ReasoningEffort,
    StreamOptions,
    Stream,
    /// A schema and a stream together.
    StreamWithSchema,
    SystemRole,
}

/// A limit below or above these is not believed: it is some other number of the message.
const MAX_TOKENS_CEILING_MIN: u64 = 128;
const MAX_TOKENS_CEILING_MAX: u64 = 1_000_000;
/// Statuses that servers repeat within their messages. No ceiling has these values.
const STATUSES_IN_WORDS: &[u64] = &[400, 401, 403, 404, 413, 422, 429, 500];
/// The names of the limit, also those of a server behind the server.
const LIMIT_NAMES: &[&str] = &[
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "maxoutputtokens",
    "max_new_tokens",
    "maximum tokens",
    "max tokens",
    "num_predict",
];
/// What says that the limit is too high, as opposed to unknown.
const TOO_HIGH_WORDS: &[&str] = &[
    "too large",
    "too high",
    "too big",
    "exceed",
    "maximum",
    "at most",
    "less than",
    "greater than",
    "larger than",
    "more than",
    "range",
    "between",
    "limit",
    "supports up to",
    "above",
    "below",
    "<=",
    "≤",
    " > ",
];

impl Refusal {
    /// None: the body refuses no parameter, or the whole request for another reason.
    pub(super) fn read(status: u16, body: &str) -> Option<Refusal> {
        let fault = Fault::of_body(body);
        let is_json_mode = is_json_mode_error(&fault);
        if matches!(status, 401..=404 | 408 | 409 | 413 | 425 | 429) && !is_json_mode {
            return None;
        }
        // A fault that passes, an empty account or a prompt that is too long teaches nothing, whatever it names.
        let (class, name) = classify(&fault, Some(status), false);
        if !is_json_mode && (name == ErrorName::ContextTooLong || (status < 500 && class != ErrorClass::Permanent)) {
            return None;
        }
        let text = fault.lower_text();
        if let Some(refusal) = of_workers_ai(&fault, &text) {
            return Some(refusal);
        }
        // Older llama.cpp and Ollama answer 500 for a format they can't compile; any other 5xx is no refusal.
        if status >= 500 && !contains_any(&text, SERVER_ERROR_WORDS) {
            return None;
        }
        if let Some(ceiling) = max_tokens_ceiling(&lower(&fault.message)) {
            return Some(Refusal::MaxTokensAbove(ceiling));
        }
        fault.param.as_deref().and_then(of_param).or_else(|| first_named(&text))
    }
}

const SERVER_ERROR_WORDS: &[&str] = &[
    "unsupported param",
    "json schema",
    "grammar",
    "samplers",
    "required for format",
    "does not support thinking",
];

fn is_json_mode_error(fault: &Fault) -> bool {
    fault.lower_text().contains("json mode couldn't be met") || matches!(workers_ai_code(fault), Some(5023..=5025))
}

fn of_workers_ai(fault: &Fault, text: &str) -> Option<Refusal> {
    let code = workers_ai_code(fault);
    if code == Some(5023) || text.contains("not supported with stream mode") {
        return Some(Refusal::StreamWithSchema);
    }
    (is_json_mode_error(fault) || code == Some(5025)).then_some(Refusal::AnyResponseFormat)
}

/// "max_tokens is too large: 8192. This model supports at most 4096 completion tokens", "the valid range of max_tokens
/// is [1, 8192]", "`max_tokens` must be less than or equal to `8192`", "expected a value <= 12288, but got 32000".
/// The message holds the ceiling, often the refused limit, which is higher, and the least limit, which is 0 or 1. So
/// the ceiling is the lowest of its plausible numbers.
fn max_tokens_ceiling(text: &str) -> Option<u32> {
    // The lowest number of a message that counts the prompt may be the prompt's.
    let counts_prompt = contains_any(text, &["prompt", "input token", "in the messages"]);
    if counts_prompt || !contains_any(text, LIMIT_NAMES) || !contains_any(text, TOO_HIGH_WORDS) {
        return None;
    }
    let plausible = |number: &u64| {
        (MAX_TOKENS_CEILING_MIN..=MAX_TOKENS_CEILING_MAX).contains(number) && !STATUSES_IN_WORDS.contains(number)
    };
    let lowest = all_numbers(text).into_iter().filter(plausible).min()?;
    // Gemini: "from 1 (inclusive) to 8193 (exclusive)"; Bedrock: "lower than 2048".
    let is_excluded = text.contains(&format!("{lowest} (exclusive)"));
    u32::try_from(lowest - u64::from(is_excluded)).ok()
}

fn of_param(param: &str) -> Option<Refusal> {
    let param = param.to_ascii_lowercase();
    let name = param.split(['.', '[']).next().unwrap_or_default();
    match name {
        "max_tokens" => Some(Refusal::MaxTokens),
        "max_completion_tokens" => Some(Refusal::MaxCompletionTokens),
        "temperature" => Some(Refusal::Temperature),
        "response_format" | "json_schema" | "guided_json" | "structured_outputs" => Some(Refusal::ResponseFormat),
        "reasoning_effort" | "reasoning" => Some(Refusal::ReasoningEffort),
        "stream_options" => Some(Refusal::StreamOptions),
        "stream" => Some(Refusal::Stream),
        "messages" if param.ends_with("role") => Some(Refusal::SystemRole),
        _ => None,
    }
}

/// The parameter that is named first: "Unsupported parameter: 'max_tokens' ... Use 'max_completion_tokens' instead".
fn first_named(text: &str) -> Option<Refusal> {
    const NAMES: &[(&str, Refusal)] = &[
        ("max_tokens", Refusal::MaxTokens),
        ("max_completion_tokens", Refusal::MaxCompletionTokens),
        ("temperature", Refusal::Temperature),
        ("response_format", Refusal::ResponseFormat),
        ("json_schema", Refusal::ResponseFormat),
        ("json_object", Refusal::ResponseFormat),
        ("reasoning_effort", Refusal::ReasoningEffort),
        ("stream_options", Refusal::StreamOptions),
        ("include_usage", Refusal::StreamOptions),
    ];
    const PHRASES: &[(&str, Refusal)] = &[
        ("json mode", Refusal::ResponseFormat),
        ("json schema", Refusal::ResponseFormat),
        ("grammar", Refusal::ResponseFormat),
        ("initialize samplers", Refusal::ResponseFormat),
        ("structured output", Refusal::ResponseFormat),
        ("required for format", Refusal::ResponseFormat),
        ("does not support thinking", Refusal::ReasoningEffort),
        ("think value", Refusal::ReasoningEffort),
        ("reasoning effort", Refusal::ReasoningEffort),
        ("stream this model", Refusal::Stream),
        ("does not support stream", Refusal::Stream),
        ("streaming is not supported", Refusal::Stream),
        ("streaming not supported", Refusal::Stream),
        ("stream is not supported", Refusal::Stream),
        ("stream=true is not supported", Refusal::Stream),
        ("does not allow stream", Refusal::Stream),
        ("system role", Refusal::SystemRole),
        ("system message", Refusal::SystemRole),
        ("system instruction", Refusal::SystemRole),
        ("system prompt", Refusal::SystemRole),
        ("developer instruction", Refusal::SystemRole),
        ("does not support 'system'", Refusal::SystemRole),
        ("role 'system'", Refusal::SystemRole),
        ("role: system", Refusal::SystemRole),
        ("role system", Refusal::SystemRole),
        ("`system` role", Refusal::SystemRole),
        ("'system' role", Refusal::SystemRole),
        ("\"system\" role", Refusal::SystemRole),
        ("only user and assistant roles", Refusal::SystemRole),
        ("only user, assistant", Refusal::SystemRole),
        ("roles must alternate", Refusal::SystemRole),
        ("role must alternate", Refusal::SystemRole),
        ("alternate between user and assistant", Refusal::SystemRole),
        ("alternating user", Refusal::SystemRole),
        ("unexpected role", Refusal::SystemRole),
        ("invalid role", Refusal::SystemRole),
        ("first message must be", Refusal::SystemRole),
        ("must start with a user", Refusal::SystemRole),
    ];
    let names = NAMES
        .iter()
        .filter_map(|(name, refusal)| Some((word_position(text, name)?, *refusal)));
    let phrases = PHRASES
        .iter()
        .filter_map(|(phrase, refusal)| Some((text.find(phrase)?, *refusal)));
    names
        .chain(phrases)
        .min_by_key(|(position, _)| *position)
        .map(|(_, refusal)| refusal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn openai(message: &str, param: &str, code: &str) -> String {
        let error = json!({"message": message, "type": "invalid_request_error", "param": param, "code": code});
        json!({"error": error}).to_string()
    }

    #[test]
    fn openai_names_the_parameter() {
        let cases = [
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' \
                instead.",
                "max_tokens",
                Refusal::MaxTokens,
            ),
            (
                "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is \
                supported.",
                "temperature",
                Refusal::Temperature,
            ),
            (
                "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
                "response_format",
                Refusal::ResponseFormat,
            ),
            (
                "Your organization must be verified to stream this model.",
                "stream",
                Refusal::Stream,
            ),
            (
                "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
                "messages[0].role",
                Refusal::SystemRole,
            ),
            ("Unsupported value", "reasoning.effort", Refusal::ReasoningEffort),
            (
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                "messages",
                Refusal::ResponseFormat,
            ),
        ];
        for (message, param, refusal) in cases {
            assert_eq!(
                Refusal::read(400, &openai(message, param, "unsupported_parameter")),
                Some(refusal),
                "{message}"
            );
            if param != "reasoning.effort" {
                // Proxies drop `param`.
                assert_eq!(
                    Refusal::read(400, &format!(r#"{{"error":{:?}}}"#, message)),
                    Some(refusal),
                    "{message}"
                );
            }
        }
        let null_param = concat!(
            r#"{"error":{"message":"Unrecognized request argument supplied: reasoning_effort","#,
            r#""type":"invalid_request_error","param":null,"code":null}}"#,
        );
        assert_eq!(Refusal::read(400, null_param), Some(Refusal::ReasoningEffort));
    }

    #[test]
    fn other_servers_have_their_own_words() {
        let cases = [
            (
                422,
                concat!(
                    r#"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"#,
                    r#""msg":"Extra inputs are not permitted","input":{}}]}"#,
                ),
                Refusal::StreamOptions,
            ),
            (
                400,
                r#"{"object":"error","message":"System role not supported","type":"BadRequestError","code":400}"#,
                Refusal::SystemRole,
            ),
            (
                400,
                concat!(
                    r#"{"error":{"code":400,"message":"Failed to initialize samplers: failed to parse grammar","#,
                    r#""type":"invalid_request_error"}}"#,
                ),
                Refusal::ResponseFormat,
            ),
            (
                500,
                concat!(
                    r#"{"error":{"code":500,"message":"JSON schema conversion failed:\nUnrecognized schema","#,
                    r#""type":"server_error"}}"#,
                ),
                Refusal::ResponseFormat,
            ),
            (
                400,
                concat!(
                    r#"{"error":{"message":"\"llama3.1:8b\" does not support thinking","#,
                    r#""type":"invalid_request_error","param":null,"code":null}}"#,
                ),
                Refusal::ReasoningEffort,
            ),
            (
                400,
                r#"{"error":{"message":"think value \"low\" is not supported for this model","type":"api_error"}}"#,
                Refusal::ReasoningEffort,
            ),
            (
                400,
                concat!(
                    r#"{"error":{"message":"litellm.UnsupportedParamsError: bedrock does not support parameters: "#,
                    r#"['response_format'], for model=x. To drop these, set `litellm.drop_params=True`","#,
                    r#""type":"None","code":"400"}}"#,
                ),
                Refusal::ResponseFormat,
            ),
            (
                400,
                concat!(
                    r#"{"error":{"message":"litellm.UnsupportedParamsError: gpt-5-nano doesn't support "#,
                    r#"temperature=0.1 while reasoning is active. Only temperature=1 is supported","code":"400"}}"#,
                ),
                Refusal::Temperature,
            ),
            (
                400,
                concat!(
                    r#"{"error":{"message":"This response_format type is unavailable now","#,
                    r#""type":"invalid_request_error"}}"#,
                ),
                Refusal::ResponseFormat,
            ),
            (
                400,
                "InferenceUpstreamError [AiError]: 5023: JSON Schema mode is not supported with stream mode.",
                Refusal::StreamWithSchema,
            ),
            (
                400,
                "AiError: 5025: This model doesn't suuport JSON Schema.",
                Refusal::AnyResponseFormat,
            ),
            (
                429,
                "InferenceUpstreamError: 3040: JSON Mode couldn't be met",
                Refusal::AnyResponseFormat,
            ),
            (
                400,
                r#"{"errors":[{"code":5024,"message":"JSON Mode couldn’t be met"}]}"#,
                Refusal::AnyResponseFormat,
            ),
        ];
        for (status, body, refusal) in cases {
            assert_eq!(Refusal::read(status, body), Some(refusal), "{body}");
        }
    }

    #[test]
    fn a_ceiling_of_max_tokens_is_read_from_the_message() {
        let cases = [
            (
                "max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you \
                provided 8192.",
                4_096,
            ),
            (
                "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
                8_192,
            ),
            (
                "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than \
                the `context_window` for this model",
                8_192,
            ),
            (
                "The parameter `max_completion_tokens` specified in the request are not valid: integer above maximum \
                value, expected a value <= 12288, but got 32000 instead.",
                12_288,
            ),
        ];
        for (message, ceiling) in cases {
            assert_eq!(
                Refusal::read(400, &openai(message, "max_tokens", "")),
                Some(Refusal::MaxTokensAbove(ceiling)),
                "{message}"
            );
        }
        assert_eq!(
            Refusal::read(400, &openai("max_tokens: at most 1 of", "max_tokens", "")),
            Some(Refusal::MaxTokens)
        );
        assert_eq!(
            Refusal::read(400, "max_tokens is too large: 8192 with 700 tokens of prompt"),
            Some(Refusal::MaxTokens)
        );
        // The names of models, dates and statuses are no ceilings.
        assert_eq!(
            Refusal::read(
                400,
                &openai(
                    "Error code: 400: max_tokens is above the limit of o1-2024",
                    "max_tokens",
                    ""
                )
            ),
            Some(Refusal::MaxTokens)
        );
    }

    #[test]
    fn what_refuses_no_parameter_is_no_refusal() {
        let cases = [
            (401, openai("Incorrect API key", "temperature", "")),
            (429, openai("Rate limit: max_tokens", "", "rate_limit_exceeded")),
            (500, openai("internal error near temperature", "", "")),
            (
                400,
                openai(
                    "This model's maximum context length is 8192 tokens, max_tokens",
                    "max_tokens",
                    "context_length_exceeded",
                ),
            ),
            (
                400,
                "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length \
                is 8192 tokens and your request has 24235 input tokens"
                    .to_owned(),
            ),
            (400, "my_max_tokens2 is fine".to_owned()),
            (400, String::new()),
        ];
        for (status, body) in cases {
            assert_eq!(Refusal::read(status, &body), None, "{status} {body}");
        }
    }
}
