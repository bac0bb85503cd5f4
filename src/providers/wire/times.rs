//! Spans and instants as servers write them.

use std::time::UNIX_EPOCH;

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
    let http = || {
        let date = httpdate::parse_http_date(text).ok()?;
        Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs().saturating_mul(1_000))
    };
    rfc3339_ms(text).or_else(http)
}

/// `2026-11-26T18:00:00Z`, `2026-11-26 18:00:00.250+01:00`.
fn rfc3339_ms(text: &str) -> Option<u64> {
    let digits = |range: std::ops::Range<usize>| {
        let part = text.get(range)?;
        let plain = part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse::<i64>().ok() } else { None }
    };
    let marks = [(4, "-"), (7, "-"), (13, ":"), (16, ":")];
    let shaped = marks.iter().all(|(at, mark)| text.get(*at..at + 1) == Some(*mark));
    if !shaped || !matches!(text.get(10..11), Some("T" | "t" | " ")) {
        return None;
    }
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let (hours, minutes, seconds) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let zone = text.get(19..)?;
    let zone = zone.trim_start_matches(|character: char| character == '.' || character.is_ascii_digit());
    let east_minutes = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign @ ("+" | "-"), offset) => {
            let (hours, minutes) = offset.split_once(':')?;
            let minutes = hours.parse::<u8>().ok()? as i64 * 60 + minutes.parse::<u8>().ok()? as i64;
            if sign == "+" { minutes } else { -minutes }
        }
        _ => return None,
    };
    let days = days_from_civil(year, month, day);
    let total = ((days * 24 + hours) * 60 + minutes - east_minutes) * 60 + seconds;
    u64::try_from(total).ok()?.checked_mul(1_000)
}

/// A date of the proleptic Gregorian calendar to days since the epoch (Howard Hinnant, "chrono-compatible low-level
/// date algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
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
            ("2024-02-29T01:00:00.5+01:00", 1_709_164_800_000),
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
