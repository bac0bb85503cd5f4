//! The index of a tenant: which workflows there are. It follows their notices and owns nothing. Pure, over a port of
//! SQLite.
//!
//! Notices come at least once, late and in any order. What is kept is the newest of the newest life of each id, so that
//! their order does not matter:
//! - A life that is gone never returns. Its name is kept for a while (`grave`), because a late notice of it may follow.
//! - Of two lives of an id the one that was made later counts, because an id is free again only once its life is gone.
//! - Within a life the higher sequence number counts.
//!
//! **Erasure.** A deleted text must not stay in the file, and SQLite leaves what it frees where it was: deleted rows,
//! old versions of rows that grow, copies of rows that moved to another page. So texts have a table of their own
//! (`slot`), whose rows never change their size, never move and are never deleted: an update writes over the old text,
//! and a row that is free is blank and used again. All other tables hold labels, which tell nothing of the text that
//! they were made of.

mod list;

use std::cell;

use crate::engine::words::outcome::Status;
use crate::engine::words::time::Timestamp;
use crate::notify::{Entry, ID, Notice, SEPARATOR, STATUS, label, parent_label, status_label};
pub use list::{LIMIT_DEFAULT, LIMIT_MAX, ListRequest, SCAN_MAX};

/// A key is the time of creation in milliseconds times this, so that keys are in the order of creation. It leaves
/// numbers that JavaScript keeps until the year 2248.
const KEYS_PER_MS: u64 = 1024;
/// How long the name of a life that is gone is kept. No notice is late by as much.
const GRAVE_MS: u64 = 86_400_000;
/// The sizes of slots are this times a power of two, in bytes.
const SLOT_BYTES_MIN: usize = 512;
/// Follow-ups that are found at once.
pub const FOLLOW_UPS_MAX: usize = 1000;
/// Of one workflow, however many are found already.
const FOLLOW_UPS_MIN: usize = 16;

const SCHEMA: [&str; 6] = [
    "CREATE TABLE entry (key INTEGER PRIMARY KEY, life TEXT NOT NULL, seq INTEGER NOT NULL, slot INTEGER NOT NULL, \
     size INTEGER NOT NULL, labels TEXT NOT NULL)",
    "CREATE TABLE label (label TEXT NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (label, key)) WITHOUT ROWID",
    "CREATE TABLE slot (slot INTEGER PRIMARY KEY, data TEXT NOT NULL)",
    "CREATE TABLE free (size INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY (size, slot)) WITHOUT ROWID",
    "CREATE TABLE grave (life TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX grave_at ON grave (at)",
];
/// The first page of a table becomes its root when it is full, and keeps a copy of what it had. So it is filled with
/// blanks before any text comes.
const BLANK_ROWS: usize = 4;
const BLANK_ROW_BYTES: usize = 3000;

/// SQLite, one statement at a time. Whoever calls makes a transaction of a notice.
pub trait Sql {
    type Error;
    fn run(&self, statement: &str, bindings: &[Cell]) -> Result<Vec<Vec<Cell>>, Self::Error>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Number(u64),
    Text(String),
}

impl Cell {
    fn number(&self) -> u64 {
        match self {
            Cell::Number(number) => *number,
            Cell::Text(_) => 0,
        }
    }

    fn text(&self) -> &str {
        match self {
            Cell::Number(_) => "",
            Cell::Text(text) => text,
        }
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Cell {
        Cell::Number(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

/// In the order of [`Status::ALL`].
pub type Counts = [u64; Status::ALL.len()];

pub struct Index<S> {
    sql: S,
    /// Workflows by their status, in the order of [`Status::ALL`]. None: to be counted.
    counts: cell::Cell<Option<Counts>>,
}

/// A row of `entry`.
struct Kept {
    key: u64,
    life: String,
    seq: u64,
    slot: u64,
    size: u64,
    labels: String,
}

impl<S: Sql> Index<S> {
    pub fn new(sql: S) -> Index<S> {
        Index {
            sql,
            counts: cell::Cell::new(None),
        }
    }

    pub fn sql(&self) -> &S {
        &self.sql
    }

    /// To be called within a transaction.
    pub fn apply(&self, notice: &Notice, now: Timestamp) -> Result<(), S::Error> {
        self.prepare()?;
        let applied = self.take(notice, now);
        if applied.is_err() {
            self.counts.set(None);
        }
        applied
    }

    fn take(&self, notice: &Notice, now: Timestamp) -> Result<(), S::Error> {
        let id = label(ID, &[&notice.id]);
        let kept = self.find(&id)?;
        let Some(entry) = &notice.entry else {
            self.bury(&notice.life, now)?;
            return match kept {
                Some(kept) if kept.life == notice.life => self.erase(&kept),
                _ => Ok(()),
            };
        };
        let is_buried = !self
            .sql
            .run("SELECT 1 FROM grave WHERE life = ?", &[notice.life.as_str().into()])?
            .is_empty();
        if is_buried {
            return Ok(());
        }
        match kept {
            None => self.insert(&notice.life, entry),
            Some(kept) if kept.life == notice.life && entry.seq <= kept.seq => Ok(()),
            Some(kept) if kept.life == notice.life => self.update(&kept, entry),
            Some(kept) if entry.created.0 < kept.key / KEYS_PER_MS => Ok(()),
            Some(kept) => {
                self.bury(&kept.life, now)?;
                self.erase(&kept)?;
                self.insert(&notice.life, entry)
            }
        }
    }

    /// The life of an id that the index has, if any.
    pub fn life_of(&self, id: &str) -> Result<Option<String>, S::Error> {
        self.prepare()?;
        Ok(self.find(&label(ID, &[id]))?.map(|kept| kept.life))
    }

    /// How many workflows there are, by status.
    pub fn counts(&self) -> Result<Counts, S::Error> {
        if let Some(counts) = self.counts.get() {
            return Ok(counts);
        }
        let mut counts = Counts::default();
        for (count, status) in counts.iter_mut().zip(Status::ALL) {
            let found = self.sql.run(
                "SELECT count(*) FROM label WHERE label = ?",
                &[status_label(status).as_str().into()],
            )?;
            *count = first_number(&found);
        }
        self.counts.set(Some(counts));
        Ok(counts)
    }

    /// The follow-ups of a life and theirs, their ids and lives, each before the one that it follows up: at most
    /// [`FOLLOW_UPS_MAX`], and never one without all of its own.
    pub fn follow_ups(&self, life: &str) -> Result<Vec<(String, String)>, S::Error> {
        self.prepare()?;
        let mut found = Vec::new();
        // Those whose own are not looked for yet, or, below them, already: then the number of those says whether all.
        let mut open: Vec<(String, String, bool)> = Vec::new();
        let mut of = Some(life.to_owned());
        while found.len() < FOLLOW_UPS_MAX {
            if let Some(life) = of.take() {
                let most = FOLLOW_UPS_MAX.saturating_sub(open.len()).max(FOLLOW_UPS_MIN);
                let rows = self.sql.run(
                    "SELECT life, data FROM label JOIN entry USING (key) JOIN slot USING (slot) \
                     WHERE label = ? LIMIT ?",
                    &[parent_label(&life).as_str().into(), (most as u64).into()],
                )?;
                // There may be more, so that it is no one's turn but theirs.
                if rows.len() == most
                    && let Some(parent) = open.last_mut()
                {
                    parent.0.clear();
                }
                open.extend(rows.iter().map(|row| {
                    let id = parts(text_at(row, 1)).1;
                    (text_at(row, 0).to_owned(), id.to_owned(), false)
                }));
            }
            match open.last_mut() {
                None => break,
                Some((life, _, looked)) if !*looked => {
                    *looked = true;
                    of = Some(life.clone());
                }
                Some((life, ..)) if life.is_empty() => break,
                Some(_) => found.extend(open.pop().map(|(life, id, _)| (id, life))),
            }
        }
        Ok(found)
    }

    fn prepare(&self) -> Result<(), S::Error> {
        let exists = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'entry'";
        if self.sql.run(exists, &[])?.is_empty() {
            for statement in SCHEMA {
                self.sql.run(statement, &[])?;
            }
            for _ in 0..BLANK_ROWS {
                self.sql
                    .run("INSERT INTO slot (data) VALUES (?)", &[blank(BLANK_ROW_BYTES)])?;
            }
        }
        Ok(())
    }

    fn find(&self, id: &str) -> Result<Option<Kept>, S::Error> {
        let found = self.sql.run(
            "SELECT entry.key, life, seq, slot, size, labels FROM label JOIN entry USING (key) WHERE label = ?",
            &[id.into()],
        )?;
        Ok(found.first().map(|row| Kept {
            key: number_at(row, 0),
            life: text_at(row, 1).to_owned(),
            seq: number_at(row, 2),
            slot: number_at(row, 3),
            size: number_at(row, 4),
            labels: text_at(row, 5).to_owned(),
        }))
    }

    fn bury(&self, life: &str, now: Timestamp) -> Result<(), S::Error> {
        self.sql.run(
            "INSERT OR REPLACE INTO grave VALUES (?, ?)",
            &[life.into(), now.0.into()],
        )?;
        let old = now.0.saturating_sub(GRAVE_MS);
        self.sql.run("DELETE FROM grave WHERE at < ?", &[old.into()]).map(drop)
    }

    fn insert(&self, life: &str, entry: &Entry) -> Result<(), S::Error> {
        let mut key = entry.created.0.saturating_mul(KEYS_PER_MS);
        // Of those that were made in the same millisecond each has its own.
        while !self
            .sql
            .run("SELECT 1 FROM entry WHERE key = ?", &[key.into()])?
            .is_empty()
        {
            key += 1;
        }
        let (slot, size) = self.write(&entry.text)?;
        self.sql.run(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
            &[
                key.into(),
                life.into(),
                entry.seq.into(),
                slot.into(),
                size.into(),
                entry.labels.as_str().into(),
            ],
        )?;
        self.relabel(key, "", &entry.labels)
    }

    fn update(&self, kept: &Kept, entry: &Entry) -> Result<(), S::Error> {
        let text = &entry.text;
        let (slot, size) = if slot_bytes(text) as u64 == kept.size {
            self.overwrite(kept.slot, text)?;
            (kept.slot, kept.size)
        } else {
            self.release(kept)?;
            self.write(text)?
        };
        self.sql.run(
            "UPDATE entry SET seq = ?, slot = ?, size = ?, labels = ? WHERE key = ?",
            &[
                entry.seq.into(),
                slot.into(),
                size.into(),
                entry.labels.as_str().into(),
                kept.key.into(),
            ],
        )?;
        self.relabel(kept.key, &kept.labels, &entry.labels)
    }

    fn erase(&self, kept: &Kept) -> Result<(), S::Error> {
        self.release(kept)?;
        self.sql.run("DELETE FROM entry WHERE key = ?", &[kept.key.into()])?;
        self.relabel(kept.key, &kept.labels, "")
    }

    fn relabel(&self, key: u64, old: &str, new: &str) -> Result<(), S::Error> {
        let without = |labels: &str, label: &str| !labels.split(' ').any(|other| other == label);
        for label in old.split_terminator(' ').filter(|label| without(new, label)) {
            self.sql.run(
                "DELETE FROM label WHERE label = ? AND key = ?",
                &[label.into(), key.into()],
            )?;
            self.count(label, |count| count.saturating_sub(1));
        }
        for label in new.split_terminator(' ').filter(|label| without(old, label)) {
            self.sql
                .run("INSERT OR IGNORE INTO label VALUES (?, ?)", &[label.into(), key.into()])?;
            self.count(label, |count| count + 1);
        }
        Ok(())
    }

    fn count(&self, label: &str, change: impl FnOnce(u64) -> u64) {
        let Some(mut counts) = self.counts.get() else { return };
        let of_label = |status: &Status| label.strip_prefix(STATUS) == Some(status.as_str());
        let place = Status::ALL.iter().position(of_label);
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count = change(*count);
        }
        self.counts.set(Some(counts));
    }

    /// Into a slot that is free, or a new one. Returns it and its size.
    fn write(&self, data: &str) -> Result<(u64, u64), S::Error> {
        let size = slot_bytes(data) as u64;
        let free = self
            .sql
            .run("SELECT slot FROM free WHERE size = ? LIMIT 1", &[size.into()])?;
        let slot = if free.is_empty() {
            let made = "INSERT INTO slot (data) VALUES (?) RETURNING slot";
            first_number(&self.sql.run(made, &[padded(data)])?)
        } else {
            let slot = first_number(&free);
            self.sql.run(
                "DELETE FROM free WHERE size = ? AND slot = ?",
                &[size.into(), slot.into()],
            )?;
            self.overwrite(slot, data)?;
            slot
        };
        Ok((slot, size))
    }

    fn release(&self, kept: &Kept) -> Result<(), S::Error> {
        let blank = blank(kept.size as usize);
        self.sql
            .run("UPDATE slot SET data = ? WHERE slot = ?", &[blank, kept.slot.into()])?;
        self.sql
            .run("INSERT INTO free VALUES (?, ?)", &[kept.size.into(), kept.slot.into()])
            .map(drop)
    }

    /// As many bytes as there were, so that SQLite writes them over the old ones.
    fn overwrite(&self, slot: u64, data: &str) -> Result<(), S::Error> {
        self.sql
            .run("UPDATE slot SET data = ? WHERE slot = ?", &[padded(data), slot.into()])
            .map(drop)
    }
}

/// Words, id and summary.
fn parts(data: &str) -> (&str, &str, &str) {
    let (words, rest) = data.split_once(SEPARATOR).unwrap_or_default();
    let (id, summary) = rest.split_once(SEPARATOR).unwrap_or_default();
    (words, id, summary.trim_end_matches(' '))
}

fn slot_bytes(data: &str) -> usize {
    let mut size = SLOT_BYTES_MIN;
    while size < data.len() {
        size *= 2;
    }
    size
}

fn padded(data: &str) -> Cell {
    let pad = slot_bytes(data).saturating_sub(data.len());
    Cell::Text(format!("{data}{}", " ".repeat(pad)))
}

fn blank(bytes: usize) -> Cell {
    Cell::Text(" ".repeat(bytes))
}

fn number_at(row: &[Cell], column: usize) -> u64 {
    row.get(column).map_or(0, Cell::number)
}

fn text_at(row: &[Cell], column: usize) -> &str {
    row.get(column).map_or("", Cell::text)
}

fn first_number(rows: &[Vec<Cell>]) -> u64 {
    rows.first().map_or(0, |row| number_at(row, 0))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
