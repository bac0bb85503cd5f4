//! What the entry makes of the answer of the workflow that is followed up.

use serde::Deserialize;

use super::id::WorkflowId;
use super::problem::Problem;
use crate::engine::words::history::Conversation;

/// What a follow-up asks to be told while its parent has no answer yet, in seconds.
const RETRY_SECONDS: u32 = 2;

/// The members of a problem that say why there is no conversation.
#[derive(Deserialize)]
struct Refusal {
    status_of_workflow: Option<String>,
}

/// `status` and `body` are those of the object's answer to `Operation::Conversation`.
pub fn read(parent: &WorkflowId, status: u16, body: &str) -> Result<Conversation, Problem> {
    let unreadable = || Problem::unavailable();
    match status {
        200 => serde_json::from_str(body).map_err(|_| unreadable()),
        404 => Err(Problem::unknown_parent(parent.as_str())),
        409 => {
            let refusal: Refusal = serde_json::from_str(body).map_err(|_| unreadable())?;
            let of_workflow = refusal.status_of_workflow.ok_or_else(unreadable)?;
            Err(Problem::cannot_follow_up(parent.as_str(), &of_workflow, RETRY_SECONDS))
        }
        // An object of an older version knows no such operation, and one of a newer journal waits for its return.
        _ => Err(Problem::newer_request()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent() -> WorkflowId {
        WorkflowId::parse("w1").unwrap()
    }

    #[test]
    fn a_conversation_is_read_and_a_refusal_names_the_field() {
        let body = r#"{"parent":{"id":"w1","nonce":"n","run":1},"history":[{"request":"a","answer":"b"}]}"#;
        let conversation = read(&parent(), 200, body).unwrap();
        assert_eq!((conversation.parent.run, conversation.history.len()), (1, 1));
        for (status, body, kind) in [
            (404, "{}", 404),
            (409, r#"{"status_of_workflow":"running"}"#, 409),
            (409, r#"{"status_of_workflow":"errored"}"#, 409),
        ] {
            let problem = read(&parent(), status, body).unwrap_err();
            assert_eq!(problem.status(), kind);
            let told: serde_json::Value = serde_json::from_str(&problem.to_json()).unwrap();
            assert_eq!(told["field"], "follow_up_to");
        }
    }

    #[test]
    fn what_can_not_be_read_is_asked_for_again_and_never_an_empty_history() {
        for (status, body) in [
            (200, "{}"),
            (200, "x"),
            (409, "{}"),
            (409, ""),
            (500, ""),
            (503, "{}"),
            (304, ""),
        ] {
            assert_eq!(
                read(&parent(), status, body).unwrap_err().status(),
                503,
                "{status} {body}"
            );
        }
    }
}
