//! What a subscriber is told while a workflow runs: events of the journal, the text of attempts in flight, and the
//! reader's text.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::engine::state::workflow::AttemptId;
use crate::engine::words::event::Recorded;

#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// Durable, in the order of the journal.
    Events(Rc<[Recorded]>),
    Deltas(Rc<[Delta]>),
    Answer(Rc<Answer>),
}

/// More text of an attempt in flight. Live only: it is never journaled.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta {
    pub attempt: AttemptId,
    /// Characters (Unicode scalar values) before it: truncate to this length, then append.
    pub from: usize,
    pub text: String,
    /// No more live text of this attempt follows, because the bound of live text is reached. The whole text comes with
    /// `attempt_completed`.
    pub last: bool,
}

/// How the reader's text goes on ([`super::answer`]). Live only: it is never journaled. The last one before
/// `workflow_completed` leaves exactly the final answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Characters (Unicode scalar values) before it: truncate to this length, then append.
    pub from: usize,
    pub text: String,
    /// So many characters from the beginning are expected to stay as they are. They change only where an attempt dies
    /// and is repeated, or where the editor corrects a part after it has included it. Then this number falls.
    pub settled: usize,
    /// The text is longer than what is kept of it. It ends here, and the whole is the output of the workflow.
    pub last: bool,
}

/// The names of the updates that are no events of the journal.
pub const DELTA: &str = "delta";
pub const ANSWER: &str = "answer";

/// Every type of update at once.
pub const ALL: &str = "all";

/// The types of updates that a client wants: names of events, [`DELTA`], [`ANSWER`], [`ALL`]. None: everything but
/// [`ANSWER`], because the clients of 0.1.0 ask in this way, and know only one update that is no event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types(pub Option<Vec<String>>);

impl Types {
    /// Whether every event of the journal is wanted.
    pub fn are_all(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|types| types.iter().any(|wanted| wanted == ALL))
    }

    pub fn wants(&self, name: &str) -> bool {
        match &self.0 {
            None => name != ANSWER,
            Some(types) => self.are_all() || types.iter().any(|wanted| wanted == name),
        }
    }

    /// What of an update the client wants. None where nothing is left.
    pub fn of(&self, update: Update) -> Option<Update> {
        match update {
            Update::Events(events) => {
                let is_wanted = |recorded: &&Recorded| self.wants(recorded.event.type_name());
                let wanted: Rc<[Recorded]> = if self.are_all() {
                    events
                } else {
                    events.iter().filter(is_wanted).cloned().collect()
                };
                (!wanted.is_empty()).then_some(Update::Events(wanted))
            }
            Update::Deltas(deltas) => (self.wants(DELTA) && !deltas.is_empty()).then_some(Update::Deltas(deltas)),
            Update::Answer(answer) => self.wants(ANSWER).then_some(Update::Answer(answer)),
        }
    }
}

/// Where a client resumes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The last event that it has seen; 0 is none.
    pub seq: u64,
    /// The life of the workflow that the event belonged to, where the client says so.
    pub life: Option<String>,
}

/// A short name of one life of a workflow's id, from its nonce.
pub fn life(nonce: &str) -> String {
    let digest = Sha256::digest(nonce);
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_comes_only_where_it_is_asked_for() {
        let types = |names: &[&str]| Types(Some(names.iter().map(|name| (*name).to_owned()).collect()));
        let wants = |types: &Types| [ANSWER, DELTA, "workflow_completed"].map(|name| types.wants(name));
        assert_eq!(wants(&Types::default()), [false, true, true]);
        assert_eq!(wants(&types(&[ALL])), [true, true, true]);
        assert_eq!(wants(&types(&[ANSWER])), [true, false, false]);
        assert!(Types::default().are_all() && types(&[ALL, DELTA]).are_all() && !types(&[ANSWER]).are_all());
    }
}
