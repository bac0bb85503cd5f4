//! What the reader's text is made of at each moment of a run.

use orchestrator_workers::engine::Event;
use orchestrator_workers::engine::show::answer::How;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::plan::{Plan, TaskDraft};
use orchestrator_workers::engine::words::spec::Mode;
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::ErrorClass;
use serde_json::{Value, json};

use crate::flow::Flow;
use crate::support::{error, plan_text, reply, spec, spec_with, transient, truncated};

/// What the journal has of it, how much of that is settled, and the step whose text makes it go on.
fn reader(flow: &Flow) -> Option<(String, usize, Option<String>)> {
    let reader = flow.workflow.reader_text()?;
    let goes_on = reader.goes_on.map(|goes_on| {
        assert!(matches!(goes_on.how, How::Follows));
        assert!(flow.workflow.is_current(&goes_on.attempt));
        goes_on.attempt.step.to_string()
    });
    Some((reader.text.into(), reader.settled, goes_on))
}

fn some(text: &str, goes_on: Option<&str>) -> Option<(String, usize, Option<String>)> {
    Some((text.to_owned(), text.chars().count(), goes_on.map(str::to_owned)))
}

#[test]
fn it_is_the_synthesis_with_what_is_journaled_of_it() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    assert_eq!(reader(&flow), some("", None));
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    assert_eq!(reader(&flow), some("", Some("synthesis")));
    flow.finish("synthesis", Ok(truncated("Grüße, ")));
    assert_eq!(reader(&flow), some("Grüße, ", Some("synthesis")));
    // The continuation dies, and its text with it.
    flow.fail("synthesis", transient());
    assert_eq!(reader(&flow), some("Grüße, ", None));
    flow.pass(60_000);
    assert_eq!(reader(&flow), some("Grüße, ", Some("synthesis")));
    flow.finish("synthesis", Ok(reply("world")));
    assert_eq!(reader(&flow), some("Grüße, world", None));
    assert!(matches!(flow.last_event(), Event::WorkflowCompleted { .. }));
}

#[test]
fn a_restart_takes_the_answer_back() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    flow.reply("synthesis", "S");
    flow.restart_from("subtask/a");
    assert_eq!(reader(&flow), some("", None));
}

#[test]
fn without_a_synthesis_it_is_the_answers_one_after_the_other() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    for _ in 0..5 {
        flow.fail("synthesis", transient());
        flow.pass(600_000);
    }
    let result = flow.workflow.result().expect("the answers").to_owned();
    assert!(result.contains('A') && result.contains('B'), "{result}");
    assert_eq!(reader(&flow), some(&result, None));
}

#[test]
fn a_workflow_that_ends_without_an_answer_leaves_what_was_shown() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    for step in ["subtask/a", "subtask/b"] {
        flow.fail(step, error(ErrorClass::Permanent, ErrorName::BadRequest));
        flow.fail(step, error(ErrorClass::Permanent, ErrorName::BadRequest));
    }
    assert_eq!((reader(&flow), flow.status()), (None, Status::Errored));
}

#[test]
fn a_direct_answer_is_that_of_its_one_call() {
    let flow = Flow::start(spec_with(|spec| spec.options.mode = Mode::Direct));
    assert_eq!(reader(&flow), some("", Some("synthesis")));
}

#[test]
fn a_single_subtask_of_the_client_is_shown_but_not_settled_because_of_its_notes() {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.tasks = Some(Plan::from_client("", vec![TaskDraft::new("Do it.")], 8).unwrap());
    }));
    let goes_on = flow.workflow.reader_text().unwrap().goes_on.unwrap();
    assert_eq!(goes_on.attempt.step.to_string(), "subtask/t1");
    assert!(matches!(goes_on.how, How::Part));
    flow.reply("subtask/t1", "Done.\n\nNote: x");
    let result = flow.workflow.result().unwrap().to_owned();
    assert_eq!(reader(&flow), some(&result, None));
}

const A: &str = "The port is 8080.\n\nNote: a guess.";
const B: &str = "It listens on 8080.";
const WITH_A_BAD_EDIT: &str =
    "@edit b\n<<<<\non 9090\n====\non 8081\n>>>>\n@answer\nThe lead.\n\n@include a\n\n@include b\n\nThe end.\n";
const UNEDITED: &str = "The lead.\n\nThe port is 8080.\n\nIt listens on 8080.\n\nThe end.";
const ANSWER: &str = "The lead.\n\nThe port is 8080.\n\nIt listens on 8081.\n\nThe end.";

fn editing() -> Flow {
    let mut plan: Value = serde_json::from_str(&plan_text(&[("a", &[]), ("b", &[])])).unwrap();
    plan["form"] = json!("assemble");
    let mut flow = Flow::start(spec());
    flow.reply("plan", plan.to_string());
    flow.reply("subtask/b", B);
    flow.reply("subtask/a", A);
    flow
}

/// What subscribers get while the script of the editor's attempt streams in pieces of this size.
fn streamed(flow: &Flow, script: &str, size: usize) -> (String, usize) {
    let mut reader = flow.workflow.reader_text().unwrap();
    let goes_on = reader.goes_on.take().unwrap();
    assert_eq!(goes_on.attempt, flow.attempt("edit/1"));
    let How::Script { mut assembler, .. } = goes_on.how else {
        panic!()
    };
    for piece in script.as_bytes().chunks(size) {
        if let Some(update) = assembler.push(std::str::from_utf8(piece).unwrap()) {
            assert!(update.from <= reader.text.chars());
            reader.text.replace_from(update.from, &update.text);
            reader.settled = update.settled;
        }
    }
    (reader.text.into(), reader.settled)
}

#[test]
fn the_editors_script_streams_as_the_answer_with_its_parts() {
    let flow = editing();
    for size in [1, 7, 1_000] {
        let (text, settled) = streamed(&flow, WITH_A_BAD_EDIT, size);
        assert!(UNEDITED.starts_with(text.trim_end()), "{text:?}");
        assert!(
            text.contains("The port is 8080.") && text.contains("8080.\n\nThe"),
            "{text:?}"
        );
        assert!(
            settled <= text.find("It listens").unwrap(),
            "the failed edit may change its part"
        );
    }
}

#[test]
fn an_editor_that_dies_takes_its_text_along_and_one_that_stops_at_its_limit_does_not() {
    let mut flow = editing();
    flow.fail("edit/1", transient());
    assert_eq!(reader(&flow), some("", None));
    flow.pass(60_000);
    let (head, tail) = WITH_A_BAD_EDIT.split_at(WITH_A_BAD_EDIT.len() - 8);
    flow.finish("edit/1", Ok(truncated(head)));
    let text: String = flow.workflow.reader_text().unwrap().text.into();
    assert!(text.contains("It listens"), "{text:?}");
    let (text, _) = streamed(&flow, tail, 3);
    assert!(
        UNEDITED.starts_with(text.trim_end()) && text.contains("The e"),
        "{text:?}"
    );
}

#[test]
fn what_a_repair_may_change_is_not_settled_until_the_answer_is_decided() {
    let mut flow = editing();
    flow.reply("edit/1", WITH_A_BAD_EDIT);
    assert_eq!(flow.in_flight(), ["edit/2"]);
    let (text, settled, goes_on) = reader(&flow).unwrap();
    assert_eq!((text.as_str(), goes_on), (UNEDITED, None));
    assert!(0 < settled && settled <= text.find("It listens").unwrap(), "{settled}");
    flow.reply("edit/2", "@edit b\n<<<<\non 8080\n====\non 8081\n>>>>\n");
    assert_eq!(flow.workflow.result(), Some(ANSWER));
    assert_eq!(reader(&flow), some(ANSWER, None));
    assert_eq!(ANSWER.get(..settled), UNEDITED.get(..settled), "what was settled stays");
}
