//! The JSON that the demo makes of an answer: the least that a schema allows, and nothing invented. Texts say that no
//! model was called. A schema that needs more than this makes is answered with what does not fit, and that is said.

use serde_json::{Map, Value};

use super::NOTICE;
use crate::json;

/// A schema may refer to itself.
const DEPTH_MAX: usize = 12;
/// The longest list, and the longest text, that a schema can ask for.
const COUNT_MAX: u64 = 100;

/// `spoilt`: the reply is no JSON.
pub(super) fn reply(schema: &Value, spoilt: bool) -> String {
    if spoilt {
        return format!("{NOTICE} A model would have written JSON here; the demo was asked for prose.");
    }
    json::text(&least(schema, schema, 0))
}

fn least(schema: &Value, root: &Value, depth: usize) -> Value {
    let Some(keywords) = schema.as_object().filter(|_| depth < DEPTH_MAX) else {
        return Value::Null;
    };
    let get = |keyword: &str| keywords.get(keyword);
    if let Some(value) = get("const") {
        return value.clone();
    }
    if let Some(value) = get("enum").and_then(Value::as_array).and_then(|values| values.first()) {
        return value.clone();
    }
    let within = |schema: &Value| least(schema, root, depth + 1);
    if let Some(target) = get("$ref")
        .and_then(Value::as_str)
        .and_then(|place| pointed(root, place))
    {
        return within(target);
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(first) = get(keyword).and_then(Value::as_array).and_then(|list| list.first())
            && get("type").is_none()
        {
            return within(first);
        }
    }
    let count = |keyword: &str| get(keyword).and_then(Value::as_u64).unwrap_or(0).min(COUNT_MAX);
    match type_of(keywords) {
        "object" => {
            let mut object = Map::new();
            let names = get("required").and_then(Value::as_array);
            for name in names.into_iter().flatten().filter_map(Value::as_str) {
                let schema = get("properties").and_then(|properties| properties.get(name));
                object.insert(name.to_owned(), schema.map_or(Value::Null, within));
            }
            Value::Object(object)
        }
        "array" => {
            let fixed = get("prefixItems").and_then(Value::as_array);
            let mut items: Vec<Value> = fixed.into_iter().flatten().map(within).collect();
            while (items.len() as u64) < count("minItems") {
                items.push(get("items").map_or(Value::Null, within));
            }
            Value::Array(items)
        }
        "string" => {
            let mut text = NOTICE.to_owned();
            while (text.chars().count() as u64) < count("minLength") {
                text.push('.');
            }
            match get("maxLength").and_then(Value::as_u64) {
                Some(most) => text.chars().take(usize::try_from(most).unwrap_or(usize::MAX)).collect(),
                None => text,
            }
            .into()
        }
        "integer" | "number" => get("minimum").cloned().unwrap_or_else(|| 0.into()),
        "boolean" => false.into(),
        _ => Value::Null,
    }
}

/// The first type that the schema names, or the one that its other keywords are for.
fn type_of(keywords: &Map<String, Value>) -> &str {
    let named = match keywords.get("type") {
        Some(Value::Array(types)) => types.first().and_then(Value::as_str),
        Some(other) => other.as_str(),
        None => None,
    };
    let is_for = |names: &[&str]| names.iter().any(|name| keywords.contains_key(*name));
    named.unwrap_or(if is_for(&["properties", "required"]) {
        "object"
    } else if is_for(&["items", "prefixItems", "minItems"]) {
        "array"
    } else {
        "string"
    })
}

fn pointed<'a>(root: &'a Value, place: &str) -> Option<&'a Value> {
    root.pointer(place.strip_prefix('#')?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_the_least_that_the_schema_allows() {
        let schema = json!({
            "type": "object",
            "required": ["name", "tags", "count", "kind", "next", "ok"],
            "properties": {
                "name": { "type": "string", "maxLength": 5 },
                "tags": { "type": "array", "minItems": 2, "items": { "$ref": "#/$defs/tag" } },
                "count": { "type": "integer", "minimum": 3 },
                "kind": { "enum": ["b", "a"] },
                "next": { "anyOf": [{ "type": "null" }, { "$ref": "#" }] },
                "ok": { "type": ["boolean", "null"] },
                "more": { "type": "string" }
            },
            "$defs": { "tag": { "const": 7 } }
        });
        let expected = json!({ "name": "Demo:", "tags": [7, 7], "count": 3, "kind": "b", "next": null, "ok": false });
        assert_eq!(reply(&schema, false), expected.to_string());
        assert!(!reply(&schema, true).starts_with('{'));
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_end() {
        let schema = json!({ "type": "object", "required": ["a"], "properties": { "a": { "$ref": "#" } } });
        assert!(reply(&schema, false).len() < 500);
    }
}
