//! What a reader sees while the script streams.

use super::*;

fn assembler() -> Assembler {
    Assembler::new(parts(), StepName::Reduce(1), 1, 1)
}

fn update(from: usize, text: &str, settled: usize) -> Option<Update> {
    Some(Update {
        from,
        text: text.into(),
        settled,
    })
}

#[test]
fn the_answer_streams_from_its_mark_on() {
    let mut live = assembler();
    for chunk in [
        "I think",
        "\n@edit t1\n<<<<\nfirst\n",
        "====\nlast\n>>>>\n",
        "@ans",
        "wer",
        "\n",
    ] {
        assert_eq!(live.push(chunk), None, "{chunk}");
    }
    assert_eq!(live.push("The le"), update(0, "The le", 6));
    assert_eq!(live.push("ad. \n\n"), update(6, "ad.", 9));
    // What may become a mark is held back.
    assert_eq!(live.push("@inc"), None);
    assert_eq!(live.push("lude t1"), None);
    assert_eq!(live.push("\n"), update(9, "\n\n## One\n\nlast text", 28));
    assert_eq!(live.push("@med"), update(28, "\n\n@med", 34));
    assert_eq!(live.finish().0, None);
    assert_eq!(live.push("more"), None);
}

#[test]
fn the_answer_streams_from_its_first_include_on() {
    let mut live = assembler();
    assert_eq!(live.push("lead\n"), None);
    assert_eq!(
        live.push("@include t1\n"),
        update(0, "lead\n\n## One\n\nfirst text", 24)
    );
}

#[test]
fn a_long_script_without_marks_is_shown_unsettled() {
    let mut live = assembler();
    let line = "x".repeat(99) + "\n";
    for _ in 0..15 {
        assert_eq!(live.push(&line), None);
    }
    let shown = live.push("and more").unwrap();
    assert_eq!((shown.from, shown.text.len(), shown.settled), (0, 1_508, 0));
    assert_eq!(live.push(" text"), update(1_508, " text", 0));
    // A mark takes it back.
    assert_eq!(live.push("\n@answer\n"), update(0, "", 0));
    assert_eq!(live.push("short\n"), update(0, "short", 5));
    assert!(!live.finish().1.unmarked);
}

#[test]
fn a_failed_edit_holds_up_what_is_settled_from_its_part_on() {
    let mut live = assembler();
    live.push("@edit t2\n<<<<\nabsent\n====\nx\n>>>>\n@answer\nlead\n");
    let shown = live.push("@include t1\n").unwrap();
    assert_eq!((shown.from, shown.settled), (4, 24));
    let shown = live.push("@include t2\nend\n").unwrap();
    assert_eq!((shown.from, shown.settled), (24, 24));
    let (last, assembly) = live.finish();
    assert_eq!((last, assembly.failed_edits().count()), (None, 1));
}

#[test]
fn a_failed_edit_of_a_part_that_is_left_out_holds_up_nothing() {
    let mut live = assembler();
    live.push("@edit t2\n<<<<\nabsent\n====\nx\n>>>>\n@answer\nlead\n@include t1\n");
    assert_eq!(live.push("end\n"), update(24, "\n\nend", 29));
}

#[test]
fn an_edit_after_the_answer_cuts_back_to_its_part() {
    let mut live = assembler();
    let shown = live.push("@answer\na\n@include t1\nb\n@include t2\nc\n").unwrap();
    assert_eq!(shown.settled, shown.text.chars().count());
    assert_eq!(live.push("@edit t2\n<<<<\nsecond text, \n====\n"), None);
    // Another one may follow, so that nothing from there on is settled before the end.
    assert_eq!(live.push(">>>>\n"), update(24, "\n\n## Two\n\nsecond line\n\nc", 24));
    assert_eq!(live.push("d\n"), update(48, "\n\nd", 24));
    assert_eq!(live.finish().0, update(51, "", 51));
}

#[test]
fn many_edits_after_the_answer_do_not_send_its_parts_each_time() {
    let long = "word ".repeat(10_000);
    let parts = [part("t1", &format!("{long}\n0"))];
    let mut live = Assembler::new(parts.to_vec(), StepName::Reduce(1), 1, 1);
    let mut sent = live.push("@answer\n@include t1\n").unwrap().text.len();
    for number in 0..400 {
        let edit = format!("@edit t1\n<<<<\n\n{number}\n====\n\n{}\n>>>>\n", number + 1);
        sent += live.push(&edit).map_or(0, |update| update.text.len());
    }
    let (update, assembly) = live.finish();
    assert_eq!(assembly.failed_edits().count(), 0);
    assert!(update.unwrap().text.ends_with("\n400"));
    assert!(sent < 12 * long.len(), "{sent}");
}
