//! How a request is answered: directly, by a client's own single subtask, or split.

use orchestrator_workers::engine::words::event::{Event, PlanSource};
use orchestrator_workers::engine::words::outcome::{AttemptUsage, Status};
use orchestrator_workers::engine::words::plan::{Plan, TaskDraft};
use orchestrator_workers::engine::words::spec::{Approval, Length, Mode, WorkflowSpec};
use orchestrator_workers::engine::words::step_name::StepName;
use orchestrator_workers::engine::{Control, Recorded, RestartFrom};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::{Brief, ErrorClass, ModelReply, Usage};
use serde_json::{Value, json};

use crate::flow::Flow;
use crate::support::{T0, error, plan_text, reply, spec, spec_with, truncated};

const DIRECT: &str = r#"{"mode": "direct", "analysis": "One fact."}"#;

fn asked(mode: Mode) -> WorkflowSpec {
    spec_with(|spec| spec.options.mode = mode)
}

fn at_most_one(mode: Mode) -> WorkflowSpec {
    spec_with(|spec| {
        spec.options.mode = mode;
        spec.options.max_subtasks = 1;
    })
}

/// A client's own single subtask.
fn single() -> WorkflowSpec {
    spec_with(|spec| spec.tasks = Some(Plan::from_client("", vec![TaskDraft::new("Do it.")], 8).unwrap()))
}

fn step_names(flow: &Flow) -> Vec<String> {
    let view = flow.view();
    let steps = view["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| step["name"].as_str().unwrap().to_owned())
        .collect()
}

fn refuse(flow: &mut Flow, step: &str) {
    for _ in 0..2 {
        flow.fail(step, error(ErrorClass::Permanent, ErrorName::BadRequest));
    }
}

fn costing(tokens: u64, reply: ModelReply) -> ModelReply {
    ModelReply {
        usage: Some(Usage {
            prompt_tokens: tokens,
            completion_tokens: 0,
        }),
        ..reply
    }
}

#[test]
fn direct_is_one_call_of_the_big_model_from_the_request_alone() {
    let mut flow = Flow::start(asked(Mode::Direct));
    assert_eq!(
        flow.told(),
        [
            "workflow_queued",
            "workflow_started",
            "plan_accepted ",
            "attempt_started synthesis #1 big-a"
        ]
    );
    assert!(matches!(
        &flow.log[2].event,
        Event::PlanAccepted { plan, source: PlanSource::Client, .. } if plan.is_direct()
    ));
    let Brief::Direct { prompt, .. } = flow.request("synthesis").brief else {
        panic!()
    };
    assert_eq!(prompt, "Compare three databases.");
    flow.reply("synthesis", "The answer.");
    assert_eq!(flow.told(), ["attempt_completed synthesis #1", "workflow_completed"]);
    let view = flow.view();
    assert_eq!(step_names(&flow), ["synthesis"]);
    assert_eq!(
        view["output"],
        json!({
            "orchestratorTasks": ["Compare three databases."],
            "workerResponses": ["The answer."],
            "finalResult": "The answer.",
        })
    );
    assert_eq!(
        view["mode"],
        json!({ "asked": "direct", "chosen": "direct", "reason": "The request asked for it." })
    );
    assert_eq!(
        (&view["plan"]["mode"], &view["plan"]["tasks"]),
        (&json!("direct"), &json!([]))
    );
    assert_eq!((&view["usage"]["model_calls"], flow.warnings().len()), (&json!(1), 0));
}

#[test]
fn an_explicit_maximum_of_one_subtask_is_direct_whatever_the_mode() {
    for mode in [Mode::Auto, Mode::Split] {
        let flow = Flow::start(at_most_one(mode));
        assert_eq!(
            (flow.in_flight(), step_names(&flow)),
            (vec!["synthesis".into()], vec!["synthesis".to_owned()])
        );
        assert_eq!(
            flow.view()["mode"]["reason"],
            "The request allows no more than one subtask."
        );
    }
}

#[test]
fn a_planner_may_choose_direct_and_says_why() {
    let mut flow = Flow::start(spec());
    assert_eq!(
        flow.view()["mode"],
        json!({ "asked": "auto", "chosen": null, "reason": null })
    );
    flow.reply("plan", DIRECT);
    assert_eq!(flow.in_flight(), ["synthesis"]);
    assert_eq!(step_names(&flow), ["plan", "synthesis"]);
    assert_eq!(
        flow.view()["mode"],
        json!({ "asked": "auto", "chosen": "direct", "reason": "One fact." })
    );
    assert!(matches!(flow.request("synthesis").brief, Brief::Direct { .. }));
    flow.reply("synthesis", "S");
    assert_eq!((flow.workflow.result(), flow.warnings().len()), (Some("S"), 0));
    assert_eq!(flow.view()["output"]["workerResponses"], json!(["S"]));
}

#[test]
fn a_plan_of_one_subtask_is_direct_also_where_two_were_the_same() {
    let twins = json!({ "tasks": ["Do it.", "Do  it."] }).to_string();
    for text in [plan_text(&[("a", &[])]), twins] {
        let mut flow = Flow::start(spec());
        flow.reply("plan", text);
        assert_eq!(step_names(&flow), ["plan", "synthesis"]);
        assert_eq!(flow.view()["mode"]["reason"], "The plan has only one subtask.");
        assert_eq!(flow.warnings(), [""; 0]);
    }
}

#[test]
fn direct_is_no_plan_where_the_request_asked_to_split_unless_the_planner_says_so_twice() {
    let mut flow = Flow::start(asked(Mode::Split));
    flow.reply("plan", DIRECT);
    assert_eq!(flow.in_flight(), ["plan"]);
    let Brief::Plan { repair, .. } = flow.request("plan").brief else {
        panic!()
    };
    let reason = repair.unwrap().reason;
    assert!(reason.contains("at least two tasks"), "{reason}");
    flow.reply("plan", DIRECT);
    assert_eq!(flow.in_flight(), ["synthesis"], "an answer is better than none");
    assert_eq!(flow.warnings(), ["plan mode"]);
    let mut flow = Flow::start(asked(Mode::Split));
    flow.reply("plan", DIRECT);
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &[])]));
    assert_eq!(flow.in_flight(), ["subtask/a", "subtask/b"]);
    assert_eq!(flow.view()["mode"]["reason"], "The request asked for it.");
}

#[test]
fn nobody_has_to_approve_a_direct_answer() {
    let approval = |spec: &mut WorkflowSpec| spec.options.approval = Approval::Plan;
    let mut flow = Flow::start(spec_with(approval));
    flow.reply("plan", DIRECT);
    assert_eq!(flow.in_flight(), ["synthesis"]);
    let mut spec = asked(Mode::Direct);
    approval(&mut spec);
    assert_eq!(Flow::start(spec).in_flight(), ["synthesis"]);
    // A client's own subtasks wait as ever.
    let mut spec = single();
    approval(&mut spec);
    let mut flow = Flow::start(spec);
    assert_eq!(flow.status(), Status::Waiting);
    flow.control(Control::Approve(None));
    assert_eq!(flow.in_flight(), ["subtask/t1"]);
}

#[test]
fn a_truncated_direct_answer_is_continued_and_kept_where_that_fails() {
    let mut flow = Flow::start(asked(Mode::Direct));
    flow.finish("synthesis", Ok(truncated("one, ")));
    let Brief::Direct { continue_from, .. } = flow.request("synthesis").brief else {
        panic!()
    };
    assert_eq!(continue_from.as_deref(), Some("one, "));
    refuse(&mut flow, "synthesis");
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Complete, Some("one, "))
    );
    assert!(flow.warnings().contains(&"synthesis truncated".to_owned()));
    assert_eq!(flow.view()["output"]["workerResponses"], json!(["one, "]));
}

#[test]
fn a_direct_answer_that_fails_is_an_error_and_can_be_restarted() {
    let mut flow = Flow::start(asked(Mode::Direct));
    refuse(&mut flow, "synthesis");
    assert_eq!(
        (flow.status(), flow.error().0.as_str()),
        (Status::Errored, "BadRequest")
    );
    for from in [
        RestartFrom::Failed,
        RestartFrom::Everything,
        RestartFrom::Step(StepName::Synthesis),
        RestartFrom::Step(StepName::Plan),
    ] {
        flow.control(Control::Restart(from));
        assert_eq!(flow.in_flight(), ["synthesis"]);
    }
    flow.reply("synthesis", "S");
    assert_eq!(flow.workflow.result(), Some("S"));
}

#[test]
fn a_limit_ends_a_direct_answer_with_what_there_is() {
    let with_deadline = || {
        Flow::start(spec_with(|spec| {
            spec.options.mode = Mode::Direct;
            spec.options.deadline_seconds = Some(100);
        }))
    };
    let mut flow = with_deadline();
    flow.pass(99_000);
    assert_eq!(flow.in_flight(), ["synthesis"], "three quarters leave the answer alone");
    flow.pass(1_000);
    assert_eq!(
        (flow.status(), flow.error().0.as_str()),
        (Status::Errored, "LimitReached")
    );
    let mut flow = with_deadline();
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

    // Between two parts no call is running.
    let mut flow = Flow::start(spec_with(|spec| {
        spec.options.mode = Mode::Direct;
        spec.options.token_budget = Some(1_000);
    }));
    flow.finish("synthesis", Ok(costing(2_000, truncated("The first half"))));
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Complete, Some("The first half"))
    );
    let mut flow = Flow::start(spec_with(|spec| spec.options.token_budget = Some(1_000)));
    flow.finish("plan", Ok(costing(2_000, reply(DIRECT))));
    assert_eq!(
        (flow.status(), flow.error().0.as_str()),
        (Status::Errored, "LimitReached")
    );
}

#[test]
fn a_clients_single_subtask_is_the_answer_without_its_notes() {
    let mut flow = Flow::start(single());
    assert_eq!(flow.in_flight(), ["subtask/t1"]);
    flow.told();
    flow.reply(
        "subtask/t1",
        "\nDas ist die Lösung.\n\nNote: check the second figure.\n",
    );
    assert_eq!(
        flow.told(),
        [
            "attempt_completed subtask/t1 #1",
            "answer_assembled",
            "workflow_completed"
        ]
    );
    assert_eq!(flow.workflow.result(), Some("Das ist die Lösung."));
    let view = flow.view();
    assert_eq!(view["output"]["workerResponses"], json!(["Das ist die Lösung."]));
    assert_eq!(
        view["mode"],
        json!({
            "asked": "auto", "chosen": "split", "reason": "The request has its own subtasks.",
        })
    );
    assert_eq!(step_names(&flow), ["subtask/t1", "synthesis"]);
    let synthesis = flow.step("synthesis");
    assert_eq!(
        (&synthesis["attempts"], &synthesis["state"]),
        (&json!([]), &json!("complete"))
    );
    assert!(synthesis["start"].is_string() && synthesis["end"] == synthesis["start"]);
    assert_eq!(flow.warnings(), [""; 0]);
    // A restart of it asks for it again, and one of the synthesis has nothing to ask.
    flow.restart_from("synthesis");
    assert_eq!(
        (flow.status(), flow.workflow.result()),
        (Status::Complete, Some("Das ist die Lösung."))
    );
    flow.restart_from("subtask/t1");
    flow.finish("subtask/t1", Ok(truncated("Another one")));
    assert_eq!(
        (flow.workflow.result(), flow.warnings()),
        (Some("Another one"), vec!["subtask/t1 truncated".into()])
    );
}

#[test]
fn a_clients_single_subtask_of_nothing_but_notes_is_better_than_nothing() {
    let mut flow = Flow::start(single());
    flow.reply("subtask/t1", "Note: there is nothing to do.");
    assert_eq!(flow.workflow.result(), Some("Note: there is nothing to do."));
}

#[test]
fn a_clients_single_subtask_that_fails_is_an_error_and_a_limit_does_not_cost_its_answer() {
    let mut flow = Flow::start(single());
    refuse(&mut flow, "subtask/t1");
    assert_eq!(
        (flow.status(), flow.error().0.as_str()),
        (Status::Errored, "AllSubtasksFailed")
    );
    let mut spec = single();
    spec.options.token_budget = Some(100);
    let mut flow = Flow::start(spec);
    flow.finish("subtask/t1", Ok(costing(5_000, reply("A"))));
    assert_eq!(
        (flow.workflow.result(), flow.warnings()),
        (Some("A"), vec!["plan budget".into()])
    );
}

/// As 0.1.0 wrote it: without versions of prompts.
fn recorded(events: Vec<Event>) -> Vec<Recorded> {
    let row = |(event, seq)| Recorded { seq, at: T0, event };
    events.into_iter().zip(1..).map(row).collect()
}

fn started(step: StepName, model: &str) -> Event {
    Event::AttemptStarted {
        step,
        run: 1,
        number: 1,
        model: model.into(),
        model_index: None,
        input_cut: false,
        prompts: None,
        request_sha256: None,
    }
}

fn accepted(plan: Plan, source: PlanSource) -> Event {
    Event::PlanAccepted {
        plan,
        source,
        merged: Vec::new(),
        estimate: None,
    }
}

#[test]
fn a_planner_that_an_older_build_has_asked_still_decides() {
    let mut flow = Flow::resume(recorded(vec![
        Event::WorkflowQueued {
            spec: Box::new(at_most_one(Mode::Auto)),
        },
        Event::WorkflowStarted {},
        started(StepName::Plan, "big-a"),
    ]));
    assert_eq!(flow.in_flight(), ["plan"]);
    flow.lose("plan");
    assert_eq!(flow.in_flight(), ["plan"]);
    flow.reply("plan", plan_text(&[("a", &[])]));
    assert_eq!(
        (flow.in_flight(), step_names(&flow)),
        (vec!["synthesis".into()], vec!["plan".to_owned(), "synthesis".into()])
    );
    // The next run of all is of this build.
    flow.control(Control::Restart(RestartFrom::Everything));
    assert_eq!(step_names(&flow), ["synthesis"]);
}

#[test]
fn a_single_subtask_of_an_older_builds_planner_is_followed_by_its_synthesis() {
    let plan = Plan::from_client("", vec![TaskDraft::new("Do it.")], 8).unwrap();
    let mut flow = Flow::resume(recorded(vec![
        Event::WorkflowQueued { spec: Box::new(spec()) },
        Event::WorkflowStarted {},
        started(StepName::Plan, "big-a"),
        Event::AttemptCompleted {
            step: StepName::Plan,
            run: 1,
            number: 1,
            text: plan_text(&[("t1", &[])]),
            truncated: false,
            unknown_finish: None,
            usage: AttemptUsage {
                prompt_tokens: 1,
                completion_tokens: 1,
                estimated: false,
            },
            model: None,
            adapted: Vec::new(),
        },
        accepted(plan, PlanSource::Planner),
        started(StepName::Subtask("t1".into()), "small-a"),
    ]));
    flow.reply("subtask/t1", "A\n\nNote: of 0.1.0, for the reader.");
    assert_eq!(flow.in_flight(), ["synthesis"]);
    flow.reply("synthesis", "S");
    assert_eq!(
        flow.view()["output"]["workerResponses"],
        json!(["A\n\nNote: of 0.1.0, for the reader."])
    );
    assert_eq!(flow.workflow.result(), Some("S"));
}

#[test]
fn a_synthesis_that_an_older_build_has_begun_for_a_single_subtask_goes_on() {
    let mut flow = Flow::start(single());
    flow.reply("subtask/t1", "A");
    let mut events: Vec<Event> = flow.log.iter().map(|recorded| recorded.event.clone()).collect();
    events.truncate(events.len() - 2);
    events.push(started(StepName::Synthesis, "big-a"));
    let mut flow = Flow::resume(recorded(events));
    flow.fail("synthesis", crate::support::transient());
    flow.pass(60_000);
    flow.reply("synthesis", "S");
    assert_eq!((flow.status(), flow.workflow.result()), (Status::Complete, Some("S")));
    flow.restart_from("subtask/t1");
    flow.reply("subtask/t1", "B");
    assert_eq!(
        flow.workflow.result(),
        Some("B"),
        "the next answer is made by this build"
    );
}

#[test]
fn an_answer_longer_than_the_client_allows_has_a_warning() {
    let length = |length: Length, words: usize| {
        let mut flow = Flow::start(spec_with(|spec| {
            spec.options.mode = Mode::Direct;
            spec.options.length = length;
        }));
        flow.reply("synthesis", "word ".repeat(words));
        (flow.view()["answer"].clone(), flow.warnings())
    };
    let answer = |words: usize, limit: Value| json!({ "words": words, "limit": limit, "reviewed": false });
    let too_long = || vec!["synthesis length".to_owned()];
    assert_eq!(length(Length::Brief, 440), (answer(440, json!(400)), vec![]));
    assert_eq!(length(Length::Brief, 441), (answer(441, json!(400)), too_long()));
    assert_eq!(length(Length::MaxWords(50), 56), (answer(56, json!(50)), too_long()));
    assert_eq!(length(Length::Normal, 5_000), (answer(5_000, json!(null)), vec![]));
    assert_eq!(length(Length::Full, 5_000), (answer(5_000, json!(null)), vec![]));
}

#[test]
fn the_plans_length_is_the_limit_that_is_shown_where_the_client_named_none() {
    let mut flow = Flow::start(spec());
    flow.reply(
        "plan",
        json!({ "length": 900, "tasks": ["Do this.", "Do that."] }).to_string(),
    );
    assert!(flow.view()["answer"].is_null());
    flow.reply("subtask/t1", "A");
    flow.reply("subtask/t2", "B");
    flow.reply("synthesis", "One two three, and ```code```.");
    assert_eq!(
        flow.view()["answer"],
        json!({ "words": 5, "limit": 900, "reviewed": false })
    );
}
