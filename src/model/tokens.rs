//! The token estimate: never fewer tokens than a text takes in a real tokenizer. It fits prompts into a context, and it
//! stands in for usage that a server did not report.
//!
//! There is no tokenizer, because each model has its own, and one of them alone would be larger than this Worker. There
//! is one rule for all models, from Llama 2 to the newest, because what an operator calls a model says little of how it
//! counts, and because the older vocabularies of 100,000 tokens need nearly as many tokens outside of English as those
//! of 32,000. The price is paid by other scripts: a model with a large vocabulary takes a half to a third of the tokens
//! that are estimated for Russian, Hindi or Chinese.
//!
//! The rule reads a text once, character by character. What a character costs depends on itself and on the few before
//! it:
//!
//! - The first letter of a word costs a token, with the space before it. A further letter is free while the word goes
//!   on as common English words do ([`word_parts`]), and costs most of a token where it doesn't. So a common word is
//!   one token; a rare one, one of another language, and a run of base64 or of minified code are many. No letter is
//!   free in a word that is longer than any token.
//! - Digits cost a token each, as in Llama 2, Qwen and Gemma, and so do marks and control characters.
//! - A space before anything but a word or a mark costs a token. Long runs of spaces are cheap.
//! - Any other character costs its bytes in UTF-8, which no tokenizer exceeds, unless its script has tokens of its own
//!   everywhere ([`other_sixteenths`]).
//!
//! `tests/fixtures/tokens.jsonl` holds 140 texts with the counts of nine tokenizers. The tests hold that no estimate is
//! below the highest of them, nor far above. What is known to be estimated too low: Chinese characters and Korean
//! syllables that are seldom written take up to three tokens each in older tokenizers, and two are estimated, because
//! common ones take one or less and a text is made of these.
//!
//! What callers may rely on, for texts `a` and `b`:
//!
//! - `estimate(a) <= estimate(ab)`. A prefix never costs more than the whole.
//! - `estimate(ab)` differs from `estimate(a) + estimate(b)` by at most [`JOIN_TOKENS_MAX`]. Parts that are measured
//!   alone may be put together, and a whole may be cut.

mod word_parts;

use self::word_parts::Window;
use crate::model::Message;

/// By how many tokens a text may differ from the sum of its two parts. A word that is cut in two looks like other words
/// for as many letters as the estimate looks back.
pub const JOIN_TOKENS_MAX: u64 = 8;
/// What a chat template adds around each message: its marks, the role, line breaks. Llama 3 adds 5, Qwen 5, Gemma 5 to
/// 6, harmony 4 to 5 (and `# Instructions` before those of the system), Mistral 2 to 4, GLM 3.
const MESSAGE_OVERHEAD_TOKENS: u64 = 8;
/// What a chat template adds once: the beginning of the text and of the reply (up to 10), and a preamble of its own.
/// The longest is that of harmony: identity, knowledge cutoff, date, reasoning effort and channels are 61 tokens, as
/// OpenAI's page of the format shows them, with 10 more for the marks around them and the instructions' heading. Llama
/// 3.1 to 3.3 write two dates, 20 tokens (ShishirPatil/gorilla 752). Qwen 2.5 and others write a preamble only where
/// the request has no system message. A server that shows the model the schema of a reply adds that too, and it is not
/// counted here.
const TEMPLATE_OVERHEAD_TOKENS: u64 = 96;

/// The estimate counts in sixteenths of a token.
const TOKEN: u64 = 16;
/// A letter that continues no known word, also a capital after a capital.
const UNKNOWN_LETTER: u64 = 13;
/// So many letters a word may have as one token.
const WORD_LETTERS_MAX: u32 = 12;
/// A letter of a longer word that goes on as common words do ("interestinterest").
const FURTHER_LETTER: u64 = 4;
/// A capital after a small letter: a word begins, and base64 has more of these than names have.
const INNER_CAPITAL: u64 = 20;
/// A mark after another one; many pairs are one token.
const FURTHER_MARK: u64 = 13;
/// A mark after the same one.
const REPEATED_MARK: u64 = 8;
/// A space after a tab or a line break.
const INDENTING_SPACE: u64 = 8;
/// A space from the third of a run on.
const FURTHER_SPACE: u64 = 2;
/// From this cost on, a character is made of bytes, so the space before it is not part of its token.
const MADE_OF_BYTES: u64 = 2 * TOKEN;

/// How many tokens `text` is at most. Zero only for an empty text.
// Not in each of its callers, because the rule is long and the bundle is bounded.
#[inline(never)]
pub fn estimate_tokens(text: &str) -> u64 {
    let mut meter = Meter::default();
    text.chars()
        .map(|character| meter.read(character))
        .sum::<u64>()
        .div_ceil(TOKEN)
}

/// How many prompt tokens `messages` are at most, with what a chat template adds.
pub fn estimate_messages_tokens(messages: &[Message]) -> u64 {
    let contents: u64 = messages
        .iter()
        .map(|message| estimate_tokens(&message.content) + MESSAGE_OVERHEAD_TOKENS)
        .sum();
    contents + TEMPLATE_OVERHEAD_TOKENS
}

/// The longest prefix of `text` that is estimated at no more than `tokens_max`, cut between characters.
pub fn prefix_within_tokens(text: &str, tokens_max: u64) -> &str {
    let most = tokens_max.saturating_mul(TOKEN);
    let mut meter = Meter::default();
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += meter.read(character);
        if used > most {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// What has been read of a text, as far as the next character's cost depends on it.
struct Meter {
    previous: char,
    /// The spaces in a row that end what has been read.
    spaces: u32,
    window: Window,
    /// The letters of the word so far.
    letters: u32,
}

impl Default for Meter {
    /// As after a space: some tokenizers put one before every text.
    fn default() -> Meter {
        Meter {
            previous: ' ',
            spaces: 1,
            window: Window::foreign(),
            letters: 0,
        }
    }
}

impl Meter {
    /// The cost of the next character, in sixteenths of a token. Never negative, so a longer text never costs less.
    fn read(&mut self, character: char) -> u64 {
        let cost = match character {
            'a'..='z' | 'A'..='Z' => self.letter(character as u8),
            ' ' => self.space(),
            '0'..='9' | '\0'..='\u{1f}' | '\u{7f}' => TOKEN + self.space_before(),
            '!'..='~' => self.mark(character),
            _ => match other_sixteenths(character) {
                cost @ MADE_OF_BYTES.. => cost + self.space_before(),
                cost => cost,
            },
        };
        self.spaces = if character == ' ' {
            self.spaces.saturating_add(1)
        } else {
            0
        };
        self.previous = character;
        cost
    }

    fn letter(&mut self, letter: u8) -> u64 {
        let is_in_word = self.previous.is_ascii_alphabetic();
        self.letters = if is_in_word { self.letters.saturating_add(1) } else { 1 };
        match self.previous {
            'a'..='z' if letter.is_ascii_uppercase() => {
                self.letters = 1;
                self.window = Window::beginning(letter);
                INNER_CAPITAL
            }
            'A'..='Z' if letter.is_ascii_uppercase() => {
                self.window = Window::foreign();
                self.window.next(letter);
                UNKNOWN_LETTER
            }
            'a'..='z' | 'A'..='Z' if self.window.next(letter) => {
                if self.letters > WORD_LETTERS_MAX {
                    FURTHER_LETTER
                } else {
                    0
                }
            }
            'a'..='z' | 'A'..='Z' => UNKNOWN_LETTER,
            ascii if ascii.is_ascii() => {
                self.window = Window::beginning(letter);
                TOKEN
            }
            // After a letter with an accent the word goes on. After anything else beyond ASCII it begins.
            other => {
                self.window = Window::foreign();
                self.window.next(letter);
                if other_sixteenths(other) < MADE_OF_BYTES {
                    UNKNOWN_LETTER
                } else {
                    TOKEN
                }
            }
        }
    }

    fn space(&self) -> u64 {
        match (self.spaces, self.previous) {
            (0, '\t' | '\n' | '\r') => INDENTING_SPACE,
            (0, _) => 0,
            (1, _) => TOKEN,
            _ => FURTHER_SPACE,
        }
    }

    fn mark(&self, mark: char) -> u64 {
        match self.previous {
            previous if previous == mark => REPEATED_MARK,
            previous if previous.is_ascii_punctuation() => FURTHER_MARK,
            _ => TOKEN,
        }
    }

    /// The space that was read last, where what follows does not take it into its own token.
    fn space_before(&self) -> u64 {
        if self.previous == ' ' { TOKEN } else { 0 }
    }
}

/// The cost of a character beyond ASCII, in sixteenths of a token: a token for each byte, or less where every tokenizer
/// of the table knows the letters of the script. Its rare letters, digits and signs are not among them.
fn other_sixteenths(character: char) -> u64 {
    match character {
        // Russian.
        '\u{410}'..='\u{44f}' => 13,
        // Greek, Hebrew, Arabic, Thai, kana with full stop, comma and brackets.
        '\u{386}'..='\u{3ce}'
        | '\u{5d0}'..='\u{5ea}'
        | '\u{621}'..='\u{652}'
        | '\u{e01}'..='\u{e4c}'
        | '\u{3001}'
        | '\u{3002}'
        | '\u{300a}'..='\u{3011}'
        | '\u{3042}'..='\u{3093}'
        | '\u{30a1}'..='\u{30fc}' => 20,
        // Western European letters; Devanagari; dashes, quotation marks, bullets.
        '\u{c0}'..='\u{ff}' | '\u{902}' | '\u{903}' | '\u{905}'..='\u{94d}' | '\u{2010}'..='\u{2027}' => 24,
        // Bengali, Tamil.
        '\u{982}'..='\u{9cd}' | '\u{b85}'..='\u{bcd}' => 28,
        // Han, Hangul.
        '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => 32,
        _ => character.len_utf8() as u64 * TOKEN,
    }
}

#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
