//! A text that is a list of segments, and edits of it. It can be a part, or a whole answer.

use std::ops::Range;

use super::item::Malformed;
use super::mark::EditKind;
use super::notes::trimmed;
use super::sections::sections;
use crate::engine::words::answer::Segment;

/// What all edits of an assembly may search, in bytes, so that no script takes long: 500 edits of a part of 60 KB.
pub(super) const SEARCH_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Up to so many places are counted.
const PLACES_MAX: usize = 10;

/// Two blocks are this apart.
pub(super) const BLANK_LINE: &str = "\n\n";

/// Why an edit did not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Malformed(Malformed),
    NoPart,
    NotOpen,
    NoOldText,
    NotFound,
    Found(usize),
    NoSectionNamed,
    NoSection(usize),
    TooMuchWork,
}

impl Fault {
    /// In words that a model can act on. `is_answer`: of a whole answer, which is no part.
    pub fn reason(self, id: &str, is_answer: bool) -> String {
        let place = if is_answer {
            "the answer".to_owned()
        } else {
            format!("part {id}")
        };
        match self {
            Fault::Malformed(Malformed::NoBlock) => "no line <<<< follows the first line of the edit".to_owned(),
            Fault::Malformed(Malformed::NoSeparator) => "no line ==== stands between <<<< and >>>>".to_owned(),
            Fault::Malformed(Malformed::Unclosed) => "no line >>>> ends the edit".to_owned(),
            Fault::Malformed(Malformed::CutOff) => "the reply ended within the edit".to_owned(),
            Fault::NotOpen => format!("no edit of part {id} was to be repaired"),
            Fault::NoPart => format!("part {id} does not exist"),
            Fault::NoOldText => "the text between <<<< and ==== is empty".to_owned(),
            Fault::NotFound => format!("the old text is not in {place}: copy it exactly"),
            Fault::Found(count) if count > PLACES_MAX => {
                format!("the old text stands more than {PLACES_MAX} times in {place}: copy more of it")
            }
            Fault::Found(count) => format!("the old text stands {count} times in {place}: copy more of it"),
            Fault::NoSectionNamed => format!("name a section of {place} by its number, as in {id}.1"),
            Fault::NoSection(number) => format!("{id} has no section {number}"),
            Fault::TooMuchWork => "the edits of this reply search too much text: write fewer".to_owned(),
        }
    }
}

/// What an edit brings: a text, and the segment that it is.
pub(super) struct New<'a> {
    pub text: &'a str,
    pub segment: Segment,
}

#[derive(Debug)]
pub(super) struct Draft {
    text: String,
    pieces: Vec<Piece>,
    /// Where the sections begin that it had before it was edited.
    starts: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Piece {
    segment: Segment,
    bytes: usize,
}

impl Draft {
    /// Of segments with their texts, in order.
    pub fn new<'a>(segments: impl Iterator<Item = (Segment, &'a str)>) -> Draft {
        let mut text = String::new();
        let mut pieces = Vec::new();
        for (segment, piece) in segments {
            text.push_str(piece);
            pieces.push(Piece {
                segment,
                bytes: piece.len(),
            });
        }
        let starts = sections(&text).iter().map(|section| section.range.start).collect();
        Draft { text, pieces, starts }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.pieces.iter().map(|piece| &piece.segment)
    }

    /// Replaces or deletes the one place where `old` stands, or inserts after it. `budget` is what may still be
    /// searched, in bytes.
    pub fn edit(&mut self, kind: EditKind, old: &str, new: New, budget: &mut usize) -> Result<(), Fault> {
        if old.is_empty() {
            return Err(Fault::NoOldText);
        }
        self.pay(&new, budget)?;
        let place = find(&self.text, old)?;
        match kind {
            EditKind::InsertAfter if new.text.is_empty() => {}
            EditKind::InsertAfter => {
                let glue = self.glue(&place, new.text);
                self.replace(place.end..place.end, glue, Some(new), "");
            }
            _ if new.text.is_empty() => self.replace(self.whole_lines(place), "", None, ""),
            _ => self.replace(place, "", Some(new), ""),
        }
        self.tidy();
        Ok(())
    }

    /// Replaces a section, heading included. The white space before the next section stays. Sections have the numbers
    /// that they had before any edit.
    pub fn replace_section(&mut self, number: usize, new: New, budget: &mut usize) -> Result<(), Fault> {
        let start = *self.starts.get(number).ok_or(Fault::NoSection(number))?;
        self.pay(&new, budget)?;
        let end = self.starts.get(number + 1).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or_default();
        let solid = start + text.trim_end().len();
        if new.text.trim().is_empty() {
            self.replace(start..end, "", None, "");
        } else if solid > start {
            self.replace(start..solid, "", Some(new), "");
        } else {
            // An empty section has no white space around it.
            let before = self.text.get(..start).unwrap_or_default();
            let is_apart = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\n\r\n");
            let glue = if is_apart { "" } else { BLANK_LINE };
            let after = if end < self.text.len() { BLANK_LINE } else { "" };
            self.replace(start..end, glue, Some(new), after);
        }
        self.tidy();
        Ok(())
    }

    fn pay(&self, new: &New, budget: &mut usize) -> Result<(), Fault> {
        let cost = self.text.len() + new.text.len();
        *budget = budget.checked_sub(cost).ok_or(Fault::TooMuchWork)?;
        Ok(())
    }

    /// What stands between an anchor and the text that is inserted after it. An anchor within a line is followed at
    /// once, one at the end of a paragraph by a new paragraph, unless both are items of a list or rows of a table.
    fn glue(&self, anchor: &Range<usize>, new: &str) -> &'static str {
        let Some(next) = after_break(self.text.get(anchor.end..).unwrap_or_default()) else {
            return "";
        };
        let before = self.text.get(..anchor.end).unwrap_or_default();
        let last = before.rsplit('\n').next().unwrap_or_default();
        if after_break(next).is_none() || after_break(new).is_some() || goes_on(last, new) {
            "\n"
        } else {
            BLANK_LINE
        }
    }

    /// A place that is whole lines, with its line break, so that its deletion leaves no empty line.
    fn whole_lines(&self, place: Range<usize>) -> Range<usize> {
        let before = self.text.get(..place.start).unwrap_or_default();
        let after = self.text.get(place.end..).unwrap_or_default();
        let Some(mut rest) = after_break(after).filter(|_| before.is_empty() || before.ends_with('\n')) else {
            return place;
        };
        if before.is_empty() || before.ends_with("\n\n") || before.ends_with("\n\r\n") {
            rest = after_break(rest).unwrap_or(rest);
        }
        place.start..self.text.len() - rest.len()
    }

    /// `range` is on boundaries of characters, because `find` and `starts` give no other places.
    fn replace(&mut self, range: Range<usize>, before: &str, new: Option<New>, after: &str) {
        let glue = |text: &str| {
            let segment = Segment::Text { text: text.to_owned() };
            (!text.is_empty()).then_some(Piece {
                segment,
                bytes: text.len(),
            })
        };
        let text = new.as_ref().map_or("", |new| new.text);
        let added = [before, text, after].concat();
        let piece = new.map(|new| Piece {
            segment: new.segment,
            bytes: new.text.len(),
        });
        let first = self.cut(range.start);
        let last = self.cut(range.end).max(first);
        self.pieces
            .splice(first..last, [glue(before), piece, glue(after)].into_iter().flatten());
        for start in &mut self.starts {
            if *start >= range.end {
                *start = *start - (range.end - range.start) + added.len();
            } else if *start > range.start {
                *start = range.start + added.len();
            }
        }
        self.text.replace_range(range, &added);
    }

    /// The index of the piece that begins at a byte, after cutting the one that is around it.
    fn cut(&mut self, at: usize) -> usize {
        let mut from = 0;
        for index in 0..self.pieces.len() {
            let Some(piece) = self.pieces.get_mut(index) else { break };
            let bytes = piece.bytes;
            if at <= from {
                return index;
            }
            if at < from + bytes {
                let Some(head) = self.text.get(from..at) else { break };
                let rest = split(piece, head);
                self.pieces.insert(index + 1, rest);
                return index + 1;
            }
            from += bytes;
        }
        self.pieces.len()
    }

    /// Takes off what an edit has left at both ends: blank lines, white space.
    fn tidy(&mut self) {
        let Range { start, end } = trimmed(&self.text);
        if end < self.text.len() {
            self.replace(end..self.text.len(), "", None, "");
        }
        if start > 0 {
            self.replace(0..start, "", None, "");
        }
    }
}

/// Cuts a piece after `head`, and gives the rest.
fn split(piece: &mut Piece, head: &str) -> Piece {
    let mut rest = piece.clone();
    rest.bytes -= head.len();
    piece.bytes = head.len();
    match (&mut piece.segment, &mut rest.segment) {
        (Segment::Slice { from, to, .. }, Segment::Slice { from: rest_from, .. }) => {
            *to = *from + head.chars().count();
            *rest_from = *to;
        }
        (Segment::Text { text }, Segment::Text { text: rest }) => {
            *rest = text.split_off(head.len().min(text.len()));
        }
        _ => {}
    }
    rest
}

/// What follows a line break at the beginning of a text. The end of a text is one.
fn after_break(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('\n').or_else(|| text.strip_prefix("\r\n"));
    rest.or(text.is_empty().then_some(text))
}

/// Whether a line goes on with the list, table or quotation of the line before it.
fn goes_on(before: &str, line: &str) -> bool {
    let kind = |line: &str| match line.trim_start().chars().next() {
        Some(digit) if digit.is_ascii_digit() => Some('0'),
        mark => mark.filter(|mark| "-*+|>".contains(*mark)),
    };
    line.starts_with([' ', '\t']) || kind(line).is_some() && kind(line) == kind(before)
}

/// The one place where `old` stands, whatever the line breaks of both are.
fn find(text: &str, old: &str) -> Result<Range<usize>, Fault> {
    if !text.contains('\r') && !old.contains('\r') {
        let at = unique(text, old)?;
        return Ok(at..at + old.len());
    }
    // `breaks` are the places in `plain` of the line breaks that were two bytes.
    let mut plain = String::with_capacity(text.len());
    let mut breaks = Vec::new();
    for (number, line) in text.split("\r\n").enumerate() {
        if number > 0 {
            breaks.push(plain.len());
            plain.push('\n');
        }
        plain.push_str(line);
    }
    let old = old.replace("\r\n", "\n");
    let at = unique(&plain, &old)?;
    let whole = |place: usize| place + breaks.partition_point(|other| *other < place);
    Ok(whole(at)..whole(at + old.len()))
}

fn unique(text: &str, old: &str) -> Result<usize, Fault> {
    let place = text.find(old).ok_or(Fault::NotFound)?;
    let step = old.chars().next().map_or(1, char::len_utf8);
    let (mut count, mut from) = (1, place + step);
    while count <= PLACES_MAX
        && let Some(next) = text.get(from..).and_then(|rest| rest.find(old))
    {
        count += 1;
        from += next + step;
    }
    if count > 1 { Err(Fault::Found(count)) } else { Ok(place) }
}
