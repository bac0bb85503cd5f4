//! What was learned of the models' parameters: data only, kept as long as one of its handles.

use std::cell::RefCell;
use std::rc::Rc;

use super::lessons::{Lent, Lessons};
use crate::clock::Timestamp;
use crate::model::ModelSpec;
use crate::providers::wire::Adaptations;

/// More models than a configuration can name, because a workflow of an older configuration may name others.
const REMEMBERED_MODELS_MAX: usize = 64;

/// A handle on what is remembered. Clones share it, so that the workflows of one process learn from each other.
#[derive(Clone, Default)]
pub struct Remembered(Rc<RefCell<Vec<(ModelSpec, Lessons)>>>);

impl Remembered {
    /// The parameters for a call of `model` that begins now. Beyond [`REMEMBERED_MODELS_MAX`] models each call learns
    /// for itself.
    pub(super) fn lend(&self, model: &ModelSpec, now: Timestamp) -> Lent {
        let fresh = || Adaptations::new(model);
        let mut all = self.0.borrow_mut();
        if !all.iter().any(|(known, _)| known == model) && all.len() < REMEMBERED_MODELS_MAX {
            all.push((model.clone(), Lessons::new(fresh())));
        }
        let known = all.iter_mut().find(|(known, _)| known == model);
        known.map_or_else(|| Lent::alone(fresh()), |(_, lessons)| lessons.lend(now))
    }

    /// Changes what is remembered of `model`, if it is.
    pub(super) fn of<R>(&self, model: &ModelSpec, change: impl FnOnce(&mut Lessons) -> R) -> Option<R> {
        let mut all = self.0.borrow_mut();
        let known = all.iter_mut().find(|(known, _)| known == model);
        known.map(|(_, lessons)| change(lessons))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Provider;

    fn model(number: usize) -> ModelSpec {
        ModelSpec {
            provider: Provider::Openai,
            name: format!("m{number}"),
            context_tokens: 8_192,
        }
    }

    fn teach(remembered: &Remembered, number: usize) -> Adaptations {
        let lent = remembered.lend(&model(number), Timestamp(0));
        let mut learned = lent.adaptations.clone();
        assert!(learned.learn(400, "temperature is not supported"));
        remembered.of(&model(number), |lessons| {
            lessons.succeeded(&lent, &learned, false, Timestamp(0));
        });
        learned
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let remembered = Remembered::default();
        for number in 0..=REMEMBERED_MODELS_MAX {
            teach(&remembered, number);
        }
        let is_known =
            |number| remembered.lend(&model(number), Timestamp(1)).adaptations != Adaptations::new(&model(number));
        assert!(is_known(REMEMBERED_MODELS_MAX - 1) && !is_known(REMEMBERED_MODELS_MAX));
    }

    #[test]
    fn clones_share_what_is_remembered() {
        let remembered = Remembered::default();
        let learned = teach(&remembered.clone(), 1);
        assert_eq!(remembered.lend(&model(1), Timestamp(1)).adaptations, learned);
    }
}
