//! `Prefer: wait=N` (RFC 7240): how long a client would like to wait for the end of a workflow.

use super::headers::{name_and_value, split};

/// The longest wait that is granted, in seconds.
pub const WAIT_SECONDS_MAX: u32 = 60;

/// A granted wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub seconds: u32,
}

impl Wait {
    /// From the Prefer header, several joined by commas. Preferences that are unknown or malformed are ignored, as the
    /// RFC demands; of several waits the first counts (section 2). Longer waits than [`WAIT_SECONDS_MAX`] are cut to
    /// it.
    pub fn parse(prefer: Option<&str>) -> Option<Wait> {
        let first = split(prefer?, ',').find_map(|preference| {
            let (name, value) = name_and_value(split(preference, ';').next()?)?;
            name.eq_ignore_ascii_case("wait").then_some(value)
        })?;
        let digits = first.filter(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()))?;
        // Too many digits for a number are still a wait, only a long one.
        let seconds = digits.parse().unwrap_or(WAIT_SECONDS_MAX).min(WAIT_SECONDS_MAX);
        Some(Wait { seconds })
    }

    /// The value of Preference-Applied: what was granted, not what was asked for.
    pub fn applied(self) -> String {
        format!("wait={}", self.seconds)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(prefer: &str) -> Option<u32> {
        Wait::parse(Some(prefer)).map(|wait| wait.seconds)
    }

    #[test]
    fn a_wait_is_found_among_other_preferences() {
        for prefer in [
            "wait=10",
            "Wait=10",
            "wait=\"10\"",
            "wait = 10",
            "respond-async, wait=10",
            "foo; bar=1, wait=10; baz",
            ", wait=10",
        ] {
            assert_eq!(seconds(prefer), Some(10), "{prefer}");
        }
    }

    #[test]
    fn a_malformed_wait_is_ignored() {
        for prefer in [
            "",
            "wait",
            "wait=",
            "wait=\"\"",
            "wait=-1",
            "wait=+1",
            "wait=1.5",
            "wait=x",
            "wait=10 s",
            "respond-async; wait=10",
            "waiting=10",
        ] {
            assert_eq!(seconds(prefer), None, "{prefer}");
        }
        assert_eq!(Wait::parse(None), None);
    }

    #[test]
    fn a_long_wait_is_cut_and_the_answer_says_so() {
        for prefer in ["wait=61", "wait=4294967296", "wait=99999999999999999999999999"] {
            assert_eq!(Wait::parse(Some(prefer)).unwrap().applied(), "wait=60", "{prefer}");
        }
        assert_eq!(seconds("wait=0"), Some(0));
    }

    #[test]
    fn of_several_waits_the_first_counts() {
        assert_eq!(seconds("wait=5, wait=20"), Some(5));
        assert_eq!(seconds("wait=x, wait=20"), None);
    }

    proptest! {
        #[test]
        fn no_header_makes_the_parser_panic(header in any::<String>()) {
            let _ = Wait::parse(Some(&header));
        }

        #[test]
        fn every_number_is_granted_up_to_the_limit(asked in 0u64..1_000_000) {
            prop_assert_eq!(seconds(&format!("a=b, wait={asked}")), Some(asked.min(60) as u32));
        }
    }
}
