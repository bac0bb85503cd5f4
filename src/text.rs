//! Texts: values within messages, and numbers.

/// What of a value is shown, in characters.
const SHOWN_CHARS: usize = 80;

/// A value of the request within an error: quoted, escaped, one line, bounded.
pub fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{:?}...", value.get(..end).unwrap_or_default()),
        None => format!("{value:?}"),
    }
}

/// A text as a sentence of its own, with a full stop where it has no end. What is cut ends with its mark.
pub(crate) fn sentence(text: &str) -> String {
    let said = text.trim_end();
    let end = said.trim_end_matches(['"', '\'', ')', '`']);
    let stop = if end.ends_with(['.', '?', '!', '\u{2026}']) {
        ""
    } else {
        "."
    };
    format!("{said}{stop}")
}

/// A text within a longer sentence, so that something may follow: without its full stop.
pub(crate) fn clause(text: &str) -> &str {
    let said = text.trim_end();
    match said.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => rest,
        _ => said,
    }
}

/// A whole number of digits alone: what `parse` takes besides is none. At most 16 of them.
pub(crate) fn digits(text: &str) -> Option<u64> {
    let is_number = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// In lower case, as far as words are compared here: Latin, Greek and Cyrillic without rarities. The tables of all of
/// Unicode are 10 KB that do not compress.
pub(crate) fn lower(text: &str) -> String {
    text.chars().map(lower_char).collect()
}

fn lower_char(letter: char) -> char {
    let ahead = match letter {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ρ' | 'Σ'..='Ϋ' | 'А'..='Я' => 32,
        'Ѐ'..='Џ' => 80,
        // The pairs of Latin Extended-A, and Greek with an accent.
        'Ā'..='Į' | 'Ĳ'..='ķ' | 'Ŋ'..='ŷ' if u32::from(letter) % 2 == 0 => 1,
        'Ĺ'..='ň' | 'Ź'..='ž' if u32::from(letter) % 2 == 1 => 1,
        'Ά' => 38,
        'Έ'..='Ί' => 37,
        'Ό' => 64,
        'Ύ' | 'Ώ' => 63,
        _ => return letter,
    };
    char::from_u32(u32::from(letter) + ahead).unwrap_or(letter)
}

/// The same letter in upper case.
pub(crate) fn upper_char(letter: char) -> char {
    for ahead in [32, 80, 1, 38, 37, 64, 63] {
        let upper = u32::from(letter).checked_sub(ahead).and_then(char::from_u32);
        if let Some(upper) = upper.filter(|upper| lower_char(*upper) == letter && *upper != letter) {
            return upper;
        }
    }
    letter
}

/// Digits, with or without a point among them. serde_json reads them, because `f64::from_str` would be a second reader
/// of numbers, with tables of 10 KB that do not compress.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // JSON wants exactly one zero, or none, before the first other digit, and a digit after the point.
    let whole = whole.trim_start_matches('0');
    serde_json::from_str(&format!("{whole:0>1}.{fraction}0")).ok()
}

/// Milliseconds as seconds: `1`, `0.25`.
pub(crate) fn seconds(ms: u64) -> String {
    let (whole, rest) = (ms / 1000, ms % 1000);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:03}").trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_the_other_case_that_unicode_gives_them() {
        let text = "Łódź ŚWIĘTO KŮŇ ŽLUŤOUČKÝ Ŋ ĺ ŉ ĸ ΆΈΉΊΌΎΏ Übersetze ÀÉÎÕÜØÞ×÷ß ΑΒΓΣΩ ΠΟΛΗ АБВЯ ЁЖЅ Kelvin İ 漢";
        for letter in text.chars().filter(|letter| *letter < '\u{500}' && *letter != 'İ') {
            assert_eq!(lower_char(letter), letter.to_lowercase().next().unwrap(), "{letter}");
            let lower = lower_char(letter);
            if lower != letter {
                assert_eq!(upper_char(lower), letter);
            }
        }
        assert_eq!(lower("HTTP Übersetze İ ß"), "http übersetze İ ß");
        assert_eq!(
            ['a', 'é', '1', 'ß', '÷', '漢'].map(upper_char),
            ['A', 'É', '1', 'ß', '÷', '漢']
        );
    }

    #[test]
    fn a_sentence_ends_once_and_a_clause_does_not() {
        for (text, as_sentence, as_clause) in [
            ("lost", "lost.", "lost"),
            ("lost.", "lost.", "lost"),
            ("lost. ", "lost.", "lost"),
            ("cut...", "cut...", "cut..."),
            ("cut\u{2026}", "cut\u{2026}", "cut\u{2026}"),
            ("is it on?", "is it on?", "is it on?"),
            ("it said \"no.\"", "it said \"no.\"", "it said \"no.\""),
            ("it said \"no\"", "it said \"no\".", "it said \"no\""),
            ("no (twice)", "no (twice).", "no (twice)"),
        ] {
            assert_eq!(sentence(text), as_sentence);
            assert_eq!(clause(text), as_clause);
        }
    }

    #[test]
    fn a_decimal_is_digits_and_a_point() {
        for (text, number) in [
            ("0", 0.0),
            ("12.5", 12.5),
            ("1.", 1.0),
            (".5", 0.5),
            ("0.00001", 1e-5),
            ("007", 7.0),
        ] {
            assert_eq!(decimal(text), Some(number), "{text}");
        }
        for text in [
            "", ".", "-1", "+1", "1e3", "inf", "NaN", "infinity", "1.2.3", " 1", "1_0", "٣",
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_have_no_more_digits_than_they_need() {
        assert_eq!([1, 250, 1000, 61_500].map(seconds), ["0.001", "0.25", "1", "61.5"]);
    }
}
