//! How an attempt ends: lost, with a reply, or with an error. One end is one event, except that a valid plan is a
//! second one.
//!
//! A late reply is ignored: an attempt that is no longer in flight (after terminate, restart or a time limit) leads to
//! no event. A refused plan is a failed attempt, and the next attempt is its repair.

use super::context_refusal::{Refusal, refusal};
use super::input::Verdict;
use super::planning::plan_of_planner;
use super::retry;
use crate::engine::answer::{Source, Unreadable};
use crate::engine::ask::check::can_ever_run;
use crate::engine::ask::request::{Ask, ask, in_flight_request};
use crate::engine::state::assembly::review_by;
use crate::engine::state::queries::{current_step, models_of};
use crate::engine::state::step::{Outcome, Step};
use crate::engine::state::workflow::{AttemptId, Workflow};
use crate::engine::words::codec;
use crate::engine::words::event::{Event, FailureClass, MergedTask};
use crate::engine::words::outcome::{AttemptUsage, ErrorInfo};
use crate::engine::words::plan::{Plan, PlanError};
use crate::engine::words::spec::Mode;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::engine::words::too_long::TooLong;
use crate::errors::ErrorName;
use crate::model::tokens::estimate_tokens;
use crate::model::{ContextReport, ErrorClass, Finish, ModelError, ModelReply};
use crate::text::shown;

/// How much of a refused reply is kept for the plan repair.
const REPAIR_REPLY_BYTES_MAX: usize = 16 * 1024;
/// The most bytes that an answer may take of an event. The rest is for the event's other fields.
const ANSWER_BYTES_MAX: usize = codec::EVENT_BYTES_MAX - 4096;

/// So often JSON that does not fit is asked for again.
const STRUCTURE_REPAIRS_MAX: usize = 3;

const ANSWER_CUT_MARK: &str = "\n\n[... cut: the answer was longer than 1 MiB ...]";

/// The most characters of a server's word for the end of a text.
const FINISH_CHARS_MAX: usize = 80;
/// How much of a refusal in words its error quotes, in characters.
const QUOTED_CHARS_MAX: usize = 300;

/// A failed attempt, before it is decided whether it is repeated.
struct Failure {
    error: ErrorInfo,
    class: FailureClass,
    /// The reply that was refused.
    reply: Option<String>,
    /// What the call used, though it brought no answer.
    usage: Option<AttemptUsage>,
    retry_after_ms: Option<u64>,
    context: Option<ContextReport>,
    /// The model answered in words where a plan was asked for.
    in_words: bool,
    /// It is not repeated, whatever the limits say.
    is_last: bool,
}

impl Failure {
    fn new(class: FailureClass, error: ErrorInfo) -> Failure {
        Failure {
            error,
            class,
            reply: None,
            usage: None,
            retry_after_ms: None,
            context: None,
            in_words: false,
            is_last: false,
        }
    }
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
        Ok(reply) if reply.text.trim().is_empty() => failed(empty_reply(workflow, step, &reply)),
        // A plan is read at once, so that a refused one is a failed attempt and the next attempt repairs it. A plan
        // that is read to its end is whole, whatever the server says of that end.
        Ok(reply) if step.name == StepName::Plan => match planned(workflow, step, &reply) {
            Ok((plan, merged)) => vec![
                completed(workflow, step, attempt, reply),
                plan_of_planner(workflow, plan, merged),
            ],
            Err(refused) => failed(refused_plan(workflow, step, &reply, refused)),
        },
        // The runner lets a validator read it first.
        Ok(reply) if step.name == StepName::Structure => {
            let words = "no validator has read the reply".to_owned();
            structured(workflow, attempt, reply, Verdict::Faults(words), now, entropy)
        }
        // A remark about the answer is no correction of it.
        Ok(reply) if is_unreadable_review(workflow, step, attempt, &reply) => {
            failed(refused_review(workflow, step, &reply))
        }
        // An end that nobody knows is no success at first. It is kept once it has come again, or nothing else can.
        Ok(reply) => match &reply.finish {
            Finish::Unknown(word) if !is_last_attempt(workflow, step) && !ended_unknown_before(step) => {
                failed(unknown_finish(workflow, step, &reply, word))
            }
            _ => vec![completed(workflow, step, attempt, reply)],
        },
        // Our own invocation ended. That says nothing of the model, so the attempt counts as lost, not as failed.
        Err(error) if error.class == ErrorClass::Interrupted => {
            lost(workflow, attempt, now, entropy).into_iter().collect()
        }
        Err(error) => failed(Failure {
            usage: error.usage.map(|used| AttemptUsage {
                prompt_tokens: used.usage.prompt_tokens,
                completion_tokens: used.usage.completion_tokens,
                estimated: used.estimated,
            }),
            retry_after_ms: error.retry_after_ms,
            context: error.context,
            ..Failure::new(error.class.into(), ErrorInfo::new(error.name, error.message))
        }),
    }
}

/// The events of a reply to `structure`. Its end is whole for whoever has found whole JSON in it.
pub fn structured(
    workflow: &Workflow,
    attempt: &AttemptId,
    reply: ModelReply,
    verdict: Verdict,
    now: Timestamp,
    entropy: u64,
) -> Vec<Event> {
    let Some(step) = current_step(workflow, attempt) else {
        return Vec::new();
    };
    let failed = |failure| vec![errored(workflow, step, attempt, failure, now, entropy)];
    match verdict {
        _ if reply.text.trim().is_empty() => failed(empty_reply(workflow, step, &reply)),
        Verdict::Fits(text) => {
            let finish = Finish::Stop;
            vec![completed(workflow, step, attempt, ModelReply { text, finish, ..reply })]
        }
        Verdict::Faults(words) => failed(unfit_output(workflow, step, &reply, &words)),
    }
}

/// It is asked for again with the validator's words, so many times.
fn unfit_output(workflow: &Workflow, step: &Step, reply: &ModelReply, words: &str) -> Failure {
    let is_unfit = |outcome: &Outcome| matches!(outcome, Outcome::Errored(error) if error.is(ErrorName::InvalidOutput));
    let repairs = step
        .attempts
        .iter()
        .filter(|attempt| is_unfit(&attempt.outcome))
        .count();
    let ended = match &reply.finish {
        Finish::Length => format!(
            " (the reply was cut off at the limit of {} tokens: be briefer)",
            max_tokens(workflow, step)
        ),
        Finish::Stop | Finish::Unknown(_) => String::new(),
    };
    Failure {
        reply: Some(codec::cut_to_encoded(&reply.text, REPAIR_REPLY_BYTES_MAX).to_owned()),
        usage: Some(usage_of(workflow, step, reply)),
        is_last: repairs >= STRUCTURE_REPAIRS_MAX,
        ..Failure::new(
            FailureClass::Invalid,
            ErrorInfo::new(ErrorName::InvalidOutput, format!("{words}{ended}")),
        )
    }
}

/// Whether a failure of the attempt in flight would be the step's last.
fn is_last_attempt(workflow: &Workflow, step: &Step) -> bool {
    step.failures.saturating_add(1) >= workflow.spec.policy.attempts_max
}

fn ended_unknown_before(step: &Step) -> bool {
    let is_unknown =
        |outcome: &Outcome| matches!(outcome, Outcome::Errored(error) if error.is(ErrorName::UnknownFinish));
    step.attempts.iter().any(|attempt| is_unknown(&attempt.outcome))
}

fn is_unreadable_review(workflow: &Workflow, step: &Step, attempt: &AttemptId, reply: &ModelReply) -> bool {
    let source = Source {
        step: step.name.clone(),
        run: attempt.run,
        number: attempt.number,
        id: String::new(),
        text: reply.text.as_str().into(),
    };
    matches!(step.name, StepName::Review(_)) && matches!(review_by(workflow, &source, true), Some(Err(_)))
}

/// It is asked for once more with the reason. After that another model may do better, and the same would not.
fn refused_review(workflow: &Workflow, step: &Step, reply: &ModelReply) -> Failure {
    let class = match step.repair {
        None => FailureClass::Invalid,
        Some(_) => FailureClass::Permanent,
    };
    let message = format!("{Unreadable}; it says: {}", quoted(&reply.text));
    Failure {
        reply: Some(codec::cut_to_encoded(&reply.text, REPAIR_REPLY_BYTES_MAX).to_owned()),
        usage: Some(usage_of(workflow, step, reply)),
        ..Failure::new(class, ErrorInfo::new(ErrorName::InvalidReview, message))
    }
}

/// The plan of a reply, with what it asks for twice. Refused too is a subtask that is too long for every model that
/// could work on it, as long as it can be repaired.
fn planned(workflow: &Workflow, step: &Step, reply: &ModelReply) -> Result<(Plan, Vec<MergedTask>), RefusedPlan> {
    let read = match reply.finish {
        Finish::Stop => Plan::from_ended_reply,
        // A plan that may have been cut off is only read if it is whole as it stands.
        Finish::Length | Finish::Unknown(_) => Plan::from_model_reply,
    };
    let plan = read(&reply.text, workflow.spec.options.max_subtasks)?;
    // A planner that says so twice has its reason, and an answer is better than none. A warning tells it.
    let has_insisted = step.repair.is_some() || is_last_attempt(workflow, step);
    if plan.is_direct() && workflow.spec.options.mode == Mode::Split && !has_insisted {
        return Err(RefusedPlan::NotSplit);
    }
    let (plan, merged) = plan.with_twins_merged();
    match can_ever_run(workflow, &plan) {
        Err(too_long) if !is_last_attempt(workflow, step) => Err(RefusedPlan::TooLong(too_long)),
        _ => Ok((plan, merged)),
    }
}

/// Why a plan is not taken.
enum RefusedPlan {
    Invalid(PlanError),
    TooLong(TooLong),
    /// It is to be answered directly, and the request asked for subtasks.
    NotSplit,
}

impl From<PlanError> for RefusedPlan {
    fn from(error: PlanError) -> RefusedPlan {
        RefusedPlan::Invalid(error)
    }
}

fn completed(workflow: &Workflow, step: &Step, attempt: &AttemptId, reply: ModelReply) -> Event {
    let usage = usage_of(workflow, step, &reply);
    let (mut truncated, unknown_finish) = match &reply.finish {
        Finish::Stop => (false, None),
        Finish::Length => (true, None),
        Finish::Unknown(word) => (false, Some(bounded(word, FINISH_CHARS_MAX))),
    };
    let (model, adapted) = (reply.model, reply.adapted);
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
        unknown_finish,
        usage,
        model,
        adapted,
    }
}

fn bounded(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

/// The server's figures, or our estimate where it reported none.
fn usage_of(workflow: &Workflow, step: &Step, reply: &ModelReply) -> AttemptUsage {
    match reply.usage {
        Some(usage) => AttemptUsage {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            estimated: false,
        },
        None => AttemptUsage {
            prompt_tokens: in_flight_request(workflow, step)
                .map_or(0, |(request, context)| context.counted(request.rendered.tokens)),
            completion_tokens: estimate_tokens(&reply.text),
            estimated: true,
        },
    }
}

/// The limit of the reply that the step's attempt in flight was given.
fn max_tokens(workflow: &Workflow, step: &Step) -> u32 {
    in_flight_request(workflow, step).map_or(0, |(request, _)| request.max_tokens)
}

fn empty_reply(workflow: &Workflow, step: &Step, reply: &ModelReply) -> Failure {
    let message = match &reply.finish {
        Finish::Stop => "the model answered without any text".to_owned(),
        Finish::Unknown(word) => {
            format!("the model answered without any text and stopped with {}", shown(word))
        }
        Finish::Length => format!(
            "the model used its whole limit of {} tokens without writing any text, perhaps on reasoning",
            max_tokens(workflow, step)
        ),
    };
    Failure {
        usage: Some(usage_of(workflow, step, reply)),
        ..Failure::new(FailureClass::Transient, ErrorInfo::new(ErrorName::EmptyReply, message))
    }
}

/// The text may be whole, or broken off for a reason that only the server knows.
fn unknown_finish(workflow: &Workflow, step: &Step, reply: &ModelReply, word: &str) -> Failure {
    let message = format!(
        "the text ended with {}, which is no known reason to stop: it may be incomplete, so it is asked for once more",
        shown(word)
    );
    Failure {
        usage: Some(usage_of(workflow, step, reply)),
        ..Failure::new(
            FailureClass::Transient,
            ErrorInfo::new(ErrorName::UnknownFinish, message),
        )
    }
}

/// Keeps the reply with the reason, because the repair shows both to the model.
fn refused_plan(workflow: &Workflow, step: &Step, reply: &ModelReply, refused: RefusedPlan) -> Failure {
    let ended = match &reply.finish {
        Finish::Length => format!(
            " (the reply was cut off at the limit of {} tokens: be briefer)",
            max_tokens(workflow, step)
        ),
        Finish::Unknown(word) => format!(
            " (the reply ended with {}, which is no known reason to stop)",
            shown(word)
        ),
        Finish::Stop => String::new(),
    };
    let in_words = matches!(refused, RefusedPlan::Invalid(PlanError::NoJson));
    let reason = match refused {
        // Often a refusal in words, which says more than that there is no plan.
        RefusedPlan::Invalid(error) if in_words => format!("{error}; it says: {}", quoted(&reply.text)),
        RefusedPlan::Invalid(error) => error.to_string(),
        RefusedPlan::TooLong(error) => error.to_string(),
        RefusedPlan::NotSplit => {
            "the user asked for subtasks, so that the mode can't be direct: reply with at least two tasks".to_owned()
        }
    };
    Failure {
        reply: Some(codec::cut_to_encoded(&reply.text, REPAIR_REPLY_BYTES_MAX).to_owned()),
        usage: Some(usage_of(workflow, step, reply)),
        in_words,
        ..Failure::new(
            FailureClass::Invalid,
            ErrorInfo::new(ErrorName::InvalidPlan, format!("{reason}{ended}")),
        )
    }
}

/// The beginning of a reply, on one line.
fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let beginning = bounded(&line, QUOTED_CHARS_MAX);
    let rest = if beginning.len() < line.len() { "..." } else { "" };
    format!("{beginning:?}{rest}")
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
    let Refusal {
        lesson,
        is_worth_repeating,
    } = if failure.context.is_some() || failure.error.is_too_long() {
        refusal(workflow, step, failure.context)
    } else {
        Refusal::default()
    };
    let so_far = retry::FailuresSoFar {
        of_step: step.failures,
        on_model: step.failures_on_model,
        model_index: step.model_index,
    };
    let asked = retry::Failed {
        class: failure.class,
        retry_after_ms: failure.retry_after_ms,
        in_words: failure.in_words,
        is_worth_repeating,
    };
    let next = if failure.is_last {
        None
    } else {
        retry::next_attempt(
            &workflow.spec.policy,
            so_far,
            asked,
            || next_model(workflow, step),
            retry::random_of(entropy, position(workflow, step)),
        )
    };
    Event::AttemptErrored {
        step: step.name.clone(),
        run: attempt.run,
        number: attempt.number,
        error: failure.error,
        class: failure.class,
        reply: failure.reply,
        usage: failure.usage,
        retry_at: next.map(|next| now.plus_ms(next.delay_ms)),
        next_model: next.map_or(step.model_index, |next| next.model_index),
        context: lesson,
    }
}

/// The next model of the list that takes the step. One that the step does not fit is passed over.
fn next_model(workflow: &Workflow, step: &Step) -> Option<usize> {
    let count = models_of(workflow, &step.name).len();
    (step.model_index.saturating_add(1)..count).find(|index| !matches!(ask(workflow, step, *index), Ask::TooLong(_)))
}

/// The step's place in the list. It lets the steps that fail in one turn wait differently long.
fn position(workflow: &Workflow, step: &Step) -> u64 {
    workflow
        .steps
        .iter()
        .position(|other| other.name == step.name)
        .unwrap_or_default() as u64
}
