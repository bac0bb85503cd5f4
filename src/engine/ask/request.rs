//! The call of an attempt. It carries the brief of its step twice, as data and as `prompts` renders it.

use super::answers::{input_answer, reduction_answers, synthesis_answers};
use super::fit::{fit_repair, fit_subtask};
use super::prompts;
use super::report::report;
use super::room::max_tokens;
use crate::engine::state::queries::{current_step, model_of};
use crate::engine::state::step::Step;
use crate::engine::state::workflow::{AttemptId, Workflow};
use crate::engine::words::plan::plan_schema;
use crate::engine::words::step_name::StepName;
use crate::model::{Brief, ModelRequest, OutlineItem};

/// The call of an attempt. None where the attempt is no longer in flight.
pub fn model_request(workflow: &Workflow, attempt: &AttemptId) -> Option<ModelRequest> {
    let step = current_step(workflow, attempt)?;
    let brief = brief(workflow, step)?;
    Some(ModelRequest {
        model: model_of(workflow, step).clone(),
        messages: prompts::render(&brief),
        max_tokens: max_tokens(workflow, step),
        json_schema: (step.name == StepName::Plan).then(|| plan_schema(workflow.spec.options.max_subtasks)),
        attempt: attempt.number,
        brief,
    })
}

fn brief(workflow: &Workflow, step: &Step) -> Option<Brief> {
    let prompt = workflow.spec.prompt.clone();
    let instructions = workflow.spec.options.instructions.clone();
    Some(match &step.name {
        StepName::Plan => Brief::Plan {
            prompt,
            instructions,
            max_subtasks: workflow.spec.options.max_subtasks,
            repair: fit_repair(workflow, step),
        },
        StepName::Subtask(id) => {
            let plan = workflow.plan.as_ref()?;
            let task = plan.tasks().iter().find(|task| task.id == *id)?;
            // `attempt_started` was decided with the same cut, because the same state gives the same texts.
            let fitted = fit_subtask(workflow, step, id);
            let inputs = step
                .depends_on
                .iter()
                .zip(fitted.inputs)
                .filter_map(|(name, text)| input_answer(workflow, name, text))
                .collect();
            Brief::Subtask {
                prompt: fitted.prompt,
                instructions,
                outline: plan
                    .tasks()
                    .iter()
                    .map(|task| OutlineItem {
                        id: task.id.clone(),
                        title: task.title.clone(),
                    })
                    .collect(),
                id: id.clone(),
                title: task.title.clone(),
                task: task.instructions.clone(),
                inputs,
            }
        }
        StepName::Reduce(number) => Brief::Reduce {
            prompt,
            instructions,
            number: *number,
            answers: reduction_answers(workflow, step),
        },
        StepName::Synthesis => Brief::Synthesis {
            prompt,
            instructions,
            answers: synthesis_answers(workflow),
            // The continuation of a truncated synthesis goes on where its parts stop.
            continue_from: (!step.parts.is_empty()).then(|| step.parts.concat()),
            report: report(workflow),
        },
    })
}
