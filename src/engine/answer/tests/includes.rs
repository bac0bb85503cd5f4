//! Includes, and the answer around them.

use super::*;

#[test]
fn parts_stand_where_they_are_included_as_blocks_without_their_notes() {
    let (answer, assembly) = assembled(
        &parts(),
        "@answer\nThe lead.\n@include t2\nbetween\n\n\n\n@include t1\n\n@include t3\nThe end.\n",
    );
    assert_eq!(
        answer,
        "The lead.\n\n## Two\n\nsecond text, second line\n\nbetween\n\n\
         ## One\n\nfirst text\n\n## Three\n\nthird text\n\nThe end."
    );
    assert_eq!((problems(&assembly), assembly.unmarked), (vec![], false));
}

#[test]
fn segments_name_characters_of_the_whole_text() {
    let parts = [part("t1", "\nÄ 字\n\nNote: x")];
    let (_, assembly) = assembled(&parts, "@answer\né\n@include t1");
    let stored = serde_json::to_value(&assembly.segments).unwrap();
    assert_eq!(
        stored,
        serde_json::json!([
            { "step": "reduce/1", "run": 1, "number": 1, "from": 8, "to": 9 },
            { "text": "\n\n" },
            { "step": "subtask/t1", "run": 1, "number": 1, "from": 1, "to": 4 },
        ])
    );
}

#[test]
fn an_include_that_cannot_be_followed_is_left_out_with_a_problem() {
    let (answer, assembly) = assembled(
        &parts(),
        "@answer\na\n@include t1\nb\n@include T1\nc\n@include t9\nd\n@include t2, t3\ne\n@include",
    );
    assert_eq!(
        answer,
        "a\n\n## One\n\nfirst text\n\nb\n\nc\n\nd\n\n## Two\n\nsecond text, second line\n\n## Three\n\nthird text\n\ne"
    );
    assert_eq!(
        problems(&assembly),
        [
            (ProblemKind::RepeatedInclude, "t1"),
            (ProblemKind::UnknownInclude, "t9"),
            (ProblemKind::UnfinishedMark, "")
        ]
    );
}

#[test]
fn parts_that_no_include_names_are_named() {
    let (_, assembly) = assembled(&parts(), "@answer\na\n@include t2");
    assert_eq!(
        problems(&assembly),
        [(ProblemKind::LeftOut, "t1"), (ProblemKind::LeftOut, "t3")]
    );
    let (answer, assembly) = assembled(&parts(), "@answer\nonly text");
    assert_eq!(answer, "only text");
    assert_eq!(problems(&assembly), [(ProblemKind::NoIncludes, "")]);
}

#[test]
fn without_the_text_of_an_answer_all_parts_are_the_answer() {
    let all = "## One\n\nfirst text\n\n## Two\n\nsecond line\n\n## Three\n\nthird text";
    let edit = "@edit t2\n<<<<\nsecond text, \n====\n>>>>\n";
    for script in [edit, &format!("{edit}\n@answer\n \n"), &format!("{edit}@answer")] {
        let (answer, assembly) = assembled(&parts(), script);
        assert_eq!(
            (answer.as_str(), problems(&assembly)),
            (all, vec![(ProblemKind::NoAnswer, "")]),
            "{script}"
        );
    }
    let (answer, assembly) = assembled(&parts(), " \n");
    assert!(answer.starts_with("## One") && answer.ends_with("third text"));
    assert_eq!(
        (problems(&assembly), assembly.unmarked),
        (vec![(ProblemKind::NoAnswer, "")], true)
    );
}

#[test]
fn a_part_of_notes_alone_leaves_no_gap() {
    let parts = [part("t1", "Note: nothing to say"), part("t2", "two")];
    let (text, assembly) = assembled(&parts, "@answer\na\n@include t1\nb\n@include t2");
    assert_eq!(text, "a\n\nb\n\ntwo");
    assert_eq!(problems(&assembly), [(ProblemKind::LeftOut, "t1")]);
}

#[test]
fn a_mark_within_code_of_the_answer_is_text() {
    let (answer, assembly) = assembled(
        &parts(),
        "@answer\n```text\n@include t1\n@edit t2\n@answer\n```\n@include t1\n~~~~\n~~~\n@include t2\n~~~~\nend",
    );
    assert_eq!(
        answer,
        "```text\n@include t1\n@edit t2\n@answer\n```\n\n## One\n\nfirst text\n\n~~~~\n~~~\n@include t2\n~~~~\nend"
    );
    assert_eq!(assembly.edits, []);
}

#[test]
fn other_lines_that_begin_with_an_at_sign_are_text() {
    let code = "@media print {}\n@Override\n@includes t1\n@include is for style sheets\n@answer me";
    assert_eq!(answer(&format!("@answer\n{code}")), code);
    // A long line is no mark.
    let long = format!("@include {}t1", " ".repeat(200));
    assert_eq!(answer(&format!("@answer\n{long}\nx")), format!("{long}\nx"));
}

#[test]
fn a_list_of_includes_includes_the_parts() {
    let (text, assembly) = assembled(
        &parts(),
        "@answer\nLead.\n\n- @include t1\n- @include t2\n\n1. @include t3\n",
    );
    assert_eq!(
        text,
        "Lead.\n\n## One\n\nfirst text\n\n## Two\n\nsecond text, second line\n\n## Three\n\nthird text"
    );
    assert_eq!(problems(&assembly), []);
}

#[test]
fn a_code_block_that_a_part_leaves_open_ends_with_the_part() {
    let open = [part("t1", "## One\n\n````js\nlet a;\n```"), part("t2", "## Two")];
    let (text, _) = assembled(&open, "@answer\n@include t1\n@include t2\n");
    assert_eq!(text, "## One\n\n````js\nlet a;\n```\n````\n\n## Two");
    let (text, _) = assembled(
        &open,
        "@edit t1\n<<<<\nlet a;\n====\nlet b;\n>>>>\n@answer\n@include t1\n@include t2\n",
    );
    assert_eq!(text, "## One\n\n````js\nlet b;\n```\n````\n\n## Two");
}
