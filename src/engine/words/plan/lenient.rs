//! Reads a malformed plan, which is JSON as models write it: what has one meaning only, and nothing that needs a guess.
//!
//! Read beside strict JSON: raw line breaks and tabs in strings, single and typographic quotes, keys without quotes,
//! comments (`//`, `#`, `/* */`), a comma before a closing bracket, a missing one between two objects or lines,
//! Python's `True`, `False` and `None`, `NaN`, and backslashes before what needs none (`\_`, `\alpha`).
//!
//! Not read, because two readings are possible: quotes inside of a string that are not escaped, and values without
//! quotes. Never read: a text that ends too early. The one exception is the caller's to make, see `ended`.
//!
//! A crate was not taken. Those that repair JSON also complete a text that was cut off, which would pass for a shorter
//! plan, and the readers of JSON5 know neither Python's words nor raw line breaks.

use serde_json::{Map, Number, Value};

/// As in serde_json.
const DEPTH_MAX: u32 = 128;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The byte that can't be read.
    Malformed { at: usize },
    /// The text ends in mid-value.
    Truncated,
}

/// The value at the beginning of `text`, and its length in bytes. `ended` says that the text is known to be whole, so
/// the last brace may be missing, but no other bracket: a list that is not closed may lack entries.
pub(super) fn parse(text: &str, ended: bool) -> Result<(Value, usize), Failure> {
    let mut reader = Reader { text, at: 0, ended };
    let value = reader.value(0)?;
    Ok((value, reader.at))
}

/// A text that is one value and nothing else.
pub(super) fn parse_all(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().or_else(|| {
        let (value, length) = parse(text.trim(), false).ok()?;
        (length == text.trim().len()).then_some(value)
    })
}

/// The name and the text of the first member of the object at the beginning of `text`, which may stop anywhere after
/// it. Nothing where that member is no text, or is not whole.
pub(super) fn first_text(text: &str) -> Option<(String, String)> {
    let mut reader = Reader {
        text,
        at: 0,
        ended: false,
    };
    let name = reader.first_name()?;
    reader
        .is_at_quote()
        .then(|| reader.string().ok())?
        .map(|text| (name, text))
}

/// The members of the object at the beginning of `text`, as far as they can be read: the last text may be unfinished.
pub(super) fn members_so_far(text: &str) -> Map<String, Value> {
    let mut reader = Reader {
        text,
        at: 0,
        ended: false,
    };
    let mut members = Map::new();
    let mut name = reader.first_name();
    while let Some(next) = name {
        let is_whole = if reader.is_at_quote() {
            let mut text = String::new();
            let read = reader.string_into(&mut text);
            members.insert(next, Value::String(text));
            read.is_ok()
        } else {
            let read = reader.value(1);
            read.map(|value| members.insert(next, value)).is_ok()
        };
        let goes_on = is_whole && reader.separator('}').is_ok();
        name = if goes_on { reader.name() } else { None };
    }
    members
}

/// Whether a text from a bracket on is meant as JSON: an object with a key, or a list of objects, strings or lists. The
/// brackets of prose are neither.
pub(super) fn begins_like_json(text: &str) -> bool {
    let within = |open| text.strip_prefix(open).map(str::trim_start);
    if let Some(list) = within('[') {
        return list.is_empty() || list.starts_with(['{', '[', '"', '\'', '“']) || begins_with_comment(list);
    }
    within('{').is_some_and(|object| {
        let after_word = object.trim_start_matches(|c: char| is_word(c) || c.is_ascii_digit() || c == '-');
        let has_key =
            after_word.len() < object.len() && (after_word.is_empty() || after_word.trim_start().starts_with(':'));
        object.is_empty() || object.starts_with(['"', '\'', '“', '‘']) || has_key || begins_with_comment(object)
    })
}

fn begins_with_comment(text: &str) -> bool {
    text.starts_with("//") || text.starts_with("/*")
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    ended: bool,
}

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Result<Value, Failure> {
        self.skip_space()?;
        match self.peek().ok_or(Failure::Truncated)? {
            _ if depth == DEPTH_MAX => Err(self.malformed()),
            '{' => self.object(depth),
            '[' => self.array(depth),
            quote if closing_quote(quote).is_some() => self.string().map(Value::String),
            '-' | '+' | '.' | '0'..='9' => self.number(),
            letter if is_word(letter) => self.literal(),
            _ => Err(self.malformed()),
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, Failure> {
        let mut object = Map::new();
        self.bump();
        loop {
            self.skip_space()?;
            match self.peek().ok_or(Failure::Truncated)? {
                '}' => break,
                quote if closing_quote(quote).is_some() => {
                    let key = self.string()?;
                    self.member(&mut object, key, depth)?;
                }
                letter if is_word(letter) => {
                    let key = self.word().to_owned();
                    self.member(&mut object, key, depth)?;
                }
                _ => return Err(self.malformed()),
            }
            // The brace of the outermost object, where nothing follows.
            if depth == 0 && self.ended && self.is_over() {
                return Ok(Value::Object(object));
            }
            self.separator('}')?;
        }
        self.bump();
        Ok(Value::Object(object))
    }

    /// Opens an object and reads up to the value of its first member.
    fn first_name(&mut self) -> Option<String> {
        (self.bump()? == '{').then(|| self.name())?
    }

    /// The name of the next member, and its colon.
    fn name(&mut self) -> Option<String> {
        self.skip_space().ok()?;
        let name = match self.peek()? {
            quote if closing_quote(quote).is_some() => self.string().ok()?,
            letter if is_word(letter) => self.word().to_owned(),
            _ => return None,
        };
        self.skip_space().ok()?;
        (self.bump()? == ':').then_some(())?;
        self.skip_space().ok()?;
        Some(name)
    }

    fn is_at_quote(&self) -> bool {
        self.peek().and_then(closing_quote).is_some()
    }

    fn member(&mut self, object: &mut Map<String, Value>, key: String, depth: u32) -> Result<(), Failure> {
        self.skip_space()?;
        match self.peek().ok_or(Failure::Truncated)? {
            ':' => self.bump(),
            _ => return Err(self.malformed()),
        };
        let value = self.value(depth + 1)?;
        object.insert(key, value);
        Ok(())
    }

    fn array(&mut self, depth: u32) -> Result<Value, Failure> {
        let mut values = Vec::new();
        self.bump();
        loop {
            self.skip_space()?;
            if self.peek().ok_or(Failure::Truncated)? == ']' {
                break;
            }
            values.push(self.value(depth + 1)?);
            self.separator(']')?;
        }
        self.bump();
        Ok(Value::Array(values))
    }

    /// After a member or an entry: a comma, or the closing bracket, which stays. A comma may be missing where two
    /// brackets or a line break tell the one from the next.
    fn separator(&mut self, close: char) -> Result<(), Failure> {
        let end = self.at;
        self.skip_space()?;
        match self.peek().ok_or(Failure::Truncated)? {
            ',' => {
                self.bump();
                Ok(())
            }
            next if next == close => Ok(()),
            next => {
                let after_bracket = self.text.get(..end).is_some_and(|before| before.ends_with(['}', ']']));
                let new_line = self.text.get(end..self.at).is_some_and(|space| space.contains('\n'));
                if new_line || after_bracket && matches!(next, '{' | '[') {
                    Ok(())
                } else {
                    Err(self.malformed())
                }
            }
        }
    }

    fn string(&mut self) -> Result<String, Failure> {
        let mut string = String::new();
        self.string_into(&mut string).map(|()| string)
    }

    /// Where it fails, `string` has what could be read.
    fn string_into(&mut self, string: &mut String) -> Result<(), Failure> {
        let close = self.bump().and_then(closing_quote).ok_or_else(|| self.malformed())?;
        loop {
            match self.bump().ok_or(Failure::Truncated)? {
                '\\' => self.escape(string)?,
                character if character == close => return Ok(()),
                character => string.push(character),
            }
        }
    }

    /// What follows a backslash. Before a letter that no escape begins with it is a backslash (LaTeX), and before any
    /// other character it is superfluous (Markdown).
    fn escape(&mut self, string: &mut String) -> Result<(), Failure> {
        match self.bump().ok_or(Failure::Truncated)? {
            'n' => string.push('\n'),
            't' => string.push('\t'),
            'r' => string.push('\r'),
            'b' => string.push('\u{8}'),
            'f' => string.push('\u{c}'),
            'u' => match self.hex()? {
                Some(unit) => string.push(self.character(unit)?),
                None => string.push_str("\\u"),
            },
            letter if letter.is_ascii_alphabetic() => string.extend(['\\', letter]),
            other => string.push(other),
        }
        Ok(())
    }

    /// Four hexadecimal digits, if they are there.
    fn hex(&mut self) -> Result<Option<u16>, Failure> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let digits = rest
            .iter()
            .take(4)
            .take_while(|digit| digit.is_ascii_hexdigit())
            .count();
        if digits < 4 && digits == rest.len() {
            return Err(Failure::Truncated);
        }
        let unit = self.text.get(self.at..self.at + 4).filter(|_| digits == 4);
        let unit = unit.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        self.at += if unit.is_some() { 4 } else { 0 };
        Ok(unit)
    }

    /// The character of a UTF-16 unit, with that of a second escape for the other half of a pair. A stray half is
    /// U+FFFD.
    fn character(&mut self, unit: u16) -> Result<char, Failure> {
        let before = self.at;
        if (0xd800..0xdc00).contains(&unit) && self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) {
            self.at += 2;
            if let Some(low) = self.hex()?
                && let Some(Ok(pair)) = char::decode_utf16([unit, low]).next()
            {
                return Ok(pair);
            }
            self.at = before;
        }
        Ok(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn number(&mut self) -> Result<Value, Failure> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
        let length = rest.find(|c: char| !part(c)).ok_or(Failure::Truncated)?;
        let written = rest.get(..length).unwrap_or_default();
        let number: Number = serde_json::from_str(written).map_err(|_| self.malformed())?;
        self.at += length;
        Ok(Value::Number(number))
    }

    fn literal(&mut self) -> Result<Value, Failure> {
        let start = self.at;
        let value = match self.word() {
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            "null" | "None" | "NaN" | "undefined" => Value::Null,
            _ => return Err(Failure::Malformed { at: start }),
        };
        // It could be the beginning of a longer word.
        self.peek().map(|_| value).ok_or(Failure::Truncated)
    }

    /// Letters, digits, `_`, `-` and `$` from here on.
    fn word(&mut self) -> &str {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|c| is_word(c) || c.is_ascii_digit() || c == '-')
        {
            self.bump();
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// White space and comments.
    // As with `bump`: a small bundle matters more here than speed.
    #[inline(never)]
    fn skip_space(&mut self) -> Result<(), Failure> {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let space = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
                    .len();
            self.at += space;
            let rest = rest.get(space..).unwrap_or_default();
            let comment = if rest.starts_with("//") || rest.starts_with('#') {
                rest.find('\n')
            } else if rest.starts_with("/*") {
                rest.find("*/").map(|end| end + 2)
            } else {
                return Ok(());
            };
            self.at += comment.ok_or(Failure::Truncated)?;
        }
    }

    /// Whether nothing but white space and a closing fence follows.
    fn is_over(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        rest.trim_matches(|c: char| c.is_whitespace() || c == '`').is_empty()
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    #[inline(never)]
    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn malformed(&self) -> Failure {
        Failure::Malformed { at: self.at }
    }
}

fn closing_quote(open: char) -> Option<char> {
    match open {
        '"' | '\'' => Some(open),
        '“' => Some('”'),
        '‘' => Some('’'),
        _ => None,
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphabetic() || matches!(character, '_' | '$')
}
