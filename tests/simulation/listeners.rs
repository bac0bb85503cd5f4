//! When nobody listens any more: the real runner on its alarms, with streams and waits that come and go. What becomes
//! of the workflow then is in `tests/scenarios/listeners.rs`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use orchestrator_workers::engine::show::live::{Position, Types};
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::OnDisconnect;
use orchestrator_workers::engine::{Control, Input, Recorded};
use orchestrator_workers::runner::Runner;
use orchestrator_workers::runner::stream::EventStream;

use crate::executor::Executor;
use crate::support;
use crate::time_limits::Does::{Answers, GoesOut};
use crate::time_limits::ScriptedHost;

const HEARTBEAT_MS: u64 = 10_000;
const KEEP_ALIVE_MS: u64 = 15_000;

/// A host in memory, between two crashes. Each call takes so many seconds.
struct Life {
    executor: Rc<Executor>,
    rows: Rc<RefCell<Vec<Recorded>>>,
    alarm: Rc<Cell<Option<u64>>>,
    runner: Runner<ScriptedHost>,
    call_s: u64,
}

impl Life {
    fn over(rows: Rc<RefCell<Vec<Recorded>>>, alarm: Rc<Cell<Option<u64>>>, now: u64, call_s: u64) -> Life {
        let executor = Rc::new(Executor::default());
        executor.now.set(now);
        let host = ScriptedHost {
            executor: executor.clone(),
            rows: rows.clone(),
            script: vec![(0, GoesOut { streaming: false }), (call_s, Answers)],
            alarm: alarm.clone(),
        };
        Life {
            executor,
            rows,
            alarm,
            runner: Runner::new(host, HEARTBEAT_MS),
            call_s,
        }
    }

    /// A workflow begins at 0. Its plan is one direct call, so it has two calls.
    fn begin(on_disconnect: OnDisconnect, call_s: u64) -> Life {
        let life = Life::over(Rc::default(), Rc::default(), 0, call_s);
        let spec = support::spec_with(|spec| spec.options.on_disconnect = on_disconnect);
        let started = life.runner.create(spec).now_or_never().expect("nothing to wait for");
        life.runner.spawn_drive(started.unwrap());
        life
    }

    /// Memory is gone. The alarm and the journal are left.
    fn crash(self) -> Life {
        self.executor.drop_all();
        Life::over(self.rows, self.alarm, self.executor.now.get(), self.call_s)
    }

    /// Time passes, with its timers and alarms.
    fn until(&self, seconds: u64) {
        let until = seconds * 1_000;
        loop {
            self.executor.run_woken(u32::MAX);
            let (timer, alarm) = (self.executor.next_timer(), self.alarm.get());
            let Some(at) = timer.into_iter().chain(alarm).min().filter(|at| *at <= until) else {
                break;
            };
            self.executor.now.set(at.max(self.executor.now.get()));
            if alarm == Some(at) {
                self.alarm.set(None);
                self.runner.alarm().now_or_never().expect("it never waits").unwrap();
            } else {
                self.executor.fire_timer();
            }
        }
        self.executor.now.set(until);
        self.executor.run_woken(u32::MAX);
    }

    fn connect(&self) -> EventStream<ScriptedHost> {
        let stream = self.runner.stream(&Position::default(), Types(None), KEEP_ALIVE_MS);
        stream.unwrap().expect("something follows")
    }

    /// A client that reads until so many seconds, and goes away.
    fn reads_until(&self, seconds: u64) {
        let (executor, mut stream) = (self.executor.clone(), self.connect());
        let reading = async move {
            let leave = executor.sleep(seconds * 1_000 - executor.now.get()).fuse();
            let read = async { while stream.next().await.is_some() {} }.fuse();
            futures::pin_mut!(leave, read);
            futures::select! { () = leave => {}, () = read => {} }
        };
        self.executor.spawn(reading.boxed_local());
    }

    fn waits(&self, seconds: u64) {
        let runner = self.runner.clone();
        let waiting = async move { assert!(runner.wait(seconds * 1_000).await.is_ok()) };
        self.executor.spawn(waiting.boxed_local());
    }

    fn status(&self) -> Status {
        self.runner.read(|workflow, _| workflow.status()).unwrap()
    }

    /// Type, second and reason of the events that move the workflow as a whole.
    fn told(&self) -> Vec<(&'static str, u64, bool)> {
        let rows = self.rows.borrow();
        let moved = rows.iter().filter(|recorded| {
            let name = recorded.event.type_name();
            name.starts_with("workflow_") && name != "workflow_queued" && name != "workflow_started"
        });
        moved
            .map(|recorded| {
                let (name, stored) = orchestrator_workers::engine::words::codec::encode(&recorded.event);
                (
                    name,
                    recorded.at.0 / 1_000,
                    stored.contains("\"reason\":\"no_listener\""),
                )
            })
            .collect()
    }

    fn control(&self, control: Control) {
        self.runner.submit_and_drive(Input::Control(control)).unwrap();
    }
}

#[test]
fn after_a_minute_without_a_listener_it_pauses_and_the_next_one_resumes_it() {
    let life = Life::begin(OnDisconnect::Pause, 100);
    life.until(200);
    let pausing = [("workflow_waiting_for_pause", 60, true), ("workflow_paused", 100, true)];
    assert_eq!(life.told(), pausing);
    life.reads_until(1_000);
    life.until(400);
    let resumed = [("workflow_resumed", 200, false), ("workflow_completed", 300, false)];
    assert_eq!(life.told(), [pausing, resumed].concat());
    life.executor.drop_all();
}

#[test]
fn the_minute_begins_when_the_last_listener_leaves() {
    let life = Life::begin(OnDisconnect::Pause, 800);
    life.until(5);
    life.reads_until(300);
    life.until(50);
    life.reads_until(205);
    life.until(359);
    assert_eq!(life.told(), [], "one of them still listened");
    life.until(361);
    assert_eq!(life.told(), [("workflow_waiting_for_pause", 360, true)]);
    // A request that waits listens too, for as long as it waits.
    life.until(400);
    life.waits(60);
    life.until(519);
    assert_eq!(life.told()[1..], [("workflow_resumed", 400, false)]);
    life.until(521);
    assert_eq!(life.told()[2..], [("workflow_waiting_for_pause", 520, true)]);
    life.executor.drop_all();
}

#[test]
fn a_client_that_stops_reading_without_a_word_does_not_listen() {
    let life = Life::begin(OnDisconnect::Pause, 800);
    let mut stream = life.connect();
    while stream.next().now_or_never().is_some() {}
    life.until(100);
    // It was to be read again within the time of a keep-alive.
    assert_eq!(life.told(), [("workflow_waiting_for_pause", 75, true)]);
    drop(stream);
    life.executor.drop_all();
}

#[test]
fn an_hour_after_that_it_is_terminated() {
    let life = Life::begin(OnDisconnect::Pause, 100);
    life.until(3_659);
    assert_eq!(life.status(), Status::Paused);
    life.until(3_661);
    assert_eq!(life.told().last(), Some(&("workflow_terminated", 3_660, true)));
    life.executor.drop_all();
}

#[test]
fn where_that_was_asked_for_it_is_terminated_after_the_minute_and_else_it_goes_on() {
    let life = Life::begin(OnDisconnect::Terminate, 100);
    life.until(200);
    assert_eq!(life.told(), [("workflow_terminated", 60, true)]);
    life.executor.drop_all();
    let life = Life::begin(OnDisconnect::Continue, 800);
    life.until(1_700);
    assert_eq!(life.told(), [("workflow_completed", 1_600, false)]);
    life.executor.drop_all();
}

#[test]
fn after_a_crash_the_minute_begins_anew_and_the_hour_does_not() {
    let life = Life::begin(OnDisconnect::Pause, 100);
    life.until(50);
    let life = life.crash();
    // The alarm at 60 loads it and repeats the call.
    life.until(119);
    assert_eq!(life.told(), []);
    life.until(200);
    let pausing = [
        ("workflow_waiting_for_pause", 120, true),
        ("workflow_paused", 160, true),
    ];
    assert_eq!(life.told(), pausing);
    let life = life.crash();
    life.until(3_000);
    let life = life.crash();
    life.until(3_719);
    assert_eq!(life.status(), Status::Paused);
    life.until(3_721);
    assert_eq!(life.told().last(), Some(&("workflow_terminated", 3_720, true)));
    life.executor.drop_all();
    // A listener finds it after a crash as before.
    let life = Life::begin(OnDisconnect::Pause, 100);
    life.until(150);
    let life = life.crash();
    life.waits(30);
    life.until(160);
    assert_eq!(life.told().last(), Some(&("workflow_resumed", 150, false)));
    life.executor.drop_all();
}

#[test]
fn whoever_pauses_by_a_control_is_not_overruled_by_a_listener() {
    let life = Life::begin(OnDisconnect::Pause, 100);
    life.until(70);
    life.control(Control::Pause);
    life.until(200);
    life.reads_until(900);
    life.until(5_000);
    let told = [
        ("workflow_waiting_for_pause", 60, true),
        ("workflow_waiting_for_pause", 70, false),
        ("workflow_paused", 100, false),
    ];
    assert_eq!(life.told(), told);
    // Whoever sends a control is there at that moment.
    life.control(Control::Resume);
    life.until(5_059);
    assert_eq!(life.status(), Status::Running);
    life.until(5_061);
    assert_eq!(life.status(), Status::WaitingForPause);
    life.executor.drop_all();
}
