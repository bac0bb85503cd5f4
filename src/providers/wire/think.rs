//! Takes out of a text that arrives in pieces what is not the answer: blocks of reasoning, and the tokens of a chat
//! template that the server left in. [`super::marks`] lists them.
//!
//! - A block opens at the beginning of a line, outside fenced code; the marks that are likelier to be text open only
//!   before the first word. Anywhere else a mark is text, because an answer may be *about* such marks, and losing it
//!   would be worse than showing one. A block that never closes runs to the end.
//! - A reply may begin inside a block, because the opening mark can be part of the prompt's template. A closing mark
//!   without an opening one then ends the block, and everything before it was reasoning ([`Visible::restart`]). A
//!   quoted or back-ticked mark is text. One in the middle of a sentence leaves a doubt, and so does a block within a
//!   text that never closes ([`Visible::doubtful`]).
//! - After a block at the beginning one paragraph break goes with it, which is how templates separate the two. More
//!   white space is the answer's own: a text that goes on after a limit keeps its paragraph break.
//! - A wrapper around the answer (`<answer>`) counts directly after a block of reasoning, and its end as the last of
//!   the text.
//! - Template tokens are left out before the first word and after the last. Between words they are text, and so they
//!   are in code, in quotes, and after a space ("the token is <|im_end|>").
//! - Text flows without delay. Only a possible mark, what may be the end of the text, and the white space before the
//!   first word are held back.

use super::marks::{Block, Found, Mark, Row, find, may_begin};

/// More white space than this at the beginning counts as text.
const LEADING_BYTES_MAX: usize = 256;
/// As much of a line's beginning as decides whether it is blank or opens a fence.
const LINE_HEAD_BYTES_MAX: usize = 16;
/// The line breaks that separate a block from the answer.
const SEPARATOR_LINES: u8 = 2;
/// A longer end of nothing but tokens and white space is text.
const TAIL_BYTES_MAX: usize = 1_024;

/// What a piece made visible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// All text given before was reasoning: drop it. `text` is what follows.
    pub restart: bool,
    pub text: String,
    /// The reasoning that was taken out.
    pub hidden: String,
    /// What was taken out may have been text.
    pub doubtful: bool,
}

#[derive(Debug, Default)]
pub struct ThinkFilter {
    inside: Option<Block>,
    /// The beginning of what may become a mark.
    held: String,
    /// White space at the beginning of the reply: part of the text, unless a block follows.
    leading: String,
    /// Text was given.
    has_text: bool,
    /// The line breaks that still go with the block before: after a block at the beginning.
    separator: Option<u8>,
    /// The kinds of blocks whose opening mark was met, as a block or as text, in bits: a later closing mark is no sign
    /// of a reply that began inside one.
    seen: u16,
    /// A block was taken out, and no word has come since.
    after_block: bool,
    /// A closing mark in the middle of a line was taken for the end of the reasoning: what follows it tells.
    closed_in_line: bool,
    wrapper: Option<u8>,
    /// `<s>` was met.
    struck: bool,
    /// Tokens, and white space after them, that are left out if nothing follows.
    tail: String,
    /// A block that is text unless it closes.
    unproven: String,
    /// The first characters of the text, which tell a bare `analysis`.
    head: String,
    in_fence: bool,
    line_head: String,
    last: Option<char>,
}

impl ThinkFilter {
    pub fn new() -> Self {
        Self::default()
    }

    /// Reasoning came beside the text, before its first piece: the separator is left out as after a block.
    pub fn after_reasoning(&mut self) {
        if !self.has_text && self.leading.is_empty() && self.held.is_empty() {
            self.separator.get_or_insert(SEPARATOR_LINES);
            self.after_block = true;
        }
    }

    pub fn push(&mut self, piece: &str) -> Visible {
        let mut visible = Visible::default();
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        self.held = self.read(&text, false, &mut visible).to_owned();
        visible
    }

    /// The reply ended: what was held back is text, unless it is a token.
    pub fn finish(mut self) -> Visible {
        let mut visible = Visible::default();
        let held = std::mem::take(&mut self.held);
        self.read(&held, true, &mut visible);
        if self.inside.is_some_and(Block::needs_its_end) {
            self.inside = None;
            let unproven = std::mem::take(&mut self.unproven);
            visible.hidden.clear();
            for character in unproven.chars() {
                self.give(character, &mut visible);
            }
        }
        // A block within a text that never closes may be text about such a block.
        visible.doubtful |= self.inside.is_some() && self.has_text;
        // White space alone was the whole reply.
        visible.text.push_str(&self.leading);
        visible
    }

    /// Gives what can be given of `text`; returns the rest, which waits for more.
    fn read<'a>(&mut self, text: &'a str, is_end: bool, visible: &mut Visible) -> &'a str {
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if self.may_begin(next) {
                match find(rest, is_end, |row| self.counts(row, next)) {
                    Found::Incomplete => break,
                    Found::Mark(mark, mark_bytes) => {
                        let (own, after) = rest.split_at_checked(mark_bytes).unwrap_or((rest, ""));
                        if !self.takes(mark, own, visible) {
                            own.chars().for_each(|character| self.give(character, visible));
                        }
                        rest = after;
                        continue;
                    }
                    Found::Nothing => {}
                }
            }
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
            self.give(next, visible);
        }
        rest
    }

    /// Whether a mark may begin with this character here. Few begin like words, and those stand in few places.
    fn may_begin(&self, next: char) -> bool {
        let may_be_word = match self.inside {
            Some(block) => block == Block::Granite,
            None => !self.has_text || self.is_bare(),
        };
        may_begin(next) && (may_be_word || !next.is_ascii_alphabetic())
    }

    /// Whether a mark can count here at all. Marks that begin like words are looked for only where they can stand, so
    /// that words are not held back.
    fn counts(&self, row: &Row, next: char) -> bool {
        if let Some(block) = self.inside {
            return match row.mark {
                Mark::Closes(closed) => closed == block,
                Mark::Ends => block == Block::Channel,
                _ => false,
            };
        }
        match row.mark {
            _ if row.at_beginning => !self.has_text,
            Mark::Closes(Block::Bare) => self.is_bare(),
            _ => !next.is_ascii_alphabetic(),
        }
    }

    /// Acts on a mark. False: it is text.
    fn takes(&mut self, mark: Mark, own: &str, visible: &mut Visible) -> bool {
        match mark {
            Mark::Opens(block) => {
                let is_known = self.seen & block.bit() != 0;
                self.seen |= block.bit();
                let may_open = if block.opens_anywhere() {
                    self.at_line_start()
                } else {
                    // A second segment of gpt-oss follows the end of the first.
                    !self.has_text || (block == Block::Channel && is_known && !self.tail.is_empty())
                };
                if may_open {
                    self.open(block, own, visible);
                }
                may_open
            }
            Mark::Closes(block) if self.inside == Some(block) => {
                self.close();
                true
            }
            Mark::Ends if self.inside.is_some() => {
                self.close();
                true
            }
            Mark::Closes(Block::Channel) if !self.has_text => {
                // The header of the answer: there was no reasoning, or it has ended.
                self.seen |= Block::Channel.bit();
                self.close();
                true
            }
            Mark::Closes(block) => {
                let ends_the_beginning = block.may_begin_before() && self.seen & block.bit() == 0 && !self.is_quoted();
                if ends_the_beginning {
                    self.restart(block, visible);
                }
                ends_the_beginning
            }
            Mark::Wraps(pair) => {
                let wraps = self.after_block && !self.has_text;
                if wraps {
                    self.wrapper = Some(pair);
                    self.separator = Some(SEPARATOR_LINES);
                }
                wraps
            }
            Mark::Unwraps(pair) => self.wrapper == Some(pair) && self.holds_as_tail(own, true),
            Mark::Ends | Mark::Token => self.holds_as_tail(own, self.last != Some(' ')),
            Mark::EndOfText => self.holds_as_tail(own, !self.struck),
            Mark::Strikes => {
                self.struck = true;
                false
            }
        }
    }

    /// A token before the first word is dropped, and one that may be the last waits for what follows.
    fn holds_as_tail(&mut self, own: &str, may_be_last: bool) -> bool {
        if !self.has_text {
            self.separator.get_or_insert(SEPARATOR_LINES);
            return true;
        }
        if !may_be_last || self.is_quoted() || self.in_fence || self.tail.len() + own.len() > TAIL_BYTES_MAX {
            return false;
        }
        self.tail.push_str(own);
        true
    }

    fn open(&mut self, block: Block, own: &str, visible: &mut Visible) {
        if block == Block::Channel {
            // The end of the segment before is no text.
            self.tail.clear();
        }
        self.flush_tail(visible);
        self.inside = Some(block);
        if !self.has_text {
            self.leading.clear();
        }
        if block.needs_its_end() {
            own.clone_into(&mut self.unproven);
        }
    }

    fn close(&mut self) {
        self.inside = None;
        self.unproven.clear();
        if !self.has_text {
            self.separator = Some(SEPARATOR_LINES);
            self.after_block = true;
        }
    }

    /// Everything so far was reasoning of this kind.
    fn restart(&mut self, block: Block, visible: &mut Visible) {
        let hidden = std::mem::take(&mut visible.hidden) + &visible.text;
        *visible = Visible {
            restart: true,
            text: String::new(),
            hidden,
            doubtful: visible.doubtful,
        };
        *self = Self {
            closed_in_line: block.opens_anywhere() && !self.line_head.trim().is_empty(),
            seen: self.seen | block.bit(),
            separator: Some(SEPARATOR_LINES),
            after_block: true,
            ..Self::default()
        };
    }

    fn give(&mut self, character: char, visible: &mut Visible) {
        if let Some(block) = self.inside {
            if block.needs_its_end() {
                self.unproven.push(character);
            }
            visible.hidden.push(character);
            return;
        }
        // Reasoning is followed by a line break or by the answer, a mark in a sentence by the rest of the sentence.
        let closed_in_line = std::mem::take(&mut self.closed_in_line);
        visible.doubtful |= closed_in_line && matches!(character, ' ' | ')' | '.' | ',' | ';' | ':' | '!' | '?');
        if self.is_separator(character) {
            return;
        }
        if !self.tail.is_empty() {
            if character.is_whitespace() && self.tail.len() < TAIL_BYTES_MAX {
                self.tail.push(character);
                return;
            }
            self.flush_tail(visible);
        }
        self.track_line(character);
        if !self.has_text && character.is_whitespace() && self.leading.len() < LEADING_BYTES_MAX {
            self.leading.push(character);
            return;
        }
        self.has_text = true;
        if self.head.len() < LINE_HEAD_BYTES_MAX {
            self.head.push(character);
        }
        visible.text.push_str(&std::mem::take(&mut self.leading));
        visible.text.push(character);
    }

    /// Something follows the tokens, so they are text.
    fn flush_tail(&mut self, visible: &mut Visible) {
        for character in std::mem::take(&mut self.tail).chars() {
            self.track_line(character);
            visible.text.push(character);
        }
    }

    /// Whether a character still belongs to the paragraph break after a block.
    fn is_separator(&mut self, character: char) -> bool {
        let Some(lines_left) = self.separator else { return false };
        match character {
            '\n' if lines_left > 1 => self.separator = Some(lines_left - 1),
            '\n' => self.separator = None,
            ' ' | '\t' | '\r' => {}
            _ => {
                self.separator = None;
                return false;
            }
        }
        true
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

    fn is_quoted(&self) -> bool {
        matches!(self.last, Some('`' | '"' | '\''))
    }

    /// The text began `analysisThe user ...`: the name of a channel, and directly after it a sentence.
    fn is_bare(&self) -> bool {
        let after = self
            .head
            .strip_prefix("analysis")
            .and_then(|after| after.chars().next());
        after
            .is_some_and(|character| character.is_uppercase() || (!character.is_ascii() && character.is_alphanumeric()))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
#[path = "think_tests.rs"]
mod tests;
