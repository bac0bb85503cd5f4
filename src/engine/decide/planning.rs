//! How a plan comes into force: a client's own, one that the request decides, or a planner's.

use crate::engine::ask::estimate::estimate;
use crate::engine::state::assembly::EDIT;
use crate::engine::state::queries::{asks_planner, find_step, is_plain};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Event, MergedTask, PlanSource};
use crate::engine::words::plan::Plan;
use crate::engine::words::spec::Mode;
use crate::engine::words::step_name::StepName;

/// The plan that needs no planner's call. None where a planner decides, or has begun to in a journal of 0.1.0.
pub fn plan_of_request(workflow: &Workflow) -> Option<Event> {
    let spec = &workflow.spec;
    if workflow.plan.is_some() || asks_planner(spec) || find_step(workflow, &StepName::Plan).is_some() {
        return None;
    }
    let plan = match &spec.tasks {
        Some(plan) => plan.clone(),
        None if spec.options.mode == Mode::Direct => Plan::direct("The request asked for it."),
        None => Plan::direct("The request allows no more than one subtask."),
    };
    Some(accepted(workflow, plan, PlanSource::Client, Vec::new()))
}

/// A planner's plan as it will run. One of a single subtask would be one call of a smaller model, so the big model
/// answers directly. A model that gets plain prompts does not edit.
pub fn plan_of_planner(workflow: &Workflow, plan: Plan, merged: Vec<MergedTask>) -> Event {
    let (plan, merged) = match plan.tasks() {
        [_] => (Plan::direct("The plan has only one subtask."), Vec::new()),
        _ if is_plain(workflow, &EDIT) => (plan.merged(), merged),
        _ => (plan, merged),
    };
    accepted(workflow, plan, PlanSource::Planner, merged)
}

fn accepted(workflow: &Workflow, plan: Plan, source: PlanSource, merged: Vec<MergedTask>) -> Event {
    Event::PlanAccepted {
        estimate: Some(estimate(workflow, &plan)),
        plan,
        source,
        merged,
    }
}
