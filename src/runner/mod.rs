//! The only async code of the core: it joins the engine to the ports.
//!
//! [`Runner::submit`] is one turn with no await in it: engine, journal, alarm. It returns the attempts that the input
//! started, and [`Runner::drive`] is the only way to run attempts: one model call each, all concurrently, and whatever
//! the end of one starts is driven from there. Nobody else runs attempts, so that a retry that is due, a resume or an
//! approval never waits for a slow sibling.
//!
//! Memory holds `in_flight`, one abort handle per running call. An attempt that the journal calls in flight and that is
//! missing there was lost with an earlier life of the host; the alarm finds it.
//!
//! No `RefCell` borrow is ever held across an await: a request interleaves with the alarm at each of them.

mod call;
pub mod feed;
pub mod log;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use futures::channel::{mpsc, oneshot};
use futures::future::{AbortHandle, Abortable, LocalBoxFuture, join_all, select};

use feed::{Delta, Feed, Tick, Update};

use crate::clock::Clock;
use crate::engine::spec::WorkflowSpec;
use crate::engine::time::Timestamp;
use crate::engine::{AttemptId, Event, Input, Recorded, Rejection, Workflow};
use crate::journal::{Journal, JournalError, LoadError};
use crate::model::{ErrorClass, Model, ModelError, ModelReply};

/// How long an outcome that unlocks nothing may wait to share a commit.
const GROUP_COMMIT_MS: u64 = 5;
/// Timers reach this many heartbeats ahead; what is due later is the alarm's.
const TIMER_HEARTBEATS_MAX: u64 = 2;

/// What the runner needs of its surroundings.
pub trait Host: Clock + Journal + Model + 'static {
    /// Runs a future to its end although nobody waits for it.
    fn spawn(&self, future: LocalBoxFuture<'static, ()>);
    /// Arms the object's one alarm, in the same transaction as the writes of this turn.
    fn set_alarm(&self, at: Timestamp);
    /// Deletes everything that the object has, the alarm included.
    fn delete_all(&self) -> LocalBoxFuture<'_, Result<(), JournalError>>;
    /// Returns when everything written so far is durable.
    fn sync(&self) -> LocalBoxFuture<'static, Result<(), JournalError>>;
    /// Events that were just committed, in order: for the log.
    fn committed(&self, workflow: &Workflow, events: &[Recorded]);
    /// A failure of ours that no caller is told of.
    fn warn(&self, message: &str);
}

/// Why an input was not taken.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum SubmitError {
    #[error("there is no such workflow")]
    NotFound,
    #[error("a workflow with this id exists")]
    AlreadyExists,
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// The attempts that a turn started. They run only when driven.
#[must_use = "the attempts run only when driven"]
#[derive(Debug, Default)]
pub struct Started(Vec<AttemptId>);

/// Runs one workflow. Cloning gives another handle to the same.
pub struct Runner<H: Host> {
    inner: Rc<Inner<H>>,
}

struct Inner<H: Host> {
    host: H,
    heartbeat_ms: u64,
    /// None until loaded, and after a failed write.
    live: RefCell<Option<Live>>,
    in_flight: RefCell<Vec<(AttemptId, AbortHandle)>>,
    timer: RefCell<Option<(Timestamp, AbortHandle)>>,
    flush_pending: Cell<bool>,
    waiters: RefCell<Vec<oneshot::Sender<()>>>,
    feed: Feed,
}

/// A workflow being watched: first the journal after the client's last event, then `deltas`, then `updates`.
pub struct Subscription {
    /// The last event of the journal at the time: `updates` continue after it.
    pub seq: u64,
    /// Nothing will follow: the workflow has ended.
    pub ended: bool,
    /// The text so far of each attempt in flight.
    pub deltas: Vec<Delta>,
    pub updates: mpsc::Receiver<Update>,
}

/// The workflow in memory, and what of it is not on disk yet.
struct Live {
    workflow: Workflow,
    /// Of the last event, committed or not.
    seq: u64,
    uncommitted: Vec<Recorded>,
}

impl<H: Host> Clone for Runner<H> {
    fn clone(&self) -> Self {
        Runner { inner: self.inner.clone() }
    }
}

impl<H: Host> Runner<H> {
    /// `heartbeat_ms`: how long after a crash the alarm finds what was lost, at most.
    pub fn new(host: H, heartbeat_ms: u64) -> Self {
        let inner = Inner {
            host,
            heartbeat_ms,
            live: RefCell::new(None),
            in_flight: RefCell::default(),
            timer: RefCell::new(None),
            flush_pending: Cell::new(false),
            waiters: RefCell::default(),
            feed: Feed::default(),
        };
        Runner { inner: Rc::new(inner) }
    }

    pub fn host(&self) -> &H {
        &self.inner.host
    }

    /// Journals a new workflow and arms the alarm, in this turn.
    pub fn create(&self, spec: WorkflowSpec) -> Result<Started, SubmitError> {
        match self.load() {
            Ok(()) => return Err(SubmitError::AlreadyExists),
            Err(SubmitError::NotFound) => {}
            Err(error) => return Err(error),
        }
        let host = &self.inner.host;
        let (workflow, events) = Workflow::create(spec, host.now());
        let mut live = Live {
            workflow,
            seq: 0,
            uncommitted: Vec::new(),
        };
        live.record(events, host.now());
        *self.inner.live.borrow_mut() = Some(live);
        host.set_alarm(host.now().plus_ms(self.inner.heartbeat_ms));
        self.submit(Input::TimePassed)
    }

    /// One turn: the engine decides, the journal commits, the calls that lost their meaning are aborted.
    pub fn submit(&self, input: Input) -> Result<Started, SubmitError> {
        self.load()?;
        let (now, entropy) = (self.inner.host.now(), self.inner.host.entropy());
        let mut started = Started::default();
        let (may_wait, alarm_at) = {
            let mut borrowed = self.inner.live.borrow_mut();
            let live = borrowed.as_mut().ok_or(SubmitError::NotFound)?;
            let (was_active, had_ended) = (live.workflow.is_active(), live.workflow.purge_at().is_some());
            let events = live.workflow.handle(input, now, entropy)?;
            let may_wait = !events.is_empty() && events.iter().all(|event| matches!(event, Event::AttemptCompleted { .. }));
            let attempts = live.workflow.in_flight();
            started.0 = attempts
                .into_iter()
                .filter(|id| events.iter().any(|event| starts(event, id)))
                .collect();
            live.record(events, now);
            let workflow = &live.workflow;
            // An idle workflow has no heartbeat: neither one that begins to run nor one that is terminated would be found.
            let alarm_at = match workflow.purge_at() {
                _ if was_active => None,
                _ if workflow.is_active() => Some(now.plus_ms(self.inner.heartbeat_ms)),
                purge_at => purge_at.filter(|_| !had_ended),
            };
            (may_wait && !workflow.in_flight().is_empty(), alarm_at)
        };
        if let Some(at) = alarm_at {
            self.inner.host.set_alarm(at);
        }
        if may_wait {
            self.flush_soon();
            return Ok(started);
        }
        self.flush()?;
        self.abort_stale();
        self.arm_timer(now);
        Ok(started)
    }

    /// Runs attempts, and whatever their ends start, until nothing of it is left.
    pub fn drive(&self, started: Started) -> LocalBoxFuture<'static, ()> {
        let runs: Vec<_> = started.0.into_iter().map(|attempt| self.clone().run(attempt)).collect();
        join_all(runs).map(drop).boxed_local()
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

    /// The heartbeat: re-arms, finds the attempts that were lost, and does what is due. Returns at once.
    pub async fn alarm(&self) -> Result<(), SubmitError> {
        let host = &self.inner.host;
        let heartbeat = host.now().plus_ms(self.inner.heartbeat_ms);
        match self.load() {
            Ok(()) => {}
            Err(SubmitError::NotFound) => return Ok(()),
            Err(error) => {
                host.set_alarm(heartbeat);
                return Err(error);
            }
        }
        let (active, purge_at, lost) = {
            let borrowed = self.inner.live.borrow();
            let Some(live) = borrowed.as_ref() else { return Ok(()) };
            let in_flight = self.inner.in_flight.borrow();
            let lost: Vec<AttemptId> = live
                .workflow
                .in_flight()
                .into_iter()
                .filter(|id| !in_flight.iter().any(|(known, _)| known == id))
                .collect();
            (live.workflow.is_active(), live.workflow.purge_at(), lost)
        };
        if let Some(purge_at) = purge_at {
            if purge_at <= host.now() {
                return self.delete().await.map_err(SubmitError::Journal);
            }
            host.set_alarm(purge_at);
            return Ok(());
        }
        if !active {
            return Ok(());
        }
        host.set_alarm(heartbeat);
        self.submit_and_drive(Input::AttemptsLost(lost))
    }

    /// Aborts every call and deletes everything.
    pub async fn delete(&self) -> Result<(), JournalError> {
        self.forget();
        self.abort_all();
        self.inner.host.delete_all().await?;
        // A request during the await may have brought the workflow back into memory, and its calls with it. Left there, its
        // next event would be the first of an otherwise empty journal.
        self.forget();
        match self.load() {
            Ok(()) => self.abort_stale(),
            Err(_) => self.abort_all(),
        }
        self.inner.feed.close();
        self.wake_waiters();
        Ok(())
    }

    fn abort_all(&self) {
        for (_, handle) in self.inner.in_flight.borrow_mut().drain(..) {
            handle.abort();
        }
    }

    /// Reads the workflow and the sequence number of its last event. What is shown is on disk.
    pub fn read<T>(&self, read: impl FnOnce(&Workflow, u64) -> T) -> Result<T, SubmitError> {
        self.load()?;
        self.flush()?;
        let borrowed = self.inner.live.borrow();
        let live = borrowed.as_ref().ok_or(SubmitError::NotFound)?;
        Ok(read(&live.workflow, live.seq))
    }

    /// Returns when the workflow has ended, waits for a person or is gone, at the latest after `ms`.
    pub async fn wait(&self, ms: u64) -> Result<(), SubmitError> {
        let until = self.inner.host.now().plus_ms(ms);
        loop {
            if !self.read(|workflow, _| workflow.is_active())? {
                return Ok(());
            }
            let left = until.ms_since(self.inner.host.now());
            if left == 0 {
                return Ok(());
            }
            select(self.news(), self.inner.host.sleep(left)).await;
        }
    }

    /// Resolves when the workflow ends, comes to rest or is deleted.
    fn news(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiters = self.inner.waiters.borrow_mut();
        // Those whose time is up: a client that asks every minute must not pile them up.
        waiters.retain(|waiter| !waiter.is_canceled());
        waiters.push(sender);
        receiver
    }

    /// Watches the workflow from now on. In one turn with the reading of `seq`, so that nothing falls between.
    pub fn subscribe(&self) -> Result<Subscription, SubmitError> {
        let (seq, ended) = self.read(|workflow, seq| (seq, workflow.status().is_terminal()))?;
        let (updates, deltas) = self.inner.feed.subscribe();
        Ok(Subscription {
            seq,
            ended,
            deltas,
            updates,
        })
    }

    /// How many clients watch.
    pub fn subscriber_count(&self) -> usize {
        self.inner.feed.subscriber_count()
    }

    /// Replays the journal unless the workflow is in memory.
    fn load(&self) -> Result<(), SubmitError> {
        if self.inner.live.borrow().is_some() {
            return Ok(());
        }
        let log = self.inner.host.load()?;
        let seq = log.last().ok_or(SubmitError::NotFound)?.seq;
        let workflow = Workflow::replay(log).map_err(|error| LoadError::Corrupt(error.to_string()))?;
        *self.inner.live.borrow_mut() = Some(Live {
            workflow,
            seq,
            uncommitted: Vec::new(),
        });
        Ok(())
    }

    /// Commits what is not on disk yet. On failure memory may be ahead of the disk: it is dropped and replayed at the next turn.
    fn flush(&self) -> Result<(), JournalError> {
        let result = {
            let mut borrowed = self.inner.live.borrow_mut();
            let Some(live) = borrowed.as_mut() else { return Ok(()) };
            if live.uncommitted.is_empty() {
                return Ok(());
            }
            let result = self.inner.host.append(&live.uncommitted);
            if result.is_ok() {
                let events = std::mem::take(&mut live.uncommitted);
                self.inner.host.committed(&live.workflow, &events);
                self.publish(&events);
            }
            result.map(|()| live.workflow.is_active())
        };
        match result {
            Ok(active) => {
                if !active {
                    self.wake_waiters();
                }
                Ok(())
            }
            Err(error) => {
                self.inner.host.warn(&error.to_string());
                self.forget();
                // The write may have been kept: the subscribers would miss its events.
                self.inner.feed.disconnect();
                Err(error)
            }
        }
    }

    /// Tells the subscribers once the events are durable.
    fn publish(&self, events: &[Recorded]) {
        let Some(last) = events.last().map(|recorded| recorded.seq) else {
            return;
        };
        if !self.inner.feed.committed(events) {
            return;
        }
        let runner = self.clone();
        let synced = self.inner.host.sync();
        self.inner.host.spawn(
            async move {
                match synced.await {
                    Ok(()) => runner.inner.feed.durable(last),
                    // The object is about to be reset: its clients reconnect and read the journal.
                    Err(error) => runner.inner.host.warn(&error.to_string()),
                }
            }
            .boxed_local(),
        );
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

    fn flush_soon(&self) {
        if self.inner.flush_pending.replace(true) {
            return;
        }
        let runner = self.clone();
        let sleep = self.inner.host.sleep(GROUP_COMMIT_MS);
        self.inner.host.spawn(
            async move {
                sleep.await;
                runner.inner.flush_pending.set(false);
                // A failure is reported by `flush`; the alarm finds the attempts that it undid.
                let _ = runner.flush();
            }
            .boxed_local(),
        );
    }

    /// Drops the workflow in memory. The calls in flight go on: after the replay they are still current, or ignored.
    fn forget(&self) {
        *self.inner.live.borrow_mut() = None;
        if let Some((_, timer)) = self.inner.timer.borrow_mut().take() {
            timer.abort();
        }
    }

    /// Aborts the calls whose reply would be ignored: terminated, restarted, out of time.
    fn abort_stale(&self) {
        let borrowed = self.inner.live.borrow();
        let Some(live) = borrowed.as_ref() else { return };
        self.inner.in_flight.borrow_mut().retain(|(attempt, handle)| {
            let current = live.workflow.is_current(attempt);
            if !current {
                handle.abort();
            }
            current
        });
    }

    /// One timer per object, at the next instant at which something becomes due.
    fn arm_timer(&self, now: Timestamp) {
        let horizon = now.plus_ms(self.inner.heartbeat_ms.saturating_mul(TIMER_HEARTBEATS_MAX));
        let due = self
            .inner
            .live
            .borrow()
            .as_ref()
            .filter(|live| live.workflow.is_active())
            .and_then(|live| live.workflow.wake_at(now));
        let due = due.filter(|at| *at <= horizon);
        let mut timer = self.inner.timer.borrow_mut();
        if timer.as_ref().map(|(at, _)| *at) == due {
            return;
        }
        if let Some((_, old)) = timer.take() {
            old.abort();
        }
        let Some(at) = due else { return };
        let (handle, registration) = AbortHandle::new_pair();
        let runner = self.clone();
        let sleep = Abortable::new(self.inner.host.sleep(at.ms_since(now)), registration);
        self.inner.host.spawn(
            async move {
                if sleep.await.is_ok() {
                    runner.timer_fired();
                }
            }
            .boxed_local(),
        );
        *timer = Some((at, handle));
    }

    fn timer_fired(&self) {
        self.inner.timer.borrow_mut().take();
        match self.submit_and_drive(Input::TimePassed) {
            Ok(()) | Err(SubmitError::NotFound) => {}
            Err(error) => self.inner.host.warn(&error.to_string()),
        }
    }

    /// One attempt: the call, then the turn of its outcome, then what that started.
    async fn run(self, attempt: AttemptId) {
        let request = self
            .inner
            .live
            .borrow()
            .as_ref()
            .and_then(|live| live.workflow.model_request(&attempt));
        let Some(request) = request else { return };
        let limits = self
            .inner
            .live
            .borrow()
            .as_ref()
            .map(|live| call::TimeLimits::from(&live.workflow.spec().policy));
        let Some(limits) = limits else { return };
        let (handle, registration) = AbortHandle::new_pair();
        self.inner.in_flight.borrow_mut().push((attempt.clone(), handle));
        self.inner.feed.attempt_began(&attempt);
        let on_text = |text: &str| self.text(&attempt, text);
        let outcome = Abortable::new(call::call(&self.inner.host, &request, limits, &on_text), registration).await;
        self.inner.feed.attempt_ended(&attempt);
        self.inner.in_flight.borrow_mut().retain(|(known, _)| *known != attempt);
        let Ok(outcome) = outcome else { return };
        // This invocation can make no further call: the alarm finds the attempt missing and repeats it in a fresh one.
        if outcome.as_ref().is_err_and(|error| error.class == ErrorClass::Interrupted) {
            return;
        }
        let next = self.submit_outcome(attempt, outcome);
        self.drive(next).await;
    }

    /// A failed write is tried once more after a replay: what was paid for is not thrown away lightly.
    fn submit_outcome(&self, attempt: AttemptId, outcome: Result<ModelReply, ModelError>) -> Started {
        let input = Input::AttemptFinished { attempt, outcome };
        let result = match self.submit(input.clone()) {
            Err(SubmitError::Journal(_)) => self.submit(input),
            other => other,
        };
        match result {
            Ok(started) => started,
            // Deleted meanwhile: nobody waits for the answer.
            Err(SubmitError::NotFound) => Started::default(),
            Err(error) => {
                self.inner.host.warn(&error.to_string());
                Started::default()
            }
        }
    }

    fn wake_waiters(&self) {
        for waiter in self.inner.waiters.borrow_mut().drain(..) {
            // The other end may have stopped waiting.
            let _ = waiter.send(());
        }
    }
}

impl Live {
    fn record(&mut self, events: Vec<Event>, at: Timestamp) {
        // The engine's clock never goes back; the journal's does not either.
        let at = at.max(self.workflow.last_at());
        for event in events {
            self.seq += 1;
            self.uncommitted.push(Recorded { seq: self.seq, at, event });
        }
    }
}

fn starts(event: &Event, id: &AttemptId) -> bool {
    matches!(event, Event::AttemptStarted { step, run, number, .. } if *step == id.step && *run == id.run && *number == id.number)
}
