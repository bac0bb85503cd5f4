//! A page of the list, newest first.
//!
//! A cursor is the key of the last entry that was shown, so that a page begins where the last one ended whatever comes
//! and goes meanwhile. Statuses, metadata and parents are found by their labels. Words are looked for in the texts
//! themselves, and a page looks through [`SCAN_MAX`] entries at most.

use super::{Cell, Index, KEYS_PER_MS, Sql, first_number, number_at, parts, text_at};
use crate::engine::words::outcome::Status;
use crate::engine::words::time::Timestamp;
use crate::json;
use crate::notify::{parent_label, status_label};

pub const LIMIT_DEFAULT: u32 = 20;
pub const LIMIT_MAX: u32 = 100;
/// Entries that one page looks through where it has to look into each.
pub const SCAN_MAX: u64 = 5_000;
/// workerd allows five.
const TERMS_MAX: usize = 4;
/// More than every key.
const KEY_MAX: u64 = 1 << 53;

/// What a client asks the list for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// One of these; empty: any.
    pub statuses: Vec<Status>,
    /// All of these.
    pub labels: Vec<String>,
    /// Follows up the workflow of this id.
    pub parent: Option<String>,
    /// Each is in the excerpt.
    pub words: Vec<String>,
    pub created_after: Option<Timestamp>,
    pub created_before: Option<Timestamp>,
    /// Below this key.
    pub cursor: Option<u64>,
    pub limit: u32,
}

impl<S: Sql> Index<S> {
    /// The body of the answer.
    pub fn list(&self, request: &ListRequest) -> Result<String, S::Error> {
        self.prepare()?;
        let (keys, next) = self.keys(request)?;
        let mut workflows = String::new();
        for key in keys {
            let found = self.sql.run(
                "SELECT data, (SELECT count(*) FROM label WHERE label = 'p' || life) \
                 FROM entry JOIN slot USING (slot) WHERE key = ?",
                &[key.into()],
            )?;
            let Some(row) = found.first() else { continue };
            let (_, _, summary) = parts(text_at(row, 0));
            if !workflows.is_empty() {
                workflows.push(',');
            }
            workflows.push_str(summary.strip_suffix('}').unwrap_or(summary));
            workflows.push_str(&format!(",\"children\":{}}}", number_at(row, 1)));
        }
        // A text, because it is nobody's to reckon with.
        let next = json::text(&next.map(|key| key.to_string()));
        let counts = Status::ALL.iter().zip(self.counts()?);
        let counts: Vec<String> = counts
            .map(|(status, count)| format!("\"{}\":{count}", status.as_str()))
            .collect();
        let counts = counts.join(",");
        Ok(format!(
            "{{\"workflows\":[{workflows}],\"next\":{next},\"counts\":{{{counts}}}}}"
        ))
    }

    /// The place of the label that the fewest entries have, as far as it matters.
    fn rarest(&self, labels: &[String]) -> Result<Option<usize>, S::Error> {
        let mut counts = Vec::new();
        for label in labels {
            let count = self.sql.run(
                "SELECT count(*) FROM (SELECT 1 FROM label WHERE label = ? LIMIT ?)",
                &[label.as_str().into(), SCAN_MAX.into()],
            )?;
            counts.push(first_number(&count));
        }
        Ok((0..counts.len()).min_by_key(|place| counts.get(*place).copied()))
    }

    /// The keys of a page, and the cursor of the next.
    fn keys(&self, request: &ListRequest) -> Result<(Vec<u64>, Option<u64>), S::Error> {
        let limit = u64::from(request.limit.clamp(1, LIMIT_MAX));
        let below = |at: Timestamp| at.0.saturating_mul(KEYS_PER_MS);
        let before = request.created_before.map_or(KEY_MAX, below);
        let before = request.cursor.map_or(before, |cursor| cursor.min(before));
        let from = request.created_after.map_or(0, |at| below(at.plus_ms(1)));

        // What is looked through: the entries of the rarest label, or of some statuses, or all.
        let mut statement = Statement::default();
        let mut others = request.labels.clone();
        if let Some(parent) = &request.parent {
            let Some(life) = self.life_of(parent)? else {
                return Ok((Vec::new(), None));
            };
            others.push(parent_label(&life));
        }
        let mut statuses: Vec<String> = request.statuses.iter().map(|status| status_label(*status)).collect();
        if statuses.len() == Status::ALL.len() {
            statuses.clear();
        }
        let driver = match self.rarest(&others)? {
            Some(rarest) => vec![others.remove(rarest)],
            None => std::mem::take(&mut statuses),
        };
        let is_exact = others.is_empty() && statuses.is_empty() && request.words.is_empty();
        let reach = if is_exact { limit + 1 } else { SCAN_MAX };
        let range = "key < ? AND key >= ? ORDER BY key DESC LIMIT ?)";
        statement.add("WITH seen AS MATERIALIZED (SELECT key FROM (", &[]);
        if driver.is_empty() {
            statement.add("SELECT key FROM (SELECT key FROM entry WHERE ", &[]);
            statement.add(range, &[before.into(), from.into(), reach.into()]);
        }
        for (index, labels) in driver.chunks(TERMS_MAX).enumerate() {
            statement.add(if index > 0 { " UNION " } else { "" }, &[]);
            for (index, label) in labels.iter().enumerate() {
                statement.add(if index > 0 { " UNION " } else { "SELECT key FROM (" }, &[]);
                statement.add(
                    "SELECT key FROM (SELECT key FROM label WHERE label = ? AND ",
                    &[label.as_str().into()],
                );
                statement.add(range, &[before.into(), from.into(), reach.into()]);
            }
            statement.add(")", &[]);
        }
        statement.add(") ORDER BY key DESC LIMIT ?) ", &[reach.into()]);

        let (seen, bindings) = (statement.text.clone(), statement.bindings.clone());
        statement.add("SELECT key FROM seen WHERE 1", &[]);
        for label in &others {
            statement.add(
                " AND EXISTS (SELECT 1 FROM label WHERE label = ? AND label.key = seen.key)",
                &[label.as_str().into()],
            );
        }
        if !statuses.is_empty() {
            let any = vec!["?"; statuses.len()].join(",");
            let labels: Vec<Cell> = statuses.iter().map(|label| label.as_str().into()).collect();
            statement.add(
                &format!(" AND EXISTS (SELECT 1 FROM label WHERE label IN ({any}) AND label.key = seen.key)"),
                &labels,
            );
        }
        if !request.words.is_empty() {
            statement.add(
                " AND EXISTS (SELECT 1 FROM entry JOIN slot USING (slot) WHERE entry.key = seen.key",
                &[],
            );
            for word in &request.words {
                statement.add(
                    " AND instr(substr(data, 1, instr(data, char(31))), ?)",
                    &[word.as_str().into()],
                );
            }
            statement.add(")", &[]);
        }
        statement.add(" ORDER BY key DESC LIMIT ?", &[(limit + 1).into()]);
        let found = self.sql.run(&statement.text, &statement.bindings)?;
        let mut keys: Vec<u64> = found.iter().map(|row| number_at(row, 0)).collect();
        if keys.len() as u64 > limit {
            keys.truncate(limit as usize);
            let last = keys.last().copied();
            return Ok((keys, last));
        }
        if is_exact {
            return Ok((keys, None));
        }
        // Fewer than asked for: perhaps because not everything was looked through.
        let seen = self
            .sql
            .run(&format!("{seen}SELECT count(*), min(key) FROM seen"), &bindings)?;
        let last = seen.first().map(|row| number_at(row, 1));
        Ok((keys, last.filter(|_| first_number(&seen) >= reach)))
    }
}

/// A statement under way, with its bindings in the order of its question marks.
#[derive(Default)]
struct Statement {
    text: String,
    bindings: Vec<Cell>,
}

impl Statement {
    fn add(&mut self, text: &str, bindings: &[Cell]) {
        self.text.push_str(text);
        self.bindings.extend_from_slice(bindings);
    }
}
