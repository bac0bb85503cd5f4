//! Answers as other steps see them: a subtask's inputs, a reduction's pieces, what the synthesis reads.

use crate::engine::state::queries::find_step;
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::step_name::StepName;
use crate::model::{Answer, AnswerContent};

/// The answer of `name` with this text, or why it is missing.
pub fn input_answer(workflow: &Workflow, name: &StepName, (text, cut): (String, bool)) -> Option<Answer> {
    let step = find_step(workflow, name)?;
    let content = match &step.state {
        StepState::Complete { truncated, .. } => AnswerContent::Text {
            text,
            cut: cut || *truncated,
        },
        state => AnswerContent::Missing {
            reason: missing_reason(state),
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
    let round = last_round(workflow);
    let answer = |step: &Step| {
        let text = step.answer().unwrap_or_default().to_owned();
        input_answer(workflow, &step.name, (text, false))
    };
    workflow
        .steps
        .iter()
        .filter(|step| match (&step.reduction, round) {
            (Some(reduction), Some(round)) => reduction.round == round,
            (None, None) => step.is_subtask(),
            // Reductions hold the answers. Missing answers are still named one by one.
            (None, Some(_)) => step.is_subtask() && step.answer().is_none(),
            (Some(_), None) => false,
        })
        .filter_map(answer)
        .collect()
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
    let Some(reduction) = &step.reduction else {
        return Vec::new();
    };
    let part_text = |answer: &str, from: usize, to: usize| {
        answer
            .chars()
            .skip(from)
            .take(to.saturating_sub(from))
            .collect::<String>()
    };
    reduction
        .parts
        .iter()
        .filter_map(|part| {
            let source = find_step(workflow, &part.step)?;
            let text = part_text(source.answer()?, part.from, part.to);
            Some(Answer {
                id: short_id(&part.step),
                title: source.title.clone(),
                content: AnswerContent::Text { text, cut: false },
            })
        })
        .collect()
}

/// Why a step has no answer, in words.
pub fn missing_reason(state: &StepState) -> String {
    match state {
        StepState::Failed { error } | StepState::Exhausted { error, .. } => format!("failed: {}", error.message),
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
