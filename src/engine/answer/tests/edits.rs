//! Edits of parts: which apply, what they leave, why others fail.

use super::*;

/// The part `t1` after the edits of a script.
fn edited(part_text: &str, edits: &str) -> (String, Assembly) {
    assembled(&[part("t1", part_text)], &format!("{edits}\n@answer\n@include t1"))
}

fn edit(kind: &str, old: &str, new: &str) -> String {
    let new = if new.is_empty() {
        String::new()
    } else {
        format!("{new}\n")
    };
    format!("@{kind} t1\n<<<<\n{old}\n====\n{new}>>>>\n")
}

fn applied(part_text: &str, edits: &str) -> String {
    let (text, assembly) = edited(part_text, edits);
    assert_eq!(assembly.failed_edits().next(), None);
    text
}

fn reason(part_text: &str, edits: &str) -> String {
    let (_, assembly) = edited(part_text, edits);
    results(&assembly).last().unwrap().1.to_owned()
}

#[test]
fn edits_apply_in_order_to_the_text_as_edited_so_far() {
    let edits = edit("edit", "two", "2 and three") + &edit("edit", "three", "3") + &edit("edit", "2 and 3", "x\ny");
    assert_eq!(applied("one two four", &edits), "one x\ny four");
    assert_eq!(applied("äöü 字 😀", &edit("edit", "字 😀", "é")), "äöü é");
}

#[test]
fn a_deletion_takes_whole_lines_with_their_break() {
    assert_eq!(applied("- a\n- b\n- c", &edit("edit", "- b", "")), "- a\n- c");
    assert_eq!(applied("a\n\nb\n\nc", &edit("edit", "b", "")), "a\n\nc");
    assert_eq!(applied("a\r\n\r\nb\r\n\r\nc", &edit("edit", "b", "")), "a\r\n\r\nc");
    assert_eq!(applied("a\n\nb", &edit("edit", "b", "")), "a");
    assert_eq!(applied("a\n\nb", &edit("edit", "a", "")), "b");
    assert_eq!(applied("a, b", &edit("edit", ", b", "")), "a");
    assert_eq!(applied("a b c", &edit("edit", " b", "")), "a c");
}

#[test]
fn an_insertion_stands_apart_as_its_place_demands() {
    assert_eq!(applied("- a\n- b", &edit("insert", "- a", "- x")), "- a\n- x\n- b");
    assert_eq!(applied("- a\n- b", &edit("insert", "- b", "- x")), "- a\n- b\n- x");
    assert_eq!(
        applied("| a |\n\nb", &edit("insert", "| a |", "| x |")),
        "| a |\n| x |\n\nb"
    );
    assert_eq!(applied("1. a\n", &edit("insert", "1. a", "2. x")), "1. a\n2. x");
    assert_eq!(applied("## H\n\na", &edit("insert", "## H", "x")), "## H\n\nx\n\na");
    assert_eq!(applied("a\n\nb", &edit("insert", "a", "\nx")), "a\n\nx\n\nb");
    assert_eq!(applied("a b", &edit("insert", "a", ", x")), "a, x b");
    assert_eq!(applied("a\r\nb", &edit("insert", "a", "x")), "a\nx\r\nb");
}

#[test]
fn a_section_is_replaced_by_its_number_before_any_edit() {
    let text = "lead\n\n## A\n\na\n\n## B\n\nb\n\n## C\n\nc";
    let section = |number: &str, new: &str| format!("@section t1.{number}\n<<<<\n{new}\n>>>>\n");
    assert_eq!(
        applied(text, &section("2", "## X\n====\nx")),
        text.replace("## B\n\nb", "## X\n====\nx")
    );
    assert_eq!(applied(text, &section("0", "new")), text.replace("lead", "new"));
    assert_eq!(applied(text, &section("3", "")), text.replace("\n\n## C\n\nc", ""));
    assert_eq!(
        applied(text, "@section t1.2\n<<<<\n>>>>\n"),
        text.replace("## B\n\nb\n\n", "")
    );
    // Other headings and lengths before it don't move it, and neither does a deletion.
    let all = edit("edit", "lead", "## L\n\nl\n\n## M")
        + &section("1", "# Y\n\n# Z")
        + &section("2", "")
        + &section("3", "end");
    assert_eq!(applied(text, &all), "## L\n\nl\n\n## M\n\n# Y\n\n# Z\n\nend");
    assert_eq!(applied("## A\n\na", &section("0", "lead")), "lead\n\n## A\n\na");
    assert_eq!(
        applied("a\n\n## B", &(section("1", "") + &section("1", "## C"))),
        "a\n\n## C"
    );
    assert_eq!(reason(text, &section("7", "x")), "t1 has no section 7");
    assert_eq!(
        reason(text, "@section t1\n<<<<\nx\n>>>>"),
        "name a section of part t1 by its number, as in t1.1"
    );
}

#[test]
fn line_breaks_of_either_kind_are_no_obstacle() {
    let change = edit("edit", "b\nc", "x\ny");
    assert_eq!(applied("a\r\nb\r\nc\r\nd", &change), "a\r\nx\ny\r\nd");
    assert_eq!(applied("a\nb\nc\nd", &change.replace('\n', "\r\n")), "a\nx\r\ny\nd");
    assert_eq!(applied("a\r\nb\r\nc", &edit("edit", "\nb", "x")), "ax\r\nc");
}

#[test]
fn the_separator_is_told_from_an_underlined_heading() {
    let edits = "@edit t1\n<<<<<<\nTitle\n====\n======\nName\n====\n>>>>>>\n";
    assert_eq!(applied("Title\n====\ntext", edits), "Name\n====\ntext");
}

#[test]
fn a_failed_edit_says_what_to_do() {
    for (text, old, expected) in [
        ("one", "two", "the old text is not in part t1: copy it exactly"),
        ("a a a", "a", "the old text stands 3 times in part t1: copy more of it"),
        ("aaa", "aa", "the old text stands 2 times in part t1: copy more of it"),
        ("字字", "字", "the old text stands 2 times in part t1: copy more of it"),
        ("one", "", "the text between <<<< and ==== is empty"),
        (
            "one\n\nNote: two",
            "two",
            "the old text is not in part t1: copy it exactly",
        ),
    ] {
        assert_eq!(reason(text, &edit("edit", old, "x")), expected, "{text}");
    }
    let many = "a ".repeat(20);
    assert_eq!(
        reason(&many, &edit("insert", "a", "x")),
        "the old text stands more than 10 times in part t1: copy more of it"
    );
    assert_eq!(
        reason("a", "@edit t1\n<<<<\n====\nx\n>>>>"),
        "the text between <<<< and ==== is empty"
    );
    let (_, assembly) = edited("a", "@edit t9\n<<<<\na\n====\nx\n>>>>\n");
    assert_eq!(results(&assembly), [("subtask/t9".into(), "part t9 does not exist")]);
}

#[test]
fn an_edit_after_the_answer_applies_as_well() {
    let late = "@answer\na\n@include t1\nb\n@edit t1\n<<<<\nfirst\n====\nlast\n>>>>\nc\n@include t2, t3";
    assert!(answer(late).starts_with("a\n\n## One\n\nlast text\n\nb\n\nc\n\n## Two"));
}

#[test]
fn a_second_script_repairs_the_failed_edits_of_its_parts() {
    let parts = parts();
    let bad = |id: &str| format!("@edit {id}\n<<<<\nabsent\n====\nx\n>>>>\n");
    let first =
        bad("t1") + &bad("t2") + &bad("t9") + "@edit t3\n<<<<\nthird\n====\n3rd\n>>>>\n@answer\n@include t1, t2, t3\n";
    let second = "@edit t1\n<<<<\nfirst\n====\n1st\n>>>>\n@answer\nignored\n@include t1";
    let scripts = [script(1, &first), script(2, second)];
    let assembly = resolve(&parts, &scripts);
    assert_eq!(
        text(&[&parts, &scripts], &assembly),
        "## One\n\n1st text\n\n## Two\n\nsecond text, second line\n\n## Three\n\n3rd text"
    );
    let states: Vec<String> = assembly
        .edits
        .iter()
        .map(|edit| format!("{} {:?}", edit.step, edit.state))
        .collect();
    assert_eq!(
        states,
        [
            "subtask/t2 Failed",
            "subtask/t9 Failed",
            "subtask/t3 Applied",
            "subtask/t1 Applied"
        ]
    );
    assert_eq!(problems(&assembly), []);

    // The same while it streams: what was shown before the repair goes on to the decided text.
    let mut assembler = Assembler::new(parts.clone(), StepName::Reduce(1), 1, 1);
    let mut shown = Shown::default();
    let update = assembler.push(&first);
    assert_eq!(update.as_ref().map(|update| update.settled), Some(0));
    shown.apply(update);
    let (update, _) = assembler.finish();
    shown.apply(update);
    let whole = text(&[&parts, &scripts], &assembly);
    let update = assembler.conclude(&assembly.segments, &whole);
    assert_eq!((update.from, update.settled), (8, whole.chars().count()));
    shown.apply(Some(update));
    assert_eq!(shown.text, whole);
}

fn edit_of(id: &str, old: &str, new: &str) -> String {
    format!("@edit {id}\n<<<<\n{old}\n====\n{new}\n>>>>\n")
}

fn repaired(first: &str, second: &str) -> (String, Vec<(String, String)>) {
    let parts = parts();
    let scripts = [
        script(1, &format!("{first}@answer\n@include t1, t2, t3\n")),
        script(2, second),
    ];
    let assembly = resolve(&parts, &scripts);
    let failed = assembly.failed_edits().map(|edit| {
        let reason = edit.reason.clone().unwrap_or_default();
        (edit.step.to_string(), reason)
    });
    (text(&[&parts, &scripts], &assembly), failed.collect())
}

#[test]
fn a_repair_takes_the_place_of_one_failed_edit_and_the_others_stay_named() {
    let bad = edit_of("t2", "absent", "2nd text") + &edit_of("t2", "missing", "last line");
    // The one with the same new text, wherever it stood.
    let (answer, failed) = repaired(&bad, &edit_of("t2", "second line", "last line"));
    assert!(answer.contains("second text, last line"), "{answer}");
    assert_eq!(failed.len(), 1);
    assert!(failed[0].1.contains("not in part t2"));
    let (_, failed) = repaired(&bad, "none");
    assert_eq!(failed.len(), 2);
}

#[test]
fn an_edit_of_an_unknown_part_is_repaired_under_the_right_name() {
    let (answer, failed) = repaired(&edit_of("t9", "first", "1st"), &edit_of("t1", "first", "1st"));
    assert!(answer.contains("1st text"), "{answer}");
    assert_eq!(failed, []);
}

#[test]
fn a_repair_changes_no_part_that_stands_already() {
    let second = edit_of("t1", "first", "1st") + &edit_of("t2", "second line", "last line");
    let (answer, failed) = repaired(&edit_of("t2", "absent", "last line"), &second);
    assert!(
        answer.contains("first text") && answer.contains("last line"),
        "{answer}"
    );
    assert_eq!(
        failed,
        [(
            "subtask/t1".to_owned(),
            "no edit of part t1 was to be repaired".to_owned()
        )]
    );
}
