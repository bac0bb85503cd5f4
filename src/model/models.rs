//! What is known about models by their names: providers' prefixes, context sizes, families, defaults.
//!
//! Names are data of the services and change every month: an unknown name always gets a working, cautious answer, and
//! what is refused at run time is learned by [`crate::model::wire::Adaptations`]. Nothing here reads configuration; what
//! the operator configures (`*_CONTEXT_TOKENS`) overrides the context sizes of this module.

use super::{ModelSpec, Provider};

/// Longest accepted model name, in bytes.
pub const MODEL_NAME_BYTES_MAX: usize = 200;
/// Most entries of a model list.
pub const MODELS_MAX: usize = 16;

/// Ollama's own default: longer prompts are cut silently unless it was started with `OLLAMA_CONTEXT_LENGTH`.
const OLLAMA_CONTEXT_TOKENS: u32 = 4_096;
const OPENAI_CONTEXT_TOKENS: u32 = 128_000;
const WORKERS_AI_CONTEXT_TOKENS: u32 = 24_000;
const DEMO_CONTEXT_TOKENS: u32 = 128_000;

/// What a model is asked to do, as far as defaults differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelRole {
    /// Plans and synthesises.
    Big,
    /// Answers subtasks.
    Small,
}

/// How a model behind the `AI` binding wants its inputs (Cloudflare's model pages, 2026).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkersAiFamily {
    /// Llama and older: `{response}`, `max_tokens`, JSON mode for some and never streamed.
    Native,
    /// GLM, Kimi, Gemma 4, Nemotron, Qwen 3, DeepSeek, gpt-oss and whatever comes next: chat completions.
    ChatStyle,
    /// A catalogue name without `@` (`openai/gpt-5-mini`): another company's endpoint behind AI Gateway.
    Partner,
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
}

/// Parses a comma-separated list such as `@cf/a/b, openai:gpt-5-mini`. Empty entries (a trailing comma) are skipped.
pub fn parse_model_list(list: &str, default: Provider) -> Result<Vec<ModelSpec>, ModelListError> {
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let specs = entries
        .map(|entry| parse_model_entry(entry, default))
        .collect::<Result<Vec<_>, _>>()?;
    match specs.len() {
        0 => Err(ModelListError::Empty),
        1..=MODELS_MAX => Ok(specs),
        _ => Err(ModelListError::TooMany),
    }
}

/// Parses one entry. Only the four exact prefixes name a provider: `llama3.2:3b` is a name with a colon in it.
pub fn parse_model_entry(entry: &str, default: Provider) -> Result<ModelSpec, ModelListError> {
    let entry = entry.trim();
    let prefixed = entry
        .split_once(':')
        .and_then(|(prefix, name)| provider_of_prefix(prefix).map(|provider| (provider, name.trim())));
    let (provider, name) = prefixed.unwrap_or((default, entry));
    if name.is_empty() {
        return Err(ModelListError::NoName { entry: entry.to_owned() });
    }
    if name.len() > MODEL_NAME_BYTES_MAX || name.chars().any(|character| character.is_whitespace() || character.is_control()) {
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

fn provider_of_prefix(prefix: &str) -> Option<Provider> {
    [Provider::WorkersAi, Provider::Openai, Provider::Ollama, Provider::Demo]
        .into_iter()
        .find(|provider| provider.as_str() == prefix)
}

/// The list used where none is configured. Empty where a name can't be guessed: `openai` (any endpoint) must be
/// configured, `ollama` takes the first of [`chat_models_of_listing`].
pub fn default_models(provider: Provider, role: ModelRole) -> &'static [&'static str] {
    match (provider, role) {
        (Provider::WorkersAi, ModelRole::Big) => &["@cf/nvidia/nemotron-3-120b-a12b", "@cf/meta/llama-3.3-70b-instruct-fp8-fast"],
        (Provider::WorkersAi, ModelRole::Small) => &["@cf/google/gemma-4-26b-a4b-it", "@cf/zai-org/glm-4.7-flash"],
        (Provider::Demo, ModelRole::Big) => &["demo-big"],
        (Provider::Demo, ModelRole::Small) => &["demo-small"],
        (Provider::Openai | Provider::Ollama, _) => &[],
    }
}

/// The names in the body of `GET /v1/models`, in the server's order, without embedding models. Empty for any other body.
pub fn chat_models_of_listing(body: &str) -> Vec<String> {
    let Ok(listing) = serde_json::from_str::<serde_json::Value>(body) else {
        return Vec::new();
    };
    let models = listing
        .get("data")
        .and_then(serde_json::Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let names = models.iter().filter_map(|model| model.get("id")?.as_str());
    names
        .filter(|name| !is_embedding_model(name) && parse_model_entry(name, Provider::Ollama).is_ok())
        .map(str::to_owned)
        .collect()
}

fn is_embedding_model(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["embed", "bge-", "minilm", "rerank"].iter().any(|part| name.contains(part))
}

/// The context window in tokens, prompt and reply together, where nothing is configured.
pub fn default_context_tokens(provider: Provider, name: &str) -> u32 {
    match provider {
        Provider::Ollama => OLLAMA_CONTEXT_TOKENS,
        Provider::Demo => DEMO_CONTEXT_TOKENS,
        Provider::Openai => first_prefix(OPENAI_CONTEXTS, base_name(name)).unwrap_or(OPENAI_CONTEXT_TOKENS),
        Provider::WorkersAi => first_prefix(WORKERS_AI_CONTEXTS, base_name(name))
            .or_else(|| first_prefix(OPENAI_CONTEXTS, base_name(name)))
            .unwrap_or(WORKERS_AI_CONTEXT_TOKENS),
    }
}

/// `@cf/meta/llama-3.3-70b` and `meta/llama-3.3-70b` as `llama-3.3-70b`.
fn base_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn first_prefix<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    let name = name.to_ascii_lowercase();
    table.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, value)| *value)
}

/// By prefix of the name, the longer prefix first. Cloudflare's model pages, 2026. Gemma 4 is listed with 256k and
/// answers "maximum context length is 131072 tokens" (cloudflare-docs issue 29731): the lower number never fails.
const WORKERS_AI_CONTEXTS: &[(&str, u32)] = &[
    ("nemotron-3", 256_000),
    ("gemma-4", 131_072),
    ("glm-5.3", 1_310_720),
    ("glm-5", 262_144),
    ("glm-4.7", 131_072),
    ("gpt-oss", 128_000),
    ("kimi-k2", 256_000),
    ("llama-3.3-70b", 24_000),
    ("llama-4-scout", 131_000),
    ("llama-3.2-3b", 80_000),
    ("llama-3.2-1b", 60_000),
    ("llama-3.1-8b-instruct-fp8", 32_000),
    ("llama-3.1", 7_968),
    ("llama-3-8b", 7_968),
    ("llama-2", 4_096),
    ("qwen3-30b", 32_768),
    ("qwen2.5", 32_768),
    ("qwq-32b", 24_000),
    ("deepseek-r1-distill", 80_000),
    ("mistral-small-3.1", 128_000),
    ("gemma-3", 80_000),
    ("mistral-7b", 2_824),
];

const OPENAI_CONTEXTS: &[(&str, u32)] = &[
    ("gpt-5", 400_000),
    ("gpt-4.1", 1_047_576),
    ("gpt-4o", 128_000),
    ("gpt-4-turbo", 128_000),
    ("gpt-4-32k", 32_768),
    ("gpt-4", 8_192),
    ("gpt-3.5", 16_385),
    ("gpt-oss", 131_072),
    ("o1-mini", 128_000),
    ("o1", 200_000),
    ("o3", 200_000),
    ("o4", 200_000),
];

/// The family of a name behind the `AI` binding. An unknown `@` name counts as [`WorkersAiFamily::ChatStyle`], as every
/// model added since 2026 is; replies are read by shape, whatever the family.
pub fn workers_ai_family(name: &str) -> WorkersAiFamily {
    if !name.starts_with('@') {
        return WorkersAiFamily::Partner;
    }
    let base = base_name(name).to_ascii_lowercase();
    if NATIVE_PREFIXES.iter().any(|prefix| base.starts_with(prefix)) {
        WorkersAiFamily::Native
    } else {
        WorkersAiFamily::ChatStyle
    }
}

const NATIVE_PREFIXES: &[&str] = &[
    "llama",
    "meta-llama",
    "mistral",
    "hermes",
    "openhermes",
    "neural-chat",
    "openchat",
    "starling",
    "zephyr",
    "una-cybertron",
    "discolm",
    "falcon",
    "tinyllama",
    "phi-",
    "sqlcoder",
    "gemma-2b",
    "gemma-7b",
    "gemma-3",
    "gemma-sea",
    "qwen1.5",
    "qwen2.5",
    "qwq",
    "deepseek-coder",
    "deepseek-math",
    "deepseek-r1-distill",
    "granite",
];

/// Whether a native model understands `response_format` (Cloudflare's JSON mode page, 2026, after issues 21316 and 27786
/// removed those that only claimed it).
pub fn native_json_mode(name: &str) -> bool {
    let base = base_name(name).to_ascii_lowercase();
    let listed = [
        "llama-3.3-70b-instruct",
        "llama-3-8b-instruct",
        "meta-llama-3-8b-instruct",
        "llama-4-",
        "hermes-2-pro",
        "deepseek-coder-6.7b-instruct",
        "deepseek-r1-distill",
    ];
    listed.iter().any(|prefix| base.starts_with(prefix))
}

/// Whether a model reasons before it answers, by its name. Such a model takes `reasoning_effort`, may refuse any
/// temperature but its own, and can spend its whole token limit on reasoning.
pub fn is_reasoning_model(name: &str) -> bool {
    let base = base_name(name).to_ascii_lowercase();
    let prefixes = [
        "o1",
        "o3",
        "o4",
        "gpt-5",
        "gpt-oss",
        "nemotron-3",
        "glm-4.5",
        "glm-4.6",
        "glm-4.7",
        "glm-5",
        "gemma-4",
        "kimi-k2",
        "qwen3",
        "qwq",
        "deepseek-r1",
        "deepseek-v3.",
        "deepseek-v4",
        "deepseek-reasoner",
        "magistral",
        "minimax-m",
    ];
    // Instruct-only siblings of reasoning families.
    let chat_only =
        base.starts_with("gpt-5-chat") || base.contains("non-thinking") || (base.starts_with("qwen3") && base.contains("instruct"));
    !chat_only && prefixes.iter().any(|prefix| base.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(entry: &str) -> (Provider, String) {
        let spec = parse_model_entry(entry, Provider::Ollama).expect(entry);
        (spec.provider, spec.name)
    }

    #[test]
    fn only_the_four_exact_prefixes_name_a_provider() {
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
        let list = parse_model_list("@cf/a/b, openai:c ,", Provider::WorkersAi).expect("list");
        let names: Vec<_> = list.iter().map(|spec| (spec.provider, spec.name.as_str())).collect();
        assert_eq!(names, [(Provider::WorkersAi, "@cf/a/b"), (Provider::Openai, "c")]);
    }

    #[test]
    fn a_bad_list_says_what_is_wrong() {
        let error = |list: &str| parse_model_list(list, Provider::Openai).expect_err(list);
        assert_eq!(error(" , "), ModelListError::Empty);
        assert_eq!(error("openai:"), ModelListError::NoName { entry: "openai:".into() });
        assert_eq!(error("two words"), ModelListError::BadName { name: "two words".into() });
        assert!(matches!(error(&"x".repeat(201)), ModelListError::BadName { .. }));
        assert_eq!(error(&"a,".repeat(17)), ModelListError::TooMany);
    }

    #[test]
    fn context_sizes_are_known_for_the_default_models_and_cautious_for_others() {
        let workers_ai = |name| default_context_tokens(Provider::WorkersAi, name);
        assert_eq!(workers_ai("@cf/nvidia/nemotron-3-120b-a12b"), 256_000);
        assert_eq!(workers_ai("@cf/google/gemma-4-26b-a4b-it"), 131_072);
        assert_eq!(workers_ai("@cf/zai-org/glm-4.7-flash"), 131_072);
        assert_eq!(workers_ai("@cf/zai-org/glm-5.3-flash"), 1_310_720);
        assert_eq!(workers_ai("@cf/meta/llama-3.3-70b-instruct-fp8-fast"), 24_000);
        assert_eq!(workers_ai("@cf/openai/gpt-oss-120b"), 128_000);
        assert_eq!(workers_ai("@cf/new/model"), 24_000);
        assert_eq!(workers_ai("openai/gpt-4o-mini"), 128_000);
        assert_eq!(default_context_tokens(Provider::Ollama, "gpt-oss:120b"), 4_096);
        assert_eq!(default_context_tokens(Provider::Openai, "gpt-4"), 8_192);
        assert_eq!(default_context_tokens(Provider::Openai, "gpt-4.1-mini"), 1_047_576);
        assert_eq!(default_context_tokens(Provider::Openai, "anything"), 128_000);
    }

    #[test]
    fn families_follow_the_names() {
        assert_eq!(
            workers_ai_family("@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
            WorkersAiFamily::Native
        );
        assert_eq!(workers_ai_family("@cf/google/gemma-3-12b-it"), WorkersAiFamily::Native);
        assert_eq!(workers_ai_family("@cf/google/gemma-4-26b-a4b-it"), WorkersAiFamily::ChatStyle);
        assert_eq!(workers_ai_family("@cf/openai/gpt-oss-120b"), WorkersAiFamily::ChatStyle);
        assert_eq!(workers_ai_family("@cf/qwen/qwen3-30b-a3b-fp8"), WorkersAiFamily::ChatStyle);
        assert_eq!(workers_ai_family("@cf/somebody/new-2027"), WorkersAiFamily::ChatStyle);
        assert_eq!(workers_ai_family("openai/gpt-5-mini"), WorkersAiFamily::Partner);
    }

    #[test]
    fn every_default_list_parses_and_its_big_workers_ai_models_can_plan() {
        for provider in [Provider::WorkersAi, Provider::Demo] {
            for role in [ModelRole::Big, ModelRole::Small] {
                let list = default_models(provider, role).join(",");
                assert!(parse_model_list(&list, provider).is_ok());
            }
        }
        assert!(native_json_mode("@cf/meta/llama-3.3-70b-instruct-fp8-fast"));
        assert!(!native_json_mode("@cf/meta/llama-3.2-3b-instruct"));
    }

    #[test]
    fn reasoning_models_are_told_from_their_instruct_siblings() {
        for name in [
            "o3-mini",
            "gpt-5-mini",
            "openai/gpt-5.4",
            "gpt-oss:20b",
            "@cf/nvidia/nemotron-3-120b-a12b",
            "qwen3:8b",
            "deepseek-r1:7b",
        ] {
            assert!(is_reasoning_model(name), "{name}");
        }
        for name in [
            "gpt-4o",
            "gpt-5-chat-latest",
            "llama3.2:3b",
            "Qwen3-235B-A22B-Instruct-2507",
            "mistral",
        ] {
            assert!(!is_reasoning_model(name), "{name}");
        }
    }

    #[test]
    fn a_listing_gives_its_chat_models_in_order() {
        let body = r#"{"object":"list","data":[{"id":"nomic-embed-text:latest"},{"id":"llama3.2:3b"},{"id":"qwen3:8b"},{}]}"#;
        assert_eq!(chat_models_of_listing(body), ["llama3.2:3b", "qwen3:8b"]);
        assert!(chat_models_of_listing("<html>").is_empty());
    }
}
