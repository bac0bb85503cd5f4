//! What markers mean, and what is no marker.

use super::*;

fn trouble(marker: &str, step: &str, attempt: u32) -> Option<Trouble> {
    Markers::parse(marker).trouble_for(step, attempt)
}

#[test]
fn a_marker_names_a_step_and_the_attempts_it_spoils() {
    assert_eq!(trouble("[demo: fail t2 2x]", "subtask/t2", 2), Some(Trouble::Fail));
    assert_eq!(trouble("[demo: fail t2 2x]", "subtask/t2", 3), None);
    assert_eq!(trouble("[demo: fail t2 2x]", "subtask/t1", 1), None);
    assert_eq!(trouble("[demo: fail t2]", "subtask/t2", 99), Some(Trouble::Fail));
    assert_eq!(trouble("[demo: fail subtask/t2]", "subtask/t2", 1), Some(Trouble::Fail));
    assert_eq!(trouble("[demo: hang t3]", "subtask/t3", 7), Some(Trouble::Hang));
    assert_eq!(trouble("[demo: hang t3 1x]", "subtask/t3", 2), None);
    assert_eq!(trouble("[demo: invalid-plan 1x]", "plan", 1), Some(Trouble::Invalid));
    assert_eq!(trouble("[demo: invalid-plan 1x]", "plan", 2), None);
    assert_eq!(
        trouble("[demo: rate-limit t1 3s]", "subtask/t1", 1),
        Some(Trouble::RateLimit { retry_after_ms: 3_000 })
    );
    assert_eq!(trouble("[demo: rate-limit t1 3s]", "subtask/t1", 2), None);
    assert_eq!(
        trouble("[demo: rate-limit t1 250ms 2x]", "subtask/t1", 2),
        Some(Trouble::RateLimit { retry_after_ms: 250 })
    );
    assert_eq!(
        trouble("[demo: truncate synthesis]", "synthesis", 9),
        Some(Trouble::Truncate { parts: 1 })
    );
    assert_eq!(trouble("[demo: truncate t1 1x]", "subtask/t1", 2), None);
    assert_eq!(trouble("[demo: fail reduce/1 1x]", "reduce/1", 1), Some(Trouble::Fail));
    assert_eq!(trouble("[demo: fail plan]", "plan", 1), Some(Trouble::Fail));
    assert_eq!(trouble("[DEMO:FAIL  T2]", "subtask/t2", 1), Some(Trouble::Fail));
    assert_eq!(trouble("[demo: fail Intro]", "subtask/Intro", 1), Some(Trouble::Fail));
}

#[test]
fn the_editor_writes_the_answer_so_it_suffers_what_the_synthesis_would() {
    let cut = Some(Trouble::Truncate { parts: 1 });
    assert_eq!(trouble("[demo: truncate synthesis]", "edit/1", 3), cut);
    assert_eq!(trouble("[demo: truncate edit]", "edit/1", 3), cut);
    assert_eq!(trouble("[demo: fail synthesis]", "edit/1", 1), Some(Trouble::Fail));
    assert_eq!(trouble("[demo: fail edit/1 1x]", "edit/1", 1), Some(Trouble::Fail));
    assert_eq!(trouble("[demo: fail edit]", "synthesis", 1), None);
    assert_eq!(trouble("[demo: fail synthesis]", "edit/2", 1), None);
    assert_eq!(trouble("[demo: fail edit/2]", "edit/2", 1), Some(Trouble::Fail));
}

#[test]
fn a_prompt_may_ask_for_a_direct_answer_a_failing_edit_and_a_reply_without_marks() {
    let wishes = |prompt: &str| {
        let markers = Markers::parse(prompt);
        let unknown = markers.unknown.len();
        (markers.direct, markers.failing_edits, markers.no_marks, unknown)
    };
    assert_eq!(wishes("Go"), (false, 0, false, 0));
    assert_eq!(wishes("Go [demo: direct]"), (true, 0, false, 0));
    assert_eq!(wishes("[demo: failing-edit] Go"), (false, 1, false, 0));
    assert_eq!(wishes("[demo: failing-edit 2x] Go"), (false, 2, false, 0));
    assert_eq!(wishes("Go [Demo: no-marks]"), (false, 0, true, 0));
    let wrong = "[demo: direct now] [demo: failing-edit t1] [demo: no-marks 2x] [demo: failing-edit 2s]";
    assert_eq!(wishes(wrong), (false, 0, false, 4));
}

#[test]
fn a_failure_comes_before_a_cut() {
    let markers = Markers::parse("[demo: truncate synthesis] [demo: fail synthesis 1x]");
    assert_eq!(markers.trouble_for("synthesis", 1), Some(Trouble::Fail));
    assert_eq!(
        markers.trouble_for("synthesis", 2),
        Some(Trouble::Truncate { parts: 1 })
    );
}

#[test]
fn markers_leave_the_text_and_unknown_ones_are_kept_apart() {
    let markers = Markers::parse(
        "Plan [x] a trip. [demo: fail t2]\n[demo: explode t1] [demo: fail t1 twice] [demo:] \
        [demo: hang t1 3s][Demo: hang t9]Go",
    );
    assert_eq!(markers.text, "Plan [x] a trip. \n   Go");
    assert_eq!(
        markers.unknown,
        [
            "[demo: explode t1]",
            "[demo: fail t1 twice]",
            "[demo:]",
            "[demo: hang t1 3s]"
        ]
    );
    assert_eq!(
        markers.pointless(|id| id == "t2").collect::<Vec<_>>(),
        ["[Demo: hang t9]"]
    );
}

#[test]
fn what_is_not_closed_on_its_line_or_too_long_is_text() {
    for text in [
        "[demo: fail t2",
        "[demo: fail\nt2]",
        "[demo",
        "[",
        "[demos: fail t2]",
        "[demo é: x]",
    ] {
        let markers = Markers::parse(text);
        assert_eq!(
            (markers.text.as_str(), markers.known.len(), markers.unknown.len()),
            (text, 0, 0)
        );
    }
    let long = format!("[demo: fail {}]", "é".repeat(100));
    assert_eq!(Markers::parse(&long).text, long);
}

#[test]
fn hostile_prompts_cost_linear_time_and_bounded_memory() {
    for text in [
        "[".repeat(200_000),
        "[demo:".repeat(40_000),
        "[demo: x]".repeat(40_000),
        "[demo: fail t1 99999999999999999999x]".into(),
    ] {
        let markers = Markers::parse(&text);
        assert!(markers.known.len() + markers.unknown.len() <= MARKERS_MAX);
    }
}
