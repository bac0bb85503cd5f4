//! Texts: values within messages, numbers, letters. Here rather than of std where std's tables are a good part of the
//! bundle.

/// What of a value is shown, in characters.
const SHOWN_CHARS: usize = 80;

/// A value of the request within an error: quoted, escaped, one line, bounded.
pub fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{:?}...", value.get(..end).unwrap_or_default()),
        None => format!("{value:?}"),
    }
}

/// Digits, with or without a point among them.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // Both are exact, and so their quotient is the nearest number, up to fifteen digits; more are nobody's limit.
    let number = digits().fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0'));
    Some(number / 10_f64.powi(fraction.len().min(300) as i32))
}

/// Milliseconds as seconds: `1`, `0.25`.
pub(crate) fn seconds(ms: u64) -> String {
    let (whole, rest) = (ms / 1000, ms % 1000);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:03}").trim_end_matches('0').to_owned()
}

/// In lower case: Latin, Greek and Cyrillic.
pub(crate) fn lower(text: &str) -> String {
    text.chars().map(lower_char).collect()
}

fn lower_char(letter: char) -> char {
    let code = u32::from(letter);
    let lower = match code {
        0x41..=0x5a | 0xc0..=0xd6 | 0xd8..=0xde | 0x391..=0x3a9 | 0x410..=0x42f => code + 0x20,
        0x400..=0x40f => code + 0x50,
        0x130 => 0x69,
        0x178 => 0xff,
        0x139..=0x148 | 0x179..=0x17e => code + code % 2,
        0x100..=0x137
        | 0x14a..=0x177
        | 0x218..=0x21b
        | 0x460..=0x481
        | 0x48a..=0x4bf
        | 0x4d0..=0x52f
        | 0x1e00..=0x1e95
        | 0x1ea0..=0x1eff => code | 1,
        _ => code,
    };
    char::from_u32(lower).unwrap_or(letter)
}

/// The upper case of one of these letters; any other stays.
pub(crate) fn upper_char(letter: char) -> char {
    let candidates = [0x20, 1, 0x50].into_iter();
    let mut candidates = candidates.filter_map(|distance| char::from_u32(u32::from(letter).checked_sub(distance)?));
    candidates
        .find(|upper| *upper != letter && lower_char(*upper) == letter)
        .unwrap_or(letter)
}

/// A letter or a digit of any script, or nearly so: what is neither white space nor a mark.
pub(crate) fn is_word(character: char) -> bool {
    match u32::from(character) {
        0..=0x7f => character.is_ascii_alphanumeric(),
        0x80..=0xa9 | 0xab..=0xb1 | 0xb4 | 0xb6..=0xb8 | 0xbb | 0xbf | 0xd7 | 0xf7 => false,
        // Arabic, Devanagari, Armenian, Hebrew marks.
        0x589 | 0x58a | 0x5be | 0x600..=0x60f | 0x61b..=0x61f | 0x66a..=0x66d | 0x6d4 | 0x964 | 0x965 => false,
        // Punctuation, symbols, arrows, those of CJK, private use, full width, emoji.
        0x2000..=0x206f | 0x20a0..=0x20cf | 0x2190..=0x245f | 0x2500..=0x2bff | 0x2e00..=0x2fff => false,
        0x3000..=0x3004 | 0x3008..=0x3020 | 0x3030 | 0x303d..=0x303f | 0x30fb | 0xe000..=0xf8ff => false,
        0xfe00..=0xfe6f | 0xff01..=0xff0f | 0xff1a..=0xff20 | 0xff3b..=0xff40 | 0xff5b..=0xff65 | 0xffe0.. => {
            matches!(u32::from(character), 0x10000..=0x1efff | 0x1fbf0..=0x1fbf9 | 0x20000..=0x3ffff)
        }
        _ => !character.is_whitespace(),
    }
}

/// A digit of a script, or a number in a circle.
pub(crate) fn is_digit(character: char) -> bool {
    matches!(u32::from(character), 0x30..=0x39 | 0x660..=0x669 | 0x6f0..=0x6f9 | 0x966..=0x96f | 0x9e6..=0x9ef | 0x2460..=0x249b | 0xff10..=0xff19)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_those_of_std() {
        for text in [
            "0",
            "1",
            "0.01",
            "0.00001",
            "86400",
            "365.0",
            "12.5",
            "1.",
            ".5",
            "123456.789012",
            "0.1",
            "0.3",
            "2.7",
        ] {
            assert_eq!(decimal(text), text.parse().ok(), "{text}");
        }
        for text in ["", ".", "-1", "1e3", "inf", "1.2.3", " 1"] {
            assert_eq!(decimal(text), None, "{text}");
        }
        assert_eq!([1, 250, 1000, 61_500].map(seconds), ["0.001", "0.25", "1", "61.5"]);
    }

    #[test]
    fn letters_are_lowered_and_raised_as_std_does() {
        for text in [
            "Größe ÄÖÜ É Œ",
            "ŁÓDŹ Ż ČŠŽ Ő Ğ Ş",
            "ΑΒΓ Ω ΩΜΕΓΑ",
            "ПРИВЕТ Ё Ї Є Ґ",
            "TIẾNG VIỆT ĐẦU",
            "日本語 한국어 العربية",
        ] {
            assert_eq!(lower(text), text.to_lowercase(), "{text}");
            for letter in lower(text).chars() {
                assert!(
                    letter.to_uppercase().eq([upper_char(letter)]) || letter == 'ß',
                    "{letter}"
                );
            }
        }
    }

    #[test]
    fn words_are_nearly_those_of_std() {
        for text in [
            "aZ09_-.,;:!?",
            "äßłпωя",
            "日本語、。「」ー",
            "한국어",
            "العربية، ؟ ٣",
            "हिन्दी।",
            "🦀 → — … “q” «x»",
            "جمع‌بندی",
        ] {
            // A vowel sign of Devanagari is alphabetic to std, its virama is not.
            for character in text.chars().filter(|c| *c != '्') {
                assert_eq!(is_word(character), character.is_alphanumeric(), "{character:?}");
            }
        }
        assert!("09٣३①".chars().all(is_digit) && !"aZ-一".chars().any(is_digit));
    }
}
