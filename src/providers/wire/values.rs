//! The JSON values of an event that is not exactly one JSON value.
//!
//! The reader parses each event once, as strictly as JSON is. Only where that fails this module reads it again:
//!
//! - Half a surrogate pair in an escape is a half character (see [`super::halves`]).
//! - `NaN`, `Infinity` and `-Infinity`, which Python writes, become texts, so that a field that nobody reads does no
//!   harm and one that is read shows what came.
//! - Several values that stand together, with or without `data:`, a line break or `[DONE]` between them, are read one
//!   after the other.
//!
//! All of it is read, or nothing is.

use super::halves::{half_of, is_high, joined, mark_of};
use serde_json::Value;

#[derive(Debug, PartialEq)]
pub(super) enum Item {
    Value(Value),
    /// `[DONE]`
    Done,
}

#[derive(Debug, PartialEq)]
pub(super) struct Items {
    pub(super) items: Vec<Item>,
    /// Private characters of the texts stand for halves of surrogate pairs.
    pub(super) marked: bool,
}

pub(super) const DONE: &str = "[DONE]";
/// What Python's `json` writes for numbers that JSON does not have.
const NO_NUMBERS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// The values of `data`, or what is wrong with it.
pub(super) fn read_leniently(data: &str) -> Result<Items, serde_json::Error> {
    let (text, marked) = mended(data).ok_or_else(|| serde::de::Error::custom("a private character beside a half"))?;
    let mut items = Vec::new();
    let mut rest = trim_start(&text);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("data:") {
            rest = trim_start(after);
        } else if let Some(after) = rest.strip_prefix(DONE) {
            items.push(Item::Done);
            rest = trim_start(after);
        } else {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            match values.next() {
                Some(value) => items.push(Item::Value(value?)),
                None => break,
            }
            rest = trim_start(rest.get(values.byte_offset()..).unwrap_or_default());
        }
    }
    Ok(Items { items, marked })
}

/// Without white space, byte order marks and characters of no width.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}')
}

/// `data` with its halves marked and its wrong numbers as texts; whether halves were marked. None where a text holds a
/// character that stands for a half.
fn mended(data: &str) -> Option<(String, bool)> {
    let mut text = String::with_capacity(data.len());
    let (mut in_string, mut marked, mut has_private) = (false, false, false);
    let mut rest = data;
    while let Some(next) = rest.chars().next() {
        let mut taken = next.len_utf8();
        match next {
            '"' => {
                in_string = !in_string;
                text.push(next);
            }
            '\\' if in_string => {
                let (escape_bytes, half) = escape(rest);
                taken = escape_bytes;
                match half {
                    Some(Unit::Half(half)) => {
                        marked = true;
                        text.extend(mark_of(half));
                    }
                    Some(Unit::Character(character)) => {
                        has_private |= half_of(character).is_some();
                        text.push_str(rest.get(..taken)?);
                    }
                    None => text.push_str(rest.get(..taken)?),
                }
            }
            _ if in_string => {
                has_private |= half_of(next).is_some();
                text.push(next);
            }
            _ => match NO_NUMBERS.iter().find(|word| rest.starts_with(**word)) {
                Some(word) => {
                    taken = word.len();
                    text.extend(["\"", word, "\""]);
                }
                None => text.push(next),
            },
        }
        rest = rest.get(taken..)?;
    }
    (!(marked && has_private)).then_some((text, marked))
}

enum Unit {
    Half(u32),
    /// A pair of escapes.
    Character(char),
}

/// The length in bytes of the escape that `text` begins with, and what it is of a surrogate pair.
fn escape(text: &str) -> (usize, Option<Unit>) {
    let unit_at = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        let unit = u32::from_str_radix(digits, 16).ok()?;
        mark_of(unit).map(|_| unit)
    };
    let Some(first) = unit_at(0) else {
        let character = text.chars().nth(1).map_or(0, char::len_utf8);
        return (1 + character, None);
    };
    let second = unit_at(6).filter(|second| is_high(first) && !is_high(*second));
    match second.and_then(|second| joined(first, second)) {
        Some(character) => (12, Some(Unit::Character(character))),
        None => (6, Some(Unit::Half(first))),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(data: &str) -> Option<Vec<Item>> {
        read_leniently(data).ok().map(|items| items.items)
    }

    #[test]
    fn values_that_stand_together_are_read_apart() {
        let both = [Item::Value(json!({"a": 1})), Item::Value(json!({"b": "}{"}))];
        for data in [
            r#"{"a":1}{"b":"}{"}"#,
            "{\"a\":1}\n{\"b\":\"}{\"}",
            r#"data: {"a":1}data:{"b":"}{"}"#,
            "\u{feff}{\"a\":1} \u{200b}data: \n{\"b\":\"}{\"}\n",
        ] {
            assert_eq!(read(data).as_deref(), Some(both.as_slice()), "{data}");
        }
        assert_eq!(read("{}[DONE]"), Some(vec![Item::Value(json!({})), Item::Done]));
    }

    #[test]
    fn what_is_no_json_is_not_read_in_part() {
        for data in [
            r#"{"a":1}}"#,
            r#"{"a":1}x"#,
            r#"{"a":1}{"b"#,
            r#"{"a":"b}"#,
            r#"xdata: {"a":1}"#,
            r#"{"a":NaNa}"#,
            "{\"a\":\"\\ud83c\u{10ffff}\"}",
        ] {
            assert_eq!(read(data), None, "{data}");
        }
    }

    #[test]
    fn numbers_that_json_does_not_have_are_texts() {
        let value = json!({"a": ["NaN", "-Infinity", "Infinity"], "b": "NaN"});
        assert_eq!(
            read(r#"{"a":[NaN,-Infinity,Infinity],"b":"NaN"}"#),
            Some(vec![Item::Value(value)])
        );
    }

    #[test]
    fn halves_are_marked_and_pairs_stay() {
        let items = read_leniently(r#"{"a":"\ud83c","b":"\ud83c\udf89\\ud83c"}"#).expect("read");
        let marked = mark_of(0xd83c).expect("a mark").to_string();
        let value = json!({"a": marked, "b": "🎉\\ud83c"});
        assert_eq!((items.items, items.marked), (vec![Item::Value(value)], true));
    }
}
