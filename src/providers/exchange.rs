//! The exchange with a server: one call of a model, from the request to the reply.
//!
//! [`Exchange::complete`] is the call loop. A server may refuse a parameter for which there is an alternative (a token
//! limit by its other name, a JSON Schema in another form), a limit that does not fit beside the prompt, or the request
//! in words that nobody here knows. The call is then repeated at once, within the same attempt, because the engine
//! would count another attempt and wait before it. What was learned is kept in [`Remembered`], so that the next call of
//! this model begins with it.
//!
//! - A call is repeated only while nothing of its text was given: a client never sees the beginning of a text twice.
//! - The loop ends, because `rounds` counts. No refusal repeats a call for ever.
//! - A lesson is kept when the call that learned it had a reply, and not for good (`lessons`).
//! - Every error leaves with its message redacted.
//! - Dropping the future aborts the request that is out, by the contract of [`Transport`].
//! - No borrow of what is remembered crosses an await.
//!
//! `body` reads what comes back, `rounds` is what one call may do about refusals, `lessons` what is known of one model,
//! `remembered` of all. The wire formats are pure and live in [`super::wire`].

mod body;
mod lessons;
mod remembered;
mod rounds;

use std::cell::Cell;

use super::transport::{Request, Response, Thrown, Transport};
use super::wire::{Adaptations, Call, Redactor, error_from_response, error_from_thrown, refuses_the_output};
use crate::clock::Clock;
use crate::model::tokens::estimate_messages_tokens;
use crate::model::{CallUsage, Message, ModelError, ModelReply, ModelRequest, Progress, Provider};
use body::{Wanted, read_reply, text_up_to};
pub use remembered::Remembered;
use remembered::Subject;
#[cfg(test)]
pub(super) use rounds::ROUNDS_MAX;
use rounds::{Rounds, Said};

/// How much of an error's body is read.
const ERROR_BODY_BYTES_MAX: usize = 16 * 1024;

/// The status of a refusal that came without one: a binding throws what a server would have answered, and a reply of
/// status 200 may hold an error.
const STATUS_OF_WORDS: u16 = 400;

/// What one call needs of its surroundings.
pub(super) struct Exchange<'a, T> {
    pub transport: &'a T,
    pub clock: &'a dyn Clock,
    pub remembered: &'a Remembered,
    pub redactor: Redactor<'a>,
    pub progress: &'a dyn Progress,
}

/// Learns from a request that was answered. A call that is dropped while text comes was answered too: its caller has
/// heard enough, as of a plan that says `direct`.
struct Heard<F: Fn()> {
    given: Cell<bool>,
    learn: F,
}

impl<F: Fn()> Heard<F> {
    fn new(learn: F) -> Self {
        Heard {
            given: Cell::new(false),
            learn,
        }
    }
}

impl<F: Fn()> Drop for Heard<F> {
    fn drop(&mut self) {
        if self.given.get() {
            (self.learn)();
        }
    }
}

/// Why a request gave no reply.
struct Failure {
    error: ModelError,
    /// What the server said, where the call may still be repeated unnoticed.
    refusal: Option<Said>,
}

impl<T: Transport> Exchange<'_, T> {
    /// Calls the model of `request`. `build` writes the call in the service's format, as far as its parameters are
    /// known; `address` makes it a request to the service.
    pub async fn complete(
        &self,
        request: &ModelRequest,
        build: &dyn Fn(&ModelRequest, &Adaptations) -> Call,
        address: &dyn Fn(&Call) -> Request,
    ) -> Result<ModelReply, ModelError> {
        let model = &request.model;
        let with_schema = request.json_schema.is_some();
        // This call learns on a copy of its own, because other calls of the same model are under way.
        let subject = Subject::of(request);
        let mut rounds = Rounds::new(self.remembered.lend(&subject, self.clock.now()));
        let mut asked = request.clone();
        let mut refused: Option<Call> = None;
        loop {
            // Build with what is known by now. The last try may have nothing to leave out.
            asked.max_tokens = rounds.max_tokens(request.max_tokens);
            let call = build(&asked, rounds.adaptations());
            let is_same = refused.as_ref().is_some_and(|refused| refused.body == call.body);
            if let Some(error) = rounds.is_pointless(is_same) {
                return Err(error);
            }
            // Send. Each round starts the time limits anew.
            self.progress.call_started(call.streaming);
            let wanted = Wanted {
                max_tokens: call.max_tokens,
                structured: with_schema,
                lines: model.provider == Provider::Ollama,
            };
            let learn = || {
                let now = self.clock.now();
                let learn = |lessons: &mut lessons::Lessons| {
                    lessons.succeeded(rounds.lent(), rounds.adaptations(), with_schema, now);
                };
                self.remembered.of(&subject, learn);
            };
            let heard = Heard::new(learn);
            let outcome = self.once(model.provider, address(&call), wanted, &heard.given).await;
            heard.given.set(outcome.is_ok());
            drop(heard);
            let failure = match outcome {
                Ok(mut reply) => {
                    reply.adapted = rounds.adapted(model, with_schema);
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            let error = with_prompt(failure.error, &request.messages);
            if with_schema && refuses_the_output(&error) {
                let now = self.clock.now();
                self.remembered.of(&subject, |lessons| lessons.output_rejected(now));
            }
            // Text that was given can't be taken back, so there is no refusal then, and the error is final.
            let Some(said) = failure.refusal else {
                return Err(error);
            };
            let estimate = || estimate_messages_tokens(&request.messages);
            let drop_lessons = |lent: &lessons::Lent| self.remembered.of(&subject, |lessons| lessons.failed(lent))?;
            rounds.refused(error, &said, call.max_tokens, estimate, drop_lessons)?;
            refused = Some(call);
        }
    }

    /// Sets `given` once there was some of the reply's text.
    async fn once(
        &self,
        provider: Provider,
        request: Request,
        wanted: Wanted,
        given: &Cell<bool>,
    ) -> Result<ModelReply, Failure> {
        match self.transport.send(request).await {
            Ok(response) if response.status() == 200 => self.read(response, wanted, given).await,
            Ok(mut response) => {
                let text = text_up_to(&mut response, ERROR_BODY_BYTES_MAX).await;
                Err(Failure {
                    error: self.refused(provider, &response, &text),
                    refusal: Some(Said {
                        status: response.status(),
                        text,
                    }),
                })
            }
            Err(thrown) => Err(Failure::repeatable(self.thrown(&thrown))),
        }
    }

    /// Reads a reply of status 200, reporting its text as it comes.
    async fn read(&self, response: T::Response, wanted: Wanted, given: &Cell<bool>) -> Result<ModelReply, Failure> {
        let thrown = |thrown: Thrown| self.thrown(&thrown);
        let reply = read_reply(response, wanted, self.progress, given, thrown).await;
        reply.map_err(|error| {
            let error = self.redactor.error(error);
            if given.get() {
                Failure { error, refusal: None }
            } else {
                Failure::repeatable(error)
            }
        })
    }

    /// The text of a response of status 200 that is no model's reply, at most `bytes_max` bytes of it.
    pub async fn fetch_text(
        &self,
        provider: Provider,
        request: Request,
        bytes_max: usize,
    ) -> Result<String, ModelError> {
        let mut response = self
            .transport
            .send(request)
            .await
            .map_err(|thrown| self.thrown(&thrown))?;
        let text = text_up_to(&mut response, bytes_max).await;
        if response.status() == 200 {
            Ok(text)
        } else {
            Err(self.refused(provider, &response, &text))
        }
    }

    /// The error of a response whose status is not 200.
    fn refused(&self, provider: Provider, response: &T::Response, text: &str) -> ModelError {
        error_from_response(
            provider,
            response.status(),
            &|name| response.header(name),
            text,
            self.clock.now().0,
            &self.redactor,
        )
    }

    fn thrown(&self, thrown: &Thrown) -> ModelError {
        error_from_thrown(&thrown.0, &self.redactor)
    }
}

/// The error with the prompt in the estimate of its tokens: the reader of the reply knows only what came back.
fn with_prompt(mut error: ModelError, messages: &[Message]) -> ModelError {
    if let Some(CallUsage { usage, estimated: true }) = &mut error.usage {
        usage.prompt_tokens = estimate_messages_tokens(messages);
    }
    error
}

impl Failure {
    /// An error in words alone.
    fn repeatable(error: ModelError) -> Self {
        let text = error.message.clone();
        Failure {
            error,
            refusal: Some(Said {
                status: STATUS_OF_WORDS,
                text,
            }),
        }
    }
}
