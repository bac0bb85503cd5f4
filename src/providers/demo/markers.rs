//! Demo markers: trouble on request. `[demo: fail t2 2x]` and its kin may stand anywhere in the prompt.
//!
//! | marker | effect |
//! | --- | --- |
//! | `[demo: fail STEP 2x]` | the first two attempts fail in mid-answer with a transient error |
//! | `[demo: hang STEP 1x]` | the first attempt never answers |
//! | `[demo: rate-limit STEP 3s]` | the first attempt is refused with 429 and Retry-After 3 s |
//! | `[demo: truncate STEP 1x]` | the answer stops at the token limit; a synthesis is cut so often, then finished |
//! | `[demo: invalid-plan 1x]` | the first plan is refused by the checks |
//!
//! STEP is `plan`, `synthesis`, `reduce/1`, `subtask/t2` or just the subtask's id. Without `Nx` every attempt is meant
//! (one for `rate-limit`, one cut for a synthesis). Any other marker changes nothing and is named in the plan's
//! analysis.

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
    InvalidPlan,
}

/// A demo marker that means something.
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
    known: Vec<Marker>,
}

impl Markers {
    pub fn parse(prompt: &str) -> Markers {
        let mut markers = Markers {
            text: String::with_capacity(prompt.len()),
            unknown: Vec::new(),
            known: Vec::new(),
        };
        let mut rest = prompt;
        while let Some(open) = rest.find('[') {
            let (before, from_open) = rest.split_at(open);
            markers.text.push_str(before);
            let full = markers.known.len() + markers.unknown.len() >= MARKERS_MAX;
            if let Some(source) = marker_at(from_open).filter(|_| !full) {
                match meaning(source) {
                    Some(marker) => markers.known.push(marker),
                    None => markers.unknown.push(source.to_owned()),
                }
                rest = from_open.get(source.len()..).unwrap_or_default();
            } else {
                markers.text.push('[');
                rest = from_open.get(1..).unwrap_or_default();
            }
        }
        markers.text.push_str(rest);
        markers
    }

    /// What the step's attempt is to suffer. A cut applies only where nothing worse does.
    pub fn trouble_for(&self, step: &str, attempt: u32) -> Option<Trouble> {
        let mut active = self
            .known
            .iter()
            .filter(|marker| marker.step.eq_ignore_ascii_case(step) && attempt <= marker.attempts_max);
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

fn meaning(source: &str) -> Option<Marker> {
    let inner = source.get(6..source.len().checked_sub(1)?)?.to_ascii_lowercase();
    let mut words = inner.split_whitespace().map(|word| word.trim_end_matches(','));
    let verb = words.next()?;
    let step = if verb == "invalid-plan" {
        "plan".to_owned()
    } else {
        step_name(words.next()?)
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
        "invalid-plan" => (Trouble::InvalidPlan, times.unwrap_or(every_attempt)),
        "rate-limit" => {
            let retry_after_ms = pause_ms.unwrap_or(RETRY_AFTER_MS_DEFAULT).min(RETRY_AFTER_MS_MAX);
            (Trouble::RateLimit { retry_after_ms }, times.unwrap_or(1))
        }
        // The parts of a synthesis are told apart by what is written already, whatever the number of the attempt.
        "truncate" if step == "synthesis" => (
            Trouble::Truncate {
                parts: times.unwrap_or(1),
            },
            every_attempt,
        ),
        "truncate" => (Trouble::Truncate { parts: 1 }, times.unwrap_or(every_attempt)),
        _ => return None,
    };
    Some(Marker {
        trouble,
        step,
        attempts_max,
        source: source.to_owned(),
    })
}

fn number(digits: &str) -> Option<u64> {
    digits.parse().ok()
}

/// Anything that is not a step's name is the id of a subtask.
fn step_name(word: &str) -> String {
    if matches!(word, "plan" | "synthesis") || word.starts_with("subtask/") || word.starts_with("reduce/") {
        word.to_owned()
    } else {
        format!("subtask/{word}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(marker: &str, step: &str, attempt: u32) -> Option<Trouble> {
        Markers::parse(marker).trouble_for(step, attempt)
    }

    #[test]
    fn a_marker_names_a_step_and_the_attempts_it_spoils() {
        assert_eq!(trouble("[demo: fail t2 2x]", "subtask/t2", 2), Some(Trouble::Fail));
        assert_eq!(trouble("[demo: fail t2 2x]", "subtask/t2", 3), None);
        assert_eq!(trouble("[demo: fail t2 2x]", "subtask/t1", 1), None);
        assert_eq!(trouble("[demo: fail t2]", "subtask/t2", 99), Some(Trouble::Fail));
        assert_eq!(trouble("[demo: fail subtask/t2]", "subtask/t2", 1), Some(Trouble::Fail));
        assert_eq!(trouble("[demo: hang t3]", "subtask/t3", 7), Some(Trouble::Hang));
        assert_eq!(trouble("[demo: hang t3 1x]", "subtask/t3", 2), None);
        assert_eq!(
            trouble("[demo: invalid-plan 1x]", "plan", 1),
            Some(Trouble::InvalidPlan)
        );
        assert_eq!(trouble("[demo: invalid-plan 1x]", "plan", 2), None);
        assert_eq!(
            trouble("[demo: rate-limit t1 3s]", "subtask/t1", 1),
            Some(Trouble::RateLimit { retry_after_ms: 3_000 })
        );
        assert_eq!(trouble("[demo: rate-limit t1 3s]", "subtask/t1", 2), None);
        assert_eq!(
            trouble("[demo: rate-limit t1 250ms 2x]", "subtask/t1", 2),
            Some(Trouble::RateLimit { retry_after_ms: 250 })
        );
        assert_eq!(
            trouble("[demo: truncate synthesis]", "synthesis", 9),
            Some(Trouble::Truncate { parts: 1 })
        );
        assert_eq!(trouble("[demo: truncate t1 1x]", "subtask/t1", 2), None);
        assert_eq!(trouble("[demo: fail reduce/1 1x]", "reduce/1", 1), Some(Trouble::Fail));
        assert_eq!(trouble("[demo: fail plan]", "plan", 1), Some(Trouble::Fail));
        assert_eq!(trouble("[DEMO:FAIL  T2]", "subtask/t2", 1), Some(Trouble::Fail));
        assert_eq!(trouble("[demo: fail Intro]", "subtask/Intro", 1), Some(Trouble::Fail));
    }

    #[test]
    fn a_failure_comes_before_a_cut() {
        let markers = Markers::parse("[demo: truncate synthesis] [demo: fail synthesis 1x]");
        assert_eq!(markers.trouble_for("synthesis", 1), Some(Trouble::Fail));
        assert_eq!(
            markers.trouble_for("synthesis", 2),
            Some(Trouble::Truncate { parts: 1 })
        );
    }

    #[test]
    fn markers_leave_the_text_and_unknown_ones_are_kept_apart() {
        let markers = Markers::parse(
            "Plan [x] a trip. [demo: fail t2]\n[demo: explode t1] [demo: fail t1 twice] [demo:] \
            [demo: hang t1 3s][Demo: hang t9]Go",
        );
        assert_eq!(markers.text, "Plan [x] a trip. \n   Go");
        assert_eq!(
            markers.unknown,
            [
                "[demo: explode t1]",
                "[demo: fail t1 twice]",
                "[demo:]",
                "[demo: hang t1 3s]"
            ]
        );
        assert_eq!(
            markers.pointless(|id| id == "t2").collect::<Vec<_>>(),
            ["[Demo: hang t9]"]
        );
    }

    #[test]
    fn what_is_not_closed_on_its_line_or_too_long_is_text() {
        for text in [
            "[demo: fail t2",
            "[demo: fail\nt2]",
            "[demo",
            "[",
            "[demos: fail t2]",
            "[demo é: x]",
        ] {
            let markers = Markers::parse(text);
            assert_eq!(
                (markers.text.as_str(), markers.known.len(), markers.unknown.len()),
                (text, 0, 0)
            );
        }
        let long = format!("[demo: fail {}]", "é".repeat(100));
        assert_eq!(Markers::parse(&long).text, long);
    }

    #[test]
    fn hostile_prompts_cost_linear_time_and_bounded_memory() {
        for text in [
            "[".repeat(200_000),
            "[demo:".repeat(40_000),
            "[demo: x]".repeat(40_000),
            "[demo: fail t1 99999999999999999999x]".into(),
        ] {
            let markers = Markers::parse(&text);
            assert!(markers.known.len() + markers.unknown.len() <= MARKERS_MAX);
        }
    }
}
