//! The room that a model's context leaves for a prompt, in estimated tokens.

use crate::engine::state::queries::model_of;
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::outcome::ErrorInfo;
use crate::engine::words::step_name::StepName;
use crate::model::tokens::estimate_tokens;

/// Kept free for the fixed text of a prompt, its delimiters and the error of the estimate.
pub const RESERVE_TOKENS: u64 = 700;
/// The tags and the title of one answer in a prompt.
pub const ANSWER_OVERHEAD_TOKENS: u64 = 40;

/// The most tokens of the reply, as configured for the role. Never more than half of the context.
pub fn max_tokens(workflow: &Workflow, step: &Step) -> u32 {
    let policy = &workflow.spec.policy;
    let role = match step.name {
        StepName::Plan => policy.plan_max_tokens,
        StepName::Subtask(_) => policy.subtask_max_tokens,
        StepName::Reduce(_) => reduction_max_tokens(workflow, step),
        StepName::Synthesis => policy.synthesis_max_tokens,
    };
    role.min(model_of(workflow, step).context_tokens / 2).max(1)
}

/// At most a quarter of the context, so that a reduction reads more than it writes. `step` is of the big model.
pub fn reduction_max_tokens(workflow: &Workflow, step: &Step) -> u32 {
    let quarter = model_of(workflow, step).context_tokens / 4;
    workflow.spec.policy.subtask_max_tokens.min(quarter)
}

/// The tokens of the user's `options.instructions`, which stand in every prompt.
pub fn instructions_tokens(workflow: &Workflow) -> u64 {
    workflow.spec.options.instructions.as_deref().map_or(0, estimate_tokens)
}

/// The tokens that the data of the prompt may take, which is the context without the reply and the fixed text.
pub fn prompt_room(workflow: &Workflow, step: &Step) -> u64 {
    let taken = u64::from(max_tokens(workflow, step)) + RESERVE_TOKENS + instructions_tokens(workflow);
    u64::from(model_of(workflow, step).context_tokens).saturating_sub(taken)
}

/// The error of a step that no cutting can fit into its model's context.
pub fn context_too_small(workflow: &Workflow, step: &Step, what: &str, tokens: u64) -> ErrorInfo {
    let model = model_of(workflow, step);
    let room = prompt_room(workflow, step);
    let message = format!(
        "{what} has about {tokens} tokens, of which {room} fit the context of {} ({} tokens): shorten it, or use a \
         model with a larger context",
        model.name, model.context_tokens
    );
    ErrorInfo::new("ContextTooSmall", message)
}
