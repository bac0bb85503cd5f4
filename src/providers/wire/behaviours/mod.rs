//! What servers are known to do, a row per behaviour with its source's name.
//!
//! The rows of `framing` to `whole` are of replies with status 200. The tests of the reader are made from them: each is
//! read whole, split at every byte and byte by byte, and changed at every byte where it marks its own text
//! (`mutations`). A new row is a new test. Sources are issues, pull requests and pages of the projects named; nothing
//! of them is copied.
//!
//! - `framing`: bytes, lines and events.
//! - `ends`: finish reasons, errors and refusals.
//! - `texts`: text that comes twice, in several choices or in odd fields.
//! - `reasoning`: reasoning beside the text and within it, and tokens that were left in.
//! - `whole`: replies that are no stream.
//! - `refusals`: other statuses, with rows of their own.

mod ends;
mod framing;
mod mutations;
mod reasoning;
mod refusals;
mod texts;
mod whole;

use crate::model::{ErrorClass, Finish, ModelError, ModelReply};
use std::ops::Range;

pub(in crate::providers) struct Row {
    /// The project and where it was reported, and what the server does.
    pub(in crate::providers) source: &'static str,
    pub(in crate::providers) content_type: Option<&'static str>,
    sent: &'static [Sent],
    means: Means,
    /// The tokens that the server reports.
    used: Option<(u64, u64)>,
}

/// A part of a body. Within all of them `«` and `»` stand around text of the answer and are not sent.
pub(super) enum Sent {
    /// A chunk of a chat completion with this text, JSON escapes and all.
    Text(&'static str),
    /// A last chunk with this finish reason.
    End(&'static str),
    /// A chunk with usage.
    Used(u64, u64),
    /// An event of this JSON.
    Data(&'static str),
    Done,
    /// Bytes as they are.
    Raw(&'static str),
}

pub(super) enum Means {
    /// The whole text.
    Text(&'static str),
    /// The text up to a limit.
    Cut(&'static str),
    /// A text of unknown worth, and a part of why.
    Doubt(&'static str, &'static str),
    /// An error by class and name, and a part of its message.
    Fails(ErrorClass, &'static str, &'static str),
}

const SSE: Option<&str> = Some("text/event-stream; charset=utf-8");
const JSON: Option<&str> = Some("application/json");

const fn stream(source: &'static str, sent: &'static [Sent], means: Means) -> Row {
    Row {
        source,
        content_type: SSE,
        sent,
        means,
        used: None,
    }
}

/// A reply in one JSON value.
const fn whole(source: &'static str, sent: &'static [Sent], means: Means) -> Row {
    typed(JSON, stream(source, sent, means))
}

const fn typed(content_type: Option<&'static str>, row: Row) -> Row {
    Row { content_type, ..row }
}

const fn used(prompt_tokens: u64, completion_tokens: u64, row: Row) -> Row {
    Row {
        used: Some((prompt_tokens, completion_tokens)),
        ..row
    }
}

const fn transient(name: &'static str, says: &'static str) -> Means {
    Means::Fails(ErrorClass::Transient, name, says)
}

const fn permanent(name: &'static str, says: &'static str) -> Means {
    Means::Fails(ErrorClass::Permanent, name, says)
}

pub(in crate::providers) fn rows() -> impl Iterator<Item = &'static Row> {
    [framing::ROWS, ends::ROWS, texts::ROWS, reasoning::ROWS, whole::ROWS]
        .into_iter()
        .flatten()
}

impl Row {
    pub(in crate::providers) fn body(&self) -> String {
        self.marked().replace(['«', '»'], "")
    }

    /// Where the body holds text of the answer, in bytes of [`Row::body`].
    fn text_ranges(&self) -> Vec<Range<usize>> {
        let (mut ranges, mut start, mut at) = (Vec::new(), 0, 0);
        for character in self.marked().chars() {
            match character {
                '«' => start = at,
                '»' => ranges.push(start..at),
                other => at += other.len_utf8(),
            }
        }
        ranges
    }

    fn marked(&self) -> String {
        self.sent.iter().map(Sent::marked).collect()
    }

    /// Whether text comes in pieces.
    pub(super) fn is_stream(&self) -> bool {
        self.content_type == SSE && self.body().contains("data")
    }

    /// The text of a row that means text.
    pub(super) fn text(&self) -> Option<&'static str> {
        match self.means {
            Means::Text(text) | Means::Cut(text) => Some(text),
            Means::Doubt(..) | Means::Fails(..) => None,
        }
    }

    pub(in crate::providers) fn check(&self, reply: &Result<ModelReply, ModelError>, how: &str) {
        let source = self.source;
        let is_right = match (&self.means, reply) {
            (Means::Text(text), Ok(reply)) => reply.text == *text && reply.finish == Finish::Stop,
            (Means::Cut(text), Ok(reply)) => reply.text == *text && reply.finish == Finish::Length,
            (Means::Doubt(text, why), Ok(reply)) => {
                reply.text == *text && matches!(&reply.finish, Finish::Unknown(word) if word.contains(why))
            }
            (Means::Fails(class, name, says), Err(error)) => {
                error.class == *class && error.name == *name && error.message.contains(says)
            }
            _ => false,
        };
        assert!(is_right, "{source}, {how}: {reply:?}");
        match reply {
            Ok(reply) => {
                let reported = reply.usage.map(|usage| (usage.prompt_tokens, usage.completion_tokens));
                assert_eq!(reported, self.used, "{source}, {how}: usage");
            }
            Err(error) => {
                assert!(error.message.chars().count() <= 1_000 && !error.message.is_empty());
                if let Some(used) = self.used {
                    let reported = error.usage.filter(|call| !call.estimated).map(|call| call.usage);
                    let reported = reported.map(|usage| (usage.prompt_tokens, usage.completion_tokens));
                    assert_eq!(reported, Some(used), "{source}, {how}: usage of the failed call");
                }
            }
        }
    }
}

impl Sent {
    fn marked(&self) -> String {
        match self {
            Sent::Text(text) => format!(
                "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\
                 \"delta\":{{\"content\":\"«{text}»\"}},\"finish_reason\":null}}]}}\n\n"
            ),
            Sent::End(reason) => {
                format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\n")
            }
            Sent::Used(prompt, completion) => format!(
                "data: {{\"choices\":[],\"usage\":{{\"prompt_tokens\":{prompt},\
                 \"completion_tokens\":{completion}}}}}\n\n"
            ),
            Sent::Data(data) => format!("data: {data}\n\n"),
            Sent::Done => "data: [DONE]\n\n".to_owned(),
            Sent::Raw(raw) => (*raw).to_owned(),
        }
    }
}
