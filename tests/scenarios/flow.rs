//! The driver of a scenario: a script of model replies in, the events out, on virtual time.
//!
//! After every turn the invariants hold, the journal replays to the same state, and every event survives its stored
//! form.

use orchestrator_workers::engine::show::view::Extent;
use orchestrator_workers::engine::words::outcome::Status;
use orchestrator_workers::engine::words::spec::WorkflowSpec;
use orchestrator_workers::engine::words::time::Timestamp;
use orchestrator_workers::engine::{
    AttemptId, Control, Event, Input, Recorded, Rejection, RestartFrom, Verdict, Workflow,
};
use orchestrator_workers::model::{AnswerContent, Brief, ModelError, ModelReply, ModelRequest};
use serde_json::Value;

use crate::support::{self, T0};

pub struct Flow {
    pub workflow: Workflow,
    pub log: Vec<Recorded>,
    pub now: Timestamp,
    pub entropy: u64,
    /// The journal's length after each turn: a crash can only fall between turns.
    pub turns: Vec<usize>,
    told: usize,
}

impl Flow {
    /// A new workflow whose first calls are out.
    pub fn start(spec: WorkflowSpec) -> Flow {
        let mut flow = Flow::create(spec);
        flow.handle(Input::TimePassed).unwrap();
        flow
    }

    /// A new workflow that is still queued.
    pub fn create(spec: WorkflowSpec) -> Flow {
        let (workflow, events) = Workflow::create(spec, T0);
        let mut flow = Flow {
            workflow,
            log: Vec::new(),
            now: T0,
            entropy: 1,
            turns: Vec::new(),
            told: 0,
        };
        flow.record(events);
        flow
    }

    /// A workflow from its journal, as after a crash.
    pub fn resume(log: Vec<Recorded>) -> Flow {
        let workflow = Workflow::replay(log.clone()).unwrap();
        Flow {
            now: workflow.last_at(),
            workflow,
            told: log.len(),
            log,
            entropy: 1,
            turns: Vec::new(),
        }
    }

    /// Runs `plan` with the given subtasks: every subtask without dependencies is in flight afterwards.
    pub fn planned(spec: WorkflowSpec, tasks: &[(&str, &[&str])]) -> Flow {
        let mut flow = Flow::start(spec);
        flow.reply("plan", support::plan_text(tasks));
        flow.told();
        flow
    }

    pub fn handle(&mut self, input: Input) -> Result<(), Rejection> {
        self.entropy = self.entropy.wrapping_add(1);
        let events = self.workflow.handle(input, self.now, self.entropy)?;
        self.record(events);
        Ok(())
    }

    fn record(&mut self, events: Vec<Event>) {
        for event in events {
            self.log.push(Recorded {
                seq: self.log.len() as u64 + 1,
                // The engine's clock never goes back, and the journal's does not either.
                at: self.now.max(self.workflow.last_at()),
                event,
            });
        }
        self.turns.push(self.log.len());
        support::check(&self.workflow, &self.log).unwrap();
    }

    /// The attempt in flight of a step.
    pub fn attempt(&self, step: &str) -> AttemptId {
        let attempts = self.workflow.in_flight();
        let found = attempts.iter().find(|attempt| attempt.step.to_string() == step);
        found
            .unwrap_or_else(|| panic!("{step} is not among {:?}", self.in_flight()))
            .clone()
    }

    pub fn in_flight(&self) -> Vec<String> {
        self.workflow
            .in_flight()
            .iter()
            .map(|attempt| attempt.step.to_string())
            .collect()
    }

    pub fn finish(&mut self, step: &str, outcome: Result<ModelReply, ModelError>) {
        let attempt = self.attempt(step);
        self.handle(Input::AttemptFinished { attempt, outcome }).unwrap();
    }

    pub fn reply(&mut self, step: &str, text: impl Into<String>) {
        self.finish(step, Ok(support::reply(text)));
    }

    pub fn fail(&mut self, step: &str, error: ModelError) {
        self.finish(step, Err(error));
    }

    /// Ends the call that makes JSON of the answer.
    pub fn judge(&mut self, text: &str, verdict: Verdict) {
        let input = Input::StructureFinished {
            attempt: self.attempt("structure"),
            reply: support::reply(text),
            verdict,
        };
        self.handle(input).unwrap();
    }

    pub fn lose(&mut self, step: &str) {
        let attempt = self.attempt(step);
        self.handle(Input::AttemptsLost(vec![attempt])).unwrap();
    }

    pub fn control(&mut self, control: Control) {
        self.handle(Input::Control(control)).unwrap();
    }

    pub fn restart_from(&mut self, step: &str) {
        self.control(Control::Restart(RestartFrom::Step(step.parse().unwrap())));
    }

    /// Time passes: the engine is woken whenever it asked to be.
    pub fn pass(&mut self, ms: u64) {
        let until = self.now.plus_ms(ms);
        while let Some(at) = self
            .workflow
            .wake_at(self.now)
            .filter(|at| *at > self.now && *at <= until)
        {
            self.now = at;
            self.handle(Input::TimePassed).unwrap();
        }
        self.now = until;
        self.handle(Input::TimePassed).unwrap();
    }

    pub fn request(&self, step: &str) -> ModelRequest {
        self.workflow.model_request(&self.attempt(step)).unwrap()
    }

    /// The answers that a step is shown: id, and the text or why there is none.
    pub fn inputs(&self, step: &str) -> Vec<(String, String)> {
        let answers = match self.request(step).brief {
            Brief::Subtask { inputs, .. } => inputs,
            Brief::Reduce { answers, .. } | Brief::Synthesis { answers, .. } => answers,
            Brief::Plan { .. }
            | Brief::Direct { .. }
            | Brief::Edit { .. }
            | Brief::Review { .. }
            | Brief::Structure { .. } => Vec::new(),
        };
        let content = |content| match content {
            AnswerContent::Text { text, .. } => text,
            AnswerContent::Missing { reason } => format!("missing: {reason}"),
        };
        answers
            .into_iter()
            .map(|answer| (answer.id, content(answer.content)))
            .collect()
    }

    pub fn status(&self) -> Status {
        self.workflow.status()
    }

    pub fn view(&self) -> Value {
        serde_json::to_value(self.workflow.view(Extent::FULL)).unwrap()
    }

    /// One step of the view.
    pub fn step(&self, name: &str) -> Value {
        let view = self.view();
        let found = view["steps"]
            .as_array()
            .unwrap()
            .iter()
            .find(|step| step["name"] == name);
        found.unwrap_or_else(|| panic!("no step {name} in {view:#}")).clone()
    }

    /// `step reason` of each warning.
    pub fn warnings(&self) -> Vec<String> {
        let reason = |reason| serde_json::to_value(reason).unwrap().as_str().unwrap().to_owned();
        let warnings = self.workflow.warnings();
        warnings
            .iter()
            .map(|warning| format!("{} {}", warning.step, reason(warning.reason)))
            .collect()
    }

    pub fn error(&self) -> (String, String) {
        let error = self.workflow.error().expect("no error");
        // As docs/errors.md promises. Where a context is too small the message itself tells the limit to raise.
        let told = error.message.contains("What to do: ") || error.name == "ContextTooSmall";
        assert!(told, "{}", error.message);
        (error.name.clone(), error.message.clone())
    }

    /// The events since the last call, one line each.
    pub fn told(&mut self) -> Vec<String> {
        let lines = self
            .log
            .iter()
            .skip(self.told)
            .map(|recorded| line(&recorded.event))
            .collect();
        self.told = self.log.len();
        lines
    }

    pub fn last_event(&self) -> &Event {
        &self.log.last().unwrap().event
    }
}

/// An event in a line: enough to follow a run.
pub fn line(event: &Event) -> String {
    let name = event.type_name();
    match event {
        Event::WorkflowErrored { error } => format!("{name} {}", error.name),
        Event::WorkflowRestarted { run, .. } => format!("{name} {run}"),
        Event::PlanAccepted { plan, .. } => {
            let ids: Vec<_> = plan.tasks().iter().map(|task| task.id.as_str()).collect();
            format!("{name} {}", ids.join(" "))
        }
        Event::PlanApproved { plan, .. } => format!("{name}{}", if plan.is_some() { " edited" } else { "" }),
        Event::ReductionPlanned { reductions } => format!("{name} {}", reductions.len()),
        Event::AttemptStarted {
            step, number, model, ..
        } => format!("{name} {step} #{number} {model}"),
        Event::AttemptCompleted {
            step,
            number,
            truncated,
            ..
        } => format!("{name} {step} #{number}{}", if *truncated { " truncated" } else { "" }),
        Event::AttemptErrored {
            step,
            number,
            error,
            retry_at,
            ..
        } => {
            let last = if retry_at.is_none() { " for good" } else { "" };
            format!("{name} {step} #{number} {}{last}", error.name)
        }
        Event::AttemptLost { step, number, .. } => format!("{name} {step} #{number}"),
        Event::StepErrored { step, .. } | Event::StepSkipped { step, .. } => format!("{name} {step}"),
        _ => name.to_owned(),
    }
}

/// All models that a step's attempts were given, in order.
pub fn models(flow: &Flow, step: &str) -> Vec<String> {
    let attempts = flow.step(step)["attempts"].as_array().unwrap().clone();
    attempts
        .iter()
        .map(|attempt| attempt["model"].as_str().unwrap().to_owned())
        .collect()
}
