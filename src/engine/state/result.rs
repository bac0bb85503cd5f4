//! The text of the final answer, put together when the workflow completes.

use std::sync::Arc;

use super::assembly::{Making, making};
use super::queries::{find_step, subtasks};
use super::step::Step;
use super::workflow::Workflow;
use crate::engine::words::event::ResultSource;
use crate::engine::words::step_name::StepName;

/// The text of the review or of the synthesis is shared, not copied.
pub fn final_result(workflow: &Workflow, source: ResultSource) -> Arc<str> {
    let synthesis = find_step(workflow, &StepName::Synthesis);
    let parts = || {
        synthesis
            .map(|step| step.parts.concat())
            .filter(|parts| !parts.is_empty())
    };
    let reviewed = || workflow.reviewed.as_ref().map(|reviewed| Arc::clone(&reviewed.text));
    match source {
        ResultSource::Synthesis => reviewed()
            .or_else(|| synthesis.and_then(Step::shared_answer))
            .unwrap_or_else(|| parts().unwrap_or_default().into()),
        ResultSource::Answers => parts().unwrap_or_else(|| answers_in_order(workflow)).into(),
    }
}

/// The subtasks' answers one after the other, in plan order. Parts that were written to stand in one answer may bring
/// their own heading.
fn answers_in_order(workflow: &Workflow) -> String {
    let are_parts = making(workflow) == Some(Making::Assemble);
    let mut text = String::new();
    for step in subtasks(workflow) {
        let Some(answer) = step.answer_for_readers() else {
            continue;
        };
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        if !are_parts || !begins_with_heading(answer) {
            text.push_str(&format!("## {}\n\n", step.title));
        }
        text.push_str(answer);
    }
    text
}

/// `# Title`, or a line above dashes is none.
fn begins_with_heading(text: &str) -> bool {
    let marks = text.trim_start();
    let title = marks.trim_start_matches('#');
    let level = marks.len() - title.len();
    (1..=6).contains(&level) && title.starts_with([' ', '\t'])
}
