//! Replay rebuilds the state from a journal. It reads no configuration, because `workflow_queued` holds what the run
//! depends on.

use super::apply::{apply, queued};
use super::workflow::Workflow;
use crate::engine::words::event::{Event, Recorded};

/// Why a journal can't be replayed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    #[error("the journal is empty")]
    Empty,
    #[error("the journal does not begin with workflow_queued but with {0}")]
    NotQueued(&'static str),
    #[error("event {found} follows event {after}: the journal has a gap")]
    Gap { after: u64, found: u64 },
}

/// Rebuilds the state from a journal, oldest event first.
pub fn replay(log: impl IntoIterator<Item = Recorded>) -> Result<Workflow, ReplayError> {
    // The first event makes the workflow, and no other event can.
    let mut log = log.into_iter();
    let first = log.next().ok_or(ReplayError::Empty)?;
    let Event::WorkflowQueued { spec } = first.event else {
        return Err(ReplayError::NotQueued(first.event.type_name()));
    };
    if first.seq != 1 {
        return Err(ReplayError::Gap {
            after: 0,
            found: first.seq,
        });
    }
    let mut workflow = queued(*spec, first.at);
    // The rest changes it one by one, by the function that changed it when the events were new. A gap means that events
    // are missing, so the state would be wrong.
    let mut seq = first.seq;
    for recorded in log {
        if recorded.seq != seq + 1 {
            return Err(ReplayError::Gap {
                after: seq,
                found: recorded.seq,
            });
        }
        seq = recorded.seq;
        apply(&mut workflow, &recorded.event, recorded.at);
    }
    Ok(workflow)
}
