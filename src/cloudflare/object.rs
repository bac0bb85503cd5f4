//! The Durable Object of one workflow: the runner behind HTTP.

use std::cell::OnceCell;
use std::rc::Rc;

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::config::{config, providers};
use super::events;
use super::host::{ObjectHost, now};
use super::http::HttpAnswer;
use super::sql::SqlJournal;
use crate::api::control;
use crate::api::id::WorkflowId;
use crate::api::negotiation::{Form, none_match_fails};
use crate::api::prefer::Wait;
use crate::api::problem::Problem;
use crate::api::protocol::{ObjectRequest, Operation, Submitted, SubmittedForm};
use crate::api::query::EventsQuery;
use crate::api::routes::ControlName;
use crate::api::status_fields::StatusFields;
use crate::api::views::{self, StatusForm};
use crate::engine::show::live::{Position, Types};
use crate::engine::show::view::Extent;
use crate::engine::words::outcome::Status;
use crate::engine::{Input, Workflow};
use crate::journal::LoadError;
use crate::notify::Notice;
use crate::runner::{Runner, SUBSCRIBERS_MAX, SubmitError, log, wake};

/// What a client is told to wait before it asks again for a result.
const RESULT_RETRY_SECONDS: u32 = 2;

#[durable_object(alarm)]
pub struct OrchestratorWorkflow {
    state: Rc<State>,
    env: Env,
    /// Made by the first call that finds a valid configuration.
    runner: OnceCell<Runner<ObjectHost>>,
}

impl OrchestratorWorkflow {
    /// The configuration is read per call, and a wrong one is never kept.
    fn runner(&self) -> std::result::Result<&Runner<ObjectHost>, Problem> {
        if let Some(runner) = self.runner.get() {
            return Ok(runner);
        }
        let config = config(&self.env)?;
        let host = ObjectHost {
            state: self.state.clone(),
            journal: SqlJournal::new(&self.state.storage()),
            providers: providers(&self.env, &config),
            env: self.env.clone(),
        };
        Ok(self.runner.get_or_init(|| Runner::new(host, config.heartbeat_ms)))
    }
}

impl DurableObject for OrchestratorWorkflow {
    fn new(state: State, env: Env) -> Self {
        OrchestratorWorkflow {
            state: Rc::new(state),
            env,
            runner: OnceCell::new(),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        #[cfg(feature = "crash-test")]
        if let Ok(runner) = self.runner()
            && let Some(response) = super::crash::object(&request, runner).await?
        {
            return Ok(response);
        }
        let request = match ObjectRequest::parse(&request.text().await?) {
            Ok(request) => request,
            Err(error) => {
                worker::console_error!("{}", log::failure(None, &error));
                return HttpAnswer::from(Problem::newer_request()).into_response();
            }
        };
        let runner = match self.runner() {
            Ok(runner) => runner,
            Err(problem) => return HttpAnswer::from(problem).headers(request.headers).into_response(),
        };
        let object = Object {
            runner,
            id: &request.id,
            wait: request.wait,
        };
        match object.answer(request.operation).await {
            Ok(answer) => answer.headers(request.headers).into_response(),
            Err(problem) => HttpAnswer::from(problem).headers(request.headers).into_response(),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        #[cfg(feature = "crash-test")]
        if super::crash::alarm(&self.state).await? {
            return Response::empty();
        }
        let armed = match self.runner() {
            Ok(runner) => runner.alarm().await,
            // `config` has logged what is wrong.
            Err(_) => wake::after_wrong_configuration(&SqlJournal::new(&self.state.storage()), now()),
        };
        // The guard arms the next alarm where the storage refused ours.
        armed.map_err(|error| worker::Error::RustError(error.to_string()))?;
        Response::empty()
    }
}

/// One request to a workflow.
struct Object<'a> {
    runner: &'a Runner<ObjectHost>,
    id: &'a WorkflowId,
    wait: Option<u32>,
}

impl Object<'_> {
    async fn answer(&self, operation: Operation) -> std::result::Result<HttpAnswer, Problem> {
        if matches!(operation, Operation::Repeat(_)) {
            self.read(|_, _| ())?;
        }
        match operation {
            // The calls run in the background from here on. The answer waits for none of them, unless it is asked to.
            Operation::Create(submitted) | Operation::Repeat(submitted) => {
                let Submitted { spec, form, collection } = submitted;
                let location = views::location(self.id, collection);
                let started = self.runner.create(*spec).await.map_err(|error| self.problem(error))?;
                self.runner.spawn_drive(started);
                if form == SubmittedForm::EventStream {
                    return self
                        .events(EventsQuery::default())
                        .map(|answer| answer.header("location", &location));
                }
                let waited = self.wait().await?;
                self.read(|workflow, _| self.created(workflow, form, waited))?
                    .map(|answer| answer.header("location", &location))
            }
            Operation::Conversation => self.read(conversation)?,
            Operation::Notice => self.read(|workflow, seq| HttpAnswer::json(200, &Notice::of(workflow, seq))),
            Operation::Status {
                simple,
                fields,
                if_none_match,
            } => {
                let form = match fields {
                    Some(names) => StatusForm::Fields(StatusFields::of(names)),
                    None if simple => StatusForm::Simple,
                    None => StatusForm::Full,
                };
                let waited = self.wait().await?;
                self.read(|workflow, seq| {
                    let etag = views::etag(&workflow.spec().nonce, seq, &form);
                    let answer = if none_match_fails(if_none_match.as_deref(), &etag) {
                        HttpAnswer::new(304)
                    } else {
                        let view = workflow.view(form.extent());
                        HttpAnswer::json(200, &views::status(self.id, &view, &form))
                    };
                    Ok(applied(answer.header("etag", &etag), waited))
                })?
            }
            Operation::Result | Operation::ResultAsJson => {
                let as_json = matches!(operation, Operation::ResultAsJson);
                let waited = self.wait().await?;
                self.read(|workflow, _| result(workflow, as_json))?
                    .map(|answer| applied(answer, waited))
            }
            Operation::Events { head: true, .. } => self.read(|_, _| HttpAnswer::event_stream()),
            Operation::Events {
                after,
                life,
                types,
                head: false,
            } => self.events(EventsQuery {
                after: Position { seq: after, life },
                types: Types(types),
            }),
            Operation::Control { name, body } => {
                let name = ControlName::ALL
                    .into_iter()
                    .find(|known| known.as_str() == name)
                    .ok_or_else(Problem::internal)?;
                // Whether there is such a workflow comes before what is wrong with the body.
                self.read(|_, _| ())?;
                let control = control::control(name, body.as_bytes())?;
                self.runner
                    .submit_and_drive(Input::Control(control))
                    .map_err(|error| match error {
                        SubmitError::Rejected(rejection) => control::rejected(name, &rejection),
                        error => self.problem(error),
                    })?;
                self.read(|workflow, seq| {
                    let (view, form) = (workflow.view(Extent::FULL), StatusForm::Full);
                    let etag = views::etag(&workflow.spec().nonce, seq, &form);
                    Ok(HttpAnswer::json(200, &views::status(self.id, &view, &form)).header("etag", &etag))
                })?
            }
            Operation::Delete => {
                self.runner.delete().await.map_err(|error| self.problem(error))?;
                Ok(HttpAnswer::new(204))
            }
        }
    }

    fn events(&self, query: EventsQuery) -> std::result::Result<HttpAnswer, Problem> {
        let stream = events::stream(self.runner, query).map_err(|error| self.problem(error))?;
        Ok(match stream {
            Some(stream) => HttpAnswer::event_stream().streamed(stream),
            None => HttpAnswer::new(204),
        })
    }

    /// The answer to a submission: 202, or 200 where the client waited and it has ended.
    fn created(
        &self,
        workflow: &Workflow,
        form: SubmittedForm,
        waited: Option<Wait>,
    ) -> std::result::Result<HttpAnswer, Problem> {
        let ended = workflow.status().is_terminal() && waited.is_some();
        let answer = match workflow.result() {
            Some(text) if ended && form == SubmittedForm::Markdown => {
                HttpAnswer::text(200, Form::Markdown.media_type(), text)
            }
            _ => {
                let view = workflow.view(Extent::FULL);
                HttpAnswer::json(if ended { 200 } else { 202 }, &views::submitted(self.id, &view))
            }
        };
        Ok(applied(answer, waited))
    }

    /// Waits as long as the client would like, and returns what was granted: nothing where too many wait already.
    async fn wait(&self) -> std::result::Result<Option<Wait>, Problem> {
        let Some(seconds) = self.wait else { return Ok(None) };
        let waited = self
            .runner
            .wait(u64::from(seconds) * 1000)
            .await
            .map_err(|error| self.problem(error))?;
        Ok(waited.then_some(Wait { seconds }))
    }

    fn read<T>(&self, read: impl FnOnce(&Workflow, u64) -> T) -> std::result::Result<T, Problem> {
        self.runner.read(read).map_err(|error| self.problem(error))
    }

    fn problem(&self, error: SubmitError) -> Problem {
        match error {
            SubmitError::NotFound => Problem::unknown_workflow(self.id.as_str()),
            SubmitError::AlreadyExists => Problem::id_taken(self.id.as_str()),
            SubmitError::OtherBody => Problem::idempotency_key_reused(),
            SubmitError::TooManySubscribers => Problem::too_many_subscribers(SUBSCRIBERS_MAX),
            SubmitError::Load(LoadError::Newer(_)) => Problem::newer_journal(),
            SubmitError::Rejected(_)
            | SubmitError::Journal(_)
            | SubmitError::Load(LoadError::Corrupt(_) | LoadError::Storage(_)) => {
                worker::console_error!("{}", log::failure(Some(self.id.as_str()), &error.to_string()));
                Problem::unavailable()
            }
        }
    }
}

fn applied(answer: HttpAnswer, waited: Option<Wait>) -> HttpAnswer {
    match waited {
        Some(wait) => answer.header("preference-applied", &wait.applied()),
        None => answer,
    }
}

/// What a follow-up is given.
fn conversation(workflow: &Workflow, _seq: u64) -> std::result::Result<HttpAnswer, Problem> {
    workflow
        .conversation()
        .map(|conversation| HttpAnswer::json(200, &conversation))
        .ok_or_else(|| Problem::cannot_follow_up(workflow.id(), workflow.status().as_str(), RESULT_RETRY_SECONDS))
}

/// The final answer as Markdown, or as JSON where the request asked for that; or why there is none.
fn result(workflow: &Workflow, as_json: bool) -> std::result::Result<HttpAnswer, Problem> {
    let wants_json = as_json && workflow.spec().options.output_schema.is_some();
    let text = if wants_json {
        workflow.structured().filter(|_| workflow.status() == Status::Complete)
    } else {
        workflow.result()
    };
    let form = if wants_json { Form::Json } else { Form::Markdown };
    match (text, workflow.status()) {
        (Some(text), _) => Ok(HttpAnswer::text(200, form.media_type(), text)),
        (None, Status::Errored) if wants_json => Err(Problem::no_structure(workflow.error(), workflow.can_restart())),
        (None, status @ (Status::Errored | Status::Terminated)) => {
            Err(Problem::no_result(status.as_str(), workflow.can_restart()))
        }
        (None, status) => Err(Problem::result_not_ready(status.as_str(), RESULT_RETRY_SECONDS)),
    }
}
