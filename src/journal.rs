//! The Journal port: the durable, ordered record of one workflow. Synchronous, as SQLite in a Durable Object is.

pub mod burial;

use crate::engine::Recorded;
use crate::notify::Notice;

/// A sequence number that no journal reaches: the largest whole number that JavaScript keeps.
pub const SEQ_MAX: u64 = (1 << 53) - 1;

pub trait Journal {
    /// Appends the events of a turn, all or none. After an error nobody knows which: the caller drops what it holds in
    /// memory and loads again. An event's `seq` is its key, so that the same event can't be appended twice.
    fn append(&self, events: &[Recorded]) -> Result<(), JournalError>;
    /// The events after `after` up to `until` inclusive, oldest first, at most `limit` of them. Empty where there is no
    /// workflow. Creates nothing.
    fn page(&self, after: u64, until: u64, limit: u32) -> Result<Vec<Recorded>, LoadError>;
    /// Puts a tombstone in the place of all events, in one transaction with the alarm that is armed in this turn.
    fn bury(&self, tombstone: &Notice) -> Result<(), JournalError>;
    /// The tombstones that are left. Creates nothing.
    fn tombstones(&self) -> Result<Vec<Notice>, JournalError>;
    /// Removes the tombstone of a life.
    fn unbury(&self, life: &str) -> Result<(), JournalError>;
}

/// Ours, not the caller's: the write may be lost or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal could not be written: {0}")]
pub struct JournalError(pub String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A newer build wrote it, and this one must leave it untouched.
    #[error("the workflow was written by a newer version: {0}")]
    Newer(String),
    #[error("the journal can't be replayed: {0}")]
    Corrupt(String),
    #[error("the journal could not be read: {0}")]
    Storage(String),
}
