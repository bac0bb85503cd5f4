//! The last try: a refusal that nobody understands is answered by the barest request, once.

use serde_json::json;

use super::{Bench, Turn};
use crate::model::{ErrorClass, Finish, Provider};
use crate::providers::wire::fixtures::{plan_request, subtask_request};

const DONE: &str = "data: {\"response\":\"yes\"}\n\ndata: [DONE]\n\n";
const UNKNOWN: &str = r#"{"error":{"message":"that is not how we do it here","code":"E17"}}"#;

fn keys(body: &serde_json::Value) -> Vec<String> {
    body.as_object().expect("an object").keys().cloned().collect()
}

#[test]
fn an_unknown_refusal_is_answered_by_the_barest_request() {
    for status in [400, 422] {
        let bench = Bench::answering([Turn::status(status, [UNKNOWN]), Turn::stream([DONE])]);
        let reply = bench.complete(&plan_request(Provider::Openai, "m")).expect("a reply");
        assert_eq!((reply.text.as_str(), reply.finish), ("yes", Finish::Stop));
        let body = bench.transport().bodies().pop().expect("a request");
        assert_eq!(keys(&body), ["max_tokens", "messages", "model", "stream"]);
        assert_eq!(
            body["messages"],
            json!([{"role": "user", "content": "You plan.\n\nBuild it."}])
        );
        assert_eq!(body["max_tokens"], 2_048);
        assert_eq!(bench.clock.elapsed_ms(), 0, "a last try costs no pause");
    }
}

#[test]
fn what_two_last_tries_taught_holds_for_the_next_call() {
    let bench = Bench::answering([
        Turn::status(400, [UNKNOWN]),
        Turn::stream([DONE]),
        Turn::status(400, [UNKNOWN]),
        Turn::stream([DONE]),
        Turn::stream([DONE]),
    ]);
    for _ in 0..3 {
        assert!(bench.complete(&plan_request(Provider::Openai, "m")).is_ok());
    }
    let bodies = bench.transport().bodies();
    assert_eq!(bodies[0], bodies[2], "the first refusal may have been a passing fault");
    assert_eq!((&bodies[1], &bodies[1]), (&bodies[3], &bodies[4]));
}

#[test]
fn a_last_try_that_is_refused_gives_the_first_error_and_says_so() {
    let second = r#"{"error":{"message":"nor so"}}"#;
    let bench = Bench::answering([Turn::status(400, [UNKNOWN]), Turn::status(422, [second])]);
    let error = bench
        .complete(&plan_request(Provider::Openai, "m"))
        .expect_err("refused");
    assert_eq!(
        (error.class, error.name.as_str()),
        (ErrorClass::Permanent, "BadRequest")
    );
    assert!(
        error.message.starts_with("HTTP 400: that is not how we do it here ("),
        "{error}"
    );
    assert!(error.message.ends_with("was refused too)"), "{error}");
}

#[test]
fn a_long_refusal_keeps_the_note_of_the_last_try() {
    let long = "x".repeat(5_000);
    let bench = Bench::new(move |_, _| Turn::status(400, [long.as_str()]));
    let error = bench
        .complete(&plan_request(Provider::Openai, "m"))
        .expect_err("refused");
    assert_eq!(error.message.chars().count(), 1_000);
    assert!(error.message.ends_with("was refused too)"));
    assert_eq!(bench.transport().records().len(), 2);
}

#[test]
fn a_last_try_that_fails_for_a_passing_reason_is_repeated_by_the_engine() {
    let bench = Bench::answering([
        Turn::status(400, [UNKNOWN]),
        Turn::status(503, ["busy"]).header("retry-after", "3"),
    ]);
    let error = bench
        .complete(&plan_request(Provider::Openai, "m"))
        .expect_err("failed");
    assert_eq!(
        (error.class, error.retry_after_ms),
        (ErrorClass::Transient, Some(3_000))
    );
}

#[test]
fn a_refusal_that_speaks_of_streams_is_answered_by_a_whole_reply() {
    let refused = r#"{"error":{"message":"we do no streaming"}}"#;
    let bench = Bench::answering([
        Turn::status(400, [refused]),
        Turn::status(200, ["{\"response\":\"yes\"}"]),
    ]);
    let reply = bench
        .complete(&subtask_request(Provider::Openai, "m"))
        .expect("a reply");
    assert_eq!(reply.text, "yes");
    assert_eq!(*bench.heard.started.borrow(), [true, false]);
}

#[test]
fn known_words_come_before_the_last_try_and_it_follows_them() {
    let temperature = r#"{"error":{"message":"no","param":"temperature"}}"#;
    let bench = Bench::answering([
        Turn::status(400, [temperature]),
        Turn::status(400, [UNKNOWN]),
        Turn::stream([DONE]),
    ]);
    assert!(bench.complete(&plan_request(Provider::Openai, "m")).is_ok());
    let sizes: Vec<usize> = bench.transport().bodies().iter().map(|body| keys(body).len()).collect();
    assert_eq!(sizes, [7, 6, 4]);
}

#[test]
fn what_no_request_can_mend_has_no_last_try() {
    for (status, body) in [
        (400, r#"{"error":{"message":"API key not valid"}}"#),
        (401, "who are you?"),
        (402, "pay first"),
        (403, "not you"),
        (404, "no such model"),
        (400, r#"{"error":{"message":"insufficient balance"}}"#),
        (
            400,
            r#"{"error":{"code":"context_length_exceeded","message":"too long"}}"#,
        ),
        (400, r#"{"error":{"code":"content_filter","message":"no"}}"#),
        (400, r#"{"error":{"message":"the model `x` is not a valid model ID"}}"#),
        (400, r#"{"error":{"message":"we are overloaded"}}"#),
        (413, "too large"),
        (429, "slow down"),
        (500, "oops"),
    ] {
        let bench = Bench::answering([Turn::status(status, [body])]);
        let error = bench.complete(&plan_request(Provider::Openai, "m")).expect_err(body);
        assert!(!error.message.contains("refused too"), "{error}");
        assert_eq!(bench.transport().records().len(), 1, "{body}");
    }
}

#[test]
fn a_request_that_is_bare_already_has_no_last_try() {
    let bench = Bench::new(|_, _| Turn::status(400, [UNKNOWN]));
    let mut request = subtask_request(Provider::WorkersAi, "@cf/meta/llama-3.3-70b-instruct-fp8-fast");
    request.max_tokens = 500;
    let error = bench.complete(&request).expect_err("refused");
    assert!(!error.message.contains("refused too"), "{error}");
    assert_eq!(bench.transport().records().len(), 1);
}

#[test]
fn an_exception_that_refuses_has_a_last_try_as_well() {
    let refused = "InferenceUpstreamError: 5006: Error: oneOf at '/' not met";
    let bench = Bench::answering([Turn::throw(refused), Turn::stream([DONE])]);
    let request = plan_request(Provider::WorkersAi, "@cf/google/gemma-4-26b-a4b-it");
    assert!(bench.complete(&request).is_ok());
    let body = bench.transport().bodies().pop().expect("a request");
    assert_eq!(keys(&body), ["max_tokens", "messages", "stream"]);
}

#[test]
fn no_last_try_shows_the_key() {
    let echo = format!("strange header Bearer {}", super::KEY);
    let bench = Bench::new(move |_, _| Turn::status(400, [echo.as_str()]));
    let error = bench
        .complete(&subtask_request(Provider::Openai, "m"))
        .expect_err("refused");
    assert!(
        error.message.contains("[redacted]") && !error.message.contains(super::KEY),
        "{error}"
    );
}
