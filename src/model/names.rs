//! Model names: entries of a list with their providers' prefixes, and the default lists.
//!
//! The services change names every month, so an unknown name always works. Nothing here reads configuration.

use super::facts::default_context_tokens;
use super::{ModelSpec, Provider};

/// Longest accepted model name, in bytes.
pub const MODEL_NAME_BYTES_MAX: usize = 200;
/// Most entries of a model list.
pub const MODELS_MAX: usize = 16;
/// OpenAI's names of fine-tuned models begin so.
const FINE_TUNED: &str = "ft";

/// What a model is asked to do, as far as defaults differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelRole {
    /// Plans and synthesises.
    Big,
    /// Answers subtasks.
    Small,
}

/// What the entries of a list may name beside the built-in providers.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Of an entry without a prefix.
    pub default: Provider,
    /// The servers that the configuration defines.
    pub servers: &'a [Provider],
    /// The default's own names may have colons, as `qwen3:8b` has, so that an unknown prefix is part of a name.
    pub has_colons: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelListError {
    #[error("the model list is empty")]
    Empty,
    #[error("the model list has more than {MODELS_MAX} entries")]
    TooMany,
    #[error("the entry {entry:?} names no model")]
    NoName { entry: String },
    #[error("the model name {name:?} has white space or control characters, or more than {MODEL_NAME_BYTES_MAX} bytes")]
    BadName { name: String },
    #[error("the prefix of {entry:?} is written {name}")]
    PrefixWrittenAsVariable { entry: String, name: String },
    #[error("nothing defines the provider {name:?}: set {variable}, or correct the prefix")]
    UnknownProvider { name: String, variable: String },
}

/// Parses a comma-separated list such as `@cf/a/b, openai:gpt-5-mini`. Empty entries (a trailing comma) are skipped.
pub fn parse_model_list(list: &str, known: Known<'_>) -> Result<Vec<ModelSpec>, ModelListError> {
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let specs = entries
        .map(|entry| parse_model_entry(entry, known))
        .collect::<Result<Vec<_>, _>>()?;
    match specs.len() {
        0 => Err(ModelListError::Empty),
        1..=MODELS_MAX => Ok(specs),
        _ => Err(ModelListError::TooMany),
    }
}

/// Parses one entry. Only the exact names of providers are prefixes: `llama3.2:3b` is a name with a colon in it, and so
/// is OpenAI's `ft:gpt-4o`.
pub fn parse_model_entry(entry: &str, known: Known<'_>) -> Result<ModelSpec, ModelListError> {
    let entry = entry.trim();
    if let Some(server) = server_as_in_variables(entry, known) {
        return Err(ModelListError::PrefixWrittenAsVariable {
            entry: entry.to_owned(),
            name: server.as_str().to_owned(),
        });
    }
    let prefixed = entry
        .split_once(':')
        .and_then(|(prefix, name)| Some((Provider::parse(prefix)?, name.trim())));
    let (provider, name) = match prefixed {
        Some((provider, _)) if matches!(provider, Provider::Named(_)) && !known.servers.contains(&provider) => {
            if !known.has_colons && provider.as_str() != FINE_TUNED {
                return Err(ModelListError::UnknownProvider {
                    name: provider.as_str().to_owned(),
                    variable: provider.base_url_variable(),
                });
            }
            (known.default, entry)
        }
        Some(prefixed) => prefixed,
        None => (known.default, entry),
    };
    if name.is_empty() {
        return Err(ModelListError::NoName {
            entry: entry.to_owned(),
        });
    }
    if !is_well_formed(name) {
        return Err(ModelListError::BadName {
            name: name.chars().take(MODEL_NAME_BYTES_MAX).collect(),
        });
    }
    Ok(ModelSpec {
        provider,
        name: name.to_owned(),
        context_tokens: default_context_tokens(provider, name),
    })
}

/// The server that is defined and that a prefix such as `my_box` or `MY_BOX` means, whose name is `my-box`.
fn server_as_in_variables(entry: &str, known: Known<'_>) -> Option<Provider> {
    let (prefix, _) = entry.split_once(':')?;
    let server = Provider::parse(&prefix.to_ascii_lowercase().replace('_', "-"))?;
    (server.as_str() != prefix && known.servers.contains(&server) && matches!(server, Provider::Named(_)))
        .then_some(server)
}

/// The list used where none is configured. Empty where a name can't be guessed: `openai` and other endpoints must be
/// configured, `ollama` takes the first of [`chat_models_of_listing`].
pub fn default_models(provider: Provider, role: ModelRole) -> &'static [&'static str] {
    match (provider, role) {
        (Provider::WorkersAi, ModelRole::Big) => &[
            "@cf/nvidia/nemotron-3-120b-a12b",
            "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        ],
        (Provider::WorkersAi, ModelRole::Small) => &["@cf/google/gemma-4-26b-a4b-it", "@cf/zai-org/glm-4.7-flash"],
        (Provider::Demo, ModelRole::Big) => &["demo-big"],
        (Provider::Demo, ModelRole::Small) => &["demo-small"],
        (Provider::Openai | Provider::Ollama | Provider::Named(_), _) => &[],
    }
}

/// The names in the body of Ollama's `GET /api/tags`, in the server's order, without embedding models. Empty for any
/// other body.
pub fn chat_models_of_listing(body: &str) -> Vec<String> {
    let Ok(listing) = serde_json::from_str::<serde_json::Value>(body) else {
        return Vec::new();
    };
    let models = listing
        .get("models")
        .and_then(serde_json::Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let names = models.iter().filter_map(|model| model.get("name")?.as_str());
    names
        .filter(|name| !is_embedding_model(name) && is_well_formed(name))
        .map(str::to_owned)
        .collect()
}

fn is_well_formed(name: &str) -> bool {
    let is_odd = |character: char| character.is_whitespace() || character.is_control();
    (1..=MODEL_NAME_BYTES_MAX).contains(&name.len()) && !name.chars().any(is_odd)
}

fn is_embedding_model(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["embed", "bge-", "minilm", "rerank"]
        .iter()
        .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::native_json_mode;

    fn known(default: Provider) -> Known<'static> {
        Known {
            default,
            servers: &[],
            has_colons: matches!(default, Provider::Ollama),
        }
    }

    fn spec(entry: &str) -> (Provider, String) {
        let spec = parse_model_entry(entry, known(Provider::Ollama)).expect(entry);
        (spec.provider, spec.name)
    }

    #[test]
    fn a_server_that_is_defined_is_a_prefix_and_another_is_not() {
        let groq = Provider::parse("groq").expect("a name");
        for default in [Provider::WorkersAi, Provider::Ollama, groq] {
            let known = Known {
                servers: &[groq],
                ..known(default)
            };
            let spec = parse_model_entry("groq:openai/gpt-oss-20b", known).expect("defined");
            assert_eq!((spec.provider, spec.name.as_str()), (groq, "openai/gpt-oss-20b"));
        }
        assert_eq!(spec("groq:x"), (Provider::Ollama, "groq:x".into()));
        assert_eq!(spec("qwen3:8b"), (Provider::Ollama, "qwen3:8b".into()));
        for default in [Provider::WorkersAi, Provider::Openai, Provider::Demo] {
            let error = parse_model_entry("my-own:x", known(default)).expect_err("undefined");
            assert_eq!(
                error.to_string(),
                "nothing defines the provider \"my-own\": set PROVIDER_MY_OWN_BASE_URL, or correct the prefix"
            );
        }
        let my_box = Known {
            servers: &[groq, Provider::parse("my-box").expect("a name")],
            ..known(Provider::Ollama)
        };
        for prefix in ["my_box", "MY_BOX"] {
            let error = parse_model_entry(&format!("{prefix}:x"), my_box).expect_err("no prefix");
            assert_eq!(
                error.to_string(),
                format!("the prefix of \"{prefix}:x\" is written my-box")
            );
        }
        assert_eq!(spec("my_box:x"), (Provider::Ollama, "my_box:x".into()));
        let tuned = parse_model_entry("ft:gpt-4o:org::id", known(Provider::Openai)).expect("a name");
        assert_eq!(
            (tuned.provider, tuned.name.as_str()),
            (Provider::Openai, "ft:gpt-4o:org::id")
        );
    }

    #[test]
    fn only_exact_prefixes_name_a_built_in_provider() {
        assert_eq!(spec("openai:gpt-5-mini"), (Provider::Openai, "gpt-5-mini".into()));
        assert_eq!(spec("workers-ai:@cf/a/b"), (Provider::WorkersAi, "@cf/a/b".into()));
        assert_eq!(spec("ollama:llama3.2:3b"), (Provider::Ollama, "llama3.2:3b".into()));
        assert_eq!(spec("demo:demo-big"), (Provider::Demo, "demo-big".into()));
        assert_eq!(spec("llama3.2:3b"), (Provider::Ollama, "llama3.2:3b".into()));
        assert_eq!(spec("OpenAI:x"), (Provider::Ollama, "OpenAI:x".into()));
        assert_eq!(spec("openai/gpt-5"), (Provider::Ollama, "openai/gpt-5".into()));
        assert_eq!(spec(" openai: gpt-5 "), (Provider::Openai, "gpt-5".into()));
    }

    #[test]
    fn a_list_keeps_its_order_and_skips_empty_entries() {
        let list = parse_model_list("@cf/a/b, openai:c ,", known(Provider::WorkersAi)).expect("list");
        let names: Vec<_> = list.iter().map(|spec| (spec.provider, spec.name.as_str())).collect();
        assert_eq!(names, [(Provider::WorkersAi, "@cf/a/b"), (Provider::Openai, "c")]);
    }

    #[test]
    fn a_bad_list_says_what_is_wrong() {
        let error = |list: &str| parse_model_list(list, known(Provider::Openai)).expect_err(list);
        assert_eq!(error(" , "), ModelListError::Empty);
        assert_eq!(
            error("openai:"),
            ModelListError::NoName {
                entry: "openai:".into()
            }
        );
        assert_eq!(
            error("two words"),
            ModelListError::BadName {
                name: "two words".into()
            }
        );
        assert!(matches!(error(&"x".repeat(201)), ModelListError::BadName { .. }));
        assert_eq!(error(&"a,".repeat(17)), ModelListError::TooMany);
    }

    #[test]
    fn every_default_list_parses_and_its_big_workers_ai_models_can_plan() {
        for provider in [Provider::WorkersAi, Provider::Demo] {
            for role in [ModelRole::Big, ModelRole::Small] {
                let list = default_models(provider, role).join(",");
                assert!(parse_model_list(&list, known(provider)).is_ok());
            }
        }
        assert!(native_json_mode("@cf/meta/llama-3.3-70b-instruct-fp8-fast"));
        assert!(!native_json_mode("@cf/meta/llama-3.2-3b-instruct"));
    }

    #[test]
    fn a_listing_gives_its_chat_models_in_order() {
        let body = r#"{"models":[{"name":"nomic-embed-text:latest"},{"name":"llama3.2:3b"},{"name":"qwen3:8b"},{}]}"#;
        assert_eq!(chat_models_of_listing(body), ["llama3.2:3b", "qwen3:8b"]);
        assert!(chat_models_of_listing("<html>").is_empty());
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn any_list_and_any_listing_have_an_answer(
            list in "([a-z-]{0,8}:)?.{0,30}(,.{0,10})?", body in "(\\{\"models\":\\[)?.{0,60}",
        ) {
            let _ = (parse_model_list(&list, known(Provider::Openai)), chat_models_of_listing(&body));
        }
    }
}
