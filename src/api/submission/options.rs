//! `options` of a submission: what a client may ask for, and the defaults of what it leaves out.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::api::config::Config;
use crate::api::json::{Fields, wrong};
use crate::api::output_schema;
use crate::api::problem::Problem;
use crate::engine::words::plan::{Plan, SUBTASKS_MAX};
use crate::engine::words::spec::{
    Approval, Length, MAX_WORDS_MAX, MAX_WORDS_MIN, Mode, OnDisconnect, OnSubtaskFailure, Options, Review,
};

pub const MAX_SUBTASKS_DEFAULT: u32 = 8;
/// The most bytes of `options.instructions`.
pub const INSTRUCTIONS_BYTES_MAX: usize = 32 * 1024;
/// A week. Longer work belongs in several workflows.
pub const DEADLINE_SECONDS_MAX: u64 = 7 * 86_400;
pub const TOKEN_BUDGET_MAX: u64 = 1_000_000_000;

/// How long a workflow is kept after its end, where the submission says so: a minute to a year.
pub const RETENTION_SECONDS: RangeInclusive<u64> = 60..=365 * 86_400;

pub(in crate::api) const FIELDS: [&str; 15] = [
    "mode",
    "length",
    "review",
    "output_schema",
    "max_subtasks",
    "max_concurrency",
    "approval",
    "on_subtask_failure",
    "token_budget",
    "deadline_seconds",
    "retention_seconds",
    "on_disconnect",
    "instructions",
    "big_model",
    "small_model",
];

/// As sent, each field within what no deployment exceeds.
#[derive(Debug, Default)]
pub(super) struct Requested {
    pub(super) mode: Option<Mode>,
    length: Option<Length>,
    review: Option<Review>,
    output_schema: Option<Value>,
    pub(super) max_subtasks: Option<u32>,
    max_concurrency: Option<u64>,
    approval: Option<Approval>,
    on_subtask_failure: Option<OnSubtaskFailure>,
    token_budget: Option<u64>,
    deadline_seconds: Option<u64>,
    pub(super) retention_seconds: Option<u64>,
    on_disconnect: Option<OnDisconnect>,
    instructions: Option<String>,
    pub(super) big_model: Option<String>,
    pub(super) small_model: Option<String>,
}

impl Requested {
    pub(super) fn parse(value: Value) -> Result<Requested, Problem> {
        let mut fields = Fields::of(value, "options", "options.", &FIELDS)?;
        let max_subtasks = fields.whole("max_subtasks", 1..=SUBTASKS_MAX.into())?;
        Ok(Requested {
            mode: fields.word(
                "mode",
                &[("auto", Mode::Auto), ("direct", Mode::Direct), ("split", Mode::Split)],
            )?,
            length: fields.take("length").map(length).transpose()?,
            output_schema: fields.take("output_schema").map(output_schema::check).transpose()?,
            review: fields.word("review", &[("none", Review::None), ("once", Review::Once)])?,
            max_subtasks: max_subtasks.and_then(|number| u32::try_from(number).ok()),
            max_concurrency: fields.whole("max_concurrency", 0..=u64::MAX)?,
            approval: fields.word("approval", &[("none", Approval::None), ("plan", Approval::Plan)])?,
            on_subtask_failure: fields.word(
                "on_subtask_failure",
                &[
                    ("continue", OnSubtaskFailure::Continue),
                    ("fail", OnSubtaskFailure::Fail),
                ],
            )?,
            token_budget: fields.whole("token_budget", 1..=TOKEN_BUDGET_MAX)?,
            deadline_seconds: fields.whole("deadline_seconds", 1..=DEADLINE_SECONDS_MAX)?,
            retention_seconds: fields.whole("retention_seconds", RETENTION_SECONDS)?,
            on_disconnect: fields.word("on_disconnect", &OnDisconnect::WORDS)?,
            instructions: fields
                .text("instructions")?
                .map(bounded)
                .transpose()?
                .filter(|text| !text.trim().is_empty()),
            big_model: fields.text("big_model")?,
            small_model: fields.text("small_model")?,
        })
    }

    /// With the defaults of this deployment. `max_subtasks` is 1 only where the client asked for it.
    pub(super) fn complete(self, config: &Config, plan: Option<&Plan>) -> Result<Options, Problem> {
        let max_concurrent_calls = config.max_concurrent_calls;
        let planned = plan.map_or(0, |plan| u32::try_from(plan.tasks().len()).unwrap_or(SUBTASKS_MAX));
        let max_concurrency = match self.max_concurrency {
            None => max_concurrent_calls,
            Some(asked) => u32::try_from(asked)
                .ok()
                .filter(|asked| (1..=max_concurrent_calls).contains(asked))
                .ok_or_else(|| {
                    wrong(
                        "options.max_concurrency",
                        &asked.into(),
                        &format!("a whole number from 1 to {max_concurrent_calls}"),
                    )
                })?,
        };
        Ok(Options {
            max_subtasks: self.max_subtasks.unwrap_or(MAX_SUBTASKS_DEFAULT).max(planned),
            max_concurrency,
            mode: self.mode.unwrap_or_default(),
            length: self.length.unwrap_or_default(),
            review: self.review.unwrap_or_default(),
            output_schema: self.output_schema,
            approval: self.approval.unwrap_or_default(),
            on_subtask_failure: self.on_subtask_failure.unwrap_or_default(),
            token_budget: self.token_budget.or(config.token_budget),
            deadline_seconds: self.deadline_seconds,
            instructions: self.instructions,
            on_disconnect: self.on_disconnect.unwrap_or_default(),
        })
    }
}

/// `"brief"`, `"normal"`, `"full"` or `{"max_words": N}`.
fn length(value: Value) -> Result<Length, Problem> {
    match value.as_str() {
        Some("brief") => return Ok(Length::Brief),
        Some("normal") => return Ok(Length::Normal),
        Some("full") => return Ok(Length::Full),
        _ => {}
    }
    let expected = "\"brief\", \"normal\", \"full\" or an object {\"max_words\": 300}";
    if !value.is_object() {
        return Err(wrong("options.length", &value, expected));
    }
    let words = Fields::of(value, "options.length", "options.length.", &["max_words"])?
        .whole("max_words", MAX_WORDS_MIN.into()..=MAX_WORDS_MAX.into())?
        .and_then(|words| u32::try_from(words).ok());
    words.map(Length::MaxWords).ok_or_else(|| {
        let detail = format!("options.length.max_words is missing: expected {MAX_WORDS_MIN} to {MAX_WORDS_MAX}");
        Problem::invalid(detail).with("field", "options.length.max_words")
    })
}

fn bounded(instructions: String) -> Result<String, Problem> {
    if instructions.len() <= INSTRUCTIONS_BYTES_MAX {
        return Ok(instructions);
    }
    let detail = format!(
        "options.instructions has {} bytes: expected at most {INSTRUCTIONS_BYTES_MAX}",
        instructions.len()
    );
    Err(Problem::invalid(detail).with("field", "options.instructions"))
}
