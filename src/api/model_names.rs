//! Models as clients name them: as in BIG_MODEL and SMALL_MODEL, the provider's prefix only where it is not
//! MODEL_PROVIDER.

use super::problem::{Problem, shown};
use crate::model::{ModelSpec, Provider};

/// The name shown, and the one by which a client chooses. The nameless model of `ollama` is shown as `ollama:`.
pub fn shown_name(model: &ModelSpec, default: Provider) -> String {
    if model.provider == default && !model.name.is_empty() {
        model.name.clone()
    } else {
        full_name(model)
    }
}

fn full_name(model: &ModelSpec) -> String {
    format!("{}:{}", model.provider.as_str(), model.name)
}

/// The list with the wanted model first; the rest stay in their order, as fallbacks. Only configured models can be
/// wanted, of this list or of `others`.
pub(super) fn preferring(
    list: &[ModelSpec],
    others: &[ModelSpec],
    wanted: Option<&str>,
    field: &'static str,
    default: Provider,
) -> Result<Vec<ModelSpec>, Problem> {
    let Some(wanted) = wanted else { return Ok(list.to_vec()) };
    let is_wanted = |model: &&ModelSpec| shown_name(model, default) == wanted || full_name(model) == wanted;
    let Some(first) = list.iter().chain(others).find(is_wanted) else {
        let both = list.iter().chain(others);
        let allowed: Vec<String> = both.map(|model| shown_name(model, default)).collect();
        let detail = format!("{field} is {}: expected one of {}", shown(wanted), allowed.join(", "));
        return Err(Problem::invalid(detail).with("field", field).with("allowed", allowed));
    };
    let rest = list.iter().filter(|model| *model != first);
    Ok(std::iter::once(first).chain(rest).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(provider: Provider, name: &str) -> ModelSpec {
        ModelSpec {
            provider,
            name: name.to_owned(),
            context_tokens: 4_096,
        }
    }

    fn list() -> Vec<ModelSpec> {
        vec![
            model(Provider::Openai, "a"),
            model(Provider::WorkersAi, "@cf/b"),
            model(Provider::Openai, "c:1"),
        ]
    }

    #[test]
    fn the_wanted_model_moves_to_the_front() {
        for (wanted, order) in [
            (None, ["a", "@cf/b", "c:1"]),
            (Some("a"), ["a", "@cf/b", "c:1"]),
            (Some("c:1"), ["c:1", "a", "@cf/b"]),
            (Some("openai:c:1"), ["c:1", "a", "@cf/b"]),
            (Some("workers-ai:@cf/b"), ["@cf/b", "a", "c:1"]),
        ] {
            let chosen = preferring(&list(), &[], wanted, "options.big_model", Provider::Openai).unwrap();
            assert_eq!(
                chosen.iter().map(|model| model.name.as_str()).collect::<Vec<_>>(),
                order
            );
        }
    }

    #[test]
    fn a_model_of_the_other_list_comes_before_the_whole_list() {
        let others = [model(Provider::Openai, "small"), model(Provider::Openai, "a")];
        let names = |wanted| {
            let chosen = preferring(&list(), &others, wanted, "options.big_model", Provider::Openai).unwrap();
            chosen.into_iter().map(|model| model.name).collect::<Vec<_>>()
        };
        assert_eq!(names(Some("small")), ["small", "a", "@cf/b", "c:1"]);
        assert_eq!(names(Some("openai:small")), ["small", "a", "@cf/b", "c:1"]);
        // One of both lists stands once.
        assert_eq!(names(Some("a")), ["a", "@cf/b", "c:1"]);
        assert_eq!(names(None), ["a", "@cf/b", "c:1"]);
    }

    #[test]
    fn another_model_is_refused_with_the_allowed_ones() {
        for wanted in ["gpt-x", "@cf/b", "", "A"] {
            let problem = preferring(&list(), &[], Some(wanted), "options.big_model", Provider::Openai).unwrap_err();
            assert!(
                problem.detail().ends_with("expected one of a, workers-ai:@cf/b, c:1"),
                "{}",
                problem.detail()
            );
        }
    }

    #[test]
    fn the_nameless_model_has_a_name_to_show() {
        assert_eq!(shown_name(&model(Provider::Ollama, ""), Provider::Ollama), "ollama:");
    }
}
