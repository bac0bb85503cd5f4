//! Building responses, and reading bodies no longer than they may be.

use futures::stream::{LocalBoxStream, Stream, StreamExt};
use worker::{Headers, Request, Response, ResponseBody, ResponseBuilder, Result};

use super::chunks::Chunks;
use crate::api::problem::Problem;
use crate::api::views::ANSWER_HEADERS;

/// An answer in the making: status, headers and body in one place, so that CORS headers are never forgotten.
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

enum Body {
    Bytes(Vec<u8>),
    Stream(BoxedStream),
}

type BoxedStream = LocalBoxStream<'static, Result<Vec<u8>>>;

impl Answer {
    pub fn new(status: u16) -> Self {
        Answer::bare(status).headers(ANSWER_HEADERS)
    }

    /// Without any header.
    pub fn bare(status: u16) -> Self {
        Answer {
            status,
            headers: Vec::new(),
            body: Body::Bytes(Vec::new()),
        }
    }

    pub fn json(status: u16, body: String) -> Self {
        Answer::text(status, "application/json", body)
    }

    pub fn text(status: u16, content_type: &str, body: String) -> Self {
        Answer::new(status)
            .header("content-type", content_type)
            .body(body.into_bytes())
    }

    /// A body that goes on for as long as the stream does. Dropped when the client leaves.
    pub fn stream(content_type: &str, stream: impl Stream<Item = Result<Vec<u8>>> + 'static) -> Self {
        let mut answer = Answer::new(200).header("content-type", content_type);
        answer.body = Body::Stream(stream.boxed_local());
        answer
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

    pub fn text_body(self, body: String) -> Self {
        self.body(body.into_bytes())
    }

    fn body(mut self, body: Vec<u8>) -> Self {
        self.body = Body::Bytes(body);
        self
    }

    pub fn into_response(self) -> Result<Response> {
        let headers = Headers::new();
        for (name, value) in &self.headers {
            headers.set(name, value)?;
        }
        let builder = ResponseBuilder::new().with_status(self.status).with_headers(headers);
        match self.body {
            Body::Bytes(bytes) if bytes.is_empty() => Ok(builder.empty()),
            Body::Bytes(bytes) => Ok(builder.body(ResponseBody::Body(bytes))),
            Body::Stream(stream) => builder.from_stream(stream),
        }
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        let headers: Vec<(String, String)> = problem
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Answer {
            status: problem.status(),
            headers,
            body: Body::Bytes(problem.to_json().into_bytes()),
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
