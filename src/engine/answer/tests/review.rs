//! The reviewer's reply against the answer that it is about.

use super::super::{ReviewTerms, Reviewed, Source, join, review};
use crate::engine::words::answer::{EditState, Segment};
use crate::engine::words::step_name::StepName;
use proptest::prelude::*;

const OLD: &str = "## Wait\n\nIt retries every 5 s.\n\nIt gives up after an hour.\n\nNote: this line is the reader's.";
const WHOLE: ReviewTerms = ReviewTerms {
    is_whole: true,
    limit: None,
};

fn source(step: StepName, text: &str) -> Source {
    Source {
        step,
        run: 1,
        number: 1,
        id: String::new(),
        text: text.into(),
    }
}

fn reviewed(old: &str, reply: &str, terms: ReviewTerms) -> Option<(Reviewed, String)> {
    let reviewed = review(
        source(StepName::Synthesis, old),
        &source(StepName::Review(1), reply),
        terms,
    )
    .ok()?;
    let text = join(&reviewed.segments, |step, _, _| match step {
        StepName::Synthesis => Some(old),
        _ => Some(reply),
    });
    Some((reviewed, text))
}

#[test]
fn edits_need_no_id_and_what_stands_around_them_is_no_answer() {
    let reply = "Here are my corrections:\n\n@edit\n<<<<\nevery 5 s\n====\nevery 30 s\n>>>>\n\n@insert answer\n<<<<\n\
                 It gives up after an hour.\n====\nThen it tells you.\n>>>>\n\nI corrected two things.";
    let (found, text) = reviewed(OLD, reply, WHOLE).unwrap();
    assert_eq!(
        text,
        "## Wait\n\nIt retries every 30 s.\n\nIt gives up after an hour.\n\nThen it tells you.\n\nNote: this line is \
         the reader's."
    );
    assert!(found.edits.iter().all(|edit| edit.state == EditState::Applied));
    assert_eq!((found.edits.len(), found.refused), (2, None));
}

#[test]
fn sections_of_the_answer_have_numbers() {
    let old = "Lead.\n\n## One\n\nA.\n\n## Two\n\nB.";
    for mark in ["@section 2", "@section answer.2"] {
        let (_, text) = reviewed(old, &format!("{mark}\n<<<<\n## Two\n\nC.\n>>>>\n"), WHOLE).unwrap();
        assert_eq!(text, "Lead.\n\n## One\n\nA.\n\n## Two\n\nC.");
    }
}

#[test]
fn an_edit_that_does_not_apply_is_named_and_changes_nothing() {
    let (found, text) = reviewed(OLD, "@edit\n<<<<\nevery 9 s\n====\nevery 30 s\n>>>>\n", WHOLE).unwrap();
    assert_eq!(text, OLD);
    let reasons: Vec<_> = found.edits.iter().filter_map(|edit| edit.reason.as_deref()).collect();
    assert_eq!(reasons, ["the old text is not in the answer: copy it exactly"]);
    assert_eq!(found.edits[0].step, StepName::Synthesis);
}

#[test]
fn none_leaves_the_answer_as_it_is() {
    for reply in [
        "none",
        "None.",
        "NONE",
        "**none**",
        "***None.***",
        "\"none\"",
        "“none”。",
        " `none` \n",
        "none,",
        "none:",
        "- none",
        "\u{a0}none\t",
        "```\nnone\n```",
        "None needed.",
        "No corrections.",
        "**No corrections needed.**",
        "Corrections: none",
        "No corrections: none",
        "No corrections\n\nnone",
        "No corrections are needed.",
        "No changes required",
        "No edits needed.",
        "none, none",
    ] {
        let (found, text) = reviewed(OLD, reply, WHOLE).unwrap();
        assert_eq!((text.as_str(), found.edits.len()), (OLD, 0), "{reply}");
        assert_eq!(found.segments.len(), 1);
    }
}

#[test]
fn a_remark_is_not_a_review() {
    for reply in [
        "A fine answer.",
        "None of the figures is right.",
        "**None** of the figures is right.",
        "non",
        "",
        "## Wait\n\nIt retries every 30 s.",
        "nonetheless",
        "none9090",
        "nonè",
        "none needed but",
        "Corrections needed",
        "needed",
        "None. The port is 9090.",
        "No corrections: none needed, but the port",
    ] {
        assert!(reviewed(OLD, reply, WHOLE).is_none(), "{reply}");
    }
    // Whatever marks stand between, in any script: words behind it may be a correction.
    for word in [
        "none",
        "**none**",
        "\"none\"",
        "“none”",
        "'None'",
        "No corrections",
        "none needed",
    ] {
        for between in [
            " ", ", ", " - ", "; ", ": ", " (", ". ", ".\n\n", "\n", "\t", "\u{a0}", " – ", " — ", " ...", "…", "/",
            "|", "`", "，", "、", "。", "；", "：", "（", "؛ ", "\u{200b}", " 👍 ", "\r\n- ", "_", "=",
        ] {
            for rest in [
                "but the port should be 9090",
                "但是端口",
                "except",
                "9090",
                "но",
                "The port must be 9090.",
            ] {
                let reply = format!("{word}{between}{rest}");
                assert!(reviewed(OLD, &reply, WHOLE).is_none(), "{reply:?}");
            }
        }
    }
}

#[test]
fn a_short_answer_may_be_written_anew() {
    let new = "## Wait\n\nIt retries every 30 s and gives up after an hour.";
    let (found, text) = reviewed(OLD, &format!("@answer\n{new}\n"), WHOLE).unwrap();
    assert_eq!((text.as_str(), found.refused, found.edits.len()), (new, None, 0));
    // Edits beside it are of the text that is gone.
    let both = format!("@edit\n<<<<\nevery 5 s\n====\nevery 30 s\n>>>>\n@answer\n{new}");
    let (found, text) = reviewed(OLD, &both, WHOLE).unwrap();
    assert_eq!((text.as_str(), found.edits.len()), (new, 0));
    // The answer can be included in what is written around it.
    let around = "@edit\n<<<<\nevery 5 s\n====\nevery 30 s\n>>>>\n@answer\nFirst.\n\n@include answer\n";
    let (found, text) = reviewed(OLD, around, WHOLE).unwrap();
    assert_eq!(
        (text, found.edits.len()),
        (format!("First.\n\n{}", OLD.replace("5 s", "30 s")), 1)
    );
}

#[test]
fn a_text_written_anew_is_refused_where_it_may_lose_something() {
    let long = format!("{}\n", "word ".repeat(1_001));
    let cases = [
        (OLD, "@answer\nIt retries.".to_owned(), WHOLE, "less than half"),
        (
            OLD,
            format!("@answer\n{OLD}"),
            ReviewTerms {
                is_whole: false,
                limit: None,
            },
            "broke off",
        ),
        (
            &long,
            format!("@answer\n{long}"),
            WHOLE,
            "where only edits were asked for",
        ),
    ];
    for (old, reply, terms, why) in cases {
        let (found, text) = reviewed(old, &reply, terms).unwrap();
        assert_eq!(text, old);
        assert!(found.refused.as_ref().unwrap().contains(why), "{found:?}");
    }
    // An answer over its limit is to be shortened.
    let terms = ReviewTerms {
        is_whole: true,
        limit: Some(5),
    };
    let (found, text) = reviewed(OLD, "@answer\nIt retries every minute.", terms).unwrap();
    assert_eq!((text.as_str(), found.refused), ("It retries every minute.", None));
}

#[test]
fn edits_that_leave_little_of_the_answer_or_swell_it_are_refused_as_a_text_written_anew_is() {
    let short = ReviewTerms {
        is_whole: true,
        limit: Some(20),
    };
    let replaced = |new: &str| format!("@edit\n<<<<\n{OLD}\n====\n{new}\n>>>>\n");
    let swollen = "word ".repeat(31);
    for (reply, terms, why) in [
        (replaced(""), WHOLE, "leaves nothing"),
        (replaced("I can't help with that."), WHOLE, "less than half"),
        (replaced(&swollen), short, "about 31 words of 18, and 20 are allowed"),
        (
            format!("@answer\n{swollen}"),
            short,
            "about 31 words of 18, and 20 are allowed",
        ),
    ] {
        let (found, text) = reviewed(OLD, &reply, terms).unwrap();
        assert_eq!((text.as_str(), found.edits.len()), (OLD, 0), "{reply}");
        assert!(found.refused.as_ref().unwrap().contains(why), "{found:?}");
    }
    // A few words more are worth a correction, and what is too long may be cut down.
    let (found, _) = reviewed(OLD, &replaced(&"word ".repeat(30)), short).unwrap();
    assert_eq!(found.refused, None);
    let half = ReviewTerms {
        limit: Some(12),
        ..short
    };
    let (found, text) = reviewed(OLD, &replaced("Gone."), half).unwrap();
    assert!(
        found
            .refused
            .unwrap()
            .contains("leaves 1 words, less than half of the 12 that the limit leaves")
    );
    assert_eq!((text.as_str(), found.edits.len()), (OLD, 0));
    let few = ReviewTerms {
        limit: Some(5),
        ..short
    };
    let (found, text) = reviewed(OLD, &replaced("It retries every minute."), few).unwrap();
    assert_eq!((text.as_str(), found.refused), ("It retries every minute.", None));
}

/// What is not counted in words is counted in characters, so that nothing goes or comes unnoticed.
#[test]
fn a_review_neither_deletes_nor_swells_whatever_an_answer_is_made_of() {
    let words = |count: usize| "word ".repeat(count);
    let code = |chars: usize| format!("```sh\n{}\n```\n", "x".repeat(chars));
    let table = |rows: usize| format!("| a | b |\n|---|---|\n{}", "| 1 | 2 |\n".repeat(rows));
    let mixed = format!("{}\n\n{}\n{}", words(60), code(9_000), table(100));
    for (what, old, new, limit, why) in [
        (
            "code",
            format!("{}\n\n{}", words(60), code(9_000)),
            words(35),
            Some(50),
            "0 bytes of code and tables",
        ),
        (
            "code, where nothing is too long",
            format!("{}\n\n{}", words(60), code(200)),
            words(60),
            None,
            "0 bytes of",
        ),
        (
            "a table",
            format!("{}\n\n{}", words(60), table(50)),
            words(35),
            Some(50),
            "bytes of code and tables",
        ),
        (
            "one word too many",
            "longer ".repeat(51),
            "a ".repeat(25),
            Some(50),
            "25 bytes, less than half of the 300 that the limit",
        ),
        (
            "words behind a fence",
            words(60),
            format!("```\n{}\n", words(60)),
            None,
            "0 words, less than half of the 60 of",
        ),
        (
            "words in a table",
            words(60),
            format!("| {} |", words(60)),
            Some(50),
            "0 words, less than half of the 50 that",
        ),
        (
            "short words",
            "longer ".repeat(30),
            "a ".repeat(30),
            None,
            "30 bytes, less than half",
        ),
        (
            "more code",
            words(40),
            format!("{}\n\n{}", words(40), code(140_000)),
            Some(50),
            "are taken",
        ),
        (
            "a larger table",
            words(40),
            format!("{}\n\n{}", words(40), table(20_000)),
            Some(50),
            "are taken",
        ),
        (
            "a long word",
            words(40),
            format!("{}{}", words(40), "x".repeat(300_000)),
            Some(50),
            "are taken",
        ),
        (
            "an open fence",
            words(23),
            format!("{}\n```\n{}", words(23), words(3_000)),
            Some(50),
            "are taken",
        ),
        (
            "no limit",
            "It retries for 5 s".to_owned(),
            "word ".repeat(100_000),
            None,
            "bytes of 14, and at most 2021",
        ),
    ] {
        let old = old.trim_end();
        for reply in [
            format!("@answer\n{new}"),
            format!("@edit\n<<<<<<<<\n{old}\n====\n{new}\n>>>>\n"),
        ] {
            let terms = ReviewTerms { is_whole: true, limit };
            let (found, text) = reviewed(old, &reply, terms).unwrap();
            assert_eq!(text, old, "{what}");
            assert!(found.edits.is_empty(), "{what}: {:?}", found.edits);
            assert!(
                found.refused.as_ref().unwrap().contains(why),
                "{what}: {:?}",
                found.refused
            );
        }
    }
    // A remark is no answer, whatever it is put behind.
    let program = concat!(
        "```python\ndef median(xs):\n    s = sorted(xs)\n    n = len(s)\n",
        "    return (s[n // 2] + s[~(n // 2)]) / 2\n```"
    );
    for (old, new) in [
        (
            program,
            "The answer is correct and complete as it stands. It handles lists of even and of odd length alike.",
        ),
        (
            "```sh\nkubectl scale deploy/web --replicas=3\nkubectl get pods\n```",
            "Fixed, as the request asks.",
        ),
        ("```sh\nkubectl scale deploy/web --replicas=3\n```", "```sh\n```"),
        ("Use port 9090 for the server.", "Correct."),
    ] {
        let (found, text) = reviewed(old, &format!("@answer\n{new}"), WHOLE).unwrap();
        assert_eq!((text.trim(), found.refused.is_some()), (old, true), "{old}");
    }
    let (found, text) = reviewed(program, "@answer\nNo corrections are needed.", WHOLE).unwrap();
    assert_eq!((text.trim(), found.refused), (program, None));
    // What stands elsewhere, or was never much, is no loss.
    for (old, new) in [
        (
            format!("{}\n\n```\nnpm i\n```", words(60)),
            format!("{} `npm i`", words(60)),
        ),
        (format!("{}\n\n```sh\nrm -rf /\n```", words(60)), words(60)),
        (
            format!("{}\n\n```\n{}\n", words(60), words(400)),
            format!("{}\n\n```\nx\n```\n{}", words(60), words(400)),
        ),
        (format!("```markdown\n{}\n```", words(100)), words(100)),
        (
            format!("| a |\n|---|\n| {}b |\n\n{}", " ".repeat(500), words(60)),
            format!("| a |\n|---|\n| b |\n\n{}", words(60)),
        ),
        (
            "The answer is 42, because six times nine is forty-two.".to_owned(),
            "The answer is 54.".to_owned(),
        ),
    ] {
        let (found, text) = reviewed(&old, &format!("@answer\n{new}"), WHOLE).unwrap();
        assert_eq!((text.trim(), found.refused), (new.trim(), None), "{old}");
    }
    // What is worth it is taken: a correction longer than a short answer, half of the code, prose cut to its limit.
    for (old, new, limit) in [
        (words(10), words(300), None),
        (
            mixed.clone(),
            format!("{}\n\n{}\n{}", words(45), code(5_000), table(60)),
            Some(50),
        ),
        (
            mixed,
            format!("{}\n\n{}\n{}", words(85), code(13_000), table(150)),
            None,
        ),
        (words(1_000), words(300), Some(500)),
    ] {
        let reply = format!("@answer\n{new}");
        let (found, text) = reviewed(&old, &reply, ReviewTerms { is_whole: true, limit }).unwrap();
        assert_eq!((text.trim(), found.refused), (new.trim(), None));
    }
}

#[test]
fn edits_that_ended_before_the_reply_broke_off_are_made() {
    let reply = "@edit\n<<<<\nevery 5 s\n====\nevery 30 s\n>>>>\n@edit\n<<<<\nan hour\n====\na d";
    let terms = ReviewTerms {
        is_whole: false,
        limit: None,
    };
    let (found, text) = reviewed(OLD, reply, terms).unwrap();
    assert_eq!(text, OLD.replace("5 s", "30 s"));
    let states: Vec<_> = found.edits.iter().map(|edit| edit.state).collect();
    assert_eq!(states, [EditState::Applied, EditState::Failed]);
}

proptest! {
    /// Whatever the reviewer writes: the answer stays unless a mark says otherwise, and its segments are slices of the
    /// two texts.
    #[test]
    fn the_answer_is_never_lost(
        lines in prop::collection::vec(prop_oneof![
            Just("@edit"), Just("@insert"), Just("@section 1"), Just("@answer"), Just("@include answer"), Just("<<<<"),
            Just("===="), Just(">>>>"), Just("It retries every 5 s."), Just("## Wait"), Just("none"), Just("```"),
            Just(""), Just("A word.")
        ], 0..14),
        crlf in any::<bool>(),
        is_whole in any::<bool>(),
    ) {
        let reply = lines.join(if crlf { "\r\n" } else { "\n" });
        let found = reviewed(OLD, &reply, ReviewTerms { is_whole, limit: None });
        let marked = lines.iter().any(|line| line.starts_with('@'));
        let Some((found, text)) = found else {
            prop_assert!(!text_says_none(&lines));
            return Ok(());
        };
        if !marked {
            prop_assert!(text_says_none(&lines));
            prop_assert_eq!(&text, OLD);
        }
        let applied = found.edits.iter().any(|edit| edit.state == EditState::Applied);
        if !lines.contains(&"@answer") && !lines.contains(&"@include answer") && !applied {
            prop_assert_eq!(&text, OLD);
        }
        if !is_whole && !applied {
            prop_assert!(text == OLD || lines.contains(&"@include answer"), "{}", text);
        }
        for segment in &found.segments {
            if let Segment::Slice { step, from, to, .. } = segment {
                let whole = if *step == StepName::Synthesis { OLD } else { &reply };
                prop_assert!(from <= to && *to <= whole.chars().count());
            }
        }
    }
}

fn text_says_none(lines: &[&str]) -> bool {
    let mut words = lines.iter().filter(|line| line.contains(char::is_alphabetic));
    words.next() == Some(&"none") && words.all(|line| *line == "none")
}
