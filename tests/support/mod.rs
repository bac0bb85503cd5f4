//! What the native tests share: a specification to start from, replies, and the checks that hold after every turn.
#![allow(
    dead_code,
    reason = "scenarios and simulation are crates of their own, and each uses a part of it"
)]

use orchestrator_workers::engine::words::codec::{self, EVENT_BYTES_MAX};
use orchestrator_workers::engine::words::spec::{Approval, OnSubtaskFailure, Options, Policy, WorkflowSpec};
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{Recorded, Workflow};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::{ErrorClass, Finish, ModelError, ModelReply, ModelSpec, Provider, Usage};

/// 2026-01-01T00:00:00Z: when every test begins.
pub const T0: Timestamp = Timestamp(1_767_225_600_000);

/// Two big and two small models, the defaults of the design, and no limits.
pub fn spec() -> WorkflowSpec {
    WorkflowSpec {
        id: "w1".into(),
        tenant: "default".into(),
        nonce: "nonce-1".into(),
        prompt: "Compare three databases.".into(),
        tasks: None,
        metadata: Default::default(),
        parent: None,
        history: Vec::new(),
        left_out: 0,
        options: Options {
            length: Default::default(),
            review: Default::default(),
            output_schema: None,
            mode: Default::default(),
            max_subtasks: 8,
            max_concurrency: 50,
            approval: Approval::None,
            on_subtask_failure: OnSubtaskFailure::Continue,
            token_budget: None,
            deadline_seconds: None,
            instructions: None,
            on_disconnect: Default::default(),
        },
        policy: Policy::default(),
        provider: Provider::Openai,
        big_models: vec![model("big-a", 131_072), model("big-b", 131_072)],
        small_models: vec![model("small-a", 32_768), model("small-b", 32_768)],
        fingerprint: None,
        meaning: None,
    }
}

/// [`spec`] with a change.
pub fn spec_with(change: impl FnOnce(&mut WorkflowSpec)) -> WorkflowSpec {
    let mut spec = spec();
    change(&mut spec);
    spec
}

pub fn model(name: &str, context_tokens: u32) -> ModelSpec {
    ModelSpec {
        provider: Provider::Openai,
        name: name.into(),
        context_tokens,
    }
}

/// A planner's reply: ids and what they depend on.
pub fn plan_text(tasks: &[(&str, &[&str])]) -> String {
    let tasks: Vec<_> = tasks
        .iter()
        .map(|(id, depends_on)| {
            serde_json::json!({
                "id": id,
                "title": format!("Title {id}"),
                "instructions": format!("Do {id}."),
                "depends_on": depends_on,
            })
        })
        .collect();
    serde_json::json!({ "analysis": "In parts.", "tasks": tasks }).to_string()
}

pub fn reply(text: impl Into<String>) -> ModelReply {
    ModelReply {
        text: text.into(),
        finish: Finish::Stop,
        usage: Some(Usage {
            prompt_tokens: 10,
            completion_tokens: 5,
        }),
        model: None,
        adapted: Vec::new(),
    }
}

/// A reply that stopped at its limit of tokens.
pub fn truncated(text: impl Into<String>) -> ModelReply {
    ModelReply {
        finish: Finish::Length,
        ..reply(text)
    }
}

pub fn error(class: ErrorClass, name: ErrorName) -> ModelError {
    ModelError::new(class, name, format!("the test says {name}"))
}

pub fn transient() -> ModelError {
    error(ErrorClass::Transient, ErrorName::HttpError)
}

/// What holds after every turn: the invariants, a journal that gives the same state again, and events that fit a row.
pub fn check(workflow: &Workflow, log: &[Recorded]) -> Result<(), String> {
    workflow.validate()?;
    let replayed = Workflow::replay(log.iter().cloned()).map_err(|error| error.to_string())?;
    if replayed != *workflow {
        return Err(format!(
            "the journal gives another state:\n{replayed:#?}\nin memory:\n{workflow:#?}"
        ));
    }
    log.iter().try_for_each(check_stored_form)
}

/// An event survives its stored form, and that fits a row.
pub fn check_stored_form(recorded: &Recorded) -> Result<(), String> {
    let (type_name, data) = codec::encode(&recorded.event);
    if data.len() > EVENT_BYTES_MAX {
        return Err(format!("{type_name} takes {} bytes", data.len()));
    }
    match codec::decode(type_name, &data) {
        Ok(event) if event == recorded.event => Ok(()),
        other => Err(format!("{type_name} is stored as {data} and read as {other:?}")),
    }
}
