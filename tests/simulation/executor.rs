//! A single-threaded executor on virtual time.
//!
//! A *turn* is what a Durable Object does between two events of its event loop: one event (a timer, an alarm, a
//! request) and every task that it wakes, and those that they wake. Nothing else interleaves with a turn.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use futures::future::LocalBoxFuture;

type Task = LocalBoxFuture<'static, ()>;

#[derive(Default)]
pub struct Executor {
    pub now: Cell<u64>,
    tasks: RefCell<HashMap<u64, Task>>,
    /// Those that run although nobody waits for them.
    in_background: RefCell<Vec<u64>>,
    next_id: Cell<u64>,
    woken: Arc<Mutex<VecDeque<u64>>>,
    timers: Rc<RefCell<Timers>>,
}

#[derive(Default)]
struct Timers {
    heap: BinaryHeap<Reverse<(u64, u64)>>,
    /// Those that are still waited for.
    waiting: HashMap<u64, Option<Waker>>,
    next_id: u64,
}

struct TaskWaker {
    id: u64,
    woken: Arc<Mutex<VecDeque<u64>>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.woken.lock().unwrap().push_back(self.id);
    }
}

impl Executor {
    pub fn spawn(&self, task: Task) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        self.tasks.borrow_mut().insert(id, task);
        self.woken.lock().unwrap().push_back(id);
        id
    }

    pub fn spawn_in_background(&self, task: Task) {
        let id = self.spawn(task);
        self.in_background.borrow_mut().push(id);
    }

    /// The platform drops what runs in the background: nobody polls it any more.
    pub fn drop_background(&self) {
        for id in std::mem::take(&mut *self.in_background.borrow_mut()) {
            // Out of the table first: a task runs foreign code when it is dropped.
            let task = self.tasks.borrow_mut().remove(&id);
            drop(task);
        }
    }

    /// Polls whatever is woken, until nothing is, or `polls_max` times. True where nothing is left.
    pub fn run_woken(&self, polls_max: u32) -> bool {
        for _ in 0..polls_max {
            let Some(id) = self.woken.lock().unwrap().pop_front() else {
                return true;
            };
            // A task is not in the table while it runs: it may spawn others, and wake itself.
            let Some(mut task) = self.tasks.borrow_mut().remove(&id) else {
                continue;
            };
            let waker = Waker::from(Arc::new(TaskWaker {
                id,
                woken: self.woken.clone(),
            }));
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                self.tasks.borrow_mut().insert(id, task);
            }
        }
        self.woken.lock().unwrap().is_empty()
    }

    /// The crash: every future and every timer is gone.
    pub fn drop_all(&self) {
        // Dropping a task may drop timers and spawn nothing; taken out first, since it runs foreign code.
        let tasks = std::mem::take(&mut *self.tasks.borrow_mut());
        drop(tasks);
        self.in_background.borrow_mut().clear();
        self.woken.lock().unwrap().clear();
        *self.timers.borrow_mut() = Timers::default();
    }

    pub fn sleep(&self, ms: u64) -> Sleep {
        let mut timers = self.timers.borrow_mut();
        let id = timers.next_id;
        timers.next_id += 1;
        timers.heap.push(Reverse((self.now.get().saturating_add(ms), id)));
        timers.waiting.insert(id, None);
        Sleep {
            id,
            timers: self.timers.clone(),
            outlives: false,
        }
    }

    /// When the next timer is due that somebody waits for.
    pub fn next_timer(&self) -> Option<u64> {
        let mut timers = self.timers.borrow_mut();
        loop {
            let Reverse((at, id)) = *timers.heap.peek()?;
            if timers.waiting.contains_key(&id) {
                return Some(at);
            }
            timers.heap.pop();
        }
    }

    /// Fires one timer: the first that is due.
    pub fn fire_timer(&self) {
        let fired = self.timers.borrow_mut().heap.pop();
        if let Some(Reverse((_, id))) = fired
            && let Some(Some(waker)) = self.timers.borrow_mut().waiting.remove(&id)
        {
            waker.wake();
        }
    }
}

/// Dropping it cancels the timer.
pub struct Sleep {
    id: u64,
    timers: Rc<RefCell<Timers>>,
    outlives: bool,
}

impl Sleep {
    /// For the mutant that leaves its timers behind.
    pub fn that_outlives_its_drop(mut self) -> Sleep {
        self.outlives = true;
        self
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.timers.borrow_mut().waiting.get_mut(&self.id) {
            Some(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if !self.outlives {
            self.timers.borrow_mut().waiting.remove(&self.id);
        }
    }
}
