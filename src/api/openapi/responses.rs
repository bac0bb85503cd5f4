//! The headers of answers, and answers other than problems.

use serde_json::{Map, Value, json};

use super::schemas::Schemas;
use crate::api::cors::{EXPOSED_HEADERS, VARY, VARY_BY_ACCEPT};
use crate::api::page::PAGE_HEADERS;
use crate::api::prefer::WAIT_SECONDS_MAX;
use crate::api::problem::ProblemType;
use crate::api::views::{ANSWER_HEADERS, STREAM_HEADERS, StatusForm, etag};

/// A header of `components/headers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    CacheControl,
    ContentTypeOptions,
    ProblemCacheControl,
    StreamCacheControl,
    AccelBuffering,
    Etag,
    Location,
    LocationAtRoot,
    PreferenceApplied,
    RetryAfter,
    WwwAuthenticate,
    Allow,
    AcceptPost,
    AcceptEncoding,
    Vary,
    AllowOrigin,
    ExposeHeaders,
    AllowMethods,
    AllowHeaders,
    MaxAge,
    PageCacheControl,
    PageEtag,
    ContentSecurityPolicy,
    ReferrerPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
}

/// What every answer brings.
pub(super) const ANSWER: [Header; 2] = [Header::CacheControl, Header::ContentTypeOptions];
/// What an event stream brings, and an answer that may be one.
pub(super) const STREAM: [Header; 3] = [
    Header::StreamCacheControl,
    Header::AccelBuffering,
    Header::ContentTypeOptions,
];
/// What an answer brings where it was asked for by a page of an allowed origin; Vary always.
pub(super) const CORS: [Header; 3] = [Header::Vary, Header::AllowOrigin, Header::ExposeHeaders];
/// What an answer brings that may be the console's page.
pub(super) const JSON_OR_PAGE: [Header; 7] = [
    Header::PageCacheControl,
    Header::ContentTypeOptions,
    Header::ContentSecurityPolicy,
    Header::ReferrerPolicy,
    Header::CrossOriginOpenerPolicy,
    Header::CrossOriginResourcePolicy,
    Header::PermissionsPolicy,
];
pub(super) const PREFLIGHT: [Header; 3] = [Header::AllowMethods, Header::AllowHeaders, Header::MaxAge];

impl Header {
    const ALL: [Header; 27] = [
        Header::CacheControl,
        Header::ContentTypeOptions,
        Header::ProblemCacheControl,
        Header::StreamCacheControl,
        Header::AccelBuffering,
        Header::Etag,
        Header::Location,
        Header::LocationAtRoot,
        Header::PreferenceApplied,
        Header::RetryAfter,
        Header::WwwAuthenticate,
        Header::Allow,
        Header::AcceptPost,
        Header::AcceptEncoding,
        Header::Vary,
        Header::AllowOrigin,
        Header::ExposeHeaders,
        Header::AllowMethods,
        Header::AllowHeaders,
        Header::MaxAge,
        Header::PageCacheControl,
        Header::PageEtag,
        Header::ContentSecurityPolicy,
        Header::ReferrerPolicy,
        Header::CrossOriginOpenerPolicy,
        Header::CrossOriginResourcePolicy,
        Header::PermissionsPolicy,
    ];

    fn name(self) -> &'static str {
        match self {
            Header::CacheControl
            | Header::ProblemCacheControl
            | Header::StreamCacheControl
            | Header::PageCacheControl => "Cache-Control",
            Header::AccelBuffering => "X-Accel-Buffering",
            Header::ContentTypeOptions => "X-Content-Type-Options",
            Header::Etag | Header::PageEtag => "ETag",
            Header::ContentSecurityPolicy => "Content-Security-Policy",
            Header::ReferrerPolicy => "Referrer-Policy",
            Header::CrossOriginOpenerPolicy => "Cross-Origin-Opener-Policy",
            Header::CrossOriginResourcePolicy => "Cross-Origin-Resource-Policy",
            Header::PermissionsPolicy => "Permissions-Policy",
            Header::Location | Header::LocationAtRoot => "Location",
            Header::PreferenceApplied => "Preference-Applied",
            Header::RetryAfter => "Retry-After",
            Header::WwwAuthenticate => "WWW-Authenticate",
            Header::Allow => "Allow",
            Header::AcceptPost => "Accept-Post",
            Header::AcceptEncoding => "Accept-Encoding",
            Header::Vary => "Vary",
            Header::AllowOrigin => "Access-Control-Allow-Origin",
            Header::ExposeHeaders => "Access-Control-Expose-Headers",
            Header::AllowMethods => "Access-Control-Allow-Methods",
            Header::AllowHeaders => "Access-Control-Allow-Headers",
            Header::MaxAge => "Access-Control-Max-Age",
        }
    }

    /// Description, schema, and whether the answers that name it always bring it.
    fn describe(self) -> (&'static str, Value, bool) {
        let text = json!({"type": "string"});
        let [nosniff, cache_control] = ANSWER_HEADERS.map(|(_, value)| json!({"const": value}));
        let [stream_cache_control, accel_buffering] = STREAM_HEADERS.map(|(_, value)| value);
        let accel_buffering = json!({"const": accel_buffering});
        match self {
            Header::CacheControl => ("A status is only as good as its last check.", cache_control, true),
            Header::ContentTypeOptions => (
                "The content type is what it says: an answer of a model is no page.",
                nosniff,
                true,
            ),
            Header::ProblemCacheControl => ("No error is kept.", json!({"const": "no-store"}), true),
            Header::StreamCacheControl => (
                "Of the answer or of the event stream, which nobody may keep or change.",
                json!({"enum": [cache_control["const"], stream_cache_control]}),
                true,
            ),
            Header::AccelBuffering => (
                "Of the event stream: tells a proxy to pass it on as it comes.",
                accel_buffering,
                false,
            ),
            Header::Etag => (
                "Changes with the workflow. Send it as If-None-Match.",
                json!({"type": "string", "examples": [etag("0", 12, &StatusForm::Full)]}),
                true,
            ),
            Header::Location => (
                "The path of the workflow.",
                json!({"type": "string", "pattern": "^/workflows/[a-zA-Z0-9_-]+$", "examples": ["/workflows/w1"]}),
                true,
            ),
            Header::LocationAtRoot => (
                "The path of the workflow at the root.",
                json!({"type": "string", "pattern": "^/[a-zA-Z0-9_-]+$", "examples": ["/w1"]}),
                true,
            ),
            Header::PreferenceApplied => (
                "What was granted of `Prefer`.",
                json!({"type": "string", "pattern": "^wait=[0-9]+$", "examples": [format!("wait={WAIT_SECONDS_MAX}")]}),
                false,
            ),
            Header::RetryAfter => (
                "Seconds after which to ask again.",
                json!({"type": "integer", "minimum": 0}),
                false,
            ),
            Header::WwwAuthenticate => ("RFC 6750.", json!({"type": "string", "pattern": "^Bearer "}), true),
            Header::Allow => ("The methods that the path has.", text, true),
            Header::AcceptPost => (
                "The media types that are understood, where that was the cause.",
                text,
                false,
            ),
            Header::AcceptEncoding => (
                "The content codings that are understood, where that was the cause: none.",
                json!({"const": "identity"}),
                false,
            ),
            Header::Vary => (
                "Which headers of the request change the answer's, for caches: `Origin`, and `Accept` where a browser \
                    gets the console.",
                json!({"enum": [VARY, VARY_BY_ACCEPT]}),
                true,
            ),
            Header::AllowOrigin => (
                "The origin whose page may read the answer; only where the deployment allows it.",
                text,
                false,
            ),
            Header::ExposeHeaders => (
                "The headers that the page may read.",
                json!({"const": EXPOSED_HEADERS}),
                false,
            ),
            Header::AllowMethods => ("The methods that the page may use.", text, false),
            Header::AllowHeaders => ("The headers that the page may send.", text, false),
            Header::PageCacheControl => {
                let [_, (_, answer)] = ANSWER_HEADERS;
                (
                    "Of the JSON or of the page.",
                    json!({"enum": [answer, page_header("cache-control")]}),
                    true,
                )
            }
            Header::PageEtag => (
                "Of the JSON: changes with the workflow. Send it as If-None-Match.",
                text,
                false,
            ),
            Header::ContentSecurityPolicy
            | Header::ReferrerPolicy
            | Header::CrossOriginOpenerPolicy
            | Header::CrossOriginResourcePolicy
            | Header::PermissionsPolicy => (
                "Of the page.",
                json!({"const": page_header(&self.name().to_ascii_lowercase())}),
                false,
            ),
            Header::MaxAge => (
                "Seconds for which a browser may remember this.",
                json!({"type": "integer"}),
                false,
            ),
        }
    }
}

fn page_header(name: &str) -> &'static str {
    let header = PAGE_HEADERS.iter().find(|(own, _)| *own == name);
    header.map_or("", |(_, value)| value)
}

/// `components/headers`.
pub(super) fn headers() -> Value {
    let described = |header: Header| {
        let (description, schema, required) = header.describe();
        (
            format!("{header:?}"),
            json!({"description": description, "schema": schema, "required": required}),
        )
    };
    Value::Object(Header::ALL.into_iter().map(described).collect())
}

/// The `headers` of a response.
pub(super) fn header_references(headers: &[Header]) -> Value {
    let reference = |header: &Header| {
        (
            header.name().to_owned(),
            json!({"$ref": format!("#/components/headers/{header:?}")}),
        )
    };
    Value::Object(headers.iter().map(reference).collect())
}

/// What an operation can answer: successes as they are added, then its problems.
#[derive(Default)]
pub(super) struct Responses(Map<String, Value>);

impl Responses {
    /// `content`: the media types of the body, none where it has none.
    pub fn with(mut self, status: u16, description: &str, headers: &[Header], content: Value) -> Self {
        let mut all: Vec<Header> = headers.to_vec();
        all.extend(CORS);
        let mut response = json!({"description": description, "headers": header_references(&all)});
        if content.as_object().is_some_and(|content| !content.is_empty()) {
            response["content"] = content;
        }
        self.0.insert(status.to_string(), response);
        self
    }

    pub fn problems(mut self, schemas: &mut Schemas, kinds: &[ProblemType]) -> Value {
        self.0.extend(super::problems::responses_of(schemas, kinds));
        Value::Object(self.0)
    }
}
