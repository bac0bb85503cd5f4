//! The adaptations that were learned, per model: data only, kept as long as one of its handles.

use std::cell::RefCell;
use std::rc::Rc;

use crate::model::ModelSpec;
use crate::providers::wire::Adaptations;

/// More models than a configuration can name, because a workflow of an older configuration may name others.
const REMEMBERED_MODELS_MAX: usize = 64;

/// A handle on what is remembered. Clones share it, so that the workflows of one process learn from each other.
#[derive(Clone, Default)]
pub struct Remembered(Rc<RefCell<Vec<(ModelSpec, Adaptations)>>>);

impl Remembered {
    /// A copy for one call to learn on.
    pub(super) fn adaptations(&self, model: &ModelSpec) -> Adaptations {
        let all = self.0.borrow();
        let known = all.iter().find(|(known, _)| known == model);
        known.map_or_else(|| Adaptations::new(model), |(_, adaptations)| adaptations.clone())
    }

    /// Keeps what a call learned on its copy. Concurrent calls that are refused alike teach one lesson. Beyond
    /// [`REMEMBERED_MODELS_MAX`] models each call learns for itself.
    pub(super) fn keep(&self, model: &ModelSpec, learned: &Adaptations) {
        let mut all = self.0.borrow_mut();
        if let Some((_, known)) = all.iter_mut().find(|(known, _)| known == model) {
            known.merge(learned);
        } else if all.len() < REMEMBERED_MODELS_MAX {
            all.push((model.clone(), learned.clone()));
        }
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

    #[test]
    fn what_is_remembered_has_a_bound() {
        let remembered = Remembered::default();
        for number in 0..=REMEMBERED_MODELS_MAX {
            let mut learned = remembered.adaptations(&model(number));
            assert!(learned.learn(400, "temperature is not supported"));
            remembered.keep(&model(number), &learned);
        }
        let is_known = |number| remembered.adaptations(&model(number)) != Adaptations::new(&model(number));
        assert!(is_known(REMEMBERED_MODELS_MAX - 1) && !is_known(REMEMBERED_MODELS_MAX));
    }

    #[test]
    fn clones_share_what_is_remembered() {
        let remembered = Remembered::default();
        let mut learned = remembered.adaptations(&model(1));
        assert!(learned.learn(400, "temperature is not supported"));
        remembered.clone().keep(&model(1), &learned);
        assert_eq!(remembered.adaptations(&model(1)), learned);
    }
}
