//! The stored JSON of every event type, pinned: journals of released versions must stay readable.
//!
//! A test that fails here says that the format has changed. Fields may be added with a default; never change what is
//! written below, add to it.

use orchestrator_workers::engine::words::answer::{AssemblyProblem, EditResult, EditState, ProblemKind, Segment};
use orchestrator_workers::engine::words::codec::{DecodeError, decode, encode};
use orchestrator_workers::engine::words::event::{
    ContextLesson, Estimate, FailureClass, MergedTask, PlanSource, Reduction, ReductionPart, Reset, ResultSource,
    StepRemark, StopReason,
};
use orchestrator_workers::engine::words::outcome::{AttemptUsage, ErrorInfo};
use orchestrator_workers::engine::words::plan::{Plan, TaskDraft};
use orchestrator_workers::engine::words::spec::WorkflowSpec;
use orchestrator_workers::engine::words::step_name::StepName;
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{Event, ReplayError, Workflow};
use orchestrator_workers::errors::ErrorName;
use orchestrator_workers::model::Provider;

use crate::flow::Flow;
use crate::support::{plan_text, spec, spec_with};

fn t1() -> StepName {
    StepName::Subtask("t1".into())
}

fn plan() -> Plan {
    Plan::from_client("Why.", vec![TaskDraft::new("Do it.")], 8).unwrap()
}

fn failure() -> ErrorInfo {
    ErrorInfo::new(ErrorName::HttpError, "503")
}

/// Every event type, in its shortest and its longest form, and its stored JSON.
#[rustfmt::skip]
fn pinned() -> Vec<(Event, &'static str, &'static str)> {
    let usage = AttemptUsage { prompt_tokens: 10, completion_tokens: 5, estimated: true };
    let part = ReductionPart { step: t1(), from: 0, to: 9 };
    vec![
        (Event::WorkflowStarted {}, "workflow_started", r#"{"v":1}"#),
        (Event::WorkflowWaiting {}, "workflow_waiting", r#"{"v":1}"#),
        (Event::WorkflowWaitingForPause { reason: None }, "workflow_waiting_for_pause", r#"{"v":1}"#),
        (Event::WorkflowWaitingForPause { reason: Some(StopReason::NoListener) }, "workflow_waiting_for_pause",
            r#"{"reason":"no_listener","v":1}"#),
        (Event::WorkflowPaused { reason: None }, "workflow_paused", r#"{"v":1}"#),
        (Event::WorkflowPaused { reason: Some(StopReason::NoListener) }, "workflow_paused",
            r#"{"reason":"no_listener","v":1}"#),
        (Event::WorkflowResumed {}, "workflow_resumed", r#"{"v":1}"#),
        (Event::WorkflowCompleted { result: ResultSource::Synthesis }, "workflow_completed", r#"{"v":1}"#),
        (Event::WorkflowCompleted { result: ResultSource::Answers }, "workflow_completed",
            r#"{"result":"answers","v":1}"#),
        (Event::WorkflowErrored { error: failure() }, "workflow_errored",
            r#"{"error":{"message":"503","name":"HttpError"},"v":1}"#),
        (Event::WorkflowTerminated { reason: None }, "workflow_terminated", r#"{"v":1}"#),
        (Event::WorkflowTerminated { reason: Some(StopReason::NoListener) }, "workflow_terminated",
            r#"{"reason":"no_listener","v":1}"#),
        (Event::WorkflowRestarted { run: 2, reset: Reset::Everything, remark: None }, "workflow_restarted",
            r#"{"reset":"everything","run":2,"v":1}"#),
        (Event::WorkflowRestarted { run: 2, reset: Reset::Steps(vec![t1(), StepName::Synthesis]), remark: None },
            "workflow_restarted",
            r#"{"reset":{"steps":["subtask/t1","synthesis"]},"run":2,"v":1}"#),
        (Event::PlanAccepted { estimate: None, plan: plan(), source: PlanSource::Planner, merged: vec![] },
            "plan_accepted",
            concat!(r#"{"plan":{"analysis":"Why.","#,
                r#""tasks":[{"depends_on":[],"id":"t1","instructions":"Do it.","title":"Do it."}]},"#,
                r#""source":"planner","v":1}"#)),
        (Event::PlanAccepted { estimate: None, plan: plan(), source: PlanSource::Planner,
            merged: vec![MergedTask { id: "t2".into(), title: "Do it.".into(), into: "t1".into() }] }, "plan_accepted",
            concat!(r#"{"merged":[{"id":"t2","into":"t1","title":"Do it."}],"plan":{"analysis":"Why.","#,
                r#""tasks":[{"depends_on":[],"id":"t1","instructions":"Do it.","title":"Do it."}]},"#,
                r#""source":"planner","v":1}"#)),
        (Event::PlanApproved { plan: None, estimate: None }, "plan_approved", r#"{"v":1}"#),
        (Event::PlanApproved { plan: Some(plan()), estimate: None }, "plan_approved",
            concat!(r#"{"plan":{"analysis":"Why.","#,
                r#""tasks":[{"depends_on":[],"id":"t1","instructions":"Do it.","title":"Do it."}]},"v":1}"#)),
        (Event::ReductionPlanned { reductions: vec![Reduction { number: 1, round: 1, parts: vec![part] }] },
            "reduction_planned",
            r#"{"reductions":[{"number":1,"parts":[{"from":0,"step":"subtask/t1","to":9}],"round":1}],"v":1}"#),
        (Event::AnswerAssembled { assembler: 1, segments: vec![
                Segment::Slice { step: t1(), run: 1, number: 2, from: 0, to: 9 }, Segment::Text { text: "A".into() }],
            edits: vec![EditResult { step: t1(), state: EditState::Failed, reason: Some("why".into()) }],
            problems: vec![AssemblyProblem { kind: ProblemKind::LeftOut, id: Some("t2".into()) }],
            unmarked: true }, "answer_assembled",
            concat!(r#"{"assembler":1,"edits":[{"reason":"why","state":"failed","step":"subtask/t1"}],"#,
                r#""problems":[{"id":"t2","kind":"left_out"}],"#,
                r#""segments":[{"from":0,"number":2,"run":1,"step":"subtask/t1","to":9},{"text":"A"}],"#,
                r#""unmarked":true,"v":2}"#)),
        (Event::AnswerAssembled { assembler: 1, segments: vec![], edits: vec![], problems: vec![], unmarked: false },
            "answer_assembled", r#"{"assembler":1,"segments":[],"v":2}"#),
        (Event::PlanAccepted { estimate: Some(Estimate { calls: 1, tokens: 900 }), plan: Plan::direct("Why."),
            source: PlanSource::Planner, merged: vec![] }, "plan_accepted",
            concat!(r#"{"estimate":{"calls":1,"tokens":900},"#,
                r#""plan":{"analysis":"Why.","mode":"direct","tasks":[]},"source":"planner","v":2}"#)),
        (Event::WorkflowRestarted { run: 3, reset: Reset::Steps(vec![StepName::Edit(1), StepName::Synthesis,
            StepName::Edit(2)]), remark: None }, "workflow_restarted",
            r#"{"reset":{"steps":["edit/1","synthesis","edit/2"]},"run":3,"v":2}"#),
        (Event::AttemptStarted { step: StepName::Edit(1), run: 1, number: 1, model: "big".into(), model_index: None,
            input_cut: false, prompts: Some(2), request_sha256: Some("0a".into()) },
            "attempt_started",
            r#"{"model":"big","number":1,"prompts":2,"request_sha256":"0a","run":1,"step":"edit/1","v":2}"#),
        (Event::WorkflowRestarted { run: 4, reset: Reset::Steps(vec![t1()]),
            remark: Some(StepRemark { step: t1(), text: "Shorter.".into() }) }, "workflow_restarted",
            concat!(r#"{"remark":{"step":"subtask/t1","text":"Shorter."},"#,
                r#""reset":{"steps":["subtask/t1"]},"run":4,"v":2}"#)),
        (Event::AnswerReviewed { assembler: 1, segments: vec![
                Segment::Slice { step: StepName::Synthesis, run: 1, number: 0, from: 0, to: 9 },
                Segment::Slice { step: StepName::Review(1), run: 1, number: 1, from: 3, to: 5 }],
            edits: vec![EditResult { step: StepName::Synthesis, state: EditState::Applied, reason: None }],
            refused: Some("why".into()) }, "answer_reviewed",
            concat!(r#"{"assembler":1,"edits":[{"state":"applied","step":"synthesis"}],"refused":"why","#,
                r#""segments":[{"from":0,"number":0,"run":1,"step":"synthesis","to":9},"#,
                r#"{"from":3,"number":1,"run":1,"step":"review/1","to":5}],"v":2}"#)),
        (Event::StepSkipped { step: StepName::Structure, reason: "limit".into() }, "step_skipped",
            r#"{"reason":"limit","step":"structure","v":2}"#),
        (Event::StepSkipped { step: StepName::Edit(2), reason: "limit".into() }, "step_skipped",
            r#"{"reason":"limit","step":"edit/2","v":2}"#),
        (Event::AttemptStarted { step: StepName::Plan, run: 1, number: 1, model: "big".into(), model_index: None,
            input_cut: false, prompts: None, request_sha256: None },
            "attempt_started",
            r#"{"model":"big","number":1,"run":1,"step":"plan","v":1}"#),
        (Event::AttemptStarted { step: StepName::Reduce(3), run: 1, number: 1, model: "big".into(),
            model_index: Some(1), input_cut: true, prompts: None, request_sha256: None },
            "attempt_started",
            r#"{"input_cut":true,"model":"big","model_index":1,"number":1,"run":1,"step":"reduce/3","v":1}"#),
        (Event::AttemptCompleted { step: t1(), run: 1, number: 1, text: "A".into(), truncated: false,
            unknown_finish: None, usage, model: None, adapted: Vec::new() }, "attempt_completed",
            concat!(r#"{"number":1,"run":1,"step":"subtask/t1","text":"A","#,
                r#""usage":{"completion_tokens":5,"estimated":true,"prompt_tokens":10},"v":1}"#)),
        (Event::AttemptCompleted { step: t1(), run: 1, number: 1, text: "A".into(), truncated: true,
            unknown_finish: Some("odd".into()), usage, model: Some("llama".into()), adapted: Vec::new() },
            "attempt_completed",
            concat!(r#"{"model":"llama","number":1,"run":1,"step":"subtask/t1","text":"A","truncated":true,"#,
                r#""unknown_finish":"odd","#,
                r#""usage":{"completion_tokens":5,"estimated":true,"prompt_tokens":10},"v":1}"#)),
        (Event::AttemptErrored { step: t1(), run: 1, number: 1, error: failure(), class: FailureClass::Aborted,
            reply: None, usage: None, retry_at: None, next_model: 0, context: None }, "attempt_errored",
            concat!(r#"{"class":"aborted","error":{"message":"503","name":"HttpError"},"number":1,"#,
                r#""retry_at":null,"run":1,"step":"subtask/t1","v":1}"#)),
        (Event::AttemptErrored { step: StepName::Plan, run: 1, number: 2, error: failure(),
            class: FailureClass::Invalid, reply: Some("no".into()), usage: Some(usage), retry_at: Some(Timestamp(7)),
            next_model: 1, context: Some(ContextLesson { context_tokens: Some(8192), counted_per_1000: Some(1310),
            guessed: true }) }, "attempt_errored",
            concat!(r#"{"class":"invalid","context":{"context_tokens":8192,"counted_per_1000":1310,"guessed":true},"#,
                r#""error":{"message":"503","name":"HttpError"},"next_model":1,"#,
                r#""number":2,"reply":"no","retry_at":7,"run":1,"step":"plan","#,
                r#""usage":{"completion_tokens":5,"estimated":true,"prompt_tokens":10},"v":1}"#)),
        (Event::AttemptLost { step: t1(), run: 1, number: 1, retry_at: None }, "attempt_lost",
            r#"{"number":1,"run":1,"step":"subtask/t1","v":1}"#),
        (Event::AttemptLost { step: t1(), run: 1, number: 3, retry_at: Some(Timestamp(5)) }, "attempt_lost",
            r#"{"number":3,"retry_at":5,"run":1,"step":"subtask/t1","v":1}"#),
        (Event::StepErrored { step: t1(), error: failure() }, "step_errored",
            r#"{"error":{"message":"503","name":"HttpError"},"step":"subtask/t1","v":1}"#),
        (Event::StepSkipped { step: t1(), reason: "limit".into() }, "step_skipped",
            r#"{"reason":"limit","step":"subtask/t1","v":1}"#),
        (Event::WorkflowQueued { spec: Box::new(spec()) }, "workflow_queued", concat!(
            r#"{"spec":{"big_models":[{"context_tokens":131072,"name":"big-a","provider":"openai"},"#,
            r#"{"context_tokens":131072,"name":"big-b","provider":"openai"}],"#,
            r#""id":"w1","nonce":"nonce-1","#,
            r#""options":{"approval":"none","max_concurrency":50,"max_subtasks":8,"on_subtask_failure":"continue"},"#,
            r#""policy":{"attempt_timeout_ms":900000,"attempts_max":5,"backoff_base_ms":1000,"backoff_max_ms":60000,"#,
            r#""continuations_max":3,"failures_per_model":3,"#,
            r#""first_token_timeout_ms":120000,"idle_timeout_ms":60000,"journal_bytes_max":25165824,"lost_max":10,"#,
            r#""plan_max_tokens":4096,"retention_ms":2592000000,"subtask_max_tokens":4096,"#,
            r#""synthesis_max_tokens":8192},"#,
            r#""prompt":"Compare three databases.","provider":"openai","#,
            r#""small_models":[{"context_tokens":32768,"name":"small-a","provider":"openai"},"#,
            r#"{"context_tokens":32768,"name":"small-b","provider":"openai"}],"tenant":"default"},"v":1}"#)),
    ]
}

/// A build that knows no such server would send the request to another one.
#[test]
fn a_workflow_on_a_server_with_a_name_of_its_own_is_not_for_older_builds() {
    let queued = |change: fn(&mut WorkflowSpec, Provider)| {
        let groq = Provider::parse("groq").unwrap();
        let spec = spec_with(|spec| change(spec, groq));
        let event = Event::WorkflowQueued { spec: Box::new(spec) };
        let (type_name, data) = encode(&event);
        assert_eq!(decode(type_name, &data).unwrap(), event);
        assert!(
            data.contains(r#""provider":"groq""#) && data.ends_with(r#""v":2}"#),
            "{data}"
        );
    };
    queued(|spec, groq| spec.provider = groq);
    queued(|spec, groq| spec.big_models[1].provider = groq);
    queued(|spec, groq| spec.small_models[0].provider = groq);
}

#[test]
fn the_stored_form_of_every_event_is_what_it_was() {
    for (event, type_name, data) in pinned() {
        assert_eq!(encode(&event), (type_name, data.to_owned()));
    }
}

#[test]
fn every_pinned_form_is_still_read() {
    for (event, type_name, data) in pinned() {
        assert_eq!(decode(type_name, data), Ok(event));
    }
}

#[test]
fn the_failure_classes_are_pinned() {
    let classes = [
        (FailureClass::Transient, "transient"),
        (FailureClass::Permanent, "permanent"),
        (FailureClass::Quota, "quota"),
        (FailureClass::Invalid, "invalid"),
        (FailureClass::Aborted, "aborted"),
    ];
    for (class, word) in classes {
        assert_eq!(serde_json::to_value(class).unwrap(), word);
    }
}

/// Fails to compile where an event type is missing from it, and fails where one is missing from `pinned`.
#[test]
fn every_event_type_is_pinned() {
    let kind = |event: &Event| match event {
        Event::WorkflowQueued { .. } => 0,
        Event::WorkflowStarted {} => 1,
        Event::WorkflowWaiting {} => 2,
        Event::WorkflowWaitingForPause { .. } => 3,
        Event::WorkflowPaused { .. } => 4,
        Event::WorkflowResumed {} => 5,
        Event::WorkflowCompleted { .. } => 6,
        Event::WorkflowErrored { .. } => 7,
        Event::WorkflowTerminated { .. } => 8,
        Event::WorkflowRestarted { .. } => 9,
        Event::PlanAccepted { .. } => 10,
        Event::PlanApproved { .. } => 11,
        Event::ReductionPlanned { .. } => 12,
        Event::AttemptStarted { .. } => 13,
        Event::AttemptCompleted { .. } => 14,
        Event::AttemptErrored { .. } => 15,
        Event::AttemptLost { .. } => 16,
        Event::StepErrored { .. } => 17,
        Event::StepSkipped { .. } => 18,
        Event::AnswerAssembled { .. } => 19,
        Event::AnswerReviewed { .. } => 20,
    };
    let mut pinned: Vec<_> = pinned().iter().map(|(event, ..)| kind(event)).collect();
    pinned.sort_unstable();
    pinned.dedup();
    assert_eq!(pinned, (0..=20).collect::<Vec<_>>());
}

#[test]
fn an_event_of_a_newer_build_is_told_from_a_damaged_one() {
    for (event, type_name, data) in pinned() {
        let newer = data.replace(r#""v":1"#, r#""v":3"#).replace(r#""v":2"#, r#""v":3"#);
        assert!(
            matches!(decode(type_name, &newer), Err(DecodeError::Newer { version: 3, .. })),
            "{event:?}"
        );
        assert!(matches!(
            decode("workflow_reconsidered", data),
            Err(DecodeError::Newer { .. })
        ));
        assert!(matches!(
            decode(type_name, &data[..data.len() - 1]),
            Err(DecodeError::Corrupt { .. })
        ));
    }
}

#[test]
fn a_field_that_this_build_does_not_know_is_ignored() {
    for (event, type_name, data) in pinned() {
        let extended = data.replace(r#""v":1"#, r#""v":1,"since_then":{"more":[1]}"#);
        assert_eq!(decode(type_name, &extended), Ok(event));
    }
}

#[test]
fn a_journal_with_a_gap_an_odd_beginning_or_nothing_is_refused() {
    let mut flow = Flow::start(spec());
    flow.reply("plan", plan_text(&[("a", &[]), ("b", &["a"])]));
    let log = flow.log;
    let gap = log.iter().filter(|recorded| recorded.seq != 4).cloned();
    assert_eq!(Workflow::replay(gap), Err(ReplayError::Gap { after: 3, found: 5 }));
    let tail = log.iter().skip(1).cloned();
    assert_eq!(Workflow::replay(tail), Err(ReplayError::NotQueued("workflow_started")));
    assert_eq!(Workflow::replay([]), Err(ReplayError::Empty));
}

#[test]
fn a_journal_that_does_not_begin_at_its_beginning_is_refused() {
    let log = Flow::start(spec()).log;
    let shifted = log.into_iter().map(|mut recorded| {
        recorded.seq += 1;
        recorded
    });
    assert!(Workflow::replay(shifted).is_err());
}
