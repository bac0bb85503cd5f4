//! How a text ends, and what a call costs that brings none: unknown words for the end, refusals, empty replies.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::{Control, Event, RestartFrom, words::event::FailureClass};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::{CallUsage, ErrorClass, Finish, ModelError, ModelReply, Usage};

use crate::flow::Flow;
use crate::support::{error, plan_text, reply, spec, spec_with, transient};

fn ended(word: &str, text: &str) -> ModelReply {
    ModelReply {
        finish: Finish::Unknown(word.to_owned()),
        ..reply(text)
    }
}

#[test]
fn an_unknown_end_is_asked_for_once_more_and_counts_its_tokens() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.finish("subtask/a", Ok(ended("network_error", "half of")));
    let Event::AttemptErrored {
        error, class, usage, ..
    } = flow.last_event()
    else {
        panic!("{:?}", flow.last_event())
    };
    assert_eq!(
        (error.name.as_str(), *class),
        ("UnknownFinish", FailureClass::Transient)
    );
    assert!(error.message.contains("\"network_error\""), "{}", error.message);
    assert_eq!(usage.unwrap().completion_tokens, 5);
    flow.pass(60_000);
    flow.reply("subtask/a", "the whole");
    flow.reply("subtask/b", "B");
    flow.reply("synthesis", "S");
    assert_eq!((flow.status(), flow.warnings()), (Status::Complete, vec![]));
}

#[test]
fn an_unknown_end_that_comes_again_is_kept_with_a_warning_that_quotes_it() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    for _ in 0..2 {
        flow.finish("subtask/a", Ok(ended("eos_token\"x", "an answer")));
        flow.pass(60_000);
    }
    flow.reply("subtask/b", "B");
    flow.reply("synthesis", "S");
    assert_eq!(flow.warnings(), ["subtask/a unknown_finish"]);
    let warning = flow.view()["warnings"][0]["message"].as_str().unwrap().to_owned();
    assert!(warning.contains(r#""eos_token\"x""#), "{warning}");
    assert_eq!(flow.step("subtask/a")["output"], "an answer");
    // A new run of the step begins with a clean record.
    flow.restart_from("subtask/a");
    flow.finish("subtask/a", Ok(ended("eos_token", "an answer")));
    assert_eq!(flow.warnings(), [""; 0]);
    flow.pass(60_000);
    flow.reply("subtask/a", "whole");
    flow.reply("subtask/b", "B");
    flow.reply("synthesis", "S");
    assert_eq!(flow.warnings(), [""; 0]);
}

#[test]
fn the_last_attempt_keeps_a_text_with_an_unknown_end_rather_than_nothing() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    for _ in 0..4 {
        flow.fail("subtask/a", transient());
        flow.pass(60_000);
    }
    flow.finish("subtask/a", Ok(ended("SAFETY_X", "an answer")));
    assert_eq!(flow.in_flight(), ["subtask/b"]);
    assert_eq!(flow.warnings(), ["subtask/a unknown_finish"]);
}

#[test]
fn a_plan_that_can_be_read_to_its_end_is_whole_whatever_the_server_says() {
    let mut flow = Flow::start(spec());
    flow.finish("plan", Ok(ended("odd", &plan_text(&[("a", &[]), ("b", &["a"])]))));
    assert_eq!(flow.in_flight(), ["subtask/a"]);
    assert_eq!(flow.warnings(), ["plan unknown_finish"]);
}

#[test]
fn a_very_long_word_is_bounded() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    for _ in 0..2 {
        flow.finish("subtask/a", Ok(ended(&"é".repeat(2_000_000), "an answer")));
        flow.pass(60_000);
    }
    assert!(flow.view()["warnings"].to_string().len() < 1_000);
}

#[test]
fn tokens_of_empty_replies_and_failed_calls_count_in_usage_and_budget() {
    let mut flow = Flow::planned(
        spec_with(|spec| spec.options.token_budget = Some(1_000)),
        &[("a", &[]), ("b", &[])],
    );
    flow.finish("subtask/a", Ok(reply(" ")));
    assert_eq!(
        flow.view()["usage"]["total_tokens"],
        30,
        "the plan's and the empty reply's"
    );
    flow.pass(60_000);
    let used = ModelError {
        usage: Some(CallUsage {
            usage: Usage {
                prompt_tokens: 700,
                completion_tokens: 270,
            },
            estimated: true,
        }),
        ..transient()
    };
    flow.fail("subtask/a", used);
    let view = flow.view();
    assert_eq!(view["usage"]["total_tokens"], 1_000);
    assert_eq!(view["usage"]["estimated"], true);
    assert_eq!(flow.error().0, "LimitReached");
    assert_eq!(flow.step("subtask/a")["attempts"][1]["usage"]["completion_tokens"], 270);
}

#[test]
fn an_empty_reply_without_usage_is_estimated_by_its_prompt() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    let empty = ModelReply {
        usage: None,
        ..reply("")
    };
    flow.finish("subtask/a", Ok(empty));
    let usage = flow.step("subtask/a")["attempts"][0]["usage"].clone();
    assert!(
        usage["estimated"] == true && usage["prompt_tokens"].as_u64().unwrap() > 50,
        "{usage}"
    );
}

#[test]
fn a_synthesis_that_fails_for_good_gives_the_answers_and_can_be_restarted() {
    let answered = || {
        let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
        flow.reply("subtask/a", "Answer A");
        flow.reply("subtask/b", "Answer B");
        flow
    };
    for name in [
        ErrorName::Refused,
        ErrorName::ContentFiltered,
        ErrorName::ContextTooLong,
        ErrorName::Unauthorized,
    ] {
        let mut flow = answered();
        while flow.in_flight() == ["synthesis"] {
            flow.fail("synthesis", error(ErrorClass::Permanent, name));
        }
        assert_eq!(
            (flow.status(), flow.workflow.result()),
            (
                Status::Complete,
                Some("## Title a\n\nAnswer A\n\n## Title b\n\nAnswer B")
            ),
            "{name}"
        );
        assert_eq!(flow.warnings(), ["synthesis failed"; 2], "{name}");
        assert!(flow.view()["warnings"].to_string().contains("one after the other"));
    }
    let mut flow = answered();
    while flow.in_flight() == ["synthesis"] {
        flow.fail("synthesis", error(ErrorClass::Permanent, ErrorName::Unauthorized));
    }
    flow.control(Control::Restart(RestartFrom::Failed));
    flow.reply("synthesis", "Whole.");
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Complete, Some("Whole."))
    );
    assert!(flow.warnings().is_empty());
}
