//! Makes a [`ModelError`] of what a provider answered or threw. Its class decides what the engine does next.
//!
//! - *Permanent* (the next model takes over at once): 400, 401, 403, 404 and their kin, a context that is too small,
//!   refused content, Workers AI's codes for bad requests and unknown models.
//! - *Transient* (again after a pause): 408, 409, 425, 429, 5xx, networks, Workers AI's 3007, 3008, 3040, everything
//!   unknown that came without a status.
//! - *Quota* (the next model at once, no hammering): 402, `insufficient_quota` and billing, Workers AI's daily
//!   allocation 3036.
//! - *Interrupted* (not the model's failure): our own invocation ran out of subrequests or was reset by a deploy.
//!
//! Messages pass through the [`Redactor`]. Sources: Workers AI's error page, OpenAI's error guide, platform.md section
//! 5.

use super::fault::{Fault, contains_any};
use super::redact::Redactor;
use super::retry_after::retry_after_ms;
use crate::model::{ErrorClass, ModelError, Provider};

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
    let (class, name) = classify(&fault, Some(status));
    let said = if fault.message.is_empty() {
        "an empty body"
    } else {
        &fault.message
    };
    let message = match workers_ai_code(&fault) {
        Some(code) if provider == Provider::WorkersAi => format!("HTTP {status}, code {code}: {said}"),
        _ => format!("HTTP {status}: {said}"),
    };
    let retry_after_ms = match class {
        ErrorClass::Transient => retry_after_ms(header, &fault.message, now_ms),
        _ => None,
    };
    ModelError {
        class,
        name: name.to_owned(),
        message: redactor.clean(&message),
        retry_after_ms,
        usage: None,
        context: None,
    }
}

/// The error of an exception of `env.AI.run` or of `fetch`, as its text: `InferenceUpstreamError: 3040: ...`,
/// `TypeError: Network connection lost.` Without a known word it counts as the network's: transient.
pub fn error_from_thrown(message: &str, redactor: &Redactor<'_>) -> ModelError {
    let (class, name) = classify_thrown(message);
    ModelError {
        class,
        name: name.to_owned(),
        message: redactor.clean(message),
        retry_after_ms: None,
        usage: None,
        context: None,
    }
}

/// The error a provider reported within a reply of status 200. Redacted by the transport ([`Redactor::error`]).
pub(super) fn error_within_reply(fault: &Fault) -> ModelError {
    let status = fault
        .code
        .as_deref()
        .and_then(|code| code.parse::<u16>().ok())
        .filter(|code| (400..=599).contains(code));
    let (class, name) = classify(fault, status);
    let said = if fault.message.is_empty() {
        "the provider reported an error without a message"
    } else {
        &fault.message
    };
    let retry_after_ms = (class == ErrorClass::Transient)
        .then(|| retry_after_ms(&|_| None, said, 0))
        .flatten();
    ModelError {
        class,
        name: name.to_owned(),
        message: Redactor::nothing().clean(said),
        retry_after_ms,
        usage: None,
        context: None,
    }
}

/// An error of our own reading, with a bounded message.
pub(super) fn own_error(class: ErrorClass, name: &str, message: &str) -> ModelError {
    ModelError {
        class,
        name: name.to_owned(),
        message: Redactor::nothing().clean(message),
        retry_after_ms: None,
        usage: None,
        context: None,
    }
}

type Verdict = (ErrorClass, &'static str);

fn classify(fault: &Fault, status: Option<u16>) -> Verdict {
    let text = fault.lower_text();
    if contains_any(&text, INTERRUPTED_WORDS) {
        return (ErrorClass::Interrupted, "InvocationEnded");
    }
    if let Some(verdict) = workers_ai_code(fault).and_then(workers_ai_verdict) {
        return verdict;
    }
    let about_the_request = matches!(status, None | Some(400 | 413 | 422 | 500));
    if about_the_request && fault.is_context_too_long() {
        return (ErrorClass::Permanent, "ContextTooLong");
    }
    if status == Some(402) || fault.is_quota() {
        return (ErrorClass::Quota, "QuotaExceeded");
    }
    if contains_any(
        &text,
        &[
            "content_filter",
            "content_policy",
            "content management policy",
            "responsibleaipolicy",
        ],
    ) {
        return (ErrorClass::Permanent, "ContentFiltered");
    }
    // OpenAI: one request larger than the tokens of a whole minute. Waiting does not help.
    if status == Some(429) && text.contains("request too large") {
        return (ErrorClass::Permanent, "RequestTooLarge");
    }
    match status {
        Some(status) => status_verdict(status, &text),
        None => code_verdict(&text),
    }
}

fn status_verdict(status: u16, text: &str) -> Verdict {
    match status {
        401 => (ErrorClass::Permanent, "Unauthorized"),
        403 => (ErrorClass::Permanent, "Forbidden"),
        404 if text.contains("model") => (ErrorClass::Permanent, "ModelNotFound"),
        404 => (ErrorClass::Permanent, "NotFound"),
        408 => (ErrorClass::Transient, "Timeout"),
        413 => (ErrorClass::Permanent, "RequestTooLarge"),
        429 => (ErrorClass::Transient, "RateLimited"),
        400 | 405 | 415 | 422 => (ErrorClass::Permanent, "BadRequest"),
        409 | 425 => (ErrorClass::Transient, "HttpError"),
        500..=599 => (ErrorClass::Transient, "ServerError"),
        _ => (ErrorClass::Permanent, "HttpError"),
    }
}

/// For errors without a status: by the words of code and type.
fn code_verdict(text: &str) -> Verdict {
    const WORDS: &[(&str, Verdict)] = &[
        ("rate_limit", (ErrorClass::Transient, "RateLimited")),
        ("rate limit", (ErrorClass::Transient, "RateLimited")),
        ("overloaded", (ErrorClass::Transient, "ServerError")),
        ("invalid_api_key", (ErrorClass::Permanent, "Unauthorized")),
        ("model_not_found", (ErrorClass::Permanent, "ModelNotFound")),
        ("invalid_request_error", (ErrorClass::Permanent, "BadRequest")),
        ("badrequesterror", (ErrorClass::Permanent, "BadRequest")),
    ];
    let found = WORDS.iter().find(|(word, _)| text.contains(word));
    found.map_or((ErrorClass::Transient, "ProviderError"), |(_, verdict)| *verdict)
}

fn classify_thrown(message: &str) -> Verdict {
    let fault = Fault::of_body(message);
    let text = fault.lower_text();
    if contains_any(&text, INTERRUPTED_WORDS) {
        return (ErrorClass::Interrupted, "InvocationEnded");
    }
    if let Some(verdict) = workers_ai_code(&fault).and_then(workers_ai_verdict) {
        return verdict;
    }
    if text.contains("inferenceupstreamerror") || text.contains("aierror") {
        return classify(&fault, None);
    }
    const WORDS: &[(&str, Verdict)] = &[
        ("invalid url", (ErrorClass::Permanent, "BadRequest")),
        ("aborterror", (ErrorClass::Transient, "Aborted")),
        ("was aborted", (ErrorClass::Transient, "Aborted")),
        ("timeouterror", (ErrorClass::Transient, "Timeout")),
        ("timed out", (ErrorClass::Transient, "Timeout")),
    ];
    let found = WORDS.iter().find(|(word, _)| text.contains(word));
    found.map_or((ErrorClass::Transient, "NetworkError"), |(_, verdict)| *verdict)
}

/// What ends our own invocation, in the runtime's words.
const INTERRUPTED_WORDS: &[&str] = &[
    "too many subrequests",
    "code was updated",
    "code has been updated",
    "instance is no longer active",
    "storage operation exceeded timeout which caused object to be reset",
];

/// Workers AI's own code: the first known number of `code` or before a colon in the message
/// (`InferenceUpstreamError: 3040: Capacity temporarily exceeded`). A request id before a colon is not known, hence no
/// code.
pub(super) fn workers_ai_code(fault: &Fault) -> Option<u16> {
    let known = |number: &str| {
        number
            .parse::<u16>()
            .ok()
            .filter(|code| workers_ai_verdict(*code).is_some())
    };
    let in_code = fault.code.as_deref().and_then(known);
    let in_message = || {
        let before_colons = fault
            .message
            .match_indices(':')
            .filter_map(|(colon, _)| fault.message.get(..colon))
            .map(str::trim_end);
        before_colons
            .filter_map(|part| part.rsplit(|character: char| !character.is_ascii_digit()).next())
            .find_map(known)
    };
    in_code.or_else(in_message)
}

fn workers_ai_verdict(code: u16) -> Option<Verdict> {
    Some(match code {
        3007 | 3008 => (ErrorClass::Transient, "Timeout"),
        3040 => (ErrorClass::Transient, "OutOfCapacity"),
        3036 => (ErrorClass::Quota, "QuotaExceeded"),
        3006 => (ErrorClass::Permanent, "RequestTooLarge"),
        5007 | 3042 => (ErrorClass::Permanent, "ModelNotFound"),
        3023 | 3041 | 5016 | 5018 => (ErrorClass::Permanent, "Forbidden"),
        3003 | 3039 | 5004 | 5005 | 5006 | 5019 | 5023 | 5025 | 8001 | 8006 => (ErrorClass::Permanent, "BadRequest"),
        // "JSON Mode couldn't be met": the next attempt asks without it (`Adaptations`), or may simply succeed.
        5024 => (ErrorClass::Transient, "BadReply"),
        _ => return None,
    })
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
