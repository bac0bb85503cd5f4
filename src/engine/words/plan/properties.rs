//! What holds for every reply. Native only: proptest's random numbers need a host.

use proptest::prelude::*;

use super::*;

const PLAN_JSON: [&str; 34] = [
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
    "\"mode\":",
    "\"direct\"",
    "{\"mode\":\"direct\",",
    "\"mode\":\"split\",",
    "\"analysis\":\"x",
    "\"shared\":",
    "\"borders\":",
    "\"owner\":\"t1\"",
    "\"criteria\":[\"a\"]",
    "\"criteria\":[1],",
    "\"length\":800,",
    "\"form\":\"assemble\",",
];

/// A JSON value of a few levels.
fn values() -> impl Strategy<Value = serde_json::Value> {
    let plain = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-3i64..60).prop_map(Into::into),
        "[a-z0-9 ,.:#\n-]{0,12}".prop_map(Into::into),
        prop::sample::select(&["t1", "t2", "editor", "c1", "big", "800 words", "merge"][..]).prop_map(Into::into),
    ];
    plain.prop_recursive(3, 20, 4, |inner| {
        let name = prop::sample::select(&["what", "owner", "text", "words", "id", "x"][..]).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::btree_map(name, inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// The texts and numbers of a value.
fn leaves(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        serde_json::Value::Object(members) => members.values().for_each(|member| leaves(member, found)),
        serde_json::Value::String(text) => found.extend(text.split_whitespace().map(str::to_owned)),
        serde_json::Value::Null => {}
        plain => found.push(plain.to_string()),
    }
}

fn pieces_of(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(prop::sample::select(pieces), 0..40)
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in ".{0,400}") {
        let _ = (Plan::from_model_reply(&text, 8), direct_so_far(&text));
    }

    #[test]
    fn shuffled_pieces_of_plans_never_panic_and_give_only_valid_plans(pieces in pieces_of(&PLAN_JSON)) {
        let reply = pieces.concat();
        if let Ok(plan) = Plan::from_model_reply(&reply, 8) {
            let stored = serde_json::to_string(&plan).unwrap();
            prop_assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
        }
        // What a stream is stopped for is what the reader takes it for, and more text changes neither.
        let mut is_direct = false;
        let mut text = String::new();
        for piece in pieces {
            text.push_str(piece);
            if direct_so_far(&text).is_some() {
                is_direct = true;
                prop_assert!(Plan::from_model_reply(&text, 8).is_ok_and(|plan| plan.is_direct()), "{}", text);
                prop_assert!(Plan::from_ended_reply(&text, 8).is_ok_and(|plan| plan.is_direct()), "{}", text);
            }
            // Reasoning that ends later is the exception, since what it weighed is no choice.
            if piece != "</think>" {
                prop_assert_eq!(direct_so_far(&text).is_some(), is_direct, "{}", text);
            } else {
                is_direct = direct_so_far(&text).is_some();
            }
        }
    }

    #[test]
    fn whatever_stands_in_the_fields_of_a_contract_is_read_or_refused(
        name in prop::sample::select(&["shared", "borders", "criteria", "length", "form", "mode"][..]),
        value in values(),
        own in values(),
        of_task in prop::sample::select(&["criteria", "words", "model", "depends_on"][..]),
    ) {
        let mut reply = serde_json::json!({"tasks": [{"id": "t1", "instructions": "a"}, {"instructions": "b"}]});
        reply[name] = value.clone();
        reply["tasks"][1][of_task] = own;
        if let Ok(plan) = Plan::from_model_reply(&reply.to_string(), 8) {
            let stored = serde_json::to_string(&plan).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Plan>(&stored).unwrap(), &plan);
            // Nothing of it is lost.
            let mut expected = Vec::new();
            leaves(&value, &mut expected);
            if name == "shared" && !plan.is_direct() {
                for text in expected {
                    prop_assert!(plan.shared().contains(&text), "{} lacks {}", plan.shared(), text);
                }
            }
        }
    }

    #[test]
    fn every_beginning_of_a_direct_reply_that_says_so_is_direct(
        why in "[a-z'\\[\\]{}\",\\\\é\n]{0,20}",
        before in prop::sample::select(&["", "```json\n", "Well:\n", "<think>{\"tasks\": [\"x\"]}</think>"][..]),
        is_strict in any::<bool>(),
    ) {
        let mut plan = format!("{before}{{\"mode\": \"direct\", \"analysis\": {}", serde_json::json!(why));
        plan.push_str(if is_strict { ", \"form\": \"merge\", \"length\": 0, \"tasks\": []}" } else { "}" });
        let said = before.len() + "{\"mode\": \"direct\"".len();
        for end in (said..=plan.len()).filter(|end| plan.is_char_boundary(*end)) {
            let stopped = &plan[..end];
            let known = direct_so_far(stopped);
            prop_assert_eq!(known.map(|known| known.is_closed), Some(end == plan.len()), "{}", stopped);
            let read = Plan::from_model_reply(stopped, 8).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert!(read.is_direct() && why.trim_start().starts_with(read.analysis()), "{}", stopped);
        }
        prop_assert_eq!(Plan::from_model_reply(&plan, 8), Ok(Plan::direct(why)));
    }

    #[test]
    fn a_plan_survives_its_own_json(
        texts in proptest::collection::vec("\\PC{1,60}", 1..8),
        edges in proptest::collection::vec((0usize..8, 0usize..8), 0..12),
        shared in "\\PC{0,40}",
        criteria in proptest::collection::vec("\\PC{1,20}", 0..5),
        borders in proptest::collection::vec(("\\PC{1,20}", proptest::option::of(0usize..3)), 0..4),
        (length, is_assembled, is_big) in (proptest::option::of(20u32..5_000), any::<bool>(), any::<bool>()),
    ) {
        let drafts = texts.iter().enumerate().map(|(n, text)| TaskDraft {
            // The first of two equal criteria is the one that a model means by its text, so here they are numbers.
            criteria: (1..=criteria.len() as u32).filter(|number| (*number as usize + n).is_multiple_of(2)).collect(),
            words: length.filter(|_| n.is_multiple_of(2)),
            model: if is_big { TaskModel::Big } else { TaskModel::Small },
            id: Some(format!("t{n}")),
            depends_on: edges
                .iter()
                .filter(|(from, to)| *from == n && *to < n)
                .map(|(_, to)| format!("t{to}"))
                .collect(),
            ..TaskDraft::new(format!("x{text}"))
        });
        let owner = |owner: usize| match owner {
            0 => "editor".to_owned(),
            n => format!("t{}", n.min(texts.len()) - 1),
        };
        let draft = PlanDraft {
            analysis: "why".to_owned(),
            form: if is_assembled { Form::Assemble } else { Form::Merge },
            length,
            shared,
            borders: borders
                .into_iter()
                .map(|(what, number)| Border { what: format!("x{what}"), owner: number.map(owner) })
                .collect(),
            criteria: criteria.iter().map(|text| format!("x{text}")).collect(),
            tasks: drafts.collect(),
            ..PlanDraft::default()
        };
        let plan = Plan::from_draft(draft, 8).unwrap();
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
