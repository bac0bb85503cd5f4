//! Reading JSON bodies so that every mistake is named: syntax with line and column, unknown fields, wrong types.
//!
//! This reads a parsed value by hand. The errors of a derived `Deserialize` know neither the path of a field nor more
//! than the first unknown name, and it keeps the last of two equal keys without a word.

use std::ops::RangeInclusive;

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::problem::{Problem, ProblemType, shown};
use crate::json;
use crate::json::strict::StrictValue;

/// How many unknown fields an error names.
const UNKNOWN_SHOWN: usize = 10;

/// serde_json's words for a first half without its second, and for a second half without its first.
const HALF_A_PAIR: [&str; 2] = ["unexpected end of hex escape", "lone leading surrogate in hex escape"];

/// One JSON value and nothing behind it. Refuses equal keys of an object, and more than 128 levels (serde_json's
/// limit).
pub(super) fn parse(text: &str) -> Result<Value, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::new(
            ProblemType::InvalidJson,
            "the body is empty: expected a JSON object",
        ));
    }
    match serde_json::from_str(text) {
        Ok(StrictValue(value)) => Ok(value),
        Err(error) => {
            let problem = Problem::new(ProblemType::InvalidJson, reason(&error));
            Err(problem.with("line", error.line()).with("column", error.column()))
        }
    }
}

/// True for one whole JSON object, also for one that [`parse`] refuses because of what it holds.
pub(super) fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// What is wrong, and where. serde_json speaks of hex escapes where a character is only half there.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if HALF_A_PAIR.iter().any(|words| text.starts_with(words)) {
        return format!(
            "the string holds half of a surrogate pair: escape both halves, as in \\ud83c\\udf89, or send the \
             character itself, at line {} column {}",
            error.line(),
            error.column()
        );
    }
    text
}

/// The text of a body without its byte order mark.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        Problem::invalid(format!(
            "the body is not UTF-8: the first wrong byte is at offset {}",
            error.valid_up_to()
        ))
    })
}

/// An object whose fields are taken out one by one. Its unknown fields were refused when it was made.
pub(super) struct Fields {
    /// What stands before a field's name in errors: nothing, or `options.`.
    prefix: &'static str,
    map: Map<String, Value>,
}

impl Fields {
    /// `what` is the object's own name, empty for the body.
    pub(super) fn of(
        value: Value,
        what: &'static str,
        prefix: &'static str,
        known: &[&str],
    ) -> Result<Fields, Problem> {
        let Value::Object(map) = value else {
            let what = if what.is_empty() { "the body" } else { what };
            return Err(wrong(what, &value, &format!("an object with {}", known.join(", "))));
        };
        let unknown: Vec<&String> = map.keys().filter(|name| !known.contains(&name.as_str())).collect();
        if unknown.is_empty() {
            return Ok(Fields { prefix, map });
        }
        let shown: Vec<String> = unknown
            .iter()
            .take(UNKNOWN_SHOWN)
            .map(|name| shown(&format!("{prefix}{name}")))
            .collect();
        let (noun, rest) = (
            if unknown.len() == 1 { "field" } else { "fields" },
            unknown.len() - shown.len(),
        );
        let more = if rest > 0 {
            format!(" and {rest} more")
        } else {
            String::new()
        };
        let detail = format!(
            "unknown {noun} {}{more}; known are: {}",
            shown.join(", "),
            known.join(", ")
        );
        Err(Problem::invalid(detail))
    }

    /// Null is the same as absent, as many clients write it.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    /// A text. NUL is refused: no prompt means it, and models and terminals stumble over it.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => no_nul(&self.path(name), text).map(Some),
            Some(other) => Err(wrong(&self.path(name), &other, "a string")),
        }
    }

    pub(super) fn whole(&mut self, name: &str, allowed: RangeInclusive<u64>) -> Result<Option<u64>, Problem> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_u64().filter(|number| allowed.contains(number));
        let expected = || format!("a whole number from {} to {}", allowed.start(), allowed.end());
        number
            .map(Some)
            .ok_or_else(|| wrong(&self.path(name), &value, &expected()))
    }

    pub(super) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let found = value
            .as_str()
            .and_then(|text| words.iter().find(|(word, _)| *word == text));
        let expected = || {
            words
                .iter()
                .map(|(word, _)| format!("{word:?}"))
                .collect::<Vec<_>>()
                .join(" or ")
        };
        found
            .map(|(_, meaning)| Some(*meaning))
            .ok_or_else(|| wrong(&self.path(name), &value, &expected()))
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// A 400 that names a field, what it is and what it should be.
pub(super) fn wrong(field: &str, value: &Value, expected: &str) -> Problem {
    let found = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => shown_plain(&json::text(value)),
        Value::String(text) => shown(text),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    Problem::invalid(format!("{field} is {found}: expected {expected}")).with("field", field)
}

/// A number may be as long as the body.
fn shown_plain(text: &str) -> String {
    text.chars().take(40).collect()
}

pub(super) fn no_nul(field: &str, text: String) -> Result<String, Problem> {
    refuse_nul(field, &text).map(|()| text)
}

pub(super) fn refuse_nul(field: &str, text: &str) -> Result<(), Problem> {
    if text.contains('\0') {
        return Err(
            Problem::invalid(format!("{field} holds a NUL character (U+0000): leave it out")).with("field", field),
        );
    }
    Ok(())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn detail(text: &str) -> String {
        parse(text).unwrap_err().detail().to_owned()
    }

    #[test]
    fn a_syntax_error_has_its_line_and_column() {
        let problem = parse("{\n  \"prompt\": \"a\",\n}").unwrap_err();
        assert_eq!(problem.kind(), ProblemType::InvalidJson);
        assert_eq!(problem.detail(), "trailing comma at line 3 column 1");
        let body: Value = serde_json::from_str(&problem.to_json()).unwrap();
        assert_eq!((&body["line"], &body["column"]), (&json!(3), &json!(1)));
    }

    #[test]
    fn what_is_not_one_json_value_is_refused() {
        for text in [
            "{",
            "{} {}",
            "'a'",
            "{a: 1}",
            "undefined",
            "NaN",
            "[1,]",
            r#""\ud800""#,
            "\"\u{1}\"",
            "1e999",
            "{\"a\":1,\"b\"}",
        ] {
            assert!(detail(text).contains("line 1 column"), "{text}");
        }
        for text in ["", " \n"] {
            assert!(detail(text).contains("empty"));
        }
    }

    #[test]
    fn half_of_a_surrogate_pair_is_called_that() {
        for half in [
            r"\ud83c",
            r"\udf89",
            r"\ud83cx",
            r"\ud83c\n",
            r"\ud83c\u0041",
            r"\ud83c\ud83c",
            r"\udf89\ud83c",
        ] {
            for text in [format!(r#"{{"prompt": "a {half}"}}"#), format!(r#"{{"{half}": 1}}"#)] {
                let problem = parse(&text).unwrap_err();
                assert_eq!(problem.kind(), ProblemType::InvalidJson, "{text}");
                let expected = "the string holds half of a surrogate pair";
                assert!(problem.detail().starts_with(expected), "{text}: {}", problem.detail());
                assert!(problem.detail().contains("at line 1 column "), "{}", problem.detail());
            }
        }
        assert_eq!(parse(r#""\ud83c\udf89""#), Ok(json!("🎉")));
        for text in [r#""\ud8"#, r#""\ud8zz""#] {
            assert!(!detail(text).contains("surrogate"), "{text}");
        }
    }

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_written() {
        for text in ["3", "3.0", "3.000", "3e0", "30e-1", "0.3E+1"] {
            assert_eq!(parse(text), Ok(json!(3)), "{text}");
        }
        assert_eq!(parse("-2.0"), Ok(json!(-2)));
        assert_eq!(parse("-0.0"), Ok(json!(0)));
        assert_eq!(parse("1e19"), Ok(json!(10_000_000_000_000_000_000_u64)));
        for (text, number) in [
            ("3.5", 3.5),
            ("1e300", 1e300),
            ("-1e19", -1e19),
            ("18446744073709551616", 2f64.powi(64)),
        ] {
            assert_eq!(parse(text), Ok(json!(number)), "{text}");
        }
    }

    #[test]
    fn an_object_is_recognised_whatever_is_wrong_within_it() {
        for text in [
            "{}",
            " {\"a\": 1}\n",
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": "\ud83c"}"#,
            r#"{"a": 1e999}"#,
        ] {
            assert!(is_object(text), "{text}");
        }
        for text in ["", "{", "{}}", "{} and more", "[{}]", "{a}", "{'a': 1}"] {
            assert!(!is_object(text), "{text}");
        }
    }

    #[test]
    fn equal_keys_are_refused_at_any_depth() {
        assert_eq!(
            detail(r#"{"a": 1, "a": 2}"#),
            r#"the key "a" stands twice in one object at line 1 column 12"#
        );
        assert!(detail(r#"{"a": [{"b": 1, "\u0062": 2}]}"#).contains(r#""b" stands twice"#));
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_stack_overflow() {
        assert!(detail(&"[".repeat(1_000_000)).contains("recursion limit"));
        assert!(detail(&"{\"a\":".repeat(100_000)).contains("recursion limit"));
    }

    #[test]
    fn unknown_fields_are_named_all() {
        let problem = |value| {
            Fields::of(value, "", "", &["a", "b"])
                .err()
                .unwrap()
                .detail()
                .to_owned()
        };
        assert_eq!(
            problem(json!({"a": 1, "x": 1})),
            r#"unknown field "x"; known are: a, b"#
        );
        assert_eq!(
            problem(json!({"x": 1, "y": 1})),
            r#"unknown fields "x", "y"; known are: a, b"#
        );
        let many: Map<String, Value> = (0..1_000).map(|n| (format!("f{n}"), Value::Null)).collect();
        assert!(problem(many.into()).contains("and 990 more"));
        assert_eq!(
            problem(json!([1])),
            "the body is an array: expected an object with a, b"
        );
    }

    #[test]
    fn a_wrong_type_is_named_with_what_was_expected() {
        let mut fields = Fields::of(
            json!({"t": 1, "n": 1.5, "w": "x", "nul": "a\0", "none": null}),
            "options",
            "options.",
            &["t", "n", "w", "nul", "none"],
        )
        .unwrap();
        assert_eq!(
            fields.text("t").unwrap_err().detail(),
            "options.t is 1: expected a string"
        );
        assert_eq!(
            fields.whole("n", 1..=9).unwrap_err().detail(),
            "options.n is 1.5: expected a whole number from 1 to 9"
        );
        assert_eq!(
            fields.word("w", &[("a", 1), ("b", 2)]).unwrap_err().detail(),
            r#"options.w is "x": expected "a" or "b""#
        );
        assert!(fields.text("nul").unwrap_err().detail().contains("NUL"));
        assert_eq!(fields.text("none"), Ok(None));
        assert_eq!(fields.text("absent"), Ok(None));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parsers_panic(bytes: Vec<u8>) {
            let _ = utf8(&bytes).and_then(parse);
        }

        #[test]
        fn no_json_like_text_makes_the_parser_panic(text in r#"[\[\]{}":,\\u0-9a-f.eE+\- \n]{0,200}"#) {
            let strict = parse(&text).ok();
            let lenient: Option<Value> = serde_json::from_str(&text).ok();
            // Serde keeps 3.0 apart from 3.
            prop_assert!(strict.is_none() || lenient.is_some());
            if let Some(value) = strict.filter(|_| !text.contains(['.', 'e', 'E'])) {
                prop_assert_eq!(Some(value), lenient);
            }
        }
    }
}
