//! What a brief says of the contract: what all parts are told alike, who answers for what, how long the answer may be.

use super::scissors::{CUT_TOKENS_MIN, Scissors, line_tokens};
use crate::engine::ask::measure::{first_context, reply_tokens_of};
use crate::engine::ask::prompts::{border_line, criterion_line, outline_line};
use crate::engine::state::queries::models_of;
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::plan::{Plan, Task};
use crate::engine::words::spec::{Length, Mode};
use crate::engine::words::step_name::StepName;
use crate::model::tokens::estimate_tokens;
use crate::model::{BorderLine, Criterion, Earlier, LengthTerms, OutlineItem, PlanTerms, Remark, Terms};

/// A date is the first so many bytes of an instant in ISO 8601.
const DATE_BYTES: usize = 10;
/// The planner is told of lengths in round numbers of words.
const WORDS_STEP: u64 = 50;
/// Tokens of ten words with their marks. Most languages need more than English, which has 14.
const TOKENS_OF_TEN_WORDS: u64 = 16;

/// A history may be so many times as long as another text that is cut, because it is many.
const HISTORY_PER_TEXT: u64 = 8;

/// The earlier requests and answers, of which the newest are kept where there is little room.
pub fn history(workflow: &Workflow, scissors: &mut Scissors) -> Vec<Earlier> {
    let mut left = scissors
        .limit
        .map(|limit| limit.max(CUT_TOKENS_MIN).saturating_mul(HISTORY_PER_TEXT));
    let mut kept = Vec::new();
    for exchange in workflow.spec.history.iter().rev() {
        let (request, request_cut) = scissors.text(&exchange.request);
        let (answer, answer_cut) = scissors.text(&exchange.answer);
        if let Some(left) = &mut left {
            let tokens = estimate_tokens(&request) + estimate_tokens(&answer);
            if tokens > *left && !kept.is_empty() {
                scissors.cut = true;
                break;
            }
            *left = left.saturating_sub(tokens);
        }
        kept.push(Earlier {
            request,
            answer,
            cut: exchange.cut || request_cut || answer_cut,
        });
    }
    kept.reverse();
    kept
}

/// The tokens of the texts of the history.
pub fn history_tokens(workflow: &Workflow) -> Vec<u64> {
    let texts = workflow
        .spec
        .history
        .iter()
        .flat_map(|exchange| [&exchange.request, &exchange.answer]);
    texts.map(|text| estimate_tokens(text)).collect()
}

fn remark(step: &Step, scissors: &mut Scissors) -> Option<Remark> {
    let remark = step.remark.as_ref()?;
    let (previous, cut) = scissors.text(remark.previous.as_deref().unwrap_or_default());
    let text = remark.text.clone();
    Some(Remark { text, previous, cut })
}

/// The tokens of what the step had written before a person's remark.
pub fn remark_tokens(step: &Step) -> Option<u64> {
    let previous = step.remark.as_ref()?.previous.as_deref()?;
    Some(estimate_tokens(previous))
}

/// What all calls of the run are told alike, and a remark that is for this step only. The date is that of the run's
/// journaled start, so that a request that is made again is the same.
pub fn terms(workflow: &Workflow, step: &Step, plain: bool, scissors: &mut Scissors) -> Terms {
    let plan = workflow.plan.as_ref();
    let date = workflow.started.map(|at| at.to_iso8601()).unwrap_or_default();
    Terms {
        history: history(workflow, scissors),
        remark: remark(step, scissors),
        date: date.get(..DATE_BYTES).unwrap_or_default().to_owned(),
        plain,
        shared: plan.map(|plan| scissors.text(plan.shared()).0).unwrap_or_default(),
        borders: scissors.list(borders(workflow), border_line, |what| BorderLine { what, owner: None }),
        length: length(workflow),
    }
}

/// What the client set wins over the plan, unless the plan has found a lower limit in the request.
pub fn length(workflow: &Workflow) -> LengthTerms {
    let asked = workflow.spec.options.length;
    let planned = workflow.plan.as_ref().and_then(Plan::length);
    match asked {
        Length::Brief | Length::MaxWords(_) => LengthTerms {
            words: asked.words().into_iter().chain(planned).min(),
            firm: true,
        },
        Length::Normal | Length::Full => LengthTerms {
            words: planned.or(asked.words()),
            firm: false,
        },
    }
}

/// What the planner is told of those who will write.
pub fn plan_terms(workflow: &Workflow) -> PlanTerms {
    let part = StepName::Subtask(String::new());
    let words = |name: &StepName| {
        let tokens = reply_tokens_of(workflow, name, first_context(workflow, name)).wanted;
        let words = u64::from(tokens) * 10 / TOKENS_OF_TEN_WORDS;
        u32::try_from(words / WORDS_STEP * WORDS_STEP).unwrap_or(u32::MAX)
    };
    let model = |name: &StepName| {
        let first = models_of(workflow, name).first();
        first.map(|model| model.name.clone()).unwrap_or_default()
    };
    PlanTerms {
        may_be_direct: workflow.spec.options.mode == Mode::Auto,
        is_small: first_context(workflow, &StepName::Plan).small,
        part_words: words(&part),
        editor_words: words(&StepName::Synthesis),
        part_model: model(&part),
        editor_model: model(&StepName::Synthesis),
    }
}

/// All criteria, each with the subtasks that answer for it.
pub fn criteria(workflow: &Workflow, scissors: &mut Scissors) -> Vec<Criterion> {
    scissors.list(all_criteria(workflow), criterion_line, |text| Criterion {
        text,
        owners: Vec::new(),
    })
}

/// Those of a subtask. A number that no criterion has is passed over.
pub fn own_criteria(workflow: &Workflow, task: &Task, scissors: &mut Scissors) -> Vec<String> {
    scissors.list(own(workflow, task), String::clone, |rest| rest)
}

/// The titles of all subtasks.
pub fn outline(workflow: &Workflow, scissors: &mut Scissors) -> Vec<OutlineItem> {
    scissors.list(titles(workflow), outline_line, |title| OutlineItem {
        id: "...".to_owned(),
        title,
    })
}

/// The tokens of what all subtasks are told and that may be cut.
pub fn shared_tokens(workflow: &Workflow) -> [u64; 2] {
    let shared = workflow.plan.as_ref().map_or("", |plan| plan.shared());
    [estimate_tokens(shared), sum(borders(workflow).iter().map(border_line))]
}

pub fn criteria_tokens(workflow: &Workflow) -> u64 {
    sum(all_criteria(workflow).iter().map(criterion_line))
}

pub fn own_criteria_tokens(workflow: &Workflow, task: &Task) -> u64 {
    sum(own(workflow, task).into_iter())
}

pub fn outline_tokens(workflow: &Workflow) -> u64 {
    // The outline of a single subtask is not shown.
    let titles = titles(workflow);
    if titles.len() < 2 {
        return 0;
    }
    sum(titles.iter().map(outline_line))
}

fn sum(lines: impl Iterator<Item = String>) -> u64 {
    lines.map(|line| line_tokens(&line)).sum()
}

fn borders(workflow: &Workflow) -> Vec<BorderLine> {
    let borders = workflow.plan.iter().flat_map(|plan| plan.borders());
    borders
        .map(|border| BorderLine {
            what: border.what.clone(),
            owner: border.owner.clone(),
        })
        .collect()
}

fn all_criteria(workflow: &Workflow) -> Vec<Criterion> {
    let Some(plan) = &workflow.plan else {
        return Vec::new();
    };
    let owners = |number: u32| -> Vec<String> {
        let tasks = plan.tasks().iter().filter(|task| task.criteria.contains(&number));
        tasks.map(|task| task.id.clone()).collect()
    };
    let numbered = plan.criteria().iter().zip(1..);
    numbered
        .map(|(text, number)| Criterion {
            text: text.clone(),
            owners: owners(number),
        })
        .collect()
}

fn own(workflow: &Workflow, task: &Task) -> Vec<String> {
    let criteria = workflow.plan.as_ref().map_or(&[][..], |plan| plan.criteria());
    let numbered = criteria.iter().zip(1..);
    numbered
        .filter(|(_, number)| task.criteria.contains(number))
        .map(|(text, _)| text.clone())
        .collect()
}

fn titles(workflow: &Workflow) -> Vec<OutlineItem> {
    let tasks = workflow.plan.iter().flat_map(|plan| plan.tasks());
    tasks
        .map(|task| OutlineItem {
            id: task.id.clone(),
            title: task.title.clone(),
        })
        .collect()
}
