use super::*;
use proptest::prelude::*;

fn filtered(pieces: &[&str]) -> String {
    let mut filter = ThinkFilter::new();
    let mut text = String::new();
    for piece in pieces {
        let visible = filter.push(piece);
        if visible.restart {
            text.clear();
        }
        text.push_str(&visible.text);
    }
    let rest = filter.finish();
    if rest.restart {
        text.clear();
    }
    text + &rest.text
}

const CASES: &[(&str, &str)] = &[
    ("plain", "plain"),
    ("<think>a</think>b", "b"),
    ("<think>\na\n</think>\n\nb\n", "b\n"),
    ("  \n<THINK>a</Think>  b", "b"),
    ("<thinking>a < b <think> c</thinking>d", "d"),
    ("<think></think>", ""),
    ("<think>never closed", ""),
    ("<think>cut </thi", ""),
    ("reasoning without an opening\n</think>\n\nanswer", "answer"),
    ("reasoning</think>answer", "answer"),
    ("```\ncode</think>answer\n<think>x", "answer\n"),
    ("one\n<think>two</think>\nthree", "one\n\nthree"),
    (
        "a <think> in a line is text </think>",
        "a <think> in a line is text </think>",
    ),
    ("the tag `</think>` ends it", "the tag `</think>` ends it"),
    (
        "```xml\n<think>\nx\n</think>\n```\n<think>y</think>z",
        "```xml\n<think>\nx\n</think>\n```\nz",
    ),
    ("1 < 2 <thin <b>x</b> </", "1 < 2 <thin <b>x</b> </"),
    ("<think>a</think><think>b</think>c", "c"),
    ("<think>a</think> b </think> c", "b </think> c"),
    ("  leading space stays", "  leading space stays"),
    ("<thinker>", "<thinker>"),
    ("é<", "é<"),
    ("<", "<"),
    ("<think>🦀</think>🦀", "🦀"),
    // A paragraph break goes with the block, what is beyond it does not.
    ("<think>a</think>\n\n\n\nb", "\n\nb"),
    ("<think>a</think>\n\n    b", "    b"),
    ("<think>a</think>\r\n\r\nb", "b"),
    ("\n\nb", "\n\nb"),
    // Other kinds of blocks.
    ("[THINK]a[/THINK]b", "b"),
    ("a [THINK] b", "a [THINK] b"),
    ("◁think▷a◁/think▷b", "b"),
    ("a◁/think▷b", "b"),
    ("<seed:think>a</seed:think>b", "b"),
    ("<mm:think>a</mm:think>b", "b"),
    ("<thought>a</thought>\nb", "b"),
    ("one\n<thought>a</thought>\nb", "one\n<thought>a</thought>\nb"),
    ("a</thought>b", "a</thought>b"),
    ("<reasoning>a</reasoning><answer>b</answer>", "b"),
    ("<reasoning>a and no end", "<reasoning>a and no end"),
    ("Here is my thought process: a\n\nHere is my response: b", "b"),
    ("Here is my thought process: a", "Here is my thought process: a"),
    ("Here is my response: b", "Here is my response: b"),
    (
        "<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>",
        "b",
    ),
    ("<|channel>thought\na<channel|>b", "b"),
    ("<think>a</think>\n<answer>\nb\n</answer>\n", "b\n"),
    ("<answer>b</answer>", "<answer>b</answer>"),
    ("<think>a</think>b </answer>", "b </answer>"),
    // gpt-oss.
    (
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>",
        "b",
    ),
    (
        "analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b",
        "b",
    ),
    ("a<|end|><|start|>assistant<|channel|>final<|message|>b", "b"),
    ("<|channel|>final<|message|>{}<|return|>", "{}"),
    (
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>c<|end|>\
         <|start|>assistant<|channel|>final<|message|>b",
        "b",
    ),
    ("<|channel|>analysis<|message|>never closes", ""),
    ("analysisThe user asks.assistantfinalFour.", "Four."),
    ("analysis of the assistantfinal", "analysis of the assistantfinal"),
    ("Analysis: assistantfinal", "Analysis: assistantfinal"),
    (
        "A header is `<|start|>assistant<|channel|>final<|message|>`.",
        "A header is `<|start|>assistant<|channel|>final<|message|>`.",
    ),
    (
        "See:\n<|channel|>analysis<|message|>x<|end|> and more",
        "See:\n<|channel|>analysis<|message|>x<|end|> and more",
    ),
    // Template tokens.
    ("b<|im_end|>", "b"),
    ("b\n<|im_end|>\n", "b\n"),
    ("b<|eot_id|><|end_of_text|>\n", "b"),
    ("b </s>", "b "),
    ("<s>a</s>", "<s>a</s>"),
    ("<|im_start|>assistant\nb<|im_end|>\n<|im_start|>assistant", "b"),
    ("b<|im_end|>\nc", "b<|im_end|>\nc"),
    ("The token is <|im_end|>", "The token is <|im_end|>"),
    ("The token is `<|im_end|>`", "The token is `<|im_end|>`"),
    ("```\nb<|im_end|>\n```", "```\nb<|im_end|>\n```"),
    ("b<｜end▁of▁sentence｜>", "b"),
    ("b[/INST]", "b"),
    ("b <|endoftext", "b <|endoftext"),
];

#[test]
fn reasoning_is_taken_out_and_text_about_it_stays() {
    for (text, expected) in CASES {
        assert_eq!(filtered(&[text]), *expected, "{text:?}");
    }
}

#[test]
fn any_split_gives_the_same_text() {
    for (text, expected) in CASES {
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let (head, tail) = text.split_at(at);
            assert_eq!(filtered(&[head, tail]), *expected, "{head:?} {tail:?}");
        }
        let characters: Vec<String> = text.chars().map(String::from).collect();
        let pieces: Vec<&str> = characters.iter().map(String::as_str).collect();
        assert_eq!(filtered(&pieces), *expected, "{text:?} character by character");
    }
}

#[test]
fn text_is_held_back_only_where_a_tag_may_come() {
    let mut filter = ThinkFilter::new();
    assert_eq!(filter.push("a <").text, "a ");
    assert_eq!(filter.push("z").text, "<z");
    assert_eq!(filter.push("</th").text, "");
    assert_eq!(filter.push("e>").text, "</the>");
    assert_eq!(filter.push(" he answers").text, " he answers");
    assert_eq!(filter.push("<|im_end|>\n").text, "");
    assert_eq!(filter.push("b").text, "<|im_end|>\nb");
}

const PARTS: [&str; 25] = [
    "<|channel|>",
    "analysis",
    "final",
    "<|message|>",
    "<|end|>",
    "<|start|>assistant",
    "<|im_end|>",
    "</s>",
    "<answer>",
    "</answer>",
    "<reasoning>",
    "<think>",
    "</think>",
    "<thinking>",
    "</thinking>",
    "<",
    "/",
    "t",
    ">",
    "\n",
    "```",
    "`",
    " ",
    "é",
    "x",
];

proptest! {
    #![proptest_config(super::super::fixtures::deterministic(2_000))]
    #[test]
    fn any_text_split_anywhere_filters_alike(
        parts in prop::collection::vec(prop::sample::select(PARTS.to_vec()), 0..24),
        at in 0usize..80,
    ) {
        let text = parts.concat();
        let (head, tail) = text.split_at(text.floor_char_boundary(at));
        prop_assert_eq!(filtered(&[head, tail]), filtered(&[&text]));
    }
}
