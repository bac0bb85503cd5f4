//! The reviewer's reply, resolved against the answer that it is about.
//!
//! It is edits as in an editor's script, whose target is the answer, so that they need no id; or a line `@answer` and
//! the whole text, where the answer is short; or the word `none`. Anything else can't be told from a remark about the
//! answer, so it is [`Unreadable`] and never becomes the answer.
//!
//! A review corrects: it may neither delete an answer nor swell it. Words alone can't tell, because code and tables
//! have none, and a word can have any length. So bytes are compared too, of the whole and of code and tables.

use std::sync::Arc;

use super::blocks::Blocks;
use super::length::{Extent, prose_words};
use super::part::Attempt;
use super::source::Source;
use crate::engine::words::answer::{EditResult, Segment};
use crate::text::lower;

/// An answer of more words is corrected by edits only.
pub const REWRITE_WORDS_MAX: usize = 1_000;
/// A reviewed answer has at least this part of the one before: of its words, its bytes, and those in code and tables.
/// Of one that is too long, it has this part of what its limit leaves.
const KEPT_PART: usize = 2;
/// So much may go all the same, because a correction can be shorter than a short answer, or than a block of code.
const GONE_WORDS: usize = 6;
const GONE_BYTES: usize = 120;
/// What stays in any case: so many words and bytes, and this part of the bytes.
const LEFT_LEAST: usize = 3;
const LEFT_PART: usize = 10;
/// What a review adds may pass the words that are allowed, and the bytes of the answer, by this part of them: its
/// corrections are worth more.
const OVER_PART: usize = 2;
/// The bytes that it may add besides, because a correction of a short answer can be longer than the answer.
const ADDED_BYTES: usize = 2_000;

/// What scripts call the answer, where they give it an id.
pub const ANSWER: &str = "answer";

/// What the reply makes of the answer: what the event `answer_reviewed` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reviewed {
    pub segments: Vec<Segment>,
    pub edits: Vec<EditResult>,
    /// Why a whole text in the reply was not taken.
    pub refused: Option<String>,
}

impl Reviewed {
    /// The answer as it was.
    fn unchanged(answer: &Source) -> Reviewed {
        Reviewed {
            segments: vec![Segment::Slice {
                step: answer.step.clone(),
                run: answer.run,
                number: answer.number,
                from: 0,
                to: answer.text.chars().count(),
            }],
            ..Reviewed::default()
        }
    }

    /// The same, because what the review makes of it is not taken.
    pub fn refused(answer: &Source, reason: String) -> Reviewed {
        Reviewed {
            refused: Some(reason),
            ..Reviewed::unchanged(answer)
        }
    }
}

/// What the reply may be.
#[derive(Clone, Copy, Debug)]
pub struct ReviewTerms {
    /// It ended by itself, so that a whole text in it is whole.
    pub is_whole: bool,
    /// The words that the answer may have.
    pub limit: Option<u32>,
}

/// A reply that is neither edits, nor an answer, nor `none`. In words that a model can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the reply has neither an edit nor a line @answer, and it is not the word none: write edits in the form that was \
     shown, or only the word none"
)]
pub struct Unreadable;

/// Reads the reply to a review of `answer`, all of which is text for readers.
pub fn review(answer: Source, reply: &Source, terms: ReviewTerms) -> Result<Reviewed, Unreadable> {
    let (old, before, script) = (Arc::clone(&answer.text), answer.clone(), attempt_of(reply));
    let mut blocks = Blocks::of_answer(answer, script);
    blocks.push(&reply.text);
    blocks.finish();
    let mut assembly = blocks.assembly();
    if assembly.unmarked {
        return says_none(&reply.text)
            .then(|| Reviewed::unchanged(&before))
            .ok_or(Unreadable);
    }
    let mut refused = None;
    if blocks.has_begun() {
        let new = blocks.whole_text();
        if says_none(&new) {
            return Ok(Reviewed::unchanged(&before));
        }
        refused = refusal(&old, &new, terms);
        if refused.is_none() {
            // Edits beside a whole text are of the old one, unless the new one includes it.
            if !blocks.includes_a_part() {
                assembly.edits.clear();
            }
            return Ok(Reviewed {
                segments: assembly.segments,
                edits: assembly.edits,
                refused,
            });
        }
    }
    // What stands between edits and after them is no text for readers.
    match misfit(&old, &blocks.part_text(), terms) {
        Some(reason) => Ok(Reviewed::refused(&before, reason)),
        None => Ok(Reviewed {
            segments: blocks.part_segments(),
            edits: assembly.edits,
            refused,
        }),
    }
}

fn attempt_of(reply: &Source) -> Attempt {
    Attempt {
        step: reply.step.clone(),
        run: reply.run,
        number: reply.number,
    }
}

/// Why a text written anew is not taken.
fn refusal(old: &str, new: &str, terms: ReviewTerms) -> Option<String> {
    let words = prose_words(old);
    if !terms.is_whole {
        return Some("the text that the reviewer wrote anew broke off".to_owned());
    }
    if words > REWRITE_WORDS_MAX {
        return Some(format!(
            "the reviewer wrote an answer of about {words} words anew, where only edits were asked for"
        ));
    }
    misfit(old, new, terms)
}

/// Why what the review leaves of an answer, by edits or anew, is none that anybody wants: too little, or too much.
fn misfit(old: &str, new: &str, terms: ReviewTerms) -> Option<String> {
    if new.trim().is_empty() {
        return Some("the review leaves nothing of the answer".to_owned());
    }
    let (old_text, new_text) = (old, new);
    let (old, new) = (Extent::of(old), Extent::of(new));
    let limit = terms.limit.map_or(usize::MAX, |limit| limit as usize);
    let (words, bytes, of) = if old.words > limit {
        // It may be cut down: its prose in proportion, and code and tables count for no limit.
        let prose = (old.bytes - old.code_bytes) as u64 * limit as u64 / old.words as u64;
        (limit, old.code_bytes + prose as usize, "that the limit leaves")
    } else {
        (old.words, old.bytes, "of the answer")
    };
    let is_gone = |left: usize, whole: usize, may_go: usize| {
        left < whole / KEPT_PART && (whole.saturating_sub(left) > may_go || left < LEFT_LEAST)
    };
    let is_shorter = old.bytes.saturating_sub(new.bytes) > GONE_BYTES;
    for (is_gone, left, whole, what) in [
        (is_gone(new.words, words, GONE_WORDS), new.words, words, "words"),
        // Text that is code no more, or was never meant to be, is no loss.
        (
            is_gone(new.code_bytes, old.code_bytes, GONE_BYTES) && is_shorter,
            new.code_bytes,
            old.code_bytes,
            "bytes of code and tables",
        ),
        (
            is_gone(new.bytes, bytes, GONE_BYTES) || new.bytes < bytes / LEFT_PART,
            new.bytes,
            bytes,
            "bytes",
        ),
    ] {
        if is_gone {
            return Some(format!(
                "the review leaves {left} {what}, less than half of the {whole} {of}"
            ));
        }
    }
    // An answer of code, such as a program or a table, is not to become a remark about it.
    let is_of_code = old.code_bytes > old.bytes / 2 && new.code_bytes < old.code_bytes / KEPT_PART;
    if is_of_code && !keeps_its_lines(old_text, new_text) {
        return Some("the review leaves nothing of the code that the answer is".to_owned());
    }
    if new.words > old.words && new.words > limit.saturating_add(limit / OVER_PART) {
        return Some(format!(
            "the review makes about {} words of {}, and {limit} are allowed",
            new.words, old.words
        ));
    }
    let most = old.bytes + old.bytes / OVER_PART + ADDED_BYTES;
    (new.bytes > most).then(|| {
        format!(
            "the review makes {} bytes of {}, and at most {most} are taken",
            new.bytes, old.bytes
        )
    })
}

/// Whether half of the lines of a text stand in another.
fn keeps_its_lines(old: &str, new: &str) -> bool {
    let is_text = |line: &&str| line.chars().any(char::is_alphanumeric) && !line.starts_with(['`', '~']);
    let (mut lines, mut kept) = (0, 0);
    for line in old.lines().map(str::trim).filter(is_text) {
        lines += 1;
        kept += usize::from(new.contains(line));
    }
    kept * KEPT_PART >= lines
}

/// The words with which models say that nothing is to be corrected: `none` or `no` first, or after `corrections`. Any
/// other may be a correction.
const NONE: [&str; 12] = [
    "none",
    "no",
    "correction",
    "corrections",
    "change",
    "changes",
    "edit",
    "edits",
    "needed",
    "required",
    "necessary",
    "are",
];

fn says_none(reply: &str) -> bool {
    let words = reply.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words.filter(|word| !word.is_empty()).map(lower).collect();
    let is_known = |word: &String| NONE.contains(&word.as_str());
    let is_none = |word: &String| word == "none" || word == "no";
    let first = words.iter().find(|word| *word != "corrections");
    words.len() <= 6 && first.is_some_and(is_none) && words.iter().all(is_known)
}
