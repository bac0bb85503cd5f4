//! Restarts: run n+1 of the same workflow, in three forms. Siblings keep their answers and their calls.

use orchestrator_workers::engine::{Control, ControlBound, Input, Rejection, RestartFrom};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::ErrorClass;

use crate::flow::Flow;
use crate::support::{error, plan_text, reply, spec, spec_with};

/// a and b; c after a; complete, and c failed where asked.
fn complete(c_fails: bool) -> Flow {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[]), ("c", &["a"])]);
    flow.reply("subtask/a", "A of run 1");
    flow.reply("subtask/b", "B of run 1, with \u{1}\"odd\" bytes\n");
    if c_fails {
        flow.fail("subtask/c", error(ErrorClass::Permanent, ErrorName::BadRequest));
        flow.fail("subtask/c", error(ErrorClass::Permanent, ErrorName::BadRequest));
    } else {
        flow.reply("subtask/c", "C of run 1");
    }
    flow.reply("synthesis", "S of run 1");
    flow.told();
    flow
}

fn output(flow: &Flow, step: &str) -> String {
    flow.step(step)["output"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn a_plain_restart_runs_everything_again_and_keeps_the_journal() {
    let mut flow = complete(false);
    let events = flow.log.len();
    flow.control(Control::Restart(RestartFrom::Everything));
    assert_eq!(
        flow.told(),
        [
            "workflow_restarted 2",
            "workflow_started",
            "attempt_started plan #1 big-a"
        ]
    );
    assert_eq!(flow.log.len(), events + 3);
    let view = flow.view();
    assert_eq!(
        (view["run"].as_u64(), view["output"].is_null(), view["end"].is_null()),
        (Some(2), true, true)
    );
    flow.reply("plan", plan_text(&[("x", &[]), ("y", &["x"])]));
    flow.reply("subtask/x", "X");
    flow.reply("subtask/y", "Y");
    flow.reply("synthesis", "S of run 2");
    assert_eq!(flow.workflow.result(), Some("S of run 2"));
}

#[test]
fn from_the_plan_is_everything() {
    let mut flow = complete(false);
    flow.restart_from("plan");
    assert_eq!(flow.in_flight(), ["plan"]);
}

#[test]
fn from_a_step_runs_it_its_dependents_and_the_synthesis_while_siblings_keep_their_answers_byte_for_byte() {
    let mut flow = complete(false);
    flow.restart_from("subtask/a");
    assert_eq!(flow.in_flight(), ["subtask/a"]);
    assert_eq!(output(&flow, "subtask/b"), "B of run 1, with \u{1}\"odd\" bytes\n");
    flow.reply("subtask/a", "A of run 2");
    assert_eq!(flow.in_flight(), ["subtask/c"]);
    flow.reply("subtask/c", "C of run 2");
    flow.reply("synthesis", "S of run 2");
    assert_eq!(
        flow.view()["output"]["workerResponses"],
        serde_json::json!(["A of run 2", "B of run 1, with \u{1}\"odd\" bytes\n", "C of run 2"])
    );
}

#[test]
fn from_the_synthesis_asks_for_nothing_else() {
    let mut flow = complete(false);
    flow.restart_from("synthesis");
    assert_eq!(flow.in_flight(), ["synthesis"]);
}

#[test]
fn from_failed_runs_the_failed_steps_what_depends_on_them_and_the_synthesis() {
    let mut flow = complete(true);
    flow.control(Control::Restart(RestartFrom::Failed));
    assert_eq!(flow.in_flight(), ["subtask/c"]);
    assert_eq!(output(&flow, "subtask/a"), "A of run 1");
    flow.reply("subtask/c", "C of run 2");
    flow.reply("synthesis", "S");
    assert_eq!(flow.warnings(), [""; 0]);
}

#[test]
fn from_failed_after_a_failed_plan_is_everything() {
    let mut flow = Flow::start(spec_with(|spec| spec.big_models.truncate(1)));
    flow.fail("plan", error(ErrorClass::Permanent, ErrorName::BadRequest));
    flow.control(Control::Restart(RestartFrom::Failed));
    assert_eq!(flow.in_flight(), ["plan"]);
}

#[test]
fn from_failed_includes_what_a_limit_skipped() {
    let mut flow = Flow::planned(
        spec_with(|spec| spec.options.deadline_seconds = Some(100)),
        &[("a", &[]), ("b", &[])],
    );
    flow.reply("subtask/a", "A");
    flow.pass(75_000);
    flow.reply("synthesis", "S");
    flow.control(Control::Restart(RestartFrom::Failed));
    assert_eq!(flow.in_flight(), ["subtask/b"]);
}

#[test]
fn a_failed_steps_dependent_that_ran_with_the_gap_runs_again() {
    let mut flow = Flow::planned(
        spec_with(|spec| spec.small_models.truncate(1)),
        &[("a", &[]), ("b", &["a"])],
    );
    flow.fail("subtask/a", error(ErrorClass::Permanent, ErrorName::BadRequest));
    flow.reply("subtask/b", "B without A");
    flow.reply("synthesis", "S");
    flow.control(Control::Restart(RestartFrom::Failed));
    flow.reply("subtask/a", "A");
    assert_eq!(flow.inputs("subtask/b"), [("a".into(), "A".into())]);
}

#[test]
fn a_siblings_call_in_flight_goes_on_and_its_reply_is_taken() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[]), ("c", &["a"])]);
    let sibling = flow.attempt("subtask/b");
    flow.reply("subtask/a", "A of run 1");
    let aborted = flow.attempt("subtask/c");
    flow.restart_from("subtask/a");
    assert!(flow.workflow.is_current(&sibling));
    assert!(!flow.workflow.is_current(&aborted));
    assert_eq!(flow.in_flight(), ["subtask/a", "subtask/b"]);
    flow.handle(Input::AttemptFinished {
        attempt: sibling,
        outcome: Ok(reply("B of run 1")),
    })
    .unwrap();
    assert_eq!(output(&flow, "subtask/b"), "B of run 1");
}

#[test]
fn the_reply_of_an_aborted_call_is_ignored_although_the_step_runs_again() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    let attempt = flow.attempt("subtask/a");
    flow.restart_from("subtask/a");
    flow.told();
    flow.handle(Input::AttemptFinished {
        attempt,
        outcome: Ok(reply("late")),
    })
    .unwrap();
    assert_eq!(flow.told(), [""; 0]);
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn a_restarted_step_has_all_its_attempts_again_and_begins_with_the_first_model() {
    let mut flow = complete(true);
    flow.restart_from("subtask/c");
    let request = flow.request("subtask/c");
    assert_eq!((request.attempt, request.model.name.as_str()), (1, "small-a"));
}

#[test]
fn an_unknown_step_is_refused_with_the_list_of_steps() {
    let mut flow = complete(false);
    let refused = flow.handle(Input::Control(Control::Restart(RestartFrom::Step(
        "subtask/zzz".parse().unwrap(),
    ))));
    let Err(Rejection::UnknownStep { step, steps }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(step.to_string(), "subtask/zzz");
    assert_eq!(steps, ["plan", "subtask/a", "subtask/b", "subtask/c", "synthesis"]);
    assert_eq!(flow.told(), [""; 0]);
}

#[test]
fn there_are_at_most_twenty_restarts() {
    let mut flow = Flow::start(spec());
    for _ in 0..20 {
        flow.control(Control::Restart(RestartFrom::Everything));
    }
    assert_eq!(flow.workflow.run(), 21);
    let refused = flow.handle(Input::Control(Control::Restart(RestartFrom::Everything)));
    let Err(Rejection::AtBound { bound, allowed, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((bound, allowed), (ControlBound::Restarts, vec!["pause", "terminate"]));
}

#[test]
fn after_delete_and_re_creation_no_reply_of_the_old_life_lands() {
    let old = Flow::start(spec());
    let attempt = old.attempt("plan");
    let mut new = Flow::start(spec_with(|spec| spec.nonce = "nonce-2".into()));
    new.told();
    let outcome = Ok(reply(plan_text(&[("a", &[]), ("b", &["a"])])));
    new.handle(Input::AttemptFinished { attempt, outcome }).unwrap();
    assert_eq!(new.told(), [""; 0]);
    assert_eq!(new.in_flight(), ["plan"]);
}
