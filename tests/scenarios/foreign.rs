//! Stored events that nobody wrote: whatever stands in a journal, reading it, replaying it and going on with it is an
//! error at worst, never a panic, which would take every object of the isolate with it.
//!
//! The journals are those of the fixtures, with their values changed, their events shuffled, doubled, cut and mixed.

use orchestrator_workers::engine::show::view::Extent;
use orchestrator_workers::engine::words::codec::{self, DecodeError};
use orchestrator_workers::engine::words::event::EVENT_TYPES;
use orchestrator_workers::engine::words::step_name::StepName;
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{Control, Event, Input, Recorded, RestartFrom, Workflow};
use orchestrator_workers::model::Usage;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::fixtures::{folder, from_line};
use crate::support::{T0, plan_text, reply, spec, transient, truncated};

/// The fixtures' events: type and data.
fn stored() -> Vec<(String, Value)> {
    let mut rows = Vec::new();
    let files = |version: &str| std::fs::read_dir(folder().join(version)).unwrap();
    for file in files("0.1.0").chain(files("next")) {
        for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            let mut row: Value = serde_json::from_str(line).unwrap();
            rows.push((row["type"].as_str().unwrap().to_owned(), row["data"].take()));
        }
    }
    rows
}

/// Values that a careless reader stumbles over.
fn nasty() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![
            json!(null),
            json!(true),
            json!(0),
            json!(1),
            json!(-1),
            json!(0.5),
            json!(1e300),
            json!(u32::MAX),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(""),
            json!("\u{0}"),
            json!([]),
            json!([[]]),
            json!({}),
            json!({"v": 2}),
            json!("plan"),
            json!("subtask/t1"),
            json!("subtask/"),
            json!("reduce/4294967295"),
            json!("reduce/4294967296"),
            json!("edit/1"),
            json!("edit/2"),
            json!("edit/3"),
            json!("assemble"),
            json!("direct"),
            json!("synthesis"),
            json!("everything"),
            json!("é".repeat(5_000)),
        ]),
        ".{0,20}".prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
    ]
}

/// Replaces (or, with null, sometimes removes) the value at some place within `value`.
fn change(value: &mut Value, place: &Index, new: &Value) {
    let mut places = 0;
    count(value, &mut places);
    let mut at = place.index(places);
    replace(value, &mut at, new);
}

fn count(value: &Value, places: &mut usize) {
    *places += 1;
    match value {
        Value::Object(members) => members.values().for_each(|member| count(member, places)),
        Value::Array(items) => items.iter().for_each(|item| count(item, places)),
        _ => {}
    }
}

/// `at` counts down to the value to be replaced.
fn replace(value: &mut Value, at: &mut usize, new: &Value) -> bool {
    if *at == 0 {
        *value = new.clone();
        return true;
    }
    *at -= 1;
    match value {
        Value::Object(members) => {
            let removed = new.is_null().then(|| members.keys().next().cloned()).flatten();
            let done = members.values_mut().any(|member| replace(member, at, new));
            if done && let Some(name) = removed {
                members.remove(&name);
            }
            done
        }
        Value::Array(items) => items.iter_mut().any(|item| replace(item, at, new)),
        _ => false,
    }
}

/// A value to put in the place of another.
type Change = (Index, Value);

/// A journal after `workflow_queued`: any events in any order, some of them changed, at any times.
#[derive(Clone, Debug)]
struct Journal {
    spec: Index,
    changed_spec: Option<Change>,
    events: Vec<(Index, Option<Change>, u64)>,
    /// Of one fixture rather than of all.
    of_one: bool,
}

fn journal() -> impl Strategy<Value = Journal> {
    let change = || prop::option::weighted(0.2, (any::<Index>(), nasty()));
    let at = prop_oneof![4 => 0..100_000u64, 1 => Just(u64::MAX), 1 => any::<u64>()];
    let events = prop::collection::vec((any::<Index>(), change(), at), 0..40);
    (any::<Index>(), change(), events, any::<bool>()).prop_map(|(spec, changed_spec, events, of_one)| Journal {
        spec,
        changed_spec,
        events,
        of_one,
    })
}

fn decoded(rows: &[(String, Value)], index: &Index, change_at: &Option<Change>) -> Option<Event> {
    let (type_name, mut data) = index.get(rows).clone();
    if let Some((place, new)) = change_at {
        change(&mut data, place, new);
    }
    codec::decode(&type_name, &data.to_string()).ok()
}

fn recorded(journal: &Journal) -> Option<Vec<Recorded>> {
    let all = stored();
    let queued: Vec<(String, Value)> = all
        .iter()
        .filter(|(name, _)| name == "workflow_queued")
        .cloned()
        .collect();
    let others: Vec<(String, Value)> = all.into_iter().filter(|(name, _)| name != "workflow_queued").collect();
    let part = if journal.of_one {
        &others[..others.len() / 4]
    } else {
        &others[..]
    };
    let first = decoded(&queued, &journal.spec, &journal.changed_spec)?;
    let events = journal.events.iter().filter_map(|(index, change_at, at)| {
        let at = Timestamp(at.saturating_add(T0.0));
        Some((decoded(part, index, change_at)?, at))
    });
    let log = std::iter::once((first, T0)).chain(events).zip(1..);
    Some(log.map(|((event, at), seq)| Recorded { seq, at, event }).collect())
}

/// Everything that the runner and the API do with a workflow.
fn use_it(workflow: &mut Workflow, now: Timestamp) {
    look_at_it(workflow, now);
    for attempt in workflow.in_flight() {
        workflow.model_request(&attempt);
        let text = if attempt.step == StepName::Plan {
            plan_text(&[("a", &[]), ("b", &["a"])])
        } else {
            "An answer.".to_owned()
        };
        let outcome = match attempt.number % 4 {
            0 => Err(transient()),
            1 => Ok(truncated(text)),
            _ => Ok(reply(text)),
        };
        workflow
            .handle(Input::AttemptFinished { attempt, outcome }, now, 7)
            .unwrap();
        look_at_it(workflow, now);
    }
    workflow
        .handle(Input::AttemptsLost(workflow.in_flight()), now, u64::MAX)
        .unwrap();
    let controls = [
        Control::Pause,
        Control::Resume,
        Control::Approve(None),
        Control::Restart(RestartFrom::Failed),
        Control::Restart(RestartFrom::Step(StepName::Synthesis)),
        Control::Terminate,
        Control::Restart(RestartFrom::Everything),
    ];
    for control in controls {
        let _ = workflow.handle(Input::Control(control), now, 3);
        workflow.handle(Input::TimePassed, now, 5).unwrap();
        look_at_it(workflow, now);
    }
}

fn look_at_it(workflow: &Workflow, now: Timestamp) {
    for extent in [Extent::FULL, Extent::SIMPLE] {
        serde_json::to_string(&workflow.view(extent)).unwrap();
    }
    // The invariants hold for journals that the engine wrote. Asked of another they may say no, and must not panic.
    let _ = (
        workflow.validate(),
        workflow.wake_at(now),
        workflow.purge_at(),
        workflow.result(),
    );
}

/// The type of an event, mostly one that there is.
fn any_type_name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(EVENT_TYPES.to_vec()).prop_map(str::to_owned),
        ".{0,20}"
    ]
}

proptest! {
    // More with PROPTEST_CASES.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(300)))]

    #[test]
    fn any_text_is_read_or_refused(name in any_type_name(), data in ".{0,200}") {
        let _ = codec::decode(&name, &data);
    }

    #[test]
    fn a_changed_event_is_read_or_refused_and_what_is_read_survives(
        event in any::<Index>(),
        place in any::<Index>(),
        new in nasty(),
    ) {
        let rows = stored();
        let (name, mut data) = event.get(&rows).clone();
        change(&mut data, &place, &new);
        match codec::decode(&name, &data.to_string()) {
            Ok(event) => {
                let (name, data) = codec::encode(&event);
                prop_assert_eq!(codec::decode(name, &data), Ok(event));
            }
            Err(DecodeError::Newer { version, .. }) => prop_assert!(version > 1),
            Err(DecodeError::Corrupt { .. }) => {}
        }
    }

    #[test]
    fn no_journal_makes_replay_or_what_follows_panic(journal in journal(), late in any::<bool>()) {
        if let Some(log) = recorded(&journal) {
            let now = if late { Timestamp(u64::MAX) } else { T0.plus_ms(60_000) };
            use_it(&mut Workflow::replay(log).unwrap(), now);
        }
    }

    #[test]
    fn a_journal_that_is_cut_or_has_a_gap_is_replayed_or_refused(cut in any::<Index>(), gone in any::<Index>()) {
        for file in std::fs::read_dir(folder().join("0.1.0")).unwrap() {
            let lines = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let mut log: Vec<Recorded> = lines.lines().map(from_line).collect();
            log.truncate(cut.index(log.len()) + 1);
            use_it(&mut Workflow::replay(log.clone()).unwrap(), T0.plus_ms(60_000));
            let removed = gone.index(log.len());
            log.remove(removed);
            prop_assert_eq!(Workflow::replay(log.clone()).is_err(), removed < log.len() || log.is_empty());
        }
    }
}

/// A server may report any number: the sum wrapped around, and the budget was never reached.
#[test]
fn absurd_usage_reaches_the_token_budget_and_does_not_wrap_around() {
    let (mut workflow, _) = Workflow::create(
        {
            let mut spec = spec();
            spec.options.token_budget = Some(1_000);
            spec
        },
        T0,
    );
    workflow.handle(Input::TimePassed, T0, 1).unwrap();
    let attempt = workflow.in_flight().remove(0);
    let mut answer = reply(plan_text(&[("a", &[]), ("b", &[])]));
    answer.usage = Some(Usage {
        prompt_tokens: u64::MAX,
        completion_tokens: 2,
    });
    workflow
        .handle(
            Input::AttemptFinished {
                attempt,
                outcome: Ok(answer),
            },
            T0,
            1,
        )
        .unwrap();
    let view = serde_json::to_value(workflow.view(Extent::FULL)).unwrap();
    assert_eq!(
        (&view["status"], &view["error"]["name"]),
        (&json!("errored"), &json!("LimitReached"))
    );
    assert_eq!(view["usage"]["total_tokens"], u64::MAX);
}
