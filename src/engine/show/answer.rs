//! The reader's text while a workflow runs: what it is made of at a moment. A pure function of the state.
//!
//! - One call of the big model writes it (`merge`, `direct`): the pieces that are journaled, and the text of the
//!   attempt in flight as it comes.
//! - It is assembled: while `edit/1` runs, its script and the parts give it through [`Assembler`]. While `edit/2` runs,
//!   it is what `edit/1` left, because the edits that failed may still change it.
//! - A client's own single task, without a call after it: the text of that subtask.
//! - A review is to come or runs: the same text, nothing of which is settled. Once it is resolved: its text.
//! - The workflow has completed: the final answer, however it came about.
//!
//! An attempt that dies leaves what the journal has. Nothing of this is journaled, because it follows from what is.

use crate::engine::answer::{Assembler, Update};
use crate::engine::state::assembly::{EDIT, Making, REVIEW, making, parts};
use crate::engine::state::queries::{find_step, subtasks};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::{AttemptId, Workflow};
use crate::engine::words::step_name::StepName;

/// The reader's text at a moment, and where more of it comes from.
#[derive(Debug, Default)]
pub struct ReaderText {
    /// What the journal has of it.
    pub text: TextSoFar,
    /// So many characters of it will stay.
    pub settled: usize,
    /// The attempt in flight whose text makes it go on.
    pub goes_on: Option<GoesOn>,
}

#[derive(Debug)]
pub struct GoesOn {
    pub attempt: AttemptId,
    pub how: How,
}

/// How the text of an attempt makes the reader's text go on.
#[derive(Debug)]
pub enum How {
    /// It is appended.
    Follows,
    /// It is appended, but not settled: the lines `Note:` at its end are not for the reader, or it will be reviewed.
    Part,
    /// It is the editor's script. `is_open`: nothing of it is settled, because it will be reviewed.
    Script { assembler: Box<Assembler>, is_open: bool },
}

/// What the reader's text is made of. None where the workflow has ended without an answer.
pub fn reader_text(workflow: &Workflow) -> Option<ReaderText> {
    if let Some(result) = &workflow.result {
        return Some(ReaderText::settled(result));
    }
    if workflow.status.is_terminal() {
        return None;
    }
    let synthesis = find_step(workflow, &StepName::Synthesis);
    if let Some(reviewed) = &workflow.reviewed {
        return Some(ReaderText::settled(&reviewed.text));
    }
    let is_open = to_be_reviewed(workflow);
    if let Some(answer) = synthesis.and_then(Step::answer) {
        return Some(ReaderText::settled(answer).unless(is_open));
    }
    if let Some(edit) = find_step(workflow, &EDIT) {
        return Some(edited(workflow, edit, is_open));
    }
    if let Some(only) = only_part(workflow) {
        return Some(ReaderText {
            goes_on: goes_on(workflow, only, || How::Part),
            ..ReaderText::default()
        });
    }
    let how = if is_open { || How::Part } else { || How::Follows };
    Some(synthesis.map_or_else(ReaderText::default, |step| written(workflow, step, how).unless(is_open)))
}

/// The text of a step that writes the answer itself.
fn written(workflow: &Workflow, step: &Step, how: fn() -> How) -> ReaderText {
    ReaderText {
        goes_on: goes_on(workflow, step, how),
        ..ReaderText::settled(&step.parts.concat())
    }
}

/// What the editor's script gives so far.
fn edited(workflow: &Workflow, edit: &Step, is_open: bool) -> ReaderText {
    let number = edit.attempts.last().map_or(0, |attempt| attempt.number);
    let mut assembler = Assembler::new(parts(workflow), edit.name.clone(), workflow.run, number);
    let mut reader = ReaderText::default();
    // A script that stopped at its limit of tokens is continued.
    for part in &edit.parts {
        reader.take(assembler.push(part));
    }
    // Edits that failed are repaired by `edit/2`. Until then the assembly is not journaled.
    if let StepState::Complete { answer: script, .. } = &edit.state {
        reader.take(assembler.push(script));
        reader.take(assembler.finish().0);
    }
    reader.goes_on = goes_on(workflow, edit, || How::Script {
        assembler: Box::new(assembler),
        is_open,
    });
    reader.unless(is_open)
}

/// The subtask of a client's own single task, as long as no synthesis has begun: only 0.1.0 asked for one.
fn only_part(workflow: &Workflow) -> Option<&Step> {
    let is_begun = find_step(workflow, &StepName::Synthesis).is_some_and(|step| !step.attempts.is_empty());
    let is_single = making(workflow) == Some(Making::Single);
    (is_single && !is_begun).then(|| subtasks(workflow).next()).flatten()
}

/// Whether a review may still change the answer.
fn to_be_reviewed(workflow: &Workflow) -> bool {
    let review = find_step(workflow, &REVIEW);
    review.is_some_and(|step| !matches!(step.state, StepState::Failed { .. } | StepState::Skipped { .. }))
}

fn goes_on(workflow: &Workflow, step: &Step, how: impl FnOnce() -> How) -> Option<GoesOn> {
    let StepState::InFlight { run, number } = step.state else {
        return None;
    };
    let attempt = AttemptId {
        nonce: workflow.spec.nonce.clone(),
        run,
        step: step.name.clone(),
        number,
    };
    Some(GoesOn { attempt, how: how() })
}

impl ReaderText {
    fn settled(text: &str) -> ReaderText {
        let text = TextSoFar::from(text);
        ReaderText {
            settled: text.chars(),
            text,
            goes_on: None,
        }
    }

    /// Nothing of it is settled where a review may still change it.
    fn unless(mut self, is_open: bool) -> ReaderText {
        if is_open {
            self.settled = 0;
        }
        self
    }

    fn take(&mut self, update: Option<Update>) {
        if let Some(update) = update {
            self.text.replace_from(update.from, &update.text);
            self.settled = update.settled;
        }
    }
}

/// A text that grows and is cut back, with its length in characters. What a change costs does not depend on what stands
/// before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextSoFar {
    text: String,
    chars: usize,
}

impl From<&str> for TextSoFar {
    fn from(text: &str) -> TextSoFar {
        TextSoFar {
            text: text.to_owned(),
            chars: text.chars().count(),
        }
    }
}

impl From<TextSoFar> for String {
    fn from(text: TextSoFar) -> String {
        text.text
    }
}

impl TextSoFar {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn chars(&self) -> usize {
        self.chars
    }

    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The text from this character on.
    pub fn after(&self, chars: usize) -> &str {
        self.text.get(self.byte_of(chars)..).unwrap_or_default()
    }

    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.chars += text.chars().count();
    }

    /// `text` takes the place of everything from this character on.
    pub fn replace_from(&mut self, from: usize, text: &str) {
        self.text.truncate(self.byte_of(from));
        self.chars = self.chars.min(from);
        self.push(text);
    }

    /// Cuts the text to so many bytes, or to a few less, because a character is not cut.
    pub fn truncate_bytes(&mut self, bytes_max: usize) {
        if self.text.len() > bytes_max {
            let end = self.text.floor_char_boundary(bytes_max);
            let cut = self.text.get(end..).unwrap_or_default().chars().count();
            self.text.truncate(end);
            self.chars -= cut;
        }
    }

    /// The characters that two texts have in common at their beginning.
    pub fn common_chars(&self, other: &TextSoFar) -> usize {
        let pairs = self.text.bytes().zip(other.text.bytes());
        let bytes = pairs.take_while(|(mine, others)| mine == others).count();
        let end = self.text.floor_char_boundary(bytes);
        self.text.get(..end).unwrap_or_default().chars().count()
    }

    /// Looks for the character from the end, where changes are.
    fn byte_of(&self, chars: usize) -> usize {
        match self.chars.checked_sub(chars) {
            None | Some(0) => self.text.len(),
            Some(back) => self.text.char_indices().rev().nth(back - 1).map_or(0, |(at, _)| at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_back_by_characters() {
        let mut text = TextSoFar::from("aéß");
        text.push("漢字");
        assert_eq!((text.chars(), text.after(3)), (5, "漢字"));
        text.replace_from(2, "x");
        assert_eq!((text.as_str(), text.chars()), ("aéx", 3));
        text.replace_from(9, "y");
        assert_eq!((text.as_str(), text.chars(), text.after(9)), ("aéxy", 4, ""));
        text.replace_from(0, "");
        assert_eq!((text.as_str(), text.chars()), ("", 0));
    }

    #[test]
    fn no_character_is_cut() {
        let mut text = TextSoFar::from("aé漢");
        text.truncate_bytes(5);
        assert_eq!((text.as_str(), text.chars()), ("aé", 2));
        text.truncate_bytes(2);
        assert_eq!((text.as_str(), text.chars()), ("a", 1));
    }

    #[test]
    fn what_two_texts_have_in_common_ends_with_a_whole_character() {
        // The first two bytes of these characters are the same.
        let common = |one: &str, other: &str| TextSoFar::from(one).common_chars(&TextSoFar::from(other));
        assert_eq!(common("a漢", "a漣"), 1);
        assert_eq!(common("ab", "abc"), 2);
        assert_eq!(common("", "abc"), 0);
        assert_eq!(common("éa", "éb"), 1);
    }
}
