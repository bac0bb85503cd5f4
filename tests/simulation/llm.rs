//! The seeded model: delays, every kind of error, nonsense, hangs, truncation; plans of every mode and form.

mod script;

use orchestrator_workers::errors::ErrorName;
use std::rc::Rc;

use orchestrator_workers::engine::AttemptId;
use orchestrator_workers::engine::words::step_name::StepName;
use orchestrator_workers::model::{
    CallUsage, ErrorClass, Finish, ModelError, ModelReply, ModelRequest, Progress, Usage,
};

use crate::random::Random;
use crate::workload::dependencies;
use crate::world::World;

pub async fn answer(
    world: &Rc<World>,
    id: &AttemptId,
    request: &ModelRequest,
    progress: &dyn Progress,
) -> Result<ModelReply, ModelError> {
    let (random, trouble) = (&world.random, &world.workload.trouble);
    // It may wait for a slot of its provider first; no time limit runs then.
    if random.percent(10) {
        world.executor.sleep(random.range(1, 3_000)).await;
    }
    let streaming = random.percent(80);
    progress.call_started(streaming);
    let instant = random.percent(20);
    if !instant {
        world.executor.sleep(random.range(1, 1_500)).await;
    }
    if random.percent(trouble.hang) {
        hang(world, progress).await;
    }
    if random.percent(trouble.error) {
        return Err(failure(random));
    }
    let mut text = text(world, id, request);
    let is_truncated = random.percent(trouble.truncation);
    if is_truncated && matches!(id.step, StepName::Edit(_) | StepName::Review(_)) {
        // Anywhere, also within a mark. What comes next continues it.
        let end = text.floor_char_boundary(random.range(1, text.len() as u64) as usize);
        text.truncate(end);
    }
    if streaming && !instant {
        let (head, tail) = text.split_at(text.floor_char_boundary(text.len() / 2));
        for piece in ["", head, tail] {
            if piece.is_empty() {
                progress.alive()
            } else {
                if let Some(call) = world.calls.borrow_mut().get_mut(id) {
                    call.streamed.push_str(piece);
                }
                progress.delta(piece)
            }
            world.executor.sleep(random.range(1, 400)).await;
        }
    }
    let finish = if is_truncated {
        Finish::Length
    } else if random.percent(trouble.truncation / 2) {
        Finish::Unknown("network_error".to_owned())
    } else {
        Finish::Stop
    };
    Ok(ModelReply {
        text,
        finish,
        usage: random.percent(80).then(|| Usage {
            prompt_tokens: random.range(1, 20),
            completion_tokens: random.range(1, 20),
        }),
        model: None,
        adapted: Vec::new(),
    })
}

/// Three ways to hang: nothing ever, silence after a start, and drops that never end.
async fn hang(world: &Rc<World>, progress: &dyn Progress) {
    match world.random.range(0, 2) {
        0 => futures::future::pending().await,
        1 => {
            progress.delta("it begins ");
            futures::future::pending().await
        }
        _ => loop {
            progress.alive();
            world.executor.sleep(900).await;
        },
    }
}

fn failure(random: &Random) -> ModelError {
    let (class, name) = match random.range(0, 9) {
        0..=5 => (ErrorClass::Transient, ErrorName::HttpError),
        6 if random.percent(30) => (ErrorClass::Permanent, ErrorName::ContextTooLong),
        6 => (ErrorClass::Permanent, ErrorName::BadRequest),
        7 => (ErrorClass::Quota, ErrorName::QuotaExceeded),
        8 => (ErrorClass::Transient, ErrorName::RateLimited),
        _ => (ErrorClass::Interrupted, ErrorName::InvocationEnded),
    };
    ModelError {
        class,
        name,
        message: "simulated".into(),
        retry_after_ms: (name == ErrorName::RateLimited).then(|| {
            let long = random.percent(20);
            random.range(0, if long { 100_000 } else { 20_000 })
        }),
        usage: (name == ErrorName::HttpError && random.percent(30)).then(|| CallUsage {
            usage: Usage {
                prompt_tokens: random.range(1, 20),
                completion_tokens: random.range(1, 20),
            },
            estimated: random.percent(50),
        }),
        context: None,
    }
}

fn text(world: &Rc<World>, id: &AttemptId, request: &ModelRequest) -> String {
    let random = &world.random;
    if random.percent(world.workload.trouble.nonsense / 2) {
        return "  \n".into();
    }
    match &id.step {
        StepName::Plan => plan(world),
        StepName::Edit(_) => script::of(world, id, &request.brief),
        StepName::Review(_) => script::review(world, id, &request.brief),
        StepName::Structure => script::structure(world, id),
        step => {
            // Unique, so that an answer in the journal tells which call gave it.
            let unique = format!(
                "Answer {:x} of {step}, run {}, attempt {}.",
                random.bits(),
                id.run,
                id.number,
            );
            let words = if !world.workload.long_answers {
                0
            } else if matches!(step, StepName::Subtask(_)) {
                random.range(0, 2_000)
            } else {
                random.range(0, 150)
            };
            let note = match step {
                StepName::Subtask(_) if random.percent(20) => "\n\nNote: this is a guess.",
                _ => "",
            };
            unique + &" word".repeat(words as usize) + note
        }
    }
}

fn plan(world: &Rc<World>) -> String {
    let random = &world.random;
    if random.percent(world.workload.trouble.nonsense) {
        let nonsense = [
            "I would rather talk about the weather.",
            "{\"tasks\": [{\"id\": \"t1\", \"instructions\": \"Do",
            "{\"tasks\": []}",
            "{\"tasks\": [{\"id\": \"a\", \"instructions\": \"x\", \"depends_on\": [\"a\"]}]}",
        ];
        return (*random.pick(&nonsense)).into();
    }
    if random.percent(8) {
        let direct = "{\"mode\": \"direct\", \"reason\": \"One call.\"}".to_owned();
        return direct
            + if random.percent(50) {
                "\n\nSo here is the answer."
            } else {
                ""
            };
    }
    let count = random.range(1, world.workload.subtasks_max);
    if random.percent(20) {
        let tasks: Vec<String> = (1..=count).map(|number| format!("Do part {number}.")).collect();
        return serde_json::json!({ "tasks": tasks }).to_string();
    }
    let tasks: Vec<_> = (1..=count)
        .map(|number| {
            serde_json::json!({
                "id": format!("t{number}"),
                "title": format!("Part {number}"),
                "instructions": format!("Do part {number}."),
                "depends_on": dependencies(random, number),
                "criteria": if random.percent(20) { vec![1] } else { Vec::new() },
                "model": if random.percent(20) { "big" } else { "small" },
            })
        })
        .collect();
    serde_json::json!({
        "mode": "split",
        "analysis": "In parts.",
        "form": if random.percent(60) { "assemble" } else { "merge" },
        "length": 900,
        "shared": "The port is 8080.",
        "borders": [{ "what": "the port", "owner": "t1" }],
        "criteria": ["It names the port.", "It is short."],
        "tasks": tasks,
    })
    .to_string()
}
