//! What an error means: its class, which decides what the engine does next, and its name.
//!
//! One table, [`RULES`], read from the top; the first rule that fits counts. Words come before statuses, because a
//! status says little: services answer 400 for a wrong key (Gemini), 404 for a model that loads, 403 and 429 for an
//! empty account, 500 for what the request did wrong. Where no rule fits, the status decides.
//!
//! The sources are the services' own pages on errors and public reports; `behaviours` holds a row of each.

use super::fault::Fault;
use super::wording::contains_any;
use crate::errors::ErrorName;
use crate::model::ErrorClass::{self, Interrupted, Permanent, Quota, Transient};

pub(super) type Verdict = (ErrorClass, ErrorName);

struct Rule {
    /// Empty: any, or none.
    statuses: &'static [u16],
    /// Any of them, in lower case, within code, type and message.
    words: &'static [&'static str],
    verdict: Verdict,
}

const fn rule(statuses: &'static [u16], words: &'static [&'static str], verdict: Verdict) -> Rule {
    Rule {
        statuses,
        words,
        verdict,
    }
}

const ANY: &[u16] = &[];

const RULES: &[Rule] = &[
    // The model wrote JSON, or a call of a tool, that the service did not accept. Another try may write better.
    rule(
        ANY,
        &[
            "json_validate_failed",
            "tool_use_failed",
            "output_parse_failed",
            "failed to generate json",
            "failed to validate json",
            "failed to call a function",
            "failed_generation",
            "malformed_function_call",
            "invalid json response",
            "json mode couldn't be met",
            "model produced invalid content",
            "model output must contain",
            "failed to parse model output",
        ],
        (Transient, ErrorName::OutputRejected),
    ),
    rule(
        &[0, 400, 413, 422, 429, 500],
        CONTEXT_WORDS,
        (Permanent, ErrorName::ContextTooLong),
    ),
    // One request larger than the tokens of a whole minute (OpenAI, Groq). Waiting does not help.
    rule(&[429], &["request too large"], (Permanent, ErrorName::RequestTooLarge)),
    // DashScope words a limit per minute as an empty account.
    rule(
        &[429],
        &["throttling", "allocated quota exceeded", "error-code#token-limit"],
        (Transient, ErrorName::RateLimited),
    ),
    rule(ANY, QUOTA_WORDS, (Quota, ErrorName::QuotaExceeded)),
    rule(
        ANY,
        &[
            "unsupported_country",
            "country, region, or territory",
            "location is not supported",
            "not available in your country",
            "not available in your region",
            "region is not supported",
        ],
        (Permanent, ErrorName::RegionNotSupported),
    ),
    rule(
        ANY,
        &[
            "content_filter",
            "content_policy",
            "contentfilter",
            "content management policy",
            "responsibleaipolicy",
            "data_inspection_failed",
            "datainspectionfailed",
            "inappropriate content",
            "prohibited_content",
            "considered high risk",
            "requires moderation",
            "content exists risk",
            "safety_check",
            "cyber_policy",
        ],
        (Permanent, ErrorName::ContentFiltered),
    ),
    rule(
        &[0, 400, 403, 404, 422, 500],
        &[
            "invalid_api_key",
            "api_key_invalid",
            "incorrect api key",
            "invalid api key",
            "api key not valid",
            "api key not found",
            "invalid authentication",
            "authentication_error",
            "unauthenticated",
            "no auth credentials",
            "missing api key",
            "api key expired",
        ],
        (Permanent, ErrorName::Unauthorized),
    ),
    // Repeating does not give the machine more memory. (A GPU that is full for the moment is a 500 as any other.)
    rule(
        ANY,
        &["requires more system memory"],
        (Permanent, ErrorName::OutOfMemory),
    ),
    rule(
        ANY,
        &[
            "loading model",
            "model is loading",
            "currently loading",
            "still loading",
            "being loaded",
            "model_loading",
            "warming up",
            "is starting up",
        ],
        (Transient, ErrorName::ModelLoading),
    ),
    // OpenRouter: no server of this model takes these parameters, though one may take fewer.
    rule(
        &[404],
        &[
            "the requested parameters",
            "that support structured",
            "that support response_format",
        ],
        (Permanent, ErrorName::BadRequest),
    ),
    rule(
        &[0, 400, 404, 422],
        &[
            "model_not_found",
            "model not found",
            "no such model",
            "model does not exist",
            "deploymentnotfound",
            "not a valid model id",
            "no endpoints found",
            "no endpoints available",
            "unknown model",
            "model not exist",
            "model_not_supported",
            "invalid model name",
            "try pulling it first",
        ],
        (Permanent, ErrorName::ModelNotFound),
    ),
    rule(
        &[0, 400, 403, 408, 409, 418, 420, 422],
        &[
            "rate_limit",
            "rate limit",
            "ratelimit",
            "too many requests",
            "toomanyrequests",
            "throttling",
            "resource_exhausted",
        ],
        (Transient, ErrorName::RateLimited),
    ),
    rule(
        &[0, 400, 403, 404, 422, 424, 429, 498, 500, 503, 529],
        OVERLOAD_WORDS,
        (Transient, ErrorName::OutOfCapacity),
    ),
    rule(
        &[0, 400, 404, 422],
        &[
            "try again later",
            "temporarily unavailable",
            "service unavailable",
            "unavailable_error",
        ],
        (Transient, ErrorName::OutOfCapacity),
    ),
    // Kinds that come without a status, in a stream.
    rule(
        &[0],
        &["timeout", "timed out", "deadline_exceeded"],
        (Transient, ErrorName::Timeout),
    ),
    rule(
        &[0],
        &[
            "server_error",
            "api_error",
            "internal error",
            "internal server error",
            "internalservererror",
        ],
        (Transient, ErrorName::ServerError),
    ),
    rule(
        &[0],
        &["permission_denied", "permission_error"],
        (Permanent, ErrorName::Forbidden),
    ),
    rule(
        &[0],
        &[
            "invalid_request_error",
            "invalid_argument",
            "badrequesterror",
            "validation_error",
            "extra_forbidden",
        ],
        (Permanent, ErrorName::BadRequest),
    ),
];

/// What ends our own invocation, in the runtime's words.
const INTERRUPTED_WORDS: &[&str] = &[
    "too many subrequests",
    "code was updated",
    "code has been updated",
    "instance is no longer active",
    "storage operation exceeded timeout which caused object to be reset",
];

/// The prompt, or the prompt and the reply that it asks for, don't fit into the model's context.
const CONTEXT_WORDS: &[&str] = &[
    "context_length_exceeded",
    "contextlengthexceeded",
    "context_window_exceeded",
    "exceed_context_size",
    "maximum context length",
    "context length is only",
    "context length of only",
    "model's context length",
    "the context length",
    "exceeds the context",
    "exceed the context",
    "exceed context",
    "exceeds context",
    "exceeds the available context",
    "exceeds the model's context",
    "context window",
    "fewer output tokens",
    "prompt is too long",
    "prompt too long",
    "prompt exceeds",
    "prompt length",
    "input is too long",
    "input length",
    "input token count",
    "model token limit",
    "reduce the length of",
    "max_seq_len",
    "max_new_tokens` must be",
    "`inputs` must have less than",
    "token limit exceeded",
    "tokens exceed",
    "tokens in the prompt",
    "range of input length",
];

/// Money or an allowance is used up, as opposed to a rate.
const QUOTA_WORDS: &[&str] = &[
    "insufficient_quota",
    "insufficient_user_quota",
    "exceeded_current_quota",
    "billing_hard_limit",
    "billing_not_active",
    "insufficient balance",
    "insufficient_balance",
    "insufficientbalance",
    "balance is insufficient",
    "balance is not enough",
    "balance is too low",
    "insufficient credit",
    "insufficient_credit",
    "insufficient funds",
    "more credits",
    "out of credits",
    "all available credits",
    "monthly included credits",
    "creditserror",
    "spending limit",
    "monthly quota",
    "arrearage",
    "accountoverdue",
    "overdue",
    "is suspended",
    "freetieronly",
    "free tier of the model",
    "free-models-per-day",
    "daily free allocation",
    "payment required",
    "payment_required",
    "余额不足",
    "欠费",
];

/// "You exceeded your current quota": an empty account, or with a wait a rate (Gemini).
const QUOTA_OR_RATE_WORDS: &[&str] = &[
    "exceeded your current quota",
    "per day",
    "(tpd)",
    "(rpd)",
    "tpd rate limit",
    "rpd rate limit",
];

/// The service is there and has no room at the moment.
const OVERLOAD_WORDS: &[&str] = &[
    "overload",
    "too busy",
    "server busy",
    "servers are busy",
    "is busy",
    "high demand",
    "high load",
    "at capacity",
    "capacity_exceeded",
    "no available capacity",
    "no capacity",
    "temporarily out of",
    "no healthy upstream",
    "queue is full",
];

/// `wait_told`: the server said when to come back, so that nothing is used up for good.
pub(super) fn classify(fault: &Fault, status: Option<u16>, wait_told: bool) -> Verdict {
    let text = fault.lower_text();
    if contains_any(&text, INTERRUPTED_WORDS) {
        return (Interrupted, ErrorName::InvocationEnded);
    }
    // Workers AI's numbers are more precise than its words.
    if let Some(verdict) = workers_ai_code(fault).and_then(workers_ai_verdict) {
        return verdict;
    }
    let known = status.unwrap_or(0);
    let fits = |rule: &&Rule| rule.statuses.is_empty() || rule.statuses.contains(&known);
    let says = |rule: &&Rule| contains_any(&text, rule.words);
    if let Some(rule) = RULES.iter().filter(fits).find(says) {
        return rule.verdict;
    }
    // A rate that lasts a day is an allowance.
    let of_a_day = fault.told("quotaId").is_some_and(|id| id.contains("PerDay"));
    let is_used_up = of_a_day || (!wait_told && contains_any(&text, QUOTA_OR_RATE_WORDS));
    match status {
        Some(402) => (Quota, ErrorName::QuotaExceeded),
        None | Some(429) if is_used_up => (Quota, ErrorName::QuotaExceeded),
        Some(status) => of_status(status, &text),
        None => (Transient, ErrorName::ProviderError),
    }
}

fn of_status(status: u16, text: &str) -> Verdict {
    match status {
        401 => (Permanent, ErrorName::Unauthorized),
        403 => (Permanent, ErrorName::Forbidden),
        404 if text.contains("model") => (Permanent, ErrorName::ModelNotFound),
        404 => (Permanent, ErrorName::NotFound),
        410 => (Permanent, ErrorName::ModelNotFound),
        413 | 431 => (Permanent, ErrorName::RequestTooLarge),
        451 => (Permanent, ErrorName::RegionNotSupported),
        400 | 405 | 406 | 411 | 415 | 422 => (Permanent, ErrorName::BadRequest),
        408 | 504 | 524 => (Transient, ErrorName::Timeout),
        420 | 429 => (Transient, ErrorName::RateLimited),
        // Groq's flex tier; Anthropic.
        498 | 529 => (Transient, ErrorName::OutOfCapacity),
        // A proxy that lost its client, a service behind the service, a conflict, a replay.
        409 | 424 | 425 | 499 => (Transient, ErrorName::HttpError),
        501 | 505 => (Permanent, ErrorName::HttpError),
        500..=599 => (Transient, ErrorName::ServerError),
        _ => (Permanent, ErrorName::HttpError),
    }
}

/// An exception of `env.AI.run` or of `fetch`.
pub(super) fn classify_thrown(fault: &Fault) -> Verdict {
    let text = fault.lower_text();
    if contains_any(&text, INTERRUPTED_WORDS) {
        return (Interrupted, ErrorName::InvocationEnded);
    }
    if let Some(verdict) = workers_ai_code(fault).and_then(workers_ai_verdict) {
        return verdict;
    }
    if text.contains("inferenceupstreamerror") || text.contains("aierror") {
        return classify(fault, None, false);
    }
    const WORDS: &[(&str, Verdict)] = &[
        ("invalid url", (Permanent, ErrorName::InvalidAddress)),
        ("aborterror", (Transient, ErrorName::Aborted)),
        ("was aborted", (Transient, ErrorName::Aborted)),
        ("timeouterror", (Transient, ErrorName::Timeout)),
        ("timed out", (Transient, ErrorName::Timeout)),
    ];
    let found = WORDS.iter().find(|(word, _)| text.contains(word));
    found.map_or((Transient, ErrorName::NetworkError), |(_, verdict)| *verdict)
}

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
        3007 | 3008 => (Transient, ErrorName::Timeout),
        3040 => (Transient, ErrorName::OutOfCapacity),
        3036 => (Quota, ErrorName::QuotaExceeded),
        3006 => (Permanent, ErrorName::RequestTooLarge),
        5021 => (Permanent, ErrorName::ContextTooLong),
        5007 | 3042 => (Permanent, ErrorName::ModelNotFound),
        3023 | 3041 | 5016 | 5018 => (Permanent, ErrorName::Forbidden),
        3003 | 3039 | 5004 | 5005 | 5006 | 5019 | 5023 | 5025 | 8001 | 8006 => (Permanent, ErrorName::BadRequest),
        // "JSON Mode couldn't be met": another try may write better, or the schema is left out (`Adaptations`).
        5024 => (Transient, ErrorName::OutputRejected),
        _ => return None,
    })
}
