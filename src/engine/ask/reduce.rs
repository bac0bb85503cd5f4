//! Rounds of `reduce/<n>` steps, which condense answers that together are too long for the synthesis.

use super::answers::{last_round, reducible};
use super::cut::pieces;
use super::room::{ANSWER_OVERHEAD_TOKENS, RESERVE_TOKENS, instructions_tokens, reduction_max_tokens};
use crate::engine::state::queries::model_of;
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Reduction, ReductionPart};

/// More rounds than this would mean that the answers do not get shorter.
const REDUCE_ROUNDS_MAX: u32 = 6;
/// Each reduction is a model call. Answers that would take more of them are too long for this model.
const REDUCTIONS_PER_ROUND_MAX: usize = 250;
/// The least that a reduction must be able to read for the rounds to shrink anything.
const REDUCE_INPUT_TOKENS_MIN: u64 = 512;

/// The next round puts the present texts in order into groups that each fit the model. None where no further round
/// would help. `request_tokens` counts the text that every prompt holds beside the answers.
pub fn next_round(workflow: &Workflow, synthesis: &Step, request_tokens: u64) -> Option<Vec<Reduction>> {
    // First the room for the texts of one group, which is the context without the reply and what every prompt holds.
    let reply = u64::from(reduction_max_tokens(workflow, synthesis));
    let context = u64::from(model_of(workflow, synthesis).context_tokens);
    let room = context.saturating_sub(reply + RESERVE_TOKENS + request_tokens + instructions_tokens(workflow));

    // A round must shrink the texts, so a group reads at least as much as it may write.
    let round = last_round(workflow).unwrap_or(0).saturating_add(1);
    if room < REDUCE_INPUT_TOKENS_MIN.max(reply) || round > REDUCE_ROUNDS_MAX {
        return None;
    }

    // Then the texts in plan order. A piece joins the last group while that has room, else it begins the next one, so
    // that every group holds neighbours. Numbers go on over all rounds, because they are names of steps.
    let earlier = workflow.steps.iter().filter_map(|step| step.reduction.as_ref());
    let mut number = earlier.map(|reduction| reduction.number).max().unwrap_or(0);
    let mut groups: Vec<Reduction> = Vec::new();
    let mut used = u64::MAX;
    for (step, text) in reducible(workflow) {
        // One answer alone may be too long for a group.
        for (from, to, tokens) in pieces(text, room.saturating_sub(ANSWER_OVERHEAD_TOKENS)) {
            let tokens = tokens + ANSWER_OVERHEAD_TOKENS;
            let part = ReductionPart {
                step: step.clone(),
                from,
                to,
            };
            match groups.last_mut() {
                Some(group) if used.saturating_add(tokens) <= room => {
                    group.parts.push(part);
                    used += tokens;
                }
                _ => {
                    number = number.saturating_add(1);
                    groups.push(Reduction {
                        number,
                        round,
                        parts: vec![part],
                    });
                    used = tokens;
                }
            }
        }
    }
    (groups.len() <= REDUCTIONS_PER_ROUND_MAX).then_some(groups)
}
