//! The Clock port on virtual time: it stands still while anything can run, then jumps to the next timer.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::clock::{Clock, Timestamp};

/// Sun, 06 Nov 1994 08:49:37 GMT
const BEGIN_MS: u64 = 784_111_777_000;

/// Clones show the same time.
#[derive(Clone)]
pub struct VirtualClock(Rc<Inner>);

struct Inner {
    now_ms: Cell<u64>,
    timers: RefCell<Vec<(u64, Waker)>>,
}

impl Default for VirtualClock {
    fn default() -> Self {
        VirtualClock(Rc::new(Inner {
            now_ms: Cell::new(BEGIN_MS),
            timers: RefCell::default(),
        }))
    }
}

impl VirtualClock {
    pub fn elapsed_ms(&self) -> u64 {
        self.0.now_ms.get() - BEGIN_MS
    }

    /// Runs a future to its end. A future that nothing can wake fails the test.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return output;
            }
            assert!(self.advance(), "the future waits for nothing that can come");
        }
    }

    fn advance(&self) -> bool {
        let Some(next) = self.0.timers.borrow().iter().map(|(at, _)| *at).min() else {
            return false;
        };
        self.0.now_ms.set(next.max(self.0.now_ms.get()));
        let due = self
            .0
            .timers
            .borrow_mut()
            .extract_if(.., |(at, _)| *at <= next)
            .collect::<Vec<_>>();
        for (_, waker) in due {
            waker.wake();
        }
        true
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.now_ms.get())
    }

    fn entropy(&self) -> u64 {
        0
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        let clock = self.clone();
        let until = clock.now().plus_ms(ms).0;
        poll_fn(move |context| {
            if clock.now().0 >= until {
                return Poll::Ready(());
            }
            clock.0.timers.borrow_mut().push((until, context.waker().clone()));
            Poll::Pending
        })
        .boxed_local()
    }
}
