//! Answers that together do not fit the big model are condensed in rounds; subtask inputs that do not fit are cut.

use orchestrator_workers::engine::can_ever_answer;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::WorkflowSpec;
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::tokens::estimate_tokens;
use orchestrator_workers::model::{Answer, AnswerContent, Brief, ErrorClass};

use crate::flow::Flow;
use crate::support::{error, model, spec_with, truncated};

fn small_context() -> WorkflowSpec {
    spec_with(|spec| {
        spec.big_models = vec![model("big", 8_192)];
        spec.policy.synthesis_max_tokens = 2_048;
        spec.policy.subtask_max_tokens = 1_024;
    })
}

/// About `tokens` tokens whose words can be found again.
fn words(label: &str, tokens: u64) -> String {
    let mut text = String::new();
    let mut number = 0;
    while estimate_tokens(&text) < tokens {
        text += &format!("{label}{number} ");
        number += 1;
    }
    text
}

/// Four subtasks whose answers have `tokens` tokens each.
fn answered(spec: WorkflowSpec, tokens: u64) -> (Flow, Vec<String>) {
    let mut flow = Flow::planned(spec, &[("a", &[]), ("b", &[]), ("c", &[]), ("d", &[])]);
    let answers: Vec<String> = ["a", "b", "c", "d"].iter().map(|label| words(label, tokens)).collect();
    for (id, answer) in ["a", "b", "c", "d"].iter().zip(&answers) {
        flow.reply(&format!("subtask/{id}"), answer.clone());
    }
    (flow, answers)
}

fn reduce_steps(flow: &Flow) -> Vec<String> {
    flow.in_flight()
        .into_iter()
        .filter(|step| step.starts_with("reduce/"))
        .collect()
}

#[test]
fn answers_that_fit_are_not_condensed() {
    let (flow, _) = answered(small_context(), 500);
    assert_eq!(flow.in_flight(), ["synthesis"]);
}

#[test]
fn answers_that_do_not_fit_are_condensed_whole_and_the_synthesis_reads_the_reductions() {
    let (mut flow, answers) = answered(small_context(), 2_500);
    let steps = reduce_steps(&flow);
    assert!(steps.len() >= 2, "{:?}", flow.in_flight());
    let read: String = steps
        .iter()
        .flat_map(|step| flow.inputs(step))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(read, answers.concat(), "nothing is cut");
    for step in &steps {
        flow.reply(step, format!("condensed {step}"));
    }
    assert_eq!(flow.in_flight(), ["synthesis"]);
    let inputs = flow.inputs("synthesis");
    assert_eq!(inputs.len(), steps.len());
    assert_eq!(inputs[0], ("reduce/1".to_owned(), "condensed reduce/1".to_owned()));
    flow.reply("synthesis", "S");
    assert_eq!((flow.status(), flow.warnings()), (Status::Complete, vec![]));
}

#[test]
fn one_answer_that_is_too_long_alone_is_read_in_pieces() {
    let mut flow = Flow::planned(small_context(), &[("a", &[]), ("b", &[])]);
    let answer = words("w", 20_000);
    flow.reply("subtask/a", answer.clone());
    for _ in 0..2 {
        flow.fail("subtask/b", error(ErrorClass::Permanent, ErrorName::BadRequest));
    }
    let steps = reduce_steps(&flow);
    let read: String = steps
        .iter()
        .flat_map(|step| flow.inputs(step))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(read, answer);
}

#[test]
fn a_round_that_is_still_too_long_is_followed_by_another() {
    let (mut flow, _) = answered(small_context(), 12_000);
    for step in reduce_steps(&flow) {
        flow.reply(&step, words("r", 1_000));
    }
    let second = reduce_steps(&flow);
    assert!(!second.is_empty(), "{:?}", flow.in_flight());
    for step in second {
        flow.reply(&step, "short");
    }
    assert_eq!(flow.in_flight(), ["synthesis"]);
    assert!(flow.inputs("synthesis").iter().all(|(_, text)| text == "short"));
}

/// What was paid for is there, and asking again would end in the same way.
fn assert_answers_one_after_the_other(flow: &Flow, answers: &[&str]) {
    assert_eq!(flow.status(), Status::Complete, "{:#}", flow.view());
    let result = flow.workflow.result().unwrap();
    let places: Vec<_> = answers.iter().map(|answer| result.find(*answer)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    assert!(
        flow.warnings()
            .iter()
            .filter(|warning| *warning == "synthesis failed")
            .count()
            >= 1
    );
    let warnings = flow.view()["warnings"].to_string();
    assert!(
        warnings.contains("one after the other") && !warnings.contains("limit of the run"),
        "{warnings}"
    );
}

#[test]
fn rounds_that_do_not_get_shorter_end_in_the_answers_themselves_not_in_a_cut() {
    let (mut flow, answers) = answered(small_context(), 3_000);
    for _ in 0..100 {
        for step in reduce_steps(&flow) {
            flow.reply(&step, words("again", 5_000));
        }
    }
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    assert_answers_one_after_the_other(&flow, &answers);
    assert!(flow.view()["warnings"].to_string().contains("8192 tokens"));
}

#[test]
fn answers_that_would_take_hundreds_of_calls_to_condense_are_given_as_they_are() {
    let spec = spec_with(|spec| {
        spec.big_models = vec![model("big", 2_048)];
        spec.policy.subtask_max_tokens = 256;
        spec.prompt = "Go.".to_owned();
    });
    let mut flow = Flow::planned(spec, &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "word ".repeat(200_000));
    flow.reply("subtask/b", "term ".repeat(200_000));
    assert_answers_one_after_the_other(&flow, &["word word", "term term"]);
}

#[test]
fn a_context_too_small_for_the_prompt_itself_is_known_at_once_and_else_gives_the_answers() {
    let spec = spec_with(|spec| {
        spec.tasks = Some(
            orchestrator_workers::engine::words::plan::Plan::from_client(
                "",
                ["Do it.", "Check it."]
                    .map(orchestrator_workers::engine::words::plan::TaskDraft::new)
                    .to_vec(),
                8,
            )
            .unwrap(),
        );
        spec.big_models = vec![model("big", 4_096)];
        spec.prompt = words("p", 4_000);
    });
    let error = can_ever_answer(&spec).unwrap_err();
    assert_eq!((error.model.as_str(), error.context_tokens), ("big", 4_096));
    assert!(error.to_string().contains("4096 tokens: shorten the prompt"), "{error}");
    // A workflow of an older build has begun without having been asked.
    let mut flow = Flow::start(spec);
    flow.reply("subtask/t1", "A");
    flow.reply("subtask/t2", "B");
    assert_answers_one_after_the_other(&flow, &["## Do it.\n\nA", "## Check it.\n\nB"]);
}

#[test]
fn a_reduction_that_its_model_refuses_as_too_long_for_good_gives_the_answers() {
    let spec = spec_with(|spec| {
        spec.big_models = vec![model("big", 8_192)];
        spec.policy.synthesis_max_tokens = 2_048;
    });
    let (mut flow, answers) = answered(spec, 2_500);
    for _ in 0..5 {
        if let Some(step) = reduce_steps(&flow).first() {
            flow.fail(step, error(ErrorClass::Permanent, ErrorName::ContextTooLong));
        }
    }
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    assert_answers_one_after_the_other(&flow, &answers);
}

#[test]
fn the_mark_of_a_cut_answer_survives_its_reduction() {
    let mut flow = Flow::planned(small_context(), &[("a", &[]), ("b", &[])]);
    flow.finish("subtask/a", Ok(truncated(words("a", 8_000))));
    flow.reply("subtask/b", words("b", 4_000));
    let cut = |answer: &Answer| matches!(answer.content, AnswerContent::Text { cut: true, .. });
    let mut marked = Vec::new();
    for step in reduce_steps(&flow) {
        let Brief::Reduce { answers, .. } = flow.request(&step).brief else {
            panic!()
        };
        marked.push(answers.iter().filter(|answer| cut(answer)).count());
    }
    assert_eq!(
        marked.iter().sum::<usize>(),
        1,
        "only the piece with the end: {marked:?}"
    );
    let at = marked.iter().position(|count| *count == 1).unwrap();
    for step in reduce_steps(&flow) {
        flow.reply(&step, "short");
    }
    let Brief::Synthesis { answers, .. } = flow.request("synthesis").brief else {
        panic!()
    };
    let marks: Vec<bool> = answers.iter().map(cut).collect();
    assert!(
        marks[at] && marks.iter().filter(|mark| **mark).count() == 1,
        "{marks:?}"
    );
}

#[test]
fn the_gaps_are_named_beside_the_reductions() {
    let mut flow = Flow::planned(small_context(), &[("a", &[]), ("b", &[]), ("c", &[])]);
    flow.reply("subtask/a", words("a", 4_000));
    flow.reply("subtask/b", words("b", 4_000));
    flow.fail("subtask/c", error(ErrorClass::Permanent, ErrorName::BadRequest));
    flow.fail("subtask/c", error(ErrorClass::Permanent, ErrorName::BadRequest));
    for step in reduce_steps(&flow) {
        flow.reply(&step, "short");
    }
    let inputs = flow.inputs("synthesis");
    assert!(
        inputs
            .iter()
            .any(|(id, text)| id == "c" && text.starts_with("missing: ")),
        "{inputs:?}"
    );
}

#[test]
fn a_restarted_subtask_makes_the_reductions_stale_a_restarted_synthesis_does_not() {
    let (mut flow, _) = answered(small_context(), 2_500);
    for step in reduce_steps(&flow) {
        flow.reply(&step, "short");
    }
    flow.reply("synthesis", "S");
    flow.restart_from("synthesis");
    assert_eq!(flow.in_flight(), ["synthesis"]);
    flow.restart_from("subtask/a");
    assert_eq!(flow.in_flight(), ["subtask/a"]);
    flow.reply("subtask/a", words("new", 2_500));
    assert!(!reduce_steps(&flow).is_empty());
}

#[test]
fn a_restarted_reduction_runs_again_with_the_synthesis_and_leaves_the_others() {
    let (mut flow, _) = answered(small_context(), 2_500);
    let steps = reduce_steps(&flow);
    for step in &steps {
        flow.reply(step, format!("short {step}"));
    }
    flow.reply("synthesis", "S");
    flow.restart_from("reduce/1");
    assert_eq!(flow.in_flight(), ["reduce/1"]);
    assert_eq!(flow.step("reduce/2")["output"], "short reduce/2");
}

#[test]
fn a_subtasks_inputs_are_cut_longest_first_with_a_mark_and_a_warning() {
    let spec = spec_with(|spec| {
        spec.small_models = vec![model("small", 8_192)];
        spec.policy.subtask_max_tokens = 1_024;
    });
    let mut flow = Flow::planned(spec, &[("a", &[]), ("b", &[]), ("c", &["a", "b"])]);
    flow.reply("subtask/a", "A is short.");
    let long = format!("BEGIN {} END", words("w", 20_000));
    flow.reply("subtask/b", long);
    let Brief::Subtask { inputs, prompt, .. } = flow.request("subtask/c").brief else {
        panic!()
    };
    assert_eq!(
        prompt, "Compare three databases.",
        "the prompt is short and stays whole"
    );
    let text = |id: &str| match &inputs.iter().find(|answer| answer.id == id).unwrap().content {
        AnswerContent::Text { text, cut } => (text.clone(), *cut),
        other => panic!("{other:?}"),
    };
    assert_eq!(text("a"), ("A is short.".to_owned(), false));
    let (b, cut) = text("b");
    assert!(
        cut && b.starts_with("BEGIN") && b.ends_with("END") && b.contains("cut to fit"),
        "{b}"
    );
    assert!(estimate_tokens(&b) < 7_000, "{}", estimate_tokens(&b));
    assert_eq!(flow.warnings(), ["subtask/c truncated"]);
}
