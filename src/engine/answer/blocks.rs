//! From the items of a script to the blocks of the answer: what is edited, included, left out.

use std::ops::Range;

use super::edits::{BLANK_LINE, SEARCH_BYTES_MAX};
use super::fences::without_wrapper;
use super::item::{Edit, Item};
use super::mark::Target;
use super::notes::trimmed;
use super::part::{Attempt, Part, edit_part, refused, slice_of};
use super::review::ANSWER;
use super::script::Reader;
use super::source::{Assembly, Source};
use crate::engine::words::answer::{AssemblyProblem, EditResult, EditState, ProblemKind, Segment};

/// Without any mark in so many bytes, the script is shown as it is: it seems to be the whole text.
const UNMARKED_BYTES: usize = 1_500;

/// A piece of the answer. A blank line stands between two.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    /// Bytes of the script.
    Text(Range<usize>),
    /// The index of a part.
    Part(usize),
}

/// An edit that did not apply.
#[derive(Debug)]
struct FailedEdit {
    /// Its index among all edits.
    edit: usize,
    new: Option<String>,
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
    /// The block before which the first include stands that names no part.
    lost_include: Option<usize>,
    edits: Vec<EditResult>,
    /// Those of them that failed.
    failed: Vec<FailedEdit>,
    /// An edit was for a part that does not exist.
    is_lost: bool,
    problems: Vec<AssemblyProblem>,
    search_budget: usize,
    /// The first block that is not what it was, until somebody takes it.
    pub changed: Option<usize>,
}

impl Blocks {
    pub fn new(parts: Vec<Source>, script: Attempt) -> Blocks {
        let ids = parts.iter().map(|part| part.id.clone()).collect();
        Blocks {
            parts: parts.into_iter().map(Part::new).collect(),
            script,
            reader: Reader::new(ids),
            blocks: Vec::new(),
            open_to: None,
            blank_from: None,
            begun: false,
            has_marks: false,
            is_unfinished: false,
            lost_include: None,
            edits: Vec::new(),
            failed: Vec::new(),
            is_lost: false,
            problems: Vec::new(),
            search_budget: SEARCH_BYTES_MAX,
            changed: None,
        }
    }

    /// Of a script about a whole answer, which is one part without notes.
    pub fn of_answer(answer: Source, script: Attempt) -> Blocks {
        Blocks {
            parts: vec![Part::whole(answer)],
            reader: Reader::new(vec![ANSWER.to_owned()]),
            ..Blocks::new(Vec::new(), script)
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
        if !self.has_marks && self.reader.has_certain_marks() {
            self.read_again();
        }
        if !self.has_marks {
            let text = self.reader.text();
            let whole = trimmed(text);
            let inner = without_wrapper(text.get(whole.clone()).unwrap_or_default());
            let whole = whole.start + inner.start..whole.start + inner.end;
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
        // As many includes as there are parts, all by names of their own, mean the parts in their order. Fewer may be
        // of parts whose subtasks failed.
        let lost = |problem: &&AssemblyProblem| problem.kind == ProblemKind::UnknownInclude;
        let names_all = self.parts.len() > 1 && self.problems.iter().filter(lost).count() >= self.parts.len();
        if let Some(at) = self.lost_include.filter(|_| names_all && !self.includes_a_part()) {
            let mut blocks = self.blocks.clone();
            let at = at.min(blocks.len());
            blocks.splice(at..at, (0..self.parts.len()).map(Block::Part));
            self.replace_all(blocks);
        }
        if self.blocks.iter().all(|block| self.block_text(block).is_empty()) {
            self.replace_all((0..self.parts.len()).map(Block::Part).collect());
            self.problem(ProblemKind::NoAnswer, None);
        } else if self.has_marks {
            // A part of nothing but notes is not there either.
            let is_left_out = |part: &&Part| part.block.is_none() || part.text().is_empty();
            let left_out = self.parts.iter().filter(is_left_out);
            let ids: Vec<String> = left_out.map(|part| part.source.id.clone()).collect();
            if self.parts.iter().all(|part| part.block.is_none()) {
                self.problem(ProblemKind::NoIncludes, None);
            } else {
                for id in ids {
                    self.problem(ProblemKind::LeftOut, Some(id));
                }
            }
        }
    }

    /// Reads a script anew that stands in a code block with other text around it. It would else be the answer as it is,
    /// marks and all.
    fn read_again(&mut self) {
        let ids = self.parts.iter().map(|part| part.source.id.clone()).collect();
        let mut reader = Reader::lenient(ids);
        let mut items = reader.push(self.reader.text());
        items.extend(reader.finish());
        self.reader = reader;
        for item in items {
            self.take(item);
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
        let open = self.open_parts();
        let mut results: Vec<EditResult> = Vec::new();
        for edit in edits {
            let is_open = match &edit.head.target {
                Target::Part(index) => open.contains(index),
                Target::Unknown(_) => true,
            };
            let result = if is_open {
                edit_part(&mut self.parts, &mut self.search_budget, &edit, &reader, &attempt)
            } else {
                refused(&self.parts, &edit)
            };
            if is_open {
                self.forget_failed(&edit, &reader, &result);
            }
            results.push(result);
        }
        self.edits.extend(results);
        if reader.overflow && !self.reader.overflow {
            self.problem(ProblemKind::TooManyMarks, None);
        }
    }

    /// The parts that a repair may still change: those with an edit that failed, and all where one was for a part that
    /// does not exist, because nobody knows which was meant.
    fn open_parts(&self) -> Vec<usize> {
        let is_open = |part: &Part| self.is_lost || part.has_failed_edit;
        (self.parts.iter().enumerate())
            .filter(|(_, part)| is_open(part))
            .map(|(index, _)| index)
            .collect()
    }

    /// An edit of a repair takes the place of the failed one with the same new text, or else of the first of its part.
    fn forget_failed(&mut self, edit: &Edit, reader: &Reader, result: &EditResult) {
        let new = new_text(edit, reader);
        let failed = |(index, _): &(usize, &EditResult)| self.failed.iter().any(|failed| failed.edit == *index);
        let candidates: Vec<usize> = (self.edits.iter().enumerate().filter(failed))
            .map(|(index, _)| index)
            .collect();
        let same = self
            .failed
            .iter()
            .find(|failed| failed.new.is_some() && failed.new == new);
        let of_its_part = |index: &&usize| self.edits.get(**index).is_some_and(|failed| failed.step == result.step);
        let found = same
            .map(|failed| failed.edit)
            .or_else(|| candidates.iter().find(of_its_part).copied());
        let Some(found) = found else { return };
        self.edits.remove(found);
        self.failed.retain(|failed| failed.edit != found);
        for failed in &mut self.failed {
            failed.edit -= usize::from(failed.edit > found);
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

    /// The parts one after the other, as edited.
    pub fn part_segments(&self) -> Vec<Segment> {
        self.parts.iter().flat_map(Part::segments).collect()
    }

    /// The text of the parts as they are edited, one after the other.
    pub fn part_text(&self) -> String {
        self.parts.iter().map(Part::text).collect()
    }

    pub fn includes_a_part(&self) -> bool {
        self.parts.iter().any(|part| part.block.is_some())
    }

    /// The answer.
    pub fn whole_text(&self) -> String {
        let texts = self.blocks.iter().map(|block| self.block_text(block));
        texts
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(BLANK_LINE)
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

    /// The first block of a part that a repair may still change.
    pub fn first_unsettled(&self) -> Option<usize> {
        let open = self.open_parts();
        open.iter().filter_map(|index| self.parts.get(*index)?.block).min()
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
                        segments.extend(part.segments());
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
            Target::Unknown(id) => {
                self.lost_include.get_or_insert(block);
                self.problem(ProblemKind::UnknownInclude, Some(id));
            }
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
        if result.state == EditState::Failed {
            self.is_lost |= matches!(edit.head.target, Target::Unknown(_));
            self.failed.push(FailedEdit {
                edit: self.edits.len(),
                new: new_text(edit, &self.reader),
            });
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

/// What an edit brings, without white space around it.
fn new_text(edit: &Edit, reader: &Reader) -> Option<String> {
    let body = edit.body.as_ref().ok()?;
    let text = reader.text().get(body.new.clone())?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
