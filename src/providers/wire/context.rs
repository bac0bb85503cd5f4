//! Sizes that a server names when a request does not fit: the context, the prompt, the reply that was asked for.
//!
//! A server counts with its own tokenizer, so that its numbers are better than our estimate. They are in the message,
//! in as many wordings as there are servers, or in fields (llama.cpp). [`context_report`] gives them to the engine,
//! which makes a smaller input. [`reply_that_fits`] is for the case in which the prompt fits and only the limit of the
//! reply does not. The call is then repeated with a lower limit, within the attempt. That limit depends on the prompt,
//! hence is no ceiling of the model.

use super::fault::Fault;
use super::wording::read_numbers;
use crate::model::ContextReport;

/// A shorter reply than this is not worth a call.
pub const REPLY_TOKENS_MIN: u32 = 256;
/// What is left free between the prompt and the limit, because a server may count a chat template only later.
const MARGIN_TOKENS: u64 = 32;
/// A smaller context is some other number of the message.
const CONTEXT_TOKENS_MIN: u64 = 256;

/// The words around the numbers. `c` is the context, `p` the prompt, `t` the prompt and the reply that was asked for,
/// `r` that reply, `a` a reply that would do. For each letter the first pattern that is found counts.
const WORDINGS: &[&str] = &[
    // Anthropic.
    "exceed context limit: #p + #r > #c",
    "prompt is too long: #p tokens > #c maximum",
    // OpenAI, Azure, DeepSeek, vLLM of all ages, SGLang, OpenRouter.
    "context length is #c",
    "context length is only #c",
    "context length of #c",
    "context length of only #c",
    "context length (#c",
    "context window is #c",
    "context window of #c",
    "#p in the messages",
    "#p in your prompt",
    "#p of text input",
    "#r in the completion",
    "#r for the completion",
    "#r in the output",
    "messages resulted in #p tokens",
    "request has #p input tokens",
    "passed #p input tokens",
    "contains #p input tokens",
    "#p tokens from the input messages",
    "#r tokens for the completion",
    "requested a total of #t tokens",
    "requested about #t tokens",
    "requested #t tokens",
    "max_model_len=#c",
    "max_total_tokens=#c",
    "max_total_tokens (#c",
    // SGLang, TensorRT-LLM, tabbyAPI.
    "the input (#p tokens",
    "input length (#p",
    "input length #p",
    "maximum allowed length (#c",
    "maximum input length (#c",
    "prompt length (#p",
    "prompt length #p",
    "max_seq_len #c",
    "max_seq_len of #c",
    "exceeds the maximum length #c",
    // llama.cpp, llama-cpp-python.
    "request (#p tokens",
    "context size (#c",
    "requested tokens (#p) exceed",
    // Text Generation Inference.
    "`max_new_tokens` must be <= #c",
    "given: #p `inputs` tokens",
    "and #r `max_new_tokens`",
    "must have less than #c tokens. given: #p",
    // Gemini, Mistral, xAI, Cerebras, Moonshot, Cohere, Qwen.
    "input token count (#p",
    "number of tokens allowed (#c",
    "prompt contains #p tokens",
    "model with #c maximum context length",
    "maximum prompt length is #c",
    "request contains #p tokens",
    "current length is #p while limit is #c",
    "model token limit: #c",
    "(requested: #t",
    "prompt cannot exceed #c",
    "received #p",
    "range of input length should be [#.,#c",
    "range of input length should be [#., #c",
    // Workers AI.
    "output tokens (#t",
    "context window limit (#c",
    "prompt exceeds #c token",
    // Groq and OpenAI: one request above the tokens of a minute, the reply counted as asked for.
    "limit #c, requested #t",
    // OpenRouter: the credit pays for so many tokens.
    "can only afford #a",
];

/// A lower bound in place of a number of the prompt: newer vLLM stops counting where the context is full.
const AT_LEAST: &str = "at least #p input tokens";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sizes {
    context: Option<u64>,
    prompt: Option<u64>,
    total: Option<u64>,
    reply: Option<u64>,
    affordable: Option<u64>,
}

impl Sizes {
    fn of(fault: &Fault) -> Sizes {
        let field = |name: &str| fault.told(name).and_then(|value| value.parse::<u64>().ok());
        let mut sizes = Sizes {
            context: field("n_ctx"),
            prompt: field("n_prompt_tokens"),
            ..Sizes::default()
        };
        let text = fault.lower_text();
        let mut at_least = false;
        read_numbers(&text, AT_LEAST, &mut |_, _| at_least = true);
        for pattern in WORDINGS {
            read_numbers(&text, pattern, &mut |letter, number| sizes.take(letter, number));
        }
        if at_least {
            // Neither number is the prompt's.
            (sizes.prompt, sizes.total) = (None, None);
        }
        sizes.context = sizes.context.filter(|context| *context >= CONTEXT_TOKENS_MIN);
        sizes
    }

    fn take(&mut self, letter: char, number: u64) {
        let place = match letter {
            'c' => &mut self.context,
            'p' => &mut self.prompt,
            't' => &mut self.total,
            'r' => &mut self.reply,
            'a' => &mut self.affordable,
            _ => return,
        };
        place.get_or_insert(number);
    }

    /// The tokens of the prompt, where the server gave them or what they follow from.
    fn prompt(&self) -> Option<u64> {
        let rest = || self.total?.checked_sub(self.reply?);
        self.prompt.or_else(rest).filter(|prompt| *prompt > 0)
    }
}

/// What an error that says that a request is too long tells of sizes.
pub(super) fn context_report(fault: &Fault) -> Option<ContextReport> {
    let sizes = Sizes::of(fault);
    let report = ContextReport {
        context_tokens: sizes.context.and_then(|tokens| u32::try_from(tokens).ok()),
        prompt_tokens: sizes.prompt(),
    };
    (report != ContextReport::default()).then_some(report)
}

/// A lower limit of the reply with which the refused request would fit. `known`: the sizes that its error has, where
/// `body` is its message alone. `sent`: the limit that was refused. `estimated_prompt_tokens` stands in where the
/// server did not count the prompt, or not to its end.
pub fn reply_that_fits(
    body: &str,
    known: Option<ContextReport>,
    sent: u32,
    estimated_prompt_tokens: u64,
) -> Option<u32> {
    let known = known.unwrap_or_default();
    let mut sizes = Sizes::of(&Fault::of_body(body));
    sizes.context = sizes.context.or(known.context_tokens.map(u64::from));
    sizes.prompt = sizes.prompt.or(known.prompt_tokens);
    let room = match (sizes.affordable, sizes.context) {
        (Some(affordable), _) => affordable,
        (None, Some(context)) => {
            let asked = sizes.reply.unwrap_or(u64::from(sent));
            let from_total = || sizes.total?.checked_sub(asked).filter(|prompt| *prompt > 0);
            let prompt = sizes.prompt().or_else(from_total).unwrap_or(estimated_prompt_tokens);
            context.checked_sub(prompt)?
        }
        (None, None) => return None,
    };
    let fits = u32::try_from(room.checked_sub(MARGIN_TOKENS)?).ok()?;
    (fits >= REPLY_TOKENS_MIN && fits < sent).then_some(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_fits_is_found_where_the_prompt_fits() {
        let body = "maximum context length is 4096 tokens, requested 4796 tokens (700 in the messages, 4096 in the \
                    completion)";
        assert_eq!(reply_that_fits(body, None, 4_096, 0), Some(4_096 - 700 - 32));
        // The prompt leaves too little room, or none.
        assert_eq!(
            reply_that_fits(
                "maximum context length is 4096 tokens (3900 in the messages)",
                None,
                4_096,
                0
            ),
            None
        );
        assert_eq!(
            reply_that_fits(
                "maximum context length is 4096 tokens (9000 in the messages)",
                None,
                4_096,
                0
            ),
            None
        );
        // The limit is none of the matter, or nothing is known.
        assert_eq!(
            reply_that_fits(
                "maximum context length is 99999 tokens (700 in the messages)",
                None,
                4_096,
                0
            ),
            None
        );
        assert_eq!(reply_that_fits("please shorten it", None, 4_096, 0), None);
    }

    #[test]
    fn a_lower_bound_of_the_prompt_is_not_its_size() {
        let body = "maximum context length is 8192 tokens. However, you requested 6000 output tokens and your prompt \
                    contains at least 2193 input tokens, for a total of at least 8193 tokens.";
        let report = context_report(&Fault::of_body(body)).expect("a context");
        assert_eq!((report.context_tokens, report.prompt_tokens), (Some(8_192), None));
        assert_eq!(reply_that_fits(body, None, 6_000, 3_000), Some(8_192 - 3_000 - 32));
    }

    #[test]
    fn a_total_is_the_prompt_and_the_reply() {
        let body = "The estimated number of input and maximum output tokens (9000) exceeded this model context window \
                    limit (8000).";
        assert_eq!(reply_that_fits(body, None, 4_000, 0), Some(3_000 - 32));
        let body = "Request too large on tokens per minute (TPM): Limit 6000, Requested 7000";
        assert_eq!(reply_that_fits(body, None, 4_000, 0), Some(3_000 - 32));
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn a_limit_that_is_given_is_lower_and_worth_a_call(
            context in 0u64..200_000, prompt in 0u64..200_000, sent in 1u32..100_000, estimate in 0u64..200_000,
            wording in 0..WORDINGS.len(),
        ) {
            let body = WORDINGS[wording].replace("#c", &context.to_string()).replace("#p", &prompt.to_string());
            for body in [body, format!("context length is {context} ({prompt} in the messages)")] {
                if let Some(fits) = reply_that_fits(&body, None, sent, estimate) {
                    proptest::prop_assert!(fits >= REPLY_TOKENS_MIN && fits < sent);
                    proptest::prop_assert!(u64::from(fits) <= context);
                }
            }
        }
    }
}
