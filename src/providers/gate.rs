//! The line before a server that answers few calls at a time.
//!
//! Whoever comes first goes first. The first so many of the line have their calls answered, the others wait. Dropping a
//! call takes it out of the line. The line is memory of one instance of the WebAssembly, and ends with it.
//!
//! A call that waits looks at the line by itself, again and again, and nobody wakes it: calls of several Durable
//! Objects stand in one line, and what one of them wakes would run in its name, where the platform refuses the other's
//! work. A call that has not been seen for [`LEASE_MS`] is one that the platform dropped, and leaves the line.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures::future::{Either, select};

use crate::clock::{Clock, Timestamp};
use crate::model::Progress;

/// How often a call that waits looks at the line.
const POLL_MS: u64 = 100;
/// How often a call that runs shows itself.
const BEAT_MS: u64 = 10_000;
const LEASE_MS: u64 = 60_000;

/// Clones share the line. It is as long as there are calls in flight.
#[derive(Clone, Default)]
pub struct Gate(Rc<RefCell<Line>>);

#[derive(Default)]
struct Line {
    next: u64,
    /// By number, and when each was last seen.
    calls: Vec<(u64, Timestamp)>,
}

/// A place in the line.
struct Place<'a> {
    gate: &'a Gate,
    number: u64,
}

impl Gate {
    /// Runs the call when it is among the first `permits` of the line.
    pub(super) async fn pass<T>(
        &self,
        permits: u32,
        clock: &dyn Clock,
        progress: &dyn Progress,
        call: impl Future<Output = T>,
    ) -> T {
        let place = self.join();
        while place.position(clock.now()) >= permits as usize {
            progress.queued();
            clock.sleep(POLL_MS).await;
        }
        let mut call = pin!(call);
        loop {
            match select(call, clock.sleep(BEAT_MS)).await {
                Either::Left((outcome, _)) => return outcome,
                Either::Right((_, running)) => {
                    place.position(clock.now());
                    call = running;
                }
            }
        }
    }

    fn join(&self) -> Place<'_> {
        let mut line = self.0.borrow_mut();
        line.next += 1;
        Place {
            gate: self,
            number: line.next,
        }
    }
}

impl Place<'_> {
    /// How many are before it. It is seen, and those that were not seen for long leave.
    fn position(&self, now: Timestamp) -> usize {
        let mut line = self.gate.0.borrow_mut();
        line.calls.retain(|(_, seen)| seen.plus_ms(LEASE_MS) > now);
        match line.calls.iter_mut().position(|(number, _)| *number == self.number) {
            Some(position) => {
                if let Some((_, seen)) = line.calls.get_mut(position) {
                    *seen = now;
                }
                position
            }
            None => {
                line.calls.push((self.number, now));
                line.calls.len() - 1
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut line = self.gate.0.borrow_mut();
        line.calls.retain(|(number, _)| *number != self.number);
    }
}
