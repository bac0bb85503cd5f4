//! What the answer lacks, in words: for people, and by reasons for machines.

use super::build::answer;
use super::view::{WarningReason, WarningView};
use crate::engine::state::assembly::{EDIT, REPAIR, REVIEW};
use crate::engine::state::queries::{find_step, is_direct};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::answer::{AssemblyProblem, EditResult, ProblemKind};
use crate::engine::words::event::{MergedTask, ResultSource};
use crate::engine::words::outcome::Status;
use crate::engine::words::spec::Mode;
use crate::engine::words::step_name::StepName;
use crate::text::shown;

/// What the answer lacks, step by step.
pub fn warnings(workflow: &Workflow) -> Vec<WarningView> {
    let mut warnings: Vec<WarningView> = workflow
        .steps
        .iter()
        .flat_map(|step| step_warnings(workflow, step))
        .collect();
    warnings.extend(workflow.merged.iter().map(merged_warning));
    warnings.extend(history_warning(workflow));
    let without_synthesis = workflow.status == Status::Complete && workflow.result_source == ResultSource::Answers;
    let failed = without_synthesis.then(|| failed_synthesis(workflow)).flatten();
    warnings.extend(failed.map(unsynthesised_warning));
    // If nothing had to be skipped or aborted, no event has named the limit.
    let unnamed = || (without_synthesis && failed.is_none()).then(|| "a limit of the run was reached".to_owned());
    if let Some(limit) = workflow.limit.clone().or_else(unnamed) {
        let message = match workflow.status {
            Status::Complete if without_synthesis && failed.is_none() => {
                format!(
                    "{limit}; that left no room for a synthesis: the result is the subtasks' answers one \
                     after the other"
                )
            }
            Status::Complete => format!("{limit}; the answer is made of what was there by then"),
            _ => limit,
        };
        warnings.push(warning(&StepName::Synthesis, WarningReason::Limit, message));
    }
    warnings.extend(assembly_warnings(workflow));
    warnings.extend(review_warnings(workflow));
    warnings.extend(mode_warning(workflow));
    let is_named = warnings.iter().any(|warning| warning.reason == WarningReason::Limit);
    warnings.extend(budget_warning(workflow).filter(|_| !is_named));
    warnings.extend(length_warning(workflow));
    warnings
}

/// What of the editor's script did not come into the answer.
fn assembly_warnings(workflow: &Workflow) -> Vec<WarningView> {
    let Some(assembled) = &workflow.assembled else {
        return Vec::new();
    };
    let is_repaired = find_step(workflow, &REPAIR).is_some_and(|step| step.answer().is_some());
    let edit = if is_repaired { REPAIR } else { EDIT };
    let failed = assembled
        .failed_edits
        .iter()
        .map(|failed| edit_failed_warning(&edit, failed));
    // A model that was asked for one text has written what it should.
    let asked_for_marks = find_step(workflow, &EDIT)
        .and_then(|step| step.attempts.last())
        .is_some_and(|attempt| !attempt.context.is_plain());
    let unmarked = (assembled.unmarked && asked_for_marks).then(|| {
        let message = "the editor wrote the whole answer anew, without marks, so that the parts do not stand in it as \
                       they were written";
        warning(&EDIT, WarningReason::Assembly, message.to_owned())
    });
    let problems = assembled
        .problems
        .iter()
        .map(|problem| warning(&EDIT, WarningReason::Assembly, problem_message(problem)));
    failed.chain(unmarked).chain(problems).collect()
}

/// What of the review did not come into the answer.
fn review_warnings(workflow: &Workflow) -> Vec<WarningView> {
    let Some(reviewed) = &workflow.reviewed else {
        return Vec::new();
    };
    let failed = reviewed.failed_edits.iter().map(|failed| {
        let reason = failed.reason.as_deref().unwrap_or("no reason is known");
        let message = format!("a correction of the review could not be made: {reason}");
        warning(&REVIEW, WarningReason::EditFailed, message)
    });
    let refused = (reviewed.refused.iter()).map(|refused| warning(&REVIEW, WarningReason::Review, refused.clone()));
    failed.chain(refused).collect()
}

fn edit_failed_warning(edit: &StepName, failed: &EditResult) -> WarningView {
    let reason = failed.reason.as_deref().unwrap_or("no reason is known");
    let message = format!("a correction of {} could not be made: {reason}", failed.step);
    warning(edit, WarningReason::EditFailed, message)
}

fn problem_message(problem: &AssemblyProblem) -> String {
    let id = problem.id.as_deref().unwrap_or_default();
    match problem.kind {
        ProblemKind::UnknownInclude => {
            format!(
                "the answer was to include part {}, which there is not; it is left out",
                shown(id)
            )
        }
        ProblemKind::RepeatedInclude => {
            format!("part {id} was to stand in the answer more than once; it stands where it came first")
        }
        ProblemKind::LeftOut => format!("the answer does not include part {id}"),
        ProblemKind::NoIncludes => "the answer includes no part: the editor wrote all of it".to_owned(),
        ProblemKind::NoAnswer => {
            "the editor wrote no text of an answer: the answer is all parts one after the other".to_owned()
        }
        ProblemKind::RepeatedAnswer => "the editor said more than once that the answer begins".to_owned(),
        ProblemKind::UnfinishedMark => "the editor's text ends within a mark, which is left out".to_owned(),
        ProblemKind::TooManyMarks => {
            "the editor's text has more edits and includes than are read; the others stand in it as they are".to_owned()
        }
    }
}

fn history_warning(workflow: &Workflow) -> Option<WarningView> {
    let left_out = workflow.spec.exchanges_left_out();
    let is_cut = workflow.spec.history.iter().any(|exchange| exchange.cut);
    let message = match (left_out, is_cut) {
        (0, false) => return None,
        (0, true) => "the conversation so far is shortened, because it was too long".to_owned(),
        (count, _) => {
            format!("the {count} earliest exchanges of the conversation are left out, because it was too long")
        }
    };
    Some(warning(&StepName::Plan, WarningReason::Truncated, message))
}

fn mode_warning(workflow: &Workflow) -> Option<WarningView> {
    let is_other = workflow.spec.options.mode == Mode::Split && workflow.plan.as_ref()?.is_direct();
    is_other.then(|| {
        let message = "mode \"split\" was asked for, and the planner found nothing to split: one call answers";
        warning(&StepName::Plan, WarningReason::Mode, message.to_owned())
    })
}

/// No surprise on the bill: what is known of it is said before it is paid, and after.
fn budget_warning(workflow: &Workflow) -> Option<WarningView> {
    let budget = workflow.spec.options.token_budget?;
    let used = workflow.usage.total_tokens;
    let message = if used > budget {
        // Calls that were under way are paid for.
        format!("{used} tokens were used, more than token_budget ({budget}): what was under way was still paid for")
    } else {
        let has_begun = workflow
            .steps
            .iter()
            .any(|step| step.name != StepName::Plan && !step.attempts.is_empty());
        let expected = workflow.estimate?.tokens;
        let left = budget - used;
        if has_begun || workflow.status.is_terminal() || expected <= left {
            return None;
        }
        format!(
            "the plan is expected to take about {expected} tokens, and {left} of token_budget ({budget}) are left: the \
             run may end with a part of its answers"
        )
    };
    let has_no_plan = is_direct(workflow) && find_step(workflow, &StepName::Plan).is_none();
    let step = if has_no_plan {
        StepName::Synthesis
    } else {
        StepName::Plan
    };
    Some(warning(&step, WarningReason::Budget, message))
}

/// A tenth more than the request allows is no more than models can count.
fn length_warning(workflow: &Workflow) -> Option<WarningView> {
    let limit = workflow.spec.options.length.firm_words()?;
    let words = answer(workflow)?.words;
    if (words as u64).saturating_mul(10) <= u64::from(limit).saturating_mul(11) {
        return None;
    }
    let message = format!("the answer has about {words} words of prose, and the request allows {limit}");
    Some(warning(&StepName::Synthesis, WarningReason::Length, message))
}

/// The step whose failure left the answers one after the other. A limit of the run leaves none.
fn failed_synthesis(workflow: &Workflow) -> Option<&Step> {
    workflow.steps.iter().find(|step| {
        (matches!(step.name, StepName::Synthesis | StepName::Reduce(_)) || step.name == EDIT)
            && matches!(&step.state, StepState::Failed { error } if !error.is_of_a_limit())
    })
}

fn unsynthesised_warning(failed: &Step) -> WarningView {
    let message = format!(
        "{} failed for good: the result is the subtasks' answers one after the other. A restart from \"failed\" asks \
         for the whole answer again",
        failed.name
    );
    warning(&StepName::Synthesis, WarningReason::Failed, message)
}

fn merged_warning(twin: &MergedTask) -> WarningView {
    let message = format!(
        "the plan had the same instructions twice: subtask {} ({:?}) was left out, because {} does its work",
        twin.id, twin.title, twin.into
    );
    warning(&StepName::Plan, WarningReason::Merged, message)
}

fn cut_message(step: &Step) -> String {
    let context = step.attempts.last().map_or(0, |attempt| attempt.context.context_tokens);
    format!(
        "what the step was given was cut to fit the context of {} ({context} tokens): shorten the request, or use a \
         model with a larger context",
        model_of_last_attempt(step)
    )
}

fn model_of_last_attempt(step: &Step) -> &str {
    step.attempts.last().map_or("the model", |attempt| &attempt.model)
}

/// The variable that limits the reply of such a step.
fn limit_variable(name: &StepName) -> &'static str {
    match name {
        StepName::Plan => "PLAN_MAX_TOKENS",
        StepName::Subtask(_) | StepName::Reduce(_) => "SUBTASK_MAX_TOKENS",
        StepName::Edit(_) | StepName::Synthesis | StepName::Review(_) | StepName::Structure => "SYNTHESIS_MAX_TOKENS",
    }
}

fn step_warnings(workflow: &Workflow, step: &Step) -> Vec<WarningView> {
    let mut warnings = Vec::new();
    if step.input_cut {
        warnings.push(warning(&step.name, WarningReason::Truncated, cut_message(step)));
    }
    match &step.state {
        StepState::Failed { error } => warnings.push(warning(&step.name, WarningReason::Failed, error.message.clone())),
        StepState::Skipped { reason } => warnings.push(warning(&step.name, WarningReason::Skipped, reason.clone())),
        StepState::Complete { truncated: true, .. } => {
            let lacks = match step.name {
                StepName::Review(_) => "the review is incomplete",
                _ => "the answer is incomplete",
            };
            let message = format!(
                "{} stopped at its limit of tokens, so that {lacks}: raise {}, or the model's context",
                model_of_last_attempt(step),
                limit_variable(&step.name)
            );
            warnings.push(warning(&step.name, WarningReason::Truncated, message));
        }
        _ => {}
    }
    if let Some(word) = &step.unknown_finish {
        let message = format!("the server ended the text with {word:?}, which nobody knows; it may be incomplete");
        warnings.push(warning(&step.name, WarningReason::UnknownFinish, message));
    }
    // Parts are left over only where a continuation failed. Before the end it may still succeed.
    if step.name == StepName::Synthesis && !step.parts.is_empty() && workflow.status.is_terminal() {
        let message =
            "the answer could not be continued after the model's limit of tokens; it is incomplete".to_owned();
        warnings.push(warning(&step.name, WarningReason::Truncated, message));
    }
    warnings
}

pub fn warning(step: &StepName, reason: WarningReason, message: String) -> WarningView {
    WarningView {
        step: step.to_string(),
        reason,
        message,
    }
}
