//! A JSON value in which no object has two equal keys. Serde's own `Value` keeps the last of them without a word.
//!
//! A number that is whole is an integer, however it is written: `3`, `3.0` and `3e0` are one number (JSON Schema
//! 2020-12, section 4.2.3 of its core).

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::text::shown;

pub struct StrictValue(pub Value);

impl<'de> Deserialize<'de> for StrictValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<StrictValue, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(StrictValue)
    }
}

/// The integer that a number is, where it is one that fits.
fn integer(number: f64) -> Option<Value> {
    // 2^63 and 2^64. Every whole number between them that an `f64` can be is exactly one of the integer type.
    const I64_END: f64 = 9_223_372_036_854_775_808.0;
    const U64_END: f64 = 18_446_744_073_709_551_616.0;
    match number {
        _ if number.fract() != 0.0 => None,
        _ if (0.0..U64_END).contains(&number) => Some((number as u64).into()),
        _ if (-I64_END..0.0).contains(&number) => Some((number as i64).into()),
        _ => None,
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(integer(value).unwrap_or_else(|| value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(StrictValue(value)) = items.next_element()? {
            array.push(value);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            // Before its value is read, so that the error stands where the key does.
            if object.contains_key(&key) {
                let message = format!("the key {} stands twice in one object", shown(&key));
                return Err(A::Error::custom(message));
            }
            let StrictValue(value) = members.next_value()?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}
