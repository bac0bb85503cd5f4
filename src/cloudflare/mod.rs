//! The only code that imports `worker` or wasm-bindgen.

#[cfg(feature = "crash-test")]
mod crash;

use worker::{Context, DurableObject, Env, Request, Response, Result, State, durable_object, event};

#[event(fetch)]
async fn fetch(_request: Request, _env: Env, _context: Context) -> Result<Response> {
    #[cfg(feature = "crash-test")]
    if let Some(response) = crash::entry(&_request, &_env).await? {
        return Ok(response);
    }
    Response::ok("hello\n")
}

#[durable_object(alarm)]
pub struct OrchestratorWorkflow {
    _state: State,
}

impl DurableObject for OrchestratorWorkflow {
    fn new(state: State, _env: Env) -> Self {
        Self { _state: state }
    }

    async fn fetch(&self, _request: Request) -> Result<Response> {
        #[cfg(feature = "crash-test")]
        if let Some(response) = crash::object(&_request, &self._state).await? {
            return Ok(response);
        }
        Response::ok("object\n")
    }

    async fn alarm(&self) -> Result<Response> {
        #[cfg(feature = "crash-test")]
        crash::alarm(&self._state).await?;
        Response::empty()
    }
}
