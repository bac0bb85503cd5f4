//! serde's side of [`super::text`].

use std::convert::Infallible;
use std::fmt::{self, Write};

use serde::ser::{self, Serialize};
use serde_json::Number;

/// Appends to a text. Never fails, so that no caller has an error to handle.
pub(super) struct Writer<'a>(pub &'a mut String);

/// serde wants an error type of its own for every serializer.
#[derive(Debug)]
pub(super) struct Never(Infallible);

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter) -> fmt::Result {
        match self.0 {}
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    /// Called by `Serialize` implementations that can fail, such as that of a path: none of ours.
    fn custom<T: fmt::Display>(message: T) -> Self {
        panic!("{message}")
    }
}

type Done = Result<(), Never>;

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = List<'a>;
    type SerializeStruct = List<'a>;
    type SerializeStructVariant = List<'a>;

    fn serialize_bool(self, value: bool) -> Done {
        self.0.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Done {
        plain(self.0, format_args!("{value}"));
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Done {
        plain(self.0, format_args!("{value}"));
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Done {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Done {
        match Number::from_f64(value) {
            Some(number) => plain(self.0, format_args!("{number}")),
            None => self.0.push_str("null"),
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Done {
        quoted(self.0, value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Done {
        quoted(self.0, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Done {
        value.serialize(self)
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, variant: &'static str, value: &T) -> Done {
        let list = open_variant(self.0, variant, "");
        value.serialize(Writer(list.text))?;
        list.close("}");
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Never> {
        Ok(open(self.0, "["))
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Never> {
        Ok(open(self.0, "["))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Never> {
        Ok(open(self.0, "["))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<List<'a>, Never> {
        Ok(open_variant(self.0, variant, "["))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<List<'a>, Never> {
        Ok(open(self.0, "{"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Never> {
        Ok(open(self.0, "{"))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<List<'a>, Never> {
        Ok(open_variant(self.0, variant, "{"))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Done {
        quoted(self.0, &value.to_string());
        Ok(())
    }
}

/// An open array or object.
pub(super) struct List<'a> {
    text: &'a mut String,
    empty: bool,
}

fn open<'a>(text: &'a mut String, bracket: &str) -> List<'a> {
    text.push_str(bracket);
    List { text, empty: true }
}

/// `{"variant":` and the bracket.
fn open_variant<'a>(text: &'a mut String, variant: &str, bracket: &str) -> List<'a> {
    text.push('{');
    quoted(text, variant);
    text.push(':');
    open(text, bracket)
}

impl List<'_> {
    fn comma(&mut self) -> Writer<'_> {
        if !self.empty {
            self.text.push(',');
        }
        self.empty = false;
        Writer(self.text)
    }

    fn name(&mut self, name: &str) -> Writer<'_> {
        let writer = self.comma();
        quoted(writer.0, name);
        writer.0.push(':');
        writer
    }

    fn close(self, brackets: &str) {
        self.text.push_str(brackets);
    }
}

impl ser::SerializeSeq for List<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(self.comma())
    }

    fn end(self) -> Done {
        self.close("]");
        Ok(())
    }
}

impl ser::SerializeTuple for List<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(self.comma())
    }

    fn end(self) -> Done {
        self.close("]");
        Ok(())
    }
}

impl ser::SerializeTupleStruct for List<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(self.comma())
    }

    fn end(self) -> Done {
        self.close("]");
        Ok(())
    }
}

impl ser::SerializeTupleVariant for List<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(self.comma())
    }

    fn end(self) -> Done {
        self.close("]}");
        Ok(())
    }
}

impl ser::SerializeMap for List<'_> {
    type Ok = ();
    type Error = Never;

    /// Keys are strings throughout.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        key.serialize(self.comma())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.text.push(':');
        value.serialize(Writer(self.text))
    }

    fn end(self) -> Done {
        self.close("}");
        Ok(())
    }
}

impl ser::SerializeStruct for List<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        value.serialize(self.name(name))
    }

    fn end(self) -> Done {
        self.close("}");
        Ok(())
    }
}

impl ser::SerializeStructVariant for List<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        value.serialize(self.name(name))
    }

    fn end(self) -> Done {
        self.close("}}");
        Ok(())
    }
}

fn plain(text: &mut String, arguments: fmt::Arguments) {
    // A String takes all that it is given.
    let _ = text.write_fmt(arguments);
}

/// As serde_json escapes: what JSON demands, and nothing else.
fn quoted(text: &mut String, value: &str) {
    text.push('"');
    let mut rest = value;
    while let Some(at) = rest.find(|character: char| character < ' ' || character == '"' || character == '\\') {
        let (clean, after) = rest.split_at(at);
        text.push_str(clean);
        let mut characters = after.chars();
        match characters.next().unwrap_or_default() {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            control if control < ' ' => plain(text, format_args!("\\u{:04x}", u32::from(control))),
            quote => {
                text.push('\\');
                text.push(quote);
            }
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text.push('"');
}
