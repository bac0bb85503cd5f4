//! Scripts as models write them: with and without marks, wrapped, cut off.

use super::*;

const EDIT: &str = "@edit t2\n<<<<\nsecond text, \n====\n>>>>\n";

#[test]
fn a_script_without_marks_is_the_whole_answer() {
    for script in [
        "Just a text.\n\nOf two paragraphs.",
        "```\ncode\n```",
        "```scss\n@include button;\n```\n@media print",
        "a line that ends with @",
    ] {
        let (answer, assembly) = assembled(&parts(), &format!("\n{script}\n"));
        assert_eq!(answer, script);
        assert_eq!((assembly.unmarked, problems(&assembly)), (true, vec![]));
    }
}

#[test]
fn prose_before_the_first_mark_is_dropped() {
    for script in [
        "Here is the script.\n\n@answer\ntext\n@include t1",
        "Here is the script.\n@edit t9\n<<<<\na\n====\nb\n>>>>\nNow the answer.\n@answer\ntext\n@include t1",
        "**@answer**\ntext\n`@include t1`",
        "@answer: text\n@include: t1",
    ] {
        assert_eq!(answer(script), "text\n\n## One\n\nfirst text", "{script}");
    }
}

#[test]
fn without_its_mark_the_answer_begins_after_the_last_edit_before_an_include() {
    assert_eq!(answer("lead\n@include t1\nend"), "lead\n\n## One\n\nfirst text\n\nend");
    let late = "lead\n@include t2\n@edit t2\n<<<<\nsecond text, \n====\n>>>>\nend";
    assert_eq!(
        answer(&format!("dropped\n{EDIT}lead\n@include t2")),
        "lead\n\n## Two\n\nsecond line"
    );
    assert_eq!(answer(late), "lead\n\n## Two\n\nsecond line\n\nend");
    let (answer, assembly) = assembled(&parts(), &format!("dropped\n{EDIT}\nthe answer"));
    assert_eq!(
        (answer.as_str(), problems(&assembly)),
        ("the answer", vec![(ProblemKind::NoIncludes, "")])
    );
}

#[test]
fn a_second_beginning_of_the_answer_is_a_problem_and_loses_nothing() {
    let (answer, assembly) = assembled(&parts(), "@answer\na\n@answer\nb\n@include t1, t2, t3\n");
    assert!(answer.starts_with("a\n\nb\n\n## One"), "{answer}");
    assert_eq!(problems(&assembly), [(ProblemKind::RepeatedAnswer, "")]);
}

#[test]
fn fences_around_the_reply_or_its_edits_are_no_text() {
    let plain = "lead\n\n## Two\n\nsecond line\n\n```sh\nls\n```\n\nend";
    let rest = "@answer\nlead\n@include t2\n```sh\nls\n```\n\nend";
    for script in [
        format!("{EDIT}{rest}"),
        format!("```\n{EDIT}{rest}\n```\n"),
        format!("````markdown\n{EDIT}{rest}\n````"),
        format!("Sure:\n\n```text\n{EDIT}{rest}\n```\n\n"),
        format!("```\n{EDIT}```\n\n{rest}"),
        format!("```\n{EDIT}@answer\n```\n{}", rest.trim_start_matches("@answer\n")),
        format!(
            "{}\n{rest}",
            EDIT.replace("<<<<", "```\n<<<<").replace(">>>>", ">>>>\n```")
        ),
        format!(
            "{}\n{rest}",
            EDIT.replace("<<<<", "\n```diff\n<<<<").replace(">>>>", ">>>>\n\n```")
        ),
        format!(
            "  {}\n{rest}",
            EDIT.replace('\n', "  \n")
                .replace(", ", ",")
                .replace("text,  ", "text, ")
        ),
        format!(
            "{}\n{rest}",
            EDIT.replace("<<<<", "  <<<<<<")
                .replace("====", "===== ")
                .replace(">>>>", ">>>>>>>")
        ),
    ] {
        let (answer, assembly) = assembled(&parts(), &script);
        assert_eq!(answer.replace("second text,line", "second line"), plain, "{script}");
        assert!(assembly.failed_edits().next().is_none(), "{script}");
    }
    let crlf = format!("```\n{EDIT}{rest}\n```\n").replace('\n', "\r\n");
    assert_eq!(answer(&crlf).replace("\r\n", "\n"), plain);
}

#[test]
fn code_at_both_ends_of_a_wrapped_answer_stays() {
    let code = "```sh\nls\n```\n\ntext\n\n```sh\nls\n```";
    assert_eq!(answer(&format!("```\n@answer\n{code}\n```")), code);
    assert_eq!(answer(&format!("@answer\n{code}")), code);
    // What could be the wrapper's end is the beginning of code where text follows.
    let code = "text\n```\nls\n```\nend";
    assert_eq!(answer(&format!("```\n@answer\n{code}\n```")), code);
    // A wrapper that has a first paragraph.
    assert_eq!(
        answer("```markdown\nlead\n@include t1\n```"),
        "lead\n\n## One\n\nfirst text"
    );
}

#[test]
fn a_script_that_was_cut_off_ends_where_it_is_certain() {
    let whole = format!("{EDIT}@answer\nlead\n@include t2\nend");
    for end in 0..=whole.len() {
        let (answer, assembly) = assembled(&parts(), &whole[..end]);
        let lead = whole.find("lead").unwrap();
        if end > lead && assembly.edits.len() == 1 {
            let all = "lead\n\n## Two\n\nsecond line\n\nend";
            let is_cut_id = answer == "lead" && problems(&assembly).len() > 1;
            assert!(all.starts_with(&answer) || is_cut_id, "{answer}");
        }
        assert!(!answer.contains('@') || assembly.unmarked, "{answer}");
    }
    let (_, assembly) = assembled(&parts(), "@edit t1\n<<<<\nfirst\n====\nlast");
    assert_eq!(
        results(&assembly),
        [("subtask/t1".into(), "the reply ended within the edit")]
    );
    let (answer, assembly) = assembled(&parts(), "@answer\ntext\n@inc");
    assert_eq!(answer, "text");
    assert_eq!(
        problems(&assembly),
        [(ProblemKind::UnfinishedMark, ""), (ProblemKind::NoIncludes, "")]
    );
}

#[test]
fn an_edit_that_does_not_end_does_not_swallow_the_answer() {
    for (script, reason) in [
        (
            "@edit t1\n<<<<\nfirst\n====\nlast\n@answer\nlead\n@include t1",
            "no line >>>> ends the edit",
        ),
        (
            "@edit t1\n<<<<\nfirst\n@answer\nlead\n@include t1",
            "no line >>>> ends the edit",
        ),
        (
            "@edit t1\n<<<<\nfirst\n>>>>\n@answer\nlead\n@include t1",
            "no line ==== stands between <<<< and >>>>",
        ),
        (
            "@edit t1\n@answer\nlead\n@include t1",
            "no line <<<< follows the first line of the edit",
        ),
        (
            "@answer\n@edit t1\nlead\n@include t1",
            "no line <<<< follows the first line of the edit",
        ),
    ] {
        let (answer, assembly) = assembled(&parts(), script);
        assert_eq!(answer, "lead\n\n## One\n\nfirst text", "{script}");
        assert_eq!(results(&assembly), [("subtask/t1".into(), reason)], "{script}");
    }
}

#[test]
fn a_reply_without_marks_that_is_wrapped_as_markdown_is_what_it_wraps() {
    assert_eq!(
        answer("```markdown\n# A\n\n```rust\nfn a() {}\n```\n\nB\n```\n"),
        "# A\n\n```rust\nfn a() {}\n```\n\nB"
    );
    // Two blocks are no wrapper.
    for kept in ["```md\n# A\n```\n\nB\n\n```md\n# C\n```", "```rust\nfn a() {}\n```"] {
        assert_eq!(answer(kept), kept);
    }
}

#[test]
fn a_script_in_a_code_block_with_text_before_it_is_read() {
    let marks = format!("{EDIT}@answer\nlead\n\n@include t2\n\n```js\ncode\n```\n");
    for (before, after) in [
        ("Here is the script:\n\n```text\nEdits:\n", "```\n"),
        ("```yaml\nEdits:\n", "```"),
        ("Here it is.\n\n```\nEdits:\n", ""),
    ] {
        let (answer, assembly) = assembled(&parts(), &format!("{before}{marks}{after}"));
        assert_eq!(
            answer, "lead\n\n## Two\n\nsecond line\n\n```js\ncode\n```",
            "{before:?}"
        );
        assert!(!assembly.unmarked);
    }
}

#[test]
fn the_words_of_other_formats_of_edits_are_read() {
    let script = "@edit t1\n<<<<<<< SEARCH\nfirst\n=======\nlast\n>>>>>>> REPLACE\n@answer\n@include t1\n";
    assert!(answer(script).starts_with("## One\n\nlast text"));
}

#[test]
fn includes_that_all_name_no_part_mean_the_parts_in_their_order() {
    let (answer, assembly) = assembled(
        &parts(),
        "@answer\nLead.\n\n@include 1\n\n@include 2\n@include 3\n\nThe end.",
    );
    assert_eq!(
        answer,
        "Lead.\n\n## One\n\nfirst text\n\n## Two\n\nsecond text, second line\n\n## Three\n\nthird text\n\nThe end."
    );
    assert_eq!(
        problems(&assembly),
        [
            (ProblemKind::UnknownInclude, "1"),
            (ProblemKind::UnknownInclude, "2"),
            (ProblemKind::UnknownInclude, "3")
        ]
    );
}
