//! The entry worker: who asks, what for, how much. The object of a workflow answers whatever concerns that workflow.
//!
//! First of all it leaves on the request which headers let the asking page read the answer. `main.js` puts them on
//! whatever the answer becomes, because a crash leaves nobody here to do it.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use js_sys::Reflect;
use uuid::{Builder, Uuid};
use wasm_bindgen::JsValue;
use worker::{Context, Delay, Env, Request, Response, Result, event};

use super::config::{access, config};
use super::host::now;
use super::http::{HttpAnswer, read_body};
use super::{index, objects};
use crate::api::access::{Access, RequestHead, is_of_a_proxy};
use crate::api::config::Config;
use crate::api::cors;
use crate::api::follow_up;
use crate::api::id::{Tenant, WorkflowId};
use crate::api::media::check_encoding;
use crate::api::negotiation::{Form, negotiate};
use crate::api::page;
use crate::api::prefer::Wait;
use crate::api::problem::{Problem, ProblemType};
use crate::api::protocol::index::{CHECK, FOLLOW_UPS, LIST};
use crate::api::protocol::{ObjectRequest, Operation, Submitted, SubmittedForm};
use crate::api::query::{self, EventsQuery};
use crate::api::routes::{Collection, Route, split_url};
use crate::api::sse;
use crate::api::status_fields::StatusFields;
use crate::api::submission::{BODY_BYTES_MAX, Submission, body_too_large};
use crate::api::views::{AccessView, HealthView, IndexView};
use crate::engine::words::history::Conversation;
use crate::json;
use crate::notify::Notice;
use crate::runner::log;
use crate::tenant::FOLLOW_UPS_MAX;

/// By then the index has heard of what was just made or deleted, unless it can't be reached.
const FOLLOW_UPS_SETTLE: Duration = Duration::from_millis(300);
/// Each finds [`FOLLOW_UPS_MAX`] at most.
const FOLLOW_UP_ROUNDS: usize = 100;

#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let config = config(&env);
    let fallback;
    let access = match &config {
        Ok(config) => &config.access,
        Err(_) => {
            fallback = access(&env);
            &fallback
        }
    };
    leave_cors(&request, access)?;
    #[cfg(feature = "crash-test")]
    if let Some(response) = super::crash::entry(&request, &env).await? {
        return Ok(response);
    }
    // The page before the configuration, because the console is what explains a wrong one.
    if let Some(page) = super::page::answer(&request, &env).await? {
        return Ok(page);
    }
    // So are preflights, because a page could not even read that it is wrong.
    if let Some(answer) = preflight(&request, access) {
        return answer.into_response();
    }
    match config {
        Ok(config) => {
            let entry = Entry {
                config,
                env,
                context,
                request,
            };
            entry.answer().await
        }
        Err(problem) => HttpAnswer::from(problem).into_response(),
    }
}

/// Leaves the headers of CORS on the request, where `main.js` finds them.
fn leave_cors(request: &Request, access: &Access) -> Result<()> {
    let by_accept = page::is_by_accept(&method(request), &request.path());
    let headers = worker::Headers::new();
    for (name, value) in cors::answer_headers(access, header(request, "origin").as_deref(), by_accept) {
        headers.set(name, &value)?;
    }
    Reflect::set(request.inner(), &JsValue::from_str("cors"), &headers.0)?;
    Ok(())
}

/// A browser asks whether a page may send what it is about to (the Fetch Standard, "CORS-preflight request").
fn preflight(request: &Request, access: &Access) -> Option<HttpAnswer> {
    let origin = header(request, "origin")?;
    header(request, "access-control-request-method").filter(|_| method(request) == "OPTIONS")?;
    let Route::Options { allow } = Route::of_preflight(&request.path()) else {
        return None;
    };
    Some(HttpAnswer::new(204).headers(cors::preflight_headers(access, Some(&origin), allow)))
}

/// As it was sent. The crate's own enum takes methods that it does not know for GET.
pub(super) fn method(request: &Request) -> String {
    request.inner().method()
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().get(name).ok().flatten()
}

/// One request.
struct Entry {
    config: Rc<Config>,
    env: Env,
    context: Context,
    request: Request,
}

impl Entry {
    async fn answer(mut self) -> Result<Response> {
        match self.route().await {
            Ok(Reply::Here(answer)) => answer.into_response(),
            Ok(Reply::Object(response)) => Ok(response),
            Err(problem) => HttpAnswer::from(problem).into_response(),
        }
    }

    async fn route(&mut self) -> std::result::Result<Reply, Problem> {
        let method = method(&self.request);
        let url = self.request.inner().url();
        let (host, path, query) = split_url(&url);
        // What is asked comes before who asks: an unknown path is a 404 for everybody.
        let route = Route::parse(&method, path)?;
        let (origin, authorization) = (self.header("origin"), self.header("authorization"));
        // Few deployments need to know, and only one that is open looks through all names.
        let proxy_header = if self.config.access.is_open() {
            self.proxy_header()
        } else {
            None
        };
        let head = RequestHead {
            // Whoever asks this is about to change something, so that the origin counts.
            method: if route == Route::Access { "POST" } else { &method },
            host,
            origin: origin.as_deref(),
            authorization: authorization.as_deref(),
            proxy_header: proxy_header.as_deref(),
        };
        // Who asks comes before the body and the query, so that a stranger learns nothing of them and costs nothing.
        let tenant = if route.needs_access() {
            self.config.access.authorize(&head)?
        } else {
            Tenant::default_tenant()
        };
        match route {
            Route::Index => here(&IndexView::new(&self.config)),
            Route::Health | Route::Ready => here(&HealthView::new(&self.config)),
            Route::Access => here(&AccessView {
                tenant: tenant.as_str(),
            }),
            Route::Options { allow } => {
                let headers = cors::preflight_headers(&self.config.access, origin.as_deref(), allow);
                Ok(Reply::Here(HttpAnswer::new(204).headers(headers)))
            }
            Route::List => {
                let list = index::ask(&self.env, &tenant, LIST, query);
                list.await.map(Reply::Object)
            }
            Route::Submit(collection) => self.submit(&tenant, collection).await,
            Route::Status(id) => {
                let operation = Operation::Status {
                    simple: query::flag(query, "simple")?,
                    fields: StatusFields::parse(query)?.map(StatusFields::names),
                    if_none_match: self.header("if-none-match"),
                };
                self.ask(&tenant, &id, operation).await
            }
            Route::Result(id) => {
                let forms = [Form::Markdown, Form::Json];
                let operation = match negotiate(self.header("accept").as_deref(), &forms, Form::Markdown) {
                    Form::Json => Operation::ResultAsJson,
                    _ => Operation::Result,
                };
                self.ask(&tenant, &id, operation).await
            }
            Route::Delete(id) => {
                if query::flag(query, "follow_ups")? {
                    self.delete_follow_ups(&tenant, &id).await?;
                }
                let deleted = self.ask(&tenant, &id, Operation::Delete).await?;
                // The index hears of it from a journal that can be read only.
                if let Reply::Object(response) = &deleted
                    && response.status_code() == 204
                {
                    self.check_index(&tenant, &id);
                }
                Ok(deleted)
            }
            Route::Control(id, control) => {
                let body = self.body().await?;
                // Only what reads as text can be a body; what it must say is the control's own business.
                let body = String::from_utf8(body).map_err(|_| Problem::invalid("the body is not UTF-8"))?;
                self.ask(
                    &tenant,
                    &id,
                    Operation::Control {
                        name: control.as_str().to_owned(),
                        body,
                    },
                )
                .await
            }
            Route::Events(id) => {
                let EventsQuery { after, types } =
                    EventsQuery::parse(query, self.header("last-event-id").as_deref(), &sse::type_names())?;
                self.ask(
                    &tenant,
                    &id,
                    Operation::Events {
                        after: after.seq,
                        life: after.life,
                        types: types.0,
                        head: method == "HEAD",
                    },
                )
                .await
            }
            Route::OpenApi => match super::page::openapi(&self.env, self.header("if-none-match").as_deref()).await {
                Ok(Some(answer)) => Ok(Reply::Here(answer)),
                Ok(None) => Err(Problem::new(
                    ProblemType::NotFound,
                    "this deployment came without its OpenAPI document",
                )),
                Err(error) => {
                    worker::console_error!("{}", log::failure(None, &error.to_string()));
                    Err(Problem::internal())
                }
            },
        }
    }

    async fn submit(&mut self, tenant: &Tenant, collection: Collection) -> std::result::Result<Reply, Problem> {
        let content_type = self.header("content-type");
        let form = match negotiate(
            self.header("accept").as_deref(),
            &[Form::Json, Form::Markdown, Form::EventStream],
            Form::Json,
        ) {
            Form::Markdown => SubmittedForm::Markdown,
            Form::EventStream => SubmittedForm::EventStream,
            Form::Json | Form::Html => SubmittedForm::Json,
        };
        let body = self.body().await?;
        let submission = Submission::parse(content_type.as_deref(), &body, &self.config)?;
        let identity = submission.identify(tenant, self.header("idempotency-key").as_deref(), new_id)?;
        let id = identity.id.clone();
        // A repetition is answered whatever has become of the parent meanwhile.
        let may_repeat = identity.fingerprints.is_some() && submission.follow_up_to.is_some();
        let repeated = may_repeat.then(|| (submission.clone(), identity.clone()));
        let conversation = match &submission.follow_up_to {
            None => Ok(None),
            Some(parent) => self.conversation(tenant, parent).await,
        };
        let into_spec = |submission: Submission, identity, conversation| {
            submission.into_spec(&self.config, tenant, identity, conversation, nonce())
        };
        let made = conversation.and_then(|conversation| into_spec(submission, identity, conversation));
        let (spec, refused) = match (made, repeated) {
            (Ok(spec), _) => (spec, None),
            (Err(problem), Some((submission, identity))) => (into_spec(submission, identity, None)?, Some(problem)),
            (Err(problem), None) => return Err(problem),
        };
        let submitted = Submitted {
            spec: Box::new(spec),
            form,
            collection,
        };
        let operation = match refused {
            None => Operation::Create(submitted),
            Some(_) => Operation::Repeat(submitted),
        };
        match (self.ask(tenant, &id, operation).await?, refused) {
            (Reply::Object(response), Some(problem)) if response.status_code() == 404 => Err(problem),
            (reply, _) => Ok(reply),
        }
    }

    /// What the workflow that is followed up gives: same tenant, complete.
    async fn conversation(
        &self,
        tenant: &Tenant,
        parent: &WorkflowId,
    ) -> std::result::Result<Option<Conversation>, Problem> {
        let (status, body) = self.told(tenant, parent, Operation::Conversation).await?;
        follow_up::read(parent, status, &body).map(Some)
    }

    /// What the object of a workflow tells us: the status and the body of its answer.
    fn told<'a>(
        &'a self,
        tenant: &'a Tenant,
        id: &'a WorkflowId,
        operation: Operation,
    ) -> LocalBoxFuture<'a, std::result::Result<(u16, String), Problem>> {
        async move {
            let (name, message) = (tenant.object_name(id), ObjectRequest::text(id, operation, None));
            let read = objects::text(&self.env, objects::WORKFLOWS, &name, "/", &message);
            read.await.map_err(|error| unavailable(id, &error))
        }
        .boxed_local()
    }

    /// Asks the object of a workflow, which answers the client.
    async fn ask(&self, tenant: &Tenant, id: &WorkflowId, operation: Operation) -> std::result::Result<Reply, Problem> {
        let wait = Wait::parse(self.header("prefer").as_deref()).map(|wait| wait.seconds);
        let (name, message) = (tenant.object_name(id), ObjectRequest::text(id, operation, wait));
        let asked = objects::fetch(&self.env, objects::WORKFLOWS, &name, "/", &message);
        let response = asked.await.map_err(|error| unavailable(id, &error.to_string()))?;
        if response.status_code() == 404 {
            self.check_index(tenant, id);
        }
        Ok(Reply::Object(response))
    }

    /// The index may list what is not there, after a rollback for example. The client does not wait for it.
    fn check_index(&self, tenant: &Tenant, id: &WorkflowId) {
        if !index::is_configured(&self.env) {
            return;
        }
        let (env, tenant, name) = (self.env.clone(), tenant.clone(), tenant.object_name(id));
        self.context.wait_until(async move {
            // A failure is logged, and the next request finds the same.
            let _ = index::ask(&env, &tenant, CHECK, &name).await;
        });
    }

    /// All that the index knows of, in rounds, because it is told after the fact: of what was just made, and of what
    /// was just deleted. The last first, so that what is left after a failure can still be found from the first.
    async fn delete_follow_ups(&self, tenant: &Tenant, id: &WorkflowId) -> std::result::Result<(), Problem> {
        let Some(life) = self.life_of(tenant, id).await? else {
            // The deletion itself says so.
            return Ok(());
        };
        let mut deleted: Vec<String> = Vec::new();
        for _ in 0..FOLLOW_UP_ROUNDS {
            Delay::from(FOLLOW_UPS_SETTLE).await;
            let mut response = index::ask(&self.env, tenant, FOLLOW_UPS, &life).await?;
            let body = response.text().await.unwrap_or_default();
            let found: Vec<(WorkflowId, String)> = json::tree::read(&body).map_err(|_| Problem::index_unavailable())?;
            let count = found.len();
            let before = deleted.len();
            for (follow_up, life) in found {
                if deleted.contains(&life) {
                    continue;
                }
                self.delete_life(tenant, id, &follow_up, &life).await?;
                deleted.push(life);
            }
            if deleted.len() == before && count < FOLLOW_UPS_MAX {
                return Ok(());
            }
        }
        Err(Problem::index_unavailable())
    }

    /// A follow-up of `id`, unless its id has another life by now.
    async fn delete_life(
        &self,
        tenant: &Tenant,
        id: &WorkflowId,
        follow_up: &WorkflowId,
        life: &str,
    ) -> std::result::Result<(), Problem> {
        let is_another = |now: &String| now != life && !now.starts_with(index::OF_ID);
        if self
            .life_of(tenant, follow_up)
            .await?
            .is_some_and(|now| is_another(&now))
        {
            return Ok(());
        }
        match self.ask(tenant, follow_up, Operation::Delete).await? {
            Reply::Object(response) if matches!(response.status_code(), 204 | 404) => Ok(()),
            _ => Err(Problem::follow_up_remains(id.as_str(), follow_up.as_str())),
        }
    }

    /// Of a workflow that there is. Where it can't be read: its id in place of the life, as the index understands it.
    async fn life_of(&self, tenant: &Tenant, id: &WorkflowId) -> std::result::Result<Option<String>, Problem> {
        let (status, body) = self.told(tenant, id, Operation::Notice).await?;
        Ok(match (status, json::tree::read::<Notice>(&body)) {
            (404, _) => None,
            (200, Ok(notice)) => Some(notice.life),
            _ => Some(format!("{}{id}", index::OF_ID)),
        })
    }

    async fn body(&mut self) -> std::result::Result<Vec<u8>, Problem> {
        check_encoding(self.header("content-encoding").as_deref())?;
        match read_body(&self.request, BODY_BYTES_MAX).await {
            Ok(Some(body)) => Ok(body),
            Ok(None) => Err(body_too_large()),
            Err(error) => Err(Problem::invalid(format!("the body could not be read: {error}"))),
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        header(&self.request, name)
    }

    fn proxy_header(&self) -> Option<String> {
        self.request.headers().keys().find(|name| is_of_a_proxy(name))
    }
}

fn unavailable(id: &WorkflowId, error: &str) -> Problem {
    worker::console_error!("{}", log::failure(Some(id.as_str()), error));
    Problem::unavailable()
}

enum Reply {
    Here(HttpAnswer),
    Object(Response),
}

fn here(view: &impl serde::Serialize) -> std::result::Result<Reply, Problem> {
    Ok(Reply::Here(HttpAnswer::json(200, view)))
}

/// A UUID of version 7: ids are in the order of their making, to the millisecond.
fn new_id() -> Uuid {
    // The crate's own also counts within the millisecond, which takes numbers of 128 bits.
    let mut random = [0; 10];
    let bits = Uuid::new_v4().into_bytes();
    let free = bits.iter().take(6).chain(bits.iter().skip(9));
    random.iter_mut().zip(free).for_each(|(byte, bits)| *byte = *bits);
    Builder::from_unix_timestamp_millis(now().0, &random).into_uuid()
}

/// Tells one life of an id from the next.
fn nonce() -> String {
    Uuid::new_v4().simple().to_string()
}
