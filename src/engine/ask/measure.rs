//! What a request takes of its model's context: the tokens of the prompt as it is sent, and how long the reply may be.

use super::brief::{Draft, answerless_synthesis};
use super::prompts;
use super::reduce::is_last_of_its_round;
use crate::engine::state::context::{ModelContext, context_of};
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::plan::plan_schema;
use crate::engine::words::step_name::StepName;
use crate::json;
use crate::model::tokens::{estimate_messages_tokens, estimate_tokens};
use crate::model::{Brief, Message};

/// A reply that is configured longer than this keeps at least so much, or a quarter of what is configured.
const REPLY_TOKENS_MIN: u32 = 512;
/// A reduction may be shorter, because many are read together.
const REDUCTION_TOKENS_MIN: u32 = 128;

/// A request, rendered, with its size.
pub struct Rendered {
    pub brief: Brief,
    pub messages: Vec<Message>,
    pub json_schema: Option<serde_json::Value>,
    /// Whether a text of the brief was cut.
    pub cut: bool,
    /// What is estimated for the messages and for the schema, which some servers put into the prompt.
    pub tokens: u64,
}

impl Rendered {
    /// What `attempt_started` journals of the request, so that an inspector can say whether it is shown as it was sent.
    pub fn sha256(&self) -> String {
        prompts::sha256(&self.messages)
    }
}

/// Renders a draft and counts what came out.
pub fn rendered(draft: Draft) -> Rendered {
    let Draft {
        brief,
        shown_end_tokens,
        cut,
    } = draft;
    let messages = prompts::render_with(&brief, shown_end_tokens);
    let json_schema = match &brief {
        Brief::Plan {
            max_subtasks, terms, ..
        } => Some(plan_schema(*max_subtasks, terms.plain)),
        Brief::Structure { schema, .. } => Some(schema.clone()),
        _ => None,
    };
    let schema_tokens = json_schema
        .as_ref()
        .map_or(0, |schema| estimate_tokens(&json::text(schema)));
    Rendered {
        tokens: estimate_messages_tokens(&messages) + schema_tokens,
        brief,
        messages,
        json_schema,
        cut,
    }
}

/// How long a reply may be: `max_tokens` of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyTokens {
    /// As configured for the role, and never more than half of the context.
    pub wanted: u32,
    /// What is kept where the prompt leaves no more.
    pub least: u32,
}

pub fn reply_tokens(workflow: &Workflow, step: &Step, context: ModelContext) -> ReplyTokens {
    let mut reply = reply_tokens_of(workflow, &step.name, context);
    // The only text of a round is what the synthesis will read, so it has to fit there.
    if matches!(step.name, StepName::Reduce(_)) && is_last_of_its_round(workflow, step) {
        let room = synthesis_room(workflow, context);
        reply.wanted = reply.wanted.min(u32::try_from(room / 2).unwrap_or(u32::MAX)).max(1);
        reply.least = reply.least.min(reply.wanted);
    }
    reply
}

/// How long the replies of a kind of step may be.
pub fn reply_tokens_of(workflow: &Workflow, name: &StepName, context: ModelContext) -> ReplyTokens {
    let policy = &workflow.spec.policy;
    let half = u32::try_from(context.context_tokens / 2).unwrap_or(u32::MAX);
    match name {
        StepName::Plan => bounded(policy.plan_max_tokens, half),
        StepName::Subtask(_) => bounded(policy.subtask_max_tokens, half),
        StepName::Edit(_) | StepName::Synthesis | StepName::Review(_) | StepName::Structure => {
            bounded(policy.synthesis_max_tokens, half)
        }
        StepName::Reduce(_) => reduction_tokens(workflow, context),
    }
}

/// At most a quarter of the context, so that a reduction reads more than it writes.
pub fn reduction_tokens(workflow: &Workflow, context: ModelContext) -> ReplyTokens {
    let quarter = u32::try_from(context.context_tokens / 4).unwrap_or(u32::MAX);
    let wanted = workflow.spec.policy.subtask_max_tokens.min(quarter).max(1);
    ReplyTokens {
        wanted,
        least: wanted.min(REDUCTION_TOKENS_MIN),
    }
}

fn bounded(configured: u32, most: u32) -> ReplyTokens {
    let wanted = configured.min(most).max(1);
    ReplyTokens {
        wanted,
        least: wanted.min((wanted / 4).max(REPLY_TOKENS_MIN)),
    }
}

/// The tokens that the synthesis has for answers.
pub fn synthesis_room(workflow: &Workflow, context: ModelContext) -> u64 {
    let reply = reply_tokens_of(workflow, &StepName::Synthesis, context);
    let without = rendered(answerless_synthesis(workflow, context)).tokens;
    context.room(reply.least.into()).saturating_sub(without)
}

/// The context of the model that a step of this kind asks first.
pub fn first_context(workflow: &Workflow, name: &StepName) -> ModelContext {
    context_of(workflow, &Step::new(name.clone(), "", Vec::new()), 0)
}
