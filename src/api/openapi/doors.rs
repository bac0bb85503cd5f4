//! The parts of the document that are the doors': each stands in its door's folder, written by hand, and the tests of
//! the door hold its answers against it.

use serde_json::{Map, Value};

/// A line for each door.
const DOORS: [&str; 4] = [
    include_str!("../../doors/mcp/openapi.json"),
    include_str!("../../doors/openai/openapi.json"),
    include_str!("../../doors/responses/openapi.json"),
    include_str!("../../doors/ui-stream/openapi.json"),
];

/// Adds their tags, paths and components. None may have a name that is there already.
pub(super) fn add(document: &mut Value) {
    for door in DOORS {
        let mut part: Value = match serde_json::from_str(door) {
            Ok(part) => part,
            Err(error) => panic!("the openapi.json of a door is no JSON: {error}"),
        };
        if let (Value::Array(tags), Value::Array(more)) = (&mut document["tags"], part["tags"].take()) {
            tags.extend(more);
        }
        extend(&mut document["paths"], part["paths"].take());
        for (kind, components) in members(part["components"].take()) {
            extend(&mut document["components"][kind], components);
        }
    }
}

fn extend(object: &mut Value, more: Value) {
    for (name, value) in members(more) {
        assert!(object[&name].is_null(), "{name} is there twice");
        object[name] = value;
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} should be an object"),
    }
}
