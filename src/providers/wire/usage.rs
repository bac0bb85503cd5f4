//! The tokens that a server reports, and an estimate of those that arrived.

use crate::model::Usage;
use crate::model::tokens::estimate_tokens;
use serde_json::{Map, Value};

/// More than any call can have used: what a server reports beyond is nonsense, and sums of it must not wrap around.
const TOKENS_MAX: u64 = 1_000_000_000;

/// OpenAI; the Responses API and Anthropic; Gemini; Ollama's own endpoints.
const PROMPT_NAMES: &[&str] = &["prompt_tokens", "input_tokens", "promptTokenCount", "prompt_eval_count"];
const COMPLETION_NAMES: &[&str] = &[
    "completion_tokens",
    "output_tokens",
    "candidatesTokenCount",
    "eval_count",
];

/// What an object reports: in `usage`, in Groq's `x_groq.usage`, in Gemini's `usageMetadata`, or beside Ollama's
/// `done`. All zeros is a placeholder, not a report. A later report replaces an earlier one, because the servers that
/// report with every chunk count on.
pub(super) fn usage_of(object: &Map<String, Value>) -> Option<Usage> {
    let within = |name: &str| object.get(name).and_then(Value::as_object);
    let groq = || within("x_groq")?.get("usage")?.as_object();
    let own = || object.contains_key("eval_count").then_some(object);
    let reported = within("usage")
        .or_else(groq)
        .or_else(|| within("usageMetadata"))
        .or_else(own)?;
    let count = |names: &[&str]| names.iter().find_map(|name| tokens(reported.get(*name)?)).unwrap_or(0);
    let usage = Usage {
        prompt_tokens: count(PROMPT_NAMES),
        completion_tokens: count(COMPLETION_NAMES),
    };
    (usage != Usage::default()).then_some(usage)
}

fn tokens(value: &Value) -> Option<u64> {
    // A float to integer cast saturates.
    let count = value.as_u64().or_else(|| value.as_f64().map(|count| count as u64))?;
    Some(count.min(TOKENS_MAX))
}

/// Texts are estimated in blocks of this size, because each estimate is rounded up.
const BLOCK_BYTES: usize = 1_024;

/// Counts a text that comes in pieces and is not kept.
#[derive(Debug, Default)]
pub(super) struct TokenCounter {
    block: String,
    tokens: u64,
    characters: usize,
}

impl TokenCounter {
    pub(super) fn push(&mut self, piece: &str) {
        self.characters += piece.chars().count();
        self.block.push_str(piece);
        if self.block.len() >= BLOCK_BYTES {
            self.tokens += estimate_tokens(&self.block);
            self.block.clear();
        }
    }

    pub(super) fn tokens(&self) -> u64 {
        self.tokens + estimate_tokens(&self.block)
    }

    pub(super) fn characters(&self) -> usize {
        self.characters
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde_json::json;

    fn usage(value: Value) -> Option<(u64, u64)> {
        let usage = usage_of(value.as_object().expect("an object"))?;
        Some((usage.prompt_tokens, usage.completion_tokens))
    }

    #[test]
    fn usage_has_several_names_and_places() {
        for value in [
            json!({"usage": {"prompt_tokens": 3, "completion_tokens": 4}}),
            json!({"usage": {"input_tokens": 3, "output_tokens": 4.0}}),
            json!({"x_groq": {"id": "r", "usage": {"prompt_tokens": 3, "completion_tokens": 4}}}),
            json!({"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4}}),
            json!({"done": true, "prompt_eval_count": 3, "eval_count": 4}),
        ] {
            assert_eq!(usage(value.clone()), Some((3, 4)), "{value}");
        }
        assert_eq!(
            usage(json!({"usage": {"prompt_tokens": 0, "completion_tokens": 0}})),
            None
        );
        assert_eq!(usage(json!({"usage": null})), None);
    }

    #[test]
    fn absurd_usage_is_bounded() {
        let value = json!({"usage": {"prompt_tokens": u64::MAX, "completion_tokens": 1e300}});
        assert_eq!(usage(value), Some((TOKENS_MAX, TOKENS_MAX)));
    }

    #[test]
    fn a_text_in_pieces_counts_about_as_one_text() {
        let text = "The quick brown fox jumps over the lazy dog. ".repeat(100);
        let mut counter = TokenCounter::default();
        text.split_inclusive(' ').for_each(|piece| counter.push(piece));
        let whole = estimate_tokens(&text);
        assert!(
            (whole..whole + 10).contains(&counter.tokens()),
            "{} {whole}",
            counter.tokens()
        );
        assert_eq!(counter.characters(), text.len());
    }
}
