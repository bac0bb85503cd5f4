//! The grammar that request headers share: lists, parameters, quoted strings (RFC 9110 section 5.6).

/// Header fields beyond this are read as if absent; the platform's own limit is larger.
const HEADER_BYTES_MAX: usize = 8 * 1024;

/// The elements of a list (`separator` a comma) or the parts of an element (a semicolon), trimmed, without empty ones.
/// A separator within a quoted string does not count; an unfinished quoted string runs to the end.
pub(super) fn split(header: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = if header.len() <= HEADER_BYTES_MAX {
        Some(header)
    } else {
        None
    };
    std::iter::from_fn(move || {
        let text = rest?;
        let (head, tail) = match find_unquoted(text, separator) {
            Some(at) => (text.get(..at)?, text.get(at + separator.len_utf8()..)),
            None => (text, None),
        };
        rest = tail;
        Some(head)
    })
    .map(|element| element.trim_matches([' ', '\t']))
    .filter(|element| !element.is_empty())
}

fn find_unquoted(text: &str, separator: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// `name`, `name=value` or `name="value"`, with optional blanks around the `=`. The name must be a token.
pub(super) fn name_and_value(part: &str) -> Option<(&str, Option<String>)> {
    match part.split_once('=') {
        None => is_token(part).then_some((part, None)),
        Some((name, value)) => {
            let (name, value) = (
                name.trim_end_matches([' ', '\t']),
                value.trim_start_matches([' ', '\t']),
            );
            is_token(name).then_some(())?;
            Some((name, Some(token_or_quoted(value)?)))
        }
    }
}

/// The text of a token or of a quoted string.
pub(super) fn token_or_quoted(text: &str) -> Option<String> {
    if text.starts_with('"') {
        unquote(text)
    } else {
        is_token(text).then(|| text.to_owned())
    }
}

/// What a quoted string says, if the whole text is one.
pub(super) fn unquote(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut said = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => said.push(chars.next()?),
            '"' => return None,
            c => said.push(c),
        }
    }
    Some(said)
}

/// RFC 9110 section 5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_split_at_commas_outside_of_quotes() {
        assert_eq!(
            split(r#" a , "b,c" ,, d="e\",f" "#, ',').collect::<Vec<_>>(),
            ["a", r#""b,c""#, r#"d="e\",f""#]
        );
        assert_eq!(split("", ',').count(), 0);
        assert_eq!(split(", ,", ',').count(), 0);
    }

    #[test]
    fn a_parameter_has_a_token_or_a_quoted_string() {
        assert_eq!(name_and_value("wait=10"), Some(("wait", Some("10".to_owned()))));
        assert_eq!(name_and_value(r#"wait = "1\0""#), Some(("wait", Some("10".to_owned()))));
        assert_eq!(name_and_value("respond-async"), Some(("respond-async", None)));
        for part in ["", "=1", "a b", "a=\"", "a=\"b\"c", "a=b c", "é=1"] {
            assert_eq!(name_and_value(part), None, "{part}");
        }
    }

    #[test]
    fn an_oversized_header_is_read_as_absent() {
        assert_eq!(split(&"a,".repeat(10_000), ',').count(), 0);
    }

    proptest! {
        #[test]
        fn no_header_makes_the_parsers_panic(header in any::<String>()) {
            for element in split(&header, ',') {
                for part in split(element, ';') {
                    let _ = (name_and_value(part), unquote(part));
                }
            }
        }
    }
}
