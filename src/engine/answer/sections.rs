//! A part by its headings: sections with numbers, and an outline for an editor whose context the parts don't fit.

use std::fmt::Write;
use std::ops::Range;

use super::fences::Fences;
use super::length::prose_words;
use super::notes::split_notes;

/// The most sections that a text is taken apart into. The last one has all that follows.
pub const SECTIONS_MAX: usize = 500;
/// The most characters that stand for a word of an outline, where words are long or not apart.
const CHARS_A_WORD: usize = 12;
const HEADING_CHARS_MAX: usize = 200;

/// A heading (`#` to `######`, not within code) and what follows it, up to the next heading of any level. What stands
/// before the first heading is section 0, which is there even if it is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// The line of the heading, trimmed. Empty in section 0.
    pub heading: &'a str,
    /// In bytes. Section `n` of the list has the number `n`.
    pub range: Range<usize>,
}

/// All of a text, in order: without gap or overlap.
pub fn sections(text: &str) -> Vec<Section<'_>> {
    let mut fences = Fences::default();
    let mut found = vec![Section {
        heading: "",
        range: 0..text.len(),
    }];
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        if !fences.is_code(line) && is_heading(line) && found.len() < SECTIONS_MAX {
            if let Some(before) = found.last_mut() {
                before.range.end = from;
            }
            found.push(Section {
                heading: line.trim(),
                range: from..text.len(),
            });
        }
        from += line.len();
    }
    found
}

/// What the editor sees of a part that does not fit, without its notes. A line for each section:
/// `t2.3 ## Heading (420 words): the first words…`. Words are those of prose, without code and tables.
pub fn outline(id: &str, text: &str, words_per_section: usize) -> String {
    let (body, _) = split_notes(text);
    let text = text.get(body).unwrap_or_default();
    let mut outline = String::new();
    for (number, section) in sections(text).iter().enumerate() {
        let all = text.get(section.range.clone()).unwrap_or_default().trim_start();
        let below = all.strip_prefix(section.heading).unwrap_or(all);
        if all.trim().is_empty() {
            continue;
        }
        let heading: String = section.heading.chars().take(HEADING_CHARS_MAX).collect();
        let space = if heading.is_empty() { "" } else { " " };
        let words = prose_words(below);
        // Writing to a string cannot fail.
        let _ = write!(outline, "{id}.{number}{space}{heading} ({words} words)");
        let first = first_words(below, words_per_section);
        if !first.is_empty() {
            let _ = write!(outline, ": {first}");
        }
        outline.push('\n');
    }
    outline
}

/// The beginning of a text in one line, with an ellipsis where it goes on.
fn first_words(text: &str, count: usize) -> String {
    let chars_max = count.saturating_mul(CHARS_A_WORD);
    let mut first = String::new();
    let mut chars = 0;
    for (number, word) in text.split_whitespace().enumerate() {
        if number == count || chars >= chars_max {
            first.push('…');
            break;
        }
        if number > 0 {
            first.push(' ');
        }
        let room = chars_max - chars;
        first.extend(word.chars().take(room));
        let length = word.chars().count();
        if length > room {
            first.push('…');
            break;
        }
        chars += length + 1;
    }
    first
}

/// An ATX heading (CommonMark, section 4.2).
fn is_heading(line: &str) -> bool {
    let text = line.trim_start_matches(' ');
    let rest = text.trim_start_matches('#');
    line.len() - text.len() < 4
        && (1..=6).contains(&(text.len() - rest.len()))
        && rest.chars().next().is_none_or(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "lead\n\n## One\r\ntext of one\n### Two\n```sh\n# a comment\n```\nmore\n####### no\n#no\n# Three\n";

    #[test]
    fn a_section_runs_to_the_next_heading_of_any_level() {
        let found = sections(TEXT);
        let texts: Vec<&str> = found.iter().map(|section| &TEXT[section.range.clone()]).collect();
        assert_eq!(
            texts,
            [
                "lead\n\n",
                "## One\r\ntext of one\n",
                "### Two\n```sh\n# a comment\n```\nmore\n####### no\n#no\n",
                "# Three\n"
            ]
        );
        assert_eq!(found[1].heading, "## One");
        assert_eq!(sections("# A\nb")[0].range, 0..0);
        assert_eq!(sections("").len(), 1);
    }

    #[test]
    fn hostile_headings_are_bounded() {
        let text = "#\n".repeat(10_000);
        let found = sections(&text);
        assert_eq!(found.len(), SECTIONS_MAX);
        assert_eq!(found.last().map(|section| section.range.end), Some(text.len()));
    }

    #[test]
    fn an_outline_has_a_line_for_each_section_and_no_notes() {
        let outlined = outline("t2", &format!("{TEXT}\nNote: not for the outline"), 2);
        assert_eq!(
            outlined,
            "t2.0 (1 words): lead\n\
             t2.1 ## One (3 words): text of…\n\
             t2.2 ### Two (3 words): ```sh #…\n\
             t2.3 # Three (0 words)\n"
        );
    }

    #[test]
    fn first_words_are_bounded_in_characters_too() {
        assert_eq!(first_words(&"字".repeat(100), 2), format!("{}…", "字".repeat(24)));
        assert_eq!(first_words("a b", 2), "a b");
        assert_eq!(first_words("a b", 0), "…");
        assert_eq!(
            first_words(&format!("{} b", "x".repeat(24)), 2),
            format!("{}…", "x".repeat(24))
        );
    }
}
