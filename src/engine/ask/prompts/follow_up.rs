//! The turns that a later attempt adds: the plan repair, and the continuation of a truncated answer or script.

use super::data::block;
use super::{join, message};
use crate::engine::ask::cut::end_within_tokens;
use crate::model::{Message, MessageRole, Repair};

/// A plan repair shows so many characters of the refused plan, from its beginning.
pub(super) const REPAIR_CHARS_MAX: usize = 20_000;
/// A continuation shows so many characters of the truncated text, from its end.
pub(super) const CONTINUATION_CHARS_MAX: usize = 12_000;

/// What a repair is told before the reason and after it.
pub(super) struct RepairWords(pub &'static str, pub &'static str);

pub(super) const PLAN_REPAIR: RepairWords = RepairWords(
    "Your plan was refused for this reason:",
    "Write the whole plan again with this corrected. Reply with the JSON object only.",
);
pub(super) const REVIEW_REPAIR: RepairWords = RepairWords(
    "Your reply could not be used for this reason:",
    "Reply with edits in the form that was shown, or only with the word none.",
);

pub(super) const STRUCTURE_REPAIR: RepairWords = RepairWords(
    "Your JSON does not fit the schema, for these reasons:",
    "Write the whole JSON again with this corrected. Reply with the JSON only.",
);

/// The refused reply as the assistant's own turn, then the reason. An empty reply can't be a turn, so its reason joins
/// the request.
pub(super) fn add_repair(messages: &mut Vec<Message>, repair: &Repair, words: RepairWords) {
    let reason = join(&[
        words.0.to_owned(),
        block("refusal_reason", &repair.reason),
        words.1.to_owned(),
    ]);
    if repair.reply.trim().is_empty() {
        if let Some(last) = messages.last_mut() {
            last.content = join(&[std::mem::take(&mut last.content), reason]);
        }
        return;
    }
    let reply = match repair.reply.char_indices().nth(REPAIR_CHARS_MAX) {
        Some((end, _)) => format!(
            "{}\n[the rest is left out here]",
            repair.reply.get(..end).unwrap_or_default()
        ),
        None => repair.reply.clone(),
    };
    messages.push(message(MessageRole::Assistant, reply));
    messages.push(message(MessageRole::User, reason));
}

/// The end of what was written as the assistant's own turn, then the request to go on. `tokens_max` is how much of the
/// end the context leaves room for.
pub(super) fn add_continuation(messages: &mut Vec<Message>, written: &str, tokens_max: Option<u64>) {
    let start = written
        .char_indices()
        .rev()
        .nth(CONTINUATION_CHARS_MAX - 1)
        .map_or(0, |(start, _)| start);
    let end = written.get(start..).unwrap_or(written);
    let end = tokens_max.map_or(end, |tokens| end_within_tokens(end, tokens));
    messages.push(message(MessageRole::Assistant, end.to_owned()));
    let shown = if end.len() < written.len() {
        "Only the end of your answer is shown. "
    } else {
        ""
    };
    let ask = "Your answer was cut off by its length limit. Continue exactly where it stopped, if need be in mid-word: \
               repeat nothing, add no introduction, and finish the answer.";
    messages.push(message(MessageRole::User, format!("{shown}{ask}")));
}
