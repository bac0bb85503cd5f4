//! When a server wants to be asked again: Retry-After (RFC 9110 section 10.2.3) and what OpenAI adds to it.

use std::time::UNIX_EPOCH;

use crate::text::decimal;

/// A longer wish is cut to this: one day.
const RETRY_AFTER_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

/// The delay a response asks for, in milliseconds. `header` looks a header up by its lower-case name.
///
/// In order: `retry-after-ms` (OpenAI), `retry-after` as seconds or as a date, the `x-ratelimit-reset-*` of the limit
/// that is used up, the "try again in 1.2s" of the message.
pub(super) fn retry_after_ms(header: &dyn Fn(&str) -> Option<String>, message: &str, now_ms: u64) -> Option<u64> {
    let milliseconds = || header("retry-after-ms").and_then(|value| seconds_to_ms(value.trim(), 1.0));
    let standard = || {
        header("retry-after")
            .and_then(|value| seconds_to_ms(value.trim(), 1_000.0).or_else(|| until_date(value.trim(), now_ms)))
    };
    let reset = |limit: &str| {
        let used_up = header(&format!("x-ratelimit-remaining-{limit}"))?.trim() == "0";
        used_up
            .then(|| header(&format!("x-ratelimit-reset-{limit}")))?
            .and_then(|value| duration_ms(value.trim()))
    };
    let resets = || reset("requests").max(reset("tokens"));
    milliseconds()
        .or_else(standard)
        .or_else(resets)
        .or_else(|| in_message(message))
        .map(|delay| delay.min(RETRY_AFTER_MS_MAX))
}

fn seconds_to_ms(value: &str, factor: f64) -> Option<u64> {
    // A float to integer cast saturates.
    decimal(value).map(|number| (number * factor).ceil() as u64)
}

/// "Rate limit reached ... Please try again in 6m0s.", "Please retry in 26.1s."
fn in_message(message: &str) -> Option<u64> {
    let lower = message.to_ascii_lowercase();
    let after = ["try again in ", "retry in "]
        .iter()
        .find_map(|words| lower.split_once(words))?
        .1;
    let word = after
        .split(|character: char| character.is_whitespace() || character == ',')
        .next()?;
    duration_ms(word.trim_end_matches('.'))
}

/// Go's notation: `20ms`, `1s`, `6m0s`, `1h2m3.5s`.
fn duration_ms(value: &str) -> Option<u64> {
    let mut rest = value;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, after) = rest.split_at_checked(digits)?;
        let units: [(&str, f64); 5] = [
            ("ms", 1.0),
            ("s", 1_000.0),
            ("m", 60_000.0),
            ("h", 3_600_000.0),
            ("d", 86_400_000.0),
        ];
        let (unit, factor) = units.into_iter().find(|(unit, _)| after.starts_with(unit))?;
        total += decimal(number)? * factor;
        rest = after.strip_prefix(unit)?;
    }
    (!value.is_empty()).then(|| total.ceil() as u64)
}

/// Any of the three forms of a date (RFC 9110 section 5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn until_date(value: &str, now_ms: u64) -> Option<u64> {
    let date = httpdate::parse_http_date(value).ok()?;
    let since_epoch = date.duration_since(UNIX_EPOCH).ok()?;
    Some((since_epoch.as_secs() * 1_000).saturating_sub(now_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 784_111_777_000; // Sun, 06 Nov 1994 08:49:37 GMT

    fn with(headers: &[(&str, &str)], message: &str) -> Option<u64> {
        let header = |name: &str| {
            headers
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        retry_after_ms(&header, message, NOW)
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        assert_eq!(with(&[("retry-after", "3")], ""), Some(3_000));
        assert_eq!(with(&[("retry-after", " 0.25 ")], ""), Some(250));
        assert_eq!(
            with(&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")], ""),
            Some(30_000)
        );
        assert_eq!(
            with(&[("retry-after", "Sunday, 06-Nov-94 08:50:07 GMT")], ""),
            Some(30_000)
        );
        assert_eq!(with(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], ""), Some(0));
        assert_eq!(until_date("Thu, 29 Feb 2024 00:00:00 GMT", 0), Some(1_709_164_800_000));
        assert_eq!(until_date("Thu, 01 Jan 1970 00:00:00 GMT", 0), Some(0));
    }

    #[test]
    fn milliseconds_win_over_seconds() {
        assert_eq!(
            with(&[("retry-after", "3"), ("retry-after-ms", "1499.2")], ""),
            Some(1_500)
        );
    }

    #[test]
    fn only_the_limit_that_is_used_up_counts() {
        let headers = [
            ("x-ratelimit-remaining-requests", "12"),
            ("x-ratelimit-reset-requests", "20ms"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "6m0.5s"),
        ];
        assert_eq!(with(&headers, ""), Some(360_500));
        assert_eq!(with(&headers[..2], ""), None);
    }

    #[test]
    fn the_message_is_the_last_resort() {
        assert_eq!(
            with(&[], "Rate limit reached. Please try again in 1.2s. Visit"),
            Some(1_200)
        );
        assert_eq!(with(&[], "Please retry in 26.1s."), Some(26_100));
        assert_eq!(with(&[], "try again in a moment"), None);
        assert_eq!(with(&[], "try again in "), None);
    }

    #[test]
    fn nonsense_is_ignored_and_a_long_wish_cut() {
        for value in [
            "",
            "-1",
            "soon",
            "NaN",
            "Sun, 06 Nov 1994",
            "Sun, 06 Nov 1994 99:49:37 GMT",
            "Sun, x Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(with(&[("retry-after", value)], ""), None, "{value}");
        }
        assert_eq!(
            with(&[("retry-after", "99999999999999999999")], ""),
            Some(RETRY_AFTER_MS_MAX)
        );
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn any_header_and_message_ask_for_a_day_at_most(
            value in "([A-Z][a-z]{2}, )?[0-9A-Za-z:., -]{0,30}|.{0,30}",
            unit in "[0-9.]{0,20}(ms|s|m|h|d)?",
        ) {
            for text in [&value, &unit] {
                for name in ["retry-after-ms", "retry-after", "x-ratelimit-reset-requests"] {
                    let headers = [(name, text.as_str()), ("x-ratelimit-remaining-requests", "0")];
                    let delay = with(&headers, &format!("Please try again in {text}."));
                    proptest::prop_assert!(delay.is_none_or(|delay| delay <= RETRY_AFTER_MS_MAX));
                }
            }
        }
    }
}
