//! What an event may hold without saying anything of the answer.
//!
//! An event of which nothing is known is not skipped in silence, because its text would be missing. These lists are
//! what is known to be harmless; [`super::shapes`] calls every other event doubtful.

use serde_json::{Map, Value};

/// Events that say only that the stream lives, begins or goes on, by their `type` or their name in the stream:
/// Anthropic's `ping`, `message_start` and its kin (gateways pass them on), LibreChat's and others' heartbeats.
const QUIET_KINDS: &[&str] = &[
    "ping",
    "keepalive",
    "keep-alive",
    "keep_alive",
    "heartbeat",
    "message_start",
    "content_block_start",
    "content_block_stop",
    "message_stop",
];

/// Fields beside the answer.
const QUIET_FIELDS: &[&str] = &[
    // OpenAI
    "id",
    "object",
    "created",
    "model",
    "usage",
    "system_fingerprint",
    "service_tier",
    "obfuscation",
    "metadata",
    "request_id",
    // Azure
    "prompt_filter_results",
    "prompt_annotations",
    // Groq, OpenRouter, Perplexity
    "x_groq",
    "provider",
    "citations",
    "search_results",
    // vLLM, llama.cpp, LM Studio, Ollama
    "prompt_logprobs",
    "prompt_token_ids",
    "kv_transfer_params",
    "timings",
    "__verbose",
    "stats",
    "model_info",
    "runtime",
    "created_at",
    // Gemini, Workers AI, MiniMax
    "usageMetadata",
    "modelVersion",
    "responseId",
    "p",
    "base_resp",
    "input_sensitive",
    "output_sensitive",
];

/// Fields of a choice that are no text.
const QUIET_CHOICE_FIELDS: &[&str] = &[
    "index",
    "delta",
    "message",
    "text",
    "logprobs",
    "finish_reason",
    "native_finish_reason",
    "stop_reason",
    "matched_stop",
    "token_ids",
    "seed",
    "routed_experts",
];

/// Fields of a delta or a message that are no text of the answer: tool calls, sound, sources, and reasoning under the
/// names of `shapes`.
const QUIET_MESSAGE_FIELDS: &[&str] = &[
    "role",
    "name",
    "refusal",
    "tool_calls",
    "tool_call_id",
    "function_call",
    "audio",
    "annotations",
    "citations",
    "images",
    "executed_tools",
    "provider_specific_fields",
    "extra_content",
    "reasoning_details",
    "reasoning_signature",
    "thinking_blocks",
    "signature",
    "token_ids",
];

/// Whether a name of an event, or its `type`, is one of those that say nothing.
pub(super) fn is_quiet_kind(kind: &str) -> bool {
    QUIET_KINDS.iter().any(|quiet| quiet.eq_ignore_ascii_case(kind))
}

/// Whether an event without any field of an answer says nothing.
pub(super) fn is_quiet_event(object: &Map<String, Value>) -> bool {
    object
        .iter()
        .all(|(name, value)| QUIET_FIELDS.contains(&name.as_str()) || !is_telling(value))
}

/// Whether the last event of Ollama's own endpoints, which lacks its `done_reason`, says nothing under other names.
pub(super) fn is_quiet_end(object: &Map<String, Value>) -> bool {
    let is_own = |name: &str| ["message", "response", "context", "thinking", "done"].contains(&name);
    let mut others = object.iter().filter(|(name, _)| !is_own(name));
    others.all(|(name, value)| QUIET_FIELDS.contains(&name.as_str()) || !is_telling(value))
}

/// Whether a choice that lacks its text or its `finish_reason` says nothing under other names.
pub(super) fn is_quiet_choice(choice: &Map<String, Value>) -> bool {
    // Azure: `content_filter_results`, `content_filter_raw`, `content_filter_offsets`.
    let is_filter = |name: &str| name.starts_with("content_filter");
    choice
        .iter()
        .all(|(name, value)| QUIET_CHOICE_FIELDS.contains(&name.as_str()) || is_filter(name) || !is_telling(value))
}

/// Whether a delta or a message without `content` says nothing under other names.
pub(super) fn is_quiet_message(message: &Map<String, Value>, reasoning_fields: &[&str]) -> bool {
    message.iter().all(|(name, value)| {
        let name = name.as_str();
        QUIET_MESSAGE_FIELDS.contains(&name) || reasoning_fields.contains(&name) || !is_telling(value)
    })
}

/// Whether a value could hold text.
fn is_telling(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_known_fields_and_values_without_text_are_harmless() {
        let is_quiet = |value: Value| is_quiet_event(value.as_object().expect("an object"));
        assert!(is_quiet(json!({})));
        assert!(is_quiet_kind("Ping") && !is_quiet_kind("text"));
        assert!(is_quiet(
            json!({"id": "a", "object": "chat.completion.chunk", "new": null, "count": 1})
        ));
        assert!(!is_quiet(json!({"id": "a", "contents": "text"})));
        assert!(!is_quiet(json!({"type": "text"})));
    }
}
