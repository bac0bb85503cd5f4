//! Waits that a server asks for reach the engine, wherever they stand.

use super::{Bench, Turn};
use crate::model::{ErrorClass, ModelError, Provider};
use crate::providers::wire::fixtures::subtask_request;

fn refused(turn: Turn) -> ModelError {
    let bench = Bench::answering([turn]);
    bench
        .complete(&subtask_request(Provider::Openai, "m"))
        .expect_err("refused")
}

#[test]
fn a_wait_told_only_in_the_body_is_read() {
    let google = concat!(
        r#"[{"error":{"code":429,"message":"Quota exceeded for requests per minute","status":"RESOURCE_EXHAUSTED","#,
        r#""details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"20.25s"}]}}]"#,
    );
    let error = refused(Turn::status(429, [google]));
    assert_eq!(
        (error.class, error.retry_after_ms),
        (ErrorClass::Transient, Some(20_250))
    );
    let azure = r#"{"error":{"code":"429","message":"Please retry after 20 seconds"}}"#;
    assert_eq!(refused(Turn::status(429, [azure])).retry_after_ms, Some(20_000));
}

#[test]
fn a_wait_told_within_a_stream_or_an_exception_is_read() {
    let event = "data: {\"error\":{\"code\":429,\"message\":\"slow\",\"retry_after\":7}}\n\n";
    let error = refused(Turn::stream([event]));
    assert_eq!(
        (error.name.as_str(), error.retry_after_ms),
        ("RateLimited", Some(7_000))
    );
    let error = refused(Turn::throw("InferenceUpstreamError: rate limit, try again in 9s"));
    assert_eq!(
        (error.name.as_str(), error.retry_after_ms),
        ("RateLimited", Some(9_000))
    );
}

#[test]
fn an_instant_counts_from_when_the_error_was_read() {
    // The virtual clock begins on Sun, 06 Nov 1994 08:49:37 GMT, and the answer takes three seconds.
    let turn = Turn::status(429, ["slow down"])
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", "784111800")
        .after_ms(3_000);
    assert_eq!(refused(turn).retry_after_ms, Some(20_000));
}

#[test]
fn a_wait_of_years_is_a_day_and_one_of_the_past_is_none() {
    for (value, ms) in [
        ("31536000", Some(86_400_000)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400_000)),
        ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
        ("-20", None),
    ] {
        let turn = Turn::status(429, ["slow down"]).header("retry-after", value);
        assert_eq!(refused(turn).retry_after_ms, ms, "{value}");
    }
}

#[test]
fn an_error_that_does_not_pass_asks_for_no_wait() {
    let turn = Turn::status(401, ["who are you?"]).header("retry-after", "7");
    assert_eq!(refused(turn).retry_after_ms, None);
}
