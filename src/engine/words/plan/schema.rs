//! The plan's JSON Schema, a hint for providers with structured output.

use serde_json::Value;

/// Legal for OpenAI's strict mode and for Workers AI's JSON mode: every object closed, every field required, and none
/// of the keywords that one of them refuses (`minItems`, `maxItems`, `pattern`, `maxLength`). Limits stand in the
/// descriptions, and [`Plan::from_model_reply`](super::Plan::from_model_reply) enforces them whatever the server does.
/// Since every field is required, an empty text or list and 0 say nothing.
///
/// Some servers put it into the prompt. `plain`, for models with a small context: subtasks only.
pub fn plan_schema(max_subtasks: u32, plain: bool) -> Value {
    let limit = super::subtask_limit(max_subtasks);
    let schema = if plain { PLAIN } else { CONTRACT };
    serde_json::from_str(&schema.replace("LIMIT", &limit.to_string())).unwrap_or_default()
}

/// `required` has the order in which a model is to write the fields: `mode` first, so that `direct` is known at once.
const CONTRACT: &str = r#"{
    "type": "object",
    "properties": {
        "mode": {
            "type": "string",
            "enum": ["direct", "split"],
            "description": "With direct, all but the analysis is empty or 0."
        },
        "analysis": {"type": "string", "description": "One or two sentences: why so."},
        "form": {"type": "string", "enum": ["merge", "assemble"]},
        "length": {"type": "integer", "description": "Words of the whole answer."},
        "shared": {"type": "string", "description": "All on which the parts must agree."},
        "borders": {
            "type": "array",
            "description": "What two parts touch.",
            "items": {
                "type": "object",
                "properties": {
                    "what": {"type": "string"},
                    "owner": {"type": "string", "description": "The id of the subtask that decides, or editor."}
                },
                "required": ["what", "owner"],
                "additionalProperties": false
            }
        },
        "criteria": {"type": "array", "description": "What an expert will check.", "items": {"type": "string"}},
        "tasks": {
            "type": "array",
            "description": "1 to LIMIT subtasks, in the order of the answer.",
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
                        "description": "The ids of the subtasks whose texts it needs.",
                        "items": {"type": "string"}
                    },
                    "criteria": {
                        "type": "array",
                        "description": "The numbers of its criteria, from 1.",
                        "items": {"type": "integer"}
                    },
                    "words": {"type": "integer", "description": "Its share of the length."},
                    "model": {"type": "string", "enum": ["small", "big"]}
                },
                "required": ["id", "title", "instructions", "depends_on", "criteria", "words", "model"],
                "additionalProperties": false
            }
        }
    },
    "required": ["mode", "analysis", "form", "length", "shared", "borders", "criteria", "tasks"],
    "additionalProperties": false
}"#;

const PLAIN: &str = r#"{
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
