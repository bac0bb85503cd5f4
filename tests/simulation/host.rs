//! The runner's ports on the simulated world.

use std::rc::Rc;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use orchestrator_workers::alarm::Alarm;
use orchestrator_workers::clock::Clock;
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{AttemptId, Input, Recorded, Workflow};
use orchestrator_workers::journal::{Journal, JournalError, LoadError, SEQ_MAX};
use orchestrator_workers::model::{Brief, Model, ModelError, ModelReply, ModelRequest, Progress};
use orchestrator_workers::notify::Notice;
use orchestrator_workers::runner::Host;

use crate::llm;
use crate::mutant::Mutant;
use crate::validator;
use crate::world::{Call, Disk, World};

/// The longest deletion outlasts the shorter heartbeat of the workloads.
const DELETION_MS_MAX: u64 = 2_000;
const SYNC_MS_MAX: u64 = 80;
/// Trouble with the network ends, too.
const NETWORK_FAILURES_MAX: u32 = 20;
/// As the runner has it: how long an answer waits to share a commit.
const GROUP_COMMIT_MS: u64 = 5;

pub struct SimHost {
    pub world: Rc<World>,
}

impl Clock for SimHost {
    fn now(&self) -> Timestamp {
        Timestamp(self.world.now())
    }

    fn entropy(&self) -> u64 {
        self.world.random.bits()
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        let sleep = self.world.executor.sleep(ms);
        if self.world.mutant == Some(Mutant::LeavesItsTimers) {
            return sleep.that_outlives_its_drop().boxed_local();
        }
        if ms == GROUP_COMMIT_MS && self.world.mutant == Some(Mutant::NeverCommitsTheGroup) {
            return futures::future::pending().boxed_local();
        }
        sleep.boxed_local()
    }
}

impl Journal for SimHost {
    fn append(&self, events: &[Recorded]) -> Result<(), JournalError> {
        let world = &self.world;
        let fails = self.journal_fails();
        let kept = !fails || world.random.percent(50);
        if kept {
            let mut view = world.view.borrow_mut();
            for recorded in events {
                let recorded = &world
                    .mutant
                    .map_or_else(|| recorded.clone(), |mutant| mutant.appended(recorded));
                let expected = view.rows.len() as u64 + 1;
                if recorded.seq != expected {
                    world.violate(format!(
                        "event {} is appended where {expected} is next: {:?}",
                        recorded.seq, recorded.event
                    ));
                }
                view.rows.push(Rc::new(recorded.clone()));
            }
            world.rows_dirty.set(true);
        }
        if fails {
            return Err(JournalError(if kept {
                "failed, and kept".into()
            } else {
                "failed, and lost".into()
            }));
        }
        Ok(())
    }

    fn page(&self, after: u64, until: u64, limit: u32) -> Result<Vec<Recorded>, LoadError> {
        let world = &self.world;
        if world.storage_fails() {
            return Err(LoadError::Storage("simulated".into()));
        }
        if after == 0 {
            world.loads.set(true);
        }
        let view = world.view.borrow();
        let has_border = world.mutant != Some(Mutant::StreamsWithoutABorder);
        let is_wanted = |seq: u64| seq > after && (seq <= until || !has_border);
        let rows = view.rows.iter().filter(|recorded| is_wanted(recorded.seq));
        // A broken replay shows only after a crash. What it makes of an event depends on the events around it.
        if let Some(mutant) = world.mutant
            && world.life.get() > 1
            && until == SEQ_MAX
        {
            let log = view.rows.iter().map(|recorded| (**recorded).clone()).collect();
            let log = mutant.replayed(log).into_iter();
            return Ok(log
                .filter(|recorded| is_wanted(recorded.seq))
                .take(limit as usize)
                .collect());
        }
        Ok(rows.take(limit as usize).map(|recorded| (**recorded).clone()).collect())
    }

    fn bury(&self, tombstone: &Notice) -> Result<(), JournalError> {
        let world = &self.world;
        let fails = self.journal_fails() || world.deletion_fails();
        let kept = !fails || world.random.percent(50);
        if kept {
            let mut view = world.view.borrow_mut();
            view.rows.clear();
            if world.mutant != Some(Mutant::LeavesNoTombstone) {
                view.tombstones.push(tombstone.clone());
            }
            world.rows_dirty.set(true);
        }
        if fails {
            return Err(JournalError("simulated: nobody knows whether it is deleted".into()));
        }
        Ok(())
    }

    fn tombstones(&self) -> Result<Vec<Notice>, JournalError> {
        if self.world.storage_fails() {
            return Err(JournalError("simulated: the tombstones can't be read".into()));
        }
        Ok(self.world.view.borrow().tombstones.clone())
    }

    fn unbury(&self, life: &str) -> Result<(), JournalError> {
        if self.world.storage_fails() {
            return Err(JournalError("simulated: the tombstone stays".into()));
        }
        let mut view = self.world.view.borrow_mut();
        view.tombstones.retain(|tombstone| tombstone.life != life);
        Ok(())
    }
}

impl SimHost {
    /// Not for ever in a row: then everything must come to its end too.
    fn journal_fails(&self) -> bool {
        let world = &self.world;
        let fails = world.random.percent(world.workload.trouble.journal) && world.journal_failures.get() < 5;
        if fails {
            world.journal_failures.set(world.journal_failures.get() + 1);
        }
        fails
    }
}

impl Alarm for SimHost {
    fn disarm(&self) -> Result<(), JournalError> {
        let world = &self.world;
        if world.storage_fails() {
            return Err(JournalError("simulated: the alarm is not disarmed".into()));
        }
        world.view.borrow_mut().alarm = None;
        Ok(())
    }

    fn arm(&self, at: Timestamp) -> Result<(), JournalError> {
        let world = &self.world;
        let first = world.view.borrow().alarm.is_none();
        let ignores = match world.mutant {
            Some(Mutant::NeverArmsTheAlarmAgain) => !first || world.life.get() > 1,
            Some(Mutant::RepeatsNoPurge) => world.broken_alarm.get(),
            Some(Mutant::ArmsNothingAtALoad) => world.loads.get() && !world.alarm_running.get() && !first_of(world),
            _ => false,
        };
        if world.storage_fails() {
            world.arm_failed.set(true);
            return Err(JournalError("simulated: the alarm is not armed".into()));
        }
        if !ignores {
            world.set_alarm(at);
        }
        Ok(())
    }

    fn failures(&self) -> u32 {
        self.world.view.borrow().alarm_failures
    }

    fn set_failures(&self, failures: u32) {
        self.world.view.borrow_mut().alarm_failures = failures;
    }
}

/// Whether the workflow is being made in this turn.
fn first_of(world: &World) -> bool {
    world.disk.borrow().rows.is_empty()
}

impl Model for SimHost {
    async fn complete(&self, request: &ModelRequest, progress: &dyn Progress) -> Result<ModelReply, ModelError> {
        let world = &self.world;
        let step = step_of(&request.brief);
        let Some(id) = world.attempt_of(&step, request.attempt) else {
            world.violate(format!(
                "a call for {step} #{} that the journal does not know",
                request.attempt
            ));
            return futures::future::pending().await;
        };
        if world.mutant != Some(Mutant::CallsBeforeItCommits) {
            world.gate().await;
        }
        let _open = OpenCall::new(world, &id);
        let outcome = llm::answer(world, &id, request, progress).await;
        if let Some(call) = world.calls.borrow_mut().get_mut(&id) {
            call.outcome = Some(outcome.clone());
        }
        self.perhaps_again(&id, &outcome);
        outcome
    }
}

impl SimHost {
    /// Some replies come twice: at once, or long after everybody has moved on.
    fn perhaps_again(&self, id: &AttemptId, outcome: &Result<ModelReply, ModelError>) {
        let world = &self.world;
        if !world.random.percent(world.workload.trouble.late) {
            return;
        }
        let at = world.now() + *world.random.pick(&[0, 1, 3, 200, 5_000, 60_000]);
        let input = Input::AttemptFinished {
            attempt: id.clone(),
            outcome: outcome.clone(),
        };
        world.late.borrow_mut().push((at, input));
    }
}

/// Marks a call as running until its future ends or is dropped.
struct OpenCall<'a> {
    world: &'a World,
    id: AttemptId,
}

impl<'a> OpenCall<'a> {
    fn new(world: &'a World, id: &AttemptId) -> Self {
        if !world.is_durable(id) {
            world.violate(format!(
                "the call of {} #{} went out before its start was durable",
                id.step, id.number
            ));
        }
        let call = Call {
            id: id.clone(),
            at: world.now(),
            life: world.life.get(),
            outcome: None,
            streamed: String::new(),
            open: true,
        };
        if world.calls.borrow_mut().insert(id.clone(), call).is_some() {
            world.violate(format!("{} #{} of run {} was called twice", id.step, id.number, id.run));
        }
        let limit = world.workload.spec.options.max_concurrency as usize;
        let open = world.open_calls();
        if open > limit {
            world.violate(format!("{open} calls at once, the limit is {limit}"));
        }
        OpenCall { world, id: id.clone() }
    }
}

impl Drop for OpenCall<'_> {
    fn drop(&mut self) {
        if let Some(call) = self.world.calls.borrow_mut().get_mut(&self.id) {
            call.open = false;
        }
    }
}

/// Counts a deletion until its future ends or is dropped.
struct Deletion(Rc<World>);

impl Deletion {
    fn new(world: &Rc<World>) -> Deletion {
        world.deletions.set(world.deletions.get() + 1);
        Deletion(world.clone())
    }
}

impl Drop for Deletion {
    fn drop(&mut self) {
        // A crash has counted them all.
        self.0.deletions.set(self.0.deletions.get().saturating_sub(1));
    }
}

impl Host for SimHost {
    fn validate(&self, schema: &serde_json::Value, json: &str) -> Result<(), String> {
        validator::validate(schema, json)
    }

    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        self.world.executor.spawn_in_background(future);
    }

    /// At once, or after the storage has had its time, so that requests come between, and alarms too. A failure may
    /// have taken the alarm along, or everything.
    fn delete_all(&self) -> LocalBoxFuture<'static, Result<(), JournalError>> {
        let world = self.world.clone();
        let deletion = Deletion::new(&world);
        async move {
            let _deletion = deletion;
            let random = &world.random;
            let pause = || async {
                if random.percent(50) {
                    let longest = *random.pick(&[20, 20, DELETION_MS_MAX]);
                    world.executor.sleep(random.range(1, longest)).await;
                }
            };
            pause().await;
            let fails = world.deletion_fails();
            if fails && world.mutant == Some(Mutant::RepeatsNoPurge) {
                world.view.borrow_mut().alarm = None;
                world.broken_alarm.set(true);
            } else if !fails || random.percent(30) {
                *world.view.borrow_mut() = Disk::default();
                world.rows_dirty.set(true);
                pause().await;
            } else if random.percent(50) {
                world.count("alarms that a failed deletion took along");
                world.view.borrow_mut().alarm = None;
            }
            if fails {
                return Err(JournalError("simulated: nobody knows what was deleted".into()));
            }
            Ok(())
        }
        .boxed_local()
    }

    fn has_index(&self) -> bool {
        self.world.mutant != Some(Mutant::TellsNobody)
    }

    /// Requests get lost, and so do answers. Some come late, and some twice.
    fn tell(&self, notice: &Notice) -> LocalBoxFuture<'static, Result<(), String>> {
        let (world, notice) = (self.world.clone(), notice.clone());
        async move {
            world.gate().await;
            let random = &world.random;
            let trouble = world.workload.trouble.network;
            if random.percent(trouble) && world.network_failures.get() < NETWORK_FAILURES_MAX {
                world.network_failures.set(world.network_failures.get() + 1);
                world.count("notices that got lost");
                match random.range(0, 3) {
                    _ if world.mutant == Some(Mutant::BelievesALostAnswer) => return Ok(()),
                    0 => return Err("simulated: refused".to_owned()),
                    // It arrives when nobody waits for it any more.
                    1 => {
                        let at = world.now() + random.range(1, 100_000);
                        world.index.borrow_mut().late.push((at, notice));
                        return futures::future::pending().await;
                    }
                    2 => return futures::future::pending().await,
                    _ => {
                        world.index.borrow_mut().take(&notice);
                        return Err("simulated: the answer is lost".to_owned());
                    }
                }
            }
            if random.percent(50) {
                world.executor.sleep(random.range(1, 200)).await;
            }
            world.count("notices");
            let now = world.now();
            world.index.borrow_mut().deliver(now);
            world.index.borrow_mut().take(&notice);
            Ok(())
        }
        .boxed_local()
    }

    /// A disk that is copied to other machines takes its time.
    fn sync(&self) -> LocalBoxFuture<'static, Result<(), JournalError>> {
        let world = self.world.clone();
        let written = world.written();
        async move {
            world.gate().await;
            if world.random.percent(50) {
                world.executor.sleep(world.random.range(1, SYNC_MS_MAX)).await;
            }
            if world.storage_fails() {
                if world.mutant == Some(Mutant::HidesAFailedSync) {
                    return Ok(());
                }
                return Err(JournalError("simulated: nobody knows what is durable".into()));
            }
            world.confirm(written);
            Ok(())
        }
        .boxed_local()
    }

    fn committed(&self, workflow: &Workflow, _events: &[Recorded]) {
        if let Err(broken) = workflow.validate() {
            self.world.violate(format!("invariant: {broken}"));
        }
    }

    fn warn(&self, message: &str) {
        self.world.warnings.borrow_mut().push(message.to_owned());
    }
}

pub fn step_of(brief: &Brief) -> String {
    match brief {
        Brief::Plan { .. } => "plan".into(),
        Brief::Subtask { id, .. } => format!("subtask/{id}"),
        Brief::Reduce { number, .. } => format!("reduce/{number}"),
        Brief::Edit { repair, .. } => format!("edit/{}", if repair.is_some() { 2 } else { 1 }),
        Brief::Direct { .. } | Brief::Synthesis { .. } => "synthesis".into(),
        Brief::Review { .. } => "review/1".into(),
        Brief::Structure { .. } => "structure".into(),
    }
}
