//! Whole calls: what is streamed, when, and how they end.

use super::*;
use crate::model::{AnswerContent, ModelSpec, OutlineItem, Provider, ReportLine};

fn request(brief: Brief, attempt: u32) -> ModelRequest {
    let model = ModelSpec {
        provider: Provider::Demo,
        name: DEMO_SMALL.into(),
        context_tokens: 8_192,
    };
    ModelRequest {
        model,
        messages: Vec::new(),
        brief,
        max_tokens: 4_096,
        json_schema: None,
        attempt,
    }
}

fn plan(prompt: &str, attempt: u32) -> ModelRequest {
    request(
        Brief::Plan {
            plan: Default::default(),
            terms: Default::default(),
            prompt: prompt.into(),
            instructions: None,
            max_subtasks: 8,
            repair: None,
        },
        attempt,
    )
}

fn subtask(prompt: &str, task: &str, inputs: Vec<Answer>, attempt: u32) -> ModelRequest {
    let outline = vec![OutlineItem {
        id: "t1".into(),
        title: "First".into(),
    }];
    let brief = Brief::Subtask {
        criteria: Vec::new(),
        terms: Default::default(),
        words: None,
        prompt: prompt.into(),
        instructions: None,
        outline,
        id: "t1".into(),
        title: "First".into(),
        task: task.into(),
        inputs,
    };
    request(brief, attempt)
}

fn synthesis(prompt: &str, continue_from: Option<String>, attempt: u32) -> ModelRequest {
    let line = |step: &str| ReportLine {
        step: step.into(),
        title: "Title".into(),
        model: DEMO_SMALL.into(),
        attempts: 1,
        duration_ms: 1_000,
        outcome: "complete".into(),
    };
    let mut report = vec![line("plan"), line("subtask/t1")];
    if continue_from.is_some() {
        report.push(line("synthesis"));
    }
    request(
        Brief::Synthesis {
            criteria: Vec::new(),
            terms: Default::default(),
            prompt: prompt.into(),
            instructions: None,
            answers: vec![answer("t1")],
            continue_from,
            report,
        },
        attempt,
    )
}

fn answer(id: &str) -> Answer {
    Answer {
        id: id.into(),
        title: "Title".into(),
        content: AnswerContent::Text {
            text: "text".into(),
            cut: false,
        },
    }
}

fn text(script: &Script) -> String {
    script.pieces.iter().map(|piece| piece.text.as_str()).collect()
}

fn reply_of(script: &Script) -> &ModelReply {
    match &script.end {
        End::Reply(reply) => reply,
        other => panic!("no reply: {other:?}"),
    }
}

fn error_of(script: &Script) -> &ModelError {
    match &script.end {
        End::Error(error) => error,
        other => panic!("no error: {other:?}"),
    }
}

#[test]
fn the_pieces_are_the_reply_and_nothing_is_reported_as_used() {
    for request in [
        plan("Compare a and b", 1),
        subtask("p", "do it", vec![answer("t0")], 1),
        synthesis("p", None, 1),
    ] {
        let script = script(&request, Speed::NORMAL);
        let reply = reply_of(&script);
        assert_eq!(reply.text, text(&script));
        assert_eq!((&reply.finish, reply.usage), (&Finish::Stop, None));
        assert!(
            script.pieces.len() > 10
                && script
                    .pieces
                    .iter()
                    .all(|piece| !piece.text.is_empty() && piece.after_ms < 500)
        );
        assert!(reply.text.contains(NOTICE));
        assert_eq!(
            script,
            super::script(&request, Speed::NORMAL),
            "the same request gives the same script"
        );
    }
}

#[test]
fn texts_begin_with_the_notice_and_show_what_a_model_would_have_seen() {
    let missing = Answer {
        id: "t8".into(),
        title: "x".into(),
        content: AnswerContent::Missing {
            reason: "gave up".into(),
        },
    };
    let mut request = subtask("p", "Do this.\nAnd that.", vec![answer("t0"), missing], 1);
    request.messages = vec![crate::model::Message {
        role: crate::model::MessageRole::User,
        content: "x".repeat(397),
    }];
    let text = text(&script(&request, Speed::INSTANT));
    assert!(text.starts_with(NOTICE), "{text}");
    for part in [
        "\n## First\n",
        "> Do this.\n> And that.\n",
        "\nNote: `t8` was missing.\n",
        "| `t0` | Title | 4 characters |",
        "| `t8` | x | missing: gave up |",
        "tokens; the answer may have up to 4096 tokens",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(
        super::tests::text(&script(&subtask("p", "x", vec![], 1), Speed::INSTANT)).contains("seen no other answer")
    );
}

#[test]
fn the_pace_is_one_to_four_seconds_and_a_whole_run_stays_under_twelve() {
    let duration = |request: &ModelRequest| script(request, Speed::NORMAL).duration_ms().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let (mut free, mut dependent) = (0, 0);
    for n in 0..500 {
        let task = format!("Task {n}");
        let alone = duration(&subtask("p", &task, vec![], 1));
        let waited = duration(&subtask("p", &task, vec![answer("t0")], 1));
        assert!((1_000..=4_000).contains(&alone) && (1_000..=4_000).contains(&waited));
        seen.insert(alone);
        free = free.max(alone);
        dependent = dependent.max(waited);
    }
    assert!(seen.len() > 300, "the times differ");
    let run = duration(&plan("Research. Then draft. Then review.", 1))
        + free
        + 2 * dependent
        + duration(&synthesis("p", None, 1));
    assert!(run < 11_500, "{run} ms");
}

#[test]
fn the_speed_scales_the_pauses_and_nothing_else() {
    let request = subtask("p", "do it", vec![], 1);
    let (normal, instant, slow) = (
        script(&request, Speed::NORMAL),
        script(&request, Speed::new(0.0)),
        script(&request, Speed::new(2.0)),
    );
    assert_eq!(instant.duration_ms(), Some(0));
    assert_eq!(text(&instant), text(&normal));
    assert_eq!(slow.duration_ms().unwrap(), 2 * normal.duration_ms().unwrap());
    for factor in [f64::NAN, -1.0, f64::NEG_INFINITY] {
        assert_eq!(Speed::new(factor), Speed::INSTANT);
    }
    assert!(
        script(&request, Speed::new(f64::INFINITY))
            .pieces
            .iter()
            .all(|piece| piece.after_ms <= 60_000)
    );
}

#[test]
fn a_failure_breaks_off_in_mid_answer_and_is_worth_a_retry() {
    let prompt = "Do it. [demo: fail t1 2x]";
    for attempt in [1, 2] {
        let script = script(&subtask(prompt, "do it", vec![], attempt), Speed::NORMAL);
        let error = error_of(&script);
        assert_eq!(
            (error.class, error.name.as_str(), error.retry_after_ms),
            (ErrorClass::Transient, "DemoFailure", None)
        );
        assert_eq!(
            error.message,
            format!("the demo was asked to fail subtask/t1 (attempt {attempt})")
        );
        assert!(text(&script).starts_with("Demo:"));
    }
    assert_eq!(
        reply_of(&script(&subtask(prompt, "do it", vec![], 3), Speed::NORMAL)).finish,
        Finish::Stop
    );
    assert!(matches!(
        script(&plan("[demo: fail plan]", 5), Speed::INSTANT).end,
        End::Error(_)
    ));
    assert!(matches!(
        script(&synthesis("[demo: fail synthesis 1x]", None, 1), Speed::INSTANT).end,
        End::Error(_)
    ));
}

#[test]
fn a_hang_never_says_anything_and_a_rate_limit_says_when() {
    let hang = script(&subtask("[demo: hang t1 1x]", "do it", vec![], 1), Speed::INSTANT);
    assert_eq!(
        (hang.pieces.len(), hang.duration_ms(), &hang.end),
        (0, None, &End::Hang)
    );
    let limited = script(&subtask("[demo: rate-limit t1 3s]", "do it", vec![], 1), Speed::NORMAL);
    assert_eq!(
        (error_of(&limited).name.as_str(), error_of(&limited).retry_after_ms),
        ("RateLimited", Some(3_000))
    );
    assert!(limited.pieces.is_empty());
    reply_of(&script(
        &subtask("[demo: rate-limit t1 3s]", "do it", vec![], 2),
        Speed::NORMAL,
    ));
}

#[test]
fn a_truncated_synthesis_is_continued_to_the_same_text() {
    let whole = reply_of(&script(&synthesis("p", None, 1), Speed::INSTANT)).text.clone();
    for (marker, cuts) in [
        ("[demo: truncate synthesis]", 1),
        ("[demo: truncate synthesis 3x]", 3),
        ("", 0),
    ] {
        let mut written = String::new();
        for part in 0..=cuts {
            let before = (!written.is_empty()).then(|| written.clone());
            let script = script(&synthesis(marker, before, part + 1), Speed::INSTANT);
            let reply = reply_of(&script);
            assert_eq!(
                reply.finish,
                if part == cuts { Finish::Stop } else { Finish::Length },
                "{marker} part {part}"
            );
            assert!(!reply.text.is_empty());
            written.push_str(&reply.text);
        }
        assert_eq!(written, whole, "{marker}");
    }
}

#[test]
fn truncated_subtasks_and_plans_stop_at_the_limit() {
    let cut = script(&subtask("[demo: truncate t1]", "do it", vec![], 1), Speed::INSTANT);
    assert_eq!(reply_of(&cut).finish, Finish::Length);
    assert!(reply_of(&cut).text.starts_with(NOTICE));
    let whole = reply_of(&script(&subtask("p", "do it", vec![], 1), Speed::INSTANT))
        .text
        .clone();
    assert!(whole.starts_with(&reply_of(&cut).text) && whole.len() > reply_of(&cut).text.len());
    assert_eq!(
        reply_of(&script(
            &plan("Compare a and b [demo: truncate plan 1x]", 1),
            Speed::INSTANT
        ))
        .finish,
        Finish::Length
    );
    assert_eq!(
        reply_of(&script(
            &plan("Compare a and b [demo: truncate plan 1x]", 2),
            Speed::INSTANT
        ))
        .finish,
        Finish::Stop
    );
}

fn direct(prompt: &str, continue_from: Option<String>) -> ModelRequest {
    let brief = Brief::Direct {
        prompt: prompt.into(),
        instructions: None,
        terms: Default::default(),
        continue_from,
    };
    request(brief, 1)
}

#[test]
fn a_direct_answer_says_that_no_model_was_called_and_can_be_cut() {
    let whole = text(&script(&direct("Why?", None), Speed::INSTANT));
    assert!(whole.starts_with(NOTICE) && whole.contains("> Why?\n"), "{whole}");
    let prompt = "Why? [demo: truncate synthesis]";
    let first = script(&direct(prompt, None), Speed::INSTANT);
    assert_eq!(reply_of(&first).finish, Finish::Length);
    let rest = script(&direct(prompt, Some(text(&first))), Speed::INSTANT);
    assert_eq!(
        text(&first) + &text(&rest),
        whole.replace("> Why?", &format!("> {prompt}"))
    );
}

fn edit(prompt: &str, continue_from: Option<String>) -> ModelRequest {
    let part = |id: &str| crate::model::EditPart {
        id: id.into(),
        title: "Title".into(),
        content: crate::model::PartContent::Whole {
            text: format!("The text of {id}."),
            notes: String::new(),
            words: 4,
            cut: false,
        },
    };
    let brief = Brief::Edit {
        prompt: prompt.into(),
        instructions: None,
        terms: Default::default(),
        criteria: Vec::new(),
        parts: vec![part("t1"), part("t2")],
        repair: None,
        continue_from,
        report: Vec::new(),
    };
    request(brief, 1)
}

#[test]
fn a_truncated_script_is_continued_to_the_same_text() {
    let whole = text(&script(&edit("p", None), Speed::INSTANT));
    for marker in ["[demo: truncate synthesis 2x]", "[demo: truncate edit 2x]"] {
        let mut written = String::new();
        for finish in [Finish::Length, Finish::Length, Finish::Stop] {
            let before = (!written.is_empty()).then(|| written.clone());
            let script = script(&edit(marker, before), Speed::INSTANT);
            assert_eq!(reply_of(&script).finish, finish, "{marker}");
            written.push_str(&text(&script));
        }
        assert_eq!(written, whole, "{marker}");
    }
}

#[test]
fn some_parts_end_with_a_note_and_most_do_not() {
    let noted = (0..300)
        .filter(|n| text(&script(&subtask("p", &format!("Task {n}"), vec![], 1), Speed::INSTANT)).contains("\nNote: "))
        .count();
    assert!((50..150).contains(&noted), "{noted} of 300");
}
