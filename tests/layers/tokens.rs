//! Rust's source as the few tokens that a path consists of. Comments are left out, so that a link in one is no import.

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// An identifier, a keyword or a number.
    Word(String),
    /// `::`
    Colons,
    /// The contents of a string literal: an attribute may hold a path in one.
    Text(String),
    Other(char),
}

/// The tokens, each with its line, from 1.
pub fn tokens(source: &str) -> Vec<(Token, usize)> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut line = 1;
    while at < chars.len() {
        let begin = at;
        let token = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => {
                at = position(&chars, at, |c| c == '\n');
                None
            }
            ('/', Some('*')) => {
                at = after_block_comment(&chars, at);
                None
            }
            (':', Some(':')) => {
                at += 2;
                Some(Token::Colons)
            }
            ('"', _) => {
                let end = end_of_string(&chars, at + 1);
                let text = chars[at + 1..end].iter().collect();
                at = end + 1;
                Some(Token::Text(text))
            }
            ('\'', _) => {
                at = after_quote(&chars, at);
                None
            }
            (c, _) if is_word(c) => {
                at = position(&chars, at, |c| !is_word(c));
                let word: String = chars[begin..at].iter().collect();
                match raw_string(&chars, &word, at) {
                    Some((text, end)) => {
                        at = end;
                        Some(Token::Text(text))
                    }
                    // `r#type`: the name alone.
                    None if word == "r" && chars.get(at) == Some(&'#') => {
                        at += 1;
                        None
                    }
                    None => Some(Token::Word(word)),
                }
            }
            (c, _) => {
                at += 1;
                (!c.is_whitespace()).then_some(Token::Other(c))
            }
        };
        tokens.extend(token.map(|token| (token, line)));
        at = at.min(chars.len());
        line += chars[begin..at].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The first place from `at` on that is `wanted`, or the end.
fn position(chars: &[char], at: usize, wanted: impl Fn(char) -> bool) -> usize {
    (at..chars.len())
        .find(|place| wanted(chars[*place]))
        .unwrap_or(chars.len())
}

/// Block comments nest.
fn after_block_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        let (step, change) = match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (2, 1),
            ('*', Some('/')) => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += change;
        if depth == 0 {
            return at;
        }
    }
    at
}

/// The closing quote of a string that has begun before `at`.
fn end_of_string(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at.min(chars.len())
}

/// After a character literal, or after the quote of a lifetime.
fn after_quote(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        // `'\n'`, `'\''`, `'\u{1f}'`: the closing quote is not the escaped one.
        (Some('\\'), _) => position(chars, at + 3, |c| c == '\'') + 1,
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

/// The text and the end of `r"..."`, `br#"..."#` and the like, if `prefix` and what follows it begin one.
fn raw_string(chars: &[char], prefix: &str, at: usize) -> Option<(String, usize)> {
    if !matches!(prefix, "r" | "br" | "cr") {
        return None;
    }
    let open = position(chars, at, |c| c != '#');
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let hashes = open - at;
    let closes = |place: &usize| {
        let end = place + 1 + hashes;
        chars[*place] == '"' && end <= chars.len() && chars[place + 1..end].iter().all(|c| *c == '#')
    };
    let end = (open + 1..chars.len()).find(closes).unwrap_or(chars.len());
    Some((chars[open + 1..end].iter().collect(), end + 1 + hashes))
}
