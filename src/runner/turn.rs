//! One turn of a workflow, and running the attempts that it started.

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};

use super::commit::Loaded;
use super::host::Host;
use super::{Runner, Started, SubmitError};
use crate::engine::words::spec::WorkflowSpec;
use crate::engine::{AttemptId, Event, Input, Workflow};

impl<H: Host> Runner<H> {
    /// Journals a new workflow and arms the alarm, in this turn. With a fingerprint (of a body under an idempotency
    /// key) an existing workflow that was asked for in the same way is as good as a new one, and nothing happens. An
    /// earlier life of the id may still be leaving: that is waited for first.
    pub async fn create(&self, spec: WorkflowSpec) -> Result<Started, SubmitError> {
        self.emptied().await;
        match self.ensure_loaded() {
            Ok(()) if spec.fingerprint.is_some() => {
                let is_same = self.read(|workflow, _| workflow.spec().is_asked_for_again_by(&spec))?;
                return if is_same {
                    Ok(Started::default())
                } else {
                    Err(SubmitError::OtherBody)
                };
            }
            Ok(()) => return Err(SubmitError::AlreadyExists),
            Err(SubmitError::NotFound) => {}
            Err(error) => return Err(error),
        }
        let host = &self.inner.host;
        let now = host.now();
        let (workflow, events) = Workflow::create(spec, now);
        let mut loaded = Loaded::new(workflow, 0, now);
        loaded.record(events, now);
        *self.inner.loaded.borrow_mut() = Some(loaded);
        self.hear(0);
        // Whatever an earlier life under this id had armed is gone with its data.
        self.arm(now.plus_ms(self.inner.heartbeat_ms));
        // Nothing is on disk yet. The first turn commits `workflow_queued` together with the start of the plan's call.
        self.submit(Input::TimePassed)
    }

    /// One turn: the engine decides, the journal commits, the calls that lost their meaning are aborted.
    pub fn submit(&self, input: Input) -> Result<Started, SubmitError> {
        // From here to the append nothing awaits, so that no other input comes between a decision and its commit.
        self.ensure_loaded()?;
        if matches!(input, Input::Control(_)) {
            self.hear(0);
        }
        let (now, entropy) = (self.inner.host.now(), self.inner.host.entropy());
        let mut started = Started::default();
        let may_wait = {
            let mut borrowed = self.inner.loaded.borrow_mut();
            let loaded = borrowed.as_mut().ok_or(SubmitError::NotFound)?;
            // The engine decides. A rejected control leaves the workflow as it was, so nothing has to be undone.
            let events = loaded.workflow.handle(input, now, entropy)?;
            // An answer that unlocks nothing while others are on their way may share the next commit.
            let unlocks_nothing = events
                .iter()
                .all(|event| matches!(event, Event::AttemptCompleted { .. }));
            let may_wait = !events.is_empty() && unlocks_nothing;
            let in_flight = loaded.workflow.in_flight();
            let others_in_flight = !in_flight.is_empty();
            // Only what this turn started: whatever else is in flight is driven already.
            started.0 = in_flight
                .into_iter()
                .filter(|attempt| events.iter().any(|event| starts(event, attempt)))
                .collect();
            loaded.record(events, now);
            may_wait && others_in_flight
        };
        let wake_at = self.next_wake(now).map(|(at, _)| at);
        // The alarm belongs to the same transaction as the append.
        self.arm_if_earlier(wake_at);
        if may_wait {
            self.flush_soon();
            return Ok(started);
        }
        // A turn that failed to commit has started nothing: memory is dropped, and its attempts are never driven.
        self.flush()?;
        self.tell_soon();
        // Not before the commit, because a call must not be aborted for a decision that is lost.
        self.abort_stale();
        self.arm_timer(now);
        Ok(started)
    }

    /// Runs the attempts, then the attempts that their results start, until none is left. Flat: a thousand attempts in
    /// a row are a thousand rounds of this loop, and an attempt's request dies with its call.
    pub fn drive(&self, started: Started) -> LocalBoxFuture<'static, ()> {
        let runner = self.clone();
        async move {
            let run = |attempt: AttemptId| runner.clone().run(attempt);
            let mut running: FuturesUnordered<_> = started.0.into_iter().map(run).collect();
            while let Some(next) = running.next().await {
                running.extend(next.0.into_iter().map(run));
            }
        }
        .boxed_local()
    }

    /// Submits, and runs what it started in the background.
    pub fn submit_and_drive(&self, input: Input) -> Result<(), SubmitError> {
        let started = self.submit(input)?;
        self.spawn_drive(started);
        Ok(())
    }

    pub fn spawn_drive(&self, started: Started) {
        if !started.0.is_empty() {
            self.inner.host.spawn(self.drive(started));
        }
    }

    /// Aborts the calls whose reply would be ignored: terminated, restarted, out of time.
    fn abort_stale(&self) {
        let borrowed = self.inner.loaded.borrow();
        if let Some(loaded) = borrowed.as_ref() {
            let is_current = |attempt: &AttemptId| loaded.workflow.is_current(attempt);
            self.inner.in_flight.abort_unless_current(is_current);
        }
    }
}

fn starts(event: &Event, id: &AttemptId) -> bool {
    matches!(
        event,
        Event::AttemptStarted { step, run, number, .. }
            if *step == id.step && *run == id.run && *number == id.number
    )
}
