//! Facts about models by their names: context size, family, reasoning. Tables of prefixes, the longer ones first.
//!
//! An unknown name gets a cautious answer. `providers` learns at run time which parameters a model refuses, and the
//! operator's `*_CONTEXT_TOKENS` override the context sizes of this module.

use crate::model::{ModelSpec, Provider};
use crate::text::decimal;

/// As much as is asked of Ollama. Each call asks for what it needs, up to what the server says of the model.
const OLLAMA_CONTEXT_TOKENS: u32 = 131_072;
const OPENAI_CONTEXT_TOKENS: u32 = 128_000;
const WORKERS_AI_CONTEXT_TOKENS: u32 = 24_000;
const DEMO_CONTEXT_TOKENS: u32 = 128_000;

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

/// The context window in tokens, prompt and reply together, where nothing is configured.
pub fn default_context_tokens(provider: Provider, name: &str) -> u32 {
    match provider {
        Provider::Ollama => OLLAMA_CONTEXT_TOKENS,
        Provider::Demo => DEMO_CONTEXT_TOKENS,
        Provider::Openai | Provider::Named(_) => {
            first_prefix(OPENAI_CONTEXTS, base_name(name)).unwrap_or(OPENAI_CONTEXT_TOKENS)
        }
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
    table
        .iter()
        .find(|(prefix, _)| name.starts_with(prefix))
        .map(|(_, value)| *value)
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

/// Whether a native model understands `response_format` (Cloudflare's JSON mode page, 2026, after issues 21316 and
/// 27786 removed those that only claimed it).
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
    let chat_only = base.starts_with("gpt-5-chat")
        || base.contains("non-thinking")
        || (base.starts_with("qwen3") && base.contains("instruct"));
    !chat_only && prefixes.iter().any(|prefix| base.starts_with(prefix))
}

/// With fewer billions of parameters a model plans and edits badly.
const LARGE_BILLIONS: f64 = 14.0;

/// Models of Ollama's library that are larger than that where their names tell no size.
const LARGE_PREFIXES: &[&str] = &[
    "command-",
    "deepseek-v",
    "devstral",
    "gpt-oss",
    "llama3.3",
    "llama4",
    "magistral",
    "mistral-large",
    "mistral-small",
    "mixtral",
    "phi4",
    "qwen3-coder",
    "qwq",
];

/// Whether a model runs on Ollama and is small: by the size in its name (`qwen3:8b`, `gemma3:270m`, `gemma3n:e4b`). A
/// model without one is what people pull first, and is small but for [`LARGE_PREFIXES`].
pub fn is_small_local(model: &ModelSpec) -> bool {
    let name = base_name(&model.name).to_ascii_lowercase();
    let billions = |word: &str| {
        let word = word.trim_start_matches('e');
        let millions = || Some(decimal(word.strip_suffix('m')?)? / 1_000.0);
        word.strip_suffix('b').and_then(decimal).or_else(millions)
    };
    // Of `30b-a3b` the larger counts.
    let largest = name.split([':', '-']).filter_map(billions).fold(0.0, f64::max);
    let is_large = if largest > 0.0 {
        largest >= LARGE_BILLIONS
    } else {
        name.ends_with("cloud") || LARGE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    model.provider == Provider::Ollama && !is_large
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(default_context_tokens(Provider::Ollama, "gpt-oss:120b"), 131_072);
        assert_eq!(default_context_tokens(Provider::Openai, "gpt-4"), 8_192);
        assert_eq!(default_context_tokens(Provider::Openai, "gpt-4.1-mini"), 1_047_576);
        assert_eq!(default_context_tokens(Provider::Openai, "anything"), 128_000);
    }

    #[test]
    fn small_models_on_ollama_are_known_by_their_tags() {
        let is_small = |provider, name: &str| {
            is_small_local(&ModelSpec {
                provider,
                name: name.into(),
                context_tokens: 4_096,
            })
        };
        for name in [
            "",
            "llama3.2",
            "llama3.2:latest",
            "qwen3:8b",
            "qwen3:8b-q4_K_M",
            "gemma3:270m",
            "gemma3n:e4b",
            "phi4-mini:3.8b",
            "hf.co/somebody/Llama-3.2-3B-Instruct-GGUF:Q4_K_M",
        ] {
            assert!(is_small(Provider::Ollama, name), "{name}");
            assert!(!is_small(Provider::Openai, name), "{name}");
        }
        for name in [
            "phi4:14b",
            "qwen3:30b-a3b",
            "gpt-oss",
            "gpt-oss:20b",
            "llama3.3:latest",
            "glm-4.7:cloud",
        ] {
            assert!(!is_small(Provider::Ollama, name), "{name}");
        }
    }

    #[test]
    fn families_follow_the_names() {
        assert_eq!(
            workers_ai_family("@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
            WorkersAiFamily::Native
        );
        assert_eq!(workers_ai_family("@cf/google/gemma-3-12b-it"), WorkersAiFamily::Native);
        assert_eq!(
            workers_ai_family("@cf/google/gemma-4-26b-a4b-it"),
            WorkersAiFamily::ChatStyle
        );
        assert_eq!(workers_ai_family("@cf/openai/gpt-oss-120b"), WorkersAiFamily::ChatStyle);
        assert_eq!(
            workers_ai_family("@cf/qwen/qwen3-30b-a3b-fp8"),
            WorkersAiFamily::ChatStyle
        );
        assert_eq!(workers_ai_family("@cf/somebody/new-2027"), WorkersAiFamily::ChatStyle);
        assert_eq!(workers_ai_family("openai/gpt-5-mini"), WorkersAiFamily::Partner);
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
}
