//! The Alarm port: the one alarm of an object, and how often in a row it has failed.
//!
//! The platform retries a handler that throws 6 times within about two minutes and then forgets the alarm. So nobody
//! throws from an alarm: what fails counts the failure here and arms the next alarm (`runner::wake`).

use crate::engine::words::time::Timestamp;
use crate::journal::JournalError;

pub trait Alarm {
    /// Arms the alarm in place of the one that is armed, in the same transaction as the writes of this turn.
    fn arm(&self, at: Timestamp) -> Result<(), JournalError>;
    /// Nothing is left to wake for.
    fn disarm(&self) -> Result<(), JournalError>;
    /// Failures of the alarm in a row. Stored, because the object is evicted between two alarms.
    fn failures(&self) -> u32;
    fn set_failures(&self, failures: u32);
}
