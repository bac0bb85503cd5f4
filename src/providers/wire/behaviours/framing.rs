//! How the bytes, lines and events of a stream are put together, and what stands between those with text.

use super::Means::{Cut, Doubt, Text};
use super::Sent::{Data, Done, End, Raw, Text as Piece, Used};
use super::{Row, SSE, stream, transient, typed, used};

pub(super) const ROWS: &[Row] = &[
    used(
        9,
        3,
        stream(
            "OpenAI, API reference: usage in a late chunk",
            &[
                Data(concat!(
                    r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"«»"},"#,
                    r#""finish_reason":null}],"usage":null}"#
                )),
                Piece("Hé"),
                Piece("llo 🦀"),
                End("stop"),
                Used(9, 3),
                Done,
            ],
            Text("Héllo 🦀"),
        ),
    ),
    stream(
        "vLLM: CRLF, the last text with the finish reason, no [DONE]",
        &[
            Raw("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"«a»\"}}]}\r\n\r\n"),
            Raw("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"«b»\"},\"finish_reason\":\"length\"}]}"),
        ],
        Cut("ab"),
    ),
    stream(
        "OpenRouter, streaming page: comments as keep-alives",
        &[
            Raw(": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n"),
            Piece("x"),
            End("stop"),
            Done,
        ],
        Text("x"),
    ),
    stream(
        "sse-starlette #44: comments with a time",
        &[
            Piece("x"),
            Raw(": ping - 2026-01-01 08:40:33.556053\r\n\r\n"),
            Piece("y"),
            End("stop"),
            Done,
        ],
        Text("xy"),
    ),
    stream(
        "node-chatgpt-api #100: an event named ping whose data is a time",
        &[
            Raw("event: ping\ndata: 2023-02-20 08:40:33.556053\n\n"),
            Piece("x"),
            End("stop"),
            Done,
        ],
        Text("x"),
    ),
    stream(
        "Aether #774: a ping with a cost",
        &[
            Piece("x"),
            Data(r#"{"type":"ping","cost":{"usd":"0.1"}}"#),
            End("stop"),
            Done,
        ],
        Text("x"),
    ),
    stream(
        "Anthropic behind gateways: events of the message's life",
        &[
            Raw("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n"),
            Piece("x"),
            End("stop"),
            Raw("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
        ],
        Text("x"),
    ),
    stream(
        "openai-python #498: no space after the field's name",
        &[Raw("data:{\"response\":\"«x»\"}\n\ndata:[DONE]\n\n")],
        Text("x"),
    ),
    stream(
        "rig #534: the JSON on the line after the field's name",
        &[
            Raw("data:\n {\"choices\":[{\"delta\":{\"content\":\"«x»\"},\"index\":0,\"finish_reason\":null}],"),
            Raw("\"content\":\"x\",\"lastOne\":false}\n\n"),
            End("stop"),
            Done,
        ],
        Text("x"),
    ),
    stream(
        "term-llm #454: one JSON value over several data lines",
        &[
            Raw("data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"«x»\"},\n"),
            Raw("data: \"finish_reason\":\"stop\"}]}\n\n"),
        ],
        Text("x"),
    ),
    stream(
        "pi #8430: a blank line between an event's name and its data",
        &[
            Raw("event: response.created\n\ndata: {\"type\":\"response.created\"}\n\n"),
            Raw("event: response.output_text.delta\n\n"),
            Data(r#"{"type":"response.output_text.delta","delta":"«x»"}"#),
            Data(r#"{"type":"response.completed","response":{"status":"completed","output":[]}}"#),
        ],
        Text("x"),
    ),
    stream(
        "evalscope #1474: ids beside the data",
        &[
            Raw("id: qa-1\nretry: 10\ndata: {\"response\":\"«x»\"}\n\n"),
            Raw("id: qa-2\ndata: {\"response\":\"«y»\"}\n\n"),
            Done,
        ],
        Text("xy"),
    ),
    stream(
        "Effect #6976: a byte order mark at the beginning",
        &[Raw("\u{feff}data: {\"response\":\"«x»\"}\n\n"), Done],
        Text("x"),
    ),
    stream(
        "llama.cpp #14268: events without blank lines between them",
        &[Raw(
            "data: {\"response\":\"«a»\"}\ndata: {\"response\":\"«b»\"}\ndata: [DONE]\n",
        )],
        Text("ab"),
    ),
    stream(
        "gateways: two events on one line, with and without the field's name",
        &[Raw(concat!(
            "data: {\"response\":\"«a»\"}data: {\"response\":\"«b»\"}\n\n",
            "data: {\"response\":\"«c»\"}{\"response\":\"«d»\"}[DONE]\n\n"
        ))],
        Text("abcd"),
    ),
    stream(
        "gateways: mixed line ends, white space around [DONE], data after it",
        &[Raw(
            "data: {\"response\":\"«a»\"}\r\rdata:  {\"response\":\"«b»\"} \r\n\ndata:  [DONE] \n\ndata: {oops\n\n",
        )],
        Text("ab"),
    ),
    stream("OpenAI: only [DONE]", &[Done], Text("")),
    stream(
        "case m09b: an event that is cut off in the middle of the stream",
        &[
            Piece("Alpha "),
            Raw("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Beta \n\n"),
            Piece("Gamma"),
            End("stop"),
            Done,
        ],
        transient("BadReply", "it is cut off"),
    ),
    stream(
        "case m44b: the event with the finish reason is cut off",
        &[
            Piece("The first half of the ans"),
            Raw("data: {\"choices\":[{\"index\":0,\"del\n\n"),
            Done,
        ],
        transient("BadReply", "can't be read"),
    ),
    stream(
        "mistralai/client-js #18: the body breaks off in an event",
        &[Piece("ab"), Raw("data: {\"choi")],
        transient("StreamCutOff", "in the middle of an event"),
    ),
    stream(
        "preloop #117: the body ends without an end",
        &[Piece("ab")],
        transient("StreamCutOff", "after 2 characters"),
    ),
    stream(
        "proxies: the body ends before its first event",
        &[Raw(": hello\n\n")],
        transient("StreamCutOff", "before the first word"),
    ),
    stream(
        "proxies: the end of the stream breaks off after the finish reason",
        &[Piece("ab"), End("stop"), Raw("data: [DON")],
        Text("ab"),
    ),
    stream(
        "gateways: garbage among the events",
        &[Piece("a"), Raw("data: {oops\n\n"), Piece("b"), Done],
        transient("BadReply", "it is not JSON): {oops"),
    ),
    stream(
        "gateways: nothing but garbage",
        &[Raw("data: {oops\n\n"), Done],
        transient("BadReply", ""),
    ),
    stream(
        "opencode #38106: events of an agent server among those of the answer",
        &[
            Piece("a"),
            Raw("event: tool.progress\ndata: {\"tool\":\"web_search\",\"label\":\"...\"}\n\n"),
            Piece("b"),
            End("stop"),
            Done,
        ],
        Doubt("ab", "web_search"),
    ),
    stream(
        "gateways: an event whose line break was lost",
        &[Raw("id: 7data: {\"response\":\"a\"}\n\n"), Piece("b"), Done],
        transient("BadReply", "can't be read"),
    ),
    stream(
        "gateways: an event that became a comment",
        &[Raw(": data: {\"response\":\"a\"}\n\n"), Piece("b"), End("stop"), Done],
        Doubt("b", "not understood"),
    ),
    stream(
        "gateways: comments with harmless JSON",
        &[Raw(": {}\n: {\"type\":\"ping\"}\n\n"), Piece("b"), End("stop"), Done],
        Text("b"),
    ),
    stream(
        "keep-alives: null, nothing, an empty object, a chunk without choices",
        &[
            Data("null"),
            Data(""),
            Data("{}"),
            Data(r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m"}"#),
            Piece("x"),
            End("stop"),
            Data("\"[DONE]\""),
        ],
        Text("x"),
    ),
    stream(
        "a JSON text as an event: nobody knows whether it is the answer's",
        &[Data("\"text\""), Piece("x"), End("stop"), Done],
        Doubt("x", "\"text\""),
    ),
    stream(
        "sglang #2955: logprobs that are no JSON numbers",
        &[
            Data(concat!(
                r#"{"choices":[{"index":0,"delta":{"content":"«a»"},"finish_reason":null,"#,
                r#""logprobs":{"content":[{"token":"a","logprob":-Infinity,"top":[NaN,Infinity]}]}}]}"#
            )),
            Data(r#"{"choices":[{"index":0,"delta":{"content":"«NaN»"},"finish_reason":"stop"}]}"#),
        ],
        Text("aNaN"),
    ),
    stream(
        "case m20, elizaOS #30904: the halves of a character in two events",
        &[
            Data(r#"{"choices":[{"index":0,"delta":{"content":"Party \ud83c"},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"index":0,"delta":{"content":"\udf89 time"},"finish_reason":null}]}"#),
            End("stop"),
            Done,
        ],
        Text("Party 🎉 time"),
    ),
    stream(
        "rakazo #416: half a character without its other half",
        &[
            Data(r#"{"response":"a\ud83d"}"#),
            Piece("b"),
            Data(r#"{"response":"\udf89c\ud83d"}"#),
            End("stop"),
        ],
        Text("a\u{fffd}b\u{fffd}c\u{fffd}"),
    ),
    stream(
        "Cloudflare, nginx: an HTML page in the middle of a stream",
        &[
            Piece("a"),
            Raw("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body>\r\n</html>\r\n"),
        ],
        transient("BadReply", "HTML page (502 Bad Gateway) in the middle"),
    ),
    typed(
        None,
        stream(
            "claude-relay-service #1030: gzip bytes that nobody unpacked",
            &[Raw("\u{1f}\u{fffd}\u{8}\0\0\0\0\0\0\u{3}t\u{fffd}")],
            transient("BadReply", "gzip"),
        ),
    ),
    typed(
        Some("text/plain"),
        stream(
            "Envoy: plain text",
            &[Raw("upstream connect error\n")],
            transient(
                "BadReply",
                "neither JSON nor a stream of completions: upstream connect error",
            ),
        ),
    ),
    typed(
        SSE,
        stream(
            "a body of white space",
            &[Raw(" \n")],
            transient("EmptyReply", "the reply was empty"),
        ),
    ),
];
