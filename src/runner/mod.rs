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

mod attempt;
mod call;
mod commit;
pub mod feed;
pub mod log;
mod timer;
mod watch;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use commit::Live;
use feed::Feed;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{AbortHandle, LocalBoxFuture, join_all};
pub use watch::Subscription;

use crate::clock::Clock;
use crate::engine::words::spec::WorkflowSpec;
use crate::engine::words::time::Timestamp;
use crate::engine::{AttemptId, Event, Input, Recorded, Rejection, Workflow};
use crate::journal::{Journal, JournalError, LoadError};
use crate::model::Model;

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

impl<H: Host> Clone for Runner<H> {
    fn clone(&self) -> Self {
        Runner {
            inner: self.inner.clone(),
        }
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
            let may_wait = !events.is_empty()
                && events
                    .iter()
                    .all(|event| matches!(event, Event::AttemptCompleted { .. }));
            let attempts = live.workflow.in_flight();
            started.0 = attempts
                .into_iter()
                .filter(|id| events.iter().any(|event| starts(event, id)))
                .collect();
            live.record(events, now);
            let workflow = &live.workflow;
            // An idle workflow has no heartbeat: neither one that begins to run nor one that is terminated would be
            // found.
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
        // A request during the await may have brought the workflow back into memory, and its calls with it. Left there,
        // its next event would be the first of an otherwise empty journal.
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
}

fn starts(event: &Event, id: &AttemptId) -> bool {
    matches!(event, Event::AttemptStarted { step, run, number, .. } if *step == id.step && *run == id.run && *number == id.number)
}
