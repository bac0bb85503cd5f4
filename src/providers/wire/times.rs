//! Spans and instants as servers write them.

use crate::clock::Timestamp;
use crate::text::decimal;

/// Longest first, because `m` begins `ms` and `minutes`.
const UNITS: &[(&str, f64)] = &[
    ("milliseconds", 1.0),
    ("millisecond", 1.0),
    ("seconds", 1_000.0),
    ("minutes", 60_000.0),
    ("second", 1_000.0),
    ("minute", 60_000.0),
    ("hours", 3_600_000.0),
    ("secs", 1_000.0),
    ("mins", 60_000.0),
    ("hour", 3_600_000.0),
    ("days", 86_400_000.0),
    ("sec", 1_000.0),
    ("min", 60_000.0),
    ("hrs", 3_600_000.0),
    ("day", 86_400_000.0),
    ("ms", 1.0),
    ("hr", 3_600_000.0),
    ("s", 1_000.0),
    ("m", 60_000.0),
    ("h", 3_600_000.0),
    ("d", 86_400_000.0),
];

/// A span that is the whole text, in milliseconds: `20ms`, `6m0s`, `PT1M30S`, `2 minutes`.
pub(super) fn span_ms(text: &str) -> Option<u64> {
    let (ms, rest) = leading_span_ms(text)?;
    rest.trim().is_empty().then_some(ms)
}

/// The span that a text begins with, and the rest.
pub(super) fn leading_span_ms(text: &str) -> Option<(u64, &str)> {
    // ISO 8601: `PT` before the parts of a day.
    let mut rest = text
        .strip_prefix("pt")
        .or_else(|| text.strip_prefix("PT"))
        .unwrap_or(text);
    let mut total = None;
    while let Some((ms, after)) = leading_part(rest) {
        total = Some(total.unwrap_or(0.0) + ms);
        rest = after;
    }
    // A float to integer cast saturates.
    total.map(|total: f64| (total.ceil() as u64, rest))
}

fn leading_part(text: &str) -> Option<(f64, &str)> {
    let joined = text.trim_start_matches([' ', ',']);
    let joined = joined.strip_prefix("and ").unwrap_or(joined);
    let end = joined.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    let (number, after) = joined.split_at_checked(end)?;
    let after = after.trim_start_matches(' ');
    let (factor, rest) = UNITS.iter().find_map(|(unit, factor)| {
        let head = after.get(..unit.len())?;
        let rest = after.get(unit.len()..)?;
        let ends = !rest.chars().next().is_some_and(char::is_alphabetic);
        (head.eq_ignore_ascii_case(unit) && ends).then_some((*factor, rest))
    })?;
    Some((decimal(number)? * factor, rest))
}

/// Seconds as a plain number: `3`, `0.25`.
pub(super) fn seconds_ms(text: &str) -> Option<u64> {
    decimal(text.trim()).map(|seconds| (seconds * 1_000.0).ceil() as u64)
}

/// An instant, in milliseconds since the epoch: any form of HTTP's date (RFC 9110 section 5.6.7) or RFC 3339.
pub(super) fn instant_ms(text: &str) -> Option<u64> {
    let http = || Timestamp::from_rfc3339(&from_http_date(text)?);
    Timestamp::from_rfc3339(text).or_else(http).map(|at| at.0)
}

/// An HTTP date in RFC 3339: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or
/// `Sun Nov  6 08:49:37 1994`.
fn from_http_date(text: &str) -> Option<String> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<&str> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let (day, month, year, time) = match *words.as_slice() {
        [_, day, month, year, time, "GMT"] => (day, month, year, time),
        [_, month, day, time, year] => (day, month, year, time),
        _ => return None,
    };
    let month = MONTHS.find(month).filter(|at| month.len() == 3 && at % 3 == 0)? / 3 + 1;
    let century = match (year.len(), year < "70") {
        (4, _) => "",
        (2, true) => "20",
        (2, false) => "19",
        _ => return None,
    };
    Some(format!("{century}{year}-{month:02}-{day:0>2}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_in_every_notation() {
        for (text, ms) in [
            ("20ms", 20),
            ("1s", 1_000),
            ("6m0s", 360_000),
            ("1m30.5s", 90_500),
            ("1h2m3s", 3_723_000),
            ("20.25s", 20_250),
            ("2 minutes", 120_000),
            ("1 minute and 5 seconds", 65_000),
            ("1 hour, 1 min", 3_660_000),
            ("PT1M30S", 90_000),
            ("pt0.5s", 500),
        ] {
            assert_eq!(span_ms(text), Some(ms), "{text}");
        }
        for text in ["", "-5s", "5", "s", "5 apples", "1.2.3s", "five seconds", "5 minutess"] {
            assert_eq!(span_ms(text), None, "{text}");
        }
        assert_eq!(leading_span_ms("20 seconds. Go"), Some((20_000, ". Go")));
    }

    #[test]
    fn instants_are_read_in_both_notations() {
        for (text, ms) in [
            ("1970-01-01T00:00:01Z", 1_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
            ("2024-02-29T01:00:00.5+01:00", 1_709_164_800_500),
            ("2024-02-28 23:00:00-01:00", 1_709_164_800_000),
            ("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800_000),
        ] {
            assert_eq!(instant_ms(text), Some(ms), "{text}");
        }
        for text in [
            "",
            "2024",
            "2024-13-01T00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00+1",
            "1969-12-31T00:00:00Z",
            "2024-01-01Tx0:00:00Z",
            "２024-01-01T00:00:00Z",
        ] {
            assert_eq!(instant_ms(text), None, "{text}");
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn what_the_project_writes_is_read_back(seconds in 0u64..4_000_000_000) {
            let at = crate::clock::Timestamp(seconds * 1_000);
            proptest::prop_assert_eq!(instant_ms(&at.to_iso8601()), Some(at.0));
        }

        #[test]
        fn any_text_is_read_or_left(text in ".{0,40}|[0-9TZ:.+ -]{0,30}") {
            span_ms(&text);
            instant_ms(&text);
        }
    }
}
