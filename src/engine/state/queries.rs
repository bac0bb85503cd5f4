//! Questions to the state that several rooms ask: which step, which attempt, which models.
//!
//! Nothing here decides. `decide::wake` says when time alone changes something, because it mirrors the decisions.

use super::step::{Attempt, Step, StepState};
use super::workflow::{AttemptId, Workflow};
use crate::engine::words::outcome::Status;
use crate::engine::words::plan::TaskModel;
use crate::engine::words::spec::Approval;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::model::{ModelSpec, Provider};

/// The lists are never empty. This keeps an empty one from being a panic.
static NO_MODEL: ModelSpec = ModelSpec {
    provider: Provider::Demo,
    name: String::new(),
    context_tokens: 4096,
};

pub fn find_step<'a>(workflow: &'a Workflow, name: &StepName) -> Option<&'a Step> {
    workflow.steps.iter().find(|step| step.name == *name)
}

/// An attempt of the present run.
pub fn find_attempt<'a>(workflow: &'a Workflow, step: &StepName, number: u32) -> Option<&'a Attempt> {
    find_step(workflow, step)?
        .attempts
        .iter()
        .find(|attempt| attempt.number == number)
}

/// The calls that the journal says are running.
pub fn in_flight(workflow: &Workflow) -> Vec<AttemptId> {
    let id = |step: &Step| match step.state {
        StepState::InFlight { run, number } => Some(AttemptId {
            nonce: workflow.spec.nonce.clone(),
            run,
            step: step.name.clone(),
            number,
        }),
        _ => None,
    };
    workflow.steps.iter().filter_map(id).collect()
}

/// The step that has this attempt in flight. None if the attempt has ended (by terminate, restart, a time limit), so
/// that a late reply is ignored.
pub fn current_step<'a>(workflow: &'a Workflow, attempt: &AttemptId) -> Option<&'a Step> {
    let in_flight = StepState::InFlight {
        run: attempt.run,
        number: attempt.number,
    };
    let step = find_step(workflow, &attempt.step)?;
    // The nonce tells this life of the id from one before DELETE and re-creation.
    (attempt.nonce == workflow.spec.nonce && step.state == in_flight).then_some(step)
}

/// Whether a call or a timer may be under way, so that the heartbeat is needed.
pub fn is_active(workflow: &Workflow) -> bool {
    matches!(
        workflow.status,
        Status::Queued | Status::Running | Status::WaitingForPause
    )
}

/// When the data is purged: some time after the end.
pub fn purge_at(workflow: &Workflow) -> Option<Timestamp> {
    workflow
        .ended
        .map(|ended| ended.plus_ms(workflow.spec.policy.retention_ms))
}

/// The models that a step may use, in order of preference.
pub fn models_of<'a>(workflow: &'a Workflow, step: &StepName) -> &'a [ModelSpec] {
    match step {
        StepName::Subtask(id) if asks_for_the_big_model(workflow, id) => &workflow.spec.big_models,
        StepName::Subtask(_) => &workflow.spec.small_models,
        StepName::Plan | StepName::Reduce(_) | StepName::Edit(_) | StepName::Synthesis => &workflow.spec.big_models,
    }
}

fn asks_for_the_big_model(workflow: &Workflow, id: &str) -> bool {
    let task = workflow.plan.as_ref().and_then(|plan| plan.task(id));
    task.is_some_and(|task| task.model == TaskModel::Big)
}

/// The model that the step's next attempt calls.
pub fn model_of<'a>(workflow: &'a Workflow, step: &Step) -> &'a ModelSpec {
    let models = models_of(workflow, &step.name);
    models.get(step.model_index).or(models.last()).unwrap_or(&NO_MODEL)
}

pub fn needs_approval(workflow: &Workflow) -> bool {
    workflow.spec.options.approval == Approval::Plan && workflow.plan.is_some() && !workflow.approved
}

pub fn subtasks(workflow: &Workflow) -> impl Iterator<Item = &Step> {
    workflow.steps.iter().filter(|step| step.is_subtask())
}

pub fn subtasks_resolved(workflow: &Workflow) -> bool {
    subtasks(workflow).all(Step::is_resolved)
}

/// How many subtasks have an answer.
pub fn answer_count(workflow: &Workflow) -> usize {
    subtasks(workflow).filter(|step| step.answer().is_some()).count()
}
