//! The JSON that the demo makes of an answer: the least that a schema allows, and nothing invented. Texts say that no
//! model was called. A schema that needs more than this makes is answered with what does not fit, and that is said.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::NOTICE;
use crate::json;

/// A schema may refer to itself.
const DEPTH_MAX: usize = 12;
/// The longest list, and the longest text, that a schema can ask for.
const COUNT_MAX: u64 = 100;
/// Of the whole: lists of lists multiply.
const VALUES_MAX: u32 = 2_000;

/// `spoilt`: the reply is no JSON.
pub(super) fn reply(schema: &Value, spoilt: bool) -> String {
    if spoilt {
        return format!("{NOTICE} A model would have written JSON here; the demo was asked for prose.");
    }
    json::text(&least(schema, schema, 0, &Cell::new(VALUES_MAX)))
}

/// `left`: how many values may still be made.
fn least(schema: &Value, root: &Value, depth: usize, left: &Cell<u32>) -> Value {
    left.set(left.get().saturating_sub(1));
    let Some(keywords) = schema.as_object().filter(|_| depth < DEPTH_MAX && left.get() > 0) else {
        return Value::Null;
    };
    let get = |keyword: &str| keywords.get(keyword);
    if let Some(value) = get("const") {
        return value.clone();
    }
    if let Some(value) = get("enum").and_then(Value::as_array).and_then(|values| values.first()) {
        return value.clone();
    }
    let within = |schema: &Value| least(schema, root, depth + 1, left);
    if let Some(target) = get("$ref")
        .and_then(Value::as_str)
        .and_then(|place| pointed(root, place))
    {
        return within(target);
    }
    if let Some(all) = get("allOf").and_then(Value::as_array) {
        return least(&together(keywords, all), root, depth + 1, left);
    }
    for keyword in ["anyOf", "oneOf"] {
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
            let properties = get("properties").and_then(Value::as_object);
            let named = get("required").and_then(Value::as_array).into_iter().flatten();
            let names = named.filter_map(Value::as_str);
            let others = properties.into_iter().flat_map(Map::keys).map(String::as_str);
            let required = get("required").and_then(Value::as_array).map_or(0, Vec::len) as u64;
            let count = usize::try_from(count("minProperties").max(required)).unwrap_or_default();
            for name in names.chain(others) {
                if object.len() < count {
                    let schema = properties.and_then(|properties| properties.get(name));
                    object.insert(name.to_owned(), schema.map_or(Value::Null, within));
                }
            }
            Value::Object(object)
        }
        "array" => {
            let fixed = get("prefixItems").and_then(Value::as_array);
            let mut items: Vec<Value> = fixed.into_iter().flatten().map(within).collect();
            let is_unique = get("uniqueItems").is_some_and(|unique| *unique == true);
            while (items.len() as u64) < count("minItems") {
                let item = get("items").map_or(Value::Null, within);
                items.push(if is_unique { other(item, items.len()) } else { item });
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
        "integer" | "number" => {
            let number = |keyword: &str| get(keyword).and_then(Value::as_i64);
            let least = number("minimum").max(number("exclusiveMinimum").map(|least| least.saturating_add(1)));
            match (least, number("multipleOf").filter(|step| *step > 0)) {
                // What is no whole number is as it is written.
                (None, _) => get("minimum").cloned().unwrap_or_else(|| 0.into()),
                (Some(least), None) => least.into(),
                (Some(least), Some(step)) => (least.saturating_add(step - 1).div_euclid(step) * step).into(),
            }
        }
        "boolean" => false.into(),
        _ => Value::Null,
    }
}

/// The schema with the keywords of those that it is all of; properties and what is required come together.
fn together(keywords: &Map<String, Value>, all: &[Value]) -> Value {
    let mut sum = keywords.clone();
    sum.remove("allOf");
    for (keyword, value) in all.iter().filter_map(Value::as_object).flatten() {
        match (sum.get_mut(keyword), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more.clone()),
            (Some(Value::Array(known)), Value::Array(more)) if keyword == "required" => known.extend(more.clone()),
            (Some(_), _) => {}
            (None, value) => {
                sum.insert(keyword.clone(), value.clone());
            }
        }
    }
    Value::Object(sum)
}

/// The value, made different from those before it.
fn other(value: Value, number: usize) -> Value {
    match value {
        Value::String(text) => format!("{text} {number}").into(),
        Value::Number(value) => value
            .as_i64()
            .map_or(Value::Null, |value| (value + number as i64).into()),
        value => value,
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
    fn usual_bounds_are_kept() {
        for (schema, expected) in [
            (
                json!({ "type": "integer", "exclusiveMinimum": 3, "multipleOf": 5 }),
                json!(5),
            ),
            (json!({ "type": "number", "minimum": 0.5 }), json!(0.5)),
            (json!({ "type": "integer", "minimum": -7, "multipleOf": 2 }), json!(-6)),
            (
                json!({ "type": "array", "minItems": 3, "uniqueItems": true, "items": { "type": "integer" } }),
                json!([0, 1, 2]),
            ),
            (
                json!({ "type": "object", "minProperties": 1, "properties": { "a": { "const": 1 }, "b": {} } }),
                json!({ "a": 1 }),
            ),
            (
                json!({
                    "required": ["a"],
                    "properties": { "a": { "const": 1 } },
                    "allOf": [{ "required": ["b"], "properties": { "b": { "type": "boolean" } } }]
                }),
                json!({ "a": 1, "b": false }),
            ),
        ] {
            assert_eq!(reply(&schema, false), expected.to_string(), "{schema}");
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_end() {
        let schema = json!({ "type": "object", "required": ["a"], "properties": { "a": { "$ref": "#" } } });
        assert!(reply(&schema, false).len() < 500);
        let lists = (0..9).fold(
            json!(1),
            |items, _| json!({ "type": "array", "minItems": 100, "items": items }),
        );
        assert!(reply(&lists, false).len() < 1_000_000);
    }
}
