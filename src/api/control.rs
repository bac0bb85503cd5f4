//! The bodies of `POST /:id/restart` and `POST /:id/approve`. The other controls have none, and a body that is sent
//! with them is ignored.
//!
//! The media type does not matter here. An empty body or JSON is expected, whatever plain `curl -d` calls it.

use serde_json::Value;

use super::contract::{self, plan_edit};
use super::json::{self, Fields, no_nul, wrong};
use super::problem::Problem;
use super::routes::ControlName;
use super::submission::{BODY_BYTES_MAX, body_too_large};
use super::tasks::task_drafts;
use crate::engine::words::plan::PlanEdit;
use crate::engine::{Control, Rejection, RestartFrom};

/// The most bytes of a remark on a step.
pub const REMARK_BYTES_MAX: usize = 4 * 1024;

/// The control of a request, from the last part of its path and its body.
pub fn control(name: ControlName, body: &[u8]) -> Result<Control, Problem> {
    Ok(match name {
        ControlName::Pause => Control::Pause,
        ControlName::Resume => Control::Resume,
        ControlName::Terminate => Control::Terminate,
        ControlName::Restart => restart(body)?,
        ControlName::Approve => Control::Approve(approval(body)?),
    })
}

/// Why the engine did not take a control.
pub fn rejected(name: ControlName, rejection: &Rejection) -> Problem {
    match rejection {
        Rejection::Conflict { status, allowed } => {
            Problem::control_not_allowed(name.as_str(), status.as_str(), allowed)
        }
        Rejection::UnknownStep { step, steps } => Problem::unknown_step(&step.to_string(), steps),
        Rejection::InvalidPlan(error) => error.clone().into(),
        Rejection::TooLong(error) => Problem::context_too_small(error),
        Rejection::AtBound { bound, status, allowed } => Problem::control_at_bound(bound, status.as_str(), allowed),
    }
}

/// Nothing, `{}`, `{"from": "failed"}` or `{"from": {"name": "subtask/t1"}}`; the last one also with `instructions`.
pub fn restart(body: &[u8]) -> Result<Control, Problem> {
    let Some(value) = optional(body)? else {
        return Ok(Control::Restart(RestartFrom::Everything));
    };
    let mut fields = Fields::of(value, "", "", &["from", "instructions"])?;
    let remark = fields.text("instructions")?.map(remark).transpose()?;
    match (restart_from(&mut fields)?, remark) {
        (from, None) => Ok(Control::Restart(from)),
        (RestartFrom::Step(step), Some(remark)) => Ok(Control::RestartWithRemark { step, remark }),
        (RestartFrom::Everything | RestartFrom::Failed, Some(_)) => {
            let detail = "instructions are there and from names no step: they are for one step, as in \
                          {\"from\": {\"name\": \"synthesis\"}, \"instructions\": \"Shorter.\"}";
            Err(Problem::invalid(detail).with("field", "instructions"))
        }
    }
}

fn remark(text: String) -> Result<String, Problem> {
    let refused = |detail: String| Err(Problem::invalid(detail).with("field", "instructions"));
    if text.trim().is_empty() {
        return refused("instructions are empty: expected what to do otherwise, or no such field".to_owned());
    }
    if text.len() > REMARK_BYTES_MAX {
        let bytes = text.len();
        return refused(format!(
            "instructions have {bytes} bytes: expected at most {REMARK_BYTES_MAX}"
        ));
    }
    no_nul("instructions", text)
}

fn restart_from(fields: &mut Fields) -> Result<RestartFrom, Problem> {
    match fields.take("from") {
        None => Ok(RestartFrom::Everything),
        Some(Value::String(word)) if word == "failed" => Ok(RestartFrom::Failed),
        Some(from @ Value::Object(_)) => {
            let mut from = Fields::of(from, "from", "from.", &["name"])?;
            let name = from.text("name")?.ok_or_else(|| {
                Problem::invalid("from.name is missing: expected the name of a step").with("field", "from.name")
            })?;
            let expected = "the name of a step: plan, subtask/ID, reduce/N, edit/N, synthesis, review/1 or structure";
            name.parse()
                .map(RestartFrom::Step)
                .map_err(|_| wrong("from.name", &Value::String(name), expected))
        }
        Some(other) => Err(wrong(
            "from",
            &other,
            "\"failed\" or an object {\"name\": \"subtask/t1\"}",
        )),
    }
}

/// Nothing or `{}`: the plan as it is. An object with what is to be another, or the bare list of tasks: the edited one.
pub fn approval(body: &[u8]) -> Result<Option<PlanEdit>, Problem> {
    let edit = match optional(body)? {
        None => PlanEdit::default(),
        Some(list @ Value::Array(_)) => task_drafts(list)?.into(),
        Some(value) => plan_edit(&mut Fields::of(value, "", "", &contract::FIELDS)?)?,
    };
    Ok(Some(edit).filter(|edit| !edit.is_empty()))
}

fn optional(body: &[u8]) -> Result<Option<Value>, Problem> {
    if body.len() > BODY_BYTES_MAX {
        return Err(body_too_large());
    }
    let text = json::utf8(body)?;
    if text.trim().is_empty() {
        Ok(None)
    } else {
        json::parse(text).map(Some)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::words::plan::TaskDraft;
    use crate::engine::words::step_name::StepName;

    #[test]
    fn a_restart_begins_where_it_is_told() {
        for (body, from) in [
            ("", RestartFrom::Everything),
            (" \r\n", RestartFrom::Everything),
            ("{}", RestartFrom::Everything),
            (r#"{"from": null}"#, RestartFrom::Everything),
            (r#"{"from": "failed"}"#, RestartFrom::Failed),
            (
                r#"{"from": {"name": "subtask/t1"}}"#,
                RestartFrom::Step(StepName::Subtask("t1".to_owned())),
            ),
            (r#"{"from": {"name": "plan"}}"#, RestartFrom::Step(StepName::Plan)),
            ("\u{feff}{}", RestartFrom::Everything),
        ] {
            assert_eq!(restart(body.as_bytes()), Ok(Control::Restart(from)), "{body}");
        }
    }

    #[test]
    fn a_mistaken_restart_is_told_what_is_expected() {
        for (body, expected) in [
            ("[]", "the body is an array"),
            ("{", "EOF"),
            (
                r#"{"form": "failed"}"#,
                "unknown field \"form\"; known are: from, instructions",
            ),
            (
                r#"{"instructions": "Shorter."}"#,
                "instructions are there and from names no step",
            ),
            (
                r#"{"from": "failed", "instructions": "Shorter."}"#,
                "instructions are there and from names no step",
            ),
            (
                r#"{"from": {"name": "plan"}, "instructions": " "}"#,
                "instructions are empty",
            ),
            (
                r#"{"from": {"name": "plan"}, "instructions": 1}"#,
                "instructions is 1: expected a string",
            ),
            (r#"{"from": "t1"}"#, "from is \"t1\": expected \"failed\""),
            (r#"{"from": {}}"#, "from.name is missing"),
            (r#"{"from": {"name": 1}}"#, "from.name is 1: expected a string"),
            (
                r#"{"from": {"name": "t1"}}"#,
                "from.name is \"t1\": expected the name of a step",
            ),
            (r#"{"from": {"step": "plan"}}"#, "unknown field \"from.step\""),
        ] {
            let problem = restart(body.as_bytes()).unwrap_err();
            assert_eq!(problem.status(), 400);
            assert!(problem.detail().starts_with(expected), "{}", problem.detail());
        }
    }

    #[test]
    fn a_restart_of_one_step_may_say_what_to_do_otherwise() {
        let body = r#"{"from": {"name": "review/1"}, "instructions": "Check the sums."}"#;
        let asked = Control::RestartWithRemark {
            step: StepName::Review(1),
            remark: "Check the sums.".to_owned(),
        };
        assert_eq!(restart(body.as_bytes()), Ok(asked));
        let long = format!(
            r#"{{"from": {{"name": "plan"}}, "instructions": "{}"}}"#,
            "x".repeat(5_000)
        );
        assert!(restart(long.as_bytes()).unwrap_err().detail().contains("5000 bytes"));
    }

    #[test]
    fn an_approval_may_bring_an_edited_plan() {
        for body in ["", "{}", r#"{"tasks": null}"#] {
            assert_eq!(approval(body.as_bytes()), Ok(None), "{body}");
        }
        for body in [r#"{"tasks": ["a", "b"]}"#, r#"["a", {"instructions": "b"}]"#] {
            let tasks = vec![TaskDraft::new("a"), TaskDraft::new("b")];
            assert_eq!(approval(body.as_bytes()), Ok(Some(tasks.into())), "{body}");
        }
        let edit = PlanEdit {
            shared: Some(String::new()),
            ..PlanEdit::default()
        };
        assert_eq!(approval(br#"{"shared": ""}"#), Ok(Some(edit)));
        for body in [
            r#"{"task": []}"#,
            r#"{"tasks": {}}"#,
            r#"{"analysis": "x"}"#,
            "1",
            "\"a\"",
            "[1]",
        ] {
            assert_eq!(approval(body.as_bytes()).unwrap_err().status(), 400, "{body}");
        }
        assert_eq!(approval(&vec![b' '; BODY_BYTES_MAX + 1]).unwrap_err().status(), 413);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parsers_panic(body: Vec<u8>) {
            let _ = (restart(&body), approval(&body));
        }
    }
}
