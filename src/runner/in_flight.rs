//! The calls that run in this life of the object: one abort handle each.
//!
//! An attempt that the journal calls in flight and that is missing here was lost with an earlier life of the host. An
//! attempt that is still here long after its own time limits was dropped by the platform: nobody polls it any more, so
//! it would never end.

use std::cell::RefCell;

use futures::future::{AbortHandle, AbortRegistration};

use crate::engine::AttemptId;
use crate::engine::words::time::Timestamp;

/// How long after its own time limits an attempt is given up, in milliseconds.
const OVERDUE_MS: u64 = 60_000;

#[derive(Default)]
pub(super) struct InFlight {
    calls: RefCell<Vec<Running>>,
}

struct Running {
    attempt: AttemptId,
    abort: AbortHandle,
    /// By then the attempt's own time limits have ended it, if anybody still runs it.
    ended_by: Timestamp,
}

impl InFlight {
    /// `limit_ms`: the time limit of the whole call.
    pub fn begin(&self, attempt: &AttemptId, now: Timestamp, limit_ms: u64) -> AbortRegistration {
        let (abort, registration) = AbortHandle::new_pair();
        self.calls.borrow_mut().push(Running {
            attempt: attempt.clone(),
            abort,
            ended_by: ended_by(now, limit_ms),
        });
        registration
    }

    /// The call goes out (again): its time limit starts now.
    pub fn called(&self, attempt: &AttemptId, now: Timestamp, limit_ms: u64) {
        let mut calls = self.calls.borrow_mut();
        if let Some(call) = calls.iter_mut().find(|call| call.attempt == *attempt) {
            call.ended_by = ended_by(now, limit_ms);
        }
    }

    pub fn end(&self, attempt: &AttemptId) {
        self.calls.borrow_mut().retain(|call| call.attempt != *attempt);
    }

    pub fn contains(&self, attempt: &AttemptId) -> bool {
        self.calls.borrow().iter().any(|call| call.attempt == *attempt)
    }

    /// Aborts the calls that nobody can be running any more.
    pub fn abort_overdue(&self, now: Timestamp) {
        self.abort_unless(|call| call.ended_by > now);
    }

    /// Aborts the calls whose reply would be ignored.
    pub fn abort_unless_current(&self, is_current: impl Fn(&AttemptId) -> bool) {
        self.abort_unless(|call| is_current(&call.attempt));
    }

    fn abort_unless(&self, keep: impl Fn(&Running) -> bool) {
        self.calls.borrow_mut().retain(|call| {
            let kept = keep(call);
            if !kept {
                call.abort.abort();
            }
            kept
        });
    }
}

fn ended_by(now: Timestamp, limit_ms: u64) -> Timestamp {
    now.plus_ms(limit_ms.saturating_add(OVERDUE_MS))
}
