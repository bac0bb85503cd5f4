//! What the runner needs of its surroundings.

use futures::future::LocalBoxFuture;
use serde_json::Value;

use crate::alarm::Alarm;
use crate::clock::Clock;
use crate::engine::{Recorded, Workflow};
use crate::journal::{Journal, JournalError};
use crate::model::Model;
use crate::notify::Notice;

pub trait Host: Alarm + Clock + Journal + Model + 'static {
    /// Runs a future to its end although nobody waits for it.
    fn spawn(&self, future: LocalBoxFuture<'static, ()>);
    /// Deletes everything that the object has, the alarm included. Requests may come before it returns.
    fn delete_all(&self) -> LocalBoxFuture<'static, Result<(), JournalError>>;
    /// Whether this deployment keeps an index of the workflows of each tenant.
    fn has_index(&self) -> bool;
    /// Tells the index of the tenant. Nothing leaves before what was written is durable.
    fn tell(&self, notice: &Notice) -> LocalBoxFuture<'static, Result<(), String>>;
    /// Returns when everything written so far is durable.
    fn sync(&self) -> LocalBoxFuture<'static, Result<(), JournalError>>;
    /// Events that were just committed, in order: for the log.
    fn committed(&self, workflow: &Workflow, events: &[Recorded]);
    /// Validates JSON against a JSON Schema (2020-12) that was honoured at its submission. The error says what is
    /// wrong, in words that a model can act on.
    fn validate(&self, schema: &Value, json: &str) -> Result<(), String>;
    /// A failure of ours that no caller is told of.
    fn warn(&self, message: &str);
}
