//! Planning: accepted, repaired with the reason, refused for good, brought by the client.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::plan::{Plan, TaskDraft};
use orchestrator_workers::engine::words::spec::{Mode, WorkflowSpec};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::Brief;
use orchestrator_workers::model::tokens::estimate_tokens;

use serde_json::json;

use crate::flow::{Flow, models};
use crate::support::{plan_text, reply, spec, spec_with, truncated};

const NONSENSE: &str = "I would rather talk about the weather.";

#[test]
fn a_workflow_plans_runs_its_subtasks_and_synthesises() {
    let mut flow = Flow::start(spec());
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &[])]));
    flow.reply("subtask/b", "B");
    flow.reply("subtask/a", "A");
    flow.reply("synthesis", "A and B");
    assert_eq!(
        flow.told(),
        [
            "workflow_queued",
            "workflow_started",
            "attempt_started plan #1 big-a",
            "attempt_completed plan #1",
            "plan_accepted a b",
            "attempt_started subtask/a #1 small-a",
            "attempt_started subtask/b #1 small-a",
            "attempt_completed subtask/b #1",
            "attempt_completed subtask/a #1",
            "attempt_started synthesis #1 big-a",
            "attempt_completed synthesis #1",
            "workflow_completed",
        ]
    );
    assert_eq!(flow.workflow.result(), Some("A and B"));
}

#[test]
fn a_plan_of_bare_strings_is_understood() {
    let mut flow = Flow::start(spec());
    flow.reply("plan", r#"{"tasks": ["Find sources.", "Weigh them."]}"#);
    assert_eq!(flow.in_flight(), ["subtask/t1", "subtask/t2"]);
}

#[test]
fn an_invalid_plan_goes_back_to_the_model_with_the_reason_and_without_delay() {
    let mut flow = Flow::start(spec());
    flow.reply("plan", plan_text(&[("a", &["b"]), ("b", &["a"])]));
    let request = flow.request("plan");
    assert_eq!((request.attempt, request.model.name.as_str()), (2, "big-a"));
    let Brief::Plan {
        repair: Some(repair), ..
    } = request.brief
    else {
        panic!("no repair in {:?}", request.brief)
    };
    assert!(repair.reason.contains("a -> b -> a"), "{}", repair.reason);
    assert!(repair.reply.contains("Do a."), "{}", repair.reply);
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &["a"])]));
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn a_plan_cut_off_at_its_limit_of_tokens_is_repaired_with_the_advice_to_be_briefer() {
    let mut flow = Flow::start(spec());
    let whole = plan_text(&[("a", &[]), ("b", &["a"])]);
    flow.finish("plan", Ok(truncated(&whole[..whole.len() - 5])));
    let Brief::Plan {
        repair: Some(repair), ..
    } = flow.request("plan").brief
    else {
        panic!()
    };
    assert!(
        repair.reason.contains("truncated") && repair.reason.contains("4096 tokens"),
        "{}",
        repair.reason
    );
}

#[test]
fn five_invalid_plans_leave_one_call_to_answer_and_the_fourth_asks_the_next_model() {
    let mut flow = Flow::start(spec());
    for _ in 0..5 {
        flow.reply("plan", "{\"tasks\": []}");
    }
    assert_eq!(models(&flow, "plan"), ["big-a", "big-a", "big-a", "big-b", "big-b"]);
    assert_eq!(flow.in_flight(), ["synthesis"]);
    assert_eq!(flow.warnings(), ["plan failed"]);
    assert_eq!(
        flow.view()["mode"],
        json!({
            "asked": "auto", "chosen": "direct",
            "reason": "The planner gave no valid plan, so that one call answers."
        })
    );
    assert_eq!(
        flow.view()["usage"]["total_tokens"],
        5 * 15,
        "refused replies were paid for"
    );
    flow.reply("synthesis", "An answer.");
    assert_eq!(flow.workflow.result(), Some("An answer."));

    // Whoever asked for subtasks gets the error.
    let mut flow = Flow::start(split());
    for _ in 0..5 {
        flow.reply("plan", "{\"tasks\": []}");
    }
    assert_eq!(flow.status(), Status::Errored);
    assert_eq!(flow.error().0, "InvalidPlan");
    assert_eq!(flow.in_flight(), [""; 0]);
}

fn split() -> WorkflowSpec {
    spec_with(|spec| spec.options.mode = Mode::Split)
}

#[test]
fn a_refusal_in_words_is_asked_again_once_then_of_the_next_model_and_quoted() {
    let refusal = format!("I'm sorry, but I can't help with that.\n{}", "Really. ".repeat(500));
    let mut flow = Flow::start(split());
    for _ in 0..5 {
        flow.reply("plan", refusal.clone());
    }
    assert_eq!(models(&flow, "plan"), ["big-a", "big-a", "big-b", "big-b", "big-b"]);
    let (name, message) = flow.error();
    assert_eq!(name, "InvalidPlan");
    assert!(
        message.contains("I'm sorry, but I can't help with that. Really."),
        "{message}"
    );
    assert!(message.len() < 600, "{message}");
}

#[test]
fn a_refusal_that_the_server_marks_goes_to_the_next_model_at_once_and_is_quoted() {
    use orchestrator_workers::model::{ErrorClass, ModelError};
    let mut flow = Flow::start(spec());
    for _ in 0..2 {
        flow.fail(
            "plan",
            ModelError::new(
                ErrorClass::Permanent,
                ErrorName::Refused,
                "the model refused: \"I won't.\"",
            ),
        );
    }
    assert_eq!(models(&flow, "plan"), ["big-a", "big-b"]);
    assert_eq!(flow.error().0, "Refused");
    assert!(flow.error().1.contains("I won't."), "{:?}", flow.error());
}

#[test]
fn a_plan_whose_subtask_fits_no_small_model_is_refused_and_repaired_before_it_is_paid_for() {
    let long = |words: usize| {
        let tasks = serde_json::json!({"tasks": [
            {"id": "a", "title": "A", "instructions": "Do it. ".repeat(words)},
            {"id": "b", "title": "B", "instructions": "Do that."},
        ]});
        tasks.to_string()
    };
    let mut flow = Flow::start(spec_with(|spec| {
        spec.small_models = vec![crate::support::model("small", 2_048)];
    }));
    flow.reply("plan", long(2_000));
    let Brief::Plan {
        repair: Some(repair), ..
    } = flow.request("plan").brief
    else {
        panic!()
    };
    assert!(
        repair.reason.contains("subtask a") && repair.reason.contains("small has a context of 2048 tokens"),
        "{}",
        repair.reason
    );
    flow.reply("plan", long(20));
    assert_eq!(flow.in_flight(), ["subtask/a", "subtask/b"]);
    // Where the last attempt asks for too much, the rest of it is still worth doing.
    let mut flow = Flow::start(spec_with(|spec| {
        spec.small_models = vec![crate::support::model("small", 2_048)];
    }));
    for _ in 0..5 {
        flow.reply("plan", long(2_000));
    }
    assert_eq!(flow.in_flight(), ["subtask/b"]);
    assert_eq!(flow.step("subtask/a")["error"]["name"], "ContextTooSmall");
}

#[test]
fn what_the_planner_asks_for_twice_is_done_once_and_a_warning_says_so() {
    let mut flow = Flow::start(spec());
    let tasks = serde_json::json!({"tasks": [
        {"id": "a", "title": "A", "instructions": "Find sources."},
        {"id": "b", "title": "B", "instructions": " Find\nsources. "},
        {"id": "c", "title": "C", "instructions": "Weigh them.", "depends_on": ["b"]},
    ]});
    flow.reply("plan", tasks.to_string());
    assert_eq!(flow.in_flight(), ["subtask/a"]);
    flow.reply("subtask/a", "Here.");
    assert_eq!(flow.inputs("subtask/c"), [("a".into(), "Here.".into())]);
    flow.reply("subtask/c", "Weighed.");
    flow.reply("synthesis", "S");
    assert_eq!(flow.warnings(), ["plan merged"]);
}

#[test]
fn a_repair_counts_among_the_five_attempts() {
    let mut flow = Flow::start(spec());
    for _ in 0..4 {
        flow.reply("plan", NONSENSE);
    }
    flow.fail("plan", crate::support::transient());
    assert_eq!(flow.error().0, "HttpError");
}

#[test]
fn a_reply_without_text_is_a_failed_attempt_not_an_empty_plan() {
    let mut flow = Flow::start(spec());
    flow.finish("plan", Ok(reply("  \n")));
    assert_eq!(flow.told()[3..], ["attempt_errored plan #1 EmptyReply"]);
    flow.pass(1_000);
    assert_eq!(flow.in_flight(), ["plan"]);
}

#[test]
fn the_clients_own_tasks_need_no_planner() {
    let tasks = vec![TaskDraft::new("Find sources."), TaskDraft::new("Weigh them.")];
    let plan = Plan::from_client("", tasks, 8).unwrap();
    let mut flow = Flow::start(spec_with(|spec| spec.tasks = Some(plan)));
    assert_eq!(
        flow.told(),
        [
            "workflow_queued",
            "workflow_started",
            "plan_accepted t1 t2",
            "attempt_started subtask/t1 #1 small-a",
            "attempt_started subtask/t2 #1 small-a",
        ]
    );
}

#[test]
fn a_prompt_that_no_planner_can_read_fails_at_once_and_says_so() {
    let flow = Flow::start(spec_with(|spec| spec.prompt = "word ".repeat(200_000)));
    assert_eq!(flow.error().0, "ContextTooSmall");
}

#[test]
fn a_refused_reply_that_does_not_fit_beside_the_request_is_cut_and_the_reason_is_not() {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.big_models = vec![crate::support::model("big", 4_096)];
        spec.policy.plan_max_tokens = 1_024;
        spec.prompt = "word ".repeat(1_500);
    }));
    flow.reply("plan", "no plan at all ".repeat(1_000));
    let request = flow.request("plan");
    let tokens: u64 = request
        .messages
        .iter()
        .map(|message| estimate_tokens(&message.content))
        .sum();
    assert!(tokens + 1_024 <= 4_096, "{tokens}");
    let said: String = request
        .messages
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    assert!(
        said.contains("no plan at all") && said.contains("the reply holds no JSON"),
        "{said}"
    );
}
