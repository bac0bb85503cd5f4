//! Sentences and clauses, by the marks and the commonest joining words of several languages.

use crate::text::lower;
/// Ends of sentences: a mark and white space (none after Chinese and Japanese marks), or a line that begins anew.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = at + c.len_utf8();
        let next = chars.peek().map(|(_, next)| *next);
        let end = match c {
            '。' | '！' | '？' | '؟' | '।' | '；' | '؛' => true,
            '!' | '?' | '…' | ';' => next.is_none_or(char::is_whitespace),
            '.' => {
                next.is_none_or(char::is_whitespace)
                    && !is_abbreviation(text.get(start..at).unwrap_or_default())
                    && begins_anew(text.get(after..))
            }
            '\n' => begins_anew(text.get(after..)),
            _ => false,
        };
        if end {
            sentences.push(text.get(start..after).unwrap_or_default().trim());
            start = after;
        }
    }
    sentences.push(text.get(start..).unwrap_or_default().trim());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

fn begins_anew(rest: Option<&str>) -> bool {
    // A short look ahead, because every line of a long run of empty ones asks.
    let mut ahead = rest.unwrap_or_default().chars().take(40);
    ahead
        .find(|c| !c.is_whitespace())
        .is_none_or(|next| !next.is_lowercase())
}

/// The last word before a dot is a usual short form.
fn is_abbreviation(before: &str) -> bool {
    let word_start = before
        .rfind(|c: char| c.is_whitespace() || c == '(')
        .map_or(0, |at| at + 1);
    let word = before.get(word_start..).unwrap_or_default();
    let word = lower(word);
    word.contains('.') && word.len() <= 4
        || [
            "vs", "dr", "mr", "mrs", "ms", "prof", "st", "no", "nr", "ca", "bzw", "approx",
        ]
        .contains(&word.as_str())
}

const SEPARATORS: [&str; 22] = [
    ", and then ",
    " and then ",
    ", then ",
    ", and ",
    " and ",
    " versus ",
    " vs. ",
    " vs ",
    ", ",
    "; ",
    " und ",
    " sowie ",
    " et ",
    " y ",
    " и ",
    " و ",
    "، ",
    "،",
    "、",
    "，",
    "와 ",
    "과 ",
];

/// The clauses of a sentence. "then" stays with its clause, since it makes a dependency.
pub(super) fn clauses(sentence: &str) -> Vec<&str> {
    let mut clauses = Vec::new();
    let mut rest = sentence;
    while let Some((at, separator)) = first_separator(rest) {
        let (clause, after) = rest.split_at(at);
        clauses.push(clause);
        let kept = separator.find("then").unwrap_or(separator.len());
        rest = after.get(kept..).unwrap_or_default();
        // What was kept must not be found again.
        if kept < separator.len() {
            let next = first_separator(rest.get("then".len()..).unwrap_or_default()).map(|(at, _)| at + "then".len());
            let (clause, after) = rest.split_at(next.unwrap_or(rest.len()));
            clauses.push(clause);
            rest = after;
        }
    }
    clauses.push(rest);
    let clauses: Vec<&str> = clauses
        .into_iter()
        .map(tidy)
        .filter(|clause| has_words(clause))
        .collect();
    if clauses.is_empty() { vec![sentence] } else { clauses }
}

/// The first separator of the text, the longest one of those at its place.
fn first_separator(text: &str) -> Option<(usize, &'static str)> {
    // Byte by byte at possible places only, so that a text without any separator is read once.
    let places = text
        .char_indices()
        .filter(|(_, c)| matches!(c, ' ' | ',' | ';' | '،' | '、' | '，' | '와' | '과'));
    for (at, _) in places {
        let here = text.get(at..).unwrap_or_default();
        if let Some(separator) = SEPARATORS.iter().find(|separator| here.starts_with(**separator)) {
            return Some((at, separator));
        }
    }
    None
}

/// Without the marks between clauses.
pub(super) fn tidy(part: &str) -> &str {
    part.trim()
        .trim_matches([',', ';', ':', '，', '、', '；', '،', '؛'])
        .trim()
}

pub(super) fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_marks_and_not_within_numbers_and_short_forms() {
        assert_eq!(
            sentences("Mr. Smith has 3.5 GB, e.g. on disk. Enough? Yes; no"),
            ["Mr. Smith has 3.5 GB, e.g. on disk.", "Enough?", "Yes;", "no"]
        );
        assert_eq!(
            sentences("介绍历史。解释原理！总结？"),
            ["介绍历史。", "解释原理！", "总结？"]
        );
        assert_eq!(sentences("One\nTwo\nand more"), ["One", "Two\nand more"]);
        assert!(sentences(" \n ").is_empty());
    }

    #[test]
    fn clauses_keep_the_word_that_makes_a_dependency() {
        assert_eq!(clauses("do a, b and then c, then d"), ["do a", "b", "then c", "then d"]);
        assert_eq!(clauses("nothing to split"), ["nothing to split"]);
        assert_eq!(clauses("، ، "), ["، ، "]);
    }
}
