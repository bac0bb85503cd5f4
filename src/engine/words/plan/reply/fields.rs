//! The fields of an object, under the names that models give them.

use serde_json::{Map, Value};

use crate::engine::words::plan::PlanError;

pub(super) fn has(object: &Map<String, Value>, names: &[&str]) -> bool {
    names.iter().any(|name| object.contains_key(*name))
}

/// The value under the first of `names` that has one. Null and a blank text are none, because a schema may require a
/// field that the model has nothing to say in.
pub(super) fn take(object: &mut Map<String, Value>, names: &[&str]) -> Option<Value> {
    let says_something = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    };
    names
        .iter()
        .find_map(|name| object.remove(*name).filter(says_something))
}

/// A text, or a number as one.
pub(super) fn string(value: Option<Value>, what: &str) -> Result<Option<String>, PlanError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(other) => Err(wrong_type(what, &other, "a string")),
    }
}

pub(super) fn wrong_type(what: impl Into<String>, found: &Value, expected: &'static str) -> PlanError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    PlanError::WrongType {
        what: what.into(),
        found,
        expected,
    }
}
