//! What the entry worker asks the object of a workflow: JSON in the body of an internal POST.
//!
//! The entry has checked who asks and how much; the object answers with the whole HTTP response. Both may run different
//! versions of this code for a moment around a deploy, so that fields are only ever added, with a default.

use serde::{Deserialize, Serialize};

use super::id::WorkflowId;
use super::routes::Collection;
use crate::engine::words::spec::WorkflowSpec;
use crate::json;

#[derive(Debug, Serialize, Deserialize)]
pub struct ObjectRequest {
    pub id: WorkflowId,
    pub operation: Operation,
    /// Seconds that the client would like to wait for the end.
    pub wait: Option<u32>,
    /// Headers that the answer brings whatever it is. An entry of 0.1.0 sends those of CORS. By now they are put on the
    /// answer behind the object, and this is empty.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

impl ObjectRequest {
    /// The message that asks for it.
    pub fn text(id: &WorkflowId, operation: Operation, wait: Option<u32>) -> String {
        json::text(&ObjectRequest {
            id: id.clone(),
            operation,
            wait,
            headers: Vec::new(),
        })
    }

    /// The error is for the log and quotes nothing. It means that the entry is of another version than the object.
    pub fn parse(message: &str) -> Result<ObjectRequest, String> {
        json::tree::read(message).map_err(|fault| format!("the request of the entry: {fault}"))
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Create(Submitted),
    /// The same, but nothing is created: the answer where it was submitted before, else `not-found`.
    Repeat(Submitted),
    /// What a workflow that follows this one up is given.
    Conversation,
    Status {
        simple: bool,
        /// Only these fields of STATUS.
        #[serde(default)]
        fields: Option<Vec<String>>,
        if_none_match: Option<String>,
    },
    Result,
    /// The answer as JSON, where the request asked for it by a schema; else as `Result`.
    ResultAsJson,
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
    /// What the index of the tenant is told of it.
    Notice,
}

/// What is asked of the index of a tenant: the path of an internal POST. Its body is a text.
pub mod index {
    /// A notice as JSON. The answer is 204.
    pub const TELL: &str = "/tell";
    /// The query of a client. The answer is the list, or its problem.
    pub const LIST: &str = "/list";
    /// An id. The answer is a list of the ids of its follow-ups and theirs, the last first.
    pub const FOLLOW_UPS: &str = "/follow-ups";
    /// The name of the object of a workflow that was not found: the index looks whether it knows better.
    pub const CHECK: &str = "/check";
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Submitted {
    pub spec: Box<WorkflowSpec>,
    pub form: SubmittedForm,
    /// Where the client submitted it, which is where Location names it.
    #[serde(default)]
    pub collection: Collection,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As the entry of 0.1.0 writes them.
    const OF_0_1_0: [&str; 5] = [
        r#"{"id":"w1","operation":{"status":{"simple":true,"if_none_match":null}},"wait":5,"headers":[["a","b"]]}"#,
        r#"{"id":"w1","operation":"result","wait":null,"headers":[]}"#,
        r#"{"id":"w1","operation":{"control":{"name":"pause","body":""}},"wait":null,"headers":[]}"#,
        r#"{"id":"w1","operation":{"events":{"after":7,"types":null,"head":false}},"wait":null,"headers":[]}"#,
        r#"{"id":"w1","operation":"delete","wait":null,"headers":[]}"#,
    ];

    #[test]
    fn an_entry_of_0_1_0_is_understood() {
        for message in OF_0_1_0 {
            let request = ObjectRequest::parse(message).unwrap_or_else(|error| panic!("{message}: {error}"));
            assert_eq!(request.id.as_str(), "w1");
        }
        let Operation::Events { after, life, .. } = ObjectRequest::parse(OF_0_1_0[3]).unwrap().operation else {
            panic!("events")
        };
        assert_eq!((after, life), (7, None));
    }

    #[test]
    fn what_0_1_0_wrote_is_still_written_so_that_its_object_understands() {
        for message in OF_0_1_0 {
            let old: serde_json::Value = serde_json::from_str(message).unwrap();
            let new = serde_json::to_value(ObjectRequest::parse(message).unwrap()).unwrap();
            assert_eq!(without_additions(&new, &old), old);
        }
    }

    /// `new` without the fields that `old` does not have.
    fn without_additions(new: &serde_json::Value, old: &serde_json::Value) -> serde_json::Value {
        match (new, old) {
            (serde_json::Value::Object(new), serde_json::Value::Object(old)) => old
                .iter()
                .map(|(name, value)| (name.clone(), without_additions(&new[name], value)))
                .collect(),
            _ => new.clone(),
        }
    }

    #[test]
    fn an_operation_of_a_newer_entry_is_an_error_that_quotes_nothing() {
        let newer = r#"{"id":"w1","operation":{"fork":{"secret":"S3CRET"}},"wait":null,"headers":[]}"#;
        let error = ObjectRequest::parse(newer).unwrap_err();
        assert!(!error.contains("S3CRET") && !error.contains("fork"), "{error}");
    }
}
