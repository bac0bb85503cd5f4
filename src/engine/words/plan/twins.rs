//! Subtasks that ask for the same. A planner's are merged; a client's own are refused, because the answers are returned
//! by position.
//!
//! Two subtasks are alike if their instructions have the same words and they depend on the same subtasks. Titles don't
//! count, because the instructions say by contract all that a subtask has to do.

use super::draft::in_order;
use super::{Plan, PlanError, Task, TaskModel};
use crate::engine::words::event::MergedTask;

impl Plan {
    /// A client's own plan, unless two of its subtasks are alike.
    pub fn without_twins(self) -> Result<Plan, PlanError> {
        match first_twin(&self.tasks) {
            Some((first, second)) => Err(PlanError::Twins {
                first: first.id.clone(),
                second: second.id.clone(),
            }),
            None => Ok(self),
        }
    }

    /// Each subtask once, and what was left out. Who depends on a subtask that is left out depends on its twin, which
    /// may make two others alike.
    pub fn with_twins_merged(mut self) -> (Plan, Vec<MergedTask>) {
        let mut merged = Vec::new();
        while let Some((first, second)) = first_twin(&self.tasks) {
            let twin = MergedTask {
                id: second.id.clone(),
                title: second.title.clone(),
                into: first.id.clone(),
            };
            self.leave_out(&twin);
            merged.push(twin);
        }
        (self, merged)
    }

    /// Its twin does the work of both: who needs one of them, what one of them decides or answers for, and the big
    /// model where one of them asks for it.
    fn leave_out(&mut self, twin: &MergedTask) {
        let left_out = self.task(&twin.id).cloned();
        self.tasks.retain(|task| task.id != twin.id);
        for task in &mut self.tasks {
            point_to(&mut task.depends_on, &twin.id, &twin.into);
        }
        for border in &mut self.borders {
            if border.owner.as_ref() == Some(&twin.id) {
                border.owner = Some(twin.into.clone());
            }
        }
        let stays = self.tasks.iter_mut().find(|task| task.id == twin.into);
        if let (Some(stays), Some(left_out)) = (stays, left_out) {
            stays.criteria.extend(left_out.criteria);
            stays.criteria = in_order(std::mem::take(&mut stays.criteria));
            stays.words = stays.words.max(left_out.words);
            if left_out.model == TaskModel::Big {
                stays.model = TaskModel::Big;
            }
        }
    }
}

/// The first two that are alike, in plan order. At most fifty subtasks, so all pairs are few.
fn first_twin(tasks: &[Task]) -> Option<(&Task, &Task)> {
    let with_earlier = |(index, task)| {
        let earlier = tasks.iter().take(index).find(|earlier| are_alike(earlier, task))?;
        Some((earlier, task))
    };
    tasks.iter().enumerate().find_map(with_earlier)
}

/// The same words, and the same dependencies in any order. A plan names none of them twice.
fn are_alike(one: &Task, other: &Task) -> bool {
    one.depends_on.len() == other.depends_on.len()
        && one.depends_on.iter().all(|id| other.depends_on.contains(id))
        && one
            .instructions
            .split_whitespace()
            .eq(other.instructions.split_whitespace())
}

/// Replaces a dependency, which is then there once.
fn point_to(depends_on: &mut Vec<String>, from: &str, to: &str) {
    let had_it = depends_on.iter().any(|id| id == to);
    if had_it {
        depends_on.retain(|id| id != from);
    } else {
        depends_on
            .iter_mut()
            .filter(|id| *id == from)
            .for_each(|id| *id = to.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::words::plan::{Border, PlanDraft, TaskDraft};

    fn plan(tasks: &[(&str, &str, &[&str])]) -> Plan {
        let draft = |(id, instructions, needs): &(&str, &str, &[&str])| TaskDraft {
            id: Some((*id).to_owned()),
            depends_on: needs.iter().map(|id| (*id).to_owned()).collect(),
            ..TaskDraft::new(*instructions)
        };
        Plan::from_client("", tasks.iter().map(draft).collect(), 50).unwrap()
    }

    #[test]
    fn twins_are_merged_and_their_dependents_follow_until_none_are_left() {
        let (merged, left_out) = plan(&[
            ("a", "Find sources.", &[]),
            ("b", "Find  sources.\n", &[]),
            ("c", "Weigh them.", &["a"]),
            ("d", "Weigh them.", &["b"]),
            ("e", "Sum up.", &["c", "d", "b"]),
        ])
        .with_twins_merged();
        let ids: Vec<_> = merged.tasks().iter().map(|task| task.id.as_str()).collect();
        assert_eq!(ids, ["a", "c", "e"]);
        assert_eq!(merged.tasks()[2].depends_on, ["c", "a"]);
        let left_out: Vec<_> = left_out
            .iter()
            .map(|twin| (twin.id.as_str(), twin.into.as_str()))
            .collect();
        assert_eq!(left_out, [("b", "a"), ("d", "c")]);
    }

    #[test]
    fn what_a_twin_decides_and_answers_for_goes_to_the_one_that_stays() {
        let draft = |id: &str, criteria: &[u32], words: u32, model: TaskModel| TaskDraft {
            id: Some(id.to_owned()),
            criteria: criteria.to_vec(),
            words: Some(words),
            model,
            ..TaskDraft::new("Find sources.")
        };
        let plan = Plan::from_draft(
            PlanDraft {
                borders: vec![Border {
                    what: "dates".to_owned(),
                    owner: Some("b".to_owned()),
                }],
                criteria: ["x", "y", "z"].map(str::to_owned).into(),
                tasks: vec![
                    draft("a", &[1, 3], 100, TaskModel::Small),
                    draft("b", &[2, 3], 300, TaskModel::Big),
                ],
                ..PlanDraft::default()
            },
            8,
        );
        let (merged, _) = plan.unwrap().with_twins_merged();
        let task = merged.task("a").unwrap();
        assert_eq!(
            (task.criteria.as_slice(), task.words, task.model),
            (&[1, 2, 3][..], Some(300), TaskModel::Big)
        );
        assert_eq!(merged.borders()[0].owner.as_deref(), Some("a"));
        // Still valid.
        let stored = serde_json::to_string(&merged).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), merged);
    }

    #[test]
    fn the_same_instructions_on_other_material_are_no_twins() {
        let tasks: &[(&str, &str, &[&str])] = &[
            ("a", "Draft in English.", &[]),
            ("b", "Draft in French.", &[]),
            ("c", "Review the draft.", &["a"]),
            ("d", "Review the draft.", &["b"]),
        ];
        assert!(plan(tasks).without_twins().is_ok());
        assert_eq!(plan(tasks).with_twins_merged(), (plan(tasks), vec![]));
    }

    #[test]
    fn a_clients_twins_are_refused_by_name() {
        let error = plan(&[("a", "Do it.", &[]), ("b", "Do it.", &[])])
            .without_twins()
            .unwrap_err();
        assert!(
            error.to_string().starts_with("subtasks a and b have the same"),
            "{error}"
        );
    }
}
