//! What the transports share: reading a streamed `Response` into a reply, and aborting a call that nobody waits for.

use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, Response};

use crate::cloudflare::body::BodyReader;
use crate::cloudflare::sql::describe;
use crate::model::{ModelError, ModelReply, Progress, Provider};
use crate::providers::wire::{Piece, Redactor, ReplyReader, error_from_response, error_from_thrown};

/// What is read of an error's body.
const ERROR_BODY_BYTES_MAX: usize = 16 * 1024;

/// Aborts the call when dropped before its end.
pub struct CallGuard {
    controller: Option<AbortController>,
}

impl CallGuard {
    pub fn new() -> Self {
        CallGuard {
            controller: AbortController::new().ok(),
        }
    }

    /// The call has ended: nothing is left to abort.
    pub fn disarm(mut self) {
        self.controller = None;
    }

    pub fn signal(&self) -> Option<AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

/// How reading a reply of status 200 ended.
pub enum Reading {
    Reply(ModelReply),
    /// `given`: some of its text was reported already, so that the call can't be repeated unnoticed.
    Failed {
        error: ModelError,
        given: bool,
    },
}

/// Reads a reply of status 200, reporting its text as it comes.
pub async fn read_reply(
    response: &Response,
    max_tokens: u32,
    progress: &dyn Progress,
    redactor: &Redactor<'_>,
) -> Reading {
    let mut given = false;
    match read_stream(response, max_tokens, progress, redactor, &mut given).await {
        Ok(reply) => Reading::Reply(reply),
        Err(error) => Reading::Failed {
            error: redactor.error(error),
            given,
        },
    }
}

async fn read_stream(
    response: &Response,
    max_tokens: u32,
    progress: &dyn Progress,
    redactor: &Redactor<'_>,
    given: &mut bool,
) -> Result<ModelReply, ModelError> {
    let content_type = response.headers().get("content-type").ok().flatten();
    let mut reader = ReplyReader::new(content_type.as_deref()).with_max_tokens(max_tokens);
    if let Some(mut body) = BodyReader::of(response.body()) {
        while !reader.is_done()
            && let Some(bytes) = body.next().await.map_err(|error| thrown(&error, redactor))?
        {
            for piece in reader.feed(&bytes)? {
                match piece {
                    Piece::Text(text) => {
                        *given = true;
                        progress.delta(&text);
                    }
                    Piece::Alive => progress.alive(),
                }
            }
        }
        body.finish();
    }
    reader.finish()
}

/// The text of an error's body, as much as is worth reading.
pub async fn read_error_body(response: &Response) -> String {
    read_body(response, ERROR_BODY_BYTES_MAX).await
}

/// The text of a body, at most so many bytes of it.
pub async fn read_body(response: &Response, bytes_max: usize) -> String {
    let mut bytes = Vec::new();
    if let Some(mut body) = BodyReader::of(response.body()) {
        while let Ok(Some(chunk)) = body.next().await {
            bytes.extend(chunk);
            if bytes.len() > bytes_max {
                bytes.truncate(bytes_max);
                break;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The error of a response whose status is not 200.
pub fn refused(provider: Provider, response: &Response, body: &str, redactor: &Redactor<'_>) -> ModelError {
    let header = |name: &str| response.headers().get(name).ok().flatten();
    error_from_response(
        provider,
        response.status(),
        &header,
        body,
        js_sys::Date::now() as u64,
        redactor,
    )
}

/// The error of a call that threw.
pub fn thrown(error: &JsValue, redactor: &Redactor<'_>) -> ModelError {
    let name = error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.name()))
        .unwrap_or_default();
    error_from_thrown(&format!("{name}: {}", describe(error)), redactor)
}
