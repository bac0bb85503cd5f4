//! JSON texts: what this program writes, and what it says of one that it can't read.

use serde::Serialize;
use serde_json::error::Category;

/// The JSON of a value without white space, its fields in the order of their declaration.
pub fn text<T: Serialize + ?Sized>(value: &T) -> String {
    // Our types always serialise: no map of ours has a key that is not a text.
    serde_json::to_string(value).unwrap_or_default()
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
