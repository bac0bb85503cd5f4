//! What can be known before anything is paid for: whether the models of a workflow can ever answer it.
//!
//! These are the requests of [`super::request`] with the least that there can be of every text that is not there yet.

use super::request::fits_at_least;
use crate::engine::state::apply::{apply, queued};
use crate::engine::state::queries::{find_step, models_of, subtasks};
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Event, PlanSource};
use crate::engine::words::outcome::AttemptUsage;
use crate::engine::words::plan::{Plan, TaskDraft};
use crate::engine::words::spec::WorkflowSpec;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::engine::words::too_long::TooLong;
use crate::model::tokens::prefix_within_tokens;

/// A synthesis that has less room for answers than this is not worth what it costs.
const ANSWER_TOKENS_MIN: u64 = 256;

/// Whether a workflow can be planned, worked on and put together on the models of its lists.
pub fn can_ever_answer(spec: &WorkflowSpec) -> Result<(), TooLong> {
    let workflow = queued(spec.clone(), Timestamp(0));
    if let Some(plan) = find_step(&workflow, &StepName::Plan) {
        some_model_takes(&workflow, plan)?;
    }
    if let Some(plan) = &spec.tasks {
        can_ever_run(&workflow, plan)?;
    } else if let Ok(least) = Plan::from_client("", vec![TaskDraft::new("Go.")], 1) {
        // Nobody knows a planner's subtasks yet. One with a short instruction stands for them, and has no id.
        can_ever_run(&workflow, &least).map_err(|error| TooLong {
            step: StepName::Subtask(String::new()),
            ..error
        })?;
    }
    can_ever_be_put_together(&workflow)
}

/// Whether each subtask of a plan fits a model, with everything that may be cut at its shortest.
pub fn can_ever_run(workflow: &Workflow, plan: &Plan) -> Result<(), TooLong> {
    let planned = with_plan(workflow, plan);
    subtasks(&planned).try_for_each(|step| some_model_takes(&planned, step))
}

/// Whether the synthesis has room for answers, however far they are condensed.
fn can_ever_be_put_together(workflow: &Workflow) -> Result<(), TooLong> {
    let Ok(plan) = Plan::from_client("", vec![TaskDraft::new("Go.")], 1) else {
        return Ok(());
    };
    let mut answered = queued(workflow.spec.clone(), Timestamp(0));
    answered.lessons.clone_from(&workflow.lessons);
    let name = StepName::Subtask(plan.tasks().first().map(|task| task.id.clone()).unwrap_or_default());
    // Digits weigh a token each at most, and about as much in every tokenizer.
    let digits = "7 ".repeat(ANSWER_TOKENS_MIN as usize * 4);
    let answer = Event::AttemptCompleted {
        step: name,
        run: 1,
        number: 1,
        text: prefix_within_tokens(&digits, ANSWER_TOKENS_MIN).to_owned(),
        truncated: false,
        unknown_finish: None,
        usage: AttemptUsage {
            prompt_tokens: 0,
            completion_tokens: 0,
            estimated: true,
        },
        model: None,
        adapted: Vec::new(),
    };
    for event in [accepted(&plan), answer] {
        apply(&mut answered, &event, Timestamp(0));
    }
    find_step(&answered, &StepName::Synthesis).map_or(Ok(()), |step| some_model_takes(&answered, step))
}

/// The error is that of the model that comes nearest.
fn some_model_takes(workflow: &Workflow, step: &Step) -> Result<(), TooLong> {
    let mut nearest: Option<TooLong> = None;
    for index in 0..models_of(workflow, &step.name).len() {
        let Err(error) = fits_at_least(workflow, step, index) else {
            return Ok(());
        };
        if nearest
            .as_ref()
            .is_none_or(|known| error.context_tokens > known.context_tokens)
        {
            nearest = Some(error);
        }
    }
    nearest.map_or(Ok(()), Err)
}

/// The workflow as it would begin to work on this plan.
fn with_plan(workflow: &Workflow, plan: &Plan) -> Workflow {
    let mut planned = queued(workflow.spec.clone(), Timestamp(0));
    planned.lessons.clone_from(&workflow.lessons);
    apply(&mut planned, &accepted(plan), Timestamp(0));
    planned
}

fn accepted(plan: &Plan) -> Event {
    Event::PlanAccepted {
        plan: plan.clone(),
        source: PlanSource::Client,
        merged: Vec::new(),
        estimate: None,
    }
}
