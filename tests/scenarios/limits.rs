//! `deadline_seconds` and `token_budget`: an answer from what is there rather than an error.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::{Approval, WorkflowSpec};
use orchestrator_workers::engine::{Control, RestartFrom};
use orchestrator_workers::model::{ModelReply, Usage};

use crate::flow::Flow;
use crate::support::{plan_text, reply, spec_with, transient, truncated};

fn deadline(seconds: u64) -> WorkflowSpec {
    spec_with(|spec| spec.options.deadline_seconds = Some(seconds))
}

fn budget(tokens: u64) -> WorkflowSpec {
    spec_with(|spec| {
        spec.options.token_budget = Some(tokens);
        spec.options.max_concurrency = 1;
    })
}

fn costing(text: &str, tokens: u64) -> ModelReply {
    ModelReply {
        usage: Some(Usage {
            prompt_tokens: tokens,
            completion_tokens: 0,
        }),
        ..reply(text)
    }
}

#[test]
fn at_three_quarters_of_the_deadline_no_subtask_starts_and_the_synthesis_takes_what_is_there() {
    let mut flow = Flow::planned(deadline(100), &[("a", &[]), ("b", &[]), ("c", &["b"])]);
    flow.reply("subtask/a", "A");
    flow.pass(74_999);
    assert_eq!(flow.in_flight(), ["subtask/b"]);
    flow.pass(1);
    assert_eq!(flow.in_flight(), ["synthesis"]);
    flow.reply("synthesis", "from A");
    assert_eq!(flow.status(), Status::Complete);
    assert_eq!(
        flow.warnings(),
        ["subtask/b skipped", "subtask/c skipped", "synthesis limit"]
    );
    assert!(
        flow.view()["warnings"][2]["message"]
            .as_str()
            .unwrap()
            .contains("deadline_seconds (100)")
    );
}

#[test]
fn with_nothing_in_hand_the_calls_in_flight_have_until_the_whole_deadline() {
    let mut flow = Flow::planned(deadline(100), &[("a", &[]), ("b", &[])]);
    flow.pass(80_000);
    assert_eq!(flow.in_flight(), ["subtask/a", "subtask/b"]);
    flow.reply("subtask/b", "B");
    assert_eq!(
        flow.in_flight(),
        ["synthesis"],
        "with one answer the rest belongs to the synthesis"
    );
}

#[test]
fn at_the_whole_deadline_calls_are_aborted_and_without_an_answer_it_is_an_error() {
    let mut flow = Flow::planned(deadline(100), &[("a", &[]), ("b", &[])]);
    let attempt = flow.attempt("subtask/a");
    flow.pass(100_000);
    assert!(!flow.workflow.is_current(&attempt));
    assert_eq!(
        (flow.status(), flow.error().0.as_str()),
        (Status::Errored, "LimitReached")
    );
}

#[test]
fn a_synthesis_cut_short_by_the_deadline_gives_the_answers_themselves() {
    let mut flow = Flow::planned(deadline(100), &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "Answer A");
    flow.reply("subtask/b", "Answer B");
    flow.pass(100_000);
    assert_eq!(flow.status(), Status::Complete);
    assert_eq!(
        flow.workflow.result(),
        Some("## Title a\n\nAnswer A\n\n## Title b\n\nAnswer B")
    );
    assert!(flow.warnings().contains(&"synthesis limit".to_owned()));
}

#[test]
fn a_synthesis_that_was_being_continued_at_the_deadline_gives_what_it_has() {
    let mut flow = Flow::planned(deadline(100), &[("a", &[]), ("b", &["a"])]);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    flow.finish("synthesis", Ok(truncated("The first half")));
    flow.pass(100_000);
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Complete, Some("The first half"))
    );
    assert!(
        flow.warnings().contains(&"synthesis truncated".to_owned()),
        "{:?}",
        flow.warnings()
    );
}

#[test]
fn a_deadline_before_the_plan_is_an_error() {
    let mut flow = Flow::start(deadline(100));
    flow.pass(100_000);
    assert_eq!((flow.status(), flow.in_flight().len()), (Status::Errored, 0));
    assert!(flow.error().1.contains("deadline_seconds (100)"), "{:?}", flow.error());
}

#[test]
fn time_paused_does_not_count() {
    let mut flow = Flow::planned(deadline(100), &[("a", &[]), ("b", &["a"])]);
    flow.fail("subtask/a", transient());
    flow.control(Control::Pause);
    flow.pass(86_400_000);
    flow.control(Control::Resume);
    flow.reply("subtask/a", "A");
    assert_eq!(flow.in_flight(), ["subtask/b"]);
    flow.pass(74_999);
    assert_eq!(flow.in_flight(), ["subtask/b"]);
    flow.pass(1);
    assert_eq!(flow.in_flight(), ["synthesis"]);
}

#[test]
fn time_until_the_last_call_has_paused_counts() {
    let mut flow = Flow::planned(deadline(100), &[("a", &[]), ("b", &["a"])]);
    flow.control(Control::Pause);
    flow.pass(100_000);
    assert_eq!(flow.status(), Status::Errored);
}

#[test]
fn time_waiting_for_approval_does_not_count() {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.options.deadline_seconds = Some(100);
        spec.options.approval = Approval::Plan;
    }));
    flow.pass(10_000);
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &["a"])]));
    flow.pass(86_400_000);
    flow.control(Control::Approve(None));
    flow.reply("subtask/a", "A");
    flow.pass(64_999);
    assert_eq!(flow.in_flight(), ["subtask/b"]);
    flow.pass(1);
    assert_eq!(flow.in_flight(), ["synthesis"]);
}

#[test]
fn a_restart_has_its_own_deadline() {
    let mut flow = Flow::planned(deadline(100), &[("a", &[]), ("b", &["a"])]);
    flow.pass(100_000);
    assert_eq!(flow.status(), Status::Errored);
    flow.control(Control::Restart(RestartFrom::Failed));
    flow.pass(60_000);
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn at_three_quarters_of_the_budget_no_subtask_starts_and_what_is_paid_for_may_end() {
    let mut flow = Flow::planned(
        spec_with(|spec| spec.options.token_budget = Some(1_000)),
        &[("a", &[]), ("b", &[]), ("c", &["a"])],
    );
    flow.finish("subtask/a", Ok(costing("A", 735)));
    assert_eq!(
        flow.in_flight(),
        ["subtask/b"],
        "750 of 1,000 are used: c is skipped, b runs on"
    );
    flow.reply("subtask/b", "B");
    assert_eq!(flow.in_flight(), ["synthesis"]);
    flow.reply("synthesis", "S");
    assert_eq!(flow.warnings(), ["subtask/c skipped", "synthesis limit"]);
    assert!(
        flow.view()["warnings"][1]["message"]
            .as_str()
            .unwrap()
            .contains("token_budget (1000)")
    );
}

#[test]
fn a_failed_subtask_is_not_repeated_once_three_quarters_are_used_and_there_is_an_answer() {
    let mut flow = Flow::planned(
        spec_with(|spec| spec.options.token_budget = Some(1_000)),
        &[("a", &[]), ("b", &[])],
    );
    flow.fail("subtask/b", transient());
    flow.finish("subtask/a", Ok(costing("A", 800)));
    assert_eq!(flow.in_flight(), ["synthesis"]);
    assert_eq!(flow.step("subtask/b")["state"], "skipped");
}

#[test]
fn at_the_whole_budget_the_answers_are_the_result() {
    let mut flow = Flow::planned(budget(100), &[("a", &[]), ("b", &[])]);
    flow.finish("subtask/a", Ok(costing("Answer A", 500)));
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Complete, Some("## Title a\n\nAnswer A"))
    );
    assert_eq!(flow.warnings(), ["subtask/b skipped", "synthesis limit"]);
}

#[test]
fn a_result_without_a_synthesis_says_so_also_where_nothing_was_skipped() {
    let mut flow = Flow::planned(budget(100), &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "Answer A");
    flow.finish("subtask/b", Ok(costing("Answer B", 500)));
    assert_eq!(flow.warnings(), ["synthesis limit"]);
    let message = flow.view()["warnings"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("no room for a synthesis"), "{message}");
}

#[test]
fn a_budget_used_up_by_the_plan_is_an_error() {
    let mut flow = Flow::start(budget(100));
    flow.finish("plan", Ok(costing(&plan_text(&[("a", &[]), ("b", &["a"])]), 100)));
    assert_eq!(
        (flow.status(), flow.error().0.as_str()),
        (Status::Errored, "LimitReached")
    );
}

#[test]
fn the_budget_counts_all_runs() {
    let mut flow = Flow::planned(budget(1_000), &[("a", &[]), ("b", &["a"])]);
    flow.finish("subtask/a", Ok(costing("A", 400)));
    flow.finish("subtask/b", Ok(costing("B", 200)));
    flow.finish("synthesis", Ok(costing("S", 100)));
    assert_eq!(flow.warnings(), [""; 0]);
    flow.restart_from("subtask/a");
    flow.finish("subtask/a", Ok(costing("A2", 100)));
    assert_eq!(flow.in_flight(), ["synthesis"], "815 of 1,000 over both runs");
    assert_eq!(flow.step("subtask/b")["state"], "skipped");
}

#[test]
fn tokens_that_no_server_reported_are_estimated_and_count() {
    let mut flow = Flow::planned(budget(2_000), &[("a", &[]), ("b", &[])]);
    flow.finish(
        "subtask/a",
        Ok(ModelReply {
            usage: None,
            ..reply("word ".repeat(2_000))
        }),
    );
    assert_eq!(flow.view()["usage"]["estimated"], true);
    assert_eq!(flow.status(), Status::Complete, "the whole budget is used");
}

#[test]
fn a_limit_that_is_reached_after_the_last_subtask_started_is_still_named() {
    let mut flow = Flow::planned(deadline(100), &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    flow.pass(80_000);
    flow.reply("synthesis", "S");
    assert_eq!(flow.status(), Status::Complete);
    assert_eq!(
        flow.warnings(),
        [""; 0],
        "nothing is missing, so there is nothing to warn of"
    );
}
