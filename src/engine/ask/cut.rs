//! The context cut shortens texts that together don't fit a model's context, the longest first, and marks them. Pure.

use crate::model::tokens::estimate_tokens;

const CUT_MARK: &str = "\n\n[... cut to fit the model's context ...]\n\n";

/// The size above which texts must be cut so that all fit `room` together. The longest are cut first.
pub fn cut_limit(sizes: &[u64], room: u64) -> u64 {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
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

/// The beginning and the end of a text, about `tokens_max` in all, with a mark between them. Also says whether anything
/// was cut.
pub fn shorten(text: &str, tokens_max: u64) -> (String, bool) {
    let tokens = estimate_tokens(text);
    if tokens <= tokens_max {
        return (text.to_owned(), false);
    }
    // Tokens are spread about evenly over a text, so the kept part of its characters is that of its tokens. The mark
    // takes some too.
    let chars: Vec<char> = text.chars().collect();
    let keep = (chars.len() as u64).saturating_mul(tokens_max.saturating_sub(16)) / tokens.max(1);
    // Two thirds from the beginning and one from the end, where conclusions stand.
    let (head, tail) = (keep as usize * 2 / 3, keep as usize / 3);
    let begin: String = chars.iter().take(head).collect();
    let end: String = chars.iter().skip(chars.len().saturating_sub(tail)).collect();
    (begin + CUT_MARK + &end, true)
}

/// A text in pieces of at most `tokens_max` tokens each, as character ranges with their estimated tokens.
pub fn pieces(text: &str, tokens_max: u64) -> Vec<(usize, usize, u64)> {
    let tokens = estimate_tokens(text);
    let chars = text.chars().count();
    let count = tokens.div_ceil(tokens_max.max(1)).max(1);
    if count == 1 {
        return vec![(0, chars, tokens)];
    }
    // One more piece than the mean asks for, because tokens are not spread evenly over a text.
    let size = chars.div_ceil(count as usize + 1).max(1);
    let all: Vec<char> = text.chars().collect();
    all.chunks(size)
        .enumerate()
        .map(|(index, piece)| {
            (
                index * size,
                index * size + piece.len(),
                estimate_tokens(&piece.iter().collect::<String>()),
            )
        })
        .collect()
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
        assert!(estimate_tokens(&short) <= 220, "{}", estimate_tokens(&short));
        assert_eq!(shorten("short", 200), ("short".to_owned(), false));
    }

    #[test]
    fn pieces_cover_a_text_without_gap_or_overlap() {
        let text = "日本語のテキストと ASCII words ".repeat(500);
        let pieces = pieces(&text, 300);
        assert_eq!(pieces.first().unwrap().0, 0);
        assert_eq!(pieces.last().unwrap().1, text.chars().count());
        assert!(pieces.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert!(pieces.iter().all(|piece| piece.2 <= 300), "{pieces:?}");
    }
}
