//! Why a model stopped, in the words of all servers.
//!
//! The list of natural stops is closed. A word that stands in no list is [`Stopped::Unknown`], which is never a plain
//! success: a server that invents a word for "my network failed" must not give half an answer as a whole one.

use super::redact::cut;
use crate::json;
use serde_json::Value;

/// As much of an unknown word as is kept, in bytes.
const WORD_BYTES_MAX: usize = 80;

/// The variants stand in the order of their weight: of two reasons in one stream the heavier counts, because proxies
/// add a `stop` of their own after the real one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stopped {
    Stop,
    ToolCall,
    Unknown(String),
    Length,
    Refused,
    Filtered(String),
    /// The server failed, in its own word.
    Failed(String),
}

impl Stopped {
    /// The reason of a `finish_reason` field. Null, false and the empty text say nothing yet.
    pub(super) fn of_value(value: &Value) -> Option<Stopped> {
        match value {
            Value::Null | Value::Bool(false) => None,
            Value::String(word) => Stopped::of_word(word),
            // SGLang's native endpoint: `{"type": "stop", "matched": 128009}`.
            Value::Object(object) => match object.get("type").and_then(Value::as_str) {
                Some(word) => Stopped::of_word(word),
                None => Some(Stopped::unknown(&json::text(value))),
            },
            other => Some(Stopped::unknown(&json::text(other))),
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Stopped> {
        let lower = word.to_ascii_lowercase().replace(['-', ' '], "_");
        let plain = lower.strip_prefix("finish_reason_").unwrap_or(&lower);
        let is_in = |words: &[&str]| words.contains(&plain);
        Some(if matches!(plain, "" | "null" | "none") {
            return None;
        } else if is_in(STOPS) {
            Stopped::Stop
        } else if is_in(LENGTHS) {
            Stopped::Length
        } else if is_in(TOOL_CALLS) {
            Stopped::ToolCall
        } else if is_in(FILTERS) {
            Stopped::Filtered(bounded(word))
        } else if is_in(REFUSALS) {
            Stopped::Refused
        } else if is_in(FAILURES) {
            Stopped::Failed(bounded(word))
        } else {
            Stopped::unknown(word)
        })
    }

    pub(super) fn unknown(word: &str) -> Stopped {
        Stopped::Unknown(bounded(word))
    }

    /// The heavier of two.
    pub(super) fn heavier(before: Option<Stopped>, now: Option<Stopped>) -> Option<Stopped> {
        before.max(now)
    }
}

fn bounded(word: &str) -> String {
    cut(word.trim(), WORD_BYTES_MAX).to_owned()
}

/// Natural stops: OpenAI, vLLM, Ollama `stop`; TGI `eos_token`, `stop_sequence`; Anthropic `end_turn`; Gemini `STOP`;
/// Cohere `COMPLETE`; Together and Workers AI `eos`; LM Studio `eosFound`, `stopStringFound`; the Responses API
/// `completed`.
const STOPS: &[&str] = &[
    "stop",
    "stopped",
    "eos",
    "eos_token",
    "eosfound",
    "stopstringfound",
    "stop_token",
    "stop_sequence",
    "end",
    "end_turn",
    "end_of_turn",
    "complete",
    "completed",
    "finish",
    "finished",
    "done",
];

/// Limits of the reply or of the context: Anthropic `max_tokens`, `model_context_window_exceeded`; Gemini `MAX_TOKENS`;
/// the Responses API `max_output_tokens`; Mistral `model_length`; LM Studio `maxPredictedTokensReached`,
/// `contextLengthReached`.
const LENGTHS: &[&str] = &[
    "length",
    "max_tokens",
    "max_token",
    "max_length",
    "max_output_tokens",
    "max_completion_tokens",
    "max_new_tokens",
    "maxpredictedtokensreached",
    "model_length",
    "model_context_window_exceeded",
    "context_length",
    "context_length_exceeded",
    "context_window_exceeded",
    "contextlengthreached",
    "token_limit",
    "limit",
    "truncated",
    "incomplete",
];

const TOOL_CALLS: &[&str] = &["tool_calls", "tool_call", "function_call", "tool_use"];

/// OpenAI and Azure `content_filter`; Gemini's list; Zhipu `sensitive`; Bedrock `guardrail_intervened`,
/// `content_filtered`; DashScope `data_inspection_failed`.
const FILTERS: &[&str] = &[
    "content_filter",
    "content_filtered",
    "content_policy",
    "content_blocked",
    "safety",
    "image_safety",
    "image_prohibited_content",
    "recitation",
    "prohibited_content",
    "blocklist",
    "spii",
    "model_armor",
    "language",
    "sensitive",
    "blocked",
    "guardrail_intervened",
    "data_inspection_failed",
    "moderation",
];

/// Anthropic, also through gateways.
const REFUSALS: &[&str] = &["refusal", "refused"];

/// OpenRouter `error`; vLLM and SGLang `abort`; Zhipu `network_error`; DeepSeek `insufficient_system_resource`; Gemini
/// `MALFORMED_FUNCTION_CALL`, `UNEXPECTED_TOOL_CALL`; Ollama `load`, `unload` (it generated nothing).
const FAILURES: &[&str] = &[
    "error",
    "abort",
    "aborted",
    "cancelled",
    "canceled",
    "failed",
    "failure",
    "interrupted",
    "timeout",
    "network_error",
    "server_error",
    "internal_error",
    "upstream_error",
    "insufficient_system_resource",
    "malformed_function_call",
    "unexpected_tool_call",
    "load",
    "unload",
];

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_word_has_one_meaning() {
        let mut all = [STOPS, LENGTHS, TOOL_CALLS, FILTERS, REFUSALS, FAILURES].concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn words_mean_the_same_in_any_case_and_spelling() {
        for word in ["stop", "STOP", "Stop", "FINISH_REASON_STOP", "end-turn", "COMPLETE"] {
            assert_eq!(Stopped::of_word(word), Some(Stopped::Stop), "{word}");
        }
        for word in ["length", "MAX_TOKENS", "max-output-tokens", "FINISH_REASON_MAX_TOKENS"] {
            assert_eq!(Stopped::of_word(word), Some(Stopped::Length), "{word}");
        }
    }

    #[test]
    fn an_unknown_word_is_kept_to_its_bound_and_is_no_stop() {
        assert_eq!(Stopped::of_word("OTHER"), Some(Stopped::Unknown("OTHER".into())));
        assert_eq!(Stopped::of_word("stopp"), Some(Stopped::Unknown("stopp".into())));
        let long = Stopped::of_word(&"é".repeat(500));
        assert_eq!(long, Some(Stopped::Unknown("é".repeat(40))));
    }

    #[test]
    fn a_reason_that_is_no_text_is_unknown_unless_it_says_nothing() {
        for nothing in [json!(null), json!(false), json!(""), json!("null"), json!("None")] {
            assert_eq!(Stopped::of_value(&nothing), None, "{nothing}");
        }
        assert_eq!(Stopped::of_value(&json!({"type": "length"})), Some(Stopped::Length));
        for odd in [json!(0), json!(true), json!([]), json!({"a": 1})] {
            assert!(matches!(Stopped::of_value(&odd), Some(Stopped::Unknown(_))), "{odd}");
        }
    }

    #[test]
    fn the_heavier_of_two_reasons_counts() {
        let both = Stopped::heavier(Some(Stopped::Length), Some(Stopped::Stop));
        assert_eq!(both, Some(Stopped::Length));
        assert_eq!(Stopped::heavier(Some(Stopped::Stop), None), Some(Stopped::Stop));
    }
}
