//! What becomes of a reply whose bytes were changed, lost, cut or joined on the way.
//!
//! The rows that mark all of their text are recorded replies: it is known which bytes are text of the answer. What must
//! hold of a changed one, whatever it is read as:
//!
//! - *Changed outside its text* (framing, field names, numbers, reasons): an error, or an end that says it is not sure
//!   (`Unknown`, `Length`), or the very text. A reply that was cut off at a limit never becomes a natural stop.
//! - *Changed within its text*: the same, or a text that differs only where the change was, by at most one escape
//!   ([`ESCAPE_CHARS`]) on either side. Nobody can tell a changed letter from the letter that was meant.
//! - *Cut*: an error, or not sure, or the very text, because the rest held no text.
//! - *Joined* (blank lines, line ends and field names missing between events): an error, or the very text.
//!
//! So a shorter text never counts as whole.

use super::super::fixtures::deterministic;
use super::super::reader::ReplyReader;
use super::{Means, Row, rows};
use crate::model::{Finish, ModelError, ModelReply};
use proptest::prelude::*;
use std::ops::Range;

/// The longest escape of one character, `\ud83c\udf89`.
const ESCAPE_CHARS: usize = 12;

/// Bytes that mean something to lines, events or JSON, and some that mean nothing.
const BYTES: &[u8] = b"\"\n:{}[],\\ \rdx0\0\xff";

/// A recorded reply.
struct Recorded {
    row: &'static Row,
    body: Vec<u8>,
    /// Where the body holds text of the answer.
    ranges: Vec<Range<usize>>,
    text: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Replace(usize, u8),
    Insert(usize, u8),
    Delete(usize),
}

fn recorded() -> Vec<Recorded> {
    let all = rows().filter_map(|row| {
        let (body, ranges, text) = (row.body(), row.text_ranges(), row.text()?);
        let marked: String = ranges.iter().filter_map(|range| body.get(range.clone())).collect();
        let mut rest = body.clone();
        ranges
            .iter()
            .rev()
            .for_each(|range| rest.replace_range(range.clone(), ""));
        let is_repeated = ranges
            .iter()
            .any(|range| range.len() > 3 && rest.contains(&body[range.clone()]));
        // Marks of reasoning within the text make more of it than text.
        (marked == text && !text.is_empty() && !is_repeated).then(|| Recorded {
            row,
            body: body.into_bytes(),
            ranges,
            text,
        })
    });
    all.collect()
}

fn read(row: &Row, pieces: &[&[u8]]) -> Result<ModelReply, ModelError> {
    let mut reader = ReplyReader::new(row.content_type).with_max_tokens(4_096);
    for piece in pieces {
        reader.feed(piece)?;
    }
    reader.finish()
}

impl Recorded {
    fn is_cut(&self) -> bool {
        matches!(self.row.means, Means::Cut(_))
    }

    fn changed(&self, change: Change) -> (Vec<u8>, bool) {
        let mut body = self.body.clone();
        let is_text = |at: usize, end: usize| {
            self.ranges
                .iter()
                .any(|range| range.start <= at && at < range.end + end)
        };
        match change {
            Change::Replace(at, byte) => {
                body[at] = byte;
                (body, is_text(at, 0))
            }
            Change::Insert(at, byte) => {
                body.insert(at, byte);
                (body, is_text(at, 1))
            }
            Change::Delete(at) => {
                body.remove(at);
                (body, is_text(at, 0))
            }
        }
    }

    /// What is wrong with a reply to a changed body.
    fn objection(&self, reply: &Result<ModelReply, ModelError>, in_text: bool) -> Option<&'static str> {
        let Ok(reply) = reply else { return None };
        match reply.finish {
            Finish::Unknown(_) => return None,
            Finish::Length if !self.is_cut() => return None,
            Finish::Stop if self.is_cut() => return Some("a text that was cut off counts as whole"),
            Finish::Length | Finish::Stop => {}
        }
        if reply.text == self.text || in_text && differs_in_one_place(self.text, &reply.text) {
            return None;
        }
        Some("another text counts as whole")
    }

    /// What is wrong with how a changed body is read, for people.
    fn complaint(&self, body: &[u8], in_text: bool, how: &dyn std::fmt::Debug) -> Option<String> {
        let reply = read(self.row, &[body]);
        let objection = self.objection(&reply, in_text)?;
        let (source, body) = (self.row.source, String::from_utf8_lossy(body));
        Some(format!("{source}, {how:?}: {objection}: {reply:?} from {body}"))
    }

    fn check(&self, body: &[u8], in_text: bool, how: &dyn std::fmt::Debug) {
        assert_eq!(self.complaint(body, in_text, how), None);
    }
}

fn differs_in_one_place(text: &str, changed: &str) -> bool {
    let (old, new): (Vec<char>, Vec<char>) = (text.chars().collect(), changed.chars().collect());
    let head = old.iter().zip(&new).take_while(|(one, two)| one == two).count();
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(one, two)| one == two)
        .count();
    let same = head + tail;
    same + ESCAPE_CHARS >= old.len() && same + ESCAPE_CHARS >= new.len() && new.len() + ESCAPE_CHARS > old.len()
}

#[test]
fn there_are_recorded_replies_of_every_shape() {
    let recorded = recorded();
    assert!(recorded.len() >= 50, "{}", recorded.len());
    for part in [
        "\"delta\"",
        "\"message\":{\"role\"",
        "\"response\":\"",
        "\"output\"",
        "response.output_text.delta",
        "\"done\":true",
        "\"result\"",
        "\r\n",
        "event: ",
        "NaN",
    ] {
        let has_part = |reply: &Recorded| String::from_utf8_lossy(&reply.body).contains(part);
        assert!(recorded.iter().any(has_part), "none with {part}");
    }
    assert!(recorded.iter().any(Recorded::is_cut));
}

#[test]
fn any_byte_changed_never_makes_another_text_whole() {
    let mut complaints = Vec::new();
    for (number, reply) in recorded().iter().enumerate() {
        for at in 0..reply.body.len() {
            let byte = |step: usize| BYTES[(at * 3 + number + step) % BYTES.len()];
            for change in [
                Change::Replace(at, reply.body[at] ^ 1),
                Change::Replace(at, byte(0)),
                Change::Insert(at, byte(1)),
                Change::Delete(at),
            ] {
                let (body, in_text) = reply.changed(change);
                complaints.extend(reply.complaint(&body, in_text, &change));
            }
        }
    }
    assert!(complaints.is_empty(), "{} of them: {complaints:#?}", complaints.len());
}

/// The same with every bit flipped and every byte of [`BYTES`] at every place: half a minute.
#[test]
#[ignore = "the long form of the test above"]
fn every_byte_changed_in_every_way_never_makes_another_text_whole() {
    let mut complaints = Vec::new();
    for reply in recorded() {
        for at in 0..reply.body.len() {
            let flipped = (0..8).map(|bit| Change::Replace(at, reply.body[at] ^ (1 << bit)));
            let replaced = BYTES.iter().map(|byte| Change::Replace(at, *byte));
            let inserted = BYTES.iter().map(|byte| Change::Insert(at, *byte));
            for change in flipped.chain(replaced).chain(inserted) {
                let (body, in_text) = reply.changed(change);
                complaints.extend(reply.complaint(&body, in_text, &change));
            }
        }
    }
    assert!(complaints.is_empty(), "{} of them: {complaints:#?}", complaints.len());
}

/// Replies whose servers give a finish reason before the last of the text: what comes after it can be lost unnoticed.
const ENDS_EARLY: &[&str] = &["STOP in every chunk", "stop with the reasoning"];

#[test]
fn a_reply_cut_anywhere_is_not_a_shorter_one() {
    let ends_early = |reply: &Recorded| ENDS_EARLY.iter().any(|part| reply.row.source.contains(part));
    for reply in recorded().iter().filter(|reply| !ends_early(reply)) {
        for end in 0..reply.body.len() {
            reply.check(&reply.body[..end], false, &format!("cut at {end}"));
        }
    }
}

#[test]
fn joined_events_are_read_or_refused() {
    let joins = [
        ("\n\n", "\n"),
        ("\n\ndata: ", "data: "),
        ("\n\ndata: ", ""),
        ("\n\ndata: ", "\n"),
        ("\n", "\r\n"),
    ];
    for reply in recorded() {
        let body = String::from_utf8(reply.body.clone()).expect("a row is text");
        for (from, to) in joins {
            reply.check(body.replace(from, to).as_bytes(), false, &(from, to));
            // One of them alone.
            for (at, _) in body.match_indices(from) {
                let joined = [&body[..at], to, &body[at + from.len()..]].concat();
                reply.check(joined.as_bytes(), false, &(at, from, to));
            }
        }
    }
}

/// A test of the test: what the checks are for is objected to.
#[test]
fn a_short_or_doubled_text_would_be_objected_to() {
    let recorded = recorded();
    let reply = recorded
        .iter()
        .find(|reply| reply.text.len() > 20)
        .expect("a long text");
    let said = |text: &str, finish: Finish| {
        let reply = ModelReply {
            text: text.to_owned(),
            finish,
            usage: None,
            model: None,
            adapted: Vec::new(),
        };
        Ok(reply)
    };
    let shorter = &reply.text[..reply.text.len() - 1];
    let doubled = reply.text.repeat(2);
    for text in [shorter, "", &doubled] {
        assert!(reply.objection(&said(text, Finish::Stop), false).is_some(), "{text}");
    }
    assert!(reply.objection(&said(&reply.text[13..], Finish::Stop), true).is_some());
    assert!(
        reply
            .objection(&said(shorter, Finish::Unknown("x".into())), false)
            .is_none()
    );
    let cut = recorded.iter().find(|reply| reply.is_cut()).expect("a cut text");
    assert!(cut.objection(&said(cut.text, Finish::Stop), false).is_some());
}

proptest! {
    #![proptest_config(deterministic(3_000))]

    #[test]
    fn any_change_in_any_pieces_reads_like_the_change_in_one(
        number in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        kind in 0..3u8,
        cut in any::<prop::sample::Index>(),
    ) {
        let recorded = recorded();
        let reply = number.get(&recorded);
        let at = at.index(reply.body.len());
        let change = match kind {
            0 => Change::Replace(at, byte),
            1 => Change::Insert(at, byte),
            _ => Change::Delete(at),
        };
        let (body, in_text) = reply.changed(change);
        reply.check(&body, in_text, &change);
        let (head, tail) = body.split_at(cut.index(body.len() + 1));
        prop_assert_eq!(read(reply.row, &[head, tail]), read(reply.row, &[&body]));
    }
}
