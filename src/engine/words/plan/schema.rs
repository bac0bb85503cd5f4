//! The plan's JSON Schema, a hint for providers with structured output.

use serde_json::Value;

/// Legal for OpenAI's strict mode and for Workers AI's JSON mode: every object closed, every field required, and none
/// of the keywords that one of them refuses (`minItems`, `maxItems`, `pattern`, `maxLength`). Limits stand in the
/// descriptions, and [`Plan::from_model_reply`](super::Plan::from_model_reply) enforces them whatever the server does.
pub fn plan_schema(max_subtasks: u32) -> Value {
    let limit = super::subtask_limit(max_subtasks);
    serde_json::from_str(&SCHEMA.replace("LIMIT", &limit.to_string())).unwrap_or_default()
}

const SCHEMA: &str = r#"{
    "type": "object",
    "properties": {
        "analysis": {
            "type": "string",
            "description": "One or two sentences: what the request needs and how it is split."
        },
        "tasks": {
            "type": "array",
            "description": "1 to LIMIT subtasks.",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "description": "t1, t2, t3 and so on."},
                    "title": {"type": "string", "description": "A few words."},
                    "instructions": {
                        "type": "string",
                        "description": "All that the subtask has to do, understandable on its own."
                    },
                    "depends_on": {
                        "type": "array",
                        "description": "The ids of the subtasks whose answers it needs; empty where it needs none.",
                        "items": {"type": "string"}
                    }
                },
                "required": ["id", "title", "instructions", "depends_on"],
                "additionalProperties": false
            }
        }
    },
    "required": ["analysis", "tasks"],
    "additionalProperties": false
}"#;
