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
use std::marker::PhantomData;
use std::{fmt, mem, slice};

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, map};

use crate::json;

/// That a value is not what the type asks for. Nobody is told more of what this program has written itself, and so
/// nothing of the derived code's words is in the WebAssembly: 17 KB less.
#[derive(Debug)]
pub struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(json::DOES_NOT_FIT)
    }
}

impl std::error::Error for Misfit {}

impl Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Misfit
    }
}

/// Reads a value of the type from its JSON text, or says what is wrong and quotes nothing.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let mut value = serde_json::from_str(text).map_err(|error| json::fault(&error))?;
    T::deserialize(Tree::of(&mut value)).map_err(|misfit: Misfit| misfit.to_string())
}

/// A value in somebody's own words. The error says what is wrong, also of a field that is none of these.
/// (`deny_unknown_fields` is of no effect here.)
pub fn of_fields<T: DeserializeOwned>(
    mut value: Value,
    fields: &'static [&'static str],
) -> Result<T, serde_json::Error> {
    let mut names = value.as_object().into_iter().flat_map(Map::keys);
    match names.find(|name| !fields.contains(&name.as_str())) {
        Some(unknown) => Err(Error::unknown_field(unknown, fields)),
        None => T::deserialize(Tree::of(&mut value)),
    }
}

/// An enum whose variant is named apart from its fields.
pub fn of_variant<T: DeserializeOwned>(variant: &str, mut fields: Value) -> Result<T, Misfit> {
    T::deserialize(Variant {
        name: variant,
        value: &mut fields,
        error: PhantomData,
    })
}

/// What is read is taken out of the value: whoever owns it drops the rest, and the code of each type need not.
struct Tree<'v, E>(&'v mut Value, PhantomData<E>);

impl<'v, E: Error> Tree<'v, E> {
    fn of(value: &'v mut Value) -> Self {
        Tree(value, PhantomData)
    }

    fn unexpected<T>(&self, expected: &dyn Expected) -> Result<T, E> {
        Err(unexpected(self.0, expected))
    }
}

/// That a value is of another type.
pub fn unexpected<E: Error>(value: &Value, expected: &dyn Expected) -> E {
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
    E::invalid_type(found, expected)
}

impl<'de, E: Error> Deserializer<'de> for Tree<'_, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(_) => self.deserialize_u64(visitor),
            Value::String(text) => visitor.visit_string(mem::take(text)),
            Value::Array(items) => visitor.visit_seq(Items(items.iter_mut(), PhantomData)),
            Value::Object(members) => visitor.visit_map(Members::of(members)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(*value),
            _ => self.unexpected(&visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        let Value::Number(number) = &*self.0 else {
            return self.unexpected(&visitor);
        };
        match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(value), ..) => visitor.visit_u64(value),
            (_, Some(value), _) => visitor.visit_i64(value),
            (.., value) => visitor.visit_f64(value.unwrap_or(f64::NAN)),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Value::String(text) => visitor.visit_string(mem::take(text)),
            _ => self.unexpected(&visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_string(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items(items.iter_mut(), PhantomData)),
            _ => self.unexpected(&visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
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
    ) -> Result<V::Value, E> {
        let Value::Object(members) = self.0 else {
            return self.unexpected(&visitor);
        };
        let missing = Cell::new(None);
        let read = visitor.visit_seq(Fields {
            names: fields.iter(),
            members,
            missing: &missing,
            nothing: Value::Null,
            error: PhantomData,
        });
        // The derived code tells of the length of a list.
        read.map_err(|error| missing.get().map_or(error, E::missing_field))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant {
                name,
                value: &mut Value::Null,
                error: PhantomData,
            }),
            Value::Object(members) if members.len() == 1 => match members.iter_mut().next() {
                Some((name, value)) => visitor.visit_enum(Variant {
                    name,
                    value,
                    error: PhantomData,
                }),
                None => Err(E::missing_field(name)),
            },
            _ => self.unexpected(&visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

struct Items<'v, E>(slice::IterMut<'v, Value>, PhantomData<E>);

impl<'de, E: Error> SeqAccess<'de> for Items<'_, E> {
    type Error = E;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, E> {
        self.0.next().map(|value| seed.deserialize(Tree::of(value))).transpose()
    }
}

/// The fields of a struct in their order.
struct Fields<'a, E> {
    names: slice::Iter<'static, &'static str>,
    members: &'a mut Map<String, Value>,
    /// The field that was asked for last, where it is not there and has to be.
    missing: &'a Cell<Option<&'static str>>,
    /// What a field that is not there is read from.
    nothing: Value,
    error: PhantomData<E>,
}

impl<E> Fields<'_, E> {
    /// The next field's value. Apart from the code that exists for each type of field.
    #[inline(never)]
    fn next(&mut self) -> &mut Value {
        let name = self.names.next().copied();
        let member = name.and_then(|name| self.members.get_mut(name));
        self.missing.set(name.filter(|_| member.is_none()));
        member.unwrap_or(&mut self.nothing)
    }
}

impl<'de, E: Error> SeqAccess<'de> for Fields<'_, E> {
    type Error = E;

    /// None where there is no such member: then it has a default, or the whole is an error. An option is none then.
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, E> {
        match seed.deserialize(Tree::of(self.next())) {
            Ok(value) => Ok(Some(value)),
            Err(_) if self.missing.get().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

struct Members<'v, E> {
    rest: map::IterMut<'v>,
    value: Value,
    error: PhantomData<E>,
}

impl<'v, E> Members<'v, E> {
    fn of(members: &'v mut Map<String, Value>) -> Self {
        Members {
            rest: members.iter_mut(),
            value: Value::Null,
            error: PhantomData,
        }
    }
}

impl<'de, E: Error> MapAccess<'de> for Members<'_, E> {
    type Error = E;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, E> {
        let Some((name, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = value.take();
        seed.deserialize(Tree::of(&mut name.as_str().into())).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, E> {
        seed.deserialize(Tree::of(&mut self.value))
    }
}

struct Variant<'v, E> {
    name: &'v str,
    value: &'v mut Value,
    error: PhantomData<E>,
}

impl<'de, E: Error> Deserializer<'de> for Variant<'_, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, 'v, E: Error> EnumAccess<'de> for Variant<'v, E> {
    type Error = E;
    type Variant = Tree<'v, E>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Tree<'v, E>), E> {
        let name: StrDeserializer<'_, E> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Tree::of(self.value)))
    }
}

impl<'de, E: Error> VariantAccess<'de> for Tree<'_, E> {
    type Error = E;

    fn unit_variant(self) -> Result<(), E> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, E> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, E> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, E> {
        self.deserialize_struct("", fields, visitor)
    }
}
