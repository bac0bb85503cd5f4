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
        "**none**",
        "\"none\"\n\nThe answer is right.",
        " `none` \n",
        "None. The answer is right.",
        "**None**. All good.",
        "None — the answer is fine",
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
        "## Wait\n\nIt retries every 30 s.",
        "nonetheless",
        "none, but the port should be 9090",
        "**none**, except for the port",
    ] {
        assert!(reviewed(OLD, reply, WHOLE).is_none(), "{reply}");
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
    let (found, text) = reviewed(OLD, "@answer\nIt retries.", terms).unwrap();
    assert_eq!((text.as_str(), found.refused), ("It retries.", None));
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
            .contains("less than half of the 12 that are allowed")
    );
    assert_eq!((text.as_str(), found.edits.len()), (OLD, 0));
    let few = ReviewTerms {
        limit: Some(5),
        ..short
    };
    let (found, text) = reviewed(OLD, &replaced("It retries."), few).unwrap();
    assert_eq!((text.as_str(), found.refused), ("It retries.", None));
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
    lines.iter().find(|line| !line.is_empty()) == Some(&"none")
}
