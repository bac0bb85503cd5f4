//! The platform, simulated: a disk that commits once per turn, one alarm, an output gate, and what crossed it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{AttemptId, Event, Input, Recorded};
use orchestrator_workers::model::{ErrorClass, ModelError, ModelReply};

use crate::executor::Executor;
use crate::mutant::Mutant;
use crate::random::Random;
use crate::workload::Workload;

/// What survives a crash.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub rows: Vec<Rc<Recorded>>,
    pub alarm: Option<u64>,
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
            violation: RefCell::new(None),
            warnings: RefCell::default(),
        }
    }

    pub fn now(&self) -> u64 {
        self.executor.now.get()
    }

    /// The first violation counts; what follows from it does not.
    pub fn violate(&self, what: impl Into<String>) {
        self.violation.borrow_mut().get_or_insert_with(|| what.into());
    }

    /// The turn's writes become durable together, and what waited behind the gate goes out.
    pub fn commit(&self) {
        if self.mutant != Some(Mutant::DropsAWriteItAcknowledged) || !self.random.percent(5) {
            self.disk.borrow_mut().clone_from(&self.view.borrow());
        }
        self.rows_dirty.set(false);
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
        self.life.set(self.life.get() + 1);
    }

    pub fn set_alarm(&self, at: Timestamp) {
        self.alarm_consumed.set(false);
        self.view.borrow_mut().alarm = Some(at.0);
    }

    /// The handler has returned. An alarm that was not set anew is over; one whose handler failed is retried.
    pub fn alarm_done(&self, succeeded: bool) {
        self.alarm_running.set(false);
        if self.alarm_consumed.replace(false) {
            self.view.borrow_mut().alarm = (!succeeded).then(|| self.now() + 2_000);
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
            matches!(&recorded.event, Event::AttemptStarted { step, run, number, .. } if *step == id.step && *run == id.run && *number == id.number)
        })
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
