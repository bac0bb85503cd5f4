//! What a list shows of a workflow: enough to find it again, and none of its answers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::warnings::warnings;
use crate::engine::state::queries::{answer_count, subtasks};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::outcome::{Status, WorkflowUsage};
use crate::engine::words::plan::{Plan, PlanMode};
use crate::engine::words::spec::Mode;
#[cfg(not(target_arch = "wasm32"))]
use crate::engine::words::time::Iso8601;
use crate::engine::words::time::{Timestamp, iso8601, iso8601_option};

/// What of a prompt is kept for lists, in characters.
pub const EXCERPT_CHARS: usize = 200;

#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Summary<'a> {
    pub id: &'a str,
    pub status: Status,
    /// The name of the error that it ended with.
    pub error: Option<&'a str>,
    pub run: u32,
    /// The first 200 characters of the prompt.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(extend("maxLength" = EXCERPT_CHARS)))]
    pub prompt: &'a str,
    pub metadata: &'a BTreeMap<String, String>,
    /// The id of the workflow that this one follows up.
    pub parent: Option<&'a str>,
    pub mode: SummaryMode,
    pub subtasks: SubtaskCounts,
    /// How many there are.
    pub warnings: usize,
    #[serde(serialize_with = "iso8601")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Iso8601"))]
    pub queued: Timestamp,
    #[serde(serialize_with = "iso8601_option")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<Iso8601>"))]
    pub start: Option<Timestamp>,
    #[serde(serialize_with = "iso8601_option")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Option<Iso8601>"))]
    pub end: Option<Timestamp>,
    /// When all this was so.
    #[serde(serialize_with = "iso8601")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Iso8601"))]
    pub updated: Timestamp,
    pub usage: WorkflowUsage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SummaryMode {
    pub asked: Mode,
    /// Null until there is a plan.
    pub chosen: Option<PlanMode>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SubtaskCounts {
    pub done: usize,
    /// None are planned before there is a plan, and where the request is answered directly.
    pub planned: usize,
}

pub fn summary(workflow: &Workflow) -> Summary<'_> {
    let spec = &workflow.spec;
    Summary {
        id: &spec.id,
        status: workflow.status,
        error: workflow.error.as_ref().map(|error| error.name.as_str()),
        run: workflow.run,
        prompt: excerpt(&spec.prompt),
        metadata: &spec.metadata,
        parent: spec.parent.as_ref().map(|parent| parent.id.as_str()),
        mode: SummaryMode {
            asked: spec.options.mode,
            chosen: workflow.plan.as_ref().map(Plan::mode),
        },
        subtasks: SubtaskCounts {
            done: answer_count(workflow),
            planned: subtasks(workflow).count(),
        },
        warnings: warnings(workflow).len(),
        queued: workflow.queued,
        start: workflow.started,
        end: workflow.ended,
        updated: workflow.last_at,
        usage: workflow.usage,
    }
}

fn excerpt(prompt: &str) -> &str {
    let end = prompt.char_indices().nth(EXCERPT_CHARS).map(|(end, _)| end);
    end.and_then(|end| prompt.get(..end)).unwrap_or(prompt)
}
