//! The mode of a plan, as its beginning says it: whether the big model answers the request by itself.
//!
//! The planner is asked for it first, so a reply that chooses `direct` can be dropped as soon as it has said so. What
//! is recognised here in a reply that still streams is what the reader takes for `direct` when the reply stops there.

use serde_json::Value;

use super::PlanMode;
use super::lenient::{self, begins_like_json};
use super::reply::without_reasoning;
use crate::text::lower;

pub(super) const MODE: &str = "mode";
const DIRECT: [&str; 3] = ["direct", "single", "solo"];
const SPLIT: [&str; 4] = ["split", "team", "parallel", "subtasks"];

/// A reply that has chosen to have the request answered directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectSoFar {
    /// The object has ended, with its reason.
    pub is_closed: bool,
}

/// Whether the beginning of a reply chooses `direct`: its first JSON is an object, on a line of its own or behind a
/// fence, whose first member says so. Prose, fences and reasoning that has ended may stand before it. Cheap enough for
/// every piece of a stream: it reads no further than the first member.
///
/// JSON within a line of prose is left to the reader of the whole reply, because it may be an example.
pub fn direct_so_far(text: &str) -> Option<DirectSoFar> {
    let object = first_object(text)?;
    says_direct_first(object).then(|| DirectSoFar {
        is_closed: lenient::parse(object, false).is_ok(),
    })
}

/// The members of such an object: all that can be read of them.
pub(super) fn direct_members(text: &str) -> Option<serde_json::Map<String, Value>> {
    let object = first_object(text)?;
    says_direct_first(object).then(|| lenient::members_so_far(object))
}

/// What a word means. `None` where nobody knows.
pub(super) fn mode_of(word: &str) -> Option<PlanMode> {
    let word = lower(word.trim());
    if DIRECT.contains(&word.as_str()) {
        Some(PlanMode::Direct)
    } else {
        SPLIT.contains(&word.as_str()).then_some(PlanMode::Split)
    }
}

fn says_direct_first(object: &str) -> bool {
    lenient::first_text(object).is_some_and(|(name, word)| name == MODE && mode_of(&word) == Some(PlanMode::Direct))
}

/// The text from the first JSON on, if that is an object at the beginning of a line. None within reasoning, which may
/// weigh `direct` and choose otherwise.
fn first_object(text: &str) -> Option<&str> {
    let text = without_reasoning(text).trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if is_reasoning(text) {
        return None;
    }
    let start = text
        .match_indices(['{', '['])
        .map(|(start, _)| start)
        .find(|start| text.get(*start..).is_some_and(begins_like_json))?;
    let line = text.get(..start)?.rsplit('\n').next()?.trim();
    let is_marked = line.is_empty() || line.starts_with("```") || line.ends_with('>');
    text.get(start..).filter(|object| is_marked && object.starts_with('{'))
}

/// Reasoning that has not ended.
pub(super) fn is_reasoning(text: &str) -> bool {
    text.trim_start().starts_with("<think")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::words::plan::Plan;

    fn is_closed(text: &str) -> Option<bool> {
        direct_so_far(text).map(|direct| direct.is_closed)
    }

    #[test]
    fn direct_is_known_with_its_last_quote_and_the_reason_with_the_brace() {
        let reply = r#"{"mode": "direct", "analysis": "One {fact}."}"#;
        let known = reply.find(',').unwrap();
        for (end, _) in reply.char_indices() {
            let expected = (end >= known).then_some(false);
            assert_eq!(is_closed(&reply[..end]), expected, "{}", &reply[..end]);
        }
        assert_eq!(is_closed(reply), Some(true));
        assert_eq!(is_closed(&format!("{reply}\nBut perhaps")), Some(true));
    }

    #[test]
    fn fences_prose_and_reasoning_may_stand_before_it() {
        for before in [
            "",
            "\u{feff} \n",
            "```json\n",
            "``` ",
            "```json ",
            "Sure {as asked} [1]:\n\n",
            "<think>One call? {\"mode\": \"split\"}</think>\n",
            "{\"mode\": \"split\"}? No.\n</think>",
            "<tool_call>",
        ] {
            // Whoever begins with JSON does not reason before it.
            let expected = (!before.starts_with('{')).then_some(false);
            assert_eq!(
                is_closed(&format!("{before}{{\"mode\": \"direct\"")),
                expected,
                "{before}"
            );
        }
        for reply in [
            "{'mode': 'direct'",
            "{mode: \"direct\",",
            "{ // so\n“mode”: “direct”",
            "{\"mode\":\"Single\"",
        ] {
            assert_eq!(is_closed(reply), Some(false), "{reply}");
        }
    }

    #[test]
    fn what_only_speaks_of_direct_does_not_choose_it() {
        for reply in [
            "",
            "{",
            "direct",
            r#"{"mode": "direct"#,
            r#"{"mode": direct"#,
            r#"{"mode": "directly""#,
            r#"{"mode": "split", "analysis": "not \"mode\": \"direct\"""#,
            r#"{"analysis": "x", "mode": "direct""#,
            r#"{"plan": {"mode": "direct""#,
            r#"<think>Perhaps
            {"mode": "direct"}"#,
            r#"I could reply {"mode": "direct"} or split it."#,
            "{\"analysis\": \"\n{\\\"mode\\\": \\\"direct\\\"",
            "{\"tasks\": [\n{\"mode\": \"direct\"",
            "[\n{\"mode\": \"direct\"",
        ] {
            assert_eq!(direct_so_far(reply), None, "{reply}");
        }
    }

    #[test]
    fn a_reply_that_was_stopped_there_is_read_with_as_much_of_its_reason() {
        for (reply, reason) in [
            (r#"{"mode": "direct""#, ""),
            ("```json\n{\"mode\": \"direct\",", ""),
            (r#"{"mode": "direct", "analysis": "One fa"#, "One fa"),
            (r#"{"mode": "direct", "why": "One fact."#, "One fact."),
            (r#"{"mode": "direct", "reason": "One fact.", "form": "#, "One fact."),
            (
                r#"{"mode": "direct", "reason": "One fact.", "form": "", "length": 0, "tasks": ["#,
                "One fact.",
            ),
            (r#"{"mode": "direct", "analysis": "say "no" to it"}"#, "say"),
            ("{\"mode\": \"direct\"}\nThe answer is [1] {\"tasks\": [\"x\"]}", ""),
        ] {
            for read in [Plan::from_model_reply, Plan::from_ended_reply] {
                let plan = read(reply, 8).unwrap_or_else(|error| panic!("{reply}: {error}"));
                assert!(plan.is_direct() && plan.tasks().is_empty(), "{reply}");
                assert_eq!(plan.analysis(), reason, "{reply}");
            }
        }
    }
}
