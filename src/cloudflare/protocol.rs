//! What the entry worker asks the object of a workflow: JSON in the body of an internal POST.
//!
//! The entry has checked who asks and how much; the object answers with the whole HTTP response. Both may run different
//! versions of this code for a moment around a deploy, so that fields are only ever added, with a default.

use serde::Serialize;
use serde_json::Value;

use crate::api::id::WorkflowId;
use crate::engine::words::spec::WorkflowSpec;
use crate::stored::{Fields, Stored, Unreadable, stored, stored_words, variant};

#[derive(Debug, Serialize)]
pub struct ObjectRequest {
    pub id: WorkflowId,
    pub operation: Operation,
    /// Seconds that the client would like to wait for the end.
    pub wait: Option<u32>,
    /// Headers that the answer brings whatever it is (CORS).
    pub headers: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Create {
        spec: Box<WorkflowSpec>,
        form: SubmittedForm,
    },
    Status {
        simple: bool,
        if_none_match: Option<String>,
    },
    Result,
    /// The name of the control and the body as it came.
    Control {
        name: String,
        body: String,
    },
    /// The stream of its events, after the sequence number `after`.
    Events {
        after: u64,
        /// The life of the workflow that the event `after` belonged to, where the client says so.
        life: Option<String>,
        types: Option<Vec<String>>,
        /// The client wants the head of the answer only.
        head: bool,
    },
    Delete,
}

/// How a submission is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmittedForm {
    Json,
    /// The answer itself, where the client waited for it.
    Markdown,
    EventStream,
}

stored! { ObjectRequest { id, operation, wait, headers: default } }
stored_words! { SubmittedForm { Json = "json", Markdown = "markdown", EventStream = "event_stream" } }

impl Stored for Operation {
    fn read(value: Value) -> Result<Operation, Unreadable> {
        let (word, fields) = variant(value)?;
        match word.as_str() {
            "result" => return Ok(Operation::Result),
            "delete" => return Ok(Operation::Delete),
            _ => {}
        }
        let mut fields = Fields::of(fields)?;
        match word.as_str() {
            "create" => Ok(Operation::Create {
                spec: fields.required("spec")?,
                form: fields.required("form")?,
            }),
            "status" => Ok(Operation::Status {
                simple: fields.required("simple")?,
                if_none_match: fields.required("if_none_match")?,
            }),
            "control" => Ok(Operation::Control {
                name: fields.required("name")?,
                body: fields.required("body")?,
            }),
            "events" => Ok(Operation::Events {
                after: fields.required("after")?,
                life: fields.default("life")?,
                types: fields.required("types")?,
                head: fields.default("head")?,
            }),
            other => Err(Unreadable::unknown_word(other)),
        }
    }
}
