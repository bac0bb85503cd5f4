//! The only async code of the core: it joins the engine to the ports.
//!
//! [`Runner::submit`] is one turn with no await in it: engine, journal, alarm. It returns the attempts that the input
//! started. [`Runner::drive`] is the only way to run attempts: one model call each, all concurrently, then the attempts
//! that their ends start. So a retry that is due, a resume or an approval never waits for a slow sibling.
//!
//! In reading order:
//! - [`host`]: what the runner needs of its surroundings.
//! - `turn`: a turn, and running the attempts that it started. `commit`: memory and disk.
//! - `attempt`, `call`: one attempt, and its model call under time limits. `in_flight`: the calls that run.
//! - [`wake`]: the alarm and the timer. `removal`: the end of a workflow's data. `notices`: the tenant's index is told.
//! - `feed`, [`stream`], `wait`, `listeners`: who looks on. [`log`]: one line per event.
//!
//! No `RefCell` borrow is ever held across an await: a request interleaves with the alarm at each of them.

mod attempt;
mod call;
mod commit;
mod feed;
mod host;
mod in_flight;
mod listeners;
pub mod log;
mod notices;
mod removal;
pub mod stream;
mod turn;
mod wait;
pub mod wake;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::AbortHandle;

use crate::engine::words::time::Timestamp;
use crate::engine::{AttemptId, Rejection};
use crate::journal::{JournalError, LoadError};
use commit::Loaded;
use feed::Feed;
pub use feed::SUBSCRIBERS_MAX;
pub use host::Host;
use in_flight::InFlight;

/// Why an input was not taken.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum SubmitError {
    #[error("there is no such workflow")]
    NotFound,
    #[error("a workflow with this id exists")]
    AlreadyExists,
    /// Under one idempotency key another body was submitted.
    #[error("a workflow with this idempotency key and another body exists")]
    OtherBody,
    #[error("{SUBSCRIBERS_MAX} clients read the events of this workflow already")]
    TooManySubscribers,
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
    loaded: RefCell<Option<Loaded>>,
    /// Until when the index is being told, unless the platform has dropped it.
    telling_until: Cell<Option<Timestamp>>,
    /// After a failure: not before.
    tell_after: Cell<Timestamp>,
    /// The last event that the index was to be told of.
    tried: Cell<u64>,
    /// Since when there are tombstones.
    buried_since: Cell<Option<Timestamp>>,
    /// The storage is being emptied: who waits for its end.
    emptying: RefCell<Option<Vec<oneshot::Sender<()>>>>,
    in_flight: InFlight,
    /// Until when somebody listens, or did.
    heard: Cell<Timestamp>,
    /// What this life of the host has armed; None after the alarm fired, and before anything was armed.
    armed: Cell<Option<Timestamp>>,
    timer: RefCell<Option<(Timestamp, AbortHandle)>>,
    /// Somebody sleeps until then to commit what waits.
    flush_at: Cell<Option<Timestamp>>,
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
            loaded: RefCell::new(None),
            telling_until: Cell::new(None),
            tell_after: Cell::default(),
            tried: Cell::default(),
            buried_since: Cell::new(None),
            emptying: RefCell::new(None),
            in_flight: InFlight::default(),
            heard: Cell::default(),
            armed: Cell::new(None),
            timer: RefCell::new(None),
            flush_at: Cell::new(None),
            waiters: RefCell::default(),
            feed: Feed::default(),
        };
        Runner { inner: Rc::new(inner) }
    }

    pub fn host(&self) -> &H {
        &self.inner.host
    }
}
