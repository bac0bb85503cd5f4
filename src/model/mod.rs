//! The `Model` port: what the core asks of a language model, and what comes back.
//!
//! A request carries both the rendered `messages` (what a language model is sent) and the `brief` they were rendered
//! from, so that the `demo` provider can show what a model would have been given without parsing prose.
//! The services behind the port are in `providers`.
//!
//! - [`brief`]: what a step is asked to do, as data. [`tokens`]: estimates. [`names`]: lists of models as people write
//!   them. [`facts`]: what is known by a name.
//!
//! The engine imports everything here but the port itself, [`Model`] and [`Progress`].

pub mod brief;
pub mod facts;
pub mod names;
pub mod tokens;

pub use brief::{
    Answer, AnswerContent, BorderLine, Brief, Criterion, Earlier, EditPart, LengthTerms, Note, OutlineItem,
    PartContent, PlanTerms, Remark, Repair, ReportLine, Terms,
};

use crate::errors::ErrorName;
use serde::{Deserialize, Serialize};

/// Which service answers for a model. The text form is the configuration's (`MODEL_PROVIDER`, entry prefixes), and it
/// is what is journaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    WorkersAi,
    Openai,
    Ollama,
    Demo,
    /// An OpenAI-compatible server that `PROVIDER_NAME_BASE_URL` defines.
    Named(ServerName),
}

/// The longest name of a server, in bytes.
const SERVER_NAME_BYTES_MAX: usize = 32;

/// The name of a server: of `a-z`, `0-9` and `-`, filled up with zeros. It holds its bytes itself, so that a provider
/// is copied like the others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServerName([u8; SERVER_NAME_BYTES_MAX]);

impl ServerName {
    fn parse(name: &str) -> Option<ServerName> {
        let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if name.is_empty() || !name.bytes().all(is_plain) {
            return None;
        }
        let mut bytes = [0; SERVER_NAME_BYTES_MAX];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(ServerName(bytes))
    }

    fn as_str(&self) -> &str {
        let text = str::from_utf8(&self.0).unwrap_or_default();
        text.trim_end_matches('\0')
    }
}

impl std::fmt::Debug for ServerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Provider {
    pub const BUILT_IN: [Provider; 4] = [Provider::WorkersAi, Provider::Openai, Provider::Ollama, Provider::Demo];

    /// One of [`Provider::BUILT_IN`], or a server of this name, whether anything defines it or not. None: this can't be
    /// a provider's name.
    pub fn parse(name: &str) -> Option<Provider> {
        let built_in = Provider::BUILT_IN
            .into_iter()
            .find(|provider| provider.as_str() == name);
        built_in.or_else(|| ServerName::parse(name).map(Provider::Named))
    }

    pub fn as_str(&self) -> &str {
        match self {
            Provider::WorkersAi => "workers-ai",
            Provider::Openai => "openai",
            Provider::Ollama => "ollama",
            Provider::Demo => "demo",
            Provider::Named(name) => name.as_str(),
        }
    }

    /// The variable that defines a server of this name.
    pub fn base_url_variable(&self) -> String {
        let name = self.as_str().to_ascii_uppercase().replace('-', "_");
        format!("PROVIDER_{name}_BASE_URL")
    }
}

impl Serialize for Provider {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Provider, D::Error> {
        let name = String::deserialize(deserializer)?;
        Provider::parse(&name).ok_or_else(|| serde::de::Error::custom("no provider's name"))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl schemars::JsonSchema for Provider {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Provider".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Which service answers: `workers-ai`, `openai`, `ollama`, `demo`, or the name of a server \
                            that a variable `PROVIDER_NAME_BASE_URL` defines.",
            "type": "string",
            "pattern": "^[a-z0-9-]{1,32}$",
        })
    }
}

/// One entry of `BIG_MODEL` or `SMALL_MODEL`, journaled with the workflow so that replay reads no configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ModelSpec {
    pub provider: Provider,
    pub name: String,
    /// The context window in tokens, prompt and reply together.
    pub context_tokens: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageRole {
    System,
    User,
    Assistant,
}

impl MessageRole {
    pub fn as_str(self) -> &'static str {
        match self {
            MessageRole::System => "system",
            MessageRole::User => "user",
            MessageRole::Assistant => "assistant",
        }
    }
}

/// A chat message. `content` is never null on the wire: an empty text is `""`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub role: MessageRole,
    pub content: String,
}

/// One call of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRequest {
    pub model: ModelSpec,
    pub messages: Vec<Message>,
    /// The structured content that `messages` were rendered from.
    pub brief: Brief,
    /// The most tokens of the reply. Always sent: many models default to 256.
    pub max_tokens: u32,
    /// A bare JSON Schema of the reply, for the plan. A hint: the reply is validated whatever the model supports.
    pub json_schema: Option<serde_json::Value>,
    /// The 1-based number of the attempt within its step and run, lost ones included.
    pub attempt: u32,
}

/// A finished call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelReply {
    /// Without reasoning (`<think>...</think>`); may be empty, which the engine treats as a failed attempt.
    pub text: String,
    pub finish: Finish,
    /// None where the server reported none; the engine then estimates and marks it so.
    pub usage: Option<Usage>,
    /// The model that answered, where the request left the choice to the server.
    pub model: Option<String>,
    /// The parameters of the request that the server wanted otherwise.
    pub adapted: Vec<String>,
}

/// Why the text ends where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// A natural stop, in a word that is known to mean one.
    Stop,
    /// The model reached `max_tokens` (finish_reason `length`).
    Length,
    /// The server gave a reason that nobody here knows, quoted. The text may be whole or not.
    Unknown(String),
}

/// Tokens of one or more calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

/// Why a call gave no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub struct ModelError {
    pub class: ErrorClass,
    /// Of the one table of errors.
    pub name: ErrorName,
    /// For people; bounded to 1,000 characters; never holds a key or a prompt.
    pub message: String,
    /// What the server asked for, by a header or in its body, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The tokens that the call used although it gave no reply. None where there were none, or nobody knows.
    pub usage: Option<CallUsage>,
    /// The sizes that the server named when it refused the request as too long.
    pub context: Option<ContextReport>,
}

impl ModelError {
    /// An error that knows neither a wait, nor tokens, nor sizes.
    pub fn new(class: ErrorClass, name: ErrorName, message: impl Into<String>) -> Self {
        ModelError {
            class,
            name,
            message: message.into(),
            retry_after_ms: None,
            usage: None,
            context: None,
        }
    }
}

/// Tokens of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallUsage {
    pub usage: Usage,
    /// The server reported none, so that these are our estimate.
    pub estimated: bool,
}

/// What a server says of sizes when it refuses a request as too long, in its own tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextReport {
    /// The whole context of the model, prompt and reply together.
    pub context_tokens: Option<u32>,
    /// The tokens of the refused prompt, without the reply that was asked for.
    pub prompt_tokens: Option<u64>,
}

/// What an error means for the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// Worth repeating after a pause: overload, network, a stream cut off, a time limit.
    Transient,
    /// The same call would fail again: bad request, unknown model, bad key. The next model takes over at once.
    Permanent,
    /// An allowance is used up (Workers AI 3036, `insufficient_quota`). The next model takes over at once.
    Quota,
    /// Our own invocation ended ("Too many subrequests"): not the model's failure, not counted, run again by a fresh
    /// invocation.
    Interrupted,
}

/// Where a call reports what happens while it runs.
pub trait Progress {
    /// The call goes out now: the time limits start here.
    /// `streaming`: false where the whole reply comes at once, so that no first-token limit can apply.
    fn call_started(&self, streaming: bool);
    /// More text of the answer, without reasoning. Never called with an empty text.
    fn delta(&self, text: &str);
    /// The server is alive although no text of the answer came (reasoning, keep-alive bytes of the stream).
    fn alive(&self);
    /// The call waits for its turn. No time limit runs. Told again and again while it waits.
    fn queued(&self) {}
}

/// A language model service. Dropping the future aborts the outgoing call.
#[allow(async_fn_in_trait)]
pub trait Model {
    async fn complete(&self, request: &ModelRequest, progress: &dyn Progress) -> Result<ModelReply, ModelError>;
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn providers_are_journaled_by_their_names() {
        for name in [
            "workers-ai",
            "openai",
            "ollama",
            "demo",
            "groq",
            "my-own-2",
            &"a".repeat(32),
        ] {
            let provider: Provider = from_value(json!(name)).expect("a name");
            assert_eq!(
                matches!(provider, Provider::Named(_)),
                !["workers-ai", "openai", "ollama", "demo"].contains(&name)
            );
            assert_eq!(json!(provider), json!(name));
        }
        for name in ["", "Groq", "a b", "a_b", "é", &"a".repeat(33)] {
            assert!(from_value::<Provider>(json!(name)).is_err(), "{name}");
        }
        let own = Provider::parse("my-own").expect("a name");
        assert_eq!(own.base_url_variable(), "PROVIDER_MY_OWN_BASE_URL");
    }
}
