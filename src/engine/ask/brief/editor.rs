//! What the editor is shown of the parts: whole where they fit, else by the outlines of their sections; and what the
//! repair of failed edits is shown.

use super::scissors::{CUT_TOKENS_MIN, Scissors};
use crate::engine::answer::{outline, prose_words, split_notes};
use crate::engine::ask::answers::missing_reason;
use crate::engine::ask::cut::shorten;
use crate::engine::state::assembly::{EDIT, REPAIR, first_assembly};
use crate::engine::state::context::ModelContext;
use crate::engine::state::queries::{find_step, subtasks};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::answer::EditState;
use crate::engine::words::step_name::StepName;
use crate::model::tokens::estimate_tokens;
use crate::model::{EditPart, PartContent, Repair};

/// So many words of each section an outline shows, the first that fits.
const OUTLINE_WORDS: [usize; 4] = [40, 20, 8, 3];

/// The subtasks whose parts a call of the editor reads: all of them, or those whose edits failed.
pub fn read_by_editor<'a>(workflow: &'a Workflow, failed: &[FailedEdit]) -> Vec<&'a Step> {
    // An edit of a part that does not exist was for one of all.
    let is_of = |step: &Step| failed.iter().any(|edit| edit.step == step.name);
    let is_lost = |edit: &FailedEdit| find_step(workflow, &edit.step).is_none();
    let all = failed.is_empty() || failed.iter().any(is_lost);
    subtasks(workflow).filter(|step| all || is_of(step)).collect()
}

/// The parts. One that is longer than the limit becomes an outline of at most that, and is cut for a model that is
/// asked for one text.
pub fn parts(steps: &[&Step], context: ModelContext, scissors: &mut Scissors) -> Vec<EditPart> {
    steps
        .iter()
        .map(|step| EditPart {
            id: part_id(&step.name),
            title: step.title.clone(),
            content: content(step, context, scissors),
        })
        .collect()
}

fn content(step: &Step, context: ModelContext, scissors: &mut Scissors) -> PartContent {
    let StepState::Complete { answer, truncated } = &step.state else {
        return PartContent::Missing {
            reason: scissors.text(&missing_reason(step)).0,
        };
    };
    let (body, notes) = split_notes(answer);
    let text = answer.get(body).unwrap_or_default();
    let words = u32::try_from(prose_words(text)).unwrap_or(u32::MAX);
    let notes = scissors.text(notes).0;
    let limit = scissors.limit.map(|limit| limit.max(CUT_TOKENS_MIN));
    let is_whole = limit.is_none_or(|limit| estimate_tokens(text) <= limit);
    match limit.filter(|_| !is_whole && !context.is_plain()) {
        None => {
            let (text, cut) = scissors.text(text);
            PartContent::Whole {
                text,
                notes,
                words,
                cut: cut || *truncated,
            }
        }
        Some(limit) => {
            let (outline, cut) = outline_within(&part_id(&step.name), answer, limit);
            // An outline is no lack, because the answer has the part whole. One that is cut hides sections.
            scissors.cut |= cut;
            PartContent::Outline {
                outline,
                notes,
                words,
                cut: cut || *truncated,
            }
        }
    }
}

fn outline_within(id: &str, answer: &str, limit: u64) -> (String, bool) {
    let mut shortest = String::new();
    for words in OUTLINE_WORDS {
        shortest = outline(id, answer, words);
        shortest.truncate(shortest.trim_end().len());
        if estimate_tokens(&shortest) <= limit {
            return (shortest, false);
        }
    }
    shorten(&shortest, limit)
}

/// The tokens of what a call of the editor reads of each part, and of its notes or the reason why it is missing.
pub fn part_tokens(steps: &[&Step]) -> Vec<u64> {
    let tokens = |step: &&Step| match step.answer() {
        Some(answer) => {
            let (body, notes) = split_notes(answer);
            [
                estimate_tokens(answer.get(body).unwrap_or_default()),
                estimate_tokens(notes),
            ]
        }
        None => [estimate_tokens(&missing_reason(step)), 0],
    };
    steps.iter().flat_map(tokens).collect()
}

/// An edit of the first script that did not apply.
pub struct FailedEdit {
    step: StepName,
    /// From 1, in the order of the script.
    number: usize,
    reason: String,
}

/// Those that `edit/2` is to repair; none for `edit/1`.
pub fn failed_edits(workflow: &Workflow, step: &Step) -> Vec<FailedEdit> {
    let Some(assembly) = first_assembly(workflow).filter(|_| step.name == REPAIR) else {
        return Vec::new();
    };
    let numbered = assembly.edits.iter().zip(1..);
    numbered
        .filter(|(edit, _)| edit.state == EditState::Failed)
        .map(|(edit, number)| FailedEdit {
            step: edit.step.clone(),
            number,
            reason: edit.reason.clone().unwrap_or_default(),
        })
        .collect()
}

/// The first script and the reasons, for the repair.
pub fn repair(workflow: &Workflow, step: &Step, failed: &[FailedEdit], scissors: &mut Scissors) -> Option<Repair> {
    if step.name != REPAIR {
        return None;
    }
    Some(Repair {
        reply: scissors.text(first_script(workflow)).0,
        reason: scissors.text(&reasons(failed)).0,
    })
}

/// The tokens of the first script and of the reasons.
pub fn repair_tokens(workflow: &Workflow, step: &Step, failed: &[FailedEdit]) -> Vec<u64> {
    if step.name != REPAIR {
        return Vec::new();
    }
    vec![
        estimate_tokens(first_script(workflow)),
        estimate_tokens(&reasons(failed)),
    ]
}

fn reasons(failed: &[FailedEdit]) -> String {
    let line = |edit: &FailedEdit| format!("- edit {} (of {}): {}", edit.number, part_id(&edit.step), edit.reason);
    failed.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn first_script(workflow: &Workflow) -> &str {
    find_step(workflow, &EDIT).and_then(Step::answer).unwrap_or_default()
}

fn part_id(name: &StepName) -> String {
    match name {
        StepName::Subtask(id) => id.clone(),
        other => other.to_string(),
    }
}
