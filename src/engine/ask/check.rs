//! What can be known before anything is paid for: whether the models of a workflow can ever answer it.
//!
//! These are the requests of [`super::request`] with the least that there can be of every text that is not there yet.

use super::brief::CUT_TOKENS_MIN;
use super::measure::first_context;
use super::request::fits_at_least;
use crate::engine::state::apply::{apply, queued};
use crate::engine::state::queries::{find_step, models_of, subtasks};
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Event, PlanSource};
use crate::engine::words::outcome::AttemptUsage;
use crate::engine::words::plan::{Border, Plan, PlanDraft, TaskDraft};
use crate::engine::words::spec::{Mode, WorkflowSpec};
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::engine::words::too_long::TooLong;
use crate::model::tokens::prefix_within_tokens;

/// A synthesis that has less room for answers than this is not worth what it costs.
const ANSWER_TOKENS_MIN: u64 = 256;
/// A line of a list that is as long as a list can be that was cut.
const LINE_TOKENS: u64 = CUT_TOKENS_MIN - 6;

/// Whether a workflow can be planned, worked on and put together on the models of its lists.
pub fn can_ever_answer(spec: &WorkflowSpec) -> Result<(), TooLong> {
    let workflow = begun(spec);
    // The JSON is made of the answer, however it comes about.
    let answered = with_plan(&workflow, &Plan::direct(""));
    if let Some(structure) = find_step(&answered, &StepName::Structure) {
        some_model_takes(&answered, structure)?;
    }
    if is_direct_from_the_start(spec) {
        return can_ever_run(&workflow, &Plan::direct(""));
    }
    if let Some(plan) = find_step(&workflow, &StepName::Plan) {
        some_model_takes(&workflow, plan)?;
    }
    if let Some(plan) = &spec.tasks {
        can_ever_run(&workflow, plan)?;
        // The answer of a single subtask is the whole answer.
        if plan.tasks().len() > 1 {
            can_ever_be_put_together(&workflow, &with_one_task(plan))?;
        }
        return Ok(());
    }
    if spec.options.mode == Mode::Auto {
        can_ever_run(&workflow, &Plan::direct(""))?;
    }
    // Nobody knows a planner's subtasks yet. One with a short instruction stands for them, and has no id.
    let least = planned(&workflow);
    if let Ok(plan) = Plan::from_draft(least.clone(), 1) {
        can_ever_run(&workflow, &plan).map_err(|error| TooLong {
            step: StepName::Subtask(String::new()),
            ..error
        })?;
    }
    can_ever_be_put_together(&workflow, &least)
}

/// No planner is asked.
fn is_direct_from_the_start(spec: &WorkflowSpec) -> bool {
    spec.tasks.is_none() && (spec.options.mode == Mode::Direct || spec.options.max_subtasks == 1)
}

/// Whether each call that a plan asks for at once fits a model, with everything that may be cut at its shortest.
pub fn can_ever_run(workflow: &Workflow, plan: &Plan) -> Result<(), TooLong> {
    let planned = with_plan(workflow, plan);
    if plan.is_direct() {
        return find_step(&planned, &StepName::Synthesis).map_or(Ok(()), |step| some_model_takes(&planned, step));
    }
    subtasks(&planned).try_for_each(|step| some_model_takes(&planned, step))
}

/// Whether the synthesis has room for answers, however far they are condensed. The editor needs no such room, because
/// an answer that it can't be asked for is put together without it.
fn can_ever_be_put_together(workflow: &Workflow, least: &PlanDraft) -> Result<(), TooLong> {
    let Ok(plan) = Plan::from_draft(least.clone(), 1).map(Plan::merged) else {
        return Ok(());
    };
    let mut answered = with_plan(workflow, &plan);
    let name = StepName::Subtask(plan.tasks().first().map(|task| task.id.clone()).unwrap_or_default());
    let answer = Event::AttemptCompleted {
        step: name,
        run: 1,
        number: 1,
        text: digits(ANSWER_TOKENS_MIN),
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
    apply(&mut answered, &answer, Timestamp(0));
    find_step(&answered, &StepName::Synthesis).map_or(Ok(()), |step| some_model_takes(&answered, step))
}

/// The shortest plan that a planner may come with. Plain planners are not asked for what is shared.
fn planned(workflow: &Workflow) -> PlanDraft {
    let mut task = TaskDraft::new("Go.");
    if first_context(workflow, &StepName::Plan).is_plain() {
        return PlanDraft {
            tasks: vec![task],
            ..PlanDraft::default()
        };
    }
    task.criteria = vec![1];
    task.words = Some(1_000);
    PlanDraft {
        shared: digits(CUT_TOKENS_MIN),
        borders: vec![Border {
            what: digits(LINE_TOKENS),
            owner: None,
        }],
        criteria: vec![digits(LINE_TOKENS)],
        tasks: vec![task],
        ..PlanDraft::default()
    }
}

/// A client's contract with the shortest of tasks.
fn with_one_task(plan: &Plan) -> PlanDraft {
    PlanDraft {
        length: plan.length(),
        shared: plan.shared().to_owned(),
        borders: plan.borders().to_vec(),
        criteria: plan.criteria().to_vec(),
        tasks: vec![TaskDraft {
            criteria: (1..).take(plan.criteria().len()).collect(),
            ..TaskDraft::new("Go.")
        }],
        ..PlanDraft::default()
    }
}

/// Digits weigh a token each at most, and about as much in every tokenizer.
fn digits(tokens: u64) -> String {
    let digits = "7 ".repeat(tokens as usize * 4);
    prefix_within_tokens(&digits, tokens).trim_end().to_owned()
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
pub fn with_plan(workflow: &Workflow, plan: &Plan) -> Workflow {
    let mut planned = begun(&workflow.spec);
    planned.lessons.clone_from(&workflow.lessons);
    let accepted = Event::PlanAccepted {
        plan: plan.clone(),
        source: PlanSource::Client,
        merged: Vec::new(),
        estimate: None,
    };
    apply(&mut planned, &accepted, Timestamp(0));
    planned
}

/// A workflow that has begun, because prompts hold the day of that. Every day takes as many tokens.
fn begun(spec: &WorkflowSpec) -> Workflow {
    let mut workflow = queued(spec.clone(), Timestamp(0));
    apply(&mut workflow, &Event::WorkflowStarted {}, Timestamp(0));
    workflow
}
