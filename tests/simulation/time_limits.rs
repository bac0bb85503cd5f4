//! The time limits of one call: first token, silence, the whole; from when the call goes out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use orchestrator_workers::alarm::Alarm;
use orchestrator_workers::clock::Clock;
use orchestrator_workers::engine::words::spec::WorkflowSpec;
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{Event, Recorded, Workflow};
use orchestrator_workers::journal::{Journal, JournalError, LoadError};
use orchestrator_workers::model::{Model, ModelError, ModelReply, ModelRequest, Progress};
use orchestrator_workers::notify::Notice;
use orchestrator_workers::runner::{Host, Runner};

use crate::executor::Executor;
use crate::support;

/// What a call does, each after a pause of so many seconds. After the last it is silent for ever.
#[derive(Clone, Copy)]
pub enum Does {
    GoesOut {
        streaming: bool,
    },
    IsAlive,
    Writes,
    /// Pieces of text that arrive in one moment.
    Says(&'static [&'static str]),
    Answers,
}

use Does::{Answers, GoesOut, IsAlive, Says, Writes};

pub const STREAMING: Does = GoesOut { streaming: true };

pub struct ScriptedHost {
    pub executor: Rc<Executor>,
    pub rows: Rc<RefCell<Vec<Recorded>>>,
    pub script: Vec<(u64, Does)>,
    pub alarm: Rc<Cell<Option<u64>>>,
}

impl Clock for ScriptedHost {
    fn now(&self) -> Timestamp {
        Timestamp(self.executor.now.get())
    }

    fn entropy(&self) -> u64 {
        4
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        self.executor.sleep(ms).boxed_local()
    }
}

impl Journal for ScriptedHost {
    fn append(&self, events: &[Recorded]) -> Result<(), JournalError> {
        self.rows.borrow_mut().extend_from_slice(events);
        Ok(())
    }

    fn page(&self, after: u64, _until: u64, _limit: u32) -> Result<Vec<Recorded>, LoadError> {
        let rows = self.rows.borrow();
        Ok(rows.iter().filter(|recorded| recorded.seq > after).cloned().collect())
    }

    fn bury(&self, _tombstone: &Notice) -> Result<(), JournalError> {
        self.rows.borrow_mut().clear();
        Ok(())
    }

    fn tombstones(&self) -> Result<Vec<Notice>, JournalError> {
        Ok(Vec::new())
    }

    fn unbury(&self, _life: &str) -> Result<(), JournalError> {
        Ok(())
    }
}

impl Model for ScriptedHost {
    async fn complete(&self, _request: &ModelRequest, progress: &dyn Progress) -> Result<ModelReply, ModelError> {
        for (seconds, does) in &self.script {
            self.executor.sleep(seconds * 1_000).await;
            match does {
                GoesOut { streaming } => progress.call_started(*streaming),
                IsAlive => progress.alive(),
                Writes => progress.delta("text"),
                Says(pieces) => pieces.iter().for_each(|piece| progress.delta(piece)),
                Answers => return Ok(support::reply(support::plan_text(&[("a", &[])]))),
            }
        }
        futures::future::pending().await
    }
}

impl Alarm for ScriptedHost {
    fn arm(&self, at: Timestamp) -> Result<(), JournalError> {
        self.alarm.set(Some(at.0));
        Ok(())
    }

    fn disarm(&self) -> Result<(), JournalError> {
        self.alarm.set(None);
        Ok(())
    }

    fn failures(&self) -> u32 {
        0
    }

    fn set_failures(&self, _failures: u32) {}
}

impl Host for ScriptedHost {
    /// A stand-in for a validator: the simulated schema wants an object.
    fn validate(&self, _schema: &serde_json::Value, json: &str) -> Result<(), String> {
        if json.starts_with('{') {
            Ok(())
        } else {
            Err("/: expected an object".to_owned())
        }
    }

    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        self.executor.spawn(future);
    }

    fn delete_all(&self) -> LocalBoxFuture<'static, Result<(), JournalError>> {
        async { Ok(()) }.boxed_local()
    }

    fn has_index(&self) -> bool {
        false
    }

    fn tell(&self, _notice: &Notice) -> LocalBoxFuture<'static, Result<(), String>> {
        async { Ok(()) }.boxed_local()
    }

    fn sync(&self) -> LocalBoxFuture<'static, Result<(), JournalError>> {
        async { Ok(()) }.boxed_local()
    }

    fn committed(&self, _workflow: &Workflow, _events: &[Recorded]) {}

    fn warn(&self, message: &str) {
        panic!("{message}");
    }
}

/// How the first attempt ended.
pub fn first_end(spec: WorkflowSpec, script: &[(u64, Does)]) -> Recorded {
    let (executor, rows) = (Rc::new(Executor::default()), Rc::new(RefCell::default()));
    let host = ScriptedHost {
        executor: executor.clone(),
        rows: rows.clone(),
        script: script.to_vec(),
        alarm: Rc::default(),
    };
    let runner = Runner::new(host, 10_000);
    let started = runner.create(spec).now_or_never().expect("nothing to wait for");
    runner.spawn_drive(started.unwrap());
    let is_end = |recorded: &&Recorded| {
        let event = &recorded.event;
        matches!(event, Event::AttemptCompleted { .. } | Event::AttemptErrored { .. })
    };
    let end = loop {
        executor.run_woken(u32::MAX);
        if let Some(end) = rows.borrow().iter().find(is_end) {
            break end.clone();
        }
        executor.now.set(executor.next_timer().expect("a limit"));
        executor.fire_timer();
    };
    executor.drop_all();
    end
}

/// After how many seconds the first attempt ended, and its error.
fn first_outcome(script: &[(u64, Does)]) -> (u64, String) {
    let end = first_end(support::spec(), script);
    let outcome = match end.event {
        Event::AttemptErrored { error, .. } => format!("{}: {}", error.name, error.message),
        _ => "answered".to_owned(),
    };
    (end.at.0 / 1_000, outcome)
}

#[test]
fn the_first_token_must_come_within_two_minutes() {
    let timeout = "Timeout: the model sent no first token for 120 s: the call was aborted";
    assert_eq!(first_outcome(&[(0, STREAMING)]), (120, timeout.into()));
    assert_eq!(
        first_outcome(&[(0, STREAMING), (119, Writes), (1, Answers)]),
        (120, "answered".into())
    );
}

#[test]
fn between_tokens_there_may_be_a_minute_of_silence() {
    let timeout = "Timeout: the model sent nothing for 60 s: the call was aborted";
    assert_eq!(first_outcome(&[(0, STREAMING), (10, Writes)]), (70, timeout.into()));
    assert_eq!(
        first_outcome(&[(0, STREAMING), (10, Writes), (59, IsAlive), (59, Answers)]),
        (128, "answered".into())
    );
}

#[test]
fn a_call_that_goes_on_for_ever_is_aborted_after_a_quarter_of_an_hour() {
    let mut script = vec![(0, STREAMING)];
    script.extend([(30, Writes); 100]);
    assert_eq!(first_outcome(&script).0, 900);
}

#[test]
fn a_reply_that_comes_whole_has_only_the_whole_limit() {
    let at_once = GoesOut { streaming: false };
    assert_eq!(first_outcome(&[(0, at_once), (899, Answers)]), (899, "answered".into()));
    assert_eq!(first_outcome(&[(0, at_once)]).0, 900);
}

#[test]
fn no_limit_runs_while_a_call_waits_for_its_slot() {
    assert_eq!(
        first_outcome(&[(3_000, STREAMING), (1, Answers)]),
        (3_001, "answered".into())
    );
}

#[test]
fn a_call_that_is_repeated_within_its_attempt_has_its_first_token_limit_again() {
    let refused_and_repeated = [
        (0, STREAMING),
        (1, IsAlive),
        (1, STREAMING),
        (100, Writes),
        (1, Answers),
    ];
    assert_eq!(first_outcome(&refused_and_repeated), (103, "answered".into()));
    assert_eq!(first_outcome(&refused_and_repeated[..3]).0, 122);
}
