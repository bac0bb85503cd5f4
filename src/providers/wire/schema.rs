//! A JSON Schema as OpenAI's strict mode wants it.
//!
//! Strict mode (OpenAI's structured outputs guide) demands an object at the root, and `additionalProperties: false` and
//! every property `required` on each object. It knows a subset of the keywords and answers any other with a 400.
//! Requiring more only narrows what the model may say, and dropping limits of size only leaves them to the validation
//! of the reply, so both are safe. llama.cpp's grammars gain as well, because large `maxLength` or `maxItems` don't
//! compile there.

use serde_json::{Map, Value};

use crate::json;

/// Deeper schemas are sent unchanged and not strict (OpenAI allows ten levels).
const DEPTH_MAX: usize = 10;

/// Keywords that limit values. Dropped: OpenAI, Azure and the compatible servers each know another part of them.
const LIMITS: &[&str] = &[
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
    "examples",
    "$schema",
    "$id",
    "$comment",
];
/// Keywords that may stay. With any other the schema can't be made strict.
const KEPT: &[&str] = &["type", "title", "description", "enum", "const"];

/// The strict form of `schema`, or None where it has none. `may_require`: properties that need not be there may become
/// required. In a schema of the user's a model would have to make them up.
pub(super) fn strict_schema(schema: &Value, may_require: bool) -> Option<Value> {
    let strict = strict_node(schema, may_require, 0)?;
    (is_object(strict.get("type"))).then_some(strict)
}

fn strict_node(schema: &Value, may_require: bool, depth: usize) -> Option<Value> {
    if depth > DEPTH_MAX {
        return None;
    }
    let mut strict = Map::new();
    for (keyword, value) in schema.as_object()? {
        let value = match keyword.as_str() {
            "required" | "additionalProperties" if is_closed_or_absent(keyword, value) => continue,
            "properties" | "$defs" => strict_map(value, may_require, depth)?,
            "items" => strict_node(value, may_require, depth + 1)?,
            "anyOf" => Value::Array(
                value
                    .as_array()?
                    .iter()
                    .map(|option| strict_node(option, may_require, depth + 1))
                    .collect::<Option<_>>()?,
            ),
            "$ref" if value.as_str().is_some_and(|path| path.starts_with('#')) => value.clone(),
            name if KEPT.contains(&name) => value.clone(),
            name if LIMITS.contains(&name) => continue,
            _ => return None,
        };
        strict.insert(keyword.clone(), value);
    }
    if is_object(strict.get("type")) {
        let properties = strict.get("properties")?.as_object()?;
        let order = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &String| order.is_some_and(|names| names.iter().any(|other| other == name));
        if !may_require && !properties.keys().all(is_required) {
            return None;
        }
        let names: Vec<Value> = in_order(properties, order)
            .map(|(name, _)| name.as_str().into())
            .collect();
        strict.insert("required".into(), Value::Array(names));
        strict.insert("additionalProperties".into(), Value::Bool(false));
    }
    Some(Value::Object(strict))
}

/// A body as it is sent. A model with structured output writes the fields in the order of the schema's properties. Here
/// that is the order of `required`, because our maps are in the order of their keys.
pub(super) fn body_text(body: &Value) -> String {
    let mut text = String::new();
    push(&mut text, body, None);
    text
}

fn push(text: &mut String, value: &Value, order: Option<&Vec<Value>>) {
    match value {
        Value::Object(members) => {
            text.push('{');
            for (index, (name, value)) in in_order(members, order).enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                text.push_str(&json::text(name));
                text.push(':');
                let properties = (name == "properties").then(|| members.get("required"));
                push(text, value, properties.flatten().and_then(Value::as_array));
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                push(text, item, None);
            }
            text.push(']');
        }
        plain => text.push_str(&json::text(plain)),
    }
}

/// The members that `order` names, each once, then the others.
fn in_order<'a>(
    members: &'a Map<String, Value>,
    order: Option<&'a Vec<Value>>,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let order = order.map(Vec::as_slice).unwrap_or_default();
    let place = move |name: &str| order.iter().position(|ordered| ordered == name);
    let is_first = move |index: usize, name: &str| place(name) == Some(index);
    let ordered = order.iter().enumerate().filter_map(move |(index, name)| {
        let name = name.as_str().filter(|name| is_first(index, name))?;
        members.get_key_value(name)
    });
    ordered.chain(members.iter().filter(move |(name, _)| place(name).is_none()))
}

fn is_object(kind: Option<&Value>) -> bool {
    kind.and_then(Value::as_str) == Some("object")
}

/// `additionalProperties` with a schema describes a map, which strict mode does not have.
fn is_closed_or_absent(keyword: &str, value: &Value) -> bool {
    keyword == "required" || value.is_boolean()
}

fn strict_map(schemas: &Value, may_require: bool, depth: usize) -> Option<Value> {
    let mut map = Map::new();
    for (name, schema) in schemas.as_object()? {
        map.insert(name.clone(), strict_node(schema, may_require, depth + 1)?);
    }
    Some(Value::Object(map))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plan_schema_becomes_strict() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["tasks"],
            "properties": {
                "analysis": {"type": "string", "maxLength": 9},
                "tasks": {"type": "array", "minItems": 1, "maxItems": 50, "items": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "pattern": "^[a-z]$"},
                        "depends_on": {"type": "array", "items": {"type": "string"}},
                    },
                }},
            },
        });
        let expected = json!({
            "type": "object", "required": ["tasks", "analysis"], "additionalProperties": false,
            "properties": {
                "analysis": {"type": "string"},
                "tasks": {"type": "array", "items": {
                    "type": "object", "required": ["depends_on", "id"], "additionalProperties": false,
                    "properties": {
                        "id": {"type": "string"},
                        "depends_on": {"type": "array", "items": {"type": "string"}},
                    },
                }},
            },
        });
        assert_eq!(strict_schema(&schema, true), Some(expected));
    }

    #[test]
    fn a_property_named_like_a_keyword_is_a_property() {
        let schema =
            json!({"type": "object", "properties": {"format": {"type": "string"}, "oneOf": {"type": "string"}}});
        let strict = strict_schema(&schema, true).expect("strict");
        assert_eq!(strict["required"], json!(["format", "oneOf"]));
    }

    #[test]
    fn what_strict_mode_can_not_say_is_not_strict() {
        for schema in [
            json!({"type": "array", "items": {"type": "string"}}),
            json!({"type": "object", "properties": {}, "additionalProperties": {"type": "string"}}),
            json!({"type": "object", "properties": {}, "oneOf": []}),
            json!({"type": "object", "properties": {"a": {"allOf": []}}}),
            json!({"type": "object"}),
            json!({"type": "object", "properties": {"a": {"$ref": "https://elsewhere"}}}),
            json!(true),
        ] {
            assert_eq!(strict_schema(&schema, true), None, "{schema}");
        }
        let deep = (0..20).fold(
            json!({"type": "string"}),
            |inner, _| json!({"type": "array", "items": inner}),
        );
        assert_eq!(
            strict_schema(&json!({"type": "object", "properties": {"a": deep}}), true),
            None
        );
    }

    #[test]
    fn the_properties_of_a_schema_are_sent_in_the_order_of_its_required() {
        let schema = json!({
            "type": "object",
            "properties": {
                "a": {"type": "object", "properties": {"c": {"type": "string"}, "d": {"type": "string"}},
                    "required": ["d", "c"]},
                "b": {"type": "string"},
                "m": {"type": "string"}
            },
            "required": ["m", "b", "m", "gone"]
        });
        let strict = strict_schema(&schema, true).expect("strict");
        assert_eq!(strict["required"], json!(["m", "b", "a"]));
        let body = json!({"required": 1, "list": [schema, strict, {}, []], "text": "\"properties\": é\n"});
        let text = body_text(&body);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), body);
        assert_eq!(
            text.matches(r#""properties":{"m":{"type":"string"},"b":{"type":"string"},"a":"#)
                .count(),
            2
        );
        assert_eq!(
            text.matches(r#""properties":{"d":{"type":"string"},"c":{"type":"string"}}"#)
                .count(),
            2
        );
        // Everything else is as it would be.
        let plain = json!({"b": [1, null, {"x": 0.5}], "a": {"properties": {"z": 1, "y": 2}}});
        assert_eq!(body_text(&plain), json::text(&plain));
    }

    #[test]
    fn references_and_choices_stay() {
        let schema = json!({
            "type": "object",
            "properties": {"a": {"anyOf": [{"$ref": "#/$defs/x"}, {"type": "null"}]}},
            "$defs": {"x": {"enum": [1]}},
        });
        let strict = strict_schema(&schema, true).expect("strict");
        assert_eq!(strict["properties"]["a"]["anyOf"][0]["$ref"], "#/$defs/x");
    }

    #[test]
    fn a_property_that_need_not_be_there_is_not_made_up() {
        let schema = |required| {
            json!({
                "type": "object",
                "required": required,
                "properties": {"a": {"type": "string"}, "b": {"type": "string"}}
            })
        };
        assert_eq!(strict_schema(&schema(json!(["a"])), false), None);
        assert!(strict_schema(&schema(json!(["a", "b"])), false).is_some());
        assert!(strict_schema(&schema(json!(["a"])), true).is_some());
    }
}
