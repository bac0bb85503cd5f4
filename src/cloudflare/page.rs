//! The web console's page, out of the static assets. Its other files are served without the Worker (wrangler.toml, `run_worker_first`).

use worker::{Env, Request, Response, Result};

use super::http::Answer;
use crate::api::page::{PAGE_HEADERS, PAGE_PATH, is_asked_for};

const ASSETS: &str = "ASSETS";

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
