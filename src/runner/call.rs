//! One model call under its time limits: first token, silence between tokens, and the whole. It may also end before its
//! reply does, once the text so far is all that is wanted.

use crate::errors::ErrorName;
use std::cell::{Cell, RefCell};
use std::pin::pin;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Either, select};

use super::host::Host;
use crate::engine::words::spec::Policy;
use crate::engine::words::time::Timestamp;
use crate::model::{ErrorClass, Finish, ModelError, ModelReply, ModelRequest, Progress, Provider};
use crate::text::seconds;

/// A text that is longer than this is asked for its end no more: what is not enough by then is wanted whole.
const STOP_BYTES_MAX: usize = 4 * 1024;

/// Milliseconds. They run from when the call goes out.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeLimits {
    first_token_ms: u64,
    idle_ms: u64,
    pub whole_ms: u64,
}

impl TimeLimits {
    pub(super) fn of(policy: &Policy, provider: Provider) -> Self {
        let of_all = [
            policy.first_token_timeout_ms,
            policy.idle_timeout_ms,
            policy.attempt_timeout_ms,
        ];
        let of_ollama = policy.ollama_timeouts_ms.filter(|_| provider == Provider::Ollama);
        let [first_token_ms, idle_ms, whole_ms] = of_ollama.unwrap_or(of_all);
        TimeLimits {
            first_token_ms,
            idle_ms,
            whole_ms,
        }
    }
}

/// Says of the text so far whether it is all that is wanted of the reply.
pub(super) type Stop<'a> = &'a dyn Fn(&str) -> bool;

/// What a call tells while it runs.
pub(super) struct Listeners<'a> {
    pub on_start: &'a dyn Fn(),
    pub on_text: &'a dyn Fn(&str),
    /// Asked while the text is short. None: the whole reply is wanted.
    pub stop: Option<Stop<'a>>,
}

/// Calls the model, and gives up where a limit is passed: dropping the call's future aborts it. So it does where no
/// more of the reply is wanted. The reply is then the text so far.
pub(super) async fn call<H: Host>(
    host: &H,
    request: &ModelRequest,
    limits: TimeLimits,
    listeners: Listeners<'_>,
) -> Result<ModelReply, ModelError> {
    let (started, started_receiver) = oneshot::channel();
    let (enough, enough_receiver) = oneshot::channel();
    let progress = CallProgress {
        host,
        listeners,
        started: Cell::new(Some(started)),
        so_far: RefCell::default(),
        is_enough: Cell::new(false),
        enough: Cell::new(Some(enough)),
        began: Cell::new(None),
        streaming: Cell::new(true),
        heard: Cell::new(None),
    };
    let complete = pin!(host.complete(request, &progress));
    let watchdog = pin!(watchdog(&progress, started_receiver, limits));
    let outcome = match select(complete, select(enough_receiver, watchdog)).await {
        Either::Left((outcome, _)) => Some(outcome),
        Either::Right((Either::Right((timeout, _)), _)) => Some(Err(timeout)),
        Either::Right((Either::Left(_), _)) => None,
    };
    match outcome {
        // The call may end in the moment in which its text is enough. However it ended, its figures are true.
        outcome if progress.is_enough.get() => Ok(stopped_at(progress.so_far.take(), outcome.and_then(Result::ok))),
        Some(outcome) => outcome,
        // Unreachable, because the sender lives as long as `progress`.
        None => Err(timeout("took", limits.whole_ms)),
    }
}

/// The reply of a call that was stopped.
fn stopped_at(text: String, whole: Option<ModelReply>) -> ModelReply {
    let (usage, model, adapted) =
        whole.map_or_else(Default::default, |reply| (reply.usage, reply.model, reply.adapted));
    ModelReply {
        text,
        finish: Finish::Stop,
        usage,
        model,
        adapted,
    }
}

/// What is known of a running call.
struct CallProgress<'a, H: Host> {
    host: &'a H,
    listeners: Listeners<'a>,
    started: Cell<Option<oneshot::Sender<()>>>,
    /// The text, as long as `stop` is asked about it.
    so_far: RefCell<String>,
    is_enough: Cell<bool>,
    enough: Cell<Option<oneshot::Sender<()>>>,
    began: Cell<Option<Timestamp>>,
    streaming: Cell<bool>,
    /// When anything last arrived of the reply.
    heard: Cell<Option<Timestamp>>,
}

impl<H: Host> Progress for CallProgress<'_, H> {
    fn call_started(&self, streaming: bool) {
        (self.listeners.on_start)();
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
        // What comes in the same moment is not wanted any more.
        if !self.is_enough.get() {
            (self.listeners.on_text)(text);
            self.ask_whether_enough(text);
        }
    }

    fn queued(&self) {
        // Somebody runs it, so the alarm must not give it up.
        (self.listeners.on_start)();
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
    fn ask_whether_enough(&self, text: &str) {
        let mut so_far = self.so_far.borrow_mut();
        let Some(stop) = self.listeners.stop.filter(|_| so_far.len() <= STOP_BYTES_MAX) else {
            return;
        };
        so_far.push_str(text);
        if stop(&so_far) {
            self.is_enough.set(true);
            if let Some(enough) = self.enough.take() {
                // The other end is the call itself.
                let _ = enough.send(());
            }
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ollama_has_limits_of_its_own_where_the_workflow_says_so() {
        let limits = |policy: &Policy, provider| {
            let TimeLimits {
                first_token_ms,
                idle_ms,
                whole_ms,
            } = TimeLimits::of(policy, provider);
            [first_token_ms, idle_ms, whole_ms]
        };
        let plain = Policy::default();
        let own = Policy {
            ollama_timeouts_ms: Some([1, 2, 3]),
            ..Policy::default()
        };
        let of_all = [120_000, 60_000, 900_000];
        assert_eq!(limits(&plain, Provider::Ollama), of_all);
        assert_eq!(limits(&own, Provider::Ollama), [1, 2, 3]);
        assert_eq!(limits(&own, Provider::Openai), of_all);
    }
}
