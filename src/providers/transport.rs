//! The `Transport` port: sends one request to a service and gives its response, the body in chunks as they come.
//!
//! The contract of an implementation:
//!
//! - It decides nothing. It follows no status, reads no body ahead, and repeats nothing.
//! - Dropping the future of [`Transport::send`] aborts the request. Dropping a [`Response`] before its body has ended
//!   aborts it too, so that a service stops generating for a caller who is gone. On Workers an `AbortController` does
//!   both.
//! - [`Response::release`] is the other way to stop before the end: the body has said what it had to say, so that the
//!   request is not aborted and its connection can be used again.
//! - Whatever is thrown comes back as [`Thrown`]. It is text of the service or of the platform and is not redacted yet.

/// One request to a service. Without `Debug`, because the headers hold the API key.
#[derive(Clone, PartialEq, Eq)]
pub enum Request {
    /// An HTTP request to an endpoint.
    Http {
        method: &'static str,
        url: String,
        /// Names in lower case.
        headers: Vec<(String, String)>,
        body: Option<String>,
    },
    /// `env.AI.run(model, inputs, options)`, with the raw response asked for.
    AiRun {
        model: String,
        /// JSON text.
        inputs: String,
        /// The AI Gateway to go through.
        gateway_id: Option<String>,
    },
}

/// The text of an exception: `NAME: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thrown(pub String);

#[allow(async_fn_in_trait)]
pub trait Transport {
    type Response: Response;

    /// Returns when the status and the headers are there.
    async fn send(&self, request: Request) -> Result<Self::Response, Thrown>;
}

/// A response whose body is still on its way.
#[allow(async_fn_in_trait)]
pub trait Response {
    fn status(&self) -> u16;
    /// A header by its lower-case name.
    fn header(&self, name: &str) -> Option<String>;
    /// The next bytes of the body, cut anywhere; none at its end.
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, Thrown>;
    /// Gives the connection back without waiting for the end of the body.
    fn release(self);
}
