//! What a workflow tells the index of its tenant, and when. Pure.
//!
//! A notice says how the workflow stands, so that the newest is as good as all before it. It is sent after the fact: at
//! its beginning, its plan, where it waits or goes on, at its end, and once after each load, because a load means that
//! nobody knows what was told. So nothing is stored beside the journal for it: the alarm makes sure of the load. A
//! deletion leaves a tombstone, a notice without an entry, which stays until the index knows of it.
//!
//! The index gets what it needs to find the workflow again as [`label`]s, which tell nothing of the text that they were
//! made from. What an entry consists of is decided here; the index stores it as it comes.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::engine::words::outcome::Status;
use crate::engine::words::time::Timestamp;
use crate::engine::{Event, Workflow};
use crate::json;
use crate::text::lower;

/// How long a workflow collects what it has to tell.
pub const COLLECT_MS: u64 = 100;
/// The longest time between two attempts to tell.
const PAUSE_MS_MAX: u64 = 600_000;
/// Hex digits of a label: 96 bits.
const LABEL_DIGITS: usize = 24;

/// How a life of an id stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub tenant: String,
    pub id: String,
    /// The nonce of the life.
    pub life: String,
    /// When it came to stand so.
    pub at: Timestamp,
    /// None: it is gone, and nothing of prompts and answers is left.
    pub entry: Option<Entry>,
}

/// What the index keeps of a life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The last event that it knows of.
    pub seq: u64,
    pub created: Timestamp,
    /// By which it is found, with a space between them: its id first, then its parent and its metadata, its status
    /// last.
    pub labels: String,
    /// The prompt's excerpt as it is searched, the id, and what a list shows as JSON, [`SEPARATOR`]s between them.
    pub text: String,
}

/// No text of an entry has control characters.
pub const SEPARATOR: char = '\u{1f}';

impl Notice {
    /// `seq`: of the workflow's last event.
    pub fn of(workflow: &Workflow, seq: u64) -> Notice {
        let summary = workflow.summary();
        let mut labels = label(ID, &[summary.id]);
        let mut add = |label: &str| {
            labels.push(' ');
            labels.push_str(label);
        };
        if let Some(parent) = &workflow.spec().parent {
            add(&parent_label(&parent.nonce));
        }
        for (name, value) in summary.metadata {
            add(&label(METADATA, &[name, value]));
        }
        add(&status_label(summary.status));
        let (words, shown) = (searched(summary.prompt), json::text(&summary));
        Notice {
            entry: Some(Entry {
                seq,
                created: summary.queued,
                labels,
                text: format!("{words}{SEPARATOR}{}{SEPARATOR}{shown}", summary.id),
            }),
            ..Notice::gone(workflow, summary.updated)
        }
    }

    /// The life is over.
    pub fn gone(workflow: &Workflow, at: Timestamp) -> Notice {
        let spec = workflow.spec();
        Notice {
            tenant: spec.tenant.clone(),
            id: spec.id.clone(),
            life: spec.nonce.clone(),
            at,
            entry: None,
        }
    }
}

pub const ID: char = 'i';
/// The lists of follow-ups rely on this letter.
pub const PARENT: char = 'p';
pub const METADATA: char = 'm';
pub const STATUS: char = 's';

/// A status is no secret, and stays readable.
pub fn status_label(status: Status) -> String {
    format!("{STATUS}{}", status.as_str())
}

/// That a workflow follows up this life of another: a later one of the same id is not what it goes on with.
pub fn parent_label(life: &str) -> String {
    format!("{PARENT}{life}")
}

/// Stands for texts in the index: always the same for the same, and nothing of them can be read from it. The kind comes
/// first.
pub fn label(kind: char, texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let digits = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    format!("{kind}{}", digits.get(..LABEL_DIGITS).unwrap_or(&digits))
}

/// A text as the index compares it: in lower case, without control characters.
pub fn searched(text: &str) -> String {
    let is_space = |letter: char| letter.is_whitespace() || letter.is_control();
    let words = lower(text);
    let words = words.split(is_space).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Whether the index hears of an event. Not of every attempt: one index has all workflows of a tenant.
pub fn is_told(event: &Event) -> bool {
    match event {
        Event::WorkflowQueued { .. }
        | Event::WorkflowStarted {}
        | Event::WorkflowWaiting {}
        | Event::WorkflowWaitingForPause { .. }
        | Event::WorkflowPaused { .. }
        | Event::WorkflowResumed {}
        | Event::WorkflowCompleted { .. }
        | Event::WorkflowErrored { .. }
        | Event::WorkflowTerminated { .. }
        | Event::WorkflowRestarted { .. }
        | Event::PlanAccepted { .. }
        | Event::PlanApproved { .. } => true,
        Event::ReductionPlanned { .. }
        | Event::AnswerAssembled { .. }
        | Event::AnswerReviewed { .. }
        | Event::AttemptStarted { .. }
        | Event::AttemptCompleted { .. }
        | Event::AttemptErrored { .. }
        | Event::AttemptLost { .. }
        | Event::StepErrored { .. }
        | Event::StepSkipped { .. } => false,
    }
}

/// When the next attempt to tell is due, while the index can't be reached: after as long as it has not been told
/// already, so that the pauses double although nobody counts them.
pub fn next_attempt(untold_since: Timestamp, now: Timestamp, pause_ms_min: u64) -> Timestamp {
    let pause = now
        .ms_since(untold_since)
        .clamp(pause_ms_min, PAUSE_MS_MAX.max(pause_ms_min));
    now.plus_ms(pause)
}
