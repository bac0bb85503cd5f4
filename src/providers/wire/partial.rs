//! A reply as it grows: text without reasoning, within its bound, and how it ended.

use super::errors::{error_within_reply, own_error};
use super::reader::TEXT_BYTES_MAX;
use super::redact::cut;
use super::shapes::{Part, Stopped};
use super::think::ThinkFilter;
use crate::model::{ErrorClass, Finish, ModelError, ModelReply, Usage};

#[derive(Debug, Default)]
pub(super) struct PartialReply {
    think: ThinkFilter,
    text: String,
    stopped: Option<Stopped>,
    usage: Option<Usage>,
    /// The text reached its bound.
    full: bool,
    understood: bool,
    warnings: u32,
}

impl PartialReply {
    /// Takes what a JSON value said; gives the text that it made visible.
    pub(super) fn take(&mut self, part: Part) -> Result<Option<String>, ModelError> {
        if let Some(fault) = part.fault {
            return Err(error_within_reply(&fault));
        }
        if !part.understood {
            self.warn();
            return Ok(None);
        }
        self.understood = true;
        self.stopped = part.stopped.or(self.stopped);
        self.usage = part.usage.or(self.usage);
        if part.text.is_empty() {
            return Ok(None);
        }
        let visible = self.think.push(&part.text);
        if visible.restart {
            self.text.clear();
        }
        let kept = self.append(&visible.text);
        Ok((!kept.is_empty()).then_some(kept))
    }

    /// Something was malformed or of an unknown shape, and skipped.
    pub(super) fn warn(&mut self) {
        self.warnings += 1;
    }

    pub(super) fn warnings(&self) -> u32 {
        self.warnings
    }

    pub(super) fn understood(&self) -> bool {
        self.understood
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// The reply ended. `complete`: it is whole even if it gave no finish reason.
    pub(super) fn conclude(mut self, complete: bool, max_tokens: Option<u32>) -> Result<ModelReply, ModelError> {
        let rest = std::mem::take(&mut self.think).finish();
        self.append(&rest);
        let finish = match self.stopped {
            _ if self.full => Finish::Length,
            Some(Stopped::Stop) => Finish::Stop,
            Some(Stopped::Length) => Finish::Length,
            Some(Stopped::ToolCall) if !self.text.trim().is_empty() => Finish::Stop,
            Some(Stopped::ToolCall) => {
                let message = "the model called a tool, though none was offered, and said nothing else";
                return Err(own_error(ErrorClass::Transient, "BadReply", message));
            }
            Some(Stopped::Filtered) => {
                let message = "the provider's content filter stopped the reply";
                return Err(own_error(ErrorClass::Permanent, "ContentFiltered", message));
            }
            Some(Stopped::Failed) => {
                let message = "the provider ended the reply with an error";
                return Err(own_error(ErrorClass::Transient, "ProviderError", message));
            }
            None if complete => self.inferred_finish(max_tokens),
            None => return Err(self.cut_off()),
        };
        Ok(ModelReply {
            text: self.text,
            finish,
            usage: self.usage,
            model: None,
        })
    }

    fn append(&mut self, text: &str) -> String {
        let room = TEXT_BYTES_MAX - self.text.len().min(TEXT_BYTES_MAX);
        let kept = cut(text, room);
        self.full |= kept.len() < text.len();
        self.text.push_str(kept);
        kept.to_owned()
    }

    fn inferred_finish(&self, max_tokens: Option<u32>) -> Finish {
        match (self.usage, max_tokens) {
            (Some(usage), Some(max_tokens)) if usage.completion_tokens >= u64::from(max_tokens) => Finish::Length,
            _ => Finish::Stop,
        }
    }

    fn cut_off(&self) -> ModelError {
        let message = match self.text.chars().count() {
            0 => "the stream ended before the first word of an answer".to_owned(),
            count => format!("the stream ended after {count} characters, without [DONE] and without a finish reason"),
        };
        own_error(ErrorClass::Transient, "StreamCutOff", &message)
    }
}
