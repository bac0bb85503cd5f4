//! How the bytes of a response become a reply or an error, however they are cut.

use super::scripted::{Chunk, Fate};
use super::{Bench, KEY, Turn};
use crate::model::tokens::estimate_messages_tokens;
use crate::model::{ErrorClass, Finish, ModelError, ModelReply, ModelRequest, Provider};
use crate::providers::wire::behaviours::{Row, rows};
use crate::providers::wire::fixtures::{plan_request, subtask_request};

fn reply(row: &Row, chunks: &[&[u8]]) -> Result<ModelReply, ModelError> {
    let turn = Turn::status(200, chunks.iter().copied());
    let turn = match row.content_type {
        Some(content_type) => turn.header("content-type", content_type),
        None => turn,
    };
    // An error in a reply may have a last try, which is answered alike.
    let bench = Bench::new(move |_, _| turn.clone());
    bench.complete(&subtask_request(Provider::Openai, "m"))
}

#[test]
fn every_behaviour_is_the_same_however_its_bytes_come() {
    for row in rows() {
        let body = row.body();
        row.check(&reply(row, &[body.as_bytes()]), "whole");
        let (head, tail) = body.as_bytes().split_at(body.len() / 2);
        row.check(&reply(row, &[head, tail]), "in halves");
        let bytes: Vec<&[u8]> = body.as_bytes().chunks(1).collect();
        row.check(&reply(row, &bytes), "byte by byte");
    }
}

#[test]
fn a_failed_call_counts_its_prompt_and_what_arrived() {
    let lost = Chunk::Throw("Error: Network connection lost.");
    let text = || Chunk::from("data: {\"response\":\"The beginning\"}\n\n");
    let request = subtask_request(Provider::Openai, "m");
    for turn in [Turn::stream([text(), lost]), Turn::stream([text()])] {
        let error = Bench::answering([turn]).complete(&request).expect_err("broken off");
        let call = error.usage.expect("text came");
        assert!(call.estimated && call.usage.completion_tokens > 0);
        assert_eq!(call.usage.prompt_tokens, estimate_messages_tokens(&request.messages));
    }
    let error = Bench::answering([Turn::throw("Error: lost")])
        .complete(&request)
        .expect_err("lost");
    assert_eq!(
        error.usage, None,
        "nothing came, so nobody knows whether it was paid for"
    );
}

#[test]
fn a_character_cut_by_chunks_is_reported_whole() {
    let body = "data: {\"response\":\"é🦀\"}\n\ndata: [DONE]\n\n";
    for at in 0..=body.len() {
        let (head, tail) = body.as_bytes().split_at(at);
        let bench = Bench::answering([Turn::stream([head, tail])]);
        let reply = bench
            .complete(&subtask_request(Provider::Openai, "m"))
            .expect("a reply");
        assert_eq!(
            (reply.text.as_str(), bench.heard.text.borrow().as_str()),
            ("é🦀", "é🦀")
        );
    }
}

#[test]
fn bytes_without_text_say_that_the_server_is_alive() {
    let chunks = [
        ": ping\n\n",
        ": ping\n\n",
        "data: {\"response\":\"x\"}\n\n",
        "data: [DONE]\n\n",
    ];
    let bench = Bench::answering([Turn::stream(chunks)]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    assert_eq!((bench.heard.alive.get(), bench.heard.text.borrow().as_str()), (3, "x"));
}

#[test]
fn a_stream_that_breaks_off_is_the_networks_failure() {
    let text = Chunk::from("data: {\"response\":\"The be\"}\n\n");
    let lost = Chunk::Throw("Error: Network connection lost.");
    let bench = Bench::answering([Turn::stream([text, lost])]);
    let error = bench
        .complete(&subtask_request(Provider::WorkersAi, "m"))
        .expect_err("broken off");
    assert_eq!(
        (error.class, error.name.as_str()),
        (ErrorClass::Transient, "NetworkError")
    );
    assert_eq!(error.message, "Error: Network connection lost.");
    assert_eq!(*bench.heard.text.borrow(), "The be");
}

#[test]
fn a_stream_that_ends_too_early_is_cut_off_and_not_a_short_answer() {
    let bench = Bench::answering([Turn::stream(["data: {\"response\":\"The be\"}\n\n"])]);
    let error = bench
        .complete(&subtask_request(Provider::WorkersAi, "m"))
        .expect_err("cut off");
    assert_eq!(
        (error.class, error.name.as_str()),
        (ErrorClass::Transient, "StreamCutOff")
    );
}

#[test]
fn an_error_body_without_end_is_read_to_its_bound() {
    let endless = (0..100).map(|_| "x".repeat(4 * 1024));
    let bench = Bench::answering([Turn::status(500, endless)]);
    let error = bench
        .complete(&subtask_request(Provider::Openai, "m"))
        .expect_err("refused");
    assert_eq!(
        (error.class, error.name.as_str()),
        (ErrorClass::Transient, "ServerError")
    );
    assert_eq!(error.message.chars().count(), 1_000);
    let record = &bench.transport().records()[0];
    assert_eq!((record.chunks_read, record.fate), (5, Fate::Aborted));
}

#[test]
fn an_error_body_that_breaks_off_says_what_came_of_it() {
    let bench = Bench::answering([Turn::status(
        503,
        [Chunk::from("over"), Chunk::from("loaded"), Chunk::Throw("Error: lost")],
    )]);
    let error = bench
        .complete(&subtask_request(Provider::Openai, "m"))
        .expect_err("refused");
    assert_eq!(error.message, "HTTP 503: overloaded");
}

#[test]
fn no_error_shows_the_key() {
    let echo = format!("bad header: Bearer {KEY}");
    let event = format!("data: {{\"error\":{{\"message\":\"{echo}\"}}}}\n\n");
    for turn in [
        Turn::status(500, [echo.clone()]),
        Turn::stream([event]),
        Turn::throw(&echo),
        Turn::stream([
            Chunk::from("<html><title>"),
            Chunk::from(echo.as_str()),
            Chunk::from("</title>"),
        ]),
    ] {
        let error = Bench::answering([turn])
            .complete(&subtask_request(Provider::Openai, "m"))
            .expect_err("an error");
        assert!(error.message.contains("Bearer [redacted]"), "{error}");
    }
}

#[test]
fn a_date_in_retry_after_counts_from_when_the_error_was_read() {
    // The clock shows 08:49:37 when the request goes out and 08:49:40 when it is answered.
    let refused = |retry_after| {
        let turn = Turn::status(429, ["slow down"]).header("retry-after", retry_after);
        let bench = Bench::answering([turn.after_ms(3_000)]);
        let error = bench
            .complete(&subtask_request(Provider::Openai, "m"))
            .expect_err("refused");
        assert_eq!(error.name, "RateLimited");
        error.retry_after_ms
    };
    assert_eq!(refused("Sun, 06 Nov 1994 08:50:00 GMT"), Some(20_000));
    assert_eq!(refused("Sun, 06 Nov 1994 08:49:38 GMT"), Some(0));
    assert_eq!(refused("7"), Some(7_000));
}

/// OpenAI, LiteLLM and others make structured output by way of a tool, and leave it in the arguments of its call.
#[test]
fn a_plan_in_the_arguments_of_a_tool_is_the_reply_and_a_text_there_is_none() {
    let chunk = |delta: &str, finish: &str| {
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n")
    };
    let call =
        |arguments: &str| format!(r#"{{"tool_calls":[{{"index":0,"function":{{"arguments":"{arguments}"}}}}]}}"#);
    let other = r#"{"tool_calls":[{"index":1,"function":{"arguments":"no"}}]}"#;
    let streamed = [
        chunk(&call(r#"{\"tasks\":"#), "null"),
        chunk(other, "null"),
        chunk(&call(r#"[\"a\"]}"#), "null"),
        chunk("{}", "\"tool_calls\""),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat();
    let whole = r#"{"choices":[{"message":{"content":null,"function_call":{"arguments":"{\"tasks\":[\"a\"]}"}},
        "finish_reason":"function_call"}]}"#;
    for body in [streamed.as_str(), whole] {
        let answer =
            |request: ModelRequest| Bench::answering([Turn::status(200, [body.as_bytes()])]).complete(&request);
        let plan = answer(plan_request(Provider::Openai, "m")).expect("a plan");
        assert_eq!((plan.text.as_str(), plan.finish), (r#"{"tasks":["a"]}"#, Finish::Stop));
        let error = answer(subtask_request(Provider::Openai, "m")).expect_err("no answer");
        assert_eq!(error.name, "BadReply");
    }
    let cut = chunk(&call(r#"{\"tasks\":["#), "null");
    let error = Bench::answering([Turn::status(200, [cut.as_bytes()])]).complete(&plan_request(Provider::Openai, "m"));
    assert_eq!(error.expect_err("cut off").name, "StreamCutOff");
}
