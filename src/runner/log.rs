//! Structured logs: one JSON line per event. Never the prompt, an answer or a secret.

use serde_json::{Value, json};

use crate::engine::words::step_name::StepName;
use crate::engine::{Event, Recorded, Workflow};
use crate::json;

/// The line of an event that was just committed.
pub fn line(workflow: &Workflow, recorded: &Recorded) -> Value {
    let mut line = json!({
        "level": "info",
        "event": recorded.event.type_name(),
        "workflow": workflow.id(),
        "tenant": workflow.spec().tenant,
        "run": workflow.run(),
        "seq": recorded.seq,
        "at": recorded.at.to_iso8601(),
    });
    if let (Value::Object(line), Value::Object(details)) = (&mut line, details(workflow, &recorded.event)) {
        line.extend(details);
    }
    line
}

/// The line of a failure.
pub fn failure(workflow: Option<&str>, message: &str) -> String {
    let mut line = json!({"level": "error", "message": message});
    if let (Value::Object(line), Some(workflow)) = (&mut line, workflow) {
        line.insert("workflow".to_owned(), workflow.into());
    }
    json::text(&line)
}

/// What the line says of this event in particular. Its fields replace the common ones.
fn details(workflow: &Workflow, event: &Event) -> Value {
    let model = |step: &StepName, number: u32| workflow.model_of_attempt(step, number);
    let duration = |step: &StepName, number: u32| workflow.duration_of_attempt(step, number);
    match event {
        Event::WorkflowWaitingForPause { reason: Some(reason) }
        | Event::WorkflowPaused { reason: Some(reason) }
        | Event::WorkflowTerminated { reason: Some(reason) } => json!({"reason": reason}),
        Event::WorkflowErrored { error } => json!({"level": "error", "error": error.name}),
        Event::WorkflowRestarted { run, .. } => json!({"run": run}),
        Event::PlanAccepted { plan, .. } => json!({"subtasks": plan.tasks().len()}),
        Event::ReductionPlanned { reductions } => json!({"reductions": reductions.len()}),
        Event::AttemptStarted {
            step, number, model, ..
        } => json!({"step": step, "attempt": number, "model": model}),
        Event::AttemptCompleted {
            step,
            number,
            truncated,
            usage,
            ..
        } => json!({
            "step": step,
            "attempt": number,
            "model": model(step, *number),
            "truncated": truncated,
            "duration_ms": duration(step, *number),
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "estimated": usage.estimated,
        }),
        // The message of a model's error may quote what it was sent; its name does not.
        Event::AttemptErrored {
            step,
            number,
            error,
            class,
            ..
        } => json!({
            "level": "warn",
            "step": step,
            "attempt": number,
            "model": model(step, *number),
            "duration_ms": duration(step, *number),
            "error": error.name,
            "class": class,
        }),
        Event::AttemptLost { step, number, .. } => json!({"level": "warn", "step": step, "attempt": number}),
        Event::StepErrored { step, error } => json!({"level": "warn", "step": step, "error": error.name}),
        Event::StepSkipped { step, reason } => json!({"level": "warn", "step": step, "reason": reason}),
        _ => Value::Null,
    }
}
