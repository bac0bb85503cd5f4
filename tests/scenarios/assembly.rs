//! The editor: its script is put together with the parts, and what becomes of it where something goes wrong.

use orchestrator_workers::engine::words::event::Event;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::{Approval, OnSubtaskFailure, WorkflowSpec};
use orchestrator_workers::engine::{Control, Input, RestartFrom};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::{Brief, ErrorClass, ModelReply, Terms, Usage};
use serde_json::{Value, json};

use crate::flow::{Flow, models};
use crate::support::{error, model, plan_text, reply, spec, spec_with, transient, truncated};

const A: &str = "# A\n\nThe port is 8080.\n\nNote: the port is a guess.";
const B: &str = "# B\n\nIt listens on 8080.";
const SCRIPT: &str = "@edit b\n<<<<\non 8080\n====\non 8081\n>>>>\n@answer\nThe lead.\n\n@include a\n\n@include b\n";
const ANSWER: &str = "The lead.\n\n# A\n\nThe port is 8080.\n\n# B\n\nIt listens on 8081.";
/// The answer without the edit.
const UNEDITED: &str = "The lead.\n\n# A\n\nThe port is 8080.\n\n# B\n\nIt listens on 8080.";
const BAD: &str = "@edit b\n<<<<\non 9090\n====\non 8081\n>>>>\n@answer\nThe lead.\n\n@include a\n\n@include b\n";
const REPAIR: &str = "@edit b\n<<<<\non 8080\n====\non 8081\n>>>>\n";

fn assembled_plan(tasks: &[(&str, &[&str])]) -> String {
    let mut plan: Value = serde_json::from_str(&plan_text(tasks)).unwrap();
    plan["form"] = json!("assemble");
    plan.to_string()
}

fn planned(spec: WorkflowSpec) -> Flow {
    let mut flow = Flow::start(spec);
    flow.reply("plan", assembled_plan(&[("a", &[]), ("b", &[])]));
    flow.told();
    flow
}

/// Both parts are there, and the editor is asked.
fn editing(spec: WorkflowSpec) -> Flow {
    let mut flow = planned(spec);
    flow.reply("subtask/b", B);
    flow.reply("subtask/a", A);
    flow.told();
    flow
}

fn repairing(spec: WorkflowSpec) -> Flow {
    let mut flow = editing(spec);
    flow.reply("edit/1", BAD);
    assert_eq!(flow.in_flight(), ["edit/2"]);
    flow.told();
    flow
}

fn complete() -> Flow {
    let mut flow = editing(spec());
    flow.reply("edit/1", SCRIPT);
    flow.told();
    flow
}

fn refuse(flow: &mut Flow, step: &str) {
    for _ in 0..2 {
        flow.fail(step, error(ErrorClass::Permanent, ErrorName::BadRequest));
    }
}

fn deadline() -> WorkflowSpec {
    spec_with(|spec| spec.options.deadline_seconds = Some(100))
}

fn costing(tokens: u64, text: &str) -> ModelReply {
    ModelReply {
        usage: Some(Usage {
            prompt_tokens: tokens,
            completion_tokens: 0,
        }),
        ..reply(text)
    }
}

fn step_names(flow: &Flow) -> Vec<String> {
    let view = flow.view();
    let steps = view["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| step["name"].as_str().unwrap().to_owned())
        .collect()
}

fn ended(flow: &Flow) -> (Status, &str) {
    (flow.status(), flow.workflow.result().unwrap_or_default())
}

fn terms(flow: &Flow, step: &str) -> Terms {
    match flow.request(step).brief {
        Brief::Edit { terms, .. } | Brief::Synthesis { terms, .. } | Brief::Plan { terms, .. } => terms,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_editors_script_and_the_parts_are_the_answer() {
    let mut flow = planned(spec());
    assert_eq!(
        step_names(&flow),
        ["plan", "subtask/a", "subtask/b", "edit/1", "synthesis"]
    );
    assert_eq!(flow.step("edit/1")["depends_on"], json!(["subtask/a", "subtask/b"]));
    assert_eq!(flow.step("synthesis")["depends_on"], json!(["edit/1"]));
    flow.reply("subtask/a", A);
    assert_eq!(flow.in_flight(), ["subtask/b"]);
    flow.reply("subtask/b", B);
    assert_eq!(flow.in_flight(), ["edit/1"]);
    assert!(matches!(flow.request("edit/1").brief, Brief::Edit { repair: None, .. }));
    assert_eq!(flow.request("edit/1").model.name, "big-a");
    flow.told();
    flow.reply("edit/1", SCRIPT);
    assert_eq!(
        flow.told(),
        ["attempt_completed edit/1 #1", "answer_assembled", "workflow_completed"]
    );
    assert_eq!(ended(&flow), (Status::Complete, ANSWER));
    let view = flow.view();
    assert_eq!(
        view["output"],
        json!({
            "orchestratorTasks": ["Do a.", "Do b."],
            "workerResponses": ["# A\n\nThe port is 8080.", B],
            "finalResult": ANSWER,
        }),
        "the responses are without notes and before the edits"
    );
    assert_eq!(view["plan"]["form"], "assemble");
    assert_eq!(flow.step("edit/1")["output"], SCRIPT);
    let synthesis = flow.step("synthesis");
    assert_eq!(
        (&synthesis["output"], &synthesis["attempts"]),
        (&json!(ANSWER), &json!([]))
    );
    assert_eq!(flow.warnings(), [""; 0]);
}

#[test]
fn the_editor_runs_while_there_is_a_part_and_not_without_any() {
    let mut flow = planned(spec());
    refuse(&mut flow, "subtask/a");
    flow.reply("subtask/b", B);
    assert_eq!(flow.in_flight(), ["edit/1"]);
    flow.reply("edit/1", "@answer\nA is missing.\n\n@include a\n\n@include b");
    assert_eq!(
        ended(&flow),
        (Status::Complete, format!("A is missing.\n\n{B}").as_str())
    );
    assert_eq!(flow.warnings(), ["subtask/a failed", "edit/1 assembly"]);
    assert_eq!(flow.view()["output"]["workerResponses"], json!([null, B]));

    let mut flow = planned(spec());
    refuse(&mut flow, "subtask/a");
    refuse(&mut flow, "subtask/b");
    assert_eq!(
        (flow.status(), flow.error().0.as_str()),
        (Status::Errored, "AllSubtasksFailed")
    );

    let mut flow = planned(spec_with(|spec| {
        spec.options.on_subtask_failure = OnSubtaskFailure::Fail
    }));
    refuse(&mut flow, "subtask/a");
    assert_eq!(flow.status(), Status::Errored);
}

#[test]
fn a_truncated_script_is_continued() {
    let mut flow = editing(spec());
    let (first, second) = SCRIPT.split_at(60);
    flow.finish("edit/1", Ok(truncated(first)));
    let Brief::Edit { continue_from, .. } = flow.request("edit/1").brief else {
        panic!()
    };
    assert_eq!(continue_from.as_deref(), Some(first));
    let mut flow = Flow::resume(flow.log);
    flow.lose("edit/1");
    flow.reply("edit/1", second);
    assert_eq!((ended(&flow), flow.warnings()), ((Status::Complete, ANSWER), vec![]));
}

#[test]
fn a_script_that_is_truncated_to_the_end_is_taken_as_it_is() {
    let mut flow = editing(spec());
    for text in ["@answer\n", "The lead.\n\n", "@include a\n\n", "@inclu"] {
        flow.finish("edit/1", Ok(truncated(text)));
    }
    assert_eq!(flow.status(), Status::Complete);
    assert!(flow.workflow.result().unwrap().starts_with("The lead.\n\n# A"));
    let warnings = flow.warnings();
    assert_eq!(warnings[0], "edit/1 truncated");
    assert!(warnings.contains(&"edit/1 assembly".to_owned()), "{warnings:?}");
}

#[test]
fn edits_that_do_not_apply_are_repaired_once() {
    let mut flow = editing(spec());
    flow.reply("edit/1", BAD);
    assert_eq!(
        flow.told(),
        ["attempt_completed edit/1 #1", "attempt_started edit/2 #1 big-a"]
    );
    assert_eq!(
        step_names(&flow),
        ["plan", "subtask/a", "subtask/b", "edit/1", "edit/2", "synthesis"]
    );
    let Brief::Edit { repair, .. } = flow.request("edit/2").brief else {
        panic!()
    };
    let repair = repair.unwrap();
    assert!(
        repair.reply == BAD && repair.reason.contains("not in part b"),
        "{}",
        repair.reason
    );
    flow.reply("edit/2", REPAIR);
    assert_eq!(
        flow.told(),
        ["attempt_completed edit/2 #1", "answer_assembled", "workflow_completed"]
    );
    assert_eq!((ended(&flow), flow.warnings()), ((Status::Complete, ANSWER), vec![]));
}

#[test]
fn what_the_repair_does_not_mend_is_named_and_nothing_else_is_lost() {
    // Fails again, says nothing that helps, and fails for good.
    let mut again = repairing(spec());
    again.reply("edit/2", BAD);
    let mut prose = repairing(spec());
    prose.reply("edit/2", "I can't find the text.");
    let mut failing = repairing(spec());
    refuse(&mut failing, "edit/2");
    let mut crashing = repairing(spec_with(|spec| spec.policy.lost_max = 1));
    crashing.lose("edit/2");
    for (flow, warnings) in [
        (again, vec!["edit/2 edit_failed"]),
        (prose, vec!["edit/2 edit_failed"]),
        (failing, vec!["edit/2 failed", "edit/1 edit_failed"]),
        (crashing, vec!["edit/2 failed", "edit/1 edit_failed"]),
    ] {
        assert_eq!(ended(&flow), (Status::Complete, UNEDITED));
        assert_eq!(flow.warnings(), warnings, "{:#}", flow.view()["warnings"]);
        let named = flow.view()["warnings"].to_string();
        assert!(named.contains("a correction of subtask/b could not be made"), "{named}");
    }
}

#[test]
fn a_repair_begins_with_the_model_that_wrote_the_script() {
    let mut flow = editing(spec());
    flow.fail("edit/1", error(ErrorClass::Permanent, ErrorName::ModelNotFound));
    flow.reply("edit/1", BAD);
    assert_eq!(
        (models(&flow, "edit/1").as_slice(), models(&flow, "edit/2")),
        (
            ["big-a".to_owned(), "big-b".to_owned()].as_slice(),
            vec!["big-b".to_owned()]
        )
    );
    flow.lose("edit/2");
    flow.fail("edit/2", transient());
    flow.pass(60_000);
    let mut flow = Flow::resume(flow.log);
    assert_eq!(flow.request("edit/2").model.name, "big-b");
    flow.reply("edit/2", REPAIR);
    assert_eq!(ended(&flow), (Status::Complete, ANSWER));
}

#[test]
fn past_three_quarters_of_a_limit_nothing_is_repaired() {
    let mut flow = editing(deadline());
    flow.pass(80_000);
    assert_eq!(
        flow.in_flight(),
        ["edit/1"],
        "the editor's call goes on, as a synthesis would"
    );
    flow.reply("edit/1", BAD);
    assert_eq!(
        (ended(&flow), flow.warnings()),
        ((Status::Complete, UNEDITED), vec!["edit/1 edit_failed".into()])
    );

    let mut flow = editing(spec_with(|spec| spec.options.token_budget = Some(1_000)));
    flow.finish("edit/1", Ok(costing(5_000, BAD)));
    assert_eq!(
        (ended(&flow), flow.warnings()),
        (
            (Status::Complete, UNEDITED),
            vec!["edit/1 edit_failed".into(), "plan budget".into()]
        )
    );

    // One that waits for its next attempt is skipped.
    let mut flow = repairing(deadline());
    flow.pass(74_900);
    flow.fail("edit/2", transient());
    flow.pass(100);
    if flow.in_flight() == ["edit/2"] {
        flow.fail("edit/2", transient());
    }
    assert_eq!(ended(&flow), (Status::Complete, UNEDITED));
    assert_eq!(
        flow.warnings(),
        ["edit/2 skipped", "synthesis limit", "edit/1 edit_failed"]
    );

    // One in flight may end, until the whole limit.
    let mut flow = repairing(deadline());
    flow.pass(99_000);
    assert_eq!(flow.in_flight(), ["edit/2"]);
    flow.pass(1_000);
    assert_eq!(ended(&flow), (Status::Complete, UNEDITED));
    assert_eq!(
        flow.warnings(),
        ["edit/2 failed", "synthesis limit", "edit/1 edit_failed"]
    );
}

#[test]
fn a_repair_that_is_due_while_pausing_waits_for_the_resume_and_not_beyond_a_limit() {
    let mut flow = editing(deadline());
    flow.control(Control::Pause);
    flow.reply("edit/1", BAD);
    assert_eq!(flow.status(), Status::Paused);
    flow.pass(86_400_000);
    flow.control(Control::Resume);
    assert_eq!(flow.in_flight(), ["edit/2"]);
    flow.control(Control::Pause);
    flow.reply("edit/2", REPAIR);
    assert_eq!(
        ended(&flow),
        (Status::Complete, ANSWER),
        "the last call ends the workflow"
    );

    // Where nothing is to be repaired, the script in hand ends it.
    let mut flow = editing(spec());
    flow.control(Control::Pause);
    flow.reply("edit/1", SCRIPT);
    assert_eq!(ended(&flow), (Status::Complete, ANSWER));
}

#[test]
fn a_reply_without_marks_is_the_whole_answer_and_its_model_is_not_asked_for_marks_again() {
    let mut flow = editing(spec());
    assert!(!terms(&flow, "edit/1").plain);
    flow.reply("edit/1", "One text, written anew.");
    assert_eq!(
        (ended(&flow), flow.warnings()),
        (
            (Status::Complete, "One text, written anew."),
            vec!["edit/1 assembly".into()]
        )
    );
    let Event::AnswerAssembled { unmarked, .. } = &flow.log[flow.log.len() - 2].event else {
        panic!()
    };
    assert!(unmarked);

    // For the rest of the workflow, also after a crash.
    let mut flow = Flow::resume(flow.log);
    flow.restart_from("edit/1");
    assert!(terms(&flow, "edit/1").plain);
    flow.fail("edit/1", error(ErrorClass::Permanent, ErrorName::ModelNotFound));
    assert!(!terms(&flow, "edit/1").plain, "the next model may follow them");
    flow.reply("edit/1", SCRIPT);
    assert_eq!(ended(&flow), (Status::Complete, ANSWER));

    // A new plan is merged by it, whatever its form.
    flow.control(Control::Restart(RestartFrom::Everything));
    assert!(terms(&flow, "plan").plain);
    flow.reply("plan", assembled_plan(&[("a", &[]), ("b", &[])]));
    flow.reply("subtask/a", A);
    flow.reply("subtask/b", B);
    assert_eq!(
        (flow.in_flight(), &flow.view()["plan"]["form"]),
        (vec!["synthesis".into()], &json!("merge"))
    );
    assert!(terms(&flow, "synthesis").plain);
}

#[test]
fn a_model_with_a_small_context_merges_what_its_planner_wanted_assembled() {
    let flow = planned(spec_with(|spec| spec.big_models = vec![model("big", 16_383)]));
    assert_eq!(step_names(&flow), ["plan", "subtask/a", "subtask/b", "synthesis"]);
    let flow = planned(spec_with(|spec| spec.big_models = vec![model("big", 16_384)]));
    assert!(step_names(&flow).contains(&"edit/1".to_owned()));
}

#[test]
fn a_clients_own_form_is_a_merge_where_the_model_can_not_edit() {
    use orchestrator_workers::engine::words::plan::{Form, Plan, PlanDraft, TaskDraft};
    let tasks = vec![TaskDraft::new("Do a."), TaskDraft::new("Do b.")];
    let draft = PlanDraft {
        form: Form::Assemble,
        tasks,
        ..PlanDraft::default()
    };
    let mut flow = Flow::start(spec_with(|spec| {
        spec.tasks = Some(Plan::from_draft(draft, 8).unwrap());
        spec.big_models = vec![model("big", 8_192)];
    }));
    flow.reply("subtask/t1", A);
    flow.reply("subtask/t2", B);
    assert_eq!(flow.view()["plan"]["form"], "merge");
    assert!(terms(&flow, "synthesis").plain);
    flow.reply("synthesis", "One text.");
    assert_eq!(ended(&flow), (Status::Complete, "One text."));
}

#[test]
fn an_editor_that_fails_for_good_leaves_the_parts_one_after_the_other() {
    let mut flow = planned(spec());
    flow.reply("subtask/a", A);
    flow.reply("subtask/b", "No heading.");
    refuse(&mut flow, "edit/1");
    assert_eq!(
        ended(&flow),
        (
            Status::Complete,
            "# A\n\nThe port is 8080.\n\n## Title b\n\nNo heading."
        )
    );
    assert_eq!(flow.warnings(), ["edit/1 failed", "synthesis failed"]);
    assert!(flow.view()["warnings"].to_string().contains("one after the other"));
    assert_eq!(flow.step("synthesis")["state"], "pending");
    // What is there of a script that could not be continued lacks parts, so that all of them are better.
    let mut flow = editing(spec());
    flow.finish("edit/1", Ok(truncated("@answer\nThe lead.\n")));
    refuse(&mut flow, "edit/1");
    assert!(flow.workflow.result().unwrap().starts_with("# A"));
}

#[test]
fn at_three_quarters_the_editor_takes_what_is_there_and_at_the_whole_the_parts_are_the_result() {
    let mut flow = planned(deadline());
    flow.reply("subtask/a", A);
    flow.pass(75_000);
    assert_eq!(flow.in_flight(), ["edit/1"]);
    flow.reply("edit/1", "@answer\n@include a\n");
    assert_eq!(ended(&flow), (Status::Complete, "# A\n\nThe port is 8080."));
    assert_eq!(flow.warnings(), ["subtask/b skipped", "synthesis limit"]);

    let mut flow = editing(deadline());
    flow.pass(100_000);
    assert_eq!(
        ended(&flow),
        (Status::Complete, format!("# A\n\nThe port is 8080.\n\n{B}").as_str())
    );
    let message = flow.view()["warnings"].to_string();
    assert!(message.contains("no room for a synthesis"), "{message}");
}

#[test]
fn a_restart_asks_the_editor_again_where_its_parts_or_its_script_are_wanted_anew() {
    for from in ["synthesis", "edit/1"] {
        let mut flow = repairing(spec());
        flow.reply("edit/2", REPAIR);
        flow.restart_from(from);
        assert_eq!(
            (flow.in_flight(), step_names(&flow).contains(&"edit/2".to_owned())),
            (vec!["edit/1".into()], false),
            "{from}"
        );
        assert!(flow.view()["output"].is_null());
        flow.reply("edit/1", SCRIPT);
        assert_eq!(
            (ended(&flow), flow.warnings()),
            ((Status::Complete, ANSWER), vec![]),
            "{from}"
        );
    }
    let mut flow = complete();
    flow.restart_from("subtask/a");
    assert_eq!(flow.in_flight(), ["subtask/a"]);
    flow.reply("subtask/a", "# A of run 2");
    flow.reply("edit/1", SCRIPT);
    assert_eq!(
        ended(&flow),
        (
            Status::Complete,
            "The lead.\n\n# A of run 2\n\n# B\n\nIt listens on 8081."
        )
    );
    flow.restart_from("plan");
    assert_eq!(
        (flow.in_flight(), step_names(&flow)),
        (vec!["plan".into()], vec!["plan".to_owned()])
    );
}

#[test]
fn a_restart_from_the_repair_or_from_its_failure_keeps_the_script() {
    let mut failed = repairing(spec());
    refuse(&mut failed, "edit/2");
    failed.control(Control::Restart(RestartFrom::Failed));
    let mut wanted = repairing(spec());
    wanted.reply("edit/2", BAD);
    wanted.restart_from("edit/2");
    for mut flow in [failed, wanted] {
        assert_eq!(flow.in_flight(), ["edit/2"]);
        assert_eq!(flow.request("edit/2").attempt, 1);
        flow.reply("edit/2", REPAIR);
        assert_eq!((ended(&flow), flow.warnings()), ((Status::Complete, ANSWER), vec![]));
    }
}

#[test]
fn a_restart_from_what_failed_asks_the_editor_again() {
    let mut flow = editing(spec());
    refuse(&mut flow, "edit/1");
    flow.control(Control::Restart(RestartFrom::Failed));
    assert_eq!(flow.in_flight(), ["edit/1"]);
    flow.reply("edit/1", SCRIPT);
    assert_eq!(flow.workflow.result(), Some(ANSWER));
    // Nothing has failed: the answer is asked for again.
    flow.control(Control::Restart(RestartFrom::Failed));
    assert_eq!(flow.in_flight(), ["edit/1"]);

    let mut flow = planned(spec());
    refuse(&mut flow, "subtask/a");
    flow.reply("subtask/b", B);
    flow.reply("edit/1", "@answer\n@include b");
    flow.control(Control::Restart(RestartFrom::Failed));
    assert_eq!(flow.in_flight(), ["subtask/a"]);
    flow.reply("subtask/a", A);
    flow.reply("edit/1", SCRIPT);
    assert_eq!((ended(&flow), flow.warnings()), ((Status::Complete, ANSWER), vec![]));
}

#[test]
fn terminate_ignores_the_late_script() {
    let mut flow = editing(spec());
    let attempt = flow.attempt("edit/1");
    flow.control(Control::Terminate);
    flow.told();
    let outcome = Ok(reply(SCRIPT));
    flow.handle(Input::AttemptFinished { attempt, outcome }).unwrap();
    assert_eq!((flow.status(), flow.told().len()), (Status::Terminated, 0));
}

#[test]
fn an_assembled_plan_waits_for_approval_as_any() {
    let mut flow = planned(spec_with(|spec| spec.options.approval = Approval::Plan));
    assert_eq!(flow.status(), Status::Waiting);
    assert_eq!(flow.view()["plan"]["form"], "assemble");
    flow.control(Control::Approve(None));
    assert_eq!(flow.in_flight(), ["subtask/a", "subtask/b"]);
}

/// What a model says whenever it is asked.
fn script_of(step: &str, from: usize) -> ModelReply {
    let text = match step {
        "plan" => return reply(assembled_plan(&[("a", &[]), ("b", &[])])),
        "subtask/a" => A,
        "subtask/b" => B,
        // The first half of a script that needs a repair, and the second.
        "edit/1" if from == 0 => return truncated(&BAD[..70]),
        "edit/1" => &BAD[70..],
        "edit/2" => REPAIR,
        other => panic!("{other}"),
    };
    reply(text)
}

fn finish(flow: &mut Flow) {
    while flow.status() == Status::Running {
        let step = flow.in_flight()[0].clone();
        let written = match flow.request(&step).brief {
            Brief::Edit { continue_from, .. } => continue_from.map_or(0, |text| text.len()),
            _ => 0,
        };
        flow.finish(&step, Ok(script_of(&step, written)));
    }
}

#[test]
fn whatever_turn_it_crashes_after_the_answer_is_the_same() {
    let mut whole = Flow::start(spec());
    finish(&mut whole);
    assert_eq!(whole.workflow.result(), Some(ANSWER));
    assert_eq!(
        whole.told().iter().filter(|line| *line == "answer_assembled").count(),
        1
    );
    for &events in &whole.turns {
        let mut flow = Flow::resume(whole.log[..events].to_vec());
        flow.handle(Input::AttemptsLost(flow.workflow.in_flight())).unwrap();
        finish(&mut flow);
        assert_eq!(
            (flow.workflow.result(), flow.warnings()),
            (Some(ANSWER), vec![]),
            "after {events}"
        );
    }
}

/// A later build may read scripts otherwise. What is journaled stays.
#[test]
fn a_replay_joins_what_is_journaled_and_reads_no_script() {
    let mut log = complete().log;
    for recorded in &mut log {
        if let Event::AnswerAssembled { segments, .. } = &mut recorded.event {
            segments.truncate(1);
        }
    }
    let flow = Flow::resume(log);
    assert_eq!(flow.workflow.result(), Some("The lead."));
}

#[test]
fn fifty_parts_go_through_whole() {
    let ids: Vec<String> = (1..=50).map(|number| format!("t{number}")).collect();
    let tasks: Vec<(&str, &[&str])> = ids.iter().map(|id| (id.as_str(), &[] as &[&str])).collect();
    let mut flow = Flow::start(spec_with(|spec| spec.options.max_subtasks = 50));
    flow.reply("plan", assembled_plan(&tasks));
    let part = |id: &str| format!("# Part {id}\n\n{}", format!("{id} says. ").repeat(200).trim_end());
    for id in &ids {
        flow.reply(&format!("subtask/{id}"), part(id));
    }
    let includes: Vec<String> = ids.iter().map(|id| format!("@include {id}")).collect();
    flow.reply("edit/1", format!("@answer\nThe lead.\n\n{}\n", includes.join("\n\n")));
    let parts: Vec<String> = ids.iter().map(|id| part(id)).collect();
    assert_eq!(
        flow.workflow.result().unwrap(),
        format!("The lead.\n\n{}", parts.join("\n\n"))
    );
    assert_eq!(flow.warnings(), [""; 0]);
    assert!(flow.view()["answer"]["words"].as_u64().unwrap() > 20_000);
}

/// What an answer of many megabytes takes is held once for the parts and once for the answer.
#[test]
fn parts_and_an_answer_that_are_too_much_to_show_at_once_are_shown_without_the_texts_of_steps() {
    let ids: Vec<String> = (1..=19).map(|number| format!("t{number}")).collect();
    let tasks: Vec<(&str, &[&str])> = ids.iter().map(|id| (id.as_str(), &[] as &[&str])).collect();
    let mut flow = Flow::start(spec_with(|spec| {
        spec.options.max_subtasks = 50;
        spec.options.max_concurrency = 1;
    }));
    flow.reply("plan", assembled_plan(&tasks));
    // The journal replays after each turn in the other tests; here each is of megabytes.
    let mut workflow = flow.workflow;
    let mut answer = |step: &str, text: String| {
        let attempts = workflow.in_flight();
        let attempt = attempts
            .iter()
            .find(|attempt| attempt.step.to_string() == step)
            .unwrap()
            .clone();
        let outcome = Ok(reply(text));
        workflow
            .handle(Input::AttemptFinished { attempt, outcome }, flow.now, 1)
            .unwrap();
    };
    for id in ids.iter().take(17) {
        answer(&format!("subtask/{id}"), "x".repeat(1_035_000));
    }
    for id in ids.iter().skip(17) {
        answer(&format!("subtask/{id}"), "x".to_owned());
    }
    let includes: Vec<String> = ids.iter().map(|id| format!("@include {id}")).collect();
    answer("edit/1", format!("@answer\n{}\n", includes.join("\n\n")));
    assert_eq!(workflow.status(), Status::Complete);
    let view = workflow.view(orchestrator_workers::engine::show::view::Extent::FULL);
    let output = view.output.as_ref().unwrap();
    assert!(output.final_result.len() > 16_000_000 && output.worker_responses.is_none());
    assert!(view.steps.as_ref().unwrap().iter().all(|step| step.output.is_none()));
    assert!(
        view.warnings
            .iter()
            .any(|warning| warning.message.contains("shown at once"))
    );
}
