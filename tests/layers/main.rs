//! Who may import whom: reads every import of `src` and holds it against the tables of [`rules`]. The compiler keeps
//! the crates of the runtime inside `src/cloudflare`; this keeps every other arrow.
#![cfg(not(target_arch = "wasm32"))]
// Helpers are not test functions, so clippy.toml does not excuse them; in a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod imports;
mod questions;
mod rules;
mod samples;
mod tokens;

use std::fs;
use std::path::Path;

use imports::imports;
use rules::{CRATES, HELPERS, MODULES, PORTS, ROOMS, row};
use samples::{BROKEN, SOUND, rows};

/// What is wrong with the file of `module`.
fn violations(module: &[&str], source: &str) -> Vec<String> {
    match imports(module, source) {
        Ok(imports) => imports
            .iter()
            .filter_map(|import| {
                let path: Vec<&str> = import.path.iter().map(String::as_str).collect();
                let reason = refusal(module, &path)?;
                Some(format!("line {}: {}: {reason}", import.line, path.join("::")))
            })
            .collect(),
        Err(reason) => vec![reason],
    }
}

/// Why `module` may not import `path`, if it may not.
fn refusal(module: &[&str], path: &[&str]) -> Option<String> {
    let importer = module.first().copied().unwrap_or("the root");
    let (first, rest) = path.split_first()?;
    if *first != "crate" {
        let allowed = row(CRATES, first)?.contains(&importer);
        return (!allowed).then(|| format!("{importer} may not import the crate {first}"));
    }
    let Some((target, rest)) = rest.split_first() else {
        return Some("the root of the crate hides which module is imported".to_owned());
    };
    let Some(allowed) = row(MODULES, importer) else {
        return Some(format!("{importer} has no row in tests/layers/rules.rs"));
    };
    if *target == importer {
        return (importer == "engine").then(|| room_refusal(module, rest)).flatten();
    }
    if !allowed.contains(target) && !HELPERS.contains(target) {
        return Some(format!("{importer} may not import {target}"));
    }
    let ports = PORTS
        .iter()
        .find(|ports| ports.module == *target && ports.kept_from.contains(&importer))?;
    match rest.first() {
        None | Some(&"*") => Some(format!("{importer} must name the items of {target} that it imports")),
        Some(item) => {
            (ports.items.contains(item)).then(|| format!("{importer} is pure, and {target}::{item} is a port"))
        }
    }
}

/// The same for two places of the engine; `rest` is the path after `crate::engine`.
fn room_refusal(module: &[&str], rest: &[&str]) -> Option<String> {
    // The face imports every room.
    let room = module.get(1)?;
    let Some(allowed) = row(ROOMS, room) else {
        return Some(format!("the room {room} has no row in tests/layers/rules.rs"));
    };
    match rest.first() {
        Some(target) if target == room || allowed.contains(target) => None,
        Some(target) if row(ROOMS, target).is_some() => Some(format!("{room} may not import {target}")),
        _ => Some(format!("{room} may not import the engine's face: name the room")),
    }
}

/// The module of a file below `src`: `engine/words/mod.rs` is `engine::words`.
fn module_of(file: &str) -> Vec<&str> {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let mut module: Vec<&str> = path.split('/').collect();
    if matches!(module.last(), Some(&"mod" | &"lib")) {
        module.pop();
    }
    module
}

/// Every Rust file below `folder`, with its path from there.
fn rust_files(folder: &Path, from: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let entry = entry.expect("a readable entry");
        let name = format!("{from}{}", entry.file_name().to_str().expect("a name in UTF-8"));
        if entry.path().is_dir() {
            files.extend(rust_files(&entry.path(), &format!("{name}/")));
        } else if name.ends_with(".rs") {
            files.push((name, fs::read_to_string(entry.path()).expect("a readable file")));
        }
    }
    files
}

/// Every Rust file of `src`, with its path from there.
fn sources() -> Vec<(String, String)> {
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "")
}

#[test]
fn every_module_imports_only_what_it_may() {
    let files = sources();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (file, source) in &files {
        let module = module_of(file);
        count += imports(&module, source).map_or(0, |imports| imports.len());
        wrong.extend(
            violations(&module, source)
                .into_iter()
                .map(|wrong| format!("src/{file}, {wrong}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A reader that finds nothing would find nothing wrong.
    assert!(
        files.len() > 100 && count > 1_000,
        "{} files, {count} imports",
        files.len()
    );
}

#[test]
fn every_folder_and_file_at_the_top_has_a_row() {
    let files = sources();
    for (file, _) in &files {
        let module = module_of(file);
        if let Some(top) = module.first() {
            assert!(
                row(MODULES, top).is_some(),
                "src/{file}: {top} has no row in tests/layers/rules.rs"
            );
        }
        if let ["engine", room, ..] = module.as_slice() {
            assert!(
                row(ROOMS, room).is_some(),
                "src/{file}: {room} has no row in tests/layers/rules.rs"
            );
        }
    }
}

/// A test of the test.
#[test]
fn a_broken_source_is_reported() {
    for row in rows(BROKEN) {
        let [module, source, expected] = row[..] else {
            panic!("three cells: {row:?}");
        };
        let module: Vec<&str> = module.split("::").collect();
        let found = violations(&module, source);
        let reported = found.iter().any(|reason| reason.contains(expected));
        assert!(reported, "{source}\nexpected: {expected}\nfound: {found:?}");
    }
}

#[test]
fn a_sound_source_is_not_reported() {
    for row in rows(SOUND) {
        let [module, source] = row[..] else {
            panic!("two cells: {row:?}");
        };
        let module: Vec<&str> = module.split("::").collect();
        assert_eq!(violations(&module, source), Vec::<String>::new(), "{source}");
    }
}
