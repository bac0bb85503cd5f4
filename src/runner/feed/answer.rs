//! The reader's text, kept for those who want it: what stands, what the subscribers know of it, and what makes it go
//! on.
//!
//! A turn of the workflow gives what the journal has of it ([`AnswerText::turn`]); the text of one attempt in flight
//! makes it go on in between ([`AnswerText::push`]). Either may cut it back. What the subscribers don't know is taken
//! at once ([`AnswerText::take`]), however often it changed, so that the work is linear in what they are sent.

use crate::engine::AttemptId;
use crate::engine::show::answer::{GoesOn, How, ReaderText, TextSoFar};
use crate::engine::show::live::Answer;

/// How much is kept of a reader's text. A longer one ends there.
pub(super) const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

pub(super) struct AnswerText {
    text: TextSoFar,
    settled: usize,
    /// There is more than is kept.
    is_cut: bool,
    goes_on: Option<GoesOn>,
    told: Told,
    /// Characters from the beginning that are still as the subscribers know them.
    known: usize,
    /// The last event that it is made of. It is told when that is durable.
    pub seq: u64,
    /// Counts what was taken.
    pub version: u64,
}

/// What the subscribers have.
#[derive(Default, PartialEq)]
struct Told {
    chars: usize,
    settled: usize,
    is_cut: bool,
}

impl AnswerText {
    pub fn new(reader: ReaderText, seq: u64) -> AnswerText {
        let mut answer = AnswerText {
            text: TextSoFar::default(),
            settled: 0,
            is_cut: false,
            goes_on: None,
            told: Told::default(),
            known: 0,
            seq,
            version: 0,
        };
        answer.turn(Some(reader), seq);
        answer
    }

    /// The attempt whose text makes it go on.
    pub fn attempt(&self) -> Option<&AttemptId> {
        self.goes_on.as_ref().map(|goes_on| &goes_on.attempt)
    }

    /// Events up to `seq` were committed. None: the workflow has ended, and what was shown stays.
    pub fn turn(&mut self, reader: Option<ReaderText>, seq: u64) {
        let Some(reader) = reader else {
            self.goes_on = None;
            return;
        };
        // While one attempt writes, no event changes what came before it.
        let next = reader.goes_on.as_ref().map(|goes_on| &goes_on.attempt);
        if next.is_some() && next == self.attempt() {
            return;
        }
        self.goes_on = reader.goes_on;
        self.is_cut = false;
        self.seq = seq;
        if self.text.bytes() == 0 {
            self.text = reader.text;
        } else {
            let same = self.text.common_chars(&reader.text);
            self.known = self.known.min(same);
            self.text.replace_from(same, reader.text.after(same));
        }
        self.settle(reader.settled);
        self.bound();
    }

    /// More text of an attempt.
    pub fn push(&mut self, attempt: &AttemptId, text: &str) {
        if self.is_cut {
            return;
        }
        let Some(goes_on) = self.goes_on.as_mut().filter(|goes_on| goes_on.attempt == *attempt) else {
            return;
        };
        match &mut goes_on.how {
            How::Follows => {
                self.text.push(text);
                self.settle(self.text.chars());
            }
            How::Part => self.text.push(text),
            How::Script { assembler, is_open } => {
                if let Some(update) = assembler.push(text) {
                    self.known = self.known.min(update.from);
                    self.text.replace_from(update.from, &update.text);
                    let settled = if *is_open { 0 } else { update.settled };
                    self.settle(settled);
                }
            }
        }
        self.bound();
    }

    /// No more text of this attempt is kept.
    pub fn cut(&mut self, attempt: &AttemptId) {
        self.is_cut |= self.attempt() == Some(attempt);
    }

    /// What the subscribers do not know yet.
    pub fn take(&mut self) -> Option<Answer> {
        let now = Told {
            chars: self.text.chars(),
            settled: self.settled,
            is_cut: self.is_cut,
        };
        if self.known == now.chars && now == self.told {
            return None;
        }
        let answer = Answer {
            from: self.known,
            text: self.text.after(self.known).to_owned(),
            settled: self.settled,
            last: self.is_cut,
        };
        self.known = now.chars;
        self.told = now;
        self.version += 1;
        Some(answer)
    }

    /// All of it, for a subscriber that has nothing. None where there is nothing to tell.
    pub fn whole(&self) -> Option<Answer> {
        self.has_any()
            .then(|| self.beginning_with(self.text.as_str().to_owned()))
    }

    pub fn into_whole(mut self) -> Option<Answer> {
        self.has_any().then(|| {
            let text = std::mem::take(&mut self.text);
            self.beginning_with(text.into())
        })
    }

    /// Whoever comes gets it whole, so that nobody lacks what stands by now.
    pub fn all_is_known(&mut self) {
        let _ = self.take();
    }

    fn has_any(&self) -> bool {
        self.text.bytes() > 0 || self.is_cut
    }

    fn beginning_with(&self, text: String) -> Answer {
        Answer {
            from: 0,
            text,
            settled: self.settled,
            last: self.is_cut,
        }
    }

    fn settle(&mut self, chars: usize) {
        self.settled = chars.min(self.text.chars());
    }

    fn bound(&mut self) {
        if self.text.bytes() > ANSWER_BYTES_MAX {
            self.text.truncate_bytes(ANSWER_BYTES_MAX);
            self.known = self.known.min(self.text.chars());
            self.settle(self.settled);
            self.is_cut = true;
        }
    }
}
