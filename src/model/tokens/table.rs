//! The estimate against the counts of real tokenizers, which `scripts/tokens/table.mjs` writes down.

use std::collections::BTreeMap;

use super::estimate_tokens;

#[derive(serde::Deserialize)]
struct Row {
    name: String,
    kind: String,
    text: String,
    /// The highest count of the tokenizers of models since 2023.
    modern: u64,
    /// The highest count of all.
    all: u64,
    counts: BTreeMap<String, u64>,
}

/// The most that a text of a kind may be estimated at, as a multiple of the highest count of all tokenizers, or for
/// English of the modern ones.
const BOUNDS: [(&str, f64); 8] = [
    ("english", 1.35),
    ("language", 1.75),
    ("numbers", 1.1),
    ("encoded", 1.55),
    ("code", 1.5),
    ("noise", 1.9),
    ("white_space", 2.1),
    // Frames of tables are runs of characters of three bytes each, which the newer tokenizers hold as one token.
    ("symbols", 3.1),
];

fn rows() -> Vec<Row> {
    let table = include_str!("../../../tests/fixtures/tokens.jsonl");
    table.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn no_text_of_the_table_is_estimated_below_any_tokenizer_nor_far_above() {
    let rows = rows();
    let mut wrong = Vec::new();
    let mut ranges: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for row in &rows {
        let (_, bound) = BOUNDS.iter().find(|(kind, _)| *kind == row.kind).expect(&row.kind);
        let compared = if row.kind == "english" { row.modern } else { row.all };
        let estimate = estimate_tokens(&row.text);
        let ratio = estimate as f64 / compared as f64;
        let range = ranges.entry(&row.kind).or_insert((f64::MAX, 0.0));
        *range = (range.0.min(ratio), range.1.max(ratio));
        if estimate < row.all || ratio > *bound {
            wrong.push(format!(
                "{}: {estimate} estimated, {compared} to {} counted",
                row.name, row.all
            ));
        }
    }
    println!("estimate to highest count: {ranges:.2?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_has_every_kind_and_every_tokenizer() {
    let rows = rows();
    assert!(rows.len() >= 130, "{}", rows.len());
    assert!(BOUNDS.iter().all(|(kind, _)| rows.iter().any(|row| row.kind == *kind)));
    assert!(
        rows.iter()
            .all(|row| row.counts.len() == 9 && row.counts.values().max() == Some(&row.all))
    );
}

/// Four letters to a token, as everybody's rule of thumb has it. The table must refuse it.
#[test]
fn the_table_catches_an_estimate_that_is_too_low() {
    let naive = |text: &str| text.len() as u64 / 4;
    let caught = rows().iter().filter(|row| naive(&row.text) < row.all).count();
    assert!(caught > 100, "{caught}");
}

/// Not a test: `scripts/tokens/table.mjs --fuzz` asks for the estimates of its texts.
#[test]
#[ignore = "only for scripts/tokens/table.mjs --fuzz"]
fn estimates_for_the_fuzz() {
    let file = |name: &str| std::env::var(name).unwrap();
    let texts: Vec<String> = serde_json::from_slice(&std::fs::read(file("TOKENS_TEXTS")).unwrap()).unwrap();
    let estimates: Vec<u64> = texts.iter().map(|text| estimate_tokens(text)).collect();
    std::fs::write(file("TOKENS_ESTIMATES"), serde_json::to_vec(&estimates).unwrap()).unwrap();
}
