//! Text that comes twice, in several choices or in odd fields.

use super::Means::{Cut, Doubt, Text};
use super::Sent::{Data, Done, End, Raw, Text as Piece, Used};
use super::{Row, stream, transient, used};

pub(super) const ROWS: &[Row] = &[
    used(
        3,
        4,
        stream(
            "case m01, MiniMax: the last chunk repeats the text as a message",
            &[
                Piece("One river. "),
                Piece("Two lakes."),
                Data(concat!(
                    r#"{"object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","#,
                    r#""message":{"role":"assistant","content":"One river. Two lakes."}}],"#,
                    r#""usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#
                )),
                Done,
            ],
            Text("One river. Two lakes."),
        ),
    ),
    stream(
        "an event is missing, and the last message has it",
        &[
            Piece("One river. "),
            Data(r#"{"choices":[{"index":0,"message":{"content":"One river. Two lakes."},"finish_reason":"stop"}]}"#),
        ],
        Text("One river. Two lakes."),
    ),
    stream(
        "the last message is shorter than what was streamed",
        &[
            Piece("One river. Two lakes."),
            Data(r#"{"choices":[{"index":0,"message":{"content":"One ri"},"finish_reason":"stop"}]}"#),
        ],
        Doubt("One river. Two lakes.", "not understood"),
    ),
    stream(
        "a last piece repeats the text, and the reason comes after it",
        &[
            Piece("One river runs north. "),
            Piece("Two lakes lie still."),
            Piece("One river runs north. Two lakes lie still."),
            End("stop"),
            Done,
        ],
        Doubt(
            "One river runs north. Two lakes lie still.One river runs north. Two lakes lie still.",
            "once more",
        ),
    ),
    stream(
        "a last piece repeats the text with its reasoning",
        &[
            Piece("<think>hm</think>"),
            Piece("One river runs north. "),
            Piece("Two lakes lie still."),
            Piece("<think>hm</think>One river runs north. Two lakes lie still."),
            End("stop"),
            Done,
        ],
        Doubt(
            "One river runs north. Two lakes lie still.<think>hm</think>One river runs north. Two lakes lie still.",
            "once more",
        ),
    ),
    stream(
        "case m53: messages with all of the text so far",
        &[
            Data(r#"{"choices":[{"index":0,"message":{"content":"One"},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"index":0,"message":{"content":"One two"},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"index":0,"message":{"content":"One two three"},"finish_reason":"stop"}]}"#),
            Done,
        ],
        Text("One two three"),
    ),
    stream(
        "WebAI-to-API #55: a stream of one message",
        &[
            Data(r#"{"choices":[{"index":0,"message":{"content":"«One two»"},"finish_reason":"stop"}]}"#),
            Done,
        ],
        Text("One two"),
    ),
    stream(
        "gateways: messages that are pieces",
        &[
            Data(r#"{"choices":[{"index":0,"message":{"content":"One "},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"index":0,"message":{"content":"two "},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"index":0,"message":{"content":"three"},"finish_reason":"stop"}]}"#),
            Done,
        ],
        Text("One two three"),
    ),
    stream(
        "qwen-code #3896 (DashScope), swuecho/chat #687: deltas with all of the text so far",
        &[
            Piece("One"),
            Piece("One river"),
            Piece("One river runs"),
            Piece("One river runs"),
            End("stop"),
            Done,
        ],
        Text("One river runs"),
    ),
    stream(
        "camel #4292: the last of the growing deltas comes twice",
        &[
            Piece("Hello"),
            Piece("Hello, world!"),
            Piece("Hello, world!"),
            End("stop"),
            Done,
        ],
        Text("Hello, world!"),
    ),
    stream(
        "a text that goes on as it began",
        &[Piece("ha"), Piece("haha"), Piece("hahaha"), End("stop"), Done],
        Text("hahahahahaha"),
    ),
    stream(
        "one-api forks: the last delta is the whole text",
        &[
            Piece("One river runs north. "),
            Piece("Two lakes."),
            Data(concat!(
                r#"{"choices":[{"index":0,"delta":{"content":"One river runs north. Two lakes."},"#,
                r#""finish_reason":"stop"}]}"#
            )),
            Done,
        ],
        Text("One river runs north. Two lakes."),
    ),
    used(
        3,
        2,
        stream(
            "Responses API: the last event repeats the text",
            &[
                Raw("event: response.created\n"),
                Data(r#"{"type":"response.created","response":{"status":"in_progress","error":null}}"#),
                Data(r#"{"type":"response.output_item.added","item":{"type":"message"}}"#),
                Data(r#"{"type":"response.output_text.delta","delta":"a"}"#),
                Data(r#"{"type":"response.output_text.delta","delta":"b"}"#),
                Data(r#"{"type":"response.output_text.done","text":"ab"}"#),
                Data(concat!(
                    r#"{"type":"response.incomplete","response":{"status":"incomplete","#,
                    r#""output":[{"type":"message","content":[{"type":"output_text","text":"ab"}]}],"#,
                    r#""usage":{"input_tokens":3,"output_tokens":2}}}"#
                )),
            ],
            Cut("ab"),
        ),
    ),
    stream(
        "mnfst/llm-gateway #2072: two whole replies in one stream",
        &[
            Data(r#"{"type":"response.output_text.delta","delta":"Bonjour!"}"#),
            Data(r#"{"type":"response.completed","response":{"status":"completed"}}"#),
            Data(r#"{"type":"response.created","response":{"status":"in_progress"}}"#),
            Data(r#"{"type":"response.output_text.delta","delta":"Bonjour!"}"#),
            Data(r#"{"type":"response.completed","response":{"status":"completed"}}"#),
        ],
        Text("Bonjour!"),
    ),
    stream(
        "proxies: an event that is sent again under its number",
        &[
            Data(r#"{"type":"response.output_text.delta","delta":"la","sequence_number":4}"#),
            Data(r#"{"type":"response.output_text.delta","delta":"la","sequence_number":5}"#),
            Data(r#"{"type":"response.output_text.delta","delta":"la","sequence_number":5}"#),
            Data(r#"{"type":"response.completed","response":{"status":"completed"}}"#),
        ],
        Text("lala"),
    ),
    stream(
        "a server that numbers its only choice 1",
        &[
            Data(r#"{"choices":[{"index":1,"delta":{"content":"«a»"},"finish_reason":"stop"}]}"#),
            Done,
        ],
        Text("a"),
    ),
    stream(
        "one-api #1037: choices without numbers",
        &[
            Data(r#"{"choices":[{"delta":{"content":"«a»"},"finish_reason":"stop"}]}"#),
            Done,
        ],
        Text("a"),
    ),
    stream(
        "litellm #3276: two choices, each to its end",
        &[
            Data(r#"{"choices":[{"index":1,"delta":{"role":"assistant"},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"x"}}]}"#),
            Data(r#"{"choices":[{"index":1,"delta":{"content":"y"},"finish_reason":"length"}]}"#),
            Data(r#"{"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]}"#),
            Done,
        ],
        Doubt("ab", "several choices"),
    ),
    stream(
        "text-generation-inference #1648: tokens numbered as choices",
        &[
            Data(r#"{"choices":[{"index":1,"delta":{"content":"I"},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"index":2,"delta":{"content":"'"},"finish_reason":null}]}"#),
            Data(r#"{"choices":[{"index":3,"delta":{"content":"m"},"finish_reason":"length"}]}"#),
            Done,
        ],
        transient("BadReply", "several choices"),
    ),
    stream(
        "mentat #429, LlamaIndexTS #244 (Azure): a chunk about the prompt, without choices",
        &[
            Data(r#"{"id":"","object":"","model":"","prompt_filter_results":[{"prompt_index":0}],"choices":[]}"#),
            Piece("a"),
            End("stop"),
            Done,
        ],
        Text("a"),
    ),
    stream(
        "autogen #6465, openai-node #1982 (Azure): a chunk about the filter, without a delta",
        &[
            Piece("a"),
            Data(concat!(
                r#"{"id":"","choices":[{"index":0,"finish_reason":null,"content_filter_results":{"hate":{}},"#,
                r#""content_filter_raw":[{}],"content_filter_offsets":{"check_offset":44}}],"usage":null}"#
            )),
            End("stop"),
            Done,
        ],
        Text("a"),
    ),
    stream(
        "bagofwords #742: delta and choices are null",
        &[
            Data(r#"{"choices":[{"index":0,"delta":null,"finish_reason":null}]}"#),
            Data(r#"{"choices":null}"#),
            Piece("a"),
            End("stop"),
        ],
        Text("a"),
    ),
    used(
        16_111,
        2,
        stream(
            "litellm #36168: usage beside an empty delta",
            &[
                Piece("ok"),
                Data(r#"{"choices":[{"index":0,"delta":{}}],"usage":{"completion_tokens":2,"prompt_tokens":16111}}"#),
                End("stop"),
                Done,
            ],
            Text("ok"),
        ),
    ),
    used(
        3,
        9,
        stream(
            "pydantic-ai #5260, lemma-platform #564: usage with every chunk, counting on",
            &[Piece("a"), Used(3, 1), Piece("b"), Used(3, 9), End("stop"), Done],
            Text("ab"),
        ),
    ),
    stream(
        "mastra #18289 (Workers AI): numbers as content",
        &[
            Piece("[^"),
            Data(r#"{"choices":[{"index":0,"delta":{"content":1},"finish_reason":null}]}"#),
            Piece("]"),
            End("stop"),
        ],
        Text("[^1]"),
    ),
    stream(
        "openclaw #78868, symfony/ai #2422 (Mistral): content in typed parts",
        &[
            Data(concat!(
                r#"{"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":"#,
                r#"[{"type":"text","text":"hm"}]},{"type":"text","text":"«a»"}]},"finish_reason":null}]}"#
            )),
            Piece("b"),
            End("stop"),
        ],
        Text("ab"),
    ),
    stream(
        "vercel/ai #4820 (Mistral): a reference among the parts",
        &[
            Data(r#"{"choices":[{"index":0,"delta":{"content":[{"type":"reference","reference_ids":[1]}]}}]}"#),
            Piece("a"),
            End("stop"),
        ],
        Text("a"),
    ),
    stream(
        "a part of a type that nobody knows",
        &[
            Data(r#"{"choices":[{"index":0,"delta":{"content":[{"type":"new","words":"b"}]},"finish_reason":null}]}"#),
            Piece("a"),
            End("stop"),
        ],
        Doubt("a", "words"),
    ),
    used(
        5,
        2,
        stream(
            "Workers AI's native models",
            &[
                Raw("data:{\"response\":\"«He»\",\"p\":\"abcd\"}\n\n"),
                Data(r#"{"response":"«llo»"}"#),
                Data(r#"{"response":7}"#),
                Data(r#"{"response":"«»","usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#),
                Done,
            ],
            Text("Hello7"),
        ),
    ),
];
