//! A proposed plan, changed by whoever approves it.

use super::draft::fill_ids;
use super::{Border, EDITOR, Form, Plan, PlanDraft, PlanError, PlanMode, TaskDraft};

/// What is absent stays as proposed. The list of subtasks is replaced as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanEdit {
    pub tasks: Option<Vec<TaskDraft>>,
    pub shared: Option<String>,
    pub borders: Option<Vec<Border>>,
    pub criteria: Option<Vec<String>>,
    pub form: Option<Form>,
    /// Words of the whole answer.
    pub length: Option<u32>,
}

/// Other subtasks, and the rest as proposed.
impl From<Vec<TaskDraft>> for PlanEdit {
    fn from(tasks: Vec<TaskDraft>) -> PlanEdit {
        PlanEdit {
            tasks: Some(tasks),
            ..PlanEdit::default()
        }
    }
}

impl PlanEdit {
    pub fn is_empty(&self) -> bool {
        *self == PlanEdit::default()
    }
}

impl Plan {
    /// The plan with these changes, which are a client's own: two subtasks that are alike are refused.
    pub fn edited(&self, edit: PlanEdit, max_subtasks: u32) -> Result<Plan, PlanError> {
        let mut tasks = edit
            .tasks
            .unwrap_or_else(|| self.tasks.iter().map(TaskDraft::from).collect());
        fill_ids(&mut tasks);
        let is_there = |owner: &str| owner == EDITOR || tasks.iter().any(|task| task.id.as_deref() == Some(owner));
        let kept = |border: &Border| match &border.owner {
            // Its subtask was taken out, and what the border says is still true.
            Some(owner) if !is_there(owner) => border.clone().with_owner_in_words(),
            _ => border.clone(),
        };
        let borders = edit.borders.unwrap_or_else(|| self.borders.iter().map(kept).collect());
        let draft = PlanDraft {
            analysis: self.analysis.clone(),
            mode: PlanMode::Split,
            form: edit.form.unwrap_or(self.form),
            length: edit.length.or(self.length),
            shared: edit.shared.unwrap_or_else(|| self.shared.clone()),
            borders,
            criteria: edit.criteria.unwrap_or_else(|| self.criteria.clone()),
            tasks,
        };
        Plan::from_draft(draft, max_subtasks)?.without_twins()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed() -> Plan {
        let task = |id: &str, criteria: &[u32]| TaskDraft {
            id: Some(id.to_owned()),
            criteria: criteria.to_vec(),
            ..TaskDraft::new(format!("Do {id}."))
        };
        let border = |what: &str, owner: &str| Border {
            what: what.to_owned(),
            owner: Some(owner.to_owned()),
        };
        let draft = PlanDraft {
            analysis: "Two parts.".to_owned(),
            form: Form::Assemble,
            length: Some(900),
            shared: "The port is 8080.".to_owned(),
            borders: vec![border("port", "a"), border("title", "editor")],
            criteria: vec!["names the port".to_owned(), "is short".to_owned()],
            tasks: vec![task("a", &[1]), task("b", &[])],
            ..PlanDraft::default()
        };
        Plan::from_draft(draft, 8).unwrap()
    }

    #[test]
    fn what_an_edit_leaves_out_stays_as_proposed() {
        assert_eq!(proposed().edited(PlanEdit::default(), 8), Ok(proposed()));
        let edit = PlanEdit {
            shared: Some("The port is 9090.".to_owned()),
            length: Some(400),
            ..PlanEdit::default()
        };
        assert!(!edit.is_empty() && PlanEdit::default().is_empty());
        let edited = proposed().edited(edit, 8).unwrap();
        assert_eq!((edited.shared(), edited.length()), ("The port is 9090.", Some(400)));
        assert_eq!(
            (edited.tasks(), edited.borders(), edited.form()),
            (proposed().tasks(), proposed().borders(), Form::Assemble)
        );
    }

    #[test]
    fn a_border_outlives_the_subtask_that_decided_on_it() {
        let edit = PlanEdit {
            tasks: Some(vec![TaskDraft::new("Do it all.")]),
            ..PlanEdit::default()
        };
        let edited = proposed().edited(edit, 8).unwrap();
        let borders: Vec<_> = edited
            .borders()
            .iter()
            .map(|border| (border.what.as_str(), border.owner.as_deref()))
            .collect();
        assert_eq!(borders, [("port (owner: a)", None), ("title", Some("editor"))]);
        assert_eq!(edited.tasks()[0].id, "t1");
    }

    #[test]
    fn an_edit_is_checked_like_any_plan() {
        let refusal = |edit: PlanEdit| {
            let error = proposed().edited(edit, 8).unwrap_err();
            (error.field(), error.to_string())
        };
        let fewer = PlanEdit {
            criteria: Some(Vec::new()),
            ..PlanEdit::default()
        };
        let expected = "subtask a answers for criterion 1, and the plan has 0 criteria".to_owned();
        assert_eq!(refusal(fewer), ("tasks", expected));
        let twins = PlanEdit {
            tasks: Some(vec![TaskDraft::new("Do it."); 2]),
            ..PlanEdit::default()
        };
        assert!(refusal(twins).1.starts_with("subtasks t1 and t2 have the same"));
    }
}
