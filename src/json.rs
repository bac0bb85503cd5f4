//! JSON texts: the one serializer and the one parser of this program, so that no type's code for them exists twice.

mod reader;

use serde::Serialize;
use serde_json::error::Category;
use serde_json::{Map, Value};

use reader::StrictTree;
pub use reader::Tree;

/// The JSON of a value without white space, its fields in the order of their declaration.
pub fn text<T: Serialize + ?Sized>(value: &T) -> String {
    // Our types always serialise: no map of ours has a key that is not a text.
    serde_json::to_string(value).unwrap_or_default()
}

/// The same, parsed.
pub fn value<T: Serialize + ?Sized>(value: &T) -> Value {
    parse(&text(value)).unwrap_or_default()
}

/// An object. What `json!` would make, with less code.
pub fn object(fields: Vec<(&str, Value)>) -> Value {
    let mut map = Map::new();
    for (name, value) in fields {
        map.insert(name.to_owned(), value);
    }
    Value::Object(map)
}

/// What is wrong with a JSON text and where. Serde's own message may quote the text, which may be anybody's prompt.
pub fn fault(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Syntax => "it is not JSON",
        Category::Eof => "it ends too early",
        Category::Data | Category::Io => "a field is missing or has an unexpected value",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

/// Any JSON text. Of equal keys the last counts.
pub fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str::<Tree>(text).map(|tree| tree.0)
}

/// The same for JSON as people write it: an object with equal keys is an error.
pub fn parse_strict(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str::<StrictTree>(text).map(|tree| tree.0)
}
