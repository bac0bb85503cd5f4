//! What the language models are told: one system prompt for each kind of call and style, and the data it works on.
//!
//! The system prompts are the files `prompts/*.md`. They hold nothing of a run, so that they are byte for byte the same
//! for all calls of a kind. [`user`] puts the data after them: first what all calls of a kind in a run share, then what
//! differs. Providers' prompt caches live on that.
//!
//! The user's text and everything that a model wrote stand between tags that no data can close or open ([`data`]), and
//! the prompts name them as data. A sentence is here only because answers are worse without it; `tests/evidence.rs`
//! names what each is for. The plain prompts are for models that the others are too much for.
//!
//! What holds for every brief: the roles are system, user and assistant, no content is empty, and the last message is
//! the user's. [`follow_up`] adds the turns of a later attempt.

mod blocks;
mod data;
mod follow_up;
mod look_alikes;
mod user;

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::model::{Brief, Message, MessageRole};

pub use blocks::{answers_block, border_line, criterion_line, outline_line};
use follow_up::{PLAN_REPAIR, REVIEW_REPAIR, STRUCTURE_REPAIR, add_continuation, add_repair};

/// The version of the prompts, which `attempt_started` journals. A changed word is a new version: `tests/pinned.rs`.
pub const PROMPTS: u32 = 2;

const PLAN: &str = include_str!("prompts/plan.md");
const PLAN_PLAIN: &str = include_str!("prompts/plan-plain.md");
const PART: &str = include_str!("prompts/part.md");
const PART_PLAIN: &str = include_str!("prompts/part-plain.md");
const DIRECT: &str = include_str!("prompts/direct.md");
const EDIT: &str = include_str!("prompts/edit.md");
const EDIT_REPAIR: &str = include_str!("prompts/edit-repair.md");
const MERGE: &str = include_str!("prompts/merge.md");
const MERGE_PLAIN: &str = include_str!("prompts/merge-plain.md");
const REDUCE: &str = include_str!("prompts/reduce.md");
const REVIEW: &str = include_str!("prompts/review.md");
const STRUCTURE: &str = include_str!("prompts/structure.md");

/// The messages of one call. `shown_end_tokens` is how much a continuation shows of what was written; None: its own
/// limit.
pub fn render_with(brief: &Brief, shown_end_tokens: Option<u64>) -> Vec<Message> {
    let mut messages = vec![
        message(MessageRole::System, system(brief).trim_end().to_owned()),
        message(MessageRole::User, user::text(brief)),
    ];
    match brief {
        Brief::Plan {
            repair: Some(repair), ..
        } => add_repair(&mut messages, repair, PLAN_REPAIR),
        Brief::Review {
            repair: Some(repair), ..
        } => add_repair(&mut messages, repair, REVIEW_REPAIR),
        Brief::Structure {
            repair: Some(repair), ..
        } => add_repair(&mut messages, repair, STRUCTURE_REPAIR),
        Brief::Direct { continue_from, .. }
        | Brief::Edit { continue_from, .. }
        | Brief::Synthesis { continue_from, .. } => {
            if let Some(written) = continue_from.as_deref().filter(|written| !written.trim().is_empty()) {
                add_continuation(&mut messages, written, shown_end_tokens);
            }
        }
        Brief::Plan { .. }
        | Brief::Subtask { .. }
        | Brief::Reduce { .. }
        | Brief::Review { .. }
        | Brief::Structure { .. } => {}
    }
    messages
}

fn system(brief: &Brief) -> &'static str {
    match brief {
        Brief::Plan { terms, .. } if terms.plain => PLAN_PLAIN,
        Brief::Plan { .. } => PLAN,
        Brief::Subtask { terms, .. } if terms.plain => PART_PLAIN,
        Brief::Subtask { .. } => PART,
        Brief::Direct { .. } => DIRECT,
        Brief::Edit { repair: Some(_), .. } => EDIT_REPAIR,
        // A model that can't follow the marks is asked for one text, and a script without marks is the whole answer.
        Brief::Edit { terms, .. } | Brief::Synthesis { terms, .. } if terms.plain => MERGE_PLAIN,
        Brief::Edit { .. } => EDIT,
        Brief::Synthesis { .. } => MERGE,
        Brief::Reduce { .. } => REDUCE,
        Brief::Review { .. } => REVIEW,
        Brief::Structure { .. } => STRUCTURE,
    }
}

/// SHA-256 of messages with their roles and lengths, in hexadecimal digits.
pub fn sha256(messages: &[Message]) -> String {
    let mut hash = Sha256::new();
    for message in messages {
        hash.update(message.role.as_str());
        // The length tells where a text ends, so that no two lists of messages are hashed alike.
        hash.update(format!("\n{}\n", message.content.len()));
        hash.update(&message.content);
    }
    let mut digits = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

fn join(parts: &[String]) -> String {
    let parts = parts.iter().map(String::as_str).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

fn message(role: MessageRole, content: String) -> Message {
    Message { role, content }
}

#[cfg(test)]
mod tests;
