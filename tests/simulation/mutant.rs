//! Engines and runners that are broken on purpose. A checker that cannot fail proves nothing: each must be caught.
//!
//! No production code knows of them. They live at the seams that the simulation owns: what the journal gives back at a
//! load (a replay that forgets), when a call goes out, what the host does with the alarm, and under which name a reply
//! is handed in.

use orchestrator_workers::engine::words::plan::Plan;
use orchestrator_workers::engine::words::spec::Approval;
use orchestrator_workers::engine::{Event, Recorded};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    CallsBeforeItCommits,
    ForgetsAFinishedSubtask,
    CountsLostAttempts,
    AcceptsLateReplies,
    StartsADependentTooEarly,
    IgnoresTheConcurrencyLimit,
    SkipsTheApproval,
    ForgetsFailures,
    NeverArmsTheAlarmAgain,
    DropsAWriteItAcknowledged,
    RepeatsNothingAfterACrash,
    ThrowsFromTheAlarm,
    ArmsNothingAtALoad,
    StreamsWithoutABorder,
    RepeatsNoPurge,
    LeavesItsTimers,
    HidesAFailedSync,
    NeverCommitsTheGroup,
}

pub const MUTANTS: [Mutant; 18] = [
    Mutant::CallsBeforeItCommits,
    Mutant::ForgetsAFinishedSubtask,
    Mutant::CountsLostAttempts,
    Mutant::AcceptsLateReplies,
    Mutant::StartsADependentTooEarly,
    Mutant::IgnoresTheConcurrencyLimit,
    Mutant::SkipsTheApproval,
    Mutant::ForgetsFailures,
    Mutant::NeverArmsTheAlarmAgain,
    Mutant::DropsAWriteItAcknowledged,
    Mutant::RepeatsNothingAfterACrash,
    Mutant::ThrowsFromTheAlarm,
    Mutant::ArmsNothingAtALoad,
    Mutant::StreamsWithoutABorder,
    Mutant::RepeatsNoPurge,
    Mutant::LeavesItsTimers,
    Mutant::HidesAFailedSync,
    Mutant::NeverCommitsTheGroup,
];

impl Mutant {
    /// The complaints that name this defect: being caught for another reason would prove less.
    pub fn complaints(self) -> &'static [&'static str] {
        match self {
            Mutant::CallsBeforeItCommits => &["went out before its start was durable"],
            Mutant::ForgetsAFinishedSubtask => &["the step is Done"],
            Mutant::CountsLostAttempts => &["this call's model said None"],
            Mutant::AcceptsLateReplies => &["this call's model said"],
            Mutant::StartsADependentTooEarly => &["needs subtask/"],
            Mutant::IgnoresTheConcurrencyLimit => &["calls are in flight already"],
            Mutant::SkipsTheApproval => &["the plan is not approved"],
            Mutant::ForgetsFailures => &["due only at", " is next", "failures"],
            Mutant::NeverArmsTheAlarmAgain => &["nobody noticed", "nothing will ever happen again", "without an alarm"],
            Mutant::DropsAWriteItAcknowledged => {
                &["went out before its start was durable", "is appended where", "shows"]
            }
            Mutant::RepeatsNothingAfterACrash => &["nobody noticed"],
            Mutant::ThrowsFromTheAlarm | Mutant::ArmsNothingAtALoad => &["without an alarm"],
            Mutant::StreamsWithoutABorder => &["a subscriber gets", "a stream goes on"],
            Mutant::RepeatsNoPurge => &["without an alarm while Some(Ended)"],
            Mutant::LeavesItsTimers => &["outlives its workflow"],
            Mutant::HidesAFailedSync => &["before it is durable"],
            Mutant::NeverCommitsTheGroup => &["ms for its commit"],
        }
    }

    /// What a replay with this defect would make of the journal. Sequence numbers stay as they are.
    pub fn replayed(self, mut log: Vec<Recorded>) -> Vec<Recorded> {
        match self {
            Mutant::ForgetsAFinishedSubtask => {
                let finished = |recorded: &&mut Recorded| match &recorded.event {
                    Event::AttemptCompleted { step, .. } => step.to_string().starts_with("subtask/"),
                    _ => false,
                };
                if let Some(recorded) = log.iter_mut().rev().find(finished) {
                    recorded.event = lost(&recorded.event);
                }
            }
            Mutant::ForgetsFailures => {
                for recorded in log
                    .iter_mut()
                    .filter(|recorded| matches!(recorded.event, Event::AttemptErrored { retry_at: Some(_), .. }))
                {
                    recorded.event = lost(&recorded.event);
                }
            }
            Mutant::StartsADependentTooEarly => {
                for recorded in &mut log {
                    if let Event::PlanAccepted { plan, .. } | Event::PlanApproved { plan: Some(plan) } =
                        &mut recorded.event
                    {
                        *plan = without_dependencies(plan);
                    }
                }
            }
            Mutant::IgnoresTheConcurrencyLimit => {
                if let Some(Event::WorkflowQueued { spec }) = log.first_mut().map(|recorded| &mut recorded.event) {
                    spec.options.max_concurrency = 1_000;
                }
            }
            Mutant::SkipsTheApproval => {
                if let Some(Event::WorkflowQueued { spec }) = log.first_mut().map(|recorded| &mut recorded.event) {
                    spec.options.approval = Approval::None;
                }
                // It would not even have waited.
                for recorded in log
                    .iter_mut()
                    .filter(|recorded| recorded.event == Event::WorkflowWaiting {})
                {
                    recorded.event = Event::WorkflowResumed {};
                }
            }
            _ => {}
        }
        log
    }
}

fn lost(event: &Event) -> Event {
    match event {
        Event::AttemptCompleted { step, run, number, .. } | Event::AttemptErrored { step, run, number, .. } => {
            Event::AttemptLost {
                step: step.clone(),
                run: *run,
                number: *number,
                retry_at: None,
            }
        }
        other => other.clone(),
    }
}

fn without_dependencies(plan: &Plan) -> Plan {
    let mut value = serde_json::to_value(plan).unwrap();
    for task in value["tasks"].as_array_mut().unwrap() {
        task["depends_on"] = serde_json::json!([]);
    }
    serde_json::from_value(value).unwrap()
}
