//! An independent reading of the journal: what the design promises, checked event by event against the model's own log.
//!
//! It shares no code with the engine. It knows the rules of retries, dependencies, concurrency, approval, pauses and
//! restarts, and it knows what each model call answered.

mod answer;
mod attempts;
mod record;

use std::collections::{BTreeMap, BTreeSet};

use orchestrator_workers::engine::words::event::{FailureClass, PlanSource, Recorded, ResultSource, StopReason};
use orchestrator_workers::engine::words::plan::{Plan, TaskModel};
use orchestrator_workers::engine::words::spec::{OnDisconnect, WorkflowSpec};
use orchestrator_workers::engine::words::step_name::StepName;
use orchestrator_workers::engine::{AttemptId, Event};
use orchestrator_workers::model::ModelSpec;

use crate::world::{Call, is_interrupted};
use answer::{EDITOR, Made, REPAIR, REVIEW};

pub type Calls = BTreeMap<AttemptId, Call>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Queued,
    Running,
    Waiting,
    Pausing,
    Paused,
    Ended,
}

#[derive(Clone, Debug, Default)]
pub struct Referee {
    pub seen: u64,
    last_at: u64,
    pub spec: Option<Box<WorkflowSpec>>,
    pub phase: Option<Phase>,
    before_pause: Option<Phase>,
    /// Since when it is pausing or paused for want of a listener.
    deserted: Option<u64>,
    plan: Option<Plan>,
    /// Where no model writes the answer: who does.
    made: Option<Made>,
    approved: bool,
    pub run: u32,
    pub steps: BTreeMap<StepName, StepRecord>,
    /// The models that have answered an edit without marks.
    unmarked: BTreeSet<String>,
    /// The answer as its review has left it.
    reviewed: Option<String>,
    /// A failed append may undo or keep what memory believed: some checks are off.
    pub lenient: bool,
}

#[derive(Clone, Debug, Default)]
pub struct StepRecord {
    pub state: State,
    number: u32,
    failures: u32,
    on_model: u32,
    model: usize,
    /// The places of models that were passed over, because the step does not fit them.
    too_small: Vec<usize>,
    lost: u32,
    parts: Vec<String>,
    /// The run and number of the attempt that brought its text.
    written: (u32, u32),
    /// Replies that were no JSON that fits.
    unfit: u32,
    /// A piece of its text stopped at its limit of tokens.
    cut: bool,
    /// Of a reduction: its round and what it reads.
    round: Option<u32>,
    reads: Vec<StepName>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    #[default]
    Pending,
    InFlight {
        run: u32,
        number: u32,
    },
    Backoff {
        at: u64,
        for_good: bool,
    },
    Done {
        text: String,
    },
    Failed,
    Skipped,
}

type Verdict = Result<(), String>;

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(message()) }
}

impl Referee {
    pub fn new(lenient: bool) -> Referee {
        Referee {
            lenient,
            ..Referee::default()
        }
    }

    /// One more event of the journal.
    pub fn observe(&mut self, recorded: &Recorded, calls: &Calls, life: u32) -> Verdict {
        let verdict = self.judge(recorded, calls, life);
        verdict.map_err(|why| format!("event {} {:?}: {why}", recorded.seq, recorded.event))
    }

    fn judge(&mut self, recorded: &Recorded, calls: &Calls, life: u32) -> Verdict {
        ensure(recorded.seq == self.seen + 1, || format!("follows event {}", self.seen))?;
        ensure(recorded.at.0 >= self.last_at, || "time goes back".into())?;
        self.seen = recorded.seq;
        self.last_at = recorded.at.0;
        let ended = self.phase == Some(Phase::Ended);
        let restarts = matches!(recorded.event, Event::WorkflowRestarted { .. });
        ensure(!ended || restarts, || "the workflow has ended".into())?;
        match &recorded.event {
            Event::WorkflowQueued { spec } => {
                self.spec = Some(spec.clone());
                self.run = 1;
                self.enter(Phase::Queued);
                self.start_over();
            }
            Event::WorkflowStarted {} => self.enter(Phase::Running),
            Event::WorkflowWaiting {} => self.enter(Phase::Waiting),
            Event::WorkflowWaitingForPause { reason } => self.pause(Phase::Pausing, *reason)?,
            Event::WorkflowPaused { reason } => {
                ensure(self.in_flight().next().is_none(), || "calls are in flight".into())?;
                self.pause(Phase::Paused, *reason)?;
            }
            Event::WorkflowResumed {} => {
                self.deserted = None;
                self.phase = self.before_pause;
            }
            Event::WorkflowCompleted { result } => {
                let synthesis = self.steps.get(&StepName::Synthesis);
                let answered =
                    synthesis.is_some_and(|step| matches!(step.state, State::Done { .. }) || !step.parts.is_empty());
                ensure(*result == ResultSource::Answers || answered, || {
                    "there is no synthesis".into()
                })?;
                let is_whole = synthesis.is_some_and(|step| matches!(step.state, State::Done { .. }));
                ensure(
                    *result == ResultSource::Answers || !is_whole || self.decided().is_some(),
                    || "its review is not done".into(),
                )?;
                let structure = self.steps.get(&StepName::Structure).map(|record| &record.state);
                ensure(matches!(structure, None | Some(State::Done { .. })), || {
                    format!("its JSON is {structure:?}")
                })?;
                // Without a limit the answers are the result only where no model can put them together.
                let put_together =
                    |name: &StepName| matches!(name, StepName::Synthesis | StepName::Reduce(_) | StepName::Edit(1));
                let hopeless = self
                    .steps
                    .iter()
                    .any(|(name, record)| put_together(name) && record.state == State::Failed);
                ensure(
                    *result == ResultSource::Synthesis || self.has_limits() || hopeless,
                    || "no limit was set".into(),
                )?;
                self.end();
            }
            Event::WorkflowTerminated { reason: Some(_) } => {
                let spec = self.spec.as_ref().expect("a journal begins with its specification");
                let patience_ms = 60 * spec.policy.disconnect_ms;
                let may_end = match spec.options.on_disconnect {
                    OnDisconnect::Continue => false,
                    OnDisconnect::Pause => {
                        let given_up = self.deserted.is_some_and(|since| since + patience_ms <= recorded.at.0);
                        self.phase == Some(Phase::Paused) && given_up
                    }
                    OnDisconnect::Terminate => matches!(self.phase, Some(Phase::Queued | Phase::Running)),
                };
                ensure(may_end, || {
                    format!("deserted since {:?} while {:?}", self.deserted, self.phase)
                })?;
                self.end();
            }
            Event::WorkflowErrored { .. } | Event::WorkflowTerminated { reason: None } => self.end(),
            Event::WorkflowRestarted { run, reset, remark: _ } => {
                ensure(*run == self.run + 1 && *run <= 21, || {
                    format!("follows run {}", self.run)
                })?;
                self.run = *run;
                self.deserted = None;
                self.restart(reset);
            }
            Event::PlanAccepted { plan, source, .. } => {
                self.check_form(plan, *source)?;
                self.set_plan(plan, *source);
                // There is nothing to approve where there are no subtasks.
                self.approved |= plan.is_direct();
            }
            Event::PlanApproved { plan, .. } => {
                ensure(self.phase == Some(Phase::Waiting), || format!("while {:?}", self.phase))?;
                if let Some(plan) = plan {
                    self.set_plan(plan, PlanSource::Client);
                }
                self.approved = true;
                self.enter(Phase::Running);
            }
            Event::AnswerAssembled { segments, unmarked, .. } => self.assembled(segments, *unmarked)?,
            Event::AnswerReviewed { segments, refused, .. } => self.reviewed(segments, refused.is_some())?,
            Event::ReductionPlanned { reductions } => {
                for reduction in reductions {
                    let step = StepRecord {
                        round: Some(reduction.round),
                        reads: reduction.parts.iter().map(|part| part.step.clone()).collect(),
                        ..StepRecord::default()
                    };
                    self.steps.insert(StepName::Reduce(reduction.number), step);
                }
            }
            Event::AttemptStarted {
                step,
                run,
                number,
                model,
                model_index,
                ..
            } => self.started(step, *run, *number, (model, *model_index), recorded.at.0)?,
            Event::AttemptCompleted {
                step,
                run,
                number,
                text,
                truncated,
                ..
            } => {
                let call = self.call(step, *run, *number, calls)?;
                let given = call.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok());
                // Of a reply that is JSON, the JSON alone is kept.
                let is_json = *step == StepName::Structure && text.starts_with('{');
                let is_whole = given.is_some_and(|reply| reply.text == *text || is_json && reply.text.contains(text));
                ensure(is_whole || is_early_end(step, text, call), || {
                    format!("this call's model said {given:?}")
                })?;
                let continuations = self.policy(|policy| policy.continuations_max) as usize;
                self.progress();
                let record = self.steps.entry(step.clone()).or_default();
                record.written = (*run, *number);
                record.cut |= *truncated;
                let is_continued = matches!(step, StepName::Synthesis | StepName::Edit(_));
                if is_continued && *truncated && record.parts.len() < continuations {
                    record.parts.push(text.clone());
                    record.state = State::Pending;
                } else {
                    record.state = State::Done {
                        text: record.parts.concat() + text,
                    };
                }
            }
            // It may have been aborted before it went out.
            Event::AttemptErrored {
                step,
                run,
                number,
                class: FailureClass::Aborted,
                ..
            } => {
                self.in_flight_is(step, *run, *number)?;
                ensure(self.has_limits(), || "no limit was set".into())?;
                self.progress();
                let at = recorded.at.0;
                self.steps.entry(step.clone()).or_default().state = State::Backoff { at, for_good: true };
            }
            Event::AttemptErrored { step, run, number, .. } => {
                let call = self.call(step, *run, *number, calls)?.clone();
                self.errored(&recorded.event, &call, recorded.at.0)?;
            }
            Event::AttemptLost {
                step,
                run,
                number,
                retry_at,
            } => {
                let id = self.id(step, *run, *number);
                self.in_flight_is(step, *run, *number)?;
                // A call that still runs is not lost. One that never went out is.
                let alive = calls
                    .get(&id)
                    .filter(|call| call.life == life && !is_interrupted(&call.outcome))
                    // The platform may have dropped it in the middle.
                    .filter(|call| call.open || call.outcome.is_some());
                ensure(alive.is_none() || self.lenient, || {
                    format!("the call was alive: {alive:?}")
                })?;
                let lost_max = self.policy(|policy| policy.lost_max);
                let at = retry_at.unwrap_or(recorded.at).0;
                let record = self.steps.entry(step.clone()).or_default();
                record.lost += 1;
                ensure(record.lost <= lost_max, || {
                    format!("lost {} times without progress", record.lost)
                })?;
                record.state = State::Backoff {
                    at,
                    for_good: record.lost == lost_max,
                };
            }
            Event::StepErrored { step, .. } => {
                let record = self.steps.entry(step.clone()).or_default();
                let unfit = record.state == State::Pending || matches!(record.state, State::Backoff { .. });
                ensure(unfit, || format!("while {:?}", record.state))?;
                record.state = State::Failed;
            }
            Event::StepSkipped { step, .. } => {
                // A model that gets plain prompts is asked for no review.
                let is_plain = *step == REVIEW && self.is_plain();
                ensure(self.has_limits() || is_plain, || "no limit was set".into())?;
                let record = self.steps.entry(step.clone()).or_default();
                let unfinished = !matches!(record.state, State::Done { .. } | State::InFlight { .. });
                ensure(unfinished, || format!("while {:?}", record.state))?;
                record.state = State::Skipped;
            }
        }
        Ok(())
    }

    /// A pause for want of a listener begins where something runs, and only where it was asked for. A control may make
    /// it its own, and no listener one of a control.
    fn pause(&mut self, phase: Phase, reason: Option<StopReason>) -> Verdict {
        let is_pausing = matches!(self.phase, Some(Phase::Pausing | Phase::Paused));
        if !is_pausing {
            self.before_pause = self.phase;
        }
        if reason.is_some() {
            let option = self.spec.as_ref().map(|spec| spec.options.on_disconnect);
            let runs = matches!(self.phase, Some(Phase::Queued | Phase::Running));
            let goes_on = self.phase == Some(Phase::Pausing) && self.deserted.is_some();
            ensure(option == Some(OnDisconnect::Pause) && (runs || goes_on), || {
                format!("nobody asked for it while {:?}", self.phase)
            })?;
        } else {
            let ends_as_it_began = self.phase != Some(Phase::Pausing) || phase != Phase::Paused;
            ensure(ends_as_it_began || self.deserted.is_none(), || {
                "its reason is lost".into()
            })?;
        }
        self.deserted = reason.map(|_| self.deserted.unwrap_or(self.last_at));
        self.enter(phase);
        Ok(())
    }

    /// Nothing that could run is kept waiting: no barrier, no idle slot.
    pub fn idle_slots(&self) -> Verdict {
        let Some(spec) = &self.spec else { return Ok(()) };
        let free = self.in_flight().count() < spec.options.max_concurrency as usize;
        if self.phase != Some(Phase::Running) || !free || self.has_limits() {
            return Ok(());
        }
        for (name, record) in &self.steps {
            let due = match record.state {
                State::Pending => true,
                State::Backoff { at, for_good } => !for_good && at <= self.last_at,
                _ => false,
            };
            ensure(
                !due || !self.needs(name).iter().all(|needed| self.is_resolved(needed)),
                || format!("after event {}: {name} could run and does not", self.seen),
            )?;
        }
        Ok(())
    }

    pub fn in_flight(&self) -> impl Iterator<Item = AttemptId> + '_ {
        self.steps.iter().filter_map(|(step, record)| match record.state {
            State::InFlight { run, number } => Some(self.id(step, run, number)),
            _ => None,
        })
    }

    pub fn is_active(&self) -> bool {
        matches!(self.phase, Some(Phase::Queued | Phase::Running | Phase::Pausing))
    }

    /// Whether it waits for a listener.
    pub fn is_deserted(&self) -> bool {
        self.deserted.is_some() && matches!(self.phase, Some(Phase::Pausing | Phase::Paused))
    }

    fn call<'a>(&self, step: &StepName, run: u32, number: u32, calls: &'a Calls) -> Result<&'a Call, String> {
        self.in_flight_is(step, run, number)?;
        calls
            .get(&self.id(step, run, number))
            .ok_or_else(|| "no such call went out".to_owned())
    }

    fn in_flight_is(&self, step: &StepName, run: u32, number: u32) -> Verdict {
        let state = self.steps.get(step).map(|record| &record.state);
        ensure(state == Some(&State::InFlight { run, number }), || {
            format!("the step is {state:?}")
        })
    }

    fn id(&self, step: &StepName, run: u32, number: u32) -> AttemptId {
        AttemptId {
            nonce: self.spec.as_ref().map(|spec| spec.nonce.clone()).unwrap_or_default(),
            run,
            step: step.clone(),
            number,
        }
    }

    fn needs(&self, step: &StepName) -> Vec<StepName> {
        let tasks = || self.plan.iter().flat_map(|plan| plan.tasks());
        match step {
            StepName::Plan => Vec::new(),
            StepName::Edit(1) => tasks().map(|task| StepName::Subtask(task.id.clone())).collect(),
            StepName::Edit(_) => vec![EDITOR],
            StepName::Review(_) => vec![StepName::Synthesis],
            StepName::Structure => {
                let review = StepName::Review(1);
                vec![if self.steps.contains_key(&review) {
                    review
                } else {
                    StepName::Synthesis
                }]
            }
            StepName::Synthesis if self.made == Some(Made::ByTheEditor) => {
                let repair = self.steps.contains_key(&REPAIR).then_some(REPAIR);
                repair.into_iter().chain([EDITOR]).collect()
            }
            StepName::Subtask(id) => {
                let task = tasks().find(|task| task.id == *id);
                task.iter()
                    .flat_map(|task| &task.depends_on)
                    .cloned()
                    .map(StepName::Subtask)
                    .collect()
            }
            StepName::Reduce(_) => self
                .steps
                .get(step)
                .map(|record| record.reads.clone())
                .unwrap_or_default(),
            StepName::Synthesis => {
                let reductions = self
                    .steps
                    .keys()
                    .filter(|name| matches!(name, StepName::Reduce(_)))
                    .cloned();
                tasks()
                    .map(|task| StepName::Subtask(task.id.clone()))
                    .chain(reductions)
                    .collect()
            }
        }
    }

    fn is_resolved(&self, step: &StepName) -> bool {
        let state = self.steps.get(step).map(|record| &record.state);
        matches!(state, Some(State::Done { .. } | State::Failed | State::Skipped))
    }

    fn models(&self, step: &StepName) -> &[ModelSpec] {
        let Some(spec) = &self.spec else { return &[] };
        match step {
            StepName::Subtask(id) => {
                let task = self.plan.as_ref().and_then(|plan| plan.task(id));
                match task.map(|task| task.model) {
                    Some(TaskModel::Big) => &spec.big_models,
                    _ => &spec.small_models,
                }
            }
            _ => &spec.big_models,
        }
    }

    fn policy<T>(&self, read: impl FnOnce(&orchestrator_workers::engine::words::spec::Policy) -> T) -> T {
        read(
            &self
                .spec
                .as_ref()
                .expect("a journal begins with its specification")
                .policy,
        )
    }

    /// Whether the first big model has a small context, or has shown that it writes no marks.
    fn is_plain(&self) -> bool {
        let first = self.spec.as_ref().and_then(|spec| spec.big_models.first());
        first.is_some_and(|model| model.context_tokens < 16_384 || self.unmarked.contains(&model.name))
    }

    fn has_limits(&self) -> bool {
        self.spec.as_ref().is_some_and(|spec| {
            let options = &spec.options;
            let small_journal = spec.policy.journal_bytes_max < 10_000_000;
            options.deadline_seconds.is_some() || options.token_budget.is_some() || small_journal
        })
    }
}

/// A planner that says `direct` is not read on.
fn is_early_end(step: &StepName, text: &str, call: &Call) -> bool {
    let says_direct = *step == StepName::Plan && text.contains("\"direct\"");
    says_direct && call.streamed.starts_with(text)
}
