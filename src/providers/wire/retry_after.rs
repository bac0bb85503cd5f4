//! When a server wants to be asked again.
//!
//! It may say so in a header (Retry-After of RFC 9110 section 10.2.3, and what OpenAI, Azure, Anthropic, Cerebras,
//! GitHub and the IETF's draft for rate limits add to it), in a field of the body (`retryDelay` of
//! `google.rpc.RetryInfo`, `retry_after`, OpenRouter's copy of the headers of the server behind it), or in a sentence.
//! The first that can be read counts. A wish beyond a day is cut to a day.

use super::fault::Fault;
use super::times::{instant_ms, leading_span_ms, seconds_ms, span_ms};
use crate::text::{decimal, lower};

/// A longer wish is cut to this: one day.
const RETRY_AFTER_MS_MAX: u64 = 24 * 60 * 60 * 1_000;
/// A number of seconds from here on is an instant, and from [`EPOCH_MS_MIN`] on one in milliseconds.
const EPOCH_SECONDS_MIN: f64 = 1e8;
const EPOCH_MS_MIN: f64 = 1e11;

/// Waits in milliseconds.
const IN_MILLISECONDS: &[&str] = &["retry-after-ms", "x-ms-retry-after-ms", "retry-after-milliseconds"];
/// Waits in seconds, as a span, or until a date.
const IN_SECONDS: &[&str] = &["retry-after", "retry-delay", "retry-after-seconds", "estimated-time"];

/// When a limit is renewed, and what is left of it. It counts only if nothing is left.
const RESETS: &[(&str, &str)] = &[
    ("x-ratelimit-reset-requests", "x-ratelimit-remaining-requests"),
    ("x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens"),
    ("x-ratelimit-reset-tokens-minute", "x-ratelimit-remaining-tokens-minute"),
    ("x-ratelimit-reset-requests-day", "x-ratelimit-remaining-requests-day"),
    (
        "anthropic-ratelimit-requests-reset",
        "anthropic-ratelimit-requests-remaining",
    ),
    (
        "anthropic-ratelimit-tokens-reset",
        "anthropic-ratelimit-tokens-remaining",
    ),
    (
        "anthropic-ratelimit-input-tokens-reset",
        "anthropic-ratelimit-input-tokens-remaining",
    ),
    (
        "anthropic-ratelimit-output-tokens-reset",
        "anthropic-ratelimit-output-tokens-remaining",
    ),
];
/// The same where a server has one limit only. It counts unless something is left.
const ONE_RESET: &[(&str, &str)] = &[
    ("x-ratelimit-reset", "x-ratelimit-remaining"),
    ("ratelimit-reset", "ratelimit-remaining"),
];

/// What stands before a span in a sentence.
const BEFORE_SPAN: &[&str] = &[
    "try again in",
    "try again after",
    "retry in",
    "retry after",
    "retry-after",
    "retrying in",
    "wait for",
    "please wait",
    "available in",
    "resets in",
    "reset in",
    "reset after",
];
/// What may stand between these words and the span.
const FILLERS: &[&str] = &[" ", ":", "=", "about ", "approximately ", "at least ", "another ", "~"];

/// Looks a header or a field up by the header's lower-case name.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Who is asked for a wait.
pub(super) struct Asked<'a> {
    pub(super) header: Lookup<'a>,
    pub(super) fault: &'a Fault,
    /// The wall clock; without it instants say nothing.
    pub(super) now_ms: Option<u64>,
    /// The server limits the rate, so that the renewal of its limits matters. Many send these headers with every reply.
    pub(super) is_limited: bool,
}

impl Asked<'_> {
    /// The wait that the server asks for, in milliseconds.
    pub(super) fn wait_ms(&self) -> Option<u64> {
        let field = |name: &str| self.fault.told(name).map(str::to_owned);
        let sources: [Lookup<'_>; 2] = [self.header, &field];
        let named = || sources.iter().find_map(|source| self.named(*source));
        let renewed = || sources.iter().find_map(|source| self.renewed(*source));
        named()
            .or_else(|| in_sentence(&lower(&self.fault.message)))
            .or_else(|| self.is_limited.then(renewed)?)
            .map(|delay| delay.min(RETRY_AFTER_MS_MAX))
    }

    fn named(&self, source: Lookup<'_>) -> Option<u64> {
        let milliseconds = IN_MILLISECONDS.iter().find_map(|name| {
            let number = decimal(source(name)?.trim())?;
            Some(number.ceil() as u64)
        });
        let seconds = || IN_SECONDS.iter().find_map(|name| self.until(&source(name)?));
        milliseconds.or_else(seconds)
    }

    fn renewed(&self, source: Lookup<'_>) -> Option<u64> {
        let is_used_up = |remaining: &str| source(remaining).map(|left| decimal(left.trim()) == Some(0.0));
        let of_many = RESETS
            .iter()
            .filter(|(_, remaining)| is_used_up(remaining) == Some(true))
            .filter_map(|(reset, _)| self.until(&source(reset)?))
            .max();
        let of_one = || {
            ONE_RESET
                .iter()
                .filter(|(_, remaining)| is_used_up(remaining) != Some(false))
                .find_map(|(reset, _)| self.until(&source(reset)?))
        };
        of_many
            .or_else(of_one)
            .or_else(|| in_rate_limit_field(&source("ratelimit")?))
    }

    /// A number of seconds, a span, or an instant as a date or as a number.
    fn until(&self, value: &str) -> Option<u64> {
        let value = value.trim();
        let from_now = |instant: u64| self.now_ms.map(|now| instant.saturating_sub(now));
        match decimal(value) {
            Some(number) if number >= EPOCH_MS_MIN => from_now(number as u64),
            Some(number) if number >= EPOCH_SECONDS_MIN => from_now((number * 1_000.0) as u64),
            Some(_) => seconds_ms(value),
            None => span_ms(value).or_else(|| from_now(instant_ms(value)?)),
        }
    }
}

/// The draft's structured field: `limit=100, remaining=0, reset=50`, later `"default";r=0;t=50`.
fn in_rate_limit_field(value: &str) -> Option<u64> {
    let part = |names: [&str; 2]| {
        let parts = value.split([',', ';']).filter_map(|part| part.split_once('='));
        let found = parts.map(|(name, number)| (name.trim(), number.trim()));
        found
            .into_iter()
            .find(|(name, _)| names.contains(name))
            .map(|(_, number)| number.to_owned())
    };
    let is_used_up = part(["remaining", "r"]).is_none_or(|left| left == "0");
    is_used_up.then(|| seconds_ms(&part(["reset", "t"])?))?
}

/// "Please try again in 6m0s.", "Please retry after 20 seconds."
fn in_sentence(lower: &str) -> Option<u64> {
    BEFORE_SPAN.iter().find_map(|words| {
        let mut after = lower
            .match_indices(words)
            .filter_map(|(at, _)| lower.get(at + words.len()..));
        after.find_map(|after| {
            let mut rest = after;
            while let Some(shorter) = FILLERS.iter().find_map(|filler| rest.strip_prefix(filler)) {
                rest = shorter;
            }
            leading_span_ms(rest).map(|(ms, _)| ms)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 784_111_777_000; // Sun, 06 Nov 1994 08:49:37 GMT

    fn asked(headers: &[(&str, &str)], body: &str, is_limited: bool) -> Option<u64> {
        let header = |name: &str| {
            let found = headers.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let asked = Asked {
            header: &header,
            fault: &Fault::of_body(body),
            now_ms: Some(NOW),
            is_limited,
        };
        asked.wait_ms()
    }

    fn with(headers: &[(&str, &str)], body: &str) -> Option<u64> {
        asked(headers, body, true)
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        assert_eq!(with(&[("retry-after", "3")], ""), Some(3_000));
        assert_eq!(with(&[("retry-after", " 0.25 ")], ""), Some(250));
        assert_eq!(with(&[("retry-after", "20s")], ""), Some(20_000));
        for date in [
            "Sun, 06 Nov 1994 08:50:07 GMT",
            "Sunday, 06-Nov-94 08:50:07 GMT",
            "1994-11-06T08:50:07Z",
        ] {
            assert_eq!(with(&[("retry-after", date)], ""), Some(30_000), "{date}");
        }
        assert_eq!(with(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], ""), Some(0));
    }

    #[test]
    fn milliseconds_win_over_seconds_and_a_wait_over_a_limits_renewal() {
        let headers = [
            ("x-ratelimit-reset", "99"),
            ("retry-after", "3"),
            ("retry-after-ms", "1499.2"),
        ];
        assert_eq!(with(&headers, ""), Some(1_500));
        assert_eq!(with(&headers[..2], ""), Some(3_000));
        assert_eq!(with(&headers[..1], "try again in 7s"), Some(7_000));
        assert_eq!(with(&headers[..1], ""), Some(99_000));
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
        assert_eq!(
            with(&[("x-ratelimit-remaining", "5"), ("x-ratelimit-reset", "9")], ""),
            None
        );
    }

    #[test]
    fn an_error_that_limits_no_rate_does_not_wait_for_the_limits_renewal() {
        let headers = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")];
        assert_eq!(asked(&headers, "", false), None);
        assert_eq!(asked(&[("retry-after", "9")], "", false), Some(9_000));
    }

    #[test]
    fn the_drafts_field_is_read_in_both_forms() {
        for value in ["limit=100, remaining=0, reset=50", "\"default\";r=0;t=50"] {
            assert_eq!(with(&[("ratelimit", value)], ""), Some(50_000), "{value}");
        }
        assert_eq!(with(&[("ratelimit", "limit=100, remaining=7, reset=50")], ""), None);
    }

    #[test]
    fn instants_need_a_clock() {
        let reset = [("x-ratelimit-reset", "784111807")];
        assert_eq!(with(&reset, ""), Some(30_000));
        assert_eq!(with(&[("x-ratelimit-reset", "784111807000")], ""), Some(30_000));
        let asked = Asked {
            header: &|_| None,
            fault: &Fault::of_body(r#"{"error":{"message":"m","retry_after":1784111807}}"#),
            now_ms: None,
            is_limited: true,
        };
        assert_eq!(asked.wait_ms(), None);
    }

    #[test]
    fn sentences_are_read_in_every_wording() {
        for (message, ms) in [
            ("Rate limit reached. Please try again in 1.2s. Visit", 1_200),
            ("Please retry in 26.1s.", 26_100),
            ("Please retry after 20 seconds.", 20_000),
            ("please try again after 1 seconds", 1_000),
            ("Please try again in 1m30.5s", 90_500),
            ("Try again in about 2 minutes", 120_000),
            ("please wait 1 hour and 5 minutes", 3_900_000),
            ("Retry-After: 7s", 7_000),
            ("try again in a moment, or retry in 5s", 5_000),
        ] {
            assert_eq!(with(&[], message), Some(ms), "{message}");
        }
        for message in [
            "try again in a moment",
            "try again in ",
            "try again in -5s",
            "retry after the fall",
        ] {
            assert_eq!(with(&[], message), None, "{message}");
        }
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
        for value in ["99999999999999999999", "99999d", "9999-12-31T00:00:00Z"] {
            assert_eq!(with(&[("retry-after", value)], ""), Some(RETRY_AFTER_MS_MAX), "{value}");
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn any_header_and_message_ask_for_a_day_at_most(
            value in "([A-Z][a-z]{2}, )?[0-9A-Za-z:., -]{0,30}|.{0,30}",
            unit in "[0-9.]{0,20}(ms|s|m|h|d)?",
        ) {
            for text in [&value, &unit] {
                for name in ["retry-after-ms", "retry-after", "x-ratelimit-reset-requests", "ratelimit"] {
                    let headers = [(name, text.as_str()), ("x-ratelimit-remaining-requests", "0")];
                    let delay = with(&headers, &format!("Please try again in {text}."));
                    proptest::prop_assert!(delay.is_none_or(|delay| delay <= RETRY_AFTER_MS_MAX));
                }
            }
        }
    }
}
