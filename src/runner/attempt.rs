//! One attempt: its call, the turn of its outcome, and what that starts.

use std::cell::Cell;

use futures::FutureExt;
use futures::future::Abortable;

use super::feed::Tick;
use super::host::Host;
use super::{Runner, Started, SubmitError, call};
use crate::engine::words::json_text::json_in;
use crate::engine::words::plan::direct_so_far;
use crate::engine::words::spec::Mode;
use crate::engine::words::step_name::StepName;
use crate::engine::{AttemptId, Input, Verdict, Workflow};
use crate::model::tokens::estimate_tokens;
use crate::model::{ErrorClass, ModelError, ModelReply};

/// How much is read of the reason for `direct`, in tokens, before a model that writes on is stopped. The words before
/// it take up to 20 more.
const REASON_TOKENS_MAX: u64 = 40;

impl<H: Host> Runner<H> {
    /// The call, then the turn of its outcome. Returns what that started.
    pub(super) async fn run(self, attempt: AttemptId) -> Started {
        let outcome = self.call(&attempt).await;
        let Some(outcome) = outcome else {
            return Started::default();
        };
        let input = match outcome {
            Ok(reply) if attempt.step == StepName::Structure => {
                self.verdict(&reply.text).map(|verdict| Input::StructureFinished {
                    attempt,
                    reply,
                    verdict,
                })
            }
            outcome => Ok(Input::AttemptFinished { attempt, outcome }),
        };
        match input.and_then(|input| self.submit(input)) {
            Ok(started) => started,
            // Deleted meanwhile: nobody waits for the answer.
            Err(SubmitError::NotFound) => Started::default(),
            Err(error) => {
                self.inner.host.warn(&error.to_string());
                Started::default()
            }
        }
    }

    /// Whether a reply is JSON that fits the schema of the request.
    fn verdict(&self, reply: &str) -> Result<Verdict, SubmitError> {
        // A failed write may have dropped the workflow from memory, and with it the schema.
        self.ensure_loaded()?;
        let json = match json_in(reply) {
            Ok(json) => json,
            Err(words) => return Ok(Verdict::Faults(words)),
        };
        let borrowed = self.inner.loaded.borrow();
        let options = borrowed.as_ref().map(|loaded| &loaded.workflow.spec().options);
        let Some(schema) = options.and_then(|options| options.output_schema.as_ref()) else {
            return Ok(Verdict::Faults("nobody has asked for JSON".to_owned()));
        };
        Ok(match self.inner.host.validate(schema, json) {
            Ok(()) => Verdict::Fits(json.to_owned()),
            Err(words) => Verdict::Faults(words),
        })
    }

    /// None where nobody waits for the outcome, or where the alarm has to find the attempt missing.
    async fn call(&self, attempt: &AttemptId) -> Option<Result<ModelReply, ModelError>> {
        // The request is built now rather than at the turn, and it is dropped with this function.
        let (request, limits, may_be_direct) = {
            let borrowed = self.inner.loaded.borrow();
            let workflow = &borrowed.as_ref()?.workflow;
            let request = workflow.model_request(attempt)?;
            let limits = call::TimeLimits::of(&workflow.spec().policy, request.model.provider);
            (request, limits, may_be_direct(workflow, attempt))
        };
        let host = &self.inner.host;
        // Registered before the first await, because the alarm takes an attempt that is missing here for lost.
        let registration = self.inner.in_flight.begin(attempt, host.now(), limits.whole_ms);
        self.inner.feed.attempt_began(attempt);
        let on_start = || self.inner.in_flight.called(attempt, host.now(), limits.whole_ms);
        let on_text = |text: &str| self.text(attempt, text);
        let says_direct = says_direct();
        let listeners = call::Listeners {
            on_start: &on_start,
            on_text: &on_text,
            stop: may_be_direct.then_some(&says_direct),
        };
        let call = call::call(host, &request, limits, listeners);
        let outcome = Abortable::new(call, registration).await;
        self.inner.feed.attempt_ended(attempt);
        self.inner.in_flight.end(attempt);
        // This invocation can make no further call: the alarm finds the attempt missing and repeats it in a fresh one.
        let is_interrupted = |outcome: &Result<ModelReply, ModelError>| {
            outcome
                .as_ref()
                .is_err_and(|error| error.class == ErrorClass::Interrupted)
        };
        outcome.ok().filter(|outcome| !is_interrupted(outcome))
    }

    /// Text of an attempt in flight, for the subscribers.
    fn text(&self, attempt: &AttemptId, text: &str) {
        let now = self.inner.host.now();
        match self.inner.feed.text(attempt, text, now) {
            Tick::Now => self.inner.feed.tick(now),
            Tick::In(ms) => {
                let runner = self.clone();
                let sleep = self.inner.host.sleep(ms);
                let tick = async move {
                    sleep.await;
                    runner.inner.feed.tick(runner.inner.host.now());
                };
                self.inner.host.spawn(tick.boxed_local());
            }
            Tick::Never => {}
        }
    }
}

/// Whether the attempt is a planner's that may find that no plan is needed.
fn may_be_direct(workflow: &Workflow, attempt: &AttemptId) -> bool {
    attempt.step == StepName::Plan && workflow.spec().options.mode == Mode::Auto
}

/// Whether a planner's reply has said `direct`, and why: it is then not read on, because a planner that says it and
/// writes on only costs time and tokens.
fn says_direct() -> impl Fn(&str) -> bool {
    let said_at = Cell::new(None);
    move |text| {
        let Some(direct) = direct_so_far(text) else {
            return false;
        };
        let at = said_at.get().unwrap_or(text.len());
        said_at.set(Some(at));
        direct.is_closed || estimate_tokens(text.get(at..).unwrap_or_default()) >= REASON_TOKENS_MAX
    }
}
