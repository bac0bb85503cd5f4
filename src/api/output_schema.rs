//! `options.output_schema`: which JSON Schemas (2020-12) are honoured. Pure.
//!
//! What is not honoured is refused when the workflow is submitted, with its place and keyword, because nobody would
//! know later why an answer does not fit: a keyword that is unknown or needs other documents, a value that a keyword
//! can't have, a reference that leads nowhere or round in a circle, and patterns that no bounded search can be made
//! of. `format` and the keywords of contents are annotations, as the specification has it.

mod pattern;

use serde_json::{Map, Value};

use super::problem::{Problem, shown};
use crate::json;

/// The most bytes of a schema as JSON.
pub const SCHEMA_BYTES_MAX: usize = 64 * 1024;
/// The most levels of schemas within schemas.
const DEPTH_MAX: usize = 32;
/// Schemas that are tried on one value, references followed. More would multiply with the size of the JSON.
const AT_ONCE_MAX: u64 = 1_000;
/// The greatest number of a schema: JSON's readers can't tell whole numbers above it from their neighbours.
const NUMBER_MAX: u64 = 9_007_199_254_740_991;

const FIELD: &str = "options.output_schema";
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What the value of a keyword has to be.
#[derive(Clone, Copy)]
enum Kind {
    Schema,
    Schemas,
    SchemaMap,
    /// By patterns.
    SchemaByPattern,
    Types,
    Any,
    NonEmptyList,
    Number,
    PositiveNumber,
    Count,
    Flag,
    Text,
    Names,
    NameLists,
    Pattern,
    Reference,
    Dialect,
    /// It says something to readers, and nothing to validators.
    Note,
}

/// In the order of the specification: core, applicators, validation, annotations.
const KEYWORDS: &[(&str, Kind)] = &[
    ("$schema", Kind::Dialect),
    ("$ref", Kind::Reference),
    ("$defs", Kind::SchemaMap),
    ("$comment", Kind::Text),
    ("prefixItems", Kind::Schemas),
    ("items", Kind::Schema),
    ("contains", Kind::Schema),
    ("properties", Kind::SchemaMap),
    ("patternProperties", Kind::SchemaByPattern),
    ("additionalProperties", Kind::Schema),
    ("propertyNames", Kind::Schema),
    ("allOf", Kind::Schemas),
    ("anyOf", Kind::Schemas),
    ("oneOf", Kind::Schemas),
    ("not", Kind::Schema),
    ("if", Kind::Schema),
    ("then", Kind::Schema),
    ("else", Kind::Schema),
    ("dependentSchemas", Kind::SchemaMap),
    ("unevaluatedItems", Kind::Schema),
    ("unevaluatedProperties", Kind::Schema),
    ("type", Kind::Types),
    ("enum", Kind::NonEmptyList),
    ("const", Kind::Any),
    ("multipleOf", Kind::PositiveNumber),
    ("maximum", Kind::Number),
    ("exclusiveMaximum", Kind::Number),
    ("minimum", Kind::Number),
    ("exclusiveMinimum", Kind::Number),
    ("maxLength", Kind::Count),
    ("minLength", Kind::Count),
    ("pattern", Kind::Pattern),
    ("maxItems", Kind::Count),
    ("minItems", Kind::Count),
    ("uniqueItems", Kind::Flag),
    ("maxContains", Kind::Count),
    ("minContains", Kind::Count),
    ("maxProperties", Kind::Count),
    ("minProperties", Kind::Count),
    ("required", Kind::Names),
    ("dependentRequired", Kind::NameLists),
    ("title", Kind::Text),
    ("description", Kind::Text),
    ("default", Kind::Note),
    ("examples", Kind::Note),
    ("deprecated", Kind::Note),
    ("readOnly", Kind::Note),
    ("writeOnly", Kind::Note),
    ("format", Kind::Text),
    ("contentEncoding", Kind::Text),
    ("contentMediaType", Kind::Text),
    ("contentSchema", Kind::Note),
];

/// Schemas that are tried on the same value as the one that they stand in.
const IN_PLACE: [&str; 9] = [
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
];

const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];

/// The schema, if it is one that is honoured.
pub fn check(schema: Value) -> Result<Value, Problem> {
    let bytes = json::text(&schema).len();
    if bytes > SCHEMA_BYTES_MAX {
        let detail = format!("{FIELD} has {bytes} bytes as JSON: expected at most {SCHEMA_BYTES_MAX}");
        return Err(Problem::invalid(detail).with("field", FIELD));
    }
    let mut walk = Walk {
        root: &schema,
        schemas: Vec::new(),
        counts: Map::new(),
    };
    walk.schema(&schema, None, 0)?;
    for schema in std::mem::take(&mut walk.schemas) {
        walk.at_once(schema, 0)?;
    }
    Ok(schema)
}

/// Its work is of the order of the schema's bytes. Values are known by where they are in memory, because names can be
/// as long as the schema, so that places by names can't be kept for each. A place is looked for once something is
/// refused.
struct Walk<'a> {
    root: &'a Value,
    schemas: Vec<&'a Value>,
    /// How many schemas are tried at once, by where a schema is: null while it is not known, and zero while it is being
    /// counted. The code of another kind of map takes 3 KB.
    counts: Map<String, Value>,
}

impl<'a> Walk<'a> {
    /// `of`: the keyword that it is of.
    fn schema(&mut self, schema: &'a Value, of: Option<&str>, depth: usize) -> Result<(), Problem> {
        if depth > DEPTH_MAX {
            return Err(self.refused(schema, of, &format!("is more than {DEPTH_MAX} schemas deep")));
        }
        self.schemas.push(schema);
        self.counts.insert(address(schema), Value::Null);
        let keywords = match schema {
            Value::Bool(_) => return Ok(()),
            Value::Object(keywords) => keywords,
            other => return Err(self.refused(schema, of, &format!("is {}: expected a schema", named(other)))),
        };
        for (keyword, value) in keywords {
            match KEYWORDS.iter().find(|(known, _)| known == keyword) {
                Some((_, kind)) => self.keyword(keyword, *kind, value, schema, depth)?,
                None if keyword.starts_with("x-") => {}
                None => return Err(self.refused(schema, Some(keyword), &unknown(keyword))),
            }
        }
        Ok(())
    }

    fn keyword(
        &mut self,
        keyword: &str,
        kind: Kind,
        value: &'a Value,
        schema: &'a Value,
        depth: usize,
    ) -> Result<(), Problem> {
        let root = self.root;
        let fault = |what: &str| refused(root, schema, Some(keyword), what);
        let wrong = |expected: &str| Err(fault(&format!("is {}: expected {expected}", named(value))));
        let is_text = |value: &Value| value.is_string();
        let compares = matches!(
            kind,
            Kind::Any | Kind::NonEmptyList | Kind::Number | Kind::PositiveNumber | Kind::Count
        );
        if compares && !has_exact_numbers(value) {
            let what = format!("has a number beyond {NUMBER_MAX}, which can't be compared exactly");
            return Err(fault(&what));
        }
        match kind {
            Kind::Any | Kind::Note => {}
            Kind::Schema => self.schema(value, Some(keyword), depth + 1)?,
            Kind::Schemas => match value {
                Value::Array(list) if !list.is_empty() => {
                    for schema in list {
                        self.schema(schema, Some(keyword), depth + 1)?;
                    }
                }
                _ => return wrong("a list of schemas, not empty"),
            },
            Kind::SchemaMap | Kind::SchemaByPattern => match value {
                Value::Object(map) => {
                    for (name, schema) in map {
                        if matches!(kind, Kind::SchemaByPattern) {
                            pattern::check(name).map_err(|why| fault(&why))?;
                        }
                        self.schema(schema, Some(keyword), depth + 1)?;
                    }
                }
                _ => return wrong("an object of schemas"),
            },
            Kind::Types => {
                let is_type = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
                let holds = match value {
                    Value::Array(list) => !list.is_empty() && list.iter().all(is_type) && are_distinct(list),
                    other => is_type(other),
                };
                if !holds {
                    return wrong(&format!("one of {}, or a list of them", TYPES.join(", ")));
                }
            }
            Kind::NonEmptyList => {
                if value.as_array().is_none_or(Vec::is_empty) {
                    return wrong("a list, not empty");
                }
            }
            Kind::Number => {
                if !value.is_number() {
                    return wrong("a number");
                }
            }
            Kind::PositiveNumber => {
                if value.as_f64().is_none_or(|number| number <= 0.0) {
                    return wrong("a number above 0");
                }
            }
            Kind::Count => {
                // 2.0 is a whole number too.
                let is_count = |number: f64| number >= 0.0 && number.fract() == 0.0;
                if !value.as_f64().is_some_and(is_count) {
                    return wrong("a whole number, 0 or more");
                }
            }
            Kind::Flag => {
                if !value.is_boolean() {
                    return wrong("true or false");
                }
            }
            Kind::Text => {
                if !value.is_string() {
                    return wrong("a string");
                }
            }
            Kind::Names => {
                if !is_name_list(value) {
                    return wrong("a list of different strings");
                }
            }
            Kind::NameLists => {
                let holds = value.as_object().is_some_and(|map| map.values().all(is_name_list));
                if !holds {
                    return wrong("an object of lists of different strings");
                }
            }
            Kind::Pattern => match value.as_str() {
                Some(text) => pattern::check(text).map_err(|why| fault(&why))?,
                None => return wrong("a string"),
            },
            Kind::Reference => {
                if !value.as_str().is_some_and(|text| text == "#" || text.starts_with("#/")) {
                    return wrong("a place within the schema, such as \"#/$defs/part\"");
                }
            }
            Kind::Dialect => {
                let dialect = value.as_str().map(|text| text.trim_end_matches('#'));
                if !is_text(value) || dialect != Some(DIALECT) {
                    return wrong(&format!("\"{DIALECT}\""));
                }
            }
        }
        Ok(())
    }

    /// How many schemas are tried on the value that this one is for. `depth`: how many are being counted.
    fn at_once(&mut self, schema: &'a Value, depth: u64) -> Result<u64, Problem> {
        let address = address(schema);
        match self.counts.get(&address).and_then(Value::as_u64) {
            // No schema stands within itself, so that a reference leads here.
            Some(0) => {
                let what = "leads back here without going into the value";
                return Err(self.refused(schema, Some("$ref"), what));
            }
            Some(count) => return Ok(count),
            None => {}
        }
        // Each of those that are being counted is one, so that the first is refused, and the stack has a bound.
        let Some(keywords) = schema.as_object().filter(|_| depth < AT_ONCE_MAX) else {
            return Ok(1);
        };
        self.counts.insert(address.clone(), 0.into());
        let mut count = 1_u64;
        for target in self.in_place(schema, keywords)? {
            count = count.saturating_add(self.at_once(target, depth + 1)?);
        }
        if count > AT_ONCE_MAX {
            let what = format!("tries more than {AT_ONCE_MAX} schemas on one value, references followed");
            let keyword = IN_PLACE.into_iter().find(|name| keywords.contains_key(*name));
            return Err(self.refused(schema, keyword, &what));
        }
        self.counts.insert(address, count.into());
        Ok(count)
    }

    /// The schemas that are tried on the same value.
    fn in_place(&self, schema: &'a Value, keywords: &'a Map<String, Value>) -> Result<Vec<&'a Value>, Problem> {
        let mut targets = Vec::new();
        for (keyword, value) in keywords.iter().filter(|(name, _)| IN_PLACE.contains(&name.as_str())) {
            match value {
                Value::String(reference) if keyword == "$ref" => {
                    let target = pointer_of(reference).and_then(|pointer| self.root.pointer(&pointer));
                    let Some(target) = target.filter(|target| self.counts.contains_key(&address(target))) else {
                        let what = format!("is {}: there is no schema at that place", shown(reference));
                        return Err(self.refused(schema, Some(keyword), &what));
                    };
                    targets.push(target);
                }
                Value::Array(list) => targets.extend(list),
                Value::Object(map) if keyword == "dependentSchemas" => targets.extend(map.values()),
                _ => targets.push(value),
            }
        }
        Ok(targets)
    }

    fn refused(&self, value: &Value, keyword: Option<&str>, what: &str) -> Problem {
        refused(self.root, value, keyword, what)
    }
}

/// Where a value is in memory.
fn address(value: &Value) -> String {
    std::ptr::from_ref(value).addr().to_string()
}

/// Of a value that is compared.
fn has_exact_numbers(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() <= NUMBER_MAX as f64),
        Value::Array(list) => list.iter().all(has_exact_numbers),
        Value::Object(map) => map.values().all(has_exact_numbers),
        _ => true,
    }
}

fn is_name_list(value: &Value) -> bool {
    let Some(list) = value.as_array() else { return false };
    list.iter().all(Value::is_string) && are_distinct(list)
}

/// Lists of a schema are short, because it has at most 64 KiB.
fn are_distinct(list: &[Value]) -> bool {
    let mut seen = Map::new();
    let mut is_new = |text: &str| seen.insert(text.to_owned(), Value::Null).is_none();
    list.iter().all(|value| value.as_str().is_none_or(&mut is_new))
}

/// A name within a JSON Pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The JSON Pointer of a reference. It stands in a URL, so that it may be percent-encoded; the validator splits it
/// before it decodes it (`referred` in src/cloudflare/json-schema.js), and decodes nothing that is broken.
fn pointer_of(reference: &str) -> Option<String> {
    let pointer = reference.strip_prefix('#')?;
    if !pointer.contains('%') {
        return Some(pointer.to_owned());
    }
    let is_code = |code: &str| code.bytes().take_while(u8::is_ascii_hexdigit).take(2).count() == 2;
    if !pointer.split('%').skip(1).all(is_code) {
        return None;
    }
    let slashes_kept = pointer.replace("%2F", "~1").replace("%2f", "~1");
    let form = format!("p={}", slashes_kept.replace('+', "%2B").replace('&', "%26"));
    let (_, decoded) = form_urlencoded::parse(form.as_bytes()).next()?;
    // What is no UTF-8 is decoded to this character.
    (!decoded.contains('\u{fffd}')).then(|| decoded.into_owned())
}

/// The JSON Pointer of a value within `root`, by where it is in memory.
fn place_of(value: &Value, root: &Value) -> Option<String> {
    if std::ptr::eq(value, root) {
        return Some(String::new());
    }
    let (name, below) = match root {
        Value::Array(list) => {
            let mut items = list.iter().enumerate();
            items.find_map(|(index, item)| place_of(value, item).map(|below| (index.to_string(), below)))?
        }
        Value::Object(map) => map
            .iter()
            .find_map(|(name, item)| place_of(value, item).map(|below| (escaped(name), below)))?,
        _ => return None,
    };
    Some(format!("/{name}{below}"))
}

fn unknown(keyword: &str) -> String {
    match keyword {
        "$id" | "$anchor" | "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef" | "$recursiveAnchor" | "$vocabulary" => {
            "is not supported: refer by \"$ref\" to a place within the schema, such as \"#/$defs/part\"".to_owned()
        }
        "definitions" => "is of an older draft: it is called \"$defs\" in 2020-12".to_owned(),
        "additionalItems" => "is of an older draft: it is \"items\" beside \"prefixItems\" in 2020-12".to_owned(),
        "dependencies" => "is of an older draft: see \"dependentRequired\" and \"dependentSchemas\"".to_owned(),
        _ => "is no keyword of JSON Schema 2020-12; one of your own begins with \"x-\"".to_owned(),
    }
}

/// Of a value within `root`.
fn refused(root: &Value, value: &Value, keyword: Option<&str>, what: &str) -> Problem {
    let place = place_of(value, root).unwrap_or_default();
    let at = match place.as_str() {
        "" => "its root".to_owned(),
        place => shown(place),
    };
    let subject = match keyword {
        Some(keyword) => format!("{} at {at}", shown(keyword)),
        None => format!("what stands at {at}"),
    };
    let problem = Problem::invalid(format!("{FIELD}: {subject} {what}"))
        .with("field", FIELD)
        .with("pointer", place);
    match keyword {
        Some(keyword) => problem.with("keyword", keyword),
        None => problem,
    }
}

fn named(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Array(list) if list.is_empty() => "an empty list".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) => shown(text),
        other => json::text(other),
    }
}

#[cfg(test)]
mod tests;
