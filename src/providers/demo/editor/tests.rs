//! Scripts of the demo's editor, and what it does where it is asked for something else.

use super::*;

fn part(id: &str, content: PartContent) -> EditPart {
    EditPart {
        id: id.into(),
        title: format!("Title of {id}"),
        content,
    }
}

fn whole(text: &str) -> PartContent {
    PartContent::Whole {
        text: text.into(),
        notes: "Note: x".into(),
        words: 7,
        cut: false,
    }
}

fn parts() -> Vec<EditPart> {
    vec![
        part(
            "t1",
            whole("Demo: x.\n\n## Title\n\n> The last line.\n\nThe end of t1.\n"),
        ),
        part("t2", whole("The end of t2.")),
        part(
            "t3",
            PartContent::Missing {
                reason: "it failed".into(),
            },
        ),
    ]
}

fn report() -> Vec<ReportLine> {
    ["plan", "subtask/t1", "subtask/t3", "edit/1"]
        .map(|step| ReportLine {
            step: step.into(),
            title: "Title".into(),
            model: "demo-small".into(),
            attempts: 1,
            duration_ms: 1_000,
            outcome: "complete".into(),
        })
        .to_vec()
}

fn script(prompt: &str, is_repair: bool) -> String {
    reply(
        &Markers::parse(prompt),
        &Terms::default(),
        &parts(),
        is_repair,
        &report(),
    )
}

const EDIT: &str =
    "@edit t1\n<<<<\nThe end of t1.\n====\nThe end of t1. (The demo's editor added these words.)\n>>>>\n\n";
const FAILING: &str = "@edit t1\n<<<<\nThe end of t1. (No part has these words.)\n====\n\
                       The end of t1. (The demo's editor added these words.)\n>>>>\n\n";

#[test]
fn the_script_is_an_edit_a_lead_every_part_and_the_run() {
    let script = script("p", false);
    let answer = script.strip_prefix(EDIT).unwrap_or_else(|| panic!("{script}"));
    assert!(
        answer.starts_with("@answer\nDemo: no language model was called.\n"),
        "{answer}"
    );
    let order = [
        "\n@include t1\n",
        "\n@include t2\n",
        "\n\"Title of t3\" is missing here: it failed\n",
        "| Step |",
    ];
    let places: Vec<usize> = order
        .iter()
        .map(|line| answer.find(line).unwrap_or_else(|| panic!("{line}")))
        .collect();
    assert!(places.is_sorted(), "{answer}");
    assert!(
        answer.contains("| 7 words |") && answer.contains("| missing: it failed |"),
        "{answer}"
    );
    assert!(
        !answer.contains("edit/1"),
        "its own line would change while it is continued: {answer}"
    );
}

#[test]
fn an_edit_fails_as_often_as_it_was_asked_to() {
    assert!(script("[demo: failing-edit]", false).starts_with(FAILING));
    assert_eq!(script("[demo: failing-edit]", true), EDIT);
    assert!(script("[demo: failing-edit 2x]", false).starts_with(FAILING));
    assert_eq!(script("[demo: failing-edit 2x]", true), FAILING);
    assert_eq!(script("p", true), EDIT);
}

#[test]
fn the_old_text_stands_in_its_part_once() {
    assert_eq!(unique_line("a b\n\nsame\n\nsame\n"), Some("a b"));
    assert_eq!(unique_line("> end\n\nend"), None, "it also stands in the quotation");
    assert_eq!(unique_line("====\n@answer\n"), None);
    assert_eq!(unique_line(""), None);
    let none = [part("t1", PartContent::Missing { reason: "gone".into() })];
    assert_eq!(
        reply(&Markers::parse("p"), &Terms::default(), &none, true, &[]),
        "none\n"
    );
}

#[test]
fn without_marks_it_is_one_text() {
    let plain = Terms {
        plain: true,
        ..Terms::default()
    };
    for text in [
        script("[demo: no-marks]", false),
        reply(&Markers::parse("p"), &plain, &parts(), false, &report()),
    ] {
        assert!(text.starts_with("Demo: no language model was called."), "{text}");
        assert!(
            text.lines().all(|line| !line.starts_with('@') && line != "<<<<"),
            "{text}"
        );
        assert!(text.contains("| `subtask/t1` |"), "{text}");
    }
}
