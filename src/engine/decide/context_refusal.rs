//! What follows when a server refuses a request as too long: what it teaches of the model's context, and whether a
//! shorter request is worth asking.

use crate::engine::ask::request::{Ask, ask_within, in_flight_request};
use crate::engine::state::context::{CONTEXT_TOKENS_MIN, ModelContext};
use crate::engine::state::queries::model_of;
use crate::engine::state::step::{Outcome, Step};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::ContextLesson;
use crate::model::ContextReport;

/// Of the refused request, prompt and reply, so much is asked for where the server names no size.
const GUESS_NUMERATOR: u64 = 3;
const GUESS_DENOMINATOR: u64 = 4;

/// What a refusal teaches, and what is to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    pub lesson: Option<ContextLesson>,
    /// The request is shorter as it would be made now, so the same model is asked again at once.
    pub is_worth_repeating: bool,
}

/// What the refusal of the step's call in flight teaches.
pub fn refusal(workflow: &Workflow, step: &Step, told: Option<ContextReport>) -> Refusal {
    let Some((refused, context)) = in_flight_request(workflow, step) else {
        return Refusal::default();
    };
    let whole = refused.whole_tokens(context);
    let is_shorter = |lesson: &ContextLesson| {
        let tighter = context.with(lesson);
        match ask_within(workflow, step, step.model_index, tighter) {
            // Compared as the server counted the refused one.
            Ask::Fits(shorter) => {
                tighter.counted(shorter.rendered.tokens) + u64::from(shorter.max_tokens)
                    < tighter.counted(refused.rendered.tokens) + u64::from(refused.max_tokens)
            }
            Ask::Reduce(_) => true,
            Ask::TooLong(_) => false,
        }
    };

    // First what the server says. It holds for the whole workflow, whether or not it helps this step.
    let told = told.and_then(|told| lesson_of(told, refused.rendered.tokens, context));
    if told.as_ref().is_some_and(is_shorter) {
        return Refusal {
            lesson: told,
            is_worth_repeating: true,
        };
    }
    // Without numbers that help, once with less. This says nothing of other steps, so it holds for this one alone.
    let guess = ContextLesson {
        context_tokens: u32::try_from(whole * GUESS_NUMERATOR / GUESS_DENOMINATOR).ok(),
        counted_per_1000: None,
        guessed: true,
    };
    if !was_refused_before(workflow, step) && is_shorter(&guess) {
        return Refusal {
            lesson: Some(guess),
            is_worth_repeating: true,
        };
    }
    Refusal {
        lesson: told,
        is_worth_repeating: false,
    }
}

/// What a server's numbers teach. None where they say nothing new, or are no sizes.
fn lesson_of(told: ContextReport, estimated: u64, context: ModelContext) -> Option<ContextLesson> {
    let counted = told
        .prompt_tokens
        .and_then(|tokens| u32::try_from(tokens.saturating_mul(1_000).div_ceil(estimated.max(1))).ok());
    let lesson = ContextLesson {
        context_tokens: told.context_tokens.filter(|tokens| *tokens >= CONTEXT_TOKENS_MIN),
        counted_per_1000: counted.filter(|counted| *counted > 1_000),
        guessed: false,
    };
    (context.with(&lesson) != context).then_some(lesson)
}

/// Whether the same model has refused an earlier request of the step as too long.
fn was_refused_before(workflow: &Workflow, step: &Step) -> bool {
    let model = &model_of(workflow, step).name;
    step.attempts.iter().any(|attempt| match &attempt.outcome {
        Outcome::Errored(error) => attempt.model == *model && error.is_too_long(),
        _ => false,
    })
}
