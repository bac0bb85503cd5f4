//! The official suite of JSON Schema decides what is honoured: each case is refused as the committed list says, or both
//! validators say of it what the suite says. This is the native one; `tests/e2e/json-schema.test.mjs` asks the other.
//!
//! `JSON_SCHEMA_SUITE` names the suite's folder; `npm test` fetches it. `UPDATE_FIXTURES=1` writes the list anew.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "support/validator.rs"]
mod validator;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use orchestrator_workers::api::output_schema;
use serde_json::Value;

const LIST: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/json-schema-unsupported.json"
);
/// Of the optional files those about what is honoured: the rest is about formats, contents and other drafts, and
/// `float-overflow` asks whether 1e308 is a multiple of 0.5, which the Worker reckons and the native crate does not.
const OPTIONAL: [&str; 4] = [
    "optional/bignum.json",
    "optional/ecmascript-regex.json",
    "optional/no-schema.json",
    "optional/non-bmp-regex.json",
];

/// The cases that are refused, by file and description, with what a submission is told.
type Refusals = BTreeMap<String, String>;

fn suite() -> Option<PathBuf> {
    let named = std::env::var("JSON_SCHEMA_SUITE")
        .ok()
        .filter(|folder| !folder.is_empty());
    if named.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "JSON_SCHEMA_SUITE is not set: npm test sets it"
        );
        println!("SKIPPED: the official suite of JSON Schema, because JSON_SCHEMA_SUITE is not set (npm test sets it)");
    }
    named.map(PathBuf::from)
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let names = entries
        .map(|name| name.into_string().unwrap())
        .filter(|name| name.ends_with(".json"));
    let mut files: Vec<String> = names.chain(OPTIONAL.map(str::to_owned)).collect();
    files.sort();
    assert!(files.len() > 40, "{files:?}");
    files
}

struct Outcome {
    refused: Refusals,
    differing: Vec<String>,
    tests: usize,
}

fn run(folder: &Path, validate: impl Fn(&Value, &str) -> Result<(), String>) -> Outcome {
    let mut outcome = Outcome {
        refused: Refusals::new(),
        differing: Vec::new(),
        tests: 0,
    };
    for file in files(folder) {
        let text = std::fs::read_to_string(folder.join(&file)).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        for case in cases {
            let name = format!("{file}: {}", case["description"].as_str().unwrap());
            let schema = match output_schema::check(case["schema"].clone()) {
                Ok(schema) => schema,
                Err(problem) => {
                    outcome.refused.insert(name, problem.detail().to_owned());
                    continue;
                }
            };
            for test in case["tests"].as_array().unwrap() {
                outcome.tests += 1;
                let verdict = validate(&schema, &test["data"].to_string());
                let is_right = match &verdict {
                    Ok(()) => test["valid"] == true,
                    Err(faults) => test["valid"] == false && faults.contains(": ") && !faults.contains("can't be used"),
                };
                if !is_right {
                    let differing = format!("{name}: {}: {verdict:?}", test["description"]);
                    outcome.differing.push(differing);
                }
            }
        }
    }
    outcome
}

#[test]
fn the_official_suite_agrees_wherever_a_schema_is_honoured() {
    let Some(folder) = suite() else { return };
    let Outcome {
        refused,
        differing,
        tests,
    } = run(&folder, validator::validate);
    assert_eq!(differing, Vec::<String>::new());
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(LIST, serde_json::to_string_pretty(&refused).unwrap() + "\n").unwrap();
    }
    let listed: Refusals = serde_json::from_str(&std::fs::read_to_string(LIST).unwrap()).unwrap();
    assert_eq!(
        refused, listed,
        "the list of what is not honoured is another: UPDATE_FIXTURES=1 writes it"
    );
    println!(
        "figure: JSON Schema suite, native: {tests} tests agree, {} cases are refused at submission",
        refused.len()
    );
}

/// A validator that can't be trusted is found out.
#[test]
fn a_validator_that_takes_everything_is_caught() {
    let Some(folder) = suite() else { return };
    assert!(run(&folder, |_, _| Ok(())).differing.len() > 300);
}
