//! Plans of prompts of many shapes, and their contracts.

use super::*;
use serde_json::{Value, json};

const SPLIT: PlanTerms = PlanTerms {
    may_be_direct: true,
    is_small: false,
    part_words: 0,
    editor_words: 0,
    part_model: String::new(),
    editor_model: String::new(),
};

fn planned(markers: &Markers) -> String {
    let (terms, plan) = (Terms::default(), SPLIT);
    let told = Told {
        terms: &terms,
        plan: &plan,
        max_subtasks: 8,
    };
    reply(markers, &told, false)
}

fn plan_of(prompt: &str) -> Value {
    serde_json::from_str(&planned(&Markers::parse(prompt))).unwrap()
}

/// The dependencies of each subtask as "1,2".
fn graph(text: &str, limit: usize) -> Vec<String> {
    let list = |draft: &Draft| {
        draft
            .depends_on
            .iter()
            .map(|n| (n + 1).to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    drafts(text, limit).1.iter().map(list).collect()
}

#[test]
fn different_prompts_give_different_graphs() {
    for (text, expected) in [
        ("- alpha\n- beta\n- gamma\n- delta", vec!["", "", "", ""]),
        ("- alpha\n- beta\n- gamma\n- Compare them", vec!["", "", "", "1,2,3"]),
        ("Explain tides, draw a chart, then write a quiz", vec!["", "", "2"]),
        (
            "Research A. Then draft B. Then review C. Finally publish D.",
            vec!["", "1", "2", "2"],
        ),
        (
            "Research A. Draft B based on it. Write C. Summarise all.",
            vec!["", "1", "", "2,3"],
        ),
        ("Compare Rust, Go and Zig", vec!["", "", "", "1,2,3"]),
        ("Explain tides and draw a chart", vec!["", "", "1,2"]),
        ("Rust", vec!["", "", "1,2"]),
        (
            "1. Summarise chapter one\n2. Summarise chapter two\n3. Summarise chapter three",
            vec!["", "", ""],
        ),
        ("介绍历史。解释原理。然后总结。", vec!["", "", "1,2"]),
        ("تاریخ را بگو. اصول را توضیح بده. سپس مقایسه کن.", vec!["", "", "1,2"]),
    ] {
        assert_eq!(graph(text, 8), expected, "{text}");
    }
}

#[test]
fn nothing_waits_for_the_deepest_level() {
    let chain = (0..8)
        .map(|n| format!("Then do part {n}."))
        .collect::<Vec<_>>()
        .join(" ");
    assert_eq!(graph(&chain, 8), ["", "1", "2", "2", "2", "2", "2", "2"]);
    let review = "Do a. Then do b. Then do c. Summarise it. Compare it. Conclude it. Do d. Do e.";
    assert!(
        drafts(review, 8)
            .1
            .iter()
            .enumerate()
            .all(|(n, draft)| draft.depends_on.iter().all(|earlier| *earlier < n))
    );
}

#[test]
fn the_limit_holds_and_nothing_is_lost_to_it() {
    let list: String = (0..40).map(|n| format!("- part number {n}.\n")).collect();
    for limit in [1, 2, 3, 8, 39, 40, 50] {
        let drafts = drafts(&format!("{list}\nThen compare them."), limit).1;
        assert!(drafts.len() <= limit && drafts.len() >= limit.min(3), "{limit}");
        let all = drafts
            .iter()
            .map(|draft| draft.instructions.as_str())
            .collect::<Vec<_>>()
            .join("\n");
        assert!(
            (0..40).all(|n| all.contains(&format!("part number {n}."))),
            "{limit}: {all}"
        );
    }
    let last = drafts(&format!("{list}\nThen compare them."), 8).1.pop().unwrap();
    assert_eq!(
        (last.instructions.as_str(), last.depends_on.len()),
        ("Then compare them.", 7)
    );
}

#[test]
fn the_analysis_names_what_it_did_not_understand() {
    let markers = Markers::parse("- alpha\n- beta\n- gamma\n[demo: explode t1] [demo: fail t2] [demo: hang t7]");
    let reply = planned(&markers);
    assert!(
        reply.contains(NOTICE) && reply.contains("the items of its list"),
        "{reply}"
    );
    assert!(reply.contains("ignored: [demo: explode t1]."), "{reply}");
    assert!(reply.contains("no such subtask: [demo: hang t7]."), "{reply}");
}

#[test]
fn a_contract_says_what_the_prompt_says() {
    let plan = plan_of("- alpha\n- beta\n- gamma\n- Compare them");
    let keys: Vec<&String> = plan.as_object().unwrap().keys().collect();
    assert!(keys.contains(&&"form".to_owned()), "{keys:?}");
    assert_eq!(
        (&plan["mode"], &plan["form"], &plan["length"]),
        (&json!("split"), &json!("assemble"), &json!(600))
    );
    assert_eq!(
        plan["shared"],
        "The request was split into 4 points, in this order: 1. Alpha; 2. Beta; 3. Gamma; 4. Compare them."
    );
    assert_eq!(
        plan["borders"],
        json!([
            { "what": "What is said of \"Alpha\"", "owner": "t1" },
            { "what": "What is said of \"Beta\"", "owner": "t2" },
            { "what": "What is said of \"Gamma\"", "owner": "t3" },
        ])
    );
    assert_eq!(
        plan["criteria"],
        json!([
            "The answer has this point: Alpha",
            "The answer has this point: Beta",
            "The answer has this point: Gamma",
            "The answer has this point: Compare them",
            "The answer says at its beginning that no language model was called",
        ])
    );
    let tasks = plan["tasks"].as_array().unwrap();
    for (task, number) in tasks.iter().zip(1..) {
        assert_eq!((&task["criteria"], &task["words"]), (&json!([number]), &json!(120)));
    }
}

#[test]
fn the_reply_begins_with_its_mode() {
    for prompt in ["Go", "Go [demo: direct]", "What is Rust?"] {
        let reply = planned(&Markers::parse(prompt));
        let first = reply.trim_start_matches(['{', ' ', '\n']);
        assert!(first.starts_with("\"mode\""), "{reply}");
    }
}

#[test]
fn a_prompt_without_points_has_no_made_up_ones() {
    let plan = plan_of("Rust");
    assert_eq!(
        plan["shared"],
        "The request has no points of its own; every part works on all of it."
    );
    assert_eq!(plan["criteria"].as_array().unwrap().len(), 1, "{plan}");
}

#[test]
fn one_short_question_is_answered_directly_and_so_is_what_asks_for_it() {
    for (prompt, mode) in [
        ("What is Rust?", "direct"),
        ("چرا آسمان آبی است؟", "direct"),
        ("空はなぜ青い？", "direct"),
        ("Compare Rust, Go and Zig [demo: direct]", "direct"),
        ("What is Rust", "split"),
        ("What is Rust? And what is Go?", "split"),
        ("What do people who write Rust every day like?", "split"),
    ] {
        assert_eq!(plan_of(prompt)["mode"], mode, "{prompt}");
    }
    let plan = plan_of("Compare Rust, Go and Zig [demo: direct]");
    assert!(plan["analysis"].as_str().unwrap().starts_with(NOTICE), "{plan}");
}

#[test]
fn a_run_that_is_to_have_parts_has_parts() {
    let (terms, plan) = (
        Terms::default(),
        PlanTerms {
            may_be_direct: false,
            is_small: false,
            ..SPLIT
        },
    );
    let told = Told {
        terms: &terms,
        plan: &plan,
        max_subtasks: 8,
    };
    let reply = reply(&Markers::parse("Is it? [demo: direct]"), &told, false);
    assert!(
        reply.contains("\"split\"") && reply.contains("to have parts: [demo: direct]."),
        "{reply}"
    );
}

#[test]
fn the_length_keeps_within_what_the_reader_asked_for() {
    let length = |words| {
        let mut terms = Terms::default();
        terms.length.words = Some(words);
        let told = Told {
            terms: &terms,
            plan: &SPLIT,
            max_subtasks: 8,
        };
        let plan: Value = serde_json::from_str(&reply(&Markers::parse("- a\n- b\n- c"), &told, false)).unwrap();
        (plan["length"].as_u64(), plan["tasks"][0]["words"].as_u64())
    };
    assert_eq!(length(1_500), (Some(480), Some(120)));
    assert_eq!(length(400), (Some(400), Some(100)));
    assert_eq!(length(50), (Some(50), None), "a share of a dozen words is none");
}
