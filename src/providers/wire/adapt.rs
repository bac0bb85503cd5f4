//! Adaptations: the parameters that a model takes, as far as known. A refusal that names one is answered within the
//! attempt by the alternative.
//!
//! Every [`Adaptations::learn`] that returns true moves one setting one step along a ladder and never back.
//! [`Adaptations::barest`] is the foot of all ladders at once, for a refusal that nobody understands. How long what was
//! learned holds is decided by `exchange`; how what concurrent calls learned comes together, by
//! [`Adaptations::adopt`].

use super::refusal::Refusal;
use super::wording::word_position;
use crate::model::facts::{WorkersAiFamily, is_reasoning_model, native_json_mode, workers_ai_family};
use crate::model::{ModelSpec, Provider};
use crate::text;

/// The limit of a request in its barest form. Below every ceiling that was seen in use.
const BAREST_MAX_TOKENS: u32 = 2_048;

/// The word for a limit of the reply that is below the one that was asked for.
pub const LOWER_MAX_TOKENS: &str = "lower_max_tokens";

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

/// The parameters that a model takes. One per [`ModelSpec`], kept by [`crate::providers::Remembered`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adaptations {
    pub(super) token_field: TokenField,
    token_field_switched: bool,
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
            token_field_switched: false,
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
            // The server itself tells which models think.
            (Provider::Ollama, _) => Self {
                reasoning_effort: true,
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
            Refusal::MaxTokensAbove(ceiling) => lower(&mut self.max_tokens_ceiling, ceiling),
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

    /// Nothing but the model, the messages and a modest limit, with the system's text in the first message of the user.
    /// `refusal`: the words that nobody understood. Only if they speak of streams the reply is asked for whole.
    pub fn barest(&self, refusal: &str) -> Self {
        let text = text::lower(refusal);
        let speaks_of_streams = ["stream", "streaming", "streamed"]
            .iter()
            .any(|word| word_position(&text, word).is_some());
        Self {
            token_field: match self.token_field {
                TokenField::Both => TokenField::MaxTokens,
                one => one,
            },
            token_field_switched: self.token_field_switched,
            max_tokens_ceiling: Some(self.max_tokens(BAREST_MAX_TOKENS)),
            schema: SchemaForm::Omitted,
            streaming: if speaks_of_streams {
                Streaming::Never
            } else {
                self.streaming
            },
            temperature: false,
            reasoning_effort: false,
            stream_options: false,
            system_role: false,
        }
    }

    /// As [`Adaptations::barest`] leaves it.
    pub fn is_barest(&self) -> bool {
        let takes_more = self.temperature || self.reasoning_effort || self.stream_options || self.system_role;
        !takes_more && self.schema == SchemaForm::Omitted && self.max_tokens_ceiling.is_some()
    }

    /// Takes no JSON Schema in any form any more.
    pub fn leave_schema_out(&mut self) {
        self.schema = SchemaForm::Omitted;
    }

    /// The beginning of another call with these parameters. It may switch the name of the limit once again.
    #[must_use]
    pub fn for_another_call(&self) -> Self {
        Self {
            token_field_switched: false,
            ..self.clone()
        }
    }

    /// Takes over what a call changed between `before` and `after`. Concurrent calls that learned alike change one
    /// thing, and what calls learned apart comes together.
    pub fn adopt(&mut self, before: &Adaptations, after: &Adaptations) {
        fn change<T: PartialEq + Clone>(own: &mut T, before: &T, after: &T) {
            if before != after {
                own.clone_from(after);
            }
        }
        // The further of two steps down a ladder.
        fn step<T: PartialOrd + Copy>(own: &mut T, before: T, after: T) {
            if before != after && after > *own {
                *own = after;
            }
        }
        change(&mut self.token_field, &before.token_field, &after.token_field);
        if before.max_tokens_ceiling != after.max_tokens_ceiling {
            let ceilings = self.max_tokens_ceiling.into_iter().chain(after.max_tokens_ceiling);
            self.max_tokens_ceiling = ceilings.min();
        }
        step(&mut self.schema, before.schema, after.schema);
        step(&mut self.streaming, before.streaming, after.streaming);
        change(&mut self.temperature, &before.temperature, &after.temperature);
        change(
            &mut self.reasoning_effort,
            &before.reasoning_effort,
            &after.reasoning_effort,
        );
        change(&mut self.stream_options, &before.stream_options, &after.stream_options);
        change(&mut self.system_role, &before.system_role, &after.system_role);
    }

    /// What is sent otherwise than with `fresh`, in words that are journaled and stay: the parameter that is sent
    /// instead, or `no_` and the one that is left out. `with_schema`: the request asks for JSON by a schema.
    pub fn words_since(&self, fresh: &Adaptations, with_schema: bool) -> Vec<&'static str> {
        let token_field = match self.token_field {
            TokenField::MaxTokens => "max_tokens",
            TokenField::MaxCompletionTokens => "max_completion_tokens",
            TokenField::Both => "both_max_tokens",
        };
        let schema = match self.schema {
            SchemaForm::Bare => "bare_json_schema",
            SchemaForm::Envelope => "json_schema_envelope",
            SchemaForm::JsonObject => "json_object",
            SchemaForm::Omitted => "no_response_format",
        };
        let streams = |adaptations: &Adaptations| adaptations.streams(with_schema);
        let left_out = |fresh: bool, sent: bool| fresh && !sent;
        let words = [
            (self.token_field != fresh.token_field, token_field),
            (self.max_tokens_ceiling != fresh.max_tokens_ceiling, LOWER_MAX_TOKENS),
            (with_schema && self.schema != fresh.schema, schema),
            (left_out(streams(fresh), streams(self)), "no_stream"),
            (left_out(streams(self), streams(fresh)), "stream"),
            (left_out(fresh.temperature, self.temperature), "no_temperature"),
            (
                left_out(fresh.reasoning_effort, self.reasoning_effort),
                "no_reasoning_effort",
            ),
            (left_out(fresh.stream_options, self.stream_options), "no_stream_options"),
            (left_out(fresh.system_role, self.system_role), "no_system_role"),
        ];
        words
            .into_iter()
            .filter(|(is_so, _)| *is_so)
            .map(|(_, word)| word)
            .collect()
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
        if self.token_field_switched || !(self.token_field == refused || self.token_field == TokenField::Both) {
            return false;
        }
        self.token_field = alternative;
        self.token_field_switched = true;
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

/// Down only.
fn lower(ceiling: &mut Option<u32>, limit: u32) -> bool {
    let is_lower = ceiling.is_none_or(|known| limit < known);
    if is_lower {
        *ceiling = Some(limit);
    }
    is_lower
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
        let mut known = of(Provider::Openai, "m");
        let before = known.clone();
        for _ in 0..50 {
            let mut copy = before.clone();
            assert!(copy.learn(400, FORMAT));
            known.adopt(&before, &copy);
        }
        assert_eq!(known.schema, SchemaForm::JsonObject);
    }

    #[test]
    fn what_calls_learned_apart_comes_together() {
        let before = of(Provider::Openai, "m");
        let (mut a, mut b) = (before.clone(), before.clone());
        assert!(a.learn(400, MAX_TOKENS) && b.learn(400, FORMAT));
        let mut known = before.clone();
        known.adopt(&before, &a);
        known.adopt(&before, &b);
        let once = known.clone();
        known.adopt(&before, &b);
        assert_eq!(known, once);
        assert_eq!(
            (known.token_field, known.schema),
            (TokenField::MaxCompletionTokens, SchemaForm::JsonObject)
        );
    }

    #[test]
    fn the_barest_form_asks_for_nothing() {
        for name in ["m", "gpt-5-mini"] {
            let barest = of(Provider::Openai, name).barest("no");
            assert!(barest.is_barest() && barest.streams(true));
            assert_eq!(barest.max_tokens(8_192), BAREST_MAX_TOKENS);
            assert_eq!(barest.max_tokens(100), 100);
        }
        assert!(!of(Provider::Openai, "m").is_barest());
        assert!(!of(Provider::Openai, "m").barest("Streaming? Never.").streams(false));
        assert!(of(Provider::Openai, "m").barest("stream_options").streams(false));
        let both = of(Provider::WorkersAi, "@cf/zai-org/glm-4.7-flash");
        assert_eq!(both.barest("").token_field, TokenField::MaxTokens);
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
            assert!(lessons <= 12, "{name}: {lessons}");
        }
    }

    #[test]
    fn what_is_sent_otherwise_has_words() {
        let fresh = of(Provider::Openai, "gpt-5-mini");
        let mut adaptations = fresh.clone();
        assert!(adaptations.words_since(&fresh, true).is_empty());
        assert!(adaptations.learn(400, MAX_COMPLETION_TOKENS) && adaptations.learn(400, FORMAT));
        assert_eq!(adaptations.words_since(&fresh, true), ["max_tokens", "json_object"]);
        assert_eq!(adaptations.words_since(&fresh, false), ["max_tokens"]);
        assert_eq!(
            fresh.barest("").words_since(&fresh, true),
            [
                "lower_max_tokens",
                "no_response_format",
                "no_reasoning_effort",
                "no_stream_options",
                "no_system_role"
            ],
            "no temperature was sent to a reasoning model at first"
        );
    }

    #[test]
    fn a_ceiling_goes_down_only() {
        let mut adaptations = of(Provider::Openai, "m");
        assert!(adaptations.learn(400, "max_tokens: at most 8192"));
        assert!(!adaptations.learn(400, "max_tokens: at most 9000"));
        assert!(adaptations.learn(400, "max_tokens: at most 4096, not 8192"));
        assert_eq!(
            (adaptations.max_tokens(1_000), adaptations.max_tokens(50_000)),
            (1_000, 4_096)
        );
    }
}
