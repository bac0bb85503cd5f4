//! When subtasks start, and what they see.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::OnSubtaskFailure;
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::{Brief, ErrorClass};

use crate::flow::Flow;
use crate::support::{error, spec, spec_with};

#[test]
fn a_subtask_starts_the_moment_its_dependencies_are_complete_without_a_barrier_between_waves() {
    let mut flow = Flow::planned(
        spec(),
        &[("a", &[]), ("b", &[]), ("c", &["a"]), ("d", &["a", "b"]), ("e", &["c"])],
    );
    assert_eq!(flow.in_flight(), ["subtask/a", "subtask/b"]);
    flow.reply("subtask/a", "A");
    assert_eq!(flow.in_flight(), ["subtask/b", "subtask/c"]);
    flow.reply("subtask/c", "C");
    assert_eq!(
        flow.in_flight(),
        ["subtask/b", "subtask/e"],
        "two waves below b, which still runs"
    );
    flow.reply("subtask/b", "B");
    flow.reply("subtask/d", "D");
    assert_eq!(flow.in_flight(), ["subtask/e"], "the synthesis waits for every subtask");
    flow.reply("subtask/e", "E");
    assert_eq!(flow.in_flight(), ["synthesis"]);
}

#[test]
fn a_subtask_may_depend_on_a_later_one_of_the_plan() {
    let mut flow = Flow::planned(spec(), &[("a", &["b"]), ("b", &[])]);
    assert_eq!(flow.in_flight(), ["subtask/b"]);
    flow.reply("subtask/b", "B");
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn a_subtask_sees_the_prompt_the_outline_its_instructions_and_its_dependencies_answers() {
    let spec = spec_with(|spec| spec.options.instructions = Some("In French.".into()));
    let mut flow = Flow::planned(spec, &[("a", &[]), ("b", &[]), ("c", &["b", "a"])]);
    flow.reply("subtask/b", "B");
    flow.reply("subtask/a", "A");
    let Brief::Subtask {
        prompt,
        instructions,
        outline,
        id,
        task,
        ..
    } = flow.request("subtask/c").brief
    else {
        panic!()
    };
    assert_eq!(prompt, "Compare three databases.");
    assert_eq!(instructions.as_deref(), Some("In French."));
    assert_eq!(
        outline.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(),
        ["a", "b", "c"]
    );
    assert_eq!((id.as_str(), task.as_str()), ("c", "Do c."));
    let mut inputs = flow.inputs("subtask/c");
    inputs.sort();
    assert_eq!(inputs, [("a".into(), "A".into()), ("b".into(), "B".into())]);
}

#[test]
fn what_has_no_slot_waits_in_plan_order() {
    let spec = spec_with(|spec| spec.options.max_concurrency = 2);
    let mut flow = Flow::planned(spec, &[("a", &[]), ("b", &["a"]), ("c", &[]), ("d", &[]), ("e", &[])]);
    assert_eq!(flow.in_flight(), ["subtask/a", "subtask/c"]);
    flow.reply("subtask/a", "A");
    assert_eq!(
        flow.in_flight(),
        ["subtask/b", "subtask/c"],
        "b became ready last and comes first in the plan"
    );
    flow.reply("subtask/c", "C");
    assert_eq!(flow.in_flight(), ["subtask/b", "subtask/d"]);
}

#[test]
fn a_step_that_waits_for_its_retry_gives_its_slot_to_another() {
    let spec = spec_with(|spec| spec.options.max_concurrency = 1);
    let mut flow = Flow::planned(spec, &[("a", &[]), ("b", &[])]);
    flow.fail("subtask/a", crate::support::transient());
    assert_eq!(flow.in_flight(), ["subtask/b"]);
    flow.pass(5_000);
    assert_eq!(flow.in_flight(), ["subtask/b"], "a is due and has no slot");
    flow.reply("subtask/b", "B");
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn dependents_of_a_failed_subtask_run_with_the_gap_named_and_the_synthesis_says_so() {
    let mut flow = Flow::planned(
        spec_with(|spec| {
            spec.small_models.truncate(1);
        }),
        &[("a", &[]), ("b", &["a"])],
    );
    flow.fail("subtask/a", error(ErrorClass::Permanent, ErrorName::BadRequest));
    assert_eq!(
        flow.inputs("subtask/b"),
        [("a".into(), "missing: failed: the test says BadRequest".into())]
    );
    flow.reply("subtask/b", "B");
    assert_eq!(
        flow.inputs("synthesis"),
        [
            ("a".into(), "missing: failed: the test says BadRequest".into()),
            ("b".into(), "B".into())
        ]
    );
    flow.reply("synthesis", "B, without A");
    assert_eq!(flow.status(), Status::Complete);
    assert_eq!(flow.warnings(), ["subtask/a failed"]);
    assert_eq!(flow.view()["output"]["workerResponses"], serde_json::json!([null, "B"]));
}

#[test]
fn with_fail_the_first_final_failure_ends_the_workflow_and_aborts_the_rest() {
    let mut flow = Flow::planned(
        spec_with(|spec| {
            spec.small_models.truncate(1);
            spec.options.on_subtask_failure = OnSubtaskFailure::Fail;
        }),
        &[("a", &[]), ("b", &[])],
    );
    let late = flow.attempt("subtask/b");
    flow.fail("subtask/a", error(ErrorClass::Permanent, ErrorName::BadRequest));
    assert_eq!(
        flow.told(),
        [
            "attempt_errored subtask/a #1 BadRequest for good",
            "step_errored subtask/a",
            "workflow_errored BadRequest"
        ]
    );
    assert!(!flow.workflow.is_current(&late));
}

#[test]
fn when_every_subtask_failed_there_is_nothing_to_synthesise() {
    let mut flow = Flow::planned(
        spec_with(|spec| {
            spec.small_models.truncate(1);
        }),
        &[("a", &[]), ("b", &[])],
    );
    flow.fail("subtask/b", error(ErrorClass::Quota, ErrorName::QuotaExceeded));
    flow.fail("subtask/a", error(ErrorClass::Permanent, ErrorName::BadRequest));
    assert_eq!(flow.error().0, "AllSubtasksFailed");
    assert!(
        flow.error()
            .1
            .contains("subtask/a: small-a: the test says BadRequest. What to do: "),
        "{}",
        flow.error().1
    );
}
