//! What is known of one model's parameters, and for how long. A state machine without I/O and clock.
//!
//! A call begins with what is known ([`Lessons::lend`]), learns on its own copy, and gives back what it learned only if
//! it then had a reply ([`Lessons::succeeded`]). So a refusal that was not what it said teaches nobody else. A last try
//! that has a reply may owe it to the time that passed, so that its form is learned from the second one on. What was
//! learned wrong all the same goes in one of three ways:
//!
//! - *By failing.* A call that began with lessons and is refused for no reason that can be learned is a strike. Two
//!   strikes in a row drop all lessons, and calls ask as at first.
//! - *By age.* Lessons hold for an hour, those of a last try for ten minutes, because its form gives up so much. Then
//!   one call asks as at first. If it has a reply, what it needed replaces what was known; meanwhile the others go on
//!   with what was known.
//! - *By another generation.* A call that began before the lessons were dropped neither strikes nor restores them.
//!
//! Calls of one model run concurrently, so that all of this holds for any order of their ends.

use crate::clock::Timestamp;
use crate::providers::wire::Adaptations;

/// How long lessons hold that servers taught in words.
const HOLD_MS: u64 = 60 * 60 * 1_000;
/// How long the barest form holds.
const HOLD_BAREST_MS: u64 = 10 * 60 * 1_000;
/// How long a call that asks as at first is waited for, before another one does.
const PROBE_MS: u64 = 2 * 60 * 1_000;
/// So many failures in a row drop the lessons.
const STRIKES_MAX: u8 = 2;
/// So many outputs with a schema that the service itself refused, in a row, and the schema is left out.
const REJECTED_OUTPUTS_MAX: u8 = 2;

#[derive(Clone, Debug)]
pub(super) struct Lessons {
    /// What is known by the model's name alone.
    fresh: Adaptations,
    known: Adaptations,
    /// Grows when lessons are dropped or replaced.
    generation: u32,
    strikes: u8,
    rejected_outputs: u8,
    /// One last try had a reply, and no other form since.
    suspects_barest: bool,
    hold_until: Timestamp,
    probe_until: Timestamp,
}

/// What a call began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lent {
    pub(super) adaptations: Adaptations,
    generation: u32,
    is_probe: bool,
}

impl Lent {
    /// For a call whose model is not remembered.
    pub(super) fn alone(fresh: Adaptations) -> Self {
        Lent {
            adaptations: fresh,
            generation: 0,
            is_probe: false,
        }
    }
}

impl Lessons {
    pub(super) fn new(fresh: Adaptations) -> Self {
        Lessons {
            known: fresh.clone(),
            fresh,
            generation: 0,
            strikes: 0,
            rejected_outputs: 0,
            suspects_barest: false,
            hold_until: Timestamp::default(),
            probe_until: Timestamp::default(),
        }
    }

    /// The parameters for a call that begins now.
    pub(super) fn lend(&mut self, now: Timestamp) -> Lent {
        let is_probe = self.known != self.fresh && now >= self.hold_until && now >= self.probe_until;
        if is_probe {
            self.probe_until = now.plus_ms(PROBE_MS);
        }
        let adaptations = if is_probe { &self.fresh } else { &self.known };
        Lent {
            adaptations: adaptations.for_another_call(),
            generation: self.generation,
            is_probe,
        }
    }

    /// A call had a reply, at last with the parameters `after`. `with_schema`: it asked for JSON by a schema.
    pub(super) fn succeeded(&mut self, lent: &Lent, after: &Adaptations, with_schema: bool, now: Timestamp) {
        let after = after.for_another_call();
        let is_current = lent.generation == self.generation;
        if with_schema {
            self.rejected_outputs = 0;
        }
        if is_current && lent.adaptations != self.fresh {
            self.strikes = 0;
        }
        let suspected = std::mem::replace(&mut self.suspects_barest, after.is_barest());
        if after.is_barest() && !lent.adaptations.is_barest() && !suspected {
            return;
        }
        if lent.is_probe && is_current {
            self.known = after;
            self.begin_generation();
            self.hold(now);
        } else if after != lent.adaptations {
            self.known.adopt(&lent.adaptations, &after);
            self.hold(now);
        }
    }

    /// A call was refused for no reason that could be learned. Gives it a new beginning, as at first, if the lessons
    /// that it began with are dropped.
    pub(super) fn failed(&mut self, lent: &Lent) -> Option<Lent> {
        if lent.adaptations == self.fresh {
            return None;
        }
        if lent.generation == self.generation {
            self.strikes += 1;
            if self.strikes < STRIKES_MAX {
                return None;
            }
            self.known = self.fresh.clone();
            self.begin_generation();
        }
        Some(Lent {
            adaptations: self.fresh.clone(),
            generation: self.generation,
            is_probe: false,
        })
    }

    /// The service refused what its model wrote for a schema.
    pub(super) fn output_rejected(&mut self, now: Timestamp) {
        self.rejected_outputs += 1;
        if self.rejected_outputs >= REJECTED_OUTPUTS_MAX {
            self.rejected_outputs = 0;
            self.known.leave_schema_out();
            self.hold(now);
        }
    }

    fn begin_generation(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.strikes = 0;
    }

    fn hold(&mut self, now: Timestamp) {
        let hold_ms = if self.known.is_barest() {
            HOLD_BAREST_MS
        } else {
            HOLD_MS
        };
        self.hold_until = now.plus_ms(hold_ms);
        self.probe_until = self.hold_until;
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
#[path = "lessons_tests.rs"]
mod tests;
