//! Bounds: the time and the size of an assembly, whatever its texts are.

use super::*;
use crate::engine::words::codec::EVENT_BYTES_MAX;

/// A part's id is as long as it can be.
fn id(number: usize) -> String {
    format!("{number:0>64}")
}

fn json_bytes(assembly: &Assembly) -> usize {
    let stored = (&assembly.segments, &assembly.edits, &assembly.problems);
    serde_json::to_string(&stored).unwrap().len()
}

/// Repeats a line up to a mebibyte.
fn mebibyte(line: &str) -> String {
    line.repeat(1024 * 1024 / line.len())
}

#[test]
fn an_assembly_is_an_event_of_less_than_a_mebibyte() {
    let lines: String = (0..600).map(|number| format!("<{number}>\n")).collect();
    let parts: Vec<Source> = (0..50).map(|number| part(&id(number), &lines)).collect();
    let edit = |number: usize| {
        let (kind, id) = (["edit", "insert"][number % 2], id(number % 50));
        format!("@{kind} {id}\n<<<<\n<{number}>\n====\n- {number}\n>>>>\n")
    };
    let edits: String = (0..600).map(edit).collect();
    let includes: String = (0..1_100)
        .map(|number| format!("text\n@include {}\n", id(number)))
        .collect();
    let failing: String = (0..600)
        .map(|_| format!("@edit {}\n<<<<\n<\n====\nx\n>>>>\n", id(1)))
        .collect();
    let scripts = [script(1, &(edits + "@answer\n" + &includes)), script(2, &failing)];
    let assembly = resolve(&parts, &scripts);
    assert_eq!((assembly.edits.len(), assembly.failed_edits().count()), (1_000, 500));
    assert!(assembly.segments.len() > 2_500, "{}", assembly.segments.len());
    let bytes = json_bytes(&assembly);
    println!(
        "figure: the largest assembly: {bytes} bytes, {} segments",
        assembly.segments.len()
    );
    assert!(bytes < EVENT_BYTES_MAX, "{bytes}");
    // What is not read is text.
    assert!(text(&[&parts, &scripts], &assembly).ends_with(&format!("@include {}", id(1_099))));
    assert!(problems(&assembly).contains(&(ProblemKind::TooManyMarks, "")));
}

#[test]
fn hostile_scripts_and_parts_take_no_time() {
    let parts: Vec<Source> = (0..20)
        .map(|number| match number % 4 {
            0 => part(&number.to_string(), &mebibyte("aaaaaaaaaaaaaaaa")),
            1 => part(&number.to_string(), &mebibyte("# a\r\n")),
            2 => part(&number.to_string(), &mebibyte("Note: 字\n\n")),
            _ => part(&number.to_string(), &mebibyte("```\n| a | b |\n")),
        })
        .collect();
    let old = "a".repeat(2_000) + "b";
    let edits = |number: usize| format!("@edit {}\n<<<<\n{old}\n====\nx\n>>>>\n", number % 20);
    let includes: String = (0..20).map(|number| format!("@include {number}\n")).collect();
    let scripts = [
        (0..500).map(edits).collect::<String>() + "@answer\n" + &includes,
        format!("@answer\n{includes}") + &(0..500).map(edits).collect::<String>(),
        mebibyte("@edit 1\n```\n"),
        mebibyte("@edit 1\n<<<<\n"),
        mebibyte("@answer\n"),
        mebibyte("@answer\nx\n@include 99\n"),
        mebibyte("```\n"),
        mebibyte(" "),
        mebibyte("\n"),
        mebibyte("@"),
        mebibyte("@include 1 2 3\n") + &mebibyte("====\n"),
        "@answer\n```\n".to_owned() + &mebibyte("a\n"),
    ];
    for text_of_script in scripts {
        #[allow(clippy::disallowed_methods)]
        let start = std::time::Instant::now();
        let whole = resolve(&parts, &[script(1, &text_of_script)]);
        let (_, streamed) = streamed(&parts, pieces(&text_of_script, 13));
        let millis = start.elapsed().as_millis();
        let begin: String = text_of_script.chars().take(20).collect();
        println!("figure: hostile script {begin:?}: {millis} ms twice");
        assert_eq!(whole, streamed);
        assert!(json_bytes(&whole) < EVENT_BYTES_MAX);
        // Generous: the machine may be busy with other tests.
        assert!(millis < 20_000, "{begin:?}: {millis} ms");
    }
}
