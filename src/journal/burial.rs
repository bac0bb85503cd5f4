//! What the end of a workflow's data is to SQLite: nothing of the dropped table is left in the file.
//!
//! SQLite leaves what it frees where it was, so the pages of the dropped table are taken once more. Only an overflow
//! page that is filled to its end has nothing of what it held before; a page that is the root of a table, or has rows,
//! keeps what it does not need. So each filling is one row in a table of its own, whose root was made before anything
//! was freed, and whose bytes fill their overflow pages exactly. They are random, because what is kept of an object
//! beside its file (in a fleet's bucket) is compressed, and made anew once enough of it has changed.

/// Of SQLite in an object, of which nothing is reserved.
const PAGE_BYTES: u64 = 4_096;
/// Of the row's bytes, what an overflow page takes beside the number of the next one.
const OVERFLOW_BYTES: u64 = PAGE_BYTES - 4;
/// What such a row keeps in its own page, without the four bytes of its header.
const LOCAL_BYTES: u64 = (PAGE_BYTES - 12) * 32 / 255 - 23 - 4;
/// A row may have 2 MB, and with more the header is longer.
const PAGES_MAX: u64 = 256;
/// With fewer the header is shorter.
const PAGES_MIN: u64 = 2;

/// The statements that drop the table `event` of a database of this size, in a transaction.
pub fn statements(database_bytes: u64) -> Vec<String> {
    // All of the file, because pages may have been freed before.
    let pages = database_bytes.div_ceil(PAGE_BYTES) + 1;
    let whole = std::iter::repeat_n(PAGES_MAX, (pages / PAGES_MAX) as usize);
    let fillings: Vec<u64> = whole.chain([(pages % PAGES_MAX).max(PAGES_MIN)]).collect();
    let each = |statement: fn(usize, u64) -> String| {
        let numbered = fillings.iter().enumerate();
        numbered
            .map(|(number, pages)| statement(number, *pages))
            .collect::<Vec<_>>()
    };
    let mut all = each(|number, _| format!("CREATE TABLE blank_{number} (data BLOB)"));
    all.push("DROP TABLE event".to_owned());
    all.extend(each(|number, pages| {
        let bytes = LOCAL_BYTES + pages * OVERFLOW_BYTES;
        format!("INSERT INTO blank_{number} VALUES (randomblob({bytes}))")
    }));
    all.extend(each(|number, _| format!("DROP TABLE blank_{number}")));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    const MARK: &[u8] = b"a-text-of-the-workflow/";

    fn written(path: &std::path::Path, texts: &[usize]) -> Connection {
        let _ = std::fs::remove_file(path);
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "journal_mode", "off").unwrap();
        // As workerd has it: freed bytes are left as they are.
        connection.pragma_update(None, "secure_delete", false).unwrap();
        let meta = "CREATE TABLE _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB)";
        let event = "CREATE TABLE event \
            (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL)";
        for statement in [meta, event] {
            connection.execute(statement, []).unwrap();
        }
        for (seq, length) in texts.iter().enumerate() {
            let text: String = std::str::from_utf8(MARK)
                .unwrap()
                .chars()
                .cycle()
                .take(*length)
                .collect();
            let insert = "INSERT INTO event VALUES (?, 0, 'attempt_completed', ?)";
            connection.execute(insert, (seq as i64, text)).unwrap();
        }
        connection
    }

    #[test]
    fn nothing_of_a_buried_workflow_is_left_in_the_file() {
        let path = std::env::temp_dir().join(format!("orchestrator-burial-{}.sqlite", std::process::id()));
        let mut random = 11_u64;
        let mut next = |bound: u64| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % bound
        };
        for round in 0..120 {
            // Rows that share a page, that overflow, and that fill many rows of blanks.
            let longest = [60, 700, 5_000, 60_000, 900_000][round % 5];
            let most = if longest == 900_000 { 8 } else { 90 };
            let texts: Vec<usize> = (0..=next(most)).map(|_| next(longest) as usize).collect();
            let connection = written(&path, &texts);
            let size: i64 = connection
                .query_row(
                    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            connection.execute_batch("BEGIN").unwrap();
            for statement in statements(size as u64) {
                connection.execute(&statement, []).unwrap();
            }
            // The table of the tombstone may be made with it.
            connection
                .execute_batch(
                    "CREATE TABLE _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
                     INSERT INTO _cf_KV VALUES ('tombstone/life', 'gone'); COMMIT",
                )
                .unwrap();
            let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
            drop(connection);
            let file = std::fs::read(&path).unwrap();
            let left = file.windows(12).filter(|window| *window == &MARK[..12]).count();
            assert_eq!(left, 0, "round {round}: {} rows", texts.len());
            let grown = pages - size / PAGE_BYTES as i64;
            assert!(
                grown <= 16 + texts.iter().sum::<usize>() as i64 / 1_000_000 * 2,
                "round {round}: {grown} pages more"
            );
        }
        std::fs::remove_file(&path).unwrap();
    }
}
