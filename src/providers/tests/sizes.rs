//! Requests that don't fit: the limit of the reply is lowered where that is enough, else the sizes reach the engine.

use super::{Bench, Turn};
use crate::model::{ContextReport, ErrorClass, Provider};
use crate::providers::wire::fixtures::subtask_request;

const DONE: &str = "data: {\"response\":\"yes\"}\n\ndata: [DONE]\n\n";

fn too_long(prompt: u32, asked: u64) -> Turn {
    let total = u64::from(prompt) + asked;
    let message = format!(
        "maximum context length is 4096 tokens, requested {total} tokens ({prompt} in the messages, {asked} in the \
         completion)"
    );
    Turn::status(400, [message])
}

/// vLLM with a context of 4,096 tokens.
fn vllm(prompt: u32) -> Bench {
    Bench::new(move |_, sent| {
        let asked = sent.body["max_tokens"].as_u64().expect("a limit");
        if u64::from(prompt) + asked > 4_096 {
            too_long(prompt, asked)
        } else {
            Turn::stream([DONE])
        }
    })
}

fn limits(bench: &Bench) -> Vec<u64> {
    let bodies = bench.transport().bodies();
    bodies.iter().filter_map(|body| body["max_tokens"].as_u64()).collect()
}

#[test]
fn a_limit_that_does_not_fit_beside_the_prompt_is_lowered_for_this_call_only() {
    let bench = vllm(700);
    let request = subtask_request(Provider::Openai, "m");
    assert!(bench.complete(&request).is_ok());
    assert_eq!(limits(&bench), [4_096, 3_364]);
    // The next prompt may be shorter.
    assert!(bench.complete(&request).is_ok());
    assert_eq!(limits(&bench), [4_096, 3_364, 4_096, 3_364]);
}

#[test]
fn a_prompt_that_is_too_long_reaches_the_engine_with_the_servers_numbers() {
    for prompt in [3_900, 5_000] {
        let bench = vllm(prompt);
        let error = bench
            .complete(&subtask_request(Provider::Openai, "m"))
            .expect_err("too long");
        assert_eq!(
            (error.class, error.name.as_str()),
            (ErrorClass::Permanent, "ContextTooLong")
        );
        let context = ContextReport {
            context_tokens: Some(4_096),
            prompt_tokens: Some(u64::from(prompt)),
        };
        assert_eq!(error.context, Some(context));
        assert_eq!(limits(&bench), [4_096]);
    }
}

#[test]
fn a_limit_is_lowered_twice_at_most() {
    let bench =
        Bench::new(|number, sent| too_long(700 + number as u32 * 500, sent.body["max_tokens"].as_u64().unwrap_or(0)));
    let error = bench
        .complete(&subtask_request(Provider::Openai, "m"))
        .expect_err("too long");
    assert_eq!(error.name, "ContextTooLong");
    assert_eq!(limits(&bench).len(), 3);
}

#[test]
fn a_server_that_counts_otherwise_than_it_says_is_asked_for_half() {
    // As case m40 does: the numbers leave room for 3,364 tokens, and more than 3,000 are refused.
    let bench = Bench::new(|_, sent| match sent.body["max_tokens"].as_u64().unwrap_or(0) {
        asked if asked > 3_000 => too_long(700, asked),
        _ => Turn::stream([DONE]),
    });
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    assert_eq!(limits(&bench), [4_096, 3_364, 1_682]);
}

#[test]
fn a_server_that_stops_counting_is_asked_with_our_own_estimate() {
    let refused = "This model's maximum context length is 4096 tokens. However, you requested 4096 output tokens and \
                   your prompt contains at least 1 input tokens, for a total of at least 4097 tokens.";
    let bench = Bench::answering([Turn::status(400, [refused]), Turn::stream([DONE])]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    let lower = limits(&bench)[1];
    assert!((3_000..4_096).contains(&lower), "{lower}");
}

#[test]
fn a_credit_that_pays_for_less_is_asked_for_less() {
    let refused = concat!(
        r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 4096 "#,
        r#"tokens, but can only afford 2666.","code":402}}"#,
    );
    let bench = Bench::answering([Turn::status(402, [refused]), Turn::stream([DONE])]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    assert_eq!(limits(&bench), [4_096, 2_634]);
}

#[test]
fn sizes_within_a_stream_are_used_as_well() {
    let event = concat!(
        r#"data: {"error":{"message":"maximum context length is 4096 tokens (700 in the messages)","code":400}}"#,
        "\n\n",
    );
    let bench = Bench::answering([Turn::stream([event]), Turn::stream([DONE])]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    assert_eq!(limits(&bench), [4_096, 3_364]);
}

#[test]
fn sizes_in_fields_are_used_within_a_stream_as_well() {
    let event = concat!(
        r#"data: {"error":{"code":400,"message":"it does not fit","type":"exceed_context_size_error","#,
        r#""n_prompt_tokens":700,"n_ctx":4096}}"#,
        "\n\n",
    );
    let bench = Bench::answering([Turn::stream([event]), Turn::stream([DONE])]);
    assert!(bench.complete(&subtask_request(Provider::Openai, "m")).is_ok());
    assert_eq!(limits(&bench), [4_096, 3_364]);
}

#[test]
fn a_ceiling_is_kept_where_a_lowered_limit_is_not() {
    let bench = Bench::new(|_, sent| {
        let asked = sent.body["max_tokens"].as_u64().unwrap_or(0);
        if asked > 3_000 {
            Turn::status(400, ["max_tokens must be in the range [1, 3000]"])
        } else {
            Turn::stream([DONE])
        }
    });
    let request = subtask_request(Provider::Openai, "m");
    assert!(bench.complete(&request).is_ok());
    assert!(bench.complete(&request).is_ok());
    assert_eq!(limits(&bench), [4_096, 3_000, 3_000]);
}
