//! How many clients may wait for the end of one workflow.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use orchestrator_workers::runner::Runner;

use crate::executor::Executor;
use crate::support;
use crate::time_limits::ScriptedHost;

const WAITERS_MAX: u64 = 100;
const WAIT_MS: u64 = 30_000;

#[test]
fn one_client_too_many_does_not_wait_and_those_whose_time_is_up_make_room() {
    let executor = Rc::new(Executor::default());
    let host = ScriptedHost {
        executor: executor.clone(),
        rows: Rc::new(RefCell::default()),
        // The model never says a word.
        script: Vec::new(),
        alarm: Rc::default(),
    };
    let runner = Runner::new(host, 10_000);
    let started = runner
        .create(support::spec())
        .now_or_never()
        .expect("nothing to wait for");
    runner.spawn_drive(started.unwrap());
    let returned = Rc::new(Cell::new(0));
    for _ in 0..WAITERS_MAX {
        let (runner, returned) = (runner.clone(), returned.clone());
        let wait = async move {
            assert_eq!(runner.wait(WAIT_MS).await, Ok(true));
            returned.set(returned.get() + 1);
        };
        executor.spawn(wait.boxed_local());
    }
    executor.run_woken(u32::MAX);
    assert_eq!(returned.get(), 0, "all of them wait");
    assert_eq!(runner.wait(WAIT_MS).now_or_never(), Some(Ok(false)), "one too many");
    while returned.get() < WAITERS_MAX {
        executor.now.set(executor.next_timer().expect("the end of a wait"));
        executor.fire_timer();
        executor.run_woken(u32::MAX);
    }
    assert_eq!(
        runner.wait(WAIT_MS).now_or_never(),
        None,
        "there is room again, so it waits"
    );
    executor.drop_all();
}
