//! Which regular expressions of a schema are tried: those of ECMA-262 with the flag `u`, without references back and
//! without lookaround, as far as other engines read them alike, because a model's server may read them too. A search
//! takes a step for each of the text's characters and each part of the pattern (`src/cloudflare/linear-regexp.js`), so
//! the parts have a bound. A refusal says what to write instead.

use std::iter::Peekable;
use std::str::Chars;

use crate::api::problem::shown;

/// The longest pattern, in characters.
const CHARS_MAX: usize = 1_000;
/// The most parts, what is repeated written out: `a{3}` is `aaa`, `a+` is `aa*`. A part is a character, a class, an
/// assertion, a `|`, a `*`, or a `?`.
const PARTS_MAX: u64 = 2_000;
/// The most groups within groups.
const DEPTH_MAX: usize = 50;

/// The names of `\p{...}` that every engine knows.
const CATEGORIES: &str = "L Letter Lu Uppercase_Letter Ll Lowercase_Letter Lt Titlecase_Letter Lm Modifier_Letter Lo \
                          Other_Letter M Mark Mn Nonspacing_Mark Mc Spacing_Mark Me Enclosing_Mark N Number Nd \
                          Decimal_Number Nl Letter_Number No Other_Number P Punctuation S Symbol Sm Math_Symbol Sc \
                          Currency_Symbol Z Separator Zs Space_Separator C Other Cc Control";
const PROPERTIES: &str = "Alphabetic Uppercase Lowercase White_Space";
const SCRIPTS: &str = "Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Han Hangul Hebrew \
                       Hiragana Katakana Khmer Latin Tamil Telugu Thai Tibetan";

/// Why the pattern is not tried.
pub fn check(text: &str) -> Result<(), String> {
    let chars = text.chars().count();
    let fault = if chars > CHARS_MAX {
        Some(format!(
            "it has {chars} characters, and at most {CHARS_MAX} are allowed"
        ))
    } else {
        let mut pattern = Pattern {
            rest: text.chars().peekable(),
        };
        let whole = pattern.choice(0).and_then(|parts| match pattern.rest.next() {
            None => Ok(parts),
            Some(_) => Err("a ) in it has no (: \\) means the character".to_owned()),
        });
        match whole {
            Ok(parts) if parts > PARTS_MAX => Some(format!(
                "with what it repeats written out it has {parts} parts, and at most {PARTS_MAX} are allowed: \
                 \"maxLength\" bounds a text too"
            )),
            Ok(_) => None,
            Err(why) => Some(why),
        }
    };
    fault.map_or(Ok(()), |why| Err(format!("has the pattern {}: {why}", shown(text))))
}

/// How many parts of a pattern there are, or what is wrong with it.
type Parts = Result<u64, String>;

struct Pattern<'a> {
    rest: Peekable<Chars<'a>>,
}

/// `copies` of what is repeated, and the `*` or `?` behind some of them.
struct Times {
    copies: u64,
    choices: u64,
}

/// What a class may hold between its brackets: a character, which can be an end of a range, or a set.
enum Member {
    Character(u32),
    Set,
}

impl Pattern<'_> {
    fn takes(&mut self, character: char) -> bool {
        self.rest.next_if_eq(&character).is_some()
    }

    /// Sequences with a | between them, up to the end or a ).
    fn choice(&mut self, depth: usize) -> Parts {
        if depth > DEPTH_MAX {
            return Err(format!("its groups are more than {DEPTH_MAX} deep"));
        }
        let mut parts = self.sequence(depth)?;
        while self.takes('|') {
            parts = parts.saturating_add(1).saturating_add(self.sequence(depth)?);
        }
        Ok(parts)
    }

    fn sequence(&mut self, depth: usize) -> Parts {
        let mut parts = 0_u64;
        while let Some(next) = self.rest.next_if(|next| !matches!(next, '|' | ')')) {
            let (part, can_repeat) = match next {
                '^' | '$' => (1, false),
                '(' => (self.group(depth)?, true),
                '[' => (self.class()?, true),
                '\\' => {
                    let is_assertion = matches!(self.rest.peek(), Some('b' | 'B'));
                    if is_assertion {
                        self.rest.next();
                    } else {
                        self.escape(false)?;
                    }
                    (1, !is_assertion)
                }
                '*' | '+' | '?' | '{' => {
                    return Err(format!(
                        "there is nothing to repeat before a {next}: \\{next} means the character"
                    ));
                }
                ']' | '}' => {
                    return Err(format!("a {next} in it has no beginning: \\{next} means the character"));
                }
                _ => (1, true),
            };
            let Some(times) = self.times()? else {
                parts = parts.saturating_add(part);
                continue;
            };
            if !can_repeat {
                return Err("an assertion in it is repeated: write it once".to_owned());
            }
            // To repeat nothing is work too.
            let written = part.max(1).saturating_mul(times.copies).saturating_add(times.choices);
            parts = parts.saturating_add(written);
        }
        Ok(parts)
    }

    /// What a quantifier writes out.
    fn times(&mut self) -> Result<Option<Times>, String> {
        let (least, most) = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.rest.next();
                let wrong =
                    "expected a count such as {2}, {2,} or {2,5}, the smaller one first; \\{ means the character";
                let least = self.number().ok_or(wrong)?;
                let most = if self.takes(',') { self.number() } else { Some(least) };
                if self.rest.peek() != Some(&'}') || most.is_some_and(|most| most < least) {
                    return Err(wrong.to_owned());
                }
                (least, most)
            }
            _ => return Ok(None),
        };
        self.rest.next();
        self.takes('?');
        Ok(Some(Times {
            copies: most.unwrap_or(least.saturating_add(1)).max(1),
            choices: most.map_or(1, |most| most - least),
        }))
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = None;
        while let Some(digit) = self
            .rest
            .next_if(char::is_ascii_digit)
            .and_then(|digit| digit.to_digit(10))
        {
            number = Some(number.unwrap_or(0_u64).saturating_mul(10).saturating_add(digit.into()));
        }
        number
    }

    fn group(&mut self, depth: usize) -> Parts {
        if self.takes('?') && !self.takes(':') {
            let ahead: String = self.rest.clone().take(2).collect();
            let why = if ahead.starts_with(['=', '!']) || ahead == "<=" || ahead == "<!" {
                "it looks ahead or behind: give each condition a pattern of its own, by \"allOf\" or \"not\""
            } else if ahead.starts_with(['<', 'P', '\'']) {
                "a group in it has a name: write ( )"
            } else {
                "it has a group other than ( ) and (?: ): there are no flags, for both cases of a letter write [Aa]"
            };
            return Err(why.to_owned());
        }
        let parts = self.choice(depth + 1)?;
        if self.takes(')') {
            Ok(parts)
        } else {
            Err("a ( in it has no ): \\( means the character".to_owned())
        }
    }

    fn class(&mut self) -> Parts {
        self.takes('^');
        if self.rest.peek() == Some(&']') {
            let why = "a class in it is empty: \\] means the character, and [\\s\\S] is any character";
            return Err(why.to_owned());
        }
        // The beginning of a range, if a - and its end follow.
        while !self.takes(']') {
            let Member::Character(first) = self.member()? else {
                if self.is_range() {
                    return Err(NO_RANGE.to_owned());
                }
                continue;
            };
            if self.is_range() {
                self.rest.next();
                self.is_once('-')?;
                if !matches!(self.member()?, Member::Character(last) if last >= first) {
                    return Err(NO_RANGE.to_owned());
                }
            }
        }
        Ok(1)
    }

    /// Whether a - stands here that is not the last character of a class.
    fn is_range(&self) -> bool {
        let mut ahead = self.rest.clone();
        ahead.next() == Some('-') && ahead.next() != Some(']')
    }

    fn member(&mut self) -> Result<Member, String> {
        match self.rest.next() {
            None => Err("a class in it has no end: \\[ means the character".to_owned()),
            Some('\\') => self.escape(true),
            // Other engines read these otherwise: sets within sets, and names of sets.
            Some('[') => Err("a class in it holds another: \\[ means the character".to_owned()),
            Some(character) => {
                if matches!(character, '&' | '~' | '-') {
                    self.is_once(character)?;
                }
                Ok(Member::Character(character.into()))
            }
        }
    }

    /// Other engines subtract and intersect sets by such a character twice.
    fn is_once(&mut self, character: char) -> Result<(), String> {
        if self.rest.peek() != Some(&character) {
            return Ok(());
        }
        Err(format!(
            "engines read {character}{character} within a class of it otherwise: write \\x{:02x} for the character",
            u32::from(character)
        ))
    }

    /// After a backslash.
    fn escape(&mut self, in_class: bool) -> Result<Member, String> {
        let Some(next) = self.rest.next() else {
            return Err("it ends with a backslash: \\\\ means the character".to_owned());
        };
        let character = match next {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => return Ok(Member::Set),
            'p' | 'P' => return self.property().map(|()| Member::Set),
            't' => 9,
            'n' => 10,
            'v' => 11,
            'f' => 12,
            'r' => 13,
            '0' if !self.rest.peek().is_some_and(char::is_ascii_digit) => 0,
            'x' => self.digits(2)?,
            'u' => self.code()?,
            '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/' => next.into(),
            '-' if in_class => next.into(),
            _ => return Err(no_escape(next, in_class)),
        };
        Ok(Member::Character(character))
    }

    fn digits(&mut self, count: usize) -> Result<u32, String> {
        let mut code = 0;
        for _ in 0..count {
            let digit = self.rest.next().and_then(|digit| digit.to_digit(16));
            code = code * 16 + digit.ok_or(NO_DIGITS)?;
        }
        Ok(code)
    }

    /// The code point of `\u{...}`, `\uXXXX`, or two halves of one.
    fn code(&mut self) -> Result<u32, String> {
        let wrong =
            "an escape in it is no character of Unicode, maybe half of one: write \\u{1f409}, by its whole code";
        let code = if self.takes('{') {
            let mut code = 0_u32;
            let mut count = 0;
            while let Some(digit) = self
                .rest
                .next_if(char::is_ascii_hexdigit)
                .and_then(|digit| digit.to_digit(16))
            {
                code = code
                    .checked_mul(16)
                    .and_then(|code| code.checked_add(digit))
                    .ok_or(wrong)?;
                count += 1;
            }
            if count == 0 || !self.takes('}') {
                return Err(NO_DIGITS.to_owned());
            }
            code
        } else {
            match self.digits(4)? {
                high @ 0xd800..=0xdbff => {
                    let low = (self.takes('\\') && self.takes('u'))
                        .then(|| self.digits(4))
                        .transpose()?;
                    let low = low.filter(|low| (0xdc00..=0xdfff).contains(low)).ok_or(wrong)?;
                    0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                }
                code => code,
            }
        };
        char::from_u32(code).map(u32::from).ok_or_else(|| wrong.to_owned())
    }

    fn property(&mut self) -> Result<(), String> {
        let mut name = String::new();
        if self.takes('{') {
            while let Some(next) = self.rest.next_if(|next| *next != '}') {
                name.push(next);
            }
        }
        if !self.takes('}') {
            return Err("a \\p in it has no name in { }: write \\p{L} for any letter".to_owned());
        }
        let known = match name.split_once('=') {
            Some(("Script" | "sc", script)) => is_in(SCRIPTS, script),
            Some(("General_Category" | "gc", category)) => is_in(CATEGORIES, category),
            Some(_) => false,
            None => is_in(CATEGORIES, &name) || is_in(PROPERTIES, &name),
        };
        if known {
            Ok(())
        } else {
            Err(format!(
                "{} is not known in \\p{{ }}, as \\p{{L}}, \\p{{Alphabetic}} and \\p{{Script=Latin}} are: write a \
                 class of its characters, such as [\\u{{370}}-\\u{{3ff}}]",
                shown(&name)
            ))
        }
    }
}

const NO_RANGE: &str =
    "a range in a class of it ends before it begins, or has an end that is a set: \\- means the character";
const NO_DIGITS: &str = "an escape in it lacks hexadecimal digits: \\x41, \\u0041 and \\u{41} are whole";

fn is_in(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}

/// What to write for a letter after a backslash that other languages know, or for another character.
fn no_escape(next: char, in_class: bool) -> String {
    let remedy = match next {
        '1'..='9' | 'k' if !in_class => "it refers back to a group: write out once more what may stand there",
        'A' | 'z' | 'Z' => "^ is the beginning of the text, $ its end",
        'a' => "write \\x07",
        'b' => "write \\x08",
        'e' => "write \\x1b",
        'c' | '0'..='9' => "write \\x and two hexadecimal digits, such as \\x0a",
        'Q' | 'E' => "write a \\ before each character that means something else",
        'R' => "write (?:\\r\\n|[\\n\\r])",
        _ if next.is_ascii_alphanumeric() => "write a class of its characters, such as [ \\t] or [0-9a-f]",
        _ => "write the character without a backslash",
    };
    format!("a \\ before {} is no escape of it: {remedy}", shown(&next.to_string()))
}

#[cfg(test)]
mod tests;
