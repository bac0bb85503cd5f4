use super::*;
use serde_json::json;

fn why(schema: Value) -> String {
    check(schema).map_or_else(|problem| problem.detail().to_owned(), |_| "honoured".to_owned())
}

#[test]
fn usual_schemas_are_honoured() {
    for schema in [
        json!(true),
        json!({}),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "name": { "type": "string", "minLength": 1, "pattern": "^[A-Z][a-z]+( [A-Z][a-z]*)?$" },
                "tags": { "type": "array", "items": { "$ref": "#/$defs/tag" }, "uniqueItems": true },
                "more": { "maxItems": 9.0, "maximum": 9_007_199_254_740_991_u64, "default": 1e300 },
                "children": { "type": "array", "items": { "$ref": "#" } },
                "kind": { "enum": ["a", "b"] },
                "price": { "type": ["number", "null"], "minimum": 0, "x-unit": "EUR" }
            },
            "patternProperties": { "^x-": true },
            "required": ["name"],
            "additionalProperties": false,
            "$defs": { "tag": { "type": "string", "format": "uri" }, "a/b": {} },
            "examples": [{ "anything": { "unheard": 1 } }]
        }),
        json!({ "$ref": "#/$defs/a~1b", "$defs": { "a/b": { "not": { "const": { "$id": 1 } } } } }),
        json!({ "$ref": "#/$defs/a%25b", "$defs": { "a%b": {} } }),
        json!({ "type": ["array", "integer"], "unevaluatedItems": { "$ref": "#" } }),
    ] {
        assert_eq!(why(schema.clone()), "honoured", "{schema}");
    }
}

#[test]
fn what_is_not_honoured_is_named_with_its_place_and_keyword() {
    for (schema, expected) in [
        (json!(1), "what stands at its root is 1: expected a schema"),
        (json!({ "requred": ["a"] }), "\"requred\" at its root is no keyword"),
        (
            json!({ "properties": { "a": { "tpye": "string" } } }),
            "\"tpye\" at \"/properties/a\" is no keyword",
        ),
        (
            json!({ "type": "strng" }),
            "\"type\" at its root is \"strng\": expected one of null",
        ),
        (json!({ "type": [] }), "\"type\" at its root is an empty list"),
        (
            json!({ "required": ["a", "a"] }),
            "\"required\" at its root is a list: expected a list of different",
        ),
        (
            json!({ "enum": [1, { "a": [-9_007_199_254_740_992_i64] }] }),
            "\"enum\" at its root has a number beyond 9007199254740991",
        ),
        (
            json!({ "exclusiveMaximum": 1e20 }),
            "\"exclusiveMaximum\" at its root has a number beyond",
        ),
        (
            json!({ "items": [{}] }),
            "\"items\" at \"/items\" is a list: expected a schema",
        ),
        (
            json!({ "minLength": -1 }),
            "\"minLength\" at its root is -1: expected a whole number",
        ),
        (
            json!({ "multipleOf": 0 }),
            "\"multipleOf\" at its root is 0: expected a number above 0",
        ),
        (
            json!({ "$id": "https://a.b/c" }),
            "\"$id\" at its root is not supported",
        ),
        (
            json!({ "$ref": "https://a.b/c" }),
            "\"$ref\" at its root is \"https://a.b/c\": expected a place within",
        ),
        (
            json!({ "$ref": "#/$defs/a" }),
            "\"$ref\" at its root is \"#/$defs/a\": there is no schema",
        ),
        (
            json!({ "$ref": "#/const", "const": {} }),
            "there is no schema at that place",
        ),
        (
            json!({ "$dynamicRef": "#a" }),
            "\"$dynamicRef\" at its root is not supported",
        ),
        (json!({ "definitions": {} }), "it is called \"$defs\""),
        (
            json!({ "$schema": "http://json-schema.org/draft-07/schema#" }),
            "expected \"https://json-schema.org/draft/2020-12/schema\"",
        ),
        (json!({ "$ref": "#" }), "\"$ref\" at its root leads back here"),
        (
            json!({ "anyOf": [{ "$ref": "#/$defs/a" }], "$defs": { "a": { "not": { "$ref": "#" } } } }),
            "leads back here without going into the value",
        ),
    ] {
        let problem = check(schema.clone()).unwrap_err();
        let detail = problem.detail();
        assert!(
            detail.starts_with(FIELD) && detail.contains(expected),
            "{schema}: {detail}"
        );
        // The root has no keyword of its own.
        assert_eq!(
            problem.to_json().contains("\"keyword\":"),
            schema.is_object(),
            "{schema}"
        );
    }
}

#[test]
fn a_schema_that_multiplies_is_refused() {
    let mut defs = Map::new();
    for number in 0..20 {
        let next = json!({ "$ref": format!("#/$defs/d{}", number + 1) });
        defs.insert(format!("d{number}"), json!({ "allOf": [next, next] }));
    }
    defs.insert("d20".to_owned(), json!(true));
    assert!(why(json!({ "$defs": defs })).contains("more than 1000 schemas on one value"));
    let deep = (0..40).fold(json!(true), |inner, _| json!({ "items": inner }));
    assert!(why(deep).contains("32 schemas deep"));
    let long = json!({ "description": "x".repeat(SCHEMA_BYTES_MAX) });
    assert!(why(long).contains("bytes as JSON"));
}
