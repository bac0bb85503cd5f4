//! One attempt: its call, the turn of its outcome, and what that starts.

use futures::FutureExt;
use futures::future::{AbortHandle, Abortable};

use super::feed::Tick;
use super::{Host, Runner, Started, SubmitError, call};
use crate::engine::{AttemptId, Input};
use crate::model::{ErrorClass, ModelError, ModelReply};

impl<H: Host> Runner<H> {
    /// One attempt: the call, then the turn of its outcome, then what that started.
    pub(super) async fn run(self, attempt: AttemptId) {
        let call = self.inner.live.borrow().as_ref().and_then(|live| {
            let limits = call::TimeLimits::from(&live.workflow.spec().policy);
            Some((live.workflow.model_request(&attempt)?, limits))
        });
        let Some((request, limits)) = call else { return };
        let (handle, registration) = AbortHandle::new_pair();
        self.inner.in_flight.borrow_mut().push((attempt.clone(), handle));
        self.inner.feed.attempt_began(&attempt);
        let on_text = |text: &str| self.text(&attempt, text);
        let outcome = Abortable::new(call::call(&self.inner.host, &request, limits, &on_text), registration).await;
        self.inner.feed.attempt_ended(&attempt);
        self.inner.in_flight.borrow_mut().retain(|(known, _)| *known != attempt);
        let Ok(outcome) = outcome else { return };
        // This invocation can make no further call: the alarm finds the attempt missing and repeats it in a fresh one.
        if outcome
            .as_ref()
            .is_err_and(|error| error.class == ErrorClass::Interrupted)
        {
            return;
        }
        let next = self.submit_outcome(attempt, outcome);
        self.drive(next).await;
    }

    fn submit_outcome(&self, attempt: AttemptId, outcome: Result<ModelReply, ModelError>) -> Started {
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
