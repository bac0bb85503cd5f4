//! A changed prompt has a new version.

use super::briefs;
use crate::engine::ask::prompts::{PROMPTS, render_with, sha256};
use crate::model::Message;

/// The hash of the prompts of [`PROMPTS`].
const PINNED: (u32, &str) = (2, "9ba96ba45fd2bcd659a73807348728db42460b30060bd79e30988e078c7d1254");

/// All files, in the order of their names, and a request of each kind, because a part of the words stands in code.
fn all() -> Vec<Message> {
    briefs::all()
        .iter()
        .flat_map(|brief| render_with(brief, None))
        .collect()
}

#[test]
fn a_changed_prompt_has_a_new_version() {
    let found = (PROMPTS, sha256(&all()));
    assert_eq!(
        (found.0, found.1.as_str()),
        PINNED,
        "the prompts have changed. What to do: once a version is released, add one to PROMPTS in src/engine/ask/\
         prompts.rs, so that journals say which prompts a call was made with; then put the version and the hash found \
         here into PINNED"
    );
}

#[test]
fn every_prompt_file_is_among_them() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine/ask/prompts");
    let all = all();
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = std::fs::read_to_string(&path).unwrap();
            let is_used = all.iter().any(|message| message.content == text.trim_end());
            assert!(is_used, "no call is given {}", path.display());
            files += 1;
        }
    }
    assert_eq!(files, 12);
}

#[test]
fn the_hash_of_a_request_tells_roles_and_bounds_apart() {
    use crate::engine::ask::prompts::message;
    use crate::model::MessageRole::{System, User};
    let hash = |messages: &[(crate::model::MessageRole, &str)]| {
        let messages: Vec<Message> = messages
            .iter()
            .map(|(role, text)| message(*role, (*text).into()))
            .collect();
        sha256(&messages)
    };
    let hashes = [
        hash(&[(System, "ab"), (User, "c")]),
        hash(&[(System, "a"), (User, "bc")]),
        hash(&[(User, "ab"), (User, "c")]),
        hash(&[(System, "ab")]),
        hash(&[]),
    ];
    for (index, one) in hashes.iter().enumerate() {
        assert_eq!(one.len(), 64);
        assert!(!hashes[..index].contains(one));
    }
}
