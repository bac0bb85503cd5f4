//! Makes a [`ModelError`] of what a provider answered or threw.
//!
//! `verdict` gives the class and the name, `retry_after` the wait that was asked for, `context` the sizes that were
//! named. Its class decides what the engine does next:
//!
//! - *Permanent* (the next model takes over at once): the request, the key, the model or its content is refused.
//! - *Transient* (again after a pause): rates, overload, networks, what the model wrote badly, everything unknown that
//!   came without a status.
//! - *Quota* (the next model at once, no hammering): money or an allowance is used up.
//! - *Interrupted* (not the model's failure): our own invocation ran out of subrequests or was reset by a deploy.
//!
//! Messages pass through the [`Redactor`].

use super::context::context_report;
use super::fault::Fault;
use super::redact::{MESSAGE_CHARS_MAX, Redactor};
use super::retry_after::Asked;
use super::verdict::{Verdict, classify, classify_thrown, workers_ai_code};
use crate::errors::ErrorName;
use crate::model::{ErrorClass, ModelError, Provider};
use crate::text::clause;

/// The error of a response whose status is not 200. `header` looks a header up by its lower-case name; `now_ms` is the
/// wall clock (Retry-After may be a date); `body` may be cut after some 16 KiB.
pub fn error_from_response(
    provider: Provider,
    status: u16,
    header: &dyn Fn(&str) -> Option<String>,
    body: &str,
    now_ms: u64,
    redactor: &Redactor<'_>,
) -> ModelError {
    let fault = Fault::of_body(body);
    let asked = Asked {
        header,
        fault: &fault,
        now_ms: Some(now_ms),
        is_limited: matches!(status, 403 | 429 | 498 | 503 | 529),
    };
    let wait_ms = asked.wait_ms();
    let verdict = classify(&fault, Some(status), wait_ms.is_some());
    let said = or_else_said(&fault, "an empty body");
    let message = match workers_ai_code(&fault) {
        Some(code) if provider == Provider::WorkersAi => format!("HTTP {status}, code {code}: {said}"),
        _ => format!("HTTP {status}: {said}"),
    };
    error(verdict, &fault, wait_ms, redactor.clean(&message))
}

/// The error of an exception of `env.AI.run` or of `fetch`, as its text: `InferenceUpstreamError: 3040: ...`,
/// `TypeError: Network connection lost.` Without a known word it counts as the network's: transient.
pub fn error_from_thrown(message: &str, redactor: &Redactor<'_>) -> ModelError {
    let fault = Fault::of_body(message);
    let wait_ms = told_wait_ms(&fault);
    error(classify_thrown(&fault), &fault, wait_ms, redactor.clean(message))
}

/// The error a provider reported within a reply of status 200. Redacted by the transport ([`Redactor::error`]).
pub(super) fn error_within_reply(fault: &Fault) -> ModelError {
    let status = fault
        .code
        .as_deref()
        .and_then(|code| code.parse::<u16>().ok())
        .filter(|code| (400..=599).contains(code));
    let wait_ms = told_wait_ms(fault);
    let verdict = classify(fault, status, wait_ms.is_some());
    let said = or_else_said(fault, "the provider reported an error without a message");
    error(verdict, fault, wait_ms, Redactor::nothing().clean(said))
}

/// An error of our own reading, with a bounded message.
pub(super) fn own_error(class: ErrorClass, name: ErrorName, message: &str) -> ModelError {
    ModelError::new(class, name, Redactor::nothing().clean(message))
}

/// The service refused the request itself, so that fewer parameters may help.
pub fn refuses_the_request(error: &ModelError) -> bool {
    error.class == ErrorClass::Permanent && error.name == ErrorName::BadRequest
}

/// The request does not fit, so that a lower limit of the reply may help.
pub fn refuses_the_size(error: &ModelError) -> bool {
    error.name == ErrorName::ContextTooLong
        || error.name == ErrorName::RequestTooLarge
        || error.class == ErrorClass::Quota
}

/// The service refused what its model wrote.
pub fn refuses_the_output(error: &ModelError) -> bool {
    error.name == ErrorName::OutputRejected
}

/// The error of a request whose barest form was refused as well, with a note of that at its end.
pub fn refused_twice(error: ModelError) -> ModelError {
    const NOTE: &str = " (a request with the model, the messages and a low limit alone was refused too)";
    let room = MESSAGE_CHARS_MAX - NOTE.len();
    let said: String = clause(&error.message).chars().take(room).collect();
    ModelError {
        message: said + NOTE,
        ..error
    }
}

fn error((class, name): Verdict, fault: &Fault, wait_ms: Option<u64>, message: String) -> ModelError {
    let too_long = name == ErrorName::ContextTooLong || name == ErrorName::RequestTooLarge;
    ModelError {
        retry_after_ms: wait_ms.filter(|_| class == ErrorClass::Transient),
        context: too_long.then(|| context_report(fault)).flatten(),
        ..ModelError::new(class, name, message)
    }
}

/// The wait that a fault tells without headers. Instants say nothing, because no clock is at hand.
fn told_wait_ms(fault: &Fault) -> Option<u64> {
    let asked = Asked {
        header: &|_| None,
        fault,
        now_ms: None,
        is_limited: true,
    };
    asked.wait_ms()
}

fn or_else_said<'a>(fault: &'a Fault, nothing: &'a str) -> &'a str {
    if fault.message.is_empty() {
        nothing
    } else {
        &fault.message
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
