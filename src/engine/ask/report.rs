//! How the run went so far, for the demo's table. A language model is not told.

use super::answers::missing_reason;
use crate::engine::state::step::{Outcome, Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::step_name::StepName;
use crate::model::ReportLine;

/// One line for each step but the synthesis.
pub fn report(workflow: &Workflow) -> Vec<ReportLine> {
    workflow
        .steps
        .iter()
        .filter(|step| step.name != StepName::Synthesis)
        .map(report_line)
        .collect()
}

fn report_line(step: &Step) -> ReportLine {
    let first = step.attempts.first().map(|attempt| attempt.start);
    let last = step.attempts.last();
    ReportLine {
        step: step.name.to_string(),
        title: step.title.clone(),
        model: last.map(|attempt| attempt.model.clone()).unwrap_or_default(),
        attempts: step.attempts.len() as u32,
        duration_ms: first
            .zip(last.and_then(|attempt| attempt.end))
            .map_or(0, |(start, end)| end.ms_since(start)),
        outcome: match &step.state {
            StepState::Complete { truncated: true, .. } => "truncated".to_owned(),
            StepState::Complete { .. }
                if step
                    .attempts
                    .iter()
                    .any(|attempt| matches!(attempt.outcome, Outcome::Errored(_))) =>
            {
                "complete after a retry".to_owned()
            }
            StepState::Complete { .. } => "complete".to_owned(),
            _ => missing_reason(step),
        },
    }
}
