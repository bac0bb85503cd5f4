//! How servers refuse: a row per wording or code, by what it means. See [`Row`].

mod classes;
mod contexts;
mod outputs;
mod parameters;
mod waits;

use crate::model::{ContextReport, ErrorClass, Provider};
use crate::providers::wire::adapt::Adaptations;
use crate::providers::wire::fixtures::deterministic;
use crate::providers::wire::refusal::Refusal;
use crate::providers::wire::{REPLY_TOKENS_MIN, Redactor, error_from_response, reply_that_fits};
use ErrorClass::{Permanent, Quota, Transient};
use proptest::prelude::*;

/// One refusal, and what is to be made of it.
struct Row {
    /// Who reports it.
    source: &'static str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    class: ErrorClass,
    name: &'static str,
    means: Means,
}

/// What a refusal says beside its class.
#[derive(Clone, Copy)]
enum Means {
    Nothing,
    /// The server asks for a wait, in milliseconds.
    Wait(u64),
    /// The server names its context and the prompt, 0 for what it does not name.
    Sizes(u32, u64),
    /// A parameter is refused.
    Param(Refusal),
}

use Means::{Nothing, Param, Sizes, Wait};
use classes::CLASSES;
use contexts::CONTEXTS;
use outputs::OUTPUTS;
use parameters::PARAMETERS;
use waits::WAITS;

const NONE: &[(&str, &str)] = &[];

const fn row(
    source: &'static str,
    status: u16,
    class: ErrorClass,
    name: &'static str,
    means: Means,
    body: &'static str,
) -> Row {
    Row {
        source,
        status,
        headers: NONE,
        body,
        class,
        name,
        means,
    }
}

/// A rate that allows more after a wait.
const fn limited(
    source: &'static str,
    status: u16,
    wait_ms: u64,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> Row {
    Row {
        headers,
        ..row(source, status, Transient, "RateLimited", Wait(wait_ms), body)
    }
}

/// The wall clock of the rows: 2026-01-01T00:00:00Z.
const NOW_MS: u64 = 1_767_225_600_000;

fn rows() -> impl Iterator<Item = &'static Row> {
    [PARAMETERS, OUTPUTS, CONTEXTS, WAITS, CLASSES].into_iter().flatten()
}

#[test]
fn every_refusal_means_what_its_row_says() {
    for row in rows() {
        let header = |name: &str| {
            let found = row.headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let at = format!("{}: {} {}", row.source, row.status, row.body);
        let error = error_from_response(
            Provider::Openai,
            row.status,
            &header,
            row.body,
            NOW_MS,
            &Redactor::nothing(),
        );
        assert_eq!((error.class, error.name.as_str()), (row.class, row.name), "{at}");
        let wait_ms = match row.means {
            Wait(ms) => Some(ms),
            _ => None,
        };
        assert_eq!(error.retry_after_ms, wait_ms, "{at}");
        let context = match row.means {
            Sizes(context, prompt) => ContextReport {
                context_tokens: Some(context).filter(|tokens| *tokens > 0),
                prompt_tokens: Some(prompt).filter(|tokens| *tokens > 0),
            },
            _ => ContextReport::default(),
        };
        assert_eq!(error.context.unwrap_or_default(), context, "{at}");
        let refusal = match row.means {
            Param(refusal) => Some(refusal),
            _ => None,
        };
        assert_eq!(Refusal::read(row.status, row.body), refusal, "{at}");
    }
}

/// The same body within a stream has no status of its own. Whether it passes must not depend on that, unless only the
/// status said so.
#[test]
fn a_refusal_within_a_stream_keeps_its_class_where_words_give_it() {
    use crate::providers::wire::errors::error_within_reply;
    use crate::providers::wire::fault::Fault;
    let mut checked = 0;
    for row in OUTPUTS.iter().chain(CONTEXTS) {
        let error = error_within_reply(&Fault::of_body(row.body));
        if row.name != "RequestTooLarge" {
            assert_eq!(
                (error.class, error.name.as_str()),
                (row.class, row.name),
                "{}",
                row.body
            );
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn a_refused_parameter_is_left_out_or_sent_in_another_form() {
    let model = crate::providers::wire::fixtures::plan_request(Provider::Openai, "gpt-5-proxy").model;
    for row in PARAMETERS.iter().filter(|row| matches!(row.means, Param(_))) {
        let fresh = Adaptations::new(&model);
        let temperature_only = matches!(row.means, Param(Refusal::MaxTokens | Refusal::Temperature));
        let mut adaptations = fresh.clone();
        let learned = adaptations.learn(row.status, row.body);
        assert!(learned || temperature_only, "{}", row.body);
        assert_eq!(learned, adaptations != fresh, "{}", row.body);
    }
}

proptest! {
    #![proptest_config(deterministic(512))]

    /// A body that is cut off, or has a byte changed, is still an error within its bounds. Only an error that passes
    /// asks for a wait, and only one of sizes tells sizes.
    #[test]
    fn a_damaged_refusal_is_still_an_error(
        number: prop::sample::Index, at: prop::sample::Index, byte: u8, cut: bool,
    ) {
        let rows: Vec<&Row> = rows().filter(|row| !row.body.is_empty()).collect();
        let row = rows[number.index(rows.len())];
        let mut bytes = row.body.as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        let body = String::from_utf8_lossy(&bytes);
        let error = error_from_response(Provider::Openai, row.status, &|_| None, &body, NOW_MS, &Redactor::nothing());
        prop_assert!(error.message.chars().count() <= 1_000);
        prop_assert!(error.retry_after_ms.is_none_or(|ms| error.class == Transient && ms <= 86_400_000));
        prop_assert!(error.context.is_none() || ["ContextTooLong", "RequestTooLarge"].contains(&error.name.as_str()));
        if let Some(Refusal::MaxTokensAbove(ceiling)) = Refusal::read(row.status, &body) {
            prop_assert!((127..=1_000_000).contains(&ceiling), "{}", ceiling);
        }
        if let Some(limit) = reply_that_fits(&body, error.context, 4_096, 700) {
            prop_assert!((REPLY_TOKENS_MIN..4_096).contains(&limit), "{}", limit);
        }
    }
}

#[test]
fn every_row_names_its_source_and_there_are_enough() {
    assert!(rows().all(|row| !row.source.is_empty()));
    assert!(rows().count() >= 60, "{}", rows().count());
    for case in ["m22", "m40", "m45", "m60", "m61", "m65", "m80"] {
        assert!(rows().any(|row| row.source.contains(&format!("case {case}"))), "{case}");
    }
}
