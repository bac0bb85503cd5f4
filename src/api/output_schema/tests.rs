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
        json!({ "$ref": "#/$defs/a%2Fb", "$defs": { "a/b": {} } }),
        json!({ "$ref": "#/allOf/1/anyOf/0", "$defs": { "a": { "allOf": [true, { "anyOf": [{}] }] } }, "allOf":
            [true, { "anyOf": [{ "$comment": "a list's place has a number" }] }] }),
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
            json!({ "$ref": "#/properties%2fa", "properties": { "a": {} } }),
            "there is no schema at that place",
        ),
        (
            json!({ "$ref": "#/$defs/a%2", "$defs": { "a%2": {} } }),
            "there is no schema at that place",
        ),
        (
            json!({ "$ref": "#/$defs/%ff", "$defs": { "\u{fffd}": {} } }),
            "there is no schema at that place",
        ),
        (
            json!({ "items": { "prefixItems": [{}, { "$defs": { "a/b~": { "type": 1 } } }] } }),
            "\"type\" at \"/items/prefixItems/1/$defs/a~1b~0\" is 1",
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

/// Schemas of nearly the most bytes, each of which makes much of one thing. What reads one may take no more than a few
/// times its bytes: the time is measured generously, because other tests run beside this one.
#[test]
#[allow(clippy::disallowed_methods, reason = "it measures, and runs natively")]
fn no_schema_takes_longer_than_a_moment_whatever_it_has_much_of() {
    let bytes = SCHEMA_BYTES_MAX - 1_000;
    let many =
        |each: &Value, rest: usize| Value::Array(vec![each.clone(); (bytes - rest) / (json::text(each).len() + 1)]);
    let named = |keyword: &str, name: &str, schema: Value| json!({ keyword: { name: schema } });
    let chain = |start: &dyn Fn(usize) -> String, count: usize| {
        let reference = |number| json!({ "$ref": format!("#/$defs/{}", start(number)) });
        let defs: Map<_, _> = (0..count)
            .map(|number| (start(number), reference(number + 1)))
            .collect();
        json!({ "$defs": defs })
    };
    let half = bytes / 2;
    let (slashes, carets, percents) = ("/".repeat(half), "^".repeat(half - 20), "%25".repeat(half / 4));
    let deep = |inner: Value| {
        let name = "~/".repeat(bytes / 2 / 34 / 2);
        (0..30).fold(inner, |inner, _| named("properties", &name, inner))
    };
    let to_long = json!({ "$ref": format!("#/$defs/{carets}") });
    for (what, schema) in [
        (
            "siblings below a long name",
            named("$defs", &slashes, json!({ "prefixItems": many(&json!({}), half) })),
        ),
        (
            "the same, with one that is refused",
            named(
                "$defs",
                &slashes,
                json!({ "prefixItems": many(&json!({}), half), "zzz": 1 }),
            ),
        ),
        (
            "siblings below many long names",
            deep(json!({ "allOf": many(&json!(true), half + 2_000) })),
        ),
        ("siblings", json!({ "anyOf": many(&json!(true), 0) })),
        (
            "siblings that are refused",
            json!({ "oneOf": many(&json!({ "$ref": "#/not" }), 0) }),
        ),
        (
            "references",
            json!({ "$defs": { "a": {} }, "prefixItems": many(&json!({ "$ref": "#/$defs/a" }), 100) }),
        ),
        (
            "references that lead nowhere",
            json!({ "prefixItems": many(&json!({ "$ref": "#/$defs/a" }), 100) }),
        ),
        (
            "a long reference",
            json!({ "$defs": { (carets.as_str()): {} }, "items": to_long }),
        ),
        (
            "a long reference that leads nowhere",
            json!({ "items": { "$ref": format!("#/{}", "^".repeat(bytes - 50)) } }),
        ),
        (
            "a long reference of slashes",
            json!({ "items": { "$ref": format!("#/{}", "/".repeat(bytes - 50)) } }),
        ),
        (
            "a long reference of codes",
            json!({ "items": { "$ref": format!("#/$defs/{percents}") } }),
        ),
        ("a chain of references", chain(&|number| format!("{number}"), 2_000)),
        (
            "a chain of long references",
            chain(&|number| format!("{number}{}", "^".repeat(500)), 60),
        ),
        (
            "a chain with long names before its ends",
            chain(&|number| format!("{}{number}", "^".repeat(300)), 100),
        ),
        (
            "names that are required",
            json!({ "required": (0..7_000).map(|name| name.to_string()).collect::<Vec<_>>() }),
        ),
        (
            "many keywords of one's own",
            json!(
                (0..5_000)
                    .map(|name| (format!("x-{name}"), json!(1)))
                    .collect::<Map<_, _>>()
            ),
        ),
        (
            "patterns",
            json!({ "anyOf": many(&json!({ "pattern": "(?:[a-z]{9}|b)+" }), 0) }),
        ),
        ("a long pattern", json!({ "pattern": "(".repeat(bytes) })),
        (
            "values that are compared",
            json!({ "anyOf": [{ "enum": many(&json!([[1]]), 100) }] }),
        ),
    ] {
        let size = json::text(&schema).len();
        assert!(
            size <= SCHEMA_BYTES_MAX && size > SCHEMA_BYTES_MAX / 3,
            "{what}: {size}"
        );
        let before = std::time::Instant::now();
        let verdict = why(schema);
        let took = before.elapsed().as_millis();
        assert!(took < 250, "{what}: {took} ms: {verdict}");
        assert!(verdict.len() < 500, "{what}: {verdict}");
    }
}
