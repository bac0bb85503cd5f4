//! The Durable Object of one workflow: the runner behind HTTP.

use std::rc::Rc;

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::config::{config, providers};
use super::events;
use super::host::ObjectHost;
use super::http::Answer;
use super::protocol::{ObjectRequest, Operation, SubmittedForm};
use super::sql::SqlJournal;
use crate::api::control;
use crate::api::id::WorkflowId;
use crate::api::negotiation::{Form, none_match_fails};
use crate::api::prefer::Wait;
use crate::api::problem::Problem;
use crate::api::query::EventsQuery;
use crate::api::routes::ControlName;
use crate::api::views;
use crate::engine::words::outcome::Status;
use crate::engine::words::spec::WorkflowSpec;
use crate::engine::{Input, Workflow};
use crate::journal::LoadError;
use crate::json;
use crate::runner::{Runner, SubmitError, log};
use crate::stored::Stored;

/// What a client is told to wait before it asks again for a result.
const RESULT_RETRY_SECONDS: u32 = 2;

#[durable_object(alarm)]
pub struct OrchestratorWorkflow {
    runner: std::result::Result<Runner<ObjectHost>, Problem>,
}

impl DurableObject for OrchestratorWorkflow {
    fn new(state: State, env: Env) -> Self {
        let runner = config(&env).map(|config| {
            let journal = SqlJournal::new(&state.storage());
            let host = ObjectHost {
                state: Rc::new(state),
                journal,
                providers: providers(&env, &config),
            };
            Runner::new(host, config.heartbeat_ms)
        });
        OrchestratorWorkflow { runner }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        #[cfg(feature = "crash-test")]
        if let Ok(runner) = &self.runner
            && let Some(response) = super::crash::object(&request, runner).await?
        {
            return Ok(response);
        }
        let request = request_of(&request.text().await?).map_err(worker::Error::RustError)?;
        let runner = match &self.runner {
            Ok(runner) => runner,
            Err(problem) => return Answer::from(problem.clone()).headers(request.headers).into_response(),
        };
        let object = Object {
            runner,
            id: &request.id,
            wait: request.wait,
        };
        match object.answer(request.operation).await {
            Ok(answer) => answer.headers(request.headers).into_response(),
            Err(problem) => Answer::from(problem).headers(request.headers).into_response(),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        #[cfg(feature = "crash-test")]
        if let Ok(runner) = &self.runner
            && super::crash::alarm(&runner.host().state).await?
        {
            return Response::empty();
        }
        match &self.runner {
            Ok(runner) => {
                if let Err(error) = runner.alarm().await {
                    worker::console_error!("{}", log::failure(None, &error.to_string()));
                }
                Response::empty()
            }
            // The platform tries again later, by when somebody may have mended the configuration.
            Err(problem) => Err(worker::Error::RustError(problem.detail().to_owned())),
        }
    }
}

fn request_of(message: &str) -> std::result::Result<ObjectRequest, String> {
    let message = json::parse(message).map_err(|error| error.to_string())?;
    ObjectRequest::read(message).map_err(|error| error.to_string())
}

/// One request to a workflow.
struct Object<'a> {
    runner: &'a Runner<ObjectHost>,
    id: &'a WorkflowId,
    wait: Option<u32>,
}

impl Object<'_> {
    async fn answer(&self, operation: Operation) -> std::result::Result<Answer, Problem> {
        match operation {
            Operation::Create { spec, form } => {
                self.create(*spec)?;
                if form == SubmittedForm::EventStream {
                    return self
                        .events(EventsQuery::default())
                        .map(|answer| answer.header("location", &views::location(self.id)));
                }
                self.wait().await?;
                self.read(|workflow, _| self.created(workflow, form))?
            }
            Operation::Status { simple, if_none_match } => {
                self.wait().await?;
                self.read(|workflow, seq| {
                    let etag = views::etag(&workflow.spec().nonce, seq, simple);
                    let answer = if none_match_fails(if_none_match.as_deref(), &etag) {
                        Answer::new(304)
                    } else {
                        Answer::json(200, views::status(self.id, &workflow.view(simple)))
                    };
                    Ok(self.applied(answer.header("etag", &etag)))
                })?
            }
            Operation::Result => {
                self.wait().await?;
                self.read(result)?.map(|answer| self.applied(answer))
            }
            Operation::Events { head: true, .. } => {
                self.read(|_, _| Answer::new(200).header("content-type", Form::EventStream.media_type()))
            }
            Operation::Events {
                after,
                types,
                head: false,
            } => self.events(EventsQuery { after, types }),
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
                    let body = views::status(self.id, &workflow.view(false));
                    Ok(Answer::json(200, body).header("etag", &views::etag(&workflow.spec().nonce, seq, false)))
                })?
            }
            Operation::Delete => {
                self.read(|_, _| ())?;
                self.runner.delete().await.map_err(|error| self.problem(error.into()))?;
                Ok(Answer::new(204))
            }
        }
    }

    /// Makes the workflow. Under an idempotency key the one that exists already is as good, if it was asked for in the
    /// same words.
    fn create(&self, spec: WorkflowSpec) -> std::result::Result<(), Problem> {
        let fingerprint = spec.fingerprint.clone();
        match self.runner.create(spec) {
            Ok(started) => self.runner.spawn_drive(started),
            Err(SubmitError::AlreadyExists) if fingerprint.is_some() => {
                if self.read(|workflow, _| workflow.spec().fingerprint != fingerprint)? {
                    return Err(Problem::idempotency_key_reused());
                }
            }
            Err(error) => return Err(self.problem(error)),
        }
        Ok(())
    }

    fn events(&self, query: EventsQuery) -> std::result::Result<Answer, Problem> {
        let stream = events::stream(self.runner, query).map_err(|error| self.problem(error))?;
        Ok(match stream {
            Some(stream) => Answer::stream(Form::EventStream.media_type(), stream),
            None => Answer::new(204),
        })
    }

    /// The answer to a submission: 202, or 200 where the client waited and it has ended.
    fn created(&self, workflow: &Workflow, form: SubmittedForm) -> std::result::Result<Answer, Problem> {
        let ended = workflow.status().is_terminal() && self.wait.is_some();
        let answer = match workflow.result() {
            Some(text) if ended && form == SubmittedForm::Markdown => {
                Answer::text(200, Form::Markdown.media_type(), text.to_owned())
            }
            _ => {
                let body = views::submitted(self.id, &workflow.view(false));
                Answer::json(if ended { 200 } else { 202 }, body)
            }
        };
        Ok(self.applied(answer.header("location", &views::location(self.id))))
    }

    async fn wait(&self) -> std::result::Result<(), Problem> {
        match self.wait {
            Some(seconds) => self
                .runner
                .wait(u64::from(seconds) * 1000)
                .await
                .map_err(|error| self.problem(error)),
            None => Ok(()),
        }
    }

    fn applied(&self, answer: Answer) -> Answer {
        match self.wait {
            Some(seconds) => answer.header("preference-applied", &Wait { seconds }.applied()),
            None => answer,
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Workflow, u64) -> T) -> std::result::Result<T, Problem> {
        self.runner.read(read).map_err(|error| self.problem(error))
    }

    fn problem(&self, error: SubmitError) -> Problem {
        match error {
            SubmitError::NotFound => Problem::unknown_workflow(self.id.as_str()),
            SubmitError::AlreadyExists => Problem::id_taken(self.id.as_str()),
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

/// The final answer as Markdown, or why there is none.
fn result(workflow: &Workflow, _seq: u64) -> std::result::Result<Answer, Problem> {
    match (workflow.result(), workflow.status()) {
        (Some(text), _) => Ok(Answer::text(200, Form::Markdown.media_type(), text.to_owned())),
        (None, status @ (Status::Errored | Status::Terminated)) => Err(Problem::no_result(status.as_str())),
        (None, status) => Err(Problem::result_not_ready(status.as_str(), RESULT_RETRY_SECONDS)),
    }
}
