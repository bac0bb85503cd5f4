//! Finds the plan in a model's reply.
//!
//! A reply is hostile until it is read. So everything here is linear in its length (no part of the text is parsed more
//! than once strictly and once leniently), and its depth is bounded (128 levels).
//!
//! The strict reader goes first. Where it finds no plan, the lenient one looks again ([`lenient`]).

mod contract;
mod fields;
mod markdown;
mod tasks;
mod words;

use serde_json::{Map, Value};

use super::checks::check_count;
use super::lenient::{self, Failure, begins_like_json};
use super::mode::{self, MODE, is_reasoning, mode_of};
use super::{PlanDraft, PlanError, PlanMode};
use crate::json;
use fields::{has, string, take, wrong_type};
use tasks::INSTRUCTIONS;

/// Names that models use for the same thing; the first is ours.
const TASKS: [&str; 2] = ["tasks", "subtasks"];
const ANALYSIS: [&str; 3] = ["analysis", "why", "reason"];
/// What some models and servers put around the plan: an object of their own, or a tool call in one of its forms.
const WRAPPERS: [&str; 11] = [
    "plan",
    "response",
    "result",
    "output",
    "arguments",
    "parameters",
    "input",
    "function",
    "function_call",
    "tool_call",
    "tool_calls",
];
/// `tool_calls`, one of them, its `function`, the `arguments`, the plan within.
const WRAPPERS_DEEP_MAX: u32 = 5;

/// `ended`: the server says that the model came to its end, so the last brace may be missing.
pub(super) fn read(text: &str, ended: bool, limit: u32) -> Result<PlanDraft, PlanError> {
    let text = without_reasoning(text).trim();
    if text.is_empty() {
        return Err(PlanError::EmptyReply);
    }
    // A server that prints an object as a JSON string.
    let unquoted = serde_json::from_str::<String>(text).ok();
    let text = unquoted.as_deref().unwrap_or(text);
    // Nothing else of it matters, so nothing else has to be there.
    if let Some(mut members) = mode::direct_members(text) {
        return Ok(direct(&mut members));
    }
    let mut plan = find(text).or_else(|refused| find_leniently(text, ended)?.ok_or(refused))?;
    let is_direct = mode(&mut plan)? == PlanMode::Direct;
    // Reasoning that was cut off weighs the modes, and chooses none.
    if is_direct && is_reasoning(text) {
        return Err(PlanError::NotAPlan);
    }
    if is_direct {
        return Ok(direct(&mut plan));
    }
    match take(&mut plan, &TASKS).map(unquoted_list) {
        Some(Value::Array(tasks)) => {
            check_count(tasks.len(), limit)?;
            let analysis = analysis(&mut plan);
            let draft = contract::read(plan, tasks::read(tasks)?)?;
            Ok(PlanDraft { analysis, ..draft })
        }
        Some(other) => Err(wrong_type("\"tasks\"", &other, "an array")),
        None => Err(PlanError::NotAPlan),
    }
}

/// A plan that does not say has subtasks.
fn mode(plan: &mut Map<String, Value>) -> Result<PlanMode, PlanError> {
    let word = string(take(plan, &[MODE]), "\"mode\"")?;
    word.map_or(Ok(PlanMode::Split), |word| {
        mode_of(&word).ok_or_else(|| unknown_mode(word))
    })
}

fn unknown_mode(found: String) -> PlanError {
    PlanError::UnknownWord {
        what: "\"mode\"".to_owned(),
        found,
        expected: "\"direct\" or \"split\"",
    }
}

fn direct(members: &mut Map<String, Value>) -> PlanDraft {
    PlanDraft {
        mode: PlanMode::Direct,
        analysis: analysis(members),
        ..PlanDraft::default()
    }
}

fn analysis(plan: &mut Map<String, Value>) -> String {
    match take(plan, &ANALYSIS) {
        Some(Value::String(analysis)) => analysis,
        None => String::new(),
        Some(other) => json::text(&other),
    }
}

/// The list in a string that holds one, as some models write arguments; any other value as it is.
fn unquoted_list(value: Value) -> Value {
    match value {
        Value::String(text) => match lenient::parse_all(&text) {
            Some(list @ Value::Array(_)) => list,
            _ => Value::String(text),
        },
        other => other,
    }
}

/// The text after a `</think>`. If the reply begins with its JSON, the word is part of the plan.
pub(super) fn without_reasoning(text: &str) -> &str {
    if text.trim_start().starts_with(['{', '[', '"', '`']) {
        return text;
    }
    text.rsplit_once("</think>").map_or(text, |(_, after)| after)
}

/// The first JSON value of the text that is a plan, as an object. A [`Shape::Lesser`] is taken only where nothing
/// better follows and no damaged JSON came before, because it could be a piece of that, such as a `depends_on`.
fn find(text: &str) -> Result<Map<String, Value>, PlanError> {
    let mut at = 0;
    let mut lesser: Option<Map<String, Value>> = None;
    let mut problem: Option<PlanError> = None;
    // What is said where no plan is found.
    let mut absence = PlanError::NoJson;
    // Every bracket may begin the plan. The brackets of prose are tried too, and fail at once.
    while let Some(offset) = text.get(at..).and_then(|rest| rest.find(['{', '['])) {
        let start = at + offset;
        let candidate = text.get(start..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(candidate).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                // Go on after the whole value, because its parts have been judged with it.
                at = start + values.byte_offset().max(1);
                if absence == PlanError::NoJson {
                    absence = PlanError::NotAPlan;
                }
                match shape(value, WRAPPERS_DEEP_MAX) {
                    Shape::Plan(plan) => return Ok(plan),
                    Shape::Objects(plan) if problem.is_none() => return Ok(plan),
                    Shape::Lesser(plan) if problem.is_none() && lesser.is_none() => lesser = Some(plan),
                    Shape::UnknownMode(word) => absence = unknown_mode(word),
                    _ => {}
                }
            }
            Some(Err(error)) => {
                // Damaged JSON, or the brackets of prose. Only the former is worth an error.
                if begins_like_json(candidate) {
                    // It stops in mid-value, so nothing can follow.
                    if error.is_eof() {
                        problem = Some(truncated(text));
                        break;
                    }
                    problem.get_or_insert(PlanError::Malformed {
                        reason: error.to_string(),
                    });
                }
                // Go on at the byte that was wrong, which may itself begin a value. Nothing is parsed twice.
                at = start + consumed_bytes(candidate, &error).max(1);
                while !text.is_char_boundary(at) {
                    at += 1;
                }
            }
            None => break,
        }
    }
    // The whole text was searched. A lesser find is better than nothing, and damage says more than absence.
    lesser.ok_or_else(|| problem.unwrap_or(absence))
}

/// As [`find`], in what the lenient reader understands. It goes on after what it has read or could not read, so no part
/// of the text is read twice.
fn find_leniently(text: &str, ended: bool) -> Result<Option<Map<String, Value>>, PlanError> {
    let mut at = 0;
    let mut lesser: Option<Map<String, Value>> = None;
    let mut damaged = false;
    let mut unknown: Option<PlanError> = None;
    while let Some(offset) = text.get(at..).and_then(|rest| rest.find(['{', '['])) {
        let start = at + offset;
        let candidate = text.get(start..).unwrap_or_default();
        if !begins_like_json(candidate) {
            at = start + 1;
            continue;
        }
        match lenient::parse(candidate, ended) {
            Ok((value, length)) => {
                at = start + length;
                match shape(value, WRAPPERS_DEEP_MAX) {
                    Shape::Plan(plan) => return Ok(Some(plan)),
                    Shape::Objects(plan) if !damaged => return Ok(Some(plan)),
                    Shape::Lesser(plan) if !damaged && lesser.is_none() => lesser = Some(plan),
                    Shape::UnknownMode(word) => unknown = Some(unknown_mode(word)),
                    _ => {}
                }
            }
            // It stops in mid-value, so nothing can follow, and nothing before it was the plan.
            Err(Failure::Truncated) => return Err(truncated(text)),
            Err(Failure::Malformed { at: bad }) => {
                damaged = true;
                at = start + bad.max(1);
            }
        }
    }
    match (lesser, unknown) {
        (None, Some(unknown)) => Err(unknown),
        (lesser, _) => Ok(lesser),
    }
}

fn truncated(text: &str) -> PlanError {
    PlanError::Truncated {
        chars: text.chars().count(),
    }
}

enum Shape {
    /// An object with "tasks".
    Plan(Map<String, Value>),
    /// A bare list of subtasks.
    Objects(Map<String, Value>),
    /// A bare list of strings, or no more than the mode `direct`: perhaps a plan, perhaps an example in the prose.
    Lesser(Map<String, Value>),
    /// An object whose mode nobody knows, and without subtasks.
    UnknownMode(String),
    Other,
}

fn shape(value: Value, wrappers: u32) -> Shape {
    match value {
        Value::Object(mut object) => {
            if has(&object, &TASKS) {
                return Shape::Plan(object);
            }
            // A wrapped value is judged, not searched.
            match take(&mut object, &WRAPPERS) {
                Some(inner) if wrappers > 0 => wrapped_shape(inner, wrappers - 1),
                _ => shape_by_mode(object),
            }
        }
        Value::Array(values) => list_shape(values, wrappers),
        _ => Shape::Other,
    }
}

fn shape_by_mode(object: Map<String, Value>) -> Shape {
    let word = object.get(MODE).and_then(Value::as_str).unwrap_or_default().trim();
    match mode_of(word) {
        Some(PlanMode::Direct) => Shape::Lesser(object),
        None if !word.is_empty() => Shape::UnknownMode(word.to_owned()),
        _ => Shape::Other,
    }
}

/// A tool call has its arguments as a string that holds JSON.
fn wrapped_shape(inner: Value, wrappers: u32) -> Shape {
    match inner {
        Value::String(text) => lenient::parse_all(&text)
            .filter(|value| !value.is_string())
            .map_or(Shape::Other, |value| shape(value, wrappers)),
        inner => shape(inner, wrappers),
    }
}

fn list_shape(mut values: Vec<Value>, wrappers: u32) -> Shape {
    // A list of one plan, or of one tool call. A subtask may have a field `input` too, but it has instructions.
    let is_plan = |object: &Map<String, Value>| {
        has(object, &TASKS) || (has(object, &WRAPPERS) || has(object, &[MODE])) && !has(object, &INSTRUCTIONS)
    };
    if values.len() == 1 && values.iter().all(|value| value.as_object().is_some_and(is_plan)) {
        return values.pop().map_or(Shape::Other, |value| shape(value, wrappers));
    }
    let objects = values
        .iter()
        .any(|value| value.as_object().is_some_and(|object| has(object, &INSTRUCTIONS)));
    let strings = !values.is_empty()
        && values
            .iter()
            .all(|value| value.as_str().is_some_and(|text| !text.trim().is_empty()));
    let mut plan = Map::new();
    plan.insert("tasks".to_owned(), Value::Array(values));
    if objects {
        Shape::Objects(plan)
    } else if strings {
        Shape::Lesser(plan)
    } else {
        Shape::Other
    }
}

/// The bytes before the one that stopped the parser.
fn consumed_bytes(candidate: &str, error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let before: usize = candidate.split_inclusive('\n').take(lines_before).map(str::len).sum();
    (before + error.column().saturating_sub(1)).min(candidate.len())
}
