//! STATUS, whole: the shape that a client sees, in full and simple form.

use orchestrator_workers::errors::ErrorName;
use serde_json::json;

const FOR_THE_OPERATOR: &str = "small-a: the test says BadRequest. What to do: see the server's words; another model \
                                may accept it.";

use orchestrator_workers::engine::show::view::Extent;
use orchestrator_workers::engine::words::outcome::Status;

use crate::flow::Flow;
use crate::support::{error, plan_text, spec_with};

fn complete() -> Flow {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.metadata.insert("team".into(), "data".into());
        spec.small_models.truncate(1);
    }));
    flow.pass(1_000);
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &["a"])]));
    flow.pass(1_000);
    flow.reply("subtask/a", "A");
    flow.pass(1_000);
    flow.fail(
        "subtask/b",
        error(
            orchestrator_workers::model::ErrorClass::Permanent,
            ErrorName::BadRequest,
        ),
    );
    flow.pass(1_000);
    flow.reply("synthesis", "S");
    flow
}

#[test]
fn the_full_status_of_a_complete_workflow() {
    let failed = json!({ "name": "BadRequest", "message": "the test says BadRequest" });
    // What ends a step names the model and what to do.
    let ended = json!({ "name": "BadRequest", "message": FOR_THE_OPERATOR });
    let usage = json!({ "prompt_tokens": 10, "completion_tokens": 5, "estimated": false });
    let attempt = |start: &str, end: &str, model: &str| {
        json!({
            "start": start, "end": end, "success": true, "error": null, "model": model, "usage": usage,
        })
    };
    let at = |seconds: u32| format!("2026-01-01T00:00:{seconds:02}.000Z");
    let mut view = complete().view();
    let estimate = view["plan"]["estimate"].take();
    assert!(
        estimate["calls"] == 3 && estimate["tokens"].as_u64().is_some_and(|tokens| tokens > 0),
        "two parts and the synthesis: {estimate}"
    );
    // Out of the way, because `json!` takes no more lines.
    let mut gone = |name: &str| view.as_object_mut().unwrap().remove(name);
    assert_eq!(gone("stop_reason"), Some(json!(null)));
    assert_eq!(gone("purge"), Some(json!("2026-01-31T00:00:04.000Z")));
    assert_eq!(
        view,
        json!({
            "status": "complete",
            "error": null,
            "output": {
                "orchestratorTasks": ["Do a.", "Do b."],
                "workerResponses": ["A", null],
                "finalResult": "S",
            },
            "run": 1,
            "provider": "openai",
            "prompt": "Compare three databases.",
            "mode": { "asked": "auto", "chosen": "split", "reason": "In parts." },
            "plan": {
                "analysis": "In parts.", "mode": "split", "form": "merge", "length": null, "shared": "",
                "borders": [], "criteria": [], "estimate": null,
                "tasks": [
                    {
                        "id": "a", "title": "Title a", "instructions": "Do a.", "depends_on": [], "criteria": [],
                        "words": null, "model": "small",
                    },
                    {
                        "id": "b", "title": "Title b", "instructions": "Do b.", "depends_on": ["a"], "criteria": [],
                        "words": null, "model": "small",
                    },
                ],
            },
            "answer": { "words": 1, "limit": null, "reviewed": false },
            "parent": null,
            "history": [],
            "metadata": { "team": "data" },
            "queued": at(0), "start": at(0), "end": at(4),
            "warnings": [{ "step": "subtask/b", "reason": "failed", "message": FOR_THE_OPERATOR }],
            "steps": [
                {
                    "name": "plan", "type": "step", "title": "Plan", "depends_on": [], "state": "complete",
                    "start": at(0), "end": at(1), "success": true,
                    "output": plan_text(&[("a", &[]), ("b", &["a"])]), "error": null,
                    "attempts": [attempt(&at(0), &at(1), "big-a")],
                },
                {
                    "name": "subtask/a", "type": "step", "title": "Title a", "depends_on": [], "state": "complete",
                    "start": at(1), "end": at(2), "success": true, "output": "A", "error": null,
                    "attempts": [attempt(&at(1), &at(2), "small-a")],
                },
                {
                    "name": "subtask/b", "type": "step", "title": "Title b", "depends_on": ["subtask/a"],
                    "state": "errored",
                    "start": at(2), "end": at(3), "success": false, "output": null, "error": ended,
                    "attempts": [{
                        "start": at(2), "end": at(3), "success": false, "error": failed, "model": "small-a",
                        "usage": null,
                    }],
                },
                {
                    "name": "synthesis", "type": "step", "title": "Synthesis",
                    "depends_on": ["subtask/a", "subtask/b"], "state": "complete",
                    "start": at(3), "end": at(4), "success": true, "output": "S", "error": null,
                    "attempts": [attempt(&at(3), &at(4), "big-a")],
                },
            ],
            "usage": {
                "prompt_tokens": 30, "completion_tokens": 15, "total_tokens": 45, "model_calls": 4,
                "estimated": false,
            },
        })
    );
}

#[test]
fn the_simple_status_has_no_steps_no_prompt_and_no_answers_of_subtasks() {
    let flow = complete();
    let simple = serde_json::to_value(flow.workflow.view(Extent::SIMPLE)).unwrap();
    assert_eq!(
        simple,
        json!({
            "status": "complete",
            "stop_reason": null,
            "error": null,
            "output": { "orchestratorTasks": ["Do a.", "Do b."], "finalResult": "S" },
            "run": 1,
            "provider": "openai",
            "mode": { "asked": "auto", "chosen": "split", "reason": "In parts." },
            "answer": { "words": 1, "limit": null, "reviewed": false },
            "parent": null,
            "metadata": { "team": "data" },
            "queued": "2026-01-01T00:00:00.000Z",
            "start": "2026-01-01T00:00:00.000Z",
            "end": "2026-01-01T00:00:04.000Z",
            "purge": "2026-01-31T00:00:04.000Z",
            "warnings": [{ "step": "subtask/b", "reason": "failed", "message": FOR_THE_OPERATOR }],
            "step_count": 4,
            "usage": {
                "prompt_tokens": 30, "completion_tokens": 15, "total_tokens": 45, "model_calls": 4,
                "estimated": false,
            },
        })
    );
}

#[test]
fn output_stays_null_until_the_workflow_is_complete() {
    let mut flow = Flow::planned(spec_with(|_| {}), &[("a", &[]), ("b", &["a"])]);
    assert!(flow.view()["output"].is_null() && flow.view()["end"].is_null());
    flow.reply("subtask/a", "A");
    flow.reply("subtask/b", "B");
    assert!(flow.view()["output"].is_null());
    flow.reply("synthesis", "S");
    assert_eq!(
        (flow.status(), flow.view()["output"].is_null()),
        (Status::Complete, false)
    );
}

#[test]
fn a_step_that_waits_for_its_retry_says_when() {
    let mut flow = Flow::planned(spec_with(|_| {}), &[("a", &[]), ("b", &["a"])]);
    flow.fail("subtask/a", crate::support::transient());
    let step = flow.step("subtask/a");
    assert_eq!(
        (step["state"].as_str(), step["error"]["name"].as_str()),
        (Some("retrying"), Some("HttpError"))
    );
    assert!(
        step["retry_at"].as_str().unwrap().starts_with("2026-01-01T00:00:0"),
        "{step}"
    );
}

#[test]
fn a_running_step_has_a_start_and_no_end() {
    let flow = Flow::start(spec_with(|_| {}));
    let step = flow.step("plan");
    assert_eq!(
        (step["state"].as_str(), step["success"].is_null(), step["end"].is_null()),
        (Some("running"), true, true)
    );
    assert_eq!(step["attempts"][0]["success"], json!(null));
}

#[test]
fn an_errored_workflow_names_its_error() {
    let mut flow = Flow::start(spec_with(|spec| spec.big_models.truncate(1)));
    flow.fail(
        "plan",
        error(
            orchestrator_workers::model::ErrorClass::Permanent,
            ErrorName::BadRequest,
        ),
    );
    assert_eq!(
        flow.view()["error"],
        json!({
            "name": "BadRequest",
            "message": format!("plan failed: {}", FOR_THE_OPERATOR.replace("small-a", "big-a"))
        })
    );
}
