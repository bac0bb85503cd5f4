//! Crashes on request, for the tests of `main.js` and of recovery. Only with the feature `crash-test`: never in a
//! released build.
//!
//! - `/crash/entry/KIND` crashes the entry, `/crash/object/NAME/KIND` the object of that name, `.../background/KIND`
//!   its work under `wait_until`, `.../alarm/KIND` its alarm, more often than the platform repeats one.
//! - KIND: `panic`, `memory`, `throw`, `stack`, each at once or after a pause (`late-panic`), and `error`, with which
//!   the handler just fails.
//! - Innocents: `.../slow` answers after ten seconds (`.../slow-begun` says how many have begun), `.../stream` is an
//!   endless event stream, `.../short-stream` ends, `.../ok` answers, `.../alarms` says how often the alarm began and
//!   whether it got through, `.../dropped` how many streams were dropped.
//! - `/crash/object/TENANT~ID/subscribers` says how many clients watch that workflow.
//! - `POST /crash/validate` asks the validator of JSON Schemas: `[{schema, texts}]` in; for each `{refused}` out, what
//!   a submission is told, or `{verdicts}`, the faults of each text, empty where it fits.
//! - `/crash/memory` says how many bytes the WebAssembly's memory has. It never shrinks, so that this is its peak.
//! - Running workflows crash where their model says so: see [`reply`].

use std::cell::Cell;
use std::time::Duration;

use futures::StreamExt;
use js_sys::{ArrayBuffer, WebAssembly::Memory};
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use worker::{Delay, Env, Request, Response, Result, State};

use super::host::{ObjectHost, validate};
use super::sql::SqlJournal;
use crate::api::output_schema;
use crate::model::{ModelError, ModelReply};
use crate::providers::wire::{Redactor, error_from_thrown};
use crate::runner::Runner;

const BINDING: &str = "ORCHESTRATOR_WORKERS_WORKFLOW";
/// The platform would make the first attempt and six more, then forget the alarm.
const CRASHES_OF_AN_ALARM: u32 = 7;
const PAUSE: Duration = Duration::from_millis(50);

#[wasm_bindgen]
extern "C" {
    /// Declared without `catch`, so that its exception passes through us.
    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(text: &str) -> JsValue;
}

/// The entry's routes; `None` for all others.
pub async fn entry(request: &Request, env: &Env) -> Result<Option<Response>> {
    let path = request.path();
    if let Some(kind) = path.strip_prefix("/crash/entry/") {
        return act(kind).await.map(Some);
    }
    if path == "/crash/memory" {
        return Response::from_json(&memory_bytes()).map(Some);
    }
    if path == "/crash/validate" {
        let asked: Vec<Asked> = serde_json::from_str(&request.clone()?.text().await?)?;
        let answers: Vec<Value> = asked.into_iter().map(validated).collect();
        return Response::from_json(&answers).map(Some);
    }
    let Some(name) = path
        .strip_prefix("/crash/object/")
        .and_then(|rest| rest.split('/').next())
    else {
        return Ok(None);
    };
    let object = env.durable_object(BINDING)?.get_by_name(&name.replace('~', "/"))?;
    object.fetch_with_request(request.clone()?).await.map(Some)
}

/// A schema and texts of JSON.
#[derive(Deserialize)]
struct Asked {
    schema: Value,
    texts: Vec<String>,
}

/// What a submission and a run make of them.
fn validated(Asked { schema, texts }: Asked) -> Value {
    match output_schema::check(schema) {
        Err(problem) => json!({ "refused": problem.detail() }),
        Ok(schema) => {
            let schema = schema.to_string();
            let verdicts: Vec<String> = texts.iter().map(|text| validate(&schema, text)).collect();
            json!({ "verdicts": verdicts })
        }
    }
}

/// The object's routes; `None` for all others.
pub async fn object(request: &Request, runner: &Runner<ObjectHost>) -> Result<Option<Response>> {
    let state = &runner.host().state;
    let path = request.path();
    let Some((_, command)) = path
        .strip_prefix("/crash/object/")
        .and_then(|rest| rest.split_once('/'))
    else {
        return Ok(None);
    };
    let response = match command.split_once('/') {
        Some(("background", kind)) => {
            let kind = kind.to_owned();
            state.wait_until(async move {
                let _ = act(&kind).await;
            });
            Response::ok("started\n")?
        }
        Some((_, kind)) => {
            state.storage().put("crash", kind).await?;
            state.storage().set_alarm(PAUSE).await?;
            Response::ok("armed\n")?
        }
        None if command == "alarms" => {
            let begun: Option<u32> = state.storage().get("begun").await?;
            let done: Option<bool> = state.storage().get("done").await?;
            Response::from_json(&(begun.unwrap_or(0), done.unwrap_or(false)))?
        }
        None if command == "subscribers" => Response::from_json(&runner.subscriber_count())?,
        None => act(command).await?,
    };
    Ok(Some(response))
}

/// The alarm of `.../alarm/KIND`: crashes the first times. False where another alarm is due.
pub async fn alarm(state: &State) -> Result<bool> {
    let Some(kind) = state.storage().get::<String>("crash").await? else {
        return Ok(false);
    };
    let begun = state.storage().get::<u32>("begun").await?.unwrap_or(0) + 1;
    state.storage().put("begun", begun).await?;
    state.storage().sync().await?;
    if begun <= CRASHES_OF_AN_ALARM {
        act(&kind).await?;
    }
    state.storage().put("done", true).await?;
    Ok(true)
}

/// What a scripted model may say, so that a test can crash a running workflow in the very step and attempt it wants.
/// Each comes after the reply is there and before it is journaled.
///
/// - `(crash: KIND)`: the kinds above.
/// - `(crash: interrupted)`: the platform refuses this invocation any further call.
/// - `(crash: write N)`: the reply itself is fine, but the next N appends to this journal fail, rolled back after their
///   first row.
pub fn reply(
    reply: std::result::Result<ModelReply, ModelError>,
    journal: &SqlJournal,
) -> std::result::Result<ModelReply, ModelError> {
    let Some(command) = reply.as_ref().ok().and_then(|reply| command(&reply.text)) else {
        return reply;
    };
    if command == "interrupted" {
        let message = "Error: Too many subrequests by single Worker invocation.";
        return Err(error_from_thrown(message, &Redactor::new(&[], &[])));
    }
    match command.strip_prefix("write ") {
        Some(count) => journal.failures.set(count.parse().unwrap_or(1)),
        None => crash(command),
    }
    reply
}

fn command(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("(crash: ")?;
    rest.split_once(')').map(|(command, _)| command)
}

async fn act(command: &str) -> Result<Response> {
    if let Some(kind) = command.strip_prefix("late-") {
        Delay::from(PAUSE).await;
        crash(kind);
    }
    match command {
        "ok" => Response::ok("ok\n"),
        "slow" => {
            SLOW.set(SLOW.get() + 1);
            Delay::from(Duration::from_secs(10)).await;
            Response::ok("slow\n")
        }
        "slow-begun" => Response::ok(SLOW.get().to_string()),
        "stream" => stream(usize::MAX),
        "short-stream" => stream(3),
        "dropped" => Response::ok(DROPPED.get().to_string()),
        "error" => Err("crash-test".into()),
        kind => {
            crash(kind);
            Response::error("unknown kind", 404)
        }
    }
}

fn memory_bytes() -> u32 {
    let memory: Memory = wasm_bindgen::memory().unchecked_into();
    memory.buffer().unchecked_into::<ArrayBuffer>().byte_length()
}

fn stream(events_max: usize) -> Result<Response> {
    let guard = Dropped;
    let events = futures::stream::unfold(guard, |guard| async {
        Delay::from(PAUSE).await;
        Some((Ok::<_, worker::Error>(b"data: tick\n\n".to_vec()), guard))
    });
    let mut response = Response::from_stream(events.take(events_max).boxed_local())?;
    response.headers_mut().set("content-type", "text/event-stream")?;
    Ok(response)
}

thread_local! {
    static DROPPED: Cell<u32> = const { Cell::new(0) };
    /// The slow calls of the whole isolate since its last crash.
    static SLOW: Cell<u32> = const { Cell::new(0) };
}

struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
    }
}

#[allow(clippy::panic)] // Its purpose.
fn crash(kind: &str) {
    match kind {
        "panic" => panic!("crash-test"),
        "memory" => loop {
            std::mem::forget(std::hint::black_box(Vec::<u8>::with_capacity(1 << 28)));
        },
        "throw" => drop(parse("{")),
        "stack" => drop(recurse(std::hint::black_box(0))),
        _ => (),
    }
}

fn recurse(depth: u64) -> Vec<u64> {
    if depth == u64::MAX {
        return Vec::new();
    }
    let mut below = recurse(std::hint::black_box(depth + 1));
    below.push(depth);
    below
}
