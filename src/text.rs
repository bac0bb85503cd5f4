//! Texts within messages.

/// What of a value is shown, in characters.
const SHOWN_CHARS: usize = 80;

/// A value of the request within an error: quoted, escaped, one line, bounded.
pub fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{:?}...", value.get(..end).unwrap_or_default()),
        None => format!("{value:?}"),
    }
}
