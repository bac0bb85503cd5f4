//! Any inputs in any order: the invariants hold, the journal replays to the same state, and nothing panics.
//! The simulation plays whole workflows on a plausible world; this throws at the engine what no world would, and
//! shrinks it.

use orchestrator_workers::engine::words::plan::{Form, Plan, PlanDraft, TaskDraft};
use orchestrator_workers::engine::words::spec::{Approval, Mode, OnSubtaskFailure, WorkflowSpec};
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{AttemptId, Control, Input, RestartFrom};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::{ErrorClass, Finish, ModelReply, Usage};
use proptest::prelude::*;

use crate::flow::Flow;
use crate::support::{error, plan_text, spec_with};

#[derive(Clone, Debug)]
enum Throw {
    /// Time may go back.
    Clock(i64),
    Reply {
        nth: usize,
        kind: u8,
    },
    Fail {
        nth: usize,
        class: u8,
    },
    /// The same for an attempt that may never have been.
    Stray {
        step: usize,
        run: u32,
        number: u32,
        known_nonce: bool,
    },
    Lose,
    Control(u8, usize),
}

const STEPS: [&str; 8] = [
    "plan",
    "subtask/a",
    "subtask/b",
    "subtask/t1",
    "reduce/1",
    "edit/1",
    "edit/2",
    "synthesis",
];

/// Scripts of an editor, good and bad.
const SCRIPTS: [&str; 4] = [
    "@answer\nLead.\n\n@include a\n\n@include b\n",
    "@edit a\n<<<<\nan answer\n====\nanother\n>>>>\n@answer\n@include a\n@include zzz\n",
    "@edit a\n<<<<\nnowhere\n====\nanother\n>>>>\n@answer\n@include b\n",
    "@insert b\n<<<<\nan answer\n====\nmore\n>>>>\n@ans",
];

fn throws() -> impl Strategy<Value = Vec<Throw>> {
    let throw = prop_oneof![
        (-5_000_i64..200_000).prop_map(Throw::Clock),
        (any::<usize>(), 0_u8..14).prop_map(|(nth, kind)| Throw::Reply { nth, kind }),
        (any::<usize>(), 0_u8..4).prop_map(|(nth, class)| Throw::Fail { nth, class }),
        (0..STEPS.len(), 1_u32..4, 1_u32..4, any::<bool>()).prop_map(|(step, run, number, known_nonce)| Throw::Stray {
            step,
            run,
            number,
            known_nonce
        }),
        Just(Throw::Lose),
        (0_u8..8, 0..STEPS.len()).prop_map(|(control, step)| Throw::Control(control, step)),
    ];
    proptest::collection::vec(throw, 0..40)
}

fn specs() -> impl Strategy<Value = WorkflowSpec> {
    let limits = (proptest::option::of(0_u64..300), proptest::option::of(0_u64..400));
    (
        limits,
        any::<bool>(),
        any::<bool>(),
        0_u32..4,
        prop_oneof![Just(1_u32), Just(4_096), Just(131_072)],
        prop_oneof![
            Just(Mode::Auto),
            Just(Mode::Auto),
            Just(Mode::Split),
            Just(Mode::Direct)
        ],
        prop_oneof![Just(8_u32), Just(8), Just(1)],
        proptest::option::weighted(0.3, 1_usize..4),
    )
        .prop_map(
            |((deadline, budget), approval, fail, concurrency, context, mode, most, own)| {
                spec_with(|spec| {
                    spec.options.deadline_seconds = deadline;
                    spec.options.token_budget = budget;
                    spec.options.approval = if approval { Approval::Plan } else { Approval::None };
                    spec.options.on_subtask_failure = if fail {
                        OnSubtaskFailure::Fail
                    } else {
                        OnSubtaskFailure::Continue
                    };
                    spec.options.max_concurrency = concurrency;
                    spec.options.mode = mode;
                    spec.options.max_subtasks = most;
                    spec.tasks = own.map(own_tasks);
                    for model in spec.big_models.iter_mut().chain(&mut spec.small_models) {
                        model.context_tokens = context;
                    }
                })
            },
        )
}

/// A client's own subtasks, to be assembled.
fn own_tasks(count: usize) -> Plan {
    let tasks = (1..=count).map(|number| TaskDraft::new(format!("Do {number}.")));
    let draft = PlanDraft {
        form: Form::Assemble,
        tasks: tasks.collect(),
        ..PlanDraft::default()
    };
    Plan::from_draft(draft, 8).unwrap()
}

fn assembled(tasks: &[(&str, &[&str])]) -> String {
    plan_text(tasks).replacen('{', r#"{"form": "assemble", "#, 1)
}

fn nth(flow: &Flow, nth: usize) -> Option<AttemptId> {
    let attempts = flow.workflow.in_flight();
    attempts.get(nth.checked_rem(attempts.len())?).cloned()
}

fn reply(kind: u8) -> ModelReply {
    let text = match kind {
        0 => plan_text(&[("a", &[]), ("b", &["a"])]),
        1 => plan_text(&[("a", &[]), ("b", &[]), ("c", &["a", "b"])]),
        2 => String::new(),
        3 => "word ".repeat(9_000),
        4 => "\u{1}\"\\".repeat(50),
        7 | 8 => assembled(&[("a", &[]), ("b", &[])]),
        9 => r#"{"mode": "direct"}"#.to_owned(),
        10.. => SCRIPTS[usize::from(kind - 10)].to_owned(),
        _ => "an answer".to_owned(),
    };
    ModelReply {
        text,
        finish: if kind.is_multiple_of(2) || kind == 7 {
            Finish::Stop
        } else {
            Finish::Length
        },
        usage: (kind != 5).then(Usage::default),
        model: None,
        adapted: Vec::new(),
    }
}

fn control(kind: u8, step: usize) -> Control {
    match kind {
        0 => Control::Pause,
        1 => Control::Resume,
        2 => Control::Terminate,
        3 => Control::Approve(None),
        4 => Control::Approve(Some(vec![TaskDraft::new("Edited.")].into())),
        5 => Control::Restart(RestartFrom::Everything),
        6 => Control::Restart(RestartFrom::Failed),
        _ => Control::Restart(RestartFrom::Step(STEPS[step].parse().unwrap())),
    }
}

fn throw(flow: &mut Flow, throw: Throw) {
    const CLASSES: [ErrorClass; 4] = [
        ErrorClass::Transient,
        ErrorClass::Permanent,
        ErrorClass::Quota,
        ErrorClass::Interrupted,
    ];
    let input = match throw {
        Throw::Clock(ms) => {
            flow.now = Timestamp(flow.now.0.saturating_add_signed(ms));
            Some(Input::TimePassed)
        }
        Throw::Reply { nth: index, kind } => nth(flow, index).map(|attempt| Input::AttemptFinished {
            attempt,
            outcome: Ok(reply(kind)),
        }),
        Throw::Fail { nth: index, class } => nth(flow, index).map(|attempt| Input::AttemptFinished {
            attempt,
            outcome: Err(error(CLASSES[usize::from(class)], ErrorName::HttpError)),
        }),
        Throw::Stray {
            step,
            run,
            number,
            known_nonce,
        } => Some(Input::AttemptFinished {
            attempt: AttemptId {
                nonce: if known_nonce { "nonce-1" } else { "another" }.into(),
                run,
                step: STEPS[step].parse().unwrap(),
                number,
            },
            outcome: Ok(reply(0)),
        }),
        Throw::Lose => Some(Input::AttemptsLost(flow.workflow.in_flight())),
        Throw::Control(kind, step) => Some(Input::Control(control(kind, step))),
    };
    if let Some(input) = input {
        // A refusal is an answer, too.
        let _ = flow.handle(input);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_thrown_at_it_the_engine_keeps_its_invariants(spec in specs(), throws in throws()) {
        let mut flow = Flow::start(spec);
        for each in throws {
            throw(&mut flow, each);
            for attempt in flow.workflow.in_flight() {
                prop_assert!(flow.workflow.model_request(&attempt).is_some(), "no request for {attempt:?}");
            }
            if let Some(at) = flow.workflow.wake_at(flow.now).filter(|_| flow.workflow.is_active()) {
                prop_assert!(at > flow.now, "woken in the past");
            }
        }
    }
}
