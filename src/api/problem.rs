//! Errors as clients see them: RFC 9457 `application/problem+json`.
//!
//! [`ProblemType`] is the one table of errors, with the HTTP status of each. Nothing else decides a status. A `detail`
//! says what to do. It shows a value of the request shortened (see [`shown`]), and never a secret.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::engine::words::outcome::ErrorInfo;
use crate::engine::{ControlBound, TooLong};
pub use crate::text::shown;

/// The media type of every error.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Before the name of each type. A URN, because the Worker has no home of its own that a URL could promise.
pub const TYPE_PREFIX: &str = "urn:orchestrator-workers:problem:";

/// Names and values of headers that an answer brings.
pub type Headers = Vec<(&'static str, String)>;

/// What went wrong, as a stable name. Names are never renamed or reused; new ones may join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemType {
    /// The body is not JSON; `detail` names line and column.
    InvalidJson,
    /// A field, parameter or header has a wrong value; `detail` names it and what is expected.
    InvalidRequest,
    /// The plan that the client brought has a cycle, an unknown dependency, too many tasks and the like.
    InvalidPlan,
    /// No configured model has a context that the request fits, whatever is cut or condensed of it.
    ContextTooSmall,
    /// A restart named a step that the workflow does not have.
    UnknownStep,
    /// No bearer token, or one that is not configured.
    InvalidToken,
    /// A request that changes something came from another site's page.
    OriginNotAllowed,
    /// No such path, or no workflow with that id.
    NotFound,
    MethodNotAllowed,
    /// `POST /` with the id of an existing workflow.
    IdTaken,
    /// The control can't be reached from the workflow's status.
    ControlNotAllowed,
    /// The workflow still runs: `Retry-After` says when to ask again.
    ResultNotReady,
    /// The workflow ended without an answer.
    NoResult,
    ContentTooLarge,
    UnsupportedMediaType,
    /// The idempotency key was used with another body.
    IdempotencyKeyReused,
    /// As many clients read this workflow's events as may: `Retry-After` says when to try again.
    TooManySubscribers,
    InternalError,
    /// `API_TOKENS` is not set, so that every workflow route is closed.
    AuthNotConfigured,
    /// A variable has a wrong value; `detail` names it.
    InvalidConfiguration,
    /// The workflow was written by a newer version of the code, which waits for its return.
    NewerJournal,
    /// The workflow's object can't be reached at the moment.
    Unavailable,
    /// The deployment has no object for the list of workflows.
    IndexNotConfigured,
}

impl ProblemType {
    pub const ALL: [ProblemType; 23] = [
        ProblemType::InvalidJson,
        ProblemType::InvalidRequest,
        ProblemType::InvalidPlan,
        ProblemType::ContextTooSmall,
        ProblemType::UnknownStep,
        ProblemType::InvalidToken,
        ProblemType::OriginNotAllowed,
        ProblemType::NotFound,
        ProblemType::MethodNotAllowed,
        ProblemType::IdTaken,
        ProblemType::ControlNotAllowed,
        ProblemType::ResultNotReady,
        ProblemType::NoResult,
        ProblemType::ContentTooLarge,
        ProblemType::UnsupportedMediaType,
        ProblemType::IdempotencyKeyReused,
        ProblemType::TooManySubscribers,
        ProblemType::InternalError,
        ProblemType::AuthNotConfigured,
        ProblemType::InvalidConfiguration,
        ProblemType::NewerJournal,
        ProblemType::Unavailable,
        ProblemType::IndexNotConfigured,
    ];

    /// The table: name, HTTP status, title.
    const fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            ProblemType::InvalidJson => ("invalid-json", 400, "The body is not valid JSON"),
            ProblemType::InvalidRequest => ("invalid-request", 400, "The request is not valid"),
            ProblemType::InvalidPlan => ("invalid-plan", 400, "The list of tasks is not a valid plan"),
            ProblemType::ContextTooSmall => ("context-too-small", 400, "The request fits no model's context"),
            ProblemType::UnknownStep => ("unknown-step", 400, "The workflow has no such step"),
            ProblemType::InvalidToken => ("invalid-token", 401, "A valid bearer token is needed"),
            ProblemType::OriginNotAllowed => ("origin-not-allowed", 403, "Requests from this origin are not allowed"),
            ProblemType::NotFound => ("not-found", 404, "Not found"),
            ProblemType::MethodNotAllowed => ("method-not-allowed", 405, "The method is not allowed here"),
            ProblemType::IdTaken => ("id-taken", 409, "A workflow with this id exists"),
            ProblemType::ControlNotAllowed => (
                "control-not-allowed",
                409,
                "Not possible in the workflow's present status",
            ),
            ProblemType::ResultNotReady => ("result-not-ready", 409, "The workflow has no result yet"),
            ProblemType::NoResult => ("no-result", 409, "The workflow ended without a result"),
            ProblemType::ContentTooLarge => ("content-too-large", 413, "The request is too large"),
            ProblemType::UnsupportedMediaType => ("unsupported-media-type", 415, "The media type is not supported"),
            ProblemType::IdempotencyKeyReused => (
                "idempotency-key-reused",
                422,
                "The idempotency key was used with another body",
            ),
            ProblemType::TooManySubscribers => (
                "too-many-subscribers",
                429,
                "Too many clients read the workflow's events",
            ),
            ProblemType::InternalError => ("internal-error", 500, "Internal error"),
            ProblemType::AuthNotConfigured => ("auth-not-configured", 503, "Access tokens are not configured"),
            ProblemType::InvalidConfiguration => (
                "invalid-configuration",
                503,
                "The deployment is not configured correctly",
            ),
            ProblemType::NewerJournal => ("newer-journal", 503, "The workflow was written by a newer version"),
            ProblemType::Unavailable => ("unavailable", 503, "Not available at the moment"),
            ProblemType::IndexNotConfigured => ("index-not-configured", 503, "This deployment keeps no list"),
        }
    }

    /// The last part of `type`.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    pub const fn status(self) -> u16 {
        self.row().1
    }

    pub const fn title(self) -> &'static str {
        self.row().2
    }

    pub fn uri(self) -> String {
        format!("{TYPE_PREFIX}{}", self.name())
    }
}

/// One error, with the headers that belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    kind: ProblemType,
    detail: String,
    /// In alphabetical order, each once.
    members: Vec<(&'static str, Value)>,
    headers: Headers,
}

impl Problem {
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Problem {
            kind,
            detail: detail.into(),
            members: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// An extension member (RFC 9457 section 3.2), for machines.
    pub fn with(mut self, member: &'static str, value: impl Into<Value>) -> Self {
        let at = self.members.partition_point(|(known, _)| *known < member);
        self.members.insert(at, (member, value.into()));
        self
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn retry_after(self, seconds: u32) -> Self {
        self.with_header("retry-after", seconds.to_string())
    }

    pub fn kind(&self) -> ProblemType {
        self.kind
    }

    pub fn status(&self) -> u16 {
        self.kind.status()
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Content type, caching and the headers that the problem brings.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let own = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        [("content-type", PROBLEM_JSON), ("cache-control", "no-store")]
            .into_iter()
            .chain(own)
    }

    /// The body. Cannot fail: every key is a string and every value plain JSON.
    pub fn to_json(&self) -> String {
        crate::json::text(self)
    }
}

/// The frequent ones.
impl Problem {
    pub fn invalid(detail: impl Into<String>) -> Self {
        Problem::new(ProblemType::InvalidRequest, detail)
    }

    pub fn unknown_workflow(id: &str) -> Self {
        Problem::new(ProblemType::NotFound, format!("there is no workflow {}", shown(id)))
    }

    pub fn too_large(what: &str, limit_bytes: usize) -> Self {
        Problem::new(
            ProblemType::ContentTooLarge,
            format!("{what} may have at most {limit_bytes} bytes"),
        )
        .with("limit_bytes", limit_bytes)
    }

    /// `detail` names the model that comes nearest, its limit, what was counted and the remedy.
    pub fn context_too_small(error: &TooLong) -> Self {
        Problem::new(ProblemType::ContextTooSmall, error.to_string())
            .with("model", error.model.as_str())
            .with("context_tokens", error.context_tokens)
            .with("prompt_tokens", error.prompt_tokens)
            .with("reply_tokens", error.reply_tokens)
    }

    pub fn id_taken(id: &str) -> Self {
        let detail = format!(
            "there is already a workflow {}: choose another id, or leave it out to get one",
            shown(id)
        );
        Problem::new(ProblemType::IdTaken, detail)
    }

    pub fn idempotency_key_reused() -> Self {
        Problem::new(
            ProblemType::IdempotencyKeyReused,
            "this Idempotency-Key belongs to a request with another body: send the same body, or a new key",
        )
    }

    pub fn result_not_ready(status: &str, retry_after_seconds: u32) -> Self {
        let detail = format!("the workflow is {status}: ask again later, or send Prefer: wait=60");
        Problem::new(ProblemType::ResultNotReady, detail)
            .with("status_of_workflow", status)
            .retry_after(retry_after_seconds)
    }

    pub fn no_result(status: &str, can_restart: bool) -> Self {
        let remedy = if can_restart {
            "restart it"
        } else {
            "submit a new workflow"
        };
        let detail = format!("the workflow is {status} and has no result: see its status for the reason, or {remedy}");
        Problem::new(ProblemType::NoResult, detail).with("status_of_workflow", status)
    }

    /// `allowed`: the controls that are possible in that status.
    pub fn control_not_allowed(control: &str, status: &str, allowed: &[&str]) -> Self {
        let possible = if allowed.is_empty() {
            "nothing".to_owned()
        } else {
            allowed.join(", ")
        };
        let detail = format!("cannot {control} a workflow that is {status}; possible now: {possible}");
        Problem::new(ProblemType::ControlNotAllowed, detail)
            .with("status_of_workflow", status)
            .with("allowed", allowed)
    }

    /// `allowed`: the controls that are left.
    pub fn control_at_bound(bound: &ControlBound, status: &str, allowed: &[&str]) -> Self {
        let rest = if allowed.is_empty() {
            "submit a new workflow".to_owned()
        } else {
            format!("possible now: {}", allowed.join(", "))
        };
        Problem::new(
            ProblemType::ControlNotAllowed,
            format!("{bound}; the workflow is {status}; {rest}"),
        )
        .with("status_of_workflow", status)
        .with("allowed", allowed)
    }

    /// The answer may be there as text, and no JSON that fits.
    pub fn no_structure(error: Option<&ErrorInfo>, can_restart: bool) -> Self {
        let why = error.map_or("", |error| error.message.as_str());
        let rest = if can_restart {
            " Restart it from \"failed\", or a"
        } else {
            " A"
        };
        let detail =
            format!("there is no JSON that fits output_schema: {why}{rest}sk for the text with Accept: text/markdown");
        Problem::new(ProblemType::NoResult, detail).with("status_of_workflow", "errored")
    }

    /// Only a finished answer can be gone on with.
    pub fn cannot_follow_up(id: &str, status: &str, retry_seconds: u32) -> Self {
        let ends = matches!(status, "errored" | "terminated");
        let rest = if ends {
            "it has no answer"
        } else {
            "wait until it is complete"
        };
        let detail = format!("follow_up_to is {}, which is {status}: {rest}", shown(id));
        let kind = if ends {
            ProblemType::NoResult
        } else {
            ProblemType::ResultNotReady
        };
        let problem = Problem::new(kind, detail)
            .with("field", "follow_up_to")
            .with("status_of_workflow", status);
        if ends {
            problem
        } else {
            problem.retry_after(retry_seconds)
        }
    }

    /// The same whether it never was, was deleted or belongs to somebody else.
    pub fn unknown_parent(id: &str) -> Self {
        let detail = format!("follow_up_to is {}: there is no such workflow", shown(id));
        Problem::new(ProblemType::NotFound, detail).with("field", "follow_up_to")
    }

    pub fn unknown_step(step: &str, steps: &[String]) -> Self {
        let detail = format!("there is no step {}; the steps are: {}", shown(step), steps.join(", "));
        Problem::new(ProblemType::UnknownStep, detail).with("steps", steps)
    }

    pub fn too_many_subscribers(max: usize) -> Self {
        let detail = format!(
            "{max} clients read the events of this workflow, which is as many as may: try again later, or poll \
             its status"
        );
        Problem::new(ProblemType::TooManySubscribers, detail)
            .with("subscribers_max", max)
            .retry_after(10)
    }

    pub fn newer_journal() -> Self {
        let detail = "a newer version of the code wrote this workflow; it goes on when that version is deployed again";
        Problem::new(ProblemType::NewerJournal, detail).retry_after(30)
    }

    /// No `detail` of the cause: that belongs in the log.
    pub fn internal() -> Self {
        Problem::new(
            ProblemType::InternalError,
            "something failed on our side; the workflow's journal is intact, so the request may be repeated",
        )
    }

    /// The entry asks for what this object does not know: around a deploy the two run different versions.
    pub fn newer_request() -> Self {
        Problem::new(
            ProblemType::Unavailable,
            "the workflow's object runs an older version of the code, which knows no such operation: repeat the \
             request",
        )
        .retry_after(5)
    }

    /// `binding`: the one that is missing.
    pub fn index_not_configured(binding: &str) -> Self {
        let detail = format!(
            "this deployment keeps no list of its workflows: its owner adds the binding {binding} and its migration, \
             as the configuration of this version has them, and deploys it again"
        );
        Problem::new(ProblemType::IndexNotConfigured, detail)
    }

    /// A follow-up of `id` could not be deleted, so that `id` was not either.
    pub fn follow_up_remains(id: &str, follow_up: &str) -> Self {
        let detail = format!(
            "its follow-up {follow_up} could not be deleted, so {id} was left as it is: DELETE {follow_up} says why"
        );
        Problem::new(ProblemType::Unavailable, detail).retry_after(1)
    }

    pub fn index_unavailable() -> Self {
        Problem::new(
            ProblemType::Unavailable,
            "the list of workflows could not be reached: repeat the request",
        )
        .retry_after(1)
    }

    pub fn unavailable() -> Self {
        Problem::new(
            ProblemType::Unavailable,
            "the workflow's object could not be reached: repeat the request",
        )
        .retry_after(1)
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &self.kind.uri())?;
        map.serialize_entry("title", self.kind.title())?;
        map.serialize_entry("status", &self.kind.status())?;
        map.serialize_entry("detail", &self.detail)?;
        for (member, value) in &self.members {
            map.serialize_entry(member, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_what_rfc_9457_asks_for() {
        let problem = Problem::control_not_allowed("resume", "complete", &["restart"]);
        let body: Value = serde_json::from_str(&problem.to_json()).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "urn:orchestrator-workers:problem:control-not-allowed",
                "title": "Not possible in the workflow's present status",
                "status": 409,
                "detail": "cannot resume a workflow that is complete; possible now: restart",
                "status_of_workflow": "complete",
                "allowed": ["restart"]
            })
        );
        assert!(
            problem
                .headers()
                .any(|header| header == ("content-type", "application/problem+json"))
        );
    }

    #[test]
    fn every_type_has_a_name_of_its_own_and_an_error_status() {
        let mut names: Vec<_> = ProblemType::ALL.iter().map(|kind| kind.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ProblemType::ALL.len());
        assert!(ProblemType::ALL.iter().all(|kind| (400..600).contains(&kind.status())));
    }

    #[test]
    fn the_table_is_complete() {
        // The last variant: a new one behind it or between makes the numbers differ.
        assert_eq!(ProblemType::ALL.len(), ProblemType::IndexNotConfigured as usize + 1);
    }

    #[test]
    fn a_restart_is_advised_only_where_it_is_possible() {
        assert!(Problem::no_result("errored", true).detail().ends_with("or restart it"));
        assert!(!Problem::no_result("errored", false).detail().contains("restart"));
    }

    #[test]
    fn retry_after_becomes_a_header() {
        let problem = Problem::result_not_ready("running", 2);
        assert!(problem.headers().any(|header| header == ("retry-after", "2")));
        assert_eq!(problem.status(), 409);
    }

    #[test]
    fn what_is_shown_of_a_value_is_bounded_and_on_one_line() {
        assert_eq!(shown("a\nb"), r#""a\nb""#);
        assert!(shown(&"é".repeat(10_000)).chars().count() < 100);
    }
}
