//! Fits what a step is given into its model's context window.
//!
//! A subtask's inputs are cut, the longest first, and marked. The answers for the synthesis are never cut. If together
//! they are too long, rounds of `reduce/<n>` steps condense them first. Token counts are estimates, so a reserve is
//! kept.

use super::answers::synthesis_answers;
use super::cut::{cut_limit, shorten};
use super::reduce::next_round;
use super::room::{ANSWER_OVERHEAD_TOKENS, context_too_small, prompt_room};
use crate::engine::state::queries::find_step;
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::Reduction;
use crate::engine::words::outcome::ErrorInfo;
use crate::engine::words::step_name::StepName;
use crate::model::tokens::estimate_tokens;
use crate::model::{AnswerContent, Repair};

/// The least that is kept of a text that has to be cut.
const CUT_TOKENS_MIN: u64 = 64;
/// An entry of the outline takes so many tokens beside its title.
const OUTLINE_ENTRY_TOKENS: u64 = 8;

/// Whether a step's prompt fits its model.
pub enum Fit {
    Fits {
        input_cut: bool,
    },
    /// Only for the synthesis: these reductions have to run first.
    Reduce(Vec<Reduction>),
    Impossible(ErrorInfo),
}

/// The texts of a subtask's prompt after cutting.
pub struct Fitted {
    pub prompt: String,
    /// In the order of the step's dependencies, with whether the text was cut.
    pub inputs: Vec<(String, bool)>,
}

pub fn fit(workflow: &Workflow, step: &Step) -> Fit {
    let request = estimate_tokens(&workflow.spec.prompt);
    let room = prompt_room(workflow, step);
    match &step.name {
        StepName::Plan if request > room => Fit::Impossible(context_too_small(workflow, step, "the prompt", request)),
        StepName::Plan | StepName::Reduce(_) => Fit::Fits { input_cut: false },
        StepName::Subtask(id) => {
            let fitted = fit_subtask(workflow, step, id);
            let prompt_cut = fitted.prompt.len() < workflow.spec.prompt.len();
            Fit::Fits {
                input_cut: prompt_cut || fitted.inputs.iter().any(|(_, cut)| *cut),
            }
        }
        StepName::Synthesis => {
            // A continuation also shows what has been written so far.
            let written: u64 = step.parts.iter().map(|part| estimate_tokens(part)).sum();
            let request = request + written;
            let answers = answer_tokens(workflow);
            if answers + request <= room {
                return Fit::Fits { input_cut: false };
            }
            match next_round(workflow, step, request) {
                Some(reductions) => Fit::Reduce(reductions),
                None => {
                    let what = "the request with all answers";
                    Fit::Impossible(context_too_small(workflow, step, what, answers + request))
                }
            }
        }
    }
}

/// The tokens of all answers in the prompt of the synthesis.
fn answer_tokens(workflow: &Workflow) -> u64 {
    let text_tokens = |content: &AnswerContent| match content {
        AnswerContent::Text { text, .. } => estimate_tokens(text),
        AnswerContent::Missing { reason } => estimate_tokens(reason),
    };
    synthesis_answers(workflow)
        .iter()
        .map(|answer| text_tokens(&answer.content) + estimate_tokens(&answer.title) + ANSWER_OVERHEAD_TOKENS)
        .sum()
}

/// The refused reply for a plan repair, cut to what fits together with the request. The reason is never cut.
pub fn fit_repair(workflow: &Workflow, step: &Step) -> Option<Repair> {
    let Repair { reply, reason } = step.repair.as_ref()?;
    let uncut = estimate_tokens(&workflow.spec.prompt) + estimate_tokens(reason);
    let left = prompt_room(workflow, step).saturating_sub(uncut);
    let reply = if left < CUT_TOKENS_MIN {
        String::new()
    } else {
        shorten(reply, left).0
    };
    Some(Repair {
        reply,
        reason: reason.clone(),
    })
}

/// Cuts the longest texts first until all fit. The step's own instructions and the outline are never cut.
pub fn fit_subtask(workflow: &Workflow, step: &Step, id: &str) -> Fitted {
    // First what is never cut.
    let plan = workflow.plan.as_ref();
    let own = plan
        .and_then(|plan| plan.task(id))
        .map_or(0, |task| estimate_tokens(&task.instructions));
    let outline: u64 = plan
        .iter()
        .flat_map(|plan| plan.tasks())
        .map(|task| estimate_tokens(&task.title) + OUTLINE_ENTRY_TOKENS)
        .sum();
    let headings = ANSWER_OVERHEAD_TOKENS * step.depends_on.len() as u64;
    let room = prompt_room(workflow, step).saturating_sub(own + outline + headings);

    // The user's prompt and the answers share the rest. One limit holds for all, and only the longest of them reach it.
    let prompt = &workflow.spec.prompt;
    let answers = || {
        let answer = |name| find_step(workflow, name).and_then(Step::answer);
        step.depends_on.iter().map(move |name| answer(name).unwrap_or_default())
    };
    let sizes: Vec<u64> = std::iter::once(estimate_tokens(prompt))
        .chain(answers().map(estimate_tokens))
        .collect();
    let limit = cut_limit(&sizes, room).max(CUT_TOKENS_MIN);
    Fitted {
        prompt: shorten(prompt, limit).0,
        inputs: answers().map(|answer| shorten(answer, limit)).collect(),
    }
}
