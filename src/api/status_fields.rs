//! `?fields=` of `GET /:id`: only these fields of STATUS. A poller that wants to know how a workflow stands need not
//! fetch every text each time.

use super::problem::Problem;
use super::query;
use crate::engine::show::view::Extent;

/// The texts of steps. They are left out of `steps` unless they are named.
const STEP_OUTPUTS: &str = "steps.output";

/// The fields of STATUS, in its order.
pub const FIELDS: [&str; 22] = [
    "status",
    "stop_reason",
    "error",
    "output",
    "run",
    "provider",
    "prompt",
    "parent",
    "history",
    "mode",
    "plan",
    "answer",
    "metadata",
    "queued",
    "start",
    "end",
    "purge",
    "warnings",
    "steps",
    "step_count",
    "usage",
    "urls",
];

/// What may be named.
pub fn names() -> Vec<&'static str> {
    [FIELDS.as_slice(), &[STEP_OUTPUTS]].concat()
}

/// At least one name, each once, in the order of [`FIELDS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusFields(Vec<String>);

impl StatusFields {
    /// None where the query does not name any.
    pub fn parse(query: &str) -> Result<Option<StatusFields>, Problem> {
        let given = query::list(query, "fields", &names())?;
        Ok(given.map(StatusFields::of))
    }

    /// Names that are not known are left out: an entry of a newer version may know more.
    pub fn of(names: impl IntoIterator<Item = impl AsRef<str>>) -> StatusFields {
        let wanted: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        let known = self::names()
            .into_iter()
            .filter(|known| wanted.iter().any(|name| name == known));
        StatusFields(known.map(str::to_owned).collect())
    }

    pub fn names(self) -> Vec<String> {
        self.0
    }

    pub fn wants(&self, field: &str) -> bool {
        self.0.iter().any(|name| name == field) || (field == "steps" && self.wants(STEP_OUTPUTS))
    }

    /// What of the workflow has to be shown for them.
    pub fn extent(&self) -> Extent {
        Extent {
            prompt: self.wants("prompt"),
            history: self.wants("history"),
            plan: self.wants("plan"),
            steps: self.wants("steps"),
            step_outputs: self.wants(STEP_OUTPUTS),
            worker_responses: self.wants("output"),
            step_count: self.wants("step_count"),
        }
    }

    /// Their part of an entity tag.
    pub fn tag(&self) -> String {
        self.0.join("+")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(query: &str) -> StatusFields {
        StatusFields::parse(query).unwrap().unwrap()
    }

    #[test]
    fn fields_are_a_list_of_known_names() {
        assert_eq!(StatusFields::parse("?simple=true"), Ok(None));
        assert_eq!(fields("?fields=usage,status&fields=status").tag(), "status+usage");
        for query in [
            "?fields=",
            "?fields=,",
            "?fields=mood",
            "?fields=status,steps.title",
            "?fields=Status",
        ] {
            let problem = StatusFields::parse(query).unwrap_err();
            assert!(problem.detail().contains("fields"), "{query}: {}", problem.detail());
        }
    }

    #[test]
    fn steps_come_without_their_texts_unless_these_are_named() {
        let steps = fields("?fields=steps").extent();
        assert!(steps.steps && !steps.step_outputs && !steps.prompt && !steps.worker_responses);
        let texts = fields("?fields=steps.output");
        assert!(texts.extent().steps && texts.extent().step_outputs && texts.wants("steps"));
    }

    #[test]
    fn what_a_newer_entry_names_is_left_out() {
        assert_eq!(StatusFields::of(["status", "horoscope"]).names(), ["status"]);
    }
}
