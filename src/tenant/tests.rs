use std::collections::BTreeMap;

use proptest::prelude::*;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use serde_json::Value;

use super::*;
use crate::notify::{METADATA, searched};

impl Sql for Connection {
    type Error = rusqlite::Error;

    fn run(&self, statement: &str, bindings: &[Cell]) -> rusqlite::Result<Vec<Vec<Cell>>> {
        let mut statement = self.prepare_cached(statement)?;
        let columns = statement.column_count();
        let bindings = bindings.iter().map(|cell| match cell {
            Cell::Number(number) => rusqlite::types::Value::Integer(*number as i64),
            Cell::Text(text) => rusqlite::types::Value::Text(text.clone()),
        });
        let mut rows = statement.query(params_from_iter(bindings))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let cell = |column| match row.get_ref(column) {
                Ok(ValueRef::Integer(number)) => Ok(Cell::Number(number as u64)),
                Ok(ValueRef::Text(text)) => Ok(Cell::Text(String::from_utf8_lossy(text).into_owned())),
                Ok(ValueRef::Null) => Ok(Cell::Number(0)),
                other => panic!("{other:?}"),
            };
            found.push((0..columns).map(cell).collect::<rusqlite::Result<_>>()?);
        }
        Ok(found)
    }
}

/// With the limits that workerd sets.
fn limited(connection: Connection) -> Connection {
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, 2_200_000),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 32),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 100),
    ] {
        connection.set_limit(limit, value).unwrap();
    }
    connection
}

fn index() -> Index<Connection> {
    Index::new(limited(Connection::open_in_memory().unwrap()))
}

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn notice(id: &str, life: &str, seq: u64, created: u64, status: Status, words: &str) -> Notice {
    let summary = format!(
        "{{\"id\":{id:?},\"status\":{:?},\"seq\":{seq},\"prompt\":{words:?}}}",
        status.as_str()
    );
    Notice {
        tenant: "t".to_owned(),
        id: id.to_owned(),
        life: life.to_owned(),
        at: Timestamp(created + seq),
        entry: Some(Entry {
            seq,
            created: Timestamp(created),
            labels: format!("{} {}", label(ID, &[id]), status_label(status)),
            text: format!("{}{SEPARATOR}{id}{SEPARATOR}{summary}", searched(words)),
        }),
    }
}

fn labelled(mut notice: Notice, more: &str) -> Notice {
    let labels = &mut notice.entry.as_mut().unwrap().labels;
    let status = labels.rfind(' ').unwrap();
    labels.insert_str(status, &format!(" {more}"));
    notice
}

fn gone(notice: &Notice) -> Notice {
    Notice {
        entry: None,
        ..notice.clone()
    }
}

fn request() -> ListRequest {
    ListRequest {
        limit: LIMIT_MAX,
        ..ListRequest::default()
    }
}

fn page(index: &Index<Connection>, request: &ListRequest) -> (Vec<String>, Option<u64>) {
    let body: Value = serde_json::from_str(&index.list(request).unwrap()).unwrap();
    let ids = body["workflows"].as_array().unwrap();
    let ids = ids.iter().map(|entry| entry["id"].as_str().unwrap().to_owned());
    (ids.collect(), body["next"].as_str().map(|next| next.parse().unwrap()))
}

/// All pages.
fn ids(index: &Index<Connection>, request: &ListRequest) -> Vec<String> {
    let (mut all, mut request) = (Vec::new(), request.clone());
    loop {
        let (ids, next) = page(index, &request);
        all.extend(ids);
        match next {
            Some(next) => request.cursor = Some(next),
            None => return all,
        }
    }
}

fn count(index: &Index<Connection>, status: &str) -> u64 {
    let place = Status::ALL.iter().position(|known| known.as_str() == status);
    index.counts().unwrap()[place.unwrap()]
}

#[test]
fn the_newest_notice_counts_in_whatever_order_they_come() {
    let index = index();
    let (begun, ended) = (
        notice("a", "l1", 2, 5, Status::Running, "x"),
        notice("a", "l1", 9, 5, Status::Complete, "x"),
    );
    for notice in [&ended, &begun, &ended] {
        index.apply(notice, NOW).unwrap();
    }
    let body: Value = serde_json::from_str(&index.list(&request()).unwrap()).unwrap();
    assert_eq!(body["workflows"][0]["seq"], 9);
    assert_eq!(
        (count(&index, "complete"), count(&index, "running")),
        (1, 0),
        "{}",
        body["counts"]
    );
    index.apply(&gone(&begun), NOW).unwrap();
    index.apply(&ended, NOW).unwrap();
    assert_eq!(ids(&index, &request()), [""; 0]);
    assert_eq!(count(&index, "complete"), 0);
}

#[test]
fn a_later_life_of_an_id_takes_the_place_of_the_earlier() {
    let index = index();
    let (old, new) = (
        notice("a", "l1", 9, 5, Status::Complete, "x"),
        notice("a", "l2", 1, 8, Status::Running, "y"),
    );
    index.apply(&old, NOW).unwrap();
    index.apply(&new, NOW).unwrap();
    index.apply(&old, NOW).unwrap();
    index.apply(&gone(&old), NOW).unwrap();
    assert_eq!(index.life_of("a").unwrap().as_deref(), Some("l2"));
    index.apply(&gone(&new), NOW).unwrap();
    index.apply(&old, NOW).unwrap();
    assert_eq!(index.life_of("a").unwrap(), None);
}

#[test]
fn a_grave_is_kept_for_a_day() {
    let index = index();
    let first = notice("a", "l1", 1, 5, Status::Running, "x");
    index.apply(&gone(&first), NOW).unwrap();
    let graves = |index: &Index<Connection>| first_number(&index.sql().run("SELECT count(*) FROM grave", &[]).unwrap());
    index
        .apply(
            &gone(&notice("b", "l2", 1, 5, Status::Running, "x")),
            NOW.plus_ms(GRAVE_MS),
        )
        .unwrap();
    assert_eq!(graves(&index), 2);
    index
        .apply(
            &gone(&notice("c", "l3", 1, 5, Status::Running, "x")),
            NOW.plus_ms(GRAVE_MS + 1),
        )
        .unwrap();
    assert_eq!(graves(&index), 2);
}

#[test]
fn pages_follow_each_other_while_workflows_come_and_go() {
    let index = index();
    let made: Vec<Notice> = (0..50)
        // Several within a millisecond.
        .map(|n| {
            notice(
                &format!("w{n}"),
                &format!("l{n}"),
                1,
                1000 + n / 3,
                Status::Complete,
                "x",
            )
        })
        .collect();
    made.iter().for_each(|notice| index.apply(notice, NOW).unwrap());
    let all = ids(&index, &request());
    assert_eq!(all.len(), 50);
    let ten = ListRequest { limit: 10, ..request() };
    assert_eq!(ids(&index, &ten), all);
    let (first, next) = page(&index, &ten);
    // The last that was shown goes, and new ones come.
    let last = made.iter().find(|notice| notice.id == first[9]).unwrap();
    index.apply(&gone(last), NOW).unwrap();
    index
        .apply(&notice("new", "new", 1, 5000, Status::Running, "x"), NOW)
        .unwrap();
    let rest = ids(&index, &ListRequest { cursor: next, ..ten });
    assert_eq!(rest, all[10..]);
}

#[test]
fn an_exact_page_has_no_next_one() {
    let index = index();
    for n in 0..10 {
        index
            .apply(
                &notice(&format!("w{n}"), &format!("l{n}"), 1, n, Status::Complete, "x"),
                NOW,
            )
            .unwrap();
    }
    let (ids, next) = page(&index, &ListRequest { limit: 10, ..request() });
    assert_eq!((ids.len(), next), (10, None));
}

#[test]
fn follow_ups_are_counted_and_found_the_last_first() {
    let index = index();
    let child = |id: &str, parent: &str, created| {
        labelled(
            notice(id, &format!("l-{id}"), 1, created, Status::Complete, "x"),
            &parent_label(&format!("l-{parent}")),
        )
    };
    index
        .apply(&notice("a", "l-a", 1, 1, Status::Complete, "x"), NOW)
        .unwrap();
    for (id, parent, created) in [("b", "a", 2), ("c", "a", 3), ("d", "b", 4), ("other", "unknown", 5)] {
        index.apply(&child(id, parent, created), NOW).unwrap();
    }
    let found = |life: &str| -> Vec<String> {
        let found = index.follow_ups(life).unwrap();
        found.into_iter().map(|(id, life)| format!("{id} {life}")).collect()
    };
    assert_eq!(found("l-a"), ["c l-c", "d l-d", "b l-b"]);
    assert_eq!(found("l-d"), [""; 0]);
    let of = |parent: &str| ListRequest {
        parent: Some(parent.to_owned()),
        ..request()
    };
    assert_eq!(ids(&index, &of("a")), ["c", "b"]);
    for without in ["d", "unknown"] {
        assert_eq!(ids(&index, &of(without)), [""; 0], "{without}");
    }
    let body: Value = serde_json::from_str(&index.list(&request()).unwrap()).unwrap();
    let children: BTreeMap<&str, u64> = body["workflows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["id"].as_str().unwrap(), entry["children"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        children,
        BTreeMap::from([("a", 2), ("b", 1), ("c", 0), ("d", 0), ("other", 0)])
    );
    // A later life of the id has none.
    index
        .apply(&notice("a", "l-a2", 1, 9, Status::Complete, "x"), NOW)
        .unwrap();
    assert_eq!(ids(&index, &of("a")), [""; 0]);
    assert_eq!(found("l-a2"), [""; 0]);
}

#[test]
fn however_many_follow_ups_there_are_they_are_found_in_rounds() {
    let index = index();
    let transaction = index.sql().unchecked_transaction().unwrap();
    for n in 0..FOLLOW_UPS_MAX as u64 + 30 {
        let (id, life) = (format!("w{n}"), format!("l{n}"));
        let made = notice(&id, &life, 1, n, Status::Complete, "x");
        // Each hundredth goes on with the one before.
        let parent = if n % 100 == 99 {
            format!("l{}", n - 1)
        } else {
            "root".to_owned()
        };
        index.apply(&labelled(made, &parent_label(&parent)), NOW).unwrap();
    }
    transaction.commit().unwrap();
    let mut left = FOLLOW_UPS_MAX + 30;
    while left > 0 {
        let round = index.follow_ups("root").unwrap();
        assert!(!round.is_empty() && round.len() <= FOLLOW_UPS_MAX);
        for (id, life) in round {
            index
                .apply(&gone(&notice(&id, &life, 1, 0, Status::Complete, "x")), NOW)
                .unwrap();
            left -= 1;
        }
    }
    assert_eq!(ids(&index, &request()), [""; 0]);
}

#[test]
fn a_long_chain_takes_few_rounds() {
    let index = index();
    let transaction = index.sql().unchecked_transaction().unwrap();
    let total = FOLLOW_UPS_MAX as u64 + 500;
    for n in 1..=total {
        let made = notice(&format!("w{n}"), &format!("l{n}"), 1, n, Status::Complete, "x");
        index
            .apply(&labelled(made, &parent_label(&format!("l{}", n - 1))), NOW)
            .unwrap();
    }
    transaction.commit().unwrap();
    let mut rounds = 0;
    loop {
        let round = index.follow_ups("l0").unwrap();
        if round.is_empty() {
            break;
        }
        rounds += 1;
        for (id, life) in round {
            let dead = gone(&notice(&id, &life, 1, 0, Status::Complete, "x"));
            index.apply(&dead, NOW).unwrap();
        }
    }
    assert_eq!(rounds, 2);
}

#[test]
fn any_number_of_statuses_can_be_asked_for_together() {
    let index = index();
    for (n, status) in Status::ALL.into_iter().enumerate() {
        for more in 0..3 {
            let number = n + 8 * more;
            let made = notice(
                &format!("w{number}"),
                &format!("l{number}"),
                1,
                number as u64,
                status,
                "x",
            );
            index
                .apply(&labelled(made, &label(METADATA, &["k", "v"])), NOW)
                .unwrap();
        }
    }
    for count in 1..=Status::ALL.len() {
        for labels in [vec![], vec![label(METADATA, &["k", "v"])]] {
            let asked = ListRequest {
                statuses: Status::ALL.into_iter().take(count).collect(),
                labels,
                limit: 7,
                ..request()
            };
            let expected: Vec<String> = (0..24)
                .rev()
                .filter(|n| n % 8 < count)
                .map(|n| format!("w{n}"))
                .collect();
            assert_eq!(ids(&index, &asked), expected, "{count}");
        }
    }
}

#[test]
fn what_is_rare_is_found_in_whatever_order_it_is_asked_for() {
    let index = index();
    let transaction = index.sql().unchecked_transaction().unwrap();
    let (team, order) = (label(METADATA, &["team", "shop"]), label(METADATA, &["order", "4711"]));
    for n in 0..SCAN_MAX + 200 {
        let made = labelled(
            notice(&format!("w{n}"), &format!("l{n}"), 1, n, Status::Complete, "x"),
            &team,
        );
        let made = if n == 0 { labelled(made, &order) } else { made };
        index.apply(&made, NOW).unwrap();
    }
    transaction.commit().unwrap();
    for labels in [vec![team.clone(), order.clone()], vec![order, team]] {
        let asked = ListRequest { labels, ..request() };
        assert_eq!(page(&index, &asked), (vec!["w0".to_owned()], None));
    }
}

#[test]
fn a_search_looks_through_a_bounded_number_of_entries_and_goes_on() {
    let index = index();
    let transaction = index.sql().unchecked_transaction().unwrap();
    let total = SCAN_MAX + 500;
    for n in 0..total {
        let words = if n == 0 { "the needle" } else { "hay" };
        index
            .apply(
                &notice(&format!("w{n}"), &format!("l{n}"), 1, n, Status::Complete, words),
                NOW,
            )
            .unwrap();
    }
    transaction.commit().unwrap();
    let request = ListRequest {
        words: vec!["needle".to_owned()],
        ..request()
    };
    let (first, next) = page(&index, &request);
    assert_eq!((first.len(), next), (0, Some(500 * KEYS_PER_MS)));
    assert_eq!(
        page(
            &index,
            &ListRequest {
                cursor: next,
                ..request
            }
        ),
        (vec!["w0".to_owned()], None)
    );
}

/// A notice of a random history: id, life, what becomes of it.
#[derive(Clone, Debug)]
struct Life {
    id: u8,
    created: u64,
    statuses: Vec<usize>,
    words: Vec<usize>,
    color: usize,
    is_deleted: bool,
}

const WORDS: [&str; 6] = ["alpha", "Beta", "gamma", "straße", "日本語", "50%_off"];
const COLORS: [&str; 3] = ["red", "green", "blue"];

fn life() -> impl Strategy<Value = Life> {
    (
        0_u8..12,
        0_u64..40,
        proptest::collection::vec(0..Status::ALL.len(), 1..4),
        proptest::collection::vec(0..WORDS.len(), 0..4),
        0..COLORS.len(),
        any::<bool>(),
    )
        .prop_map(|(id, created, statuses, words, color, is_deleted)| Life {
            id,
            created,
            statuses,
            words,
            color,
            is_deleted,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever order notices come in and however often, the index has what lives, and each filter finds what it names.
    #[test]
    fn the_index_is_what_the_lives_are(
        mut lives in proptest::collection::vec(life(), 1..30),
        order in any::<prop::sample::Index>(),
        seed in any::<u64>(),
        filter in (0..Status::ALL.len(), 0..WORDS.len(), 0..COLORS.len(), 0_u64..40, 0_u64..40, 0_u8..32),
        limit in 1_u32..8,
    ) {
        // Of each id only the last life may be left, and lives of an id are made one after the other.
        lives.sort_by_key(|life| (life.id, life.created));
        lives.dedup_by_key(|life| (life.id, life.created));
        let is_last = |at: usize| lives.get(at + 1).is_none_or(|next| next.id != lives[at].id);
        let mut notices = Vec::new();
        let mut left = Vec::new();
        for (at, life) in lives.iter().enumerate() {
            let words = life.words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
            let name = format!("life {at}");
            let color = label(METADATA, &["color", COLORS[life.color]]);
            for (seq, status) in life.statuses.iter().enumerate() {
                let status = Status::ALL[*status];
                let told = notice(&format!("w{}", life.id), &name, seq as u64 + 1, life.created, status, &words);
                notices.push(labelled(told, &color));
            }
            if life.is_deleted || !is_last(at) {
                notices.push(gone(notices.last().unwrap()));
            } else {
                left.push(life.clone());
            }
        }
        // Twice, shuffled.
        notices.extend(notices.clone());
        let mut random = seed | 1;
        for at in (1..notices.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(order.index(1000) as u64);
            notices.swap(at, (random >> 33) as usize % (at + 1));
        }
        let index = index();
        for (at, notice) in notices.iter().enumerate() {
            index.apply(notice, NOW).unwrap();
            // Half of the runs count from the beginning on, and the others at the end.
            if at == 0 && seed % 2 == 0 {
                index.counts().unwrap();
            }
        }
        let (status, word, color, after, before, which) = filter;
        let mut request = ListRequest { limit, ..ListRequest::default() };
        if which & 1 != 0 {
            request.statuses = vec![Status::ALL[status], Status::Complete];
        }
        if which & 2 != 0 {
            request.words = vec![searched(WORDS[word])];
        }
        if which & 4 != 0 {
            request.labels = vec![label(METADATA, &["color", COLORS[color]])];
        }
        if which & 8 != 0 {
            request.created_after = Some(Timestamp(after));
        }
        if which & 16 != 0 {
            request.created_before = Some(Timestamp(before));
        }
        let fits = |life: &&Life| {
            let last = Status::ALL[*life.statuses.last().unwrap()];
            (which & 1 == 0 || request.statuses.contains(&last))
                && (which & 2 == 0 || life.words.contains(&word))
                && (which & 4 == 0 || life.color == color)
                && (which & 8 == 0 || life.created > after)
                && (which & 16 == 0 || life.created < before)
        };
        let entry = |life: &Life| (life.created, format!("w{}", life.id));
        let mut expected: Vec<(u64, String)> = left.iter().filter(fits).map(entry).collect();
        let listed = ids(&index, &request);
        let time = |id: &String| expected.iter().find(|(_, own)| own == id).map_or(0, |(at, _)| *at);
        let times: Vec<u64> = listed.iter().map(time).collect();
        prop_assert!(times.is_sorted_by(|a, b| a >= b), "newest first: {times:?}");
        let mut listed = listed;
        listed.sort();
        expected.sort_by(|a, b| a.1.cmp(&b.1));
        prop_assert_eq!(listed, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
        for status in Status::ALL {
            let number = left.iter().filter(|life| Status::ALL[*life.statuses.last().unwrap()] == status).count();
            prop_assert_eq!(count(&index, status.as_str()), number as u64);
        }
    }
}

/// What of the texts is in a file of SQLite once it is closed.
fn found_in_file(path: &std::path::Path, marks: &[String]) -> Vec<String> {
    let bytes = std::fs::read(path).unwrap();
    let has = |mark: &&String| bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
    marks.iter().filter(has).cloned().collect()
}

fn file(name: &str) -> (std::path::PathBuf, Connection) {
    let path = std::env::temp_dir().join(format!("orchestrator-{name}-{}.sqlite", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let connection = limited(Connection::open(&path).unwrap());
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    // As workerd has it: freed bytes are left as they are.
    connection.pragma_update(None, "secure_delete", false).unwrap();
    (path, connection)
}

#[test]
fn nothing_of_a_deleted_text_is_left_in_the_file() {
    let (path, connection) = file("erasure");
    let index = Index::new(connection);
    let mut random = 7_u64;
    let mut next = |bound: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % bound
    };
    let mark = |n: u64, part: &str| format!("mark-{n:05}-{part}.");
    let text = |n: u64, length: u64| format!("{} {}", mark(n, "text"), "z".repeat(length as usize));
    let made = 400;
    let mut living: Vec<(u64, u64)> = Vec::new();
    for n in 0..made {
        // Some are told of long after they were made, so that their keys come in between.
        let created = if next(4) == 0 { next(1000) } else { 1000 + n };
        let length = next(3000);
        let first = notice(
            &mark(n, "id"),
            &format!("l{n}"),
            1,
            created,
            Status::Running,
            &text(n, length),
        );
        index.apply(&first, NOW).unwrap();
        living.push((n, created));
        // Others go on and grow or shrink.
        for seq in 2..4 {
            let (other, created) = living[next(living.len() as u64) as usize];
            let grown = text(other, next(6000));
            let update = notice(
                &mark(other, "id"),
                &format!("l{other}"),
                seq,
                created,
                Status::Complete,
                &grown,
            );
            index.apply(&update, NOW).unwrap();
        }
        if next(3) == 0 {
            let (gone_id, created) = living.swap_remove(next(living.len() as u64) as usize);
            let last = notice(
                &mark(gone_id, "id"),
                &format!("l{gone_id}"),
                9,
                created,
                Status::Complete,
                "",
            );
            index.apply(&gone(&last), NOW).unwrap();
        }
    }
    drop(index);
    let marks = |n: u64| [mark(n, "text"), mark(n, "id")];
    let kept: Vec<String> = living.iter().flat_map(|(n, _)| marks(*n)).collect();
    assert_eq!(
        found_in_file(&path, &kept).len(),
        kept.len(),
        "the search finds what is there"
    );
    let is_gone = |n: &u64| !living.iter().any(|(other, _)| other == n);
    let deleted: Vec<String> = (0..made).filter(is_gone).flat_map(marks).collect();
    assert!(deleted.len() > 200);
    assert_eq!(found_in_file(&path, &deleted), [""; 0]);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_plain_table_leaves_deleted_texts_in_the_file() {
    let (path, connection) = file("control");
    connection
        .execute_batch("CREATE TABLE plain (id INTEGER PRIMARY KEY, text TEXT)")
        .unwrap();
    let marks: Vec<String> = (0..200).map(|n| format!("mark-{n:05}-text")).collect();
    for mark in &marks {
        connection
            .execute("INSERT INTO plain (text) VALUES (?)", [mark])
            .unwrap();
    }
    connection.execute("DELETE FROM plain WHERE id % 2 = 0", []).unwrap();
    drop(connection);
    assert!(found_in_file(&path, &marks).len() > 120);
    std::fs::remove_file(path).unwrap();
}
