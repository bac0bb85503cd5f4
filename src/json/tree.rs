//! A typed value read from a parsed JSON text.
//!
//! Serde's derived code exists once for each kind of reader that it is given. serde_json's own readers take a struct
//! from a list too, so that this code exists twice for each of them, and a list is never meant for a struct here. So
//! all our types are read by this one reader, which takes a struct from an object only: 40 KB of WebAssembly less.
//!
//! To the derived code an object looks like the list of its fields in their order. So the code that looks each name up
//! and keeps what it has found so far is not needed. This asks that no field has an alias, and whoever refuses unknown
//! fields says so ([`of_fields`]).

use std::cell::Cell;
use std::{mem, slice};

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value, map};

/// Reads a value of the type from its JSON text.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    of_value(serde_json::from_str(text)?)
}

/// The same from a parsed value.
pub fn of_value<T: DeserializeOwned>(mut value: Value) -> Result<T, Error> {
    T::deserialize(Tree(&mut value))
}

/// The same, and a field that is none of these is an error. (`deny_unknown_fields` is of no effect here.)
pub fn of_fields<T: DeserializeOwned>(value: Value, fields: &'static [&'static str]) -> Result<T, Error> {
    let mut names = value.as_object().into_iter().flat_map(Map::keys);
    match names.find(|name| !fields.contains(&name.as_str())) {
        Some(unknown) => Err(Error::unknown_field(unknown, fields)),
        None => of_value(value),
    }
}

/// An enum whose variant is named apart from its fields.
pub fn of_variant<T: DeserializeOwned>(variant: &str, mut fields: Value) -> Result<T, Error> {
    T::deserialize(Variant {
        name: variant,
        value: &mut fields,
    })
}

/// What is read is taken out of the value: whoever owns it drops the rest, and the code of each type need not.
struct Tree<'v>(&'v mut Value);

impl Tree<'_> {
    fn unexpected<T>(&self, expected: &dyn Expected) -> Result<T, Error> {
        Err(unexpected(self.0, expected))
    }
}

/// That a value is of another type.
pub fn unexpected(value: &Value, expected: &dyn Expected) -> Error {
    let found = match value {
        Value::Null => Unexpected::Unit,
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Unexpected::Signed(value),
            (_, value) => Unexpected::Float(value.unwrap_or(f64::NAN)),
        },
        Value::String(text) => Unexpected::Str(text),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
    };
    Error::invalid_type(found, expected)
}

impl<'de> Deserializer<'de> for Tree<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(_) => self.deserialize_u64(visitor),
            Value::String(text) => visitor.visit_string(mem::take(text)),
            Value::Array(items) => visitor.visit_seq(Items(items.iter_mut())),
            Value::Object(members) => visitor.visit_map(Members::of(members)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(*value),
            _ => self.unexpected(&visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Number(number) = &*self.0 else {
            return self.unexpected(&visitor);
        };
        match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(value), ..) => visitor.visit_u64(value),
            (_, Some(value), _) => visitor.visit_i64(value),
            (.., value) => visitor.visit_f64(value.unwrap_or(f64::NAN)),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_string(mem::take(text)),
            _ => self.unexpected(&visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items(items.iter_mut())),
            _ => self.unexpected(&visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(members) => visitor.visit_map(Members::of(members)),
            _ => self.unexpected(&visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Value::Object(members) = self.0 else {
            return self.unexpected(&visitor);
        };
        let missing = Cell::new(None);
        let read = visitor.visit_seq(Fields {
            names: fields.iter(),
            members,
            missing: &missing,
            nothing: Value::Null,
        });
        // The derived code tells of the length of a list.
        read.map_err(|error| missing.get().map_or(error, Error::missing_field))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant {
                name,
                value: &mut Value::Null,
            }),
            Value::Object(members) if members.len() == 1 => match members.iter_mut().next() {
                Some((name, value)) => visitor.visit_enum(Variant { name, value }),
                None => Err(Error::missing_field(name)),
            },
            _ => self.unexpected(&visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

struct Items<'v>(slice::IterMut<'v, Value>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.0.next().map(|value| seed.deserialize(Tree(value))).transpose()
    }
}

/// The fields of a struct in their order.
struct Fields<'a> {
    names: slice::Iter<'static, &'static str>,
    members: &'a mut Map<String, Value>,
    /// The field that was asked for last, where it is not there and has to be.
    missing: &'a Cell<Option<&'static str>>,
    /// What a field that is not there is read from.
    nothing: Value,
}

impl Fields<'_> {
    /// The next field's value. Apart from the code that exists for each type of field.
    #[inline(never)]
    fn next(&mut self) -> &mut Value {
        let name = self.names.next().copied();
        let member = name.and_then(|name| self.members.get_mut(name));
        self.missing.set(name.filter(|_| member.is_none()));
        member.unwrap_or(&mut self.nothing)
    }
}

impl<'de> SeqAccess<'de> for Fields<'_> {
    type Error = Error;

    /// None where there is no such member: then it has a default, or the whole is an error. An option is none then.
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        match seed.deserialize(Tree(self.next())) {
            Ok(value) => Ok(Some(value)),
            Err(_) if self.missing.get().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

struct Members<'v> {
    rest: map::IterMut<'v>,
    value: Value,
}

impl<'v> Members<'v> {
    fn of(members: &'v mut Map<String, Value>) -> Self {
        Members {
            rest: members.iter_mut(),
            value: Value::Null,
        }
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some((name, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = value.take();
        seed.deserialize(Tree(&mut name.as_str().into())).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(Tree(&mut self.value))
    }
}

struct Variant<'v> {
    name: &'v str,
    value: &'v mut Value,
}

impl<'de> Deserializer<'de> for Variant<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, 'v> EnumAccess<'de> for Variant<'v> {
    type Error = Error;
    type Variant = Tree<'v>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Tree<'v>), Error> {
        let name: StrDeserializer<'_, Error> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Tree(self.value)))
    }
}

impl<'de> VariantAccess<'de> for Tree<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.deserialize_struct("", fields, visitor)
    }
}
