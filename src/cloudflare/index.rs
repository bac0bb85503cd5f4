//! The index of a tenant: its Durable Object, and who asks it.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, LocalBoxFuture, select};
use wasm_bindgen::JsValue;
use worker::{Delay, DurableObject, Env, Request, Response, Result, State, durable_object};

use super::host::now;
use super::http::HttpAnswer;
use super::objects::{self, has_namespace};
use super::sql::{ObjectSql, describe};
use crate::api::id::{Tenant, WorkflowId};
use crate::api::list;
use crate::api::problem::Problem;
use crate::api::protocol::index::{CHECK, FOLLOW_UPS, LIST, TELL};
use crate::api::protocol::{ObjectRequest, Operation};
use crate::json;
use crate::notify::Notice;
use crate::runner::log;
use crate::tenant::Index;

/// The Durable Object namespace of wrangler.toml.
pub const NAMESPACE: &str = "ORCHESTRATOR_WORKERS_TENANT";

/// A header of an answer, for `main.js`: something was erased.
const ERASED: &str = "x-erased";
/// Before an id in place of a life.
pub const OF_ID: &str = "id:";
/// How long a client waits for the index.
const ANSWER_MAX: Duration = Duration::from_secs(10);

#[durable_object(fetch)]
pub struct OrchestratorTenant {
    env: Env,
    index: Rc<Index<ObjectSql>>,
}

impl DurableObject for OrchestratorTenant {
    fn new(state: State, env: Env) -> Self {
        OrchestratorTenant {
            index: Rc::new(Index::new(ObjectSql::new(&state.storage()))),
            env,
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let body = request.text().await?;
        let answer = self.answer(&request.path(), &body).await.unwrap_or_else(|error| {
            worker::console_error!("{}", log::failure(None, &error));
            Problem::internal().into()
        });
        answer.into_response()
    }
}

impl OrchestratorTenant {
    async fn answer(&self, path: &str, body: &str) -> std::result::Result<HttpAnswer, String> {
        let erased = match path {
            TELL => {
                let notice = json::tree::read(body)?;
                self.apply(&notice)?
            }
            LIST => {
                return match list::parse(body) {
                    Ok(request) => {
                        let list = self.index.list(&request).map_err(failed)?;
                        Ok(HttpAnswer::text(200, "application/json", &list))
                    }
                    Err(problem) => Ok(problem.into()),
                };
            }
            FOLLOW_UPS => {
                // Of a workflow whose journal can't be read only the index knows the life.
                let life = match body.strip_prefix(OF_ID) {
                    Some(id) => self.index.life_of(id).map_err(failed)?.unwrap_or_default(),
                    None => body.to_owned(),
                };
                let found = self.index.follow_ups(&life).map_err(failed)?;
                return Ok(HttpAnswer::json(200, &found));
            }
            CHECK => self.check(body).await?,
            // An entry of another version.
            _ => return Err("an unknown request".to_owned()),
        };
        let answer = HttpAnswer::new(204);
        Ok(if erased { answer.header(ERASED, "1") } else { answer })
    }

    /// Whether it erased something.
    fn apply(&self, notice: &Notice) -> std::result::Result<bool, String> {
        let applied = self.index.sql().transaction(|| self.index.apply(notice, now()));
        applied.map_err(failed)?;
        Ok(notice.entry.is_none())
    }

    /// Asks the workflow's object how it stands. Where it knows of none, the life that was listed is gone: it was told
    /// of once, so it was made, and a life that is gone never returns.
    async fn check(&self, object_name: &str) -> std::result::Result<bool, String> {
        let (tenant, id) = object_name.split_once('/').unwrap_or_default();
        let Some(life) = self.index.life_of(id).map_err(failed)? else {
            return Ok(false);
        };
        let id = WorkflowId::parse(id).map_err(|error| error.to_string())?;
        let message = ObjectRequest::text(&id, Operation::Notice, None);
        let (status, body) = objects::text(&self.env, objects::WORKFLOWS, object_name, "/", &message).await?;
        let notice = match status {
            200 => json::tree::read(&body)?,
            404 => Notice {
                tenant: tenant.to_owned(),
                id: id.to_string(),
                life,
                at: now(),
                entry: None,
            },
            // Nobody knows.
            _ => return Ok(false),
        };
        self.apply(&notice)
    }
}

fn failed(error: JsValue) -> String {
    format!("the index: {}", describe(&error))
}

pub fn is_configured(env: &Env) -> bool {
    has_namespace(env, NAMESPACE)
}

/// Asks the index of a tenant. The problem is that of the client.
pub fn ask<'a>(
    env: &'a Env,
    tenant: &'a Tenant,
    path: &'a str,
    body: &'a str,
) -> LocalBoxFuture<'a, std::result::Result<Response, Problem>> {
    async move {
        if !is_configured(env) {
            return Err(Problem::index_not_configured(NAMESPACE));
        }
        let asked = objects::fetch(env, NAMESPACE, tenant.as_str(), path, body).boxed_local();
        let failed = match select(asked, Delay::from(ANSWER_MAX)).await {
            Either::Left((Ok(response), _)) => return Ok(response),
            Either::Left((Err(error), _)) => error.to_string(),
            Either::Right(_) => "the index of the tenant did not answer in time".to_owned(),
        };
        worker::console_error!("{}", log::failure(None, &failed));
        Err(Problem::index_unavailable())
    }
    .boxed_local()
}

/// Tells the index of the notice's tenant.
pub async fn tell(env: Env, tenant: String, notice: String) -> std::result::Result<(), String> {
    let (status, _) = objects::text(&env, NAMESPACE, &tenant, TELL, &notice).await?;
    if status == 204 {
        Ok(())
    } else {
        Err(format!("HTTP {status}"))
    }
}
