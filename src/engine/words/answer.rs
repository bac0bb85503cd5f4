//! How an assembled answer is journaled: a list of slices of texts that the journal holds already.

use serde::{Deserialize, Serialize};

use super::step_name::StepName;

/// A piece of the answer, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(!try_from, !into, untagged)
)]
#[serde(try_from = "StoredSegment", into = "StoredSegment")]
pub enum Segment {
    /// Characters `from` to `to` (exclusive) of a step's whole text.
    Slice {
        step: StepName,
        run: u32,
        number: u32,
        from: usize,
        to: usize,
    },
    Text {
        text: String,
    },
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredSegment {
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<StepName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl TryFrom<StoredSegment> for Segment {
    type Error = &'static str;

    fn try_from(stored: StoredSegment) -> Result<Segment, &'static str> {
        match (
            stored.text,
            stored.step,
            stored.run,
            stored.number,
            stored.from,
            stored.to,
        ) {
            (Some(text), None, None, None, None, None) => Ok(Segment::Text { text }),
            (None, Some(step), Some(run), Some(number), Some(from), Some(to)) => Ok(Segment::Slice {
                step,
                run,
                number,
                from,
                to,
            }),
            _ => Err("a segment is a slice or a text"),
        }
    }
}

impl From<Segment> for StoredSegment {
    fn from(segment: Segment) -> StoredSegment {
        let mut stored = StoredSegment {
            step: None,
            run: None,
            number: None,
            from: None,
            to: None,
            text: None,
        };
        match segment {
            Segment::Slice {
                step,
                run,
                number,
                from,
                to,
            } => {
                stored.step = Some(step);
                stored.run = Some(run);
                stored.number = Some(number);
                stored.from = Some(from);
                stored.to = Some(to);
            }
            Segment::Text { text } => stored.text = Some(text),
        }
        stored
    }
}

/// What became of an edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EditResult {
    /// The part that it changes.
    pub step: StepName,
    pub state: EditState,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum EditState {
    Applied,
    Failed,
}

/// What of an editor's script could not be followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AssemblyProblem {
    pub kind: AssemblyProblemKind,
    /// The id of the part, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AssemblyProblemKind {
    UnknownInclude,
    RepeatedInclude,
    /// No include names the part.
    LeftOut,
    /// The editor wrote the whole answer by itself.
    NoIncludes,
    UnfinishedMark,
    /// There are only edits: the parts stand in plan order.
    NoAnswer,
}
