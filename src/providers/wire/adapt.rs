//! Adaptations: what was learned about a model's parameters. A 400 that names a parameter is answered within the
//! attempt by the alternative, and remembered per model.
//!
//! Every [`Adaptations::learn`] that returns true moves one setting one step along a finite ladder and never back, so
//! that a server which refuses everything ends the loop after at most [`LESSONS_MAX`] further calls. Concurrent
//! attempts of one model each work on a copy and [`Adaptations::merge`] it back, so that fifty calls refused at once
//! teach one lesson.

use super::refusal::Refusal;
use crate::model::facts::{WorkersAiFamily, is_reasoning_model, native_json_mode, workers_ai_family};
use crate::model::{ModelSpec, Provider};

/// The most lessons a model can teach: the steps of all ladders together.
pub const LESSONS_MAX: usize = 12;

/// How the limit of tokens is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenField {
    MaxTokens,
    MaxCompletionTokens,
    /// Workers AI's chat-style models read either, depending on their age.
    Both,
}

/// How a JSON Schema is sent, in the order in which alternatives are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SchemaForm {
    /// `json_schema: SCHEMA`, as `@cf/*` models want it.
    Bare,
    /// `json_schema: {name, schema, strict}`, as OpenAI wants it.
    Envelope,
    /// `{"type": "json_object"}`; the prompt says the shape.
    JsonObject,
    Omitted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Streaming {
    Always,
    NotWithSchema,
    Never,
}

/// The parameters that a model takes, as far as known. One per [`ModelSpec`], kept by [`crate::providers::Remembered`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adaptations {
    pub(super) token_field: TokenField,
    token_field_learned: bool,
    pub(super) max_tokens_ceiling: Option<u32>,
    pub(super) schema: SchemaForm,
    pub(super) streaming: Streaming,
    pub(super) temperature: bool,
    pub(super) reasoning_effort: bool,
    pub(super) stream_options: bool,
    pub(super) system_role: bool,
}

impl Adaptations {
    /// What is known by the model's name, before the first call.
    pub fn new(model: &ModelSpec) -> Self {
        let reasoning = is_reasoning_model(&model.name);
        let chat = Self {
            token_field: TokenField::MaxTokens,
            token_field_learned: false,
            max_tokens_ceiling: None,
            schema: SchemaForm::Envelope,
            streaming: Streaming::Always,
            // A reasoning model may refuse any temperature but its own, and a low one makes some of them loop.
            temperature: !reasoning,
            reasoning_effort: reasoning,
            stream_options: true,
            system_role: true,
        };
        match (model.provider, workers_ai_family(&model.name)) {
            (Provider::WorkersAi, WorkersAiFamily::Native) => Self {
                schema: if native_json_mode(&model.name) {
                    SchemaForm::Bare
                } else {
                    SchemaForm::Omitted
                },
                streaming: Streaming::NotWithSchema,
                reasoning_effort: false,
                stream_options: false,
                ..chat
            },
            (Provider::WorkersAi, WorkersAiFamily::ChatStyle) => Self {
                token_field: TokenField::Both,
                schema: SchemaForm::Bare,
                ..chat
            },
            _ if wants_max_completion_tokens(&model.name) => Self {
                token_field: TokenField::MaxCompletionTokens,
                ..chat
            },
            _ => chat,
        }
    }

    /// Learns from an error response, or with status 400 from the message of an exception or of an error within a
    /// reply. True: a parameter was refused for which there is an alternative; build the request anew and try again
    /// now.
    pub fn learn(&mut self, status: u16, body: &str) -> bool {
        let Some(refusal) = Refusal::read(status, body) else {
            return false;
        };
        match refusal {
            Refusal::MaxTokensAbove(ceiling) => set_ceiling(&mut self.max_tokens_ceiling, ceiling),
            Refusal::MaxTokens => self.switch_token_field(TokenField::MaxTokens, TokenField::MaxCompletionTokens),
            Refusal::MaxCompletionTokens => {
                self.switch_token_field(TokenField::MaxCompletionTokens, TokenField::MaxTokens)
            }
            Refusal::Temperature => leave_out(&mut self.temperature),
            Refusal::ReasoningEffort => leave_out(&mut self.reasoning_effort),
            Refusal::StreamOptions => leave_out(&mut self.stream_options),
            Refusal::SystemRole => leave_out(&mut self.system_role),
            Refusal::ResponseFormat => {
                let next = self.next_schema_form();
                advance(&mut self.schema, next)
            }
            Refusal::AnyResponseFormat => advance(&mut self.schema, SchemaForm::Omitted),
            Refusal::StreamWithSchema => advance(&mut self.streaming, Streaming::NotWithSchema),
            Refusal::Stream => advance(&mut self.streaming, Streaming::Never),
        }
    }

    /// Takes over what a copy learned meanwhile.
    pub fn merge(&mut self, learned: &Adaptations) {
        if learned.token_field_learned {
            self.token_field = learned.token_field;
            self.token_field_learned = true;
        }
        self.max_tokens_ceiling = self
            .max_tokens_ceiling
            .into_iter()
            .chain(learned.max_tokens_ceiling)
            .min();
        self.schema = self.schema.max(learned.schema);
        self.streaming = self.streaming.max(learned.streaming);
        self.temperature &= learned.temperature;
        self.reasoning_effort &= learned.reasoning_effort;
        self.stream_options &= learned.stream_options;
        self.system_role &= learned.system_role;
    }

    /// The limit to send for a wish of `max_tokens`.
    pub(super) fn max_tokens(&self, max_tokens: u32) -> u32 {
        self.max_tokens_ceiling
            .map_or(max_tokens, |ceiling| max_tokens.min(ceiling))
    }

    /// Whether a call is streamed. Without streams only where the model can't: a whole reply holds one of the six
    /// connections until it is finished.
    pub(super) fn streams(&self, with_schema: bool) -> bool {
        match self.streaming {
            Streaming::Always => true,
            Streaming::NotWithSchema => !(with_schema && self.schema != SchemaForm::Omitted),
            Streaming::Never => false,
        }
    }

    fn next_schema_form(&self) -> SchemaForm {
        match self.schema {
            SchemaForm::Bare => SchemaForm::Envelope,
            SchemaForm::Envelope => SchemaForm::JsonObject,
            SchemaForm::JsonObject | SchemaForm::Omitted => SchemaForm::Omitted,
        }
    }

    /// Once only: a server that refuses both names leaves no way to bound the reply.
    fn switch_token_field(&mut self, refused: TokenField, alternative: TokenField) -> bool {
        if self.token_field_learned || !(self.token_field == refused || self.token_field == TokenField::Both) {
            return false;
        }
        self.token_field = alternative;
        self.token_field_learned = true;
        true
    }
}

/// OpenAI's models that refuse `max_tokens`. Every other server knows `max_tokens`; not all know the other.
fn wants_max_completion_tokens(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    ["gpt-5", "o1", "o3", "o4"]
        .iter()
        .any(|prefix| base.starts_with(prefix))
}

fn leave_out(sent: &mut bool) -> bool {
    std::mem::replace(sent, false)
}

fn advance<T: PartialOrd>(current: &mut T, next: T) -> bool {
    let further = next > *current;
    if further {
        *current = next;
    }
    further
}

/// Once only: a server whose limit moves with every request must not teach for ever.
fn set_ceiling(ceiling: &mut Option<u32>, limit: u32) -> bool {
    let first = ceiling.is_none();
    ceiling.get_or_insert(limit);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(provider: Provider, name: &str) -> Adaptations {
        Adaptations::new(&ModelSpec {
            provider,
            name: name.into(),
            context_tokens: 8_192,
        })
    }

    const MAX_TOKENS: &str = concat!(
        r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use "#,
        r#"'max_completion_tokens' instead.","param":"max_tokens"}}"#,
    );
    const MAX_COMPLETION_TOKENS: &str =
        r#"{"error":{"message":"Unrecognized request argument supplied: max_completion_tokens"}}"#;
    const FORMAT: &str = r#"{"error":{"message":"response_format is not supported","param":"response_format"}}"#;

    #[test]
    fn max_tokens_is_answered_by_the_other_name_once() {
        let mut adaptations = of(Provider::Openai, "proxy-model");
        assert!(adaptations.learn(400, MAX_TOKENS));
        assert_eq!(adaptations.token_field, TokenField::MaxCompletionTokens);
        assert!(!adaptations.learn(400, MAX_COMPLETION_TOKENS));
        assert!(!adaptations.learn(400, MAX_TOKENS));
    }

    #[test]
    fn a_refused_name_of_both_leaves_the_other() {
        let mut adaptations = of(Provider::WorkersAi, "@cf/zai-org/glm-4.7-flash");
        assert_eq!(adaptations.token_field, TokenField::Both);
        assert!(adaptations.learn(400, MAX_COMPLETION_TOKENS));
        assert_eq!(adaptations.token_field, TokenField::MaxTokens);
    }

    #[test]
    fn a_schema_goes_down_its_ladder() {
        let mut adaptations = of(Provider::Openai, "m");
        let forms: Vec<_> =
            std::iter::from_fn(|| adaptations.learn(400, FORMAT).then_some(adaptations.schema)).collect();
        assert_eq!(forms, [SchemaForm::JsonObject, SchemaForm::Omitted]);
        let mut adaptations = of(Provider::WorkersAi, "@cf/google/gemma-4-26b-a4b-it");
        assert!(adaptations.learn(400, "5025: This model doesn't suuport JSON Schema."));
        assert_eq!(adaptations.schema, SchemaForm::Omitted);
    }

    #[test]
    fn a_plan_that_can_not_stream_is_asked_for_whole() {
        let mut adaptations = of(Provider::WorkersAi, "@cf/google/gemma-4-26b-a4b-it");
        assert!(adaptations.streams(true));
        assert!(adaptations.learn(
            400,
            "InferenceUpstreamError: 5023: JSON Schema mode is not supported with stream mode."
        ));
        assert!(!adaptations.streams(true) && adaptations.streams(false));
        assert!(adaptations.learn(400, "JSON Mode couldn't be met"));
        assert!(adaptations.streams(true), "without a schema the plan streams again");
    }

    #[test]
    fn many_calls_refused_at_once_teach_one_lesson() {
        let mut remembered = of(Provider::Openai, "m");
        let copies = vec![remembered.clone(); 50];
        for mut copy in copies {
            assert!(copy.learn(400, FORMAT));
            remembered.merge(&copy);
        }
        assert_eq!(remembered.schema, SchemaForm::JsonObject);
    }

    #[test]
    fn merging_is_idempotent_and_keeps_what_was_known() {
        let mut a = of(Provider::Openai, "m");
        let mut b = a.clone();
        assert!(a.learn(400, MAX_TOKENS) && b.learn(400, FORMAT));
        a.merge(&b);
        let once = a.clone();
        a.merge(&b);
        assert_eq!(a, once);
        assert_eq!(
            (a.token_field, a.schema),
            (TokenField::MaxCompletionTokens, SchemaForm::JsonObject)
        );
    }

    #[test]
    fn a_server_that_refuses_everything_ends_the_loop() {
        let names = [
            "max_tokens",
            "max_completion_tokens",
            "temperature",
            "response_format",
            "reasoning_effort",
            "stream_options",
            "stream",
            "messages[0].role",
        ];
        for name in [
            "m",
            "gpt-5-mini",
            "@cf/google/gemma-4-26b-a4b-it",
            "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        ] {
            let mut adaptations = of(
                if name.starts_with('@') {
                    Provider::WorkersAi
                } else {
                    Provider::Openai
                },
                name,
            );
            let mut lessons = 0;
            for _ in 0..10 {
                for param in names {
                    lessons += usize::from(adaptations.learn(
                        400,
                        &format!(r#"{{"error":{{"message":"no system","param":"{param}"}}}}"#),
                    ));
                }
                lessons += usize::from(adaptations.learn(400, "max_tokens: at most 4096"));
                lessons += usize::from(adaptations.learn(400, "5023: not supported with stream mode"));
            }
            assert!(lessons <= LESSONS_MAX, "{name}: {lessons}");
        }
    }

    #[test]
    fn a_moving_ceiling_does_not_teach_for_ever() {
        let mut adaptations = of(Provider::Openai, "m");
        let lessons = (64..10_000)
            .rev()
            .filter(|limit| adaptations.learn(400, &format!("max_tokens: at most {limit}")))
            .count();
        assert_eq!(lessons, 1);
        assert_eq!(of(Provider::Openai, "m").max_tokens(4_096), 4_096);
        assert_eq!(
            (adaptations.max_tokens(4_096), adaptations.max_tokens(50_000)),
            (4_096, 9_999)
        );
    }
}
