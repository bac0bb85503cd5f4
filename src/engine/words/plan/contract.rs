//! What a plan says beside the list of its subtasks.

use serde::{Deserialize, Serialize};

use super::draft::one_line;

/// Whether a plan has subtasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PlanMode {
    #[default]
    Split,
    /// One call of the big model answers the request.
    Direct,
}

impl PlanMode {
    pub(super) fn is_split(&self) -> bool {
        *self == PlanMode::Split
    }
}

/// How the answer is made of the parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The big model writes one text from them.
    #[default]
    Merge,
    /// They stand in it as they were written, but for the editor's corrections.
    Assemble,
}

impl Form {
    pub(super) fn is_merge(&self) -> bool {
        *self == Form::Merge
    }
}

/// Who decides on a border that no subtask decides.
pub const EDITOR: &str = "editor";

/// A value, name, topic, file or identifier that two parts touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Border {
    pub what: String,
    /// The id of the subtask that decides, or `editor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

impl Border {
    pub(super) fn on_one_line(self) -> Border {
        Border {
            what: one_line(&self.what),
            ..self
        }
    }

    /// With its owner in words, because nobody of that name is there.
    pub(super) fn with_owner_in_words(self) -> Border {
        let what = match self.owner {
            Some(owner) => format!("{} (owner: {owner})", self.what),
            None => self.what,
        };
        Border { what, owner: None }
    }
}

/// Which list of models works on a subtask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum TaskModel {
    #[default]
    Small,
    Big,
}

impl TaskModel {
    pub(super) fn is_small(&self) -> bool {
        *self == TaskModel::Small
    }
}
