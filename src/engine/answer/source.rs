//! What an assembly is made of, and what it gives.

use std::sync::Arc;

use crate::engine::words::answer::{AssemblyProblem, EditResult, EditState, Segment};
use crate::engine::words::step_name::StepName;

/// The text of a completed attempt: a part as its worker wrote it, or a script of the editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub step: StepName,
    pub run: u32,
    pub number: u32,
    /// What scripts call the part: the subtask's id. Not used of a script.
    pub id: String,
    /// Whole, notes included, because segments count from its first character.
    pub text: Arc<str>,
}

/// An assembly, resolved: what the event `answer_assembled` holds. Its JSON has less than 1 MiB, whatever the scripts
/// and parts are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assembly {
    /// The answer ([`super::join`]).
    pub segments: Vec<Segment>,
    /// In the order of the scripts.
    pub edits: Vec<EditResult>,
    pub problems: Vec<AssemblyProblem>,
    /// The script has no mark at all, and the whole of it is the answer.
    pub unmarked: bool,
}

impl Assembly {
    /// The edits that did not apply.
    pub fn failed_edits(&self) -> impl Iterator<Item = &EditResult> {
        self.edits.iter().filter(|edit| edit.state == EditState::Failed)
    }
}

/// How the reader's text goes on while the script streams. All numbers are characters of the reader's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Where `text` stands. Below the length so far, it is a cut back: everything from there on is replaced by `text`.
    pub from: usize,
    pub text: String,
    /// So much from the beginning is expected to stay. It falls only where an edit after the answer changes a part
    /// that was shown, or fails for one: the only case in which settled text changes.
    pub settled: usize,
}
