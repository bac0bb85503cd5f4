//! Query parameters, and `Last-Event-ID`, which says the same as one of them.
//!
//! Unknown parameters are ignored (links gather them; the list refuses them, see [`super::list`]); a known one with a
//! bad value is refused. Of a repeated one the first counts, as with `URLSearchParams.get`; `types` gathers all.

use std::borrow::Cow;

use super::problem::{Problem, shown};
use crate::engine::show::live::{Position, Types};

/// The longest query string, in bytes.
const QUERY_BYTES_MAX: usize = 16_000;

/// What `GET /:id/events` is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsQuery {
    /// Only events after this one.
    pub after: Position,
    pub types: Types,
}

/// `?simple=true` of `GET /:id`, `?follow_ups=true` of DELETE. The name alone means true.
pub fn flag(query: &str, name: &str) -> Result<bool, Problem> {
    match first(query, name)?.as_deref() {
        None | Some("false" | "0") => Ok(false),
        Some("" | "true" | "1") => Ok(true),
        Some(other) => Err(Problem::invalid(format!(
            "the query parameter {name} is {}: expected true or false",
            shown(other)
        ))),
    }
}

impl EventsQuery {
    /// `Last-Event-ID` wins over `?after=`: a browser that reconnects repeats the URL, and only the header is up to
    /// date. `known_types` are the names of all events, `delta`, `answer` and `all` included.
    pub fn parse(query: &str, last_event_id: Option<&str>, known_types: &[&str]) -> Result<EventsQuery, Problem> {
        let last_event_id = last_event_id.map(str::trim).filter(|id| !id.is_empty());
        let after = match (last_event_id, first(query, "after")?) {
            // A browser sends what an earlier stream gave it. An id that is not ours is unknown, and the answer to an
            // unknown id is everything from the beginning.
            (Some(id), _) => position(id).unwrap_or_default(),
            (None, Some(after)) => position(&after).ok_or_else(|| not_an_event(&after))?,
            (None, None) => Position::default(),
        };
        Ok(EventsQuery {
            after,
            types: Types(types(query, known_types)?),
        })
    }
}

fn types(query: &str, known_types: &[&str]) -> Result<Option<Vec<String>>, Problem> {
    list(query, "types", known_types)
}

/// A list of known names, separated by commas, in one parameter or in several. None where the parameter is absent.
pub(super) fn list(query: &str, parameter: &str, known: &[&str]) -> Result<Option<Vec<String>>, Problem> {
    let mut names: Vec<String> = Vec::new();
    let mut given = false;
    for value in pairs(query)?
        .filter(|(name, _)| name == parameter)
        .map(|(_, value)| value)
    {
        given = true;
        for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if !known.contains(&name) {
                let detail = format!(
                    "the query parameter {parameter} names {}: expected some of {}",
                    shown(name),
                    known.join(", ")
                );
                return Err(Problem::invalid(detail));
            }
            // Each at most once, so that the list is never longer than that of the known.
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    if given && names.is_empty() {
        return Err(Problem::invalid(format!(
            "the query parameter {parameter} is empty: expected some of {}",
            known.join(", ")
        )));
    }
    Ok(given.then_some(names))
}

/// `SEQ`, or `SEQ-LIFE` as the stream's ids are (see [`super::sse`]).
fn position(id: &str) -> Option<Position> {
    let (seq, life) = match id.split_once('-') {
        Some((seq, life)) => (seq, Some(life)),
        None => (id, None),
    };
    let digits = !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
    let is_life = |life: &str| !life.is_empty() && life.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !digits || !life.is_none_or(is_life) {
        return None;
    }
    Some(Position {
        seq: seq.parse().ok()?,
        life: life.map(str::to_owned),
    })
}

fn not_an_event(text: &str) -> Problem {
    Problem::invalid(format!(
        "the query parameter after is {}: expected the id of an event, or its sequence number",
        shown(text)
    ))
}

fn first<'a>(query: &'a str, name: &str) -> Result<Option<Cow<'a, str>>, Problem> {
    Ok(pairs(query)?.find(|(own, _)| own == name).map(|(_, value)| value))
}

/// `application/x-www-form-urlencoded`, with or without the question mark. A malformed escape stands for itself and
/// wrong UTF-8 becomes U+FFFD, as in the URL Standard.
pub(super) fn pairs(query: &str) -> Result<form_urlencoded::Parse<'_>, Problem> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(Problem::invalid(format!(
            "the query has {} bytes, at most {QUERY_BYTES_MAX} are allowed",
            query.len()
        )));
    }
    Ok(form_urlencoded::parse(
        query.strip_prefix('?').unwrap_or(query).as_bytes(),
    ))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPES: [&str; 3] = ["attempt_started", "delta", "workflow_completed"];

    fn simple(query: &str) -> Result<bool, Problem> {
        flag(query, "simple")
    }

    fn events(query: &str) -> Result<EventsQuery, Problem> {
        EventsQuery::parse(query, None, &TYPES)
    }

    #[test]
    fn simple_is_a_boolean() {
        for query in [
            "?simple=true",
            "simple=1",
            "?simple",
            "a=b&simple=true",
            "?simple=true&simple=false",
            "?s%69mple=tru%65",
        ] {
            assert_eq!(simple(query), Ok(true), "{query}");
        }
        for query in ["", "?", "?simple=false", "?simple=0", "?other=1", "&&"] {
            assert_eq!(simple(query), Ok(false), "{query}");
        }
        for query in ["?simple=yes", "?simple=TRUE", "?simple=%ff", "?simple=true%00"] {
            assert_eq!(simple(query).unwrap_err().status(), 400, "{query}");
        }
    }

    fn after(seq: u64, life: Option<&str>) -> Position {
        let life = life.map(str::to_owned);
        Position { seq, life }
    }

    #[test]
    fn events_may_begin_after_a_number() {
        assert_eq!(events("").unwrap(), EventsQuery::default());
        assert_eq!(events("?after=12").unwrap().after, after(12, None));
        assert_eq!(events("?after=12-ab").unwrap().after, after(12, Some("ab")));
        for query in [
            "?after=",
            "?after=-1",
            "?after=+1",
            "?after=1.5",
            "?after=18446744073709551616",
            "?after=x",
            "?after=7-",
            "?after=7-a-b",
        ] {
            assert!(events(query).unwrap_err().detail().contains("after"), "{query}");
        }
    }

    #[test]
    fn last_event_id_wins_over_the_query() {
        assert_eq!(
            EventsQuery::parse("?after=3", Some("7"), &TYPES).unwrap().after,
            after(7, None)
        );
        assert_eq!(
            EventsQuery::parse("?after=3", Some(""), &TYPES).unwrap().after,
            after(3, None)
        );
        assert_eq!(
            EventsQuery::parse("", Some("7-ab12"), &TYPES).unwrap().after,
            after(7, Some("ab12"))
        );
    }

    #[test]
    fn an_unknown_last_event_id_means_from_the_beginning() {
        for id in ["x", "-1", "7-", "7-ä", "1e3", "99999999999999999999999"] {
            let query = EventsQuery::parse("?after=3", Some(id), &TYPES).unwrap();
            assert_eq!(query.after, Position::default(), "{id}");
        }
    }

    #[test]
    fn types_are_a_list_of_known_names() {
        let query = events("?types=delta,workflow_completed&types=delta").unwrap();
        assert_eq!(
            query.types,
            Types(Some(vec!["delta".to_owned(), "workflow_completed".to_owned()]))
        );
        assert!(query.types.wants("delta") && !query.types.wants("attempt_started"));
        assert!(events("").unwrap().types.wants("attempt_started"));
        assert!(!events("").unwrap().types.wants("answer"), "only where it is asked for");
        assert!(
            events("?types=deltas")
                .unwrap_err()
                .detail()
                .contains("attempt_started, delta, workflow_completed")
        );
        assert!(events("?types=").is_err());
    }

    #[test]
    fn a_query_has_a_limit() {
        assert!(simple(&"a".repeat(QUERY_BYTES_MAX)).is_ok());
        assert!(simple(&"a".repeat(QUERY_BYTES_MAX + 1)).is_err());
    }

    proptest! {
        #[test]
        fn no_query_makes_the_parsers_panic(query in any::<String>(), last in any::<String>()) {
            let _ = (simple(&query), EventsQuery::parse(&query, Some(&last), &TYPES));
        }

        #[test]
        fn what_was_encoded_is_decoded(text in any::<String>()) {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let query = format!("?other=1&name={encoded}");
            prop_assert_eq!(first(&query, "name").unwrap().unwrap(), text);
        }
    }
}
