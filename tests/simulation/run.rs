//! One simulated workflow, from a state of the disk to its end.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

use futures::{FutureExt, StreamExt};
use orchestrator_workers::engine::plan::TaskDraft;
use orchestrator_workers::engine::{AttemptId, Control, Input, Recorded, RestartFrom, Workflow};
use orchestrator_workers::journal::JournalError;
use orchestrator_workers::model::{ErrorClass, ModelError};
use orchestrator_workers::runner::feed::Update;
use orchestrator_workers::runner::{Runner, SubmitError, Subscription};

use crate::host::SimHost;
use crate::mutant::Mutant;
use crate::random::Random;
use crate::referee::{Calls, Phase, Referee, State};
use crate::support::{self, T0};
use crate::workload::{Action, Workload};
use crate::world::{Disk, World};

/// A run that takes longer than this many turns will not end.
const TURNS_MAX: u32 = 20_000;
/// The longest that a crashed host stays away.
const DOWNTIME_MAX_MS: u64 = 2_000;

/// Where a run begins.
#[derive(Clone)]
pub struct Start {
    pub now: u64,
    pub disk: Disk,
    pub calls: Calls,
    /// What the journal means so far.
    pub referee: Referee,
    pub script: VecDeque<(u64, Action)>,
    /// How often a client has asked for the workflow: part of its nonce.
    pub creations: u32,
    /// The client means the workflow to exist.
    pub wanted: bool,
    pub crashed: bool,
}

impl Start {
    pub fn fresh(workload: &Workload) -> Start {
        Start {
            now: T0.0,
            disk: Disk::default(),
            calls: BTreeMap::new(),
            referee: Referee::new(workload.trouble.journal > 0),
            script: workload.script.iter().map(|(at, action)| (T0.0 + at, action.clone())).collect(),
            creations: 0,
            wanted: false,
            crashed: false,
        }
    }
}

#[derive(Default)]
pub struct Report {
    /// The states just before and just after each commit, for the crashes there.
    pub crash_points: Vec<(Start, Start)>,
    pub recovery_max_ms: u64,
    /// How many of each event were judged.
    pub events: BTreeMap<&'static str, u64>,
}

pub struct Run {
    world: Rc<World>,
    runner: Runner<SimHost>,
    script: VecDeque<(u64, Action)>,
    referee: Referee,
    creations: u32,
    wanted: bool,
    restart_at: u64,
    crashed_at: Option<u64>,
    /// Attempts in flight that no call of this life serves, and since when.
    missing: HashMap<AttemptId, u64>,
    person_decided: bool,
    purging: bool,
    keep_crash_points: bool,
    report: Report,
}

enum Next {
    Timer,
    Alarm,
    Script,
    Late(usize),
}

/// Runs to the end. The error says what was violated.
pub fn run(workload: &Rc<Workload>, start: Start, seed: u64, mutant: Option<Mutant>, keep_crash_points: bool) -> Result<Report, String> {
    let mut run = Run::new(workload, start, seed, mutant, keep_crash_points);
    let result = run.until_the_end();
    // The world owns its tasks, and they own the world.
    run.world.executor.drop_all();
    match result {
        Ok(()) => Ok(run.report),
        Err(violation) => Err(format!(
            "{violation}\nthe journal at {}:\n{}",
            run.world.now() - T0.0,
            run.journal()
        )),
    }
}

impl Run {
    fn new(workload: &Rc<Workload>, start: Start, seed: u64, mutant: Option<Mutant>, keep_crash_points: bool) -> Run {
        let random = Random::new(seed);
        let referee = start.referee;
        let mut calls = start.calls;
        calls.values_mut().for_each(|call| call.open = false);
        let restart_at = if start.crashed {
            start.now + random.range(0, DOWNTIME_MAX_MS)
        } else {
            start.now
        };
        let active = referee.is_active();
        let world = Rc::new(World::new(workload.clone(), mutant, random, start.now, start.disk, calls));
        world.life.set(if start.crashed { 2 } else { 1 });
        // A life before this one made these calls.
        world
            .calls
            .borrow_mut()
            .values_mut()
            .for_each(|call| call.life = call.life.min(world.life.get() - u32::from(start.crashed)));
        Run {
            runner: Runner::new(SimHost { world: world.clone() }, workload.heartbeat_ms),
            script: start.script,
            referee,
            creations: start.creations,
            wanted: start.wanted,
            restart_at,
            crashed_at: (start.crashed && active).then_some(start.now),
            missing: HashMap::new(),
            person_decided: false,
            purging: false,
            keep_crash_points,
            report: Report::default(),
            world,
        }
    }

    /// For the report of a violation: sequence number, milliseconds since the beginning, the event without its texts.
    fn journal(&self) -> String {
        let disk = self.world.disk.borrow();
        let line = |recorded: &Rc<Recorded>| {
            let event: String = format!("{:?}", recorded.event).chars().take(200).collect();
            format!("{:4} {:8} {event}", recorded.seq, recorded.at.0 - T0.0)
        };
        disk.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn until_the_end(&mut self) -> Result<(), String> {
        for _ in 0..TURNS_MAX {
            self.settle()?;
            if self.is_over()? {
                return Ok(());
            }
            let Some((at, next)) = self.next() else {
                if self.world.disk.borrow().rows.is_empty() {
                    return Ok(());
                }
                return Err(format!("nothing will ever happen again while {:?}", self.referee.phase));
            };
            self.world.executor.now.set(at.max(self.world.now()));
            match next {
                Next::Timer => self.world.executor.fire_timer(),
                Next::Alarm => self.alarm(),
                Next::Script => self.act()?,
                Next::Late(index) => self.late(index),
            }
        }
        Err(format!("no end after {TURNS_MAX} turns: {:?}", self.referee.phase))
    }

    /// The rest of a turn, its commit, and what that lets out.
    fn settle(&mut self) -> Result<(), String> {
        loop {
            self.world.executor.run_woken();
            let rows = self.world.rows_dirty.get();
            let before = (rows && self.keep_crash_points).then(|| self.crash_point());
            self.world.commit();
            if rows {
                self.judge()?;
                if let Some(before) = before {
                    let after = self.crash_point();
                    self.report.crash_points.push((before, after));
                }
            }
            if let Some(violation) = self.world.violation.borrow_mut().take() {
                return Err(violation);
            }
            if !self.world.open_gate() {
                break;
            }
        }
        self.check_calls()
    }

    fn crash_point(&self) -> Start {
        Start {
            now: self.world.now(),
            disk: self.world.disk.borrow().clone(),
            calls: self.world.calls.borrow().clone(),
            referee: self.referee.clone(),
            script: self.script.clone(),
            creations: self.creations,
            wanted: self.wanted,
            crashed: true,
        }
    }

    fn judge(&mut self) -> Result<(), String> {
        let disk = self.world.disk.borrow();
        if (disk.rows.len() as u64) < self.referee.seen {
            self.referee = Referee::new(self.world.workload.trouble.journal > 0);
        }
        let calls = self.world.calls.borrow();
        for recorded in disk.rows.iter().skip(self.referee.seen as usize) {
            self.referee.observe(recorded, &calls, self.world.life.get())?;
            *self.report.events.entry(recorded.event.type_name()).or_default() += 1;
            if self.keep_crash_points {
                support::check_stored_form(recorded)?;
            }
        }
        drop(calls);
        drop(disk);
        self.recovered();
        self.referee.idle_slots()
    }

    /// Every open call is one that the journal waits for, and what the journal waits for is open or found by the alarm.
    fn check_calls(&mut self) -> Result<(), String> {
        let now = self.world.now();
        let waited: Vec<AttemptId> = self.referee.in_flight().collect();
        let calls = self.world.calls.borrow();
        let stale = calls.values().find(|call| call.open && !waited.contains(&call.id));
        if let Some(call) = stale.filter(|_| !self.referee.lenient) {
            return Err(format!(
                "the call of {} #{} goes on although nobody waits for it",
                call.id.step, call.id.number
            ));
        }
        self.missing.retain(|id, _| waited.contains(id));
        for id in waited {
            if calls.get(&id).is_some_and(|call| call.open) {
                self.missing.remove(&id);
                continue;
            }
            let since = *self.missing.entry(id.clone()).or_insert(now);
            let patience = self.world.workload.heartbeat_ms + DOWNTIME_MAX_MS + 10;
            if now > since + patience && !self.referee.lenient {
                return Err(format!(
                    "{} #{} was lost {} ms ago and nobody noticed",
                    id.step,
                    id.number,
                    now - since
                ));
            }
        }
        Ok(())
    }

    fn is_over(&mut self) -> Result<bool, String> {
        let world = self.world.clone();
        let exists = !world.disk.borrow().rows.is_empty();
        if self.purging {
            return Ok(!exists);
        }
        if !self.script.is_empty() || !world.late.borrow().is_empty() {
            return Ok(false);
        }
        if !exists {
            if self.wanted {
                // The client's request was lost with the host: it asks again.
                self.script.push_back((world.now() + 1_000, Action::Create));
            }
            return Ok(!self.wanted && world.open_calls() == 0);
        }
        match self.referee.phase {
            Some(Phase::Ended) => {}
            Some(Phase::Waiting | Phase::Paused) if self.person_decided => {}
            Some(phase @ (Phase::Waiting | Phase::Paused)) => {
                self.person_decided = world.random.percent(20);
                let action = if phase == Phase::Paused {
                    Action::Resume
                } else {
                    Action::Approve {
                        edited: world.random.percent(20),
                    }
                };
                self.script.push_back((world.now() + world.random.range(1, 100_000), action));
                return Ok(false);
            }
            _ => return Ok(false),
        }
        self.verify()?;
        if self.referee.phase == Some(Phase::Ended) {
            if world.disk.borrow().alarm.is_none() {
                return Err("an ended workflow without an alarm is never purged".into());
            }
            self.purging = world.random.percent(5);
            self.wanted = !self.purging;
        }
        Ok(!self.purging)
    }

    /// The end: the journal gives the state in memory, and every finished answer is in it.
    fn verify(&self) -> Result<(), String> {
        let log: Vec<_> = self.world.disk.borrow().rows.iter().map(|recorded| (**recorded).clone()).collect();
        let replayed = Workflow::replay(log).map_err(|error| error.to_string())?;
        replayed.validate()?;
        let live = self.runner.read(|workflow, _| workflow.clone()).map_err(|error| error.to_string());
        match live {
            // What a broken replay remembers is not the journal: it must be caught by what it does.
            Ok(live) if live == replayed || self.world.mutant.is_some() => {}
            Ok(live) => return Err(format!("the journal gives\n{replayed:#?}\nand memory holds\n{live:#?}")),
            Err(error) => return Err(format!("the end can't be read: {error}")),
        }
        let view = replayed.view(false);
        for step in view.steps.iter().flatten() {
            let record = step.name.parse().ok().and_then(|name| self.referee.steps.get(&name));
            let expected = match record.map(|record| &record.state) {
                Some(State::Done { text }) => Some(text.as_str()),
                _ => None,
            };
            if step.output != expected {
                return Err(format!("{} finished with {expected:?} and shows {:?}", step.name, step.output));
            }
        }
        Ok(())
    }

    fn next(&self) -> Option<(u64, Next)> {
        let world = &self.world;
        let alarm = world.disk.borrow().alarm.filter(|_| !world.alarm_running.get());
        let mut events: Vec<(u64, Next)> = Vec::new();
        events.extend(world.executor.next_timer().map(|at| (at, Next::Timer)));
        events.extend(alarm.map(|at| (at.max(self.restart_at), Next::Alarm)));
        events.extend(self.script.front().map(|(at, _)| ((*at).max(self.restart_at), Next::Script)));
        let late = world.late.borrow();
        events.extend(
            late.iter()
                .enumerate()
                .map(|(index, (at, _))| ((*at).max(self.restart_at), Next::Late(index))),
        );
        let first = events.iter().map(|(at, _)| *at).min()?;
        events.retain(|(at, _)| *at == first);
        let index = world.random.bits() as usize % events.len();
        Some(events.swap_remove(index))
    }

    fn alarm(&mut self) {
        let world = self.world.clone();
        world.alarm_consumed.set(true);
        world.alarm_running.set(true);
        self.broken_recovery();
        if world.mutant == Some(Mutant::RepeatsNothingAfterACrash) {
            use orchestrator_workers::engine::time::Timestamp;
            world.set_alarm(Timestamp(world.now() + world.workload.heartbeat_ms));
            let _ = self.runner.submit_and_drive(Input::TimePassed);
            world.alarm_done(true);
            return;
        }
        let runner = self.runner.clone();
        let task = async move {
            let result = runner.alarm().await;
            if let Err(error) = &result {
                check_error(&world, "the alarm", error);
            }
            world.alarm_done(result.is_ok());
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
            let outcome = Err(ModelError {
                class: ErrorClass::Transient,
                name: "Lost".into(),
                message: "counted as a failure".into(),
                retry_after_ms: None,
            });
            let _ = self.runner.submit_and_drive(Input::AttemptFinished { attempt, outcome });
        }
    }

    fn recovered(&mut self) {
        if let Some(crashed_at) = self.crashed_at.take() {
            self.report.recovery_max_ms = self.report.recovery_max_ms.max(self.world.now() - crashed_at);
        }
    }

    fn late(&mut self, index: usize) {
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

    fn act(&mut self) -> Result<(), String> {
        let Some((_, action)) = self.script.pop_front() else {
            return Ok(());
        };
        let world = self.world.clone();
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
            Action::Subscribe => {
                match self.runner.subscribe() {
                    Ok(subscription) => world.clone().executor.spawn(watch(world, subscription).boxed_local()),
                    Err(error) => check_error(&world, "a subscription", &error),
                }
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
            Action::Pause => Control::Pause,
            Action::Resume => Control::Resume,
            Action::Terminate => Control::Terminate,
            Action::Approve { edited } => {
                Control::Approve(edited.then(|| vec![TaskDraft::new("Edited one."), TaskDraft::new("Edited two.")]))
            }
            Action::RestartEverything => Control::Restart(RestartFrom::Everything),
            Action::RestartFailed => Control::Restart(RestartFrom::Failed),
            Action::RestartFrom { index } => {
                let steps: Vec<_> = self.referee.steps.keys().cloned().collect();
                if steps.is_empty() {
                    return Ok(());
                }
                Control::Restart(RestartFrom::Step(steps[index as usize % steps.len()].clone()))
            }
        };
        match self.runner.submit_and_drive(Input::Control(control.clone())) {
            // The client sees an error of ours, and asks again.
            Err(SubmitError::Journal(_)) => check_error(&world, "a control", &SubmitError::Journal(JournalError("".into()))),
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
        match self.runner.create(spec) {
            Ok(started) => self.runner.spawn_drive(started),
            Err(SubmitError::AlreadyExists) => {}
            Err(error) => check_error(&self.world, "a creation", &error),
        }
    }

    fn delete(&mut self) {
        self.wanted = false;
        // Its calls are aborted before its journal is gone, and the alarm may find them missing in between.
        self.referee.lenient = true;
        if self.world.random.percent(60) {
            let at = self.world.now() + self.world.random.range(0, 3_000);
            self.script.push_front((at, Action::Create));
            self.script.make_contiguous().sort_by_key(|(at, _)| *at);
        }
        let runner = self.runner.clone();
        let world = self.world.clone();
        let task = async move {
            if let Err(error) = runner.delete().await {
                check_error(&world, "a delete", &SubmitError::Journal(error));
            }
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

    fn crash(&mut self) {
        let world = self.world.clone();
        if self.referee.is_active() {
            self.crashed_at.get_or_insert(world.now());
        }
        self.missing.clear();
        world.crash();
        self.runner = Runner::new(SimHost { world: world.clone() }, world.workload.heartbeat_ms);
        self.restart_at = world.now() + world.random.range(0, DOWNTIME_MAX_MS);
    }
}

/// Errors that the simulated trouble explains are fine; others are not.
fn check_error(world: &World, what: &str, error: &SubmitError) {
    let explained = match error {
        SubmitError::NotFound | SubmitError::AlreadyExists | SubmitError::Rejected(_) => true,
        SubmitError::Journal(_) => world.journal_failures.get() > 0,
        SubmitError::Load(_) => false,
    };
    if !explained {
        world.violate(format!("{what} failed: {error}"));
    }
}

/// A subscriber: every event once it is durable, in order and without a gap; of each text no piece is missing.
async fn watch(world: Rc<World>, mut subscription: Subscription) {
    let mut seq = subscription.seq;
    let mut chars: HashMap<AttemptId, usize> = HashMap::new();
    let known = subscription
        .deltas
        .iter()
        .map(|delta| (delta.attempt.clone(), delta.text.chars().count()));
    chars.extend(known);
    while let Some(update) = subscription.updates.next().await {
        match update {
            Update::Events(events) => {
                // The newcomer has read the journal up to `seq`, of which the last events may be on their way.
                for recorded in events.iter() {
                    if recorded.seq <= seq {
                        continue;
                    }
                    if recorded.seq != seq + 1 {
                        world.violate(format!("a subscriber gets event {} after {seq}", recorded.seq));
                    }
                    seq = recorded.seq;
                    if !world.disk.borrow().rows.iter().any(|row| **row == *recorded) {
                        world.violate(format!("a subscriber gets event {seq} before it is durable"));
                    }
                }
            }
            Update::Deltas(deltas) => {
                for delta in deltas.iter() {
                    let known = chars.entry(delta.attempt.clone()).or_default();
                    if delta.from > *known {
                        world.violate(format!("a subscriber misses characters {known} to {}", delta.from));
                    }
                    *known = delta.from + delta.text.chars().count();
                }
            }
        }
    }
}
