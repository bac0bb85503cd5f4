//! Takes the reasoning out of a text that arrives in pieces: `<think>...</think>` and `<thinking>...</thinking>`.
//!
//! - A block opens at the beginning of a line, outside fenced code. Anywhere else the tag is text, because an answer
//!   may be *about* such tags, and losing it would be worse than showing one. White space around the block at the
//!   beginning of a reply goes with it. A block that never closes runs to the end.
//! - A reply may begin inside a block, because the opening tag can be part of the prompt's template. A closing tag
//!   without an opening one then ends the block, and everything before it was reasoning ([`Visible::restart`]). A
//!   quoted or back-ticked tag is text.
//! - Text flows without delay. Only a possible tag (at most `TAG_BYTES_MAX` bytes) and the white space before the first
//!   word are held back.

/// The longest tag: `</thinking>`.
const TAG_BYTES_MAX: usize = 11;
/// More white space than this at the beginning counts as text.
const LEADING_BYTES_MAX: usize = 256;
/// As much of a line's beginning as decides whether it is blank or opens a fence.
const LINE_HEAD_BYTES_MAX: usize = 16;

const OPENING: &[&str] = &["<think>", "<thinking>"];
const CLOSING: &[&str] = &["</think>", "</thinking>"];

/// What a piece made visible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// All text given before was reasoning: drop it. `text` is what follows.
    pub restart: bool,
    pub text: String,
}

#[derive(Debug, Default)]
pub struct ThinkFilter {
    inside: bool,
    /// The beginning of what may become a tag.
    held: String,
    /// White space at the beginning of the reply: part of the text, unless a block follows.
    leading: String,
    /// Text was given.
    has_text: bool,
    /// White space is dropped until something else comes: after a block at the beginning.
    trim: bool,
    /// An opening tag was met, as a block or as text: a later closing tag is no sign of a reply that began inside one.
    opening_seen: bool,
    in_fence: bool,
    line_head: String,
    last: Option<char>,
}

impl ThinkFilter {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, piece: &str) -> Visible {
        let mut visible = Visible::default();
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let mut rest = text.as_str();
        while let Some(next) = rest.chars().next() {
            if next == '<' {
                match self.tag(rest) {
                    Tag::Incomplete => break,
                    Tag::Opens(tag_bytes) => {
                        self.opening_seen = true;
                        if !self.inside && self.at_line_start() {
                            self.inside = true;
                            if !self.has_text {
                                self.leading.clear();
                            }
                            rest = rest.get(tag_bytes..).unwrap_or_default();
                            continue;
                        }
                    }
                    Tag::Closes(tag_bytes) if self.closes() => {
                        if !self.inside {
                            visible = Visible {
                                restart: true,
                                text: String::new(),
                            };
                            self.restart();
                        }
                        self.inside = false;
                        self.trim = !self.has_text;
                        rest = rest.get(tag_bytes..).unwrap_or_default();
                        continue;
                    }
                    Tag::Closes(_) | Tag::Other => {}
                }
            }
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
            self.give(next, &mut visible.text);
        }
        self.held = rest.to_owned();
        visible
    }

    /// The reply ended: what was held back is text.
    pub fn finish(mut self) -> String {
        let mut text = String::new();
        for character in std::mem::take(&mut self.held).chars() {
            self.give(character, &mut text);
        }
        // White space alone was the whole reply.
        text.push_str(&self.leading);
        text
    }

    fn give(&mut self, character: char, text: &mut String) {
        if self.inside {
            return;
        }
        if self.trim && character.is_whitespace() {
            return;
        }
        self.trim = false;
        self.track_line(character);
        if !self.has_text && character.is_whitespace() && self.leading.len() < LEADING_BYTES_MAX {
            self.leading.push(character);
            return;
        }
        self.has_text = true;
        text.push_str(&std::mem::take(&mut self.leading));
        text.push(character);
    }

    fn track_line(&mut self, character: char) {
        self.last = Some(character);
        if character == '\n' {
            let head = self.line_head.trim_start();
            self.in_fence ^= head.starts_with("```") || head.starts_with("~~~");
            self.line_head.clear();
        } else if self.line_head.len() < LINE_HEAD_BYTES_MAX {
            self.line_head.push(character);
        }
    }

    fn at_line_start(&self) -> bool {
        self.line_head.trim().is_empty() && !self.in_fence
    }

    /// Whether a closing tag at this place closes anything.
    fn closes(&self) -> bool {
        self.inside || !(self.opening_seen || matches!(self.last, Some('`' | '"' | '\'')))
    }

    fn restart(&mut self) {
        *self = Self {
            opening_seen: true,
            ..Self::default()
        };
    }

    fn tag(&self, rest: &str) -> Tag {
        let head: String = rest
            .chars()
            .take(TAG_BYTES_MAX)
            .collect::<String>()
            .to_ascii_lowercase();
        let whole = |tags: &[&'static str]| tags.iter().copied().find(|tag| head.starts_with(tag));
        let may_become = |tags: &[&str]| head.len() == rest.len() && tags.iter().any(|tag| tag.starts_with(&head));
        match (whole(OPENING), whole(CLOSING)) {
            (Some(tag), _) => Tag::Opens(tag.len()),
            (_, Some(tag)) => Tag::Closes(tag.len()),
            _ if may_become(OPENING) || may_become(CLOSING) => Tag::Incomplete,
            _ => Tag::Other,
        }
    }
}

/// What a `<` begins; the lengths are in bytes.
enum Tag {
    Opens(usize),
    Closes(usize),
    /// More text decides.
    Incomplete,
    Other,
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filtered(pieces: &[&str]) -> String {
        let mut filter = ThinkFilter::new();
        let mut text = String::new();
        for piece in pieces {
            let visible = filter.push(piece);
            if visible.restart {
                text.clear();
            }
            text.push_str(&visible.text);
        }
        text + &filter.finish()
    }

    const CASES: &[(&str, &str)] = &[
        ("plain", "plain"),
        ("<think>a</think>b", "b"),
        ("<think>\na\n</think>\n\nb\n", "b\n"),
        ("  \n<THINK>a</Think>  b", "b"),
        ("<thinking>a < b <think> c</thinking>d", "d"),
        ("<think></think>", ""),
        ("<think>never closed", ""),
        ("<think>cut </thi", ""),
        ("reasoning without an opening\n</think>\n\nanswer", "answer"),
        ("reasoning</think>answer", "answer"),
        ("```\ncode</think>answer\n<think>x", "answer\n"),
        ("one\n<think>two</think>\nthree", "one\n\nthree"),
        (
            "a <think> in a line is text </think>",
            "a <think> in a line is text </think>",
        ),
        ("the tag `</think>` ends it", "the tag `</think>` ends it"),
        (
            "```xml\n<think>\nx\n</think>\n```\n<think>y</think>z",
            "```xml\n<think>\nx\n</think>\n```\nz",
        ),
        ("1 < 2 <thin <b>x</b> </", "1 < 2 <thin <b>x</b> </"),
        ("<think>a</think><think>b</think>c", "c"),
        ("<think>a</think> b </think> c", "b </think> c"),
        ("  leading space stays", "  leading space stays"),
        ("<thinker>", "<thinker>"),
        ("é<", "é<"),
        ("<", "<"),
        ("<think>🦀</think>🦀", "🦀"),
    ];

    #[test]
    fn reasoning_is_taken_out_and_text_about_it_stays() {
        for (text, expected) in CASES {
            assert_eq!(filtered(&[text]), *expected, "{text:?}");
        }
    }

    #[test]
    fn any_split_gives_the_same_text() {
        for (text, expected) in CASES {
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                let (head, tail) = text.split_at(at);
                assert_eq!(filtered(&[head, tail]), *expected, "{head:?} {tail:?}");
            }
            let characters: Vec<String> = text.chars().map(String::from).collect();
            let pieces: Vec<&str> = characters.iter().map(String::as_str).collect();
            assert_eq!(filtered(&pieces), *expected, "{text:?} character by character");
        }
    }

    #[test]
    fn text_is_held_back_only_where_a_tag_may_come() {
        let mut filter = ThinkFilter::new();
        assert_eq!(filter.push("a <").text, "a ");
        assert_eq!(filter.push("b").text, "<b");
        assert_eq!(filter.push("</th").text, "");
        assert_eq!(filter.push("e>").text, "</the>");
    }

    const PARTS: [&str; 14] = [
        "<think>",
        "</think>",
        "<thinking>",
        "</thinking>",
        "<",
        "/",
        "t",
        ">",
        "\n",
        "```",
        "`",
        " ",
        "é",
        "x",
    ];

    proptest! {
        #![proptest_config(super::super::fixtures::deterministic(2_000))]
        #[test]
        fn any_text_split_anywhere_filters_alike(
            parts in prop::collection::vec(prop::sample::select(PARTS.to_vec()), 0..24),
            at in 0usize..80,
        ) {
            let text = parts.concat();
            let (head, tail) = text.split_at(text.floor_char_boundary(at));
            prop_assert_eq!(filtered(&[head, tail]), filtered(&[&text]));
        }
    }
}
