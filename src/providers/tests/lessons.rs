//! What a refusal teaches, and for how long.

use futures::future::join_all;
use serde_json::json;

use super::scripted::{Chunk, Fate};
use super::{Bench, Turn};
use crate::model::{ErrorClass, Provider};
use crate::providers::wire::LESSONS_MAX;
use crate::providers::wire::fixtures::{plan_request, subtask_request};

const DONE: &str = "data: {\"response\":\"yes\"}\n\ndata: [DONE]\n\n";

fn refusal(param: &str) -> Turn {
    Turn::status(
        400,
        [json!({"error": {"message": "not supported", "param": param}}).to_string()],
    )
}

#[test]
fn a_refusal_that_teaches_is_repeated_within_the_attempt_and_remembered() {
    let bench = Bench::answering([refusal("max_tokens"), Turn::stream([DONE]), Turn::stream([DONE])]);
    let request = subtask_request(Provider::Openai, "m");
    assert_eq!(bench.complete(&request).map(|reply| reply.text), Ok("yes".to_owned()));
    assert_eq!(bench.complete(&request).map(|reply| reply.text), Ok("yes".to_owned()));
    let names = |name: &str| -> Vec<bool> {
        let bodies = bench.transport().bodies();
        bodies.iter().map(|body| body.get(name).is_some()).collect()
    };
    assert_eq!(names("max_tokens"), [true, false, false]);
    assert_eq!(names("max_completion_tokens"), [false, true, true]);
    assert_eq!(*bench.heard.started.borrow(), [true, true, true]);
    assert_eq!(bench.clock.elapsed_ms(), 0, "a lesson costs no pause");
}

#[test]
fn what_one_model_teaches_is_not_applied_to_another() {
    let bench = Bench::answering([refusal("max_tokens"), Turn::stream([DONE]), Turn::stream([DONE])]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    assert!(bench.complete(&subtask_request(Provider::Openai, "n")).is_ok());
    assert!(bench.transport().bodies()[2].get("max_tokens").is_some());
}

#[test]
fn a_server_that_refuses_everything_ends_the_call() {
    let params = [
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "response_format",
        "reasoning_effort",
    ];
    let more = ["stream_options", "stream"];
    let names: Vec<&str> = params.into_iter().chain(more).collect();
    let bench = Bench::new(move |number, _| refusal(names[number % names.len()]));
    let request = plan_request(Provider::Openai, "gpt-5-mini");
    let mut calls_before = 0;
    let mut lessons = 0;
    loop {
        let error = bench.complete(&request).expect_err("refused");
        assert_eq!(
            (error.class, error.name.as_str()),
            (ErrorClass::Permanent, "BadRequest")
        );
        let calls = bench.transport().records().len() - calls_before;
        calls_before += calls;
        // The last call of an attempt is the one that taught nothing.
        lessons += calls - 1;
        assert!(lessons <= LESSONS_MAX, "{lessons}");
        if calls_before > 100 {
            break;
        }
    }
    assert!(lessons >= 5, "the server taught {lessons} lessons only");
}

#[test]
fn a_refusal_that_teaches_nothing_is_the_error() {
    let bench = Bench::answering([refusal("logit_bias")]);
    let error = bench
        .complete(&subtask_request(Provider::Openai, "m"))
        .expect_err("refused");
    assert_eq!(error.message, "HTTP 400: not supported");
}

#[test]
fn an_exception_teaches_as_a_refusal_does() {
    let refused = "InferenceUpstreamError: 5023: JSON Schema mode is not supported with stream mode.";
    let bench = Bench::answering([Turn::throw(refused), Turn::status(200, ["{\"response\":\"yes\"}"])]);
    let request = plan_request(Provider::WorkersAi, "@cf/google/gemma-4-26b-a4b-it");
    assert_eq!(bench.complete(&request).map(|reply| reply.text), Ok("yes".to_owned()));
    assert_eq!(*bench.heard.started.borrow(), [true, false]);
    assert!(bench.transport().bodies()[1].get("stream").is_none());
}

#[test]
fn an_error_within_a_reply_teaches_while_no_text_was_given() {
    let event = "data: {\"error\":{\"message\":\"response_format is not supported\"}}\n\n";
    let bench = Bench::answering([Turn::stream([": ping\n\n", event]), Turn::stream([DONE])]);
    let request = plan_request(Provider::Openai, "m");
    assert_eq!(bench.complete(&request).map(|reply| reply.text), Ok("yes".to_owned()));
    assert_eq!(bench.transport().fates(), [Fate::Aborted, Fate::Released]);
}

#[test]
fn an_error_after_text_was_given_is_not_repeated() {
    let text = "data: {\"response\":\"The be\"}\n\n";
    let event = "data: {\"error\":{\"message\":\"response_format is not supported\"}}\n\n";
    let bench = Bench::answering([Turn::stream([text, event])]);
    let error = bench
        .complete(&plan_request(Provider::Openai, "m"))
        .expect_err("broken off");
    assert_eq!(error.message, "response_format is not supported");
    assert_eq!(*bench.heard.text.borrow(), "The be");
    assert_eq!(bench.transport().fates(), [Fate::Aborted]);
}

#[test]
fn an_exception_after_text_was_given_is_not_repeated() {
    let text = Chunk::from("data: {\"response\":\"The be\"}\n\n");
    let bench = Bench::answering([Turn::stream([
        text,
        Chunk::Throw("Error: temperature is not supported"),
    ])]);
    let error = bench
        .complete(&plan_request(Provider::WorkersAi, "m"))
        .expect_err("broken off");
    assert_eq!(error.class, ErrorClass::Transient);
    assert_eq!(bench.transport().records().len(), 1);
}

#[test]
fn concurrent_calls_that_are_refused_alike_teach_one_lesson() {
    // The ladder of a schema has several steps, so that a lesson learned twice would skip one.
    let bench = Bench::new(|_, sent| match sent.body["response_format"]["type"].as_str() {
        Some("json_schema") => refusal("response_format").after_ms(100),
        _ => Turn::stream([DONE]),
    });
    let request = plan_request(Provider::Openai, "m");
    let replies = bench.clock.block_on(join_all((0..10).map(|_| bench.call(&request))));
    assert!(replies.iter().all(Result::is_ok));
    assert_eq!(bench.transport().records().len(), 20, "each was refused once");
    assert!(bench.complete(&request).is_ok());
    let last = bench.transport().bodies().pop().expect("a call");
    assert_eq!(last["response_format"], json!({"type": "json_object"}));
}

#[test]
fn concurrent_calls_that_learn_different_lessons_keep_both() {
    let bench = Bench::new(|number, _| match number {
        0 => refusal("temperature").after_ms(200),
        1 => refusal("stream_options").after_ms(100),
        _ => Turn::stream([DONE]).after_ms(500),
    });
    let request = plan_request(Provider::Openai, "m");
    let replies = bench.clock.block_on(join_all((0..2).map(|_| bench.call(&request))));
    assert!(replies.iter().all(Result::is_ok));
    assert!(bench.complete(&request).is_ok());
    let last = bench.transport().bodies().pop().expect("a call");
    assert!(last.get("temperature").is_none() && last.get("stream_options").is_none());
}
