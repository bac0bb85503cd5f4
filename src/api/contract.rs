//! What a client says of a plan beside its subtasks: `shared`, `borders`, `criteria`, `form` and, in an approval,
//! `length`. What makes a plan of it checks the rest.

use serde::Deserialize;
use serde_json::Value;

use super::json::{Fields, no_nul, wrong};
use super::problem::Problem;
use super::tasks::task_drafts;
use crate::engine::words::plan::{
    BORDERS_MAX, Border, CRITERIA_MAX, Form, LENGTH_WORDS_MAX, PlanEdit, PlanError, WORDS_MIN,
};
use crate::json::tree;

/// The fields of `POST /:id/approve`. A submission has all but `length`, which is one of its options.
pub(in crate::api) const FIELDS: [&str; 6] = ["tasks", "shared", "borders", "criteria", "form", "length"];

/// Takes these fields. One that the object can't have is absent.
pub(super) fn plan_edit(fields: &mut Fields) -> Result<PlanEdit, Problem> {
    let length = fields.whole("length", WORDS_MIN.into()..=LENGTH_WORDS_MAX.into())?;
    Ok(PlanEdit {
        tasks: fields.take("tasks").map(task_drafts).transpose()?,
        shared: fields.text("shared")?,
        borders: fields.take("borders").map(borders).transpose()?,
        criteria: fields.take("criteria").map(criteria).transpose()?,
        form: fields.word("form", &[("merge", Form::Merge), ("assemble", Form::Assemble)])?,
        length: length.and_then(|words| u32::try_from(words).ok()),
    })
}

/// The owner is checked with the plan, which knows its subtasks.
fn borders(value: Value) -> Result<Vec<Border>, Problem> {
    let items = list(
        "borders",
        value,
        BORDERS_MAX,
        "an array of strings or of objects {what, owner?}",
    )?;
    let border = |(index, item)| {
        let field = format!("borders[{index}]");
        let border = match item {
            Value::String(what) => Border { what, owner: None },
            item => {
                let OwnedBorder { what, owner } = tree::of_fields(item, &["what", "owner"]).map_err(|error| {
                    // The error may quote an unknown field's name, which is as long as the sender likes.
                    let reason: String = error.to_string().chars().take(300).collect();
                    Problem::invalid(format!("{field}: {reason}")).with("field", field.as_str())
                })?;
                Border { what, owner }
            }
        };
        Ok(Border {
            what: no_nul(&field, border.what)?,
            ..border
        })
    };
    items.into_iter().enumerate().map(border).collect()
}

/// A border, whose unknown fields are refused by name.
#[derive(Deserialize)]
struct OwnedBorder {
    what: String,
    owner: Option<String>,
}

fn criteria(value: Value) -> Result<Vec<String>, Problem> {
    let items = list("criteria", value, CRITERIA_MAX, "an array of strings")?;
    let criterion = |(index, item)| {
        let field = format!("criteria[{index}]");
        match item {
            Value::String(text) => no_nul(&field, text),
            other => Err(wrong(&field, &other, "a string")),
        }
    };
    items.into_iter().enumerate().map(criterion).collect()
}

/// The entries of a list that is not far too long to be read.
fn list(field: &'static str, value: Value, limit: usize, expected: &str) -> Result<Vec<Value>, Problem> {
    match value {
        Value::Array(items) if items.len() > limit => {
            let count = items.len();
            Err(PlanError::TooMany { field, count, limit }.into())
        }
        Value::Array(items) => Ok(items),
        other => Err(wrong(field, &other, expected)),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::problem::ProblemType;

    fn edit(value: Value) -> Result<PlanEdit, Problem> {
        plan_edit(&mut Fields::of(value, "", "", &FIELDS)?)
    }

    #[test]
    fn every_field_is_read_and_may_be_absent() {
        for body in [json!({}), json!({"shared": null, "borders": null, "form": null})] {
            assert!(edit(body).unwrap().is_empty());
        }
        let edit = edit(json!({
            "tasks": [{"instructions": "a", "criteria": [1], "words": 300, "model": "big"}],
            "shared": "The port is 8080.",
            "borders": ["x", {"what": "y", "owner": "t1"}],
            "criteria": ["names the port"],
            "form": "assemble",
            "length": 900
        }))
        .unwrap();
        let task = &edit.tasks.unwrap()[0];
        assert_eq!((task.criteria.as_slice(), task.words), (&[1][..], Some(300)));
        assert_eq!(edit.shared.as_deref(), Some("The port is 8080."));
        let owners: Vec<_> = edit.borders.unwrap().into_iter().map(|border| border.owner).collect();
        assert_eq!(owners, [None, Some("t1".to_owned())]);
        assert_eq!(edit.criteria.unwrap(), ["names the port"]);
        assert_eq!((edit.form, edit.length), (Some(Form::Assemble), Some(900)));
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        for (body, field, expected) in [
            (
                json!({"shared": ["x"]}),
                "shared",
                "shared is an array: expected a string",
            ),
            (json!({"shared": "a\u{0}"}), "shared", "shared holds a NUL"),
            (
                json!({"borders": "x"}),
                "borders",
                "borders is \"x\": expected an array",
            ),
            (
                json!({"borders": ["a", 1]}),
                "borders[1]",
                "borders[1]: invalid type: integer `1`",
            ),
            (
                json!({"borders": [{"owner": "t1"}]}),
                "borders[0]",
                "borders[0]: missing field `what`",
            ),
            (
                json!({"borders": [{"what": "x", "by": "t1"}]}),
                "borders[0]",
                "borders[0]: unknown field `by`",
            ),
            (json!({"borders": ["a\u{0}"]}), "borders[0]", "borders[0] holds a NUL"),
            (json!({"criteria": {"c1": "x"}}), "criteria", "criteria is an object"),
            (
                json!({"criteria": [1]}),
                "criteria[0]",
                "criteria[0] is 1: expected a string",
            ),
            (
                json!({"form": "poem"}),
                "form",
                "form is \"poem\": expected \"merge\" or \"assemble\"",
            ),
            (
                json!({"length": "brief"}),
                "length",
                "length is \"brief\": expected a whole number from 20",
            ),
            (json!({"length": 19}), "length", "length is 19"),
        ] {
            let problem = edit(body).unwrap_err();
            assert!(problem.detail().starts_with(expected), "{}", problem.detail());
            let body: Value = serde_json::from_str(&problem.to_json()).unwrap();
            assert_eq!(body["field"], field);
        }
        for (field, count) in [("borders", 61), ("criteria", 41)] {
            let problem = edit(json!({field: vec!["x"; count]})).unwrap_err();
            assert_eq!(problem.kind(), ProblemType::InvalidPlan);
            let expected = format!("the plan has {count} {field}, at most {} are allowed", count - 1);
            assert_eq!(problem.detail(), expected);
        }
    }
}
