//! The lines of one edit, from the one after `@edit t2` to `>>>>`.

use std::ops::Range;

use super::fences::Fence;
use super::item::{Body, Malformed};
use super::mark::{self, EditKind, Head, LINE_BYTES_MAX, Mark};

#[derive(Debug)]
pub(super) struct EditLines {
    pub head: Head,
    /// A fence between the first line and `<<<<`, and where it stands.
    fence: Option<(usize, Fence)>,
    block: Option<Block>,
}

/// After `<<<<`.
#[derive(Debug)]
struct Block {
    /// How long the opening line is, which tells its `====` from an underlined heading.
    length: usize,
    from: usize,
    separator: Option<Range<usize>>,
    is_exact: bool,
}

pub(super) enum Next {
    /// The edit goes on.
    Line,
    /// It has ended with its last line, whose fence may follow.
    Ended(Result<Body, Malformed>, Option<Fence>),
    /// It is none, and the script goes on here, which may be before this line.
    Failed(Malformed, usize),
}

impl EditLines {
    pub fn new(head: Head) -> EditLines {
        EditLines {
            head,
            fence: None,
            block: None,
        }
    }

    /// Takes the line from byte `from` to `to` of the script, where its line break ends.
    pub fn line(&mut self, text: &str, from: usize, to: usize, ids: &[String]) -> Next {
        let line = text.get(from..to).unwrap_or_default().trim();
        let is_short = to - from <= LINE_BYTES_MAX;
        let Some(block) = &mut self.block else {
            let found = Fence::of(line).filter(|_| is_short && self.fence.is_none());
            if let Some(length) = run(line, '<') {
                self.block = Some(Block {
                    length,
                    from: to,
                    separator: None,
                    is_exact: false,
                });
            } else if let Some(found) = found {
                self.fence = Some((from, found));
            } else if !line.is_empty() {
                return Next::Failed(Malformed::NoBlock, self.fence.map_or(from, |(place, _)| place));
            }
            return Next::Line;
        };
        if run(line, '>').is_some() {
            let fence = self.fence.map(|(_, fence)| fence);
            return Next::Ended(block.body(self.head.kind, text, from), fence);
        }
        if let (Some(length), true) = (run(line, '='), self.head.kind != EditKind::Section) {
            let is_exact = length == block.length;
            if block.separator.is_none() || is_exact && !block.is_exact {
                block.separator = Some(from..to);
                block.is_exact = is_exact;
            }
        } else if is_short
            && let Some(mark @ (Mark::Answer(_) | Mark::Edit(_))) = mark::parse(line, ids)
            && mark.is_certain()
        {
            return Next::Failed(Malformed::Unclosed, from);
        }
        Next::Line
    }
}

impl Block {
    /// The line `>>>>` begins at `end`.
    fn body(&self, kind: EditKind, text: &str, end: usize) -> Result<Body, Malformed> {
        match &self.separator {
            None if kind != EditKind::Section => Err(Malformed::NoSeparator),
            None => Ok(Body {
                old: self.from..self.from,
                new: without_break(text, self.from, end),
            }),
            Some(separator) => Ok(Body {
                old: without_break(text, self.from, separator.start),
                new: without_break(text, separator.end, end),
            }),
        }
    }
}

fn without_break(text: &str, from: usize, to: usize) -> Range<usize> {
    let lines = text.get(from..to).unwrap_or_default();
    let lines = lines.strip_suffix('\n').unwrap_or(lines);
    from..from + lines.strip_suffix('\r').unwrap_or(lines).len()
}

/// The words that models know to follow such a line from other formats of edits and from merges.
const WORDS: [&str; 6] = ["SEARCH", "REPLACE", "ORIGINAL", "UPDATED", "OLD", "NEW"];

/// How many of `mark` the line consists of, where it is a whole line of at least four.
fn run(line: &str, mark: char) -> Option<usize> {
    let rest = line.trim_start_matches(mark);
    let length = line.len() - rest.len();
    let rest = rest.trim();
    (length >= 4 && (rest.is_empty() || WORDS.contains(&rest))).then_some(length)
}
