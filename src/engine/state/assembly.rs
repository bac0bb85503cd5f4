//! How the answer comes about, and what it is put together of.
//!
//! A replay only joins the slices of `answer_assembled`. What reads the editor's script is [`first_assembly`], which
//! is called only where something is to be decided or asked.

use std::sync::Arc;

use super::queries::{find_step, subtasks};
use super::step::Step;
use super::workflow::Workflow;
use crate::engine::answer::{Assembly, Source, join, resolve};
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

/// The text that the segments are.
pub fn joined(workflow: &Workflow, segments: &[Segment]) -> Arc<str> {
    let text_of = |name: &StepName, run: u32, number: u32| {
        let step = find_step(workflow, name)?;
        let last = step.attempts.last()?;
        (last.run == run && last.number == number).then(|| step.answer())?
    };
    join(segments, text_of).into()
}
