//! What a client sees while a call runs. Live only: it is never journaled and has no sequence number.

use crate::engine::state::workflow::AttemptId;

/// More text of an attempt in flight.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta {
    pub attempt: AttemptId,
    /// Characters (Unicode scalar values) before it: truncate to this length, then append.
    pub from: usize,
    pub text: String,
}
