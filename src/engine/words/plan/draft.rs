//! A subtask as a client or a model writes it, before ids and titles are filled in.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::contract::{Border, Form, PlanMode, TaskModel};
use super::{CRITERIA_MAX, Task};
use crate::json::tree;

/// A derived title is cut here, at a word.
const DERIVED_TITLE_CHARS: usize = 70;

/// A plan as a client or a model writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanDraft {
    pub analysis: String,
    pub mode: PlanMode,
    pub form: Form,
    pub length: Option<u32>,
    pub shared: String,
    pub borders: Vec<Border>,
    pub criteria: Vec<String>,
    pub tasks: Vec<TaskDraft>,
}

/// Either a string, the instructions, or `{id?, title?, instructions, depends_on?, criteria?, words?, model?}`. Other
/// fields are refused by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskDraft {
    pub id: Option<String>,
    pub title: Option<String>,
    pub instructions: String,
    pub depends_on: Vec<String>,
    pub criteria: Vec<u32>,
    pub words: Option<u32>,
    pub model: TaskModel,
}

impl TaskDraft {
    /// A subtask that consists of its instructions.
    pub fn new(instructions: impl Into<String>) -> TaskDraft {
        TaskDraft {
            instructions: instructions.into(),
            ..TaskDraft::default()
        }
    }
}

impl TaskDraft {
    /// From a text, or from an object with `instructions`.
    pub fn read(value: Value) -> Result<TaskDraft, serde_json::Error> {
        let fields: DraftFields = match value {
            Value::String(instructions) => return Ok(TaskDraft::new(instructions)),
            Value::Object(_) => tree::of_fields(value, &DRAFT_FIELDS)?,
            other => return Err(tree::unexpected(&other, &"a string or an object with \"instructions\"")),
        };
        Ok(TaskDraft {
            id: fields.id,
            title: fields.title,
            instructions: fields.instructions,
            depends_on: fields.depends_on.unwrap_or_default(),
            criteria: fields.criteria.unwrap_or_default(),
            words: fields.words,
            model: fields.model.unwrap_or_default(),
        })
    }
}

/// These are the client's own words, so that an unknown one is a mistake to be named.
const DRAFT_FIELDS: [&str; 7] = [
    "id",
    "title",
    "instructions",
    "depends_on",
    "criteria",
    "words",
    "model",
];

#[derive(Deserialize)]
struct DraftFields {
    id: Option<String>,
    title: Option<String>,
    instructions: String,
    /// Null is the same as absent, as many clients write it.
    depends_on: Option<Vec<String>>,
    criteria: Option<Vec<u32>>,
    words: Option<u32>,
    model: Option<TaskModel>,
}

impl From<&Task> for TaskDraft {
    fn from(task: &Task) -> TaskDraft {
        TaskDraft {
            id: Some(task.id.clone()),
            title: Some(task.title.clone()),
            instructions: task.instructions.clone(),
            depends_on: task.depends_on.clone(),
            criteria: task.criteria.clone(),
            words: task.words,
            model: task.model,
        }
    }
}

/// Gives an id to each subtask that has none.
pub(super) fn fill_ids(drafts: &mut [TaskDraft]) {
    let mut taken: Vec<String> = drafts.iter().filter_map(|draft| draft.id.clone()).collect();
    for (index, draft) in drafts.iter_mut().enumerate() {
        draft.id.get_or_insert_with(|| free_id(index + 1, &mut taken));
    }
}

/// Fills in ids and titles and drops repeated dependencies and criteria. What is wrong with the rest is for the plan's
/// checks to say.
pub(super) fn complete(mut drafts: Vec<TaskDraft>) -> Vec<Task> {
    fill_ids(&mut drafts);
    let mut tasks = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let id = draft.id.unwrap_or_default();
        let instructions = draft.instructions.trim().to_owned();
        let title = draft
            .title
            .map(|title| one_line(&title))
            .filter(|title| !title.is_empty());
        // Not `Vec::contains`, because a client may send a hundred thousand of them. The code of another kind of map
        // takes 3 KB.
        let mut seen = Map::new();
        let mut depends_on = draft.depends_on;
        depends_on.retain(|id| seen.insert(id.clone(), Value::Null).is_none());
        let criteria = in_order(draft.criteria);
        tasks.push(Task {
            id,
            title: title.unwrap_or_else(|| title_of(&instructions)),
            instructions,
            depends_on,
            criteria,
            words: draft.words,
            model: draft.model,
        });
    }
    tasks
}

/// `t` and the position; a later number where somebody else has that id. Ends, since `taken` is finite.
fn free_id(position: usize, taken: &mut Vec<String>) -> String {
    let mut number = position;
    loop {
        let id = format!("t{number}");
        if !taken.contains(&id) {
            taken.push(id.clone());
            return id;
        }
        number += 1;
    }
}

/// The first line of the instructions without list and heading marks, cut at a word.
fn title_of(instructions: &str) -> String {
    let line = instructions
        .lines()
        .map(|line| line.trim_start_matches(['#', '-', '*', '>', ' ', '\t']))
        .find(|line| !line.trim().is_empty());
    let line = one_line(line.unwrap_or(instructions));
    let Some((end, _)) = line.char_indices().nth(DERIVED_TITLE_CHARS) else {
        return line;
    };
    let cut = line.get(..end).unwrap_or_default();
    let at_word = cut
        .rfind(' ')
        .filter(|at| *at > cut.len() / 2)
        .and_then(|at| cut.get(..at));
    format!("{}…", at_word.unwrap_or(cut).trim_end())
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
/// Numbers of criteria in order, each once. More of them than there may be criteria are not looked at, because one is
/// wrong by then. The code of `sort_unstable` takes 8 KB.
pub(super) fn in_order(numbers: Vec<u32>) -> Vec<u32> {
    let mut ordered: Vec<u32> = Vec::new();
    for number in numbers {
        let at = ordered.partition_point(|other| *other < number);
        if ordered.get(at) != Some(&number) {
            ordered.insert(at, number);
        }
        if ordered.len() > CRITERIA_MAX {
            break;
        }
    }
    ordered
}
