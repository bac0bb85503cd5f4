//! The platform, simulated: a disk that commits once per turn, one alarm, an output gate, and what crossed it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use orchestrator_workers::engine::show::live::life;
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{AttemptId, Event, Input, Recorded};
use orchestrator_workers::model::{ErrorClass, ModelError, ModelReply};
use orchestrator_workers::notify::Notice;

use crate::executor::Executor;
use crate::index::Index;
use crate::mutant::Mutant;
use crate::random::Random;
use crate::workload::Workload;

/// How often the platform repeats an alarm whose handler throws, and the first pause.
const ALARM_RETRIES_MAX: u32 = 6;
const ALARM_RETRY_MS: u64 = 2_000;
/// How long after its time limits the runner gives an attempt up.
const OVERDUE_MS: u64 = 60_000;
/// Trouble ends: then everything must come to its end too.
const STORAGE_FAILURES_MAX: u32 = 20;

/// What survives a crash.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub rows: Vec<Rc<Recorded>>,
    pub alarm: Option<u64>,
    /// The stored count of the alarm's failures in a row.
    pub alarm_failures: u32,
    /// How often in a row the platform has repeated an alarm whose handler threw.
    pub alarm_retries: u32,
    /// Of lives that were deleted, and that the index was not told of.
    pub tombstones: Vec<Notice>,
}

impl Disk {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.tombstones.is_empty()
    }
}

/// One model call that went out.
#[derive(Clone, Debug)]
pub struct Call {
    pub id: AttemptId,
    pub at: u64,
    /// Which life of the host made it.
    pub life: u32,
    /// Set when the model's answer was handed to the runner.
    pub outcome: Option<Result<ModelReply, ModelError>>,
    /// What it has streamed so far.
    pub streamed: String,
    /// Being run by this life: dropped futures end it too.
    pub open: bool,
}

pub struct World {
    pub executor: Executor,
    pub random: Random,
    pub workload: Rc<Workload>,
    pub mutant: Option<Mutant>,
    /// Durable.
    pub disk: RefCell<Disk>,
    /// What the object sees: the disk with the writes of this turn.
    pub view: RefCell<Disk>,
    /// This turn wrote rows or deleted them.
    pub rows_dirty: Cell<bool>,
    turn: Cell<u64>,
    gate: RefCell<Vec<Waker>>,
    /// The alarm handler runs, and has not set another alarm.
    pub alarm_consumed: Cell<bool>,
    pub alarm_running: Cell<bool>,
    pub life: Cell<u32>,
    pub calls: RefCell<BTreeMap<AttemptId, Call>>,
    /// Replies that come once more: when, and what is handed in.
    pub late: RefCell<Vec<(u64, Input)>>,
    pub journal_failures: Cell<u32>,
    pub storage_failures: Cell<u32>,
    pub network_failures: Cell<u32>,
    storage_failed_at: Cell<u64>,
    /// The configuration is wrong until then.
    pub misconfigured_until: Cell<u64>,
    /// The alarm was lost, and nobody has touched the workflow since.
    pub alarm_is_lost: Cell<bool>,
    /// The journals of the lives before this one, as far as they were durable.
    pub former: RefCell<Vec<Vec<Rc<Recorded>>>>,
    /// The index of the tenant: a machine of its own, which a crash of this one leaves as it is.
    pub index: RefCell<Index>,
    /// Deletions that have not returned. The workflow is gone for everybody, whether or not its rows are still there.
    pub deletions: Cell<u32>,
    /// A client's deletion goes on.
    pub client_deletes: Cell<bool>,
    /// When a client's deletion last failed; 0 is never.
    pub delete_failed_at: Cell<u64>,
    /// Of each life the last event that a `sync` which began after its commit has called durable.
    confirmed: RefCell<HashMap<String, u64>>,
    /// When somebody first touched a workflow whose alarm was lost.
    pub found_at: Cell<u64>,
    /// An alarm could not be armed in this turn.
    pub arm_failed: Cell<bool>,
    /// Somebody asks for the workflow in this turn.
    pub touched: Cell<bool>,
    /// The journal was read in this turn, so that what is armed is armed by a load.
    pub loads: Cell<bool>,
    /// Of the mutant that arms nothing any more once a purge has failed.
    pub broken_alarm: Cell<bool>,
    /// When the platform last dropped work in the background; 0 is never.
    pub dropped_at: Cell<u64>,
    /// What went wrong, and what clients saw.
    pub counts: RefCell<BTreeMap<&'static str, u64>>,
    pub violation: RefCell<Option<String>>,
    pub warnings: RefCell<Vec<String>>,
}

impl World {
    pub fn new(
        workload: Rc<Workload>,
        mutant: Option<Mutant>,
        random: Random,
        now: u64,
        disk: Disk,
        calls: BTreeMap<AttemptId, Call>,
        index: Index,
    ) -> World {
        let executor = Executor::default();
        executor.now.set(now);
        World {
            executor,
            random,
            workload,
            mutant,
            view: RefCell::new(disk.clone()),
            disk: RefCell::new(disk),
            rows_dirty: Cell::new(false),
            turn: Cell::new(1),
            gate: RefCell::default(),
            alarm_consumed: Cell::new(false),
            alarm_running: Cell::new(false),
            life: Cell::new(1),
            calls: RefCell::new(calls),
            late: RefCell::default(),
            journal_failures: Cell::new(0),
            storage_failures: Cell::new(0),
            network_failures: Cell::new(0),
            storage_failed_at: Cell::new(0),
            misconfigured_until: Cell::new(0),
            alarm_is_lost: Cell::new(false),
            found_at: Cell::new(0),
            deletions: Cell::new(0),
            client_deletes: Cell::new(false),
            delete_failed_at: Cell::new(0),
            confirmed: RefCell::default(),
            former: RefCell::default(),
            index: RefCell::new(index),
            arm_failed: Cell::new(false),
            touched: Cell::new(false),
            loads: Cell::new(false),
            broken_alarm: Cell::new(false),
            dropped_at: Cell::new(0),
            counts: RefCell::default(),
            violation: RefCell::new(None),
            warnings: RefCell::default(),
        }
    }

    pub fn now(&self) -> u64 {
        self.executor.now.get()
    }

    pub fn count(&self, what: &'static str) {
        *self.counts.borrow_mut().entry(what).or_default() += 1;
    }

    /// The first violation counts; what follows from it does not.
    pub fn violate(&self, what: impl Into<String>) {
        self.violation.borrow_mut().get_or_insert_with(|| what.into());
    }

    /// The turn's writes become durable together, and what waited behind the gate goes out.
    pub fn commit(&self) {
        if self.view.borrow().rows.len() < self.disk.borrow().rows.len() {
            let deleted = std::mem::take(&mut self.disk.borrow_mut().rows);
            self.former.borrow_mut().push(deleted);
        }
        if self.mutant != Some(Mutant::DropsAWriteItAcknowledged) || !self.random.percent(5) {
            self.disk.borrow_mut().clone_from(&self.view.borrow());
        }
        self.rows_dirty.set(false);
        self.loads.set(false);
        let arm_failed = self.arm_failed.take();
        if arm_failed {
            self.alarm_is_lost.set(true);
        } else if self.touched.get() && self.deletions.get() == 0 && self.alarm_is_lost.replace(false) {
            // Whoever asks during a deletion is told that there is nothing. The end of the deletion arms the alarm.
            self.found_at.set(self.now());
        }
        self.touched.set(false);
    }

    pub fn open_gate(&self) -> bool {
        self.turn.set(self.turn.get() + 1);
        let wakers = std::mem::take(&mut *self.gate.borrow_mut());
        let any = !wakers.is_empty();
        wakers.into_iter().for_each(Waker::wake);
        any
    }

    /// Resolves once the writes of the present turn are durable: nothing leaves the object before.
    pub fn gate(self: &Rc<Self>) -> Gate {
        Gate {
            world: self.clone(),
            turn: self.turn.get(),
        }
    }

    /// Memory is gone, and what was not durable.
    pub fn crash(&self) {
        self.executor.drop_all();
        self.view.borrow_mut().clone_from(&self.disk.borrow());
        self.rows_dirty.set(false);
        self.gate.borrow_mut().clear();
        self.alarm_consumed.set(false);
        self.alarm_running.set(false);
        self.loads.set(false);
        self.touched.set(false);
        self.deletions.set(0);
        self.client_deletes.set(false);
        self.life.set(self.life.get() + 1);
    }

    pub fn set_alarm(&self, at: Timestamp) {
        self.arm_failed.set(false);
        self.alarm_consumed.set(false);
        self.view.borrow_mut().alarm = Some(at.0);
    }

    /// The handler has returned. An alarm that was not set anew is over. One whose handler threw is repeated, after a
    /// pause that doubles from 2 s, and forgotten after the sixth time.
    pub fn alarm_done(&self, threw: bool) {
        self.alarm_running.set(false);
        let consumed = self.alarm_consumed.replace(false);
        let mut view = self.view.borrow_mut();
        if !threw {
            view.alarm_retries = 0;
            if consumed {
                view.alarm = None;
            }
        } else if view.alarm_retries < ALARM_RETRIES_MAX {
            view.alarm = Some(self.now() + (ALARM_RETRY_MS << view.alarm_retries));
            view.alarm_retries += 1;
        } else {
            view.alarm = None;
        }
    }

    /// The trouble with the storage is over.
    pub fn mend_the_storage(&self) {
        self.storage_failures.set(STORAGE_FAILURES_MAX);
    }

    /// As an older build could leave it, whose alarm threw until the platform forgot it.
    pub fn perhaps_lose_the_alarm(&self) {
        if self.random.percent(self.workload.trouble.alarm_lost) {
            self.view.borrow_mut().alarm = None;
            self.disk.borrow_mut().alarm = None;
            self.alarm_is_lost.set(true);
            self.count("alarms lost");
        }
    }

    /// Half of the pauses are so short that what the disk still does for one life of a workflow meets the next.
    pub fn soon_or_later(&self, ms_max: u64) -> u64 {
        self.random.range(1, if self.random.percent(50) { 20 } else { ms_max })
    }

    /// Whether a storage operation fails now.
    pub fn storage_fails(&self) -> bool {
        self.fails(self.workload.trouble.storage)
    }

    /// Whether a deletion fails now. Deletions are rare, and a failed one has more ways to strand a workflow.
    pub fn deletion_fails(&self) -> bool {
        self.fails(10 * self.workload.trouble.storage.min(3))
    }

    fn fails(&self, percent: u64) -> bool {
        let fails = self.storage_failures.get() < STORAGE_FAILURES_MAX && self.random.percent(percent);
        if fails {
            self.count("failures of the storage");
            self.storage_failed_at.set(self.now());
            self.storage_failures.set(self.storage_failures.get() + 1);
        }
        fails
    }

    /// Until when nobody could have noticed a lost call.
    pub fn trouble_until(&self) -> u64 {
        let now = self.now();
        if self.alarm_is_lost.get() {
            return now;
        }
        let mended_at = self.misconfigured_until.get().min(now);
        mended_at.max(self.found_at.get()).max(self.storage_failed_at.get())
    }

    pub fn is_misconfigured(&self) -> bool {
        self.now() < self.misconfigured_until.get()
    }

    /// What is written by now: the life and its last event.
    pub fn written(&self) -> Option<(String, u64)> {
        let view = self.view.borrow();
        Some((life_of(&view.rows)?, view.rows.len() as u64))
    }

    /// This much is durable, and whoever asked knows it.
    pub fn confirm(&self, written: Option<(String, u64)>) {
        let Some((life, seq)) = written else { return };
        let mut confirmed = self.confirmed.borrow_mut();
        let known = confirmed.entry(life).or_default();
        *known = seq.max(*known);
    }

    /// Whether an event of that life is durable, or was before the life was deleted, and a `sync` has said so.
    pub fn was_durable(&self, recorded: &Recorded, of_life: &str) -> bool {
        let confirmed = self.confirmed.borrow().get(of_life).copied().unwrap_or_default();
        if recorded.seq > confirmed {
            return false;
        }
        let has = |rows: &[Rc<Recorded>]| {
            let is_of_life = life_of(rows).is_some_and(|own| own == of_life);
            is_of_life
                && rows
                    .get(recorded.seq as usize - 1)
                    .is_some_and(|row| **row == *recorded)
        };
        has(&self.disk.borrow().rows) || self.former.borrow().iter().any(|rows| has(rows))
    }

    /// How long a call that the platform dropped may be missing. It looks like a running call until its own time limits
    /// must have ended it.
    pub fn patience_for_dropped_ms(&self, missing_since: u64) -> u64 {
        let dropped_at = self.dropped_at.get();
        if dropped_at == 0 || missing_since > dropped_at {
            return 0;
        }
        self.workload.spec.policy.attempt_timeout_ms + OVERDUE_MS
    }

    /// How long the alarm may pause after the failures that it has counted: doubling, up to ten minutes.
    pub fn alarm_pause_ms(&self) -> u64 {
        match self.disk.borrow().alarm_failures {
            0 => 0,
            failures => (self.workload.heartbeat_ms.max(10_000) << (failures - 1).min(20)).min(600_000),
        }
    }

    pub fn open_calls(&self) -> usize {
        self.calls.borrow().values().filter(|call| call.open).count()
    }

    /// The id of the attempt that a request belongs to: the journal's latest start of that step with that number.
    pub fn attempt_of(&self, step: &str, number: u32) -> Option<AttemptId> {
        let view = self.view.borrow();
        let Event::WorkflowQueued { spec } = &view.rows.first()?.event else {
            return None;
        };
        let run = view.rows.iter().rev().find_map(|recorded| match &recorded.event {
            Event::AttemptStarted {
                step: started,
                number: started_number,
                run,
                ..
            } if *started_number == number && started.to_string() == step => Some(*run),
            _ => None,
        })?;
        Some(AttemptId {
            nonce: spec.nonce.clone(),
            run,
            step: step.parse().ok()?,
            number,
        })
    }

    /// Whether the attempt's start is durable.
    pub fn is_durable(&self, id: &AttemptId) -> bool {
        self.disk.borrow().rows.iter().any(|recorded| {
            matches!(
                &recorded.event,
                Event::AttemptStarted { step, run, number, .. }
                    if *step == id.step && *run == id.run && *number == id.number
            )
        })
    }
}

/// The life that a journal tells of.
pub fn life_of(rows: &[Rc<Recorded>]) -> Option<String> {
    match &rows.first()?.event {
        Event::WorkflowQueued { spec } => Some(life(&spec.nonce)),
        _ => None,
    }
}

pub fn is_interrupted(outcome: &Option<Result<ModelReply, ModelError>>) -> bool {
    matches!(outcome, Some(Err(error)) if error.class == ErrorClass::Interrupted)
}

pub struct Gate {
    world: Rc<World>,
    turn: u64,
}

impl Future for Gate {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.world.turn.get() > self.turn {
            return Poll::Ready(());
        }
        self.world.gate.borrow_mut().push(context.waker().clone());
        Poll::Pending
    }
}
