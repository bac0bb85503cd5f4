//! The problem types: a schema and an example of each, and, as operations answer with several, the responses that name
//! them.

use serde_json::{Map, Value, json};

use super::events::camel_case;
use super::examples;
use super::responses::{self, Header};
use super::schemas::Schemas;
use crate::api::problem::{PROBLEM_JSON, ProblemType};

/// Adds the schema and the response of every type.
pub(super) fn add(schemas: &mut Schemas) {
    for kind in ProblemType::ALL {
        schemas.add(&schema_name(kind), schema(kind));
        shared_response(schemas, &[kind]);
    }
}

/// The responses of an operation that can fail in these ways, by status.
pub(super) fn responses_of(schemas: &mut Schemas, kinds: &[ProblemType]) -> Map<String, Value> {
    let mut statuses: Vec<u16> = kinds.iter().map(|kind| kind.status()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let of_status = |status: u16| {
        let same: Vec<ProblemType> = kinds.iter().copied().filter(|kind| kind.status() == status).collect();
        (status.to_string(), shared_response(schemas, &same))
    };
    statuses.into_iter().map(of_status).collect()
}

fn shared_response(schemas: &mut Schemas, kinds: &[ProblemType]) -> Value {
    let names: Vec<String> = kinds.iter().map(|kind| camel_case(kind.name())).collect();
    schemas.add_response(&names.join("Or"), response(kinds))
}

fn response(kinds: &[ProblemType]) -> Value {
    let reference = |kind: &ProblemType| json!({"$ref": format!("#/components/schemas/{}", schema_name(*kind))});
    let schema = match kinds {
        [only] => reference(only),
        several => json!({"oneOf": several.iter().map(reference).collect::<Vec<_>>()}),
    };
    let examples: Map<String, Value> = kinds
        .iter()
        .map(|kind| (kind.name().to_owned(), json!({"value": examples::problem(*kind)})))
        .collect();
    let titles: Vec<&str> = kinds.iter().map(|kind| kind.title()).collect();
    json!({
        "description": format!("{}.", titles.join(", or: ")),
        "headers": responses::header_references(&headers(kinds)),
        "content": {PROBLEM_JSON: {"schema": schema, "examples": examples}}
    })
}

/// A header that only some of several types bring is one that may be missing.
fn headers(kinds: &[ProblemType]) -> Vec<Header> {
    let mut headers = vec![Header::ProblemCacheControl];
    headers.extend(responses::CORS);
    for header in kinds.iter().flat_map(|kind| own_headers(*kind)) {
        if !headers.contains(header) {
            headers.push(*header);
        }
    }
    headers
}

fn own_headers(kind: ProblemType) -> &'static [Header] {
    match kind {
        ProblemType::InvalidToken => &[Header::WwwAuthenticate],
        ProblemType::MethodNotAllowed => &[Header::Allow],
        ProblemType::UnsupportedMediaType => &[Header::AcceptPost, Header::AcceptEncoding],
        ProblemType::ResultNotReady
        | ProblemType::NewerJournal
        | ProblemType::Unavailable
        | ProblemType::TooManySubscribers
        | ProblemType::InternalError => &[Header::RetryAfter],
        _ => &[],
    }
}

fn schema_name(kind: ProblemType) -> String {
    format!("Problem{}", camel_case(kind.name()))
}

fn schema(kind: ProblemType) -> Value {
    let mut properties = Map::new();
    properties.insert("type".to_owned(), json!({"const": kind.uri()}));
    properties.insert("title".to_owned(), json!({"const": kind.title()}));
    properties.insert("status".to_owned(), json!({"const": kind.status()}));
    properties.insert(
        "detail".to_owned(),
        json!({"type": "string", "description": "What to do about it, for people."}),
    );
    let mut required = vec!["type", "title", "status", "detail"];
    for (name, schema, always) in members(kind) {
        properties.insert(name.to_owned(), schema);
        if always {
            required.push(name);
        }
    }
    json!({"type": "object", "properties": properties, "required": required})
}

/// The extension members: name, schema, and whether it is always there.
fn members(kind: ProblemType) -> Vec<(&'static str, Value, bool)> {
    let field = || {
        (
            "field",
            json!({"type": "string", "description": "The field that is wrong."}),
            false,
        )
    };
    let status = || {
        (
            "status_of_workflow",
            json!({"$ref": "#/components/schemas/Status"}),
            true,
        )
    };
    let number = json!({"type": "integer", "minimum": 0});
    match kind {
        ProblemType::InvalidJson => vec![("line", number.clone(), false), ("column", number, false)],
        ProblemType::InvalidRequest => {
            let values = json!({
                "type": "array",
                "items": {"type": "string"},
                "description": "The values that the field may have."
            });
            let pointer = json!({"type": "string", "description": "The place in the schema: a JSON Pointer."});
            let keyword = json!({"type": "string", "description": "The keyword of the schema."});
            vec![
                field(),
                ("allowed", values, false),
                ("pointer", pointer, false),
                ("keyword", keyword, false),
            ]
        }
        ProblemType::InvalidPlan => vec![field()],
        ProblemType::ContextTooSmall => {
            let model = json!({"type": "string", "description": "The model that comes nearest."});
            vec![
                ("model", model, true),
                ("context_tokens", number.clone(), true),
                ("prompt_tokens", number.clone(), true),
                ("reply_tokens", number, true),
            ]
        }
        ProblemType::UnknownStep => {
            let steps = json!({
                "type": "array",
                "items": {"$ref": "#/components/schemas/StepName"},
                "description": "The steps that there are."
            });
            vec![("steps", steps, true)]
        }
        ProblemType::ControlNotAllowed => {
            let controls = json!({
                "type": "array",
                "items": {"type": "string"},
                "description": "The controls that are possible now."
            });
            vec![
                (
                    "status_of_workflow",
                    json!({"$ref": "#/components/schemas/Status"}),
                    false,
                ),
                ("allowed", controls, false),
            ]
        }
        ProblemType::ResultNotReady | ProblemType::NoResult => vec![status(), field()],
        ProblemType::NotFound => vec![field()],
        ProblemType::ContentTooLarge => vec![("limit_bytes", number, true)],
        ProblemType::TooManySubscribers => vec![("subscribers_max", number, true)],
        ProblemType::InvalidConfiguration => {
            let variables = json!({
                "type": "array",
                "items": {"type": "string"},
                "description": "The variables whose values are wrong."
            });
            vec![("variables", variables, true)]
        }
        ProblemType::InvalidToken
        | ProblemType::OriginNotAllowed
        | ProblemType::MethodNotAllowed
        | ProblemType::IdTaken
        | ProblemType::UnsupportedMediaType
        | ProblemType::IdempotencyKeyReused
        | ProblemType::InternalError
        | ProblemType::AuthNotConfigured
        | ProblemType::NewerJournal
        | ProblemType::IndexNotConfigured
        | ProblemType::Unavailable => Vec::new(),
    }
}
