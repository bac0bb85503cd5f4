//! The Clock port: time and randomness, which the core never reads by itself.

use futures::future::LocalBoxFuture;

/// What a clock tells. Providers know it from here.
pub use crate::engine::words::time::Timestamp;

pub trait Clock {
    fn now(&self) -> Timestamp;
    /// Random bits for jitter. What they decided is journaled.
    fn entropy(&self) -> u64;
    /// Dropping the future cancels the timer.
    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()>;
}
