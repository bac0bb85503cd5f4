//! The brief of a step: what it is given, with the texts that may be cut shortened to a limit.
//!
//! These texts may be cut: the prompt, the answers and the outline that a subtask is shown; the prompt that a
//! reduction is shown; the reasons of answers that a synthesis misses; a refused plan that is to be repaired. These are
//! never cut: the prompt that is planned and answered, the user's wishes, the own instructions of a subtask, and the
//! answers that a reduction or the synthesis reads.

use super::answers::{input_answer, missing_answers, reduction_answers, synthesis_answers};
use super::cut::shorten;
use super::report::report;
use crate::engine::state::queries::find_step;
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::plan::Plan;
use crate::engine::words::step_name::StepName;
use crate::model::tokens::estimate_tokens;
use crate::model::{Answer, AnswerContent, Brief, OutlineItem, PlanTerms, Repair, Terms};

/// The least that is kept of a text that has to be cut, in tokens. With a limit below it a plan is asked for without
/// what was refused of an earlier one.
pub const CUT_TOKENS_MIN: u64 = 64;

/// What the line takes that stands for the rest of an outline.
const OUTLINE_MARK_TOKENS: u64 = 32;

/// A brief, not yet rendered.
pub struct Draft {
    pub brief: Brief,
    /// How much is shown of the end of a text that is continued.
    pub shown_end_tokens: Option<u64>,
    /// Whether the step is given less than there is.
    pub cut: bool,
}

/// Shortens texts and remembers whether one was.
struct Scissors {
    limit: Option<u64>,
    cut: bool,
}

impl Scissors {
    fn text(&mut self, text: &str) -> (String, bool) {
        let (text, cut) = match self.limit {
            None => (text.to_owned(), false),
            Some(limit) => shorten(text, limit.max(CUT_TOKENS_MIN)),
        };
        self.cut |= cut;
        (text, cut)
    }

    /// The reasons of missing answers. Texts stay as they are.
    fn reasons(&mut self, mut answers: Vec<Answer>) -> Vec<Answer> {
        for answer in &mut answers {
            if let AnswerContent::Missing { reason } = &mut answer.content {
                *reason = self.text(reason).0;
            }
        }
        answers
    }

    /// As many lines as the limit allows, the own one among them. The last line says how many are left out.
    fn outline(&mut self, outline: Vec<OutlineItem>, own_id: &str) -> Vec<OutlineItem> {
        let Some(limit) = self.limit.filter(|limit| outline_tokens(&outline) > *limit) else {
            return outline;
        };
        let count = outline.len();
        let mut used = OUTLINE_MARK_TOKENS;
        let mut kept: Vec<OutlineItem> = outline
            .into_iter()
            .filter(|item| {
                used = used.saturating_add(line_tokens(item));
                used <= limit || item.id == own_id
            })
            .collect();
        self.cut |= kept.len() < count;
        if kept.len() < count {
            kept.push(OutlineItem {
                id: "...".to_owned(),
                title: format!("{} more, cut to fit the model's context", count - kept.len()),
            });
        }
        kept
    }
}

/// The brief of a step with its texts cut to `limit` tokens each; None: whole. None where the step can't be asked.
pub fn draft(workflow: &Workflow, step: &Step, limit: Option<u64>) -> Option<Draft> {
    let mut scissors = Scissors { limit, cut: false };
    let instructions = workflow.spec.options.instructions.clone();
    let brief = match &step.name {
        StepName::Plan => Brief::Plan {
            prompt: workflow.spec.prompt.clone(),
            instructions,
            terms: terms(workflow),
            plan: PlanTerms::default(),
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
            let plan = workflow.plan.as_ref()?;
            let task = plan.task(id)?;
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
                terms: terms(workflow),
                criteria: Vec::new(),
                words: task.words,
                outline: scissors.outline(outline(workflow), id),
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
        StepName::Edit(_) => Brief::Edit {
            prompt: workflow.spec.prompt.clone(),
            instructions,
            terms: terms(workflow),
            criteria: Vec::new(),
            parts: Vec::new(),
            repair: None,
            continue_from: (!step.parts.is_empty()).then(|| step.parts.concat()),
        },
        StepName::Synthesis if workflow.plan.as_ref().is_some_and(Plan::is_direct) => Brief::Direct {
            prompt: workflow.spec.prompt.clone(),
            instructions,
            terms: terms(workflow),
            continue_from: (!step.parts.is_empty()).then(|| step.parts.concat()),
        },
        StepName::Synthesis => Brief::Synthesis {
            prompt: workflow.spec.prompt.clone(),
            instructions,
            terms: terms(workflow),
            criteria: Vec::new(),
            answers: scissors.reasons(synthesis_answers(workflow)),
            // The continuation of a truncated synthesis goes on where its parts stop.
            continue_from: (!step.parts.is_empty()).then(|| step.parts.concat()),
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

/// What all calls of the run are told alike.
fn terms(workflow: &Workflow) -> Terms {
    let plan = workflow.plan.as_ref();
    Terms {
        shared: plan.map(|plan| plan.shared().to_owned()).unwrap_or_default(),
        ..Terms::default()
    }
}

/// The brief of a reduction of these answers.
pub fn reduction(workflow: &Workflow, number: u32, answers: Vec<Answer>, limit: Option<u64>) -> Draft {
    let mut scissors = Scissors { limit, cut: false };
    let brief = Brief::Reduce {
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
pub fn answerless_synthesis(workflow: &Workflow) -> Draft {
    let mut scissors = Scissors {
        limit: Some(CUT_TOKENS_MIN),
        cut: false,
    };
    Draft {
        brief: Brief::Synthesis {
            prompt: workflow.spec.prompt.clone(),
            instructions: workflow.spec.options.instructions.clone(),
            terms: terms(workflow),
            criteria: Vec::new(),
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
    match &step.name {
        StepName::Plan => step
            .repair
            .iter()
            .flat_map(|repair| [estimate_tokens(&repair.reply), estimate_tokens(&repair.reason)])
            .collect(),
        StepName::Subtask(_) => {
            let input = |name: &StepName| match find_step(workflow, name).and_then(Step::answer) {
                Some(answer) => vec![estimate_tokens(answer)],
                None => missing(input_answer(workflow, name, (String::new(), false)).as_slice()),
            };
            let inputs = step.depends_on.iter().flat_map(input);
            let prompt = estimate_tokens(&workflow.spec.prompt);
            inputs.chain([prompt, outline_tokens(&outline(workflow))]).collect()
        }
        StepName::Reduce(_) => vec![estimate_tokens(&workflow.spec.prompt)],
        StepName::Edit(_) | StepName::Synthesis => {
            let mut sizes = missing(&missing_answers(workflow));
            // The end of the text is shown for its own limit of characters at most, whatever the tokens allow.
            sizes.extend(
                (!step.parts.is_empty()).then(|| step.parts.iter().map(|part| estimate_tokens(part)).sum::<u64>()),
            );
            sizes
        }
    }
}

fn outline(workflow: &Workflow) -> Vec<OutlineItem> {
    let tasks = workflow.plan.iter().flat_map(|plan| plan.tasks());
    tasks
        .map(|task| OutlineItem {
            id: task.id.clone(),
            title: task.title.clone(),
        })
        .collect()
}

fn outline_tokens(outline: &[OutlineItem]) -> u64 {
    // The outline of a single subtask is not shown.
    if outline.len() < 2 {
        return 0;
    }
    outline.iter().map(line_tokens).sum()
}

fn line_tokens(item: &OutlineItem) -> u64 {
    estimate_tokens(&format!("- {}: {}\n", item.id, item.title))
}
