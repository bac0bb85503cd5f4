//! The text of the final answer, put together when the workflow completes.

use super::queries::{find_step, subtasks};
use super::step::Step;
use super::workflow::Workflow;
use crate::engine::words::event::ResultSource;
use crate::engine::words::step_name::StepName;

pub fn final_result(workflow: &Workflow, source: ResultSource) -> String {
    let synthesis = find_step(workflow, &StepName::Synthesis);
    let parts = || {
        synthesis
            .map(|step| step.parts.concat())
            .filter(|parts| !parts.is_empty())
    };
    match source {
        ResultSource::Synthesis => synthesis
            .and_then(Step::answer)
            .map(str::to_owned)
            .or_else(parts)
            .unwrap_or_default(),
        ResultSource::Answers => parts().unwrap_or_else(|| answers_in_order(workflow)),
    }
}

/// The subtasks' answers one after the other, in plan order.
fn answers_in_order(workflow: &Workflow) -> String {
    let sections: Vec<String> = subtasks(workflow)
        .filter_map(|step| Some(format!("## {}\n\n{}", step.title, step.answer()?)))
        .collect();
    sections.join("\n\n")
}
