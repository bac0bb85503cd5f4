//! The incremental reader of an editor's script. It takes pieces of any size and gives items as soon as they are
//! decided. How a script is cut into pieces does not change its items, but for text, which comes in other pieces.

use std::ops::Range;

use super::chars::Places;
use super::edit_lines::{EditLines, Next};
use super::fences::Fence;
use super::item::{Body, Edit, Item, Malformed};
use super::mark::{self, LINE_BYTES_MAX, Mark};

/// The most edits of a script. The lines of further ones are text.
pub(super) const EDITS_MAX: usize = 500;
/// The most parts that includes can name, and repeated `@answer`. Further ones are text.
pub(super) const INCLUDES_MAX: usize = 1_000;

#[derive(Debug)]
pub(super) struct Reader {
    ids: Vec<String>,
    text: String,
    places: Places,
    /// The beginning of the line that is not read yet. `given` is not below it where its beginning was given as text.
    line: usize,
    given: usize,
    /// How far the text was searched for line breaks, and, from `line` on, for what is not white space.
    searched: usize,
    blank_to: usize,
    /// `@answer` or an include was read.
    begun: bool,
    /// There was text or an include since the answer began.
    has_text: bool,
    is_first: bool,
    /// No fence before the answer is around code.
    is_lenient: bool,
    /// The fence that is around the whole reply or around marks. The answer is not within it.
    wrapper: Option<Fence>,
    /// The code block that the next line is in.
    code: Option<Fence>,
    /// A fence that may be part of a wrapper, until the next line decides it.
    held: Option<(Range<usize>, Fence)>,
    /// The fence around the last edit's block, whose end is expected.
    around: Option<Fence>,
    /// The edit whose lines are being read.
    edit: Option<EditLines>,
    edits: usize,
    includes: usize,
    /// A limit was reached.
    pub overflow: bool,
    items: Vec<Item>,
}

impl Reader {
    pub fn new(ids: Vec<String>) -> Reader {
        Reader {
            ids,
            text: String::new(),
            places: Places::default(),
            line: 0,
            given: 0,
            searched: 0,
            blank_to: 0,
            begun: false,
            has_text: false,
            is_first: true,
            is_lenient: false,
            wrapper: None,
            code: None,
            held: None,
            around: None,
            edit: None,
            edits: 0,
            includes: 0,
            overflow: false,
            items: Vec::new(),
        }
    }

    /// For a reply whose marks stand in a code block of their own, with text before it: what stands before the answer
    /// is never code.
    pub fn lenient(ids: Vec<String>) -> Reader {
        Reader {
            is_lenient: true,
            ..Reader::new(ids)
        }
    }

    /// Whether the text has lines that can only be marks, wherever they stand: the answer's beginning, and an include
    /// or an edit of a part that there is.
    pub fn has_certain_marks(&self) -> bool {
        let marks = || {
            let short = self.text.lines().filter(|line| line.len() <= LINE_BYTES_MAX);
            short
                .filter_map(|line| mark::parse(line, &self.ids))
                .filter(Mark::is_certain)
        };
        let is_answer = |mark: &Mark| matches!(mark, Mark::Answer(_));
        marks().any(|mark| is_answer(&mark)) && marks().any(|mark| !is_answer(&mark))
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The characters before a byte of the text.
    pub fn char_at(&self, byte: usize) -> usize {
        self.places.char_at(&self.text, byte)
    }

    pub fn push(&mut self, chunk: &str) -> Vec<Item> {
        self.text.push_str(chunk);
        self.places.grow(chunk);
        self.lines();
        self.unfinished_line();
        std::mem::take(&mut self.items)
    }

    /// The script has ended: its last line is whole.
    pub fn finish(&mut self) -> Vec<Item> {
        let rest = self.text.get(self.line..).unwrap_or_default();
        let is_text = self.edit.is_none() && self.code.is_none() && self.given <= self.line;
        if is_text && mark::is_unfinished(rest) {
            self.items.push(Item::Unfinished);
            self.line = self.text.len();
        }
        while self.line < self.text.len() {
            self.line = self.whole_line(self.line, self.text.len());
            self.searched = self.line;
            self.lines();
        }
        self.end_edit(Err(Malformed::CutOff));
        // A held fence closes the wrapper, unless it opened a block.
        if let (Some((fence, _)), true) = (self.held.take(), self.code.is_some()) {
            self.items.push(Item::Text(fence));
        }
        std::mem::take(&mut self.items)
    }

    /// Reads the lines that are whole.
    fn lines(&mut self) {
        loop {
            let rest = self.text.get(self.searched..).unwrap_or_default();
            let Some(newline) = rest.find('\n') else {
                self.searched = self.text.len();
                return;
            };
            self.line = self.whole_line(self.line, self.searched + newline + 1);
            self.searched = self.line;
        }
    }

    /// Gives the beginning of the last line as soon as it can only be text.
    fn unfinished_line(&mut self) {
        if self.edit.is_some() {
            return;
        }
        let to = self.text.len();
        if self.given > self.line {
            return self.give(self.given, to);
        }
        let unseen = self.blank_to.max(self.line);
        if is_blank(self.text.get(unseen..).unwrap_or_default()) {
            self.blank_to = to;
            return;
        }
        let line = self.text.get(self.line..).unwrap_or_default();
        if line.len() > LINE_BYTES_MAX + 1 || !mark::may_become(line) {
            self.before_text();
            self.give(self.line, to);
        }
    }

    /// Reads a line, with its line break. Gives where the next one begins, which is before this one where an edit
    /// turns out not to be one.
    fn whole_line(&mut self, from: usize, to: usize) -> usize {
        let Some(edit) = &mut self.edit else {
            self.text_line(from, to);
            return to;
        };
        match edit.line(&self.text, from, to, &self.ids) {
            Next::Line => to,
            Next::Ended(body, fence) => {
                self.end_edit(body);
                self.around = fence;
                to
            }
            Next::Failed(fault, next) => {
                self.end_edit(Err(fault));
                next
            }
        }
    }

    fn end_edit(&mut self, body: Result<Body, Malformed>) {
        if let Some(edit) = self.edit.take() {
            self.items.push(Item::Edit(Edit { head: edit.head, body }));
        }
    }

    /// A line outside edits.
    fn text_line(&mut self, from: usize, to: usize) {
        let line = self
            .text
            .get(from..to)
            .unwrap_or_default()
            .trim_end_matches(['\n', '\r']);
        if is_blank(line) {
            return match &mut self.held {
                Some((held, _)) => held.end = to,
                None => self.give(from, to),
            };
        }
        let is_first = std::mem::replace(&mut self.is_first, false);
        let fence = short(line).and_then(Fence::of);
        if let (Some(fence), Some(around)) = (fence, self.around.take())
            && fence.closes(around)
        {
            return;
        }
        if let Some(mark) = short(line).and_then(|line| mark::parse(line, &self.ids))
            && self.takes(&mark)
        {
            return self.mark(mark, from, to);
        }
        self.before_text();
        let closes = |open: Option<Fence>| matches!((fence, open), (Some(fence), Some(open)) if fence.closes(open));
        if self.code.is_some() {
            if closes(self.code) {
                self.code = None;
            }
        } else if closes(self.wrapper) {
            if self.begun {
                self.held = fence.map(|fence| (from..to, fence));
            } else {
                self.wrapper = None;
            }
            return;
        } else if let Some(fence) = fence {
            if self.is_lenient && !self.begun || is_first && fence.is_prose {
                self.wrapper = Some(fence);
                return;
            }
            self.code = Some(fence);
            if !self.begun && self.wrapper.is_none() {
                self.held = Some((from..to, fence));
                return;
            }
        }
        self.give(from, to);
    }

    /// Whether a line that reads like a mark is one here.
    fn takes(&mut self, mark: &Mark) -> bool {
        if self.code.is_some() && (self.begun || self.held.is_none() || !mark.is_certain()) {
            return false;
        }
        let (count, limit) = match mark {
            Mark::Answer(rest) if self.begun && rest.is_some() => return false,
            Mark::Answer(_) => (self.includes + 1, INCLUDES_MAX),
            Mark::Include(targets) => (self.includes + targets.len(), INCLUDES_MAX),
            Mark::Edit(_) => (self.edits + 1, EDITS_MAX),
        };
        self.overflow |= count > limit;
        count <= limit
    }

    fn mark(&mut self, mark: Mark, from: usize, to: usize) {
        // Before the answer, the fence is around marks. In it, the fence was the end of the wrapper.
        if self.held.take().is_some() {
            self.wrapper = self.code.take();
        }
        self.around = None;
        match mark {
            Mark::Answer(rest) => {
                self.includes += 1;
                if !self.begun {
                    (self.begun, self.has_text) = (true, false);
                }
                self.items.push(Item::Answer);
                if let Some(rest) = rest {
                    self.give(from + rest, to);
                }
            }
            Mark::Include(targets) => {
                self.includes += targets.len();
                (self.begun, self.has_text) = (true, true);
                self.items.push(Item::Include(targets));
            }
            Mark::Edit(head) => {
                self.edits += 1;
                self.edit = Some(EditLines::new(head));
            }
        }
    }

    /// The next line is text: decides what was held before it.
    fn before_text(&mut self) {
        self.around = None;
        self.is_first = false;
        let Some((fence, open)) = self.held.take() else {
            return;
        };
        if self.code.is_none() {
            if !self.has_text {
                // The fence was around the marks only.
                self.wrapper = None;
                return;
            }
            self.code = Some(open);
        }
        self.items.push(Item::Text(fence));
    }

    fn give(&mut self, from: usize, to: usize) {
        let from = from.max(self.given);
        if from < to {
            self.has_text |= !is_blank(self.text.get(from..to).unwrap_or_default());
            self.given = to;
            match self.items.last_mut() {
                Some(Item::Text(last)) if last.end == from => last.end = to,
                _ => self.items.push(Item::Text(from..to)),
            }
        }
    }
}

/// A line that can be a mark or a fence.
fn short(line: &str) -> Option<&str> {
    (line.len() <= LINE_BYTES_MAX).then_some(line)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}
