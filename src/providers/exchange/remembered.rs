//! What was learned of the models' parameters: data only, kept as long as one of its handles.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use super::lessons::{Lent, Lessons};
use crate::clock::Timestamp;
use crate::json;
use crate::model::{Brief, ModelRequest, ModelSpec};
use crate::providers::wire::Adaptations;

/// More models than a configuration can name, because a workflow of an older configuration may name others.
const REMEMBERED_MODELS_MAX: usize = 64;
/// The schemas of users that were asked for last.
const REMEMBERED_SCHEMAS_MAX: usize = 32;

/// What is asked of: a model, or a model beside a schema of a user's. What a server says of such a schema is no lesson
/// for plans, nor for the schemas of others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Subject {
    model: ModelSpec,
    schema: Option<u64>,
}

impl Subject {
    pub(super) fn of(request: &ModelRequest) -> Self {
        let schema = match &request.brief {
            Brief::Structure { schema, .. } => {
                let mut hasher = DefaultHasher::new();
                json::text(schema).hash(&mut hasher);
                Some(hasher.finish())
            }
            _ => None,
        };
        Subject {
            model: request.model.clone(),
            schema,
        }
    }
}

/// A handle on what is remembered. Clones share it, so that the workflows of one process learn from each other.
#[derive(Clone, Default)]
pub struct Remembered(Rc<RefCell<Vec<(Subject, Lessons)>>>);

impl Remembered {
    /// The parameters for a call that begins now. Beyond [`REMEMBERED_MODELS_MAX`] models each call learns for itself;
    /// a schema more than [`REMEMBERED_SCHEMAS_MAX`] takes the place of the oldest.
    pub(super) fn lend(&self, subject: &Subject, now: Timestamp) -> Lent {
        let fresh = || Adaptations::new(&subject.model);
        let mut all = self.0.borrow_mut();
        if !all.iter().any(|(known, _)| known == subject) {
            let has_schema = |known: &Subject| known.schema.is_some();
            let schemas = all.iter().filter(|(known, _)| has_schema(known)).count();
            let is_of_schema = has_schema(subject);
            if is_of_schema
                && schemas >= REMEMBERED_SCHEMAS_MAX
                && let Some(oldest) = all.iter().position(|(known, _)| has_schema(known))
            {
                all.remove(oldest);
            }
            if is_of_schema || all.len() - schemas < REMEMBERED_MODELS_MAX {
                let of_model = all
                    .iter()
                    .find(|(known, _)| known.model == subject.model && !has_schema(known));
                let lessons = of_model.map_or_else(|| Lessons::new(fresh()), |(_, lessons)| lessons.clone());
                all.push((subject.clone(), lessons));
            }
        }
        let known = all.iter_mut().find(|(known, _)| known == subject);
        known.map_or_else(|| Lent::alone(fresh()), |(_, lessons)| lessons.lend(now))
    }

    /// Changes what is remembered of `subject`, if it is.
    pub(super) fn of<R>(&self, subject: &Subject, change: impl FnOnce(&mut Lessons) -> R) -> Option<R> {
        let mut all = self.0.borrow_mut();
        let known = all.iter_mut().find(|(known, _)| known == subject);
        known.map(|(_, lessons)| change(lessons))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Provider;

    fn of(number: usize, schema: Option<u64>) -> Subject {
        Subject {
            model: ModelSpec {
                provider: Provider::Openai,
                name: format!("m{number}"),
                context_tokens: 8_192,
            },
            schema,
        }
    }

    fn teach(remembered: &Remembered, subject: &Subject, refusal: &str) -> Adaptations {
        let lent = remembered.lend(subject, Timestamp(0));
        let mut learned = lent.adaptations.clone();
        assert!(learned.learn(400, refusal));
        remembered.of(subject, |lessons| {
            lessons.succeeded(&lent, &learned, false, Timestamp(0));
        });
        learned
    }

    const NO_TEMPERATURE: &str = "temperature is not supported";
    const NO_FORMAT: &str = "response_format is not supported";

    fn is_known(remembered: &Remembered, subject: &Subject) -> bool {
        remembered.lend(subject, Timestamp(1)).adaptations != Adaptations::new(&subject.model)
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let remembered = Remembered::default();
        for number in 0..=REMEMBERED_MODELS_MAX {
            teach(&remembered, &of(number, None), NO_TEMPERATURE);
        }
        assert!(is_known(&remembered, &of(REMEMBERED_MODELS_MAX - 1, None)));
        assert!(!is_known(&remembered, &of(REMEMBERED_MODELS_MAX, None)));
    }

    #[test]
    fn of_the_schemas_the_last_ones_are_remembered() {
        let remembered = Remembered::default();
        teach(&remembered, &of(1, None), NO_TEMPERATURE);
        for schema in 0..=REMEMBERED_SCHEMAS_MAX as u64 {
            teach(&remembered, &of(2, Some(schema)), NO_FORMAT);
        }
        assert_eq!(remembered.0.borrow().len(), 1 + REMEMBERED_SCHEMAS_MAX);
        assert!(is_known(&remembered, &of(1, None)));
        assert!(is_known(&remembered, &of(2, Some(REMEMBERED_SCHEMAS_MAX as u64))));
        assert!(!is_known(&remembered, &of(2, Some(0))));
    }

    #[test]
    fn what_a_server_says_of_a_users_schema_is_no_lesson_for_others() {
        let remembered = Remembered::default();
        let plain = teach(&remembered, &of(1, None), NO_TEMPERATURE);
        assert_eq!(
            remembered.lend(&of(1, Some(7)), Timestamp(1)).adaptations,
            plain,
            "the model's lessons hold"
        );
        let own = teach(&remembered, &of(1, Some(7)), NO_FORMAT);
        assert_eq!(remembered.lend(&of(1, Some(7)), Timestamp(1)).adaptations, own);
        assert_ne!(own, plain);
        for other in [of(1, None), of(1, Some(8))] {
            assert_eq!(remembered.lend(&other, Timestamp(1)).adaptations, plain);
        }
    }

    #[test]
    fn clones_share_what_is_remembered() {
        let remembered = Remembered::default();
        let learned = teach(&remembered.clone(), &of(1, None), NO_TEMPERATURE);
        assert_eq!(remembered.lend(&of(1, None), Timestamp(1)).adaptations, learned);
    }
}
