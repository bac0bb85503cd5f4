//! `handle` is the only way in which a workflow advances: one input in, the events that it leads to out.

use super::advance::next_event;
use super::attempt_end::{finished, lost, structured};
use super::controls::control;
use super::input::{Input, Rejection};
use super::listeners::{nobody_listens, somebody_listens};
use crate::engine::state::apply::{apply, queued};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::Event;
use crate::engine::words::spec::WorkflowSpec;
use crate::engine::words::time::Timestamp;

/// More events in one turn than any workflow can need. It bounds the loop that derives them.
const EVENTS_PER_TURN_MAX: usize = 10_000;

/// A new workflow and its first event. The next `handle` starts the plan's call.
pub fn create(spec: WorkflowSpec, now: Timestamp) -> (Workflow, Vec<Event>) {
    let workflow = queued(spec.clone(), now);
    (workflow, vec![Event::WorkflowQueued { spec: Box::new(spec) }])
}

/// Takes one input and returns the events that it led to, in order. An outdated input is ignored. `entropy` is used for
/// jitter, and the events hold the resulting times.
pub fn handle(workflow: &mut Workflow, input: Input, now: Timestamp, entropy: u64) -> Result<Vec<Event>, Rejection> {
    // Time never runs backwards in a journal, even where the clock of another machine is behind.
    let now = now.max(workflow.last_at);

    // First what the input says by itself. This only reads the state, so a rejected control leaves it untouched.
    let direct = match input {
        Input::TimePassed => Vec::new(),
        Input::AttemptsLost(attempts) => attempts
            .iter()
            .filter_map(|attempt| lost(workflow, attempt, now, entropy))
            .collect(),
        Input::AttemptFinished { attempt, outcome } => finished(workflow, &attempt, outcome, now, entropy),
        Input::StructureFinished {
            attempt,
            reply,
            verdict,
        } => structured(workflow, &attempt, reply, verdict, now, entropy),
        Input::Control(asked) => control(workflow, asked)?,
        Input::NobodyListens => nobody_listens(workflow).into_iter().collect(),
        Input::SomebodyListens => somebody_listens(workflow).into_iter().collect(),
    };
    let mut events = Vec::new();
    for event in direct {
        apply(workflow, &event, now);
        events.push(event);
    }

    // Then what follows from the new state, one event at a time. Each is applied before the next is derived, because
    // an event that has been applied is not due again. That is how the loop ends.
    while let Some(event) = next_event(workflow, now)
        && events.len() < EVENTS_PER_TURN_MAX
    {
        apply(workflow, &event, now);
        events.push(event);
    }
    Ok(events)
}
