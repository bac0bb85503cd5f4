//! The model that is asked: what it can hold, and how it has to be told.

use crate::engine::state::context::{ModelContext, context_of};
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::step_name::StepName;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub context: ModelContext,
    /// It gets the short prompts, and is asked for one text rather than for edits.
    pub plain: bool,
}

/// The model at this place of the step's list, with this opinion of its context.
pub fn asked(_: &Workflow, _: &Step, _: usize, context: ModelContext) -> Asked {
    Asked {
        context,
        plain: context.is_plain(),
    }
}

/// The model that a step of this kind asks first.
pub fn first_asked(workflow: &Workflow, name: &StepName) -> Asked {
    let step = Step::new(name.clone(), "", Vec::new());
    asked(workflow, &step, 0, context_of(workflow, &step, 0))
}
