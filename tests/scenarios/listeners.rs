//! A workflow that nobody listens to: `options.on_disconnect`. When nobody has listened for too long is the runner's
//! business (`tests/simulation/listeners.rs`); here is what becomes of it.

use orchestrator_workers::engine::words::codec;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::{Approval, OnDisconnect, PAUSES_MAX, WorkflowSpec};
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{Control, Input, RestartFrom};
use serde_json::{Value, json};

use crate::flow::Flow;
use crate::support::spec_with;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

fn asking_for(on_disconnect: OnDisconnect) -> WorkflowSpec {
    spec_with(|spec| spec.options.on_disconnect = on_disconnect)
}

/// Of three subtasks one is in flight.
fn running(on_disconnect: OnDisconnect) -> Flow {
    let mut flow = Flow::planned(asking_for(on_disconnect), &[("a", &[]), ("b", &["a"]), ("c", &["a"])]);
    flow.pass(1_000);
    flow
}

fn deserted(on_disconnect: OnDisconnect) -> Flow {
    let mut flow = running(on_disconnect);
    flow.handle(Input::NobodyListens).unwrap();
    flow
}

fn stop_reason(flow: &Flow) -> Value {
    flow.view()["stop_reason"].clone()
}

/// As after a crash at this point.
fn again(flow: Flow) -> Flow {
    let now = flow.now;
    let mut flow = Flow::resume(flow.log);
    flow.now = now;
    flow
}

#[test]
fn where_nothing_is_asked_for_it_goes_on() {
    let mut flow = running(OnDisconnect::Continue);
    flow.told();
    flow.handle(Input::NobodyListens).unwrap();
    assert_eq!((flow.told(), flow.status()), (vec![], Status::Running));
    assert_eq!(flow.workflow.deserted_at(flow.now), None);
    let (_, queued) = codec::encode(&flow.log[0].event);
    assert!(!queued.contains("disconnect") && queued.contains("\"v\":1"), "{queued}");
}

#[test]
fn it_is_paused_with_its_reason_and_a_listener_resumes_it() {
    let mut flow = running(OnDisconnect::Pause);
    assert_eq!(flow.workflow.deserted_at(flow.now), Some(flow.now.plus_ms(MINUTE_MS)));
    flow.handle(Input::NobodyListens).unwrap();
    assert_eq!(
        (flow.status(), stop_reason(&flow)),
        (Status::WaitingForPause, json!("no_listener"))
    );
    flow = again(flow);
    flow.reply("subtask/a", "A");
    assert_eq!(
        (flow.status(), stop_reason(&flow)),
        (Status::Paused, json!("no_listener"))
    );
    // The event says it, so that whoever reads the journal knows.
    let (word, paused) = codec::encode(&flow.log.last().unwrap().event);
    assert_eq!(
        (word, paused.as_str()),
        ("workflow_paused", r#"{"reason":"no_listener","v":1}"#)
    );
    flow = again(flow);
    assert!(flow.workflow.is_deserted());
    flow.handle(Input::SomebodyListens).unwrap();
    assert_eq!((flow.status(), stop_reason(&flow)), (Status::Running, Value::Null));
    assert_eq!(flow.in_flight(), ["subtask/b", "subtask/c"]);
    // It may go away again, and come back before the calls have ended.
    flow.handle(Input::NobodyListens).unwrap();
    flow.handle(Input::SomebodyListens).unwrap();
    assert_eq!((flow.status(), flow.in_flight().len()), (Status::Running, 2));
}

#[test]
fn an_hour_after_it_was_deserted_it_is_terminated() {
    let mut flow = deserted(OnDisconnect::Pause);
    let since = flow.now;
    flow.pass(20 * MINUTE_MS);
    flow.reply("subtask/a", "A");
    flow = again(flow);
    let end = since.plus_ms(HOUR_MS);
    assert_eq!(flow.workflow.wake_at(flow.now), Some(end));
    assert_eq!(
        flow.workflow.deserted_at(Timestamp(0)),
        Some(end),
        "whenever somebody listened"
    );
    flow.now = Timestamp(end.0 - 1);
    flow.handle(Input::TimePassed).unwrap();
    assert_eq!(flow.status(), Status::Paused);
    flow.now = end;
    flow.handle(Input::TimePassed).unwrap();
    assert_eq!(
        (flow.status(), stop_reason(&flow)),
        (Status::Terminated, json!("no_listener"))
    );
    flow = again(flow);
    assert_eq!(stop_reason(&flow), json!("no_listener"));
    // Nobody has it back by listening, but it may be restarted.
    flow.handle(Input::SomebodyListens).unwrap();
    assert_eq!(flow.status(), Status::Terminated);
    flow.control(Control::Restart(RestartFrom::Failed));
    assert_eq!((flow.status(), stop_reason(&flow)), (Status::Running, Value::Null));
}

#[test]
fn it_is_terminated_at_once_where_that_was_asked_for() {
    let mut flow = deserted(OnDisconnect::Terminate);
    assert_eq!(
        (flow.status(), stop_reason(&flow)),
        (Status::Terminated, json!("no_listener"))
    );
    assert_eq!(flow.in_flight(), [""; 0]);
    flow = again(flow);
    flow.handle(Input::NobodyListens).unwrap();
    assert_eq!(stop_reason(&flow), json!("no_listener"));
    assert_eq!(flow.workflow.deserted_at(flow.now), None);
}

#[test]
fn a_pause_by_a_control_is_never_ended_by_a_listener() {
    let mut flow = running(OnDisconnect::Pause);
    flow.control(Control::Pause);
    flow.told();
    flow.handle(Input::NobodyListens).unwrap();
    flow.handle(Input::SomebodyListens).unwrap();
    assert_eq!((flow.told(), stop_reason(&flow)), (vec![], Value::Null));
    flow.reply("subtask/a", "A");
    assert_eq!(flow.status(), Status::Paused);
    flow.handle(Input::SomebodyListens).unwrap();
    flow.pass(2 * HOUR_MS);
    flow.handle(Input::TimePassed).unwrap();
    assert_eq!((flow.status(), flow.workflow.wake_at(flow.now)), (Status::Paused, None));
}

#[test]
fn a_control_makes_a_pause_for_want_of_a_listener_its_own() {
    for replied in [false, true] {
        let mut flow = deserted(OnDisconnect::Pause);
        if replied {
            flow.reply("subtask/a", "A");
        }
        flow.told();
        flow.control(Control::Pause);
        let told = if replied {
            "workflow_paused"
        } else {
            "workflow_waiting_for_pause"
        };
        assert_eq!((flow.told(), stop_reason(&flow)), (vec![told.to_owned()], Value::Null));
        flow = again(flow);
        flow.handle(Input::SomebodyListens).unwrap();
        flow.control(Control::Pause);
        assert_eq!(flow.told(), [""; 0], "its goal holds");
        flow.control(Control::Resume);
        assert_eq!(flow.status(), Status::Running, "where it was before");
    }
}

#[test]
fn only_what_runs_is_stopped() {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.options.on_disconnect = OnDisconnect::Terminate;
        spec.options.approval = Approval::Plan;
    }));
    flow.reply("plan", crate::support::plan_text(&[("a", &[]), ("b", &[])]));
    flow.handle(Input::NobodyListens).unwrap();
    assert_eq!(flow.status(), Status::Waiting, "a person may take their time");
    // Before anything has begun there is nothing to wait for.
    let mut flow = Flow::create(asking_for(OnDisconnect::Pause));
    flow.handle(Input::NobodyListens).unwrap();
    assert_eq!(flow.status(), Status::Paused);
    flow.handle(Input::SomebodyListens).unwrap();
    assert_eq!(flow.in_flight(), ["plan"]);
}

#[test]
fn one_that_was_paused_too_often_goes_on() {
    let mut flow = running(OnDisconnect::Pause);
    for _ in 0..PAUSES_MAX {
        flow.workflow.handle(Input::NobodyListens, flow.now, 0).unwrap();
        flow.workflow.handle(Input::SomebodyListens, flow.now, 0).unwrap();
    }
    let events = flow.workflow.handle(Input::NobodyListens, flow.now, 0).unwrap();
    assert_eq!((events, flow.workflow.deserted_at(flow.now)), (vec![], None));
}

#[test]
fn an_older_build_leaves_such_a_workflow_alone() {
    for (on_disconnect, version) in [
        (OnDisconnect::Continue, 1),
        (OnDisconnect::Pause, 2),
        (OnDisconnect::Terminate, 2),
    ] {
        let flow = Flow::create(asking_for(on_disconnect));
        assert_eq!(flow.log[0].event.schema_version(), version);
    }
}
