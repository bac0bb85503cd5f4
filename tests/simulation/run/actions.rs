//! What happens to the object from outside: its alarm, its clients, replies that come again, and the crash.

use futures::FutureExt;
use orchestrator_workers::engine::words::spec::OnDisconnect;
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{AttemptId, Control, Input, RestartFrom};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::journal::JournalError;
use orchestrator_workers::model::{ErrorClass, ModelError};
use orchestrator_workers::runner::{Runner, SubmitError, wake};

use super::{DOWNTIME_MAX_MS, Run};
use crate::host::SimHost;
use crate::mutant::Mutant;
use crate::workload::{Action, edited_plan};
use crate::world::World;

/// The pause of the guard in JavaScript.
const GUARD_PAUSE_MS: u64 = 10_000;

impl Run {
    pub(super) fn alarm(&mut self) {
        let world = self.world.clone();
        world.alarm_consumed.set(true);
        world.alarm_running.set(true);
        self.broken_recovery();
        if world.mutant == Some(Mutant::RepeatsNothingAfterACrash) {
            world.set_alarm(Timestamp(world.now() + world.workload.heartbeat_ms));
            let _ = self.runner.submit_and_drive(Input::TimePassed);
            world.alarm_done(false);
            return;
        }
        if world.is_misconfigured() {
            let throws = world.mutant == Some(Mutant::ThrowsFromTheAlarm);
            if !throws {
                let host = SimHost { world: world.clone() };
                // The guard arms the next alarm where the storage refuses ours.
                if wake::after_wrong_configuration(&host, Timestamp(world.now())).is_err() {
                    world.set_alarm(Timestamp(world.now() + GUARD_PAUSE_MS));
                }
            }
            world.alarm_done(throws);
            return;
        }
        let runner = self.runner.clone();
        let task = async move {
            // The guard arms the next alarm where the storage refused ours.
            if runner.alarm().await.is_err() {
                world.set_alarm(Timestamp(world.now() + GUARD_PAUSE_MS));
            }
            world.alarm_done(false);
        };
        self.world.executor.spawn(task.boxed_local());
        self.recovered();
    }

    /// The mutant that takes a lost call for a failed one.
    fn broken_recovery(&self) {
        if self.world.mutant != Some(Mutant::CountsLostAttempts) {
            return;
        }
        let Ok(attempts) = self.runner.read(|workflow, _| workflow.in_flight()) else {
            return;
        };
        let calls = self.world.calls.borrow();
        let lost: Vec<AttemptId> = attempts
            .into_iter()
            .filter(|id| !calls.get(id).is_some_and(|call| call.open))
            .collect();
        drop(calls);
        for attempt in lost {
            let outcome = Err(ModelError::new(
                ErrorClass::Transient,
                ErrorName::Lost,
                "counted as a failure",
            ));
            let _ = self
                .runner
                .submit_and_drive(Input::AttemptFinished { attempt, outcome });
        }
    }

    pub(super) fn late(&mut self, index: usize) {
        let (_, mut input) = self.world.late.borrow_mut().swap_remove(index);
        if let Input::AttemptFinished { attempt, .. } = &mut input
            && self.world.mutant == Some(Mutant::AcceptsLateReplies)
        {
            let current = self.runner.read(|workflow, _| workflow.in_flight()).unwrap_or_default();
            if let Some(current) = current.into_iter().find(|current| current.step == attempt.step) {
                *attempt = current;
            }
        }
        if let Err(error) = self.runner.submit_and_drive(input) {
            check_error(&self.world, "a late reply", &error);
        }
    }

    pub(super) fn act(&mut self) -> Result<(), String> {
        let Some((_, action)) = self.script.pop_front() else {
            return Ok(());
        };
        let world = self.world.clone();
        world.touched.set(true);
        let control = match action {
            Action::Create => {
                self.create();
                return Ok(());
            }
            Action::Read => {
                if let Err(error) = self.runner.read(|workflow, _| workflow.validate()) {
                    check_error(&world, "a read", &error);
                }
                return Ok(());
            }
            Action::Wait { ms } => {
                self.wait(ms);
                return Ok(());
            }
            Action::Delete => {
                self.delete();
                return Ok(());
            }
            Action::Crash => {
                self.crash();
                return Ok(());
            }
            Action::DropBackground => {
                world.touched.set(false);
                world.executor.drop_background();
                world.dropped_at.set(world.now());
                world.count("backgrounds dropped");
                return Ok(());
            }
            Action::Misconfigure { ms } => {
                world.count("wrong configurations");
                self.crash();
                world.misconfigured_until.set(world.now() + ms);
                return Ok(());
            }
            Action::Pause => Control::Pause,
            Action::Resume => Control::Resume,
            Action::Terminate => Control::Terminate,
            Action::Approve { edited } => Control::Approve(edited.then(|| edited_plan(&world.random))),
            Action::RestartEverything => Control::Restart(RestartFrom::Everything),
            Action::RestartFailed => Control::Restart(RestartFrom::Failed),
            Action::RestartFrom { index } => {
                let steps: Vec<_> = self.referee.steps.keys().cloned().collect();
                if steps.is_empty() {
                    world.touched.set(false);
                    return Ok(());
                }
                Control::Restart(RestartFrom::Step(steps[index as usize % steps.len()].clone()))
            }
            Action::RestartWithRemark { index } => {
                let steps: Vec<_> = self.referee.steps.keys().cloned().collect();
                if steps.is_empty() {
                    world.touched.set(false);
                    return Ok(());
                }
                Control::RestartWithRemark {
                    step: steps[index as usize % steps.len()].clone(),
                    remark: format!("Otherwise, {index:x}."),
                }
            }
        };
        match self.runner.submit_and_drive(Input::Control(control.clone())) {
            // The client sees an error of ours, and asks again.
            Err(SubmitError::Journal(_)) => {
                check_error(&world, "a control", &SubmitError::Journal(JournalError("".into())))
            }
            Err(SubmitError::Rejected(_)) | Ok(()) => {}
            Err(error) => check_error(&world, "a control", &error),
        }
        Ok(())
    }

    fn create(&mut self) {
        self.wanted = true;
        // Every request makes its own nonce.
        self.creations += 1;
        let mut spec = self.world.workload.spec.clone();
        spec.nonce = format!("{}-{}", spec.nonce, self.creations);
        let (runner, world) = (self.runner.clone(), self.world.clone());
        let task = async move {
            match runner.create(spec).await {
                Ok(started) => {
                    check_first_alarm(&world);
                    runner.spawn_drive(started);
                }
                Err(SubmitError::AlreadyExists) => {}
                Err(error) => check_error(&world, "a creation", &error),
            }
        };
        self.world.executor.spawn(task.boxed_local());
    }

    fn delete(&mut self) {
        self.wanted = false;
        self.world.client_deletes.set(true);
        if self.world.random.percent(60) {
            let at = self.world.now() + self.world.soon_or_later(3_000);
            self.script.push_front((at, Action::Create));
            // Some end the next life while the deletion of this one goes on.
            if self.world.random.percent(30) {
                let at = at + self.world.soon_or_later(1_000);
                self.script.push_front((at, Action::Delete));
            }
            self.script.make_contiguous().sort_by_key(|(at, _)| *at);
        }
        let runner = self.runner.clone();
        let world = self.world.clone();
        let task = async move {
            if let Err(error) = runner.delete().await {
                world.delete_failed_at.set(world.now());
                check_error(&world, "a delete", &error);
            }
            world.client_deletes.set(world.deletions.get() > 0);
        };
        self.world.executor.spawn(task.boxed_local());
    }

    fn wait(&self, ms: u64) {
        let (runner, world) = (self.runner.clone(), self.world.clone());
        let until = world.now() + ms;
        let task = async move {
            let result = runner.wait(ms).await;
            if let Err(error) = &result {
                check_error(&world, "a wait", error);
            }
            if world.now() > until {
                world.violate(format!("a wait returned {} ms late", world.now() - until));
            }
            let active = result.is_ok() && runner.read(|workflow, _| workflow.is_active()).unwrap_or(false);
            if world.now() < until && active {
                world.violate("a wait returned early while the workflow runs");
            }
        };
        self.world.executor.spawn(task.boxed_local());
    }

    pub(super) fn client_connects(&mut self) {
        let client = self.client.clone();
        match client.connect(&self.world, &self.runner) {
            Ok(()) => self.world.touched.set(true),
            Err(error) => check_error(&self.world, "a subscription", &error),
        }
    }

    pub(super) fn crash(&mut self) {
        let world = self.world.clone();
        world.count("crashes beside the forced ones");
        if self.referee.is_active() {
            self.crashed_at.get_or_insert(world.now());
        }
        self.missing.clear();
        world.crash();
        world.perhaps_lose_the_alarm();
        self.runner = Runner::new(SimHost { world: world.clone() }, world.workload.heartbeat_ms);
        self.restart_at = world.now() + world.random.range(0, DOWNTIME_MAX_MS);
    }
}

/// A new workflow has nothing to wake for before the heartbeat: an alarm before it costs each creation a turn.
fn check_first_alarm(world: &World) {
    let spec = &world.workload.spec;
    let first_ms = match spec.options.on_disconnect {
        OnDisconnect::Continue => world.workload.heartbeat_ms,
        _ => world.workload.heartbeat_ms.min(spec.policy.disconnect_ms),
    };
    let heartbeat = world.now() + first_ms;
    let alarm = world.view.borrow().alarm;
    if world.workload.trouble.storage == 0 && alarm.is_some_and(|at| at < heartbeat) {
        world.violate("a new workflow wakes before its heartbeat");
    }
}

/// Errors that the simulated trouble explains are fine; others are not.
fn check_error(world: &World, what: &str, error: &SubmitError) {
    let explained = match error {
        SubmitError::NotFound | SubmitError::AlreadyExists | SubmitError::Rejected(_) => true,
        SubmitError::Journal(_) => world.journal_failures.get() > 0 || world.storage_failures.get() > 0,
        SubmitError::Load(_) => world.storage_failures.get() > 0,
        SubmitError::TooManySubscribers | SubmitError::OtherBody => false,
    };
    if !explained {
        world.violate(format!("{what} failed: {error}"));
    }
}
