//! JSON that fits a schema: asked for after the answer, repaired with the validator's words, never a silent lack.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::{Mode, Review, WorkflowSpec};
use orchestrator_workers::engine::{Control, Input, RestartFrom, Verdict};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::{Brief, ErrorClass};
use serde_json::{Value, json};

use crate::flow::Flow;
use crate::support::{error, plan_text, reply, spec_with};

const JSON: &str = r#"{"port": 8080, "host": "db1"}"#;

fn schema() -> Value {
    json!({ "type": "object", "required": ["port"] })
}

fn direct(change: impl FnOnce(&mut WorkflowSpec)) -> WorkflowSpec {
    spec_with(|spec| {
        spec.options.mode = Mode::Direct;
        spec.options.output_schema = Some(schema());
        change(spec);
    })
}

/// The answer is there, and its JSON is asked for.
fn structuring(change: impl FnOnce(&mut WorkflowSpec)) -> Flow {
    let mut flow = Flow::start(direct(change));
    flow.reply("synthesis", "The port is 8080.");
    flow
}

fn fits(flow: &mut Flow) {
    flow.judge(&format!("```json\n{JSON}\n```"), Verdict::Fits(JSON.to_owned()));
}

fn faults(flow: &mut Flow) {
    flow.judge("{}", Verdict::Faults("/: port is missing (required)".to_owned()));
}

#[test]
fn the_answer_becomes_json_and_both_are_shown() {
    let mut flow = structuring(|_| {});
    assert_eq!(flow.in_flight(), ["structure"]);
    let request = flow.request("structure");
    assert_eq!(request.json_schema, Some(schema()));
    let user = &request.messages[1].content;
    assert!(
        user.contains("<final_answer>\nThe port is 8080.\n</final_answer>"),
        "{user}"
    );
    assert!(
        user.contains("<output_schema>\n{\"required\":[\"port\"],\"type\":\"object\"}"),
        "{user}"
    );
    assert_eq!(flow.view()["output"], Value::Null, "not before it is complete");
    fits(&mut flow);
    assert_eq!(flow.status(), Status::Complete);
    let output = &flow.view()["output"];
    assert_eq!(output["finalResult"], "The port is 8080.");
    assert_eq!(output["structured"], json!({ "port": 8080, "host": "db1" }));
    assert_eq!(flow.workflow.structured(), Some(JSON), "as it was written");
    assert!(
        Flow::start(spec_with(|_| {})).view()["output"]
            .get("structured")
            .is_none()
    );
}

#[test]
fn it_is_made_of_the_reviewed_answer() {
    let mut flow = structuring(|spec| spec.options.review = Review::Once);
    assert_eq!(flow.in_flight(), ["review/1"]);
    flow.reply("review/1", "@edit\n<<<<\n8080\n====\n8082\n>>>>\n");
    let Brief::Structure { answer, .. } = flow.request("structure").brief else {
        panic!()
    };
    assert_eq!(answer, "The port is 8082.");
}

#[test]
fn json_that_does_not_fit_is_asked_for_again_with_the_validators_words() {
    let mut flow = structuring(|_| {});
    for _ in 0..3 {
        faults(&mut flow);
        assert_eq!(flow.in_flight(), ["structure"]);
        let messages = flow.request("structure").messages;
        assert_eq!(messages[2].content, "{}");
        assert!(messages[3].content.contains("port is missing (required)"));
    }
    fits(&mut flow);
    assert_eq!(flow.status(), Status::Complete);

    // After three repairs it is an error that shows these words, and the answer is kept.
    let mut flow = structuring(|_| {});
    for _ in 0..4 {
        faults(&mut flow);
    }
    assert_eq!(flow.status(), Status::Errored);
    let (name, message) = flow.error();
    assert_eq!(name, "InvalidOutput");
    assert!(message.contains("port is missing (required)"), "{message}");
    let output = &flow.view()["output"];
    assert_eq!(
        (&output["finalResult"], &output["structured"]),
        (&json!("The port is 8080."), &Value::Null)
    );

    // Only the JSON is asked for again.
    flow.control(Control::Restart(RestartFrom::Failed));
    flow.handle(Input::TimePassed).unwrap();
    assert_eq!(flow.in_flight(), ["structure"]);
    assert_eq!(flow.view()["output"], Value::Null);
    fits(&mut flow);
    assert_eq!(
        (flow.status(), flow.workflow.structured()),
        (Status::Complete, Some(JSON))
    );
}

#[test]
fn a_reply_that_nobody_has_validated_is_no_json() {
    let mut flow = structuring(|_| {});
    flow.reply("structure", JSON);
    assert_eq!(flow.in_flight(), ["structure"]);
    assert_eq!(flow.workflow.structured(), None);
    // A late verdict changes nothing.
    let late = flow.attempt("structure");
    flow.lose("structure");
    let attempt = late;
    let verdict = Verdict::Fits(JSON.to_owned());
    let reply = reply(JSON);
    flow.handle(Input::StructureFinished {
        attempt,
        reply,
        verdict,
    })
    .unwrap();
    assert_eq!(flow.workflow.structured(), None);
}

#[test]
fn a_call_that_fails_for_good_and_a_limit_are_errors_that_keep_the_answer() {
    let mut flow = structuring(|_| {});
    for _ in 0..2 {
        flow.fail("structure", error(ErrorClass::Permanent, ErrorName::BadRequest));
    }
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Errored, Some("The port is 8080."))
    );
    assert_eq!(flow.error().0, "BadRequest");

    let mut flow = structuring(|spec| spec.options.deadline_seconds = Some(100));
    flow.pass(100_000);
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Errored, Some("The port is 8080."))
    );
    assert_eq!(flow.error().0, "DeadlineReached");

    // Without a synthesis the subtasks' answers are kept.
    let mut flow = Flow::planned(
        spec_with(|spec| {
            spec.options.output_schema = Some(schema());
            spec.options.deadline_seconds = Some(100);
        }),
        &[("a", &[]), ("b", &[])],
    );
    flow.reply("subtask/a", "A");
    flow.pass(100_000);
    assert_eq!(flow.status(), Status::Errored);
    assert_eq!(flow.error().0, "LimitReached");
    assert_eq!(flow.workflow.result(), Some("## Title a\n\nA"));
}

#[test]
fn an_assembled_answer_becomes_json_too_and_the_estimate_has_the_call() {
    let mut flow = Flow::start(spec_with(|spec| spec.options.output_schema = Some(schema())));
    let mut plan: Value = serde_json::from_str(&plan_text(&[("a", &[]), ("b", &[])])).unwrap();
    plan["form"] = json!("assemble");
    flow.reply("plan", plan.to_string());
    assert_eq!(flow.view()["plan"]["estimate"]["calls"], 4);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    flow.reply("edit/1", "@answer\n@include a\n@include b\n");
    assert_eq!(flow.in_flight(), ["structure"]);
    fits(&mut flow);
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Complete, Some("A\n\nB"))
    );
}
