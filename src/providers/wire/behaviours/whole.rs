//! Replies that are one JSON value, or one on each line, and pages that are no reply.

use super::Means::{Cut, Doubt, Text};
use super::Sent::Raw;
use super::{Row, SSE, permanent, transient, typed, used, whole};

pub(super) const ROWS: &[Row] = &[
    used(
        9,
        3,
        whole(
            "OpenAI: a chat completion",
            &[
                Raw(r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"«Hello 🦀»"},"#),
                Raw(r#""finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3}}"#),
            ],
            Text("Hello 🦀"),
        ),
    ),
    typed(
        SSE,
        whole(
            "TRL and others: plain JSON in answer to a stream request, called a stream",
            &[Raw(
                "\n{\"choices\":[{\"message\":{\"content\":\"«a»\"},\"finish_reason\":\"length\"}]}\n",
            )],
            Cut("a"),
        ),
    ),
    whole(
        "one-hub #501: thinking in the content",
        &[Raw(
            r#"{"choices":[{"message":{"content":"<think>\nx\n</think>\n\nyes"},"finish_reason":"stop"}]}"#,
        )],
        Text("yes"),
    ),
    used(
        1,
        9,
        whole(
            "DeepSeek: the limit falls into the reasoning",
            &[
                Raw(r#"{"choices":[{"message":{"content":null,"reasoning_content":"hm"},"finish_reason":"length"}],"#),
                Raw(r#""usage":{"prompt_tokens":1,"completion_tokens":9}}"#),
            ],
            Cut(""),
        ),
    ),
    used(
        1,
        9,
        whole(
            "vllm-ascend #9131: nothing but reasoning, and stop",
            &[
                Raw(r#"{"choices":[{"message":{"content":null,"reasoning":"hm"},"finish_reason":"stop"}],"#),
                Raw(r#""usage":{"prompt_tokens":1,"completion_tokens":9}}"#),
            ],
            transient("EmptyReply", "reasoning alone (2 characters)"),
        ),
    ),
    whole(
        "vllm #41902: neither content nor reasoning",
        &[Raw(
            r#"{"choices":[{"message":{"content":null,"reasoning":null},"finish_reason":"stop"}]}"#,
        )],
        Text(""),
    ),
    whole(
        "Lambdua/openai4j #53: a refusal",
        &[Raw(
            r#"{"choices":[{"message":{"content":null,"refusal":"I can't."},"finish_reason":"stop"}]}"#,
        )],
        permanent("Refused", "I can't."),
    ),
    whole(
        "Anthropic behind gateways: a refusal without words",
        &[Raw(
            r#"{"choices":[{"message":{"content":"«»"},"finish_reason":"refusal"}]}"#,
        )],
        permanent("Refused", "said no reason"),
    ),
    whole(
        "OpenAI: two choices, numbered backwards",
        &[
            Raw(r#"{"choices":[{"index":1,"message":{"content":"b"},"finish_reason":"stop"},"#),
            Raw(r#"{"index":0,"message":{"content":"«a»"},"finish_reason":"stop"}]}"#),
        ],
        Doubt("a", "several choices"),
    ),
    whole(
        "a finish reason under another name",
        &[Raw(
            r#"{"choices":[{"index":0,"message":{"content":"«a»"},"finish_reasom":"length"}]}"#,
        )],
        Doubt("a", "not understood"),
    ),
    used(
        1,
        2,
        whole(
            "Workers AI in JSON mode: an object",
            &[Raw(
                r#"{"response":{"tasks":["a"]},"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            )],
            Text(r#"{"tasks":["a"]}"#),
        ),
    ),
    whole(
        "Workers AI in JSON mode: a text",
        &[Raw(r#"{"response":"{\"tasks\":[]}"}"#)],
        Text(r#"{"tasks":[]}"#),
    ),
    whole("Workers AI: a number", &[Raw(r#"{"response":42}"#)], Text("42")),
    used(
        7,
        8,
        whole(
            "Workers AI: gpt-oss with input",
            &[
                Raw(r#"{"output":[{"type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}]},"#),
                Raw(r#"{"type":"message","content":[{"type":"output_text","text":"«yes»"}]}],"error":null,"#),
                Raw(r#""status":"incomplete","usage":{"input_tokens":7,"output_tokens":8}}"#),
            ],
            Cut("yes"),
        ),
    ),
    whole(
        "Responses API: an output without a status",
        &[Raw(
            r#"{"output":[{"type":"message","content":[{"type":"output_text","text":"«yes»"}]}]}"#,
        )],
        Doubt("yes", "without a status"),
    ),
    typed(
        None,
        whole(
            "Cloudflare's REST API: the wrapper",
            &[Raw(
                r#"{"result":{"response":"«a»"},"success":true,"errors":[],"messages":[]}"#,
            )],
            Text("a"),
        ),
    ),
    whole(
        "Cloudflare's REST API: a failure",
        &[Raw(
            r#"{"result":null,"success":false,"errors":[{"code":3040,"message":"busy"}]}"#,
        )],
        transient("OutOfCapacity", "busy"),
    ),
    whole(
        "vscode-unify-chat-provider #71: the reply in data",
        &[Raw(
            r#"{"code":200,"msg":"success","data":{"choices":[{"message":{"content":"«a»"}}]}}"#,
        )],
        Text("a"),
    ),
    whole(
        "vLLM: an error of status 200",
        &[Raw(r#"{"error":{"message":"no","type":"invalid_request_error"}}"#)],
        permanent("BadRequest", "no"),
    ),
    whole(
        "gateways: an error that only its words tell",
        &[Raw(r#"{"code":"Odd","message":"it broke","request_id":"r"}"#)],
        transient("ProviderError", "it broke"),
    ),
    whole("a JSON text", &[Raw(r#""«hello»""#)], Text("hello")),
    whole(
        "sglang #4097: numbers that are no JSON",
        &[Raw(
            r#"{"choices":[{"message":{"content":"«a»"},"finish_reason":"stop","logprobs":[-Infinity]}]}"#,
        )],
        Text("a"),
    ),
    used(
        26,
        290,
        typed(
            Some("application/x-ndjson"),
            whole(
                "Ollama's own chat endpoint: one JSON value on each line",
                &[
                    Raw("{\"model\":\"m\",\"created_at\":\"t\",\"message\":{\"role\":\"assistant\","),
                    Raw("\"content\":\"«»\",\"thinking\":\"hm\"},\"done\":false}\n"),
                    Raw("{\"model\":\"m\",\"message\":{\"content\":\"«The »\"},\"done\":false}\n"),
                    Raw("{\"model\":\"m\",\"message\":{\"content\":\"«sky»\"},\"done\":false}\n"),
                    Raw("{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"«»\"},\"done\":true,"),
                    Raw("\"done_reason\":\"stop\",\"total_duration\":5,\"prompt_eval_count\":26,\"eval_count\":290}\n"),
                ],
                Text("The sky"),
            ),
        ),
    ),
    whole(
        "hackclub/ai #17: chunks on lines, without data:",
        &[
            Raw("{\"choices\":[{\"delta\":{\"content\":\"«I »\"},\"finish_reason\":null,\"index\":0}]}\n"),
            Raw("{\"choices\":[{\"delta\":{\"content\":\"«am»\"},\"finish_reason\":null,\"index\":0}]}\n"),
            Raw("{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"index\":0}]}\n"),
        ],
        Text("I am"),
    ),
    whole(
        "agent-os #2214 (Ollama): an error on the last line",
        &[
            Raw("{\"message\":{\"role\":\"assistant\",\"content\":\"a\"},\"done\":false}\n"),
            Raw("{\"error\":\"an error was encountered while running the model\"}\n"),
        ],
        transient("ProviderError", "while running the model"),
    ),
    whole(
        "Ollama's own endpoint, cut off between two lines",
        &[
            Raw("{\"message\":{\"role\":\"assistant\",\"content\":\"a\"},\"done\":false}\n"),
            Raw("{\"message\":{\"role\":\"assistant\",\"content\":\"b\"},\"done\":false}\n"),
        ],
        transient("StreamCutOff", "after 2 characters"),
    ),
    whole(
        "cut off",
        &[Raw(r#"{"choices":[{"mess"#)],
        transient("StreamCutOff", "cut off"),
    ),
    whole(
        "malformed JSON",
        &[Raw(r#"{"a":1}}"#)],
        transient("BadReply", "malformed JSON"),
    ),
    whole(
        "JSON of an unknown shape",
        &[Raw(r#"{"hello":"world"}"#)],
        transient("BadReply", "unknown shape"),
    ),
    typed(
        Some("text/html"),
        whole(
            "nginx: an HTML page",
            &[Raw(
                "\n<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head></html>",
            )],
            permanent("BadReply", "HTML (Welcome to nginx!)"),
        ),
    ),
    typed(
        None,
        whole(
            "an empty body",
            &[Raw(" \n")],
            transient("EmptyReply", "the reply was empty"),
        ),
    ),
];
