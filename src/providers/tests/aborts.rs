//! What becomes of a request: read to its end, released, or aborted.

use futures::future::{Either, select};
use std::pin::pin;

use super::scripted::{Chunk, Fate};
use super::{Bench, Turn};
use crate::clock::Clock;
use crate::model::Provider;
use crate::providers::wire::fixtures::subtask_request;

const TEXT: &str = "data: {\"response\":\"yes\"}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// Starts a call and drops its future after a second.
fn dropped_after_a_second(bench: &Bench, provider: Provider, model: &str) {
    let request = subtask_request(provider, model);
    bench.clock.block_on(async {
        let call = pin!(bench.call(&request));
        let ended = select(call, bench.clock.sleep(1_000)).await;
        assert!(matches!(ended, Either::Right(_)), "the call did not wait");
    });
}

#[test]
fn dropping_a_call_aborts_it_before_its_response() {
    for provider in [Provider::Openai, Provider::WorkersAi] {
        let bench = Bench::answering([Turn::never()]);
        dropped_after_a_second(&bench, provider, "m");
        assert_eq!(bench.transport().fates(), [Fate::Aborted]);
    }
}

#[test]
fn dropping_a_call_aborts_it_within_its_body() {
    for status in [200, 500] {
        let bench = Bench::answering([Turn::status(status, [Chunk::from(TEXT), Chunk::Never])]);
        dropped_after_a_second(&bench, Provider::Openai, "m");
        let record = &bench.transport().records()[0];
        assert_eq!((record.chunks_read, record.fate), (1, Fate::Aborted));
    }
}

#[test]
fn dropping_a_call_aborts_the_listing_of_models() {
    let bench = Bench::answering([Turn::status(200, [Chunk::from("{\"data\":"), Chunk::Never])]);
    dropped_after_a_second(&bench, Provider::Ollama, "");
    assert_eq!(bench.transport().fates(), [Fate::Aborted]);
}

#[test]
fn dropping_a_repeated_call_aborts_the_request_that_is_out() {
    let bench = Bench::answering([Turn::status(400, ["temperature is not supported"]), Turn::never()]);
    dropped_after_a_second(&bench, Provider::Openai, "m");
    assert_eq!(bench.transport().fates(), [Fate::Ended, Fate::Aborted]);
}

#[test]
fn a_reply_read_to_its_end_is_not_aborted() {
    let finished = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
    let bench = Bench::answering([Turn::stream([finished])]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    assert_eq!(bench.transport().fates(), [Fate::Ended]);
}

#[test]
fn a_reply_that_is_done_releases_its_connection_and_is_read_no_further() {
    let chunks = [TEXT, DONE].map(Chunk::from).into_iter().chain([Chunk::Never]);
    let bench = Bench::answering([Turn::stream(chunks)]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    let record = &bench.transport().records()[0];
    assert_eq!((record.chunks_read, record.fate), (2, Fate::Released));
}

#[test]
fn a_text_without_end_is_read_to_its_bound_and_released() {
    let event = format!("data: {{\"response\":\"{}\"}}\n\n", "x".repeat(64 * 1024));
    let bench = Bench::answering([Turn::stream(std::iter::repeat_n(event, 1_000))]);
    let reply = bench.complete(&subtask_request(Provider::Openai, "m")).expect("kept");
    assert_eq!(reply.text.len(), 1024 * 1024);
    let record = &bench.transport().records()[0];
    assert_eq!((record.chunks_read, record.fate), (17, Fate::Released));
}

#[test]
fn a_reply_that_can_not_be_read_is_aborted() {
    let page = format!("<html>{}", "x".repeat(4_096));
    let bench = Bench::answering([Turn::stream([Chunk::from(page.as_str()), Chunk::Never])]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_err());
    assert_eq!(bench.transport().fates(), [Fate::Aborted]);
}
