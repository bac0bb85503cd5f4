//! A length in words, as models write it: 800, "800 words", "700 to 1,000", {"words": 800}.

use serde_json::Value;

use super::fields::take;
use crate::engine::words::plan::PlanError;
use crate::json;
use crate::text::lower;

const NAMES: [&str; 5] = ["words", "max_words", "total", "total_words", "whole"];
/// What may stand around the number. Anything else could be another unit.
const AROUND: [&str; 20] = [
    "words",
    "word",
    "about",
    "around",
    "approximately",
    "approx",
    "ca",
    "circa",
    "roughly",
    "up",
    "to",
    "at",
    "most",
    "max",
    "maximum",
    "total",
    "in",
    "of",
    "prose",
    "or",
];

/// Nothing and 0 mean that the model has not set one.
pub(super) fn read(value: Option<Value>, what: &str) -> Result<Option<u32>, PlanError> {
    let Some(value) = value else { return Ok(None) };
    let number = match &value {
        Value::Number(number) => number
            .as_f64()
            .filter(|number| *number >= 0.0)
            .map(|number| number.round() as u32),
        Value::String(text) => in_text(text),
        Value::Object(object) => {
            let mut object = object.clone();
            return match take(&mut object, &NAMES) {
                Some(inner) if !inner.is_object() => read(Some(inner), what),
                _ => Err(not_a_number(what, &value)),
            };
        }
        _ => None,
    };
    match number {
        None => Err(not_a_number(what, &value)),
        Some(number) => Ok(Some(number).filter(|number| *number > 0)),
    }
}

fn not_a_number(what: &str, value: &Value) -> PlanError {
    PlanError::UnknownWord {
        what: what.to_owned(),
        found: value.as_str().map_or_else(|| json::text(value), str::to_owned),
        expected: "a number of words",
    }
}

/// The only number of a text, or the greater one of a range.
fn in_text(text: &str) -> Option<u32> {
    let text = lower(text);
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    if !words.into_iter().all(|word| AROUND.contains(&word)) {
        return None;
    }
    let mut numbers = Vec::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (number, after) = leading_number(rest.get(start..)?);
        numbers.push(number);
        rest = after;
    }
    (1..=2).contains(&numbers.len()).then(|| numbers.into_iter().max())?
}

/// Digits, in groups of three where a separator stands between them: 1,500 and 1.500.
fn leading_number(text: &str) -> (u32, &str) {
    let mut number: u64 = 0;
    let mut rest = text;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        for digit in rest.bytes().take(digits) {
            number = number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        }
        rest = rest.get(digits..).unwrap_or_default();
        let group = rest
            .strip_prefix([',', '.', '\'', '_'])
            .filter(|group| group.bytes().take_while(u8::is_ascii_digit).count() == 3);
        match group {
            Some(group) => rest = group,
            None => return (u32::try_from(number).unwrap_or(u32::MAX), rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_of_words_is_read_however_it_is_written() {
        for (value, expected) in [
            (json!(800), Some(800)),
            (json!(799.6), Some(800)),
            (json!(0), None),
            (json!("800"), Some(800)),
            (json!("about 1,500 words"), Some(1_500)),
            (json!("1.500 words"), Some(1_500)),
            (json!("800-1000"), Some(1_000)),
            (json!("700 to 900 words"), Some(900)),
            (json!({"words": 800}), Some(800)),
            (json!({"max_words": "800 words"}), Some(800)),
            (json!("99999999999"), Some(u32::MAX)),
        ] {
            assert_eq!(read(Some(value.clone()), "x"), Ok(expected), "{value}");
        }
        assert_eq!(read(None, "x"), Ok(None));
    }

    #[test]
    fn what_may_mean_something_else_is_said() {
        for value in [
            json!("3 pages"),
            json!("1000 characters"),
            json!("brief"),
            json!("400, 500 or 600"),
            json!(-1),
            json!(true),
            json!([800]),
            json!({"tokens": 800}),
            json!({"words": {"words": 800}}),
        ] {
            let error = read(Some(value.clone()), "\"length\"").unwrap_err().to_string();
            assert!(
                error.starts_with("\"length\" is ") && error.ends_with("expected a number of words"),
                "{error}"
            );
        }
    }
}
