//! Rounds of `reduce/<n>` steps, which condense answers that together are too long for the synthesis.

use super::answers::{condensed_piece, last_round, reducible};
use super::brief::{Draft, reduction};
use super::cut::pieces;
use super::measure::{reduction_tokens, rendered, synthesis_room};
use crate::engine::state::context::ModelContext;
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Reduction, ReductionPart};
use crate::engine::words::step_name::StepName;
use crate::model::Answer;
use crate::model::tokens::estimate_tokens;

/// More rounds than this would mean that the answers do not get shorter.
const REDUCE_ROUNDS_MAX: u32 = 6;
/// Each reduction is a model call. Answers that would take more of them are too long for this model.
const REDUCTIONS_PER_ROUND_MAX: usize = 250;
/// The least that a reduction must be able to read for the rounds to shrink anything.
const REDUCE_INPUT_TOKENS_MIN: u64 = 256;
/// If the synthesis has less room for answers than this, nothing can be condensed enough.
const CONDENSED_TOKENS_MIN: u64 = 64;
/// A reduction writes at most a third of what is left for its texts and itself, so that each round halves them.
const REPLY_PART: u64 = 3;
/// The user's prompt may take this part of the context, because a reduction needs it only to tell what matters.
const PROMPT_PART: u64 = 4;
/// A group is filled anew with less room where its texts have more tokens together than each alone.
const FILL_TRIES: usize = 4;

/// The next round puts the present texts in order into groups that each fit the model. None where no further round
/// would help.
pub fn next_round(workflow: &Workflow, context: ModelContext) -> Option<Vec<Reduction>> {
    let round = last_round(workflow).unwrap_or(0).saturating_add(1);
    if round > REDUCE_ROUNDS_MAX || synthesis_room(workflow, context) < CONDENSED_TOKENS_MIN {
        return None;
    }
    // What every group's prompt holds beside the texts. The rest is for the texts and the reply.
    let prompt_limit = Some(context.room(0) / PROMPT_PART);
    let draft = |answers: Vec<Answer>| -> Draft { reduction(workflow, 0, answers, prompt_limit) };
    let left = context.room(0).saturating_sub(rendered(draft(Vec::new())).tokens);
    let wanted = u64::from(reduction_tokens(workflow, context).wanted);
    let reply = wanted.min(context.counted(left / REPLY_PART));
    let room = context.room(reply);
    let mut texts_room = room.saturating_sub(rendered(draft(Vec::new())).tokens);
    if texts_room < REDUCE_INPUT_TOKENS_MIN {
        return None;
    }

    // The groups are filled by the sizes of their blocks and then measured whole, as they are sent.
    for _ in 0..FILL_TRIES {
        let groups = fill(workflow, round, texts_room)?;
        let size = |group: &Reduction| rendered(draft(answers_of(workflow, group))).tokens;
        let excess = groups.iter().map(size).max().unwrap_or(0).saturating_sub(room);
        if excess == 0 {
            return Some(groups);
        }
        texts_room = texts_room.saturating_sub(excess);
    }
    None
}

/// Puts neighbours together as long as there is room. A text that has no room alone is read in pieces. None where there
/// would be too many groups.
fn fill(workflow: &Workflow, round: u32, texts_room: u64) -> Option<Vec<Reduction>> {
    // Numbers go on over all rounds, because they are names of steps.
    let earlier = workflow.steps.iter().filter_map(|step| step.reduction.as_ref());
    let mut number = earlier.map(|reduction| reduction.number).max().unwrap_or(0);
    let mut groups: Vec<Reduction> = Vec::new();
    let mut left = 0;
    for (step, text) in reducible(workflow) {
        let heading = rendered_heading(workflow, step);
        for (from, to, tokens) in pieces(text, texts_room.saturating_sub(heading)) {
            let tokens = tokens.saturating_add(heading);
            let part = ReductionPart {
                step: step.clone(),
                from,
                to,
            };
            match groups.last_mut() {
                Some(group) if tokens <= left => {
                    group.parts.push(part);
                    left -= tokens;
                }
                _ => {
                    if groups.len() == REDUCTIONS_PER_ROUND_MAX {
                        return None;
                    }
                    number = number.saturating_add(1);
                    groups.push(Reduction {
                        number,
                        round,
                        parts: vec![part],
                    });
                    left = texts_room.saturating_sub(tokens);
                }
            }
        }
    }
    (!groups.is_empty()).then_some(groups)
}

/// What an answer takes in a prompt beside its text: its tags, its title and the break after it, as they are rendered.
fn rendered_heading(workflow: &Workflow, step: &StepName) -> u64 {
    let part = ReductionPart {
        step: step.clone(),
        from: 0,
        to: 0,
    };
    let empty = condensed_piece(workflow, &part);
    estimate_tokens(&super::prompts::answers_block(empty.as_slice())) + estimate_tokens("\n")
}

/// The texts that a group condenses.
pub fn answers_of(workflow: &Workflow, group: &Reduction) -> Vec<Answer> {
    group
        .parts
        .iter()
        .filter_map(|part| condensed_piece(workflow, part))
        .collect()
}

/// What the answers take that a synthesis can't be asked without. They are counted before anything is rendered.
pub fn reducible_tokens(workflow: &Workflow, step: &Step) -> u64 {
    if step.name != StepName::Synthesis {
        return 0;
    }
    reducible(workflow).map(|(_, text)| estimate_tokens(text)).sum()
}

/// Whether the step's text is the only one of its round.
pub fn is_last_of_its_round(workflow: &Workflow, step: &Step) -> bool {
    let round = |step: &Step| step.reduction.as_ref().map(|reduction| reduction.round);
    let of_round = workflow.steps.iter().filter(|other| round(other) == round(step));
    round(step).is_some() && of_round.count() == 1
}
