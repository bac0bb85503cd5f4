//! What the demo's reviewer writes: an edit of the answer that says of itself that it is one.

use super::NOTICE;
use super::editor::unique_line;
use super::markers::Markers;

/// What the edit adds to a line of the answer.
const ADDED: &str = " (The demo's reviewer added these words.)";
/// What makes the old text one that the answer does not have.
const ABSENT: &str = " (The answer does not have these words.)";

/// `spoilt`: the reply is one that nobody can use.
pub(super) fn reply(markers: &Markers, answer: &str, spoilt: bool) -> String {
    if spoilt {
        return format!("{NOTICE} A model would have corrected the answer here; the demo was asked for a remark.");
    }
    let Some(line) = unique_line(answer) else {
        return "none\n".to_owned();
    };
    let absent = if markers.failing_review { ABSENT } else { "" };
    format!("@edit\n<<<<\n{line}{absent}\n====\n{line}{ADDED}\n>>>>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "## Title\n\nA line that stands once.\n\n- a list\n";

    #[test]
    fn the_review_is_an_edit_of_a_line_of_the_answer() {
        let reply = |prompt: &str| reply(&Markers::parse(prompt), ANSWER, false);
        assert_eq!(
            reply(""),
            format!("@edit\n<<<<\nA line that stands once.\n====\nA line that stands once.{ADDED}\n>>>>\n")
        );
        assert!(reply("[demo: failing-review]").contains(ABSENT));
    }

    #[test]
    fn a_spoilt_review_has_no_mark_and_an_answer_without_prose_none_to_edit() {
        let markers = Markers::parse("");
        assert!(!reply(&markers, ANSWER, true).contains('@'));
        assert_eq!(reply(&markers, "- a\n- a\n", false), "none\n");
        assert_eq!(reply(&markers, "- a\n\n```sh\nnpm start\n```\n", false), "none\n");
    }
}
