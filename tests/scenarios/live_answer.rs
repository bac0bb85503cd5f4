//! What the reader's text is made of at each moment of a run.

use orchestrator_workers::engine::Event;
use orchestrator_workers::engine::show::answer::How;

use crate::flow::Flow;
use crate::support::{reply, spec, transient, truncated};

/// What the journal has of it, how much of that is settled, and the step whose text makes it go on.
fn reader(flow: &Flow) -> Option<(String, usize, Option<String>)> {
    let reader = flow.workflow.reader_text()?;
    let goes_on = reader.goes_on.map(|goes_on| {
        assert!(matches!(goes_on.how, How::Follows));
        assert!(flow.workflow.is_current(&goes_on.attempt));
        goes_on.attempt.step.to_string()
    });
    Some((reader.text.into(), reader.settled, goes_on))
}

fn some(text: &str, goes_on: Option<&str>) -> Option<(String, usize, Option<String>)> {
    Some((text.to_owned(), text.chars().count(), goes_on.map(str::to_owned)))
}

#[test]
fn it_is_the_synthesis_with_what_is_journaled_of_it() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    assert_eq!(reader(&flow), some("", None));
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    assert_eq!(reader(&flow), some("", Some("synthesis")));
    flow.finish("synthesis", Ok(truncated("Grüße, ")));
    assert_eq!(reader(&flow), some("Grüße, ", Some("synthesis")));
    // The continuation dies, and its text with it.
    flow.fail("synthesis", transient());
    assert_eq!(reader(&flow), some("Grüße, ", None));
    flow.pass(60_000);
    assert_eq!(reader(&flow), some("Grüße, ", Some("synthesis")));
    flow.finish("synthesis", Ok(reply("world")));
    assert_eq!(reader(&flow), some("Grüße, world", None));
    assert!(matches!(flow.last_event(), Event::WorkflowCompleted { .. }));
}

#[test]
fn a_restart_takes_the_answer_back() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    flow.reply("synthesis", "S");
    flow.restart_from("subtask/a");
    assert_eq!(reader(&flow), some("", None));
}

#[test]
fn without_a_synthesis_it_is_the_answers_one_after_the_other() {
    let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    for _ in 0..5 {
        flow.fail("synthesis", transient());
        flow.pass(600_000);
    }
    let result = flow.workflow.result().expect("the answers").to_owned();
    assert!(result.contains('A') && result.contains('B'), "{result}");
    assert_eq!(reader(&flow), some(&result, None));
}

#[test]
fn a_workflow_that_ends_without_an_answer_leaves_what_was_shown() {
    let mut flow = Flow::planned(spec(), &[("a", &[])]);
    for _ in 0..5 {
        flow.fail("subtask/a", transient());
        flow.pass(600_000);
    }
    assert_eq!(reader(&flow), None);
}
