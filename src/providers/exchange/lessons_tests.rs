use proptest::prelude::*;

use super::*;
use crate::model::{ModelSpec, Provider};
use crate::providers::wire::fixtures::deterministic;

const NO_TEMPERATURE: &str = "temperature is not supported";
const NO_FORMAT: &str = "response_format is not supported";

fn fresh() -> Adaptations {
    Adaptations::new(&ModelSpec {
        provider: Provider::Openai,
        name: "m".into(),
        context_tokens: 8_192,
    })
}

fn at(ms: u64) -> Timestamp {
    Timestamp(1_000_000_000 + ms)
}

fn anew(lent: Option<Lent>) -> Option<Adaptations> {
    lent.map(|lent| lent.adaptations)
}

/// A call that learns from `refusals` and then has a reply.
fn taught(lessons: &mut Lessons, refusals: &[&str], now: Timestamp) {
    let lent = lessons.lend(now);
    let mut adaptations = lent.adaptations.clone();
    for refusal in refusals {
        assert!(adaptations.learn(400, refusal), "{refusal}");
    }
    lessons.succeeded(&lent, &adaptations, false, now);
}

#[test]
fn a_lesson_is_one_only_after_a_reply() {
    let mut lessons = Lessons::new(fresh());
    let mut copy = lessons.lend(at(0)).adaptations;
    assert!(copy.learn(400, NO_TEMPERATURE));
    assert_eq!(lessons.lend(at(1)).adaptations, fresh(), "the call has no reply yet");
    taught(&mut lessons, &[NO_TEMPERATURE], at(2));
    assert_ne!(lessons.lend(at(3)).adaptations, fresh());
}

#[test]
fn lessons_that_fail_twice_are_dropped() {
    let mut lessons = Lessons::new(fresh());
    taught(&mut lessons, &[NO_TEMPERATURE], at(0));
    let (first, second, third) = (lessons.lend(at(1)), lessons.lend(at(1)), lessons.lend(at(1)));
    assert_eq!(lessons.failed(&first), None);
    assert_eq!(anew(lessons.failed(&second)), Some(fresh()));
    assert_eq!(lessons.lend(at(2)).adaptations, fresh());
    // Calls that began with the dropped lessons neither strike nor restore them.
    assert_eq!(anew(lessons.failed(&third)), Some(fresh()));
    lessons.succeeded(&third, &third.adaptations, false, at(3));
    assert_eq!(lessons.lend(at(4)).adaptations, fresh());
}

#[test]
fn a_reply_between_two_failures_clears_the_first() {
    let mut lessons = Lessons::new(fresh());
    taught(&mut lessons, &[NO_TEMPERATURE], at(0));
    for _ in 0..5 {
        let lent = lessons.lend(at(1));
        assert_eq!(lessons.failed(&lent), None);
        lessons.succeeded(&lent, &lent.adaptations, false, at(1));
    }
    assert_ne!(lessons.lend(at(2)).adaptations, fresh());
}

#[test]
fn a_call_without_lessons_strikes_nothing() {
    let mut lessons = Lessons::new(fresh());
    let early = lessons.lend(at(0));
    taught(&mut lessons, &[NO_TEMPERATURE], at(0));
    for _ in 0..5 {
        assert_eq!(lessons.failed(&early), None);
    }
    assert_ne!(lessons.lend(at(1)).adaptations, fresh());
}

#[test]
fn after_an_hour_one_call_asks_as_at_first() {
    let mut lessons = Lessons::new(fresh());
    taught(&mut lessons, &[NO_TEMPERATURE, NO_FORMAT], at(0));
    let known = lessons.lend(at(HOLD_MS - 1)).adaptations;
    assert_ne!(known, fresh());
    let probe = lessons.lend(at(HOLD_MS));
    assert_eq!(probe.adaptations, fresh());
    assert_eq!(lessons.lend(at(HOLD_MS)).adaptations, known, "the others go on");
    // It needs one of the two lessons only.
    let mut needed = probe.adaptations.clone();
    assert!(needed.learn(400, NO_FORMAT));
    lessons.succeeded(&probe, &needed, true, at(HOLD_MS + 5));
    assert_eq!(lessons.lend(at(HOLD_MS + 6)).adaptations, needed);
    // It needs none.
    let probe = lessons.lend(at(3 * HOLD_MS));
    lessons.succeeded(&probe, &probe.adaptations, true, at(3 * HOLD_MS));
    assert_eq!(lessons.lend(at(3 * HOLD_MS)).adaptations, fresh());
}

#[test]
fn a_lost_probe_is_followed_by_another() {
    let mut lessons = Lessons::new(fresh());
    taught(&mut lessons, &[NO_TEMPERATURE], at(0));
    assert!(lessons.lend(at(HOLD_MS)).is_probe);
    assert!(!lessons.lend(at(HOLD_MS + PROBE_MS - 1)).is_probe);
    assert!(lessons.lend(at(HOLD_MS + PROBE_MS)).is_probe);
}

#[test]
fn the_barest_form_holds_for_minutes() {
    let mut lessons = Lessons::new(fresh());
    let lent = lessons.lend(at(0));
    for _ in 0..2 {
        lessons.succeeded(&lent, &lent.adaptations.barest("no"), false, at(0));
    }
    assert!(lessons.lend(at(HOLD_BAREST_MS - 1)).adaptations.is_barest());
    assert_eq!(lessons.lend(at(HOLD_BAREST_MS)).adaptations, fresh());
}

#[test]
fn one_last_try_that_has_a_reply_teaches_nothing() {
    let mut lessons = Lessons::new(fresh());
    for _ in 0..5 {
        let lent = lessons.lend(at(0));
        lessons.succeeded(&lent, &lent.adaptations.barest("no"), false, at(0));
        assert_eq!(lessons.lend(at(1)).adaptations, fresh(), "the fault may have passed");
        // It had: the first form has a reply again.
        let lent = lessons.lend(at(1));
        lessons.succeeded(&lent, &lent.adaptations, false, at(1));
    }
}

#[test]
fn two_rejected_outputs_leave_the_schema_out_for_a_while() {
    let mut lessons = Lessons::new(fresh());
    lessons.output_rejected(at(0));
    assert_eq!(lessons.lend(at(0)).adaptations, fresh());
    // A reply in between is a new beginning.
    let lent = lessons.lend(at(0));
    lessons.succeeded(&lent, &lent.adaptations, true, at(0));
    lessons.output_rejected(at(1));
    assert_eq!(lessons.lend(at(1)).adaptations, fresh());
    lessons.output_rejected(at(2));
    let mut without = fresh();
    without.leave_schema_out();
    assert_eq!(lessons.lend(at(3)).adaptations, without);
    assert_eq!(lessons.lend(at(2 + HOLD_MS)).adaptations, fresh());
}

/// What may happen to one of many concurrent calls.
#[derive(Clone, Copy, Debug)]
enum Step {
    Begin,
    Learn(usize),
    Barest,
    Succeed,
    Fail,
    RejectOutput,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Begin),
        4 => (0usize..5).prop_map(Step::Learn),
        1 => Just(Step::Barest),
        3 => Just(Step::Succeed),
        3 => Just(Step::Fail),
        1 => Just(Step::RejectOutput),
        2 => (1u64..2 * HOLD_MS).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(deterministic(512))]

    /// Whatever many calls did in any order: a server that takes the first form is asked in it again, after two calls
    /// that fail or after the time that lessons hold.
    #[test]
    fn nothing_is_learned_for_good(steps in prop::collection::vec((step(), 0usize..8), 0..60), by_failing: bool) {
        const REFUSALS: &[&str] = &[
            NO_TEMPERATURE, NO_FORMAT, "max_tokens: at most 300", "stream_options", "System role not supported",
        ];
        let mut lessons = Lessons::new(fresh());
        let mut now = at(0);
        let mut calls: Vec<(Lent, Adaptations)> = Vec::new();
        for (step, which) in steps {
            let call = which.checked_rem(calls.len()).filter(|_| !calls.is_empty());
            match (step, call) {
                (Step::Begin, _) => {
                    let lent = lessons.lend(now);
                    calls.push((lent.clone(), lent.adaptations));
                }
                (Step::Learn(number), Some(call)) => {
                    calls[call].1.learn(400, REFUSALS[number]);
                }
                (Step::Barest, Some(call)) => calls[call].1 = calls[call].1.barest("no"),
                (Step::Succeed, Some(call)) => {
                    let (lent, after) = calls.swap_remove(call);
                    lessons.succeeded(&lent, &after, which % 2 == 0, now);
                }
                (Step::Fail, Some(call)) => {
                    let (lent, _) = calls.swap_remove(call);
                    if let Some(again) = lessons.failed(&lent) {
                        prop_assert_eq!(&again.adaptations, &fresh());
                        prop_assert_ne!(&lent.adaptations, &again.adaptations, "the same would be refused again");
                        calls.push((again.clone(), again.adaptations));
                    }
                }
                (Step::RejectOutput, _) => lessons.output_rejected(now),
                (Step::Pass(ms), _) => now = now.plus_ms(ms),
                (_, None) => {}
            }
            prop_assert!(lessons.strikes < STRIKES_MAX);
            prop_assert!(lessons.rejected_outputs < REJECTED_OUTPUTS_MAX);
        }
        if by_failing {
            // Within the time that lessons hold, two failures are enough; a probe may take the place of one.
            for _ in 0..STRIKES_MAX + 1 {
                let lent = lessons.lend(now);
                if lent.adaptations != fresh() {
                    lessons.failed(&lent);
                }
            }
        } else {
            now = now.plus_ms(2 * HOLD_MS + PROBE_MS);
            let lent = lessons.lend(now);
            prop_assert_eq!(&lent.adaptations, &fresh());
            lessons.succeeded(&lent, &lent.adaptations, true, now);
        }
        prop_assert_eq!(lessons.lend(now).adaptations, fresh());
    }

    /// Calls that learn the same and all have a reply leave what one of them would.
    #[test]
    fn many_calls_teach_what_one_does(count in 1usize..20, order in prop::collection::vec(any::<usize>(), 20)) {
        let learned = |lessons: &mut Lessons, count: usize| {
            let mut calls: Vec<Lent> = (0..count).map(|_| lessons.lend(at(0))).collect();
            for pick in &order {
                let Some(call) = pick.checked_rem(calls.len()) else { break };
                let lent = calls.swap_remove(call);
                let mut after = lent.adaptations.clone();
                after.learn(400, NO_FORMAT);
                after.learn(400, "max_tokens: at most 4096");
                lessons.succeeded(&lent, &after, true, at(1));
            }
            lessons.lend(at(2)).adaptations
        };
        prop_assert_eq!(learned(&mut Lessons::new(fresh()), count), learned(&mut Lessons::new(fresh()), 1));
    }
}
