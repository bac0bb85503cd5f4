//! What one call still may do about a refusal. A state machine without I/O and clock.
//!
//! A call asks again at most so often: [`LESSONS_PER_CALL_MAX`] times because a refusal named a parameter, twice with a
//! lower limit, once as at first because its lessons were dropped, and once in the barest form. Then its error stands.

use super::lessons::Lent;
use crate::model::{ModelError, ModelSpec};
use crate::providers::wire::{
    Adaptations, LOWER_MAX_TOKENS, REPLY_TOKENS_MIN, refused_twice, refuses_the_request, refuses_the_size,
    reply_that_fits,
};

/// The steps of all ladders together are not more.
const LESSONS_PER_CALL_MAX: u8 = 12;
/// The requests of one call at most: the first, and those of the module's list.
#[cfg(test)]
pub(in crate::providers) const ROUNDS_MAX: usize = 1 + LESSONS_PER_CALL_MAX as usize + 4;

/// A refusal in the server's words.
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) text: String,
}

pub(super) struct Rounds {
    lent: Lent,
    adaptations: Adaptations,
    lessons_left: u8,
    lower_limit: Option<u32>,
    /// The lower limit did not fit either and was halved.
    halved: bool,
    restarted: bool,
    /// The error that the last try is for.
    original: Option<ModelError>,
}

impl Rounds {
    pub(super) fn new(lent: Lent) -> Self {
        Rounds {
            adaptations: lent.adaptations.clone(),
            lent,
            lessons_left: LESSONS_PER_CALL_MAX,
            lower_limit: None,
            halved: false,
            restarted: false,
            original: None,
        }
    }

    pub(super) fn lent(&self) -> &Lent {
        &self.lent
    }

    /// The parameters of the next request.
    pub(super) fn adaptations(&self) -> &Adaptations {
        &self.adaptations
    }

    /// The limit of the reply for a wish of `max_tokens`.
    pub(super) fn max_tokens(&self, max_tokens: u32) -> u32 {
        self.lower_limit.map_or(max_tokens, |limit| limit.min(max_tokens))
    }

    /// What the request that was answered has otherwise than the first request to this model, in stable words.
    pub(super) fn adapted(&self, model: &ModelSpec, with_schema: bool) -> Vec<String> {
        let fresh = Adaptations::new(model);
        let lower = self.lower_limit.map(|_| LOWER_MAX_TOKENS);
        let words = self.adaptations.words_since(&fresh, with_schema);
        let more = lower.filter(|lower| !words.contains(lower));
        words.into_iter().chain(more).map(str::to_owned).collect()
    }

    /// A request was refused. Ok: ask again with what [`Rounds::adaptations`] and [`Rounds::max_tokens`] now say. Err:
    /// the error of the call.
    ///
    /// `sent`: the limit that was sent. `estimate`: the tokens of the prompt, about. `drop_lessons`: strikes at the
    /// lessons that the call began with; gives another beginning if they are dropped.
    pub(super) fn refused(
        &mut self,
        error: ModelError,
        said: &Said,
        sent: u32,
        estimate: impl FnOnce() -> u64,
        drop_lessons: impl FnOnce(&Lent) -> Option<Lent>,
    ) -> Result<(), ModelError> {
        // Only the limit is too high for this prompt. That says nothing of the model.
        if refuses_the_size(&error)
            && let Some(lower) = self.lower(|| reply_that_fits(&said.text, error.context, sent, estimate()))
        {
            self.lower_limit = Some(lower);
            return Ok(());
        }
        // The last try failed. If it was refused as well, the first refusal says more; any other failure passes.
        if let Some(original) = self.original.take() {
            let refused = refuses_the_request(&error);
            return Err(if refused { refused_twice(original) } else { error });
        }
        // A parameter is named, for which there is an alternative.
        if self.lessons_left > 0 && self.adaptations.learn(said.status, &said.text) {
            self.lessons_left -= 1;
            return Ok(());
        }
        if !refuses_the_request(&error) {
            return Err(error);
        }
        // What was learned by other calls may be what is refused now.
        if !self.restarted
            && let Some(fresh) = drop_lessons(&self.lent)
        {
            self.restarted = true;
            self.adaptations = fresh.adaptations.clone();
            self.lent = fresh;
            return Ok(());
        }
        self.adaptations = self.adaptations.barest(&said.text);
        self.original = Some(error);
        Ok(())
    }

    /// First what fits by the server's numbers. If the server counts otherwise than it says, half of that.
    fn lower(&mut self, by_numbers: impl FnOnce() -> Option<u32>) -> Option<u32> {
        match self.lower_limit {
            None => by_numbers(),
            Some(limit) => {
                let half = (limit / 2).max(REPLY_TOKENS_MIN);
                let first = !std::mem::replace(&mut self.halved, true);
                (first && half < limit).then_some(half)
            }
        }
    }

    /// The error of the call if the next request would be `same` as the refused one: the last try has nothing to leave
    /// out.
    pub(super) fn is_pointless(&mut self, same: bool) -> Option<ModelError> {
        self.original.take_if(|_| same)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{ErrorClass, Provider};
    use crate::providers::wire::fixtures::deterministic;
    use crate::providers::wire::{Redactor, error_from_response};

    const REFUSALS: &[(u16, &str)] = &[
        (400, "temperature is not supported"),
        (400, "response_format is not supported"),
        (400, "stream_options"),
        (400, "Unsupported parameter: 'max_tokens'"),
        (400, "Unsupported parameter: 'max_completion_tokens'"),
        (400, "max_tokens must be at most 4000"),
        (400, "max_tokens must be at most 3000"),
        (400, "max_tokens must be at most 2000"),
        (400, "System role not supported"),
        (400, "streaming is not supported"),
        (422, "something else is wrong"),
        (400, "maximum context length is 4096 tokens (700 in the messages)"),
        (402, "can only afford 1000"),
        (401, "Incorrect API key"),
        (429, "slow down"),
        (503, "overloaded"),
    ];

    fn model() -> ModelSpec {
        ModelSpec {
            provider: Provider::Openai,
            name: "m".into(),
            context_tokens: 8_192,
        }
    }

    fn error(status: u16, text: &str) -> ModelError {
        error_from_response(Provider::Openai, status, &|_| None, text, 0, &Redactor::nothing())
    }

    proptest! {
        #![proptest_config(deterministic(512))]

        #[test]
        fn any_refusals_end_the_call(
            refusals in prop::collection::vec(0..REFUSALS.len(), 64), dropped: bool, passing: bool,
        ) {
            let mut rounds = Rounds::new(Lent::alone(Adaptations::new(&model())));
            let mut requests = 1;
            let mut last_tries = 0;
            let end = refusals.iter().find_map(|number| {
                let (status, text) = REFUSALS[*number];
                let (status, text) = if passing { (status, text) } else { (400, text) };
                let sent = rounds.max_tokens(8_192);
                let said = Said { status, text: text.to_owned() };
                let fresh = dropped.then(|| Lent::alone(Adaptations::new(&model())));
                let tried = rounds.original.is_some();
                match rounds.refused(error(status, text), &said, sent, || 700, |_| fresh) {
                    Ok(()) => {
                        requests += 1;
                        last_tries += usize::from(!tried && rounds.original.is_some());
                        None
                    }
                    Err(error) => Some(error),
                }
            });
            prop_assert!(end.is_some(), "the call goes on for ever");
            prop_assert!(requests <= ROUNDS_MAX, "{requests}");
            prop_assert!(last_tries <= 1);
        }
    }

    #[test]
    fn an_unknown_refusal_has_one_last_try_and_stands() {
        let mut rounds = Rounds::new(Lent::alone(Adaptations::new(&model())));
        let said = Said {
            status: 400,
            text: "nope".to_owned(),
        };
        let mut refused = |text: &str| rounds.refused(error(400, text), &said, 4_096, || 0, |_| None);
        assert_eq!(refused("the first"), Ok(()));
        let error = refused("the second").expect_err("refused");
        assert!(error.message.starts_with("HTTP 400: the first (") && error.message.ends_with("refused too)"));
        assert_eq!(error.class, ErrorClass::Permanent);
    }

    #[test]
    fn a_last_try_that_fails_for_a_passing_reason_has_that_error() {
        let mut rounds = Rounds::new(Lent::alone(Adaptations::new(&model())));
        let said = Said {
            status: 400,
            text: String::new(),
        };
        assert_eq!(rounds.refused(error(400, "nope"), &said, 4_096, || 0, |_| None), Ok(()));
        let failed = rounds.refused(error(503, "busy"), &said, 4_096, || 0, |_| None);
        assert_eq!(failed.expect_err("failed").class, ErrorClass::Transient);
    }
}
