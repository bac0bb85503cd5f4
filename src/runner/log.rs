//! Structured logs: one JSON line per event. Never the prompt, an answer or a secret.

use serde_json::Value;

use crate::engine::words::step_name::StepName;
use crate::engine::{Event, Recorded, Workflow};
use crate::json;

/// The line of an event that was just committed.
pub fn line(workflow: &Workflow, recorded: &Recorded) -> Value {
    let mut line = vec![
        ("level", "info".into()),
        ("event", recorded.event.type_name().into()),
        ("workflow", workflow.id().into()),
        ("tenant", workflow.spec().tenant.as_str().into()),
        ("run", workflow.run().into()),
        ("seq", recorded.seq.into()),
        ("at", recorded.at.to_iso8601().into()),
    ];
    line.extend(details(workflow, &recorded.event));
    json::object(line)
}

/// The line of a failure.
pub fn failure(workflow: Option<&str>, message: &str) -> String {
    let mut line = vec![("level", "error".into()), ("message", message.into())];
    if let Some(workflow) = workflow {
        line.push(("workflow", workflow.into()));
    }
    json::text(&json::object(line))
}

fn details(workflow: &Workflow, event: &Event) -> Vec<(&'static str, Value)> {
    let warning = || ("level", Value::from("warn"));
    let of_step = |step: &StepName| ("step", Value::from(step.to_string()));
    match event {
        Event::WorkflowErrored { error } => vec![("level", "error".into()), ("error", error.name.as_str().into())],
        Event::WorkflowRestarted { run, .. } => vec![("run", (*run).into())],
        Event::PlanAccepted { plan, .. } => vec![("subtasks", plan.tasks().len().into())],
        Event::ReductionPlanned { reductions } => vec![("reductions", reductions.len().into())],
        Event::AttemptStarted {
            step, number, model, ..
        } => {
            vec![
                of_step(step),
                ("attempt", (*number).into()),
                ("model", model.as_str().into()),
            ]
        }
        Event::AttemptCompleted {
            step,
            number,
            truncated,
            usage,
            ..
        } => vec![
            of_step(step),
            ("attempt", (*number).into()),
            ("model", workflow.model_of_attempt(step, *number).into()),
            ("truncated", (*truncated).into()),
            ("duration_ms", workflow.duration_of_attempt(step, *number).into()),
            ("prompt_tokens", usage.prompt_tokens.into()),
            ("completion_tokens", usage.completion_tokens.into()),
            ("estimated", usage.estimated.into()),
        ],
        // The message of a model's error may quote what it was sent; its name does not.
        Event::AttemptErrored {
            step,
            number,
            error,
            class,
            ..
        } => vec![
            warning(),
            of_step(step),
            ("attempt", (*number).into()),
            ("model", workflow.model_of_attempt(step, *number).into()),
            ("duration_ms", workflow.duration_of_attempt(step, *number).into()),
            ("error", error.name.as_str().into()),
            ("class", json::value(class)),
        ],
        Event::AttemptLost { step, number, .. } => vec![warning(), of_step(step), ("attempt", (*number).into())],
        Event::StepErrored { step, error } => vec![warning(), of_step(step), ("error", error.name.as_str().into())],
        Event::StepSkipped { step, reason } => vec![warning(), of_step(step), ("reason", reason.as_str().into())],
        _ => Vec::new(),
    }
}
