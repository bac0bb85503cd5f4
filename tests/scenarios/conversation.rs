//! Follow-ups and remarks: what was said before reaches every call, and what is run again knows why.

use orchestrator_workers::engine::Control;
use orchestrator_workers::engine::show::view::Extent;
use orchestrator_workers::engine::words::codec;
use orchestrator_workers::engine::words::history::Conversation;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::plan::{Plan, TaskDraft};
use orchestrator_workers::engine::words::spec::{Exchange, Mode, Review, WorkflowSpec};
use orchestrator_workers::engine::{Input, Rejection};
use serde_json::{Value, json};

use crate::flow::Flow;
use crate::support::{model, plan_text, spec_with};

fn exchange(request: &str, answer: &str) -> Exchange {
    Exchange {
        request: request.into(),
        answer: answer.into(),
        cut: false,
    }
}

/// A follow-up of a conversation of two exchanges.
fn following(change: impl FnOnce(&mut WorkflowSpec)) -> WorkflowSpec {
    spec_with(|spec| {
        let history = vec![
            exchange("Which port?", "Port 8080."),
            exchange("And the host?", "The host is db1."),
        ];
        let Conversation { parent, history } = Conversation::new("w0".into(), "n0".into(), 2, 0, history);
        (spec.parent, spec.history) = (Some(parent), history);
        spec.prompt = "Shorter.".into();
        change(spec);
    })
}

fn asked(flow: &Flow, step: &str) -> String {
    flow.request(step).messages[1].content.clone()
}

const EARLIER: &str = "<earlier_request>\nAnd the host?\n</earlier_request>\n\n<earlier_answer>\nThe host is \
                       db1.\n</earlier_answer>\n\nThe request is now:\n\n<user_request>\nShorter.";

#[test]
fn every_call_sees_what_was_said_before_and_its_request_after_it() {
    let mut flow = Flow::start(following(|spec| spec.options.review = Review::Once));
    let mut plan: Value = serde_json::from_str(&plan_text(&[("a", &[]), ("b", &[])])).unwrap();
    plan["form"] = json!("assemble");
    assert!(asked(&flow, "plan").contains(EARLIER));
    flow.reply("plan", plan.to_string());
    assert!(asked(&flow, "subtask/a").contains(EARLIER));
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    assert!(asked(&flow, "edit/1").contains(EARLIER));
    flow.reply(
        "edit/1",
        "@edit a\n<<<<\nC\n====\nD\n>>>>\n@answer\n@include a\n@include b\n",
    );
    assert!(asked(&flow, "edit/2").contains(EARLIER));
    flow.reply("edit/2", "none");
    assert!(asked(&flow, "review/1").contains(EARLIER));
    flow.reply("review/1", "none");
    assert_eq!(flow.status(), Status::Complete);
    let view = flow.view();
    assert_eq!(view["parent"], json!({ "id": "w0", "run": 2, "left_out": 0 }));
    assert_eq!(
        view["history"][1],
        json!({ "request": "And the host?", "answer": "The host is db1." })
    );

    // What goes on from here has all of it.
    let next = flow.workflow.conversation().unwrap();
    assert_eq!(
        (next.history.len(), next.history[2].clone()),
        (3, exchange("Shorter.", "A\n\nB"))
    );
    assert_eq!((next.parent.id.as_str(), next.parent.run), ("w1", 1));

    let flow = Flow::start(following(|spec| spec.options.mode = Mode::Direct));
    assert!(asked(&flow, "synthesis").contains(EARLIER));
    assert_eq!(flow.workflow.conversation(), None, "there is no answer yet");
}

#[test]
fn a_synthesis_and_a_reduction_see_it_too() {
    let mut flow = Flow::start(following(|spec| {
        spec.big_models = vec![model("big", 6_000)];
        spec.policy.synthesis_max_tokens = 512;
    }));
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &[])]));
    flow.reply("subtask/a", "word ".repeat(3_500));
    flow.reply("subtask/b", "word ".repeat(3_500));
    assert!(flow.in_flight()[0].starts_with("reduce/"), "{:?}", flow.in_flight());
    while flow.in_flight() != ["synthesis"] {
        let step = flow.in_flight()[0].clone();
        assert!(asked(&flow, &step).contains("The host is db1."));
        flow.reply(&step, "Short.");
    }
    assert!(asked(&flow, "synthesis").contains(EARLIER));
}

#[test]
fn a_long_conversation_is_cut_to_the_context_oldest_first() {
    let long = |mark: &str| format!("{mark} {}", "word ".repeat(1_500));
    let flow = Flow::start(following(|spec| {
        spec.options.mode = Mode::Direct;
        spec.big_models = vec![model("big", 6_000)];
        let history = (0..40)
            .map(|n| exchange(&format!("Request {n}."), &long(&format!("Answer {n}."))))
            .collect();
        spec.history = history;
    }));
    let text = asked(&flow, "synthesis");
    assert!(text.contains("Answer 39.") && text.contains("cut to fit") && !text.contains("Answer 0."));
    assert_eq!(flow.warnings(), ["synthesis truncated"]);
}

#[test]
fn what_is_left_out_of_a_conversation_is_in_the_warnings() {
    let with = |left_out: u32, cut: bool| {
        let flow = Flow::start(following(|spec| {
            spec.parent.as_mut().unwrap().left_out = left_out;
            spec.history[0].cut = cut;
        }));
        flow.view()["warnings"].to_string()
    };
    assert_eq!(with(0, false), "[]");
    assert!(with(3, false).contains("the 3 earliest exchanges of the conversation are left out"));
    assert!(with(0, true).contains("shortened"));
}

fn remark(flow: &mut Flow, step: &str, text: &str) -> Result<(), Rejection> {
    let control = Control::RestartWithRemark {
        step: step.parse().unwrap(),
        remark: text.into(),
    };
    flow.handle(Input::Control(control))?;
    flow.handle(Input::TimePassed)
}

const REMARK: &str = "<user_remark>\nIn one line.\n</user_remark>";

#[test]
fn a_step_that_runs_again_sees_the_remark_and_what_it_wrote() {
    let mut flow = Flow::planned(spec_with(|_| {}), &[("a", &[]), ("b", &["a"])]);
    flow.reply("subtask/a", "A of old");
    flow.reply("subtask/b", "B of old");
    flow.reply("synthesis", "The answer of old.");
    remark(&mut flow, "subtask/a", "In one line.").unwrap();
    assert_eq!(flow.in_flight(), ["subtask/a"]);
    let text = asked(&flow, "subtask/a");
    assert!(text.contains("<earlier_version cut=\"no\">\nA of old\n</earlier_version>") && text.contains(REMARK));
    flow.reply("subtask/a", "A");
    assert!(!asked(&flow, "subtask/b").contains("user_remark"), "it is for one step");
    flow.reply("subtask/b", "B");
    flow.reply("synthesis", "The answer.");
    // The next run knows nothing of it.
    flow.restart_from("subtask/a");
    flow.handle(Input::TimePassed).unwrap();
    assert!(!asked(&flow, "subtask/a").contains("user_remark"));

    // The whole plan.
    remark(&mut flow, "plan", "In one line.").unwrap();
    let text = asked(&flow, "plan");
    assert!(text.contains(REMARK) && text.contains("earlier_version"));
}

#[test]
fn a_remark_on_the_synthesis_is_for_whoever_writes_the_answer() {
    // The editor.
    let mut flow = Flow::start(spec_with(|_| {}));
    let mut plan: Value = serde_json::from_str(&plan_text(&[("a", &[]), ("b", &[])])).unwrap();
    plan["form"] = json!("assemble");
    flow.reply("plan", plan.to_string());
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    flow.reply("edit/1", "@answer\n@include a\n@include b\n");
    remark(&mut flow, "synthesis", "In one line.").unwrap();
    assert_eq!(flow.in_flight(), ["edit/1"]);
    assert!(asked(&flow, "edit/1").contains(REMARK));

    // A client's own single subtask.
    let mut flow = Flow::start(spec_with(|spec| {
        spec.tasks = Some(Plan::from_client("", vec![TaskDraft::new("Do it.")], 8).unwrap());
    }));
    flow.reply("subtask/t1", "Done.");
    remark(&mut flow, "synthesis", "In one line.").unwrap();
    assert_eq!(flow.in_flight(), ["subtask/t1"]);
    assert!(asked(&flow, "subtask/t1").contains(REMARK));

    // The big model.
    let mut flow = Flow::start(spec_with(|spec| spec.options.mode = Mode::Direct));
    flow.reply("synthesis", "The answer.");
    remark(&mut flow, "synthesis", "In one line.").unwrap();
    assert!(asked(&flow, "synthesis").contains(REMARK));
    assert!(matches!(
        remark(&mut flow, "subtask/a", "x"),
        Err(Rejection::UnknownStep { .. })
    ));
}

#[test]
fn a_crash_after_a_restart_with_a_remark_changes_nothing() {
    let mut flow = Flow::start(spec_with(|spec| spec.options.mode = Mode::Direct));
    flow.reply("synthesis", "The answer.");
    remark(&mut flow, "synthesis", "In one line.").unwrap();
    let before = asked(&flow, "synthesis");
    let flow = Flow::resume(flow.log);
    assert_eq!(asked(&flow, "synthesis"), before);
}

#[test]
fn a_conversation_that_the_client_brings_is_like_that_of_a_follow_up() {
    let brought = |spec: &mut WorkflowSpec| (spec.parent, spec.left_out) = (None, 3);
    let flow = Flow::start(following(brought));
    assert!(asked(&flow, "plan").contains(EARLIER));
    assert_eq!(
        asked(&flow, "plan"),
        asked(&Flow::start(following(|_| {})), "plan"),
        "the prompts are those of a follow-up"
    );
    // An older build would leave it out.
    let (_, queued) = codec::encode(&flow.log[0].event);
    let stored: Value = serde_json::from_str(&queued).unwrap();
    assert_eq!((&stored["v"], &stored["spec"]["left_out"]), (&json!(2), &json!(3)));
    let message = flow.workflow.warnings()[0].message.clone();
    assert!(message.starts_with("the 3 earliest exchanges"), "{message}");
    let view = flow.workflow.view(Extent::FULL);
    assert!(view.parent.is_none() && view.history.unwrap().len() == 2);

    // Whoever follows it up knows how much is missing.
    let mut flow = Flow::start(following(|spec| {
        brought(spec);
        spec.options.mode = Mode::Direct;
    }));
    flow.reply("synthesis", "8080 on db1.");
    let conversation = flow.workflow.conversation().unwrap();
    assert_eq!((conversation.parent.left_out, conversation.history.len()), (3, 3));
}
