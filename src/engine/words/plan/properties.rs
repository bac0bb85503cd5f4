//! What holds for every reply. Native only: proptest's random numbers need a host.

use proptest::prelude::*;

use super::*;

const PLAN_JSON: [&str; 22] = [
    "{",
    "}",
    "[",
    "]",
    "\"tasks\"",
    ":",
    ",",
    "\"a\"",
    "\"",
    "\\",
    "1",
    "null",
    "é",
    "\n",
    "\"instructions\":\"x\"",
    "\"id\":\"t1\"",
    "\"depends_on\":[\"t1\"]",
    "{\"tasks\":[",
    "]}",
    "```json",
    "<think>",
    "</think>",
];

fn pieces_of(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(prop::sample::select(pieces), 0..40)
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in ".{0,400}") {
        let _ = Plan::from_model_reply(&text, 8);
    }

    #[test]
    fn shuffled_pieces_of_plans_never_panic_and_give_only_valid_plans(pieces in pieces_of(&PLAN_JSON)) {
        if let Ok(plan) = Plan::from_model_reply(&pieces.concat(), 8) {
            let stored = serde_json::to_string(&plan).unwrap();
            prop_assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
        }
    }

    #[test]
    fn a_plan_survives_its_own_json(
        texts in proptest::collection::vec("\\PC{1,60}", 1..8),
        edges in proptest::collection::vec((0usize..8, 0usize..8), 0..12),
    ) {
        let drafts = texts.iter().enumerate().map(|(n, text)| TaskDraft {
            id: Some(format!("t{n}")),
            depends_on: edges
                .iter()
                .filter(|(from, to)| *from == n && *to < n)
                .map(|(_, to)| format!("t{to}"))
                .collect(),
            ..TaskDraft::new(format!("x{text}"))
        });
        let plan = Plan::from_client("why", drafts.collect(), 8).unwrap();
        let reply = format!("Sure:\n```json\n{}\n```", serde_json::to_string_pretty(&plan).unwrap());
        prop_assert_eq!(Plan::from_model_reply(&reply, 8).unwrap(), plan);
    }
}
