//! Answers that together do not fit the big model are condensed in rounds; subtask inputs that do not fit are cut.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::WorkflowSpec;
use orchestrator_workers::model::tokens::estimate_tokens;
use orchestrator_workers::model::{AnswerContent, Brief, ErrorClass};

use crate::flow::Flow;
use crate::support::{error, model, spec_with};

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
    let mut flow = Flow::planned(small_context(), &[("a", &[])]);
    let answer = words("w", 20_000);
    flow.reply("subtask/a", answer.clone());
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

#[test]
fn rounds_that_do_not_get_shorter_end_in_an_error_not_in_a_cut() {
    let (mut flow, _) = answered(small_context(), 3_000);
    for _ in 0..100 {
        for step in reduce_steps(&flow) {
            flow.reply(&step, words("again", 5_000));
        }
    }
    assert_eq!(
        (flow.status(), flow.error().0.as_str()),
        (Status::Errored, "ContextTooSmall")
    );
}

#[test]
fn answers_that_would_take_hundreds_of_calls_to_condense_are_an_error() {
    let spec = spec_with(|spec| {
        spec.big_models = vec![model("big", 2_048)];
        spec.policy.subtask_max_tokens = 256;
        spec.prompt = "Go.".to_owned();
    });
    let mut flow = Flow::planned(spec, &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "word ".repeat(200_000));
    flow.reply("subtask/b", "word ".repeat(200_000));
    let error = flow.error();
    assert_eq!(error.0, "ContextTooSmall", "{error:?}");
}

#[test]
fn a_context_too_small_for_the_prompt_itself_is_an_error_that_says_so() {
    let spec = spec_with(|spec| {
        spec.tasks = Some(
            orchestrator_workers::engine::words::plan::Plan::from_client(
                "",
                vec![orchestrator_workers::engine::words::plan::TaskDraft::new("Do it.")],
                8,
            )
            .unwrap(),
        );
        spec.big_models = vec![model("big", 4_096)];
        spec.prompt = words("p", 4_000);
    });
    let mut flow = Flow::start(spec);
    flow.reply("subtask/t1", "A");
    assert_eq!(flow.error().0, "ContextTooSmall");
    assert!(flow.error().1.contains("4096 tokens"), "{}", flow.error().1);
}

#[test]
fn the_gaps_are_named_beside_the_reductions() {
    let mut flow = Flow::planned(small_context(), &[("a", &[]), ("b", &[]), ("c", &[])]);
    flow.reply("subtask/a", words("a", 4_000));
    flow.reply("subtask/b", words("b", 4_000));
    flow.fail("subtask/c", error(ErrorClass::Permanent, "BadRequest"));
    flow.fail("subtask/c", error(ErrorClass::Permanent, "BadRequest"));
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
