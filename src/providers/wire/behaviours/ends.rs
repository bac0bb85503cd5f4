//! Why a reply ends: finish reasons, errors that a server reports within a stream, and refusals.

use super::Means::{Cut, Doubt, Fails, Text};
use super::Sent::{Data, Done, End, Raw, Text as Piece, Used};
use super::{Row, permanent, stream, transient, used};
use crate::model::ErrorClass::Quota;

pub(super) const ROWS: &[Row] = &[
    stream("OpenAI: stop", &[Piece("a"), End("stop"), Done], Text("a")),
    stream(
        "Gemini's chat completions: STOP",
        &[Piece("a"), End("STOP"), Done],
        Text("a"),
    ),
    stream("Together: eos", &[Piece("a"), End("eos"), Done], Text("a")),
    stream("TGI: eos_token", &[Piece("a"), End("eos_token"), Done], Text("a")),
    stream(
        "litellm #28223 (Cohere on OCI): COMPLETE",
        &[Piece("a"), End("COMPLETE"), Done],
        Text("a"),
    ),
    stream(
        "Anthropic behind gateways: end_turn",
        &[Piece("a"), End("end_turn"), Done],
        Text("a"),
    ),
    stream(
        "any-llm #1301 (Cohere): STOP_SEQUENCE",
        &[Piece("a"), End("STOP_SEQUENCE"), Done],
        Text("a"),
    ),
    stream("LM Studio: eosFound", &[Piece("a"), End("eosFound"), Done], Text("a")),
    stream(
        "sglang #1407: the reason is an object",
        &[
            Piece("a"),
            Data(r#"{"choices":[{"index":0,"delta":{},"finish_reason":{"type":"stop","matched":1}}]}"#),
        ],
        Text("a"),
    ),
    stream(
        "sglang #4550; one-api, relay/adaptor/openai/main.go, after a cut: the reason stays null, then [DONE]",
        &[
            Data(r#"{"choices":[{"index":0,"delta":{"content":"«a»"},"finish_reason":null,"matched_stop":null}]}"#),
            Done,
        ],
        Doubt("a", "[DONE] without a finish reason"),
    ),
    stream(
        "ollama #4357: the reason is an empty text until the end",
        &[
            Data(r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"«a»"},"finish_reason":""}]}"#),
            End("stop"),
            Done,
        ],
        Text("a"),
    ),
    stream(
        "one-api, DashScope: the reason is the text null until the end",
        &[
            Data(r#"{"choices":[{"index":0,"delta":{"content":"«a»"},"finish_reason":"null"}]}"#),
            End("stop"),
            Done,
        ],
        Text("a"),
    ),
    stream(
        "simple-one-api #32 (Gemini): STOP in every chunk",
        &[
            Data(r#"{"choices":[{"index":0,"delta":{"content":"«a»"},"finish_reason":"STOP"}]}"#),
            Data(r#"{"choices":[{"index":0,"delta":{"content":"«b»"},"finish_reason":"STOP"}]}"#),
            Done,
        ],
        Text("ab"),
    ),
    stream(
        "open-webui #16377: stop with the reasoning, then the text",
        &[
            Data(r#"{"choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":"stop"}]}"#),
            Piece("a"),
            End("stop"),
            Done,
        ],
        Text("a"),
    ),
    stream("OpenAI: length", &[Piece("a"), End("length"), Done], Cut("a")),
    stream("Gemini: MAX_TOKENS", &[Piece("a"), End("MAX_TOKENS"), Done], Cut("a")),
    stream(
        "Mistral: model_length",
        &[Piece("a"), End("model_length"), Done],
        Cut("a"),
    ),
    stream(
        "pi #1868 (GLM, Anthropic): model_context_window_exceeded",
        &[Piece("a"), End("model_context_window_exceeded"), Done],
        Cut("a"),
    ),
    stream(
        "proxies: a stop of their own after the real reason",
        &[Piece("a"), End("length"), End("stop"), Done],
        Cut("a"),
    ),
    used(
        5,
        4_096,
        stream(
            "Workers AI's native models: usage shows that the limit was reached",
            &[Data(r#"{"response":"Hello"}"#), Used(5, 4_096), Done],
            Cut("Hello"),
        ),
    ),
    stream(
        "case m02, litellm #24373 (Zhipu): network_error",
        &[Piece("The first half of the ans"), End("network_error"), Done],
        transient("ProviderError", "network_error"),
    ),
    stream(
        "DeepSeek, API page: insufficient_system_resource",
        &[Piece("a"), End("insufficient_system_resource"), Done],
        transient("ProviderError", "insufficient_system_resource"),
    ),
    stream(
        "mastra #20302 (Gemini): MALFORMED_FUNCTION_CALL",
        &[Piece("a"), End("MALFORMED_FUNCTION_CALL"), Done],
        transient("ProviderError", "MALFORMED_FUNCTION_CALL"),
    ),
    stream(
        "vLLM, SGLang: abort",
        &[Piece("a"), End("abort"), Done],
        transient("ProviderError", "abort"),
    ),
    stream(
        "oh-my-pi #7465 (Ollama): load, with nothing generated",
        &[End("load"), Done],
        transient("ProviderError", "load"),
    ),
    stream(
        "case m02, ai-dial-adapter-vertexai #85 (Gemini): SAFETY",
        &[Piece("The first half of the ans"), End("SAFETY"), Done],
        permanent("ContentFiltered", "SAFETY"),
    ),
    stream(
        "litellm #2866 (Gemini): RECITATION",
        &[Piece("a"), End("RECITATION"), Done],
        permanent("ContentFiltered", "RECITATION"),
    ),
    stream(
        "opencode #44092, dify #7559 (Zhipu): sensitive",
        &[Piece("a"), End("sensitive"), Done],
        permanent("ContentFiltered", "sensitive"),
    ),
    used(
        3,
        1,
        stream(
            "Azure: content_filter, with usage",
            &[Piece("a"), End("content_filter"), Used(3, 1), Done],
            permanent("ContentFiltered", "content_filter"),
        ),
    ),
    stream(
        "laravel/ai #881 (Anthropic): refusal in the middle of a text",
        &[Piece("Half an ans"), End("refusal"), Done],
        permanent("Refused", "Half an ans"),
    ),
    stream(
        "agenc-core #2402 (Anthropic): pause_turn",
        &[Piece("a"), End("pause_turn"), Done],
        Doubt("a", "pause_turn"),
    ),
    stream("Gemini: OTHER", &[Piece("a"), End("OTHER"), Done], Doubt("a", "OTHER")),
    stream(
        "the reason is a number",
        &[
            Piece("a"),
            Data(r#"{"choices":[{"index":0,"delta":{},"finish_reason":1}]}"#),
            Done,
        ],
        Doubt("a", "1"),
    ),
    stream(
        "case m34, MacPaw/OpenAI #249: a refusal in pieces",
        &[
            Data(r#"{"choices":[{"delta":{"role":"assistant","content":null,"refusal":""},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"delta":{"refusal":"I can't "},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"delta":{"refusal":"help with that."},"finish_reason":null}]}"#),
            End("stop"),
            Done,
        ],
        permanent("Refused", "refused to answer: I can't help with that."),
    ),
    stream(
        "OpenAI: a refusal after a beginning of the answer",
        &[
            Piece("{"),
            Data(r#"{"choices":[{"delta":{"refusal":"No."},"finish_reason":null}]}"#),
            End("stop"),
            Done,
        ],
        permanent("Refused", "No."),
    ),
    stream(
        "Responses API: a refusal",
        &[
            Data(r#"{"type":"response.refusal.delta","delta":"No."}"#),
            Data(r#"{"type":"response.refusal.done","refusal":"No."}"#),
            Data(r#"{"type":"response.completed","response":{"status":"completed","output":[]}}"#),
        ],
        permanent("Refused", "No."),
    ),
    stream(
        "a tool call nobody offered",
        &[
            Data(r#"{"choices":[{"delta":{"tool_calls":[{"index":0}]},"finish_reason":"tool_calls"}]}"#),
            Done,
        ],
        transient("BadReply", "called a tool"),
    ),
    stream(
        "a tool call beside a text",
        &[
            Piece("a"),
            Data(r#"{"choices":[{"delta":{"tool_calls":[{}]},"finish_reason":"tool_calls"}]}"#),
            Done,
        ],
        Text("a"),
    ),
    stream(
        "OpenAI: an error event",
        &[
            Piece("a"),
            Data(r#"{"error":{"message":"overloaded","type":"server_error","code":"overloaded"}}"#),
        ],
        transient("OutOfCapacity", "overloaded"),
    ),
    stream(
        "hebo-gateway #71, macprovider #186: an error event, then [DONE]",
        &[
            Piece("a"),
            Raw("event: error\ndata: {\"error\":{\"message\":\"gone\",\"code\":\"provider_disconnected\"}}\n\n"),
            Done,
        ],
        transient("ProviderError", "gone"),
    ),
    stream(
        "case m08b: an event named error with plain text",
        &[
            Piece("Half an ans"),
            Raw("event: error\ndata: upstream connection lost\n\n"),
            Done,
        ],
        transient("ProviderError", "upstream connection lost"),
    ),
    stream(
        "LibreChat, FastAPI: an event named error with a message or a detail",
        &[
            Piece("a"),
            Raw("event: error\ndata: {\"detail\":\"worker died\"}\n\n"),
            Done,
        ],
        transient("ProviderError", "worker died"),
    ),
    stream(
        "bayes-platform #639: an event named error without data",
        &[Piece("a"), Raw("event: error\nid: 1\n\n"), End("stop"), Done],
        transient("ProviderError", "without a message"),
    ),
    stream(
        "clicky #132 (Anthropic): overloaded",
        &[
            Piece("a"),
            Raw("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","),
            Raw("\"message\":\"Overloaded\"}}\n\n"),
        ],
        transient("OutOfCapacity", "Overloaded"),
    ),
    stream(
        "goose #9579 (Bedrock): an exception event",
        &[
            Piece("a"),
            Raw("event: modelStreamErrorException\ndata: {\"message\":\"it broke\"}\n\n"),
        ],
        transient("ProviderError", "it broke"),
    ),
    stream(
        "thane-ai-agent #1395 (LM Studio): an error beside a message",
        &[Raw(
            "event: error\ndata: {\"error\":{\"message\":\"no\"},\"message\":\"no\"}\n\n",
        )],
        transient("ProviderError", "no"),
    ),
    stream(
        "llama.cpp #16104: a field named error",
        &[
            Raw("error: {\"code\":400,\"message\":\"the request exceeds the available context size\","),
            Raw("\"type\":\"invalid_request_error\"}\n\n"),
            Done,
        ],
        permanent("ContextTooLong", "context size"),
    ),
    stream(
        "local-operator #223 (OpenRouter): an error beside choices",
        &[Data(concat!(
            r#"{"error":{"code":429,"message":"Rate limit exceeded"},"#,
            r#""choices":[{"delta":{"content":"«»"},"finish_reason":"error"}]}"#
        ))],
        transient("RateLimited", "Rate limit exceeded"),
    ),
    stream(
        "OmniRoute #8210 (OpenRouter): an error beside no choices",
        &[Data(
            r#"{"id":"c","choices":[],"error":{"code":502,"message":"Worker limit reached"}}"#,
        )],
        transient("ServerError", "Worker limit reached"),
    ),
    stream(
        "jp #978 (OpenRouter): the error of a choice",
        &[Data(
            r#"{"choices":[{"index":0,"delta":{},"error":{"code":503,"message":"busy"}}]}"#,
        )],
        transient("ServerError", "busy"),
    ),
    stream(
        "inspect_ai #5218 (Groq): an error in x_groq",
        &[
            Piece("a"),
            Data(r#"{"id":"c","choices":[],"x_groq":{"id":"r","error":"it broke"}}"#),
        ],
        transient("ProviderError", "it broke"),
    ),
    stream(
        "MiniMax, error page: a status in base_resp",
        &[Data(
            r#"{"choices":null,"base_resp":{"status_code":1002,"status_msg":"rate limit"}}"#,
        )],
        transient("RateLimited", "rate limit"),
    ),
    stream(
        "MiniMax: base_resp of a success",
        &[
            Data(concat!(
                r#"{"choices":[{"index":0,"delta":{"content":"«a»"}}],"#,
                r#""base_resp":{"status_code":0,"status_msg":""}}"#
            )),
            End("stop"),
        ],
        Text("a"),
    ),
    stream(
        "FastAPI: a detail as an event",
        &[Piece("a"), Data(r#"{"detail":"worker died"}"#), Done],
        transient("ProviderError", "worker died"),
    ),
    stream(
        "proxies: a bare JSON error in a stream",
        &[Raw(": ping\n\n{\"error\":\"insufficient_quota\"}\n")],
        Fails(Quota, "QuotaExceeded", ""),
    ),
    stream(
        "Spring: a bare JSON error over several lines",
        &[
            Piece("a"),
            Raw("{\n  \"status\": \"error\",\n  \"message\": \"boom\"\n}\n"),
        ],
        transient("ProviderError", "boom"),
    ),
];
