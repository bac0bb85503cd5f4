//! The schemas and examples of server-sent events: one schema for each event's `data`.

use serde_json::{Map, Value, json};

use super::examples;
use super::schemas::Schemas;
use crate::api::sse::{ANSWER, AnswerData, DELTA, DeltaData, PRIVATE_SPEC_FIELDS, event_frame};
use crate::engine::Event;
use crate::engine::words::time::Iso8601;

/// The content of an answer that streams events.
///
/// OpenAPI 3.1 describes no streams of events. Some tools hold the schema against the whole text, others against each
/// event as an object of its fields, so the schema is either of the two. `x-events` gives the schema of the `data` of
/// each event by its name.
pub(super) fn content(schemas: &mut Schemas) -> Value {
    let example: String = examples::story()
        .iter()
        .take(3)
        .map(|recorded| event_frame(recorded, examples::LIFE))
        .collect();
    let events = by_name(schemas);
    let names: Vec<&String> = events.keys().collect();
    json!({
        "schema": {
            "anyOf": [
                { "type": "string", "contentMediaType": "text/event-stream" },
                {
                    "type": "object",
                    "properties": {
                        "id": { "type": "string", "pattern": "^[1-9][0-9]*-[0-9a-f]{8}$" },
                        "event": { "enum": names },
                        "data": { "type": "string", "contentMediaType": "application/json" },
                        "retry": { "type": "integer" }
                    },
                    "required": ["event", "data"],
                    "additionalProperties": false
                }
            ],
            "description": "Server-sent events. `event` is the type, `data` one JSON object. The `id` of a journaled \
                            event is its sequence number, a hyphen and a name of the workflow's life, because an id \
                            may be deleted and used again: resume after the whole of it. `delta` and `answer` have no \
                            id: they are live only. The stream ends after `workflow_completed`, `workflow_errored` or \
                            `workflow_terminated`, and without a last event where the workflow is deleted."
        },
        "example": example,
        "x-events": events
    })
}

/// Event name to a reference to the schema of its data.
fn by_name(schemas: &mut Schemas) -> Map<String, Value> {
    let mut references = Map::new();
    for (name, schema) in event_schemas(schemas) {
        let title = format!("Event{}", camel_case(&name));
        references.insert(name, schemas.add(&title, schema));
    }
    references.insert(DELTA.to_owned(), schemas.of_answer::<DeltaData>());
    schemas.of_answer::<AnswerData>();
    let mut answer = schemas.take("AnswerText");
    answer.insert(
        "examples".to_owned(),
        json!([AnswerData::from(&examples::live_answer())]),
    );
    references.insert(ANSWER.to_owned(), schemas.add("AnswerText", answer.into()));
    references
}

/// The variants of [`Event`], each with the `seq` and `at` that [`event_frame`] adds, and without what it leaves out.
fn event_schemas(schemas: &mut Schemas) -> Vec<(String, Value)> {
    schemas.of_answer::<Event>();
    let variants = match schemas.take("Event").remove("oneOf") {
        Some(Value::Array(variants)) => variants,
        _ => Vec::new(),
    };
    let mut spec = schemas.take("WorkflowSpec");
    for private in PRIVATE_SPEC_FIELDS {
        remove_property(&mut spec, private);
    }
    schemas.add("WorkflowSpec", spec.into());
    let at = schemas.of_answer::<Iso8601>();
    variants.into_iter().map(|variant| with_place(variant, &at)).collect()
}

fn with_place(mut schema: Value, at: &Value) -> (String, Value) {
    let name = schema["properties"]["type"]["const"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    schema["properties"]["seq"] = json!({
        "type": "integer",
        "minimum": 1,
        "description": "The number of the event in the journal, from 1 without gaps."
    });
    schema["properties"]["at"] = at.clone();
    if let Some(required) = schema["required"].as_array_mut() {
        required.extend(["seq".into(), "at".into()]);
    }
    if let Some(example) = examples::event_data(&name) {
        schema["examples"] = json!([example]);
    }
    (name, schema)
}

fn remove_property(schema: &mut Map<String, Value>, name: &str) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.remove(name);
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|field| field != name);
    }
}

pub(super) fn camel_case(words: &str) -> String {
    let capitalised = |word: &str| {
        word.chars()
            .take(1)
            .flat_map(char::to_uppercase)
            .chain(word.chars().skip(1))
            .collect::<String>()
    };
    words.split(['_', '-']).map(capitalised).collect()
}
