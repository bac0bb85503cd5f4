//! The JSON that the demo makes of an answer: the least that a schema allows, and nothing invented. Texts say that no
//! model was called. A schema that needs more than this makes is answered with what does not fit, and that is said.

use std::cell::Cell;

use serde::Serialize;
use serde_json::{Map, Value};

use super::NOTICE;
use crate::json;

/// A schema may refer to itself.
const DEPTH_MAX: usize = 12;
/// The longest list, and the longest text, that a schema can ask for.
const COUNT_MAX: u64 = 100;
/// The bytes of the JSON, because lists of lists multiply. What has to be read for it is charged too.
const BYTES_MAX: usize = 256 * 1024;

/// `spoilt`: the reply is no JSON.
pub(super) fn reply(schema: &Value, spoilt: bool) -> String {
    if spoilt {
        return format!("{NOTICE} A model would have written JSON here; the demo was asked for prose.");
    }
    let maker = Maker {
        root: schema,
        left: Cell::new(BYTES_MAX),
    };
    let value = maker.least(schema, 0);
    json::text(&value.unwrap_or_default())
}

struct Maker<'a> {
    root: &'a Value,
    /// Of [`BYTES_MAX`]. Nothing is made once it is used up, and what was begun ends there.
    left: Cell<usize>,
}

/// A schema's keywords, and those of all that it is all of: they are many where there is an `allOf`.
struct Keywords<'a>(Vec<&'a Map<String, Value>>);

impl<'a> Keywords<'a> {
    fn of(schema: &'a Value) -> Self {
        let mut all: Vec<&Map<String, Value>> = schema.as_object().into_iter().collect();
        let mut next = 0;
        while let Some(keywords) = all.get(next) {
            let more = keywords.get("allOf").and_then(Value::as_array).into_iter().flatten();
            all.extend(more.filter_map(Value::as_object));
            next += 1;
        }
        Keywords(all)
    }

    fn each(&self, keyword: &str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter_map(move |keywords| keywords.get(keyword))
    }

    fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.each(keyword).next()
    }

    fn list(&self, keyword: &str) -> Option<&'a Vec<Value>> {
        self.get(keyword).and_then(Value::as_array)
    }

    fn count(&self, keyword: &str) -> u64 {
        self.get(keyword).and_then(Value::as_u64).unwrap_or(0).min(COUNT_MAX)
    }
}

impl<'a> Maker<'a> {
    /// Takes from what is left, if there is as much.
    fn charge(&self, bytes: usize) -> Option<()> {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ())
    }

    fn charge_text<T: Serialize + ?Sized>(&self, value: &T) -> Option<()> {
        self.charge(json::text(value).len())
    }

    /// None once the bytes are used up.
    fn least(&self, schema: &'a Value, depth: usize) -> Option<Value> {
        // What comes around each value: a comma, a colon, brackets.
        self.charge("null,".len())?;
        if depth >= DEPTH_MAX || !schema.is_object() {
            return Some(Value::Null);
        }
        let keywords = Keywords::of(schema);
        self.charge(keywords.0.len())?;
        let first = |keyword: &str| keywords.list(keyword).and_then(|list| list.first());
        if let Some(value) = keywords.get("const").or_else(|| first("enum")) {
            self.charge_text(value)?;
            return Some(value.clone());
        }
        if let Some(place) = keywords.get("$ref").and_then(Value::as_str) {
            self.charge(place.len())?;
            if let Some(target) = pointed(self.root, place) {
                return self.least(target, depth + 1);
            }
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(schema) = first(keyword)
                && keywords.get("type").is_none()
            {
                return self.least(schema, depth + 1);
            }
        }
        let value = match type_of(&keywords) {
            "object" => return Some(self.object(&keywords, depth)),
            "array" => return Some(self.array(&keywords, depth)),
            "string" => string(&keywords).into(),
            "integer" | "number" => number(&keywords),
            "boolean" => false.into(),
            _ => Value::Null,
        };
        self.charge_text(&value)?;
        Some(value)
    }

    fn object(&self, keywords: &Keywords<'a>, depth: usize) -> Value {
        let mut object = Map::new();
        let required = || keywords.each("required").filter_map(Value::as_array).flatten();
        let properties = || keywords.each("properties").filter_map(Value::as_object);
        let others = properties().flat_map(Map::keys).map(String::as_str);
        let count = required().count().max(keywords.count("minProperties") as usize);
        for name in required().filter_map(Value::as_str).chain(others) {
            // It is looked for among the properties of all of them.
            let charged = || self.charge_text(name).and_then(|()| self.charge(keywords.0.len()));
            if object.len() >= count || charged().is_none() {
                break;
            }
            if object.contains_key(name) {
                continue;
            }
            let schema = properties().find_map(|properties| properties.get(name));
            let Some(value) = self.least(schema.unwrap_or(&Value::Null), depth + 1) else {
                break;
            };
            object.insert(name.to_owned(), value);
        }
        Value::Object(object)
    }

    fn array(&self, keywords: &Keywords<'a>, depth: usize) -> Value {
        let fixed = keywords.list("prefixItems").into_iter().flatten();
        let mut items: Vec<Value> = fixed.map_while(|schema| self.least(schema, depth + 1)).collect();
        let is_unique = keywords.get("uniqueItems").is_some_and(|unique| *unique == true);
        while (items.len() as u64) < keywords.count("minItems") {
            let Some(item) = self.least(keywords.get("items").unwrap_or(&Value::Null), depth + 1) else {
                break;
            };
            items.push(if is_unique { other(item, items.len()) } else { item });
        }
        Value::Array(items)
    }
}

fn string(keywords: &Keywords) -> String {
    let mut text = NOTICE.to_owned();
    for _ in text.chars().count() as u64..keywords.count("minLength") {
        text.push('.');
    }
    match keywords.get("maxLength").and_then(Value::as_u64) {
        Some(most) => text.chars().take(usize::try_from(most).unwrap_or(usize::MAX)).collect(),
        None => text,
    }
}

fn number(keywords: &Keywords) -> Value {
    let number = |keyword: &str| keywords.get(keyword).and_then(Value::as_i64);
    let least = number("minimum").max(number("exclusiveMinimum").map(|least| least.saturating_add(1)));
    match (least, number("multipleOf").filter(|step| *step > 0)) {
        // What is no whole number is as it is written.
        (None, _) => keywords.get("minimum").cloned().unwrap_or_else(|| 0.into()),
        (Some(least), None) => least.into(),
        (Some(least), Some(step)) => (least.saturating_add(step - 1).div_euclid(step) * step).into(),
    }
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
fn type_of<'a>(keywords: &Keywords<'a>) -> &'a str {
    let named = match keywords.get("type") {
        Some(Value::Array(types)) => types.first().and_then(Value::as_str),
        Some(other) => other.as_str(),
        None => None,
    };
    let is_for = |names: &[&str]| names.iter().any(|name| keywords.get(name).is_some());
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
    }

    /// Each kind of thing that a schema can make long, in lists of lists.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "it measures, and runs natively")]
    fn the_json_and_the_work_for_it_have_a_bound() {
        let long = "\u{1}".repeat(10_000);
        let names: Vec<String> = (0..9_000).map(|number| number.to_string()).collect();
        let lists = |of: &Value| {
            let list = |items: Value| json!({ "minItems": 100, "uniqueItems": true, "items": items });
            (0..4).fold(of.clone(), |inner, _| list(inner))
        };
        let objects = |of: &Value| {
            let required = |inner: Value| json!({ "required": ["a", "b"], "properties": { "a": inner, "b": inner } });
            (0..4).fold(of.clone(), |inner, _| required(inner))
        };
        let pieces = [
            ("empty", json!({ "items": {} })),
            ("truth", json!(true)),
            ("null", json!({ "type": "null" })),
            (
                "a number",
                json!({ "type": "integer", "minimum": -9_007_199_254_740_991_i64 }),
            ),
            ("a text", json!({ "type": "string", "minLength": 100 })),
            ("an empty text", json!({ "type": "string", "maxLength": 0 })),
            ("a constant", json!({ "const": long })),
            ("a choice", json!({ "enum": [{ (long.as_str()): long }] })),
            ("a long name", json!({ "required": [long] })),
            (
                "a long name that is not asked for",
                json!({ "properties": { (long.as_str()): true }, "minProperties": 1 }),
            ),
            ("names", json!({ "required": names })),
            (
                "names of all",
                json!({ "allOf": vec![json!({ "required": names[..90], "properties": {} }); 90] }),
            ),
            (
                "a long reference",
                json!({ "$ref": format!("#/$defs/{}", "~0".repeat(10_000)) }),
            ),
            ("all of many", json!({ "allOf": vec![json!({}); 9_000] })),
            (
                "all of it",
                json!({ "allOf": [{ "allOf": [{ "title": long }] }, { "$comment": long }] }),
            ),
            ("one of it", json!({ "anyOf": [{ "const": long }] })),
            (
                "places",
                json!({ "prefixItems": vec![json!({ "type": "boolean" }); 2_000] }),
            ),
            ("itself", json!({ "$ref": "#" })),
        ];
        for (name, piece) in pieces {
            for mut schema in [lists(&piece), objects(&piece), lists(&objects(&piece))] {
                schema["$defs"] = json!({ "~".repeat(10_000): { "type": "null" } });
                let before = std::time::Instant::now();
                let made = reply(&schema, false);
                let took = before.elapsed().as_millis();
                let bytes = made.len();
                assert!(bytes <= BYTES_MAX && took < 500, "{name}: {bytes} bytes, {took} ms");
                assert!(serde_json::from_str::<Value>(&made).is_ok(), "{name}");
            }
        }
    }
}
