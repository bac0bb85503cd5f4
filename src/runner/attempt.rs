//! One attempt: its call, the turn of its outcome, and what that starts.

use futures::FutureExt;
use futures::future::Abortable;

use super::feed::Tick;
use super::host::Host;
use super::{Runner, Started, SubmitError, call};
use crate::engine::{AttemptId, Input};
use crate::model::{ErrorClass, ModelError, ModelReply};

impl<H: Host> Runner<H> {
    /// The call, then the turn of its outcome. Returns what that started.
    pub(super) async fn run(self, attempt: AttemptId) -> Started {
        let outcome = self.call(&attempt).await;
        let Some(outcome) = outcome else {
            return Started::default();
        };
        match self.submit(Input::AttemptFinished { attempt, outcome }) {
            Ok(started) => started,
            // Deleted meanwhile: nobody waits for the answer.
            Err(SubmitError::NotFound) => Started::default(),
            Err(error) => {
                self.inner.host.warn(&error.to_string());
                Started::default()
            }
        }
    }

    /// None where nobody waits for the outcome, or where the alarm has to find the attempt missing.
    async fn call(&self, attempt: &AttemptId) -> Option<Result<ModelReply, ModelError>> {
        // The request is built now rather than at the turn, and it is dropped with this function.
        let (request, limits) = {
            let borrowed = self.inner.loaded.borrow();
            let workflow = &borrowed.as_ref()?.workflow;
            let limits = call::TimeLimits::from(&workflow.spec().policy);
            (workflow.model_request(attempt)?, limits)
        };
        let host = &self.inner.host;
        // Registered before the first await, because the alarm takes an attempt that is missing here for lost.
        let registration = self.inner.in_flight.begin(attempt, host.now(), limits.whole_ms);
        self.inner.feed.attempt_began(attempt);
        let on_start = || self.inner.in_flight.called(attempt, host.now(), limits.whole_ms);
        let on_text = |text: &str| self.text(attempt, text);
        let call = call::call(host, &request, limits, &on_start, &on_text);
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
