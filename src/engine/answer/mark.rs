//! One line of a script: is it a mark, can it become one, was it cut off within one?

/// A longer line is no mark, in bytes. What may become a mark is held back no longer than this.
pub(super) const LINE_BYTES_MAX: usize = 200;
/// A longer name of a part is none.
const ID_BYTES_MAX: usize = 64;

const WORDS: [&str; 5] = ["answer", "include", "edit", "insert", "section"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The answer begins, at this byte of the line where the line goes on.
    Answer(Option<usize>),
    Include(Vec<Target>),
    Edit(Head),
}

/// The first line of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub kind: EditKind,
    pub target: Target,
    pub section: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EditKind {
    Replace,
    InsertAfter,
    Section,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The index among the parts.
    Part(usize),
    /// No part is called so.
    Unknown(String),
}

impl Mark {
    /// Whether it is more than a word that looks like a mark: code has `@include mixin;`.
    pub fn is_certain(&self) -> bool {
        let is_part = |target: &Target| matches!(target, Target::Part(_));
        match self {
            Mark::Answer(rest) => rest.is_none(),
            Mark::Include(targets) => targets.iter().any(is_part),
            Mark::Edit(head) => is_part(&head.target),
        }
    }
}

/// Reads a whole line. Where there is only one part, its id may be left out of an edit: `@edit`, `@section 3`.
/// `@include: t2`, `**@include "T2"**` and `@include subtask/t2, t3` are marks; `@media`, `@include x y` with no known
/// part, and `@include a(b)` are text.
pub(super) fn parse(line: &str, ids: &[String]) -> Option<Mark> {
    if let Some(item) = within_item(line) {
        // A list of includes, as models like to write one. Other marks don't come so.
        let (word, rest) = split(item)?;
        let mark = (word == 1).then(|| include(rest, ids).map(Mark::Include))??;
        return mark.is_certain().then_some(mark);
    }
    let (word, rest) = split(line)?;
    let kind = match word {
        0 => {
            let text = rest.trim_start_matches([':', '*', '`']).trim_start();
            // Only emphasis and white space follow `text`, so its last place is where it stands.
            let place = line.rfind(text);
            return Some(Mark::Answer(place.filter(|_| !text.is_empty())));
        }
        1 => return include(rest, ids).map(Mark::Include),
        2 => EditKind::Replace,
        3 => EditKind::InsertAfter,
        _ => EditKind::Section,
    };
    let mut names = names(rest);
    let only = (ids.len() == 1).then_some(Target::Part(0));
    let Some(name) = names.next() else {
        return only.map(|target| {
            let section = None;
            Mark::Edit(Head { kind, target, section })
        });
    };
    let (name, next) = (name?, names.next());
    if let (Some(target), Ok(number)) = (&only, name.parse())
        && kind == EditKind::Section
    {
        let (target, section) = (target.clone(), Some(number));
        return Some(Mark::Edit(Head { kind, target, section }));
    }
    let (target, mut section) = numbered(name, ids);
    if section.is_none() {
        section = next.flatten().and_then(|number| number.parse().ok());
    }
    // "@edit the heading" is a sentence.
    let is_sentence = next.is_some() && matches!(target, Target::Unknown(_));
    (!is_sentence).then_some(Mark::Edit(Head { kind, target, section }))
}

/// Whether an unfinished line can become a mark or a code fence.
pub(super) fn may_become(line: &str) -> bool {
    let line = within_item(line).unwrap_or(line).trim_start();
    if is_item_sign(line) {
        return true;
    }
    let run = line.trim_start_matches(['`', '~']);
    if line.len() - run.len() >= 3 {
        return true;
    }
    let text = line.trim_start_matches(['*', '`', '~']);
    let Some(word) = text.strip_prefix('@') else {
        return text.is_empty();
    };
    let rest = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let word = word.get(..word.len() - rest.len()).unwrap_or_default();
    WORDS.iter().any(|known| {
        let (begin, is_whole) = (known.get(..word.len()), known.len() == word.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(word)) && (rest.is_empty() || is_whole && ends_word(rest))
    })
}

/// Whether a text ends with this within a mark: `@incl`, `@include` without a part.
pub(super) fn is_unfinished(line: &str) -> bool {
    let Some(text) = bare(line).strip_prefix('@') else {
        return false;
    };
    let text = text.trim_end_matches([':', '"', '\'', ' ']);
    line.len() <= LINE_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !text.eq_ignore_ascii_case("answer")
        && may_become(line)
}

/// What stands in an item of a list, a quotation or a heading.
fn within_item(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = if digits.len() < line.len() {
        digits.strip_prefix(['.', ')'])?
    } else if let Some(rest) = line.strip_prefix(['-', '*', '+', '>']) {
        rest
    } else {
        let rest = line.trim_start_matches('#');
        if rest.len() == line.len() {
            return None;
        }
        rest
    };
    rest.starts_with([' ', '\t']).then(|| rest.trim_start())
}

/// A line so far that may become such an item: `-`, `12`, `12.`, `##`.
fn is_item_sign(line: &str) -> bool {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = digits.len() < line.len() && line.len() <= 4 && matches!(digits, "" | "." | ")");
    is_number
        || matches!(line, "-" | "+" | ">")
        || !line.is_empty() && line.len() <= 6 && line.bytes().all(|c| c == b'#')
}

/// The line without indentation and emphasis.
fn bare(line: &str) -> &str {
    line.trim().trim_matches(['*', '`']).trim_end()
}

/// Whether the word of a mark ends where this follows it.
fn ends_word(rest: &str) -> bool {
    let next = rest.chars().next();
    next.is_none_or(|next| next.is_whitespace() || ":\"'`(*[".contains(next))
}

/// The number of the word after `@`, and what follows it.
fn split(line: &str) -> Option<(usize, &str)> {
    let text = bare(line).strip_prefix('@')?;
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let word = text.get(..text.len() - rest.len())?;
    let number = WORDS.iter().position(|known| known.eq_ignore_ascii_case(word))?;
    ends_word(rest).then_some((number, rest))
}

fn include(rest: &str, ids: &[String]) -> Option<Vec<Target>> {
    let mut targets = Vec::new();
    for name in names(rest) {
        targets.push(target(name?, ids));
    }
    let known = targets
        .iter()
        .filter(|target| matches!(target, Target::Part(_)))
        .count();
    // One unknown name is a mistake, several are a sentence.
    (targets.len() == 1 || known > 0).then_some(targets)
}

/// The names of parts in the rest of a mark's line: None for a word that can't be one.
fn names(rest: &str) -> impl Iterator<Item = Option<&str>> {
    let words = rest.split([' ', '\t', ',', ';', '\u{a0}']);
    let cleaned = words.map(|word| word.trim_matches(|c| ":\"'`()[]*.“”".contains(c)));
    cleaned.filter(|word| !word.is_empty()).map(|word| {
        let name = match word.split_once('/') {
            Some((kind, name)) if kind.eq_ignore_ascii_case("subtask") || kind.eq_ignore_ascii_case("part") => name,
            _ => word,
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        (!name.is_empty() && name.len() <= ID_BYTES_MAX && name.bytes().all(is_name)).then_some(name)
    })
}

/// A part by its id, or by its id in other case where that is one part only.
fn target(name: &str, ids: &[String]) -> Target {
    if let Some(exact) = ids.iter().position(|id| id == name) {
        return Target::Part(exact);
    }
    let mut alike = (ids.iter().enumerate()).filter(|(_, id)| id.eq_ignore_ascii_case(name));
    match (alike.next(), alike.next()) {
        (Some((index, _)), None) => Target::Part(index),
        _ => Target::Unknown(name.to_owned()),
    }
}

/// `t2.3`: a part and the number of a section.
fn numbered(name: &str, ids: &[String]) -> (Target, Option<usize>) {
    let (id, number) = match name.rsplit_once('.') {
        Some((id, number)) => (id, number.parse().ok()),
        None => (name, None),
    };
    let id = if number.is_some() { id } else { name };
    (target(id, ids), number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Vec<String> {
        ["t1", "t2", "Intro", "intro"].map(String::from).to_vec()
    }

    fn unknown(id: &str) -> Target {
        Target::Unknown(id.to_owned())
    }

    #[test]
    fn marks_are_read_as_models_write_them() {
        use Target::Part;
        for (line, targets) in [
            ("@include t2", vec![Part(1)]),
            ("  @include: t2  \r", vec![Part(1)]),
            ("@include \"t2\"", vec![Part(1)]),
            ("@include subtask/t2", vec![Part(1)]),
            ("**@include T2**", vec![Part(1)]),
            ("`@Include t2`", vec![Part(1)]),
            ("@include t2, t1 and", vec![Part(1), Part(0), unknown("and")]),
            ("@include [t1] [t2].", vec![Part(0), Part(1)]),
            ("@include intro", vec![Part(3)]),
            ("@include INTRO", vec![unknown("INTRO")]),
            ("- @include t2", vec![Part(1)]),
            ("  2) **@include t2**", vec![Part(1)]),
            ("### @include t2", vec![Part(1)]),
            ("> @include t2", vec![Part(1)]),
            ("@include t9", vec![unknown("t9")]),
        ] {
            assert_eq!(parse(line, &ids()), Some(Mark::Include(targets)), "{line}");
        }
        for (line, kind, target, section) in [
            ("@edit t2", EditKind::Replace, Part(1), None),
            ("@edit t2 (the lead):", EditKind::Replace, Part(1), None),
            ("@edit t2.1", EditKind::Replace, Part(1), Some(1)),
            ("@edit t9", EditKind::Replace, unknown("t9"), None),
            ("@insert: subtask/t1", EditKind::InsertAfter, Part(0), None),
            ("@section t2.13", EditKind::Section, Part(1), Some(13)),
            ("@section t2 3", EditKind::Section, Part(1), Some(3)),
            ("@section t2.0 ## Heading", EditKind::Section, Part(1), Some(0)),
            ("@section t2", EditKind::Section, Part(1), None),
        ] {
            let head = Head { kind, target, section };
            assert_eq!(parse(line, &ids()), Some(Mark::Edit(head)), "{line}");
        }
        assert_eq!(parse(" @answer: ", &ids()), Some(Mark::Answer(None)));
        assert_eq!(parse("**@answer**", &ids()), Some(Mark::Answer(None)));
        assert_eq!(parse("@answer: Yes.", &ids()), Some(Mark::Answer(Some(9))));
    }

    #[test]
    fn other_lines_are_text() {
        for line in [
            "",
            "@",
            "@media print",
            "@Override",
            "@includes t2",
            "@include",
            "@include button($x)",
            "@answers",
            "@include is a directive",
            "text @include t2",
            "@edit the heading",
            "@edit",
            "include t2",
            "@answer.com",
            "@include-t2",
            "@include t2/t1/x",
            "- @include t9",
            "- @answer",
            "1. @edit t1",
            "-@include t1",
            "2026 @include t1",
        ] {
            assert_eq!(parse(line, &ids()), None, "{line}");
        }
    }

    #[test]
    fn every_beginning_of_a_mark_is_held_back() {
        for line in [
            "  @include: subtask/t2",
            "**@answer**",
            "`@edit t2`",
            "@Section t2.3",
            "@insert t1",
            "12. @include t1",
            "### @include t1",
            "- @include t1",
            "```rust",
            "~~~",
        ] {
            for end in 0..=line.len() {
                assert!(may_become(&line[..end]), "{}", &line[..end]);
            }
        }
        for line in [
            "a",
            "@m",
            "@answers",
            "`code`",
            "**bold**",
            "@include2",
            "- a",
            "1. a",
            "# a",
        ] {
            assert!(!may_become(line), "{line}");
        }
    }

    #[test]
    fn half_a_mark_is_known_at_the_end() {
        for line in ["@", "@a", "@inclu", "@include", "@include: ", "  @edit", "**@inc"] {
            assert!(is_unfinished(line), "{line}");
        }
        for line in ["", "a", "@media", "@answer", "@include t2", "a @inc", "@inc x"] {
            assert!(!is_unfinished(line), "{line}");
        }
    }
}
