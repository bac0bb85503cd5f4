//! The subtasks of a reply.

use serde_json::{Map, Value};

use super::fields::{string, take, wrong_type};
use super::words;
use crate::engine::words::plan::draft::fill_ids;
use crate::engine::words::plan::{PlanError, TaskDraft, TaskModel};
use crate::text::lower;

pub(super) const INSTRUCTIONS: [&str; 4] = ["instructions", "description", "task", "prompt"];
const TITLE: [&str; 2] = ["title", "name"];
const DEPENDS_ON: [&str; 3] = ["depends_on", "dependencies", "dependsOn"];
const WORDS: [&str; 3] = ["words", "length", "word_count"];
/// The words for a model, beside ours.
const SMALL: [&str; 5] = ["small", "fast", "light", "cheap", "default"];
const BIG: [&str; 5] = ["big", "large", "strong", "capable", "best"];

/// A subtask, and the criteria that it answers for as they were written.
pub(super) struct Written {
    pub(super) task: TaskDraft,
    pub(super) criteria: Vec<Value>,
}

/// Each has an id afterwards, so that others can refer to it.
pub(super) fn read(values: Vec<Value>) -> Result<Vec<Written>, PlanError> {
    let (mut tasks, mut criteria) = (Vec::new(), Vec::new());
    for (number, value) in (1..).zip(values) {
        let written = task(value, number)?;
        tasks.push(written.task);
        criteria.push(written.criteria);
    }
    fill_ids(&mut tasks);
    let written = tasks.into_iter().zip(criteria);
    Ok(written.map(|(task, criteria)| Written { task, criteria }).collect())
}

fn task(value: Value, number: usize) -> Result<Written, PlanError> {
    let mut object = match value {
        Value::String(instructions) => {
            return Ok(Written {
                task: TaskDraft::new(instructions),
                criteria: Vec::new(),
            });
        }
        Value::Object(object) => object,
        other => {
            return Err(wrong_type(
                format!("subtask number {number}"),
                &other,
                "an object or a string",
            ));
        }
    };
    let of_this = |what: &str| format!("the {what} of subtask number {number}");
    let mut text = |names: &[&str], what: &str| string(take(&mut object, names), &of_this(what));
    let id = text(&["id"], "id")?;
    let title = text(&TITLE, "title")?;
    let instructions = text(&INSTRUCTIONS, "instructions")?.unwrap_or_default();
    let model = text(&["model"], "model")?.map_or(Ok(TaskModel::Small), |word| {
        model_of(&word).ok_or_else(|| PlanError::UnknownWord {
            what: of_this("model"),
            found: word,
            expected: "\"small\" or \"big\"",
        })
    })?;
    Ok(Written {
        task: TaskDraft {
            id,
            title,
            instructions,
            depends_on: depends_on(&mut object, number)?,
            words: words::read(take(&mut object, &WORDS), &of_this("length"))?,
            model,
            criteria: Vec::new(),
        },
        criteria: criteria(&mut object, number)?,
    })
}

fn depends_on(object: &mut Map<String, Value>, number: usize) -> Result<Vec<String>, PlanError> {
    let wrong = |other: &Value| {
        let what = format!("\"depends_on\" of subtask number {number}");
        wrong_type(what, other, "an array of ids")
    };
    match take(object, &DEPENDS_ON) {
        None => Ok(Vec::new()),
        // Ids hold no comma, so "t1, t2" can only be two of them.
        Some(Value::String(ids)) => Ok(parts(&ids).map(str::to_owned).collect()),
        Some(Value::Number(id)) => Ok(vec![id.to_string()]),
        Some(Value::Array(ids)) => ids
            .into_iter()
            .map(|id| match id {
                Value::String(id) => Ok(id.trim().to_owned()),
                Value::Number(id) => Ok(id.to_string()),
                other => Err(wrong(&other)),
            })
            .collect(),
        Some(other) => Err(wrong(&other)),
    }
}

fn criteria(object: &mut Map<String, Value>, number: usize) -> Result<Vec<Value>, PlanError> {
    match take(object, &["criteria"]) {
        None => Ok(Vec::new()),
        Some(Value::Array(criteria)) => Ok(criteria),
        // "c1, c3" is two of them; a sentence with a comma is one.
        Some(Value::String(text))
            if parts(&text).all(|part| part.chars().any(|c| c.is_ascii_digit()) && part.len() < 5) =>
        {
            Ok(parts(&text).map(Value::from).collect())
        }
        Some(one @ (Value::String(_) | Value::Number(_))) => Ok(vec![one]),
        Some(other) => Err(wrong_type(
            format!("\"criteria\" of subtask number {number}"),
            &other,
            "an array of numbers",
        )),
    }
}

fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn model_of(word: &str) -> Option<TaskModel> {
    let word = lower(word);
    if BIG.contains(&word.as_str()) {
        Some(TaskModel::Big)
    } else {
        SMALL.contains(&word.as_str()).then_some(TaskModel::Small)
    }
}
