//! `POST /`: from body to [`WorkflowSpec`].
//!
//! A [`Submission`] in hand is valid: its plan is a plan, its options are within their limits, its models are
//! configured. In the order of use: [`Submission::parse`], [`Submission::identify`], [`Submission::into_spec`].
//!
//! The body is JSON, or the prompt itself as `text/plain` or `text/markdown`. A `text/plain` body that is a JSON object
//! was not meant as a prompt: `fetch` labels a string so where its caller names no type. With a `prompt` it is read as
//! JSON, and any other is refused, because a misspelt field would else be paid for as a prompt.

pub(super) mod options;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use super::config::Config;
use super::contract::plan_edit;
use super::id::{Tenant, WorkflowId};
use super::idempotency::{Fingerprints, IdempotencyKey};
use super::json::{self, Fields, no_nul, refuse_nul, wrong};
use super::media::{BodyKind, unsupported};
use super::model_names::preferring;
use super::problem::{Problem, shown};
use crate::engine::can_ever_answer;
use crate::engine::words::history::{Conversation, within_bound};
use crate::engine::words::plan::{Plan, PlanDraft, PlanEdit, SUBTASKS_MAX};
use crate::engine::words::spec::{Exchange, Mode, Options, WorkflowSpec};
use crate::model::ModelSpec;
use options::Requested;

/// The most bytes of a body. The transport stops reading there and answers [`body_too_large`].
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of a prompt in UTF-8. A body may be larger because JSON escapes.
pub const PROMPT_BYTES_MAX: usize = 128 * 1024;
/// The most bytes of a spec as JSON, so that the event that journals it stays under 1 MiB.
pub const SPEC_BYTES_MAX: usize = 1024 * 1024 - 4096;

/// The most earlier turns that a client brings. So many fit a body only where they are short.
pub const HISTORY_TURNS_MAX: usize = 1_000;
pub const METADATA_PAIRS_MAX: usize = 16;
pub const METADATA_KEY_CHARS_MAX: usize = 64;
pub const METADATA_VALUE_CHARS_MAX: usize = 512;

pub(in crate::api) const FIELDS: [&str; 11] = [
    "prompt",
    "id",
    "follow_up_to",
    "history",
    "tasks",
    "shared",
    "borders",
    "criteria",
    "form",
    "metadata",
    "options",
];

/// What a client asked for, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    pub prompt: String,
    /// The client's choice of an id.
    pub id: Option<WorkflowId>,
    /// The workflow whose request and answer this one goes on with.
    pub follow_up_to: Option<WorkflowId>,
    /// The earlier turns of a conversation that the client brings itself, and how many of them are left out.
    pub history: (Vec<Exchange>, u32),
    pub tasks: Option<Plan>,
    pub metadata: BTreeMap<String, String>,
    pub options: Options,
    /// How long it is kept after its end, where that is not the deployment's.
    retention_seconds: Option<u64>,
    big_models: Vec<ModelSpec>,
    small_models: Vec<ModelSpec>,
    fingerprints: Fingerprints,
}

/// Under which id a workflow is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub id: WorkflowId,
    /// Only under an idempotency key. If the workflow exists and one of its fingerprints is the same, it is the same
    /// request, and the answer is the present STATUS. Others are [`Problem::idempotency_key_reused`]. Without a key an
    /// existing workflow is [`Problem::id_taken`].
    pub fingerprints: Option<Fingerprints>,
}

pub fn body_too_large() -> Problem {
    Problem::too_large("a body", BODY_BYTES_MAX)
}

impl Submission {
    pub fn parse(content_type: Option<&str>, body: &[u8], config: &Config) -> Result<Submission, Problem> {
        // The cheap checks come first: the size, the media type, UTF-8, then the fields.
        if body.len() > BODY_BYTES_MAX {
            return Err(body_too_large());
        }
        let kind = BodyKind::of(content_type)?;
        let text = json::utf8(body)?;
        let (read_as, value) = read(kind, text)?;
        let fingerprints = Fingerprints::of(read_as, body, &value);
        Submission::from_json(value, fingerprints, config)
    }

    /// Decides the id: the client's, the key's, or `new_id`, a UUIDv7 of the caller's.
    pub fn identify(
        &self,
        tenant: &Tenant,
        idempotency_key: Option<&str>,
        new_id: impl FnOnce() -> uuid::Uuid,
    ) -> Result<Identity, Problem> {
        match (&self.id, idempotency_key) {
            (Some(_), Some(_)) => Err(Problem::invalid(
                "the request has both an id and the header Idempotency-Key: each decides the workflow's id, send one",
            )),
            (Some(id), None) => Ok(Identity {
                id: id.clone(),
                fingerprints: None,
            }),
            (None, Some(key)) => {
                let id = IdempotencyKey::parse(key)?.workflow_id(tenant);
                Ok(Identity {
                    id,
                    fingerprints: Some(self.fingerprints.clone()),
                })
            }
            (None, None) => Ok(Identity {
                id: WorkflowId::from_uuid(new_id()),
                fingerprints: None,
            }),
        }
    }

    /// `nonce`: random, never used before. `conversation` is what the workflow gave that is followed up.
    pub fn into_spec(
        self,
        config: &Config,
        tenant: &Tenant,
        identity: Identity,
        conversation: Option<Conversation>,
        nonce: String,
    ) -> Result<WorkflowSpec, Problem> {
        let Fingerprints { bytes, meaning } = identity.fingerprints.unwrap_or_default();
        let (parent, (history, left_out)) = match conversation {
            Some(Conversation { parent, history }) => (Some(parent), (history, 0)),
            None => (None, self.history),
        };
        let mut policy = config.policy.clone();
        if let Some(seconds) = self.retention_seconds {
            policy.retention_ms = seconds * 1_000;
        }
        let spec = WorkflowSpec {
            id: identity.id.as_str().to_owned(),
            tenant: tenant.as_str().to_owned(),
            nonce,
            prompt: self.prompt,
            tasks: self.tasks,
            metadata: self.metadata,
            parent,
            history,
            left_out,
            options: self.options,
            policy,
            provider: config.provider,
            big_models: self.big_models,
            small_models: self.small_models,
            fingerprint: Some(bytes).filter(|hash| !hash.is_empty()),
            meaning: Some(meaning).filter(|hash| !hash.is_empty()),
        };
        // Only the whole tells, because each part may be within its own limit.
        if crate::json::text(&spec).len() > SPEC_BYTES_MAX {
            return Err(Problem::too_large(
                "prompt, tasks, instructions, metadata and the conversation so far, encoded as JSON,",
                SPEC_BYTES_MAX,
            ));
        }
        // What no model can answer is said before anything is paid for.
        can_ever_answer(&spec).map_err(|error| Problem::context_too_small(&error))?;
        Ok(spec)
    }

    fn from_json(value: Value, fingerprints: Fingerprints, config: &Config) -> Result<Submission, Problem> {
        // An unknown field comes first, because it is often the misspelling of one that is then missing.
        let mut fields = Fields::of(value, "", "", &FIELDS)?;
        let prompt = fields
            .text("prompt")?
            .ok_or_else(|| Problem::invalid("prompt is missing: expected a string").with("field", "prompt"))?;
        let id = fields.text("id")?.map(|id| client_id(&id)).transpose()?;
        let follow_up_to = fields.text("follow_up_to")?.map(|id| parent_id(&id)).transpose()?;
        let history = fields.take("history").map(history).transpose()?.unwrap_or_default();
        if follow_up_to.is_some() && !history.is_empty() {
            let detail = "the request has both follow_up_to and history: each is the conversation so far, send one";
            return Err(Problem::invalid(detail).with("field", "history"));
        }
        let metadata = fields.take("metadata").map(metadata).transpose()?.unwrap_or_default();
        let options = fields
            .take("options")
            .map(Requested::parse)
            .transpose()?
            .unwrap_or_default();
        let plan = own_plan(plan_edit(&mut fields)?, &options)?;
        let submission = Submission::assemble(prompt, id, plan, metadata, options, fingerprints, config)?;
        Ok(Submission {
            follow_up_to,
            history: within_bound(history),
            ..submission
        })
    }

    fn assemble(
        prompt: String,
        id: Option<WorkflowId>,
        tasks: Option<Plan>,
        metadata: BTreeMap<String, String>,
        options: Requested,
        fingerprints: Fingerprints,
        config: &Config,
    ) -> Result<Submission, Problem> {
        if prompt.trim().is_empty() {
            return Err(Problem::invalid("prompt is empty: expected a text").with("field", "prompt"));
        }
        if prompt.len() > PROMPT_BYTES_MAX {
            return Err(Problem::too_large("a prompt", PROMPT_BYTES_MAX));
        }
        let prompt = no_nul("prompt", prompt)?;
        let big_models = preferring(
            &config.big_models,
            &config.small_models,
            options.big_model.as_deref(),
            "options.big_model",
            config.provider,
        )?;
        let small_models = preferring(
            &config.small_models,
            &[],
            options.small_model.as_deref(),
            "options.small_model",
            config.provider,
        )?;
        let retention_seconds = options.retention_seconds;
        let mut options = options.complete(config, tasks.as_ref())?;
        options.max_concurrency = options.max_concurrency.min(config.concurrency());
        Ok(Submission {
            prompt,
            id,
            follow_up_to: None,
            history: Default::default(),
            tasks,
            metadata,
            options,
            retention_seconds,
            big_models,
            small_models,
            fingerprints,
        })
    }
}

/// The client's own plan, if it brought one. What belongs to a plan is refused without one, because nothing would come
/// of it.
fn own_plan(own: PlanEdit, options: &Requested) -> Result<Option<Plan>, Problem> {
    let Some(tasks) = own.tasks else {
        let lonely = [
            ("shared", own.shared.is_some()),
            ("borders", own.borders.is_some()),
            ("criteria", own.criteria.is_some()),
            ("form", own.form.is_some()),
        ];
        return match lonely.into_iter().find(|(_, is_there)| *is_there) {
            Some((field, _)) => {
                let detail = format!("{field} is there and tasks is not: it belongs to a plan of your own");
                Err(Problem::invalid(detail).with("field", field))
            }
            None => Ok(None),
        };
    };
    if options.mode == Some(Mode::Direct) {
        let detail = "options.mode is \"direct\", which has no subtasks: leave out tasks, or the mode";
        return Err(Problem::invalid(detail).with("field", "options.mode"));
    }
    // A client that counted its own tasks needs no second limit, unless it names one.
    let limit = options.max_subtasks.unwrap_or(SUBTASKS_MAX);
    let draft = PlanDraft {
        form: own.form.unwrap_or_default(),
        shared: own.shared.unwrap_or_default(),
        borders: own.borders.unwrap_or_default(),
        criteria: own.criteria.unwrap_or_default(),
        tasks,
        ..PlanDraft::default()
    };
    Ok(Some(Plan::from_draft(draft, limit)?.without_twins()?))
}

/// A body as JSON, and what it was read as. A text is the object that has it as its `prompt`.
fn read(kind: BodyKind, text: &str) -> Result<(&'static str, Value), Problem> {
    let json = || json::parse(text).map(|value| ("json", value));
    let looks_like_an_object = || text.trim_start().starts_with('{');
    match kind {
        BodyKind::Json => json(),
        BodyKind::Plain if json::is_object(text) => json().and_then(|(read_as, value)| match value.get("prompt") {
            Some(_) => Ok((read_as, value)),
            None => Err(Problem::invalid(
                "the body is labelled text/plain and is a JSON object without a prompt: send it as \
                     application/json, or as text/markdown if it is the prompt itself",
            )),
        }),
        BodyKind::Plain | BodyKind::Markdown => Ok(("text", serde_json::json!({"prompt": text}))),
        BodyKind::Unlabelled if looks_like_an_object() || text.trim().is_empty() => json(),
        BodyKind::Unlabelled => Err(unsupported(
            "a body that is no JSON object, without a media type or with that of a form,",
        )),
    }
}

/// An id that was given out before, of any released version.
fn parent_id(id: &str) -> Result<WorkflowId, Problem> {
    WorkflowId::parse(id).map_err(|error| {
        Problem::invalid(format!("follow_up_to is {}: {error}", shown(id))).with("field", "follow_up_to")
    })
}

fn client_id(id: &str) -> Result<WorkflowId, Problem> {
    WorkflowId::parse_new(id)
        .map_err(|error| Problem::invalid(format!("id is {}: {error}", shown(id))).with("field", "id"))
}

/// Oldest first.
fn history(value: Value) -> Result<Vec<Exchange>, Problem> {
    let Value::Array(turns) = value else {
        return Err(wrong("history", &value, "an array of objects {request, answer}"));
    };
    if turns.len() > HISTORY_TURNS_MAX {
        let detail = format!(
            "history has {} turns: expected at most {HISTORY_TURNS_MAX}",
            turns.len()
        );
        return Err(Problem::invalid(detail).with("field", "history"));
    }
    turns.into_iter().enumerate().map(turn).collect()
}

fn turn((index, value): (usize, Value)) -> Result<Exchange, Problem> {
    let mut fields = Fields::of(value, "a turn of history", "history[].", &["request", "answer"])?;
    let mut text = |name: &str| {
        fields.text(name)?.ok_or_else(|| {
            let field = format!("history[{index}].{name}");
            Problem::invalid(format!("{field} is missing: expected a string")).with("field", field)
        })
    };
    Ok(Exchange {
        request: text("request")?,
        answer: text("answer")?,
        cut: false,
    })
}

fn metadata(value: Value) -> Result<BTreeMap<String, String>, Problem> {
    let Value::Object(map) = value else {
        return Err(wrong("metadata", &value, "an object of strings"));
    };
    if map.len() > METADATA_PAIRS_MAX {
        return Err(Problem::invalid(format!(
            "metadata has {} pairs: expected at most {METADATA_PAIRS_MAX}",
            map.len()
        ))
        .with("field", "metadata"));
    }
    let mut metadata = BTreeMap::new();
    for (key, value) in map {
        let value = metadata_value(&key, value)?;
        metadata.insert(key, value);
    }
    Ok(metadata)
}

fn metadata_value(key: &str, value: Value) -> Result<String, Problem> {
    if !(1..=METADATA_KEY_CHARS_MAX).contains(&key.chars().count()) {
        let detail = format!(
            "metadata has the key {}: expected 1 to {METADATA_KEY_CHARS_MAX} characters",
            shown(key)
        );
        return Err(Problem::invalid(detail).with("field", "metadata"));
    }
    refuse_nul("metadata", key)?;
    let field = format!("metadata[{}]", shown(key));
    let Value::String(text) = value else {
        return Err(wrong(&field, &value, "a string"));
    };
    if text.chars().count() > METADATA_VALUE_CHARS_MAX {
        let detail = format!(
            "{field} has {} characters: expected at most {METADATA_VALUE_CHARS_MAX}",
            text.chars().count()
        );
        return Err(Problem::invalid(detail).with("field", field));
    }
    no_nul(&field, text)
}
