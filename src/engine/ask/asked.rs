//! The model that is asked: what it can hold, and how it has to be told.

use crate::engine::state::context::{ModelContext, context_of};
use crate::engine::state::queries::{model_of, models_of};
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::step_name::StepName;
use crate::model::ModelSpec;

/// A model whose context is smaller gets the plain prompts: the others and a plan's contract would take too much of it,
/// and models of that size seldom keep to marks.
const FULL_CONTEXT_TOKENS_MIN: u64 = 16_384;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub context: ModelContext,
    /// It gets the short prompts, and is asked for one text rather than for edits.
    pub plain: bool,
}

/// The model at this place of the step's list, with this opinion of its context.
pub fn asked(workflow: &Workflow, step: &Step, model_index: usize, context: ModelContext) -> Asked {
    let model = models_of(workflow, &step.name)
        .get(model_index)
        .unwrap_or(model_of(workflow, step));
    Asked {
        context,
        plain: is_plain(workflow, model, context),
    }
}

/// The model that a step of this kind asks first.
pub fn first_asked(workflow: &Workflow, name: &StepName) -> Asked {
    let step = Step::new(name.clone(), "", Vec::new());
    asked(workflow, &step, 0, context_of(workflow, &step, 0))
}

fn is_plain(_workflow: &Workflow, _model: &ModelSpec, context: ModelContext) -> bool {
    context.context_tokens < FULL_CONTEXT_TOKENS_MIN
}
