//! Shortens texts and lists of a brief to a limit, and remembers whether one was.

use crate::engine::ask::cut::shorten;
use crate::model::tokens::estimate_tokens;
use crate::model::{Answer, AnswerContent};

/// The least that is kept of a text that has to be cut, in tokens. With a limit below it a plan is asked for without
/// what was refused of an earlier one.
pub const CUT_TOKENS_MIN: u64 = 64;

/// What the line takes that stands for the rest of a list.
const REST_TOKENS: u64 = 32;

pub struct Scissors {
    /// Of each text, in tokens. None: whole.
    pub limit: Option<u64>,
    pub cut: bool,
}

impl Scissors {
    pub fn new(limit: Option<u64>) -> Scissors {
        Scissors { limit, cut: false }
    }

    pub fn text(&mut self, text: &str) -> (String, bool) {
        let (text, cut) = match self.limit {
            None => (text.to_owned(), false),
            Some(limit) => shorten(text, limit.max(CUT_TOKENS_MIN)),
        };
        self.cut |= cut;
        (text, cut)
    }

    /// The reasons of missing answers. Texts stay as they are.
    pub fn reasons(&mut self, mut answers: Vec<Answer>) -> Vec<Answer> {
        for answer in &mut answers {
            if let AnswerContent::Missing { reason } = &mut answer.content {
                *reason = self.text(reason).0;
            }
        }
        answers
    }

    /// As many items as the limit allows. The last one says how many are left out.
    pub fn list<T>(&mut self, items: Vec<T>, line: impl Fn(&T) -> String, rest: impl Fn(String) -> T) -> Vec<T> {
        let size = |item: &T| line_tokens(&line(item));
        let Some(limit) = self.limit.map(|limit| limit.max(CUT_TOKENS_MIN)) else {
            return items;
        };
        let count = items.len();
        if items.iter().map(size).sum::<u64>() <= limit {
            return items;
        }
        let mut used = REST_TOKENS;
        let fits = |item: &T| {
            used = used.saturating_add(size(item));
            used <= limit
        };
        let mut kept: Vec<T> = items.into_iter().filter(fits).collect();
        if kept.len() < count {
            self.cut = true;
            kept.push(rest(format!(
                "{} more, cut to fit the model's context",
                count - kept.len()
            )));
        }
        kept
    }
}

/// What a line takes of a list, its break included.
pub fn line_tokens(line: &str) -> u64 {
    estimate_tokens(line).saturating_add(estimate_tokens("\n"))
}
