//! One reader for the replies (status 200) of all providers, fed with bytes as they come.
//!
//! The first byte tells what a reply is. The content type does not, and neither does what was asked for. `{`, `[` and
//! `"` begin a whole JSON reply (some servers answer a stream request so), `<` begins an HTML page, and anything else
//! an event stream. Where a stream of one JSON value a line was asked for, `{` begins that. `shapes` knows what each of
//! them says, and [`super::think`] takes reasoning out.
//!
//! - A reply is complete only if everything that arrived was understood. An event that can't be read fails the attempt.
//!   One that can be read and is of an unknown shape makes the end [`Finish::Unknown`](crate::model::Finish), unless
//!   `harmless` lists it.
//! - A stream is complete when it said `[DONE]` or gave a finish reason. Any other was cut off, which is an error and
//!   never a short answer. `[DONE]` alone is a doubt where the chunks have a place for the reason. Usage may come after
//!   the finish reason, so read on until [`ReplyReader::is_done`] or the end of the body.
//! - An error in the stream, under any name, or as a whole reply of status 200, is an error.
//! - The result does not depend on how the bytes were cut into pieces.
//! - Memory is bounded. A longer text than [`TEXT_BYTES_MAX`] ends there as `Finish::Length`, so that it is kept and
//!   marked.
//! - An error carries the tokens that the call used, as far as they are known ([`ReplyReader::charge`]).
//! - [`ModelReply::text`] is authoritative, and the pieces are a preview. The last few bytes may come with the reply
//!   only. A reply that began inside a think block shows so at its closing tag, when its pieces were given, and a text
//!   that was sent twice may show so only later.
//!
//! `values` reads events that are not one JSON value, `partial` puts the parts together.

use super::errors::{error_within_reply, own_error};
use super::fault::{Fault, html_title, looks_like_html};
use super::harmless::is_quiet_kind;
use super::partial::{PartialReply, SAMPLE_BYTES_MAX, Source};
use super::redact::cut;
use super::shapes::{Part, Reading, read_part, said_alone};
use super::sse::{SseDecoder, SseEvent};
use super::values::{DONE, Item, read_leniently, trim};
use crate::errors::ErrorName;
use crate::json;
use crate::model::{ErrorClass, ModelError, ModelReply};
use serde_json::Value;

/// The longest text of a reply, in bytes.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// The longest whole reply, in bytes: the text escaped, and reasoning beside it.
pub const WHOLE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// As much of an HTML page as is searched for its title.
const PAGE_BYTES_MAX: usize = 2_048;
/// The first byte of a gzip file.
const GZIP: u8 = 0x1f;

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
    structured: bool,
    /// A body of JSON has one value a line, as Ollama's own endpoints stream.
    lines: bool,
}

/// What the body is, by its first byte.
#[derive(Debug)]
enum BodyFormat {
    /// Nothing but white space so far.
    Blank,
    Stream(SseDecoder),
    Whole(Vec<u8>),
    Page(Vec<u8>),
    Gzip,
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
            structured: false,
            lines: false,
        }
    }

    /// A stream of one JSON value a line was asked for.
    pub fn with_lines(self, lines: bool) -> Self {
        Self { lines, ..self }
    }

    /// A schema was sent, so that the arguments of a tool's call are the reply where there is no text.
    pub fn with_structure(self, structured: bool) -> Self {
        Self { structured, ..self }
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
        let pieces = self.take_bytes(bytes);
        pieces.map_err(|error| self.charge(error))
    }

    /// The body ended, or [`ReplyReader::is_done`].
    pub fn finish(mut self) -> Result<ModelReply, ModelError> {
        let reply = self.conclude();
        reply.map_err(|error| self.charge(error))
    }

    /// Nothing more of interest can come: stop reading, drop the body (which closes the call) and finish.
    pub fn is_done(&self) -> bool {
        self.done || self.partial.is_ended()
    }

    /// The error with the tokens that the call used so far. Where the server reported none, those of what arrived are
    /// estimated, without the prompt, which is not known here.
    pub fn charge(&self, error: ModelError) -> ModelError {
        ModelError {
            usage: error.usage.or_else(|| self.partial.usage()),
            ..error
        }
    }

    fn take_bytes(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, ModelError> {
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
            BodyFormat::Gzip => return Err(gzip_error()),
            BodyFormat::Stream(decoder) => {
                let events = decoder.push(bytes).map_err(|error| bad_reply(&error.to_string()))?;
                self.read_events(events, &mut pieces)?;
            }
            BodyFormat::Whole(body) => {
                if body.len() + bytes.len() > WHOLE_BYTES_MAX {
                    return Err(own_error(
                        ErrorClass::Permanent,
                        ErrorName::ReplyTooLong,
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

    fn conclude(&mut self) -> Result<ModelReply, ModelError> {
        match std::mem::replace(&mut self.format, BodyFormat::Blank) {
            BodyFormat::Blank => Err(own_error(
                ErrorClass::Transient,
                ErrorName::EmptyReply,
                "the reply was empty",
            )),
            BodyFormat::Gzip => Err(gzip_error()),
            BodyFormat::Page(page) => Err(html_error(&page)),
            BodyFormat::Whole(body) => {
                let is_whole = self.read_whole(&String::from_utf8_lossy(&body))?;
                self.partial
                    .conclude(is_whole || self.done, !is_whole, self.max_tokens, self.structured)
            }
            BodyFormat::Stream(decoder) => {
                // A last event without its blank line counts, unless the end has been said already.
                if !self.is_done() {
                    let events = decoder.finish().map_err(|error| bad_reply(&error.to_string()))?;
                    self.read_last_events(events)?;
                }
                // Before the conclusion, which would call a page of plain text a stream that was cut off.
                if !(self.done || self.partial.understood() || self.is_event_stream()) {
                    return Err(foreign(&self.shown_sample()));
                }
                self.partial.conclude(self.done, true, self.max_tokens, self.structured)
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
            Some(b'{') if self.lines => BodyFormat::Stream(SseDecoder::of_lines()),
            Some(b'{' | b'[' | b'"') => BodyFormat::Whole(Vec::new()),
            Some(b'<') => BodyFormat::Page(Vec::new()),
            Some(&GZIP) => BodyFormat::Gzip,
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
                SseEvent::Comment(comment) => self.read_comment(&comment)?,
                SseEvent::Data { name, data } => self.read_data(&name, &data, pieces)?,
            }
        }
        Ok(())
    }

    /// What the end of the body left over. An event that can't be read broke off there.
    fn read_last_events(&mut self, events: Vec<SseEvent>) -> Result<(), ModelError> {
        if let Some(SseEvent::Data { data, .. }) = events.last()
            && self.partial.is_stopped()
            && !data.is_empty()
            && ["data: [DONE]", DONE].iter().any(|end| end.starts_with(trim(data)))
        {
            return Ok(());
        }
        let is_broken = |event: &SseEvent| match event {
            SseEvent::Data { data, .. } => serde_json::from_str::<Value>(data).is_err_and(|error| error.is_eof()),
            _ => false,
        };
        if self.partial.understood() && events.iter().any(is_broken) {
            let message = "the stream broke off in the middle of an event";
            return Err(own_error(ErrorClass::Transient, ErrorName::StreamCutOff, message));
        }
        self.read_events(events, &mut Vec::new())
    }

    fn read_data(&mut self, name: &str, data: &str, pieces: &mut Vec<Piece>) -> Result<(), ModelError> {
        let data = trim(data);
        if says_error(name) {
            return Err(error_within_reply(&Fault::of_body(data)));
        }
        match data {
            "" => return Ok(()),
            DONE => {
                self.done = true;
                return Ok(());
            }
            _ => {}
        }
        if let Ok(value) = serde_json::from_str::<Value>(data) {
            let source = Source {
                text: data,
                marked: false,
            };
            return self.read_value(&value, source, pieces);
        }
        if is_quiet_kind(name) && !data.contains('{') {
            // A heartbeat whose data is a time.
            return Ok(());
        }
        let read = read_leniently(data).map_err(|error| self.unreadable(data, &error))?;
        for item in read.items {
            if self.is_done() {
                break;
            }
            match item {
                Item::Done => self.done = true,
                Item::Value(value) => {
                    let source = Source {
                        text: data,
                        marked: read.marked,
                    };
                    self.read_value(&value, source, pieces)?;
                }
            }
        }
        Ok(())
    }

    fn read_value(&mut self, value: &Value, source: Source<'_>, pieces: &mut Vec<Piece>) -> Result<(), ModelError> {
        match value {
            // Keep-alives.
            Value::Null => Ok(()),
            Value::String(text) if text == DONE => {
                self.done = true;
                Ok(())
            }
            value => self.take(read_part(value), source, pieces),
        }
    }

    /// A comment says nothing, unless it is an event whose field name was lost.
    fn read_comment(&mut self, comment: &str) -> Result<(), ModelError> {
        let json = comment
            .find('{')
            .and_then(|start| comment.get(start..))
            .unwrap_or_default();
        let value = serde_json::from_str::<Value>(json).map_err(|error| self.unreadable(comment, &error))?;
        if read_part(&value).reading != Reading::Harmless {
            self.partial.doubt(comment);
        }
        Ok(())
    }

    /// Reads a body that began like JSON. True: it is one value, and so the whole reply. False: it is a list of events
    /// (or the first of them), one JSON value each, as Ollama's own endpoints stream.
    fn read_whole(&mut self, body: &str) -> Result<bool, ModelError> {
        let body = trim(body);
        if let Ok(value) = serde_json::from_str::<Value>(body) {
            return self.read_whole_value(&value, false);
        }
        let read = read_leniently(body).map_err(|error| self.not_json(&error))?;
        if let [Item::Value(value)] = read.items.as_slice() {
            return self.read_whole_value(value, read.marked);
        }
        for item in read.items {
            match item {
                _ if self.is_done() => break,
                Item::Done => self.done = true,
                Item::Value(value) => {
                    let text = json::text(&value);
                    let source = Source {
                        text: &text,
                        marked: read.marked,
                    };
                    self.read_value(&value, source, &mut Vec::new())?;
                }
            }
        }
        Ok(false)
    }

    fn read_whole_value(&mut self, value: &Value, marked: bool) -> Result<bool, ModelError> {
        let part = match value {
            Value::String(text) => said_alone(text.clone()),
            value => read_part(value),
        };
        if part.reading != Reading::Understood && part.fault.is_none() {
            return Err(bad_reply(&format!(
                "the endpoint answered JSON of an unknown shape: {}",
                self.shown_sample()
            )));
        }
        let sample = self.shown_sample();
        let source = Source { text: &sample, marked };
        let is_whole = !part.is_event;
        self.take(part, source, &mut Vec::new())?;
        Ok(is_whole)
    }

    fn take(&mut self, part: Part, source: Source<'_>, pieces: &mut Vec<Piece>) -> Result<(), ModelError> {
        pieces.extend(self.partial.take(part, source)?.map(Piece::Text));
        Ok(())
    }

    fn is_event_stream(&self) -> bool {
        self.content_type.contains("event-stream")
    }

    fn unreadable(&self, data: &str, error: &serde_json::Error) -> ModelError {
        if looks_like_html(data) {
            let title = shown_title(data);
            return bad_reply(&format!("there is an HTML page{title} in the middle of the stream"));
        }
        let shown = cut(data, SAMPLE_BYTES_MAX);
        if !(self.partial.understood() || self.is_event_stream()) {
            return foreign(shown);
        }
        let why = if error.is_eof() {
            "it is cut off"
        } else {
            "it is not JSON"
        };
        bad_reply(&format!("an event of the stream can't be read ({why}): {shown}"))
    }

    fn not_json(&self, error: &serde_json::Error) -> ModelError {
        if error.is_eof() {
            return own_error(
                ErrorClass::Transient,
                ErrorName::StreamCutOff,
                "the JSON reply was cut off",
            );
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

/// Whether an event's name says that the call failed: `error`, Bedrock's `throttlingException`.
fn says_error(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "error" || name.ends_with(".error") || name.ends_with("exception")
}

fn bad_reply(message: &str) -> ModelError {
    own_error(ErrorClass::Transient, ErrorName::BadReply, message)
}

/// Nothing of what came was a completion.
fn foreign(shown: &str) -> ModelError {
    bad_reply(&format!(
        "the endpoint answered neither JSON nor a stream of completions: {shown}"
    ))
}

fn gzip_error() -> ModelError {
    bad_reply("the endpoint answered gzip bytes without saying so in Content-Encoding: a proxy on the way is at fault")
}

fn shown_title(page: &str) -> String {
    html_title(page).map(|title| format!(" ({title})")).unwrap_or_default()
}

fn html_error(page: &[u8]) -> ModelError {
    let title = shown_title(&String::from_utf8_lossy(page));
    let message = format!("the endpoint answered HTML{title}, not a model's reply: is its base URL right?");
    own_error(ErrorClass::Permanent, ErrorName::BadReply, &message)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
#[path = "reader_tests.rs"]
mod tests;
