//! `handle`: the only way in which a workflow advances.

use super::controls::Rejection;
use super::retry;
use crate::engine::state::step::Step;
use crate::engine::state::workflow::{AttemptId, Workflow};
use crate::engine::words::codec;
use crate::engine::words::event::{Event, FailureClass, PlanSource};
use crate::engine::words::outcome::{AttemptUsage, ErrorInfo};
use crate::engine::words::plan::{Plan, TaskDraft};
use crate::engine::words::spec::WorkflowSpec;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;
use crate::model::tokens::{estimate_messages_tokens, estimate_tokens};
use crate::model::{ErrorClass, Finish, ModelError, ModelReply};

/// What happened to a workflow, or what is asked of it.
#[derive(Clone, Debug)]
pub enum Input {
    /// Retries may have become due, or a limit reached.
    TimePassed,
    /// The host restarted (or an invocation ended): these calls are gone. Does not use up the retry limit; a
    /// separate ceiling stops a crash loop.
    AttemptsLost(Vec<AttemptId>),
    AttemptFinished {
        attempt: AttemptId,
        outcome: Result<ModelReply, ModelError>,
    },
    Control(Control),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    Pause,
    Resume,
    Terminate,
    Restart(RestartFrom),
    /// With the edited task list, if it was edited.
    Approve(Option<Vec<TaskDraft>>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestartFrom {
    Everything,
    /// That step, its transitive dependents and the synthesis.
    Step(StepName),
    /// The failed and skipped steps, what depends on them, and the synthesis.
    Failed,
}

/// More events in one turn than any workflow can need: the bound of the loop that derives them.
const EVENTS_PER_TURN_MAX: usize = 10_000;
/// What is kept of a refused reply, for the attempt that repairs it.
const REPAIR_REPLY_BYTES_MAX: usize = 16 * 1024;
/// What an answer may take of an event, beside its other fields.
const ANSWER_BYTES_MAX: usize = codec::EVENT_BYTES_MAX - 4096;

const ANSWER_CUT_MARK: &str = "\n\n[... cut: the answer was longer than 1 MiB ...]";

impl Workflow {
    /// A new workflow and its first event. What follows from it (the plan's call) is the next `handle`'s.
    pub fn create(spec: WorkflowSpec, now: Timestamp) -> (Self, Vec<Event>) {
        let workflow = Workflow::queued(spec.clone(), now);
        (workflow, vec![Event::WorkflowQueued { spec: Box::new(spec) }])
    }

    /// Takes one input and returns what it led to, in order. An input that has no bearing (any more) leads to nothing.
    /// `entropy` is used for jitter, whose outcome is in the events.
    pub fn handle(&mut self, input: Input, now: Timestamp, entropy: u64) -> Result<Vec<Event>, Rejection> {
        let now = now.max(self.last_at);
        let direct = match input {
            Input::TimePassed => Vec::new(),
            Input::AttemptsLost(attempts) => attempts
                .iter()
                .filter_map(|attempt| self.lost(attempt, now, entropy))
                .collect(),
            Input::AttemptFinished { attempt, outcome } => self.finished(&attempt, outcome, now, entropy),
            Input::Control(control) => self.control(control)?,
        };
        let mut events = Vec::new();
        for event in direct {
            self.apply(&event, now);
            events.push(event);
        }
        while let Some(event) = self.next_event(now)
            && events.len() < EVENTS_PER_TURN_MAX
        {
            self.apply(&event, now);
            events.push(event);
        }
        Ok(events)
    }

    fn lost(&self, attempt: &AttemptId, now: Timestamp, entropy: u64) -> Option<Event> {
        let step = self.current(attempt)?;
        let random = retry::mix(entropy, self.salt_of(step));
        Some(Event::AttemptLost {
            step: step.name.clone(),
            run: attempt.run,
            number: attempt.number,
            retry_at: retry::delay_after_loss_ms(&self.spec.policy, step.lost + 1, random)
                .map(|delay_ms| now.plus_ms(delay_ms)),
        })
    }

    /// A late reply (after terminate, restart or a time limit) is ignored.
    fn finished(
        &self,
        attempt: &AttemptId,
        outcome: Result<ModelReply, ModelError>,
        now: Timestamp,
        entropy: u64,
    ) -> Vec<Event> {
        let Some(step) = self.current(attempt) else {
            return Vec::new();
        };
        match outcome {
            Ok(reply) if reply.text.trim().is_empty() => {
                let error = ErrorInfo::new("EmptyReply", empty_reply(&reply, self.max_tokens(step)));
                vec![self.errored(step, attempt, error, FailureClass::Transient, None, now, entropy)]
            }
            Ok(reply) if step.name == StepName::Plan => self.planned(step, attempt, reply, now, entropy),
            Ok(reply) => vec![self.completed(attempt, reply)],
            Err(error) if error.class == ErrorClass::Interrupted => {
                self.lost(attempt, now, entropy).into_iter().collect()
            }
            Err(error) => {
                let info = ErrorInfo {
                    name: error.name,
                    message: error.message,
                };
                vec![self.errored(
                    step,
                    attempt,
                    info,
                    error.class.into(),
                    error.retry_after_ms,
                    now,
                    entropy,
                )]
            }
        }
    }

    fn planned(&self, step: &Step, attempt: &AttemptId, reply: ModelReply, now: Timestamp, entropy: u64) -> Vec<Event> {
        match Plan::from_model_reply(&reply.text, self.spec.options.max_subtasks) {
            Ok(plan) => vec![
                self.completed(attempt, reply),
                Event::PlanAccepted {
                    plan,
                    source: PlanSource::Planner,
                },
            ],
            Err(error) => {
                let cut_off = if reply.finish == Finish::Length {
                    format!(
                        " (the reply was cut off at the limit of {} tokens: be briefer)",
                        self.max_tokens(step)
                    )
                } else {
                    String::new()
                };
                let info = ErrorInfo::new("InvalidPlan", format!("{error}{cut_off}"));
                let usage = self.usage_of(attempt, &reply);
                let mut event = self.errored(step, attempt, info, FailureClass::Invalid, None, now, entropy);
                if let Event::AttemptErrored {
                    reply: kept,
                    usage: known,
                    ..
                } = &mut event
                {
                    *kept = Some(codec::cut_to_encoded(&reply.text, REPAIR_REPLY_BYTES_MAX).to_owned());
                    *known = Some(usage);
                }
                vec![event]
            }
        }
    }

    fn completed(&self, attempt: &AttemptId, reply: ModelReply) -> Event {
        let usage = self.usage_of(attempt, &reply);
        let mut truncated = reply.finish == Finish::Length;
        let model = reply.model;
        let mut text = reply.text;
        if codec::encoded_len(&text) > ANSWER_BYTES_MAX {
            text =
                codec::cut_to_encoded(&text, ANSWER_BYTES_MAX - ANSWER_CUT_MARK.len() * 2).to_owned() + ANSWER_CUT_MARK;
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

    fn usage_of(&self, attempt: &AttemptId, reply: &ModelReply) -> AttemptUsage {
        match reply.usage {
            Some(usage) => AttemptUsage {
                prompt_tokens: usage.prompt_tokens,
                completion_tokens: usage.completion_tokens,
                estimated: false,
            },
            None => AttemptUsage {
                prompt_tokens: self
                    .model_request(attempt)
                    .map_or(0, |request| estimate_messages_tokens(&request.messages)),
                completion_tokens: estimate_tokens(&reply.text),
                estimated: true,
            },
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn errored(
        &self,
        step: &Step,
        attempt: &AttemptId,
        error: ErrorInfo,
        class: FailureClass,
        retry_after_ms: Option<u64>,
        now: Timestamp,
        entropy: u64,
    ) -> Event {
        let so_far = retry::SoFar {
            failures: step.failures,
            failures_on_model: step.failures_on_model,
            model_index: step.model_index,
        };
        let models = self.models_of(&step.name).len();
        let next = retry::decide(
            &self.spec.policy,
            so_far,
            models,
            class,
            retry_after_ms,
            retry::mix(entropy, self.salt_of(step)),
        );
        Event::AttemptErrored {
            step: step.name.clone(),
            run: attempt.run,
            number: attempt.number,
            error,
            class,
            reply: None,
            usage: None,
            retry_at: next.map(|next| now.plus_ms(next.delay_ms)),
            next_model: next.map_or(step.model_index, |next| next.model_index),
        }
    }

    /// Lets the steps that fail in one turn wait differently long.
    fn salt_of(&self, step: &Step) -> u64 {
        self.steps
            .iter()
            .position(|other| other.name == step.name)
            .unwrap_or_default() as u64
    }
}

fn empty_reply(reply: &ModelReply, max_tokens: u32) -> String {
    match reply.finish {
        Finish::Stop => "the model answered without any text".to_owned(),
        Finish::Length => format!(
            "the model used its whole limit of {max_tokens} tokens without writing any text, perhaps on reasoning"
        ),
    }
}
