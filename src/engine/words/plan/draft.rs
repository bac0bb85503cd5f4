//! A subtask as a client or a model writes it, before ids and titles are filled in.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Task;
use crate::stored::{Stored, Unreadable};

/// A derived title is cut here, at a word.
const DERIVED_TITLE_CHARS: usize = 70;

/// Either a string, the instructions, or `{id?, title?, instructions, depends_on?}`. Other fields are refused by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TaskDraft {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub instructions: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
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

/// Refuses unknown fields by name, because a client's typing error would else be ignored.
impl Stored for TaskDraft {
    fn read(value: Value) -> Result<TaskDraft, Unreadable> {
        let map = match value {
            Value::String(instructions) => return Ok(TaskDraft::new(instructions)),
            Value::Object(map) => map,
            other => {
                return Err(Unreadable::wrong_type(
                    &other,
                    "a string or an object with \"instructions\"",
                ));
            }
        };
        let (mut draft, mut instructions) = (TaskDraft::default(), None);
        for (name, value) in map {
            match name.as_str() {
                "id" => draft.id = Stored::read(value)?,
                "title" => draft.title = Stored::read(value)?,
                "instructions" => instructions = Some(Stored::read(value)?),
                "depends_on" => draft.depends_on = Option::read(value)?.unwrap_or_default(),
                _ => {
                    let known = "expected one of `id`, `title`, `instructions`, `depends_on`";
                    return Err(Unreadable(format!("unknown field `{name}`, {known}")));
                }
            }
        }
        draft.instructions = instructions.ok_or_else(|| Unreadable::missing("instructions"))?;
        Ok(draft)
    }
}

/// Fills in ids and titles and drops repeated dependencies. The checks of the plan find all other faults.
pub(super) fn complete(drafts: Vec<TaskDraft>) -> Vec<Task> {
    let mut taken: Vec<String> = drafts.iter().filter_map(|draft| draft.id.clone()).collect();
    let mut tasks = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.into_iter().enumerate() {
        let id = draft.id.unwrap_or_else(|| free_id(index + 1, &mut taken));
        let instructions = draft.instructions.trim().to_owned();
        let title = draft
            .title
            .map(|title| one_line(&title))
            .filter(|title| !title.is_empty());
        // Not `Vec::contains`: a client may send a hundred thousand of them. The map is one that the bundle has anyway.
        let mut seen = Map::new();
        let mut depends_on = draft.depends_on;
        depends_on.retain(|id| seen.insert(id.clone(), Value::Null).is_none());
        tasks.push(Task {
            id,
            title: title.unwrap_or_else(|| title_of(&instructions)),
            instructions,
            depends_on,
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

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
