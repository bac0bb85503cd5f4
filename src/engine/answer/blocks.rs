//! From the items of a script to the blocks of the answer: what is edited, included, left out.

use std::iter;
use std::ops::Range;

use super::chars::Places;
use super::edits::{BLANK_LINE, Draft, Fault, New, SEARCH_BYTES_MAX};
use super::mark::{EditKind, Target};
use super::notes::{split_notes, trimmed};
use super::script::{Edit, Item, Reader};
use super::source::{Assembly, Source};
use crate::engine::words::answer::{AssemblyProblem, EditResult, EditState, ProblemKind, Segment};
use crate::engine::words::step_name::StepName;

/// Without any mark in so many bytes, the script is shown as it is: it seems to be the whole text.
const UNMARKED_BYTES: usize = 1_500;

/// The attempt whose text a script is.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub step: StepName,
    pub run: u32,
    pub number: u32,
}

/// A piece of the answer. A blank line stands between two.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    /// Bytes of the script.
    Text(Range<usize>),
    /// The index of a part.
    Part(usize),
}

#[derive(Debug)]
pub(super) struct Blocks {
    parts: Vec<Part>,
    script: Attempt,
    reader: Reader,
    blocks: Vec<Block>,
    /// The last block is a text that goes on where this ends.
    open_to: Option<usize>,
    /// Where the white space begins that stands before the next text.
    blank_from: Option<usize>,
    /// `@answer` or an include was read.
    begun: bool,
    has_marks: bool,
    is_unfinished: bool,
    edits: Vec<EditResult>,
    problems: Vec<AssemblyProblem>,
    search_budget: usize,
    /// The first block that is not what it was, until somebody takes it.
    pub changed: Option<usize>,
}

#[derive(Debug)]
struct Part {
    source: Source,
    /// Its bytes without notes.
    body: Range<usize>,
    /// Once it was edited.
    draft: Option<Draft>,
    /// Its place among the blocks.
    block: Option<usize>,
    has_failed_edit: bool,
}

impl Blocks {
    pub fn new(parts: Vec<Source>, script: Attempt) -> Blocks {
        let ids = parts.iter().map(|part| part.id.clone()).collect();
        let parts = parts.into_iter().map(|source| Part {
            body: split_notes(&source.text).0,
            source,
            draft: None,
            block: None,
            has_failed_edit: false,
        });
        Blocks {
            parts: parts.collect(),
            script,
            reader: Reader::new(ids),
            blocks: Vec::new(),
            open_to: None,
            blank_from: None,
            begun: false,
            has_marks: false,
            is_unfinished: false,
            edits: Vec::new(),
            problems: Vec::new(),
            search_budget: SEARCH_BYTES_MAX,
            changed: None,
        }
    }

    pub fn push(&mut self, chunk: &str) {
        for item in self.reader.push(chunk) {
            self.take(item);
        }
    }

    /// The script has ended: decides what the answer is, and what the reader should know of it.
    pub fn finish(&mut self) {
        for item in self.reader.finish() {
            self.take(item);
        }
        if !self.has_marks {
            let whole = trimmed(self.reader.text());
            match self.blocks.as_mut_slice() {
                [Block::Text(only)] if only.start == whole.start => only.end = whole.end,
                _ => self.replace_all(if whole.is_empty() {
                    Vec::new()
                } else {
                    vec![Block::Text(whole)]
                }),
            }
        } else if self.is_unfinished {
            self.problem(ProblemKind::UnfinishedMark, None);
        }
        if self.reader.overflow {
            self.problem(ProblemKind::TooManyMarks, None);
        }
        if self.blocks.iter().all(|block| self.block_text(block).is_empty()) {
            self.replace_all((0..self.parts.len()).map(Block::Part).collect());
            self.problem(ProblemKind::NoAnswer, None);
        } else if self.has_marks {
            let left_out = self.parts.iter().filter(|part| part.block.is_none());
            let ids: Vec<String> = left_out.map(|part| part.source.id.clone()).collect();
            if ids.len() == self.parts.len() {
                self.problem(ProblemKind::NoIncludes, None);
            } else {
                for id in ids {
                    self.problem(ProblemKind::LeftOut, Some(id));
                }
            }
        }
    }

    /// Applies the edits of a second script, which repairs those of the first that failed.
    pub fn repair(&mut self, script: &Source) {
        let attempt = Attempt {
            step: script.step.clone(),
            run: script.run,
            number: script.number,
        };
        let mut reader = Reader::new(self.parts.iter().map(|part| part.source.id.clone()).collect());
        let mut items = reader.push(&script.text);
        items.extend(reader.finish());
        let edits = items.into_iter().filter_map(|item| match item {
            Item::Edit(edit) => Some(edit),
            _ => None,
        });
        let results: Vec<EditResult> = edits
            .map(|edit| edit_part(&mut self.parts, &mut self.search_budget, &edit, &reader, &attempt))
            .collect();
        let repaired = |edit: &EditResult| results.iter().any(|result| result.step == edit.step);
        self.edits
            .retain(|edit| edit.state == EditState::Applied || !repaired(edit));
        self.edits.extend(results);
        if reader.overflow && !self.reader.overflow {
            self.problem(ProblemKind::TooManyMarks, None);
        }
    }

    pub fn assembly(&self) -> Assembly {
        Assembly {
            segments: self.segments(),
            edits: self.edits.clone(),
            problems: self.problems.clone(),
            unmarked: !self.has_marks,
        }
    }

    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Whether the answer has begun, by its marks.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    pub fn seems_unmarked(&self) -> bool {
        !self.has_marks && self.reader.text().len() > UNMARKED_BYTES
    }

    pub fn block_text(&self, block: &Block) -> &str {
        match block {
            Block::Text(range) => self.reader.text().get(range.clone()).unwrap_or_default(),
            Block::Part(index) => self.parts.get(*index).map_or("", Part::text),
        }
    }

    /// The first block of a part for which an edit has failed.
    pub fn first_unsettled(&self) -> Option<usize> {
        let failed = self.parts.iter().filter(|part| part.has_failed_edit);
        failed.filter_map(|part| part.block).min()
    }

    fn segments(&self) -> Vec<Segment> {
        let mut segments = Vec::new();
        for block in &self.blocks {
            if self.block_text(block).is_empty() {
                continue;
            }
            if !segments.is_empty() {
                segments.push(Segment::Text {
                    text: BLANK_LINE.to_owned(),
                });
            }
            match block {
                Block::Text(range) => segments.push(slice_of(&self.script, &self.reader, range)),
                Block::Part(index) => {
                    if let Some(part) = self.parts.get(*index) {
                        match &part.draft {
                            Some(draft) => segments.extend(draft.segments().cloned()),
                            None => segments.push(part.segment()),
                        }
                    }
                }
            }
        }
        segments
    }

    fn take(&mut self, item: Item) {
        match item {
            Item::Text(range) => return self.text(range),
            Item::Unfinished => {
                self.is_unfinished = true;
                return;
            }
            Item::Answer if self.begun => self.problem(ProblemKind::RepeatedAnswer, None),
            Item::Answer => {
                self.replace_all(Vec::new());
                self.begun = true;
            }
            Item::Include(targets) => {
                self.begun = true;
                for target in targets {
                    self.include(target);
                }
            }
            Item::Edit(edit) => {
                if !self.begun {
                    // What stands before an edit is no part of the answer.
                    self.replace_all(Vec::new());
                }
                self.edit(&edit);
            }
        }
        self.has_marks = true;
        self.open_to = None;
        self.blank_from = None;
    }

    /// A text block begins at the beginning of its first line that is not blank, and ends before white space.
    fn text(&mut self, range: Range<usize>) {
        let text = self.reader.text();
        let piece = text.get(range.clone()).unwrap_or_default();
        let solid_to = range.start + piece.trim_end().len();
        let is_open = self.open_to == Some(range.start);
        if solid_to > range.start {
            match self.blocks.last_mut() {
                Some(Block::Text(last)) if is_open => last.end = solid_to,
                _ => {
                    let solid_from = range.end - piece.trim_start().len();
                    let blank_from = self.blank_from.unwrap_or(range.start);
                    let blank = text.get(blank_from..solid_from).unwrap_or_default();
                    let from = blank.rfind('\n').map_or(blank_from, |newline| blank_from + newline + 1);
                    self.blocks.push(Block::Text(from..solid_to));
                }
            }
            self.open_to = Some(range.end);
            self.blank_from = None;
        } else if is_open {
            self.open_to = Some(range.end);
        } else {
            self.open_to = None;
            self.blank_from.get_or_insert(range.start);
        }
    }

    fn include(&mut self, target: Target) {
        let block = self.blocks.len();
        match target {
            Target::Unknown(id) => self.problem(ProblemKind::UnknownInclude, Some(id)),
            Target::Part(index) => {
                let Some(part) = self.parts.get_mut(index) else { return };
                if part.block.is_some() {
                    let id = part.source.id.clone();
                    return self.problem(ProblemKind::RepeatedInclude, Some(id));
                }
                part.block = Some(block);
                self.blocks.push(Block::Part(index));
            }
        }
    }

    fn edit(&mut self, edit: &Edit) {
        let result = edit_part(
            &mut self.parts,
            &mut self.search_budget,
            edit,
            &self.reader,
            &self.script,
        );
        if let (EditState::Applied, Target::Part(index)) = (result.state, &edit.head.target)
            && let Some(block) = self.parts.get(*index).and_then(|part| part.block)
        {
            self.change(block);
        }
        self.edits.push(result);
    }

    fn replace_all(&mut self, blocks: Vec<Block>) {
        for (index, part) in self.parts.iter_mut().enumerate() {
            part.block = blocks.iter().position(|block| *block == Block::Part(index));
        }
        self.blocks = blocks;
        self.open_to = None;
        self.change(0);
    }

    fn change(&mut self, block: usize) {
        self.changed = Some(self.changed.map_or(block, |first| first.min(block)));
    }

    fn problem(&mut self, kind: ProblemKind, id: Option<String>) {
        self.problems.push(AssemblyProblem { kind, id });
    }
}

impl Part {
    /// As edited so far.
    fn text(&self) -> &str {
        match &self.draft {
            Some(draft) => draft.text(),
            None => self.source.text.get(self.body.clone()).unwrap_or_default(),
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

/// Applies an edit to its part.
fn edit_part(
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
    EditResult {
        step,
        state: if result.is_ok() {
            EditState::Applied
        } else {
            EditState::Failed
        },
        reason: result.err().map(|fault| fault.reason(&id)),
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

fn slice_of(script: &Attempt, reader: &Reader, range: &Range<usize>) -> Segment {
    Segment::Slice {
        step: script.step.clone(),
        run: script.run,
        number: script.number,
        from: reader.char_at(range.start),
        to: reader.char_at(range.end),
    }
}
