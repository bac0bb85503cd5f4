//! Ollama by its own API: what is asked first, the context, the stream of lines, errors, and the line of calls.

use futures::future::{Either, join, join_all, join3, select};
use serde_json::{Value, json};
use std::pin::pin;

use super::scripted::{Fate, Sent};
use super::{Bench, Turn};
use crate::clock::Clock;
use crate::model::{ErrorClass, Finish, Message, MessageRole, ModelError, ModelReply, ModelRequest, Provider, Usage};
use crate::providers::wire::fixtures::{plan_request, subtask_request};

const TAGS: &str = "{\"models\":[{\"name\":\"nomic-embed-text\"},{\"name\":\"llama3.2:3b\"},{\"name\":\"qwen3:8b\"}]}";
const CHAT: &str = "POST http://ollama.test/api/chat";
const SHOW: &str = "POST http://ollama.test/api/show";
const LISTING: &str = "GET http://ollama.test/api/tags";

fn show(context: u64, thinks: bool) -> Turn {
    let capabilities: &[&str] = if thinks {
        &["completion", "thinking"]
    } else {
        &["completion"]
    };
    let body = json!({
        "license": "MIT", "details": {"parameter_size": "8.2B"}, "capabilities": capabilities,
        "model_info": {"general.architecture": "qwen3", "qwen3.context_length": context},
    });
    Turn::status(200, [body.to_string()])
}

fn piece(content: &str) -> String {
    let message = json!({"role": "assistant", "content": content});
    json!({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": false}).to_string() + "\n"
}

fn end(reason: &str) -> String {
    let message = json!({"role": "assistant", "content": ""});
    let body = json!({
        "model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": true, "done_reason": reason,
        "total_duration": 5, "load_duration": 1, "prompt_eval_count": 26, "eval_count": 7,
    });
    body.to_string() + "\n"
}

fn lines(lines: impl IntoIterator<Item = String>) -> Turn {
    Turn::status(200, lines).header("content-type", "application/x-ndjson")
}

fn yes() -> Turn {
    lines([piece("yes"), end("stop")])
}

/// A server that has every model.
fn server(sent: &Sent) -> Turn {
    match sent.line.as_str() {
        SHOW => show(40_960, false),
        LISTING => Turn::status(200, [TAGS]),
        _ => yes(),
    }
}

fn sent_lines(bench: &Bench) -> Vec<String> {
    let records = bench.transport().records();
    records.into_iter().map(|record| record.sent.line).collect()
}

fn request() -> ModelRequest {
    subtask_request(Provider::Ollama, "qwen3:8b")
}

/// A request whose prompt has about so many tokens.
fn long(tokens: usize) -> ModelRequest {
    let mut request = subtask_request(Provider::Ollama, "qwen3:8b");
    request.model.context_tokens = 131_072;
    request.messages = vec![Message {
        role: MessageRole::User,
        content: "word ".repeat(tokens),
    }];
    request
}

/// The reply to one call of a model that is known already.
fn answered(turn: Turn) -> Result<ModelReply, ModelError> {
    Bench::answering([show(40_960, false), turn]).complete(&request())
}

#[test]
fn an_unnamed_model_is_the_first_chat_model_that_the_server_lists() {
    let bench = Bench::new(|_, sent| server(sent));
    for _ in 0..2 {
        let reply = bench.complete(&subtask_request(Provider::Ollama, "")).expect("a reply");
        assert_eq!(reply.model.as_deref(), Some("llama3.2:3b"));
    }
    assert_eq!(sent_lines(&bench), [LISTING, SHOW, CHAT, CHAT], "it is asked once");
    assert_eq!(bench.transport().bodies()[1], json!({"model": "llama3.2:3b"}));
    assert_eq!(*bench.heard.started.borrow(), [false, false, true, true]);
}

#[test]
fn a_named_model_is_not_looked_up_and_not_reported() {
    let bench = Bench::new(|_, sent| server(sent));
    assert_eq!(bench.complete(&request()).map(|reply| reply.model), Ok(None));
    assert_eq!(sent_lines(&bench), [SHOW, CHAT]);
}

#[test]
fn a_server_without_a_chat_model_says_what_to_do() {
    for listing in [
        "{\"models\":[]}",
        "{\"models\":[{\"name\":\"nomic-embed-text\"}]}",
        "<html>",
        "",
    ] {
        let bench = Bench::answering([Turn::status(200, [listing])]);
        let error = bench
            .complete(&subtask_request(Provider::Ollama, ""))
            .expect_err("no model");
        assert_eq!((error.class, error.name.as_str()), (ErrorClass::Permanent, "NoModel"));
        let expected = "http://ollama.test has no model: pull one (`ollama pull llama3.2`), \
                        or name one in BIG_MODEL and SMALL_MODEL";
        assert_eq!(error.message, expected);
    }
}

#[test]
fn a_refused_listing_is_classed_like_any_refusal_and_asked_for_again() {
    let refused = Turn::status(503, ["loading"]).header("retry-after", "2");
    let bench = Bench::answering([refused, Turn::status(200, [TAGS]), show(40_960, false), yes()]);
    let request = subtask_request(Provider::Ollama, "");
    let error = bench.complete(&request).expect_err("refused");
    assert_eq!(
        (error.class, error.retry_after_ms),
        (ErrorClass::Transient, Some(2_000))
    );
    assert!(bench.complete(&request).is_ok());
}

#[test]
fn a_listing_without_end_is_read_to_its_bound() {
    let bench = Bench::answering([Turn::status(200, (0..100).map(|_| " ".repeat(64 * 1024)))]);
    assert!(bench.complete(&subtask_request(Provider::Ollama, "")).is_err());
    let record = &bench.transport().records()[0];
    assert_eq!((record.chunks_read, record.fate), (33, Fate::Aborted));
}

#[test]
fn a_stream_of_lines_is_read_however_it_is_cut() {
    let body = [piece("Grüße, "), piece("Welt \u{1f980}."), end("stop")].concat();
    for size in [1, 3, 7, 64, 4_096] {
        let chunks: Vec<&[u8]> = body.as_bytes().chunks(size).collect();
        let bench = Bench::answering([show(40_960, false), Turn::status(200, chunks)]);
        let reply = bench.complete(&request()).expect("a reply");
        assert_eq!(
            (reply.text.as_str(), reply.finish),
            ("Grüße, Welt \u{1f980}.", Finish::Stop)
        );
        let usage = Usage {
            prompt_tokens: 26,
            completion_tokens: 7,
        };
        assert_eq!(reply.usage, Some(usage));
        assert_eq!(*bench.heard.text.borrow(), reply.text, "it was given as it came");
    }
}

#[test]
fn thinking_is_no_text_and_length_is_told() {
    let thought = json!({"message": {"role": "assistant", "content": "", "thinking": "Hm."}, "done": false});
    let reply = answered(lines([thought.to_string() + "\n", piece("yes"), end("length")])).expect("a reply");
    assert_eq!((reply.text.as_str(), reply.finish), ("yes", Finish::Length));
}

#[test]
fn what_is_not_understood_is_never_a_plain_success() {
    let reply = answered(lines([piece("yes"), "{\"text\":\"more\"}\n".to_owned(), end("stop")])).expect("a reply");
    assert!(matches!(reply.finish, Finish::Unknown(_)), "{reply:?}");
    let reply = answered(lines([piece("yes"), end("tired")])).expect("a reply");
    assert_eq!(reply.finish, Finish::Unknown("tired".to_owned()));
    for (rest, name) in [
        ("", "StreamCutOff"),
        ("{\"message\":{\"cont", "StreamCutOff"),
        ("no JSON\n", "BadReply"),
        (
            "{\"error\":\"an error was encountered while running the model\"}\n",
            "ProviderError",
        ),
    ] {
        let error = answered(lines([piece("yes"), rest.to_owned()])).expect_err(rest);
        assert_eq!(
            (error.class, error.name.as_str()),
            (ErrorClass::Transient, name),
            "{rest}"
        );
    }
}

#[test]
fn a_prompt_that_the_server_had_at_hand_is_estimated() {
    let end = "{\"message\":{\"content\":\"yes\"},\"done\":true,\"done_reason\":\"stop\",\"eval_count\":7}\n";
    assert_eq!(answered(lines([end.to_owned()])).map(|reply| reply.usage), Ok(None));
}

#[test]
fn a_model_that_is_missing_is_to_be_pulled_and_asked_for_again() {
    let missing = || Turn::status(404, ["{\"error\":\"model 'qwen3:8b' not found\"}"]);
    let bench = Bench::answering([missing(), show(40_960, false), missing(), show(40_960, false), yes()]);
    for _ in 0..2 {
        let error = bench.complete(&request()).expect_err("missing");
        assert_eq!(
            (error.class, error.name.as_str()),
            (ErrorClass::Permanent, "ModelNotFound")
        );
        let expected = "HTTP 404: model 'qwen3:8b' not found: pull it (`ollama pull qwen3:8b`)";
        assert_eq!(error.message, expected);
    }
    assert!(bench.complete(&request()).is_ok());
}

#[test]
fn a_server_that_is_not_reached_is_named() {
    let thrown = "Error: Network connection lost.";
    for turns in [
        vec![Turn::throw(thrown)],
        vec![show(40_960, false), Turn::throw(thrown)],
    ] {
        let error = Bench::answering(turns).complete(&request()).expect_err("unreachable");
        let expected = "no connection to http://ollama.test: Network connection lost; is it running (`ollama serve`)?";
        assert_eq!((error.class, error.message.as_str()), (ErrorClass::Transient, expected));
    }
}

fn contexts(bench: &Bench) -> Vec<Value> {
    let bodies = bench.transport().bodies();
    let asked = bodies.into_iter().filter(|body| body.get("options").is_some());
    asked.map(|body| body["options"]["num_ctx"].clone()).collect()
}

#[test]
fn the_context_is_what_the_request_needs_in_steps_and_never_less_than_before() {
    let bench = Bench::new(|_, sent| server(sent));
    for tokens in [1, 6_000, 1, 30_000, 1] {
        assert!(bench.complete(&long(tokens)).is_ok());
    }
    assert_eq!(contexts(&bench), [8_192, 16_384, 16_384, 40_960, 40_960]);
    assert_eq!(sent_lines(&bench).iter().filter(|line| *line == SHOW).count(), 1);
}

#[test]
fn a_request_beyond_the_context_of_the_model_is_told_before_it_is_sent() {
    let bench = Bench::new(|_, sent| server(sent));
    let error = bench.complete(&long(40_000)).expect_err("too long");
    assert_eq!(
        (error.class, error.name.as_str()),
        (ErrorClass::Permanent, "ContextTooLong")
    );
    assert_eq!(error.context.and_then(|context| context.context_tokens), Some(40_960));
    assert!(
        error.message.ends_with("and the context of qwen3:8b has 40960"),
        "{}",
        error.message
    );
    assert_eq!(sent_lines(&bench), [SHOW]);
}

#[test]
fn the_configured_context_bounds_what_is_asked_for() {
    let bench = Bench::new(|_, sent| server(sent));
    let mut request = long(10_000);
    request.model.context_tokens = 12_000;
    assert!(bench.complete(&request).is_ok());
    assert_eq!(contexts(&bench), [12_000]);
}

#[test]
fn a_server_that_counts_more_gets_the_whole_context() {
    let refusal = "{\"error\":\"the input length exceeds the context length\"}";
    let bench = Bench::answering([
        show(40_960, false),
        Turn::status(400, [refusal]),
        yes(),
        Turn::status(400, [refusal]),
    ]);
    assert!(bench.complete(&long(1)).is_ok());
    assert_eq!(contexts(&bench), [8_192, 40_960]);
    let error = bench.complete(&long(1)).expect_err("too long");
    assert_eq!(error.name.as_str(), "ContextTooLong");
}

#[test]
fn an_older_server_that_tells_no_context_gets_what_is_needed() {
    for body in ["{}", "", "{\"model_info\":{\"a.context_length\":0}}"] {
        let bench = Bench::answering([Turn::status(200, [body]), yes()]);
        assert!(bench.complete(&long(20_000)).is_ok());
        assert_eq!(contexts(&bench), [32_768]);
    }
}

#[test]
fn a_model_that_thinks_is_known_from_its_server() {
    let plan = plan_request(Provider::Ollama, "anything");
    for (thinks, think) in [(true, json!(false)), (false, Value::Null)] {
        let bench = Bench::answering([show(40_960, thinks), yes()]);
        assert!(bench.complete(&plan).is_ok());
        assert_eq!(bench.transport().bodies()[1]["think"], think);
    }
}

/// A server whose answers take a second each.
fn slow() -> Bench {
    Bench::new(|_, sent| match sent.line.as_str() {
        CHAT => yes().after_ms(1_000),
        _ => server(sent),
    })
}

#[test]
fn calls_wait_in_line_and_no_time_limit_runs_meanwhile() {
    let bench = slow();
    let request = request();
    let outcomes = bench.clock.block_on(join_all((0..3).map(|_| bench.call(&request))));
    assert!(outcomes.iter().all(Result::is_ok));
    assert!(bench.clock.elapsed_ms() >= 3_000, "one at a time");
    // One `/api/show`, and three calls, of which each was begun when it went out.
    assert_eq!(*bench.heard.started.borrow(), [false, true, true, true]);
    assert!(bench.heard.queued.get() > 20);
}

/// A call that is dropped after half a second.
async fn dropped(bench: &Bench, request: &ModelRequest) {
    let call = pin!(bench.call(request));
    let ended = select(call, bench.clock.sleep(500)).await;
    assert!(matches!(ended, Either::Right(_)), "nothing ends so early");
}

#[test]
fn a_call_that_is_dropped_while_it_runs_gives_its_place_to_the_next() {
    let (bench, request) = (slow(), request());
    let calls = join(dropped(&bench, &request), bench.call(&request));
    assert!(bench.clock.block_on(calls).1.is_ok());
    assert!(bench.clock.elapsed_ms() < 2_000);
}

#[test]
fn a_call_that_is_dropped_while_it_waits_leaves_the_line() {
    let (bench, request) = (slow(), request());
    let calls = join3(bench.call(&request), dropped(&bench, &request), bench.call(&request));
    let (first, (), last) = bench.clock.block_on(calls);
    assert!(first.is_ok() && last.is_ok());
    assert_eq!(sent_lines(&bench), [SHOW, CHAT, CHAT]);
}

#[test]
fn a_call_that_nobody_runs_any_more_leaves_the_line_after_a_minute() {
    let (bench, request) = (slow(), request());
    let mut forgotten = Box::pin(bench.call(&request));
    bench.clock.block_on(async {
        assert!(matches!(
            select(&mut forgotten, bench.clock.sleep(500)).await,
            Either::Right(_)
        ));
    });
    assert!(bench.complete(&request).is_ok());
    assert!(
        (60_000..70_000).contains(&bench.clock.elapsed_ms()),
        "{}",
        bench.clock.elapsed_ms()
    );
}
