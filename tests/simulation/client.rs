//! A client that reads the event stream from the first day on: at its own pace, with pauses, and back again with the
//! last id that it has seen. It outlives every crash of the host.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use futures::FutureExt;
use orchestrator_workers::engine::show::live::{ALL, Answer, Delta, Position, Types, Update, life};
use orchestrator_workers::engine::words::event::ResultSource;
use orchestrator_workers::engine::words::step_name::StepName;
use orchestrator_workers::engine::{AttemptId, Event, Recorded, Workflow};
use orchestrator_workers::runner::stream::{EventStream, Item};
use orchestrator_workers::runner::{Runner, SubmitError};

use crate::host::SimHost;
use crate::world::{World, life_of};

const KEEP_ALIVE_MS: u64 = 15_000;
/// How long after its commit an event may come to a client that waits for it.
const DELAY_MS_MAX: u64 = 1_000;
/// How long after the workflow's end a stream that is read may go on.
const END_MS_MAX: u64 = 60_000;

/// What the client remembers.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub position: Position,
    /// Characters that it has of each text.
    chars: HashMap<AttemptId, usize>,
    ended: HashSet<(StepName, u32, u32)>,
    answer: ReaderText,
}

/// What it has of the reader's text.
#[derive(Clone, Debug, Default)]
struct ReaderText {
    text: String,
    settled: usize,
    /// It came over this connection: each begins anew.
    has_begun: bool,
    /// How often settled text was changed, and how often an attempt that wrote it died.
    changes: usize,
    deaths: usize,
}

#[derive(Default)]
pub struct Client {
    pub memory: RefCell<Memory>,
    connected: Cell<bool>,
    wants_answer: Cell<bool>,
    /// When it connects (again).
    back_at: Cell<u64>,
    /// When it first saw that it had everything of a workflow that has ended, and the stream was still open.
    overdue_since: Cell<Option<u64>>,
    /// It waits for the next item, and is not busy with the last one.
    waits: Cell<bool>,
    /// Since when it has waited while events were on disk that it lacks.
    behind_since: Cell<Option<u64>>,
}

impl Client {
    pub fn new(memory: Memory, now: u64) -> Rc<Client> {
        let client = Client::default();
        client.memory.replace(memory);
        client.back_at.set(now);
        Rc::new(client)
    }

    /// When it connects next. None while it is connected.
    pub fn next(&self) -> Option<u64> {
        (!self.connected.get()).then(|| self.back_at.get())
    }

    pub fn is_connected(&self) -> bool {
        self.connected.get()
    }

    /// Whether it has every event of the journal, and was told that nothing follows.
    pub fn has_all(&self, world: &World) -> bool {
        let disk = world.disk.borrow();
        disk.rows.is_empty() || (!self.connected.get() && self.has_every_event(world))
    }

    /// Connects where it left off.
    pub fn connect(self: &Rc<Self>, world: &Rc<World>, runner: &Runner<SimHost>) -> Result<(), SubmitError> {
        self.back_at.set(world.now() + world.soon_or_later(5_000));
        let position = self.position(world, runner);
        // Some want the reader's text.
        self.wants_answer.set(world.random.percent(70));
        let types = Types(self.wants_answer.get().then(|| vec![ALL.to_owned()]));
        let stream = runner.stream(&position, types, KEEP_ALIVE_MS)?;
        match stream {
            Some(stream) => {
                world.count("streams");
                self.connected.set(true);
                self.memory.borrow_mut().answer.has_begun = false;
                let reading = read(world.clone(), Connection(self.clone()), stream);
                world.executor.spawn(reading.boxed_local());
            }
            // Nothing will follow: so it must have seen everything.
            None if !self.has_all(world) => world.violate("a stream is refused as ended to a client that lacks events"),
            None => world.count("streams refused after the end"),
        }
        Ok(())
    }

    /// Where it left off. Some name an event beyond the journal's end, as after a disk that lost its last moments: they
    /// must get everything anew.
    fn position(&self, world: &World, runner: &Runner<SimHost>) -> Position {
        let mut memory = self.memory.borrow_mut();
        let mut position = memory.position.clone();
        if position.seq == 0 || !world.random.percent(10) {
            return position;
        }
        // One that goes on because somebody listens has more events by the time that it looks.
        let end = runner.read(|workflow, seq| {
            let life = life(&workflow.spec().nonce);
            (life, if workflow.is_deserted() { u64::MAX } else { seq })
        });
        let is_of_this_life = |(life, end): &(String, u64)| position.life.as_ref() == Some(life) && *end < u64::MAX;
        if let Some((_, end)) = end.ok().filter(is_of_this_life) {
            world.count("positions beyond the end");
            *memory = Memory::default();
            position.seq = end + world.random.range(1, 5);
        }
        position
    }

    /// A stream that is being read ends soon after its workflow.
    pub fn check_end(&self, world: &World, has_ended: bool) {
        if !has_ended || !self.connected.get() {
            self.overdue_since.set(None);
            return;
        }
        let since = self.overdue_since.get().unwrap_or(world.now());
        self.overdue_since.set(Some(since));
        if world.now() > since + END_MS_MAX {
            world.violate(format!("a stream goes on {END_MS_MAX} ms after its workflow"));
        }
    }

    /// Whoever reads without a pause gets every event soon after its commit, whatever failed. Where the platform
    /// dropped the work that was to announce it, the next keep-alive finds it.
    pub fn check_delay(&self, world: &World) {
        if !self.waits.get() || self.has_every_event(world) {
            self.behind_since.set(None);
            return;
        }
        let since = self.behind_since.get().unwrap_or(world.now());
        self.behind_since.set(Some(since));
        let dropped_ms = if world.dropped_at.get() > 0 { KEEP_ALIVE_MS } else { 0 };
        let late_ms = world.now() - since;
        if late_ms > DELAY_MS_MAX + dropped_ms {
            world.violate(format!("a subscriber waits {late_ms} ms for an event that is on disk"));
        }
    }

    fn has_every_event(&self, world: &World) -> bool {
        let disk = world.disk.borrow();
        let position = &self.memory.borrow().position;
        position.seq == disk.rows.len() as u64 && position.life == life_of(&disk.rows)
    }

    fn take(&self, world: &World, item: Item, life: &str) {
        match item {
            Item::KeepAlive => {}
            Item::Update(Update::Events(events)) => {
                events.iter().for_each(|recorded| self.event(world, recorded, life));
                let answer = &self.memory.borrow().answer;
                if answer.changes > answer.deaths {
                    world.violate("settled text of the answer changes although no attempt died");
                }
            }
            Item::Update(Update::Deltas(deltas)) => deltas.iter().for_each(|delta| self.delta(world, delta)),
            Item::Update(Update::Answer(answer)) => self.answer(world, &answer),
        }
    }

    /// Every event once it is durable, in order and without a gap.
    fn event(&self, world: &World, recorded: &Recorded, life: &str) {
        let mut memory = self.memory.borrow_mut();
        if memory.position.life.as_deref() != Some(life) {
            *memory = Memory::default();
            memory.position.life = Some(life.to_owned());
        }
        let expected = memory.position.seq + 1;
        if recorded.seq != expected {
            world.violate(format!(
                "a subscriber gets event {} where {expected} is next",
                recorded.seq
            ));
        }
        memory.position.seq = recorded.seq;
        if !world.was_durable(recorded, life) {
            world.violate(format!("a subscriber gets event {} before it is durable", recorded.seq));
        }
        if let Event::AttemptCompleted { step, run, number, .. }
        | Event::AttemptErrored { step, run, number, .. }
        | Event::AttemptLost { step, run, number, .. } = &recorded.event
        {
            memory.ended.insert((step.clone(), *run, *number));
        }
        match &recorded.event {
            Event::AttemptErrored { step, .. } | Event::AttemptLost { step, .. } => {
                memory.answer.deaths += usize::from(!matches!(step, StepName::Plan));
            }
            Event::WorkflowRestarted { .. } => memory.answer.deaths += 1,
            // Who wrote it was given up: a limit lets no script be continued, for example.
            Event::WorkflowCompleted {
                result: ResultSource::Answers,
            } => memory.answer.deaths += 1,
            // The same, of a run that was to end with JSON.
            Event::WorkflowErrored { error } if error.name == "LimitReached" => memory.answer.deaths += 1,
            _ => {}
        }
        match &recorded.event {
            Event::WorkflowCompleted { .. } if self.wants_answer.get() => {
                self.check_final_answer(world, &memory.position, &memory.answer);
            }
            _ => {}
        }
    }

    /// What it was told of the reader's text is the final answer, whatever happened on the way. Where the journal has
    /// gone on by now, or is another life's, nobody knows what the answer was.
    fn check_final_answer(&self, world: &World, position: &Position, answer: &ReaderText) {
        let rows: Vec<Recorded> = {
            let disk = world.disk.borrow();
            if position.seq != disk.rows.len() as u64 || position.life != life_of(&disk.rows) {
                return;
            }
            disk.rows.iter().map(|recorded| (**recorded).clone()).collect()
        };
        let Ok(workflow) = Workflow::replay(rows) else { return };
        let Some(result) = workflow.result() else { return };
        world.count("final answers read");
        if !answer.has_begun || answer.text != result || answer.settled != result.chars().count() {
            world.violate(format!(
                "a subscriber has {:?} ({} settled) where the answer is {result:?}",
                answer.text, answer.settled
            ));
        }
    }

    /// Of the reader's text no piece is missing.
    fn answer(&self, world: &World, update: &Answer) {
        let mut memory = self.memory.borrow_mut();
        let answer = &mut memory.answer;
        if !answer.has_begun {
            let ReaderText { changes, deaths, .. } = *answer;
            *answer = ReaderText {
                has_begun: true,
                changes,
                deaths,
                ..ReaderText::default()
            };
        }
        let chars = answer.text.chars().count();
        if update.from > chars {
            world.violate(format!(
                "a subscriber misses characters {chars} to {} of the answer",
                update.from
            ));
        }
        let begins_as =
            |text: &str, other: &str| text.chars().take(answer.settled).eq(other.chars().take(answer.settled));
        let kept: String = answer.text.chars().take(update.from).collect();
        let text = kept + &update.text;
        let is_changed = !begins_as(&text, &answer.text);
        if update.settled > text.chars().count() {
            world.violate("more of the answer is settled than there is");
        }
        answer.changes += usize::from(is_changed);
        answer.text = text;
        answer.settled = update.settled;
    }

    /// Of each text no piece is missing, and none comes after its attempt has ended.
    fn delta(&self, world: &World, delta: &Delta) {
        let mut memory = self.memory.borrow_mut();
        let attempt = &delta.attempt;
        if memory
            .ended
            .contains(&(attempt.step.clone(), attempt.run, attempt.number))
        {
            world.violate(format!(
                "a subscriber gets text of {} #{} after its end",
                attempt.step, attempt.number
            ));
        }
        let known = memory.chars.entry(attempt.clone()).or_default();
        if delta.from > *known {
            world.violate(format!("a subscriber misses characters {known} to {}", delta.from));
        }
        *known = delta.from + delta.text.chars().count();
    }
}

/// Reads until the stream ends, the client has had enough, or the host crashes.
async fn read(world: Rc<World>, connection: Connection, mut stream: EventStream<SimHost>) {
    let client = &connection.0;
    loop {
        client.waits.set(true);
        let item = stream.next().await;
        // In the turn in which the item comes, because the check at the turn's end would find it arrived.
        client.check_delay(&world);
        client.waits.set(false);
        let Some(item) = item else { break };
        client.take(&world, item, &stream.life);
        if world.random.percent(4) {
            world.count("streams left");
            break;
        }
        if world.random.percent(25) {
            world.executor.sleep(world.random.range(0, 2_000)).await;
        }
    }
    client.back_at.set(world.now() + world.soon_or_later(3_000));
}

/// The client notices that its connection is gone, also where the host crashed under it.
struct Connection(Rc<Client>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.connected.set(false);
        self.0.waits.set(false);
    }
}
