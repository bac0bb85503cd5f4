//! A client's own list of subtasks, in `POST /` and in `POST /:id/approve`.

use serde_json::Value;

use super::json::{no_nul, wrong};
use super::problem::{Problem, ProblemType};
use crate::engine::words::plan::{PlanError, SUBTASKS_MAX, TaskDraft};

/// Reads a list of strings and of objects. What makes a plan of it checks the rest.
pub(super) fn task_drafts(value: Value) -> Result<Vec<TaskDraft>, Problem> {
    let Value::Array(items) = value else {
        return Err(wrong(
            "tasks",
            &value,
            "an array of strings or of objects {id?, title?, instructions, depends_on?, criteria?, words?, model?}",
        ));
    };
    if items.len() > SUBTASKS_MAX as usize {
        return Err(PlanError::TooManyTasks {
            count: items.len(),
            limit: SUBTASKS_MAX,
        }
        .into());
    }
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| task_draft(&format!("tasks[{index}]"), item))
        .collect()
}

fn task_draft(field: &str, item: Value) -> Result<TaskDraft, Problem> {
    let draft = TaskDraft::read(item).map_err(|error| {
        // The error may quote an unknown field's name, which is as long as the sender likes.
        let reason: String = error.to_string().chars().take(300).collect();
        Problem::invalid(format!("{field}: {reason}")).with("field", field)
    })?;
    Ok(TaskDraft {
        title: draft.title.map(|title| no_nul(field, title)).transpose()?,
        instructions: no_nul(field, draft.instructions)?,
        ..draft
    })
}

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Problem {
        Problem::new(ProblemType::InvalidPlan, error.to_string()).with("field", error.field())
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strings_and_objects_may_be_mixed() {
        let drafts =
            task_drafts(json!(["Do this", {"id": "b", "title": "B", "instructions": "Do that", "depends_on": ["t1"]}]))
                .unwrap();
        assert_eq!(drafts[0], TaskDraft::new("Do this"));
        assert_eq!(drafts[1].depends_on, ["t1"]);
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        for (tasks, expected) in [
            (json!("x"), "tasks is \"x\": expected an array"),
            (json!([1]), "tasks[0]: invalid type: integer `1`"),
            (json!(["a", {"title": "b"}]), "tasks[1]: missing field `instructions`"),
            (
                json!([{"instructions": "a", "dependsOn": []}]),
                "tasks[0]: unknown field `dependsOn`",
            ),
            (
                json!([{"instructions": "a", "depends_on": "t1"}]),
                "tasks[0]: invalid type: string \"t1\"",
            ),
            (json!(["a\u{0}"]), "tasks[0] holds a NUL"),
            (
                json!([{"instructions": "a", "criteria": ["c1"]}]),
                "tasks[0]: invalid type: string \"c1\"",
            ),
            (
                json!([{"instructions": "a", "model": "huge"}]),
                "tasks[0]: unknown variant `huge`, expected `small` or `big`",
            ),
            (
                json!([{"instructions": "a", "words": -1}]),
                "tasks[0]: invalid value: integer `-1`",
            ),
        ] {
            let problem = task_drafts(tasks).unwrap_err();
            assert!(problem.detail().starts_with(expected), "{}", problem.detail());
        }
    }

    #[test]
    fn far_too_many_are_refused_before_they_are_read() {
        let problem = task_drafts(json!(vec![1; 100_000])).unwrap_err();
        assert_eq!(problem.kind(), ProblemType::InvalidPlan);
    }
}
