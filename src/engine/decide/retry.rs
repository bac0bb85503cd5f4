//! Whether, when and on which model a failed attempt is repeated. Pure.

use crate::engine::words::event::FailureClass;
use crate::engine::words::spec::Policy;

/// What a server may ask for by Retry-After; longer waits are cut to this.
const RETRY_AFTER_MAX_MS: u64 = 3_600_000;
/// Spread of the calls that wait for the same Retry-After.
const RETRY_AFTER_JITTER_MS: u64 = 1_000;

/// Losses in a row after which the call is repeated without a pause.
const LOSSES_REPEATED_AT_ONCE: u32 = 2;

/// A step's failures before this one.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct SoFar {
    pub failures: u32,
    pub failures_on_model: u32,
    pub model_index: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Next {
    pub delay_ms: u64,
    pub model_index: usize,
}

/// None where the step fails for good.
pub(in crate::engine) fn decide(
    policy: &Policy,
    so_far: SoFar,
    models: usize,
    class: FailureClass,
    retry_after_ms: Option<u64>,
    random: u64,
) -> Option<Next> {
    let failures = so_far.failures + 1;
    if failures >= policy.attempts_max || class == FailureClass::Aborted {
        return None;
    }
    let next_model = (so_far.model_index + 1 < models).then_some(so_far.model_index + 1);
    let worn_out = so_far.failures_on_model + 1 >= policy.failures_per_model;
    let backoff = backoff_ms(policy, failures, random);
    match class {
        FailureClass::Permanent | FailureClass::Quota => next_model.map(|model_index| Next {
            delay_ms: 0,
            model_index,
        }),
        FailureClass::Invalid => Some(Next {
            delay_ms: 0,
            model_index: next_model.filter(|_| worn_out).unwrap_or(so_far.model_index),
        }),
        FailureClass::Transient => Some(match next_model.filter(|_| worn_out) {
            // What the old model's server asked for says nothing of the next one.
            Some(model_index) => Next {
                delay_ms: backoff,
                model_index,
            },
            None => Next {
                delay_ms: retry_after_ms.map_or(backoff, |asked| after(asked, random)),
                model_index: so_far.model_index,
            },
        }),
        FailureClass::Aborted => None,
    }
}

/// How long to wait before a lost attempt is repeated; none: at once, as after a deploy or a crash of its own.
///
/// From the third loss in a row on it waits, longer each time and by chance. Somebody else of the same isolate may be
/// the one that makes it crash: repeated in step with it, a call that takes longer than the heartbeat would never come
/// to its end.
pub(in crate::engine) fn delay_after_loss_ms(policy: &Policy, losses: u32, random: u64) -> Option<u64> {
    (losses > LOSSES_REPEATED_AT_ONCE).then(|| backoff_ms(policy, losses - LOSSES_REPEATED_AT_ONCE, random))
}

/// Exponential with full jitter: anything from nothing to the ceiling ("Exponential Backoff And Jitter", AWS, 2015).
fn backoff_ms(policy: &Policy, failures: u32, random: u64) -> u64 {
    let doubled = policy
        .backoff_base_ms
        .saturating_mul(1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX));
    let ceiling = doubled.min(policy.backoff_max_ms);
    random % ceiling.saturating_add(1)
}

fn after(asked_ms: u64, random: u64) -> u64 {
    asked_ms.min(RETRY_AFTER_MAX_MS) + random % (RETRY_AFTER_JITTER_MS + 1)
}

/// Independent numbers from one: SplitMix64.
pub(in crate::engine) fn mix(entropy: u64, salt: u64) -> u64 {
    let mut z = entropy.wrapping_add(salt.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn so_far(failures: u32, failures_on_model: u32, model_index: usize) -> SoFar {
        SoFar {
            failures,
            failures_on_model,
            model_index,
        }
    }

    fn transient(failures: u32, on_model: u32, model: usize, models: usize) -> Option<Next> {
        decide(
            &Policy::default(),
            so_far(failures, on_model, model),
            models,
            FailureClass::Transient,
            None,
            999,
        )
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
            let next = |models| decide(&Policy::default(), so_far(0, 0, 0), models, class, Some(5_000), 999);
            assert_eq!(
                next(2),
                Some(Next {
                    delay_ms: 0,
                    model_index: 1
                })
            );
            assert_eq!(next(1), None);
        }
    }

    #[test]
    fn an_invalid_reply_is_asked_again_without_delay() {
        let next = |on_model| {
            decide(
                &Policy::default(),
                so_far(on_model, on_model, 0),
                2,
                FailureClass::Invalid,
                None,
                999,
            )
        };
        assert_eq!(
            next(0),
            Some(Next {
                delay_ms: 0,
                model_index: 0
            })
        );
        assert_eq!(
            next(2),
            Some(Next {
                delay_ms: 0,
                model_index: 1
            })
        );
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
        let asked = |ms| {
            decide(
                &Policy::default(),
                so_far(0, 0, 0),
                1,
                FailureClass::Transient,
                Some(ms),
                1_001,
            )
            .unwrap()
            .delay_ms
        };
        assert_eq!(asked(7_000), 7_000);
        assert_eq!(asked(u64::MAX), RETRY_AFTER_MAX_MS);
    }
}
