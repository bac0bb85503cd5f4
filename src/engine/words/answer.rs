//! How an answer was put together: what the event of an assembly holds.
//!
//! The list is resolved. A [`Segment`] names characters of a text that is journaled already, so replay joins slices and
//! never runs the matcher of edits again. No later build can change an old answer.

use serde::{Deserialize, Serialize};

use super::step_name::StepName;

/// A piece of the answer. The answer is its segments, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(!try_from, !into, untagged)
)]
#[serde(try_from = "StoredSegment", into = "StoredSegment")]
pub enum Segment {
    /// Characters (Unicode scalar values) `from` to `to` (exclusive) of the whole text of attempt `number` of `step` in
    /// run `run`.
    Slice {
        step: StepName,
        run: u32,
        number: u32,
        from: usize,
        to: usize,
    },
    /// What stands in no step's text: the blank line between two blocks.
    Text { text: String },
}

/// The stored form: `{step, run, number, from, to}` or `{text}`. A flat struct, because serde would buffer each segment
/// of an untagged enum.
#[derive(Serialize, Deserialize)]
struct StoredSegment {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<StepName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a segment has either text or step, run, number, from and to")]
pub struct NotASegment;

impl TryFrom<StoredSegment> for Segment {
    type Error = NotASegment;

    fn try_from(stored: StoredSegment) -> Result<Self, NotASegment> {
        match (
            stored.step,
            stored.run,
            stored.number,
            stored.from,
            stored.to,
            stored.text,
        ) {
            (Some(step), Some(run), Some(number), Some(from), Some(to), None) => Ok(Segment::Slice {
                step,
                run,
                number,
                from,
                to,
            }),
            (None, None, None, None, None, Some(text)) => Ok(Segment::Text { text }),
            _ => Err(NotASegment),
        }
    }
}

impl From<Segment> for StoredSegment {
    fn from(segment: Segment) -> Self {
        let (slice, text) = match segment {
            Segment::Slice {
                step,
                run,
                number,
                from,
                to,
            } => (Some((step, run, number, from, to)), None),
            Segment::Text { text } => (None, Some(text)),
        };
        let numbers = slice
            .as_ref()
            .map(|(_, run, number, from, to)| (*run, *number, *from, *to));
        StoredSegment {
            run: numbers.map(|(run, ..)| run),
            number: numbers.map(|(_, number, ..)| number),
            from: numbers.map(|(_, _, from, _)| from),
            to: numbers.map(|(.., to)| to),
            step: slice.map(|(step, ..)| step),
            text,
        }
    }
}

/// What became of one edit of the editor's script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EditResult {
    /// The part that it is for.
    pub step: StepName,
    pub state: EditState,
    /// Why it failed, in words that a model can act on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EditState {
    Applied,
    Failed,
}

/// What a reader should know about an assembly, beside the edits that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AssemblyProblem {
    pub kind: ProblemKind,
    /// The id of the part, as the script writes it where no part has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// An include names a part that does not exist, or whose subtask failed. It is left out.
    UnknownInclude,
    /// A part was included before. It stands where it was included first.
    RepeatedInclude,
    /// No include names this part, so the answer does not have it.
    LeftOut,
    /// The answer includes no part at all.
    NoIncludes,
    /// The script has no text of an answer. The answer is all parts in plan order.
    NoAnswer,
    /// The script says more than once that the answer begins.
    RepeatedAnswer,
    /// The script ends within a mark, which is left out.
    UnfinishedMark,
    /// The script has more edits or includes than are read. The others stand in the answer as text.
    TooManyMarks,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn segments_are_stored_flat() {
        let slice = Segment::Slice {
            step: StepName::Subtask("t1".into()),
            run: 1,
            number: 2,
            from: 3,
            to: 4,
        };
        let text = Segment::Text { text: "\n\n".into() };
        let stored = json!([{ "step": "subtask/t1", "run": 1, "number": 2, "from": 3, "to": 4 }, { "text": "\n\n" }]);
        assert_eq!(serde_json::to_value([slice.clone(), text.clone()]).unwrap(), stored);
        assert_eq!(
            serde_json::from_value::<Vec<Segment>>(stored).unwrap(),
            vec![slice, text]
        );
    }

    #[test]
    fn half_a_segment_is_refused() {
        for stored in [
            json!({}),
            json!({ "step": "subtask/t1", "run": 1, "number": 2, "from": 3 }),
            json!({ "step": "subtask/t1", "run": 1, "number": 2, "from": 3, "to": 4, "text": "" }),
            json!({ "text": "x", "run": 1 }),
        ] {
            assert!(serde_json::from_value::<Segment>(stored.clone()).is_err(), "{stored}");
        }
    }

    #[test]
    fn results_and_problems_are_stored_in_snake_case() {
        let failed = EditResult {
            step: StepName::Subtask("t1".into()),
            state: EditState::Failed,
            reason: Some("why".into()),
        };
        let problem = AssemblyProblem {
            kind: ProblemKind::NoIncludes,
            id: None,
        };
        assert_eq!(
            serde_json::to_value((&failed, &problem)).unwrap(),
            json!([{ "step": "subtask/t1", "state": "failed", "reason": "why" }, { "kind": "no_includes" }])
        );
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn the_schema_of_a_segment_names_both_forms() {
        let schema = schemars::schema_for!(Segment).to_value().to_string();
        for field in ["step", "run", "number", "from", "to", "text"] {
            assert!(schema.contains(&format!("\"{field}\"")), "{schema}");
        }
    }
}
