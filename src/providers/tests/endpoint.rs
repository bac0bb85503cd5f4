//! Servers that speak chat completions: addresses, keys and headers.

use super::{Bench, KEY, Turn, named};
use crate::model::Provider;
use crate::providers::wire::fixtures::subtask_request;

const DONE: &str = "data: {\"response\":\"yes\"}\n\ndata: [DONE]\n\n";

/// The request line and the headers of a call of `m`.
fn sent(provider: Provider) -> (String, Vec<String>) {
    let bench = Bench::answering([Turn::stream([DONE])]);
    assert!(bench.complete(&subtask_request(provider, "m")).is_ok());
    let sent = &bench.transport().records()[0].sent;
    assert_eq!(sent.body["model"], "m");
    let headers = sent.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    (sent.line.clone(), headers.collect())
}

#[test]
fn a_call_is_addressed_with_its_key() {
    let (line, headers) = sent(Provider::Openai);
    assert_eq!(line, "POST http://openai.test/v1/chat/completions");
    let key = format!("authorization: Bearer {KEY}");
    let expected = [
        "accept: text/event-stream, application/json",
        &key,
        "content-type: application/json",
    ];
    assert_eq!(headers, expected);
}

#[test]
fn a_server_of_the_operators_gets_its_headers() {
    let (line, headers) = sent(named());
    assert_eq!(line, "POST http://own.test/v1/chat/completions");
    let own = format!("api-key: {KEY}");
    let expected = [
        &own,
        "accept: text/event-stream, application/json",
        "content-type: application/json",
    ];
    assert_eq!(headers, expected);
}

#[test]
fn an_echoed_key_or_header_is_in_no_message() {
    for provider in [Provider::Openai, named()] {
        let body = format!("{{\"error\":{{\"message\":\"wrong: {KEY}!\"}}}}");
        let bench = Bench::answering([Turn::status(401, [body])]);
        let error = bench.complete(&subtask_request(provider, "m")).expect_err("refused");
        assert_eq!(error.message, "HTTP 401: wrong: [redacted]!");
    }
}

#[test]
fn a_server_that_nothing_defines_any_more_is_an_error_that_names_the_variable() {
    let gone = Provider::parse("gone").expect("a name");
    let error = Bench::answering([])
        .complete(&subtask_request(gone, "m"))
        .expect_err("gone");
    assert_eq!(error.name.as_str(), "NotConfigured");
    assert_eq!(
        error.message,
        "nothing defines gone any more: set PROVIDER_GONE_BASE_URL"
    );
}

#[test]
fn a_server_that_is_not_reached_is_named() {
    let bench = Bench::answering([Turn::throw("Error: Network connection lost.")]);
    let error = bench
        .complete(&subtask_request(Provider::Openai, "m"))
        .expect_err("unreachable");
    assert_eq!(
        error.message,
        "no connection to http://openai.test/v1: Network connection lost"
    );
}
