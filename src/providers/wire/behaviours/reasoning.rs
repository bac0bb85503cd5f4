//! Reasoning beside the text and within it, and tokens that were left in.

use super::Means::{Cut, Doubt, Text};
use super::Sent::{Data, Done, End, Text as Piece, Used};
use super::{Row, stream, transient, used};

pub(super) const ROWS: &[Row] = &[
    used(
        1,
        2,
        stream(
            "vLLM, Groq: reasoning beside the content, under both names",
            &[
                Data(r#"{"choices":[{"delta":{"reasoning_content":"hm","content":null}}]}"#),
                Data(r#"{"choices":[{"delta":{"reasoning":"hm"}}]}"#),
                Data(r#"{"choices":[{"delta":{"content":"\n\nyes"},"finish_reason":"stop"}]}"#),
                Used(1, 2),
                Done,
            ],
            Text("yes"),
        ),
    ),
    used(
        1,
        9,
        stream(
            "case m07, lmstudio-bug-tracker #1602, modelship #130: the answer stands in the reasoning",
            &[
                Data(r#"{"choices":[{"delta":{"role":"assistant","content":null},"finish_reason":null}]}"#),
                Data(r#"{"choices":[{"delta":{"reasoning_content":"The answer is four."},"finish_reason":null}]}"#),
                End("stop"),
                Used(1, 9),
                Done,
            ],
            transient("EmptyReply", "reasoning alone (19 characters)"),
        ),
    ),
    stream(
        "TensorRT-LLM #10614: the limit falls into the reasoning",
        &[
            Data(r#"{"choices":[{"delta":{"reasoning":" as"}}]}"#),
            End("length"),
            Done,
        ],
        Cut(""),
    ),
    stream(
        "DeepSeek R1, Qwen 3: thinking in the content",
        &[
            Piece("<thi"),
            Piece("nk>hm</th"),
            Piece(r"ink>\n\nyes <"),
            End("stop"),
            Done,
        ],
        Text("yes <"),
    ),
    stream(
        "ktransformers #1820, skales #166 (Kimi): a stream that begins inside a think block",
        &[Piece(r"hm\n"), Piece(r"</think>\n\nyes"), End("stop")],
        Text("yes"),
    ),
    stream(
        "an answer about think blocks: a closing mark within a sentence",
        &[Piece("The tag </think> ends a block. "), Piece("No more."), End("stop")],
        Doubt("ends a block. No more.", "a mark of reasoning"),
    ),
    stream(
        "an answer about think blocks: an opening mark that never closes",
        &[Piece(r"A block begins so:\n<think>\n"), Piece("No more."), End("stop")],
        Doubt("A block begins so:\n", "a mark of reasoning"),
    ),
    stream(
        "the limit falls into a block within the text",
        &[Piece(r"One.\n<think>\n"), Piece("hm"), End("length")],
        Cut("One.\n"),
    ),
    stream(
        "case m05, vllm-mlx #53 (gpt-oss): channels in the content",
        &[
            Piece("<|channel|>analysis<|message|>I should think about it.<|end|>"),
            Piece("<|start|>assistant<|channel|>final<|message|>"),
            Piece("The answer is four."),
            End("stop"),
            Done,
        ],
        Text("The answer is four."),
    ),
    stream(
        "vllm #23694 (gpt-oss): the final channel alone",
        &[
            Piece(r#"<|channel|>final<|message|>{\"issues\":[]}<|return|>"#),
            End("stop"),
        ],
        Text(r#"{"issues":[]}"#),
    ),
    stream(
        "textgen #7374 (gpt-oss): channels without their tokens",
        &[
            Piece("analysisUser says hello."),
            Piece(" Greet.assistant"),
            Piece("finalHello! 👋"),
            End("stop"),
        ],
        Text("Hello! 👋"),
    ),
    stream(
        "vllm-mlx #599 (Magistral): [THINK]",
        &[Piece("[THINK]hm[/THI"), Piece("NK]391"), End("stop")],
        Text("391"),
    ),
    stream(
        "vllm #45687 (MiniMax M3): <mm:think>",
        &[
            Piece("<mm:think>"),
            Piece("Reasoning"),
            Piece("</mm:think>"),
            Piece("content"),
            End("stop"),
        ],
        Text("content"),
    ),
    stream(
        "vllm #39885 (Gemma 4): the thought channel",
        &[Piece(r"<|channel>thought\nhm"), Piece("<channel|>yes"), End("stop")],
        Text("yes"),
    ),
    stream(
        "sglang #7678 (Hunyuan): the answer in a tag of its own",
        &[
            Piece(r"<think>\nhm\n</think>\n<ans"),
            Piece(r"wer>\nyes\n</answer>"),
            End("stop"),
        ],
        Text("yes\n"),
    ),
    stream(
        "torchchat #459 (Llama 3): <|eot_id|> at the end",
        &[
            Piece("a different direction."),
            Piece("<|eot"),
            Piece("_id|>"),
            End("stop"),
        ],
        Text("a different direction."),
    ),
    stream(
        "llama.cpp #6924 (Qwen): <|im_end|> at the end",
        &[Piece("yes<|im_end|>"), Piece(r"\n"), End("stop")],
        Text("yes"),
    ),
    stream(
        "lmstudio-bug-tracker #1509: a text about <|im_end|>",
        &[
            Piece("In Qwen's template `<|im_"),
            Piece("end|>` ends a turn."),
            End("stop"),
        ],
        Text("In Qwen's template `<|im_end|>` ends a turn."),
    ),
    stream(
        "a continuation that begins with a paragraph break",
        &[
            Piece(r"<think>hm</think>\n\n"),
            Piece(r"\n\nThe next paragraph."),
            End("stop"),
        ],
        Text("\n\nThe next paragraph."),
    ),
];
