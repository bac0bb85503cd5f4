//! Answers as other steps see them: a subtask's inputs, a reduction's pieces, what the synthesis reads.

use crate::engine::state::queries::find_step;
use crate::engine::state::step::{Outcome, Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::ReductionPart;
use crate::engine::words::step_name::StepName;
use crate::model::{Answer, AnswerContent};

/// The answer of `name` with this text, or why it is missing.
pub fn input_answer(workflow: &Workflow, name: &StepName, (text, cut): (String, bool)) -> Option<Answer> {
    let step = find_step(workflow, name)?;
    let content = match &step.state {
        StepState::Complete { .. } => AnswerContent::Text {
            text,
            cut: cut || is_cut(workflow, step),
        },
        _ => AnswerContent::Missing {
            reason: missing_reason(step),
        },
    };
    Some(Answer {
        id: short_id(name),
        title: step.title.clone(),
        content,
    })
}

/// The synthesis reads the last round's reductions if there are any, and else the subtasks' answers. Missing answers
/// are among them, with their reasons.
pub fn synthesis_answers(workflow: &Workflow) -> Vec<Answer> {
    let answer = |step: &Step| {
        let text = step.answer().unwrap_or_default().to_owned();
        input_answer(workflow, &step.name, (text, false))
    };
    read_by_synthesis(workflow).filter_map(answer).collect()
}

/// Those among them that are missing. Copies no text.
pub fn missing_answers(workflow: &Workflow) -> Vec<Answer> {
    read_by_synthesis(workflow)
        .filter(|step| step.answer().is_none())
        .filter_map(|step| input_answer(workflow, &step.name, (String::new(), false)))
        .collect()
}

fn read_by_synthesis(workflow: &Workflow) -> impl Iterator<Item = &Step> {
    let round = last_round(workflow);
    workflow
        .steps
        .iter()
        .filter(move |step| match (&step.reduction, round) {
            (Some(reduction), Some(round)) => reduction.round == round,
            (None, None) => step.is_subtask(),
            // Reductions hold the answers. Missing answers are still named one by one.
            (None, Some(_)) => step.is_subtask() && step.answer().is_none(),
            (Some(_), None) => false,
        })
}

/// The texts that a further round of reductions would condense.
pub fn reducible(workflow: &Workflow) -> impl Iterator<Item = (&StepName, &str)> {
    let round = last_round(workflow);
    let present = move |step: &&Step| match round {
        Some(round) => step
            .reduction
            .as_ref()
            .is_some_and(|reduction| reduction.round == round),
        None => step.is_subtask(),
    };
    workflow
        .steps
        .iter()
        .filter(present)
        .filter_map(|step| Some((&step.name, step.answer()?)))
}

/// The last round of reductions. None: nothing has been condensed.
pub fn last_round(workflow: &Workflow) -> Option<u32> {
    workflow
        .steps
        .iter()
        .filter_map(|step| step.reduction.as_ref())
        .map(|reduction| reduction.round)
        .max()
}

/// The pieces that a reduction condenses.
pub fn reduction_answers(workflow: &Workflow, step: &Step) -> Vec<Answer> {
    let parts = step.reduction.iter().flat_map(|reduction| &reduction.parts);
    parts.filter_map(|part| condensed_piece(workflow, part)).collect()
}

/// A piece of an answer, as a reduction reads it. Only the piece with the end of a cut answer is marked as cut.
pub fn condensed_piece(workflow: &Workflow, part: &ReductionPart) -> Option<Answer> {
    let source = find_step(workflow, &part.step)?;
    let answer = source.answer()?;
    let after = answer.char_indices().map(|(at, _)| at).chain([answer.len()]);
    let mut bounds = after.skip(part.from);
    let from = bounds.next().unwrap_or(answer.len());
    // `nth` counts from the one after `from`.
    let to = match part.to.saturating_sub(part.from).checked_sub(1) {
        None => from,
        Some(chars) => bounds.nth(chars).unwrap_or(answer.len()),
    };
    Some(Answer {
        id: short_id(&part.step),
        title: source.title.clone(),
        content: AnswerContent::Text {
            text: answer.get(from..to).unwrap_or_default().to_owned(),
            cut: to == answer.len() && is_cut(workflow, source),
        },
    })
}

/// Whether an answer lacks its end: its model stopped at its limit, or it condenses the end of an answer that lacks its
/// own.
fn is_cut(workflow: &Workflow, step: &Step) -> bool {
    if matches!(step.state, StepState::Complete { truncated: true, .. }) {
        return true;
    }
    let round = |step: &Step| step.reduction.as_ref().map_or(0, |reduction| reduction.round);
    let mut parts = step.reduction.iter().flat_map(|reduction| &reduction.parts);
    parts.any(|part| {
        find_step(workflow, &part.step)
            // Rounds only look back, in whatever a journal holds, so that this ends.
            .filter(|source| round(source) < round(step))
            .filter(|source| source.answer().is_some_and(|text| text.chars().nth(part.to).is_none()))
            .is_some_and(|source| is_cut(workflow, source))
    })
}

/// Why a step has no answer, in words for a model: what its last attempt says, without advice to the operator.
pub fn missing_reason(step: &Step) -> String {
    let attempt = step.attempts.last().map(|attempt| &attempt.outcome);
    match &step.state {
        StepState::Failed { error } | StepState::Exhausted { error, .. } => {
            let error = match attempt {
                Some(Outcome::Errored(last)) if last.name == error.name => last,
                _ => error,
            };
            format!("failed: {}", error.message)
        }
        StepState::Skipped { reason } => format!("skipped: {reason}"),
        StepState::Complete { .. } => "complete".to_owned(),
        StepState::Pending | StepState::InFlight { .. } | StepState::Backoff { .. } => "not finished".to_owned(),
    }
}

/// The id of a subtask, or the step name of a reduction.
fn short_id(name: &StepName) -> String {
    match name {
        StepName::Subtask(id) => id.clone(),
        other => other.to_string(),
    }
}
