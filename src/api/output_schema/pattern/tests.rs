use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// The same list is tried by JavaScript's own engine (tests/scripts/linear-regexp.test.mjs).
const LIST: &str = include_str!("../../../../tests/fixtures/patterns.json");

fn listed(which: &str) -> Vec<String> {
    let list: Value = serde_json::from_str(LIST).unwrap();
    let texts = list[which].as_array().unwrap();
    texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// What boon says of it, which reads ECMA's patterns on a native engine.
fn natively(text: &str) -> Result<(), String> {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("urn:schema", json!({ "pattern": text })).unwrap();
    let compiled = compiler.compile("urn:schema", &mut schemas);
    compiled.map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn what_is_honoured_and_what_not_is_listed() {
    for text in listed("honoured") {
        assert_eq!(check(&text), Ok(()), "{text}");
    }
    for text in listed("refused") {
        assert!(check(&text).is_err(), "{text}");
    }
}

#[test]
fn length_depth_and_repetitions_are_bounded() {
    let nested = |depth| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(check(&"a".repeat(CHARS_MAX)).is_ok() && check(&"a".repeat(CHARS_MAX + 1)).is_err());
    assert!(check(&nested(DEPTH_MAX)).is_ok() && check(&nested(DEPTH_MAX + 1)).is_err());
    assert!(check(&format!("{}a{}", "(?:".repeat(40), "{9}){9}".repeat(20))).is_err());
    assert!(check("(?:a{0,9}){0,99}").is_ok() && check("(?:a{0,99}){0,99}").is_err());
    assert!(check(&format!("a{{{}}}", "9".repeat(400))).is_err());
}

proptest! {
    /// What is honoured is a pattern for another engine too.
    #[test]
    fn any_text_is_refused_or_read_by_a_native_engine(pieces in prop::collection::vec(
        prop::sample::select(vec![
            "a", "b", "é", "🐉", "-", "^", "$", ".", "|", "(", ")", "(?:", "[", "[^", "]", "{", "}", "{2}", "{0,3}",
            "{1,}", "*", "+", "?", "\\", "\\d", "\\w", "\\b", "\\p{L}", "\\u0041", "\\x41", "\\-", "\\.", ",", "9",
            "&&", "~",
        ]),
        0..9,
    )) {
        let text = pieces.concat();
        if check(&text).is_ok() {
            prop_assert_eq!(natively(&text), Ok(()));
        }
    }
}
