//! The synthesis: what it reads, and how a truncated one is continued.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::{Brief, ErrorClass};

use crate::flow::Flow;
use crate::support::{error, spec, transient, truncated};

fn ready() -> Flow {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/b", "B");
    flow.reply("subtask/a", "A");
    flow.told();
    flow
}

fn continue_from(flow: &Flow) -> Option<String> {
    match flow.request("synthesis").brief {
        Brief::Synthesis { continue_from, .. } => continue_from,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_sees_the_prompt_and_every_answer_in_plan_order() {
    let flow = ready();
    assert_eq!(
        flow.inputs("synthesis"),
        [("a".into(), "A".into()), ("b".into(), "B".into())]
    );
    let request = flow.request("synthesis");
    assert_eq!((request.model.name.as_str(), request.max_tokens), ("big-a", 8_192));
    let Brief::Synthesis { prompt, report, .. } = request.brief else {
        panic!()
    };
    assert_eq!(prompt, "Compare three databases.");
    assert_eq!(
        report.iter().map(|line| line.step.as_str()).collect::<Vec<_>>(),
        ["plan", "subtask/a", "subtask/b"]
    );
}

#[test]
fn a_truncated_synthesis_is_continued_each_continuation_journaled() {
    let mut flow = ready();
    flow.finish("synthesis", Ok(truncated("one, ")));
    assert_eq!(continue_from(&flow).as_deref(), Some("one, "));
    flow.finish("synthesis", Ok(truncated("two, ")));
    assert_eq!(continue_from(&flow).as_deref(), Some("one, two, "));
    flow.reply("synthesis", "three");
    assert_eq!(
        flow.told(),
        [
            "attempt_completed synthesis #1 truncated",
            "attempt_started synthesis #2 big-a",
            "attempt_completed synthesis #2 truncated",
            "attempt_started synthesis #3 big-a",
            "attempt_completed synthesis #3",
            "workflow_completed",
        ]
    );
    assert_eq!(flow.workflow.result(), Some("one, two, three"));
    assert_eq!(flow.warnings(), [""; 0]);
}

#[test]
fn it_is_continued_up_to_three_times_and_then_kept_as_it_is() {
    let mut flow = ready();
    for text in ["1", "2", "3", "4"] {
        assert_eq!(flow.status(), Status::Running);
        flow.finish("synthesis", Ok(truncated(text)));
    }
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Complete, Some("1234"))
    );
    assert_eq!(flow.warnings(), ["synthesis truncated"]);
}

#[test]
fn a_continuation_is_not_a_failure() {
    let mut flow = ready();
    for text in ["1", "2", "3"] {
        flow.finish("synthesis", Ok(truncated(text)));
        flow.fail("synthesis", transient());
        flow.pass(60_000);
    }
    flow.fail("synthesis", transient());
    flow.pass(60_000);
    assert_eq!(flow.in_flight(), ["synthesis"], "four failures leave one attempt");
    flow.reply("synthesis", "4");
    assert_eq!(flow.workflow.result(), Some("1234"));
}

#[test]
fn a_continuation_that_fails_for_good_leaves_what_there_is() {
    let mut flow = ready();
    flow.finish("synthesis", Ok(truncated("one, ")));
    flow.fail("synthesis", error(ErrorClass::Permanent, ErrorName::BadRequest));
    flow.fail("synthesis", error(ErrorClass::Permanent, ErrorName::BadRequest));
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Complete, Some("one, "))
    );
    assert!(flow.warnings().contains(&"synthesis truncated".to_owned()));
}

#[test]
fn a_continuation_survives_a_crash() {
    let mut flow = ready();
    flow.finish("synthesis", Ok(truncated("one, ")));
    let mut flow = Flow::resume(flow.log);
    flow.lose("synthesis");
    assert_eq!(continue_from(&flow).as_deref(), Some("one, "));
}

#[test]
fn a_synthesis_that_fails_for_good_leaves_the_answers_one_after_the_other() {
    let mut flow = ready();
    flow.fail("synthesis", error(ErrorClass::Permanent, ErrorName::BadRequest));
    flow.fail("synthesis", error(ErrorClass::Permanent, ErrorName::BadRequest));
    assert_eq!(flow.status(), Status::Complete);
    assert!(flow.workflow.result().is_some_and(|result| result.starts_with("## ")));
    assert!(flow.view()["warnings"].to_string().contains("one after the other"));
}
