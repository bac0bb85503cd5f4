//! How the answer comes about, and what it is put together of.
//!
//! A replay only joins the slices of `answer_assembled`. What reads the editor's script is [`first_assembly`], which
//! is called only where something is to be decided or asked.

use std::sync::Arc;

use super::queries::{find_step, subtasks};
use super::step::Step;
use super::workflow::Workflow;
use crate::engine::answer::{Assembly, ReviewTerms, Reviewed, Source, Unreadable, join, resolve, review};
use crate::engine::words::answer::{AssemblyProblem, EditResult, Segment};
use crate::engine::words::event::PlanSource;
use crate::engine::words::plan::{Form, Plan};
use crate::engine::words::step_name::StepName;

/// The editor's call.
pub const EDIT: StepName = StepName::Edit(1);
/// The one repair of edits that did not apply. Its step begins with its call.
pub const REPAIR: StepName = StepName::Edit(2);
/// The reviewer's call.
pub const REVIEW: StepName = StepName::Review(1);

/// How the answer of a plan comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Making {
    /// The big model answers the request by itself.
    Direct,
    /// A client's own single subtask: its text is the answer.
    Single,
    /// The big model writes one text from the answers.
    Merge,
    /// The editor's script is put together with the parts.
    Assemble,
}

/// None before there is a plan.
pub fn making(workflow: &Workflow) -> Option<Making> {
    workflow.plan.as_ref().map(|plan| making_of(plan, workflow.plan_source))
}

pub fn making_of(plan: &Plan, source: PlanSource) -> Making {
    match (plan.tasks(), plan.form()) {
        _ if plan.is_direct() => Making::Direct,
        // A planner's single subtask is of a journal of 0.1.0: this build answers such a plan directly.
        ([_], _) if source == PlanSource::Client => Making::Single,
        ([_], _) | (_, Form::Merge) => Making::Merge,
        (_, Form::Assemble) => Making::Assemble,
    }
}

/// What of the last assembly a reader should know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assembled {
    /// The edits that did not apply, in the order of the scripts.
    pub failed_edits: Vec<EditResult>,
    pub problems: Vec<AssemblyProblem>,
    /// The script had no mark.
    pub unmarked: bool,
}

/// What a review has made of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedAnswer {
    /// Shared with the synthesis where nothing has changed.
    pub text: Arc<str>,
    pub failed_edits: Vec<EditResult>,
    /// Why a text that the reviewer wrote anew was not taken.
    pub refused: Option<String>,
}

/// The parts in plan order, without those of failed subtasks. Their texts are shared.
pub fn parts(workflow: &Workflow) -> Vec<Source> {
    subtasks(workflow).filter_map(source).collect()
}

/// The script of `edit/1` or `edit/2`, once it is there.
pub fn script(workflow: &Workflow, edit: &StepName) -> Option<Source> {
    find_step(workflow, edit).and_then(source)
}

fn source(step: &Step) -> Option<Source> {
    let last = step.attempts.last()?;
    let id = match &step.name {
        StepName::Subtask(id) => id.clone(),
        other => other.to_string(),
    };
    Some(Source {
        step: step.name.clone(),
        run: last.run,
        number: last.number,
        id,
        text: step.shared_answer()?,
    })
}

/// What the editor's script gives by itself. It is worked out once, because it may be a large text. None before there
/// is a script.
pub fn first_assembly(workflow: &Workflow) -> Option<Arc<Assembly>> {
    let script = script(workflow, &EDIT)?;
    let resolved = workflow
        .first_assembly
        .get_or(|| Arc::new(resolve(&parts(workflow), &[script])));
    Some(Arc::clone(resolved))
}

/// The answer before its review, as a text that a reviewer's reply is about. An answer that was put together has no
/// attempt, so its number is 0.
pub fn unreviewed(workflow: &Workflow) -> Option<Source> {
    let step = find_step(workflow, &StepName::Synthesis)?;
    let (run, number) = step
        .attempts
        .last()
        .map_or((workflow.run, 0), |attempt| (attempt.run, attempt.number));
    Some(Source {
        step: StepName::Synthesis,
        run,
        number,
        id: String::new(),
        text: step.shared_answer()?,
    })
}

/// The answer as it stands: reviewed, or written, or as much as was written.
pub fn answer_in_hand(workflow: &Workflow) -> Option<&str> {
    let synthesis = || find_step(workflow, &StepName::Synthesis)?.answer();
    let reviewed = workflow.reviewed.as_ref();
    reviewed.map(|reviewed| &*reviewed.text).or_else(synthesis)
}

/// What a text is as a reviewer's reply. `is_whole`: it was not cut off.
pub fn review_by(workflow: &Workflow, reply: &Source, is_whole: bool) -> Option<Result<Reviewed, Unreadable>> {
    let terms = ReviewTerms {
        is_whole,
        limit: words_allowed(workflow),
    };
    Some(review(unreviewed(workflow)?, reply, terms))
}

/// The words that the client or the plan allows the whole answer.
pub fn words_allowed(workflow: &Workflow) -> Option<u32> {
    let planned = || workflow.plan.as_ref().and_then(Plan::length);
    workflow.spec.options.length.firm_words().or_else(planned)
}

/// The text that the segments are.
pub fn joined(workflow: &Workflow, segments: &[Segment]) -> Arc<str> {
    let text_of = |name: &StepName, run: u32, number: u32| {
        let step = find_step(workflow, name)?;
        let is_it = match step.attempts.last() {
            Some(last) => last.run == run && last.number == number,
            None => number == 0,
        };
        is_it.then(|| step.answer())?
    };
    join(segments, text_of).into()
}
