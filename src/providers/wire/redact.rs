//! Makes a provider's text fit to be stored and shown. It is bounded, has one line, and lacks our key and our prompt.
//!
//! Every message of a [`ModelError`] passes through a [`Redactor`]. An error body may echo the `Authorization` header,
//! the request, or anything a proxy on the way found useful.

use crate::model::{Message, ModelError};

/// The longest message of an error, in characters.
pub const MESSAGE_CHARS_MAX: usize = 1_000;
/// How much of a body is looked at for a message, in bytes.
const SOURCE_BYTES_MAX: usize = 16_384;
/// An echo of the request is found by windows of this many characters...
const ECHO_WINDOW_CHARS: usize = 24;
/// ...at every so many characters, so that any echo of 32 characters or more is found.
const ECHO_STRIDE_CHARS: usize = 8;
/// A cut-off key at the end of a text counts from this length.
const SECRET_PREFIX_BYTES_MIN: usize = 6;

const SECRET_MASK: &str = "[redacted]";
const ECHO_MASK: &str = "[...]";

/// What must not appear in a message.
#[derive(Clone, Copy, Debug)]
pub struct Redactor<'a> {
    secrets: &'a [String],
    messages: &'a [Message],
}

impl<'a> Redactor<'a> {
    /// `secrets`: the API key of the call, and the headers that the operator added. `messages`: what was sent, so that
    /// an echo of it is recognised.
    pub fn new(secrets: &'a [String], messages: &'a [Message]) -> Self {
        Self { secrets, messages }
    }

    /// Bounds and cleans only: for texts that can't hold a key or a prompt.
    pub fn nothing() -> Redactor<'static> {
        Redactor {
            secrets: &[],
            messages: &[],
        }
    }

    /// `text` as one line of at most [`MESSAGE_CHARS_MAX`] characters, keys and echoes of the request masked.
    pub fn clean(&self, text: &str) -> String {
        let source = cut(text, SOURCE_BYTES_MAX);
        let bounded = bound_chars(&one_line(&self.without_secret(source)));
        let unechoed = self.without_echo(&self.without_secret_prefix(bounded));
        bound_chars(&mask_key_like_words(&unechoed))
    }

    /// The error with a clean message. The errors of [`super::ReplyReader`] need it: the reader knows neither key nor
    /// prompt.
    pub fn error(&self, error: ModelError) -> ModelError {
        ModelError {
            message: self.clean(&error.message),
            ..error
        }
    }

    fn secrets(&self) -> impl Iterator<Item = &String> {
        let is_long = |secret: &&String| secret.len() >= SECRET_PREFIX_BYTES_MIN;
        self.secrets.iter().filter(is_long)
    }

    fn without_secret(&self, text: &str) -> String {
        self.secrets()
            .fold(text.to_owned(), |text, secret| text.replace(secret, SECRET_MASK))
    }

    /// A bound may have cut the key in two: its beginning at the end of the text is masked as well.
    fn without_secret_prefix(&self, text: String) -> String {
        let body = text.trim_end_matches('…');
        let prefixes = |secret: &'a String| {
            (SECRET_PREFIX_BYTES_MIN..secret.len())
                .rev()
                .filter_map(|end| secret.get(..end))
        };
        let prefix = self
            .secrets
            .iter()
            .flat_map(prefixes)
            .find(|prefix| body.ends_with(prefix));
        match prefix.and_then(|prefix| body.strip_suffix(prefix)) {
            Some(rest) => format!("{rest}{SECRET_MASK}"),
            None => text,
        }
    }

    fn without_echo(&self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let mut echoed = vec![false; characters.len()];
        for (number, window) in characters
            .windows(ECHO_WINDOW_CHARS)
            .enumerate()
            .step_by(ECHO_STRIDE_CHARS)
        {
            let needle: String = window.iter().collect();
            if self.messages.iter().any(|message| message.content.contains(&needle)) {
                echoed
                    .iter_mut()
                    .skip(number)
                    .take(ECHO_WINDOW_CHARS)
                    .for_each(|mark| *mark = true);
            }
        }
        let mut masked = String::with_capacity(text.len());
        let mut inside = false;
        for (character, echo) in characters.iter().zip(echoed) {
            match (echo, inside) {
                (true, false) => masked.push_str(ECHO_MASK),
                (false, _) => masked.push(*character),
                (true, true) => {}
            }
            inside = echo;
        }
        masked
    }
}

/// At most `bytes_max` bytes of `text`, cut at a character boundary.
pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    let end = text.floor_char_boundary(bytes_max.min(text.len()));
    text.get(..end).unwrap_or_default()
}

fn bound_chars(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_CHARS_MAX) {
        None => text.to_owned(),
        Some(_) => text.chars().take(MESSAGE_CHARS_MAX - 1).chain(['…']).collect(),
    }
}

/// Control characters and runs of white space become one space; characters that reorder text are dropped.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            _ if character.is_control() || character.is_whitespace() => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            _ => line.push(character),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Masks words that look like keys of others ("Incorrect API key provided: sk-proj-..."), whatever our own key is.
fn mask_key_like_words(text: &str) -> String {
    let key_like = |word: &str| {
        let bare = word.trim_start_matches(|character: char| !character.is_ascii_alphanumeric());
        bare.starts_with("sk-") && bare.len() > 10
    };
    text.split(' ')
        .map(|word| if key_like(word) { SECRET_MASK } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MessageRole;

    const KEY: &str = "key-0123456789abcdef";

    fn sent(content: &str) -> Vec<Message> {
        vec![Message {
            role: MessageRole::User,
            content: content.into(),
        }]
    }

    #[test]
    fn a_key_is_masked_wherever_it_stands() {
        let secrets = [KEY.to_owned()];
        let redactor = Redactor::new(&secrets, &[]);
        assert_eq!(
            redactor.clean(&format!("bad key {KEY}, Bearer {KEY}")),
            "bad key [redacted], Bearer [redacted]"
        );
    }

    #[test]
    fn a_key_cut_by_the_bound_is_masked() {
        let secrets = [KEY.to_owned()];
        let redactor = Redactor::new(&secrets, &[]);
        for lead in 970..1_000 {
            let cleaned = redactor.clean(&format!("{}{KEY}", "x".repeat(lead)));
            assert!(!cleaned.contains("key-01"), "{lead}: {cleaned}");
            assert!(cleaned.chars().count() <= MESSAGE_CHARS_MAX);
        }
        assert_eq!(redactor.clean("ends in key-01234"), "ends in [redacted]");
    }

    #[test]
    fn other_keys_are_masked_by_their_look() {
        assert_eq!(
            Redactor::nothing().clean("provided: sk-proj-abcdefghijkl. Find"),
            "provided: [redacted] Find"
        );
        assert_eq!(Redactor::nothing().clean("a sk-8 board"), "a sk-8 board");
    }

    #[test]
    fn an_echo_of_the_prompt_is_masked() {
        let prompt = "Please compare the merger terms of Acme and Initech in detail, by clause.";
        let messages = sent(prompt);
        let cleaned = Redactor::new(&[], &messages).clean(&format!("invalid input: {prompt} (400)"));
        assert!(cleaned.contains(ECHO_MASK) && !cleaned.contains("Initech"), "{cleaned}");
        assert!(cleaned.starts_with("invalid input"), "{cleaned}");
    }

    #[test]
    fn messages_are_one_bounded_line() {
        let redactor = Redactor::nothing();
        assert_eq!(redactor.clean("a\r\n\tb\u{0}\u{1b}[31mc \u{202e} d\n"), "a b [31mc d");
        let long = redactor.clean(&"é".repeat(5_000));
        assert_eq!(long.chars().count(), MESSAGE_CHARS_MAX);
        assert!(long.ends_with('…'));
    }
}
