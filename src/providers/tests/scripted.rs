//! The `Transport` port over a script. It records what was sent and what became of each request.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use futures::future::pending;
use serde_json::Value;

use super::clock::VirtualClock;
use crate::clock::Clock;
use crate::providers::transport::{Request, Response, Thrown, Transport};

/// A request as a server sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// `POST URL`, or `AI MODEL`.
    pub line: String,
    pub headers: Vec<(String, String)>,
    /// Null without a body.
    pub body: Value,
    pub gateway_id: Option<String>,
}

/// How a server answers one request.
#[derive(Clone)]
pub struct Turn {
    after_ms: u64,
    answer: Answering,
}

#[derive(Clone)]
enum Answering {
    Respond {
        status: u16,
        headers: Vec<(&'static str, String)>,
        chunks: VecDeque<Chunk>,
    },
    Throw(String),
    Never,
}

#[derive(Clone)]
pub enum Chunk {
    Bytes(Vec<u8>),
    Throw(&'static str),
    Never,
}

impl Turn {
    /// A stream of status 200, in chunks.
    pub fn stream<C: Into<Chunk>>(chunks: impl IntoIterator<Item = C>) -> Turn {
        Turn::status(200, chunks).header("content-type", "text/event-stream")
    }

    pub fn status<C: Into<Chunk>>(status: u16, chunks: impl IntoIterator<Item = C>) -> Turn {
        Turn::answering(Answering::Respond {
            status,
            headers: Vec::new(),
            chunks: chunks.into_iter().map(Into::into).collect(),
        })
    }

    pub fn throw(text: &str) -> Turn {
        Turn::answering(Answering::Throw(text.to_owned()))
    }

    pub fn never() -> Turn {
        Turn::answering(Answering::Never)
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Turn {
        if let Answering::Respond { headers, .. } = &mut self.answer {
            headers.push((name, value.to_owned()));
        }
        self
    }

    pub fn after_ms(self, after_ms: u64) -> Turn {
        Turn { after_ms, ..self }
    }

    fn answering(answer: Answering) -> Turn {
        Turn { after_ms: 0, answer }
    }
}

impl From<&str> for Chunk {
    fn from(text: &str) -> Chunk {
        text.as_bytes().into()
    }
}

impl From<&[u8]> for Chunk {
    fn from(bytes: &[u8]) -> Chunk {
        Chunk::Bytes(bytes.to_vec())
    }
}

impl From<String> for Chunk {
    fn from(text: String) -> Chunk {
        Chunk::Bytes(text.into_bytes())
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Open,
    /// Its body was read to the end, or it threw.
    Ended,
    Released,
    /// Dropped before its end.
    Aborted,
}

#[derive(Clone, Debug)]
pub struct Record {
    pub sent: Sent,
    pub fate: Fate,
    pub chunks_read: usize,
}

pub struct Scripted {
    clock: VirtualClock,
    server: Box<Server>,
    records: Records,
}

type Records = Rc<RefCell<Vec<Record>>>;
/// Decides the answer to a request by its number, from 0.
type Server = dyn Fn(usize, &Sent) -> Turn;

impl Scripted {
    pub fn new(clock: VirtualClock, server: impl Fn(usize, &Sent) -> Turn + 'static) -> Scripted {
        Scripted {
            clock,
            server: Box::new(server),
            records: Records::default(),
        }
    }

    pub fn records(&self) -> Vec<Record> {
        self.records.borrow().clone()
    }

    pub fn fates(&self) -> Vec<Fate> {
        self.records().into_iter().map(|record| record.fate).collect()
    }

    pub fn bodies(&self) -> Vec<Value> {
        self.records().into_iter().map(|record| record.sent.body).collect()
    }
}

impl Transport for Scripted {
    type Response = ScriptedResponse;

    async fn send(&self, request: Request) -> Result<ScriptedResponse, Thrown> {
        let sent = sent(request);
        let number = self.records.borrow().len();
        let turn = (self.server)(number, &sent);
        self.records.borrow_mut().push(Record {
            sent,
            fate: Fate::Open,
            chunks_read: 0,
        });
        let fated = Fated {
            records: self.records.clone(),
            number,
        };
        self.clock.sleep(turn.after_ms).await;
        match turn.answer {
            Answering::Respond {
                status,
                headers,
                chunks,
            } => Ok(ScriptedResponse {
                status,
                headers,
                chunks,
                fated,
            }),
            Answering::Throw(text) => {
                fated.meets(Fate::Ended);
                Err(Thrown(text))
            }
            Answering::Never => pending().await,
        }
    }
}

fn sent(request: Request) -> Sent {
    let parsed = |text: String| serde_json::from_str(&text).expect("JSON is sent");
    match request {
        Request::Http {
            method,
            url,
            headers,
            body,
        } => Sent {
            line: format!("{method} {url}"),
            headers,
            body: body.map_or(Value::Null, parsed),
            gateway_id: None,
        },
        Request::AiRun {
            model,
            inputs,
            gateway_id,
        } => Sent {
            line: format!("AI {model}"),
            headers: Vec::new(),
            body: parsed(inputs),
            gateway_id,
        },
    }
}

pub struct ScriptedResponse {
    status: u16,
    headers: Vec<(&'static str, String)>,
    chunks: VecDeque<Chunk>,
    fated: Fated,
}

impl Response for ScriptedResponse {
    fn status(&self) -> u16 {
        self.status
    }

    fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    }

    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, Thrown> {
        match self.chunks.pop_front() {
            Some(Chunk::Bytes(bytes)) => {
                self.fated.count();
                Ok(Some(bytes))
            }
            Some(Chunk::Throw(text)) => {
                self.fated.meets(Fate::Ended);
                Err(Thrown(text.to_owned()))
            }
            Some(Chunk::Never) => pending().await,
            None => {
                self.fated.meets(Fate::Ended);
                Ok(None)
            }
        }
    }

    fn release(self) {
        self.fated.meets(Fate::Released);
    }
}

/// Writes into the record what becomes of a request. Only the first fate counts.
struct Fated {
    records: Records,
    number: usize,
}

impl Fated {
    fn meets(&self, fate: Fate) {
        let record = &mut self.records.borrow_mut()[self.number];
        if record.fate == Fate::Open {
            record.fate = fate;
        }
    }

    fn count(&self) {
        self.records.borrow_mut()[self.number].chunks_read += 1;
    }
}

impl Drop for Fated {
    fn drop(&mut self) {
        self.meets(Fate::Aborted);
    }
}
