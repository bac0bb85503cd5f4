//! What a reviewer is shown beside the answer: the notes that the writers of the parts left for the editor.

use super::scissors::Scissors;
use crate::engine::answer::split_notes;
use crate::engine::state::queries::subtasks;
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::step_name::StepName;
use crate::model::Note;
use crate::model::tokens::estimate_tokens;

pub fn notes(workflow: &Workflow, scissors: &mut Scissors) -> Vec<Note> {
    let note = |(step, text): (&Step, &str)| Note {
        id: match &step.name {
            StepName::Subtask(id) => id.clone(),
            other => other.to_string(),
        },
        text: scissors.text(text).0,
    };
    all(workflow).map(note).collect()
}

pub fn note_tokens(workflow: &Workflow) -> Vec<u64> {
    all(workflow).map(|(_, text)| estimate_tokens(text)).collect()
}

fn all(workflow: &Workflow) -> impl Iterator<Item = (&Step, &str)> {
    let with_notes = subtasks(workflow).filter(|step| step.without_notes.is_some());
    with_notes.filter_map(|step| Some((step, split_notes(step.answer()?).1)))
}
