//! What a refusal teaches, and for how long.

use std::pin::pin;

use futures::future::{Either, join_all, select};
use serde_json::json;

use super::scripted::{Chunk, Fate};
use super::{Bench, Turn};
use crate::clock::Clock;
use crate::model::{ErrorClass, Provider};
use crate::providers::exchange::ROUNDS_MAX;
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
fn a_reply_says_what_the_server_wanted_otherwise() {
    let too_high = "max_tokens must be at most 2048";
    let bench = Bench::answering([
        refusal("temperature"),
        refusal("response_format"),
        Turn::status(400, [too_high]),
        Turn::stream([DONE]),
        Turn::stream([DONE]),
        Turn::stream([DONE]),
    ]);
    let adapted = |request| bench.complete(&request).expect("a reply").adapted;
    let plan = ["lower_max_tokens", "json_object", "no_temperature"];
    assert_eq!(adapted(plan_request(Provider::Openai, "m")), plan);
    assert_eq!(
        adapted(plan_request(Provider::Openai, "m")),
        plan,
        "also where it was known before"
    );
    assert_eq!(
        adapted(subtask_request(Provider::Openai, "m")),
        ["lower_max_tokens", "no_temperature"],
        "only what the request had"
    );
}

#[test]
fn a_reply_to_the_first_request_is_not_adapted() {
    let bench = Bench::answering([Turn::stream([DONE])]);
    let reply = bench.complete(&plan_request(Provider::Openai, "gpt-5-mini"));
    assert_eq!(reply.map(|reply| reply.adapted), Ok(Vec::new()));
}

#[test]
fn a_limit_that_did_not_fit_beside_the_prompt_is_an_adaptation_of_this_reply_alone() {
    let too_long = "This model's maximum context length is 4096 tokens. However, you requested 4796 tokens (700 in \
                    the messages, 4096 in the completion).";
    let bench = Bench::answering([
        Turn::status(400, [too_long]),
        Turn::stream([DONE]),
        Turn::stream([DONE]),
    ]);
    let request = subtask_request(Provider::Openai, "m");
    let adapted = || bench.complete(&request).map(|reply| reply.adapted);
    assert_eq!(adapted(), Ok(vec!["lower_max_tokens".to_owned()]));
    assert_eq!(adapted(), Ok(Vec::new()));
}

/// Of a plan that says `direct` no more is read.
#[test]
fn a_call_that_is_dropped_while_text_comes_has_taught_what_it_learned() {
    let begun = Chunk::from("data: {\"response\":\"yes\"}\n\n");
    let bench = Bench::answering([
        refusal("temperature"),
        Turn::stream([begun, Chunk::Never]),
        refusal("response_format"),
        Turn::stream([Chunk::Never]),
        Turn::stream([DONE]),
    ]);
    let request = plan_request(Provider::Openai, "m");
    // The first is dropped within its text, the second before it.
    for _ in 0..2 {
        let call = pin!(bench.call(&request));
        let second = bench.clock.sleep(1_000);
        assert!(matches!(bench.clock.block_on(select(call, second)), Either::Right(_)));
    }
    assert!(bench.complete(&request).is_ok());
    let last = bench.transport().bodies().pop().expect("a call");
    assert!(last.get("temperature").is_none(), "learned");
    assert_eq!(last["response_format"]["type"], "json_schema", "not learned");
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
    let mut longest = 0;
    for _ in 0..20 {
        let error = bench.complete(&request).expect_err("refused");
        assert_eq!(
            (error.class, error.name.as_str()),
            (ErrorClass::Permanent, "BadRequest")
        );
        let calls = bench.transport().records().len() - calls_before;
        calls_before += calls;
        assert!((2..=ROUNDS_MAX).contains(&calls), "{calls}");
        longest = longest.max(calls);
    }
    assert!(longest >= 5, "the server taught {longest} lessons only");
}

#[test]
fn a_refusal_that_was_not_what_it_said_teaches_nobody_else() {
    // The first call is refused for its temperature and then fails for another reason.
    let bench = Bench::answering([
        refusal("temperature"),
        Turn::status(503, ["overloaded"]),
        Turn::stream([DONE]),
    ]);
    let request = plan_request(Provider::Openai, "m");
    assert!(bench.complete(&request).is_err());
    assert!(bench.complete(&request).is_ok());
    let sent = |number: usize| bench.transport().bodies()[number].get("temperature").is_some();
    assert_eq!([sent(0), sent(1), sent(2)], [true, false, true]);
}

#[test]
fn lessons_that_fail_twice_are_dropped_and_the_model_is_asked_as_at_first() {
    // A server behind a proxy that first knows one name of the limit only, and then the other one only.
    let bench = Bench::new(|number, sent| {
        let refused = if number < 3 {
            "max_tokens"
        } else {
            "max_completion_tokens"
        };
        match sent.body.get(refused) {
            // The second server does not say what it refuses.
            Some(_) if number < 3 => refusal("max_tokens"),
            Some(_) => Turn::status(400, ["something is not right"]),
            None => Turn::stream([DONE]),
        }
    });
    let request = subtask_request(Provider::Openai, "m");
    assert!(bench.complete(&request).is_ok(), "the lesson is learned");
    assert!(bench.complete(&request).is_ok(), "the lesson is used");
    assert!(bench.complete(&request).is_err(), "a strike, and a last try in vain");
    assert!(bench.complete(&request).is_ok(), "the second strike");
    let before = bench.transport().records().len();
    assert!(bench.complete(&request).is_ok());
    assert_eq!(bench.transport().records().len(), before + 1, "the lesson is gone");
}

#[test]
fn a_ceiling_that_is_gone_is_found_out_after_an_hour() {
    let ceiling = "max_tokens must be at most 2048";
    let bench = Bench::new(move |number, _| {
        if number == 0 {
            Turn::status(400, [ceiling])
        } else {
            Turn::stream([DONE])
        }
    });
    let request = subtask_request(Provider::Openai, "m");
    let hour = 60 * 60 * 1_000;
    assert!(bench.complete(&request).is_ok());
    bench.clock.block_on(bench.clock.sleep(hour - 1));
    assert!(bench.complete(&request).is_ok());
    bench.clock.block_on(bench.clock.sleep(1));
    assert!(bench.complete(&request).is_ok());
    assert!(bench.complete(&request).is_ok());
    let limits: Vec<_> = bench
        .transport()
        .bodies()
        .iter()
        .map(|body| body["max_tokens"].as_u64())
        .collect();
    assert_eq!(limits, [4_096, 2_048, 2_048, 4_096, 4_096].map(Some));
}

#[test]
fn a_model_whose_json_is_rejected_twice_is_asked_without_a_schema() {
    let rejected = json!({"error": {"message": "it does not validate", "code": "json_validate_failed"}}).to_string();
    let whole = rejected.clone();
    let bench = Bench::new(move |number, _| match number {
        0 => Turn::status(400, [whole.as_str()]),
        // The same within a stream.
        1 => Turn::stream([format!("data: {rejected}\n\n")]),
        _ => Turn::stream([DONE]),
    });
    let request = plan_request(Provider::Openai, "m");
    for _ in 0..2 {
        let error = bench.complete(&request).expect_err("rejected");
        assert_eq!(
            (error.class, error.name.as_str()),
            (ErrorClass::Transient, "OutputRejected")
        );
    }
    assert!(bench.complete(&request).is_ok());
    let bodies = bench.transport().bodies();
    assert_eq!(bodies.len(), 3, "each is one request");
    let with_schema: Vec<bool> = bodies
        .iter()
        .map(|body| body.get("response_format").is_some())
        .collect();
    assert_eq!(with_schema, [true, true, false]);
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
