//! What the servers taught about their models' parameters, for the life of the isolate: data only, shared by its
//! objects.

use std::cell::RefCell;

use crate::model::ModelSpec;
use crate::providers::wire::Adaptations;

/// More models than a configuration can name; a workflow of an older one may name others.
const MODELS_MAX: usize = 64;

thread_local! {
    static LEARNED: RefCell<Vec<(ModelSpec, Adaptations)>> = const { RefCell::new(Vec::new()) };
}

/// A copy for one call to learn on.
pub fn adaptations(model: &ModelSpec) -> Adaptations {
    LEARNED
        .with_borrow(|learned| {
            learned
                .iter()
                .find(|(known, _)| known == model)
                .map(|(_, adaptations)| adaptations.clone())
        })
        .unwrap_or_else(|| Adaptations::new(model))
}

/// Keeps what a call learned on its copy: concurrent calls that are refused alike teach one lesson.
pub fn keep(model: &ModelSpec, adaptations: &Adaptations) {
    LEARNED.with_borrow_mut(|learned| {
        if let Some((_, known)) = learned.iter_mut().find(|(known, _)| known == model) {
            known.merge(adaptations);
        } else if learned.len() < MODELS_MAX {
            learned.push((model.clone(), adaptations.clone()));
        }
    });
}
