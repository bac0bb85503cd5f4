//! The contract of a client's own tasks.

use super::*;

#[test]
fn own_tasks_may_come_with_a_contract() {
    let body = json!({
        "prompt": "p",
        "tasks": [{"instructions": "Write the API.", "criteria": [1], "words": 300, "model": "big"}, "Write the page."],
        "shared": " The port is 8080. ",
        "borders": ["the title", {"what": "the port", "owner": "t1"}],
        "criteria": ["names the port"],
        "form": "assemble"
    });
    let plan = json_body(body.clone()).unwrap().tasks.unwrap();
    assert_eq!((plan.form(), plan.shared()), (Form::Assemble, "The port is 8080."));
    assert_eq!(plan.borders()[1].owner.as_deref(), Some("t1"));
    assert_eq!(
        (plan.criteria().len(), plan.tasks()[0].criteria.as_slice()),
        (1, &[1][..])
    );
    assert_eq!(
        (plan.tasks()[0].words, plan.tasks()[0].model),
        (Some(300), TaskModel::Big)
    );
    assert!(
        !json_body(json!({"prompt": "p", "tasks": ["t"]}))
            .unwrap()
            .tasks
            .unwrap()
            .is_contract()
    );

    // Each of it counts for an idempotency key.
    let meaning = |body: &Value| json_body(body.clone()).unwrap().fingerprints.meaning;
    for (field, value) in [
        ("shared", json!("The port is 9090.")),
        ("borders", json!(["the title"])),
        ("criteria", json!(["names the port", "is short"])),
        ("form", json!("merge")),
        ("options", json!({"length": "brief"})),
        ("options", json!({"mode": "split"})),
    ] {
        let mut other = body.clone();
        other[field] = value;
        assert_ne!(meaning(&other), meaning(&body), "{field}");
    }
}

#[test]
fn a_mistake_in_a_contract_names_its_field() {
    let tasks = json!(["a", "b"]);
    for (body, kind, field, expected) in [
        (
            json!({"shared": "x"}),
            "invalid-request",
            "shared",
            "shared is there and tasks is not",
        ),
        (
            json!({"borders": []}),
            "invalid-request",
            "borders",
            "borders is there and tasks is not",
        ),
        (
            json!({"criteria": ["x"]}),
            "invalid-request",
            "criteria",
            "criteria is there and tasks is not",
        ),
        (
            json!({"form": "merge"}),
            "invalid-request",
            "form",
            "form is there and tasks is not",
        ),
        (
            json!({"tasks": tasks, "options": {"mode": "direct"}}),
            "invalid-request",
            "options.mode",
            "options.mode is \"direct\", which has no subtasks",
        ),
        (
            json!({"tasks": tasks, "borders": [{"what": "x", "owner": "t3"}]}),
            "invalid-plan",
            "borders",
            "border number 1 has the unknown owner t3",
        ),
        (
            json!({"tasks": tasks, "shared": "x".repeat(32_001)}),
            "invalid-plan",
            "shared",
            "\"shared\": 32001 characters are too many",
        ),
        (
            json!({"tasks": tasks, "criteria": [" "]}),
            "invalid-plan",
            "criteria",
            "criterion number 1 is empty",
        ),
        (
            json!({"tasks": [{"instructions": "a", "criteria": [1]}]}),
            "invalid-plan",
            "tasks",
            "subtask t1 answers for criterion 1, and the plan has 0 criteria",
        ),
        (
            json!({"tasks": [{"instructions": "a", "words": 5}]}),
            "invalid-plan",
            "tasks",
            "the length of subtask t1 is 5 words, expected 20 to 20000",
        ),
        (
            json!({"length": 900}),
            "invalid-request",
            "",
            "unknown field \"length\"",
        ),
        (
            json!({"options": {"mode": "team"}}),
            "invalid-request",
            "options.mode",
            "options.mode is \"team\": expected \"auto\" or \"direct\" or \"split\"",
        ),
        (
            json!({"options": {"length": 300}}),
            "invalid-request",
            "options.length",
            "options.length is 300: expected \"brief\", \"normal\", \"full\" or an object",
        ),
        (
            json!({"options": {"length": {"max_words": 49}}}),
            "invalid-request",
            "options.length.max_words",
            "options.length.max_words is 49: expected a whole number from 50 to 20000",
        ),
        (
            json!({"options": {"length": {}}}),
            "invalid-request",
            "options.length.max_words",
            "options.length.max_words is missing",
        ),
        (
            json!({"options": {"length": {"words": 300}}}),
            "invalid-request",
            "",
            "unknown field \"options.length.words\"; known are: max_words",
        ),
    ] {
        let mut body = body;
        body["prompt"] = json!("p");
        let problem = refused(body);
        assert_eq!(
            (problem.kind().name(), problem.status()),
            (kind, 400),
            "{}",
            problem.detail()
        );
        assert!(problem.detail().starts_with(expected), "{}", problem.detail());
        let body: Value = serde_json::from_str(&problem.to_json()).unwrap();
        assert_eq!(body["field"].as_str().unwrap_or_default(), field, "{expected}");
    }
}
