//! The name of a step: `plan`, `subtask/<id>`, `reduce/<n>`, `edit/<n>`, `synthesis`, `review/<n>`, `structure`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepName {
    Plan,
    Subtask(String),
    Reduce(u32),
    /// The editor: 1 corrects the parts and writes the answer around them, 2 repairs edits that did not apply.
    Edit(u32),
    Synthesis,
    /// A reviewer reads the answer and corrects it. There is only `review/1` so far.
    Review(u32),
    /// Turns the answer into JSON that fits the client's schema.
    Structure,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StepName::Plan => f.write_str("plan"),
            StepName::Subtask(id) => write!(f, "subtask/{id}"),
            StepName::Reduce(number) => write!(f, "reduce/{number}"),
            StepName::Edit(number) => write!(f, "edit/{number}"),
            StepName::Synthesis => f.write_str("synthesis"),
            StepName::Review(number) => write!(f, "review/{number}"),
            StepName::Structure => f.write_str("structure"),
        }
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a step name: {0:?}")]
pub struct NotAStepName(String);

impl FromStr for StepName {
    type Err = NotAStepName;

    fn from_str(text: &str) -> Result<Self, NotAStepName> {
        let unknown = || NotAStepName(text.chars().take(100).collect());
        match text.split_once('/') {
            None if text == "plan" => Ok(StepName::Plan),
            None if text == "synthesis" => Ok(StepName::Synthesis),
            None if text == "structure" => Ok(StepName::Structure),
            Some(("subtask", id)) if !id.is_empty() => Ok(StepName::Subtask(id.to_owned())),
            Some(("reduce", number)) => number.parse().map(StepName::Reduce).map_err(|_| unknown()),
            Some(("edit", number)) => number.parse().map(StepName::Edit).map_err(|_| unknown()),
            Some(("review", number)) => number.parse().map(StepName::Review).map_err(|_| unknown()),
            _ => Err(unknown()),
        }
    }
}

impl Serialize for StepName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StepName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_names_survive_a_round_trip() {
        for name in [
            "plan",
            "subtask/t1",
            "subtask/a-b_c",
            "reduce/12",
            "edit/1",
            "synthesis",
        ] {
            assert_eq!(name.parse::<StepName>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn other_words_are_refused() {
        for name in ["", "subtask", "subtask/", "reduce/x", "edit/", "plan/1", "Synthesis"] {
            assert!(name.parse::<StepName>().is_err(), "{name}");
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn any_text_is_a_step_name_or_refused(text in "(plan|synthesis|subtask/|reduce/|edit/)?.{0,20}") {
            if let Ok(name) = text.parse::<StepName>() {
                proptest::prop_assert_eq!(name.to_string().parse(), Ok(name));
            }
        }
    }
}
