//! How an attempt ends: lost, with a reply, or with an error. One end is one event, except that a valid plan is a
//! second one.
//!
//! A late reply is ignored: an attempt that is no longer in flight (after terminate, restart or a time limit) leads to
//! no event. A refused plan is a failed attempt, and the next attempt is its repair.

use super::retry;
use crate::engine::ask::request::model_request;
use crate::engine::ask::room::max_tokens;
use crate::engine::state::queries::{current_step, models_of};
use crate::engine::state::step::Step;
use crate::engine::state::workflow::{AttemptId, Workflow};
use crate::engine::words::codec;
use crate::engine::words::event::{Event, FailureClass, PlanSource};
use crate::engine::words::outcome::{AttemptUsage, ErrorInfo};
use crate::engine::words::plan::{Plan, PlanError};
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::model::tokens::{estimate_messages_tokens, estimate_tokens};
use crate::model::{ErrorClass, Finish, ModelError, ModelReply};

/// How much of a refused reply is kept for the plan repair.
const REPAIR_REPLY_BYTES_MAX: usize = 16 * 1024;
/// The most bytes that an answer may take of an event. The rest is for the event's other fields.
const ANSWER_BYTES_MAX: usize = codec::EVENT_BYTES_MAX - 4096;

const ANSWER_CUT_MARK: &str = "\n\n[... cut: the answer was longer than 1 MiB ...]";

/// A failed attempt, before it is decided whether it is repeated.
struct Failure {
    error: ErrorInfo,
    class: FailureClass,
    /// The reply that was refused, and its tokens.
    refused: Option<(String, AttemptUsage)>,
    retry_after_ms: Option<u64>,
}

/// The event of a lost attempt.
pub fn lost(workflow: &Workflow, attempt: &AttemptId, now: Timestamp, entropy: u64) -> Option<Event> {
    let step = current_step(workflow, attempt)?;
    let random = retry::random_of(entropy, position(workflow, step));
    let delay_ms = retry::delay_after_loss_ms(&workflow.spec.policy, step.lost + 1, random);
    Some(Event::AttemptLost {
        step: step.name.clone(),
        run: attempt.run,
        number: attempt.number,
        retry_at: delay_ms.map(|delay_ms| now.plus_ms(delay_ms)),
    })
}

/// The events of an attempt whose call has ended.
pub fn finished(
    workflow: &Workflow,
    attempt: &AttemptId,
    outcome: Result<ModelReply, ModelError>,
    now: Timestamp,
    entropy: u64,
) -> Vec<Event> {
    // A late reply is ignored.
    let Some(step) = current_step(workflow, attempt) else {
        return Vec::new();
    };
    let failed = |failure| vec![errored(workflow, step, attempt, failure, now, entropy)];
    match outcome {
        // A reply without any text is no answer, even if the server calls it a success.
        Ok(reply) if reply.text.trim().is_empty() => failed(empty_reply(&reply, max_tokens(workflow, step))),
        // A plan is read at once, so that a refused one is a failed attempt and the next attempt repairs it.
        Ok(reply) if step.name == StepName::Plan => {
            let read = match reply.finish {
                Finish::Stop => Plan::from_ended_reply,
                // A plan that may have been cut off is only read if it is whole as it stands.
                Finish::Length | Finish::Unknown(_) => Plan::from_model_reply,
            };
            match read(&reply.text, workflow.spec.options.max_subtasks) {
                Ok(plan) => vec![
                    completed(workflow, attempt, reply),
                    Event::PlanAccepted {
                        plan,
                        source: PlanSource::Planner,
                    },
                ],
                Err(error) => failed(refused_plan(workflow, step, attempt, &reply, &error)),
            }
        }
        Ok(reply) => vec![completed(workflow, attempt, reply)],
        // Our own invocation ended. That says nothing of the model, so the attempt counts as lost, not as failed.
        Err(error) if error.class == ErrorClass::Interrupted => {
            lost(workflow, attempt, now, entropy).into_iter().collect()
        }
        Err(error) => failed(Failure {
            class: error.class.into(),
            error: ErrorInfo {
                name: error.name,
                message: error.message,
            },
            refused: None,
            retry_after_ms: error.retry_after_ms,
        }),
    }
}

fn completed(workflow: &Workflow, attempt: &AttemptId, reply: ModelReply) -> Event {
    let usage = usage_of(workflow, attempt, &reply);
    let mut truncated = reply.finish == Finish::Length;
    let model = reply.model;
    let mut text = reply.text;
    // A row of the journal has a size, so a longer answer is cut, and marked for people and for machines.
    if codec::encoded_len(&text) > ANSWER_BYTES_MAX {
        let room = ANSWER_BYTES_MAX - ANSWER_CUT_MARK.len() * 2;
        text = codec::cut_to_encoded(&text, room).to_owned() + ANSWER_CUT_MARK;
        truncated = true;
    }
    Event::AttemptCompleted {
        step: attempt.step.clone(),
        run: attempt.run,
        number: attempt.number,
        text,
        truncated,
        usage,
        model,
    }
}

/// The server's figures, or our estimate where it reported none.
fn usage_of(workflow: &Workflow, attempt: &AttemptId, reply: &ModelReply) -> AttemptUsage {
    match reply.usage {
        Some(usage) => AttemptUsage {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            estimated: false,
        },
        None => AttemptUsage {
            prompt_tokens: model_request(workflow, attempt)
                .map_or(0, |request| estimate_messages_tokens(&request.messages)),
            completion_tokens: estimate_tokens(&reply.text),
            estimated: true,
        },
    }
}

fn empty_reply(reply: &ModelReply, max_tokens: u32) -> Failure {
    let message = match &reply.finish {
        Finish::Stop => "the model answered without any text".to_owned(),
        Finish::Unknown(reason) => format!("the model answered without any text and stopped with {reason:?}"),
        Finish::Length => format!(
            "the model used its whole limit of {max_tokens} tokens without writing any text, perhaps on reasoning"
        ),
    };
    Failure {
        error: ErrorInfo::new("EmptyReply", message),
        class: FailureClass::Transient,
        refused: None,
        retry_after_ms: None,
    }
}

/// Keeps the reply with the reason, because the repair shows both to the model.
fn refused_plan(
    workflow: &Workflow,
    step: &Step,
    attempt: &AttemptId,
    reply: &ModelReply,
    error: &PlanError,
) -> Failure {
    let cut_off = match &reply.finish {
        Finish::Length => format!(
            " (the reply was cut off at the limit of {} tokens: be briefer)",
            max_tokens(workflow, step)
        ),
        Finish::Stop | Finish::Unknown(_) => String::new(),
    };
    let kept = codec::cut_to_encoded(&reply.text, REPAIR_REPLY_BYTES_MAX).to_owned();
    Failure {
        error: ErrorInfo::new("InvalidPlan", format!("{error}{cut_off}")),
        class: FailureClass::Invalid,
        refused: Some((kept, usage_of(workflow, attempt, reply))),
        retry_after_ms: None,
    }
}

/// The event of a failed attempt, with the decision whether, when and on which model it is repeated.
fn errored(
    workflow: &Workflow,
    step: &Step,
    attempt: &AttemptId,
    failure: Failure,
    now: Timestamp,
    entropy: u64,
) -> Event {
    let failures = retry::FailuresSoFar {
        of_step: step.failures,
        on_model: step.failures_on_model,
        model_index: step.model_index,
    };
    let next = retry::next_attempt(
        &workflow.spec.policy,
        failures,
        models_of(workflow, &step.name).len(),
        failure.class,
        failure.retry_after_ms,
        retry::random_of(entropy, position(workflow, step)),
    );
    let (reply, usage) = failure.refused.unzip();
    Event::AttemptErrored {
        step: step.name.clone(),
        run: attempt.run,
        number: attempt.number,
        error: failure.error,
        class: failure.class,
        reply,
        usage,
        retry_at: next.map(|next| now.plus_ms(next.delay_ms)),
        next_model: next.map_or(step.model_index, |next| next.model_index),
    }
}

/// The step's place in the list. It lets the steps that fail in one turn wait differently long.
fn position(workflow: &Workflow, step: &Step) -> u64 {
    workflow
        .steps
        .iter()
        .position(|other| other.name == step.name)
        .unwrap_or_default() as u64
}
