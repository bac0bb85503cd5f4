//! A reply as it grows: text without reasoning, within its bound, how it ended, and what of it was not understood.

use super::choices::Choices;
use super::errors::{error_within_reply, own_error};
use super::finish::Stopped;
use super::halves::Halves;
use super::reader::TEXT_BYTES_MAX;
use super::redact::{Redactor, cut};
use super::repeats::{Chunk, Repeats, is_long_enough_to_repeat, last_message};
use super::shapes::{Form, Part, Reading, Said};
use super::think::{ThinkFilter, Visible};
use super::usage::TokenCounter;
use crate::errors::ErrorName;
use crate::model::tokens::estimate_tokens;
use crate::model::{CallUsage, ErrorClass, Finish, ModelError, ModelReply, Usage};

/// As much of a refusal as is quoted, in bytes.
const REFUSAL_BYTES_MAX: usize = 600;
/// As much of an event as is shown when it is not understood, in bytes.
pub(super) const SAMPLE_BYTES_MAX: usize = 160;

#[derive(Debug, Default)]
pub(super) struct PartialReply {
    choices: Choices,
    halves: Halves,
    repeats: Repeats,
    think: ThinkFilter,
    text: String,
    stopped: Option<Stopped>,
    /// The server has a place for its reason to stop.
    has_reason_field: bool,
    refusal: String,
    /// The arguments of the first call of a tool.
    called: String,
    usage: Option<Usage>,
    /// Reasoning beside the text, and within it.
    reasoning: TokenCounter,
    hidden: TokenCounter,
    /// A beginning of the first event that was not understood.
    doubt: Option<String>,
    /// The last piece was all of the text before it.
    copied: bool,
    /// The number of the last event, and its text.
    last_event: Option<(u64, String)>,
    /// The text reached its bound.
    full: bool,
    understood: bool,
    /// The reply said that nothing follows.
    ended: bool,
}

/// Where a part comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// The event as it was sent, for the message about one that is not understood.
    pub(super) text: &'a str,
    /// Private characters stand for halves of surrogate pairs.
    pub(super) marked: bool,
}

impl PartialReply {
    /// Takes what a JSON value said; gives the text that it made visible.
    pub(super) fn take(&mut self, part: Part, source: Source<'_>) -> Result<Option<String>, ModelError> {
        self.usage = part.usage.or(self.usage);
        if let Some(fault) = part.fault {
            return Err(error_within_reply(&fault));
        }
        if part.reading == Reading::Doubtful {
            self.doubt(source.text);
        } else {
            self.understood = true;
        }
        self.ended |= part.last;
        let mut shown = None;
        for said in part.says {
            if !self.choices.keeps(&said) {
                continue;
            }
            if said.doubtful {
                self.doubt(source.text);
            }
            if self.is_repeated(part.number, &said.text) {
                continue;
            }
            let text = self.say(said, source);
            shown = shown.or(text.filter(|text| !text.is_empty()));
        }
        Ok(shown)
    }

    /// Something was not understood, though it could be read.
    pub(super) fn doubt(&mut self, sample: &str) {
        self.doubt
            .get_or_insert_with(|| Redactor::nothing().clean(cut(sample, SAMPLE_BYTES_MAX)));
    }

    /// An event with the number and the text of the one before: a proxy sent it again.
    fn is_repeated(&mut self, number: Option<u64>, text: &str) -> bool {
        let Some(number) = number.filter(|_| !text.is_empty()) else {
            return false;
        };
        let is_repeated = self
            .last_event
            .as_ref()
            .is_some_and(|(last, before)| *last == number && number > 0 && before == text);
        self.last_event = Some((number, text.to_owned()));
        is_repeated
    }

    /// What the kept choice says. Gives the text that it made visible, as far as it follows what was given before.
    fn say(&mut self, said: Said, source: Source<'_>) -> Option<String> {
        if !said.reasoning.is_empty() {
            self.reasoning.push(&said.reasoning);
            self.think.after_reasoning();
        }
        let room = REFUSAL_BYTES_MAX.saturating_sub(self.refusal.len());
        self.refusal.push_str(cut(&said.refusal, room));
        if said.form == Form::Whole && !said.called.is_empty() {
            self.called.clear();
        }
        let room = TEXT_BYTES_MAX.saturating_sub(self.called.len());
        self.called.push_str(cut(&said.called, room));
        self.has_reason_field |= said.has_reason_field;
        let is_end = said.stopped.is_some();
        self.stopped = Stopped::heavier(self.stopped.take(), said.stopped);
        if said.text.is_empty() {
            return None;
        }
        let chunk = match said.form {
            Form::Piece => {
                let piece = self.halves.join(said.text, source.marked);
                self.repeats.piece(piece, &self.text, is_end)
            }
            // A whole text begins anew: a half at its end has its other half in the next whole text.
            Form::Whole => {
                let whole = Halves::default().join(said.text, source.marked);
                if self.repeats.has_pieces() {
                    self.last_message(whole)
                } else {
                    self.repeats.whole(whole)
                }
            }
        };
        self.copied = matches!(&chunk, Chunk::Next(piece) if self.is_copy(piece));
        match chunk {
            Chunk::Next(piece) => Some(self.append(&piece)),
            Chunk::Instead(whole) => self.replace(&whole),
            Chunk::Known => None,
            Chunk::Odd(text) => {
                self.doubt(source.text);
                (text.len() >= self.text.len()).then(|| self.replace(&text)).flatten()
            }
        }
    }

    /// Whether a piece is all of the text so far once more.
    fn is_copy(&self, piece: &str) -> bool {
        piece.len() >= self.text.len() && is_long_enough_to_repeat(piece) && bare(piece).trim() == self.text.trim()
    }

    /// Compares a last message with the text that was streamed, both without reasoning.
    fn last_message(&self, message: String) -> Chunk {
        match last_message(bare(&message), &self.text) {
            Chunk::Instead(_) => Chunk::Instead(message),
            other => other,
        }
    }

    fn append(&mut self, piece: &str) -> String {
        let visible = self.think.push(piece);
        self.show(&visible)
    }

    fn show(&mut self, visible: &Visible) -> String {
        if visible.restart {
            self.hidden.push(&self.text);
            self.text.clear();
        }
        self.hidden.push(&visible.hidden);
        if visible.doubtful {
            self.doubt("a mark of reasoning that may be text");
        }
        let room = TEXT_BYTES_MAX - self.text.len().min(TEXT_BYTES_MAX);
        let kept = cut(&visible.text, room);
        self.full |= kept.len() < visible.text.len();
        self.text.push_str(kept);
        kept.to_owned()
    }

    /// Puts a whole text in the place of what there is.
    fn replace(&mut self, whole: &str) -> Option<String> {
        let before = std::mem::take(&mut self.text);
        self.think = ThinkFilter::new();
        if self.reasoning.characters() > 0 {
            self.think.after_reasoning();
        }
        self.hidden = TokenCounter::default();
        self.full = false;
        self.append(whole);
        self.text.strip_prefix(&before).map(str::to_owned)
    }

    pub(super) fn understood(&self) -> bool {
        self.understood
    }

    /// A finish reason came.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// Nothing more of the text can come.
    pub(super) fn is_ended(&self) -> bool {
        self.full || self.ended
    }

    /// What the call used so far: the server's report, or an estimate of what arrived. The prompt is not known here.
    pub(super) fn usage(&self) -> Option<CallUsage> {
        let arrived = estimate_tokens(&self.text)
            + estimate_tokens(&self.refusal)
            + estimate_tokens(&self.called)
            + self.reasoning.tokens()
            + self.hidden.tokens();
        match self.usage {
            Some(usage) => Some(CallUsage {
                usage,
                estimated: false,
            }),
            None if arrived == 0 => None,
            None => Some(CallUsage {
                usage: Usage {
                    prompt_tokens: 0,
                    completion_tokens: arrived,
                },
                estimated: true,
            }),
        }
    }

    /// The reply ended. `complete`: it is whole even if it gave no finish reason. `streamed`: it came in pieces.
    pub(super) fn conclude(
        &mut self,
        complete: bool,
        streamed: bool,
        max_tokens: Option<u32>,
        structured: bool,
    ) -> Result<ModelReply, ModelError> {
        if let Some(character) = self.halves.finish() {
            self.append(character.encode_utf8(&mut [0; 4]));
        }
        let mut rest = std::mem::take(&mut self.think).finish();
        // The limit may well be reached within reasoning.
        rest.doubtful &= self.stopped != Some(Stopped::Length);
        self.show(&rest);
        if structured && self.text.trim().is_empty() {
            // Servers that make structured output by way of a tool leave it in the tool's arguments.
            self.text = std::mem::take(&mut self.called);
        }
        let finish = self.finish(complete, streamed, max_tokens)?;
        if self.text.trim().is_empty() && finish != Finish::Length {
            self.explain_nothing()?;
        }
        Ok(ModelReply {
            text: std::mem::take(&mut self.text),
            finish,
            usage: self.usage,
            model: None,
            adapted: Vec::new(),
        })
    }

    fn finish(&self, complete: bool, streamed: bool, max_tokens: Option<u32>) -> Result<Finish, ModelError> {
        if self.full {
            return Ok(Finish::Length);
        }
        if !self.refusal.trim().is_empty() || self.stopped == Some(Stopped::Refused) {
            return Err(self.refused());
        }
        if streamed && !self.choices.are_whole(self.stopped.is_some()) {
            let message = "the server sent pieces of several choices, and not all of them came to an end";
            return Err(own_error(ErrorClass::Transient, ErrorName::BadReply, message));
        }
        let finish = match &self.stopped {
            Some(Stopped::Stop) => Finish::Stop,
            Some(Stopped::Length) => Finish::Length,
            Some(Stopped::Unknown(word)) => Finish::Unknown(word.clone()),
            Some(Stopped::ToolCall) if !self.text.trim().is_empty() => Finish::Stop,
            Some(Stopped::ToolCall) => {
                let message = "the model called a tool, though none was offered, and said nothing else";
                return Err(own_error(ErrorClass::Transient, ErrorName::BadReply, message));
            }
            Some(Stopped::Refused) => return Err(self.refused()),
            Some(Stopped::Filtered(word)) => {
                let message = format!("the provider's content filter stopped the reply ({word})");
                return Err(own_error(ErrorClass::Permanent, ErrorName::ContentFiltered, &message));
            }
            Some(Stopped::Failed(word)) => {
                let message = format!("the provider ended the reply with an error ({word})");
                return Err(own_error(ErrorClass::Transient, ErrorName::ProviderError, &message));
            }
            // one-api and its kin write [DONE] also where the server behind them broke off.
            None if complete && streamed && self.has_reason_field => {
                Finish::Unknown("[DONE] without a finish reason".to_owned())
            }
            None if complete => self.inferred_finish(max_tokens),
            None => return Err(self.cut_off()),
        };
        // Text may be missing, also before the limit.
        let several = "several choices, though one was asked for".to_owned();
        let copied = "a last piece that is all of the text once more".to_owned();
        let doubt = self
            .doubt
            .as_ref()
            .or(self.choices.are_several().then_some(&several))
            .or(self.copied.then_some(&copied));
        Ok(match (doubt, finish) {
            (Some(doubt), Finish::Stop) => Finish::Unknown(format!("stop, beside what is not understood: {doubt}")),
            (Some(doubt), Finish::Length) => Finish::Unknown(format!("length, beside what is not understood: {doubt}")),
            (_, finish) => finish,
        })
    }

    /// Why there is no text, where that is known.
    fn explain_nothing(&self) -> Result<(), ModelError> {
        if let Some(doubt) = &self.doubt {
            let message = format!("the reply holds no text, and something that is not understood: {doubt}");
            return Err(own_error(ErrorClass::Transient, ErrorName::BadReply, &message));
        }
        let count = self.reasoning.characters() + self.hidden.characters();
        if count > 0 {
            let message = format!(
                "the model answered with reasoning alone ({count} characters) and without any text: if the answer \
                 stands there, correct the server's reasoning parser or the thinking setting of its chat template"
            );
            return Err(own_error(ErrorClass::Transient, ErrorName::EmptyReply, &message));
        }
        Ok(())
    }

    fn refused(&self) -> ModelError {
        let words = match self.refusal.trim() {
            "" => self.text.trim(),
            refusal => refusal,
        };
        let message = match words {
            "" => "the model refused to answer and said no reason".to_owned(),
            words => format!("the model refused to answer: {}", cut(words, REFUSAL_BYTES_MAX)),
        };
        own_error(ErrorClass::Permanent, ErrorName::Refused, &message)
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
        own_error(ErrorClass::Transient, ErrorName::StreamCutOff, &message)
    }
}

/// A text without reasoning.
fn bare(text: &str) -> String {
    let mut filter = ThinkFilter::new();
    filter.push(text).text + &filter.finish().text
}
