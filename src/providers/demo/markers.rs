//! Demo markers: trouble on request, and what else a prompt may ask the demo for. `[demo: fail t2 2x]` and its kin may
//! stand anywhere in the prompt.
//!
//! | marker | effect |
//! | --- | --- |
//! | `[demo: fail STEP 2x]` | the first two attempts fail in mid-answer with a transient error |
//! | `[demo: hang STEP 1x]` | the first attempt never answers |
//! | `[demo: rate-limit STEP 3s]` | the first attempt is refused with 429 and Retry-After 3 s |
//! | `[demo: truncate STEP 1x]` | the answer stops at the token limit; a synthesis is cut so often, then finished |
//! | `[demo: invalid-plan 1x]` | the first plan is refused by the checks |
//! | `[demo: direct]` | the planner chooses that one call answers the request |
//! | `[demo: failing-edit 2x]` | the editor's edit does not apply, nor does its repair (which does without `2x`) |
//! | `[demo: no-marks]` | the editor answers without marks, as a model that can't follow them does |
//! | `[demo: failing-review]` | the reviewer's edit does not apply |
//! | `[demo: invalid-review 1x]` | the first reply of the reviewer is a remark, which nobody can use |
//! | `[demo: invalid-output 1x]` | the first reply that should be JSON is prose |
//!
//! STEP is `plan`, `synthesis`, `reduce/1`, `edit`, `review`, `structure`, `subtask/t2` or just the subtask's id. A
//! marker for the synthesis is for the editor's call too, because that call writes the answer where the parts are put
//! together. Without `Nx` every attempt is meant (one for `rate-limit`, one cut for a synthesis). Any other marker
//! changes nothing and is named in the plan's analysis.

/// A longer one is text. Bounds the search for the closing bracket, which keeps parsing linear.
const MARKER_BYTES_MAX: usize = 120;
/// Further ones are text.
const MARKERS_MAX: usize = 32;
const TIMES_MAX: u32 = 99;
const RETRY_AFTER_MS_DEFAULT: u64 = 1_000;
const RETRY_AFTER_MS_MAX: u64 = 600_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Fail,
    Hang,
    RateLimit {
        retry_after_ms: u64,
    },
    /// `parts`: how many cuts before the text is finished.
    Truncate {
        parts: u32,
    },
    /// The reply is none that the step can use.
    Invalid,
}

/// A demo marker that means something.
#[derive(Debug)]
enum Meaning {
    Trouble(Marker),
    Direct,
    FailingEdit { calls: u32 },
    NoMarks,
    FailingReview,
}

/// Trouble for a step.
#[derive(Debug)]
struct Marker {
    trouble: Trouble,
    /// A step's name.
    step: String,
    /// The attempts it applies to are those up to this number.
    attempts_max: u32,
    source: String,
}

/// A prompt taken apart.
#[derive(Debug)]
pub(super) struct Markers {
    /// The prompt without any marker.
    pub text: String,
    /// Markers that mean nothing, as they were written.
    pub unknown: Vec<String>,
    /// The planner chooses the mode `direct`.
    pub direct: bool,
    /// So many of the editor's calls write an edit that does not apply.
    pub failing_edits: u32,
    /// The editor answers without marks.
    pub no_marks: bool,
    /// The reviewer's edit does not apply.
    pub failing_review: bool,
    known: Vec<Marker>,
}

impl Markers {
    pub fn parse(prompt: &str) -> Markers {
        let mut markers = Markers {
            text: String::with_capacity(prompt.len()),
            unknown: Vec::new(),
            direct: false,
            failing_edits: 0,
            no_marks: false,
            failing_review: false,
            known: Vec::new(),
        };
        let mut count = 0;
        let mut rest = prompt;
        while let Some(open) = rest.find('[') {
            let (before, from_open) = rest.split_at(open);
            markers.text.push_str(before);
            if let Some(source) = marker_at(from_open).filter(|_| count < MARKERS_MAX) {
                count += 1;
                markers.take(source);
                rest = from_open.get(source.len()..).unwrap_or_default();
            } else {
                markers.text.push('[');
                rest = from_open.get(1..).unwrap_or_default();
            }
        }
        markers.text.push_str(rest);
        markers
    }

    fn take(&mut self, source: &str) {
        match meaning(source) {
            Some(Meaning::Trouble(marker)) => self.known.push(marker),
            Some(Meaning::Direct) => self.direct = true,
            Some(Meaning::FailingEdit { calls }) => self.failing_edits = self.failing_edits.max(calls),
            Some(Meaning::NoMarks) => self.no_marks = true,
            Some(Meaning::FailingReview) => self.failing_review = true,
            None => self.unknown.push(source.to_owned()),
        }
    }

    /// What the step's attempt is to suffer. A cut applies only where nothing worse does.
    pub fn trouble_for(&self, step: &str, attempt: u32) -> Option<Trouble> {
        let is_meant =
            |marker: &&Marker| marker.step.eq_ignore_ascii_case(step) || marker.step == "synthesis" && step == "edit/1";
        let mut active = self
            .known
            .iter()
            .filter(is_meant)
            .filter(|marker| attempt <= marker.attempts_max);
        let (mut worst, mut cut) = (None, None);
        for marker in &mut active {
            let slot = if matches!(marker.trouble, Trouble::Truncate { .. }) {
                &mut cut
            } else {
                &mut worst
            };
            slot.get_or_insert(marker.trouble);
        }
        worst.or(cut)
    }

    /// Markers for subtasks that the plan does not have.
    pub fn pointless<'a>(&'a self, has_subtask: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = &'a str> + 'a {
        let misses = move |marker: &&Marker| marker.step.strip_prefix("subtask/").is_some_and(|id| !has_subtask(id));
        self.known.iter().filter(misses).map(|marker| marker.source.as_str())
    }
}

/// `[demo: ...]` at the beginning of `text`, on one line, brackets included.
fn marker_at(text: &str) -> Option<&str> {
    if !text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("[demo:")) {
        return None;
    }
    let end = text
        .bytes()
        .take(MARKER_BYTES_MAX)
        .take_while(|byte| *byte != b'\n')
        .position(|byte| byte == b']')?;
    text.get(..=end)
}

fn meaning(source: &str) -> Option<Meaning> {
    let inner = source.get(6..source.len().checked_sub(1)?)?.to_ascii_lowercase();
    let mut words = inner.split_whitespace().map(|word| word.trim_end_matches(','));
    let verb = words.next()?;
    let step = match verb {
        "direct" | "no-marks" | "failing-review" => {
            let wish = match verb {
                "direct" => Meaning::Direct,
                "no-marks" => Meaning::NoMarks,
                _ => Meaning::FailingReview,
            };
            return words.next().is_none().then_some(wish);
        }
        "invalid-plan" => "plan".to_owned(),
        "invalid-review" => "review/1".to_owned(),
        "invalid-output" => "structure".to_owned(),
        "failing-edit" => "edit/1".to_owned(),
        _ => step_name(words.next()?),
    };
    let (mut times, mut pause_ms) = (None, None);
    for word in words {
        if let Some(number) = word.strip_suffix("ms").and_then(number) {
            pause_ms = Some(number);
        } else if let Some(number) = word.strip_suffix('s').and_then(number) {
            pause_ms = Some(number.saturating_mul(1_000));
        } else if let Some(number) = word.strip_suffix('x').and_then(number) {
            times = u32::try_from(number).ok().map(|times| times.min(TIMES_MAX));
        } else {
            return None;
        }
    }
    if pause_ms.is_some() && verb != "rate-limit" {
        return None;
    }
    let every_attempt = u32::MAX;
    let (trouble, attempts_max) = match verb {
        "fail" => (Trouble::Fail, times.unwrap_or(every_attempt)),
        "hang" => (Trouble::Hang, times.unwrap_or(every_attempt)),
        "invalid-plan" | "invalid-review" | "invalid-output" => (Trouble::Invalid, times.unwrap_or(every_attempt)),
        "failing-edit" => {
            return Some(Meaning::FailingEdit {
                calls: times.unwrap_or(1),
            });
        }
        "rate-limit" => {
            let retry_after_ms = pause_ms.unwrap_or(RETRY_AFTER_MS_DEFAULT).min(RETRY_AFTER_MS_MAX);
            (Trouble::RateLimit { retry_after_ms }, times.unwrap_or(1))
        }
        // The parts of an answer are told apart by what is written already, whatever the number of the attempt.
        "truncate" if matches!(step.as_str(), "synthesis" | "edit/1") => (
            Trouble::Truncate {
                parts: times.unwrap_or(1),
            },
            every_attempt,
        ),
        "truncate" => (Trouble::Truncate { parts: 1 }, times.unwrap_or(every_attempt)),
        _ => return None,
    };
    Some(Meaning::Trouble(Marker {
        trouble,
        step,
        attempts_max,
        source: source.to_owned(),
    }))
}

fn number(digits: &str) -> Option<u64> {
    digits.parse().ok()
}

/// Anything that is not a step's name is the id of a subtask.
fn step_name(word: &str) -> String {
    let of_many = ["subtask/", "reduce/", "edit/", "review/"];
    match word {
        "edit" | "review" => format!("{word}/1"),
        "plan" | "synthesis" | "structure" => word.to_owned(),
        _ if of_many.iter().any(|kind| word.starts_with(kind)) => word.to_owned(),
        _ => format!("subtask/{word}"),
    }
}

#[cfg(test)]
mod tests;
