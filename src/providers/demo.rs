//! The `demo` provider: shows the machine without a network, and never pretends to answer.
//!
//! [`script`] decides everything about a call beforehand, as data: the pieces of text, the pause before each, and the
//! end. [`play`] sleeps and reports. The same request always gives the same script. The plan comes from the prompt's
//! own structure, and every text says that no language model was called. Trouble comes only where the prompt asks for
//! it by a marker (`markers`).
//!
//! Usage is None, so that the engine estimates it and marks it as an estimate.

mod editor;
mod markers;
mod planner;
mod play;
mod reviewer;
mod segments;
mod sentences;
mod structurer;
mod texts;
mod words;

use crate::errors::ErrorName;
use crate::model::{Answer, Brief, ErrorClass, Finish, ModelError, ModelReply, ModelRequest};
use markers::{Markers, Trouble};
pub use play::play;

/// The names that show in every attempt.
pub const DEMO_BIG: &str = "demo-big";
pub const DEMO_SMALL: &str = "demo-small";

/// What every text of the demo begins with.
pub const NOTICE: &str = "Demo: no language model was called.";

// The pace at speed 1. A demo plan is at most three subtasks deep: 1.0 + 4.0 + 2.2 + 2.2 + 1.5 s stay under 12 s.
const PLAN_MS: u64 = 1_000;
const SUBTASK_MS: (u64, u64) = (1_000, 4_000);
/// Subtasks that waited for others are quicker, so that chains stay within the bound.
const DEPENDENT_SUBTASK_MS: (u64, u64) = (1_000, 2_200);
const REDUCE_MS: u64 = 1_000;
const SYNTHESIS_MS: u64 = 1_500;
/// A text is streamed in pieces this far apart.
const PIECE_MS: u64 = 60;
/// How long a refused call takes to be refused.
const REFUSAL_MS: u64 = 150;
/// No pause is longer, whatever the speed factor.
const PAUSE_MS_MAX: f64 = 60_000.0;

/// A factor on every pause: 0 is instant, 1 the pace for people, 2 half as fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(f64);

impl Speed {
    pub const INSTANT: Speed = Speed(0.0);
    pub const NORMAL: Speed = Speed(1.0);

    /// A factor that is negative or not a number counts as 0; the configuration refuses it with words.
    pub fn new(factor: f64) -> Speed {
        Speed(if factor > 0.0 { factor } else { 0.0 })
    }

    fn scale(self, pause_ms: u64) -> u64 {
        // Rounded and bounded: a float to integer cast saturates anyway.
        (pause_ms as f64 * self.0).min(PAUSE_MS_MAX).round() as u64
    }
}

/// What will happen in one call.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    pub pieces: Vec<TimedText>,
    /// The pause after the last piece.
    pub end_after_ms: u64,
    pub end: End,
}

/// Text to report after a pause. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedText {
    pub after_ms: u64,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The reply's text is that of all pieces together.
    Reply(ModelReply),
    Error(ModelError),
    /// The call never ends: the time limits of the engine or the user end it.
    Hang,
}

impl Script {
    /// How long the call takes; None where it hangs.
    pub fn duration_ms(&self) -> Option<u64> {
        let pauses: u64 = self.pieces.iter().map(|piece| piece.after_ms).sum();
        (self.end != End::Hang).then_some(pauses + self.end_after_ms)
    }
}

pub fn script(request: &ModelRequest, speed: Speed) -> Script {
    let (prompt, step) = step_of(&request.brief);
    let markers = Markers::parse(prompt);
    let trouble = markers.trouble_for(&step, request.attempt);
    let full = full_text(request, &markers, trouble == Some(Trouble::Invalid));
    let duration_ms = duration_ms(&request.brief);
    match trouble {
        Some(Trouble::Hang) => Script {
            pieces: Vec::new(),
            end_after_ms: 0,
            end: End::Hang,
        },
        Some(Trouble::RateLimit { retry_after_ms }) => {
            let message = format!("the demo was asked for a rate limit of {step}");
            refused(error(ErrorName::RateLimited, message, Some(retry_after_ms)), speed)
        }
        // Breaks off in mid-answer, as failures of streams do.
        Some(Trouble::Fail) => {
            let message = format!("the demo was asked to fail {step} (attempt {})", request.attempt);
            let part = first_part(&full, 1, 4);
            let pieces = pieces(part, duration_ms / 4, speed);
            Script {
                pieces,
                end_after_ms: 0,
                end: End::Error(error(ErrorName::DemoFailure, message, None)),
            }
        }
        Some(Trouble::Invalid) | None => reply(rest_of(&request.brief, &full), Finish::Stop, duration_ms, speed),
        Some(Trouble::Truncate { parts }) => {
            let written = written_chars(&request.brief);
            let chars = full.chars().count();
            // The first cut that lies beyond what is written; after the last one the text is finished.
            let cut = (1..=parts)
                .map(|part| chars * part as usize / (parts as usize + 1))
                .find(|cut| *cut > written);
            match cut {
                Some(cut) => reply(char_range(&full, written, cut), Finish::Length, duration_ms, speed),
                None => reply(rest_of(&request.brief, &full), Finish::Stop, duration_ms, speed),
            }
        }
    }
}

/// The prompt, which may hold markers, and the step's name.
fn step_of(brief: &Brief) -> (&str, String) {
    match brief {
        Brief::Plan { prompt, .. } => (prompt, "plan".to_owned()),
        Brief::Subtask { prompt, id, .. } => (prompt, format!("subtask/{id}")),
        Brief::Reduce { prompt, number, .. } => (prompt, format!("reduce/{number}")),
        Brief::Edit { prompt, repair, .. } => (prompt, format!("edit/{}", 1 + u32::from(repair.is_some()))),
        Brief::Direct { prompt, .. } | Brief::Synthesis { prompt, .. } => (prompt, "synthesis".to_owned()),
        Brief::Review { prompt, .. } => (prompt, "review/1".to_owned()),
        Brief::Structure { prompt, .. } => (prompt, "structure".to_owned()),
    }
}

fn full_text(request: &ModelRequest, markers: &Markers, spoilt: bool) -> String {
    match &request.brief {
        Brief::Plan {
            terms,
            plan,
            max_subtasks,
            ..
        } => {
            let told = planner::Told {
                terms,
                plan,
                max_subtasks: *max_subtasks,
            };
            planner::reply(markers, &told, spoilt)
        }
        Brief::Subtask {
            id,
            title,
            task,
            inputs,
            terms,
            ..
        } => texts::subtask(request, terms, id, title, task, inputs),
        Brief::Reduce { answers, .. } => texts::reduction(answers),
        Brief::Direct { prompt, terms, .. } => texts::direct(prompt, terms),
        Brief::Edit {
            terms,
            parts,
            repair,
            report,
            ..
        } => editor::reply(markers, terms, parts, repair.is_some(), report),
        Brief::Synthesis { answers, report, .. } => texts::synthesis(answers, report),
        Brief::Review { answer, .. } => reviewer::reply(markers, answer, spoilt),
        Brief::Structure { schema, .. } => structurer::reply(schema, spoilt),
    }
}

fn duration_ms(brief: &Brief) -> u64 {
    match brief {
        Brief::Plan { .. } => PLAN_MS,
        Brief::Subtask { task, inputs, .. } => {
            let (shortest, longest) = if inputs.is_empty() {
                SUBTASK_MS
            } else {
                DEPENDENT_SUBTASK_MS
            };
            shortest + hash(task) % (longest - shortest + 1)
        }
        Brief::Reduce { .. } => REDUCE_MS,
        Brief::Direct { .. }
        | Brief::Edit { .. }
        | Brief::Synthesis { .. }
        | Brief::Review { .. }
        | Brief::Structure { .. } => SYNTHESIS_MS,
    }
}

/// FNV-1a: spread, not security.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// How much of the answer is there already, in characters.
fn written_chars(brief: &Brief) -> usize {
    match brief {
        Brief::Direct {
            continue_from: Some(written),
            ..
        }
        | Brief::Edit {
            continue_from: Some(written),
            ..
        }
        | Brief::Synthesis {
            continue_from: Some(written),
            ..
        } => written.chars().count(),
        _ => 0,
    }
}

fn rest_of<'a>(brief: &Brief, full: &'a str) -> &'a str {
    char_range(full, written_chars(brief), usize::MAX)
}

fn first_part(text: &str, numerator: usize, denominator: usize) -> &str {
    char_range(text, 0, text.chars().count() * numerator / denominator)
}

/// The characters `from..to` as far as there are any.
fn char_range(text: &str, from: usize, to: usize) -> &str {
    let at = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    text.get(at(from)..at(to)).unwrap_or_default()
}

fn reply(text: &str, finish: Finish, duration_ms: u64, speed: Speed) -> Script {
    let end = End::Reply(ModelReply {
        text: text.to_owned(),
        finish,
        usage: None,
        model: None,
        adapted: Vec::new(),
    });
    Script {
        pieces: pieces(text, duration_ms, speed),
        end_after_ms: 0,
        end,
    }
}

fn refused(error: ModelError, speed: Speed) -> Script {
    Script {
        pieces: Vec::new(),
        end_after_ms: speed.scale(REFUSAL_MS),
        end: End::Error(error),
    }
}

fn error(name: ErrorName, message: String, retry_after_ms: Option<u64>) -> ModelError {
    ModelError {
        retry_after_ms,
        ..ModelError::new(ErrorClass::Transient, name, message)
    }
}

/// The text in pieces of equal length, one every [`PIECE_MS`], the last one at `duration_ms`. Which pieces does not
/// depend on the speed.
fn pieces(text: &str, duration_ms: u64, speed: Speed) -> Vec<TimedText> {
    let count = (duration_ms / PIECE_MS).max(1);
    let chars_per_piece = text.chars().count().div_ceil(count as usize).max(1);
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .nth(chars_per_piece)
            .map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        pieces.push(TimedText {
            after_ms: 0,
            text: piece.to_owned(),
        });
        rest = after;
    }
    let count = pieces.len() as u64;
    for (index, piece) in pieces.iter_mut().enumerate() {
        let index = index as u64;
        piece.after_ms = speed.scale(duration_ms * (index + 1) / count - duration_ms * index / count);
    }
    pieces
}

/// The length of an answer, None where it is missing.
fn answer_chars(answer: &Answer) -> Option<usize> {
    match &answer.content {
        crate::model::AnswerContent::Text { text, .. } => Some(text.chars().count()),
        crate::model::AnswerContent::Missing { .. } => None,
    }
}

#[cfg(test)]
mod tests;
