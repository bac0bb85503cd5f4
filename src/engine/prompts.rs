//! Placeholder.
use crate::model::{Brief, Message};
pub fn render(_brief: &Brief) -> Vec<Message> {
    Vec::new()
}
