//! Every control in every status. The table is data: the tests walk it, and docs/api.md prints it.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::Approval;
use orchestrator_workers::engine::{Control, Input, Rejection, RestartFrom};
use orchestrator_workers::errors::ErrorName;

use crate::flow::Flow;
use crate::support::{plan_text, spec, spec_with, transient};

/// What a control leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    /// 200 with a changed workflow.
    To(Status),
    /// 200: its goal holds already, nothing happens.
    Already,
    /// 409.
    Refused,
}

use Effect::{Already, Refused, To};
use Status::{Complete, Errored, Paused, Queued, Running, Terminated, Waiting, WaitingForPause};

const STATUSES: [Status; 8] = [
    Queued,
    Running,
    Waiting,
    WaitingForPause,
    Paused,
    Complete,
    Errored,
    Terminated,
];

/// A row per control, a column per status of [`STATUSES`]. Each cell is for the workflow that [`in_status`] makes: one
/// call in flight where it runs, paused from `running`. Approve is without an edited plan.
#[rustfmt::skip]
const TABLE: [(&str, [Effect; 8]); 5] = [
    //  queued           running              waiting          waitingForPause
    //  paused           complete             errored          terminated
    ("pause", [
        To(Paused),      To(WaitingForPause), To(Paused),      Already,
        Already,         Refused,             Refused,         Refused,
    ]),
    ("resume", [
        Already,         Already,             Refused,         To(Running),
        To(Running),     Refused,             Refused,         Refused,
    ]),
    ("terminate", [
        To(Terminated),  To(Terminated),      To(Terminated),  To(Terminated),
        To(Terminated),  Refused,             Refused,         Already,
    ]),
    ("approve", [
        Refused,         Refused,             To(Running),     Refused,
        Refused,         Refused,             Refused,         Refused,
    ]),
    ("restart", [
        To(Running),     To(Running),         To(Running),     To(Running),
        To(Running),     To(Running),         To(Running),     To(Running),
    ]),
];

fn control(name: &str) -> Control {
    match name {
        "pause" => Control::Pause,
        "resume" => Control::Resume,
        "terminate" => Control::Terminate,
        "approve" => Control::Approve(None),
        "restart" => Control::Restart(RestartFrom::Everything),
        other => panic!("{other}"),
    }
}

fn in_status(status: Status) -> Flow {
    if status == Queued {
        return Flow::create(spec());
    }
    let approval = if status == Waiting {
        Approval::Plan
    } else {
        Approval::None
    };
    let spec = spec_with(|spec| {
        spec.options.approval = approval;
        spec.small_models.truncate(1);
    });
    let mut flow = Flow::planned(spec, &[("a", &[]), ("b", &["a"])]);
    match status {
        Queued | Running | Waiting => {}
        WaitingForPause => flow.control(Control::Pause),
        Paused => {
            flow.fail("subtask/a", transient());
            flow.control(Control::Pause);
        }
        Complete => {
            flow.reply("subtask/a", "A");
            flow.reply("subtask/b", "B");
            flow.reply("synthesis", "S");
        }
        Errored => {
            for step in ["subtask/a", "subtask/b"] {
                let class = orchestrator_workers::model::ErrorClass::Permanent;
                flow.fail(step, crate::support::error(class, ErrorName::BadRequest));
            }
        }
        Terminated => flow.control(Control::Terminate),
    }
    flow.told();
    assert_eq!(flow.status(), status);
    flow
}

#[test]
fn every_control_in_every_status_does_what_the_table_says() {
    for (name, effects) in TABLE {
        for (status, effect) in STATUSES.into_iter().zip(effects) {
            let mut flow = in_status(status);
            let case = format!("{name} while {}", status.as_str());
            flow.told();
            let result = flow.handle(Input::Control(control(name)));
            match effect {
                To(after) => {
                    assert_eq!(result, Ok(()), "{case}");
                    assert_eq!(flow.status(), after, "{case}");
                    assert_ne!(flow.told(), [""; 0], "{case}");
                }
                // A queued workflow is on its way whatever it is asked.
                Already if status == Queued => assert_eq!(result, Ok(()), "{case}"),
                Already => {
                    assert_eq!(result, Ok(()), "{case}");
                    assert_eq!((flow.status(), flow.told()), (status, vec![]), "{case}");
                }
                Refused => {
                    assert!(
                        matches!(&result, Err(Rejection::Conflict { status: named, .. }) if *named == status),
                        "{case}: {result:?}"
                    );
                    assert_eq!((flow.status(), flow.told()), (status, vec![]), "{case}");
                }
            }
        }
    }
}

#[test]
fn a_refusal_names_the_status_and_what_is_allowed_and_that_is_what_the_table_allows() {
    for (column, status) in STATUSES.into_iter().enumerate() {
        let flow = in_status(status);
        let mut expected: Vec<&str> = TABLE
            .iter()
            .filter(|(_, effects)| matches!(effects[column], To(_)))
            .map(|(name, _)| *name)
            .collect();
        let mut allowed = flow.workflow.allowed_controls();
        expected.sort_unstable();
        allowed.sort_unstable();
        assert_eq!(allowed, expected, "{}", status.as_str());
    }
    let refusal = in_status(Complete).handle(Input::Control(Control::Pause)).unwrap_err();
    assert_eq!(refusal.to_string(), "not possible while the workflow is complete");
}

/// Between `<!-- controls -->` and `<!-- /controls -->`.
#[test]
fn the_page_of_the_api_prints_this_table() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/api.md")).unwrap();
    let (_, rest) = page
        .split_once("<!-- controls -->")
        .expect("docs/api.md has no table of controls");
    let (printed, _) = rest
        .split_once("<!-- /controls -->")
        .expect("the table has no end mark");
    assert_eq!(
        printed.trim(),
        markdown().trim(),
        "the table of docs/api.md should be:\n\n{}",
        markdown()
    );
}

fn markdown() -> String {
    let cell = |effect| match effect {
        To(status) => format!("`{}`", Status::as_str(status)),
        Already => "200, unchanged".to_owned(),
        Refused => "409".to_owned(),
    };
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let head = row([String::new()]
        .into_iter()
        .chain(STATUSES.map(|status| format!("`{}`", status.as_str())))
        .collect());
    let rule = row(vec!["---".to_owned(); STATUSES.len() + 1]);
    let rows = TABLE.map(|(name, effects)| row([format!("`{name}`")].into_iter().chain(effects.map(cell)).collect()));
    head + &rule + &rows.concat()
}

#[test]
fn while_pausing_attempts_finish_and_nothing_new_starts() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"]), ("c", &[])]);
    flow.control(Control::Pause);
    flow.reply("subtask/a", "A");
    assert_eq!(
        (flow.status(), flow.in_flight()),
        (WaitingForPause, vec!["subtask/c".to_owned()])
    );
    flow.fail("subtask/c", transient());
    assert_eq!(flow.status(), Paused);
    assert_eq!(
        flow.told(),
        [
            "workflow_waiting_for_pause",
            "attempt_completed subtask/a #1",
            "attempt_errored subtask/c #1 HttpError",
            "workflow_paused"
        ]
    );
    flow.control(Control::Resume);
    assert!(flow.in_flight().contains(&"subtask/b".to_owned()));
}

#[test]
fn if_the_last_attempt_ends_the_workflow_while_it_is_pausing_it_completes() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    flow.control(Control::Pause);
    flow.reply("synthesis", "S");
    assert_eq!(flow.status(), Complete);
}

#[test]
fn resuming_a_workflow_that_is_still_pausing_leaves_its_calls_alone() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    let attempt = flow.attempt("subtask/a");
    flow.control(Control::Pause);
    flow.control(Control::Resume);
    assert_eq!(flow.status(), Running);
    assert!(flow.workflow.is_current(&attempt));
}

#[test]
fn a_plan_that_arrives_while_pausing_is_kept_and_its_subtasks_wait() {
    let mut flow = Flow::start(spec());
    flow.control(Control::Pause);
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &["a"])]));
    assert_eq!((flow.status(), flow.in_flight().len()), (Paused, 0));
    flow.control(Control::Resume);
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn resume_leads_back_to_waiting_where_the_workflow_waited() {
    let mut flow = in_status(Waiting);
    flow.control(Control::Pause);
    assert_eq!(flow.status(), Paused);
    flow.control(Control::Resume);
    assert_eq!(flow.status(), Waiting);
}

#[test]
fn an_attempt_lost_while_pausing_is_not_repeated_before_the_resume() {
    let mut flow = in_status(WaitingForPause);
    flow.lose("subtask/a");
    assert_eq!(flow.status(), Paused);
    flow.control(Control::Resume);
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn terminate_ignores_a_late_reply() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    let attempt = flow.attempt("subtask/a");
    flow.control(Control::Terminate);
    flow.told();
    flow.handle(Input::AttemptFinished {
        attempt,
        outcome: Ok(crate::support::reply("late")),
    })
    .unwrap();
    assert_eq!((flow.status(), flow.told()), (Terminated, vec![]));
    assert_eq!(flow.view()["output"], serde_json::Value::Null);
}

#[test]
fn nothing_wakes_a_workflow_that_is_paused_or_waits_for_a_person() {
    for status in [Waiting, Paused] {
        let flow = in_status(status);
        assert_eq!(flow.workflow.wake_at(flow.now), None, "{}", status.as_str());
        assert!(!flow.workflow.is_active());
    }
}

#[test]
fn a_workflow_that_has_ended_wakes_for_its_purge() {
    for status in [Complete, Errored, Terminated] {
        let flow = in_status(status);
        assert_eq!(
            flow.workflow.wake_at(flow.now),
            Some(flow.now.plus_ms(30 * 86_400_000)),
            "{}",
            status.as_str()
        );
    }
}
