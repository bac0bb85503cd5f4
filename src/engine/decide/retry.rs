//! Retry and backoff: whether, when and on which model a failed attempt is repeated. Pure.
//!
//! At most `attempts_max` failures per step over all models. The next model takes over after `failures_per_model`, or
//! at once on a permanent or quota error, on a wait of more than a minute, and on a second refusal in words. A model
//! that the step does not fit is passed over. The backoff is exponential with full jitter, and Retry-After is honoured.

use crate::engine::words::event::FailureClass;
use crate::engine::words::spec::Policy;

/// A server that asks for a longer wait is left for the next model, if one takes the step.
const PATIENCE_MS: u64 = 60_000;
/// So often in a row a model may answer in words where a plan was asked for, before the next is asked.
const REFUSALS_IN_WORDS: u32 = 2;
/// The longest wait that a server may ask for by Retry-After. A longer one is cut to this.
const RETRY_AFTER_MAX_MS: u64 = 3_600_000;
/// Calls that wait for the same Retry-After are spread over this time.
const RETRY_AFTER_JITTER_MS: u64 = 1_000;

/// So many losses in a row are repeated without a pause.
const LOSSES_REPEATED_AT_ONCE: u32 = 2;

/// A step's failures before this one.
#[derive(Clone, Copy, Debug)]
pub struct FailuresSoFar {
    /// Over all models.
    pub of_step: u32,
    /// On the present model.
    pub on_model: u32,
    pub model_index: usize,
}

/// When the next attempt is due, and the index of its model in the step's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextAttempt {
    pub delay_ms: u64,
    pub model_index: usize,
}

/// How an attempt failed, as far as it decides about the next one.
#[derive(Clone, Copy, Debug)]
pub struct Failed {
    pub class: FailureClass,
    pub retry_after_ms: Option<u64>,
    /// A refused plan without a plan in it.
    pub in_words: bool,
    /// The same model will be asked for less.
    pub is_worth_repeating: bool,
}

impl From<FailureClass> for Failed {
    fn from(class: FailureClass) -> Failed {
        Failed {
            class,
            retry_after_ms: None,
            in_words: false,
            is_worth_repeating: false,
        }
    }
}

/// The attempt after one that failed. None: the step fails for good. `next_model` looks for the next model of the list
/// that takes the step, which is asked only where another model is wanted. Without one the present model stays.
pub fn next_attempt(
    policy: &Policy,
    so_far: FailuresSoFar,
    failed: Failed,
    next_model: impl FnOnce() -> Option<usize>,
    random: u64,
) -> Option<NextAttempt> {
    let failures = so_far.of_step + 1;
    if failures >= policy.attempts_max || failed.class == FailureClass::Aborted {
        return None;
    }
    let at_once = |model_index| NextAttempt {
        delay_ms: 0,
        model_index,
    };
    if failed.is_worth_repeating {
        return Some(at_once(so_far.model_index));
    }
    let on_model = so_far.on_model + 1;
    let worn_out = on_model >= policy.failures_per_model || (failed.in_words && on_model >= REFUSALS_IN_WORDS);
    let backoff = backoff_ms(policy, failures, random);
    match failed.class {
        // The same call would fail again, so only another model helps.
        FailureClass::Permanent | FailureClass::Quota => next_model().map(at_once),
        // The server is well, so a repair needs no pause.
        FailureClass::Invalid => {
            let next = worn_out.then(next_model).flatten();
            Some(at_once(next.unwrap_or(so_far.model_index)))
        }
        FailureClass::Transient => {
            let asks_too_long = failed.retry_after_ms.is_some_and(|asked| asked > PATIENCE_MS);
            Some(match (worn_out || asks_too_long).then(next_model).flatten() {
                // The old model's Retry-After says nothing of the next one.
                Some(model_index) if asks_too_long => at_once(model_index),
                Some(model_index) => NextAttempt {
                    delay_ms: backoff,
                    model_index,
                },
                None => NextAttempt {
                    delay_ms: failed.retry_after_ms.map_or(backoff, |asked| spread(asked, random)),
                    model_index: so_far.model_index,
                },
            })
        }
        FailureClass::Aborted => None,
    }
}

/// How long to wait before a lost attempt is repeated. None: at once, because a deploy or a single crash is over.
///
/// The third loss in a row and later ones wait, longer each time. Another object in the isolate may cause the crash.
/// Retrying in step with it would starve a call that takes longer than the heartbeat, so the delay is random.
pub fn delay_after_loss_ms(policy: &Policy, losses: u32, random: u64) -> Option<u64> {
    (losses > LOSSES_REPEATED_AT_ONCE).then(|| backoff_ms(policy, losses - LOSSES_REPEATED_AT_ONCE, random))
}

/// Exponential backoff with full jitter: a random delay from zero to the ceiling ("Exponential Backoff And Jitter",
/// AWS, 2015).
fn backoff_ms(policy: &Policy, failures: u32, random: u64) -> u64 {
    let doubled = policy
        .backoff_base_ms
        .saturating_mul(1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX));
    let ceiling = doubled.min(policy.backoff_max_ms);
    random % ceiling.saturating_add(1)
}

/// Retry-After, bounded and spread.
fn spread(asked_ms: u64, random: u64) -> u64 {
    asked_ms.min(RETRY_AFTER_MAX_MS) + random % (RETRY_AFTER_JITTER_MS + 1)
}

/// A random number for each `index`, all from the one `entropy` of a turn and independent of each other (SplitMix64).
pub fn random_of(entropy: u64, index: u64) -> u64 {
    let mut z = entropy.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn so_far(of_step: u32, on_model: u32, model_index: usize) -> FailuresSoFar {
        FailuresSoFar {
            of_step,
            on_model,
            model_index,
        }
    }

    fn next(so_far: FailuresSoFar, models: usize, failed: impl Into<Failed>, random: u64) -> Option<NextAttempt> {
        let further = Some(so_far.model_index + 1).filter(|index| *index < models);
        next_attempt(&Policy::default(), so_far, failed.into(), || further, random)
    }

    fn transient(failures: u32, on_model: u32, model: usize, models: usize) -> Option<NextAttempt> {
        next(so_far(failures, on_model, model), models, FailureClass::Transient, 999)
    }

    fn asking(retry_after_ms: u64) -> Failed {
        Failed {
            retry_after_ms: Some(retry_after_ms),
            ..FailureClass::Transient.into()
        }
    }

    fn at_once(model_index: usize) -> Option<NextAttempt> {
        Some(NextAttempt {
            delay_ms: 0,
            model_index,
        })
    }

    #[test]
    fn the_fifth_failure_is_final() {
        assert!(transient(3, 0, 0, 1).is_some());
        assert_eq!(transient(4, 0, 0, 1), None);
        assert_eq!(transient(4, 0, 0, 2), None);
    }

    #[test]
    fn the_next_model_takes_over_after_three_failures() {
        assert_eq!(transient(1, 1, 0, 2).unwrap().model_index, 0);
        assert_eq!(transient(2, 2, 0, 2).unwrap().model_index, 1);
        assert_eq!(transient(2, 2, 1, 2).unwrap().model_index, 1);
    }

    #[test]
    fn a_permanent_or_quota_error_moves_on_at_once_and_fails_on_the_last_model() {
        for class in [FailureClass::Permanent, FailureClass::Quota] {
            assert_eq!(next(so_far(0, 0, 0), 2, class, 999), at_once(1));
            assert_eq!(next(so_far(0, 0, 0), 1, class, 999), None);
        }
    }

    #[test]
    fn an_invalid_reply_is_asked_again_without_delay() {
        let invalid = |on_model| next(so_far(on_model, on_model, 0), 2, FailureClass::Invalid, 999);
        assert_eq!(invalid(0), at_once(0));
        assert_eq!(invalid(2), at_once(1));
    }

    #[test]
    fn a_plan_refused_in_words_is_asked_for_once_more_and_then_of_the_next_model() {
        let in_words = Failed {
            in_words: true,
            ..FailureClass::Invalid.into()
        };
        assert_eq!(next(so_far(0, 0, 0), 2, in_words, 999), at_once(0));
        assert_eq!(next(so_far(1, 1, 0), 2, in_words, 999), at_once(1));
        assert_eq!(next(so_far(1, 1, 0), 1, in_words, 999), at_once(0), "there is no other");
    }

    #[test]
    fn a_request_that_was_too_long_is_asked_again_at_once_where_it_is_shorter_now() {
        let shorter = Failed {
            is_worth_repeating: true,
            ..FailureClass::Permanent.into()
        };
        assert_eq!(next(so_far(0, 0, 0), 2, shorter, 999), at_once(0));
        assert_eq!(next(so_far(4, 0, 0), 2, shorter, 999), None);
    }

    #[test]
    fn a_wait_of_more_than_a_minute_sends_to_the_next_model_at_once() {
        assert_eq!(next(so_far(0, 0, 0), 2, asking(60_001), 999), at_once(1));
        assert_eq!(
            next(so_far(0, 0, 0), 2, asking(60_000), 0).unwrap(),
            NextAttempt {
                delay_ms: 60_000,
                model_index: 0
            }
        );
        assert_eq!(next(so_far(0, 0, 0), 1, asking(900_000), 0).unwrap().delay_ms, 900_000);
    }

    #[test]
    fn the_delay_doubles_up_to_its_cap_with_full_jitter() {
        let policy = Policy {
            attempts_max: 100,
            ..Policy::default()
        };
        for (failures, ceiling) in [
            (1, 1_000),
            (2, 2_000),
            (3, 4_000),
            (6, 32_000),
            (7, 60_000),
            (64, 60_000),
            (99, 60_000),
        ] {
            assert_eq!(backoff_ms(&policy, failures, ceiling), ceiling);
            assert_eq!(backoff_ms(&policy, failures, ceiling + 1), 0);
        }
    }

    #[test]
    fn retry_after_is_honoured_and_bounded() {
        let asked = |ms| next(so_far(0, 0, 0), 1, asking(ms), 1_001).unwrap().delay_ms;
        assert_eq!(asked(7_000), 7_000);
        assert_eq!(asked(u64::MAX), RETRY_AFTER_MAX_MS);
    }
}
