//! What makes a plan valid.

use super::{
    ANALYSIS_CHARS_MAX, BORDER_CHARS_MAX, BORDERS_MAX, CRITERIA_MAX, CRITERION_CHARS_MAX, EDITOR, ID_CHARS_MAX,
    INSTRUCTIONS_CHARS_MAX, LENGTH_WORDS_MAX, PLAN_BYTES_MAX, Plan, PlanError, SHARED_CHARS_MAX, TITLE_CHARS_MAX, Task,
    WORDS_MAX, WORDS_MIN,
};

pub(super) fn check(plan: &Plan, limit: u32) -> Result<(), PlanError> {
    check_count(plan.tasks.len(), limit)?;
    check_ids(&plan.tasks)?;
    check_texts(plan)?;
    check_dependencies(&plan.tasks)?;
    check_contract(plan)?;
    check_lengths(plan)
}

pub(super) fn check_count(count: usize, limit: u32) -> Result<(), PlanError> {
    if count == 0 {
        return Err(PlanError::NoTasks);
    }
    if count > limit as usize {
        return Err(PlanError::TooManyTasks { count, limit });
    }
    Ok(())
}

fn check_ids(tasks: &[Task]) -> Result<(), PlanError> {
    for (index, task) in tasks.iter().enumerate() {
        if !is_usable_id(&task.id) {
            return Err(PlanError::UnusableId { id: task.id.clone() });
        }
        if tasks.iter().take(index).any(|earlier| earlier.id == task.id) {
            return Err(PlanError::DuplicateId { id: task.id.clone() });
        }
    }
    Ok(())
}

/// `^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,63}$`: an id is part of a step's name, of URLs and of a tag in a prompt.
fn is_usable_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= ID_CHARS_MAX
        && !id.starts_with('-')
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn check_texts(plan: &Plan) -> Result<(), PlanError> {
    check_chars(
        "analysis",
        || "the analysis".to_owned(),
        &plan.analysis,
        ANALYSIS_CHARS_MAX,
    )?;
    for task in &plan.tasks {
        if task.instructions.trim().is_empty() {
            return Err(PlanError::NoInstructions { id: task.id.clone() });
        }
        check_chars(
            "tasks",
            || format!("the title of subtask {}", task.id),
            &task.title,
            TITLE_CHARS_MAX,
        )?;
        check_chars(
            "tasks",
            || format!("the instructions of subtask {}", task.id),
            &task.instructions,
            INSTRUCTIONS_CHARS_MAX,
        )?;
    }
    check_chars("shared", || "\"shared\"".to_owned(), &plan.shared, SHARED_CHARS_MAX)?;
    let borders = plan.borders.iter().map(|border| border.what.as_str());
    check_list("borders", "border", borders, BORDERS_MAX, BORDER_CHARS_MAX)?;
    let criteria = plan.criteria.iter().map(String::as_str);
    check_list("criteria", "criterion", criteria, CRITERIA_MAX, CRITERION_CHARS_MAX)?;
    let bytes = text_bytes(plan);
    if bytes > PLAN_BYTES_MAX {
        return Err(PlanError::TooLarge {
            bytes,
            limit: PLAN_BYTES_MAX,
        });
    }
    Ok(())
}

/// Every text of the plan, but for ids, whose number and length are bounded.
fn text_bytes(plan: &Plan) -> usize {
    let tasks: usize = plan
        .tasks
        .iter()
        .map(|task| task.title.len() + task.instructions.len())
        .sum();
    let borders: usize = plan.borders.iter().map(|border| border.what.len()).sum();
    let criteria: usize = plan.criteria.iter().map(String::len).sum();
    plan.analysis.len() + plan.shared.len() + tasks + borders + criteria
}

/// A list of texts, each of which says something.
fn check_list<'a>(
    field: &'static str,
    one: &'static str,
    texts: impl ExactSizeIterator<Item = &'a str>,
    limit: usize,
    chars_max: usize,
) -> Result<(), PlanError> {
    if texts.len() > limit {
        let count = texts.len();
        return Err(PlanError::TooMany { field, count, limit });
    }
    for (number, text) in (1..).zip(texts) {
        if text.trim().is_empty() {
            return Err(PlanError::Blank { field, one, number });
        }
        check_chars(field, || format!("{one} number {number}"), text, chars_max)?;
    }
    Ok(())
}

fn check_chars(field: &'static str, what: impl FnOnce() -> String, text: &str, limit: usize) -> Result<(), PlanError> {
    // Bytes first: counting characters is only worth it where they could be too many.
    if text.len() <= limit {
        return Ok(());
    }
    let chars = text.chars().count();
    if chars <= limit {
        return Ok(());
    }
    Err(PlanError::TooLong {
        field,
        what: what(),
        chars,
        limit,
    })
}

/// Who decides is a subtask or the editor, and what a subtask answers for is there.
fn check_contract(plan: &Plan) -> Result<(), PlanError> {
    for (number, border) in (1..).zip(&plan.borders) {
        let owner = border.owner.as_ref().filter(|owner| !is_owner(plan.tasks(), owner));
        if let Some(owner) = owner {
            let owner = owner.clone();
            return Err(PlanError::UnknownOwner { number, owner });
        }
    }
    let count = plan.criteria.len();
    for task in &plan.tasks {
        let unknown = |number: &&u32| !(1..=count).contains(&(**number as usize));
        if let Some(number) = task.criteria.iter().find(unknown).copied() {
            let id = task.id.clone();
            return Err(PlanError::UnknownCriterion { id, number, count });
        }
    }
    Ok(())
}

fn is_owner(tasks: &[Task], owner: &str) -> bool {
    owner == EDITOR || tasks.iter().any(|task| task.id == owner)
}

fn check_lengths(plan: &Plan) -> Result<(), PlanError> {
    check_words("length", || "\"length\"".to_owned(), plan.length, LENGTH_WORDS_MAX)?;
    plan.tasks.iter().try_for_each(|task| {
        let what = || format!("the length of subtask {}", task.id);
        check_words("tasks", what, task.words, WORDS_MAX)
    })
}

fn check_words(
    field: &'static str,
    what: impl FnOnce() -> String,
    words: Option<u32>,
    limit: u32,
) -> Result<(), PlanError> {
    match words.filter(|words| !(WORDS_MIN..=limit).contains(words)) {
        None => Ok(()),
        Some(words) => Err(PlanError::WordsOutOfRange {
            field,
            what: what(),
            words,
            limit,
        }),
    }
}

fn check_dependencies(tasks: &[Task]) -> Result<(), PlanError> {
    for task in tasks {
        for dependency in &task.depends_on {
            if *dependency == task.id {
                return Err(PlanError::SelfDependency { id: task.id.clone() });
            }
            if !tasks.iter().any(|task| task.id == *dependency) {
                return Err(PlanError::UnknownDependency {
                    id: task.id.clone(),
                    dependency: dependency.clone(),
                });
            }
        }
    }
    let stuck = stuck(tasks);
    if stuck.is_empty() {
        Ok(())
    } else {
        Err(PlanError::Cycle {
            path: cycle_among(&stuck),
        })
    }
}

/// The tasks that no order can reach: members of a cycle and their dependents. Rounds over at most fifty tasks; ids are
/// unique and dependencies known.
fn stuck(tasks: &[Task]) -> Vec<&Task> {
    let mut ordered: Vec<&Task> = Vec::with_capacity(tasks.len());
    let mut rest: Vec<&Task> = tasks.iter().collect();
    loop {
        let (ready, waiting): (Vec<&Task>, Vec<&Task>) = rest.into_iter().partition(|task| {
            task.depends_on
                .iter()
                .all(|id| ordered.iter().any(|done| done.id == *id))
        });
        if ready.is_empty() {
            return waiting;
        }
        ordered.extend(ready);
        rest = waiting;
    }
}

/// One cycle among `stuck`, its first id repeated at the end. Each stuck task needs another stuck one, so that the walk
/// along these needs comes back to a task it has passed.
fn cycle_among(stuck: &[&Task]) -> Vec<String> {
    let by_id = |id: &String| stuck.iter().find(|task| task.id == *id).copied();
    let mut path: Vec<String> = Vec::new();
    let mut next = stuck.first().copied();
    while let Some(task) = next {
        if let Some(start) = path.iter().position(|id| *id == task.id) {
            path.push(task.id.clone());
            return path.split_off(start);
        }
        path.push(task.id.clone());
        next = task.depends_on.iter().find_map(by_id);
    }
    path
}
