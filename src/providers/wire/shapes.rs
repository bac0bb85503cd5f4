//! What one JSON value of a reply says, whichever service wrote it: a chunk of a stream or a whole reply.
//!
//! | shape | text from |
//! | --- | --- |
//! | OpenAI, vLLM, llama.cpp, Ollama, chat-style Workers AI | `choices[0].delta.content`, `.message.content`, `.text` |
//! | Workers AI, Llama and older | `response`: a string, or in JSON mode an object or a number |
//! | gpt-oss with `input`, the Responses API | `output_text`, `output[].content[].text` |
//! | the Responses API's stream | `response.output_text.delta` |
//! | Workers AI's REST API | any of them in `result` |
//!
//! Reasoning (`reasoning_content`, `reasoning`, `thinking` parts) is not text.

use super::fault::Fault;
use crate::model::Usage;
use serde_json::{Map, Value};

/// Why a model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    Stop,
    Length,
    ToolCall,
    Filtered,
    Failed,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) stopped: Option<Stopped>,
    pub(super) usage: Option<Usage>,
    pub(super) fault: Option<Fault>,
    /// Some known field was there, even if it said nothing new.
    pub(super) understood: bool,
}

/// Reads a value. Text of a list of choices is that of the first.
pub(super) fn read_part(value: &Value) -> Part {
    let failed = |fault| Part {
        fault: Some(fault),
        understood: true,
        ..Part::default()
    };
    if let Some(fault) = Fault::within(value) {
        return failed(fault);
    }
    let Some(outer) = value.as_object() else {
        return Part::default();
    };
    let object = match outer.get("result") {
        Some(Value::String(text)) if outer.contains_key("success") => {
            return Part {
                text: text.clone(),
                understood: true,
                ..Part::default()
            };
        }
        Some(result) => match Fault::within(result) {
            Some(fault) => return failed(fault),
            None => result.as_object().unwrap_or(outer),
        },
        None => outer,
    };
    if let Some(kind) = object
        .get("type")
        .and_then(Value::as_str)
        .filter(|kind| kind.starts_with("response."))
    {
        return responses_event(kind, object);
    }
    let mut part = of_choices(object);
    if part.text.is_empty()
        && let Some(response) = object.get("response")
    {
        part.text = response_text(response);
        part.understood = true;
    }
    if part.text.is_empty() && (object.contains_key("output") || object.contains_key("output_text")) {
        part.text = output_text(object);
        part.understood = true;
    }
    part.stopped = part.stopped.or_else(|| stopped_at_top(object));
    part.usage = usage_of(object).or_else(|| usage_of(outer));
    part.understood |= part.usage.is_some() || object.contains_key("usage");
    part
}

fn of_choices(object: &Map<String, Value>) -> Part {
    let Some(choices) = object.get("choices").and_then(Value::as_array) else {
        return Part::default();
    };
    let is_first = |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
    let Some(choice) = choices.iter().find(is_first) else {
        return Part {
            understood: true,
            ..Part::default()
        };
    };
    let message = choice
        .get("delta")
        .filter(|delta| !delta.is_null())
        .or_else(|| choice.get("message"));
    let content = message
        .and_then(|message| message.get("content"))
        .or_else(|| choice.get("text"));
    let mut text = content.map(content_text).unwrap_or_default();
    if text.is_empty()
        && let Some(refusal) = message
            .and_then(|message| message.get("refusal"))
            .and_then(Value::as_str)
    {
        // OpenAI's structured outputs: the model declined, in words. They are its answer.
        text = refusal.to_owned();
    }
    let stopped = choice.get("finish_reason").and_then(Value::as_str).and_then(stopped_of);
    Part {
        text,
        stopped,
        understood: true,
        ..Part::default()
    }
}

/// `content`: a string, null, an array of parts, or, from servers that parse structured output, an object.
fn content_text(content: &Value) -> String {
    match content {
        Value::Array(parts) => parts.iter().filter_map(part_text).collect(),
        other => response_text(other),
    }
}

fn part_text(part: &Value) -> Option<&str> {
    let is_reasoning = part
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.contains("reasoning") || kind.contains("thinking"));
    if is_reasoning {
        None
    } else {
        part.as_str().or_else(|| part.get("text")?.as_str())
    }
}

/// A structured reply is given as its JSON text: the caller parses texts.
fn response_text(response: &Value) -> String {
    match response {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn output_text(object: &Map<String, Value>) -> String {
    if let Some(text) = object
        .get("output_text")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
    {
        return text.to_owned();
    }
    match object.get("output") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let messages = items.iter().filter(|item| {
                item.get("type")
                    .and_then(Value::as_str)
                    .is_none_or(|kind| kind == "message")
            });
            messages
                .filter_map(|item| item.get("content"))
                .map(content_text)
                .collect()
        }
        _ => String::new(),
    }
}

/// An event of a Responses API stream. The final ones repeat the whole text, which has been streamed already.
fn responses_event(kind: &str, object: &Map<String, Value>) -> Part {
    let mut part = Part {
        understood: true,
        ..Part::default()
    };
    match kind {
        "response.output_text.delta" => part.text = object.get("delta").map(response_text).unwrap_or_default(),
        "response.completed" | "response.incomplete" | "response.failed" => {
            let response = object.get("response");
            part.fault = response.and_then(Fault::within);
            part.usage = response.and_then(Value::as_object).and_then(usage_of);
            part.stopped = match kind {
                "response.completed" => Some(Stopped::Stop),
                "response.incomplete" => Some(
                    response
                        .and_then(Value::as_object)
                        .and_then(stopped_at_top)
                        .unwrap_or(Stopped::Length),
                ),
                _ => Some(Stopped::Failed),
            };
        }
        _ => {}
    }
    part
}

/// `finish_reason` beside `response`; `status` beside `output`.
fn stopped_at_top(object: &Map<String, Value>) -> Option<Stopped> {
    let finish_reason = object.get("finish_reason").and_then(Value::as_str).and_then(stopped_of);
    finish_reason.or_else(|| match object.get("status")?.as_str()? {
        "completed" => Some(Stopped::Stop),
        "incomplete" => {
            let reason = object
                .get("incomplete_details")
                .and_then(|details| details.get("reason"))
                .and_then(Value::as_str);
            Some(if reason == Some("content_filter") {
                Stopped::Filtered
            } else {
                Stopped::Length
            })
        }
        "failed" => Some(Stopped::Failed),
        _ => None,
    })
}

fn stopped_of(finish_reason: &str) -> Option<Stopped> {
    Some(match finish_reason {
        "" | "null" => return None,
        "length" | "max_tokens" | "max_output_tokens" | "model_length" => Stopped::Length,
        "tool_calls" | "function_call" | "tool_use" => Stopped::ToolCall,
        "content_filter" | "safety" => Stopped::Filtered,
        "error" | "abort" => Stopped::Failed,
        _ => Stopped::Stop,
    })
}

/// Under either pair of names. All zeros is a placeholder, not a report.
fn usage_of(object: &Map<String, Value>) -> Option<Usage> {
    let usage = object.get("usage")?.as_object()?;
    let count = |names: [&str; 2]| names.iter().find_map(|name| tokens(usage.get(*name)?)).unwrap_or(0);
    let usage = Usage {
        prompt_tokens: count(["prompt_tokens", "input_tokens"]),
        completion_tokens: count(["completion_tokens", "output_tokens"]),
    };
    (usage != Usage::default()).then_some(usage)
}

/// More than any call can have used: what a server reports beyond is nonsense, and sums of it must not wrap around.
const TOKENS_MAX: u64 = 1_000_000_000;

fn tokens(value: &Value) -> Option<u64> {
    // A float to integer cast saturates.
    let count = value.as_u64().or_else(|| value.as_f64().map(|count| count as u64))?;
    Some(count.min(TOKENS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: Value) -> String {
        read_part(&value).text
    }

    #[test]
    fn content_comes_in_four_shapes() {
        assert_eq!(text(json!({"choices": [{"message": {"content": "a"}}]})), "a");
        assert_eq!(
            text(json!({"choices": [{"message": {"content": null, "reasoning_content": "r"}}]})),
            ""
        );
        assert_eq!(
            text(json!({"choices": [{"message": {"content": [
                {"type": "thinking", "text": "t"}, {"type": "text", "text": "a"}, "b", {"x": 1}
            ]}}]})),
            "ab"
        );
        assert_eq!(
            text(json!({"choices": [{"message": {"content": {"tasks": []}}}]})),
            r#"{"tasks":[]}"#
        );
        assert_eq!(text(json!({"choices": [{"text": "a"}]})), "a");
        assert_eq!(
            text(json!({"choices": [{"message": {"content": null, "refusal": "I can't"}}]})),
            "I can't"
        );
    }

    #[test]
    fn only_the_first_choice_counts() {
        assert_eq!(
            text(
                json!({"choices": [{"index": 1, "delta": {"content": "b"}}, {"index": 0, "delta": {"content": "a"}}]})
            ),
            "a"
        );
        assert_eq!(text(json!({"choices": [{"index": 1, "delta": {"content": "b"}}]})), "");
    }

    #[test]
    fn a_native_response_is_a_string_an_object_or_a_number() {
        assert_eq!(text(json!({"response": "a"})), "a");
        assert_eq!(text(json!({"response": {"a": 1}})), r#"{"a":1}"#);
        assert_eq!(text(json!({"response": 42})), "42");
        assert_eq!(text(json!({"response": null})), "");
        assert_eq!(
            text(json!({"response": "a", "choices": [{"delta": {"content": "a"}}]})),
            "a",
            "both name the same token"
        );
    }

    #[test]
    fn a_result_is_unwrapped() {
        let part = read_part(&json!({
            "result": {"response": "a", "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
            "success": true,
            "errors": []
        }));
        assert_eq!(
            (part.text.as_str(), part.usage),
            (
                "a",
                Some(Usage {
                    prompt_tokens: 1,
                    completion_tokens: 2
                })
            )
        );
        assert_eq!(text(json!({"result": "a", "success": true})), "a");
    }

    #[test]
    fn output_items_that_are_no_message_are_left_out() {
        let output = json!({"output": [
            {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "r"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "a"}]},
        ], "status": "incomplete", "usage": {"input_tokens": 3, "output_tokens": 4.0}});
        let part = read_part(&output);
        assert_eq!((part.text.as_str(), part.stopped), ("a", Some(Stopped::Length)));
        assert_eq!(
            part.usage,
            Some(Usage {
                prompt_tokens: 3,
                completion_tokens: 4
            })
        );
        assert_eq!(text(json!({"output": [], "output_text": "a"})), "a");
    }

    #[test]
    fn finish_reasons_have_their_meaning() {
        let stopped = |reason: Value| read_part(&json!({"choices": [{"delta": {}, "finish_reason": reason}]})).stopped;
        assert_eq!(stopped(json!(null)), None);
        assert_eq!(stopped(json!("")), None);
        assert_eq!(stopped(json!("stop")), Some(Stopped::Stop));
        assert_eq!(stopped(json!("eos")), Some(Stopped::Stop));
        assert_eq!(stopped(json!("length")), Some(Stopped::Length));
        assert_eq!(stopped(json!("tool_calls")), Some(Stopped::ToolCall));
        assert_eq!(stopped(json!("content_filter")), Some(Stopped::Filtered));
        assert_eq!(
            read_part(&json!({"response": "", "finish_reason": "length"})).stopped,
            Some(Stopped::Length)
        );
    }

    #[test]
    fn errors_are_found_in_every_place() {
        for value in [
            json!({"error": {"message": "m"}}),
            json!({"error": "m"}),
            json!({"errors": [{"code": 1, "message": "m"}], "success": false}),
            json!({"success": false, "message": "m"}),
            json!({"object": "error", "message": "m"}),
            json!({"result": {"error": "m"}, "success": true}),
            json!({"type": "response.failed", "response": {"error": {"message": "m"}}}),
            json!({"internalCode": 3040, "description": "m"}),
        ] {
            assert_eq!(
                read_part(&value).fault.map(|fault| fault.message),
                Some("m".to_owned()),
                "{value}"
            );
        }
    }

    #[test]
    fn absurd_usage_is_bounded() {
        let usage = json!({"usage": {"prompt_tokens": u64::MAX, "completion_tokens": 1e300}});
        let bounded = Usage {
            prompt_tokens: TOKENS_MAX,
            completion_tokens: TOKENS_MAX,
        };
        assert_eq!(read_part(&usage).usage, Some(bounded));
    }

    #[test]
    fn zeros_are_no_usage_and_foreign_values_are_not_understood() {
        assert_eq!(
            read_part(&json!({"usage": {"prompt_tokens": 0, "completion_tokens": 0}})).usage,
            None
        );
        assert!(!read_part(&json!({"hello": 1})).understood);
        assert!(!read_part(&json!([1])).understood);
        assert!(read_part(&json!({"choices": []})).understood);
    }
}
