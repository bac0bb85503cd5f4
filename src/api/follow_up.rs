//! What the entry makes of the answer of the workflow that is followed up.

use serde_json::Value;

use super::id::WorkflowId;
use super::problem::Problem;
use crate::engine::words::history::Conversation;
use crate::engine::words::spec::{Exchange, Parent};

/// What a follow-up asks to be told while its parent has no answer yet, in seconds.
const RETRY_SECONDS: u32 = 2;

/// `status` and `body` are those of the object's answer to `Operation::Conversation`.
pub fn read(parent: &WorkflowId, status: u16, body: &str) -> Result<Conversation, Problem> {
    let read = || serde_json::from_str::<Value>(body).map_err(|_| Problem::unavailable());
    match status {
        200 => conversation(&read()?).ok_or_else(Problem::unavailable),
        404 => Err(Problem::unknown_parent(parent.as_str())),
        409 => match read()?.get("status_of_workflow").and_then(Value::as_str) {
            Some(status) => Err(Problem::cannot_follow_up(parent.as_str(), status, RETRY_SECONDS)),
            None => Err(Problem::unavailable()),
        },
        // An object of an older version knows no such operation, and one of a newer journal waits for its return.
        _ => Err(Problem::newer_request()),
    }
}

/// By hand, because a derived reader of these types for this one place is larger.
fn conversation(body: &Value) -> Option<Conversation> {
    let text = |value: &Value, name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let number = |value: &Value, name: &str| value.get(name)?.as_u64().and_then(|number| u32::try_from(number).ok());
    let parent = body.get("parent")?;
    let mut history = Vec::new();
    for exchange in body.get("history")?.as_array()? {
        history.push(Exchange {
            request: text(exchange, "request")?,
            answer: text(exchange, "answer")?,
            cut: exchange.get("cut").and_then(Value::as_bool).unwrap_or_default(),
        });
    }
    Some(Conversation {
        parent: Parent {
            id: text(parent, "id")?,
            nonce: text(parent, "nonce")?,
            run: number(parent, "run")?,
            left_out: number(parent, "left_out").unwrap_or_default(),
        },
        history,
    })
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
