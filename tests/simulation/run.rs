//! One simulated workflow, from a state of the disk to its end.

mod actions;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

use orchestrator_workers::engine::show::view::Extent;
use orchestrator_workers::engine::{AttemptId, Event, Recorded, Workflow};
use orchestrator_workers::notify::is_told;
use orchestrator_workers::runner::Runner;

use crate::client::{Client, Memory};
use crate::host::SimHost;
use crate::index::{Index, Known};
use crate::mutant::Mutant;
use crate::random::Random;
use crate::referee::{Calls, Phase, Referee, State};
use crate::support::{self, T0};
use crate::workload::{Action, Workload};
use crate::world::{Disk, World, is_interrupted};

/// A run that takes longer than this many turns will not end.
const TURNS_MAX: u32 = 20_000;
/// The pauses of what still ends after a workflow is gone: a shared commit, a batch of text, a deletion.
const MOMENT_MS: u64 = 100;
/// How long an answer may wait to share a commit with others.
const COMMIT_MS_MAX: u64 = 10;
/// The longest pause between two attempts to tell the index.
const INDEX_PAUSE_MS: u64 = 600_000;
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
    /// What the client has seen.
    pub seen: Memory,
    pub misconfigured_until: u64,
    pub alarm_is_lost: bool,
    pub index: Index,
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
            seen: Memory::default(),
            misconfigured_until: 0,
            alarm_is_lost: false,
            index: Index::default(),
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
    /// What went wrong, and what the client saw.
    pub counts: BTreeMap<&'static str, u64>,
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
    /// Since when the index does not know how the workflow stands.
    behind_since: Option<u64>,
    client: Rc<Client>,
    keep_crash_points: bool,
    report: Report,
}

enum Next {
    Timer,
    Alarm,
    Script,
    Late(usize),
    Client,
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
        Ok(()) => {
            run.report.counts = run.world.counts.take();
            Ok(run.report)
        }
        Err(violation) => Err(format!(
            "{violation}\nthe journal at {}:\n{}\nthe last warnings: {:?}",
            run.world.now() - T0.0,
            run.journal(),
            run.world.warnings.borrow().iter().rev().take(5).collect::<Vec<_>>()
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
            start.index,
        ));
        world.misconfigured_until.set(start.misconfigured_until);
        world.alarm_is_lost.set(start.alarm_is_lost);
        if start.crashed {
            world.perhaps_lose_the_alarm();
        }
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
            behind_since: None,
            client: Client::new(start.seen, start.now),
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
                if self.world.disk.borrow().is_empty() {
                    return self.check_index_of_the_gone();
                }
                if self.world.alarm_is_lost.get() {
                    self.somebody_comes_by();
                    continue;
                }
                return Err(format!("nothing will ever happen again while {:?}", self.referee.phase));
            };
            self.check_index(at)?;
            self.world.executor.now.set(at.max(self.world.now()));
            match next {
                Next::Timer => self.world.executor.fire_timer(),
                Next::Alarm => self.alarm(),
                Next::Script => self.act()?,
                Next::Late(index) => self.late(index),
                Next::Client => self.client_connects(),
            }
        }
        Err(format!("no end after {TURNS_MAX} turns: {:?}", self.referee.phase))
    }

    /// The rest of a turn, its commit, and what that lets out.
    fn settle(&mut self) -> Result<(), String> {
        loop {
            self.run_woken();
            let rows = self.world.rows_dirty.get();
            let before = (rows && self.keep_crash_points).then(|| self.crash_point());
            self.world.commit();
            self.referee.lenient = self.is_lenient();
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
        self.client.check_delay(&self.world);
        if self.client.is_connected() && self.referee.is_deserted() && !self.referee.lenient {
            return Err("a listener does not end the pause".to_owned());
        }
        self.check_alarm()?;
        self.check_calls()
    }

    /// A turn, or the first part of one in which the host goes away.
    fn run_woken(&mut self) {
        let world = self.world.clone();
        let goes_away = world.random.range(0, 999) < world.workload.trouble.gone;
        if !goes_away {
            world.executor.run_woken(u32::MAX);
            return;
        }
        world.executor.run_woken(world.random.range(0, 3) as u32);
        self.crash();
    }

    /// A workflow that is not at rest has an alarm, unless the platform has lost it and nobody came by since.
    fn check_alarm(&self) -> Result<(), String> {
        let world = &self.world;
        let disk = world.disk.borrow();
        let needs_alarm =
            self.referee.is_active() || self.referee.is_deserted() || self.referee.phase == Some(Phase::Ended);
        let excused = world.alarm_is_lost.get() || world.alarm_running.get();
        let has_tombstones = !disk.tombstones.is_empty() && world.deletions.get() == 0;
        let needs_alarm = (needs_alarm && !disk.rows.is_empty()) || has_tombstones;
        if disk.alarm.is_some() || !needs_alarm || excused {
            return Ok(());
        }
        Err(format!(
            "the workflow is without an alarm while {:?}",
            self.referee.phase
        ))
    }

    /// Whether nobody is interested in the stream any more: it has ended, and the client has everything.
    fn client_is_content(&self) -> bool {
        self.referee.phase == Some(Phase::Ended) && self.client.has_all(&self.world)
    }

    /// Deleted or purged: nothing of the workflow goes on. What ends within moments may still be on its way.
    fn is_gone(&self) -> Result<bool, String> {
        let world = &self.world;
        let is_deleting = world.deletions.get() > 0;
        let exists = !world.disk.borrow().is_empty();
        if exists || is_deleting || world.open_calls() > 0 || self.client.is_connected() {
            return Ok(false);
        }
        self.check_index_of_the_gone()?;
        match world.executor.next_timer() {
            Some(at) if at > world.now() + MOMENT_MS => {
                Err(format!("a timer of {} ms outlives its workflow", at - world.now()))
            }
            timer => Ok(timer.is_none()),
        }
    }

    /// Whether the index lacks an event that it is to be told of.
    fn index_is_behind(&self) -> bool {
        let disk = self.world.disk.borrow();
        let Some(Event::WorkflowQueued { spec }) = disk.rows.first().map(|row| &row.event) else {
            return false;
        };
        let last = disk.rows.iter().rev().find(|row| is_told(&row.event));
        let index = self.world.index.borrow();
        match (index.lives.get(&spec.nonce), last) {
            (Some(Known::Alive { seq }), Some(last)) => *seq < last.seq,
            _ => true,
        }
    }

    /// The index is told in good time, whatever happens, and before the workflow moves on at `next`.
    fn check_index(&mut self, next: u64) -> Result<(), String> {
        let world = self.world.clone();
        let now = world.now();
        let excused = world.alarm_is_lost.get() || world.is_misconfigured();
        if !self.index_is_behind() || excused {
            self.behind_since = None;
            return Ok(());
        }
        let since = *self.behind_since.get_or_insert(now);
        // Each of its failures may take as long as what went before, and so may what is no failure of its own.
        let failures = u64::from(world.network_failures.get()) + u64::from(world.storage_failures.get());
        let patience = INDEX_PAUSE_MS * (2 + failures) + world.alarm_pause_ms() + world.workload.heartbeat_ms;
        if next > since.max(world.trouble_until()) + patience {
            return Err(format!("the index does not know of an event since {} ms", next - since));
        }
        Ok(())
    }

    /// Once nothing is left of any life, the index lists none.
    fn check_index_of_the_gone(&self) -> Result<(), String> {
        self.world.index.borrow_mut().deliver(u64::MAX);
        let index = self.world.index.borrow();
        let listed = index.lives.iter().find(|(_, known)| **known != Known::Gone);
        match listed {
            Some((life, known)) => Err(format!("the index lists a life that is gone: {life}: {known:?}")),
            None => Ok(()),
        }
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
            seen: self.client.memory.borrow().clone(),
            misconfigured_until: self.world.misconfigured_until.get(),
            alarm_is_lost: self.world.alarm_is_lost.get(),
            index: self.world.index.borrow().clone(),
        }
    }

    /// A deletion aborts the calls before the journal is gone, and they may be missing until it has ended. One that
    /// fails has dropped what waited for its commit, which the next alarm or load finds missing.
    fn is_lenient(&self) -> bool {
        let failed_at = self.world.delete_failed_at.get();
        let after_failed = failed_at > 0 && self.world.now() <= failed_at + self.world.workload.heartbeat_ms + 1_000;
        self.world.workload.trouble.journal > 0 || self.world.client_deletes.get() || after_failed
    }

    fn judge(&mut self) -> Result<(), String> {
        let disk = self.world.disk.borrow();
        if (disk.rows.len() as u64) < self.referee.seen {
            self.referee = Referee::new(self.is_lenient());
        }
        let calls = self.world.calls.borrow();
        for recorded in disk.rows.iter().skip(self.referee.seen as usize) {
            let was_deserted = self.referee.is_deserted();
            self.referee.observe(recorded, &calls, self.world.life.get())?;
            if self.referee.is_deserted() && !was_deserted {
                self.world.count("deserted");
                if self.client.is_connected() {
                    return Err(format!("event {}: somebody listens", recorded.seq));
                }
            }
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
            let missing_since = *self.missing.entry(id.clone()).or_insert(now);
            let is_answered = calls.get(&id).is_some_and(|call| {
                let is_of_this_life = call.life == self.world.life.get();
                is_of_this_life && call.outcome.is_some() && !is_interrupted(&call.outcome)
            });
            if is_answered && now > missing_since + COMMIT_MS_MAX && !self.answers_may_be_lost() {
                return Err(format!(
                    "the answer of {} #{} waits {} ms for its commit",
                    id.step,
                    id.number,
                    now - missing_since
                ));
            }
            let since = missing_since.max(self.world.trouble_until());
            let pause = self.world.alarm_pause_ms() + self.world.patience_for_dropped_ms(missing_since);
            let patience = self.world.workload.heartbeat_ms + pause + DOWNTIME_MAX_MS + 10;
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

    /// The turn of an answer fails where the journal can't be read or written, and the platform may drop it.
    fn answers_may_be_lost(&self) -> bool {
        let world = &self.world;
        self.referee.lenient || world.workload.trouble.storage > 0 || world.dropped_at.get() > 0
    }

    fn is_over(&mut self) -> Result<bool, String> {
        let world = self.world.clone();
        let exists = !world.disk.borrow().rows.is_empty();
        let has_ended = self.referee.phase == Some(Phase::Ended);
        self.client.check_end(&world, exists && has_ended);
        if self.purging {
            return self.is_gone();
        }
        if !self.script.is_empty() || !world.late.borrow().is_empty() || world.deletions.get() > 0 {
            return Ok(false);
        }
        if !exists {
            if self.wanted {
                // The client's request was lost with the host: it asks again.
                self.script.push_back((world.now() + 1_000, Action::Create));
            }
            return if self.wanted { Ok(false) } else { self.is_gone() };
        }
        match self.referee.phase {
            Some(Phase::Ended | Phase::Waiting | Phase::Paused) if self.index_is_behind() => {
                // Nobody touches a workflow whose alarm is lost, unless somebody comes by.
                if world.alarm_is_lost.get() {
                    self.somebody_comes_by();
                }
                return Ok(false);
            }
            Some(Phase::Ended) if self.client.has_all(&world) => {}
            // Somebody listens again, or it ends.
            Some(Phase::Paused) if self.referee.is_deserted() => return Ok(false),
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
            if world.alarm_is_lost.get() {
                self.somebody_comes_by();
                return Ok(false);
            }
            self.purging = world.random.percent(8);
            self.wanted = !self.purging;
        }
        Ok(!self.purging)
    }

    /// The end: the journal gives the state in memory, and every finished answer is in it.
    fn verify(&self) -> Result<(), String> {
        self.world.mend_the_storage();
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
        self.check_answer("the journal", &replayed)?;
        if let Ok(live) = &live {
            self.check_answer("memory", live)?;
        }
        match live {
            // What a broken replay remembers is not the journal: it must be caught by what it does.
            Ok(live) if live == replayed || self.world.mutant.is_some() => {}
            Ok(live) => return Err(format!("the journal gives\n{replayed:#?}\nand memory holds\n{live:#?}")),
            Err(error) => return Err(format!("the end can't be read: {error}")),
        }
        let view = replayed.view(Extent::FULL);
        for step in view.steps.iter().flatten() {
            let record = step.name.parse().ok().and_then(|name| self.referee.steps.get(&name));
            let expected = match record.map(|record| &record.state) {
                Some(State::Done { text }) => Some(text.as_str()),
                _ => None,
            };
            if step.output != Some(expected) {
                return Err(format!(
                    "{} finished with {expected:?} and shows {:?}",
                    step.name, step.output
                ));
            }
        }
        Ok(())
    }

    /// Once an answer is decided it stays, whatever crashed since.
    fn check_answer(&self, of: &str, workflow: &Workflow) -> Result<(), String> {
        let Some(decided) = self.referee.decided() else {
            return Ok(());
        };
        match workflow.result() {
            Some(result) if result != decided => {
                Err(format!("the answer is decided as {decided:?}, and {of} has {result:?}"))
            }
            _ => Ok(()),
        }
    }

    fn next(&self) -> Option<(u64, Next)> {
        let world = &self.world;
        let alarm = world.disk.borrow().alarm.filter(|_| !world.alarm_running.get());
        // While the configuration is wrong clients are refused and ask again. Only the alarm knocks all the same.
        let mended_at = world.misconfigured_until.get();
        let mut events: Vec<(u64, Next)> = Vec::new();
        events.extend(world.executor.next_timer().map(|at| (at, Next::Timer)));
        events.extend(alarm.map(|at| (at.max(self.restart_at), Next::Alarm)));
        events.extend(
            self.script
                .front()
                .map(|(at, _)| ((*at).max(self.restart_at).max(mended_at), Next::Script)),
        );
        if !world.disk.borrow().rows.is_empty() && !self.client_is_content() {
            let back = self.client.next().map(|at| at.max(self.restart_at).max(mended_at));
            events.extend(back.map(|at| (at, Next::Client)));
        }
        let late = world.late.borrow();
        events.extend(
            late.iter()
                .enumerate()
                .map(|(index, (at, _))| ((*at).max(self.restart_at).max(mended_at), Next::Late(index))),
        );
        let first = events.iter().map(|(at, _)| *at).min()?;
        events.retain(|(at, _)| *at == first);
        let index = world.random.bits() as usize % events.len();
        Some(events.swap_remove(index))
    }

    /// An alarm that the platform lost is made good by the next contact, whoever it is.
    fn somebody_comes_by(&mut self) {
        self.script.push_back((self.world.now() + 1_000, Action::Read));
    }

    fn recovered(&mut self) {
        if let Some(crashed_at) = self.crashed_at.take() {
            // While the trouble lasts nobody could have recovered.
            let since = crashed_at.max(self.world.trouble_until());
            self.report.recovery_max_ms = self.report.recovery_max_ms.max(self.world.now() - since);
        }
    }
}
