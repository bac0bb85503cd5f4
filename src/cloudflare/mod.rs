//! The only code that imports `worker` or wasm-bindgen.

use worker::{Context, DurableObject, Env, Request, Response, Result, State, durable_object, event};

#[event(fetch)]
async fn fetch(_request: Request, _env: Env, _context: Context) -> Result<Response> {
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
        Response::ok("object\n")
    }

    async fn alarm(&self) -> Result<Response> {
        Response::empty()
    }
}
