//! The ports of the core on a Durable Object: clock, journal, alarm, background work, models, logs.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde_json::Value;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Delay, Env, State};

use super::index;
use super::sql::SqlJournal;
use super::transport::FetchTransport;
use crate::alarm::Alarm;
use crate::clock::Clock;
use crate::engine::words::time::Timestamp;
use crate::engine::{Recorded, Workflow};
use crate::journal::{Journal, JournalError, LoadError};
use crate::json;
use crate::model::{Model, ModelError, ModelReply, ModelRequest, Progress};
use crate::notify::Notice;
use crate::providers::Providers;
use crate::runner::{Host, log};

/// A timer of the platform takes 32 bits; what is due later is the alarm's.
const SLEEP_MS_MAX: u64 = i32::MAX as u64;

pub struct ObjectHost {
    pub state: Rc<State>,
    pub journal: SqlJournal,
    pub providers: Providers<FetchTransport>,
    pub env: Env,
}

pub fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as u64)
}

impl Clock for ObjectHost {
    fn now(&self) -> Timestamp {
        now()
    }

    fn entropy(&self) -> u64 {
        let bits = || (js_sys::Math::random() * f64::from(u32::MAX)) as u64;
        bits() << 32 | bits()
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        Delay::from(Duration::from_millis(ms.min(SLEEP_MS_MAX))).boxed_local()
    }
}

impl Journal for ObjectHost {
    fn append(&self, events: &[Recorded]) -> Result<(), JournalError> {
        self.journal.append(events)
    }

    fn page(&self, after: u64, until: u64, limit: u32) -> Result<Vec<Recorded>, LoadError> {
        self.journal.page(after, until, limit)
    }

    fn bury(&self, tombstone: &Notice) -> Result<(), JournalError> {
        self.journal.bury(tombstone)
    }

    fn tombstones(&self) -> Result<Vec<Notice>, JournalError> {
        self.journal.tombstones()
    }

    fn unbury(&self, life: &str) -> Result<(), JournalError> {
        self.journal.unbury(life)
    }
}

impl Alarm for ObjectHost {
    fn arm(&self, at: Timestamp) -> Result<(), JournalError> {
        self.journal.arm(at)
    }

    fn disarm(&self) -> Result<(), JournalError> {
        self.journal.disarm()
    }

    fn failures(&self) -> u32 {
        self.journal.failures()
    }

    fn set_failures(&self, failures: u32) {
        self.journal.set_failures(failures);
    }
}

/// The alarm needs nothing but the storage: it must work where the configuration does not.
impl Alarm for SqlJournal {
    fn arm(&self, at: Timestamp) -> Result<(), JournalError> {
        self.set_alarm(at)
    }

    fn disarm(&self) -> Result<(), JournalError> {
        self.delete_alarm()
    }

    fn failures(&self) -> u32 {
        or_warn(self.alarm_failures())
    }

    fn set_failures(&self, failures: u32) {
        or_warn(self.set_alarm_failures(failures));
    }
}

/// A failure of the storage that no caller can do anything about.
fn or_warn<T: Default>(result: Result<T, JournalError>) -> T {
    result.unwrap_or_else(|error| {
        worker::console_error!("{}", log::failure(None, &error.to_string()));
        T::default()
    })
}

impl Model for ObjectHost {
    async fn complete(&self, request: &ModelRequest, progress: &dyn Progress) -> Result<ModelReply, ModelError> {
        let reply = self.providers.complete(self, request, progress).await;
        #[cfg(feature = "crash-test")]
        let reply = super::crash::reply(reply, &self.journal);
        reply
    }
}

#[wasm_bindgen(raw_module = "orchestrator-workers-json-schema")]
extern "C" {
    /// src/cloudflare/json-schema.js: the faults, or nothing.
    pub fn validate(schema: &str, json: &str) -> String;
}

impl Host for ObjectHost {
    fn validate(&self, schema: &Value, text: &str) -> Result<(), String> {
        let faults = validate(&json::text(schema), text);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        self.state.wait_until(future);
    }

    fn delete_all(&self) -> LocalBoxFuture<'static, Result<(), JournalError>> {
        let deleted = self.journal.delete_all();
        deleted.boxed_local()
    }

    fn has_index(&self) -> bool {
        index::is_configured(&self.env)
    }

    fn tell(&self, notice: &Notice) -> LocalBoxFuture<'static, Result<(), String>> {
        index::tell(self.env.clone(), notice.tenant.clone(), json::text(notice)).boxed_local()
    }

    fn sync(&self) -> LocalBoxFuture<'static, Result<(), JournalError>> {
        let synced = self.journal.sync();
        synced.boxed_local()
    }

    fn committed(&self, workflow: &Workflow, events: &[Recorded]) {
        for event in events {
            worker::console_log!("{}", json::text(&log::line(workflow, event)));
        }
    }

    fn warn(&self, message: &str) {
        worker::console_error!("{}", log::failure(None, message));
    }
}
