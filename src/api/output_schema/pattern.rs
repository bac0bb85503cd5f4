//! Which regular expressions of a schema are tried: those of ECMA-262 with the flag `u`, without references back and
//! without lookaround, as far as both validators read them alike. Their search takes no more than the text's length
//! times their own (`src/cloudflare/linear-regexp.js`), so that nothing else about them has a bound.

use std::iter::Peekable;
use std::str::Chars;

use crate::api::problem::shown;

/// The longest pattern, in characters.
const CHARS_MAX: usize = 1_000;
/// What is repeated so many times stands there so many times.
const PARTS_MAX: u64 = 2_000;
/// The most groups within groups.
const DEPTH_MAX: usize = 50;

/// The names of `\p{...}` that every engine knows: general categories and a few properties of Unicode.
const CATEGORIES: &str = "L Letter Lu Uppercase_Letter Ll Lowercase_Letter Lt Titlecase_Letter Lm Modifier_Letter Lo \
                          Other_Letter M Mark Mn Nonspacing_Mark Mc Spacing_Mark Me Enclosing_Mark N Number Nd \
                          Decimal_Number Nl Letter_Number No Other_Number P Punctuation S Symbol Sm Math_Symbol Sc \
                          Currency_Symbol Z Separator Zs Space_Separator C Other Cc Control Alphabetic Uppercase \
                          Lowercase White_Space";
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
            Some(_) => Err("a ) in it has no (".to_owned()),
        });
        match whole {
            Ok(parts) if parts > PARTS_MAX => Some(format!(
                "with what it repeats written out it has {parts} parts, and at most {PARTS_MAX} are allowed"
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
                '*' | '+' | '?' | '{' => return Err(format!("there is nothing to repeat before a {next}")),
                ']' | '}' => {
                    return Err(format!(
                        "a {next} in it has no beginning; \"\\{next}\" means the character"
                    ));
                }
                _ => (1, true),
            };
            let times = self.times()?;
            if times.is_some() && !can_repeat {
                return Err("an assertion can't be repeated".to_owned());
            }
            parts = parts.saturating_add(times.map_or(part, |times| part.saturating_add(1).saturating_mul(times)));
        }
        Ok(parts)
    }

    /// How often a quantifier writes out what stands before it.
    fn times(&mut self) -> Result<Option<u64>, String> {
        let times = match self.rest.peek() {
            Some('*' | '+' | '?') => {
                self.rest.next();
                1
            }
            Some('{') => {
                self.rest.next();
                let wrong = "expected a count such as {2}, {2,} or {2,5}, the smaller one first".to_owned();
                let Some(least) = self.number() else { return Err(wrong) };
                let most = if self.takes(',') { self.number() } else { Some(least) };
                let is_open = most.is_none();
                if !self.takes('}') || most.is_some_and(|most| most < least) {
                    return Err(wrong);
                }
                most.unwrap_or(least).saturating_add(u64::from(is_open)).max(1)
            }
            _ => return Ok(None),
        };
        self.takes('?');
        Ok(Some(times))
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
            return Err(
                "it has a group other than ( ) and (?: ): there is no lookaround, no name and no flag".to_owned(),
            );
        }
        let parts = self.choice(depth + 1)?;
        if self.takes(')') {
            Ok(parts)
        } else {
            Err("a ( in it has no )".to_owned())
        }
    }

    fn class(&mut self) -> Parts {
        self.takes('^');
        if self.rest.peek() == Some(&']') {
            return Err("a class in it is empty; \"\\]\" means the character".to_owned());
        }
        // The beginning of a range, if a - and its end follow.
        while !self.takes(']') {
            let Member::Character(first) = self.member()? else {
                if self.is_range() {
                    return Err(
                        "a range in a class of it begins with a set: put a - that means the character last".to_owned(),
                    );
                }
                continue;
            };
            if self.is_range() {
                self.rest.next();
                match self.member()? {
                    Member::Character(last) if last >= first => {}
                    Member::Character(_) => return Err("a range in a class of it ends before it begins".to_owned()),
                    Member::Set => return Err("a range in a class of it ends with a set".to_owned()),
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
            None => Err("a class in it has no end".to_owned()),
            Some('\\') => self.escape(true),
            // Other engines read these otherwise: sets within sets, and names of sets.
            Some('[') => Err("a [ within a class of it is written \\[".to_owned()),
            Some(twice @ ('&' | '~' | '-')) if self.rest.peek() == Some(&twice) => Err(format!(
                "engines read a {twice}{twice} within a class of it otherwise: write {twice} once"
            )),
            Some(character) => Ok(Member::Character(character.into())),
        }
    }

    /// After a backslash.
    fn escape(&mut self, in_class: bool) -> Result<Member, String> {
        let Some(next) = self.rest.next() else {
            return Err("it ends with a backslash".to_owned());
        };
        let unknown = || {
            let remedy = if next.is_ascii_alphanumeric() {
                String::new()
            } else {
                format!(": write {next} for the character")
            };
            Err(format!("\\{next} is no escape of it{remedy}"))
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
            '1'..='9' | 'k' => return Err("it refers back to a group".to_owned()),
            _ => return unknown(),
        };
        Ok(Member::Character(character))
    }

    fn digits(&mut self, count: usize) -> Result<u32, String> {
        let mut code = 0;
        for _ in 0..count {
            let digit = self.rest.next().and_then(|digit| digit.to_digit(16));
            code = code * 16 + digit.ok_or("an escape in it lacks hexadecimal digits")?;
        }
        Ok(code)
    }

    /// The code point of `\u{...}`, `\uXXXX`, or two halves of one.
    fn code(&mut self) -> Result<u32, String> {
        let wrong = "an escape in it is no character of Unicode";
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
                return Err("an escape in it lacks hexadecimal digits".to_owned());
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
            return Err("a \\p in it has no name in { }".to_owned());
        }
        let known = match name.split_once('=') {
            Some(("Script" | "sc", script)) => SCRIPTS.split(' ').any(|known| known == script),
            Some(("General_Category" | "gc", category)) => is_category(category),
            Some(_) => false,
            None => is_category(&name),
        };
        if known {
            Ok(())
        } else {
            Err(format!(
                "{} is no property that is known: see \\p{{L}}, \\p{{Script=Latin}}",
                shown(&name)
            ))
        }
    }
}

fn is_category(name: &str) -> bool {
    CATEGORIES.split(' ').any(|known| known == name)
}

#[cfg(test)]
mod tests;
