//! What the Worker itself serves out of the static assets: the web console's page and the OpenAPI document. The
//! console's other files are served without the Worker (wrangler.toml, `run_worker_first`).

use wasm_bindgen_futures::JsFuture;
use worker::{Env, Fetcher, Request, Response, Result};

use super::entry::method;
use super::http::HttpAnswer;
use crate::api::page::{PAGE_PATH, Page};

const ASSETS: &str = "ASSETS";
const OPENAPI_PATH: &str = "/openapi.json";

/// The page, where a browser asks for it. None for every other request, and where the console was not deployed.
pub async fn answer(request: &Request, env: &Env) -> Result<Option<Response>> {
    let accept = request.headers().get("accept")?;
    let Some(asked) = Page::of(&method(request), &request.path(), accept.as_deref()) else {
        return Ok(None);
    };
    let Ok(assets) = env.assets(ASSETS) else {
        return Ok(None);
    };
    let page = asset(&assets, PAGE_PATH, None).await?;
    if page.status() != 200 {
        return Ok(None);
    }
    let html = text(&page).await?;
    HttpAnswer::bare(asked.status())
        .headers(asked.headers())
        .text_body(html)
        .into_response()
        .map(Some)
}

/// The OpenAPI document, or 304 where `if_none_match` names it. None where it was not deployed.
pub async fn openapi(env: &Env, if_none_match: Option<&str>) -> Result<Option<HttpAnswer>> {
    let Ok(assets) = env.assets(ASSETS) else {
        return Ok(None);
    };
    let document = asset(&assets, OPENAPI_PATH, if_none_match).await?;
    let answer = match document.status() {
        200 => HttpAnswer::text(200, "application/json", &text(&document).await?),
        304 => HttpAnswer::new(304),
        _ => return Ok(None),
    };
    let etag = document.headers().get("etag")?.unwrap_or_default();
    Ok(Some(answer.header("etag", &etag)))
}

async fn asset(assets: &Fetcher, path: &str, if_none_match: Option<&str>) -> Result<web_sys::Response> {
    // The host is never looked up: the binding reads the path. Not worker's own RequestInit: the conversion of all its
    // options is large.
    let request = web_sys::Request::new_with_str(&format!("https://assets{path}"))?;
    if let Some(tags) = if_none_match {
        request.headers().set("if-none-match", tags)?;
    }
    assets.fetch_request(Request::from(request)).await.map(Into::into)
}

async fn text(response: &web_sys::Response) -> Result<String> {
    let text = JsFuture::from(response.text()?).await?;
    Ok(text.as_string().unwrap_or_default())
}
