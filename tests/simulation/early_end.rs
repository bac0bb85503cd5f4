//! A planner that says `direct` is not read on: the call is dropped, and what came is its reply.

use orchestrator_workers::engine::Event;
use orchestrator_workers::engine::words::spec::{Mode, WorkflowSpec};
use orchestrator_workers::model::tokens::estimate_tokens;

use crate::support;
use crate::time_limits::Does::{Answers, Says};
use crate::time_limits::{Does, STREAMING, first_end};

const CLOSED: &str = "{\"mode\": \"direct\", \"why\": \"one short text\"}";
/// After how many seconds a script that is read to its end answers. A minute of silence would end the call.
const END_S: u64 = 50;

/// When the planner's attempt ended, and what came of it.
fn planned(mode: Mode, script: &[(u64, Does)]) -> (u64, String, bool) {
    let mut spec: WorkflowSpec = support::spec();
    spec.options.mode = mode;
    let end = first_end(spec, script);
    match end.event {
        Event::AttemptCompleted { text, usage, .. } => (end.at.0 / 1_000, text, usage.estimated),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plan_that_says_direct_ends_with_its_object() {
    let script = [
        (0, STREAMING),
        (1, Says(&["{\"mode\": \"dir"])),
        (1, Says(&["ect\", \"why\": \"one short text\"}", "\n\nIt is"])),
        (1, Says(&[" a long answer"])),
        (END_S, Answers),
    ];
    let (at, text, is_estimated) = planned(Mode::Auto, &script);
    assert_eq!((at, text.as_str()), (2, CLOSED));
    assert!(is_estimated, "the server told no figures");
}

#[test]
fn a_model_that_writes_on_is_read_for_at_most_60_tokens() {
    let mut script = vec![
        (0, STREAMING),
        (1, Says(&["```json\n{\"mode\": \"direct\", \"why\": \""])),
    ];
    script.extend([(1, Says(&["and so the answer "])); END_S as usize]);
    let (at, text, _) = planned(Mode::Auto, &script);
    assert!(at < END_S / 2, "{at} s");
    assert!((40..=60).contains(&estimate_tokens(&text)), "{text}");
}

#[test]
fn figures_that_come_in_the_same_moment_are_kept_and_what_was_written_on_is_not() {
    let script = [(0, STREAMING), (1, Says(&[CLOSED, " and more"])), (0, Answers)];
    let (at, text, _) = planned(Mode::Auto, &script);
    assert_eq!((at, text.as_str()), (1, CLOSED));
}

#[test]
fn a_plan_with_tasks_is_read_to_its_end() {
    let script = [
        (0, STREAMING),
        (
            1,
            Says(&["{\"mode\": \"split\", ", "\"analysis\": \"not \\\"direct\\\"\"}"]),
        ),
        (END_S, Answers),
    ];
    let (at, text, is_estimated) = planned(Mode::Auto, &script);
    assert_eq!((at, is_estimated), (1 + END_S, false));
    assert_eq!(text, support::plan_text(&[("a", &[])]));
}

#[test]
fn where_subtasks_are_asked_for_nothing_ends_early() {
    let script = [(0, STREAMING), (1, Says(&[CLOSED])), (END_S, Answers)];
    assert_eq!(planned(Mode::Split, &script).0, 1 + END_S);
}
