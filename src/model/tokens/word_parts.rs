//! What the estimate knows of English: the commonest parts of words.
//!
//! A letter that ends such a part continues a word that tokenizers hold whole, so it costs nothing. A letter that
//! doesn't is one of a rare word, of another language, of base64 or of noise, so it costs most of a token.
//!
//! `word_parts.txt` is written by `scripts/tokens/word-parts.mjs` from the words that seven tokenizers hold as one
//! token. It becomes a table of bits at compile time, so the Worker carries 8 KB and not the text. Parts may share a
//! bit. One in fifteen parts that are not listed passes as listed for that reason.

/// Four letters in five bits each.
const WINDOW_BITS: u32 = 20;
const TABLE_BITS: u32 = 16;
const BEGINNING: u32 = 27;
/// Part of no word.
const FOREIGN: u32 = 31;

const TEXT: &[u8] = include_bytes!("word_parts.txt");
static TABLE: [u8; 1 << (TABLE_BITS - 3)] = table();

/// The last letters of a word, as they are read.
#[derive(Clone, Copy)]
pub struct Window(u32);

impl Window {
    /// A word that begins with `letter`.
    pub fn beginning(letter: u8) -> Window {
        Window(BEGINNING << 5 | code(letter))
    }

    /// A word of which something has been read that no English word holds.
    pub fn foreign() -> Window {
        Window(FOREIGN)
    }

    /// Reads the next letter of the word, in either case, and says whether it ends a known part.
    pub fn next(&mut self, letter: u8) -> bool {
        self.0 = push(self.0, code(letter));
        let at = hash(self.0);
        let bits = TABLE.get((at >> 3) as usize).copied().unwrap_or_default();
        bits & 1 << (at & 7) != 0 && !self.holds_foreign()
    }

    fn holds_foreign(self) -> bool {
        (0..4).any(|letter| self.0 >> (5 * letter) & 31 == FOREIGN)
    }
}

/// 1 to 26.
const fn code(letter: u8) -> u32 {
    (letter & 31) as u32
}

const fn push(window: u32, code: u32) -> u32 {
    (window << 5 | code) & ((1 << WINDOW_BITS) - 1)
}

/// Fibonacci hashing: the upper bits of the product with 2^32 divided by the golden ratio.
const fn hash(window: u32) -> u32 {
    window.wrapping_mul(0x9e37_79b1) >> (32 - TABLE_BITS)
}

#[expect(
    clippy::indexing_slicing,
    reason = "it runs at compile time, where a wrong index stops the compiler"
)]
const fn table() -> [u8; 1 << (TABLE_BITS - 3)] {
    let mut table = [0; 1 << (TABLE_BITS - 3)];
    let mut window = 0;
    let mut text = TEXT;
    while let Some((letter, rest)) = text.split_first() {
        text = rest;
        match *letter {
            b' ' | b'\n' => {
                let bit = hash(window);
                table[(bit >> 3) as usize] |= 1 << (bit & 7);
                window = 0;
            }
            b'^' => window = BEGINNING,
            letter => window = push(window, code(letter)),
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known_letters(word: &str) -> usize {
        let mut window = Window::beginning(word.as_bytes()[0]);
        word.bytes().skip(1).filter(|letter| window.next(*letter)).count()
    }

    #[test]
    fn common_words_are_known_letter_by_letter_and_noise_is_not() {
        for word in ["the", "house", "between", "Because", "question"] {
            assert_eq!(known_letters(word), word.len() - 1, "{word}");
        }
        // Not none: parts share bits.
        assert!(known_letters("xqjzkvwqgxzpfwqvjbzxhkqd") <= 3);
    }

    #[test]
    fn after_something_foreign_the_letters_are_unknown_until_it_has_left_the_window() {
        let mut window = Window::foreign();
        let known: Vec<bool> = b"ation".iter().map(|letter| window.next(*letter)).collect();
        assert_eq!(known, [false, false, false, true, true]);
    }
}
