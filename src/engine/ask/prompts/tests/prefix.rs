//! What all calls of a kind share stands first and byte for byte the same: providers' prompt caches live on that.

use super::briefs::{self, answers, direct, edit, failed_edits, merge, part, planning, reduction, refused, terms};
use crate::engine::ask::prompts::render_with;
use crate::model::Brief;

/// All messages of a request as one text, as a server reads them.
fn text(brief: &Brief) -> String {
    let messages = render_with(brief, None);
    let texts = messages
        .iter()
        .map(|message| format!("[{}]\n{}\n", message.role.as_str(), message.content));
    texts.collect()
}

/// How much two requests have in common from their beginning.
fn common<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
    &one[..same.map_or(one.len().min(other.len()), |((at, _), _)| at)]
}

/// A brief of the same kind in a run that has nothing in common with ours.
fn of_another_run(brief: &Brief) -> Brief {
    let mut other = brief.clone();
    match &mut other {
        Brief::Plan {
            prompt, instructions, ..
        }
        | Brief::Subtask {
            prompt, instructions, ..
        }
        | Brief::Reduce {
            prompt, instructions, ..
        }
        | Brief::Direct {
            prompt, instructions, ..
        }
        | Brief::Edit {
            prompt, instructions, ..
        }
        | Brief::Review {
            prompt, instructions, ..
        }
        | Brief::Structure {
            prompt, instructions, ..
        }
        | Brief::Synthesis {
            prompt, instructions, ..
        } => {
            *prompt = "Another request.".into();
            *instructions = None;
        }
    }
    other
}

#[test]
fn the_system_message_of_every_kind_is_the_same_in_every_run() {
    for brief in briefs::all() {
        let (ours, theirs) = (text(&brief), text(&of_another_run(&brief)));
        // A conversation stands before the request.
        let shared = common(&ours, &theirs);
        assert!(
            shared.contains("\n[user]\n") && shared.ends_with("<user_request>\n"),
            "{ours}"
        );
    }
}

#[test]
fn two_parts_of_a_run_differ_only_from_their_own_inputs_on() {
    for terms in [terms(), briefs::plain()] {
        let first = text(&part(terms.clone(), "t1", vec![]));
        let second = text(&part(terms.clone(), "t4", answers()));
        let shared = common(&first, &second);
        for part in [
            briefs::REQUEST,
            "Formal tone.",
            "2026-11-26",
            "900 words",
            "Prices are in euros.",
            "the list of prices (t1 decides)",
            "- t4: Compare them\n</plan_outline>\n\n<",
        ] {
            assert!(shared.contains(part), "{part:?} is not in what is shared:\n{shared}");
        }
        assert!(shared.ends_with("</plan_outline>\n\n<"), "{shared}");
        // Without inputs, the criteria are the first thing that differs.
        let third = text(&part(terms, "t4", vec![]));
        assert!(
            common(&first, &third).ends_with("<answer_criteria>\n- criterion of t"),
            "{third}"
        );
    }
}

#[test]
fn a_part_knows_nothing_of_its_own_before_its_inputs() {
    let request = text(&part(terms(), "t4", answers()));
    let own = request.find("<subtask_answer id=").unwrap();
    for mark in ["(yours)", "<your_task id", "criterion of t4", "Work on t4"] {
        assert!(!request[..own].contains(mark), "{mark}");
    }
}

#[test]
fn a_later_attempt_goes_on_where_the_first_one_ended() {
    for (first, later) in [
        (planning(terms(), None), planning(terms(), refused("{}"))),
        (direct(None), direct(Some("The answer"))),
        (edit(terms(), None, None), edit(terms(), None, Some("@edit t1"))),
        (merge(terms(), None), merge(terms(), Some("The answer"))),
    ] {
        let first = text(&first);
        assert_eq!(common(&first, &text(&later)), first);
    }
}

#[test]
fn the_parts_come_before_what_the_repair_of_edits_adds() {
    let first = text(&edit(terms(), failed_edits(), None));
    let mut other = failed_edits().unwrap();
    other.reply = "another script".into();
    let second = text(&edit(terms(), Some(other), None));
    assert!(common(&first, &second).ends_with("<editor_script>\n"));
}

#[test]
fn reductions_share_the_request() {
    let mut other = reduction();
    if let Brief::Reduce { answers, .. } = &mut other {
        answers.remove(0);
    }
    let ours = text(&reduction());
    assert!(common(&ours, &text(&other)).contains("</user_wishes>\n\n<subtask_answer id=\"t"));
}
