//! Why no model can be asked: a request that no cutting fits into a model's context. The same words serve a problem of
//! the API and the error of a step.

use crate::errors::ErrorName;
use std::fmt;

use super::outcome::ErrorInfo;
use super::step_name::StepName;

/// Names the model that comes nearest, its limit, what was counted and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLong {
    pub step: StepName,
    pub model: String,
    /// Prompt and reply together, as configured or as the server told.
    pub context_tokens: u64,
    /// Of the shortest prompt that can be made, as the model is expected to count it.
    pub prompt_tokens: u64,
    /// The least that is kept for the reply.
    pub reply_tokens: u64,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PROMPT: &str = "the prompt or options.instructions";
        let (asked, shorten, variable) = match &self.step {
            StepName::Plan => ("for a plan".to_owned(), PROMPT, "BIG"),
            // Before there is a plan only the options can be too long for a subtask: the prompt is cut.
            StepName::Subtask(id) if id.is_empty() => ("of any subtask".to_owned(), "options.instructions", "SMALL"),
            StepName::Subtask(id) => (
                format!("of subtask {id}"),
                "its instructions or options.instructions",
                "SMALL",
            ),
            StepName::Structure => (
                "for the JSON of the answer".to_owned(),
                "options.output_schema or the prompt",
                "BIG",
            ),
            StepName::Reduce(_) | StepName::Edit(_) | StepName::Review(_) => {
                (format!("of {}", self.step), PROMPT, "BIG")
            }
            StepName::Synthesis => ("for the final answer".to_owned(), PROMPT, "BIG"),
        };
        let model = if self.model.is_empty() {
            "the model"
        } else {
            &self.model
        };
        write!(
            f,
            "the request {asked} takes {} tokens at least, and {} more are needed for the reply, but {} has a context \
             of {} tokens: shorten {shorten}, or use a model with a larger context (if the \
             model has one, set {variable}_MODEL_CONTEXT_TOKENS)",
            self.prompt_tokens, self.reply_tokens, model, self.context_tokens
        )
    }
}

impl std::error::Error for TooLong {}

impl From<TooLong> for ErrorInfo {
    fn from(error: TooLong) -> ErrorInfo {
        ErrorInfo::new(ErrorName::ContextTooSmall, error.to_string())
    }
}
