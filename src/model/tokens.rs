//! Estimates of tokens.

use super::Message;

pub fn estimate_tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}

pub fn estimate_messages(messages: &[Message]) -> u64 {
    messages.iter().map(|message| estimate_tokens(&message.content) + 4).sum()
}
