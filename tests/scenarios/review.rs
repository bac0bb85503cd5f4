//! The review: what it changes, what it leaves, and that it never ends a run.

use orchestrator_workers::engine::words::event::Event;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::{Mode, Review, WorkflowSpec};
use orchestrator_workers::engine::{Control, Input, RestartFrom, Verdict};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::tokens::estimate_messages_tokens;
use orchestrator_workers::model::{Brief, ErrorClass, ModelReply, Usage};
use serde_json::{Value, json};

use crate::flow::Flow;
use crate::support::{error, model, plan_text, reply, spec_with, truncated};

const ANSWER: &str = "It retries every 5 s.\n\nIt gives up.";
const EDIT: &str = "@edit\n<<<<\nevery 5 s\n====\nevery 30 s\n>>>>\n";
const BETTER: &str = "It retries every 30 s.\n\nIt gives up.";

fn direct(change: impl FnOnce(&mut WorkflowSpec)) -> WorkflowSpec {
    spec_with(|spec| {
        spec.options.mode = Mode::Direct;
        spec.options.review = Review::Once;
        change(spec);
    })
}

/// The answer is there, and the reviewer is asked.
fn reviewing(change: impl FnOnce(&mut WorkflowSpec)) -> Flow {
    let mut flow = Flow::start(direct(change));
    flow.reply("synthesis", ANSWER);
    flow.told();
    flow
}

fn answer(flow: &Flow) -> &str {
    assert_eq!(flow.status(), Status::Complete);
    flow.workflow.result().unwrap_or_default()
}

fn reasons(flow: &Flow) -> Vec<(String, String)> {
    let view = flow.view();
    let warnings = view["warnings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    warnings
        .iter()
        .map(|warning| (text(&warning["step"]), text(&warning["reason"])))
        .collect()
}

fn refuse(flow: &mut Flow, step: &str) {
    for _ in 0..2 {
        flow.fail(step, error(ErrorClass::Permanent, ErrorName::BadRequest));
    }
}

#[test]
fn the_review_changes_the_answer_and_the_status_keeps_both() {
    let mut flow = reviewing(|_| {});
    assert_eq!(flow.in_flight(), ["review/1"]);
    assert_eq!(flow.status(), Status::Running);
    flow.reply("review/1", EDIT);
    assert_eq!(answer(&flow), BETTER);
    let view = flow.view();
    assert_eq!(view["output"]["finalResult"], BETTER);
    assert_eq!(flow.step("synthesis")["output"], ANSWER);
    assert_eq!(flow.step("review/1")["output"], EDIT);
    assert_eq!(view["answer"], json!({ "words": 8, "limit": null, "reviewed": true }));
    assert_eq!(view["warnings"], json!([]));
    let reviewed = flow
        .log
        .iter()
        .filter(|recorded| matches!(recorded.event, Event::AnswerReviewed { .. }));
    assert_eq!(reviewed.count(), 1);
}

#[test]
fn a_review_without_corrections_leaves_the_answer() {
    let mut flow = reviewing(|_| {});
    flow.reply("review/1", "none");
    assert_eq!(answer(&flow), ANSWER);
    assert_eq!(flow.view()["answer"]["reviewed"], false);
}

#[test]
fn a_reviewer_sees_the_contract_the_notes_the_answer_and_its_length() {
    let mut flow = Flow::start(spec_with(|spec| spec.options.review = Review::Once));
    let mut plan: Value = serde_json::from_str(&plan_text(&[("a", &[]), ("b", &[])])).unwrap();
    plan["form"] = json!("assemble");
    plan["length"] = json!(500);
    plan["shared"] = json!("Ports are even.");
    plan["criteria"] = json!(["Names the port."]);
    flow.reply("plan", plan.to_string());
    flow.reply("subtask/a", "# A\n\nThe port is 8080.\n\nNote: the port is a guess.");
    flow.reply("subtask/b", "# B\n\nIt listens.");
    flow.reply("edit/1", "@answer\nLead.\n\n@include a\n\n@include b\n");
    assert_eq!(flow.in_flight(), ["review/1"]);
    let request = flow.request("review/1");
    let Brief::Review { words, may_rewrite, .. } = request.brief else {
        panic!("{:?}", request.brief);
    };
    assert_eq!((words, may_rewrite), (9, true));
    let user = &request.messages[1].content;
    for part in [
        "Ports are even.",
        "- Names the port. (yours)",
        "<part_notes id=\"a\">\nNote: the port is a guess.",
        "<final_answer>\nLead.\n\n# A\n\nThe port is 8080.\n\n# B\n\nIt listens.\n</final_answer>",
        "The answer has 9 words of prose; its limit is 500.\nIt is short enough to be written anew.",
    ] {
        assert!(user.contains(part), "{part:?} is not in {user}");
    }
    // The journal holds slices of the answer, not the answer again.
    flow.reply("review/1", "@edit\n<<<<\n8080\n====\n8082\n>>>>\n");
    assert_eq!(answer(&flow), "Lead.\n\n# A\n\nThe port is 8082.\n\n# B\n\nIt listens.");
    let stored = flow.log.iter().rev().find_map(|recorded| match &recorded.event {
        Event::AnswerReviewed { segments, .. } => Some(serde_json::to_value(segments).unwrap()),
        _ => None,
    });
    assert_eq!(
        stored.unwrap()[0],
        json!({ "step": "synthesis", "run": 1, "number": 0, "from": 0, "to": 24 })
    );
}

#[test]
fn a_remark_is_asked_for_again_once_and_then_the_answer_stands() {
    let mut flow = reviewing(|spec| spec.big_models = vec![model("big", 131_072)]);
    flow.reply("review/1", "A fine answer.");
    assert_eq!(flow.in_flight(), ["review/1"]);
    let messages = flow.request("review/1").messages;
    assert_eq!(messages[2].content, "A fine answer.");
    assert!(messages[3].content.contains("neither an edit nor a line @answer"));
    flow.reply("review/1", "Still a fine answer.");
    assert_eq!(answer(&flow), ANSWER);
    assert_eq!(reasons(&flow), [("review/1".to_owned(), "failed".to_owned())]);
    assert_eq!(flow.step("review/1")["error"]["name"], "InvalidReview");

    let mut flow = reviewing(|_| {});
    flow.reply("review/1", "A fine answer.");
    flow.reply("review/1", EDIT);
    assert_eq!((answer(&flow), reasons(&flow).len()), (BETTER, 0));
}

#[test]
fn a_review_that_fails_for_good_leaves_the_answer() {
    let mut flow = reviewing(|_| {});
    refuse(&mut flow, "review/1");
    assert_eq!(answer(&flow), ANSWER);
    assert_eq!(reasons(&flow), [("review/1".to_owned(), "failed".to_owned())]);

    // The host dies whenever it runs.
    let mut flow = reviewing(|_| {});
    for _ in 0..10 {
        flow.pass(60_000);
        flow.lose("review/1");
    }
    assert_eq!(answer(&flow), ANSWER);
    assert_eq!(flow.step("review/1")["error"]["name"], "CrashLoop");
}

#[test]
fn failed_edits_and_a_refused_text_are_warnings() {
    let mut flow = reviewing(|_| {});
    flow.reply("review/1", "@edit\n<<<<\nevery 9 s\n====\n30\n>>>>\n");
    assert_eq!(answer(&flow), ANSWER);
    assert_eq!(reasons(&flow), [("review/1".to_owned(), "edit_failed".to_owned())]);

    let mut flow = reviewing(|_| {});
    flow.finish("review/1", Ok(truncated(format!("@answer\n{BETTER}"))));
    assert_eq!(answer(&flow), ANSWER);
    let told: Vec<String> = reasons(&flow).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(told, ["truncated", "review"]);
    assert!(
        flow.view()["warnings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("the review is incomplete")
    );
}

/// The JSON is what was asked for, so that the review may not take what it needs.
#[test]
fn a_review_gives_way_to_the_json_that_comes_after_it() {
    let schema = || Some(json!({ "type": "object" }));
    // A review that hangs is aborted at three quarters of the deadline.
    let mut flow = reviewing(|spec| {
        spec.options.output_schema = schema();
        spec.options.deadline_seconds = Some(100);
    });
    assert_eq!(flow.in_flight(), ["review/1"]);
    flow.pass(74_999);
    assert_eq!(flow.in_flight(), ["review/1"]);
    flow.pass(1);
    assert_eq!(flow.in_flight(), ["structure"]);
    flow.judge("{}", Verdict::Fits("{}".to_owned()));
    assert_eq!(answer(&flow), ANSWER);
    assert_eq!(flow.view()["output"]["structured"], json!({}));
    // Where nothing comes after it, it has the whole time.
    let mut flow = reviewing(|spec| spec.options.deadline_seconds = Some(100));
    flow.pass(99_999);
    assert_eq!(flow.in_flight(), ["review/1"]);
    flow.pass(1);
    assert_eq!(answer(&flow), ANSWER);

    // Of a budget, it leaves what the JSON is expected to take.
    let budget = |tokens: u64| {
        reviewing(|spec| {
            spec.options.output_schema = schema();
            spec.options.token_budget = Some(tokens);
        })
    };
    let flow = budget(100_000);
    assert_eq!(flow.request("review/1").max_tokens, 8_192);
    let tight = (1_000..6_000).step_by(50).map(budget);
    let first = tight.into_iter().find(|flow| flow.in_flight() == ["review/1"]).unwrap();
    let request = first.request("review/1");
    assert!(request.max_tokens < 1_000, "{}", request.max_tokens);
    let mut flow = first;
    let prompt = estimate_messages_tokens(&request.messages);
    let most = Usage {
        prompt_tokens: prompt,
        completion_tokens: request.max_tokens.into(),
    };
    flow.finish(
        "review/1",
        Ok(ModelReply {
            usage: Some(most),
            ..truncated("@edit\n<<<<\n")
        }),
    );
    assert_eq!(flow.in_flight(), ["structure"]);

    // A server that lets it write on takes nothing from the JSON.
    let mut flow = budget(10_000);
    let much = Usage {
        prompt_tokens: 1_000,
        completion_tokens: 20_000,
    };
    flow.finish(
        "review/1",
        Ok(ModelReply {
            usage: Some(much),
            ..reply(EDIT)
        }),
    );
    assert_eq!(flow.in_flight(), ["structure"]);
    flow.judge("{}", Verdict::Fits("{}".to_owned()));
    assert_eq!(answer(&flow), BETTER);
    assert_eq!(reasons(&flow), [("synthesis".to_owned(), "budget".to_owned())]);
}

#[test]
fn a_restart_that_no_token_is_left_for_is_refused() {
    let mut flow = Flow::start(direct(|spec| spec.options.token_budget = Some(2_000)));
    let usage = Usage {
        prompt_tokens: 2_000,
        completion_tokens: 0,
    };
    flow.finish(
        "synthesis",
        Ok(ModelReply {
            usage: Some(usage),
            ..reply(ANSWER)
        }),
    );
    assert_eq!(answer(&flow), ANSWER);
    let restart = Input::Control(Control::Restart(RestartFrom::Failed));
    let refused = flow.handle(restart).unwrap_err();
    assert!(format!("{refused:?}").contains("Tokens"), "{refused:?}");
}

#[test]
fn a_review_begins_only_below_three_quarters_of_a_limit() {
    let used = |tokens| ModelReply {
        usage: Some(Usage {
            prompt_tokens: tokens,
            completion_tokens: 0,
        }),
        ..reply(ANSWER)
    };
    let mut flow = Flow::start(direct(|spec| spec.options.token_budget = Some(10_000)));
    flow.finish("synthesis", Ok(used(7_500)));
    assert_eq!(answer(&flow), ANSWER);
    assert_eq!(reasons(&flow), [("review/1".to_owned(), "skipped".to_owned())]);
    assert_eq!(flow.step("review/1")["state"], "skipped");

    // Below it, if what it takes fits the rest.
    let mut flow = Flow::start(direct(|spec| spec.options.token_budget = Some(2_000)));
    flow.finish("synthesis", Ok(used(1_400)));
    assert_eq!(answer(&flow), ANSWER);
    assert!(
        flow.view()["warnings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("a review takes about")
    );

    let mut flow = Flow::start(direct(|spec| spec.options.token_budget = Some(100_000)));
    flow.finish("synthesis", Ok(used(1_400)));
    assert_eq!(flow.in_flight(), ["review/1"]);

    // A deadline that passes aborts it, and the answer stands.
    let mut flow = reviewing(|spec| spec.options.deadline_seconds = Some(100));
    flow.pass(75_000);
    assert_eq!(flow.in_flight(), ["review/1"]);
    flow.pass(25_000);
    assert_eq!(answer(&flow), ANSWER);
    assert_eq!(flow.step("review/1")["error"]["name"], "DeadlineReached");

    // One that has failed is not begun again past three quarters.
    let mut flow = reviewing(|spec| spec.options.deadline_seconds = Some(100));
    flow.pass(80_000);
    flow.fail("review/1", error(ErrorClass::Transient, ErrorName::ServerError));
    assert_eq!(answer(&flow), ANSWER);
}

#[test]
fn a_model_with_a_small_context_is_no_reviewer() {
    let flow = reviewing(|spec| spec.big_models = vec![model("big", 8_192)]);
    assert_eq!(answer(&flow), ANSWER);
    assert_eq!(reasons(&flow), [("review/1".to_owned(), "skipped".to_owned())]);
}

#[test]
fn only_the_review_runs_again_where_only_it_is_asked_for_or_failed() {
    let mut flow = reviewing(|_| {});
    flow.reply("review/1", EDIT);
    flow.restart_from("review/1");
    flow.handle(Input::TimePassed).unwrap();
    assert_eq!(flow.in_flight(), ["review/1"]);
    assert_eq!(flow.step("synthesis")["output"], ANSWER);
    flow.reply("review/1", "none");
    assert_eq!(answer(&flow), ANSWER);

    let mut flow = reviewing(|_| {});
    refuse(&mut flow, "review/1");
    flow.control(Control::Restart(RestartFrom::Failed));
    flow.handle(Input::TimePassed).unwrap();
    assert_eq!(flow.in_flight(), ["review/1"]);
    flow.reply("review/1", EDIT);
    assert_eq!(answer(&flow), BETTER);

    // A new synthesis is reviewed again.
    flow.restart_from("synthesis");
    flow.handle(Input::TimePassed).unwrap();
    assert_eq!(flow.in_flight(), ["synthesis"]);
    flow.reply("synthesis", ANSWER);
    assert_eq!(flow.in_flight(), ["review/1"]);
}

#[test]
fn an_assembled_answer_is_reviewed_again_after_a_restart() {
    let mut flow = Flow::start(spec_with(|spec| spec.options.review = Review::Once));
    let mut plan: Value = serde_json::from_str(&plan_text(&[("a", &[]), ("b", &[])])).unwrap();
    plan["form"] = json!("assemble");
    flow.reply("plan", plan.to_string());
    flow.reply("subtask/a", "It retries every 5 s.");
    flow.reply("subtask/b", "It gives up.");
    flow.reply("edit/1", "@answer\n@include a\n@include b\n");
    flow.reply("review/1", "none");
    assert_eq!(answer(&flow), ANSWER);
    flow.restart_from("review/1");
    flow.handle(Input::TimePassed).unwrap();
    flow.reply("review/1", EDIT);
    assert_eq!(answer(&flow), BETTER);
}

#[test]
fn nothing_is_settled_before_the_review() {
    let mut flow = Flow::start(direct(|_| {}));
    let reader = |flow: &Flow| flow.workflow.reader_text().unwrap();
    assert_eq!(reader(&flow).settled, 0);
    flow.reply("synthesis", ANSWER);
    let shown = reader(&flow);
    assert_eq!((shown.text.as_str(), shown.settled), (ANSWER, 0));
    flow.reply("review/1", EDIT);
    let shown = reader(&flow);
    assert_eq!((shown.text.as_str(), shown.settled), (BETTER, BETTER.chars().count()));
}

#[test]
fn the_estimate_has_the_review() {
    let estimate = |review| {
        let flow = Flow::start(direct(|spec| spec.options.review = review));
        let estimate = flow.view()["plan"]["estimate"].clone();
        (
            estimate["calls"].as_u64().unwrap(),
            estimate["tokens"].as_u64().unwrap(),
        )
    };
    let (without, with) = (estimate(Review::None), estimate(Review::Once));
    assert_eq!((without.0, with.0), (1, 2));
    assert!(with.1 > without.1 + 1_000, "{without:?} {with:?}");
}

#[test]
fn a_pause_during_the_review_holds_and_goes_on() {
    let mut flow = reviewing(|_| {});
    flow.control(Control::Pause);
    flow.reply("review/1", "A remark.");
    assert_eq!(flow.status(), Status::Paused);
    flow.control(Control::Resume);
    flow.handle(Input::TimePassed).unwrap();
    assert_eq!(flow.in_flight(), ["review/1"]);
    flow.reply("review/1", EDIT);
    assert_eq!(answer(&flow), BETTER);
}
