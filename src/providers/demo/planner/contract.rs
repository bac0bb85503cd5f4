//! What a plan says for all its parts, in the words of the prompt.

use serde::Serialize;

use super::{Draft, cut};
use crate::model::Terms;

/// Words of a part of the demo, and of what stands around the parts.
const WORDS_EACH: u32 = 120;
/// A smaller share is none.
const WORDS_EACH_MIN: u32 = 20;
/// A point in the list of all: they have to fit into a plan together.
const POINT_CHARS: usize = 40;
/// One more is the editor's. A plan may have 40.
const CRITERIA_OF_PARTS_MAX: usize = 39;

#[derive(Serialize)]
pub(super) struct WrittenBorder {
    what: String,
    owner: String,
}

#[derive(Default)]
pub(super) struct Contract {
    pub form: Option<&'static str>,
    pub length: Option<u32>,
    /// Each part's share of the length.
    pub words: Option<u32>,
    pub shared: String,
    pub borders: Vec<WrittenBorder>,
    pub criteria: Vec<String>,
    /// The number of the criterion of each part.
    numbers: Vec<Option<u32>>,
}

impl Contract {
    /// One part has nobody to agree with.
    pub fn of(drafts: &[Draft], ids: &[String], terms: &Terms) -> Contract {
        if drafts.len() < 2 {
            return Contract::default();
        }
        let shares = u32::try_from(drafts.len()).unwrap_or(u32::MAX).saturating_add(1);
        let length = shares
            .saturating_mul(WORDS_EACH)
            .min(terms.length.words.unwrap_or(u32::MAX));
        let points: Vec<&Draft> = drafts.iter().filter(|draft| draft.is_point).collect();
        let mut criteria = Vec::new();
        let mut numbers = Vec::new();
        for draft in drafts {
            let has_own = draft.is_point && criteria.len() < CRITERIA_OF_PARTS_MAX;
            if has_own {
                criteria.push(format!("The answer has this point: {}", draft.title));
            }
            numbers.push(has_own.then_some(criteria.len() as u32));
        }
        criteria.push("The answer says at its beginning that no language model was called".to_owned());
        let needed = |position| drafts.iter().any(|draft| draft.depends_on.contains(&position));
        Contract {
            // A model that is given short prompts is not told of forms.
            form: (!terms.plain).then_some("assemble"),
            length: Some(length),
            words: Some(length / shares).filter(|words| *words >= WORDS_EACH_MIN),
            shared: shared(&points),
            borders: drafts
                .iter()
                .zip(ids)
                .enumerate()
                .filter(|(position, _)| needed(*position))
                .map(|(_, (draft, id))| WrittenBorder {
                    what: format!("What is said of \"{}\"", draft.title),
                    owner: id.clone(),
                })
                .collect(),
            criteria,
            numbers,
        }
    }

    pub fn criterion_of(&self, position: usize) -> Option<u32> {
        self.numbers.get(position).copied().flatten()
    }
}

fn shared(points: &[&Draft]) -> String {
    if points.is_empty() {
        return "The request has no points of its own; every part works on all of it.".to_owned();
    }
    let list: Vec<String> = points
        .iter()
        .zip(1..)
        .map(|(draft, number)| format!("{number}. {}", cut(&draft.title, POINT_CHARS)))
        .collect();
    format!(
        "The request was split into {} points, in this order: {}.",
        points.len(),
        list.join("; ")
    )
}
