//! The brief of a step: what it is given, with the texts that may be cut shortened to a limit.
//!
//! These texts may be cut: what a plan says for all (`shared`, borders, criteria, the outline); the prompt and the
//! answers that a subtask is shown; the prompt that a reduction is shown; the parts and notes that the editor is shown;
//! the reasons of answers that a synthesis misses; the earlier exchanges of a conversation, and what a step had written
//! before a remark; the notes that a reviewer is shown; a refused reply that is to be
//! repaired. These are never cut: the prompt that is planned and answered, the user's wishes, the own instructions of a
//! subtask, the answers that a reduction or the synthesis reads, and the answer that is reviewed or becomes JSON.

mod editor;
mod review;
mod scissors;
mod terms;

use super::answers::{input_answer, missing_answers, reduction_answers, synthesis_answers};
use super::report::report;
use crate::engine::answer::{REWRITE_WORDS_MAX, prose_words};
use crate::engine::state::assembly::answer_in_hand;
use crate::engine::state::context::ModelContext;
use crate::engine::state::queries::find_step;
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::plan::Plan;
use crate::engine::words::step_name::StepName;
use crate::model::tokens::estimate_tokens;
use crate::model::{Answer, AnswerContent, Brief, Repair};

pub use scissors::CUT_TOKENS_MIN;
use scissors::Scissors;
pub use terms::length;

/// What is shared may be so many times as long as a part that the editor is shown, because parts come in dozens.
const SHARED_PER_PART: u64 = 8;
/// A reduction is shown so small a part of the latest exchange beside the prompt.
const HISTORY_PART: u64 = 8;

/// A brief, not yet rendered.
pub struct Draft {
    pub brief: Brief,
    /// How much is shown of the end of a text that is continued.
    pub shown_end_tokens: Option<u64>,
    /// Whether the step is given less than there is.
    pub cut: bool,
}

/// The brief of a step with its texts cut to `limit` tokens each; None: whole. None where the step can't be asked.
pub fn draft(workflow: &Workflow, step: &Step, context: ModelContext, limit: Option<u64>) -> Option<Draft> {
    let mut scissors = Scissors::new(limit);
    let prompt = || workflow.spec.prompt.clone();
    let instructions = workflow.spec.options.instructions.clone();
    // The continuation of a truncated text goes on where its parts stop.
    let continue_from = || (!step.parts.is_empty()).then(|| step.parts.concat());
    let brief = match &step.name {
        StepName::Plan => Brief::Plan {
            prompt: prompt(),
            instructions,
            terms: terms::terms(workflow, step, context.is_plain(), &mut scissors),
            plan: terms::plan_terms(workflow),
            max_subtasks: workflow.spec.options.max_subtasks,
            repair: step
                .repair
                .as_ref()
                .filter(|_| limit.is_none_or(|limit| limit >= CUT_TOKENS_MIN))
                .map(|repair| Repair {
                    reply: scissors.text(&repair.reply).0,
                    reason: scissors.text(&repair.reason).0,
                }),
        },
        StepName::Subtask(id) => {
            let task = workflow.plan.as_ref()?.task(id)?;
            let inputs = step
                .depends_on
                .iter()
                .filter_map(|name| {
                    let answer = find_step(workflow, name).and_then(Step::answer).unwrap_or_default();
                    input_answer(workflow, name, scissors.text(answer))
                })
                .collect();
            Brief::Subtask {
                prompt: scissors.text(&workflow.spec.prompt).0,
                instructions,
                terms: terms::terms(workflow, step, context.is_plain(), &mut scissors),
                criteria: terms::own_criteria(workflow, task, &mut scissors),
                words: task.words,
                outline: terms::outline(workflow, &mut scissors),
                id: id.clone(),
                title: task.title.clone(),
                task: task.instructions.clone(),
                // Texts are cut by now, so that no more of them is copied than is kept.
                inputs: scissors.reasons(inputs),
            }
        }
        StepName::Reduce(number) => {
            return Some(reduction(workflow, *number, reduction_answers(workflow, step), limit));
        }
        StepName::Edit(_) => {
            let failed = editor::failed_edits(workflow, step);
            let read = editor::read_by_editor(workflow, &failed);
            let mut contract = Scissors::new(limit.map(|limit| shared_limit(limit, context)));
            let brief = Brief::Edit {
                prompt: prompt(),
                instructions,
                terms: terms::terms(workflow, step, context.is_plain(), &mut contract),
                criteria: terms::criteria(workflow, &mut contract),
                parts: editor::parts(&read, context, &mut scissors),
                repair: editor::repair(workflow, step, &failed, &mut contract),
                continue_from: continue_from(),
                report: report(workflow),
            };
            scissors.cut |= contract.cut;
            brief
        }
        StepName::Structure => Brief::Structure {
            prompt: prompt(),
            instructions,
            terms: terms::terms(workflow, step, context.is_plain(), &mut scissors),
            answer: answer_in_hand(workflow).unwrap_or_default().to_owned(),
            schema: workflow.spec.options.output_schema.clone()?,
            repair: step.repair.as_ref().map(|repair| Repair {
                reply: scissors.text(&repair.reply).0,
                reason: repair.reason.clone(),
            }),
        },
        StepName::Review(_) => {
            // It corrects what it sees, so that the answer is never cut.
            let answer = find_step(workflow, &StepName::Synthesis).and_then(Step::answer);
            let words = prose_words(answer.unwrap_or_default());
            Brief::Review {
                prompt: prompt(),
                instructions,
                terms: terms::terms(workflow, step, context.is_plain(), &mut scissors),
                criteria: terms::criteria(workflow, &mut scissors),
                notes: review::notes(workflow, &mut scissors),
                answer: answer.unwrap_or_default().to_owned(),
                words: u32::try_from(words).unwrap_or(u32::MAX),
                may_rewrite: words <= REWRITE_WORDS_MAX,
                repair: step.repair.as_ref().map(|repair| Repair {
                    reply: scissors.text(&repair.reply).0,
                    reason: repair.reason.clone(),
                }),
            }
        }
        StepName::Synthesis if workflow.plan.as_ref().is_some_and(Plan::is_direct) => Brief::Direct {
            prompt: prompt(),
            instructions,
            terms: terms::terms(workflow, step, context.is_plain(), &mut scissors),
            continue_from: continue_from(),
        },
        StepName::Synthesis => Brief::Synthesis {
            prompt: prompt(),
            instructions,
            terms: terms::terms(workflow, step, context.is_plain(), &mut scissors),
            criteria: terms::criteria(workflow, &mut scissors),
            answers: scissors.reasons(synthesis_answers(workflow)),
            continue_from: continue_from(),
            report: report(workflow),
        },
    };
    // A repair and the end of one's own text are no input that the answer would lack.
    Some(Draft {
        brief,
        shown_end_tokens: limit,
        cut: scissors.cut && step.name != StepName::Plan,
    })
}

fn shared_limit(limit: u64, context: ModelContext) -> u64 {
    if context.is_plain() {
        limit
    } else {
        limit.saturating_mul(SHARED_PER_PART)
    }
}

/// The brief of a reduction of these answers.
pub fn reduction(workflow: &Workflow, number: u32, answers: Vec<Answer>, limit: Option<u64>) -> Draft {
    let mut scissors = Scissors::new(limit);
    // It needs the conversation only to tell what matters now.
    let mut of_history = Scissors::new(limit.map(|limit| limit / HISTORY_PART));
    let latest = terms::history(workflow, &mut of_history).pop();
    let brief = Brief::Reduce {
        history: latest.into_iter().collect(),
        prompt: scissors.text(&workflow.spec.prompt).0,
        instructions: workflow.spec.options.instructions.clone(),
        number,
        answers,
    };
    Draft {
        brief,
        shown_end_tokens: None,
        cut: scissors.cut,
    }
}

/// What the synthesis is told beside the texts of its answers.
pub fn answerless_synthesis(workflow: &Workflow, context: ModelContext) -> Draft {
    let mut scissors = Scissors::new(Some(CUT_TOKENS_MIN));
    let step = &Step::new(StepName::Synthesis, "", Vec::new());
    Draft {
        brief: Brief::Synthesis {
            prompt: workflow.spec.prompt.clone(),
            instructions: workflow.spec.options.instructions.clone(),
            terms: terms::terms(workflow, step, context.is_plain(), &mut scissors),
            criteria: terms::criteria(workflow, &mut scissors),
            answers: scissors.reasons(missing_answers(workflow)),
            continue_from: None,
            report: Vec::new(),
        },
        shown_end_tokens: None,
        cut: scissors.cut,
    }
}

/// The tokens of each text of the step that may be cut.
pub fn cuttable_tokens(workflow: &Workflow, step: &Step) -> Vec<u64> {
    let missing = |answers: &[Answer]| -> Vec<u64> {
        let reasons = answers.iter().filter_map(|answer| match &answer.content {
            AnswerContent::Missing { reason } => Some(estimate_tokens(reason)),
            AnswerContent::Text { .. } => None,
        });
        reasons.collect()
    };
    // The end of the text is shown for its own limit of characters at most, whatever the tokens allow.
    let written = (!step.parts.is_empty()).then(|| step.parts.iter().map(|part| estimate_tokens(part)).sum::<u64>());
    // What every call is told and that may be cut, but for a reduction, which is told a little of it.
    let told = terms::history_tokens(workflow)
        .into_iter()
        .chain(terms::remark_tokens(step));
    match &step.name {
        StepName::Plan => (step.repair.iter())
            .flat_map(|repair| [estimate_tokens(&repair.reply), estimate_tokens(&repair.reason)])
            .chain(told)
            .collect(),
        StepName::Subtask(id) => {
            let input = |name: &StepName| match find_step(workflow, name).and_then(Step::answer) {
                Some(answer) => vec![estimate_tokens(answer)],
                None => missing(input_answer(workflow, name, (String::new(), false)).as_slice()),
            };
            let inputs = step.depends_on.iter().flat_map(input);
            let task = workflow.plan.as_ref().and_then(|plan| plan.task(id));
            let own = task.map_or(0, |task| terms::own_criteria_tokens(workflow, task));
            let prompt = estimate_tokens(&workflow.spec.prompt);
            let all = [prompt, own, terms::outline_tokens(workflow)];
            inputs
                .chain(all)
                .chain(terms::shared_tokens(workflow))
                .chain(told)
                .collect()
        }
        StepName::Reduce(_) => vec![estimate_tokens(&workflow.spec.prompt)],
        StepName::Edit(_) => {
            let failed = editor::failed_edits(workflow, step);
            let mut sizes = editor::part_tokens(&editor::read_by_editor(workflow, &failed));
            sizes.extend(editor::repair_tokens(workflow, step, &failed));
            sizes.extend(terms::shared_tokens(workflow));
            sizes.push(terms::criteria_tokens(workflow));
            sizes.extend(written);
            sizes.extend(told);
            sizes
        }
        StepName::Structure => {
            let mut sizes: Vec<u64> = terms::shared_tokens(workflow).into_iter().chain(told).collect();
            sizes.extend(step.repair.iter().map(|repair| estimate_tokens(&repair.reply)));
            sizes
        }
        StepName::Review(_) => {
            let mut sizes = review::note_tokens(workflow);
            sizes.extend(terms::shared_tokens(workflow));
            sizes.push(terms::criteria_tokens(workflow));
            sizes.extend(step.repair.iter().map(|repair| estimate_tokens(&repair.reply)));
            sizes.extend(told);
            sizes
        }
        StepName::Synthesis => {
            let mut sizes = missing(&missing_answers(workflow));
            sizes.extend(terms::shared_tokens(workflow));
            sizes.push(terms::criteria_tokens(workflow));
            sizes.extend(written);
            sizes.extend(told);
            sizes
        }
    }
}
