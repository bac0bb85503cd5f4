//! How a plan comes into force: a client's own, one that the request decides, or a planner's.

use crate::engine::ask::estimate::estimate;
use crate::engine::state::assembly::EDIT;
use crate::engine::state::queries::{asks_planner, find_step, is_plain};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Event, MergedTask, PlanSource};
use crate::engine::words::plan::Plan;
use crate::engine::words::spec::Mode;
use crate::engine::words::step_name::StepName;
use crate::errors::ErrorName;

/// The plan that needs no planner's call. None where a planner decides, or has begun to in a journal of 0.1.0.
pub fn plan_of_request(workflow: &Workflow) -> Option<Event> {
    let spec = &workflow.spec;
    if is_answered_without_a_plan(workflow) {
        let plan = Plan::direct("The planner gave no valid plan, so that one call answers.");
        return Some(accepted(workflow, plan, PlanSource::Planner, Vec::new()));
    }
    if workflow.plan.is_some() || asks_planner(spec) || find_step(workflow, &StepName::Plan).is_some() {
        return None;
    }
    let plan = match &spec.tasks {
        Some(plan) => as_it_will_run(workflow, plan.clone()),
        None if spec.options.mode == Mode::Direct => Plan::direct("The request asked for it."),
        None => Plan::direct("The request allows no more than one subtask."),
    };
    Some(accepted(workflow, plan, PlanSource::Client, Vec::new()))
}

/// Whoever left the mode to the planner gets an answer where the planner can't plan: one call, as it would be without
/// us. The failed step is in the warnings.
pub fn is_answered_without_a_plan(workflow: &Workflow) -> bool {
    let is_invalid =
        |step: &Step| matches!(&step.state, StepState::Failed { error } if error.is(ErrorName::InvalidPlan));
    workflow.plan.is_none()
        && workflow.spec.options.mode == Mode::Auto
        && find_step(workflow, &StepName::Plan).is_some_and(is_invalid)
}

/// A planner's plan as it will run. One of a single subtask would be one call of a smaller model, so the big model
/// answers directly.
pub fn plan_of_planner(workflow: &Workflow, plan: Plan, merged: Vec<MergedTask>) -> Event {
    let (plan, merged) = match plan.tasks() {
        [_] => (Plan::direct("The plan has only one subtask."), Vec::new()),
        _ => (as_it_will_run(workflow, plan), merged),
    };
    accepted(workflow, plan, PlanSource::Planner, merged)
}

/// A model that gets plain prompts does not edit, and no plan is longer than the client allows.
pub fn as_it_will_run(workflow: &Workflow, plan: Plan) -> Plan {
    let plan = match workflow.spec.options.length.firm_words() {
        Some(words) => plan.within(words),
        None => plan,
    };
    if is_plain(workflow, &EDIT) { plan.merged() } else { plan }
}

fn accepted(workflow: &Workflow, plan: Plan, source: PlanSource, merged: Vec<MergedTask>) -> Event {
    Event::PlanAccepted {
        estimate: Some(estimate(workflow, &plan)),
        plan,
        source,
        merged,
    }
}
