//! Each field's mistakes: what it expects, and what is said of it.

use super::*;

#[test]
fn every_field_says_what_it_expects() {
    for (body, expected) in [
        (json!({}), "prompt is missing"),
        (json!({"prompt": null}), "prompt is missing"),
        (json!({"prompt": ""}), "prompt is empty"),
        (json!({"prompt": " \n\t\u{3000}"}), "prompt is empty"),
        (json!({"prompt": 1}), "prompt is 1: expected a string"),
        (json!({"prompt": ["p"]}), "prompt is an array: expected a string"),
        (json!({"prompt": "a\u{0}"}), "prompt holds a NUL"),
        (
            json!({"promt": "p", "prompt": "p", "x": 1}),
            r#"unknown fields "promt", "x"; known are: prompt, id,"#,
        ),
        (
            json!({"prompt": "p", "id": "a b"}),
            r#"id is "a b": an id has 1 to 100"#,
        ),
        (
            json!({"prompt": "p", "id": "health"}),
            r#"id is "health": this id is a reserved word"#,
        ),
        (json!({"prompt": "p", "id": 7}), "id is 7: expected a string"),
        (json!({"prompt": "p", "tasks": []}), "the plan has no subtasks"),
        (json!({"prompt": "p", "tasks": [1]}), "tasks[0]: invalid type"),
        (
            json!({"prompt": "p", "tasks": vec!["t"; 51]}),
            "the plan has 51 subtasks",
        ),
        (
            json!({"prompt": "p", "tasks": vec!["t"; 3], "options": {"max_subtasks": 2}}),
            "the plan has 3 subtasks, at most 2",
        ),
        (
            json!({"prompt": "p", "tasks": [{"id": "a", "instructions": "i", "depends_on": ["b"]}]}),
            "subtask a depends on unknown subtask b",
        ),
        (json!({"prompt": "p", "metadata": []}), "metadata is an array"),
        (
            json!({"prompt": "p", "metadata": {"k": 1}}),
            r#"metadata["k"] is 1: expected a string"#,
        ),
        (
            json!({"prompt": "p", "metadata": {"": "v"}}),
            "metadata has the key \"\"",
        ),
        (
            json!({"prompt": "p", "metadata": {"k": "é".repeat(513)}}),
            r#"metadata["k"] has 513 characters"#,
        ),
        (
            json!({"prompt": "p", "metadata": (0..17).map(|n| (n.to_string(), "v")).collect::<BTreeMap<_, _>>()}),
            "metadata has 17 pairs",
        ),
        (json!({"prompt": "p", "options": 1}), "options is 1: expected an object"),
        (
            json!({"prompt": "p", "options": {"maxSubtasks": 3}}),
            r#"unknown field "options.maxSubtasks"; known are: mode, length, review, output_schema, max_subtasks,"#,
        ),
        (
            json!({"prompt": "p", "options": {"max_subtasks": 0}}),
            "options.max_subtasks is 0: expected a whole number from 1 to 50",
        ),
        (
            json!({"prompt": "p", "options": {"max_subtasks": 51}}),
            "options.max_subtasks is 51",
        ),
        (
            json!({"prompt": "p", "options": {"max_subtasks": "3"}}),
            r#"options.max_subtasks is "3""#,
        ),
        (
            json!({"prompt": "p", "options": {"max_concurrency": 0}}),
            "options.max_concurrency is 0: expected a whole number from 1 to 12",
        ),
        (
            json!({"prompt": "p", "options": {"max_concurrency": 13}}),
            "options.max_concurrency is 13: expected a whole number from 1 to 12",
        ),
        (
            json!({"prompt": "p", "options": {"max_concurrency": 4294967297u64}}),
            "options.max_concurrency is 4294967297",
        ),
        (
            json!({"prompt": "p", "options": {"approval": "yes"}}),
            r#"options.approval is "yes": expected "none" or "plan""#,
        ),
        (
            json!({"prompt": "p", "options": {"approval": true}}),
            "options.approval is true",
        ),
        (
            json!({"prompt": "p", "options": {"on_subtask_failure": "stop"}}),
            "options.on_subtask_failure is",
        ),
        (
            json!({"prompt": "p", "options": {"token_budget": 0}}),
            "options.token_budget is 0",
        ),
        (
            json!({"prompt": "p", "options": {"deadline_seconds": -5}}),
            "options.deadline_seconds is -5",
        ),
        (
            json!({"prompt": "p", "options": {"deadline_seconds": 604_801}}),
            "options.deadline_seconds is 604801",
        ),
        (
            json!({"prompt": "p", "options": {"retention_seconds": 59}}),
            "options.retention_seconds is 59: expected a whole number from 60 to 31536000",
        ),
        (
            json!({"prompt": "p", "options": {"retention_seconds": 31_536_001}}),
            "options.retention_seconds is 31536001",
        ),
        (
            json!({"prompt": "p", "history": "hello"}),
            r#"history is "hello": expected an array of objects {request, answer}"#,
        ),
        (
            json!({"prompt": "p", "history": [{"request": "a", "answer": "b"}, {"request": "a"}]}),
            "history[1].answer is missing: expected a string",
        ),
        (
            json!({"prompt": "p", "history": [{"request": "a", "answer": 1}]}),
            "history[].answer is 1: expected a string",
        ),
        (
            json!({"prompt": "p", "history": [{"role": "user"}]}),
            r#"unknown field "history[].role"; known are: request, answer"#,
        ),
        (
            json!({"prompt": "p", "history": vec![json!({"request": "", "answer": ""}); 1_001]}),
            "history has 1001 turns: expected at most 1000",
        ),
        (
            json!({"prompt": "p", "follow_up_to": "w0", "history": [{"request": "a", "answer": "b"}]}),
            "the request has both follow_up_to and history",
        ),
        (
            json!({"prompt": "p", "options": {"instructions": "x".repeat(32_769)}}),
            "options.instructions has 32769 bytes",
        ),
        (
            json!({"prompt": "p", "options": {"big_model": "gpt-x"}}),
            r#"options.big_model is "gpt-x": expected one of big-1, big-2, small-1, workers-ai:@cf/small"#,
        ),
        (
            json!({"prompt": "p", "options": {"small_model": "big-1"}}),
            r#"options.small_model is "big-1": expected one of small-1, workers-ai:@cf/small"#,
        ),
    ] {
        let problem = refused(body);
        assert_eq!(problem.status(), 400);
        assert!(
            problem.detail().starts_with(expected),
            "{} / {expected}",
            problem.detail()
        );
    }
}
