//! What one JSON value of a reply says, whichever service wrote it: a chunk of a stream or a whole reply.
//!
//! | shape | text from |
//! | --- | --- |
//! | OpenAI, vLLM, llama.cpp, Ollama, chat-style Workers AI | `choices[].delta.content`, `.message.content`, `.text` |
//! | Workers AI, Llama and older | `response`: a string, or in JSON mode an object or a number |
//! | gpt-oss with `input`, the Responses API | `output_text`, `output[].content[].text` |
//! | the Responses API's stream | `response.output_text.delta` (`responses`) |
//! | Ollama's own endpoints | `message.content` or `response`, with `done` |
//! | Workers AI's REST API, other wrappers | any of them in `result` or `data` |
//!
//! Reasoning (`reasoning_content`, `reasoning`, `thinking` parts) is not text; it is given apart. A value that holds
//! none of these fields is harmless, if `harmless` lists all that it holds, or else doubtful. One that holds text under
//! a name that nobody knows is doubtful too.

use super::fault::Fault;
use super::finish::Stopped;
use super::harmless::{is_quiet_choice, is_quiet_end, is_quiet_event, is_quiet_kind, is_quiet_message};
use super::responses;
use super::usage::usage_of;
use crate::json;
use crate::model::Usage;
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part {
    /// What each choice says, the lowest index first. One of them, without an index, where the shape knows no choices.
    pub(super) says: Vec<Said>,
    pub(super) usage: Option<Usage>,
    pub(super) fault: Option<Fault>,
    pub(super) reading: Reading,
    /// One event of a stream, by its shape.
    pub(super) is_event: bool,
    /// Nothing of the reply follows.
    pub(super) last: bool,
    /// The number of the event, where a stream counts its events.
    pub(super) number: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reading {
    /// Known fields, even if they said nothing new.
    Understood,
    /// No field of an answer, and nothing that could hold one.
    Harmless,
    /// Something that could hold text and was not understood.
    #[default]
    Doubtful,
}

/// What one choice says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub(super) index: Option<u64>,
    pub(super) text: String,
    pub(super) form: Form,
    pub(super) reasoning: String,
    pub(super) refusal: String,
    /// The arguments of the first call of a tool, or their next piece.
    pub(super) called: String,
    pub(super) stopped: Option<Stopped>,
    /// It has a place for the reason to stop, though there may be none yet.
    pub(super) has_reason_field: bool,
    /// Something that could hold text was not understood.
    pub(super) doubtful: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// The next piece of the text.
    #[default]
    Piece,
    /// The text from its beginning, in a stream probably repeated.
    Whole,
}

/// The names of reasoning beside `content`: DeepSeek, vLLM; OpenRouter, Groq, Ollama's chat completions; Ollama's own
/// endpoints; Perplexity and others.
const REASONING_FIELDS: &[&str] = &[
    "reasoning_content",
    "reasoning",
    "thinking",
    "reasoning_text",
    "thought",
];

/// Reads a value.
pub(super) fn read_part(value: &Value) -> Part {
    let failed = |fault, usage| Part {
        fault: Some(fault),
        usage,
        reading: Reading::Understood,
        ..Part::default()
    };
    let Some(outer) = value.as_object() else {
        return Fault::within(value).map_or_else(Part::default, |fault| failed(fault, None));
    };
    if let Some(fault) = Fault::within(value) {
        return failed(fault, usage_of(outer));
    }
    let object = match outer
        .get("result")
        .or_else(|| outer.get("data").filter(|data| holds_answer(data)))
    {
        Some(Value::String(text)) if outer.contains_key("success") => return said_alone(text.clone()),
        Some(result) => match Fault::within(result) {
            Some(fault) => return failed(fault, usage_of(outer)),
            None => result.as_object().unwrap_or(outer),
        },
        None => outer,
    };
    if let Some(kind) = object
        .get("type")
        .and_then(Value::as_str)
        .filter(|kind| kind.starts_with("response."))
    {
        return responses::event(kind, object);
    }
    if object.get("type").and_then(Value::as_str).is_some_and(is_quiet_kind) {
        return Part {
            reading: Reading::Harmless,
            ..Part::default()
        };
    }
    let mut part = match of_choices(object) {
        Some(part) => part,
        None => of_native(object),
    };
    if part.fault.is_none() && part.reading == Reading::Doubtful && part.says.is_empty() {
        // No field of an answer, but words such as `{"message": "..."}`: a failure that calls itself nothing.
        part.fault = Fault::lenient(object);
    }
    part.usage = usage_of(object).or_else(|| usage_of(outer));
    part
}

/// The whole text of a reply that is nothing else.
pub(super) fn said_alone(text: String) -> Part {
    Part {
        says: vec![Said {
            text,
            ..Said::default()
        }],
        reading: Reading::Understood,
        ..Part::default()
    }
}

fn holds_answer(value: &Value) -> bool {
    ["choices", "response", "output"]
        .iter()
        .any(|field| value.get(field).is_some())
}

/// `choices`, where there are any. Some servers name the same text in `response` as well.
fn of_choices(object: &Map<String, Value>) -> Option<Part> {
    let choices = object.get("choices")?;
    let mut part = Part {
        reading: Reading::Understood,
        ..Part::default()
    };
    for choice in choices.as_array().into_iter().flatten() {
        let Some(choice) = choice.as_object() else {
            return Some(Part::default());
        };
        // OpenRouter: the error of one choice.
        part.fault = part.fault.or_else(|| Fault::of_field(choice));
        part.is_event |= choice.get("delta").is_some_and(Value::is_object);
        let said = of_choice(choice);
        let place = part.says.partition_point(|other| other.index <= said.index);
        part.says.insert(place, said);
    }
    let has_twins = part.says.windows(2).any(|pair| match pair {
        [one, two] => one.index.is_none() || one.index == two.index,
        _ => false,
    });
    if has_twins {
        // Several choices that their numbers don't tell apart.
        part.says.truncate(1);
        part.says.iter_mut().for_each(|said| said.doubtful = true);
    }
    if part.says.is_empty() {
        // Not a list, or an empty one: the text may stand beside it.
        let native = of_native(object);
        let is_list = choices.is_array() || choices.is_null();
        return match native.says.is_empty() {
            true if is_list => Some(part),
            true => Some(Part::default()),
            false => Some(native),
        };
    }
    let texts: Vec<&str> = part.says.iter().map(|said| said.text.as_str()).collect();
    if let Some(response) = object.get("response").map(text_of)
        && !response.is_empty()
        && !texts.contains(&response.as_str())
    {
        match part.says.as_mut_slice() {
            [said] if said.text.is_empty() => said.text = response,
            _ => part.says.iter_mut().for_each(|said| said.doubtful = true),
        }
    }
    Some(part)
}

fn of_choice(choice: &Map<String, Value>) -> Said {
    let mut said = Said {
        index: choice.get("index").and_then(Value::as_u64),
        ..Said::default()
    };
    let delta = choice.get("delta").and_then(Value::as_object);
    let message = choice.get("message").and_then(Value::as_object);
    if let Some(delta) = delta {
        message_of(delta, &mut said);
    }
    if let Some(message) = message.filter(|_| said.text.is_empty()) {
        message_of(message, &mut said);
        said.form = Form::Whole;
    }
    let text = choice.get("text").map(text_of).unwrap_or_default();
    if said.text.is_empty() {
        if !text.is_empty() {
            said.form = Form::Piece;
        }
        said.text = text;
    } else {
        said.doubtful |= !(text.is_empty() || text == said.text);
    }
    said.stopped = choice.get("finish_reason").and_then(Stopped::of_value);
    said.has_reason_field = delta.is_some() && choice.contains_key("finish_reason");
    let has_text_field = delta.is_some() || message.is_some() || choice.contains_key("text");
    if !(has_text_field && choice.contains_key("finish_reason")) {
        // A text, or a reason to stop, could stand under another name.
        said.doubtful |= !is_quiet_choice(choice);
    }
    // `"delta": "text"`
    let is_odd = |name: &str| {
        choice
            .get(name)
            .is_some_and(|field| !(field.is_object() || field.is_null()))
    };
    said.doubtful |= is_odd("delta") || is_odd("message");
    said
}

/// A delta or a message.
fn message_of(message: &Map<String, Value>, said: &mut Said) {
    content_of(message.get("content"), said);
    for name in REASONING_FIELDS {
        match message.get(*name) {
            Some(Value::String(text)) if !text.is_empty() => {
                // vLLM and others send the same text under two names.
                text.clone_into(&mut said.reasoning);
                break;
            }
            _ => {}
        }
    }
    if let Some(refusal) = message.get("refusal").and_then(Value::as_str) {
        said.refusal.push_str(refusal);
    }
    said.called = called(message).to_owned();
    said.doubtful |= !message.contains_key("content") && !is_quiet_message(message, REASONING_FIELDS);
}

/// The arguments of the first call of a tool, in the present form or in OpenAI's older one.
fn called(message: &Map<String, Value>) -> &str {
    let is_first = |call: &&Value| call.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
    let calls = message.get("tool_calls").and_then(Value::as_array);
    let function = match calls.and_then(|calls| calls.iter().find(is_first)) {
        Some(call) => call.get("function"),
        None => message.get("function_call"),
    };
    let arguments = function.and_then(|function| function.get("arguments"));
    arguments.and_then(Value::as_str).unwrap_or_default()
}

/// `content`: a string, null, an array of parts, or, from servers that parse structured output, an object.
pub(super) fn content_of(content: Option<&Value>, said: &mut Said) {
    match content {
        None => {}
        Some(Value::Array(parts)) => parts.iter().for_each(|part| part_of(part, said)),
        Some(other) => said.text.push_str(&text_of(other)),
    }
}

/// One part of an array: text, reasoning, a refusal, or a source that is no text (Mistral's `reference`).
fn part_of(part: &Value, said: &mut Said) {
    if let Value::String(text) = part {
        said.text.push_str(text);
        return;
    }
    let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
    let field = |name: &str| part.get(name).and_then(Value::as_str);
    if kind.contains("reasoning") || kind.contains("thinking") || kind.contains("thought") {
        // Mistral: the thinking is itself an array of parts.
        let mut hidden = Said::default();
        content_of(part.get("thinking"), &mut hidden);
        said.reasoning.push_str(field("text").unwrap_or(&hidden.text));
    } else if let Some(refusal) = field("refusal") {
        said.refusal.push_str(refusal);
    } else if let Some(text) = field("text") {
        said.text.push_str(text);
    } else {
        let is_known = [
            "reference",
            "tool_use",
            "tool_call",
            "image_url",
            "input_audio",
            "audio",
        ]
        .contains(&kind);
        said.doubtful |= !(is_known || part.as_object().is_none_or(is_quiet_event));
    }
}

/// A structured reply is given as its JSON text: the caller parses texts.
fn text_of(response: &Value) -> String {
    match response {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => json::text(other),
    }
}

/// Shapes without `choices`.
fn of_native(object: &Map<String, Value>) -> Part {
    let mut said = Said::default();
    let mut is_known = false;
    if let Some(response) = object.get("response") {
        said.text = text_of(response);
        is_known = true;
    }
    // Ollama's own chat endpoint.
    if let Some(message) = object.get("message").and_then(Value::as_object) {
        message_of(message, &mut said);
        is_known = true;
    }
    if let Some(thinking) = object.get("thinking").and_then(Value::as_str) {
        said.reasoning.push_str(thinking);
    }
    if said.text.is_empty() && (object.contains_key("output") || object.contains_key("output_text")) {
        responses::output(object, &mut said);
        is_known = true;
        if object.get("output").is_some_and(Value::is_array) && !object.contains_key("status") {
            said.stopped = Some(Stopped::unknown("a reply without a status"));
        }
    }
    let done = object.get("done").and_then(Value::as_bool).unwrap_or(false);
    if done {
        said.stopped = match object.get("done_reason") {
            Some(reason) => Stopped::of_value(reason),
            None => Some(Stopped::Stop),
        };
        said.doubtful |= !(object.contains_key("done_reason") || is_quiet_end(object));
        is_known = true;
    }
    let finish_reason = object.get("finish_reason").and_then(Stopped::of_value);
    let at_top = finish_reason.or_else(|| responses::status(object).filter(|_| said.form == Form::Whole));
    said.stopped = Stopped::heavier(said.stopped, at_top);
    if is_known {
        return Part {
            says: vec![said],
            reading: Reading::Understood,
            is_event: object.get("done").is_some_and(Value::is_boolean),
            last: done,
            ..Part::default()
        };
    }
    let reading = if is_quiet_event(object) {
        Reading::Harmless
    } else {
        Reading::Doubtful
    };
    Part {
        reading,
        ..Part::default()
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
#[path = "shapes_tests.rs"]
mod tests;
