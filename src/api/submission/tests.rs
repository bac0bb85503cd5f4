//! Bodies in every form, the limits, and the spec that comes out. In files of their own: each field's mistakes,
//! contracts and ids.

mod contract;
mod fields;
mod identity;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::api::config::Bindings;
use crate::api::problem::ProblemType;
use crate::engine::words::plan::{Form, TaskModel};
use crate::engine::words::spec::{Approval, Length, Mode, OnSubtaskFailure, Policy};
use crate::model::Provider;

fn config() -> Config {
    let vars = [
        ("MODEL_PROVIDER", "openai"),
        ("OPENAI_BASE_URL", "http://localhost:8080/v1"),
        ("BIG_MODEL", "big-1, big-2"),
        ("SMALL_MODEL", "small-1, workers-ai:@cf/small"),
        ("MAX_CONCURRENT_CALLS", "12"),
        ("SUBTASK_MAX_TOKENS", "1000"),
        ("BIG_MODEL_CONTEXT_TOKENS", "1000000"),
        ("SMALL_MODEL_CONTEXT_TOKENS", "1000000"),
    ];
    let lookup = |name: &str| {
        vars.iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| (*value).to_owned())
    };
    Config::from_vars(lookup, &[], Bindings { ai: true }).unwrap()
}

fn parse(content_type: Option<&str>, body: &[u8]) -> Result<Submission, Problem> {
    Submission::parse(content_type, body, &config())
}

fn json_body(body: Value) -> Result<Submission, Problem> {
    parse(Some("application/json"), body.to_string().as_bytes())
}

fn refused(body: Value) -> Problem {
    match json_body(body.clone()) {
        Ok(_) => panic!("accepted: {body}"),
        Err(problem) => problem,
    }
}

fn prompt(content_type: Option<&str>, body: &[u8]) -> Result<String, u16> {
    parse(content_type, body)
        .map(|submission| submission.prompt)
        .map_err(|problem| problem.status())
}

fn identity(id: &str) -> Identity {
    Identity {
        id: WorkflowId::parse(id).unwrap(),
        fingerprints: None,
    }
}

#[test]
fn a_prompt_alone_gets_the_defaults() {
    let submission = json_body(json!({"prompt": "Write a report"})).unwrap();
    assert_eq!(submission.prompt, "Write a report");
    assert_eq!(
        (submission.id, submission.tasks, submission.metadata.len()),
        (None, None, 0)
    );
    let options = submission.options;
    assert_eq!((options.max_subtasks, options.max_concurrency), (8, 12));
    assert_eq!(
        (options.approval, options.on_subtask_failure),
        (Approval::None, OnSubtaskFailure::Continue)
    );
    assert_eq!(
        (options.token_budget, options.deadline_seconds, options.instructions),
        (Some(400_000), None, None)
    );
    assert_eq!((options.mode, options.length), (Mode::Auto, Length::Normal));
}

#[test]
fn a_mode_and_a_length_are_asked_for_by_word_or_number() {
    let options = |options: Value| json_body(json!({"prompt": "p", "options": options})).unwrap().options;
    for (word, mode) in [("auto", Mode::Auto), ("direct", Mode::Direct), ("split", Mode::Split)] {
        assert_eq!(options(json!({"mode": word})).mode, mode);
    }
    for (asked, length) in [
        (json!("brief"), Length::Brief),
        (json!("normal"), Length::Normal),
        (json!("full"), Length::Full),
        (json!({"max_words": 50}), Length::MaxWords(50)),
        (json!({"max_words": 20_000.0}), Length::MaxWords(20_000)),
        (json!(null), Length::Normal),
    ] {
        assert_eq!(options(json!({"length": asked})).length, length, "{asked}");
    }
    // Which the engine may therefore take for the client's own wish.
    assert_eq!(options(json!({})).max_subtasks, 8);
    assert_eq!(options(json!({"max_subtasks": 1})).max_subtasks, 1);
    assert_eq!(
        json_body(json!({"prompt": "p", "tasks": ["t"]}))
            .unwrap()
            .options
            .max_subtasks,
        8
    );
}

#[test]
fn a_workflow_may_name_a_budget_above_that_of_the_deployment() {
    let budget = |options: Value, variable: &str| {
        let lookup = |name: &str| match name {
            "MODEL_PROVIDER" => Some("demo".to_owned()),
            "WORKFLOW_TOKEN_BUDGET" => Some(variable.to_owned()),
            _ => None,
        };
        let config = Config::from_vars(lookup, &[], Bindings::default()).unwrap();
        let body = json!({"prompt": "p", "options": options}).to_string();
        let submission = Submission::parse(Some("application/json"), body.as_bytes(), &config).unwrap();
        submission.options.token_budget
    };
    assert_eq!(budget(json!({}), "5000"), Some(5_000));
    assert_eq!(budget(json!({"token_budget": 900_000}), "5000"), Some(900_000));
    assert_eq!(budget(json!({"token_budget": null}), "none"), None);
    assert_eq!(budget(json!({"token_budget": 7}), "0"), Some(7));
}

#[test]
fn json_arrives_under_many_names() {
    let body = br#"{"prompt": "p"}"#;
    for content_type in [
        Some("application/json"),
        Some("application/json; charset=utf-8"),
        None,
        Some("application/x-www-form-urlencoded"),
        Some("text/plain;charset=UTF-8"),
    ] {
        assert_eq!(prompt(content_type, body), Ok("p".to_owned()), "{content_type:?}");
    }
    assert_eq!(
        prompt(Some("application/json"), b"\xef\xbb\xbf {\"prompt\": \"p\"}\n"),
        Ok("p".to_owned())
    );
}

#[test]
fn a_text_is_the_prompt_itself() {
    for body in [
        "Write a report\n",
        "# Report\n\n- one",
        "[1]",
        "{not json",
        "{",
        "{} is an empty object",
    ] {
        assert_eq!(prompt(Some("text/plain"), body.as_bytes()), Ok(body.to_owned()));
    }
    assert_eq!(
        prompt(Some("text/markdown"), br#"{"prompt": "p"}"#),
        Ok(r#"{"prompt": "p"}"#.to_owned())
    );
    assert_eq!(
        prompt(Some("text/markdown"), br#"{"promt": "p"}"#),
        Ok(r#"{"promt": "p"}"#.to_owned())
    );
    assert_eq!(prompt(Some("text/plain"), "\u{feff}é".as_bytes()), Ok("é".to_owned()));
}

#[test]
fn plain_text_that_is_a_json_object_is_never_taken_for_the_prompt() {
    for (body, expected) in [
        (r#"{"promt": "p"}"#, "send it as application/json"),
        ("{}", "send it as application/json"),
        (r#"{"prompt": "p", "prompt": "q"}"#, "stands twice"),
        (r#"{"prompt": "\ud83c"}"#, "half of a surrogate pair"),
        (r#"{"prompt": 1}"#, "prompt is 1"),
    ] {
        let problem = parse(Some("text/plain"), body.as_bytes()).unwrap_err();
        assert_eq!(problem.status(), 400, "{body}");
        assert!(problem.detail().contains(expected), "{body}: {}", problem.detail());
    }
}

#[test]
fn what_can_not_be_read_is_refused_by_kind() {
    for (content_type, body, status) in [
        (Some("application/json"), b"".as_slice(), 400),
        (None, b"", 400),
        (Some("application/x-www-form-urlencoded"), b"", 400),
        (Some("text/plain"), b" \n", 400),
        (Some("application/json"), b"{", 400),
        (Some("application/json"), b"null", 400),
        (Some("application/json"), b"\"prompt\"", 400),
        (Some("application/json"), b"\xff", 400),
        (Some("text/plain"), b"a\xffb", 400),
        (Some("text/plain"), b"\xff\xfea\0", 400),
        (Some("text/plain"), b"a\0b", 400),
        (Some("application/x-www-form-urlencoded"), b"prompt=p", 415),
        (None, b"Write a report", 415),
        (Some("application/xml"), b"<prompt/>", 415),
        (Some("multipart/form-data; boundary=x"), b"{}", 415),
    ] {
        assert_eq!(prompt(content_type, body), Err(status), "{content_type:?} {body:?}");
    }
}

#[test]
fn sizes_have_limits() {
    let escaped = format!(r#"{{"prompt": "{}"}}"#, "\\u00e9".repeat(PROMPT_BYTES_MAX / 2));
    assert!(escaped.len() < BODY_BYTES_MAX);
    assert_eq!(prompt(None, escaped.as_bytes()).unwrap().len(), PROMPT_BYTES_MAX);
    assert_eq!(
        prompt(Some("text/plain"), &vec![b'a'; PROMPT_BYTES_MAX]).unwrap().len(),
        PROMPT_BYTES_MAX
    );
    assert_eq!(prompt(Some("text/plain"), &vec![b'a'; PROMPT_BYTES_MAX + 1]), Err(413));
    assert_eq!(prompt(Some("text/plain"), &vec![b' '; BODY_BYTES_MAX + 1]), Err(413));
    assert_eq!(
        refused(json!({"prompt": "é".repeat(PROMPT_BYTES_MAX / 2 + 1)})).kind(),
        ProblemType::ContentTooLarge
    );
}

#[test]
fn a_spec_holds_all_that_the_run_depends_on() {
    let submission = json_body(json!({
        "prompt": "p",
        "tasks": ["one", {"id": "b", "instructions": "two", "depends_on": ["t1"]}],
        "metadata": {"user": "u1"},
        "options": {
            "max_subtasks": 5,
            "max_concurrency": 3,
            "approval": "plan",
            "on_subtask_failure": "fail",
            "token_budget": 1000,
            "deadline_seconds": 60,
            "instructions": "Be brief",
            "big_model": "big-2",
            "small_model": "workers-ai:@cf/small"
        }
    }))
    .unwrap();
    let tenant = Tenant::parse("alice").unwrap();
    let spec = submission
        .into_spec(&config(), &tenant, identity("w1"), None, "n1".to_owned())
        .unwrap();
    let names = |models: &[ModelSpec]| models.iter().map(|model| model.name.clone()).collect::<Vec<_>>();
    assert_eq!(
        (spec.id.as_str(), spec.tenant.as_str(), spec.nonce.as_str()),
        ("w1", "alice", "n1")
    );
    assert_eq!(names(&spec.big_models), ["big-2", "big-1"]);
    assert_eq!(names(&spec.small_models), ["@cf/small", "small-1"]);
    assert_eq!(spec.provider, Provider::Openai);
    assert_eq!(
        spec.policy,
        Policy {
            subtask_max_tokens: 1_000,
            ..Policy::default()
        }
    );
    assert_eq!(spec.tasks.as_ref().map(|plan| plan.tasks().len()), Some(2));
    assert_eq!(spec.metadata.get("user").map(String::as_str), Some("u1"));
    assert_eq!(
        (
            spec.options.max_subtasks,
            spec.options.max_concurrency,
            spec.options.approval
        ),
        (5, 3, Approval::Plan)
    );
    assert_eq!(
        (spec.options.token_budget, spec.options.deadline_seconds),
        (Some(1_000), Some(60))
    );
    assert_eq!((spec.fingerprint, spec.meaning), (None, None));
}

#[test]
fn a_conversation_that_the_client_brings_is_kept_within_the_bound_of_a_follow_up() {
    let spec = |history: Value| {
        let submission = json_body(json!({"prompt": "p", "history": history})).unwrap();
        submission.into_spec(
            &config(),
            &Tenant::default_tenant(),
            identity("w1"),
            None,
            "n".to_owned(),
        )
    };
    let turn = |request: &str, answer: &str| json!({"request": request, "answer": answer});
    let short = spec(json!([turn("a", "b"), turn("c", "")])).unwrap();
    let texts: Vec<_> = short
        .history
        .iter()
        .map(|turn| (&*turn.request, &*turn.answer))
        .collect();
    assert_eq!((texts, short.left_out), (vec![("a", "b"), ("c", "")], 0));
    assert_eq!(short.parent, None);
    let long = "x".repeat(100_000);
    let cut = spec(json!([turn("1", &long), turn("2", &long), turn("3", &long)])).unwrap();
    assert_eq!((cut.history.len(), cut.left_out), (2, 1));
    assert_eq!(cut.history[0].request, "2");
    let shortened = spec(json!([turn("1", &"x".repeat(300_000))])).unwrap();
    assert!(shortened.history[0].cut);
    // Null and an empty list are none, also beside the workflow that is followed up.
    for history in [Value::Null, json!([])] {
        assert_eq!(spec(history.clone()).unwrap().history, []);
        json_body(json!({"prompt": "p", "follow_up_to": "w0", "history": history})).unwrap();
    }
}

#[test]
fn a_small_model_may_be_the_big_one_of_a_request() {
    let submission = json_body(json!({"prompt": "p", "options": {"mode": "direct", "big_model": "small-1"}})).unwrap();
    let names: Vec<&str> = submission.big_models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["small-1", "big-1", "big-2"]);
}

#[test]
fn a_retention_of_its_own_takes_the_place_of_the_deployments() {
    for seconds in [60, 31_536_000] {
        let submission = json_body(json!({"prompt": "p", "options": {"retention_seconds": seconds}})).unwrap();
        let tenant = Tenant::default_tenant();
        let spec = submission.into_spec(&config(), &tenant, identity("w1"), None, "n".to_owned());
        assert_eq!(spec.unwrap().policy.retention_ms, seconds * 1_000);
    }
}

#[test]
fn own_tasks_raise_the_default_limit_of_subtasks() {
    let tasks: Vec<String> = (1..=20).map(|number| format!("Do part {number}.")).collect();
    let submission = json_body(json!({"prompt": "p", "tasks": tasks})).unwrap();
    assert_eq!(submission.options.max_subtasks, 20);
}

#[test]
fn two_tasks_that_ask_for_the_same_are_refused_by_name() {
    let problem = refused(json!({"prompt": "p", "tasks": ["Do it.", "Do that.", " Do  it. "]}));
    assert_eq!(problem.kind(), ProblemType::InvalidPlan);
    assert!(problem.detail().contains("subtasks t1 and t3"), "{}", problem.detail());
}

#[test]
fn what_no_model_can_answer_is_refused_with_the_numbers_and_the_remedy() {
    let small = |context: &str| {
        let vars = [
            ("MODEL_PROVIDER", "openai"),
            ("OPENAI_BASE_URL", "http://localhost:8080/v1"),
            ("BIG_MODEL", "big-1, big-2"),
            ("SMALL_MODEL", "small-1"),
            ("BIG_MODEL_CONTEXT_TOKENS", context),
        ];
        let lookup = |name: &str| {
            vars.iter()
                .find(|(own, _)| *own == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Config::from_vars(lookup, &[], Bindings { ai: true }).unwrap()
    };
    let submit = |body: Value, config: &Config| {
        let submission = Submission::parse(Some("application/json"), body.to_string().as_bytes(), config).unwrap();
        submission.into_spec(
            config,
            &Tenant::default_tenant(),
            identity("w1"),
            None,
            "nonce".to_owned(),
        )
    };
    let body = json!({"prompt": "some words of a long text ".repeat(2_000)});
    assert!(submit(body.clone(), &small("128000")).is_ok());
    let problem = submit(body.clone(), &small("8192")).unwrap_err();
    assert_eq!((problem.kind(), problem.status()), (ProblemType::ContextTooSmall, 400));
    let shown: Value = serde_json::from_str(&problem.to_json()).unwrap();
    assert_eq!(
        (&shown["model"], &shown["context_tokens"]),
        (&json!("big-1"), &json!(8_192))
    );
    assert!(shown["prompt_tokens"].as_u64().unwrap() > 8_192, "{shown}");
    for words in [
        "big-1 has a context of 8192 tokens",
        "shorten the prompt",
        "BIG_MODEL_CONTEXT_TOKENS",
    ] {
        assert!(problem.detail().contains(words), "{}", problem.detail());
    }
    // Without a planner's call the synthesis would find it out, after the tasks are paid for.
    let mut with_tasks = body;
    with_tasks["tasks"] = json!(["Do it.", "Check it."]);
    assert_eq!(
        submit(with_tasks, &small("8192")).unwrap_err().kind(),
        ProblemType::ContextTooSmall
    );
}

#[test]
fn nulls_are_the_same_as_absent() {
    let body = json!({
        "prompt": "p",
        "id": null,
        "tasks": null,
        "metadata": null,
        "options": {"max_subtasks": null, "instructions": " "}
    });
    let (with_nulls, without) = (json_body(body).unwrap(), json_body(json!({"prompt": "p"})).unwrap());
    assert_eq!(
        Submission {
            fingerprints: Fingerprints::default(),
            ..with_nulls
        },
        Submission {
            fingerprints: Fingerprints::default(),
            ..without
        }
    );
}

#[test]
fn a_spec_that_no_event_can_hold_is_refused() {
    let mut submission = json_body(json!({"prompt": "p"})).unwrap();
    submission.prompt = "\u{1}".repeat(SPEC_BYTES_MAX / 6);
    let problem = submission
        .into_spec(
            &config(),
            &Tenant::default_tenant(),
            identity("w1"),
            None,
            "n".to_owned(),
        )
        .unwrap_err();
    assert_eq!(problem.status(), 413);
}

#[test]
fn the_largest_prompt_fits_whatever_its_characters() {
    let body = vec![1; PROMPT_BYTES_MAX];
    let submission = parse(Some("text/plain"), &body).unwrap();
    assert!(
        submission
            .into_spec(
                &config(),
                &Tenant::default_tenant(),
                identity("w1"),
                None,
                "n".to_owned()
            )
            .is_ok()
    );
}

fn submission_like_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("(instructions|id|max_subtasks|approval|from|name|.{0,3})", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    proptest::collection::btree_map("(prompt|id|tasks|metadata|options)", value, 0..5)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

proptest! {
    #[test]
    fn any_bytes_have_an_answer(
        content_type in proptest::option::of("(application/json|text/plain|text/markdown|.{0,20})"),
        body: Vec<u8>,
    ) {
        if let Err(problem) = parse(content_type.as_deref(), &body) {
            prop_assert!(matches!(problem.status(), 400 | 413 | 415));
        }
    }

    #[test]
    fn any_json_has_an_answer_and_an_accepted_one_makes_a_spec(body in submission_like_json()) {
        match json_body(body) {
            Ok(submission) => {
                let tenant = Tenant::default_tenant();
                let identity = submission.identify(&tenant, None, || uuid::Uuid::from_u128(1)).unwrap();
                prop_assert!(submission.into_spec(&config(), &tenant, identity, None, "n".to_owned()).is_ok());
            }
            Err(problem) => {
                prop_assert_eq!(problem.status(), 400);
                prop_assert!(problem.detail().len() < 2_000, "{}", problem.detail());
            }
        }
    }
}
