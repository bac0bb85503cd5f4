//! Finds numbers in a message by the words around them. This is the little that the tables of wordings need, so that
//! the bundle holds no engine for regular expressions.
//!
//! A pattern is text in lower case. In it `#` and a letter stand for a number, kept under that letter (`#.` for one
//! that nobody wants), and `*` stands for up to [`GAP_BYTES_MAX`] bytes of anything.

/// How much of a message one `*` may skip.
const GAP_BYTES_MAX: usize = 120;
/// A number with more digits is an id.
const DIGITS_MAX: usize = 9;

/// Calls `found` with the letter and the number of each hole, if `pattern` stands somewhere in `text`.
pub(super) fn read_numbers(text: &str, pattern: &str, found: &mut dyn FnMut(char, u64)) {
    let begins_with_number = pattern.starts_with('#');
    let mut before = None;
    for (start, character) in text.char_indices() {
        // A pattern that begins with a number must not begin within one, nor within an identifier.
        let inside = begins_with_number && before.is_some_and(is_of_word);
        before = Some(character);
        if inside {
            continue;
        }
        let mut numbers = Vec::new();
        if text
            .get(start..)
            .is_some_and(|rest| matches(rest, pattern, &mut numbers))
        {
            numbers.into_iter().for_each(|(letter, number)| found(letter, number));
            return;
        }
    }
}

fn matches(mut text: &str, pattern: &str, numbers: &mut Vec<(char, u64)>) -> bool {
    let mut pattern = pattern.chars();
    while let Some(expected) = pattern.next() {
        match expected {
            '#' => {
                let Some((number, rest)) = leading_number(text) else {
                    return false;
                };
                numbers.push((pattern.next().unwrap_or('.'), number));
                text = rest;
            }
            '*' => {
                let known = numbers.len();
                let skipped = text
                    .char_indices()
                    .map(|(at, _)| at)
                    .take_while(|at| *at <= GAP_BYTES_MAX);
                return skipped.into_iter().any(|at| {
                    numbers.truncate(known);
                    text.get(at..)
                        .is_some_and(|rest| matches(rest, pattern.as_str(), numbers))
                });
            }
            expected => match text.strip_prefix(expected) {
                Some(rest) => text = rest,
                None => return false,
            },
        }
    }
    true
}

/// The number that `text` begins with, perhaps in quotes, and what follows: `8192`, `` `8192` ``, `1,048,576`.
fn leading_number(text: &str) -> Option<(u64, &str)> {
    let quotes = ['`', '\'', '"', '~'];
    let bare = text.trim_start_matches(quotes);
    let mut digits = String::new();
    let mut end = 0;
    for (at, character) in bare.char_indices() {
        match character {
            '0'..='9' => {
                digits.push(character);
                end = at + 1;
            }
            // A separator of thousands, if three digits follow.
            ',' | '_' if end == at && at > 0 && has_three_digits(bare.get(at + 1..)?) => end = at + 1,
            _ => break,
        }
    }
    if digits.len() > DIGITS_MAX {
        return None;
    }
    let rest = bare.get(end..)?;
    Some((digits.parse().ok()?, rest.trim_start_matches(['`', '\'', '"'])))
}

fn has_three_digits(text: &str) -> bool {
    text.len() >= 3 && text.bytes().take(3).all(|byte| byte.is_ascii_digit())
}

/// Part of a word or of an identifier such as `gpt-4-0613`.
fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '#')
}

/// Every number of `text` that stands for itself, in order.
pub(super) fn all_numbers(text: &str) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut rest = text;
    let mut before = None;
    while let Some(character) = rest.chars().next() {
        let starts = character.is_ascii_digit() && !before.is_some_and(is_of_word);
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        rest = match leading_number(rest).filter(|_| starts) {
            Some((number, after_number)) => {
                // `8192.` ends a sentence; `3.5`, `2024-12-17` and `70b` are no amounts.
                let mut following = after_number.chars();
                let next = following.next();
                let sentence_ends = next == Some('.') && !following.next().is_some_and(char::is_alphanumeric);
                if sentence_ends || !next.is_some_and(is_of_word) {
                    numbers.push(number);
                }
                before = Some('0');
                after_number
            }
            None => {
                before = Some(character);
                after
            }
        };
    }
    numbers
}

/// Where `word` stands as a whole identifier.
pub(super) fn word_position(text: &str, word: &str) -> Option<usize> {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).map(|(position, _)| position).find(|position| {
        let before = text.get(..*position).and_then(|before| before.chars().next_back());
        let after = text.get(position + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

pub(super) fn contains_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, pattern: &str) -> Vec<(char, u64)> {
        let mut numbers = Vec::new();
        read_numbers(text, pattern, &mut |letter, number| numbers.push((letter, number)));
        numbers
    }

    #[test]
    fn numbers_are_found_by_the_words_around_them() {
        assert_eq!(read("the limit is 4096 tokens", "limit is #c tokens"), [('c', 4096)]);
        assert_eq!(read("(700 in the messages)", "#p in the messages"), [('p', 700)]);
        assert_eq!(
            read("limit: 1 + 2 > 3", "limit: #p + #r > #c"),
            [('p', 1), ('r', 2), ('c', 3)]
        );
        assert_eq!(
            read("from `7`, and so on, to '9'", "from #.*to #c"),
            [('.', 7), ('c', 9)]
        );
        assert_eq!(read("is 1,048,576 or so", "is #c"), [('c', 1_048_576)]);
        assert_eq!(read("is 1,2", "is #c"), [('c', 1)]);
    }

    #[test]
    fn a_number_within_a_word_is_not_one() {
        assert!(read("x700 in the messages", "#p in the messages").is_empty());
        assert!(read("limit is none", "limit is #c").is_empty());
        assert!(read("id 12345678901234", "id #c").is_empty());
        assert!(read("", "#c").is_empty());
    }

    #[test]
    fn amounts_are_told_from_names() {
        assert_eq!(
            all_numbers("at most 4096, not 8192. o1-2024-12-17 and gpt-3.5 70b 1,000"),
            [4096, 8192, 1000]
        );
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn any_text_and_pattern_end(text in ".{0,60}", pattern in "[a-z #*.]{0,20}") {
            read(&text, &pattern);
            all_numbers(&text);
        }
    }
}
