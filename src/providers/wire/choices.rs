//! Which of several choices is the reply.
//!
//! One is asked for, and the server may number it as it likes. If there are several, the lowest that said something
//! first is kept to the end. The others are dropped, but only whole ones: a piece that belongs to no whole choice may
//! be missing from ours. Even whole ones leave a doubt, because nobody asked for them.

use super::shapes::Said;

/// More choices than this are no choices: some servers number their tokens so.
const CHOICES_MAX: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Choices {
    kept: Option<u64>,
    /// The kept one said something.
    began: bool,
    others: Vec<Other>,
    too_many: bool,
}

#[derive(Debug)]
struct Other {
    index: u64,
    stopped: bool,
}

impl Choices {
    /// Whether this is the choice that is kept.
    pub(super) fn keeps(&mut self, said: &Said) -> bool {
        let says =
            !(said.text.is_empty() && said.reasoning.is_empty() && said.refusal.is_empty() && said.called.is_empty())
                || said.stopped.is_some();
        let is_kept = match (said.index, self.kept) {
            (None, _) => true,
            (Some(index), Some(kept)) if index == kept => true,
            (Some(index), Some(kept)) if index > kept || self.began => {
                if says {
                    self.note(index, said.stopped.is_some());
                }
                false
            }
            (Some(index), _) => {
                self.kept = Some(index);
                true
            }
        };
        self.began |= is_kept && says;
        is_kept
    }

    fn note(&mut self, index: u64, stopped: bool) {
        if let Some(other) = self.others.iter_mut().find(|other| other.index == index) {
            other.stopped |= stopped;
        } else if self.others.len() < CHOICES_MAX {
            self.others.push(Other { index, stopped });
        } else {
            self.too_many = true;
        }
    }

    /// Whether other choices said something.
    pub(super) fn are_several(&self) -> bool {
        !self.others.is_empty()
    }

    /// Whether every choice of a stream came to its end. `is_stopped`: the kept one gave a finish reason.
    pub(super) fn are_whole(&self, is_stopped: bool) -> bool {
        let others_stopped = self.others.iter().all(|other| other.stopped) && !self.too_many;
        self.others.is_empty() || (is_stopped && others_stopped)
    }
}
