//! The examples: made by the parser, the engine and the views, so that none can say what the code does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "native only, and without input: an example that does not hold fails the tests"
)]

use std::collections::BTreeMap;

use crate::errors::ErrorName;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::access::Environment;
use crate::api::config::{Bindings, Config};
use crate::api::host::Host;
use crate::api::id::{Tenant, WorkflowId};
use crate::api::problem::{Problem, ProblemType};
use crate::api::routes::Route;
use crate::api::status_fields::StatusFields;
use crate::api::submission::{BODY_BYTES_MAX, Submission, body_too_large};
use crate::api::views::{self, HealthView, IndexView, StatusForm};
use crate::api::{control, json, sse};
use crate::engine::show::live::Answer;
use crate::engine::show::view::Extent;
use crate::engine::words::answer::{EditResult, EditState, Segment};
use crate::engine::words::event::{FailureClass, Reduction, ReductionPart, Reset, StopReason};
use crate::engine::words::outcome::{ErrorInfo, Status};
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::engine::{AttemptId, Event, Input, Recorded, TooLong, Workflow};
use crate::model::{Finish, ModelReply, Usage};

/// 2026-01-01T00:00:00Z
const T0: Timestamp = Timestamp(1_767_225_600_000);
const ID: &str = "w1";
/// Of the ids of its events.
pub(super) const LIFE: &str = "5e1f8c30";

pub(super) const RESULT: &str = "## SQLite or PostgreSQL\n\nFor a small shop on one machine SQLite is enough.";

const PLAN: &str = concat!(
    r#"{"analysis": "Each database on its own, then the comparison.", "tasks": ["#,
    "\n    ",
    r#"{"id": "t1", "title": "SQLite", "instructions": "Describe SQLite for a small web shop.", "depends_on": []},"#,
    "\n    ",
    r#"{"id": "t2", "title": "PostgreSQL", "instructions": "Describe PostgreSQL for a small web shop.", "#,
    r#""depends_on": []}]}"#,
);

pub(super) fn short_submission() -> Value {
    json!({"prompt": "Compare PostgreSQL and SQLite for a small web shop."})
}

/// Every field of a submission.
pub(super) fn submission() -> Value {
    json!({
        "prompt": "Compare PostgreSQL and SQLite for a small web shop.",
        "id": ID,
        "tasks": ["Describe SQLite for a small web shop.", {
            "id": "t2",
            "title": "Comparison",
            "instructions": "Compare PostgreSQL with it.",
            "depends_on": ["t1"],
            "criteria": [1],
            "words": 300,
            "model": "big"
        }],
        "shared": "The shop has one server and 200 orders a day.",
        "borders": ["backups", {"what": "prices of hosting", "owner": "t2"}],
        "criteria": ["names the limits of SQLite with several writers", "ends with a recommendation"],
        "form": "merge",
        "history": [{"request": "Which databases need no server?", "answer": "SQLite and DuckDB."}],
        "metadata": {"team": "shop"},
        "options": {
            "mode": "auto",
            "length": {"max_words": 600},
            "max_subtasks": 8,
            "max_concurrency": 4,
            "approval": "none",
            "on_subtask_failure": "continue",
            "token_budget": 200_000,
            "deadline_seconds": 600,
            "retention_seconds": 86_400,
            "on_disconnect": "continue",
            "instructions": "For readers who know SQL.",
            "big_model": "demo-big",
            "small_model": "demo-small"
        }
    })
}

/// A run from the submission to its end, and what the first answer saw of it.
struct Run {
    workflow: Workflow,
    log: Vec<Recorded>,
    /// As it was when the submission was answered.
    begun: Workflow,
}

fn config() -> Config {
    let variable = |name: &str| match name {
        "ENVIRONMENT" => Some("development".to_owned()),
        "MODEL_PROVIDER" => Some("demo".to_owned()),
        _ => None,
    };
    Config::from_vars(variable, &[], Bindings::default()).expect("the development configuration is valid")
}

fn run() -> Run {
    let (config, tenant) = (config(), Tenant::default_tenant());
    let body = json!({"prompt": short_submission()["prompt"], "id": ID, "metadata": {"team": "shop"}});
    let submission = Submission::parse(Some("application/json"), body.to_string().as_bytes(), &config).unwrap();
    let identity = submission.identify(&tenant, None, Uuid::nil).unwrap();
    let spec = submission
        .into_spec(&config, &tenant, identity, None, "0".to_owned())
        .unwrap();
    let (mut workflow, first) = Workflow::create(spec, T0);
    let mut log = Vec::new();
    record(&mut log, T0, first);
    advance(&mut workflow, &mut log, T0, Input::TimePassed);
    let begun = workflow.clone();
    let replies = [
        ("plan", PLAN),
        ("subtask/t1", "SQLite is one file on one machine."),
        ("subtask/t2", "PostgreSQL is a server of its own."),
        ("synthesis", RESULT),
    ];
    for (second, (step, text)) in (1..).zip(replies) {
        let attempt = attempt_of(&workflow, step);
        let outcome = Ok(reply(text));
        advance(
            &mut workflow,
            &mut log,
            T0.plus_ms(second * 1_000),
            Input::AttemptFinished { attempt, outcome },
        );
    }
    Run { workflow, log, begun }
}

fn attempt_of(workflow: &Workflow, step: &str) -> AttemptId {
    let in_flight = workflow.in_flight();
    in_flight
        .into_iter()
        .find(|attempt| attempt.step.to_string() == step)
        .unwrap()
}

fn reply(text: &str) -> ModelReply {
    ModelReply {
        text: text.to_owned(),
        model: None,
        finish: Finish::Stop,
        usage: Some(Usage {
            prompt_tokens: 240,
            completion_tokens: 60,
        }),
        adapted: Vec::new(),
    }
}

fn advance(workflow: &mut Workflow, log: &mut Vec<Recorded>, at: Timestamp, input: Input) {
    let events = workflow.handle(input, at, 0).unwrap();
    record(log, at, events);
}

fn record(log: &mut Vec<Recorded>, at: Timestamp, events: Vec<Event>) {
    for event in events {
        let seq = log.len() as u64 + 1;
        log.push(Recorded { seq, at, event });
    }
}

fn id() -> WorkflowId {
    WorkflowId::parse(ID).unwrap()
}

fn parsed(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap()
}

pub(super) fn submitted() -> Value {
    parsed(&views::submitted(&id(), &run().begun.view(Extent::FULL)))
}

pub(super) fn submitted_and_ended() -> Value {
    parsed(&views::submitted(&id(), &run().workflow.view(Extent::FULL)))
}

pub(super) fn status() -> Value {
    parsed(&views::status(
        &id(),
        &run().workflow.view(Extent::FULL),
        &StatusForm::Full,
    ))
}

/// A page of the list, as [`crate::tenant`] writes it.
pub(super) fn list() -> Value {
    let run = run();
    let mut entry = parsed(&run.workflow.summary());
    entry["children"] = 0.into();
    let count = |status: Status| (status.as_str().to_owned(), u64::from(status == Status::Complete));
    let counts: BTreeMap<String, u64> = Status::ALL.map(count).into();
    json!({"workflows": [entry], "next": null, "counts": counts})
}

pub(super) fn simple_status() -> Value {
    parsed(&views::status(
        &id(),
        &run().workflow.view(Extent::SIMPLE),
        &StatusForm::Simple,
    ))
}

pub(super) fn selected_status() -> Value {
    let fields = StatusFields::of(["status", "run"]);
    let run = run();
    let view = run.workflow.view(fields.extent());
    parsed(&views::status(&id(), &view, &StatusForm::Fields(fields)))
}

pub(super) fn index() -> Value {
    serde_json::to_value(IndexView::new(&config())).unwrap()
}

pub(super) fn health() -> Value {
    serde_json::to_value(HealthView::new(&config())).unwrap()
}

/// The journal of a run without trouble.
pub(super) fn story() -> Vec<Recorded> {
    run().log
}

/// The data of an event of this type: the story's, or one of its own.
pub(super) fn event_data(type_name: &str) -> Option<Value> {
    let story = story();
    let told = story
        .iter()
        .find(|recorded| recorded.event.type_name() == type_name)
        .cloned();
    let made = || {
        let event = trouble().into_iter().find(|event| event.type_name() == type_name)?;
        Some(Recorded { seq: 9, at: T0, event })
    };
    let frame = sse::event_frame(&told.or_else(made)?, LIFE);
    let data = frame.lines().find_map(|line| line.strip_prefix("data: "))?;
    serde_json::from_str(data).ok()
}

/// How the reader's text goes on in the middle of the story's last call.
pub(super) fn live_answer() -> Answer {
    Answer {
        from: 0,
        text: RESULT.chars().take(40).collect(),
        settled: 40,
        last: false,
    }
}

/// The events that the story does without.
fn trouble() -> Vec<Event> {
    let subtask = || StepName::Subtask("t1".to_owned());
    let error = || ErrorInfo::new(ErrorName::HttpError, "the server answered 500");
    vec![
        Event::WorkflowWaiting {},
        Event::WorkflowWaitingForPause { reason: None },
        Event::WorkflowPaused {
            reason: Some(StopReason::NoListener),
        },
        Event::WorkflowResumed {},
        Event::WorkflowErrored {
            error: ErrorInfo::new(
                ErrorName::AllSubtasksFailed,
                "every subtask failed, the first with subtask/t1: the server answered 500",
            ),
        },
        Event::WorkflowTerminated { reason: None },
        Event::WorkflowRestarted {
            run: 2,
            reset: Reset::Steps(vec![subtask(), StepName::Synthesis]),
            remark: None,
        },
        Event::PlanApproved {
            plan: None,
            estimate: None,
        },
        Event::AnswerAssembled {
            assembler: 1,
            segments: vec![
                Segment::Slice {
                    step: StepName::Edit(1),
                    run: 1,
                    number: 1,
                    from: 8,
                    to: 120,
                },
                Segment::Slice {
                    step: StepName::Subtask("t1".to_owned()),
                    run: 1,
                    number: 1,
                    from: 0,
                    to: 2400,
                },
                Segment::Text {
                    text: "\n\n".to_owned(),
                },
            ],
            edits: vec![EditResult {
                step: StepName::Subtask("t1".to_owned()),
                state: EditState::Applied,
                reason: None,
            }],
            problems: Vec::new(),
            unmarked: false,
        },
        Event::AnswerReviewed {
            assembler: 1,
            segments: vec![
                Segment::Slice {
                    step: StepName::Synthesis,
                    run: 1,
                    number: 0,
                    from: 0,
                    to: 120,
                },
                Segment::Slice {
                    step: StepName::Review(1),
                    run: 1,
                    number: 1,
                    from: 40,
                    to: 61,
                },
            ],
            edits: vec![EditResult {
                step: StepName::Synthesis,
                state: EditState::Applied,
                reason: None,
            }],
            refused: None,
        },
        Event::ReductionPlanned {
            reductions: vec![Reduction {
                number: 1,
                round: 1,
                parts: vec![ReductionPart {
                    step: subtask(),
                    from: 0,
                    to: 40_000,
                }],
            }],
        },
        Event::AttemptErrored {
            step: subtask(),
            run: 1,
            number: 1,
            error: error(),
            class: FailureClass::Transient,
            reply: None,
            usage: None,
            retry_at: Some(T0.plus_ms(700)),
            next_model: 0,
            context: None,
        },
        Event::AttemptLost {
            step: subtask(),
            run: 1,
            number: 1,
            retry_at: None,
        },
        Event::StepErrored {
            step: subtask(),
            error: error(),
        },
        Event::StepSkipped {
            step: subtask(),
            reason: "three quarters of token_budget (20000) was used".to_owned(),
        },
    ]
}

/// One problem of each type, made as the code makes it.
pub(super) fn problem(kind: ProblemType) -> Value {
    serde_json::to_value(problem_of(kind)).unwrap()
}

pub(super) fn problem_of(kind: ProblemType) -> Problem {
    let submit = |body: &str| Submission::parse(Some("application/json"), body.as_bytes(), &config()).unwrap_err();
    match kind {
        ProblemType::InvalidJson => json::parse("{\"prompt\": \"x\",}").unwrap_err(),
        ProblemType::InvalidRequest => submit("{\"prompt\": 1}"),
        ProblemType::InvalidPlan => {
            submit("{\"prompt\": \"x\", \"tasks\": [{\"instructions\": \"x\", \"depends_on\": [\"t9\"]}]}")
        }
        ProblemType::ContextTooSmall => Problem::context_too_small(&TooLong {
            step: StepName::Plan,
            model: "@cf/meta/llama-3.3-70b-instruct-fp8-fast".to_owned(),
            context_tokens: 24_000,
            prompt_tokens: 31_402,
            reply_tokens: 1_024,
        }),
        ProblemType::UnknownStep => Problem::unknown_step(
            "subtask/t9",
            &["plan".to_owned(), "subtask/t1".to_owned(), "synthesis".to_owned()],
        ),
        ProblemType::NotFound => Problem::unknown_workflow(ID),
        ProblemType::MethodNotAllowed => Route::parse("PUT", "/w1").unwrap_err(),
        ProblemType::IdTaken => Problem::id_taken(ID),
        ProblemType::ControlNotAllowed => {
            let rejection = run()
                .workflow
                .handle(Input::Control(crate::engine::Control::Resume), T0, 0)
                .unwrap_err();
            control::rejected(crate::api::routes::ControlName::Resume, &rejection)
        }
        ProblemType::ResultNotReady => Problem::result_not_ready("running", 2),
        ProblemType::NoResult => Problem::no_result("errored", true),
        ProblemType::ContentTooLarge => {
            let problem = body_too_large();
            debug_assert!(problem.detail().contains(&BODY_BYTES_MAX.to_string()));
            problem
        }
        ProblemType::UnsupportedMediaType => {
            Submission::parse(Some("application/xml"), b"<x/>", &config()).unwrap_err()
        }
        ProblemType::IdempotencyKeyReused => Problem::idempotency_key_reused(),
        ProblemType::TooManySubscribers => Problem::too_many_subscribers(100),
        ProblemType::InternalError => Problem::internal(),
        ProblemType::NewerJournal => Problem::newer_journal(),
        ProblemType::Unavailable => Problem::unavailable(),
        ProblemType::IndexNotConfigured => Problem::index_not_configured("ORCHESTRATOR_WORKERS_TENANT"),
        ProblemType::InvalidConfiguration => {
            let variable = |name: &str| (name == "HEARTBEAT_MS").then(|| "soon".to_owned());
            let error = Config::from_vars(variable, &[], Bindings { ai: true }).unwrap_err();
            Problem::from(&error)
        }
        ProblemType::InvalidToken => access_problem("name:0123456789abcdef", None),
        ProblemType::AuthNotConfigured => of_no_host(&access_problem("", None), "API_TOKENS"),
        ProblemType::OriginNotAllowed => access_problem("name:0123456789abcdef", Some("https://elsewhere.example")),
    }
}

/// The document is the same wherever it is served, so what the owner types on one host is left out of it.
fn of_no_host(problem: &Problem, secret: &str) -> Problem {
    let steps = Host::default().steps_to_set(secret, Environment::Production);
    let detail = problem.detail();
    debug_assert!(detail.contains(&steps), "{detail}");
    Problem::new(
        problem.kind(),
        detail.replace(&steps, &format!("its owner sets {secret}")),
    )
}

fn access_problem(tokens: &str, origin: Option<&str>) -> Problem {
    let variable = |name: &str| match name {
        "API_TOKENS" => Some(tokens.to_owned()),
        "ENVIRONMENT" => Some("production".to_owned()),
        "MODEL_PROVIDER" => Some("demo".to_owned()),
        _ => None,
    };
    let config = Config::from_vars(variable, &[], Bindings::default()).unwrap();
    let head = crate::api::access::RequestHead {
        proxy_header: None,
        method: "POST",
        host: "example.com",
        origin,
        authorization: None,
    };
    config.access.authorize(&head).unwrap_err()
}
