//! `approval: "plan"`: a person approves each plan, or edits it.

use orchestrator_workers::engine::words::event::Event;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::plan::{Plan, PlanDraft, PlanEdit, TaskDraft};
use orchestrator_workers::engine::words::spec::{Approval, WorkflowSpec};
use orchestrator_workers::engine::{Control, Input, Rejection, RestartFrom};

use crate::flow::Flow;
use crate::support::{plan_text, spec_with};

fn with_approval() -> WorkflowSpec {
    spec_with(|spec| spec.options.approval = Approval::Plan)
}

fn waiting() -> Flow {
    let mut flow = Flow::planned(with_approval(), &[("a", &[]), ("b", &[])]);
    flow.told();
    flow
}

#[test]
fn a_plan_waits_for_its_approval_and_runs_after_it() {
    let mut flow = waiting();
    assert_eq!((flow.status(), flow.in_flight().len()), (Status::Waiting, 0));
    assert_eq!(
        flow.step("subtask/a")["state"],
        "pending",
        "the proposed plan can be read"
    );
    flow.control(Control::Approve(None));
    assert_eq!(
        flow.told(),
        [
            "plan_approved",
            "attempt_started subtask/a #1 small-a",
            "attempt_started subtask/b #1 small-a"
        ]
    );
}

#[test]
fn an_edited_plan_takes_the_place_of_the_proposed_one() {
    let mut flow = waiting();
    flow.control(Control::Approve(Some(vec![TaskDraft::new("Only this.")].into())));
    assert_eq!(
        flow.told(),
        ["plan_approved edited", "attempt_started subtask/t1 #1 small-a"]
    );
    flow.reply("subtask/t1", "T");
    // A single subtask of the client's own is the answer.
    assert_eq!(
        flow.view()["output"],
        serde_json::json!({ "orchestratorTasks": ["Only this."], "workerResponses": ["T"], "finalResult": "T" })
    );
}

#[test]
fn an_edit_changes_what_it_names_and_leaves_the_rest_as_proposed() {
    let draft = PlanDraft {
        shared: "The port is 8080.".to_owned(),
        criteria: vec!["names the port".to_owned()],
        tasks: vec![TaskDraft {
            criteria: vec![1],
            ..TaskDraft::new("Do it.")
        }],
        ..PlanDraft::default()
    };
    let spec = spec_with(|spec| {
        spec.options.approval = Approval::Plan;
        spec.tasks = Some(Plan::from_draft(draft, 8).unwrap());
    });
    let mut flow = Flow::start(spec.clone());
    let edit = |criteria: Option<Vec<String>>| PlanEdit {
        shared: Some("The port is 9090.".to_owned()),
        criteria,
        ..PlanEdit::default()
    };
    // The task would answer for a criterion that is gone.
    let refused = flow.handle(Input::Control(Control::Approve(Some(edit(Some(Vec::new()))))));
    assert!(matches!(refused, Err(Rejection::InvalidPlan(_))), "{refused:?}");
    flow.told();
    flow.control(Control::Approve(Some(PlanEdit::default())));
    assert_eq!(flow.told()[0], "plan_approved", "an edit of nothing is none");

    let mut flow = Flow::start(spec);
    flow.told();
    flow.control(Control::Approve(Some(edit(None))));
    assert_eq!(flow.told()[0], "plan_approved edited");
    let approved = flow.log.iter().find_map(|recorded| match &recorded.event {
        Event::PlanApproved { plan, .. } => plan.as_ref(),
        _ => None,
    });
    let approved = approved.unwrap();
    assert_eq!((approved.shared(), approved.criteria().len()), ("The port is 9090.", 1));
    assert_eq!(approved.tasks()[0].criteria, [1]);
}

#[test]
fn an_invalid_edit_is_refused_and_the_workflow_waits_on() {
    let mut flow = waiting();
    for tasks in [vec![], vec![TaskDraft::new("x"); 9]] {
        let refused = flow.handle(Input::Control(Control::Approve(Some(tasks.into()))));
        assert!(matches!(refused, Err(Rejection::InvalidPlan(_))), "{refused:?}");
    }
    assert_eq!((flow.status(), flow.told()), (Status::Waiting, vec![]));
}

#[test]
fn approving_twice_is_harmless_unless_the_second_time_edits() {
    let mut flow = waiting();
    flow.control(Control::Approve(None));
    flow.told();
    flow.control(Control::Approve(None));
    assert_eq!(flow.told(), [""; 0]);
    let refused = flow.handle(Input::Control(Control::Approve(Some(
        vec![TaskDraft::new("Late.")].into(),
    ))));
    assert!(matches!(refused, Err(Rejection::Conflict { .. })), "{refused:?}");
}

#[test]
fn a_clients_own_tasks_wait_too() {
    let flow = Flow::start(spec_with(|spec| {
        spec.options.approval = Approval::Plan;
        spec.tasks = Some(Plan::from_client("", vec![TaskDraft::new("Do it.")], 8).unwrap());
    }));
    assert_eq!(flow.status(), Status::Waiting);
}

#[test]
fn every_new_plan_waits_again_and_a_restart_of_a_step_does_not() {
    let mut flow = waiting();
    flow.control(Control::Approve(None));
    flow.reply("subtask/a", "A");
    flow.restart_from("subtask/a");
    assert_eq!(flow.status(), Status::Running);
    flow.control(Control::Restart(RestartFrom::Everything));
    flow.reply("plan", plan_text(&[("x", &[]), ("y", &["x"])]));
    assert_eq!(flow.status(), Status::Waiting);
}

#[test]
fn a_step_restarted_before_the_approval_does_not_slip_past_it() {
    let mut flow = waiting();
    flow.restart_from("subtask/a");
    assert_eq!((flow.status(), flow.in_flight().len()), (Status::Waiting, 0));
}

#[test]
fn a_waiting_workflow_survives_a_crash() {
    let flow = waiting();
    let mut flow = Flow::resume(flow.log);
    flow.handle(Input::TimePassed).unwrap();
    assert_eq!(flow.status(), Status::Waiting);
    flow.control(Control::Approve(None));
    assert_eq!(flow.in_flight(), ["subtask/a", "subtask/b"]);
}
