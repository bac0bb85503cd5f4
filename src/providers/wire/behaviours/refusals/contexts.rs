//! Requests that don't fit.

use super::{Permanent, Row, Sizes, row};

#[rustfmt::skip]
pub(super) const CONTEXTS: &[Row] = &[
    row("case m40; vLLM, vllm-project/vllm#3851", 400, Permanent, "ContextTooLong", Sizes(4_096, 700),
        concat!(
            r#"{"object":"error","message":"maximum context length is 4096 tokens, requested 4796 tokens (700 in the "#,
            r#"messages, 4096 in the completion)","type":"BadRequestError","param":null,"code":400}"#,
        )),
    row("OpenAI, The-Vibe-Company/quivr#505", 400, Permanent, "ContextTooLong", Sizes(4_097, 3_703),
        concat!(
            r#"{"error":{"message":"This model's maximum context length is 4097 tokens. However, you requested 4203 "#,
            r#"tokens (3703 in the messages, 500 in the completion).","param":"messages","#,
            r#""code":"context_length_exceeded"}}"#,
        )),
    row("OpenAI, older, nicknochnack/LangchainDocuments#2", 400, Permanent, "ContextTooLong", Sizes(4_097, 4_066),
        concat!(
            r#"{"error":{"message":"This model's maximum context length is 4097 tokens, however you requested 4322 "#,
            r#"tokens (4066 in your prompt; 256 for the completion).","type":"invalid_request_error","param":null,"#,
            r#""code":null}}"#,
        )),
    row("OpenAI, vanna-ai/vanna#320", 400, Permanent, "ContextTooLong", Sizes(16_385, 26_620),
        concat!(
            r#"{"error":{"message":"This model's maximum context length is 16385 tokens. However, your messages "#,
            r#"resulted in 26620 tokens.","code":"context_length_exceeded"}}"#,
        )),
    row("vLLM, vllm-project/vllm#42474", 400, Permanent, "ContextTooLong", Sizes(128_000, 0),
        concat!(
            r#"{"error":{"message":"This model's maximum context length is 128000 tokens. However, you requested "#,
            r#"65535 output tokens and your prompt contains at least 62466 input tokens, for a total of at least "#,
            r#"128001 tokens.","type":"BadRequestError","param":"input_tokens","code":400}}"#,
        )),
    row("vLLM, serving_engine.py", 400, Permanent, "ContextTooLong", Sizes(8_192, 2_423),
        concat!(
            r#"{"object":"error","message":"'max_tokens' or 'max_completion_tokens' is too large: 32000. This "#,
            r#"model's maximum context length is 8192 tokens and your request has 2423 input tokens (32000 > 8192 - "#,
            r#"2423).","type":"BadRequestError","code":400}"#,
        )),
    row("NVIDIA NIM", 400, Permanent, "ContextTooLong", Sizes(4_096, 0),
        concat!(
            r#"{"object":"error","message":"max_tokens=5000cannot be greater than "#,
            r#"max_model_len=max_total_tokens=4096. Please request fewer output tokens.","type":"BadRequestError"}"#,
        )),
    row("Workers AI, anomalyco/models.dev#4422", 400, Permanent, "ContextTooLong", Sizes(256_000, 31_216),
        concat!(
            r#"{"errors":[{"message":"Requested token count exceeds the model's maximum context length of 256000 "#,
            r#"tokens. You requested a total of 256878 tokens: 31216 tokens from the input messages and 225662 "#,
            r#"tokens for the completion."}]}"#,
        )),
    row("Workers AI, older models", 413, Permanent, "ContextTooLong", Sizes(24_000, 0),
        concat!(
            r#"{"errors":[{"code":5021,"message":"AiError: The estimated number of input and maximum output tokens "#,
            r#"(24545) exceeded this model context window limit (24000)."}]}"#,
        )),
    row("llama.cpp, ggml-org/llama.cpp#15780", 400, Permanent, "ContextTooLong", Sizes(8_192, 14_429),
        concat!(
            r#"{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the "#,
            r#"context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":14429,"#,
            r#""n_ctx":8192}}"#,
        )),
    row("llama.cpp, newer server", 400, Permanent, "ContextTooLong", Sizes(8_192, 14_429),
        concat!(
            r#"{"error":{"code":400,"message":"request (14429 tokens) exceeds the available context size (8192 "#,
            r#"tokens), try increasing it","type":"exceed_context_size_error"}}"#,
        )),
    row("llama-cpp-python, rllm-team/rllm#55", 400, Permanent, "ContextTooLong", Sizes(512, 516),
        concat!(
            r#"{"error":{"message":"Requested tokens (516) exceed context window of 512","#,
            r#""type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
        )),
    row("TGI, huggingface/chat-ui#340", 422, Permanent, "ContextTooLong", Sizes(1_512, 1_000),
        concat!(
            r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 1512. Given: 1000 "#,
            r#"`inputs` tokens and 1024 `max_new_tokens`","error_type":"validation"}"#,
        )),
    row("TGI, huggingface/text-generation-inference#695", 422, Permanent, "ContextTooLong", Sizes(1_024, 1_168),
        concat!(
            r#"{"error":"Input validation error: `inputs` must have less than 1024 tokens. Given: 1168","#,
            r#""error_type":"validation"}"#,
        )),
    row("SGLang, QwenLM/Qwen3#1321", 400, Permanent, "ContextTooLong", Sizes(40_960, 61_709),
        concat!(
            r#"{"object":"error","message":"The input (61709 tokens) is longer than the model's context length "#,
            r#"(40960 tokens).","type":"BadRequestError","param":null,"code":400}"#,
        )),
    row("SGLang, sgl-project/sglang#4048", 400, Permanent, "ContextTooLong", Sizes(59_862, 160_062),
        concat!(
            r#"{"object":"error","message":"Input length (160062 tokens) exceeds the maximum allowed length (59862 "#,
            r#"tokens).","type":"BadRequestError"}"#,
        )),
    row("Gemini, google-gemini/gemini-cli#6678", 400, Permanent, "ContextTooLong", Sizes(1_048_576, 1_200_293),
        concat!(
            r#"[{"error":{"code":400,"message":"The input token count (1200293) exceeds the maximum number of tokens "#,
            r#"allowed (1048576).","status":"INVALID_ARGUMENT"}}]"#,
        )),
    row("Anthropic, stackblitz/bolt.new#2449", 400, Permanent, "ContextTooLong", Sizes(200_000, 202_095),
        concat!(
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 202095 tokens "#,
            r#"> 200000 maximum"}}"#,
        )),
    row("Anthropic, stackblitz/bolt.new#7414", 400, Permanent, "ContextTooLong", Sizes(204_648, 90_402),
        concat!(
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` "#,
            r#"exceed context limit: 90402 + 116650 > 204648, decrease input length or `max_tokens` and try again"}}"#,
        )),
    row("OpenRouter, boldsoftware/shelley#159", 400, Permanent, "ContextTooLong", Sizes(204_800, 85_432),
        concat!(
            r#"{"error":{"message":"This endpoint's maximum context length is 204800 tokens. However, you requested "#,
            r#"about 205432 tokens (85432 of text input, 120000 in the output).","code":400}}"#,
        )),
    row("Mistral", 400, Permanent, "ContextTooLong", Sizes(32_768, 40_000),
        concat!(
            r#"{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model "#,
            r#"with 32768 maximum context length","type":"invalid_request_prompt","code":"3051"}"#,
        )),
    row("xAI, chenyme/grok2api#693", 400, Permanent, "ContextTooLong", Sizes(500_000, 907_154),
        concat!(
            r#"{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 500000 "#,
            r#"but the request contains 907154 tokens."}"#,
        )),
    row("Cerebras, cline/cline#5140", 400, Permanent, "ContextTooLong", Sizes(40_000, 42_328),
        concat!(
            r#"{"message":"Please reduce the length of the messages or completion. Current length is 42328 while "#,
            r#"limit is 40000","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}"#,
        )),
    row("Groq, OpenHands/OpenHands#1902", 400, Permanent, "ContextTooLong", Sizes(0, 0),
        concat!(
            r#"{"error":{"message":"Please reduce the length of the messages or completion.","#,
            r#""type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
        )),
    row("Moonshot", 400, Permanent, "ContextTooLong", Sizes(8_192, 0),
        concat!(
            r#"{"error":{"message":"Invalid request: Your request exceeded model token limit: 8192 (requested: "#,
            r#"9000)","type":"invalid_request_error"}}"#,
        )),
    row("DashScope, error codes", 400, Permanent, "ContextTooLong", Sizes(30_720, 0),
        concat!(
            r#"{"error":{"message":"Range of input length should be [1, 30720]","type":"invalid_request_error","#,
            r#""code":"invalid_parameter_error"}}"#,
        )),
    row("LM Studio", 400, Permanent, "ContextTooLong", Sizes(4_096, 0),
        concat!(
            r#"{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is "#,
            r#"loaded with context length of only 4096 tokens, which is not enough."}"#,
        )),
    row("Groq, anomalyco/opencode#38059", 413, Permanent, "RequestTooLarge", Sizes(6_000, 0),
        concat!(
            r#"{"error":{"message":"Request too large for model `m` in organization `o` service tier `on_demand` on "#,
            r#"tokens per minute (TPM): Limit 6000, Requested 42781, please reduce your message size and try "#,
            r#"again.","type":"tokens","code":"rate_limit_exceeded"}}"#,
        )),
    row("OpenAI, vanderschaarlab/climb#1", 429, Permanent, "RequestTooLarge", Sizes(30_000, 0),
        concat!(
            r#"{"error":{"message":"Request too large for gpt-4o in organization org-x on tokens per min (TPM): "#,
            r#"Limit 30000, Requested 30601.","type":"tokens","code":"rate_limit_exceeded"}}"#,
        )),
];
