//! One reader for the replies (status 200) of all providers, fed with bytes as they come.
//!
//! The first byte tells what a reply is. The content type does not, and neither does what was asked for. `{`, `[` and
//! `"` begin a whole JSON reply (some servers answer a stream request so), `<` begins an HTML page, and anything else
//! an event stream. `shapes` knows what each of them says, and [`super::think`] takes reasoning out.
//!
//! - A stream is complete when it said `[DONE]` or gave a finish reason. Any other was cut off, which is an error and
//!   never a short answer. Usage may come after the finish reason, so read on until [`ReplyReader::is_done`] or the end
//!   of the body.
//! - Malformed events are skipped and counted. An error in the stream, or as a whole reply of status 200, is an error.
//! - The result does not depend on how the bytes were cut into pieces.
//! - Memory is bounded. A longer text than [`TEXT_BYTES_MAX`] ends there as `Finish::Length`, so that it is kept and
//!   marked.
//! - [`ModelReply::text`] is authoritative, and the pieces are a preview. The last few bytes may come with the reply
//!   only. A reply that began inside a think block shows so at its closing tag, when its pieces were given.

use super::errors::{error_within_reply, own_error};
use super::fault::{Fault, html_title};
use super::partial::PartialReply;
use super::shapes::{Part, read_part};
use super::sse::{SseDecoder, SseEvent};
use crate::model::{ErrorClass, ModelError, ModelReply};
use serde_json::Value;
use std::borrow::Cow;

/// The longest text of a reply, in bytes.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// The longest whole reply, in bytes: the text escaped, and reasoning beside it.
pub const WHOLE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// As much of an HTML page as is searched for its title.
const PAGE_BYTES_MAX: usize = 2_048;
/// As much of a reply as is shown when it can't be read.
const SAMPLE_BYTES_MAX: usize = 160;

/// What some bytes brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// More text of the answer; never empty.
    Text(String),
    /// Bytes without text: reasoning, a keep-alive, a part of an event or of a whole reply.
    Alive,
}

#[derive(Debug)]
pub struct ReplyReader {
    content_type: String,
    max_tokens: Option<u32>,
    format: BodyFormat,
    sample: Vec<u8>,
    partial: PartialReply,
    /// `[DONE]` came.
    done: bool,
}

/// What the body is, by its first byte.
#[derive(Debug)]
enum BodyFormat {
    /// Nothing but white space so far.
    Blank,
    Stream(SseDecoder),
    Whole(Vec<u8>),
    Page(Vec<u8>),
}

impl ReplyReader {
    pub fn new(content_type: Option<&str>) -> Self {
        Self {
            content_type: content_type.unwrap_or_default().to_ascii_lowercase(),
            max_tokens: None,
            format: BodyFormat::Blank,
            sample: Vec::new(),
            partial: PartialReply::default(),
            done: false,
        }
    }

    /// The limit that was sent. Workers AI's native models give no finish reason: there a reply that used up the limit
    /// counts as `Finish::Length`.
    pub fn with_max_tokens(self, max_tokens: u32) -> Self {
        Self {
            max_tokens: Some(max_tokens),
            ..self
        }
    }

    /// Takes the next bytes of the body. Gives one piece per event with text, [`Piece::Alive`] where there was none,
    /// nothing for no bytes and after the end. After an error the reader is of no use.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, ModelError> {
        if bytes.is_empty() || self.is_done() {
            return Ok(Vec::new());
        }
        // The first byte decides the format, once. White space before it is dropped.
        let bytes = self.sniff(bytes);
        // The beginning is kept for the message of an error, before anything can fail.
        let room = SAMPLE_BYTES_MAX.saturating_sub(self.sample.len()).min(bytes.len());
        self.sample.extend(bytes.iter().take(room));
        let mut pieces = Vec::new();
        match &mut self.format {
            BodyFormat::Blank => {}
            BodyFormat::Stream(decoder) => {
                let events = decoder.push(bytes).map_err(|error| bad_reply(&error.to_string()))?;
                self.read_events(events, &mut pieces)?;
            }
            BodyFormat::Whole(body) => {
                if body.len() + bytes.len() > WHOLE_BYTES_MAX {
                    return Err(own_error(
                        ErrorClass::Permanent,
                        "ReplyTooLong",
                        &format!("the reply is longer than {WHOLE_BYTES_MAX} bytes"),
                    ));
                }
                body.extend_from_slice(bytes);
            }
            BodyFormat::Page(page) => {
                page.extend(bytes.iter().take(PAGE_BYTES_MAX - page.len().min(PAGE_BYTES_MAX)));
                if page.len() >= PAGE_BYTES_MAX {
                    return Err(html_error(page));
                }
            }
        }
        // Bytes without text still say that the server is there: the limit on silence starts anew.
        if pieces.is_empty() {
            pieces.push(Piece::Alive);
        }
        Ok(pieces)
    }

    /// Nothing more of interest can come: stop reading, drop the body (which closes the call) and finish.
    pub fn is_done(&self) -> bool {
        self.done || self.partial.is_full()
    }

    /// How many events were malformed or of an unknown shape so far.
    pub fn warnings(&self) -> u32 {
        self.partial.warnings()
    }

    /// The body ended, or [`ReplyReader::is_done`].
    pub fn finish(mut self) -> Result<ModelReply, ModelError> {
        match std::mem::replace(&mut self.format, BodyFormat::Blank) {
            BodyFormat::Blank => Err(own_error(ErrorClass::Transient, "EmptyReply", "the reply was empty")),
            BodyFormat::Page(page) => Err(html_error(&page)),
            BodyFormat::Whole(body) => {
                let value = self.whole(&body)?;
                self.read_whole(&value)?;
                self.partial.conclude(true, self.max_tokens)
            }
            BodyFormat::Stream(decoder) => {
                // A last event without its blank line counts, unless the end has been said already.
                if !self.is_done() {
                    let events = decoder.finish().map_err(|error| bad_reply(&error.to_string()))?;
                    self.read_events(events, &mut Vec::new())?;
                }
                // Before the conclusion, which would call a page of plain text a stream that was cut off.
                if self.is_foreign(self.done) {
                    let message = format!(
                        "the endpoint answered neither JSON nor a stream of completions: {}",
                        self.shown_sample()
                    );
                    return Err(bad_reply(&message));
                }
                self.partial.conclude(self.done, self.max_tokens)
            }
        }
    }

    /// Decides by the first byte that is neither white space nor of a byte order mark what the body is.
    fn sniff<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if !matches!(self.format, BodyFormat::Blank) {
            return bytes;
        }
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf);
        let start = bytes.iter().position(|byte| !is_blank(byte)).unwrap_or(bytes.len());
        let (_, rest) = bytes.split_at_checked(start).unwrap_or((bytes, &[]));
        self.format = match rest.first() {
            None => BodyFormat::Blank,
            Some(b'{' | b'[' | b'"') => BodyFormat::Whole(Vec::new()),
            Some(b'<') => BodyFormat::Page(Vec::new()),
            Some(_) => BodyFormat::Stream(SseDecoder::new()),
        };
        rest
    }

    fn read_events(&mut self, events: Vec<SseEvent>, pieces: &mut Vec<Piece>) -> Result<(), ModelError> {
        for event in events {
            if self.is_done() {
                break;
            }
            match event {
                SseEvent::Error(error) => return Err(error_within_reply(&Fault::of_body(&error))),
                SseEvent::Data(data) => self.read_data(&data, pieces)?,
            }
        }
        Ok(())
    }

    fn read_data(&mut self, data: &str, pieces: &mut Vec<Piece>) -> Result<(), ModelError> {
        let data = data.trim();
        match data {
            "" => return Ok(()),
            "[DONE]" => {
                self.done = true;
                return Ok(());
            }
            _ => {}
        }
        match serde_json::from_str::<Value>(data) {
            Ok(value) => self.take(read_part(&value), pieces),
            // Servers that forget the blank line between events: their data lines arrive joined.
            Err(_) if data.contains('\n') => {
                for line in data.lines() {
                    if self.is_done() {
                        break;
                    }
                    self.read_data(line, pieces)?;
                }
                Ok(())
            }
            Err(_) => {
                self.partial.warn();
                Ok(())
            }
        }
    }

    fn read_whole(&mut self, value: &Value) -> Result<(), ModelError> {
        let part = match value {
            Value::String(text) => Part {
                text: text.clone(),
                understood: true,
                ..Part::default()
            },
            value => read_part(value),
        };
        if !part.understood {
            return Err(bad_reply(&format!(
                "the endpoint answered JSON of an unknown shape: {}",
                self.shown_sample()
            )));
        }
        self.take(part, &mut Vec::new())
    }

    fn take(&mut self, part: Part, pieces: &mut Vec<Piece>) -> Result<(), ModelError> {
        pieces.extend(self.partial.take(part)?.map(Piece::Text));
        Ok(())
    }

    /// Nothing of what came was a completion, and it was no silent event stream either.
    fn is_foreign(&self, complete: bool) -> bool {
        let silent_stream = complete || self.content_type.contains("event-stream");
        !self.partial.understood() && (self.partial.warnings() > 0 || !silent_stream)
    }

    fn whole(&self, body: &[u8]) -> Result<Value, ModelError> {
        let text = String::from_utf8_lossy(body);
        let value = serde_json::from_str(&text).map_err(|error| self.not_json(&error))?;
        match text {
            Cow::Borrowed(_) => Ok(value),
            Cow::Owned(_) => Err(self.not_json(&serde::de::Error::custom("it is not UTF-8"))),
        }
    }

    fn not_json(&self, error: &serde_json::Error) -> ModelError {
        if error.is_eof() {
            return own_error(ErrorClass::Transient, "StreamCutOff", "the JSON reply was cut off");
        }
        bad_reply(&format!(
            "the endpoint answered malformed JSON ({error}): {}",
            self.shown_sample()
        ))
    }

    fn shown_sample(&self) -> String {
        String::from_utf8_lossy(&self.sample).into_owned()
    }
}

fn bad_reply(message: &str) -> ModelError {
    own_error(ErrorClass::Transient, "BadReply", message)
}

fn html_error(page: &[u8]) -> ModelError {
    let title = html_title(&String::from_utf8_lossy(page))
        .map(|title| format!(" ({title})"))
        .unwrap_or_default();
    let message = format!("the endpoint answered HTML{title}, not a model's reply: is OPENAI_BASE_URL right?");
    own_error(ErrorClass::Permanent, "BadReply", &message)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
#[path = "reader_tests.rs"]
mod tests;
