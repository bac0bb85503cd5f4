//! Which regular expressions of a schema are tried: those whose search is bounded.

use crate::api::problem::shown;

/// The longest pattern, in characters. One may take the square of a text's length: two parts of it may repeat often
/// where it begins with `^`, and one where it does not. A part that may repeat up to so many times does so often.
const CHARS_MAX: usize = 256;
const LOOPS_MAX: usize = 2;
const REPEATS_MAX: u32 = 1_000;
const FEW: u32 = 10;

/// A pattern whose search is bounded: no references and no lookaround, nothing repeated within what is repeated, and
/// few parts that repeat without an upper bound.
pub fn check(text: &str) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("has the pattern {}: {why}", shown(text)));
    if text.chars().count() > CHARS_MAX {
        return refuse(&format!("it has more than {CHARS_MAX} characters"));
    }
    let is_anchored = text.starts_with('^') && !text.contains('|');
    let loops_max = if is_anchored { LOOPS_MAX } else { LOOPS_MAX - 1 };
    // Of each group that is open: whether what it holds can be read in more than one way.
    let mut groups: Vec<bool> = Vec::new();
    let (mut loops, mut last_repeats, mut can_repeat) = (0, false, false);
    let mut chars = text.chars().peekable();
    while let Some(character) = chars.next() {
        let mut is_loop = false;
        match character {
            '\\' => {
                let Some(next) = chars.next() else {
                    return refuse("it ends with a backslash");
                };
                if next.is_ascii_digit() && next != '0' || next == 'k' {
                    return refuse("it refers back to a group");
                }
                if matches!(next, 'p' | 'P' | 'u') && chars.peek() == Some(&'{') {
                    chars.by_ref().find(|end| *end == '}');
                }
                (last_repeats, can_repeat) = (false, true);
                continue;
            }
            '[' => {
                let mut before = '[';
                let closed = chars.by_ref().any(|next| {
                    let ends = next == ']' && before != '\\';
                    before = if before == '\\' { ' ' } else { next };
                    ends
                });
                if !closed {
                    return refuse("a class in it has no end");
                }
                (last_repeats, can_repeat) = (false, true);
                continue;
            }
            '(' => {
                if chars.peek() == Some(&'?') {
                    chars.next();
                    if chars.next() != Some(':') {
                        return refuse("it has a group other than ( ) and (?: )");
                    }
                }
                groups.push(false);
                (last_repeats, can_repeat) = (false, false);
                continue;
            }
            ')' => {
                let Some(repeats) = groups.pop() else {
                    return refuse("a ) in it has no (");
                };
                (last_repeats, can_repeat) = (repeats, true);
                continue;
            }
            '*' | '+' => is_loop = true,
            '?' => {}
            '{' => {
                let count: String = chars.by_ref().take_while(|next| *next != '}').collect();
                let (least, most) = count.split_once(',').unwrap_or((&count, &count));
                let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number <= REPEATS_MAX);
                let is_open = most.is_empty();
                is_loop = is_open
                    || number(most)
                        .zip(number(least))
                        .is_some_and(|(most, least)| most > least + FEW);
                if number(least).is_none() || (!is_open && number(most).is_none()) {
                    return refuse(&format!("expected a count up to {REPEATS_MAX} between {{ and }}"));
                }
            }
            '|' | '^' | '$' => {
                if let (Some(group), '|') = (groups.last_mut(), character) {
                    *group = true;
                }
                (last_repeats, can_repeat) = (false, false);
                continue;
            }
            _ => {
                (last_repeats, can_repeat) = (false, true);
                continue;
            }
        }
        // A quantifier. One more question mark only makes it take less.
        if !can_repeat {
            return refuse("there is nothing to repeat before a *, +, ? or {");
        }
        let is_optional = character == '?';
        if last_repeats && !is_optional {
            return refuse("it repeats a group that has alternatives, or in which something repeats or may be missing");
        }
        loops += usize::from(is_loop);
        if loops > loops_max {
            return refuse(
                "too many parts of it repeat without a small upper bound: two may where it begins with ^ and has no |, \
                 else one",
            );
        }
        if chars.peek() == Some(&'?') {
            chars.next();
        }
        if let Some(group) = groups.last_mut() {
            *group = true;
        }
        (last_repeats, can_repeat) = (true, false);
    }
    if groups.is_empty() {
        Ok(())
    } else {
        refuse("a ( in it has no )")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_whose_search_is_bounded_are_honoured() {
        for text in [
            "^a*$",
            "a|b|c",
            "^[^@]+@[^@]+$",
            "^\\d{4}-\\d{2}-\\d{2}$",
            "^(?:abc|d)?x{2,5}y+?$",
            "a.c|\\p{Letter}+x{2,12}",
            "[\\]a]+",
            "^\\$\\(\\*\\)$",
            "(ab)+",
            "",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in [
            "(a+)+",
            "(a*)*b",
            "((ab)*c)*",
            "(a|b{2,})*",
            "(a|aa)*b",
            "(a?a)*b",
            "a*b*",
            "^a*b*c{0,50}",
            "^a*|b*",
            "a*b*c*",
            "(a)\\1",
            "(?=a)",
            "(?<name>a)\\k<name>",
            "(?<!a)b",
            "a{1,99999}",
            "a{,3}",
            "(a",
            "a)",
            "[a",
            "*a",
            "a**",
            "a\\",
            &"a".repeat(257),
        ] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
