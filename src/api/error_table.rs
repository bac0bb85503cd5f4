//! `docs/errors.md`: what can go wrong, and what to do. Native only: nothing of it is in the WebAssembly.
//!
//! [`document`] is made from the two tables that answer with these names: [`ProblemType`] for requests, [`ErrorName`]
//! for calls, steps and workflows. A test fails where the committed file is another; `npm run openapi` writes it anew.

use super::problem::ProblemType;
use crate::errors::ErrorName;

const HEAD: &str = "\
# Errors

Made from the code by `npm run openapi`; edit `src/errors.rs` and `src/api/error_table.rs` instead.

## Of requests

A request that fails is answered with `application/problem+json` (RFC 9457). `type` is \
`urn:orchestrator-workers:problem:` and the name below, and `detail` says what is wrong with this request and what to \
do. Names are stable: new ones may join.

| problem | status | what happened | what to do |
| --- | ---: | --- | --- |
";

const ERRORS: &str = "
## Of calls, steps and workflows

`error.name` of a workflow, a step or an attempt in STATUS and in the events. `error.message` says what happened in \
this case: the model, the limit that was reached, the server's own words. An attempt that fails is repeated where that \
can help, up to five times over all models of the list; only what ends a step or the workflow needs you. The message \
of such an error ends with what to do.

| error | what happened | what to do |
| --- | --- | --- |
";

/// The whole file.
pub fn document() -> String {
    let mut text = HEAD.to_owned();
    for kind in ProblemType::ALL {
        let (happened, remedy) = told(kind);
        text += &format!("| `{}` | {} | {happened} | {remedy} |\n", kind.name(), kind.status());
    }
    text += ERRORS;
    let mut names = ErrorName::ALL.to_vec();
    names.sort_unstable_by_key(|name| name.as_str());
    for name in names {
        text += &format!("| `{name}` | {} | {} |\n", name.happened(), name.remedy());
    }
    text
}

/// What happened, and what to do about it.
const fn told(kind: ProblemType) -> (&'static str, &'static str) {
    match kind {
        ProblemType::InvalidJson => (
            "The body is not JSON",
            "mend the body at the line and column that `detail` names",
        ),
        ProblemType::InvalidRequest => (
            "A field, a parameter or a header has a wrong value",
            "`detail` names it and what is expected",
        ),
        ProblemType::InvalidPlan => (
            "The list of tasks has a cycle, an unknown dependency, two tasks alike, or is too long",
            "mend the tasks that `detail` names",
        ),
        ProblemType::ContextTooSmall => (
            "The request can't be answered on the configured models: it does not fit their contexts, however it is cut",
            "shorten what `detail` names, or configure a model with a larger context",
        ),
        ProblemType::UnknownStep => (
            "A restart names a step that the workflow does not have",
            "choose one of `steps`",
        ),
        ProblemType::InvalidToken => (
            "The request has no bearer token, or one that is not configured",
            "send `Authorization: Bearer TOKEN` with one of `API_TOKENS`",
        ),
        ProblemType::OriginNotAllowed => (
            "A request that changes something came from the page of another site",
            "name the site in `ALLOWED_ORIGINS` if it may",
        ),
        ProblemType::NotFound => (
            "There is no such path, or no workflow with this id (of this token's tenant)",
            "check the id; a workflow is deleted `RETENTION_DAYS` after its end",
        ),
        ProblemType::MethodNotAllowed => ("The path does not have this method", "use one of the header `Allow`"),
        ProblemType::IdTaken => (
            "A workflow with this id exists",
            "choose another id, or leave it out; to repeat a request safely send an `Idempotency-Key` instead",
        ),
        ProblemType::ControlNotAllowed => (
            "The control is not possible in the workflow's present status, or a bound of it is reached",
            "`allowed` lists what is possible",
        ),
        ProblemType::ResultNotReady => (
            "The workflow still runs",
            "ask again after `Retry-After`, or send `Prefer: wait=60`",
        ),
        ProblemType::NoResult => (
            "The workflow ended without an answer",
            "its status has the reason in `error`",
        ),
        ProblemType::ContentTooLarge => ("The body, the prompt or a header is too large", "keep to `limit_bytes`"),
        ProblemType::UnsupportedMediaType => (
            "The body has a media type or a content coding that is not read",
            "send `application/json`, `text/plain` or `text/markdown`, uncompressed",
        ),
        ProblemType::IdempotencyKeyReused => (
            "The idempotency key belongs to a request with another body",
            "send the same body, or a new key",
        ),
        ProblemType::TooManySubscribers => (
            "As many clients read this workflow's events as may",
            "try again after `Retry-After`, or poll the status",
        ),
        ProblemType::InternalError => (
            "Something failed on our side; the journal is intact",
            "repeat the request, and report it with the log's line if it stays",
        ),
        ProblemType::AuthNotConfigured => (
            "`API_TOKENS` is not set, so that the workflow routes are closed",
            "run the command that `detail` names",
        ),
        ProblemType::InvalidConfiguration => (
            "A variable of the deployment has a wrong value",
            "mend the variable that `detail` names",
        ),
        ProblemType::NewerJournal => (
            "A newer version of the code wrote the workflow",
            "deploy that version again; the workflow waits for it",
        ),
        ProblemType::IndexNotConfigured => (
            "The deployment has no binding for the list of workflows",
            "add the binding and the migration that `detail` names, and deploy again",
        ),
        ProblemType::Unavailable => (
            "The workflow's object can't be reached at the moment, or the list",
            "repeat the request after `Retry-After`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// `UPDATE_OPENAPI=1`, which is `npm run openapi`, writes it anew.
    #[test]
    fn the_committed_document_of_errors_is_what_the_tables_say() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
        let generated = document();
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(&file, &generated).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            committed == generated,
            "docs/errors.md is out of date: run `npm run openapi` and commit it"
        );
    }

    #[test]
    fn every_row_says_what_happened_and_what_to_do() {
        let rows = ErrorName::ALL.iter().map(|name| (name.happened(), name.remedy()));
        for (happened, remedy) in rows.chain(ProblemType::ALL.into_iter().map(told)) {
            assert!(
                happened.starts_with(|first: char| first.is_uppercase() || first == '`'),
                "{happened}"
            );
            assert!(
                !remedy.is_empty() && remedy.starts_with(|first: char| !first.is_uppercase()),
                "{remedy}"
            );
            assert!(
                [happened, remedy]
                    .iter()
                    .all(|text| !text.ends_with('.') && !text.contains('|'))
            );
        }
    }
}
