//! The tables of `docs/` say what the code does: each is compared with the code that it describes. What needs no Rust
//! (links, examples, the OpenAPI document) is in `tests/scripts/docs.test.mjs` and `tests/e2e/docs.test.mjs`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::cell::RefCell;
use std::collections::BTreeSet;

use orchestrator_workers::api::config::{Bindings, Config};
use orchestrator_workers::api::sse::event_names;

const CONFIGURATION: &str = include_str!("../docs/configuration.md");
const API: &str = include_str!("../docs/api.md");

/// The rows of the table of docs/configuration.md whose header begins with these words, cell by cell.
fn table(header: &str) -> Vec<Vec<String>> {
    let mut lines = CONFIGURATION.lines().skip_while(|line| !line.starts_with(header));
    assert!(
        lines.next().is_some(),
        "docs/configuration.md has no table that begins with {header}"
    );
    let rows: Vec<Vec<String>> = lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect();
    assert!(!rows.is_empty(), "the table of {header} is empty");
    rows
}

/// What stands between the first pair of backticks.
fn code(cell: &str) -> Option<&str> {
    cell.split('`').nth(1)
}

fn read(vars: &[(&str, &str)]) -> Result<Config, String> {
    let lookup = |name: &str| {
        vars.iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let names: Vec<String> = vars.iter().map(|(name, _)| (*name).to_owned()).collect();
    Config::from_vars(lookup, &names, Bindings { ai: true }).map_err(|error| error.to_string())
}

/// A server of anybody's own, as docs/configuration.md writes its variables.
const SERVER: [&str; 1] = ["PROVIDER_NAME_BASE_URL"];

/// Every variable that the configuration asks for.
fn variables() -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let lookup = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        SERVER.contains(&name).then(|| "http://127.0.0.1:1".to_owned())
    };
    Config::from_vars(lookup, &SERVER.map(str::to_owned), Bindings { ai: true }).unwrap();
    asked.into_inner()
}

#[test]
fn every_variable_has_a_row() {
    let rows = table("| variable |");
    let documented: BTreeSet<String> = rows.iter().map(|row| code(&row[0]).unwrap().to_owned()).collect();
    assert_eq!(documented, variables());
    assert_eq!(documented.len(), rows.len(), "a variable has two rows");
}

#[test]
fn the_defaults_are_those_of_the_code() {
    let absent = read(&[]).unwrap();
    for row in table("| variable |") {
        if let (Some(name), Some(default)) = (code(&row[0]), code(&row[1])) {
            assert_eq!(read(&[(name, default)]), Ok(absent.clone()), "the default of {name}");
        }
    }
}

#[test]
fn the_bounds_are_those_of_the_code() {
    for row in table("| variable |") {
        let name = code(&row[0]).unwrap();
        // A word is no number: what the error says is allowed, `expected a whole number from 1 to 64`, the row must say
        // too.
        let error = read(&[(name, "a word")]).err().unwrap_or_default();
        if let Some((_, bounds)) = error.split_once("number ") {
            let bounds = bounds.split(';').next().unwrap();
            assert_eq!(row[2].replace(',', ""), bounds, "the bounds of {name}");
        }
    }
}

#[test]
fn every_event_is_named() {
    for name in event_names() {
        assert!(
            API.contains(&format!("`{name}`")),
            "docs/api.md does not name the event {name}"
        );
    }
}
