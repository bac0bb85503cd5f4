//! The components of the document, collected as operations need them, and the schemas that no derive can know.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::api::id::{ID_CHARS_MAX, RESERVED, WorkflowId};
use crate::engine::words::plan::{self, TaskDraft};
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Iso8601;

/// A text without NUL, which no prompt means.
pub(super) const WITHOUT_NUL: &str = r"^[^\u0000]*$";
/// Such a text that is not blank.
pub(super) const SAYS_SOMETHING: &str = r"^[^\u0000]*[^\s\u0000][^\u0000]*$";

/// `components/schemas` and `components/responses` in the making.
pub(super) struct Schemas {
    /// Of what is written: what is always there is required.
    written: SchemaGenerator,
    /// Of what is read: what has a default is optional.
    read: SchemaGenerator,
    other: Map<String, Value>,
    responses: Map<String, Value>,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Schemas {
            // A default is for whoever reads an old journal: in an answer the field is there.
            written: settings()
                .for_serialize()
                .with_transform(RecursiveTransform(|schema: &mut Schema| {
                    schema.remove("default");
                }))
                .into_generator(),
            read: settings().for_deserialize().into_generator(),
            other: Map::new(),
            responses: Map::new(),
        }
    }
}

impl Schemas {
    /// A reference to the schema of a type that answers are made of.
    pub fn of_answer<T: JsonSchema>(&mut self) -> Value {
        self.written.subschema_for::<T>().to_value()
    }

    /// A reference to the schema of a type that requests are made of.
    pub fn of_request<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    /// Takes a schema that was collected, to be changed and added again.
    pub fn take(&mut self, name: &str) -> Map<String, Value> {
        match self.written.definitions_mut().remove(name) {
            Some(Value::Object(schema)) => schema,
            _ => Map::new(),
        }
    }

    /// Adds a schema under a name of its own; a reference to it.
    pub fn add(&mut self, name: &str, schema: Value) -> Value {
        self.other.insert(name.to_owned(), schema);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// Adds a response that several operations share; a reference to it.
    pub fn add_response(&mut self, name: &str, response: Value) -> Value {
        self.responses.insert(name.to_owned(), response);
        json!({"$ref": format!("#/components/responses/{name}")})
    }

    /// `components/schemas` and `components/responses`. Types that are both read and written must have one schema.
    pub fn into_values(mut self) -> (Value, Value) {
        let mut all = self.written.take_definitions(true);
        for (name, schema) in self.read.take_definitions(true).into_iter().chain(self.other) {
            let replaced = all.insert(name.clone(), schema);
            assert!(
                replaced.is_none_or(|replaced| all.get(&name) == Some(&replaced)),
                "two schemas are called {name}"
            );
        }
        let mut all = Value::Object(all);
        without_links(&mut all);
        (all, Value::Object(self.responses))
    }
}

/// The links of the source's documentation lead nowhere for a reader of the document.
fn without_links(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(description)) = members.get_mut("description") {
                *description = description.replace("[`", "`").replace("`]", "`");
            }
            members.values_mut().for_each(without_links);
        }
        Value::Array(items) => items.iter_mut().for_each(without_links),
        _ => {}
    }
}

impl JsonSchema for Iso8601 {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time", "description": "ISO 8601 in UTC, with milliseconds."})
    }
}

impl JsonSchema for StepName {
    fn schema_name() -> Cow<'static, str> {
        "StepName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "The name of a step.",
            "pattern": "^(plan|synthesis|subtask/.+|reduce/[0-9]+|edit/[0-9]+|review/[0-9]+|structure)$"
        })
    }
}

impl JsonSchema for WorkflowId {
    fn schema_name() -> Cow<'static, str> {
        "WorkflowId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "The id of a workflow: Cloudflare Workflows' rule.",
            "pattern": format!("^{}$", id_pattern())
        })
    }
}

/// The id that a client may choose, or ask for at the root.
pub(super) struct NewWorkflowId;

impl JsonSchema for NewWorkflowId {
    fn schema_name() -> Cow<'static, str> {
        "NewWorkflowId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "The id of a workflow, and none of the words that are, or may become, paths of their own. A \
                workflow of 0.1.0 may have one of them as its id: it is found below `/workflows`.",
            "pattern": format!("^(?!(?:{})$){}$", RESERVED.join("|"), id_pattern())
        })
    }
}

fn id_pattern() -> String {
    format!("[a-zA-Z0-9_][a-zA-Z0-9_-]{{0,{}}}", ID_CHARS_MAX - 1)
}

/// What `TaskDraft` is read from.
impl JsonSchema for TaskDraft {
    fn schema_name() -> Cow<'static, str> {
        "TaskDraft".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let instructions = json!({
            "type": "string",
            "description": "What the subtask has to do, understandable on its own.",
            "pattern": SAYS_SOMETHING
        });
        json_schema!({
            "description": "A subtask: its instructions, or an object.",
            "anyOf": [
                instructions,
                {
                    "type": "object",
                    "properties": {
                        "id": {
                            "type": ["string", "null"],
                            "description": "Other subtasks refer to it. Without one: `t` and the position.",
                            "pattern": "^[a-zA-Z0-9_][a-zA-Z0-9_-]*$",
                            "maxLength": plan::ID_CHARS_MAX
                        },
                        "title": {
                            "type": ["string", "null"],
                            "description": "A few words. Without one: the beginning of the instructions.",
                            "maxLength": plan::TITLE_CHARS_MAX,
                            "pattern": WITHOUT_NUL
                        },
                        "instructions": instructions,
                        "depends_on": {
                            "type": ["array", "null"],
                            "description": "Ids of the subtasks whose answers it is given. It starts when they have \
                                ended.",
                            "items": {"type": "string"}
                        },
                        "criteria": {
                            "type": ["array", "null"],
                            "description": "The numbers, from 1, of the criteria that it answers for.",
                            "items": {"type": "integer", "minimum": 1, "maximum": plan::CRITERIA_MAX}
                        },
                        "words": {
                            "type": ["integer", "null"],
                            "description": "Its share of the length, in words.",
                            "minimum": plan::WORDS_MIN,
                            "maximum": plan::WORDS_MAX
                        },
                        "model": {
                            "description": "`big` where the work deserves the model that plans.",
                            "enum": ["small", "big", null]
                        }
                    },
                    "required": ["instructions"],
                    "additionalProperties": false
                }
            ]
        })
    }
}
