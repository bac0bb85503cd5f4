//! The marks that models and chat templates leave in a text: blocks of reasoning, wrappers around the answer, and
//! tokens that the server should have taken out. [`super::think`] knows where each of them counts.
//!
//! A new mark is a new row. Marks are compared without regard to the case of ASCII letters.

/// A kind of reasoning block. A block ends at the closing marks of its own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// DeepSeek R1, Qwen 3, and most others.
    Think,
    /// Magistral, Ministral.
    Bracket,
    /// Kimi.
    Kimi,
    /// Seed-OSS.
    Seed,
    /// MiniMax M3.
    MiniMax,
    /// Command A Reasoning.
    Cohere,
    /// OpenThinker, Sky-T1.
    Open,
    /// gpt-oss.
    Channel,
    /// gpt-oss behind a server that dropped the special tokens: `analysis...assistantfinal...`.
    Bare,
    /// Gemma 4.
    Gemma,
    /// Gemini's chat completions.
    Thought,
    /// Fine-tunes after the published GRPO recipes.
    Reasoning,
    /// Granite 3.2.
    Granite,
}

impl Block {
    /// Opens at the beginning of any line. The others open only before the first word of a reply, because their marks
    /// are likelier to be text.
    pub(super) fn opens_anywhere(self) -> bool {
        use Block::{Bracket, Kimi, MiniMax, Seed, Think};
        matches!(self, Think | Bracket | Kimi | Seed | MiniMax)
    }

    /// May begin in the prompt's template, so that only its closing mark is in the reply.
    pub(super) fn may_begin_before(self) -> bool {
        self.opens_anywhere() || matches!(self, Block::Cohere | Block::Channel | Block::Bare | Block::Gemma)
    }

    /// Is text if it never closes: its marks are words that an answer may begin with.
    pub(super) fn needs_its_end(self) -> bool {
        matches!(self, Block::Reasoning | Block::Granite)
    }

    /// One bit for each kind.
    pub(super) fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Opens(Block),
    Closes(Block),
    /// Ends a segment of gpt-oss; outside a block it is a token like others.
    Ends,
    /// Wraps the answer after a block of reasoning; the number names the pair.
    Wraps(u8),
    Unwraps(u8),
    /// A token of a chat template: left out before the first word and after the last.
    Token,
    /// `</s>`, which may also end struck-out HTML that `<s>` began.
    EndOfText,
    Strikes,
}

pub(super) struct Row {
    pub(super) text: &'static str,
    pub(super) mark: Mark,
    /// Only before the first word: it begins like a word.
    pub(super) at_beginning: bool,
}

const fn row(text: &'static str, mark: Mark) -> Row {
    Row {
        text,
        mark,
        at_beginning: false,
    }
}

const fn first(text: &'static str, mark: Mark) -> Row {
    Row {
        text,
        mark,
        at_beginning: true,
    }
}

use Mark::{Closes, EndOfText, Ends, Opens, Strikes, Token, Unwraps, Wraps};

pub(super) const MARKS: &[Row] = &[
    row("<think>", Opens(Block::Think)),
    row("<thinking>", Opens(Block::Think)),
    row("</think>", Closes(Block::Think)),
    row("</thinking>", Closes(Block::Think)),
    row("[THINK]", Opens(Block::Bracket)),
    row("[/THINK]", Closes(Block::Bracket)),
    row("◁think▷", Opens(Block::Kimi)),
    row("◁/think▷", Closes(Block::Kimi)),
    row("<seed:think>", Opens(Block::Seed)),
    row("</seed:think>", Closes(Block::Seed)),
    row("<mm:think>", Opens(Block::MiniMax)),
    row("</mm:think>", Closes(Block::MiniMax)),
    row("<|START_THINKING|>", Opens(Block::Cohere)),
    row("<|END_THINKING|>", Closes(Block::Cohere)),
    row("<|begin_of_thought|>", Opens(Block::Open)),
    row("<|end_of_thought|>", Closes(Block::Open)),
    row("<thought>", Opens(Block::Thought)),
    row("</thought>", Closes(Block::Thought)),
    row("<reasoning>", Opens(Block::Reasoning)),
    row("</reasoning>", Closes(Block::Reasoning)),
    first("Here is my thought process:", Opens(Block::Granite)),
    row("Here is my response:", Closes(Block::Granite)),
    // gpt-oss. The template may have written the beginning of the first header.
    row("<|channel|>analysis<|message|>", Opens(Block::Channel)),
    row("<|channel|>commentary<|message|>", Opens(Block::Channel)),
    row(
        "<|start|>assistant<|channel|>analysis<|message|>",
        Opens(Block::Channel),
    ),
    row(
        "<|start|>assistant<|channel|>commentary<|message|>",
        Opens(Block::Channel),
    ),
    first("analysis<|message|>", Opens(Block::Channel)),
    first("final<|message|>", Closes(Block::Channel)),
    row("<|channel|>final<|message|>", Closes(Block::Channel)),
    row("<|start|>assistant<|channel|>final<|message|>", Closes(Block::Channel)),
    row("<|end|>", Ends),
    row("<|return|>", Ends),
    row("<|call|>", Ends),
    row("assistantfinal", Closes(Block::Bare)),
    row("<|channel>thought", Opens(Block::Gemma)),
    row("<channel|>", Closes(Block::Gemma)),
    // Wrappers: Hunyuan, Granite 3.3, OpenThinker, Command A, GLM-4.5V, Reflection.
    row("<answer>", Wraps(0)),
    row("</answer>", Unwraps(0)),
    row("<response>", Wraps(1)),
    row("</response>", Unwraps(1)),
    row("<output>", Wraps(2)),
    row("</output>", Unwraps(2)),
    row("<|begin_of_solution|>", Wraps(3)),
    row("<|end_of_solution|>", Unwraps(3)),
    row("<|START_RESPONSE|>", Wraps(4)),
    row("<|END_RESPONSE|>", Unwraps(4)),
    row("<|begin_of_box|>", Wraps(5)),
    row("<|end_of_box|>", Unwraps(5)),
    // Tokens of templates: ChatML, Llama 2 and 3, Mistral, Gemma, Phi, DeepSeek, Command, GLM, gpt-oss.
    row("<|im_end|>", Token),
    row("<|im_start|>assistant", Token),
    row("<|eot_id|>", Token),
    row("<|eom_id|>", Token),
    row("<|end_of_text|>", Token),
    row("<|begin_of_text|>", Token),
    row("<|start_header_id|>assistant<|end_header_id|>", Token),
    row("<|eot|>", Token),
    row("[/INST]", Token),
    row("[INST]", Token),
    row("<end_of_turn>", Token),
    row("<start_of_turn>model", Token),
    row("<turn|>", Token),
    row("<|turn>model", Token),
    row("<eos>", Token),
    row("<bos>", Token),
    row("<|endoftext|>", Token),
    row("<|assistant|>", Token),
    row("<|user|>", Token),
    row("<|end_of_sentence|>", Token),
    row("<｜end▁of▁sentence｜>", Token),
    row("<｜Assistant｜>", Token),
    row("<|END_OF_TURN_TOKEN|>", Token),
    row("<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>", Token),
    row("<|endofresponse|>", Token),
    row("<|start|>assistant", Token),
    row("</s>", EndOfText),
    row("<s>", Strikes),
];

/// What a text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A mark of so many bytes.
    Mark(Mark, usize),
    /// More text decides.
    Incomplete,
    Nothing,
}

/// Whether any mark begins with this character.
pub(super) fn may_begin(character: char) -> bool {
    matches!(character, '<' | '[' | '◁' | 'a' | 'A' | 'f' | 'F' | 'h' | 'H')
}

/// The longest mark that `text` begins with, among those that `counts` accepts. `is_end`: no more text comes.
pub(super) fn find(text: &str, is_end: bool, counts: impl Fn(&Row) -> bool) -> Found {
    let mut found: Option<&Row> = None;
    for row in MARKS.iter().filter(|row| counts(row)) {
        match text.get(..row.text.len()) {
            Some(head) if head.eq_ignore_ascii_case(row.text) => {
                if found.is_none_or(|other| other.text.len() < row.text.len()) {
                    found = Some(row);
                }
            }
            Some(_) => {}
            None if is_end => {}
            None => {
                let head = row.text.get(..text.len());
                if head.is_some_and(|head| head.eq_ignore_ascii_case(text)) {
                    return Found::Incomplete;
                }
            }
        }
    }
    found.map_or(Found::Nothing, |row| Found::Mark(row.mark, row.text.len()))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_found_and_its_beginnings_wait_for_more() {
        for row in MARKS {
            assert!(may_begin(row.text.chars().next().expect("a mark")), "{}", row.text);
            let same = |other: &Row| other.text == row.text;
            let expected = Found::Mark(row.mark, row.text.len());
            assert_eq!(find(&format!("{}x", row.text), false, same), expected, "{}", row.text);
            assert_eq!(
                find(&row.text.to_ascii_uppercase(), true, same),
                expected,
                "{}",
                row.text
            );
            for (at, _) in row.text.char_indices().skip(1) {
                assert_eq!(
                    find(&row.text[..at], false, same),
                    Found::Incomplete,
                    "{}",
                    &row.text[..at]
                );
                assert_eq!(find(&row.text[..at], true, same), Found::Nothing, "{}", &row.text[..at]);
            }
        }
    }

    #[test]
    fn the_longest_mark_wins() {
        let all = |_: &Row| true;
        assert_eq!(find("<|start|>assistant", false, all), Found::Incomplete);
        assert_eq!(find("<|start|>assistant", true, all), Found::Mark(Token, 18));
        let header = "<|start|>assistant<|channel|>final<|message|>";
        assert_eq!(
            find(header, false, all),
            Found::Mark(Closes(Block::Channel), header.len())
        );
    }
}
