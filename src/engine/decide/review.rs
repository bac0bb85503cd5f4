//! When the answer is reviewed, and what becomes of it.
//!
//! The review is one call, `review/1`. It begins only below three quarters of every limit, if what it is expected to
//! take fits the rest beside the JSON that comes after it. Where it is skipped or fails the answer stands as it is: a
//! review never ends a run.

use super::assembly::ASSEMBLER;
use super::limits::past_stop;
use crate::engine::answer::Reviewed;
use crate::engine::ask::estimate::{review_tokens, structure_tokens};
use crate::engine::state::assembly::{REVIEW, review_by, script, unreviewed};
use crate::engine::state::queries::{find_step, is_plain};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::Event;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;

/// The next event of the review that is due, whether or not something new may start.
pub fn review(workflow: &Workflow, now: Timestamp) -> Option<Event> {
    find_step(workflow, &StepName::Synthesis)?.answer()?;
    let step = find_step(workflow, &REVIEW)?;
    match &step.state {
        StepState::Pending | StepState::Backoff { .. } => {
            let reason = why_not(workflow, step, now)?;
            Some(Event::StepSkipped { step: REVIEW, reason })
        }
        StepState::Complete { truncated, .. } if workflow.reviewed.is_none() => {
            let is_whole = !truncated && step.unknown_finish.is_none();
            let before = unreviewed(workflow)?;
            // A reply that can't be read has failed as an attempt. One that another build took leaves all as it is.
            let reviewed = review_by(workflow, &script(workflow, &REVIEW)?, is_whole)?
                .unwrap_or_else(|unreadable| Reviewed::refused(&before, unreadable.to_string()));
            Some(Event::AnswerReviewed {
                assembler: ASSEMBLER,
                segments: reviewed.segments,
                edits: reviewed.edits,
                refused: reviewed.refused,
            })
        }
        _ => None,
    }
}

/// Why the review does not begin, or is not repeated.
fn why_not(workflow: &Workflow, step: &Step, now: Timestamp) -> Option<String> {
    if let Some(reason) = past_stop(workflow, now) {
        return Some(format!("{reason}, so that the answer was not reviewed"));
    }
    if is_plain(workflow, &REVIEW) {
        let reason = "the model has a small context or writes no marks, so that the answer was not reviewed";
        return Some(reason.to_owned());
    }
    let budget = workflow.spec.options.token_budget?;
    let left = budget.saturating_sub(workflow.usage.total_tokens);
    let takes = review_tokens(workflow, step).saturating_add(structure_tokens(workflow));
    (takes > left).then(|| {
        let what = match workflow.spec.options.output_schema {
            Some(_) => "a review and the JSON take",
            None => "a review takes",
        };
        format!(
            "{what} about {takes} tokens, and {left} of token_budget ({budget}) are left, so that the answer was not \
             reviewed"
        )
    })
}
