//! The reviewer's reply, resolved against the answer that it is about.
//!
//! It is edits as in an editor's script, whose target is the answer, so that they need no id; or a line `@answer` and
//! the whole text, where the answer is short; or the word `none`. Anything else can't be told from a remark about the
//! answer, so it is [`Unreadable`] and never becomes the answer.

use std::sync::Arc;

use super::blocks::Blocks;
use super::length::prose_words;
use super::part::Attempt;
use super::source::Source;
use crate::engine::words::answer::{EditResult, Segment};

/// An answer of more words is corrected by edits only.
pub const REWRITE_WORDS_MAX: usize = 1_000;
/// A reviewed answer has at least this part of the characters of the one before, or of the words that are allowed where
/// that one was too long.
const REWRITTEN_PART: usize = 2;

/// What a review adds may pass the words that are allowed by this part of them: its corrections are worth more.
const OVER_PART: usize = 2;

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
    pub fn refused(answer: &Source, reason: String) -> Reviewed {
        Reviewed {
            segments: vec![Segment::Slice {
                step: answer.step.clone(),
                run: answer.run,
                number: answer.number,
                from: 0,
                to: answer.text.chars().count(),
            }],
            edits: Vec::new(),
            refused: Some(reason),
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
        return if says_none(&reply.text) {
            Ok(Reviewed {
                segments: blocks.part_segments(),
                ..Reviewed::default()
            })
        } else {
            Err(Unreadable)
        };
    }
    let mut refused = None;
    if blocks.has_begun() {
        let new = blocks.whole_text();
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

/// Why what the review leaves of an answer, by edits or anew, is none that anybody wants.
fn misfit(old: &str, new: &str, terms: ReviewTerms) -> Option<String> {
    let (old_words, new_words) = (prose_words(old), prose_words(new));
    let limit = terms.limit.map_or(usize::MAX, |limit| limit as usize);
    let (old_chars, new_chars) = (old.chars().count(), new.chars().count());
    if new.trim().is_empty() {
        Some("the review leaves nothing of the answer".to_owned())
    } else if old_words <= limit && new_chars < old_chars / REWRITTEN_PART {
        Some(format!(
            "the review leaves {new_chars} characters, less than half of the {old_chars} of the answer"
        ))
    } else if old_words > limit && new_words < limit / REWRITTEN_PART {
        // An answer that is too long may be cut down.
        Some(format!(
            "the review leaves about {new_words} words of {old_words}, less than half of the {limit} that are allowed"
        ))
    } else if new_words > old_words && new_words > limit.saturating_add(limit / OVER_PART) {
        Some(format!(
            "the review makes about {new_words} words of {old_words}, and {limit} are allowed"
        ))
    } else {
        None
    }
}

/// `none`, as models write it: with marks around it, or with a reason after it, in a sentence of its own. After a comma
/// there may be a correction.
fn says_none(reply: &str) -> bool {
    let first = reply.trim().lines().next().unwrap_or_default();
    let word = first.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some((none, rest)) = word.split_at_checked("none".len()) else {
        return false;
    };
    let reason = rest.trim_start_matches([' ', '*', '_', '`', '"']);
    none.eq_ignore_ascii_case("none")
        && !rest.starts_with(char::is_alphanumeric)
        && !reason.starts_with(|c: char| c.is_alphanumeric() || c == ',')
}
