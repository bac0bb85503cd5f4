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
