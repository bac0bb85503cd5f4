//! Journals of released versions, which each build must replay and finish: `tests/fixtures/journals/<version>/*.jsonl`.
//!
//! A released version's folder never changes. What the next release will write stands in `next`, which
//! `UPDATE_FIXTURES=1 cargo test` writes anew; a release gives it its number.

use orchestrator_workers::errors::ErrorName;
use std::path::{Path, PathBuf};

use orchestrator_workers::engine::words::codec;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::{Approval, Mode, OnDisconnect};
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{Control, Input, Recorded, RestartFrom};
use orchestrator_workers::model::{ErrorClass, ModelError};
use serde_json::{Value, json};

use crate::flow::Flow;
use crate::support::{error, model, plan_text, spec, spec_with, transient, truncated};

const TASKS: &[(&str, &[&str])] = &[("a", &[]), ("b", &[]), ("c", &["a"])];

const NEXT: &str = "next";

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journals")
}

/// What the folder of this version holds: runs that have ended, and runs interrupted at every kind of place.
fn journals() -> Vec<(&'static str, Flow)> {
    vec![
        ("complete", complete()),
        ("complete_with_everything", complete_with_everything()),
        ("errored", errored()),
        ("terminated", {
            let mut flow = Flow::planned(spec(), TASKS);
            flow.control(Control::Terminate);
            flow
        }),
        ("interrupted_queued", Flow::create(spec())),
        ("interrupted_planning", Flow::start(spec())),
        ("interrupted_repairing", {
            let mut flow = Flow::start(spec());
            flow.reply("plan", "no plan");
            flow
        }),
        ("interrupted_subtasks", {
            let mut flow = Flow::planned(spec(), TASKS);
            flow.pass(700);
            flow.reply("subtask/a", "A \"quoted\"\n日本語 🦀");
            flow.fail("subtask/b", transient());
            flow
        }),
        (
            "interrupted_waiting",
            Flow::planned(spec_with(|spec| spec.options.approval = Approval::Plan), TASKS),
        ),
        ("interrupted_pausing", {
            let mut flow = Flow::planned(spec(), TASKS);
            flow.control(Control::Pause);
            flow
        }),
        ("interrupted_paused", {
            let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
            flow.fail("subtask/a", transient());
            flow.control(Control::Pause);
            flow
        }),
        ("interrupted_deserted", {
            let mut flow = Flow::planned(
                spec_with(|spec| spec.options.on_disconnect = OnDisconnect::Pause),
                &[("a", &[]), ("b", &["a"])],
            );
            flow.handle(Input::NobodyListens).unwrap();
            flow.reply("subtask/a", "A");
            flow
        }),
        ("interrupted_reducing", reducing()),
        ("interrupted_continuing", {
            let mut flow = Flow::planned(spec(), &[("a", &[]), ("b", &["a"])]);
            flow.reply("subtask/a", "A");
            flow.reply("subtask/b", "B");
            flow.finish("synthesis", Ok(truncated("The first half, ")));
            flow
        }),
        ("interrupted_restarted", {
            let mut flow = complete();
            flow.restart_from("subtask/a");
            flow
        }),
        ("complete_direct", {
            let mut flow = Flow::start(spec());
            flow.reply("plan", r#"{"mode": "direct", "analysis": "One fact."}"#);
            flow.reply("synthesis", "The fact.");
            flow
        }),
        ("complete_assembled", {
            let mut flow = editing();
            flow.reply("edit/1", SCRIPT);
            flow.reply("edit/2", "@edit b\n<<<<\nold\n====\nnew\n>>>>\n");
            flow
        }),
        ("complete_unmarked", {
            let mut flow = editing();
            flow.reply("edit/1", "One text.");
            flow
        }),
        (
            "interrupted_direct",
            Flow::start(spec_with(|spec| spec.options.mode = Mode::Direct)),
        ),
        ("interrupted_editing", {
            let mut flow = editing();
            flow.finish("edit/1", Ok(truncated("@answer\nThe lead.\n")));
            flow
        }),
        ("interrupted_repairing_edits", {
            let mut flow = editing();
            flow.reply("edit/1", SCRIPT);
            flow
        }),
        ("interrupted_limit", {
            let mut flow = Flow::planned(spec_with(|spec| spec.options.deadline_seconds = Some(100)), TASKS);
            flow.reply("subtask/b", "B");
            flow.pass(75_000);
            flow
        }),
    ]
}

/// One of its edits does not apply.
const SCRIPT: &str =
    "@edit b\n<<<<\nnowhere\n====\nnew\n>>>>\n@answer\nThe lead: 日本語 🦀.\n\n@include a\n\n@include b\n";

/// Both parts are there, and the editor is asked.
fn editing() -> Flow {
    let mut flow = Flow::start(spec());
    let plan = json!({
        "form": "assemble", "length": 300, "shared": "The port is 80.", "criteria": ["The port is right."],
        "borders": [{ "what": "the port", "owner": "a" }],
        "tasks": [
            { "id": "a", "instructions": "Do a.", "criteria": [1], "words": 100 },
            { "id": "b", "instructions": "Do b.", "model": "big" },
        ],
    });
    flow.reply("plan", plan.to_string());
    flow.reply("subtask/a", "# A\n\nÜber 80.\n\nNote: a guess.");
    flow.reply("subtask/b", "# B\n\nold");
    flow
}

fn complete() -> Flow {
    let mut flow = Flow::planned(spec(), TASKS);
    flow.pass(1_500);
    for step in ["subtask/b", "subtask/a", "subtask/c", "synthesis"] {
        flow.pass(250);
        flow.reply(step, format!("Answer of {step}"));
    }
    flow
}

fn complete_with_everything() -> Flow {
    let mut flow = Flow::start(spec_with(|spec| {
        spec.options.approval = Approval::Plan;
        spec.options.deadline_seconds = Some(3_600);
        spec.options.token_budget = Some(1_000_000);
        spec.options.instructions = Some("Briefly.".into());
        spec.metadata.insert("team".into(), "data".into());
        spec.fingerprint = Some("0123abcd".into());
        spec.meaning = Some("2:4567cdef".into());
    }));
    flow.reply("plan", "nonsense");
    flow.reply("plan", plan_text(TASKS));
    flow.control(Control::Approve(None));
    flow.lose("subtask/a");
    flow.fail(
        "subtask/a",
        ModelError {
            retry_after_ms: Some(2_000),
            ..error(ErrorClass::Transient, ErrorName::RateLimited)
        },
    );
    flow.finish("subtask/b", Ok(truncated("half of B")));
    flow.control(Control::Pause);
    flow.pass(10_000);
    flow.control(Control::Resume);
    flow.reply("subtask/a", "A");
    flow.fail("subtask/c", error(ErrorClass::Permanent, ErrorName::BadRequest));
    flow.fail("subtask/c", error(ErrorClass::Quota, ErrorName::QuotaExceeded));
    flow.finish("synthesis", Ok(truncated("one ")));
    flow.reply("synthesis", "two");
    flow.control(Control::Restart(RestartFrom::Failed));
    flow.reply("subtask/c", "C");
    flow.reply("synthesis", "S of run 2");
    flow
}

fn errored() -> Flow {
    let mut flow = Flow::planned(
        spec_with(|spec| spec.small_models.truncate(1)),
        &[("a", &[]), ("b", &["a"])],
    );
    for step in ["subtask/a", "subtask/b"] {
        flow.fail(step, error(ErrorClass::Permanent, ErrorName::BadRequest));
    }
    flow
}

fn reducing() -> Flow {
    let spec = spec_with(|spec| {
        spec.big_models = vec![model("big", 8_192)];
        spec.policy.synthesis_max_tokens = 2_048;
        spec.policy.subtask_max_tokens = 1_024;
    });
    let mut flow = Flow::planned(spec, &[("a", &[]), ("b", &[])]);
    flow.reply("subtask/a", "word ".repeat(5_000));
    flow.reply("subtask/b", "term ".repeat(5_000));
    flow
}

fn to_line(recorded: &Recorded) -> String {
    let (type_name, data) = codec::encode(&recorded.event);
    let data: Value = serde_json::from_str(&data).unwrap();
    json!({ "seq": recorded.seq, "at": recorded.at, "type": type_name, "data": data }).to_string()
}

pub fn from_line(line: &str) -> Recorded {
    let row: Value = serde_json::from_str(line).unwrap();
    Recorded {
        seq: row["seq"].as_u64().unwrap(),
        at: Timestamp(row["at"].as_u64().unwrap()),
        event: codec::decode(row["type"].as_str().unwrap(), &row["data"].to_string()).unwrap(),
    }
}

fn text(flow: &Flow) -> String {
    flow.log.iter().map(|recorded| to_line(recorded) + "\n").collect()
}

/// Answers whatever is asked, as a person and a model would, until the workflow has ended.
fn finish(flow: &mut Flow) {
    flow.handle(Input::AttemptsLost(flow.workflow.in_flight())).unwrap();
    for _ in 0..200 {
        match flow.status() {
            Status::Waiting => flow.control(Control::Approve(None)),
            Status::Paused => flow.control(Control::Resume),
            status if status.is_terminal() => return,
            _ => match flow.in_flight().first() {
                Some(step) if step == "plan" => flow.reply("plan", plan_text(&[("x", &[]), ("y", &["x"])])),
                Some(step) => flow.reply(&step.clone(), "an answer"),
                None => flow.pass(60_000),
            },
        }
    }
    panic!("not finished: {:#}", flow.view());
}

#[test]
fn the_journals_of_every_version_are_replayed_and_finished() {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        let folder = folder().join(NEXT);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, flow) in journals() {
            std::fs::write(folder.join(format!("{name}.jsonl")), text(&flow)).unwrap();
        }
    }
    let mut count = 0;
    for version in std::fs::read_dir(folder()).unwrap() {
        for file in std::fs::read_dir(version.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let log: Vec<Recorded> = std::fs::read_to_string(&path).unwrap().lines().map(from_line).collect();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let mut flow = Flow::resume(log);
            let (before, answers) = (flow.status(), flow.view()["output"].clone());
            finish(&mut flow);
            if name.starts_with("interrupted") {
                assert_eq!(flow.status(), Status::Complete, "{}: {:#}", path.display(), flow.view());
            } else {
                assert_eq!(
                    (flow.status(), &flow.view()["output"]),
                    (before, &answers),
                    "{}",
                    path.display()
                );
            }
            count += 1;
        }
    }
    assert!(count >= journals().len(), "{count} journals");
}

#[test]
fn this_version_still_writes_what_its_fixtures_hold() {
    for (name, flow) in journals() {
        let path = folder().join(NEXT).join(format!("{name}.jsonl"));
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            stored == text(&flow),
            "{} has changed: raise the schema version if 0.1.0 could misread it, and run with UPDATE_FIXTURES=1",
            path.display()
        );
    }
}

#[test]
fn a_journal_can_be_cut_after_any_turn_and_is_still_finished() {
    for (name, flow) in journals() {
        for &events in &flow.turns {
            let mut cut = Flow::resume(flow.log[..events].to_vec());
            cut.handle(Input::TimePassed).unwrap();
            finish(&mut cut);
            assert!(cut.status().is_terminal(), "{name} cut after {events}");
        }
    }
}
