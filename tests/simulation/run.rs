//! One simulated workflow, from a state of the disk to its end.

mod actions;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

use orchestrator_workers::engine::{AttemptId, Recorded, Workflow};
use orchestrator_workers::runner::Runner;

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
            script: workload
                .script
                .iter()
                .map(|(at, action)| (T0.0 + at, action.clone()))
                .collect(),
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
pub fn run(
    workload: &Rc<Workload>,
    start: Start,
    seed: u64,
    mutant: Option<Mutant>,
    keep_crash_points: bool,
) -> Result<Report, String> {
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
        let world = Rc::new(World::new(
            workload.clone(),
            mutant,
            random,
            start.now,
            start.disk,
            calls,
        ));
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
                self.script
                    .push_back((world.now() + world.random.range(1, 100_000), action));
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
        let log: Vec<_> = self
            .world
            .disk
            .borrow()
            .rows
            .iter()
            .map(|recorded| (**recorded).clone())
            .collect();
        let replayed = Workflow::replay(log).map_err(|error| error.to_string())?;
        replayed.validate()?;
        let live = self
            .runner
            .read(|workflow, _| workflow.clone())
            .map_err(|error| error.to_string());
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
                return Err(format!(
                    "{} finished with {expected:?} and shows {:?}",
                    step.name, step.output
                ));
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
        events.extend(
            self.script
                .front()
                .map(|(at, _)| ((*at).max(self.restart_at), Next::Script)),
        );
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

    fn recovered(&mut self) {
        if let Some(crashed_at) = self.crashed_at.take() {
            self.report.recovery_max_ms = self.report.recovery_max_ms.max(self.world.now() - crashed_at);
        }
    }
}
