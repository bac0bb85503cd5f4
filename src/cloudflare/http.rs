//! Building responses, and reading bodies no longer than they may be.

use futures::stream::{LocalBoxStream, Stream, StreamExt};
use serde::Serialize;
use worker::{Headers, Request, Response, ResponseBody, ResponseBuilder, Result};

use super::chunks::Chunks;
use super::large::LargeBody;
use crate::api::negotiation::Form;
use crate::api::problem::Problem;
use crate::api::views::{ANSWER_HEADERS, STREAM_HEADERS};
use crate::json;
use crate::json::writer::Sink;

/// An answer in the making: status, headers and body in one place, so that CORS headers are never forgotten.
pub struct HttpAnswer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Payload,
}

enum Payload {
    Bytes(Vec<u8>),
    Large(LargeBody),
    Stream(BoxedStream),
}

type BoxedStream = LocalBoxStream<'static, Result<Vec<u8>>>;

impl HttpAnswer {
    pub fn new(status: u16) -> Self {
        HttpAnswer::bare(status).headers(ANSWER_HEADERS)
    }

    /// Without any header.
    pub fn bare(status: u16) -> Self {
        HttpAnswer {
            status,
            headers: Vec::new(),
            body: Payload::Bytes(Vec::new()),
        }
    }

    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let mut json = LargeBody::default();
        match json::write(body, &mut json) {
            Ok(()) => HttpAnswer::new(status).large("application/json", json),
            // Our types always serialise.
            Err(_) => Problem::internal().into(),
        }
    }

    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        let mut text = LargeBody::default();
        text.add(body.as_bytes());
        HttpAnswer::new(status).large(content_type, text)
    }

    fn large(mut self, content_type: &str, body: LargeBody) -> Self {
        self.body = Payload::Large(body);
        self.header("content-type", content_type)
    }

    /// The head of an event stream.
    pub fn event_stream() -> Self {
        HttpAnswer::new(200)
            .header("content-type", Form::EventStream.media_type())
            .headers(STREAM_HEADERS)
    }

    /// With a body that goes on for as long as the stream does. Dropped when the client leaves.
    pub fn streamed(mut self, stream: impl Stream<Item = Result<Vec<u8>>> + 'static) -> Self {
        self.body = Payload::Stream(stream.boxed_local());
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn headers(mut self, headers: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        self.headers
            .extend(headers.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    pub fn text_body(mut self, body: String) -> Self {
        self.body = Payload::Bytes(body.into_bytes());
        self
    }

    pub fn into_response(self) -> Result<Response> {
        let headers = Headers::new();
        for (name, value) in &self.headers {
            headers.set(name, value)?;
        }
        let builder = ResponseBuilder::new().with_status(self.status).with_headers(headers);
        match self.body {
            Payload::Large(body) => body.into_response(builder),
            Payload::Bytes(bytes) if bytes.is_empty() => Ok(builder.empty()),
            Payload::Bytes(bytes) => Ok(builder.body(ResponseBody::Body(bytes))),
            Payload::Stream(stream) => builder.from_stream(stream),
        }
    }
}

impl From<Problem> for HttpAnswer {
    fn from(problem: Problem) -> Self {
        let headers: Vec<(String, String)> = problem
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        HttpAnswer {
            status: problem.status(),
            headers,
            body: Payload::Bytes(problem.to_json().into_bytes()),
        }
    }
}

/// The body of a request; `None` where it is longer than `bytes_max`, of which no more is read.
pub async fn read_body(request: &Request, bytes_max: usize) -> Result<Option<Vec<u8>>> {
    let declared = request
        .headers()
        .get("content-length")?
        .and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > bytes_max) {
        return Ok(None);
    }
    let mut body = Vec::new();
    let Some(mut chunks) = Chunks::of(request.inner().body()) else {
        return Ok(Some(body));
    };
    while let Some(chunk) = chunks.next().await? {
        body.extend(chunk);
        if body.len() > bytes_max {
            return Ok(None);
        }
    }
    Ok(Some(body))
}
