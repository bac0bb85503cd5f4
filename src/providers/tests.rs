//! Whole calls over a scripted transport, on virtual time.
//!
//! `clock` and `scripted` are the two ports. The tests are `lessons` (what a refusal teaches), `last_try` (what is done
//! about one that nobody understands), `sizes` (requests that don't fit), `waits`, `bodies` (how bytes become a reply
//! or an error), `aborts` (what becomes of a request), `endpoint` (addresses and keys), `ollama` (its own API, and the
//! line before it) and `services` (who answers).

mod aborts;
mod bodies;
mod clock;
mod endpoint;
mod last_try;
mod lessons;
mod ollama;
mod scripted;
mod services;
mod sizes;
mod waits;

use std::cell::{Cell, RefCell};

use super::demo::Speed;
use super::{Endpoint, Ollama, OllamaServer, Providers, Remembered, WorkersAi};
use crate::model::{ModelError, ModelReply, ModelRequest, Progress, Provider};
use clock::VirtualClock;
use scripted::{Scripted, Sent, Turn};

const KEY: &str = "key-0123456789abcdef";

/// A server of the operator's.
fn named() -> Provider {
    Provider::parse("my-own").expect("a name")
}

/// Every service over one scripted transport, and what a caller hears of its calls.
struct Bench {
    clock: VirtualClock,
    providers: Providers<Scripted>,
    heard: Heard,
}

impl Bench {
    /// `server` decides the answer to each request, whose number counts from 0.
    fn new(server: impl Fn(usize, &Sent) -> Turn + 'static) -> Bench {
        let clock = VirtualClock::default();
        Bench {
            providers: Providers {
                transport: Scripted::new(clock.clone(), server),
                remembered: Remembered::default(),
                servers: vec![
                    (
                        Provider::Openai,
                        Endpoint::new("http://openai.test/v1", Some(KEY.to_owned()), Vec::new()),
                    ),
                    (
                        named(),
                        Endpoint::new("http://own.test/v1", None, vec![("api-key".to_owned(), KEY.to_owned())]),
                    ),
                ],
                ollama: Ollama::new("http://ollama.test", 1, OllamaServer::default()),
                workers_ai: Some(WorkersAi { gateway_id: None }),
                demo_speed: Speed::NORMAL,
            },
            clock,
            heard: Heard::default(),
        }
    }

    /// A server that answers its requests one after the other, and fails the test at any further one.
    fn answering(turns: impl Into<Vec<Turn>>) -> Bench {
        let turns = turns.into();
        Bench::new(move |number, _| turns[number].clone())
    }

    fn complete(&self, request: &ModelRequest) -> Result<ModelReply, ModelError> {
        self.clock.block_on(self.call(request))
    }

    async fn call(&self, request: &ModelRequest) -> Result<ModelReply, ModelError> {
        self.providers.complete(&self.clock, request, &self.heard).await
    }

    fn transport(&self) -> &Scripted {
        &self.providers.transport
    }
}

/// What was reported while a call ran.
#[derive(Default)]
struct Heard {
    /// One entry per call that went out: whether it streams.
    started: RefCell<Vec<bool>>,
    text: RefCell<String>,
    alive: Cell<usize>,
    queued: Cell<usize>,
}

impl Progress for Heard {
    fn call_started(&self, streaming: bool) {
        self.started.borrow_mut().push(streaming);
    }

    fn delta(&self, text: &str) {
        assert!(!text.is_empty());
        self.text.borrow_mut().push_str(text);
    }

    fn alive(&self) {
        self.alive.set(self.alive.get() + 1);
    }

    fn queued(&self) {
        self.queued.set(self.queued.get() + 1);
    }
}
