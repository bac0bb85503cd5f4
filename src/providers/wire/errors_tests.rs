use super::*;

fn no_header(_: &str) -> Option<String> {
    None
}

fn answered(provider: Provider, status: u16, body: &str) -> ModelError {
    error_from_response(provider, status, &no_header, body, 0, &Redactor::nothing())
}

fn verdict(error: &ModelError) -> (ErrorClass, &str) {
    (error.class, error.name.as_str())
}

#[test]
fn statuses_have_their_classes() {
    use ErrorClass::{Permanent, Quota, Transient};
    let expected = [
        (400, Permanent, "BadRequest"),
        (401, Permanent, "Unauthorized"),
        (402, Quota, "QuotaExceeded"),
        (403, Permanent, "Forbidden"),
        (404, Permanent, "NotFound"),
        (408, Transient, "Timeout"),
        (409, Transient, "HttpError"),
        (413, Permanent, "RequestTooLarge"),
        (422, Permanent, "BadRequest"),
        (425, Transient, "HttpError"),
        (429, Transient, "RateLimited"),
        (500, Transient, "ServerError"),
        (503, Transient, "ServerError"),
        (529, Transient, "OutOfCapacity"),
        (498, Transient, "OutOfCapacity"),
        (499, Transient, "HttpError"),
        (424, Transient, "HttpError"),
        (504, Transient, "Timeout"),
        (524, Transient, "Timeout"),
        (520, Transient, "ServerError"),
        (530, Transient, "ServerError"),
        (501, Permanent, "HttpError"),
        (410, Permanent, "ModelNotFound"),
        (431, Permanent, "RequestTooLarge"),
        (451, Permanent, "RegionNotSupported"),
        (301, Permanent, "HttpError"),
        (418, Permanent, "HttpError"),
    ];
    for (status, class, name) in expected {
        assert_eq!(
            verdict(&answered(Provider::Openai, status, "x")),
            (class, name),
            "{status}"
        );
    }
}

#[test]
fn openai_bodies_refine_the_status() {
    let quota = concat!(
        r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","#,
        r#""type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
    );
    assert_eq!(
        verdict(&answered(Provider::Openai, 429, quota)),
        (ErrorClass::Quota, "QuotaExceeded")
    );
    let context = concat!(
        r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","#,
        r#""type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
    );
    assert_eq!(
        verdict(&answered(Provider::Openai, 400, context)),
        (ErrorClass::Permanent, "ContextTooLong")
    );
    let model = concat!(
        r#"{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","#,
        r#""code":"model_not_found"}}"#,
    );
    assert_eq!(
        verdict(&answered(Provider::Openai, 404, model)),
        (ErrorClass::Permanent, "ModelNotFound")
    );
    let ollama = concat!(
        r#"{"error":{"message":"model \"llama9\" not found, try pulling it first","type":"not_found_error","#,
        r#""param":null,"code":null}}"#,
    );
    assert_eq!(
        verdict(&answered(Provider::Ollama, 404, ollama)),
        (ErrorClass::Permanent, "ModelNotFound")
    );
    let large = concat!(
        r#"{"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested "#,
        r#"40000.","type":"tokens","code":"rate_limit_exceeded"}}"#,
    );
    assert_eq!(
        verdict(&answered(Provider::Openai, 429, large)),
        (ErrorClass::Permanent, "RequestTooLarge")
    );
    let loading = r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#;
    assert_eq!(
        verdict(&answered(Provider::Openai, 503, loading)),
        (ErrorClass::Transient, "ModelLoading")
    );
}

#[test]
fn workers_ai_codes_have_their_classes() {
    for code in [
        5004, 5005, 5007, 3003, 3006, 3041, 3042, 5016, 5018, 8001, 5023, 5019, 3023, 3039,
    ] {
        let body = format!(r#"{{"internalCode":{code},"description":"d","name":"n"}}"#);
        assert_eq!(
            answered(Provider::WorkersAi, 429, &body).class,
            ErrorClass::Permanent,
            "{code}"
        );
    }
    for code in [3007, 3008, 3040] {
        let body = format!(r#"{{"errors":[{{"code":{code},"message":"AiError: m"}}],"success":false}}"#);
        assert_eq!(
            answered(Provider::WorkersAi, 400, &body).class,
            ErrorClass::Transient,
            "{code}"
        );
    }
    let daily =
        r#"{"errors":[{"code":3036,"message":"you have used up your daily free allocation of 10,000 neurons"}]}"#;
    assert_eq!(
        verdict(&answered(Provider::WorkersAi, 429, daily)),
        (ErrorClass::Quota, "QuotaExceeded")
    );
    let unknown = r#"{"errors":[{"code":9999,"message":"m"}]}"#;
    assert_eq!(answered(Provider::WorkersAi, 502, unknown).class, ErrorClass::Transient);
    assert_eq!(
        answered(
            Provider::WorkersAi,
            429,
            r#"{"internalCode":3040,"description":"no data center"}"#
        )
        .message,
        "HTTP 429, code 3040: no data center"
    );
}

#[test]
fn exceptions_are_classified_by_their_words() {
    use ErrorClass::{Interrupted, Permanent, Quota, Transient};
    let expected = [
        (
            "InferenceUpstreamError: 3040: Capacity temporarily exceeded, please try again.",
            Transient,
            "OutOfCapacity",
        ),
        ("InferenceUpstreamError: 12345: 3036: daily", Quota, "QuotaExceeded"),
        (
            "InferenceUpstreamError [AiError]: 5023: JSON Schema mode is not supported with stream mode.",
            Permanent,
            "BadRequest",
        ),
        ("5007: No such model @cf/x/y or task", Permanent, "ModelNotFound"),
        (
            "InferenceUpstreamError: AiError: This model's maximum context length is 131072 tokens.",
            Permanent,
            "ContextTooLong",
        ),
        ("InferenceUpstreamError: something new", Transient, "ProviderError"),
        (
            "Error: Too many subrequests by single Worker invocation.",
            Interrupted,
            "InvocationEnded",
        ),
        (
            "Durable Object reset because its code was updated.",
            Interrupted,
            "InvocationEnded",
        ),
        ("AbortError: The operation was aborted", Transient, "Aborted"),
        ("TypeError: Network connection lost.", Transient, "NetworkError"),
        ("Error: internal error; reference = abc123", Transient, "NetworkError"),
        ("TypeError: fetch failed", Transient, "NetworkError"),
        ("TypeError: Invalid URL: nope", Permanent, "InvalidAddress"),
        ("", Transient, "NetworkError"),
    ];
    for (message, class, name) in expected {
        assert_eq!(
            verdict(&error_from_thrown(message, &Redactor::nothing())),
            (class, name),
            "{message}"
        );
    }
}

#[test]
fn a_number_that_is_no_code_is_not_taken_for_one() {
    for message in [
        "13036: x",
        "port 53036: refused",
        "3040 without a colon",
        "at 12:30:40",
        "max_tokens: at most 5023",
    ] {
        assert_eq!(workers_ai_code(&Fault::text(message)), None, "{message}");
    }
    assert_eq!(
        workers_ai_code(&Fault::text("request 77: AiError: 3040 : busy")),
        Some(3040)
    );
}

#[test]
fn retry_after_is_read_for_errors_worth_retrying_only() {
    let header = |name: &str| (name == "retry-after").then(|| "7".to_owned());
    let error = |status| error_from_response(Provider::Openai, status, &header, "", 0, &Redactor::nothing());
    assert_eq!(error(429).retry_after_ms, Some(7_000));
    assert_eq!(error(503).retry_after_ms, Some(7_000));
    assert_eq!(error(400).retry_after_ms, None);
    assert_eq!(error(429).message, "HTTP 429: an empty body");
}

#[test]
fn an_echoed_key_does_not_reach_the_message() {
    let secrets = ["my-secret-key".to_owned()];
    let redactor = Redactor::new(&secrets, &[]);
    let body = r#"{"error":{"message":"Incorrect API key provided: my-secret-key."}}"#;
    let error = error_from_response(Provider::Openai, 401, &no_header, body, 0, &redactor);
    assert_eq!(error.message, "HTTP 401: Incorrect API key provided: [redacted].");
    assert_eq!(
        error_from_thrown("TypeError: header my-secret-key", &redactor).message,
        "TypeError: header [redacted]"
    );
}

#[test]
fn an_error_page_is_named_by_its_title() {
    let page = "<!DOCTYPE html><html><head><title>502: Bad gateway</title></head></html>";
    assert_eq!(
        answered(Provider::Openai, 502, page).message,
        "HTTP 502: 502: Bad gateway"
    );
}
