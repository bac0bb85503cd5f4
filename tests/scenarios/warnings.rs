//! Truncation and partial failure are visible to machines; an event stays below 1 MiB.

use orchestrator_workers::engine::Event;
use orchestrator_workers::engine::words::codec;

use crate::flow::Flow;
use crate::support::{spec, truncated};

#[test]
fn a_truncated_subtask_answer_is_kept_and_marked() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.finish("subtask/a", Ok(truncated("half an ans")));
    assert_eq!(flow.step("subtask/a")["output"], "half an ans");
    assert_eq!(flow.inputs("subtask/b"), [("a".into(), "half an ans".into())]);
    flow.reply("subtask/b", "B");
    flow.reply("synthesis", "S");
    assert_eq!(flow.warnings(), ["subtask/a truncated"]);
    let warning = flow.view()["warnings"][0].clone();
    assert_eq!(warning["step"], "subtask/a");
    assert!(warning["message"].as_str().unwrap().contains("incomplete"), "{warning}");
}

#[test]
fn the_dependents_and_the_synthesis_are_told_that_an_answer_is_cut() {
    use orchestrator_workers::model::{Answer, AnswerContent, Brief};
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
    flow.finish("subtask/a", Ok(truncated("half an ans")));
    let is_cut = |answers: &[Answer]| matches!(&answers[0].content, AnswerContent::Text { cut: true, .. });
    let Brief::Subtask { inputs, .. } = flow.request("subtask/b").brief else {
        panic!()
    };
    assert!(is_cut(&inputs));
    flow.reply("subtask/b", "B");
    let Brief::Synthesis { answers, .. } = flow.request("synthesis").brief else {
        panic!()
    };
    assert!(is_cut(&answers));
}

/// Characters that JSON writes with one, two, three, four and six bytes.
#[test]
fn an_answer_longer_than_an_event_may_be_is_cut_and_marked_whatever_its_characters() {
    for character in ["a", "\"", "\u{1}", "é", "日", "🦀"] {
        let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
        flow.reply("subtask/a", character.repeat(1_200_000));
        let stored = |event: &Event| codec::encode(event).1.len();
        let longest = flow.log.iter().map(|recorded| stored(&recorded.event)).max().unwrap();
        assert!(longest <= codec::EVENT_BYTES_MAX, "{character:?}: {longest}");
        assert!(
            longest > codec::EVENT_BYTES_MAX - 8_192,
            "{character:?}: cut too short, {longest}"
        );
        let output = flow.step("subtask/a")["output"].as_str().unwrap().to_owned();
        assert!(output.ends_with("1 MiB ...]"), "the text says so itself");
        assert_eq!(flow.warnings()[0], "subtask/a truncated");
    }
}

#[test]
fn an_answer_of_just_the_limit_is_whole() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "a".repeat(1_000_000));
    assert_eq!(flow.step("subtask/a")["output"].as_str().unwrap().len(), 1_000_000);
    assert_eq!(flow.warnings(), [""; 0]);
}

#[test]
fn a_refused_plan_is_kept_only_as_far_as_its_repair_needs_it() {
    let mut flow = Flow::start(spec());
    flow.reply("plan", "no plan ".repeat(500_000));
    let Event::AttemptErrored { reply: Some(reply), .. } = &flow.log[flow.log.len() - 2].event else {
        panic!()
    };
    assert!(reply.len() <= 16 * 1024);
}
