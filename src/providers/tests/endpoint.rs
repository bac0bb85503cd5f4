//! Servers that speak chat completions: addresses, keys, and the listing that names a model.

use super::scripted::Fate;
use super::{Bench, KEY, Turn};
use crate::model::{ErrorClass, ModelError, Provider};
use crate::providers::wire::fixtures::subtask_request;

const DONE: &str = "data: {\"response\":\"yes\"}\n\ndata: [DONE]\n\n";
const LISTING: &str = "{\"data\":[{\"id\":\"nomic-embed-text\"},{\"id\":\"llama3.2:3b\"},{\"id\":\"qwen3:8b\"}]}";

fn unnamed_fails(turn: Turn) -> ModelError {
    let bench = Bench::answering([turn]);
    bench
        .complete(&subtask_request(Provider::Ollama, ""))
        .expect_err("no model")
}

#[test]
fn a_call_is_addressed_with_its_key() {
    let bench = Bench::answering([Turn::stream([DONE])]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    let sent = &bench.transport().records()[0].sent;
    assert_eq!(sent.line, "POST http://openai.test/v1/chat/completions");
    let expected = [
        ("accept", "text/event-stream, application/json".to_owned()),
        ("authorization", format!("Bearer {KEY}")),
        ("content-type", "application/json".to_owned()),
    ];
    assert_eq!(sent.headers, expected);
    assert_eq!(sent.body["model"], "m");
}

#[test]
fn an_unnamed_model_is_the_first_chat_model_that_the_server_lists() {
    // Cut in the middle, as any body may be.
    let (head, tail) = LISTING.split_at(40);
    let bench = Bench::answering([
        Turn::status(200, [head, tail]),
        Turn::stream([DONE]),
        Turn::stream([DONE]),
    ]);
    let request = subtask_request(Provider::Ollama, "");
    for _ in 0..2 {
        let reply = bench.complete(&request).expect("a reply");
        assert_eq!(reply.model.as_deref(), Some("llama3.2:3b"));
    }
    let records = bench.transport().records();
    let lines: Vec<_> = records.iter().map(|record| record.sent.line.as_str()).collect();
    let post = "POST http://ollama.test/v1/chat/completions";
    assert_eq!(
        lines,
        ["GET http://ollama.test/v1/models", post, post],
        "it is asked once"
    );
    let accept = ("accept", "text/event-stream, application/json".to_owned());
    assert_eq!(records[0].sent.headers, [accept]);
    assert_eq!(records[1].sent.body["model"], "llama3.2:3b");
    assert_eq!(*bench.heard.started.borrow(), [false, true, true]);
}

#[test]
fn a_named_model_is_not_looked_up_and_not_reported() {
    let bench = Bench::answering([Turn::stream([DONE])]);
    let reply = bench.complete(&subtask_request(Provider::Ollama, "qwen3:8b"));
    assert_eq!(reply.map(|reply| reply.model), Ok(None));
}

#[test]
fn a_server_without_a_chat_model_says_what_to_do() {
    for listing in [
        "{\"data\":[]}",
        "{\"data\":[{\"id\":\"nomic-embed-text\"}]}",
        "<html>",
        "",
    ] {
        let error = unnamed_fails(Turn::status(200, [listing]));
        assert_eq!((error.class, error.name.as_str()), (ErrorClass::Permanent, "NoModel"));
        assert_eq!(
            error.message,
            "http://ollama.test/v1/models lists no model: pull one (`ollama pull llama3.2`), \
             or name one in BIG_MODEL and SMALL_MODEL"
        );
    }
}

#[test]
fn a_refused_listing_is_classed_like_any_refusal_and_asked_for_again() {
    let refused = Turn::status(503, ["loading"]).header("retry-after", "2");
    let bench = Bench::answering([refused, Turn::status(200, [LISTING]), Turn::stream([DONE])]);
    let request = subtask_request(Provider::Ollama, "");
    let error = bench.complete(&request).expect_err("refused");
    assert_eq!(
        (error.class, error.retry_after_ms),
        (ErrorClass::Transient, Some(2_000))
    );
    assert_eq!(error.message, "HTTP 503: loading");
    assert!(bench.complete(&request).is_ok());
}

#[test]
fn a_listing_without_end_is_read_to_its_bound() {
    let bench = Bench::answering([Turn::status(200, (0..100).map(|_| " ".repeat(64 * 1024)))]);
    assert!(bench.complete(&subtask_request(Provider::Ollama, "")).is_err());
    let record = &bench.transport().records()[0];
    assert_eq!((record.chunks_read, record.fate), (5, Fate::Aborted));
}

#[test]
fn a_server_that_is_not_reached_is_named() {
    let thrown = "Error: Network connection lost.";
    let listing = unnamed_fails(Turn::throw(thrown));
    assert_eq!(
        (listing.class, listing.name.as_str()),
        (ErrorClass::Transient, "NetworkError")
    );
    let hint = "no connection to http://ollama.test/v1: Network connection lost; is it running (`ollama serve`)?";
    assert_eq!(listing.message, hint);
    let message = |provider| {
        let bench = Bench::answering([Turn::throw(thrown)]);
        let error = bench
            .complete(&subtask_request(provider, "m"))
            .expect_err("unreachable");
        error.message
    };
    assert_eq!(message(Provider::Ollama), hint);
    assert_eq!(
        message(Provider::Openai),
        "no connection to http://openai.test/v1: Network connection lost"
    );
}
