//! The port of JSON Schema on a native crate: a second opinion beside the JavaScript library of the Worker.

use boon::{Compiler, Draft, Schemas, ValidationError};
use serde_json::Value;

/// Never fetched: the schema is handed over under this name.
const NAME: &str = "urn:schema";

/// The faults, a line each, as `src/cloudflare/json-schema.js` tells them: where, and what is wrong.
pub fn validate(schema: &Value, text: &str) -> Result<(), String> {
    let json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.set_default_draft(Draft::V2020_12);
    let unusable = |error| format!("the schema can't be used: {error:#}");
    compiler.add_resource(NAME, schema.clone()).map_err(unusable)?;
    let index = compiler.compile(NAME, &mut schemas).map_err(unusable)?;
    match schemas.validate(&json, index) {
        Ok(()) => Ok(()),
        Err(error) => Err(faults(&error).join("\n")),
    }
}

/// Those that have none below.
fn faults(error: &ValidationError) -> Vec<String> {
    if !error.causes.is_empty() {
        return error.causes.iter().flat_map(faults).collect();
    }
    let place = error.instance_location.to_string();
    let place = if place.is_empty() { "the whole" } else { &place };
    vec![format!("{place}: {}", error.kind)]
}
