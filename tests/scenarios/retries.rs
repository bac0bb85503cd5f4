//! Retries: how often, when, on which model; and what was lost without being anybody's failure.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::{Control, Event, Input};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::{ErrorClass, ModelError};

use crate::flow::{Flow, models};
use crate::support::{error, spec, spec_with, transient};

fn retry_delay(flow: &Flow) -> Option<u64> {
    match flow.last_event() {
        Event::AttemptErrored { retry_at, .. } | Event::AttemptLost { retry_at, .. } => {
            retry_at.map(|at| at.ms_since(flow.now))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_step_has_five_attempts_over_all_models_and_the_next_takes_over_after_three_failures() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    for _ in 0..5 {
        flow.fail("subtask/a", transient());
        flow.pass(60_000);
    }
    assert_eq!(
        models(&flow, "subtask/a"),
        ["small-a", "small-a", "small-a", "small-b", "small-b"]
    );
    assert_eq!(flow.step("subtask/a")["state"], "errored");
    assert_eq!(flow.in_flight(), ["subtask/b"]);
}

#[test]
fn without_a_next_model_all_five_attempts_ask_the_same() {
    let mut flow = Flow::planned(
        spec_with(|spec| spec.small_models.truncate(1)),
        &[("a", &[]), ("b", &["a"])],
    );
    for _ in 0..5 {
        flow.fail("subtask/a", transient());
        flow.pass(60_000);
    }
    assert_eq!(models(&flow, "subtask/a"), ["small-a"; 5]);
    assert_eq!(flow.step("subtask/a")["state"], "errored");
}

#[test]
fn a_permanent_or_quota_error_moves_to_the_next_model_at_once() {
    for class in [ErrorClass::Permanent, ErrorClass::Quota] {
        let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
        flow.fail("subtask/a", error(class, ErrorName::BadRequest));
        assert_eq!(models(&flow, "subtask/a"), ["small-a", "small-b"]);
        flow.fail("subtask/a", error(class, ErrorName::BadRequest));
        assert_eq!(flow.step("subtask/a")["state"], "errored", "there is no third model");
    }
}

#[test]
fn retry_after_is_honoured() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    let asked = ModelError {
        retry_after_ms: Some(7_000),
        ..error(ErrorClass::Transient, ErrorName::RateLimited)
    };
    flow.fail("subtask/a", asked);
    let delay = retry_delay(&flow).unwrap();
    assert!((7_000..=8_000).contains(&delay), "{delay}");
    flow.pass(6_999);
    assert_eq!(flow.in_flight(), [""; 0]);
    flow.pass(1_001);
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn a_wait_of_more_than_a_minute_sends_to_the_next_model_at_once_and_without_one_it_is_waited_for() {
    let asked = || ModelError {
        retry_after_ms: Some(900_000),
        ..error(ErrorClass::Transient, ErrorName::RateLimited)
    };
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.fail("subtask/a", asked());
    assert_eq!(models(&flow, "subtask/a"), ["small-a", "small-b"]);
    assert_eq!(flow.in_flight(), ["subtask/a"]);
    flow.fail("subtask/a", asked());
    let delay = retry_delay(&flow).unwrap();
    assert!((900_000..=901_000).contains(&delay), "{delay}");
}

#[test]
fn the_delay_is_jittered_journaled_and_the_same_after_a_replay() {
    let delays: Vec<u64> = (0..50)
        .map(|entropy| {
            let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
            flow.entropy = entropy * 1_000_003;
            flow.fail("subtask/a", transient());
            let due = flow.workflow.wake_at(flow.now);
            assert_eq!(Flow::resume(flow.log.clone()).workflow.wake_at(flow.now), due);
            retry_delay(&flow).unwrap()
        })
        .collect();
    assert!(delays.iter().all(|delay| *delay <= 1_000), "{delays:?}");
    let (low, high) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
    assert!(*low < 200 && *high > 800, "full jitter: {delays:?}");
}

#[test]
fn siblings_that_fail_together_do_not_return_together() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    flow.entropy = 7;
    flow.fail("subtask/a", transient());
    let first = retry_delay(&flow);
    flow.entropy = 7;
    flow.fail("subtask/b", transient());
    assert_ne!(first, retry_delay(&flow));
}

#[test]
fn a_lost_attempt_is_repeated_at_once_and_does_not_count() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    for _ in 0..4 {
        flow.lose("subtask/a");
        flow.fail("subtask/a", transient());
        flow.pass(60_000);
    }
    flow.lose("subtask/a");
    assert_eq!(
        flow.in_flight(),
        ["subtask/a"],
        "four failures and five losses are not five failures"
    );
    flow.reply("subtask/a", "A");
    assert_eq!(flow.in_flight(), ["subtask/b"]);
}

#[test]
fn an_attempt_is_journaled_as_lost_before_it_is_repeated() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.lose("subtask/a");
    assert_eq!(
        flow.told(),
        ["attempt_lost subtask/a #1", "attempt_started subtask/a #2 small-a"]
    );
}

#[test]
fn an_interrupted_invocation_is_a_loss_not_a_failure() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.fail("subtask/a", error(ErrorClass::Interrupted, ErrorName::InvocationEnded));
    assert_eq!(
        flow.told(),
        ["attempt_lost subtask/a #1", "attempt_started subtask/a #2 small-a"]
    );
}

/// Somebody else of the isolate may be the one that crashes: in step with it, a long call would never come to its end.
#[test]
fn from_the_third_loss_in_a_row_a_step_waits_longer_each_time_and_by_chance() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    let mut delays = Vec::new();
    for losses in 1..=9 {
        flow.entropy = losses;
        flow.lose("subtask/a");
        let waits = flow.in_flight().is_empty();
        delays.push(if waits { retry_delay(&flow).unwrap() } else { 0 });
        flow.pass(60_000);
        assert_eq!(flow.in_flight(), ["subtask/a"]);
    }
    assert_eq!(delays[..2], [0, 0]);
    let ceilings = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000];
    assert!(
        delays[2..]
            .iter()
            .zip(ceilings)
            .all(|(delay, ceiling)| *delay <= ceiling),
        "{delays:?}"
    );
    assert!(delays[2..].iter().sum::<u64>() > 10_000, "{delays:?}");
}

#[test]
fn ten_losses_without_progress_are_a_crash_loop() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    for _ in 0..9 {
        flow.lose("subtask/a");
        flow.pass(60_000);
    }
    assert_eq!(flow.status(), Status::Running);
    flow.lose("subtask/a");
    assert_eq!((flow.status(), flow.error().0.as_str()), (Status::Errored, "CrashLoop"));
}

#[test]
fn progress_anywhere_in_the_workflow_forgives_the_losses() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[]), ("c", &[])]);
    for sibling in ["subtask/b", "subtask/c"] {
        for _ in 0..9 {
            flow.lose("subtask/a");
            flow.pass(60_000);
        }
        flow.reply(sibling, "done");
    }
    for _ in 0..9 {
        flow.lose("subtask/a");
        flow.pass(60_000);
    }
    assert_eq!(flow.status(), Status::Running);
}

#[test]
fn an_attempt_that_ended_meanwhile_can_not_be_lost_any_more() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    let attempt = flow.attempt("subtask/a");
    flow.reply("subtask/a", "A");
    flow.told();
    flow.handle(Input::AttemptsLost(vec![attempt])).unwrap();
    assert_eq!(flow.told(), [""; 0]);
}

#[test]
fn retries_that_fell_due_while_paused_start_on_resume() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.fail("subtask/a", transient());
    flow.control(Control::Pause);
    flow.pass(3_600_000);
    assert_eq!((flow.status(), flow.in_flight().len()), (Status::Paused, 0));
    flow.control(Control::Resume);
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn every_attempt_records_its_model_and_its_error() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.fail("subtask/a", error(ErrorClass::Permanent, ErrorName::ModelNotFound));
    flow.reply("subtask/a", "A");
    let attempts = flow.step("subtask/a")["attempts"].clone();
    assert_eq!(attempts[0]["model"], "small-a");
    assert_eq!(attempts[0]["error"]["name"], "ModelNotFound");
    assert_eq!(attempts[0]["success"], false);
    assert_eq!(attempts[1]["model"], "small-b");
    assert_eq!(attempts[1]["success"], true);
}
