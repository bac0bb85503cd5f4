//! Engines and runners that are broken on purpose. A checker that cannot fail proves nothing: each must be caught.
//!
//! No production code knows of them. They live at the seams that the simulation owns: what the journal gives back at a
//! load (a replay that forgets), when a call goes out, what the host does with the alarm, and under which name a reply
//! is handed in.

use orchestrator_workers::engine::words::answer::Segment;
use orchestrator_workers::engine::words::plan::Plan;
use orchestrator_workers::engine::words::spec::Approval;
use orchestrator_workers::engine::words::step_name::StepName;
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
    ResolvesTheScriptAgain,
    RepeatsTheEditor,
    LeavesOutAnIncludedPart,
    LosesItsEdits,
    RepeatsTheReviewer,
    LosesTheReview,
    ReviewsFromMemory,
    TellsNobody,
    BelievesALostAnswer,
    LeavesNoTombstone,
    ForgetsWhyItPaused,
}

pub const MUTANTS: [Mutant; 29] = [
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
    Mutant::ResolvesTheScriptAgain,
    Mutant::RepeatsTheEditor,
    Mutant::LeavesOutAnIncludedPart,
    Mutant::LosesItsEdits,
    Mutant::RepeatsTheReviewer,
    Mutant::LosesTheReview,
    Mutant::ReviewsFromMemory,
    Mutant::TellsNobody,
    Mutant::BelievesALostAnswer,
    Mutant::LeavesNoTombstone,
    Mutant::ForgetsWhyItPaused,
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
            Mutant::RepeatsNoPurge => &["without an alarm while None"],
            Mutant::LeavesItsTimers => &["outlives its workflow"],
            Mutant::HidesAFailedSync => &["before it is durable"],
            Mutant::NeverCommitsTheGroup => &["ms for its commit"],
            Mutant::ResolvesTheScriptAgain => &["the answer is decided as"],
            Mutant::RepeatsTheEditor => &["step: Edit(1)"],
            Mutant::RepeatsTheReviewer => &["step: Review(1)"],
            Mutant::LosesTheReview => &["is not what the review gives"],
            // It reviews what it has reviewed, or shows the answer without.
            Mutant::ReviewsFromMemory => &["the answer was reviewed before", "the answer is decided as"],
            Mutant::TellsNobody | Mutant::BelievesALostAnswer => &["the index does not know"],
            Mutant::ForgetsWhyItPaused => &["a listener does not end the pause", "its reason is lost"],
            Mutant::LeavesNoTombstone => &["the index lists a life that is gone"],
            Mutant::LeavesOutAnIncludedPart | Mutant::LosesItsEdits => &["is not what the script and the parts give"],
        }
    }

    /// What an engine with this defect would write.
    pub fn appended(self, recorded: &Recorded) -> Recorded {
        let mut recorded = recorded.clone();
        if let (Event::AnswerReviewed { segments, .. }, Mutant::LosesTheReview) = (&mut recorded.event, self) {
            segments.retain(|segment| !is_of_the_review(segment));
        }
        if let Event::AnswerAssembled { segments, .. } = &mut recorded.event {
            match self {
                Mutant::LeavesOutAnIncludedPart => {
                    if let Some(part) = segments.iter().rposition(is_of_a_part) {
                        segments.remove(part);
                    }
                }
                Mutant::LosesItsEdits => *segments = without_edits(segments),
                _ => {}
            }
        }
        recorded
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
            Mutant::ForgetsWhyItPaused => {
                for recorded in &mut log {
                    if let Event::WorkflowWaitingForPause { reason } | Event::WorkflowPaused { reason } =
                        &mut recorded.event
                    {
                        *reason = None;
                    }
                }
            }
            Mutant::RepeatsTheEditor => {
                let is_editors = |recorded: &&mut Recorded| {
                    matches!(
                        &recorded.event,
                        Event::AttemptCompleted {
                            step: StepName::Edit(1),
                            ..
                        }
                    )
                };
                if let Some(recorded) = log.iter_mut().rev().find(is_editors) {
                    recorded.event = lost(&recorded.event);
                }
            }
            Mutant::RepeatsTheReviewer => {
                let is_reviewers = |recorded: &&mut Recorded| {
                    matches!(
                        &recorded.event,
                        Event::AttemptCompleted {
                            step: StepName::Review(1),
                            ..
                        }
                    )
                };
                if let Some(recorded) = log.iter_mut().rev().find(is_reviewers) {
                    recorded.event = lost(&recorded.event);
                }
            }
            Mutant::ReviewsFromMemory => {
                for recorded in &mut log {
                    if let Event::AnswerReviewed { segments, .. } = &mut recorded.event {
                        segments.retain(|segment| !is_of_the_review(segment));
                    }
                }
            }
            // Its matcher finds nothing of what was found before.
            Mutant::ResolvesTheScriptAgain => {
                for recorded in &mut log {
                    if let Event::AnswerAssembled { segments, .. } = &mut recorded.event {
                        *segments = without_edits(segments);
                    }
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
                    if let Event::PlanAccepted { plan, .. } | Event::PlanApproved { plan: Some(plan), .. } =
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

fn is_of_a_part(segment: &Segment) -> bool {
    matches!(
        segment,
        Segment::Slice {
            step: StepName::Subtask(_),
            ..
        }
    )
}

/// Where two slices of one part stand around something else, the part is as it was.
fn without_edits(segments: &[Segment]) -> Vec<Segment> {
    let mut whole: Vec<Segment> = Vec::new();
    for segment in segments {
        if let Segment::Slice { step, to, .. } = segment
            && is_of_a_part(segment)
            && let Some(before) = whole
                .iter()
                .rposition(|other| matches!(other, Segment::Slice { step: other, .. } if other == step))
        {
            whole.truncate(before + 1);
            if let Some(Segment::Slice { to: end, .. }) = whole.last_mut() {
                *end = *to;
            }
        } else {
            whole.push(segment.clone());
        }
    }
    whole
}

fn is_of_the_review(segment: &Segment) -> bool {
    matches!(
        segment,
        Segment::Slice {
            step: StepName::Review(_),
            ..
        }
    )
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
