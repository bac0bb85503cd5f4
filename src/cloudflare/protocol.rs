//! What the entry worker asks the object of a workflow: JSON in the body of an internal POST.
//!
//! The entry has checked who asks and how much; the object answers with the whole HTTP response. Both may run different
//! versions of this code for a moment around a deploy, so that fields are only ever added, with a default.

use serde::{Deserialize, Serialize};

use crate::api::id::WorkflowId;
use crate::engine::words::spec::WorkflowSpec;

#[derive(Debug, Serialize, Deserialize)]
pub struct ObjectRequest {
    pub id: WorkflowId,
    pub operation: Operation,
    /// Seconds that the client would like to wait for the end.
    pub wait: Option<u32>,
    /// Headers that the answer brings whatever it is (CORS).
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Create {
        spec: Box<WorkflowSpec>,
        form: SubmittedForm,
    },
    Status {
        simple: bool,
        /// Only these fields of STATUS.
        #[serde(default)]
        fields: Option<Vec<String>>,
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
        #[serde(default)]
        life: Option<String>,
        types: Option<Vec<String>>,
        /// The client wants the head of the answer only.
        #[serde(default)]
        head: bool,
    },
    Delete,
}

/// How a submission is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmittedForm {
    Json,
    /// The answer itself, where the client waited for it.
    Markdown,
    EventStream,
}
