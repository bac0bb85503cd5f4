//! JSON texts: the one serializer and the one parser of this program, so that no type's code for them exists twice.

mod reader;
mod writer;

use serde::Serialize;
use serde_json::{Map, Value};

use reader::StrictTree;
pub use reader::Tree;

/// The JSON of a value without white space, its fields in the order of their declaration.
pub fn text<T: Serialize + ?Sized>(value: &T) -> String {
    let mut text = String::new();
    // The writer has no error to give.
    let _ = value.serialize(writer::Writer(&mut text));
    text
}

/// The same, parsed.
pub fn value<T: Serialize + ?Sized>(value: &T) -> Value {
    parse(&text(value)).unwrap_or_default()
}

/// A text of ours with line breaks and indents, as `serde_json::to_string_pretty` writes it.
pub fn pretty(text: &str) -> String {
    let (mut pretty, mut depth, mut quoted, mut escaped, mut opened) = (String::new(), 0, false, false, false);
    for character in text.chars() {
        let closes = !quoted && matches!(character, '}' | ']');
        if closes {
            depth -= 1;
        }
        // An empty array or object stays on its line.
        if opened != closes {
            indent(&mut pretty, depth);
        }
        opened = !quoted && matches!(character, '{' | '[');
        if opened {
            depth += 1;
        }
        pretty.push(character);
        match character {
            '"' if !escaped => quoted = !quoted,
            ',' if !quoted => indent(&mut pretty, depth),
            ':' if !quoted => pretty.push(' '),
            _ => {}
        }
        escaped = quoted && !escaped && character == '\\';
    }
    pretty
}

fn indent(text: &mut String, depth: usize) {
    text.push('\n');
    for _ in 0..depth {
        text.push_str("  ");
    }
}

/// An object. What `json!` would make, with less code.
pub fn object(fields: Vec<(&str, Value)>) -> Value {
    let mut map = Map::new();
    for (name, value) in fields {
        map.insert(name.to_owned(), value);
    }
    Value::Object(map)
}

/// Any JSON text. Of equal keys the last counts.
pub fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str::<Tree>(text).map(|tree| tree.0)
}

/// The same for JSON as people write it: an object with equal keys is an error.
pub fn parse_strict(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str::<StrictTree>(text).map(|tree| tree.0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    enum Variants {
        Unit,
        Newtype(u8),
        Tuple(u8, bool),
        Struct { a: Option<u8> },
    }

    #[derive(Serialize)]
    struct Flat {
        #[serde(flatten)]
        inner: BTreeMap<String, i64>,
        last: (),
    }

    #[test]
    fn the_text_is_that_of_serde_json() {
        let texts = [
            "",
            "plain",
            "\"quoted\"\\/",
            "a\nb\rc\td\u{8}\u{c}\u{1}\u{1f}\u{7f}\u{2028}",
            "日本語 🦀",
        ];
        let variants = [
            Variants::Unit,
            Variants::Newtype(1),
            Variants::Tuple(1, true),
            Variants::Struct { a: None },
        ];
        let numbers = (0u64, u64::MAX, i64::MIN, 1.5f64, 1e300, f64::NAN, 3u8, 'é');
        let flat = Flat {
            inner: BTreeMap::from([("k".to_owned(), -1)]),
            last: (),
        };
        let tree = json!({"a": [1, {"b": null}, []], "c": {}, "d": 0.1, "e": -0.0, "f": texts});
        assert_eq!(text(&texts), serde_json::to_string(&texts).unwrap());
        assert_eq!(text(&variants), serde_json::to_string(&variants).unwrap());
        assert_eq!(text(&numbers), serde_json::to_string(&numbers).unwrap());
        assert_eq!(text(&flat), serde_json::to_string(&flat).unwrap());
        assert_eq!(text(&tree), tree.to_string());
        assert_eq!(value(&tree), tree);
        assert_eq!(pretty(&text(&tree)), serde_json::to_string_pretty(&tree).unwrap());
        assert_eq!(pretty(&text(&texts)), serde_json::to_string_pretty(&texts).unwrap());
    }
}
