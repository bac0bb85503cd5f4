//! The journal on a Durable Object's SQLite storage.
//!
//! One table, `event`, is the only truth. It is made with the first append, so that asking for an unknown workflow
//! writes nothing. Everything is synchronous: writes without an await between them share one transaction with the
//! alarm that is set in the same turn.

use js_sys::{Array, Date, JsString, Promise, Reflect};
use wasm_bindgen::prelude::*;

use crate::engine::Recorded;
use crate::engine::words::codec::{self, DecodeError};
use crate::engine::words::time::Timestamp;
use crate::journal::{JournalError, LoadError, burial};
use crate::json;
use crate::notify::Notice;
use crate::tenant::{Cell, Sql};

#[wasm_bindgen]
extern "C" {
    /// The parts of `DurableObjectStorage` that the `worker` crate does not bind, or binds without catching.
    #[derive(Clone)]
    pub type RawStorage;

    #[wasm_bindgen(method, getter)]
    fn sql(this: &RawStorage) -> RawSql;

    /// The synchronous key-value store of an object with SQLite storage.
    #[wasm_bindgen(method, getter)]
    fn kv(this: &RawStorage) -> RawKv;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &RawStorage,
        closure: &mut dyn FnMut() -> Result<(), JsValue>,
    ) -> Result<JsValue, JsValue>;

    /// Acts at the call; the promise only tells of its end.
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm(this: &RawStorage, at: &Date) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = deleteAlarm)]
    fn delete_alarm(this: &RawStorage) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    fn delete_all(this: &RawStorage) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn sync(this: &RawStorage) -> Result<Promise, JsValue>;

    type RawSql;

    #[wasm_bindgen(method, catch, variadic)]
    fn exec(this: &RawSql, query: &str, bindings: &Array) -> Result<RawCursor, JsValue>;

    /// In bytes.
    #[wasm_bindgen(method, getter, js_name = databaseSize)]
    fn database_size(this: &RawSql) -> f64;

    type RawKv;

    #[wasm_bindgen(method, catch)]
    fn get(this: &RawKv, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn put(this: &RawKv, key: &str, value: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn delete(this: &RawKv, key: &str) -> Result<bool, JsValue>;

    /// Pairs of key and value, to iterate over.
    #[wasm_bindgen(method, catch)]
    fn list(this: &RawKv, options: &JsValue) -> Result<JsValue, JsValue>;

    type RawCursor;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn to_array(this: &RawCursor) -> Result<Array, JsValue>;

    /// Rows as arrays, to iterate over.
    #[wasm_bindgen(method, catch)]
    fn raw(this: &RawCursor) -> Result<JsValue, JsValue>;
}

const CREATE: &str = "CREATE TABLE IF NOT EXISTS event \
    (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL)";
const EXISTS: &str = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'event'";
const INSERT: &str = "INSERT INTO event (seq, at, type, data) VALUES (?, ?, ?, ?)";
const SELECT: &str = "SELECT seq, at, type, data FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?";

/// The key of the stored count of the alarm's failures in a row. The guard in JavaScript (`alarm-guard.js`) counts the
/// crashes of the WebAssembly under the same key.
const ALARM_FAILURES: &str = "alarm_failures";

/// Before the life in the key of a tombstone.
const TOMBSTONE: &str = "tombstone/";

pub struct SqlJournal {
    storage: RawStorage,
    /// How many of the next appends fail.
    #[cfg(feature = "crash-test")]
    pub failures: std::cell::Cell<u32>,
}

impl SqlJournal {
    pub fn new(storage: &worker::Storage) -> Self {
        SqlJournal {
            storage: AsRef::<JsValue>::as_ref(storage.as_raw()).clone().unchecked_into(),
            #[cfg(feature = "crash-test")]
            failures: std::cell::Cell::default(),
        }
    }

    pub fn append(&self, events: &[Recorded]) -> Result<(), JournalError> {
        let sql = self.storage.sql();
        let first = events.first().is_some_and(|event| event.seq == 1);
        let mut insert_all = || -> Result<(), JsValue> {
            if first {
                sql.exec(CREATE, &Array::new())?;
            }
            for recorded in events {
                let (type_name, data) = codec::encode(&recorded.event);
                let row = Array::of4(
                    &(recorded.seq as f64).into(),
                    &(recorded.at.0 as f64).into(),
                    &type_name.into(),
                    &data.into(),
                );
                sql.exec(INSERT, &row)?;
                #[cfg(feature = "crash-test")]
                if let Some(left) = self.failures.get().checked_sub(1) {
                    self.failures.set(left);
                    return Err("crash-test: a failed write".into());
                }
            }
            Ok(())
        };
        // An error that the closure throws rolls the transaction back.
        self.storage.transaction_sync(&mut insert_all).map(drop).map_err(failed)
    }

    /// Asking for an unknown workflow writes nothing: where there is no table there is no event.
    pub fn page(&self, after: u64, until: u64, limit: u32) -> Result<Vec<Recorded>, LoadError> {
        let failed = |error: JsValue| LoadError::Storage(describe(&error));
        let sql = self.storage.sql();
        let exists = sql
            .exec(EXISTS, &Array::new())
            .and_then(|cursor| cursor.to_array())
            .map_err(failed)?;
        if exists.length() == 0 {
            return Ok(Vec::new());
        }
        let bindings = Array::of3(&(after as f64).into(), &(until as f64).into(), &limit.into());
        let rows = sql
            .exec(SELECT, &bindings)
            .and_then(|cursor| cursor.to_array())
            .map_err(failed)?;
        rows.iter().map(|row| decode(&row)).collect()
    }

    pub fn bury(&self, tombstone: &Notice) -> Result<(), JournalError> {
        let mut put = || -> Result<(), JsValue> {
            let sql = self.storage.sql();
            for statement in burial::statements(sql.database_size() as u64) {
                sql.exec(&statement, &Array::new())?;
            }
            let key = format!("{TOMBSTONE}{}", tombstone.life);
            self.storage.kv().put(&key, &json::text(tombstone).into())
        };
        self.storage.transaction_sync(&mut put).map(drop).map_err(failed)
    }

    pub fn tombstones(&self) -> Result<Vec<Notice>, JournalError> {
        let options = js_sys::Object::new();
        Reflect::set(&options, &"prefix".into(), &TOMBSTONE.into()).map_err(failed)?;
        let found = self.storage.kv().list(&options).map_err(failed)?;
        let texts = Array::from(&found);
        let texts = texts.iter().filter_map(|pair| Array::from(&pair).get(1).as_string());
        let read = |text: String| json::tree::read(&text).map_err(JournalError);
        texts.map(read).collect()
    }

    pub fn unbury(&self, life: &str) -> Result<(), JournalError> {
        let key = format!("{TOMBSTONE}{life}");
        self.storage.kv().delete(&key).map(drop).map_err(failed)
    }

    pub fn delete_alarm(&self) -> Result<(), JournalError> {
        self.storage.delete_alarm().map(drop).map_err(failed)
    }

    pub fn alarm_failures(&self) -> Result<u32, JournalError> {
        let stored = self.storage.kv().get(ALARM_FAILURES).map_err(failed)?;
        Ok(stored.as_f64().unwrap_or_default() as u32)
    }

    /// Zero is no entry, so that an object that never failed stores nothing of it.
    pub fn set_alarm_failures(&self, failures: u32) -> Result<(), JournalError> {
        let kv = self.storage.kv();
        let written = if failures == 0 {
            kv.delete(ALARM_FAILURES).map(drop)
        } else {
            kv.put(ALARM_FAILURES, &failures.into())
        };
        written.map_err(failed)
    }

    pub fn set_alarm(&self, at: Timestamp) -> Result<(), JournalError> {
        let date = Date::new(&JsValue::from_f64(at.0 as f64));
        self.storage.set_alarm(&date).map(drop).map_err(failed)
    }

    /// Deletes the table and, with the compatibility date of this project, the alarm.
    pub fn delete_all(&self) -> impl Future<Output = Result<(), JournalError>> + 'static {
        settled(self.storage.delete_all())
    }

    /// Returns when everything written so far is durable.
    pub fn sync(&self) -> impl Future<Output = Result<(), JournalError>> + 'static {
        settled(self.storage.sync())
    }
}

async fn settled(promise: Result<Promise, JsValue>) -> Result<(), JournalError> {
    wasm_bindgen_futures::JsFuture::from(promise.map_err(failed)?)
        .await
        .map(drop)
        .map_err(failed)
}

fn decode(row: &JsValue) -> Result<Recorded, LoadError> {
    let field =
        |name: &str| Reflect::get(row, &JsString::from(name)).map_err(|error| LoadError::Storage(describe(&error)));
    let number = |name: &str| {
        field(name)?
            .as_f64()
            .ok_or_else(|| LoadError::Corrupt(format!("{name} is not a number")))
    };
    let text = |name: &str| {
        field(name)?
            .as_string()
            .ok_or_else(|| LoadError::Corrupt(format!("{name} is not a text")))
    };
    let event = codec::decode(&text("type")?, &text("data")?).map_err(|error| match error {
        DecodeError::Newer { .. } => LoadError::Newer(error.to_string()),
        DecodeError::Corrupt { .. } => LoadError::Corrupt(error.to_string()),
    })?;
    Ok(Recorded {
        seq: number("seq")? as u64,
        at: Timestamp(number("at")? as u64),
        event,
    })
}

fn failed(error: JsValue) -> JournalError {
    JournalError(describe(&error))
}

/// The SQLite of an object, one statement at a time.
pub struct ObjectSql {
    storage: RawStorage,
}

impl ObjectSql {
    pub fn new(storage: &worker::Storage) -> Self {
        ObjectSql {
            storage: AsRef::<JsValue>::as_ref(storage.as_raw()).clone().unchecked_into(),
        }
    }

    /// All or nothing of what `work` writes.
    pub fn transaction(&self, mut work: impl FnMut() -> Result<(), JsValue>) -> Result<(), JsValue> {
        self.storage.transaction_sync(&mut work).map(drop)
    }
}

impl Sql for ObjectSql {
    type Error = JsValue;

    fn run(&self, statement: &str, bindings: &[Cell]) -> Result<Vec<Vec<Cell>>, JsValue> {
        let values: Array = bindings.iter().map(value_of).collect();
        let rows = self.storage.sql().exec(statement, &values)?.raw()?;
        let row = |row: JsValue| Array::from(&row).iter().map(cell_of).collect();
        Ok(Array::from(&rows).iter().map(row).collect())
    }
}

fn value_of(cell: &Cell) -> JsValue {
    match cell {
        Cell::Number(number) => (*number as f64).into(),
        Cell::Text(text) => text.into(),
    }
}

/// What is null counts as zero: no column is, but the least of nothing.
fn cell_of(value: JsValue) -> Cell {
    match value.as_string() {
        Some(text) => Cell::Text(text),
        None => Cell::Number(value.as_f64().unwrap_or_default() as u64),
    }
}

/// What a thrown value says.
pub fn describe(error: &JsValue) -> String {
    let message = error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()));
    message
        .or_else(|| error.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
