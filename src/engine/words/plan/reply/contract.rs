//! The contract of a plan, as models write it: what a reply says beside its subtasks, which is shared facts, borders,
//! criteria, form and length.
//!
//! An owner that is no subtask stays readable in the text of what it owns, a criterion that only a subtask names joins
//! the list, and a field of an entry that nobody knows stays part of the entry. A word or a number that has no meaning
//! here refuses the plan. Only a field of the whole or of a task that has no name here is left out: a plan is for those
//! who write, and none of them would be told it.

use serde_json::{Map, Value};

use super::fields::{string, take, wrong_type};
use super::markdown::{line, markdown};
use super::tasks::Written;
use super::words;
use crate::engine::words::plan::{Border, EDITOR, Form, PlanDraft, PlanError, TaskDraft};
use crate::text::lower;

const SHARED: [&str; 2] = ["shared", "shared_facts"];
const BORDERS: [&str; 2] = ["borders", "boundaries"];
const LENGTH: [&str; 3] = ["length", "words", "total_words"];
const WHAT: [&str; 5] = ["what", "name", "topic", "border", "item"];
const TEXT: [&str; 6] = ["text", "criterion", "criteria", "what", "name", "description"];
const LABEL: [&str; 2] = ["id", "number"];
const OWNER: [&str; 8] = [
    "owner",
    "owners",
    "task",
    "tasks",
    "subtask",
    "subtasks",
    "owned_by",
    "decided_by",
];

/// The rest of a plan whose subtasks are known.
pub(super) fn read(mut plan: Map<String, Value>, written: Vec<Written>) -> Result<PlanDraft, PlanError> {
    let (mut tasks, named): (Vec<TaskDraft>, Vec<Vec<Value>>) = written
        .into_iter()
        .map(|written| (written.task, written.criteria))
        .unzip();
    let form = string(take(&mut plan, &["form"]), "\"form\"")?.map_or(Ok(Form::Merge), form)?;
    let length = words::read(take(&mut plan, &LENGTH), "\"length\"")?;
    let shared = take(&mut plan, &SHARED).map(markdown).unwrap_or_default();
    let borders = borders(take(&mut plan, &BORDERS), &tasks)?;
    let criteria = criteria(take(&mut plan, &["criteria"]), &mut tasks, named)?;
    Ok(PlanDraft {
        form,
        length,
        shared,
        borders,
        criteria,
        tasks,
        ..PlanDraft::default()
    })
}

fn form(word: String) -> Result<Form, PlanError> {
    match lower(&word).as_str() {
        "merge" | "merged" | "rewrite" => Ok(Form::Merge),
        "assemble" | "assembled" | "assembly" => Ok(Form::Assemble),
        _ => Err(PlanError::UnknownWord {
            what: "\"form\"".to_owned(),
            found: word,
            expected: "\"merge\" or \"assemble\"",
        }),
    }
}

fn borders(value: Option<Value>, tasks: &[TaskDraft]) -> Result<Vec<Border>, PlanError> {
    let entries = match value {
        None => Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(Value::String(text)) => lines(&text),
        Some(Value::Object(object)) if WHAT.iter().any(|name| object.contains_key(*name)) => vec![object.into()],
        // Each name with its owner.
        Some(Value::Object(object)) => object
            .into_iter()
            .map(|(what, owner)| match owner {
                Value::Object(mut members) => {
                    members.entry("what").or_insert_with(|| what.into());
                    members.into()
                }
                owner => {
                    let mut members = Map::new();
                    members.insert("what".to_owned(), what.into());
                    members.insert("owner".to_owned(), owner);
                    members.into()
                }
            })
            .collect(),
        Some(other) => return Err(wrong_type("\"borders\"", &other, "an array")),
    };
    let borders = entries.into_iter().map(|entry| border(entry, tasks));
    Ok(borders.filter(|border| !border.what.is_empty()).collect())
}

fn border(entry: Value, tasks: &[TaskDraft]) -> Border {
    let Value::Object(mut object) = entry else {
        let what = if entry.is_null() { String::new() } else { line(&entry) };
        return Border { what, owner: None };
    };
    let what = take(&mut object, &WHAT);
    let owners = owners(take(&mut object, &OWNER));
    let what = with_rest(what, object);
    match owners.as_slice() {
        [owner] => match owner_of(owner, tasks) {
            Some(Owner::Subtask(index)) => Border {
                what,
                owner: tasks.get(index).and_then(|task| task.id.clone()),
            },
            Some(Owner::Editor) => Border {
                what,
                owner: Some(EDITOR.to_owned()),
            },
            None => unowned(what, &owners),
        },
        _ => unowned(what, &owners),
    }
}

fn unowned(what: String, owners: &[String]) -> Border {
    Border {
        owner: (!owners.is_empty()).then(|| owners.join(", ")),
        what,
    }
    .with_owner_in_words()
}

/// The criteria, and each subtask's by number. One that no subtask names belongs to the editor.
fn criteria(value: Option<Value>, tasks: &mut [TaskDraft], named: Vec<Vec<Value>>) -> Result<Vec<String>, PlanError> {
    let entries = match value {
        None => Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(Value::String(text)) => lines(&text),
        Some(other) => return Err(wrong_type("\"criteria\"", &other, "an array")),
    };
    let mut list = List::default();
    for entry in entries {
        list.add(entry, tasks);
    }
    for ((position, named), task) in (1..).zip(named).zip(tasks) {
        for reference in named {
            let number = list.number_of(&reference).ok_or_else(|| {
                let what = format!("a criterion of subtask number {position}");
                wrong_type(what, &reference, "its number")
            })?;
            task.criteria.extend(number);
        }
    }
    Ok(list.texts)
}

/// The criteria as they get their numbers.
#[derive(Default)]
struct List {
    texts: Vec<String>,
    /// By position in the reply: what it is called there, and its number here. A blank one has none.
    written: Vec<(Option<String>, Option<u32>)>,
}

impl List {
    fn add(&mut self, entry: Value, tasks: &mut [TaskDraft]) {
        let (mut label, mut names) = (None, Vec::new());
        let mut text = match entry {
            Value::Object(mut object) => {
                label = take(&mut object, &LABEL).map(|label| line(&label));
                let text = take(&mut object, &TEXT);
                names = owners(take(&mut object, &OWNER));
                with_rest(text, object)
            }
            Value::Null => String::new(),
            other => line(&other),
        };
        let mut strangers = Vec::new();
        let mut owned_by = Vec::new();
        for name in names {
            match owner_of(&name, tasks) {
                Some(Owner::Subtask(index)) => owned_by.push(index),
                Some(Owner::Editor) => {}
                None => strangers.push(name),
            }
        }
        if !strangers.is_empty() && !text.is_empty() {
            text = format!("{text} (owner: {})", strangers.join(", "));
        }
        let number = self.push(text);
        for (index, task) in tasks.iter_mut().enumerate() {
            if owned_by.contains(&index) {
                task.criteria.extend(number);
            }
        }
        self.written.push((label, number));
    }

    fn push(&mut self, text: String) -> Option<u32> {
        if text.is_empty() {
            return None;
        }
        self.texts.push(text);
        u32::try_from(self.texts.len()).ok()
    }

    /// The number that a subtask means: by the text itself, by what the entry is called, or by its position. None where
    /// this can't name a criterion at all. A number that is out of range is for the plan's checks to refuse.
    fn number_of(&mut self, reference: &Value) -> Option<Option<u32>> {
        let text = match reference {
            Value::Null => return Some(None),
            Value::Number(number) => return number.as_u64().map(|number| self.at(number)),
            text @ Value::String(_) => line(text),
            _ => return None,
        };
        let is_same = |known: &String| lower(known) == lower(&text);
        if let Some(index) = self.texts.iter().position(is_same) {
            return Some(u32::try_from(index + 1).ok());
        }
        let by_label = self.written.iter().find(|(label, _)| label.as_ref() == Some(&text));
        if let Some((_, number)) = by_label {
            return Some(*number);
        }
        match leading_number(&text) {
            Some(number) => Some(self.at(number)),
            // A criterion of the subtask's own.
            None => Some(self.push(text)),
        }
    }

    fn at(&self, position: u64) -> Option<u32> {
        let out_of_range = u32::try_from(position).unwrap_or(u32::MAX);
        let index = usize::try_from(position)
            .ok()
            .and_then(|position| position.checked_sub(1));
        match index.and_then(|index| self.written.get(index)) {
            Some((_, number)) => *number,
            None => Some(out_of_range),
        }
    }
}

/// `3`, `c3`, `C3:`, `#3`, `criterion 3: names the port`; not `3 sources`.
fn leading_number(text: &str) -> Option<u64> {
    let text = lower(text);
    let bare = ["criterion", "c", "#"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix));
    let rest = bare.unwrap_or(&text).trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let after = rest.get(digits..)?;
    let ends = after.is_empty() || after.starts_with([':', ')']) || after.starts_with(". ");
    rest.get(..digits)?.parse().ok().filter(|_| ends)
}

enum Owner {
    /// By position.
    Subtask(usize),
    Editor,
}

/// A subtask by its id or its title, or the editor.
fn owner_of(name: &str, tasks: &[TaskDraft]) -> Option<Owner> {
    let name = name.strip_prefix("subtask/").unwrap_or(name);
    let is_called = |text: &Option<String>| text.as_ref().is_some_and(|text| lower(text) == lower(name));
    let found = tasks
        .iter()
        .position(|task| task.id.as_deref() == Some(name))
        .or_else(|| tasks.iter().position(|task| is_called(&task.id)))
        .or_else(|| tasks.iter().position(|task| is_called(&task.title)));
    let is_editor = ["editor", "the editor"].contains(&lower(name).as_str());
    found.map(Owner::Subtask).or_else(|| is_editor.then_some(Owner::Editor))
}

/// One name or several. Ids hold no comma; a title may.
fn owners(value: Option<Value>) -> Vec<String> {
    let names: Vec<String> = match value {
        None => Vec::new(),
        Some(Value::Array(names)) => names.iter().map(line).collect(),
        Some(name) => vec![line(&name)],
    };
    names
        .into_iter()
        .filter(|name| !name.is_empty() && name != "null")
        .collect()
}

/// The text, and whatever else its object says.
fn with_rest(text: Option<Value>, rest: Map<String, Value>) -> String {
    let text = text.map(|text| line(&text)).unwrap_or_default();
    // Collecting into a map would bring the code of a sort.
    let mut told = Map::new();
    for (name, value) in rest {
        if !value.is_null() {
            told.insert(name, value);
        }
    }
    let rest = told;
    match (text.is_empty(), rest.is_empty()) {
        (_, true) => text,
        (true, false) => line(&rest.into()),
        (false, false) => format!("{text}; {}", line(&rest.into())),
    }
}

/// The lines of a text that should have been a list, without their marks.
fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| line.trim().trim_start_matches(['-', '*', '•']).trim())
        .filter(|line| !line.is_empty())
        .map(Value::from)
        .collect()
}
