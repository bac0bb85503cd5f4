//! The events of a Responses API stream, and its whole reply.
//!
//! The text comes in `response.output_text.delta`. The last event holds the whole reply once more, which is what was
//! streamed, or the proof that something is missing.

use super::fault::Fault;
use super::finish::Stopped;
use super::shapes::{Form, Part, Reading, Said, content_of};
use super::usage::usage_of;
use serde_json::{Map, Value};

/// Events that tell of items, tools and reasoning, or repeat a text that came already.
const QUIET_EVENTS: &[&str] = &[
    "response.created",
    "response.queued",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.content_part.added",
    "response.content_part.done",
    "response.output_text.done",
    "response.output_text.annotation.added",
    "response.refusal.done",
];

/// Families of events that are about something else than the text.
const QUIET_FAMILIES: &[&str] = &[
    "response.reasoning",
    "response.function_call_arguments.",
    "response.custom_tool_call_input.",
    "response.mcp_",
    "response.web_search_call.",
    "response.file_search_call.",
    "response.code_interpreter_call",
    "response.image_generation_call.",
    "response.audio.",
];

pub(super) fn event(kind: &str, object: &Map<String, Value>) -> Part {
    let mut part = Part {
        reading: Reading::Understood,
        is_event: true,
        number: object.get("sequence_number").and_then(Value::as_u64),
        ..Part::default()
    };
    let delta = || {
        object
            .get("delta")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut said = Said::default();
    match kind {
        "response.output_text.delta" | "response.refusal.delta" if !object.contains_key("delta") => {
            part.reading = Reading::Doubtful;
        }
        "response.output_text.delta" => content_of(object.get("delta"), &mut said),
        "response.refusal.delta" => said.refusal = delta(),
        "response.completed" | "response.incomplete" | "response.failed" => {
            let response = object.get("response");
            part.fault = response.and_then(Fault::within);
            let response = response.and_then(Value::as_object);
            part.usage = response.and_then(usage_of);
            if let Some(response) = response {
                output(response, &mut said);
            }
            let at_top = response.and_then(status);
            said.stopped = Some(match kind {
                "response.completed" => at_top.unwrap_or(Stopped::Stop),
                "response.incomplete" => at_top.unwrap_or(Stopped::Length),
                _ => Stopped::Failed("failed".to_owned()),
            });
            part.last = true;
        }
        kind if kind.starts_with("response.reasoning") && kind.ends_with(".delta") => said.reasoning = delta(),
        kind if QUIET_EVENTS.contains(&kind) => {}
        kind if QUIET_FAMILIES.iter().any(|family| kind.starts_with(family)) => {}
        _ => part.reading = Reading::Doubtful,
    }
    part.says.push(said);
    part
}

/// The whole text of a reply: `output_text`, or the messages among the items of `output`.
pub(super) fn output(object: &Map<String, Value>, said: &mut Said) {
    said.form = Form::Whole;
    let short = object.get("output_text").and_then(Value::as_str).unwrap_or_default();
    if !short.is_empty() {
        short.clone_into(&mut said.text);
        return;
    }
    match object.get("output") {
        Some(Value::String(text)) => text.clone_into(&mut said.text),
        Some(Value::Array(items)) => {
            for item in items {
                let kind = item.get("type").and_then(Value::as_str).unwrap_or("message");
                match kind {
                    "message" => {
                        said.doubtful |= item.get("content").is_none();
                        content_of(item.get("content"), said);
                    }
                    "reasoning" => {
                        let mut hidden = Said::default();
                        content_of(item.get("content"), &mut hidden);
                        said.reasoning.push_str(&hidden.reasoning);
                    }
                    // Tools and their results have no content of their own.
                    _ => said.doubtful |= item.get("content").is_some(),
                }
            }
        }
        _ => {}
    }
}

/// How a reply ended, by its `status`.
pub(super) fn status(object: &Map<String, Value>) -> Option<Stopped> {
    match object.get("status")?.as_str()? {
        "completed" => Some(Stopped::Stop),
        "incomplete" => {
            let details = object.get("incomplete_details");
            let reason = details
                .and_then(|details| details.get("reason"))
                .and_then(Value::as_str);
            Some(match reason.and_then(Stopped::of_word) {
                Some(filtered @ Stopped::Filtered(_)) => filtered,
                _ => Stopped::Length,
            })
        }
        "in_progress" | "queued" => None,
        other => Stopped::of_word(other),
    }
}
