//! The query of `GET /workflows`.
//!
//! An unknown parameter is refused here, other than elsewhere: a filter that is left aside would show, to a script that
//! deletes what it is shown, more than was asked for.

use super::id::WorkflowId;
use super::problem::{Problem, shown};
use super::query::{list, pairs};
use crate::engine::words::outcome::Status;
use crate::engine::words::time::Timestamp;
use crate::notify::{METADATA, label, searched};
use crate::tenant::{LIMIT_DEFAULT, LIMIT_MAX, ListRequest};
use crate::text::digits;

/// Words of `q`, and pairs of `metadata`.
const CONDITIONS_MAX: usize = 16;

const PARAMETERS: &str = "status, metadata.KEY, created_after, created_before, q, parent, limit and cursor";

pub fn parse(query: &str) -> Result<ListRequest, Problem> {
    let names = Status::ALL.map(Status::as_str);
    let named = list(query, "status", &names)?.unwrap_or_default();
    let is_named = |status: &Status| named.iter().any(|name| name == status.as_str());
    let mut request = ListRequest {
        statuses: Status::ALL.into_iter().filter(is_named).collect(),
        limit: LIMIT_DEFAULT,
        ..ListRequest::default()
    };
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in pairs(query)? {
        let wrong = |expected: &str| {
            let detail = format!("the query parameter {name} is {}: expected {expected}", shown(&value));
            Problem::invalid(detail)
        };
        // The list of statuses is read above, and may be given in parts.
        if name == "status" {
            continue;
        }
        if seen.contains(&name.clone().into_owned()) {
            return Err(Problem::invalid(format!(
                "the query parameter {} is given twice",
                shown(&name)
            )));
        }
        seen.push(name.clone().into_owned());
        match &*name {
            "limit" => {
                let limit = digits(&value).filter(|limit| (1..=u64::from(LIMIT_MAX)).contains(limit));
                request.limit = limit.ok_or_else(|| wrong("a number from 1 to 100"))? as u32;
            }
            "cursor" => {
                request.cursor = Some(digits(&value).ok_or_else(|| wrong("the next of a page"))?);
            }
            "created_after" => request.created_after = Some(instant(&value).ok_or_else(|| wrong(INSTANT))?),
            "created_before" => request.created_before = Some(instant(&value).ok_or_else(|| wrong(INSTANT))?),
            "q" => {
                let words = searched(&value);
                request.words = words
                    .split(' ')
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned)
                    .collect();
                if request.words.is_empty() {
                    return Err(wrong("words of the prompt"));
                }
            }
            "parent" => {
                WorkflowId::parse(&value).map_err(|_| wrong("the id of a workflow"))?;
                request.parent = Some(value.into_owned());
            }
            _ => match name.strip_prefix("metadata.") {
                Some(key) => request.labels.push(label(METADATA, &[key, &value])),
                None => {
                    let detail = format!("there is no query parameter {}: there are {PARAMETERS}", shown(&name));
                    return Err(Problem::invalid(detail));
                }
            },
        }
    }
    if request.words.len().max(request.labels.len()) > CONDITIONS_MAX {
        return Err(Problem::invalid(format!(
            "the query has more than {CONDITIONS_MAX} words, or pairs of metadata"
        )));
    }
    Ok(request)
}

const INSTANT: &str = "a time such as 2026-11-26T10:00:00Z, or a date such as 2026-11-26 (in UTC)";

/// RFC 3339, or a date alone. The forms of ISO 8601 are many more. What is before 1970 is before every workflow.
fn instant(text: &str) -> Option<Timestamp> {
    if text.len() == "2026-11-26".len() {
        return instant(&format!("{text}T00:00:00Z"));
    }
    Timestamp::from_rfc3339(text).or_else(|| {
        let (year, rest) = text.split_at_checked(4)?;
        let year = digits(year).filter(|year| *year <= 1970)?;
        // The same day of a later year with the same calendar.
        Timestamp::from_rfc3339(&format!("{}{rest}", year % 400 + 2000)).map(|_| Timestamp::default())
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(query: &str) -> String {
        parse(query).unwrap_err().detail().to_owned()
    }

    #[test]
    fn a_query_without_parameters_is_the_first_page() {
        let request = parse("").unwrap();
        assert_eq!(
            request,
            ListRequest {
                limit: LIMIT_DEFAULT,
                ..ListRequest::default()
            }
        );
    }

    #[test]
    fn every_parameter_is_read() {
        let request = parse(
            "?status=running,waiting&status=errored&metadata.user=u%201&parent=w1&q=Two++Wörds&limit=100\
             &cursor=1843200000000000&created_after=2026-11-26&created_before=2026-11-26T10%3A00%3A00Z",
        )
        .unwrap();
        assert_eq!(request.statuses, [Status::Running, Status::Waiting, Status::Errored]);
        assert_eq!(request.labels, [label(METADATA, &["user", "u 1"])]);
        assert_eq!(request.parent.as_deref(), Some("w1"));
        assert_eq!(request.words, ["two", "wörds"]);
        assert_eq!((request.limit, request.cursor), (100, Some(1_843_200_000_000_000)));
        assert_eq!(request.created_after, Some(Timestamp(1_795_651_200_000)));
        assert_eq!(request.created_before, Some(Timestamp(1_795_687_200_000)));
    }

    #[test]
    fn a_time_before_all_workflows_is_one() {
        for time in [
            "0514-02-28",
            "0400-02-29",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00%2B01:00",
        ] {
            let request = parse(&format!("?created_after={time}")).unwrap();
            assert_eq!(request.created_after, Some(Timestamp(0)), "{time}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (query, word) in [
            ("?status=done", "status"),
            ("?staus=errored", "staus"),
            ("?limit=0", "limit"),
            ("?limit=101", "limit"),
            ("?limit=+5", "limit"),
            ("?limit=1e1", "limit"),
            ("?cursor=x", "cursor"),
            ("?cursor=-1", "cursor"),
            ("?cursor=99999999999999999999", "cursor"),
            ("?parent=a/b", "parent"),
            ("?q=", "q"),
            ("?q=%20%00", "q"),
            ("?created_after=yesterday", "created_after"),
            ("?created_after=0514-02-29", "created_after"),
            ("?created_before=2026-13-01", "created_before"),
            ("?limit=1&limit=2", "twice"),
            ("?metadata.a=1&metadata.a=2", "twice"),
            ("?q=a b c d e f g h i j k l m n o p q", "words"),
        ] {
            assert!(refused(query).contains(word), "{query}: {}", refused(query));
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_the_parser_panic(query in any::<String>(), text in "[0-9TtZz:+. -]{0,30}") {
            let _ = (parse(&query), parse(&format!("?created_after={query}&q={text}")));
        }
    }
}
