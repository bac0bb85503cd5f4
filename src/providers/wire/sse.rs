//! A push decoder of server-sent events, which is how a model streams, over bytes that arrive in any pieces.
//!
//! The event stream format is the HTML standard's (section 9.2.6): lines end in LF, CR or CRLF, a blank line ends an
//! event, `data:` lines (with or without a space) are joined by LF, `event:` names the event, comments are ignored, a
//! byte order mark is skipped. A character split across pieces is whole again, since bytes are decoded line by line;
//! invalid UTF-8 becomes U+FFFD.
//!
//! On purpose beyond the standard:
//!
//! - What is pending when the stream ends counts as an event, because a last newline is often missing.
//! - llama.cpp's field `error:` (its builds of 2025) is an event of its own.
//! - A line that is no field of the standard is data without its field name: proxies put bare JSON and HTML pages into
//!   a stream. Nothing that could be text of an answer is dropped here, so a comment that holds a `{` is given as well,
//!   and so are names and numbers that do.
//! - An event without data is given if it has a name, because the name may be `error`.
//!
//! Memory is bounded by [`EVENT_BYTES_MAX`].

/// The longest line and the longest event, in bytes. The largest legitimate event is a whole reply in one chunk.
pub const EVENT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// As much of an event's name as is kept, in bytes.
const NAME_BYTES_MAX: usize = 80;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SseEvent {
    /// The joined data lines, and the event's name, which is mostly empty.
    Data { name: String, data: String },
    /// The value of an `error:` field.
    Error(String),
    /// A comment that holds a `{`.
    Comment(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {EVENT_BYTES_MAX} bytes")]
pub struct EventTooLong;

#[derive(Debug, Default)]
pub struct SseDecoder {
    line: Vec<u8>,
    /// The data lines of the event so far, each followed by LF.
    data: String,
    name: String,
    /// The last byte was a CR: an LF that follows belongs to it.
    after_cr: bool,
    past_first_line: bool,
    /// The end of a line ends an event.
    by_lines: bool,
}

impl SseDecoder {
    pub fn new() -> Self {
        Self::default()
    }

    /// For a stream of one JSON value a line.
    pub fn of_lines() -> Self {
        Self {
            by_lines: true,
            ..Self::default()
        }
    }

    /// Takes the next bytes; gives the events that they completed. After an error the decoder is of no use.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<SseEvent>, EventTooLong> {
        let mut events = Vec::new();
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            self.extend_line(line)?;
            events.extend(self.end_line()?);
            if self.by_lines {
                events.extend(self.end_event());
            }
            rest = match after {
                [b'\r', b'\n', next @ ..] => next,
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [_, next @ ..] => next,
                [] => &[],
            };
        }
        self.extend_line(rest)?;
        Ok(events)
    }

    /// The stream ended: what was pending counts as complete.
    pub fn finish(mut self) -> Result<Vec<SseEvent>, EventTooLong> {
        let mut events: Vec<SseEvent> = self.end_line()?.into_iter().collect();
        events.extend(self.end_event());
        Ok(events)
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), EventTooLong> {
        if self.line.len() + self.data.len() + bytes.len() > EVENT_BYTES_MAX {
            return Err(EventTooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) -> Result<Option<SseEvent>, EventTooLong> {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let line = if self.past_first_line {
            &*text
        } else {
            text.trim_start_matches('\u{feff}')
        };
        self.past_first_line = true;
        if line.is_empty() {
            return Ok(self.end_event());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => self.extend_data(value)?,
            // An event that lost the line break before it.
            "event" | "id" | "retry" if value.contains('{') => self.extend_data(line)?,
            "event" => self.name = value.chars().take(NAME_BYTES_MAX).collect(),
            "id" | "retry" => {}
            "error" => return Ok(Some(SseEvent::Error(value.to_owned()))),
            "" => return Ok(value.contains('{').then(|| SseEvent::Comment(value.to_owned()))),
            _ => self.extend_data(line)?,
        }
        Ok(None)
    }

    fn extend_data(&mut self, line: &str) -> Result<(), EventTooLong> {
        // Replacement characters may make the text longer than its bytes.
        if self.data.len() + line.len() > EVENT_BYTES_MAX {
            return Err(EventTooLong);
        }
        self.data.push_str(line);
        self.data.push('\n');
        Ok(())
    }

    fn end_event(&mut self) -> Option<SseEvent> {
        let name = std::mem::take(&mut self.name);
        let mut data = std::mem::take(&mut self.data);
        let has_data = data.pop().is_some();
        (has_data || !name.is_empty()).then_some(SseEvent::Data { name, data })
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = SseDecoder::new();
        let mut events = Vec::new();
        for piece in pieces {
            events.extend(decoder.push(piece).expect("bounded"));
        }
        events.extend(decoder.finish().expect("bounded"));
        let text = |event| match event {
            SseEvent::Data { name, data } if name.is_empty() => data,
            SseEvent::Data { name, data } => format!("{name}={data}"),
            SseEvent::Error(error) => format!("error {error}"),
            SseEvent::Comment(comment) => format!("comment {comment}"),
        };
        events.into_iter().map(text).collect()
    }

    const STREAM: &str = "\u{feff}data: one\n\n\
        : comment\r\ndata:two\r\rdata: three\r\ndata:  é🦀\r\nid: 7\r\n\r\nevent: x\nretry: 1\n\n\
        data\n\n\
        error: {\"a\":1}\n\n\
        {\"bare\":1}\n\n\
        event: x\ndata: named\n\n\
        <html>: 1\n<p>\n\n\
        : {}\n\n\
        data: last";
    const EVENTS: [&str; 11] = [
        "one",
        "two",
        "three\n é🦀",
        "x=",
        "",
        "error {\"a\":1}",
        "{\"bare\":1}",
        "x=named",
        "<html>: 1\n<p>",
        "comment {}",
        "last",
    ];

    #[test]
    fn lines_fields_and_comments_follow_the_standard() {
        assert_eq!(decode(&[STREAM.as_bytes()]), EVENTS);
    }

    #[test]
    fn any_split_gives_the_same_events() {
        let bytes = STREAM.as_bytes();
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            assert_eq!(decode(&[head, tail]), EVENTS, "split at {at}");
            assert_eq!(decode(&[head, b"", tail]), EVENTS, "split at {at} with an empty piece");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decode(&single), EVENTS);
    }

    #[test]
    fn an_event_is_given_as_soon_as_its_blank_line_came() {
        let data = |data: &str| SseEvent::Data {
            name: String::new(),
            data: data.to_owned(),
        };
        let mut decoder = SseDecoder::new();
        assert_eq!(decoder.push(b"data: a\n"), Ok(vec![]));
        assert_eq!(decoder.push(b"\n"), Ok(vec![data("a")]));
        assert_eq!(decoder.push(b"data: b\r\n\r"), Ok(vec![data("b")]));
        assert_eq!(decoder.push(b"\ndata: c\n\n"), Ok(vec![data("c")]));
    }

    #[test]
    fn an_endless_line_or_event_is_an_error() {
        let chunk = vec![b'x'; 64 * 1024];
        let mut decoder = SseDecoder::new();
        assert!((0..1_000).any(|_| decoder.push(&chunk).is_err()));
        let mut decoder = SseDecoder::new();
        let line = [b"data: ".as_slice(), &chunk, b"\n"].concat();
        assert!((0..1_000).any(|_| decoder.push(&line).is_err()));
    }

    #[test]
    fn invalid_utf8_is_replaced() {
        assert_eq!(decode(&[b"data: a\xff\xe4b\n\n"]), ["a\u{fffd}\u{fffd}b"]);
    }

    proptest! {
        #![proptest_config(super::super::fixtures::deterministic(2_000))]
        #[test]
        fn arbitrary_bytes_split_anywhere_decode_alike(
            bytes in prop::collection::vec(prop::sample::select(b"data: \r\n{}e\xf0\x9f\xa6\x80:".to_vec()), 0..200),
            at in 0usize..200,
        ) {
            let (head, tail) = bytes.split_at(at.min(bytes.len()));
            prop_assert_eq!(decode(&[head, tail]), decode(&[&bytes]));
        }
    }
}
