//! Refused parameters, and ceilings.

use super::{Nothing, Param, Permanent, Refusal, Row, Transient, row};

#[rustfmt::skip]
pub(super) const PARAMETERS: &[Row] = &[
    row("case m22", 400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(4_096)),
        r#"{"error":{"message":"max_tokens must be in the range [1, 4096]","code":"invalid_parameter_error"}}"#),
    row("DeepSeek, deepseek-ai/DeepSeek-V3#69", 400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(8_192)),
        concat!(
            r#"{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 8192]","#,
            r#""type":"invalid_request_error"}}"#,
        )),
    row("DashScope, open-webui/open-webui#10507", 400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(8_192)),
        concat!(
            r#"{"code":"InvalidParameter","message":"<400> InternalError.Algo.InvalidParameter: Range of max_tokens "#,
            r#"should be [1, 8192]"}"#,
        )),
    row("Volcengine, yiliqi78/TOKENICODE#3", 400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(32_768)),
        concat!(
            r#"{"error":{"code":"InvalidParameter","message":"The parameter max_tokens specified in the request is "#,
            r#"not valid: integer above maximum value, expected a value <= 32768, but got 64000 instead. Request id: "#,
            r#"0217724325966514087c9e55f8b322b8","param":"max_tokens"}}"#,
        )),
    row("PPIO, neavo/KeywordGacha#111", 400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(4_000)),
        concat!(
            r#"{"code":400,"reason":"INVALID_REQUEST_BODY","message":"max_tokens (current value: 4096) must be "#,
            r#"between 0 and 4000","metadata":{}}"#,
        )),
    row("Anthropic, anthropics/claude-code#24451",
        400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(64_000)),
        concat!(
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 128001 > 64000, which "#,
            r#"is the maximum allowed number of output tokens for claude-opus-4-5-20251101"}}"#,
        )),
    row("Workers AI, anomalyco/models.dev#4422",
        400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(256_000)),
        concat!(
            r#"{"errors":[{"code":3010,"message":"max_completion_tokens is too large: 262144. This model supports at "#,
            r#"most 256000 completion tokens."}],"success":false}"#,
        )),
    row("Bedrock, aws-samples/bedrock-access-gateway#41",
        400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(2_048)),
        concat!(
            r#"{"message":"The maximum tokens you requested exceeds the model limit of 2048. Try again with a "#,
            r#"maximum tokens value that is lower than 2048."}"#,
        )),
    row("Groq docs, API errors", 400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(8_192)),
        concat!(
            r#"{"error":{"message":"`max_tokens` must be less than or equal to `8192`, the maximum value for "#,
            r#"`max_tokens` is less than the `context_window` for this model","type":"invalid_request_error","#,
            r#""param":"max_tokens"}}"#,
        )),
    row("Gemini on Vertex, docs", 400, Permanent, "BadRequest", Param(Refusal::MaxTokensAbove(8_192)),
        concat!(
            r#"{"error":{"code":400,"message":"Unable to submit request because it has a maxOutputTokens value of "#,
            r#"99999 but the supported range is from 1 (inclusive) to 8193 (exclusive).","#,
            r#""status":"INVALID_ARGUMENT"}}"#,
        )),
    row("OpenAI docs, reasoning models", 400, Permanent, "BadRequest", Param(Refusal::MaxTokens),
        concat!(
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use "#,
            r#"'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}"#,
        )),
    row("case m61; Mistral, dnakov/anon-kode#53", 422, Permanent, "BadRequest", Param(Refusal::StreamOptions),
        concat!(
            r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options","#,
            r#""include_usage"],"msg":"this field is not known here","input":true}]},"type":"invalid_request_error","#,
            r#""param":null,"code":null}"#,
        )),
    row("vLLM, older", 400, Permanent, "BadRequest", Param(Refusal::ReasoningEffort),
        concat!(
            r#"{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'reasoning_effort'), 'msg': "#,
            r#"'Extra inputs are not permitted', 'input': 'low'}]","type":"BadRequestError","param":null,"code":400}"#,
        )),
    row("case m65; Gemini, QuantumNous/new-api#989", 400, Permanent, "BadRequest", Param(Refusal::SystemRole),
        concat!(
            r#"{"error":{"message":"Developer instruction is not enabled for models/m","code":400,"#,
            r#""status":"INVALID_ARGUMENT"}}"#,
        )),
    row("vLLM, microsoft/autogen#1037", 400, Permanent, "BadRequest", Param(Refusal::SystemRole),
        concat!(
            r#"{"object":"error","message":"Conversation roles must alternate user/assistant/user/assistant/...","#,
            r#""type":"invalid_request_error","param":null,"code":null}"#,
        )),
    row("vLLM, vllm-project/vllm#6862", 400, Permanent, "BadRequest", Param(Refusal::SystemRole),
        concat!(
            r#"{"object":"error","message":"After the optional system message, conversation roles must alternate "#,
            r#"user/assistant/user/assistant/...","type":"BadRequestError","param":null,"code":400}"#,
        )),
    row("vLLM, chat template of Gemma 2", 400, Permanent, "BadRequest", Param(Refusal::SystemRole),
        r#"{"object":"error","message":"System role not supported","type":"BadRequestError","code":400}"#),
    row("OpenAI docs, o1-mini", 400, Permanent, "BadRequest", Param(Refusal::SystemRole),
        concat!(
            r#"{"error":{"message":"Unsupported value: 'messages[0].role' does not support 'system' with this "#,
            r#"model.","param":"messages[0].role","code":"unsupported_value"}}"#,
        )),
    row("Volcengine, agno-agi/agno#6697", 400, Permanent, "BadRequest", Param(Refusal::SystemRole),
        concat!(
            r#"{"error":{"code":"InvalidParameter","message":"The parameter `messages.role` specified in the request "#,
            r#"are not valid: invalid value: `system`, supported values are: `assistant`, `user`.","#,
            r#""param":"messages.role"}}"#,
        )),
    row("OpenRouter docs, provider routing", 404, Permanent, "BadRequest", Nothing,
        r#"{"error":{"message":"No endpoints found that can handle the requested parameters.","code":404}}"#),
    row("llama.cpp server, grammars", 500, Transient, "ServerError", Param(Refusal::ResponseFormat),
        concat!(
            r#"{"error":{"code":500,"message":"Failed to initialize samplers: failed to parse grammar","#,
            r#""type":"server_error"}}"#,
        )),
    row("Groq, ItzCrazyKns/Vane#980", 400, Permanent, "BadRequest", Param(Refusal::ResponseFormat),
        concat!(
            r#"{"error":{"message":"This model does not support response format `json_schema`. See supported "#,
            r#"models.","type":"invalid_request_error"}}"#,
        )),
    row("OpenAI docs, verified organisations", 400, Permanent, "BadRequest", Param(Refusal::Stream),
        concat!(
            r#"{"error":{"message":"Your organization must be verified to stream this model.","param":"stream","#,
            r#""code":"unsupported_value"}}"#,
        )),
];
