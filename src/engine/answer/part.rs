//! One part of the answer: its body without notes, and what the edits make of it.

use std::iter;
use std::ops::Range;

use super::chars::Places;
use super::edits::{Draft, Fault, New};
use super::fences::left_open;
use super::item::Edit;
use super::mark::{EditKind, Target};
use super::notes::split_notes;
use super::script::Reader;
use super::source::Source;
use crate::engine::words::answer::{EditResult, EditState, Segment};
use crate::engine::words::step_name::StepName;

/// The attempt whose text a script is.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub step: StepName,
    pub run: u32,
    pub number: u32,
}

#[derive(Debug)]
pub(super) struct Part {
    pub source: Source,
    /// Its bytes without notes.
    body: Range<usize>,
    /// Once it was edited, or where it leaves a code block open.
    draft: Option<Draft>,
    /// Its place among the blocks.
    pub block: Option<usize>,
    pub has_failed_edit: bool,
}

impl Part {
    pub fn new(source: Source) -> Part {
        let mut part = Part {
            body: split_notes(&source.text).0,
            ..Part::whole(source)
        };
        // What comes after the part must not become code.
        if let Some(open) = left_open(part.text()) {
            let closing = format!("\n{}", open.closing());
            let segment = Segment::Text { text: closing.clone() };
            let pieces = [(part.segment(), part.text()), (segment, closing.as_str())];
            part.draft = Some(Draft::new(pieces.into_iter()));
        }
        part
    }

    /// A text that has no notes.
    pub fn whole(source: Source) -> Part {
        Part {
            body: 0..source.text.len(),
            source,
            draft: None,
            block: None,
            has_failed_edit: false,
        }
    }

    /// As edited so far.
    pub fn text(&self) -> &str {
        match &self.draft {
            Some(draft) => draft.text(),
            None => self.source.text.get(self.body.clone()).unwrap_or_default(),
        }
    }

    pub fn segments(&self) -> Vec<Segment> {
        match &self.draft {
            Some(draft) => draft.segments().cloned().collect(),
            None => vec![self.segment()],
        }
    }

    /// The whole body, before any edit.
    fn segment(&self) -> Segment {
        let text = &self.source.text;
        let places = Places::of(text);
        Segment::Slice {
            step: self.source.step.clone(),
            run: self.source.run,
            number: self.source.number,
            from: places.char_at(text, self.body.start),
            to: places.char_at(text, self.body.end),
        }
    }
}

/// Applies an edit to its part. `search_budget` is what may still be searched, in bytes.
pub(super) fn edit_part(
    parts: &mut [Part],
    search_budget: &mut usize,
    edit: &Edit,
    reader: &Reader,
    script: &Attempt,
) -> EditResult {
    let part = match &edit.head.target {
        Target::Part(index) => parts.get_mut(*index).ok_or(""),
        Target::Unknown(id) => Err(id.as_str()),
    };
    let (step, id, result) = match part {
        Err(id) => (StepName::Subtask(id.to_owned()), id.to_owned(), Err(Fault::NoPart)),
        Ok(part) => {
            let result = apply(part, search_budget, edit, reader, script);
            part.has_failed_edit |= result.is_err();
            (part.source.step.clone(), part.source.id.clone(), result)
        }
    };
    let is_answer = step == StepName::Synthesis;
    EditResult {
        step,
        state: if result.is_ok() {
            EditState::Applied
        } else {
            EditState::Failed
        },
        reason: result.err().map(|fault| fault.reason(&id, is_answer)),
    }
}

/// A repair may change only parts whose edits have failed, because the others stand in the answer already.
pub(super) fn refused(parts: &[Part], edit: &Edit) -> EditResult {
    let id = match &edit.head.target {
        Target::Part(index) => parts.get(*index).map(|part| part.source.id.clone()).unwrap_or_default(),
        Target::Unknown(id) => id.clone(),
    };
    EditResult {
        step: StepName::Subtask(id.clone()),
        state: EditState::Failed,
        reason: Some(Fault::NotOpen.reason(&id, false)),
    }
}

fn apply(
    part: &mut Part,
    search_budget: &mut usize,
    edit: &Edit,
    reader: &Reader,
    script: &Attempt,
) -> Result<(), Fault> {
    let body = edit.body.as_ref().map_err(|fault| Fault::Malformed(*fault))?;
    let new = New {
        text: reader.text().get(body.new.clone()).unwrap_or_default(),
        segment: slice_of(script, reader, &body.new),
    };
    if part.draft.is_none() {
        let whole = (part.segment(), part.text());
        part.draft = Some(Draft::new(iter::once(whole)));
    }
    // It was made above.
    let draft = part.draft.as_mut().ok_or(Fault::NoPart)?;
    match (edit.head.kind, edit.head.section) {
        (EditKind::Section, None) => Err(Fault::NoSectionNamed),
        (EditKind::Section, Some(number)) => draft.replace_section(number, new, search_budget),
        (kind, _) => {
            let old = reader.text().get(body.old.clone()).unwrap_or_default();
            draft.edit(kind, old, new, search_budget)
        }
    }
}

/// A range of a script.
pub(super) fn slice_of(script: &Attempt, reader: &Reader, range: &Range<usize>) -> Segment {
    Segment::Slice {
        step: script.step.clone(),
        run: script.run,
        number: script.number,
        from: reader.char_at(range.start),
        to: reader.char_at(range.end),
    }
}
