//! The lines `Note:` at the end of a part. They are for the editor, and no part of the answer.

use std::ops::Range;

use super::fences::Fences;

/// A part without its notes, as a byte range without blank lines at its beginning and white space at its end, and the
/// notes, trimmed. Notes are what follows the first line `Note:` of the paragraphs at the end, each of which has such a
/// line. The word may be emphasised (`**Note:**`) or in the plural, and a list may follow a line that has nothing else.
/// A note before another paragraph is for the reader, and so is one within code.
pub fn split_notes(text: &str) -> (Range<usize>, &str) {
    let lines = lines(text);
    let mut end = lines.len();
    let mut notes_at = text.len();
    loop {
        let before = lines.get(..end).unwrap_or_default();
        let last = before
            .iter()
            .rposition(|line| line.kind != Kind::Blank)
            .map_or(0, |last| last + 1);
        // A paragraph begins after a blank line or after code.
        let first = (before.get(..last).unwrap_or_default().iter())
            .rposition(|line| matches!(line.kind, Kind::Blank | Kind::Code))
            .map_or(0, |place| place + 1);
        let paragraph = lines.get(first..last).unwrap_or_default();
        if paragraph.is_empty() {
            break;
        }
        if let Some((place, line)) = (paragraph.iter().enumerate()).find(|(_, line)| is_note(line.kind)) {
            notes_at = line.from;
            end = first;
            if place > 0 {
                break;
            }
        } else if notes_at == text.len() && paragraph.iter().all(|line| line.kind == Kind::Item) {
            // The list of a bare `Note:`, which must stand right before it.
            let before = lines.get(..first).unwrap_or_default();
            let heading = before.iter().rev().find(|line| line.kind != Kind::Blank);
            match heading {
                Some(line) if line.kind == Kind::BareNote => end = first,
                _ => break,
            }
        } else {
            break;
        }
    }
    let (body, notes) = text.split_at_checked(notes_at).unwrap_or((text, ""));
    (trimmed(body), notes.trim())
}

/// The byte range of a text without blank lines at its beginning and white space at its end. The indentation of the
/// first line stays, because it has a meaning in Markdown.
pub(super) fn trimmed(text: &str) -> Range<usize> {
    let to = text.trim_end().len();
    let first = text.len() - text.trim_start().len();
    let from = text
        .get(..first)
        .and_then(|blank| blank.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    from.min(to)..to
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Code,
    /// `Note: text`
    Note,
    /// `Note:` and nothing else.
    BareNote,
    /// An item of a list.
    Item,
    Text,
}

struct Line {
    from: usize,
    kind: Kind,
}

fn is_note(kind: Kind) -> bool {
    matches!(kind, Kind::Note | Kind::BareNote)
}

fn lines(text: &str) -> Vec<Line> {
    let mut fences = Fences::default();
    let mut from = 0;
    let line_of = |line: &str| {
        let kind = if fences.is_code(line) { Kind::Code } else { kind(line) };
        let place = from;
        from += line.len();
        Line { from: place, kind }
    };
    text.split_inclusive('\n').map(line_of).collect()
}

fn kind(line: &str) -> Kind {
    let text = line.trim();
    let indent = line.len() - line.trim_start().len();
    if text.is_empty() {
        Kind::Blank
    } else if let Some(rest) = (indent < 4).then(|| after_note(text)).flatten() {
        if rest.is_empty() { Kind::BareNote } else { Kind::Note }
    } else if ["- ", "* ", "+ "].iter().any(|bullet| text.starts_with(bullet)) || indent > 0 {
        Kind::Item
    } else {
        Kind::Text
    }
}

/// What follows `Note:`, `**Note:**`, `**Note**:` or `_Notes:_`.
fn after_note(line: &str) -> Option<&str> {
    let is_emphasis = |c| c == '*' || c == '_';
    let line = line.trim_start_matches(is_emphasis);
    let (word, rest) = line.split_at_checked(4)?;
    if !word.eq_ignore_ascii_case("note") {
        return None;
    }
    let rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest);
    let rest = rest.trim_start_matches(is_emphasis).trim_start();
    let rest = rest.strip_prefix([':', '：'])?;
    Some(rest.trim_start_matches(is_emphasis).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (&str, &str) {
        let (body, notes) = split_notes(text);
        (&text[body], notes)
    }

    #[test]
    fn notes_at_the_end_are_no_part_of_the_body() {
        for (text, body, notes) in [
            ("a\n\nNote: x", "a", "Note: x"),
            ("a\nNote: x", "a", "Note: x"),
            ("a\r\n\r\nNote: x\r\nmore\r\n", "a", "Note: x\r\nmore"),
            ("\n\n  a\n\n**Note:** x\n", "  a", "**Note:** x"),
            ("a\n\n**Note**: x", "a", "**Note**: x"),
            ("a\n\n_Note: x_", "a", "_Note: x_"),
            ("a\n\nNOTES: x", "a", "NOTES: x"),
            ("a\n\nNote：x", "a", "Note：x"),
            (
                "a\n\nNote: x\n\nNote: y\n\nNote: z\n",
                "a",
                "Note: x\n\nNote: y\n\nNote: z",
            ),
            ("a\n\nb\nNote: x\n\nNote: y", "a\n\nb", "Note: x\n\nNote: y"),
            ("a\n\nNote:\n- x\n- y", "a", "Note:\n- x\n- y"),
            ("a\n\nNotes:\n\n- x\n  more\n- y\n", "a", "Notes:\n\n- x\n  more\n- y"),
            ("```\nNote: code\n```\nNote: x", "```\nNote: code\n```", "Note: x"),
            ("Note: x", "", "Note: x"),
        ] {
            assert_eq!(split(text), (body, notes), "{text:?}");
        }
    }

    #[test]
    fn notes_elsewhere_are_for_the_reader() {
        for text in [
            "",
            "a",
            "Note: x\n\na",
            "a\n\nNote: x\n\nb",
            "```\nNote: code\n```",
            "```\nNote: code that was cut",
            "a\n\n    Note: indented code",
            "a\n\n> Note: a callout",
            "Footnote: x",
            "Noted: x",
            "Note x",
            "a\n\n- x\n- y",
            "a\n\nNote: text\n\n- a list",
        ] {
            assert_eq!(split(text), (text, ""), "{text:?}");
        }
    }
}
