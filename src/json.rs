//! JSON texts: what this program writes, and what it says of one that it can't read.

pub mod strict;
pub mod tree;
pub mod writer;

use serde::Serialize;
use serde_json::Value;
use serde_json::error::Category;
use writer::{Sink, Unwritable, Writer};

/// The JSON of a value without white space, its fields in the order of their declaration. Of a [`Value`] too: its
/// `Display`, and the macro `json!` around one, are two more writers, with 2 KB of code each.
pub fn text<T: Serialize + ?Sized>(value: &T) -> String {
    to_string(value, false)
}

/// The same in indented lines.
pub fn in_lines<T: Serialize + ?Sized>(value: &T) -> String {
    to_string(value, true)
}

fn to_string<T: Serialize + ?Sized>(value: &T, in_lines: bool) -> String {
    let mut json = Vec::new();
    // Our types always serialise: no map of ours has a key that is not a text.
    value
        .serialize(&mut Writer::new(&mut json, in_lines))
        .unwrap_or_default();
    String::from_utf8(json).unwrap_or_default()
}

/// The same as [`text`], piece by piece.
pub fn write<T: Serialize + ?Sized>(value: &T, sink: &mut dyn Sink) -> Result<(), Unwritable> {
    value.serialize(&mut Writer::new(sink, false))
}

/// The value as a tree, read from its text. `serde_json::to_value` needs no text, but its code exists once more for
/// each of our types.
pub fn tree<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::from_str(&text(value)).unwrap_or_default()
}

const DOES_NOT_FIT: &str = "a field is missing or has an unexpected value";

/// What is wrong with a JSON text and where. Serde's own message may quote the text, which may be anybody's prompt.
pub fn fault(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Syntax => "it is not JSON",
        Category::Eof => "it ends too early",
        Category::Data | Category::Io => DOES_NOT_FIT,
    };
    // A value that was read already has no place in a text.
    match error.line() {
        0 => what.to_owned(),
        line => format!("{what} (line {line}, column {})", error.column()),
    }
}
