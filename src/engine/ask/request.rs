//! The one room that asks: it makes the request of a step for a model. It builds the brief, renders the messages,
//! counts these very messages, cuts and counts again, and says whether the request fits.
//!
//! What is measured is what is sent: [`model_request`] hands out the request that was measured, made anew from the same
//! state. Nothing else in the engine reckons with the size of a prompt, and no constant stands for a text.
//!
//! Room is found in the order that gives the better answer. Texts that may be cut are cut first, down to
//! [`CUT_COMFORT_TOKENS`] each. Then the reply's limit shrinks. Then texts are cut down to `CUT_TOKENS_MIN`. A
//! synthesis first gives up half of its reply, because a truncated one is continued; then its answers are condensed;
//! then it gives up what it can of the reply. The editor gives up half of its reply too; then it is shown outlines of
//! the parts. What still does not fit is too long for that model.

use super::brief::{CUT_TOKENS_MIN, cuttable_tokens, draft};
use super::cut::cut_limit;
use super::estimate::review_reply_max;
use super::measure::{Rendered, ReplyTokens, rendered, reply_tokens};
use super::reduce::{next_round, reducible_tokens};
use crate::engine::state::context::{ModelContext, context_of};
use crate::engine::state::queries::{current_step, model_of, models_of};
use crate::engine::state::step::Step;
use crate::engine::state::workflow::{AttemptId, Workflow};
use crate::engine::words::event::Reduction;
use crate::engine::words::step_name::StepName;
use crate::engine::words::too_long::TooLong;
use crate::model::ModelRequest;

/// Texts are cut to this many tokens each before the reply has to be shorter.
const CUT_COMFORT_TOKENS: u64 = 512;
/// So often a cut is tried again a little shorter, where the parts have more tokens together than each alone.
const CUT_TRIES: usize = 8;

/// The request of a step for a model.
pub enum Ask {
    Fits(Box<Fitted>),
    /// Only for the synthesis: these reductions have to run first.
    Reduce(Vec<Reduction>),
    TooLong(TooLong),
}

/// A request that fits.
pub struct Fitted {
    pub rendered: Rendered,
    pub max_tokens: u32,
}

impl Fitted {
    /// The part of the context that the request takes, reply included.
    pub fn whole_tokens(&self, context: ModelContext) -> u64 {
        context.counted(self.rendered.tokens) + u64::from(self.max_tokens)
    }
}

/// One way to find room: a limit of the reply, and how short texts may be cut for it. Without a cut they stay whole.
struct Stage {
    reply: u32,
    cut: Option<Cut>,
}

#[derive(Clone, Copy)]
struct Cut {
    least: u64,
    most: u64,
}

/// The tokens of texts, each by itself. They tell where to look for a cut, and what is too long to be rendered at all.
struct Sizes {
    /// Of each text that may be cut.
    cuttable: Vec<u64>,
    /// Of all answers that a synthesis reads.
    answers: u64,
}

/// The request of a step for the model at this place of its list.
pub fn ask(workflow: &Workflow, step: &Step, model_index: usize) -> Ask {
    ask_within(workflow, step, model_index, context_of(workflow, step, model_index))
}

/// The same with another opinion of the model's context.
pub fn ask_within(workflow: &Workflow, step: &Step, model_index: usize, context: ModelContext) -> Ask {
    let reply = reply_tokens(workflow, step, context);
    let sizes = Sizes {
        cuttable: cuttable_tokens(workflow, step),
        answers: reducible_tokens(workflow, step),
    };
    let fit = |stage: Stage| fit(workflow, step, context, &sizes, reply.wanted, stage);
    let [easy, hard] = stages(step, reply);
    if let Some(fitted) = easy.into_iter().find_map(fit) {
        return Ask::Fits(Box::new(fitted));
    }
    if step.name == StepName::Synthesis
        && step.parts.is_empty()
        && let Some(reductions) = next_round(workflow, context)
    {
        return Ask::Reduce(reductions);
    }
    match hard.into_iter().find_map(fit) {
        Some(fitted) => Ask::Fits(Box::new(fitted)),
        None => Ask::TooLong(too_long(workflow, step, model_index, context)),
    }
}

/// The first model of the list, from `first` on and then from the beginning, that takes the step: its place, and the
/// request or the reductions that come before it. The error is that of the model that comes nearest.
pub fn first_that_takes(workflow: &Workflow, step: &Step, first: usize) -> Result<(usize, Ask), TooLong> {
    let count = models_of(workflow, &step.name).len().max(1);
    let mut nearest: Option<TooLong> = None;
    for index in (first..count).chain(0..first.min(count)) {
        match ask(workflow, step, index) {
            Ask::TooLong(error) => {
                let is_nearer = |known: &TooLong| error.context_tokens > known.context_tokens;
                if nearest.as_ref().is_none_or(is_nearer) {
                    nearest = Some(error);
                }
            }
            taken => return Ok((index, taken)),
        }
    }
    Err(nearest.unwrap_or_else(|| too_long(workflow, step, first, context_of(workflow, step, first))))
}

/// The call of an attempt. None where the attempt is no longer in flight.
pub fn model_request(workflow: &Workflow, attempt: &AttemptId) -> Option<ModelRequest> {
    let step = current_step(workflow, attempt)?;
    let (fitted, _) = in_flight_request(workflow, step)?;
    let most = match step.name {
        StepName::Review(_) => review_reply_max(workflow, fitted.rendered.tokens),
        _ => u32::MAX,
    };
    Some(ModelRequest {
        model: model_of(workflow, step).clone(),
        messages: fitted.rendered.messages,
        max_tokens: fitted.max_tokens.min(most),
        json_schema: fitted.rendered.json_schema,
        attempt: attempt.number,
        brief: fitted.rendered.brief,
    })
}

/// The request that the step's attempt in flight was started with, and the context that it was made for.
pub fn in_flight_request(workflow: &Workflow, step: &Step) -> Option<(Fitted, ModelContext)> {
    let context = step.attempts.last()?.context;
    let fitted = match ask_within(workflow, step, step.model_index, context) {
        Ask::Fits(fitted) => *fitted,
        // Only a journal of a build that measured otherwise has such an attempt in flight: its call went out.
        Ask::Reduce(_) | Ask::TooLong(_) => Fitted {
            rendered: rendered(draft(workflow, step, context, Some(CUT_TOKENS_MIN))?),
            max_tokens: reply_tokens(workflow, step, context).least,
        },
    };
    Some((fitted, context))
}

/// Whether the step fits a model with the least that there can be of it. Nothing is condensed for that.
pub fn fits_at_least(workflow: &Workflow, step: &Step, model_index: usize) -> Result<(), TooLong> {
    let context = context_of(workflow, step, model_index);
    let error = too_long(workflow, step, model_index, context);
    if error.prompt_tokens.saturating_add(error.reply_tokens) <= error.context_tokens {
        Ok(())
    } else {
        Err(error)
    }
}

/// The ways to find room before answers are condensed, and those after.
fn stages(step: &Step, reply: ReplyTokens) -> [Vec<Stage>; 2] {
    let cut = |reply, least, most| Stage {
        reply,
        cut: Some(Cut { least, most }),
    };
    let whole = |reply| Stage { reply, cut: None };
    let half = (reply.wanted / 2).max(reply.least);
    let shrunk = cut(reply.least, CUT_TOKENS_MIN, CUT_COMFORT_TOKENS);
    match step.name {
        StepName::Synthesis if step.parts.is_empty() => {
            let easy = vec![
                cut(reply.wanted, CUT_COMFORT_TOKENS, u64::MAX),
                cut(half, CUT_COMFORT_TOKENS, u64::MAX),
                cut(half, CUT_TOKENS_MIN, CUT_COMFORT_TOKENS),
            ];
            [easy, vec![shrunk]]
        }
        StepName::Edit(_) if step.parts.is_empty() => {
            let outlined = cut(half, CUT_TOKENS_MIN, u64::MAX);
            [vec![whole(reply.wanted), whole(half), outlined, shrunk], vec![]]
        }
        // A plan that was refused may be asked for without the refused one.
        StepName::Plan if step.repair.is_some() => {
            let without = cut(reply.least, 0, 0);
            [
                vec![cut(reply.wanted, CUT_COMFORT_TOKENS, u64::MAX), shrunk, without],
                vec![],
            ]
        }
        _ => [vec![cut(reply.wanted, CUT_COMFORT_TOKENS, u64::MAX), shrunk], vec![]],
    }
}

/// The request with its texts as long as they can be beside a reply of that length. None where they can't be short
/// enough. The reply then gets what is left, up to what is wanted.
fn fit(
    workflow: &Workflow,
    step: &Step,
    context: ModelContext,
    sizes: &Sizes,
    wanted: u32,
    stage: Stage,
) -> Option<Fitted> {
    let room = context.room(stage.reply.into());
    let fitted = |rendered: Rendered| {
        let left = context.context_tokens.saturating_sub(context.counted(rendered.tokens));
        Fitted {
            max_tokens: wanted.min(u32::try_from(left).unwrap_or(u32::MAX)),
            rendered,
        }
    };
    let render = |limit| Some(rendered(draft(workflow, step, context, limit)?));

    // What is longer than the context by itself is not rendered, because it may be many megabytes.
    let uncut = sizes.cuttable.iter().sum::<u64>();
    if sizes.answers > room {
        return None;
    }
    if uncut <= room {
        let whole = render(None)?;
        if whole.tokens <= room {
            return Some(fitted(whole));
        }
    }

    // Then the least tells what all the rest takes, and the texts share what that leaves.
    let Cut { least, most } = stage.cut?;
    let shortest = render(Some(least))?;
    if shortest.tokens > room {
        return None;
    }
    let kept = sizes.cuttable.iter().map(|size| (*size).min(least)).sum::<u64>();
    let mut budget = (room - shortest.tokens).saturating_add(kept);
    for _ in 0..CUT_TRIES {
        let limit = cut_limit(&sizes.cuttable, budget).min(most);
        if limit <= least {
            break;
        }
        let candidate = render(Some(limit))?;
        let excess = candidate.tokens.saturating_sub(room);
        if excess == 0 {
            return Some(fitted(candidate));
        }
        budget = budget.saturating_sub(excess);
    }
    Some(fitted(shortest))
}

/// The error of a step on this model, with what its shortest prompt takes.
fn too_long(workflow: &Workflow, step: &Step, model_index: usize, context: ModelContext) -> TooLong {
    let models = models_of(workflow, &step.name);
    // A plan's shortest prompt is the one without what was refused.
    let least = if step.name == StepName::Plan { 0 } else { CUT_TOKENS_MIN };
    let shortest = match reducible_tokens(workflow, step) {
        // Answers of many megabytes are not rendered for the words of an error.
        answers if answers > context.room(0) => answers,
        _ => draft(workflow, step, context, Some(least)).map_or(0, |draft| rendered(draft).tokens),
    };
    TooLong {
        step: step.name.clone(),
        model: models
            .get(model_index)
            .map(|model| model.name.clone())
            .unwrap_or_default(),
        context_tokens: context.context_tokens,
        prompt_tokens: context.counted(shortest),
        reply_tokens: reply_tokens(workflow, step, context).least.into(),
    }
}
