//! JSON that this program reads back: journals, and what the entry worker asks an object.
//!
//! Written by derived `Serialize` (see [`crate::json`]), read by [`Stored`] from a parsed value: a derived
//! `Deserialize` is many times as much code, for each parser once more, and the bundle has a limit. The rules are
//! serde's: unknown fields are ignored, an absent `Option` is `None`, any other absent field an error unless it is
//! marked `default`.

use serde_json::{Map, Value};

/// Why a value can't be read, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// What can be read back.
pub trait Stored: Sized {
    fn read(value: Value) -> Result<Self, Unreadable>;

    /// What an absent field stands for.
    fn absent() -> Option<Self> {
        None
    }
}

impl Unreadable {
    /// In serde's words.
    pub fn wrong_type(found: &Value, expected: &str) -> Unreadable {
        let found = match found {
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => format!("boolean `{flag}`"),
            Value::Number(number) if number.is_f64() => format!("floating point `{number}`"),
            Value::Number(number) => format!("integer `{number}`"),
            Value::String(text) => format!("string {text:?}"),
            Value::Array(_) => "sequence".to_owned(),
            Value::Object(_) => "map".to_owned(),
        };
        Unreadable(format!("invalid type: {found}, expected {expected}"))
    }

    pub fn missing(field: &str) -> Unreadable {
        Unreadable(format!("missing field `{field}`"))
    }

    pub fn unknown_word(word: &str) -> Unreadable {
        Unreadable(format!("unknown variant `{word}`"))
    }
}

/// The fields of an object, taken out one by one.
pub struct Fields(Map<String, Value>);

impl Fields {
    pub fn of(value: Value) -> Result<Fields, Unreadable> {
        match value {
            Value::Object(map) => Ok(Fields(map)),
            other => Err(Unreadable::wrong_type(&other, "an object")),
        }
    }

    pub fn required<T: Stored>(&mut self, name: &str) -> Result<T, Unreadable> {
        match self.0.remove(name) {
            Some(value) => T::read(value),
            None => T::absent().ok_or_else(|| Unreadable::missing(name)),
        }
    }

    pub fn default<T: Stored + Default>(&mut self, name: &str) -> Result<T, Unreadable> {
        match self.0.remove(name) {
            Some(value) => T::read(value),
            None => Ok(T::default()),
        }
    }
}

/// `"word"`, or `{"word": {...}}`: how serde stores an enum.
pub fn variant(value: Value) -> Result<(String, Value), Unreadable> {
    match value {
        Value::String(word) => Ok((word, Value::Null)),
        Value::Object(map) => map
            .into_iter()
            .next()
            .ok_or_else(|| Unreadable("expected a variant".to_owned())),
        other => Err(Unreadable::wrong_type(&other, "a variant")),
    }
}

/// The position of a word among `words`.
pub fn position(value: &Value, words: &[&str]) -> Result<usize, Unreadable> {
    let word = value.as_str().ok_or_else(|| Unreadable::wrong_type(value, "a word"))?;
    let found = words.iter().position(|known| *known == word);
    found.ok_or_else(|| Unreadable::unknown_word(word))
}

fn whole(value: &Value, max: u64) -> Result<u64, Unreadable> {
    let number = value.as_u64().filter(|number| *number <= max);
    number.ok_or_else(|| Unreadable::wrong_type(value, "a whole number"))
}

impl Stored for u64 {
    fn read(value: Value) -> Result<u64, Unreadable> {
        whole(&value, u64::MAX)
    }
}

impl Stored for u32 {
    fn read(value: Value) -> Result<u32, Unreadable> {
        whole(&value, u64::from(u32::MAX)).map(|number| number as u32)
    }
}

impl Stored for usize {
    fn read(value: Value) -> Result<usize, Unreadable> {
        whole(&value, usize::MAX as u64).map(|number| number as usize)
    }
}

impl Stored for bool {
    fn read(value: Value) -> Result<bool, Unreadable> {
        value
            .as_bool()
            .ok_or_else(|| Unreadable::wrong_type(&value, "a boolean"))
    }
}

impl Stored for String {
    fn read(value: Value) -> Result<String, Unreadable> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(Unreadable::wrong_type(&other, "a string")),
        }
    }
}

impl<T: Stored> Stored for Option<T> {
    fn read(value: Value) -> Result<Option<T>, Unreadable> {
        if value.is_null() {
            Ok(None)
        } else {
            T::read(value).map(Some)
        }
    }

    fn absent() -> Option<Option<T>> {
        Some(None)
    }
}

impl<T: Stored> Stored for Box<T> {
    fn read(value: Value) -> Result<Box<T>, Unreadable> {
        T::read(value).map(Box::new)
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn read(value: Value) -> Result<Vec<T>, Unreadable> {
        let Value::Array(values) = value else {
            return Err(Unreadable::wrong_type(&value, "a sequence"));
        };
        values.into_iter().map(T::read).collect()
    }
}

impl Stored for (String, String) {
    fn read(value: Value) -> Result<(String, String), Unreadable> {
        let mut pair = Vec::<String>::read(value)?;
        match (pair.pop(), pair.pop(), pair.pop()) {
            (Some(second), Some(first), None) => Ok((first, second)),
            _ => Err(Unreadable("expected a pair".to_owned())),
        }
    }
}

/// Whatever it holds: who wrote it has checked that.
impl Stored for Map<String, Value> {
    fn read(value: Value) -> Result<Map<String, Value>, Unreadable> {
        Fields::of(value).map(|fields| fields.0)
    }
}

/// Implements [`Stored`] for a struct: `stored! { Task { id, title, depends_on: default } }`.
macro_rules! stored {
    ($name:ident { $($field:ident $(: $how:ident)?),* $(,)? }) => {
        impl $crate::stored::Stored for $name {
            fn read(value: serde_json::Value) -> Result<Self, $crate::stored::Unreadable> {
                let mut fields = $crate::stored::Fields::of(value)?;
                Ok($name { $($field: $crate::stored::field!(fields, $field $($how)?)),* })
            }
        }
    };
}

/// Implements [`Stored`] for an enum of words: `stored_words! { Approval { None = "none", Plan = "plan" } }`.
macro_rules! stored_words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $crate::stored::Stored for $name {
            fn read(value: serde_json::Value) -> Result<Self, $crate::stored::Unreadable> {
                const VARIANTS: &[$name] = &[$($name::$variant),*];
                let position = $crate::stored::position(&value, &[$($word),*])?;
                VARIANTS.get(position).copied().ok_or_else(|| $crate::stored::Unreadable::unknown_word(""))
            }
        }
    };
}

macro_rules! field {
    ($fields:ident, $field:ident) => {
        $fields.required(stringify!($field))?
    };
    ($fields:ident, $field:ident default) => {
        $fields.default(stringify!($field))?
    };
}

pub(crate) use {field, stored, stored_words};
