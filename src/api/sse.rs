//! SSE frames: what a subscriber reads (server-sent events, the HTML Standard, section 9.2).
//!
//! A journaled event has an `id`, so that a client resumes after it by `Last-Event-ID`: its sequence number, a hyphen
//! and the workflow's life ([`crate::engine::show::live::life`]), because an id may be deleted and used again.
//! A `delta` and an `answer` have none. They are live only, and after a reconnect the text so far comes again, from
//! character 0.

use serde::Serialize;
use serde_json::Value;

use crate::engine::Recorded;
pub use crate::engine::show::live::{ALL, ANSWER, DELTA};
use crate::engine::show::live::{Answer, Delta, Update};
use crate::engine::words::codec;
use crate::engine::words::event::EVENT_TYPES;
use crate::engine::words::step_name::StepName;
use crate::json;

/// Tells the client to reconnect after a second.
pub const RETRY: &str = "retry: 1000\n\n";
/// A comment, which clients ignore: it keeps proxies from closing a silent connection.
pub const KEEP_ALIVE: &str = ": keep-alive\n\n";
/// Milliseconds of silence after which it is sent. Of an idle workflow only this write tells that a client has gone:
/// the tests of that are in a hurry.
pub const KEEP_ALIVE_MS: u64 = if cfg!(feature = "crash-test") { 500 } else { 15_000 };

/// What of the specification in `workflow_queued` a client is not shown.
pub(super) const PRIVATE_SPEC_FIELDS: [&str; 4] = ["nonce", "fingerprint", "meaning", "tenant"];

/// The names of all events.
pub fn event_names() -> Vec<&'static str> {
    [EVENT_TYPES.as_slice(), &[DELTA, ANSWER]].concat()
}

/// What `?types=` may name.
pub fn type_names() -> Vec<&'static str> {
    [event_names().as_slice(), &[ALL]].concat()
}

/// The frames of an update.
pub fn frames(update: &Update, life: &str) -> String {
    match update {
        Update::Events(events) => events.iter().map(|recorded| event_frame(recorded, life)).collect(),
        Update::Deltas(deltas) => deltas.iter().map(delta_frame).collect(),
        Update::Answer(answer) => answer_frame(answer),
    }
}

/// A journaled event: `data` is one JSON object with `seq`, `at`, `type` and the event's own fields.
pub fn event_frame(recorded: &Recorded, life: &str) -> String {
    let mut data = codec::object(&recorded.event);
    data.insert("seq".to_owned(), recorded.seq.into());
    data.insert("at".to_owned(), recorded.at.to_iso8601().into());
    if let Some(Value::Object(spec)) = data.get_mut("spec") {
        // Ours, and of no use to a client.
        for private in PRIVATE_SPEC_FIELDS {
            spec.remove(private);
        }
    }
    format!(
        "id: {}-{life}\nevent: {}\ndata: {}\n\n",
        recorded.seq,
        recorded.event.type_name(),
        json::text(&Value::Object(data))
    )
}

/// More text of an attempt in flight: truncate what you have to `from` characters, then append.
pub fn delta_frame(delta: &Delta) -> String {
    let attempt = &delta.attempt;
    let data = DeltaData {
        attempt: attempt.number,
        from: delta.from,
        last: delta.last,
        run: attempt.run,
        step: &attempt.step,
        text: &delta.text,
    };
    format!("event: {DELTA}\ndata: {}\n\n", json::text(&data))
}

/// More text of an attempt in flight. Live only: it has no id.
#[derive(Serialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(rename = "Delta")
)]
pub(super) struct DeltaData<'a> {
    attempt: u32,
    /// Characters (Unicode scalar values) before it: truncate what you have to this length, then append.
    from: usize,
    /// Present and true where no more live text of this attempt follows, because too much text is in flight. The whole
    /// text comes with `attempt_completed`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    last: bool,
    run: u32,
    step: &'a StepName,
    text: &'a str,
}

/// How the reader's text goes on: truncate what you have of it to `from` characters, then append.
pub fn answer_frame(answer: &Answer) -> String {
    let data = AnswerData::from(answer);
    format!("event: {ANSWER}\ndata: {}\n\n", json::text(&data))
}

/// How the reader's text goes on: the answer as far as it is known. With each connection it begins at 0. The last one
/// before `workflow_completed` leaves exactly the final answer. Live only: it has no id.
#[derive(Serialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(rename = "AnswerText")
)]
pub(super) struct AnswerData<'a> {
    /// Characters (Unicode scalar values) before it: truncate what you have to this length, then append. The text is
    /// cut back where an edit changes it, and where an attempt dies and is repeated.
    from: usize,
    /// Present and true where the text is longer than what is kept of it: it ends here, and the whole is the workflow's
    /// output.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    last: bool,
    /// So many characters from the beginning are expected to stay as they are. They change only where an attempt dies
    /// and is repeated, or where the editor corrects a part after it has included it; then this number falls.
    settled: usize,
    text: &'a str,
}

impl<'a> From<&'a Answer> for AnswerData<'a> {
    fn from(answer: &'a Answer) -> AnswerData<'a> {
        AnswerData {
            from: answer.from,
            last: answer.last,
            settled: answer.settled,
            text: &answer.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::words::step_name::StepName;
    use crate::engine::words::time::Timestamp;
    use crate::engine::{AttemptId, Event};

    #[test]
    fn an_event_is_one_line_of_json_under_its_sequence_number() {
        let event = Event::StepSkipped {
            step: StepName::Subtask("t1".into()),
            reason: "two\nlines".into(),
        };
        assert_eq!(
            event_frame(
                &Recorded {
                    seq: 7,
                    at: Timestamp(0),
                    event
                },
                "ab12"
            ),
            "id: 7-ab12\nevent: step_skipped\ndata: {\"at\":\"1970-01-01T00:00:00.000Z\",\"reason\":\"two\\nlines\",\
                \"seq\":7,\"step\":\"subtask/t1\",\"type\":\"step_skipped\"}\n\n"
        );
    }

    #[test]
    fn a_delta_has_no_id() {
        let attempt = AttemptId {
            nonce: "secret".into(),
            run: 1,
            step: StepName::Synthesis,
            number: 2,
        };
        assert_eq!(
            delta_frame(&Delta {
                attempt,
                from: 3,
                text: "a\r\nb".into(),
                last: false
            }),
            "event: delta\ndata: {\"attempt\":2,\"from\":3,\"run\":1,\"step\":\"synthesis\",\"text\":\"a\\r\\nb\"}\n\n"
        );
    }
    #[test]
    fn an_answer_has_no_id_and_says_how_much_is_settled() {
        let answer = |last| Answer {
            from: 3,
            text: "a\nb".into(),
            settled: 5,
            last,
        };
        assert_eq!(
            answer_frame(&answer(false)),
            "event: answer\ndata: {\"from\":3,\"settled\":5,\"text\":\"a\\nb\"}\n\n"
        );
        assert!(answer_frame(&answer(true)).contains("\"last\":true"));
    }
}
