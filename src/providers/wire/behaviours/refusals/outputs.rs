//! The model's output failed, not the request.

use super::{Nothing, Param, Refusal, Row, Transient, row};

#[rustfmt::skip]
pub(super) const OUTPUTS: &[Row] = &[
    row("case m60; Groq docs, structured outputs", 400, Transient, "OutputRejected", Nothing,
        concat!(
            r#"{"error":{"message":"The JSON that was generated does not validate","type":"invalid_request_error","#,
            r#""code":"json_validate_failed","failed_generation":"{\"tasks\": ["}}"#,
        )),
    row("Groq, thepersonalaicompany/amurex-backend#38", 400, Transient, "OutputRejected", Nothing,
        concat!(
            r#"{"error":{"message":"Failed to generate JSON. Please adjust your prompt.","#,
            r#""type":"invalid_request_error"}}"#,
        )),
    row("Groq, lucagrippa/obsidian-ai-tagger#34", 400, Transient, "OutputRejected", Nothing,
        concat!(
            r#"{"error":{"message":"Failed to call a function.","type":"invalid_request_error","#,
            r#""code":"tool_use_failed","failed_generation":""}}"#,
        )),
    row("Groq docs, gpt-oss", 400, Transient, "OutputRejected", Nothing,
        r#"{"error":{"message":"Parsing failed.","type":"invalid_request_error","code":"output_parse_failed"}}"#),
    row("Workers AI docs, JSON mode", 400, Transient, "OutputRejected", Param(Refusal::AnyResponseFormat),
        r#"{"errors":[{"code":5024,"message":"JSON Mode couldn't be met"}]}"#),
    row("OpenAI forum, server errors", 500, Transient, "OutputRejected", Nothing,
        r#"{"error":{"message":"The model produced invalid content.","type":"model_error"}}"#),
];
