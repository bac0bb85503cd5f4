//! The stored form of an event: a type word, and a JSON object with a version `v`. Pure.

use serde_json::{Map, Value};

use super::event::{EVENT_TYPES, Event, SCHEMA_VERSION};
use super::spec::WorkflowSpec;
use crate::json::{self, tree::Misfit};

/// The most bytes of one event's stored JSON. A row holds 2 MB in production.
pub const EVENT_BYTES_MAX: usize = 1024 * 1024;

const VERSION: &str = "v";
/// Of an event that names none.
const FIRST_VERSION: u64 = 1;
const TYPE: &str = "type";

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Written by a newer build: leave the workflow untouched.
    #[error("event {type_name} has schema version {version}, this build understands up to {SCHEMA_VERSION}")]
    Newer { type_name: String, version: u64 },
    /// `fault` says where, and quotes nothing: it goes into the log, which holds no prompt and no answer.
    #[error("event {type_name} can't be read: {fault}")]
    Corrupt { type_name: String, fault: String },
}

/// The event's type word and its stored JSON, whose keys are sorted.
pub fn encode(event: &Event) -> (&'static str, String) {
    let mut fields = fields(event);
    fields.insert(VERSION.to_owned(), event.schema_version().into());
    (event.type_name(), json::text(&fields))
}

/// The event's fields as one flat JSON object with `type`: the data of its SSE event.
pub fn object(event: &Event) -> Map<String, Value> {
    let mut fields = fields(event);
    fields.insert(TYPE.to_owned(), event.type_name().into());
    fields
}

fn fields(event: &Event) -> Map<String, Value> {
    // Serde writes `{"attempt_lost": {...}}`. It always can, because every variant has named fields and no map of
    // theirs has a key that is not a text.
    let mut tagged = json::tree(event);
    match tagged.get_mut(event.type_name()).map(Value::take) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// What a row takes at most beside the event's texts: its type, its step's name (of at most 72 characters), numbers.
const ROW_BYTES: u64 = 512;

/// Bytes that an event takes in the journal, nearly exact and never too few. Long texts are measured, because encoding
/// them once more for their size alone would cost as much as storing them.
pub fn stored_bytes(event: &Event) -> u64 {
    let texts = match event {
        Event::AttemptStarted { model, .. } => encoded_len(model),
        Event::AttemptCompleted {
            text,
            model,
            unknown_finish,
            adapted,
            ..
        } => {
            let words: usize = adapted.iter().map(|word| encoded_len(word) + 3).sum();
            encoded_len(text) + optional_len(model) + optional_len(unknown_finish) + words
        }
        Event::AttemptErrored { error, reply, .. } => {
            encoded_len(&error.name) + encoded_len(&error.message) + optional_len(reply)
        }
        Event::StepErrored { error, .. } | Event::WorkflowErrored { error } => {
            encoded_len(&error.name) + encoded_len(&error.message)
        }
        Event::StepSkipped { reason, .. } => encoded_len(reason),
        Event::WorkflowQueued { spec } => return stored_bytes_of_spec(spec),
        // Rare, and of many parts.
        Event::WorkflowRestarted { .. }
        | Event::PlanAccepted { .. }
        | Event::PlanApproved { .. }
        | Event::ReductionPlanned { .. }
        | Event::AnswerAssembled { .. }
        | Event::AnswerReviewed { .. } => encode(event).1.len(),
        Event::WorkflowStarted {}
        | Event::WorkflowWaiting {}
        | Event::WorkflowWaitingForPause { .. }
        | Event::WorkflowPaused { .. }
        | Event::WorkflowResumed {}
        | Event::WorkflowCompleted { .. }
        | Event::WorkflowTerminated { .. }
        | Event::AttemptLost { .. } => 0,
    };
    ROW_BYTES + texts as u64
}

fn optional_len(text: &Option<String>) -> usize {
    text.as_deref().map_or(0, encoded_len)
}

/// The same for `workflow_queued`.
pub fn stored_bytes_of_spec(spec: &WorkflowSpec) -> u64 {
    ROW_BYTES + json::text(spec).len() as u64
}

/// Reads a stored event. Unknown fields are ignored; an unknown type or a higher version is from a newer build.
pub fn decode(type_name: &str, data: &str) -> Result<Event, DecodeError> {
    let corrupt = |fault: String| DecodeError::Corrupt {
        type_name: type_name.to_owned(),
        fault,
    };
    let fields: Value = serde_json::from_str(data).map_err(|error| corrupt(json::fault(&error)))?;
    // First, because the fields of a newer version may mean something else.
    let version = match fields.get(VERSION) {
        Some(version) => version.as_u64().ok_or_else(|| corrupt(Misfit.to_string()))?,
        None => FIRST_VERSION,
    };
    if version > u64::from(SCHEMA_VERSION) || !EVENT_TYPES.contains(&type_name) {
        return Err(DecodeError::Newer {
            type_name: type_name.to_owned(),
            version,
        });
    }
    json::tree::of_variant(type_name, fields).map_err(|misfit| corrupt(misfit.to_string()))
}

/// Bytes that a text takes in stored JSON, without its quotes.
pub fn encoded_len(text: &str) -> usize {
    text.chars().map(encoded_char_len).sum()
}

/// The longest prefix of `text` whose stored form has at most `bytes_max` bytes.
pub fn cut_to_encoded(text: &str, bytes_max: usize) -> &str {
    let mut bytes = 0;
    for (index, character) in text.char_indices() {
        bytes += encoded_char_len(character);
        if bytes > bytes_max {
            return text.get(..index).unwrap_or_default();
        }
    }
    text
}

fn encoded_char_len(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::words::event::{ContextLesson, FailureClass};
    use crate::engine::words::outcome::{AttemptUsage, ErrorInfo};
    use crate::engine::words::step_name::StepName;
    use crate::engine::words::time::Timestamp;
    use crate::errors::ErrorName;

    #[test]
    fn an_event_survives_a_round_trip() {
        let event = Event::AttemptLost {
            step: StepName::Subtask("t1".into()),
            run: 1,
            number: 2,
            retry_at: None,
        };
        let (type_name, data) = encode(&event);
        assert_eq!(
            (type_name, data.as_str()),
            ("attempt_lost", r#"{"number":2,"run":1,"step":"subtask/t1","v":1}"#)
        );
        assert_eq!(decode(type_name, &data), Ok(event));
    }

    #[test]
    fn the_size_of_an_event_is_nearly_that_of_its_row() {
        let completed = |text: &str| Event::AttemptCompleted {
            step: StepName::Subtask("t1".into()),
            run: 1,
            number: 2,
            text: text.into(),
            truncated: false,
            unknown_finish: Some("network_error".into()),
            usage: AttemptUsage {
                prompt_tokens: u64::MAX,
                completion_tokens: u64::MAX,
                estimated: false,
            },
            model: None,
            adapted: Vec::new(),
        };
        for event in [
            completed(""),
            Event::AttemptStarted {
                step: StepName::Subtask("t".repeat(64)),
                run: 21,
                number: u32::MAX,
                model: "m".repeat(200),
                model_index: Some(15),
                input_cut: true,
                prompts: Some(u32::MAX),
                request_sha256: Some("f".repeat(64)),
            },
            Event::AttemptErrored {
                step: StepName::Subtask("t".repeat(64)),
                run: 21,
                number: u32::MAX,
                error: ErrorInfo::new(ErrorName::HttpError, "x".repeat(1_000)),
                class: FailureClass::Permanent,
                reply: None,
                usage: Some(AttemptUsage {
                    prompt_tokens: u64::MAX,
                    completion_tokens: u64::MAX,
                    estimated: false,
                }),
                retry_at: Some(Timestamp(u64::MAX)),
                next_model: 15,
                context: Some(ContextLesson {
                    context_tokens: Some(u32::MAX),
                    counted_per_1000: Some(u32::MAX),
                    guessed: true,
                }),
            },
            completed(&"\"quoted\" 日本語\n\u{1}".repeat(1_000)),
            Event::WorkflowPaused { reason: None },
            Event::StepSkipped {
                step: StepName::Subtask("t1".into()),
                reason: "x".repeat(5_000),
            },
        ] {
            let (type_name, data) = encode(&event);
            let row = (type_name.len() + data.len()) as u64;
            assert!((row..row + ROW_BYTES).contains(&stored_bytes(&event)), "{type_name}");
        }
    }

    #[test]
    fn an_event_of_the_future_is_told_from_a_corrupt_one() {
        assert!(matches!(
            decode("workflow_started", r#"{"v":3}"#),
            Err(DecodeError::Newer { version: 3, .. })
        ));
        assert!(matches!(
            decode("workflow_dreamt", r#"{"v":1}"#),
            Err(DecodeError::Newer { .. })
        ));
        assert!(matches!(
            decode("attempt_lost", r#"{"v":1}"#),
            Err(DecodeError::Corrupt { .. })
        ));
        assert!(matches!(decode("attempt_lost", "{"), Err(DecodeError::Corrupt { .. })));
    }

    /// Serde's own words quote a text of the wrong type, an unknown word and what a check of ours refuses.
    #[test]
    fn an_error_says_where_and_quotes_nothing() {
        for (type_name, data, at) in [
            (
                "attempt_lost",
                r#"{"number":"SECRET","run":1,"step":"plan","v":1}"#,
                None,
            ),
            ("attempt_lost", r#"{"number":1,"run":1,"step":"SECRET","v":1}"#, None),
            ("attempt_lost", r#"{"number":1,"run":1,"v":"SECRET"}"#, None),
            ("workflow_completed", r#"{"result":"SECRET","v":1}"#, None),
            ("workflow_restarted", r#"{"reset":{"SECRET":[]},"run":1,"v":1}"#, None),
            (
                "plan_approved",
                r#"{"plan":{"tasks":[{"id":"SECRET/","instructions":"","title":""}]}}"#,
                None,
            ),
            ("workflow_paused", r#"{"SECRET""#, Some(9)),
            ("workflow_paused", r#"["SECRET"]"#, None),
        ] {
            let error = decode(type_name, data).unwrap_err();
            assert!(matches!(error, DecodeError::Corrupt { .. }), "{error}");
            let text = format!("{error} {error:?}");
            assert!(!text.contains("SECRET"), "{text}");
            assert!(text.contains(type_name), "{text}");
            // What is no JSON has a place. What is none of ours was read already.
            assert!(at.is_none_or(|at| text.contains(&format!("column {at})"))), "{text}");
        }
    }

    #[test]
    fn unknown_fields_are_ignored() {
        assert_eq!(
            decode("workflow_started", r#"{"v":1,"mood":"good"}"#),
            Ok(Event::WorkflowStarted {})
        );
    }

    #[test]
    fn the_encoded_length_is_that_of_the_stored_json() {
        for text in [
            "",
            "plain",
            "\"quoted\"\\",
            "line\nbreak\ttab\r",
            "\u{1}\u{1f}\u{7f}",
            "日本語 🦀",
            "\u{8}\u{c}",
        ] {
            assert_eq!(
                encoded_len(text) + 2,
                serde_json::to_string(text).unwrap().len(),
                "{text:?}"
            );
        }
        assert_eq!(cut_to_encoded("a\n\u{1}b", 3), "a\n");
        assert_eq!(cut_to_encoded("aé", 2), "a");
    }
}
