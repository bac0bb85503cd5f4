//! Questions to the state that several rooms ask: which step, which attempt, which models.
//!
//! Nothing here decides. `decide::wake` says when time alone changes something, because it mirrors the decisions.

use super::context::context_of_model;
use super::step::{Attempt, Step, StepState};
use super::workflow::{AttemptId, Workflow};
use crate::engine::words::event::StopReason;
use crate::engine::words::history::Conversation;
use crate::engine::words::outcome::Status;
use crate::engine::words::plan::{Plan, TaskModel};
use crate::engine::words::spec::{Approval, Exchange, Mode, WorkflowSpec};
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

/// Why it is pausing, paused or terminated, where no control asked for it.
pub fn stop_reason(workflow: &Workflow) -> Option<StopReason> {
    workflow.deserted.map(|_| StopReason::NoListener)
}

/// When the data is purged: some time after the end.
pub fn purge_at(workflow: &Workflow) -> Option<Timestamp> {
    workflow
        .ended
        .map(|ended| ended.plus_ms(workflow.spec.policy.retention_ms))
}

/// What a workflow that follows this one up is given: its own history, its request and its final answer.
pub fn conversation(workflow: &Workflow) -> Option<Conversation> {
    // A run whose JSON never fits its schema is errored, and its text stands.
    if !matches!(workflow.status, Status::Complete | Status::Errored) {
        return None;
    }
    let spec = &workflow.spec;
    let own = Exchange {
        request: spec.prompt.clone(),
        answer: workflow.result.as_deref()?.to_owned(),
        cut: false,
    };
    let history = spec.history.iter().cloned().chain([own]).collect();
    let (id, nonce) = (spec.id.clone(), spec.nonce.clone());
    Some(Conversation::new(
        id,
        nonce,
        workflow.run,
        spec.exchanges_left_out(),
        history,
    ))
}

/// The models that a step may use, in order of preference.
pub fn models_of<'a>(workflow: &'a Workflow, step: &StepName) -> &'a [ModelSpec] {
    match step {
        StepName::Subtask(id) if asks_for_the_big_model(workflow, id) => &workflow.spec.big_models,
        StepName::Subtask(_) => &workflow.spec.small_models,
        StepName::Plan
        | StepName::Reduce(_)
        | StepName::Edit(_)
        | StepName::Synthesis
        | StepName::Review(_)
        | StepName::Structure => &workflow.spec.big_models,
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

/// Whether the first model of the step's list gets plain prompts as of now. A call that has begun keeps to
/// `Attempt.context`.
pub fn is_plain(workflow: &Workflow, step: &StepName) -> bool {
    let first = models_of(workflow, step).first();
    first.is_some_and(|model| context_of_model(workflow, model).is_plain())
}

/// Whether a planner decides how the request is answered. An explicit `max_subtasks` of 1 decides it, as a mode does.
pub fn asks_planner(spec: &WorkflowSpec) -> bool {
    spec.tasks.is_none() && spec.options.mode != Mode::Direct && spec.options.max_subtasks > 1
}

/// A plan without subtasks needs nobody's approval.
pub fn needs_approval(workflow: &Workflow) -> bool {
    let plan = workflow.plan.as_ref().filter(|plan| !plan.is_direct());
    workflow.spec.options.approval == Approval::Plan && plan.is_some() && !workflow.approved
}

pub fn is_direct(workflow: &Workflow) -> bool {
    workflow.plan.as_ref().is_some_and(Plan::is_direct)
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
