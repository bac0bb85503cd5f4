//! The OpenAPI 3.1 document of `GET /openapi.json`. Native only: nothing of it is in the WebAssembly.
//!
//! [`document`] is made from what answers requests: the operations are those that [`Route::parse`] lets through, the
//! problems those of [`ProblemType`], the schemas those of the types that are serialised (schemars reads their serde
//! attributes), and the examples were made by the parser, the engine and the views themselves. By hand are the words,
//! and which problems a route can answer with: `tests/e2e/openapi.test.mjs` holds real answers against that.
//!
//! `src/api/openapi.json` is the committed result, which the build puts among the static assets. A test fails where it
//! is not what the types say; `npm run openapi` writes it anew.
//!
//! In reading order: `operations`, `responses`, `problems`, `events`, `requests`, `schemas`, `examples`; `doors` adds
//! what the doors have, which are JavaScript.

mod doors;
mod events;
mod examples;
mod operations;
mod parameters;
mod problems;
mod requests;
mod responses;
mod schemas;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::views::{NAME, VERSION};
use schemas::Schemas;

const DESCRIPTION: &str = "\
Breaks a large prompt into subtasks with a big model, runs them concurrently on a small one, and synthesises one \
answer. Each workflow is durable: a crash, an eviction or a deploy loses nothing that was finished.\n\n\
Errors are `application/problem+json` (RFC 9457) with a stable `type`. A path that does not exist answers 404 \
(`#/components/responses/NotFound`), a method that a path does not have 405 \
(`#/components/responses/MethodNotAllowed`). The platform itself refuses a method that it does not know with 501.\n\n\
Workflows live below `/workflows`. The same paths at the root are aliases, as in 0.1.0.\n\n\
Other protocols have a tag each: they translate to and from this API, answer HEAD where they have GET, and OPTIONS \
everywhere. `x-stability` of a tag says whether it is `stable` or `experimental` (docs/support.md).\n\n\
Clients should ignore fields and events that they do not know: new ones may join.";

/// The whole document. The same for every build of the same source: nothing of it depends on the configuration.
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let paths = operations::paths(&mut schemas);
    problems::add(&mut schemas);
    let (schemas, responses) = schemas.into_values();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": NAME,
            "version": VERSION,
            "summary": "A durable orchestrator of language models",
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"}
        },
        "servers": [{"url": "/"}],
        "tags": [
            {
                "name": "workflows",
                "description": "Submitting, reading and deleting workflows.",
                "x-stability": "stable"
            },
            {
                "name": "controls",
                "description": "Pausing, resuming, terminating, restarting and approving them.",
                "x-stability": "stable"
            },
            {
                "name": "deployment",
                "description": "What this deployment is. Open to everybody.",
                "x-stability": "stable"
            }
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "headers": responses::headers(),
            "parameters": parameters::parameters(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "One of `API_TOKENS`. The environment `development` needs none while it has none \
                        and is asked through a loopback host name and not by a proxy (`Forwarded`, `Via`, \
                        `X-Forwarded-*`, `X-Real-IP`)."
                }
            }
        }
    });
    doors::add(&mut document);
    document
}
