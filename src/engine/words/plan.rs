//! The plan: a list of subtasks that depend on each other, and the contract between those who work on them. Or the
//! decision that the big model answers the request by itself.
//!
//! A [`Plan`] in hand is valid: 1 to [`SUBTASKS_MAX`] subtasks (none where it is direct) with unique ids, known
//! dependencies, no cycle, bounded text, known criteria and known owners. There is no `is_valid()`, because every way
//! in goes through the same checks: a model's reply ([`Plan::from_model_reply`], lenient about the envelope and strict
//! about the content), a client's own ([`Plan::from_draft`]), an edited one ([`Plan::edited`]) and the journal
//! (`Deserialize`). Nothing is cut to fit. A text that is too long and a list that has too many entries are refused
//! with their numbers.
//!
//! The limits below only grow, because tighter ones would make journals of released versions unreadable.

mod checks;
mod contract;
mod draft;
mod edit;
mod error;
mod lenient;
mod mode;
mod reply;
mod schema;
mod twins;

use serde::{Deserialize, Serialize};

pub use contract::{Border, EDITOR, Form, PlanMode, TaskModel};
pub use draft::{PlanDraft, TaskDraft};
pub use edit::PlanEdit;
pub use error::PlanError;
pub use mode::{DirectSoFar, direct_so_far};
pub use schema::plan_schema;

/// The most subtasks of any plan, whatever `options.max_subtasks` says.
pub const SUBTASKS_MAX: u32 = 50;
/// Limits of the texts, in characters.
pub const ANALYSIS_CHARS_MAX: usize = 16_000;
pub const TITLE_CHARS_MAX: usize = 200;
pub const INSTRUCTIONS_CHARS_MAX: usize = 16_000;
pub const ID_CHARS_MAX: usize = 64;
pub const SHARED_CHARS_MAX: usize = 32_000;
pub const BORDERS_MAX: usize = 60;
pub const BORDER_CHARS_MAX: usize = 500;
pub const CRITERIA_MAX: usize = 40;
pub const CRITERION_CHARS_MAX: usize = 500;
/// A subtask's share of the length, and the length of the whole, in words.
pub const WORDS_MIN: u32 = 20;
pub const WORDS_MAX: u32 = 20_000;
/// Every part as long as it may be.
pub const LENGTH_WORDS_MAX: u32 = WORDS_MAX * SUBTASKS_MAX;
/// All texts of a plan together, in bytes. JSON escapes a byte with at most six, and the ids and dependencies of fifty
/// subtasks need less than 100 KiB, so that the event that carries a plan stays under 1 MiB.
pub const PLAN_BYTES_MAX: usize = 128 * 1024;

/// A valid plan. Its order is the order of everything shown; a subtask may depend on a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(!try_from)
)]
#[serde(try_from = "Unchecked")]
pub struct Plan {
    analysis: String,
    #[serde(skip_serializing_if = "PlanMode::is_split")]
    mode: PlanMode,
    #[serde(skip_serializing_if = "Form::is_merge")]
    form: Form,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    shared: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    borders: Vec<Border>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    criteria: Vec<String>,
    tasks: Vec<Task>,
}

/// One subtask of a plan. Only a [`Plan`] hands out tasks whose fields are known to be valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Task {
    pub id: String,
    /// One line.
    pub title: String,
    pub instructions: String,
    /// Ids of subtasks whose answers this one needs, without duplicates.
    #[serde(default)]
    pub depends_on: Vec<String>,
    /// The numbers, from 1, of the plan's criteria that this subtask answers for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<u32>,
    /// Its share of the length, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<u32>,
    #[serde(default, skip_serializing_if = "TaskModel::is_small")]
    pub model: TaskModel,
}

impl Plan {
    /// Reads the reply of a planner. Accepts fences, prose and `<think>` remnants around the JSON, `{"tasks": ["..."]}`
    /// and a bare array, tool calls, missing and numeric ids, and JSON as models write it (`lenient.rs`). A reply that
    /// was cut off is never read as a plan. The error is fit to be sent back to the model.
    pub fn from_model_reply(text: &str, max_subtasks: u32) -> Result<Plan, PlanError> {
        Plan::read(text, false, max_subtasks)
    }

    /// The same for a reply that was not cut off, by the word of the server: its last brace may be missing, because
    /// models forget it. All lists in it must be closed nevertheless, so no subtask can be missing.
    pub fn from_ended_reply(text: &str, max_subtasks: u32) -> Result<Plan, PlanError> {
        Plan::read(text, true, max_subtasks)
    }

    fn read(text: &str, ended: bool, max_subtasks: u32) -> Result<Plan, PlanError> {
        let reply = reply::read(text, ended, subtask_limit(max_subtasks))?;
        Plan::from_draft(reply, max_subtasks)
    }

    /// A client's own list. Missing ids become `t1` to `tn`, a missing title is taken from the instructions.
    pub fn from_client(
        analysis: impl Into<String>,
        tasks: Vec<TaskDraft>,
        max_subtasks: u32,
    ) -> Result<Plan, PlanError> {
        let draft = PlanDraft {
            analysis: analysis.into(),
            tasks,
            ..PlanDraft::default()
        };
        Plan::from_draft(draft, max_subtasks)
    }

    /// A plan as a client or a model wrote it. One that is answered directly has no subtasks.
    pub fn from_draft(draft: PlanDraft, max_subtasks: u32) -> Result<Plan, PlanError> {
        let limit = subtask_limit(max_subtasks);
        if draft.mode == PlanMode::Direct {
            return Ok(Plan::direct(draft.analysis));
        }
        checks::check_count(draft.tasks.len(), limit)?;
        // Journals of 0.1.0 may have such an id, and no borders.
        let is_editor = |task: &TaskDraft| task.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(EDITOR));
        if !draft.borders.is_empty() && draft.tasks.iter().any(is_editor) {
            return Err(PlanError::EditorsId);
        }
        Plan::checked(
            Plan {
                analysis: draft.analysis.trim().to_owned(),
                mode: PlanMode::Split,
                form: draft.form,
                length: draft.length,
                shared: draft.shared.trim().to_owned(),
                borders: draft.borders.into_iter().map(Border::on_one_line).collect(),
                criteria: draft.criteria.iter().map(|text| draft::one_line(text)).collect(),
                tasks: draft::complete(draft.tasks),
            },
            limit,
        )
    }

    /// The big model answers the request by itself. `why` is shown.
    pub fn direct(why: impl Into<String>) -> Plan {
        Plan {
            analysis: bounded(why.into().trim(), ANALYSIS_CHARS_MAX),
            mode: PlanMode::Direct,
            form: Form::Merge,
            length: None,
            shared: String::new(),
            borders: Vec::new(),
            criteria: Vec::new(),
            tasks: Vec::new(),
        }
    }

    /// The same plan, put together by a text that is written anew.
    pub fn merged(self) -> Plan {
        Plan {
            form: Form::Merge,
            ..self
        }
    }

    /// The same plan for an answer of at most so many words.
    pub fn within(self, words: u32) -> Plan {
        Plan {
            length: self.length.map(|length| length.min(words)),
            ..self
        }
    }

    /// How the planner understood the request; may be empty.
    pub fn analysis(&self) -> &str {
        &self.analysis
    }

    pub fn mode(&self) -> PlanMode {
        self.mode
    }

    pub fn is_direct(&self) -> bool {
        self.mode == PlanMode::Direct
    }

    pub fn form(&self) -> Form {
        self.form
    }

    /// Words of the whole answer.
    pub fn length(&self) -> Option<u32> {
        self.length
    }

    /// Everything on which the parts must agree; may be empty.
    pub fn shared(&self) -> &str {
        &self.shared
    }

    pub fn borders(&self) -> &[Border] {
        &self.borders
    }

    /// What an expert will check in the answer. Those that no subtask names belong to the editor.
    pub fn criteria(&self) -> &[String] {
        &self.criteria
    }

    /// Whether it says more than which subtasks there are.
    pub fn is_contract(&self) -> bool {
        self.mode != PlanMode::Split
            || self.form != Form::Merge
            || self.length.is_some()
            || !self.shared.is_empty()
            || !self.borders.is_empty()
            || !self.criteria.is_empty()
            || self
                .tasks
                .iter()
                .any(|task| task.model != TaskModel::Small || task.words.is_some())
    }

    /// The subtasks in plan order: at least one, or none where it is answered directly.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }

    /// The one gate of a plan with subtasks.
    fn checked(plan: Plan, limit: u32) -> Result<Plan, PlanError> {
        checks::check(&plan, limit).map(|()| plan)
    }
}

/// The journal's plan before the checks.
#[derive(Deserialize)]
struct Unchecked {
    #[serde(default)]
    analysis: String,
    #[serde(default)]
    mode: PlanMode,
    #[serde(default)]
    form: Form,
    #[serde(default)]
    length: Option<u32>,
    #[serde(default)]
    shared: String,
    #[serde(default)]
    borders: Vec<Border>,
    #[serde(default)]
    criteria: Vec<String>,
    #[serde(default)]
    tasks: Vec<Task>,
}

impl TryFrom<Unchecked> for Plan {
    type Error = PlanError;

    fn try_from(plan: Unchecked) -> Result<Plan, PlanError> {
        if plan.mode == PlanMode::Direct {
            return Ok(Plan::direct(plan.analysis));
        }
        Plan::checked(
            Plan {
                analysis: plan.analysis,
                mode: plan.mode,
                form: plan.form,
                length: plan.length,
                shared: plan.shared,
                borders: plan.borders,
                criteria: plan.criteria,
                tasks: plan.tasks,
            },
            SUBTASKS_MAX,
        )
    }
}

fn bounded(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

fn subtask_limit(max_subtasks: u32) -> u32 {
    max_subtasks.clamp(1, SUBTASKS_MAX)
}

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod malformed;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod properties;
#[cfg(test)]
mod tests;
