//! What the Worker itself serves out of the static assets: the web console's page and the OpenAPI document. The console's
//! other files are served without the Worker (wrangler.toml, `run_worker_first`).

use worker::{Env, Request, RequestInit, Response, Result};

use super::http::Answer;
use crate::api::page::{PAGE_HEADERS, PAGE_PATH, is_asked_for};

const ASSETS: &str = "ASSETS";
const OPENAPI_PATH: &str = "/openapi.json";

/// The page, where a browser asks for it. None for every other request, and where the console was not deployed.
pub async fn answer(request: &Request, env: &Env) -> Result<Option<Response>> {
    let accept = request.headers().get("accept")?;
    if !is_asked_for(request.method().as_ref(), &request.path(), accept.as_deref()) {
        return Ok(None);
    }
    let Ok(assets) = env.assets(ASSETS) else { return Ok(None) };
    // The host is never looked up: the binding reads the path.
    let mut page = assets.fetch(format!("https://assets{PAGE_PATH}"), None).await?;
    if page.status_code() != 200 {
        return Ok(None);
    }
    let html = page.text().await?;
    Answer::bare(200).headers(PAGE_HEADERS).text_body(html).into_response().map(Some)
}

/// The OpenAPI document, or 304 where `if_none_match` names it. None where it was not deployed.
pub async fn openapi(env: &Env, if_none_match: Option<&str>) -> Result<Option<Answer>> {
    let Ok(assets) = env.assets(ASSETS) else { return Ok(None) };
    let init = RequestInit::new();
    if let Some(tags) = if_none_match {
        init.headers.set("if-none-match", tags)?;
    }
    let mut document = assets.fetch(format!("https://assets{OPENAPI_PATH}"), Some(init)).await?;
    let answer = match document.status_code() {
        200 => Answer::json(200, document.bytes().await?),
        304 => Answer::new(304),
        _ => return Ok(None),
    };
    let etag = document.headers().get("etag")?.unwrap_or_default();
    Ok(Some(answer.header("etag", &etag)))
}
