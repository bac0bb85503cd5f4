//! The context cut shortens texts that together don't fit a model's context, the longest first, and marks them. Pure.
//!
//! A cut text never has more tokens than it may, its mark included, and never more than the whole text.

use std::collections::BinaryHeap;

use crate::model::tokens::{estimate_tokens, prefix_within_tokens};

const CUT_MARK: &str = "\n\n[... cut to fit the model's context ...]\n\n";

/// So often a text is cut again where its halves and the mark have more tokens together than each alone.
const TRIES: usize = 4;
/// No tokenizer takes fewer tokens for so many characters, except for white space.
const CHARS_PER_TOKEN_MAX: usize = 16;

/// The size above which texts must be cut so that all fit `room` together. The longest are cut first.
pub fn cut_limit(sizes: &[u64], room: u64) -> u64 {
    // A heap, because the code of `sort_unstable` takes 8 KB for numbers.
    let sorted = BinaryHeap::from(sizes.to_vec()).into_sorted_vec();
    // Begin with the shortest. A text that needs less than an equal share leaves the rest of it to the longer ones.
    let mut left = room;
    for (index, size) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - index) as u64;
        if *size > share {
            return share;
        }
        left -= size;
    }
    u64::MAX
}

/// The text if it has at most `tokens_max` tokens, else its beginning and its end with a mark between them. Also says
/// whether anything was cut. Reads no more of a long text than it keeps.
pub fn shorten(text: &str, tokens_max: u64) -> (String, bool) {
    if prefix_within_tokens(text, tokens_max).len() == text.len() {
        return (text.to_owned(), false);
    }
    let mut keep = tokens_max.saturating_sub(estimate_tokens(CUT_MARK));
    for _ in 0..TRIES {
        // Two thirds from the beginning and one from the end, where conclusions stand.
        let tail_tokens = keep / 3;
        let begin = prefix_within_tokens(text, keep - tail_tokens);
        let rest = text.get(begin.len()..).unwrap_or_default();
        let cut = format!("{begin}{CUT_MARK}{}", end_within_tokens(rest, tail_tokens));
        let excess = estimate_tokens(&cut).saturating_sub(tokens_max);
        if excess == 0 {
            return (cut, true);
        }
        keep = keep.saturating_sub(excess);
    }
    // Less than the mark takes: as much of the beginning as there is room for.
    (prefix_within_tokens(text, tokens_max).to_owned(), true)
}

/// The longest end of `text` of about `tokens_max` tokens, and never of more.
pub fn end_within_tokens(text: &str, tokens_max: u64) -> &str {
    let chars_max = usize::try_from(tokens_max)
        .unwrap_or(usize::MAX)
        .saturating_mul(CHARS_PER_TOKEN_MAX);
    let mut end = last_chars(text, chars_max);
    loop {
        let tokens = estimate_tokens(end);
        if tokens <= tokens_max {
            return end;
        }
        // Tokens are spread about evenly, so the first step comes near. Each takes off at least one character.
        let chars = end.chars().count() as u64;
        let keep = (chars.saturating_mul(tokens_max) / tokens).min(chars - 1);
        end = last_chars(end, usize::try_from(keep).unwrap_or_default());
    }
}

fn last_chars(text: &str, count: usize) -> &str {
    match count.checked_sub(1) {
        None => "",
        Some(before) => {
            let start = text.char_indices().rev().nth(before).map_or(0, |(start, _)| start);
            text.get(start..).unwrap_or(text)
        }
    }
}

/// A text in pieces of at most `tokens_max` tokens each, without gap or overlap: character ranges with their tokens.
/// A single character is a piece even where it has more.
pub fn pieces(text: &str, tokens_max: u64) -> Vec<(usize, usize, u64)> {
    let mut pieces = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(first) = rest.chars().next() {
        let fitting = prefix_within_tokens(rest, tokens_max);
        let bytes = fitting.len().max(first.len_utf8());
        let (piece, after) = rest.split_at(bytes);
        let to = from + piece.chars().count();
        pieces.push((from, to, estimate_tokens(piece)));
        (rest, from) = (after, to);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_are_cut_first() {
        assert_eq!(cut_limit(&[10, 20, 30], 100), u64::MAX);
        assert_eq!(cut_limit(&[10, 200, 300], 110), 50);
        assert_eq!(cut_limit(&[10, 20, 300], 110), 80);
        assert_eq!(cut_limit(&[5, 5], 0), 0);
    }

    #[test]
    fn a_shortened_text_keeps_its_beginning_and_its_end() {
        let text = format!("BEGIN {} END", "word ".repeat(2000));
        let (short, cut) = shorten(&text, 200);
        assert!(cut && short.starts_with("BEGIN") && short.ends_with("END") && short.contains(CUT_MARK));
        assert!(
            (150..=200).contains(&estimate_tokens(&short)),
            "{}",
            estimate_tokens(&short)
        );
        assert_eq!(shorten("short", 200), ("short".to_owned(), false));
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn a_cut_text_of_any_script_keeps_to_its_tokens_and_says_that_it_is_cut(
            word in "[a-z]{1,9} |[0-9a-f]{1,20}|\\PC{1,5}|日本語|🦀|\\s{1,30}", count in 0..3_000_usize, max in 0..400_u64,
        ) {
            let text = word.repeat(count);
            let (short, cut) = shorten(&text, max);
            proptest::prop_assert_eq!(cut, short != text);
            proptest::prop_assert!(estimate_tokens(&short) <= max.min(estimate_tokens(&text)));
            proptest::prop_assert!(!cut || max < 64 || short.contains(CUT_MARK));
            let end = end_within_tokens(&text, max);
            proptest::prop_assert!(text.ends_with(end) && estimate_tokens(end) <= max);
        }

        #[test]
        fn pieces_cover_a_text_without_gap_or_overlap_and_none_is_too_long(
            word in "[a-z]{1,9} |[0-9a-f]{1,20}|\\PC{1,5}|日本語|🦀", count in 0..2_000_usize, max in 10..700_u64,
        ) {
            let text = word.repeat(count);
            let pieces = pieces(&text, max);
            let mut at = 0;
            for (from, to, tokens) in pieces {
                proptest::prop_assert!(from == at && to > from && tokens <= max, "{from} to {to}: {tokens}");
                at = to;
            }
            proptest::prop_assert_eq!(at, text.chars().count());
        }
    }
}
