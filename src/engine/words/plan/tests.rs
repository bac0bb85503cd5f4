//! Plans: what is read from a reply, what is refused and in which words, and the order that dependencies give.

use serde_json::json;

use super::*;

fn read(text: &str) -> Result<Plan, PlanError> {
    Plan::from_model_reply(text, 8)
}

fn refusal(text: &str) -> String {
    read(text).expect_err("accepted").to_string()
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.tasks().iter().map(|task| task.id.as_str()).collect()
}

fn with_dependencies(tasks: &[(&str, &[&str])]) -> Result<Plan, PlanError> {
    let draft = |(id, depends_on): &(&str, &[&str])| TaskDraft {
        id: Some((*id).to_owned()),
        depends_on: depends_on.iter().map(|id| (*id).to_owned()).collect(),
        ..TaskDraft::new("work")
    };
    Plan::from_client("", tasks.iter().map(draft).collect(), 50)
}

const PLAIN: &str = r#"{"analysis": "Two parts.", "tasks": [
    {"id": "t1", "title": "First", "instructions": "Do the first part.", "depends_on": []},
    {"id": "t2", "title": "Second", "instructions": "Do the second part.", "depends_on": ["t1"]}]}"#;

#[test]
fn a_plain_plan_is_read_whole() {
    let plan = read(PLAIN).unwrap();
    assert_eq!(plan.analysis(), "Two parts.");
    let second = Task {
        criteria: Vec::new(),
        model: Default::default(),
        words: None,
        id: "t2".into(),
        title: "Second".into(),
        instructions: "Do the second part.".into(),
        depends_on: vec!["t1".into()],
    };
    assert_eq!(plan.tasks()[1], second);
    assert_eq!(plan.task("t2"), Some(&second));
    assert_eq!(plan.task("t3"), None);
}

#[test]
fn the_envelope_does_not_matter() {
    let plain = read(PLAIN).unwrap();
    for text in [
        format!("```json\n{PLAIN}\n```"),
        format!("```\n{PLAIN}\n```\nI hope this helps!"),
        format!("Here is the plan {{as asked}} [1], [see below]:\n\n{PLAIN}\n\nShall I go on? {{}} [\"x\"]"),
        format!("<think>Perhaps {{\"tasks\": [\"draft\"]}} is enough?</think>\n{PLAIN}"),
        format!("Perhaps {{\"tasks\": [\"draft\"]}}?\n</think>\n{PLAIN}"),
        format!("I considered [\"a\", \"b\"] first.\n{PLAIN}"),
        format!("{{\"plan\": {PLAIN}}}"),
        format!("{{\"response\": {PLAIN}, \"usage\": {{}}}}"),
        format!("[{PLAIN}]"),
        serde_json::to_string(PLAIN).unwrap(),
        serde_json::from_str::<serde_json::Value>(PLAIN).unwrap().to_string(),
        format!("\u{feff}{PLAIN}"),
    ] {
        assert_eq!(read(&text).as_ref(), Ok(&plain), "{text}");
    }
}

#[test]
fn braces_fences_and_think_tags_inside_strings_are_text() {
    let instructions = "Explain `{\"tasks\": [` and ``` and } ] and </think> and \\\" in \"code\".";
    let text = json!({"analysis": "}{][", "tasks": [{"id": "t1", "instructions": instructions}]}).to_string();
    let plan = read(&text).unwrap();
    assert_eq!(plan.tasks()[0].instructions, instructions);
    assert_eq!(plan.analysis(), "}{][");
}

#[test]
fn lists_of_strings_and_bare_arrays_are_plans() {
    for text in [
        r#"{"tasks": ["Do a.", "Do b."]}"#,
        r#"["Do a.", "Do b."]"#,
        r#"[{"instructions": "Do a."}, {"description": "Do b."}]"#,
    ] {
        let plan = read(text).unwrap();
        assert_eq!(ids(&plan), ["t1", "t2"], "{text}");
        assert_eq!(plan.tasks()[1].instructions, "Do b.");
        assert_eq!(plan.tasks()[1].title, "Do b.");
        assert!(plan.tasks()[1].depends_on.is_empty());
    }
}

#[test]
fn ids_may_be_missing_or_numbers_and_dependencies_null_a_string_or_numbers() {
    let plan = read(
        r#"{"tasks": [
            {"id": 1, "instructions": "a", "depends_on": null},
            {"id": 2, "instructions": "b", "depends_on": 1},
            {"id": null, "instructions": "c", "depends_on": "1, 2"},
            {"instructions": "d", "depends_on": [1, "2", 2]}
        ]}"#,
    )
    .unwrap();
    assert_eq!(ids(&plan), ["1", "2", "t3", "t4"]);
    assert_eq!(plan.tasks()[1].depends_on, ["1"]);
    assert_eq!(plan.tasks()[2].depends_on, ["1", "2"]);
    assert_eq!(plan.tasks()[3].depends_on, ["1", "2"]);
}

#[test]
fn a_made_up_id_never_collides_with_a_given_one() {
    let plan = read(
        r#"{"tasks": [{"instructions": "a"}, {"id": "t1", "instructions": "b"}, {"id": "t2", "instructions": "c"}]}"#,
    )
    .unwrap();
    assert_eq!(ids(&plan), ["t3", "t1", "t2"]);
}

#[test]
fn a_missing_title_is_the_beginning_of_the_instructions() {
    let long = "word ".repeat(50);
    let plan = Plan::from_client(
        "",
        vec![
            TaskDraft::new("## Compare\nthe two"),
            TaskDraft::new(long),
            TaskDraft::new("字".repeat(300)),
        ],
        8,
    )
    .unwrap();
    let titles: Vec<&str> = plan.tasks().iter().map(|task| task.title.as_str()).collect();
    assert_eq!(titles[0], "Compare");
    assert!(
        titles[1].ends_with("word…") && titles[1].chars().count() <= 71,
        "{}",
        titles[1]
    );
    assert_eq!(titles[2].chars().count(), 71);
}

#[test]
fn every_refusal_says_what_is_wrong_with_its_values() {
    for (text, reason) in [
        ("", "the reply is empty"),
        ("  \n ", "the reply is empty"),
        (
            "I can't do that.",
            "the reply holds no JSON: it must be one JSON object with a \"mode\", and \
             a \"tasks\" array unless the mode is \"direct\"",
        ),
        (
            "{\"answer\": 42}",
            "the reply holds JSON that is no plan: it must be one JSON object with a \"mode\", and \
             a \"tasks\" array unless the mode is \"direct\"",
        ),
        ("{\"tasks\": []}", "the plan has no subtasks, at least 1 is needed"),
        ("{\"tasks\": \"do it\"}", "\"tasks\" is a string, expected an array"),
        (
            "{\"tasks\": [\"a\", 7]}",
            "subtask number 2 is a number, expected an object or a string",
        ),
        (
            "{\"tasks\": [{\"id\": [], \"instructions\": \"a\"}]}",
            "the id of subtask number 1 is an array, expected a string",
        ),
        (
            "{\"tasks\": [{\"instructions\": \"a\", \"depends_on\": [{}]}]}",
            "\"depends_on\" of subtask number 1 is an object, expected an array of ids",
        ),
        ("{\"tasks\": [{\"id\": \"x\"}]}", "subtask x has no instructions"),
        ("{\"tasks\": [\" \"]}", "subtask t1 has no instructions"),
        (
            r#"{"tasks": [{"id": "t1", "instructions": "a"}, {"id": "t1", "instructions": "b"}]}"#,
            "two subtasks have the id t1",
        ),
        (
            r#"{"tasks": [{"id": "t3", "instructions": "a", "depends_on": ["t9"]}]}"#,
            "subtask t3 depends on unknown subtask t9",
        ),
        (
            r#"{"tasks": [{"id": "t3", "instructions": "a", "depends_on": ["t3"]}]}"#,
            "subtask t3 depends on itself",
        ),
        (
            r#"{"tasks": [{"id": "a b", "instructions": "a"}]}"#,
            "subtask id \"a b\" is not usable: 1 to 64 letters of a to z, digits, \"_\" or \"-\", not beginning with \
                \"-\"",
        ),
        (
            r#"{"tasks": ["a" "b"]}"#,
            "the JSON of the reply is malformed: expected `,` or `]` at line 1 column 16",
        ),
    ] {
        assert_eq!(refusal(text), reason, "{text}");
    }
}

#[test]
fn a_value_of_the_reply_is_shown_on_one_bounded_line() {
    let text =
        json!({"tasks": [{"id": "t1", "instructions": "a", "depends_on": [format!("x\n{}", "y".repeat(10_000))]}]})
            .to_string();
    let reason = refusal(&text);
    assert!(
        reason.chars().count() < 120 && !reason.contains('\n') && reason.ends_with("y…"),
        "{reason}"
    );
}

#[test]
fn a_cycle_is_named_without_the_subtasks_that_only_lead_to_it() {
    let error = with_dependencies(&[
        ("ok", &[]),
        ("d", &["a", "ok"]),
        ("a", &["ok", "b"]),
        ("b", &["c"]),
        ("c", &["a"]),
    ])
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "subtasks depend on each other in a cycle: a -> b -> c -> a"
    );
}

#[test]
fn every_prefix_of_a_plan_is_refused_and_most_are_called_truncated() {
    for end in 0..PLAIN.len() {
        assert!(read(&PLAIN[..end]).is_err(), "accepted {}", &PLAIN[..end]);
        if end > 20 {
            assert!(refusal(&PLAIN[..end]).contains("truncated"), "{}", &PLAIN[..end]);
        }
    }
    assert!(refusal(&format!("```json\n{}", &PLAIN[..200])).contains("truncated: it ends after 208 characters"));
}

#[test]
fn a_piece_of_damaged_json_is_never_taken_for_the_plan() {
    for (text, reason) in [
        (
            concat!(
                r#"{"tasks": [{"id": "t2", "instructions": "b", "depends_on": ["t1"]} "#,
                r#"{"id": "t1", "instructions": "a", "depends_on": ["t0"]}]}"#,
            ),
            "unknown subtask t0",
        ),
        (
            r#"{"analysis": "x" "tasks": [{"id": "t1", "instructions": "a"}]}"#,
            "malformed",
        ),
        (
            r#"{"tasks": [{"id": "t1", "instructions": "a", "depends_on": ["x"]},]}"#,
            "unknown subtask x",
        ),
        (
            r#"{"tasks": [{"id": "t1", "instructions": "a", "depends_on": ["x"]};]}"#,
            "malformed",
        ),
        (r#"{tasks: [{id: t1, depends_on: ["x"]}]}"#, "malformed"),
    ] {
        assert!(refusal(text).contains(reason), "{text}: {}", refusal(text));
    }
}

#[test]
fn too_many_subtasks_are_refused_with_limit_and_count_and_never_cut() {
    let tasks = |count: usize| json!({"tasks": vec!["work"; count]}).to_string();
    assert_eq!(
        refusal(&tasks(200)),
        "the plan has 200 subtasks, at most 8 are allowed: merge related ones"
    );
    assert_eq!(read(&tasks(8)).unwrap().tasks().len(), 8);
    assert_eq!(
        Plan::from_model_reply(&tasks(51), 1_000),
        Err(PlanError::TooManyTasks { count: 51, limit: 50 })
    );
    assert_eq!(
        Plan::from_model_reply(&tasks(2), 0),
        Err(PlanError::TooManyTasks { count: 2, limit: 1 })
    );
    assert_eq!(
        Plan::from_client("", vec![TaskDraft::new("a"); 9], 8),
        Err(PlanError::TooManyTasks { count: 9, limit: 8 })
    );
    assert_eq!(Plan::from_client("", vec![], 8), Err(PlanError::NoTasks));
}

#[test]
fn texts_are_bounded_in_characters_and_together_in_bytes() {
    let client = |analysis: &str, title: &str, instructions: &str| {
        let draft = TaskDraft {
            title: Some(title.to_owned()),
            ..TaskDraft::new(instructions)
        };
        Plan::from_client(analysis, vec![draft], 8).map_err(|error| error.to_string())
    };
    assert!(
        client(
            &"é".repeat(ANALYSIS_CHARS_MAX),
            &"é".repeat(TITLE_CHARS_MAX),
            &"é".repeat(INSTRUCTIONS_CHARS_MAX)
        )
        .is_ok()
    );
    assert_eq!(
        client(&"a".repeat(16_001), "t", "i").unwrap_err(),
        "the analysis: 16001 characters are too many, at most 16000 are allowed"
    );
    assert_eq!(
        client("", &"a".repeat(201), "i").unwrap_err(),
        "the title of subtask t1: 201 characters are too many, at most 200 are allowed"
    );
    assert_eq!(
        client("", "t", &"a".repeat(16_001)).unwrap_err(),
        "the instructions of subtask t1: 16001 characters are too many, at most 16000 are allowed"
    );
    let drafts = vec![TaskDraft::new("a".repeat(16_000)); 9];
    assert!(
        Plan::from_client("", drafts, 9)
            .unwrap_err()
            .to_string()
            .starts_with("the texts of the plan have 144")
    );
    let id = |id: &str| with_dependencies(&[(id, &[])]).is_ok();
    assert!(id(&"a".repeat(64)) && id("_-9") && id("9") && id("synthesis"));
    assert!(!id(&"a".repeat(65)) && !id("") && !id("-a") && !id("é") && !id("a/b") && !id("a.b"));
}

#[test]
fn the_largest_plan_fits_an_event_of_one_mebibyte() {
    let ids: Vec<String> = (0..50).map(|n| format!("{n:064}")).collect();
    let drafts = (0..50).map(|n| TaskDraft {
        criteria: Vec::new(),
        model: Default::default(),
        words: None,
        id: Some(ids[n].clone()),
        title: Some("\u{1}".repeat(TITLE_CHARS_MAX)),
        instructions: "\u{1}".repeat(PLAN_BYTES_MAX / 50 - TITLE_CHARS_MAX),
        depends_on: ids[..n].to_vec(),
    });
    let plan = Plan::from_client("", drafts.collect(), 50).unwrap();
    assert!(serde_json::to_string(&plan).unwrap().len() < 1_000_000);
}

#[test]
fn a_draft_is_a_string_or_a_closed_object() {
    let written = [
        json!("a"),
        json!({"instructions": "b"}),
        json!({"id": "x", "title": null, "instructions": "c", "depends_on": ["t1"]}),
    ];
    let drafts = written.map(|value| TaskDraft::read(value).unwrap()).into();
    let plan = Plan::from_client("", drafts, 8).unwrap();
    assert_eq!(ids(&plan), ["t1", "t2", "x"]);
    let refusal = |value| TaskDraft::read(value).unwrap_err().to_string();
    assert!(refusal(json!({"instructions": "a", "prompt": "b"})).contains("unknown field `prompt`"));
    assert!(refusal(json!({"id": "a"})).contains("missing field `instructions`"));
    assert!(refusal(json!(7)).contains("expected a string or an object with \"instructions\""));
    assert!(refusal(json!({"instructions": "a", "depends_on": "t1"})).contains("expected a sequence"));
}

#[test]
fn a_plan_comes_back_from_the_journal_only_through_the_checks() {
    let plan = read(PLAIN).unwrap();
    let stored = serde_json::to_string(&plan).unwrap();
    assert_eq!(
        stored,
        concat!(
            r#"{"analysis":"Two parts.","tasks":[{"id":"t1","title":"First","instructions":"Do the first "#,
            r#"part.","depends_on":[]},{"id":"t2","title":"Second","instructions":"Do the second "#,
            r#"part.","depends_on":["t1"]}]}"#,
        )
    );
    assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
    let newer = stored.replacen("\"id\"", "\"later\":1,\"id\"", 1);
    assert_eq!(serde_json::from_str::<Plan>(&newer).unwrap(), plan);
    let error = serde_json::from_str::<Plan>(&stored.replace("[\"t1\"]", "[\"t9\"]")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("subtask t2 depends on unknown subtask t9")
    );
}

#[test]
fn the_schema_is_closed_and_free_of_keywords_that_servers_refuse() {
    let (schema, plain) = (plan_schema(5, false), plan_schema(5, true));
    let text = format!("{schema}{plain}");
    for keyword in [
        "minItems",
        "maxItems",
        "pattern",
        "maxLength",
        "minLength",
        "format",
        "uniqueItems",
        "default",
    ] {
        assert!(!text.contains(&format!("\"{keyword}\"")), "{keyword}");
    }
    assert_eq!(text.matches("1 to 5 subtasks").count(), 2);
    fn check(schema: &serde_json::Value) {
        if schema["type"] == "object" {
            assert_eq!(schema["additionalProperties"], false);
            let mut required: Vec<&str> = schema["required"]
                .as_array()
                .unwrap()
                .iter()
                .map(|name| name.as_str().unwrap())
                .collect();
            required.sort_unstable();
            let properties = schema["properties"].as_object().unwrap();
            assert_eq!(required, properties.keys().map(String::as_str).collect::<Vec<_>>());
            properties.values().for_each(check);
        }
        if schema["type"] == "array" {
            check(&schema["items"]);
        }
    }
    check(&schema);
    check(&plain);
}

#[test]
fn hostile_replies_cost_neither_the_stack_nor_quadratic_time() {
    // Each would take a minute if a part of it were parsed again and again.
    let n = 50_000;
    for text in [
        "[".repeat(n),
        "{".repeat(n),
        "{\"a\":".repeat(n),
        "[{\"tasks\":".repeat(n),
        "{\"".repeat(n),
        "[\"".repeat(n),
        "[1,".repeat(n),
        "{\"a\":1}".repeat(n),
        "[[]".repeat(n),
        format!("[{}", "[],".repeat(n)),
        "{\n".repeat(n),
        "{\"a\" \n".repeat(n),
        "[\"é".repeat(n),
        "</think>".repeat(n),
        format!("\"{}", "\\\"".repeat(n)),
        "{a:".repeat(n),
        "{a:1} ".repeat(n),
        "['a' ".repeat(n),
        "{a:[/*".repeat(n),
        "[// \n".repeat(n),
        "{a:'x' ".repeat(n),
        format!(
            "{}{}",
            "{\"arguments\":\"{\\\"arguments\\\":".repeat(n),
            "\"}".repeat(n)
        ),
    ] {
        assert!(read(&text).is_err(), "accepted {}", &text[..20]);
    }
}
