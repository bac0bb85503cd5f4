//! What a newcomer searches for: the obvious word leads to the file that answers, because that file's module doc holds
//! it and no other's does. Maps (`mod.rs`, `lib.rs`) only point there and don't count.

use crate::sources;

/// The obvious word of a question, and the file of `src` that answers it.
const QUESTIONS: &[(&str, &str)] = &[
    ("backoff", "engine/decide/retry.rs"),
    ("late reply", "engine/decide/attempt_end.rs"),
    ("plan repair", "engine/ask/prompts/follow_up.rs"),
    ("alarm handler", "runner/wake/handler.rs"),
    ("token estimate", "model/tokens.rs"),
    ("access token", "api/tokens.rs"),
    ("malformed plan", "engine/words/plan/lenient.rs"),
    ("mode of a plan", "engine/words/plan/mode.rs"),
    ("contract of a plan", "engine/words/plan/reply/contract.rs"),
    ("continuation", "engine/ask/prompts/follow_up.rs"),
    ("context cut", "engine/ask/cut.rs"),
    ("whether the request fits", "engine/ask/request.rs"),
    ("schema version", "engine/words/event.rs"),
    ("SSE frame", "api/sse.rs"),
    ("CORS", "api/cors.rs"),
    ("Idempotency-Key", "api/idempotency.rs"),
    ("demo marker", "providers/demo/markers.rs"),
];

/// The files whose module doc holds `word`, in any case.
fn answers<'a>(files: &'a [(String, String)], word: &str) -> Vec<&'a str> {
    let holds = |source: &str| {
        let docs: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("//!")).collect();
        docs.join("").to_lowercase().contains(&word.to_lowercase())
    };
    let is_map = |file: &str| file.ends_with("mod.rs") || file == "lib.rs";
    let files = files.iter().filter(|(file, source)| !is_map(file) && holds(source));
    files.map(|(file, _)| file.as_str()).collect()
}

#[test]
fn the_obvious_word_leads_to_the_file_that_answers() {
    let files = sources();
    for (word, file) in QUESTIONS {
        assert_eq!(answers(&files, word), [*file], "module docs with {word:?}");
    }
}

#[test]
fn a_word_in_another_doc_or_in_code_alone_is_told_apart() {
    let files = [
        ("a.rs".to_owned(), "//! Retry and\n//! Backoff.\nfn f() {}".to_owned()),
        ("b.rs".to_owned(), "//! Other.\nfn backoff() {}".to_owned()),
        ("mod.rs".to_owned(), "//! [`a`]: backoff.".to_owned()),
    ];
    assert_eq!(answers(&files, "backoff"), ["a.rs"]);
    assert_eq!(answers(&files, "retry and backoff"), ["a.rs"]);
    assert_eq!(answers(&files, "alarm"), Vec::<&str>::new());
}
