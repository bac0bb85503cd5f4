//! One model call under its time limits: first token, silence between tokens, and the whole.

use crate::errors::ErrorName;
use std::cell::Cell;
use std::pin::pin;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Either, select};

use super::host::Host;
use crate::engine::words::spec::Policy;
use crate::engine::words::time::Timestamp;
use crate::model::{ErrorClass, ModelError, ModelReply, ModelRequest, Progress};
use crate::text::seconds;

/// Milliseconds. They run from when the call goes out.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeLimits {
    first_token_ms: u64,
    idle_ms: u64,
    pub whole_ms: u64,
}

impl From<&Policy> for TimeLimits {
    fn from(policy: &Policy) -> Self {
        TimeLimits {
            first_token_ms: policy.first_token_timeout_ms,
            idle_ms: policy.idle_timeout_ms,
            whole_ms: policy.attempt_timeout_ms,
        }
    }
}

/// Calls the model, and gives up where a limit is passed: dropping the call's future aborts it.
pub(super) async fn call<H: Host>(
    host: &H,
    request: &ModelRequest,
    limits: TimeLimits,
    on_start: &dyn Fn(),
    on_text: &dyn Fn(&str),
) -> Result<ModelReply, ModelError> {
    let (started, started_receiver) = oneshot::channel();
    let progress = CallProgress {
        host,
        on_start,
        on_text,
        started: Cell::new(Some(started)),
        began: Cell::new(None),
        streaming: Cell::new(true),
        heard: Cell::new(None),
    };
    let complete = pin!(host.complete(request, &progress));
    let watchdog = pin!(watchdog(&progress, started_receiver, limits));
    match select(complete, watchdog).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((timeout, _)) => Err(timeout),
    }
}

/// What is known of a running call.
struct CallProgress<'a, H: Host> {
    host: &'a H,
    on_start: &'a dyn Fn(),
    on_text: &'a dyn Fn(&str),
    started: Cell<Option<oneshot::Sender<()>>>,
    began: Cell<Option<Timestamp>>,
    streaming: Cell<bool>,
    /// When anything last arrived of the reply.
    heard: Cell<Option<Timestamp>>,
}

impl<H: Host> Progress for CallProgress<'_, H> {
    fn call_started(&self, streaming: bool) {
        (self.on_start)();
        self.streaming.set(streaming);
        // A call that is repeated within its attempt (a refused parameter) starts over.
        self.began.set(Some(self.host.now()));
        self.heard.set(None);
        if let Some(started) = self.started.take() {
            // The other end is the watchdog of this very call.
            let _ = started.send(());
        }
    }

    fn delta(&self, text: &str) {
        self.alive();
        (self.on_text)(text);
    }

    fn alive(&self) {
        self.heard.set(Some(self.host.now()));
    }
}

/// Returns when a limit is passed.
async fn watchdog<H: Host>(
    progress: &CallProgress<'_, H>,
    started: oneshot::Receiver<()>,
    limits: TimeLimits,
) -> ModelError {
    if started.await.is_err() {
        // The call never went out and is over: its own outcome wins.
        futures::future::pending::<()>().await;
    }
    loop {
        let (deadline, error) = progress.next_limit(limits);
        let left = deadline.ms_since(progress.host.now());
        if left == 0 {
            return error;
        }
        // A first token while it sleeps brings the next limit nearer, by no more than one period of silence.
        let nap = left.min(limits.idle_ms).min(limits.first_token_ms).max(1);
        progress.host.sleep(nap).fuse().await;
    }
}

impl<H: Host> CallProgress<'_, H> {
    fn next_limit(&self, limits: TimeLimits) -> (Timestamp, ModelError) {
        let began = self.began.get().unwrap_or_default();
        let whole = (began.plus_ms(limits.whole_ms), timeout("took", limits.whole_ms));
        let silence = match self.heard.get() {
            Some(heard) => (
                heard.plus_ms(limits.idle_ms),
                timeout("sent nothing for", limits.idle_ms),
            ),
            None if self.streaming.get() => (
                began.plus_ms(limits.first_token_ms),
                timeout("sent no first token for", limits.first_token_ms),
            ),
            None => return whole,
        };
        if silence.0 < whole.0 { silence } else { whole }
    }
}

fn timeout(what: &str, limit_ms: u64) -> ModelError {
    let message = format!("the model {what} {} s: the call was aborted", seconds(limit_ms));
    ModelError::new(ErrorClass::Transient, ErrorName::Timeout, message)
}
