//! What a plan says beside its subtasks: how models write it, what is refused and in which words.

use serde_json::{Value, json};

use super::*;

fn read(reply: &Value) -> Plan {
    Plan::from_model_reply(&reply.to_string(), 8).unwrap_or_else(|error| panic!("{error}: {reply}"))
}

fn refusal(reply: &Value) -> String {
    match Plan::from_model_reply(&reply.to_string(), 8) {
        Ok(_) => panic!("accepted {reply}"),
        Err(error) => error.to_string(),
    }
}

/// Two subtasks, and these fields.
fn with(fields: Value) -> Value {
    let mut plan = json!({"tasks": [
        {"id": "api", "title": "The API", "instructions": "Write the API."},
        {"id": "ui", "title": "The page", "instructions": "Write the page."}
    ]});
    for (name, value) in fields.as_object().unwrap() {
        plan[name] = value.clone();
    }
    plan
}

/// The same with a field of the first subtask.
fn with_task(field: &str, value: Value) -> Value {
    let mut plan = with(json!({"criteria": ["names the port", "is short"]}));
    plan["tasks"][0][field] = value;
    plan
}

fn borders(fields: Value) -> Vec<(String, Option<String>)> {
    let plan = read(&with(json!({"borders": fields})));
    let pair = |border: &Border| (border.what.clone(), border.owner.clone());
    plan.borders().iter().map(pair).collect()
}

fn border(what: &str, owner: Option<&str>) -> (String, Option<String>) {
    (what.to_owned(), owner.map(str::to_owned))
}

#[test]
fn a_whole_contract_is_read() {
    let plan = read(&json!({
        "mode": "split",
        "analysis": "Two files.",
        "form": "assemble",
        "length": 900,
        "shared": "The port is 8080.\n\n- `GET /items`",
        "borders": [{"what": "the port", "owner": "t1"}, {"what": "the title", "owner": "editor"}],
        "criteria": ["names the port", "is short", "has a title"],
        "tasks": [
            {"id": "t1", "title": "API", "instructions": "Write the API.", "depends_on": [], "criteria": [1, 2],
                "words": 500, "model": "big"},
            {"id": "t2", "title": "Page", "instructions": "Write the page.", "depends_on": ["t1"], "criteria": [],
                "words": 0, "model": "small"}
        ]
    }));
    assert!(!plan.is_direct() && plan.is_contract());
    assert_eq!((plan.form(), plan.length()), (Form::Assemble, Some(900)));
    assert_eq!(plan.shared(), "The port is 8080.\n\n- `GET /items`");
    assert_eq!(plan.borders().len(), 2);
    assert_eq!(plan.criteria(), ["names the port", "is short", "has a title"]);
    let (first, second) = (&plan.tasks()[0], &plan.tasks()[1]);
    assert_eq!((first.criteria.as_slice(), first.words), (&[1, 2][..], Some(500)));
    assert_eq!((first.model, second.model), (TaskModel::Big, TaskModel::Small));
    assert_eq!((second.criteria.len(), second.words), (0, None));
    let stored = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
}

#[test]
fn a_plan_of_0_1_0_is_no_contract() {
    let plan = read(&with(json!({"analysis": "x"})));
    assert!(!plan.is_contract() && !plan.is_direct());
    assert_eq!((plan.form(), plan.length(), plan.shared()), (Form::Merge, None, ""));
    assert!(plan.borders().is_empty() && plan.criteria().is_empty());
}

#[test]
fn a_mode_is_a_word_that_is_known_or_is_said() {
    for word in ["split", "team", "Split", " parallel ", ""] {
        assert!(!read(&with(json!({"mode": word}))).is_direct(), "{word}");
    }
    for reply in [
        with(json!({"mode": "direct"})),
        json!({"analysis": "One line.", "mode": "single"}),
        json!({"mode": "direct", "tasks": []}),
        json!({"plan": {"mode": "direct"}}),
        json!([{"mode": "direct"}]),
        json!({"name": "plan", "arguments": "{\"mode\": \"direct\"}"}),
        json!("{\"mode\": \"direct\"}"),
    ] {
        assert!(read(&reply).is_direct(), "{reply}");
    }
    let unknown = "\"mode\" is \"solo or team\", expected \"direct\" or \"split\"";
    assert_eq!(refusal(&with(json!({"mode": "solo or team"}))), unknown);
    assert_eq!(refusal(&json!({"mode": "solo or team"})), unknown);
    let lenient = Plan::from_model_reply("{mode: 'solo or team'}", 8).unwrap_err();
    assert_eq!(lenient.to_string(), unknown);
    assert_eq!(
        refusal(&with(json!({"mode": ["direct"]}))),
        "\"mode\" is an array, expected a string"
    );
    assert!(refusal(&json!({"mode": "split"})).starts_with("the reply holds JSON that is no plan"));
}

#[test]
fn an_example_of_a_mode_is_not_the_plan() {
    let plan = with(json!({"mode": "split"}));
    for reply in [
        format!("As in {{mode: 'dark'}}.\n{}", plan.to_string().replace('"', "'")),
        format!("As in {{\"mode\": \"dark\"}}.\n{plan}"),
        format!("I won't say {{\"mode\": \"direct\"}} here.\n{plan}"),
        format!("<think>{{\"mode\": \"direct\"}}?</think>{plan}"),
    ] {
        assert_eq!(
            Plan::from_model_reply(&reply, 8).map(|plan| plan.tasks().len()),
            Ok(2),
            "{reply}"
        );
    }
    let thinking = "<think>Perhaps {\"mode\": \"direct\"} would do, bu";
    assert_eq!(Plan::from_model_reply(thinking, 8), Err(PlanError::NotAPlan));
}

#[test]
fn shared_facts_may_be_a_list_or_an_object() {
    for (shared, expected) in [
        (json!(" A.\nB. "), "A.\nB."),
        (json!(["A.", "B."]), "- A.\n- B."),
        (
            json!({"port": 8080, "names": ["x", "y"]}),
            "- names:\n  - x\n  - y\n- port: 8080",
        ),
        (json!(null), ""),
        (json!(7), "7"),
    ] {
        assert_eq!(read(&with(json!({"shared": shared}))).shared(), expected, "{shared}");
    }
}

#[test]
fn an_owner_is_a_subtask_the_editor_or_stays_readable() {
    assert_eq!(
        borders(json!([
            {"what": "port", "owner": "api"},
            {"name": "title", "owner": "the page"},
            {"topic": "tone", "owner": "Editor"},
            {"what": "colours", "owner": "the designer"},
            {"what": "dates", "owners": ["api", "ui"]},
            {"what": "units", "owner": ["subtask/UI"]},
            {"what": "money", "owner": "api", "decision": "in EUR"},
            {"between": ["api", "ui"]},
            {"what": "names", "owner": null},
            "the  port\nis 8080",
            "",
            null
        ])),
        [
            border("port", Some("api")),
            border("title", Some("ui")),
            border("tone", Some("editor")),
            border("colours (owner: the designer)", None),
            border("dates (owner: api, ui)", None),
            border("units", Some("ui")),
            border("money; decision: in EUR", Some("api")),
            border("between: api, ui", None),
            border("names", None),
            border("the port is 8080", None),
        ]
    );
    assert_eq!(
        borders(json!("- port\n- title")),
        [border("port", None), border("title", None)]
    );
    assert_eq!(
        borders(json!({"port": "api", "title": {"owner": "ui", "text": "Shop"}})),
        [border("port", Some("api")), border("title; text: Shop", Some("ui"))]
    );
    assert_eq!(
        borders(json!({"what": "port", "owner": "api"})),
        [border("port", Some("api"))]
    );
    assert_eq!(
        refusal(&with(json!({"borders": 7}))),
        "\"borders\" is a number, expected an array"
    );
}

#[test]
fn the_owners_of_criteria_become_the_numbers_of_their_subtasks() {
    let plan = read(&with(json!({"criteria": [
        "is short",
        {"text": "names the port", "owner": "api"},
        "",
        {"criterion": "has a title", "owners": ["ui", "the editor", "somebody"]},
        {"what": "is in English", "owner": "editor", "why": "asked for"}
    ]})));
    assert_eq!(
        plan.criteria(),
        [
            "is short",
            "names the port",
            "has a title (owner: somebody)",
            "is in English; why: asked for"
        ]
    );
    assert_eq!(plan.tasks()[0].criteria, [2]);
    assert_eq!(plan.tasks()[1].criteria, [3]);
}

#[test]
fn a_subtask_names_its_criteria_by_number_label_or_text() {
    for (named, expected) in [
        (json!([1, 2, 2]), &[1, 2][..]),
        (json!(["1", "c2"]), &[1, 2]),
        (json!("1, 2"), &[1, 2]),
        (json!("c2"), &[2]),
        (json!(2), &[2]),
        (json!(["C2: is short", "#1", "criterion 1"]), &[1, 2]),
        (json!(["Is  short"]), &[2]),
        (json!([null]), &[]),
        (json!([]), &[]),
    ] {
        let plan = read(&with_task("criteria", named.clone()));
        assert_eq!(plan.tasks()[0].criteria, expected, "{named}");
        assert_eq!(plan.criteria().len(), 2, "{named}");
    }
    // One of its own joins the list.
    let plan = read(&with_task("criteria", json!(["3 sources, all recent", 1])));
    assert_eq!(plan.criteria()[2], "3 sources, all recent");
    assert_eq!(plan.tasks()[0].criteria, [1, 3]);
    let mut labelled = with(json!({"criteria": [{"id": "port", "text": "names it"}, {"id": 1, "text": "is short"}]}));
    labelled["tasks"][1]["criteria"] = json!(["port", "1"]);
    assert_eq!(read(&labelled).tasks()[1].criteria, [1, 2]);
    // A blank entry of the reply has its place there, and no number here.
    let mut blank = with(json!({"criteria": ["names the port", " ", "is short"]}));
    blank["tasks"][0]["criteria"] = json!([2, 3]);
    let blank = read(&blank);
    assert_eq!(
        (blank.criteria().len(), blank.tasks()[0].criteria.as_slice()),
        (2, &[2][..])
    );

    for number in [0, 3] {
        assert_eq!(
            refusal(&with_task("criteria", json!([number]))),
            format!("subtask api answers for criterion {number}, and the plan has 2 criteria")
        );
    }
    assert_eq!(
        refusal(&with_task("criteria", json!([true]))),
        "a criterion of subtask number 1 is a boolean, expected its number"
    );
    assert_eq!(
        refusal(&with_task("criteria", json!({"a": 1}))),
        "\"criteria\" of subtask number 1 is an object, expected an array of numbers"
    );
}

#[test]
fn lengths_models_and_forms_are_read_or_said() {
    assert_eq!(
        read(&with(json!({"length": {"words": "1,200 words"}}))).length(),
        Some(1_200)
    );
    for (field, value) in [("words", json!(300)), ("length", json!("about 300 words"))] {
        assert_eq!(read(&with_task(field, value)).tasks()[0].words, Some(300), "{field}");
    }
    for (word, model) in [
        ("big", TaskModel::Big),
        ("Strong", TaskModel::Big),
        ("small", TaskModel::Small),
    ] {
        assert_eq!(read(&with_task("model", json!(word))).tasks()[0].model, model, "{word}");
    }
    for (reply, reason) in [
        (
            with(json!({"length": "brief"})),
            "\"length\" is \"brief\", expected a number of words",
        ),
        (
            with(json!({"length": 5})),
            "\"length\" is 5 words, expected 20 to 1000000",
        ),
        (
            with_task("words", json!(50_000)),
            "the length of subtask api is 50000 words, expected 20 to 20000",
        ),
        (
            with_task("model", json!("gpt-9")),
            "the model of subtask number 1 is \"gpt-9\", expected \"small\" or \"big\"",
        ),
        (
            with(json!({"form": "poem"})),
            "\"form\" is \"poem\", expected \"merge\" or \"assemble\"",
        ),
    ] {
        assert_eq!(refusal(&reply), reason);
    }
}

fn client(draft: PlanDraft) -> Result<Plan, (&'static str, String)> {
    let tasks = vec![TaskDraft::new("a"), TaskDraft::new("b")];
    Plan::from_draft(PlanDraft { tasks, ..draft }, 8).map_err(|error| (error.field(), error.to_string()))
}

#[test]
fn a_contract_is_bounded_and_the_mistake_has_a_field() {
    let border = |what: &str, owner: Option<&str>| Border {
        what: what.to_owned(),
        owner: owner.map(str::to_owned),
    };
    let of_borders = |borders| {
        client(PlanDraft {
            borders,
            ..PlanDraft::default()
        })
    };
    let of_criteria = |criteria| {
        client(PlanDraft {
            criteria,
            ..PlanDraft::default()
        })
    };
    let of_shared = |shared| {
        client(PlanDraft {
            shared,
            ..PlanDraft::default()
        })
    };
    let refused = |field: &'static str, reason: &str| Err((field, reason.to_owned()));

    assert!(of_shared("é".repeat(32_000)).is_ok());
    assert_eq!(
        of_shared("a".repeat(32_001)),
        refused(
            "shared",
            "\"shared\": 32001 characters are too many, at most 32000 are allowed"
        )
    );
    assert!(of_borders(vec![border(&"é".repeat(500), Some("t2")); 60]).is_ok());
    assert_eq!(
        of_borders(vec![border("x", Some("editor")); 61]),
        refused("borders", "the plan has 61 borders, at most 60 are allowed")
    );
    assert_eq!(
        of_borders(vec![border("x", None), border(&"a".repeat(501), None)]),
        refused(
            "borders",
            "border number 2: 501 characters are too many, at most 500 are allowed"
        )
    );
    assert_eq!(
        of_borders(vec![border(" ", None)]),
        refused("borders", "border number 1 is empty")
    );
    assert_eq!(
        of_borders(vec![border("x", Some("t9"))]),
        refused(
            "borders",
            "border number 1 has the unknown owner t9: expected the id of a subtask, or editor"
        )
    );
    assert!(of_criteria(vec!["é".repeat(500); 40]).is_ok());
    assert_eq!(
        of_criteria(vec!["x".to_owned(); 41]),
        refused("criteria", "the plan has 41 criteria, at most 40 are allowed")
    );
    assert_eq!(
        of_criteria(vec!["a".repeat(501)]),
        refused(
            "criteria",
            "criterion number 1: 501 characters are too many, at most 500 are allowed"
        )
    );
    assert_eq!(
        of_criteria(vec!["\n".to_owned()]),
        refused("criteria", "criterion number 1 is empty")
    );
    let length = client(PlanDraft {
        length: Some(19),
        ..PlanDraft::default()
    });
    assert_eq!(
        length,
        refused("length", "\"length\" is 19 words, expected 20 to 1000000")
    );
    let together = client(PlanDraft {
        shared: "字".repeat(32_000),
        criteria: vec!["字".repeat(500); 40],
        ..PlanDraft::default()
    });
    assert!(together.unwrap_err().1.starts_with("the texts of the plan have 156"));
}

#[test]
fn the_largest_contract_fits_an_event_of_one_mebibyte() {
    let ids: Vec<String> = (0..50).map(|n| format!("{n:064}")).collect();
    let tasks = (0..50).map(|n| TaskDraft {
        id: Some(ids[n].clone()),
        depends_on: ids[..n].to_vec(),
        criteria: (1..=40).collect(),
        words: Some(WORDS_MAX),
        model: TaskModel::Big,
        ..TaskDraft::new("\u{1}".repeat(800))
    });
    let draft = PlanDraft {
        form: Form::Assemble,
        length: Some(LENGTH_WORDS_MAX),
        shared: "\u{1}".repeat(32_000),
        borders: vec![
            Border {
                what: "\u{1}".repeat(500),
                owner: Some(ids[0].clone()),
            };
            60
        ],
        criteria: vec!["\u{1}".repeat(500); 40],
        tasks: tasks.collect(),
        ..PlanDraft::default()
    };
    let plan = Plan::from_draft(draft, 50).unwrap();
    let length = serde_json::to_string(&plan).unwrap().len();
    assert!((800_000..1_000_000).contains(&length), "{length}");
}

#[test]
fn the_schema_asks_for_the_mode_first_and_is_short_for_small_contexts() {
    let schema = plan_schema(5, false);
    assert_eq!(
        schema["required"],
        json!([
            "mode", "analysis", "form", "length", "shared", "borders", "criteria", "tasks"
        ])
    );
    assert_eq!(schema["properties"]["mode"]["enum"], json!(["direct", "split"]));
    let plain = plan_schema(5, true);
    assert_eq!(plain["required"], json!(["analysis", "tasks"]));
    // About four characters are a token.
    assert!(schema.to_string().len() < 2_400 && plain.to_string().len() < 900);
    // What a strict server makes of `direct`.
    let empty = json!({"mode": "direct", "analysis": "One fact.", "form": "merge", "length": 0, "shared": "",
        "borders": [], "criteria": [], "tasks": []});
    assert_eq!(read(&empty), Plan::direct("One fact."));
}

#[test]
fn the_owner_of_what_no_subtask_decides_is_no_subtask() {
    let task = |id: &str| TaskDraft {
        id: Some(id.into()),
        ..TaskDraft::new("Do it.")
    };
    let draft = |borders: Vec<Border>| PlanDraft {
        borders,
        tasks: vec![task("Editor"), task("b")],
        ..PlanDraft::default()
    };
    let border = Border {
        what: "the port".into(),
        owner: Some("editor".into()),
    };
    assert_eq!(Plan::from_draft(draft(vec![border]), 8), Err(PlanError::EditorsId));
    assert!(Plan::from_draft(draft(vec![]), 8).is_ok());
}
