//! The parameters of requests, in `components/parameters`.

use serde_json::{Value, json};

use super::operations::SAMPLE_ID;
use crate::api::idempotency::KEY_CHARS_MAX;
use crate::api::prefer::WAIT_SECONDS_MAX;
use crate::api::sse::type_names;
use crate::api::status_fields;
use crate::engine::show::summary::EXCERPT_CHARS;
use crate::tenant::{LIMIT_DEFAULT, LIMIT_MAX, SCAN_MAX};

pub(super) fn parameter(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// A bare key, or a quoted string of one character at least.
const KEY: &str = r#"^(?:[!#-~][ -~]*|"(?:[ !#-\[\]-~]|\\[ -~])+")$"#;

/// `components/parameters`.
pub(super) fn parameters() -> Value {
    json!({
        "id": {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {"$ref": "#/components/schemas/WorkflowId"},
            "example": SAMPLE_ID
        },
        "idAtRoot": {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {"$ref": "#/components/schemas/NewWorkflowId"},
            "example": SAMPLE_ID
        },
        "fields": {
            "name": "fields",
            "in": "query",
            "description": "Only these fields of STATUS. `steps` comes without the texts unless `steps.output` is \
                named. Wins over `simple`.",
            "style": "form",
            "explode": false,
            "schema": {"type": "array", "items": {"type": "string", "enum": status_fields::names()}, "minItems": 1},
            "example": ["status", "usage", "warnings"]
        },
        "simple": {
            "name": "simple",
            "in": "query",
            "description": "Leaves out `steps`, `prompt` and the answers of subtasks.",
            "schema": {"type": "boolean", "default": false}
        },
        "followUps": {
            "name": "follow_ups",
            "in": "query",
            "description": "Deletes the workflows that follow it up too, and theirs: up to 1,000 at a time.",
            "schema": {"type": "boolean", "default": false}
        },
        "statuses": {
            "name": "status",
            "in": "query",
            "description": "Only workflows of these statuses.",
            "style": "form",
            "explode": false,
            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Status"}, "minItems": 1},
            "example": ["running", "waiting"]
        },
        "metadata": {
            "name": "metadata.KEY",
            "in": "query",
            "description": "Only workflows that have this value in their metadata, by the name in the place of KEY. \
                Several names may be asked for.",
            "schema": {"type": "string"},
            "example": "shop"
        },
        "createdAfter": {
            "name": "created_after",
            "in": "query",
            "description": "Only workflows that were submitted after it: RFC 3339, or a date (00:00 UTC).",
            "schema": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]},
            "example": "2026-01-01"
        },
        "createdBefore": {
            "name": "created_before",
            "in": "query",
            "description": "Only workflows that were submitted before it: RFC 3339, or a date (00:00 UTC).",
            "schema": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]},
            "example": "2026-12-31T23:59:59Z"
        },
        "words": {
            "name": "q",
            "in": "query",
            "description": format!("Words, or parts of them, that all occur in the first {EXCERPT_CHARS} characters of \
                the prompt, in any case of Latin, Greek and Cyrillic letters. From one to 16. A page looks through \
                {SCAN_MAX} workflows at most."),
            "schema": {"type": "string", "pattern": "[^\\s\\u0000-\\u001f\\u007f-\\u009f]"},
            "example": "postgresql shop"
        },
        "parent": {
            "name": "parent",
            "in": "query",
            "description": "Only workflows that follow this one up, and no earlier life of its id.",
            "schema": {"$ref": "#/components/schemas/WorkflowId"},
            "example": SAMPLE_ID
        },
        "limit": {
            "name": "limit",
            "in": "query",
            "description": "The most entries of a page.",
            "schema": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}
        },
        "cursor": {
            "name": "cursor",
            "in": "query",
            "description": "The `next` of the page before.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,16}$"},
            "example": "1808639385600000"
        },
        "wait": {
            "name": "Prefer",
            "in": "header",
            "description": format!("`wait=N`: waits up to N seconds, at most {WAIT_SECONDS_MAX}, for the end of the \
                workflow (RFC 7240). Other preferences are ignored."),
            "schema": {"type": "string"},
            "example": "wait=30"
        },
        "ifNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "description": "The ETag of what the client has.",
            "schema": {"type": "string"}
        },
        "idempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": format!("The same key with the same body gives the workflow that it gave first, with any \
                other 422. Bodies are the same if they are the same JSON: white space, the order of keys, escapes and \
                `3` or `3.0` make no difference, a field that is null counts as absent, and text is the `prompt` of an \
                object. Other headers make none either. 1 to {KEY_CHARS_MAX} printable ASCII characters; quotes around \
                them are no part of the key. Not together with `id`."),
            "schema": {"type": "string", "minLength": 1, "maxLength": KEY_CHARS_MAX, "pattern": KEY},
            "example": "order-4711"
        },
        "after": {
            "name": "after",
            "in": "query",
            "description": "Only events after this one: its id, or its sequence number. One that this workflow does \
                not have means from the beginning. What can be no id is 400, other than in `Last-Event-ID`, which \
                wins.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,19}(-[0-9a-zA-Z]+)?$", "default": "0"}
        },
        "types": {
            "name": "types",
            "in": "query",
            "description": "Only these types of events. `all` are all of them. Without it, all but `answer`.",
            "style": "form",
            "explode": false,
            "schema": {"type": "array", "items": {"type": "string", "enum": type_names()}, "minItems": 1},
            "example": ["attempt_completed", "workflow_completed"]
        },
        "lastEventId": {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "The id of the last event that the client has seen, or its sequence number. Browsers send \
                it when they reconnect. An id that this workflow does not have means from the beginning, and so does \
                what can be no id, which is 400 in `after`.",
            "schema": {"type": "string"}
        }
    })
}
