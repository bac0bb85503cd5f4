//! Finds the plan in a model's reply.
//!
//! A reply is hostile until it is read. So everything here is linear in its length (no part of the text is parsed more
//! than once strictly and once leniently), and its depth is bounded (128 levels).
//!
//! The strict reader goes first. Where it finds no plan, the lenient one looks again ([`lenient`]).

use serde_json::{Map, Value};

use super::lenient::{self, Failure, begins_like_json};
use super::{PlanDraft, PlanError, PlanMode, TaskDraft, check_count, mode};

/// Names that models use for the same thing; the first is ours.
const TASKS: [&str; 2] = ["tasks", "subtasks"];
const INSTRUCTIONS: [&str; 4] = ["instructions", "description", "task", "prompt"];
const TITLE: [&str; 2] = ["title", "name"];
const ANALYSIS: [&str; 3] = ["analysis", "why", "reason"];
const DEPENDS_ON: [&str; 3] = ["depends_on", "dependencies", "dependsOn"];
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
    let analysis = analysis(&mut plan);
    match take(&mut plan, &TASKS).map(unquoted_list) {
        Some(Value::Array(tasks)) => {
            check_count(tasks.len(), limit)?;
            let tasks = tasks
                .into_iter()
                .enumerate()
                .map(|(index, task)| draft(task, index + 1))
                .collect::<Result<_, _>>()?;
            Ok(PlanDraft {
                analysis,
                tasks,
                ..PlanDraft::default()
            })
        }
        Some(other) => Err(wrong_type("\"tasks\"".to_owned(), &other, "an array")),
        None => Err(PlanError::NotAPlan),
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
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
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

/// The first JSON value of the text that is a plan, as an object. A bare list of strings is taken only where nothing
/// better follows and no damaged JSON came before, because it could be a piece of that, such as a `depends_on`.
fn find(text: &str) -> Result<Map<String, Value>, PlanError> {
    let mut at = 0;
    let mut list: Option<Map<String, Value>> = None;
    let mut problem: Option<PlanError> = None;
    let mut json_seen = false;
    // Every bracket may begin the plan. The brackets of prose are tried too, and fail at once.
    while let Some(offset) = text.get(at..).and_then(|rest| rest.find(['{', '['])) {
        let start = at + offset;
        let candidate = text.get(start..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(candidate).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                // Go on after the whole value, because its parts have been judged with it.
                at = start + values.byte_offset().max(1);
                json_seen = true;
                match shape(value, WRAPPERS_DEEP_MAX) {
                    Shape::Plan(plan) => return Ok(plan),
                    Shape::Objects(plan) if problem.is_none() => return Ok(plan),
                    Shape::Strings(plan) if problem.is_none() && list.is_none() => list = Some(plan),
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
    // The whole text was searched. A list of strings is better than nothing, and damage says more than absence.
    match (list, problem) {
        (Some(plan), _) => Ok(plan),
        (None, Some(problem)) => Err(problem),
        (None, None) if json_seen => Err(PlanError::NotAPlan),
        (None, None) => Err(PlanError::NoJson),
    }
}

/// As [`find`], in what the lenient reader understands. It goes on after what it has read or could not read, so no part
/// of the text is read twice.
fn find_leniently(text: &str, ended: bool) -> Result<Option<Map<String, Value>>, PlanError> {
    let mut at = 0;
    let mut list: Option<Map<String, Value>> = None;
    let mut damaged = false;
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
                    Shape::Strings(plan) if !damaged && list.is_none() => list = Some(plan),
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
    Ok(list)
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
    /// A bare list of strings: perhaps a plan, perhaps an example in the prose.
    Strings(Map<String, Value>),
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
                _ => Shape::Other,
            }
        }
        Value::Array(values) => list_shape(values, wrappers),
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
    let is_plan =
        |object: &Map<String, Value>| has(object, &TASKS) || has(object, &WRAPPERS) && !has(object, &INSTRUCTIONS);
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
        Shape::Strings(plan)
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

fn draft(value: Value, number: usize) -> Result<TaskDraft, PlanError> {
    let mut object = match value {
        Value::String(instructions) => return Ok(TaskDraft::new(instructions)),
        Value::Object(object) => object,
        other => {
            return Err(wrong_type(
                format!("subtask number {number}"),
                &other,
                "an object or a string",
            ));
        }
    };
    let mut text = |names: &[&str], what: &str| match take(&mut object, names) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(other) => Err(wrong_type(
            format!("the {what} of subtask number {number}"),
            &other,
            "a string",
        )),
    };
    let id = text(&["id"], "id")?;
    let title = text(&TITLE, "title")?;
    let instructions = text(&INSTRUCTIONS, "instructions")?.unwrap_or_default();
    let what = || format!("\"depends_on\" of subtask number {number}");
    let depends_on = match take(&mut object, &DEPENDS_ON) {
        None | Some(Value::Null) => Vec::new(),
        // Ids hold no comma, so "t1, t2" can only be two of them.
        Some(Value::String(ids)) => ids
            .split(',')
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
        Some(Value::Number(id)) => vec![id.to_string()],
        Some(Value::Array(ids)) => ids
            .into_iter()
            .map(|id| match id {
                Value::String(id) => Ok(id.trim().to_owned()),
                Value::Number(id) => Ok(id.to_string()),
                other => Err(wrong_type(what(), &other, "an array of ids")),
            })
            .collect::<Result<_, _>>()?,
        Some(other) => return Err(wrong_type(what(), &other, "an array of ids")),
    };
    Ok(TaskDraft {
        id,
        title,
        instructions,
        depends_on,
        ..TaskDraft::default()
    })
}

fn has(object: &Map<String, Value>, names: &[&str]) -> bool {
    names.iter().any(|name| object.contains_key(*name))
}

/// The value under the first of `names` that is there.
fn take(object: &mut Map<String, Value>, names: &[&str]) -> Option<Value> {
    names.iter().find_map(|name| object.remove(*name))
}

fn wrong_type(what: String, found: &Value, expected: &'static str) -> PlanError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    PlanError::WrongType { what, found, expected }
}
