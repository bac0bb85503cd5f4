//! What bounds a journal: its bytes, its pauses. Reaching a bound ends the run with what is there, or is a clear error.

use orchestrator_workers::engine::show::view::Extent;
use orchestrator_workers::engine::words::codec;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::{PAUSES_MAX, WorkflowSpec};
use orchestrator_workers::engine::{Control, ControlBound, Event, Input, Rejection, RestartFrom};

use crate::flow::Flow;
use crate::support::{spec, spec_with};

const MIB: u64 = 1024 * 1024;

/// Room for three answers of 1 MB, and for the reserve.
fn bounded() -> WorkflowSpec {
    spec_with(|spec| {
        spec.policy.journal_bytes_max = 6 * MIB;
        spec.options.max_concurrency = 2;
    })
}

fn long(name: &str) -> String {
    name.repeat(1_000_000)
}

fn bytes(flow: &Flow) -> u64 {
    let row = |recorded: &orchestrator_workers::engine::Recorded| codec::encode(&recorded.event).1.len() as u64;
    flow.log.iter().map(row).sum()
}

#[test]
fn at_three_quarters_of_the_journal_no_subtask_starts_and_the_synthesis_takes_what_is_there() {
    let ids = ["a", "b", "c", "d", "e", "f"].map(|id| (id, &[] as &[&str]));
    let mut flow = Flow::planned(bounded(), &ids);
    for id in ["a", "b", "c"] {
        flow.reply(&format!("subtask/{id}"), long(id));
    }
    assert_eq!(
        flow.in_flight(),
        ["subtask/d", "subtask/e"],
        "three are below three quarters"
    );
    flow.reply("subtask/d", long("d"));
    assert_eq!(flow.in_flight(), ["subtask/e"], "f does not start");
    flow.reply("subtask/e", "short");
    // What is too long for the model together is condensed first.
    while flow.in_flight() != ["synthesis"] {
        let reduction = flow.in_flight().remove(0);
        flow.reply(&reduction, "condensed");
    }
    flow.reply("synthesis", "the whole");
    assert_eq!(flow.status(), Status::Complete);
    assert_eq!(flow.warnings(), ["subtask/f skipped", "synthesis limit"]);
    let message = flow.view()["warnings"][1]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("three quarters of the journal's bound (6291456 bytes)"),
        "{message}"
    );
}

#[test]
fn a_journal_never_passes_its_bound() {
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|id| (id, &[] as &[&str]));
    let spec = spec_with(|spec| spec.policy.journal_bytes_max = 6 * MIB);
    let mut flow = Flow::planned(spec, &ids);
    while flow.status() == Status::Running {
        let step = flow.in_flight().remove(0);
        flow.reply(&step, long("x"));
    }
    assert_eq!(flow.status(), Status::Complete);
    assert!(
        flow.warnings().contains(&"synthesis limit".to_owned()),
        "{:?}",
        flow.warnings()
    );
    let bytes = bytes(&flow);
    assert!((4 * MIB..6 * MIB).contains(&bytes), "{bytes}");
}

#[test]
fn a_restart_needs_room_in_the_journal() {
    let ids = ["a", "b", "c", "d", "e"].map(|id| (id, &[] as &[&str]));
    let spec = spec_with(|spec| spec.policy.journal_bytes_max = 6 * MIB);
    let mut flow = Flow::planned(spec, &ids);
    while flow.status() == Status::Running {
        let step = flow.in_flight().remove(0);
        flow.reply(&step, long("x"));
    }
    let full = Err(Rejection::AtBound {
        bound: ControlBound::Journal { bytes_max: 6 * MIB },
        status: Status::Complete,
        allowed: Vec::new(),
    });
    for from in [RestartFrom::Everything, RestartFrom::Step("subtask/a".parse().unwrap())] {
        assert_eq!(flow.handle(Input::Control(Control::Restart(from))), full);
    }
    assert_eq!(flow.status(), Status::Complete, "the answer is still there");
    assert!(!flow.workflow.can_restart());
}

#[test]
fn a_workflow_can_be_paused_a_thousand_times() {
    let mut workflow = Flow::start(spec()).workflow;
    let now = workflow.last_at();
    let mut control = |control| workflow.handle(Input::Control(control), now, 0).map(drop);
    for _ in 0..PAUSES_MAX {
        // The plan's call goes on, so that each pause is asked for and taken back before it has begun.
        control(Control::Pause).unwrap();
        control(Control::Resume).unwrap();
    }
    let refused = control(Control::Pause);
    let is_bound = matches!(
        &refused,
        Err(Rejection::AtBound {
            bound: ControlBound::Pauses,
            ..
        })
    );
    assert!(is_bound, "{refused:?}");
    assert_eq!(workflow.allowed_controls(), ["terminate", "restart"]);
    let mut control = |control| workflow.handle(Input::Control(control), now, 0).map(drop);
    assert_eq!(control(Control::Terminate), Ok(()), "every other control is as it was");
}

#[test]
fn a_journal_beyond_its_bound_is_shown_without_the_texts_of_subtasks() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    flow.reply("synthesis", "the whole");
    // As an older build could leave it, which knew no bound.
    let mut log = flow.log.clone();
    if let Event::WorkflowQueued { spec } = &mut log[0].event {
        spec.policy.journal_bytes_max = 500;
    }
    let view = serde_json::to_value(Flow::resume(log).workflow.view(Extent::FULL)).unwrap();
    assert_eq!(view["output"]["finalResult"], "the whole");
    assert!(view["output"].get("workerResponses").is_none());
    assert_eq!(view["steps"].as_array().unwrap().len(), 4);
    assert!(view["steps"][1].get("output").is_none(), "{:#}", view["steps"][1]);
    let warning = &view["warnings"][0];
    assert_eq!(
        (&warning["step"], &warning["reason"]),
        (&"synthesis".into(), &"limit".into())
    );
    assert!(
        warning["message"].as_str().unwrap().contains("more than the 500"),
        "{warning}"
    );
}
