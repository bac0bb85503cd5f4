//! Layer 3: deterministic simulation of the real runner and engine, over ports on a virtual world.
//!
//! A seed makes a workflow, its trouble (delays, every kind of error, nonsense, hangs, late and duplicate replies, a
//! journal that fails with the write lost or kept) and what people do to it (controls, approvals, restarts, deletion).
//! It runs once in whole; then once more from every commit, with a crash just before it (the write lost) and just after
//! it (the write kept). A `referee` that shares no code with the engine judges every event of every run.
//!
//! - `SIM_SEED=7 cargo test --test simulation` repeats one workflow with all its crashes.
//! - `SIM_WORKFLOWS=1000000 cargo test --release --test simulation` is the long mode.
#![cfg(not(target_arch = "wasm32"))]
// Helpers are not test functions, so clippy.toml does not excuse them; in a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod client;
mod early_end;
mod executor;
mod host;
mod index;
mod listeners;
mod llm;
mod mutant;
mod random;
mod referee;
mod run;
#[path = "../support/mod.rs"]
mod support;
mod time_limits;
#[path = "../support/validator.rs"]
mod validator;
mod waiters;
mod workload;
mod world;

use std::collections::BTreeMap;
use std::io::Write;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use mutant::{MUTANTS, Mutant};
use run::{Report, Start, run};

const WORKFLOWS: u64 = 6_000;
const THREADS: u64 = 2;
const EVENT_TYPES: usize = 21;
/// A broken engine that this many workflows do not expose is not caught.
const WORKFLOWS_PER_MUTANT: u64 = 2_000;

#[derive(Clone, Debug, Default)]
struct Figures {
    workflows: u64,
    crash_points: u64,
    recovery_max_ms: u64,
    events: BTreeMap<&'static str, u64>,
    counts: BTreeMap<&'static str, u64>,
}

impl Figures {
    fn add(&mut self, report: &Report) {
        self.recovery_max_ms = self.recovery_max_ms.max(report.recovery_max_ms);
        for (event, count) in &report.events {
            *self.events.entry(event).or_default() += count;
        }
        for (what, count) in &report.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }

    fn join(mut self, other: Figures) -> Figures {
        self.workflows += other.workflows;
        self.crash_points += other.crash_points;
        self.add(&Report {
            recovery_max_ms: other.recovery_max_ms,
            events: other.events,
            counts: other.counts,
            ..Report::default()
        });
        self
    }
}

/// One workflow in whole, and again from a crash before and after each of its commits.
fn simulate(seed: u64, mutant: Option<Mutant>) -> Result<Figures, String> {
    let workload = Rc::new(workload::generate(seed));
    let whole = run(&workload, Start::fresh(&workload), seed, mutant, true);
    let whole = whole.map_err(|violation| format!("{violation}\n(without a forced crash)"))?;
    let mut figures = Figures {
        workflows: 1,
        ..Figures::default()
    };
    figures.add(&whole);
    for (index, (before, after)) in whole.crash_points.into_iter().enumerate() {
        for (kept, start) in [(0, before), (1, after)] {
            let fork = seed ^ (index as u64 * 2 + kept + 1) << 40;
            let report = run(&workload, start, fork, mutant, false).map_err(|violation| {
                let side = if kept == 1 { "just after" } else { "just before" };
                format!("{violation}\n(after a crash {side} commit {})", index + 1)
            })?;
            figures.crash_points += 1;
            figures.add(&report);
        }
    }
    Ok(figures)
}

fn simulate_or_explain(seed: u64) -> Figures {
    simulate(seed, None).unwrap_or_else(|violation| {
        panic!(
            "{violation}\n\n{:?}\n\nseed {seed} fails; repeat it with: SIM_SEED={seed} cargo test --test simulation",
            workload::generate(seed).spec
        )
    })
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn every_workflow_ends_as_it_should_whatever_goes_wrong_and_wherever_the_host_crashes() {
    if let Some(seed) = number("SIM_SEED") {
        eprintln!("seed {seed}: {:?}", simulate_or_explain(seed));
        return;
    }
    let workflows = number("SIM_WORKFLOWS").unwrap_or(WORKFLOWS);
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let work = || {
        let mut sum = Figures::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= workflows || failed.load(Ordering::Relaxed) {
                return sum;
            }
            let guard = FailOnPanic(&failed);
            sum = sum.join(simulate_or_explain(seed));
            std::mem::forget(guard);
        }
    };
    let sums: Vec<Figures> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a workflow failed, see above"))
            .collect()
    });
    let all = sums.into_iter().fold(Figures::default(), Figures::join);
    figure(&format!(
        "simulation: {} workflows, {} crash points, {} events judged; longest recovery {:.1} s of virtual time",
        all.workflows,
        all.crash_points,
        all.events.values().sum::<u64>(),
        all.recovery_max_ms as f64 / 1000.0,
    ));
    let counts: Vec<String> = all
        .counts
        .iter()
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    figure(&format!(
        "simulation: 0 workflows stranded, 0 streams without an end; {}",
        counts.join(", ")
    ));
    println!("{:?}", all.events);
    // What the workload never does would be tested by nothing.
    if all.workflows >= WORKFLOWS {
        assert_eq!(all.events.len(), EVENT_TYPES, "of every type of event");
        assert!(
            all.events.values().all(|count| *count > 100),
            "enough of every type of event"
        );
    }
}

/// For the summary of `npm test`. Past the test harness, which shows only what failing tests print.
fn figure(text: &str) {
    let _ = writeln!(std::io::stdout(), "\nfigure: {text}");
}

/// One failure ends the other thread too.
struct FailOnPanic<'a>(&'a AtomicBool);

impl Drop for FailOnPanic<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn every_broken_engine_is_caught() {
    for mutant in MUTANTS {
        let names_it = |violation: &String| {
            mutant
                .complaints()
                .iter()
                .any(|complaint| violation.contains(complaint))
        };
        let caught = (0..WORKFLOWS_PER_MUTANT)
            .find_map(|seed| Some((seed, simulate(seed, Some(mutant)).err().filter(names_it)?)));
        let (seed, violation) =
            caught.unwrap_or_else(|| panic!("{mutant:?} was not caught by {WORKFLOWS_PER_MUTANT} workflows"));
        let complaint = mutant
            .complaints()
            .iter()
            .find(|complaint| violation.contains(**complaint));
        println!(
            "{mutant:?}: caught by workflow {}: ... {}",
            seed + 1,
            complaint.unwrap_or(&"")
        );
    }
    figure(&format!(
        "simulation: {} of {} broken engines caught",
        MUTANTS.len(),
        MUTANTS.len()
    ));
}

#[test]
fn a_seed_means_the_same_run_every_time() {
    for seed in 0..20 {
        let figures = || format!("{:?}", simulate_or_explain(seed));
        assert_eq!(figures(), figures());
    }
}
