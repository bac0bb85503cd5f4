//! Why a plan is refused. The same words serve a person and the model that has to repair the plan.

use super::{EDITOR, ID_CHARS_MAX, WORDS_MIN};

/// Lower case, with the values, without advice on HTTP: the same text is the reason of a repair and the detail of a
/// 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("the reply is empty")]
    EmptyReply,
    #[error(
        "the reply holds no JSON: it must be one JSON object with a \"mode\", and a \"tasks\" array unless the mode is \
        \"direct\""
    )]
    NoJson,
    /// JSON was found, but nothing in it is a plan.
    #[error(
        "the reply holds JSON that is no plan: it must be one JSON object with a \"mode\", and a \"tasks\" array \
        unless the mode is \"direct\""
    )]
    NotAPlan,
    /// `reason` is the parser's, with line and column within the JSON.
    #[error("the JSON of the reply is malformed: {reason}")]
    Malformed { reason: String },
    /// The JSON stops in mid-value: nearly always the reply reached its token limit.
    #[error(
        "the JSON of the reply is truncated: it ends after {chars} characters, before its last bracket; plan fewer \
            subtasks or shorter instructions"
    )]
    Truncated { chars: usize },
    #[error("{what} is {found}, expected {expected}")]
    WrongType {
        what: String,
        found: &'static str,
        expected: &'static str,
    },
    #[error("the plan has no subtasks, at least 1 is needed")]
    NoTasks,
    #[error("the plan has {count} subtasks, at most {limit} are allowed: merge related ones")]
    TooManyTasks { count: usize, limit: u32 },
    #[error("subtask id \"{}\" is not usable: 1 to {ID_CHARS_MAX} letters of a to z, digits, \"_\" or \"-\", not \
        beginning with \"-\"", shown(.id))]
    UnusableId { id: String },
    /// The owner of a border that no subtask decides is called so.
    #[error("a subtask has the id {EDITOR}, which means the editor: name it otherwise")]
    EditorsId,
    #[error("two subtasks have the id {}", shown(.id))]
    DuplicateId { id: String },
    /// Only for a client's own list: the planner's are merged.
    #[error("subtasks {} and {} have the same instructions and dependencies: each answer is paid for, so ask for it \
        once", shown(.first), shown(.second))]
    Twins { first: String, second: String },
    #[error("subtask {} has no instructions", shown(.id))]
    NoInstructions { id: String },
    #[error("{what}: {chars} characters are too many, at most {limit} are allowed")]
    TooLong {
        field: &'static str,
        what: String,
        chars: usize,
        limit: usize,
    },
    /// A word that has no meaning here.
    #[error("{what} is \"{}\", expected {expected}", shown(.found))]
    UnknownWord {
        what: String,
        found: String,
        expected: &'static str,
    },
    #[error("the plan has {count} {field}, at most {limit} are allowed")]
    TooMany {
        field: &'static str,
        count: usize,
        limit: usize,
    },
    #[error("{one} number {number} is empty")]
    Blank {
        field: &'static str,
        one: &'static str,
        number: usize,
    },
    #[error(
        "border number {number} has the unknown owner {}: expected the id of a subtask, or {EDITOR}",
        shown(.owner)
    )]
    UnknownOwner { number: usize, owner: String },
    #[error("subtask {} answers for criterion {number}, and the plan has {count} criteria", shown(.id))]
    UnknownCriterion { id: String, number: u32, count: usize },
    #[error("{what} is {words} words, expected {WORDS_MIN} to {limit}")]
    WordsOutOfRange {
        field: &'static str,
        what: String,
        words: u32,
        limit: u32,
    },
    #[error("the texts of the plan have {bytes} bytes together, at most {limit} are allowed")]
    TooLarge { bytes: usize, limit: usize },
    #[error("subtask {} depends on unknown subtask {}", shown(.id), shown(.dependency))]
    UnknownDependency { id: String, dependency: String },
    #[error("subtask {} depends on itself", shown(.id))]
    SelfDependency { id: String },
    /// `path` begins and ends with the same id; each needs the next.
    #[error("subtasks depend on each other in a cycle: {}", .path.join(" -> "))]
    Cycle { path: Vec<String> },
}

impl PlanError {
    /// The field of a client's body in which the mistake stands.
    pub fn field(&self) -> &'static str {
        match self {
            PlanError::TooLong { field, .. }
            | PlanError::TooMany { field, .. }
            | PlanError::Blank { field, .. }
            | PlanError::WordsOutOfRange { field, .. } => field,
            PlanError::UnknownOwner { .. } => "borders",
            _ => "tasks",
        }
    }
}

/// A value of the reply within an error: one line, bounded, since it may be anything.
pub(super) fn shown(value: &str) -> String {
    let mut shown: String = value
        .chars()
        .take(ID_CHARS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if value.chars().nth(ID_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
