//! Models whose contexts differ from each other and from what is configured: a step is asked of a model that takes it,
//! and what a server tells of its context is used.

use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::{Mode, WorkflowSpec};
use orchestrator_workers::engine::{Event, can_ever_answer};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::tokens::{estimate_messages_tokens, estimate_tokens};
use orchestrator_workers::model::{ContextReport, ErrorClass, ModelError};

use crate::flow::{Flow, models};
use crate::support::{error, model, plan_text, spec_with, transient};

/// A large and a small context, in this order, for both roles.
fn large_then_small() -> WorkflowSpec {
    spec_with(|spec| {
        spec.big_models = vec![model("large", 60_000), model("little", 4_096)];
        spec.small_models = vec![model("s-large", 60_000), model("s-little", 1_024)];
    })
}

fn words(tokens: u64) -> String {
    let mut text = String::new();
    while estimate_tokens(&text) < tokens {
        text += "some words of a long text ";
    }
    text
}

fn too_long(told: Option<ContextReport>) -> ModelError {
    ModelError {
        context: told,
        ..error(ErrorClass::Permanent, ErrorName::ContextTooLong)
    }
}

fn told(context_tokens: u32, prompt_tokens: Option<u64>) -> Option<ContextReport> {
    Some(ContextReport {
        context_tokens: Some(context_tokens),
        prompt_tokens,
    })
}

/// The prompt's estimate and `max_tokens` of the call in flight.
fn size(flow: &Flow, step: &str) -> (u64, u64) {
    let request = flow.request(step);
    (estimate_messages_tokens(&request.messages), request.max_tokens.into())
}

#[test]
fn a_schema_that_no_context_holds_is_known_before_anything_is_paid() {
    let schema = |tokens| Some(serde_json::json!({ "description": words(tokens) }));
    let fits = |tokens, mode| {
        can_ever_answer(&spec_with(|spec| {
            spec.big_models = vec![model("big", 8_192)];
            spec.options.mode = mode;
            spec.options.output_schema = schema(tokens);
        }))
    };
    for mode in [Mode::Auto, Mode::Direct, Mode::Split] {
        assert!(fits(1_000, mode).is_ok());
        let error = fits(9_000, mode).unwrap_err();
        assert_eq!(error.step.to_string(), "structure");
        assert!(error.to_string().contains("options.output_schema"), "{error}");
    }
}

#[test]
fn a_next_model_that_the_step_does_not_fit_is_passed_over() {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.prompt = words(8_000);
        spec.big_models = vec![model("large", 60_000), model("little", 4_096), model("third", 40_000)];
    }));
    for _ in 0..3 {
        flow.fail("plan", transient());
        flow.pass(60_000);
    }
    assert_eq!(models(&flow, "plan"), ["large", "large", "large", "third"]);
}

#[test]
fn without_another_model_that_takes_it_a_step_stays_as_long_as_it_has_attempts() {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.prompt = words(8_000);
        spec.big_models = vec![model("large", 60_000), model("little", 4_096)];
    }));
    for _ in 0..4 {
        flow.fail("plan", transient());
        flow.pass(60_000);
    }
    assert_eq!(models(&flow, "plan"), ["large"; 5]);
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &["a"])]));
    assert_eq!(flow.in_flight(), ["subtask/a"]);
}

#[test]
fn a_first_model_that_is_too_small_is_passed_over_at_the_start() {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.prompt = words(8_000);
        spec.big_models = vec![model("little", 4_096), model("large", 60_000)];
        spec.small_models = vec![model("s-little", 1_024), model("s-large", 60_000)];
    }));
    assert_eq!(models(&flow, "plan"), ["large"]);
    let tasks = serde_json::json!({"tasks": [{"id": "a", "instructions": words(2_000)}, "Sum up."]});
    flow.reply("plan", tasks.to_string());
    assert_eq!(models(&flow, "subtask/a"), ["s-large"]);
    // The model of the journal is asked again after a crash.
    let mut flow = Flow::resume(flow.log);
    assert_eq!(flow.request("subtask/a").model.name, "s-large");
    flow.lose("subtask/a");
    assert_eq!(flow.request("subtask/a").model.name, "s-large");
}

#[test]
fn subtasks_are_cut_for_a_smaller_model_rather_than_passed_over() {
    let mut flow = Flow::planned(
        spec_with(|spec| {
            spec.prompt = words(20_000);
            spec.small_models = vec![model("s-large", 60_000), model("s-little", 4_096)];
        }),
        &[("a", &[]), ("b", &["a"])],
    );
    assert_eq!(flow.warnings(), [""; 0]);
    flow.fail("subtask/a", error(ErrorClass::Permanent, ErrorName::ModelNotFound));
    assert_eq!(models(&flow, "subtask/a"), ["s-large", "s-little"]);
    assert_eq!(flow.warnings(), ["subtask/a truncated"]);
    let (prompt, reply) = size(&flow, "subtask/a");
    assert!(prompt + reply <= 4_096 && prompt + reply > 3_900, "{prompt} + {reply}");
}

#[test]
fn the_context_that_a_server_tells_is_kept_at_once_and_for_every_step_of_its_model() {
    let mut flow = Flow::start(large_then_small());
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &["a"])]));
    flow.reply("subtask/a", words(9_000));
    let (before, reply) = size(&flow, "subtask/b");
    assert!(before + reply > 8_192);
    flow.fail("subtask/b", too_long(told(8_192, None)));
    // Without a pause, of the same model.
    assert_eq!(models(&flow, "subtask/b"), ["s-large", "s-large"]);
    let (prompt, reply) = size(&flow, "subtask/b");
    assert!(prompt + reply <= 8_192 && prompt < before, "{prompt} + {reply}");
    let Event::AttemptErrored {
        context: Some(lesson), ..
    } = &flow.log[flow.log.len() - 2].event
    else {
        panic!()
    };
    assert_eq!((lesson.context_tokens, lesson.guessed), (Some(8_192), false));
    // A restart asks within it from the beginning.
    flow.reply("subtask/b", "B");
    flow.restart_from("subtask/b");
    let (prompt, reply) = size(&flow, "subtask/b");
    assert!(prompt + reply <= 8_192, "{prompt} + {reply}");
}

#[test]
fn a_server_that_counts_more_than_is_estimated_is_believed() {
    let mut flow = Flow::planned(
        spec_with(|spec| {
            spec.prompt = words(20_000);
            spec.small_models = vec![model("s", 8_192)];
        }),
        &[("a", &[]), ("b", &["a"])],
    );
    let (refused, reply) = size(&flow, "subtask/a");
    assert!(refused + reply <= 8_192);
    flow.fail("subtask/a", too_long(told(8_192, Some(refused * 3 / 2))));
    let (prompt, reply) = size(&flow, "subtask/a");
    assert!(prompt * 3 / 2 + reply <= 8_192, "{prompt} + {reply}");
    assert!(prompt * 3 / 2 + reply > 7_900, "{prompt} + {reply}");
}

#[test]
fn without_numbers_it_is_asked_once_with_less_and_then_of_the_next_model() {
    let mut flow = Flow::planned(
        spec_with(|spec| {
            spec.prompt = words(20_000);
            spec.small_models = vec![model("s-a", 8_192), model("s-b", 8_192)];
        }),
        &[("a", &[]), ("b", &[])],
    );
    let (before, _) = size(&flow, "subtask/a");
    flow.fail("subtask/a", too_long(None));
    assert_eq!(models(&flow, "subtask/a"), ["s-a", "s-a"]);
    let (after, reply) = size(&flow, "subtask/a");
    assert!(after + reply <= 8_192 * 3 / 4 && after < before, "{after} + {reply}");
    assert_eq!(
        size(&flow, "subtask/b").0,
        before,
        "a guess says nothing of other steps"
    );
    flow.fail("subtask/a", too_long(None));
    assert_eq!(models(&flow, "subtask/a"), ["s-a", "s-a", "s-b"]);
    assert_eq!(size(&flow, "subtask/a").0, before, "nor of other models");
}

#[test]
fn a_plan_gets_a_shorter_reply_before_its_model_is_given_up() {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.prompt = words(2_000);
        spec.big_models = vec![model("only", 16_000)];
    }));
    let (prompt, reply) = size(&flow, "plan");
    assert_eq!(reply, 4_096);
    flow.fail("plan", too_long(told(5_500, None)));
    let (again, shorter) = size(&flow, "plan");
    assert!(
        again == prompt && shorter < reply && again + shorter <= 5_500,
        "{again} + {shorter}"
    );
}

#[test]
fn a_server_that_refuses_whatever_is_asked_uses_no_more_than_the_attempts() {
    let mut flow = Flow::planned(
        spec_with(|spec| spec.small_models = vec![model("s", 60_000)]),
        &[("a", &[]), ("b", &[])],
    );
    let mut tokens = 50_000;
    while flow.in_flight().contains(&"subtask/a".to_owned()) {
        tokens /= 2;
        flow.fail("subtask/a", too_long(told(tokens, None)));
    }
    assert!(models(&flow, "subtask/a").len() <= 5);
    assert_eq!(flow.step("subtask/a")["error"]["name"], "ContextTooLong");
}

#[test]
fn numbers_that_are_no_sizes_teach_nothing_for_good() {
    for report in [
        ContextReport {
            context_tokens: Some(0),
            prompt_tokens: Some(0),
        },
        ContextReport {
            context_tokens: Some(1),
            prompt_tokens: Some(u64::MAX),
        },
        ContextReport {
            context_tokens: Some(u32::MAX),
            prompt_tokens: None,
        },
    ] {
        let mut flow = Flow::planned(large_then_small(), &[("a", &[]), ("b", &[])]);
        flow.fail("subtask/a", too_long(Some(report)));
        assert!(flow.in_flight().contains(&"subtask/b".to_owned()));
        for _ in 0..5 {
            if let Some(step) = flow.in_flight().first().cloned() {
                flow.reply(&step, "an answer");
            }
        }
        assert_eq!(flow.status(), Status::Complete, "{report:?}: {:#}", flow.view());
    }
}

#[test]
fn a_smaller_context_that_is_told_to_the_synthesis_condenses_its_answers() {
    let mut flow = Flow::planned(
        spec_with(|spec| spec.big_models = vec![model("big", 60_000)]),
        &[("a", &[]), ("b", &[])],
    );
    flow.reply("subtask/a", words(8_000));
    flow.reply("subtask/b", words(8_000));
    assert_eq!(flow.in_flight(), ["synthesis"]);
    flow.fail("synthesis", too_long(told(8_192, None)));
    assert!(
        flow.in_flight().iter().all(|step| step.starts_with("reduce/")),
        "{:?}",
        flow.in_flight()
    );
    for step in flow.in_flight() {
        let (prompt, reply) = size(&flow, &step);
        assert!(prompt + reply <= 8_192, "{step}: {prompt} + {reply}");
        flow.reply(&step, "short");
    }
    flow.reply("synthesis", "S");
    assert_eq!(flow.status(), Status::Complete);
}
