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

    #[test]
    fn no_beginning_of_a_plan_is_a_plan_of_fewer_subtasks(
        texts in proptest::collection::vec("[a-z'\\[\\]{}\",\\\\é\n]{1,12}", 2..5),
        rendering in 0usize..6,
    ) {
        let tasks: Vec<_> = texts.iter().map(|text| serde_json::json!({"instructions": format!("x{text}")})).collect();
        let plan = serde_json::json!({"analysis": "why", "tasks": tasks});
        let reply = match rendering {
            0 => plan.to_string(),
            1 => serde_json::to_string_pretty(&plan).unwrap(),
            2 => serde_json::json!({"name": "plan", "arguments": plan.to_string()}).to_string(),
            3 => serde_json::json!({"tool_calls": [{"function": {"arguments": plan}}]}).to_string(),
            4 => serde_json::json!({"tasks": plan["tasks"].to_string()}).to_string(),
            _ => plan.to_string().replace("\"tasks\"", "tasks").replace("}]", "},]"),
        };
        let refused = |error| TestCaseError::fail(format!("{error}: {reply}"));
        let whole = Plan::from_model_reply(&reply, 8).map_err(refused)?;
        prop_assert_eq!(whole.tasks().len(), texts.len());
        for (end, _) in reply.char_indices() {
            prop_assert!(Plan::from_model_reply(&reply[..end], 8).is_err(), "{}", &reply[..end]);
            if let Ok(read) = Plan::from_ended_reply(&reply[..end], 8) {
                prop_assert_eq!(read.tasks(), whole.tasks(), "{}", &reply[..end]);
            }
        }
    }
}
