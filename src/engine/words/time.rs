//! Instants: milliseconds since the Unix epoch. The caller hands them in, because the core reads no clock.

use serde::{Deserialize, Serialize, Serializer};

use crate::text::digits;

/// Milliseconds since 1970-01-01T00:00:00Z. Journaled as a number, shown as ISO 8601.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    pub fn plus_ms(self, ms: u64) -> Self {
        Timestamp(self.0.saturating_add(ms))
    }

    /// Zero where `earlier` is later.
    pub fn ms_since(self, earlier: Timestamp) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `2026-11-26T18:00:00Z`, `2026-11-26 18:00:00.250+01:00`: RFC 3339, section 5.6. None before the epoch.
    pub fn from_rfc3339(text: &str) -> Option<Timestamp> {
        let number = |at: usize, length: usize| digits(text.get(at..at + length)?);
        let marks = [(4, "-"), (7, "-"), (13, ":"), (16, ":")];
        let is_shaped = marks.iter().all(|(at, mark)| text.get(*at..at + 1) == Some(*mark));
        if !is_shaped || !matches!(text.get(10..11), Some("T" | "t" | " ")) {
            return None;
        }
        let days = days_from_civil(number(0, 4)?, number(5, 2)?, number(8, 2)?)?;
        let (hours, minutes, seconds) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
        let rest = text.get(19..)?;
        let zone = rest.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
        let fraction = rest.get(..rest.len() - zone.len())?;
        let ms = match fraction.strip_prefix('.') {
            Some(digits_of_it) => digits(format!("{digits_of_it}00").get(..3)?)?,
            None => 0,
        };
        let is_fraction = fraction.is_empty() || (fraction.len() > 1 && fraction.rfind('.') == Some(0));
        if hours > 23 || minutes > 59 || seconds > 60 || !is_fraction {
            return None;
        }
        let local = days * 86_400_000 + ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
        if matches!(zone, "Z" | "z") {
            return Some(Timestamp(local));
        }
        let (sign, offset) = zone.split_at_checked(1)?;
        let (east_hours, east_minutes) = offset.split_once(':')?;
        if east_hours.len() != 2 || east_minutes.len() != 2 {
            return None;
        }
        let (east_hours, east_minutes) = (digits(east_hours)?, digits(east_minutes)?);
        let east = (east_hours * 60 + east_minutes) * 60_000;
        match sign {
            _ if east_hours > 23 || east_minutes > 59 => None,
            "+" => local.checked_sub(east).map(Timestamp),
            "-" => Some(Timestamp(local + east)),
            _ => None,
        }
    }

    /// `2026-01-01T00:00:00.000Z`, as JavaScript's `Date.prototype.toISOString` writes it.
    pub fn to_iso8601(self) -> String {
        let (days, ms_of_day) = (self.0 / 86_400_000, self.0 % 86_400_000);
        let (year, month, day) = civil_from_days(days);
        let (seconds, ms) = (ms_of_day / 1000, ms_of_day % 1000);
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{ms:03}Z",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

/// Serialises a timestamp as ISO 8601, for views.
pub fn iso8601<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_iso8601())
}

/// The same for an instant that may not have come yet: null.
pub fn iso8601_option<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => iso8601(at, serializer),
        None => serializer.serialize_none(),
    }
}

/// Stands for a timestamp in the schemas of views.
#[cfg(not(target_arch = "wasm32"))]
pub struct Iso8601;

/// The inverse. None where there is no such date, and before the epoch.
fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    let shifted_year = year.checked_sub(u64::from(month <= 2))?;
    let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = ((153 * shifted_month + 2) / 5 + day).checked_sub(1)?;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * 146_097 + day_of_era).checked_sub(719_468)?;
    (civil_from_days(days) == (year, month, day)).then_some(days)
}

/// Days since the epoch to a date of the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level
/// date algorithms").
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_those_of_rfc_3339() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.5Z", 500),
            ("1970-01-01t00:00:00.123456789z", 123),
            ("1970-01-01T01:00:00+01:00", 0),
            ("1970-01-01T00:00:00-00:30", 1_800_000),
            ("2000-02-29T12:00:00Z", 951_825_600_000),
            ("2026-11-26 10:00:00Z", 1_795_687_200_000),
        ] {
            assert_eq!(Timestamp::from_rfc3339(text), Some(Timestamp(ms)), "{text}");
        }
        for text in [
            "",
            "2026-11-26",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-1-1T00:00:00Z",
            "2026-11-26T10:00",
            "2026-11-26T10:00:00",
            "2026-11-26T24:00:00Z",
            "2026-11-26T10:60:00Z",
            "2026-11-26T10:00:00+1:00",
            "2026-11-26T10:00:00+01:60",
            "2026-11-26T10:00:00Zx",
            "2026-11-26T10:00:00.Z",
            "2026-11-26T10:00:00.1.2Z",
            "2026-11-26T10:00:001Z",
            "2026/11/26T00:00:00Z",
            "+026-11-26T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
        ] {
            assert_eq!(Timestamp::from_rfc3339(text), None, "{text}");
        }
        for ms in (0..4_102_444_800_000).step_by(77_777_777_777) {
            let at = Timestamp(ms);
            assert_eq!(Timestamp::from_rfc3339(&at.to_iso8601()), Some(at));
        }
    }

    #[test]
    fn timestamps_are_shown_as_javascript_shows_them() {
        assert_eq!(Timestamp(0).to_iso8601(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(951_782_400_000).to_iso8601(), "2000-02-29T00:00:00.000Z");
        assert_eq!(Timestamp(1_767_225_599_999).to_iso8601(), "2025-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(4_102_444_800_001).to_iso8601(), "2100-01-01T00:00:00.001Z");
    }
}
