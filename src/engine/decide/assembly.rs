//! When the answer is put together: once the editor's script is there, and edits that did not apply have had their one
//! repair.
//!
//! A repair is a call of its own, `edit/2`. It begins only below three quarters of every limit, and where it fails or
//! can't be asked, the answer is put together without it.

use super::limits::past_stop;
use crate::engine::answer::{Assembly, resolve};
use crate::engine::state::apply::repair_step;
use crate::engine::state::assembly::{EDIT, Making, REPAIR, first_assembly, making, parts, script};
use crate::engine::state::queries::{find_step, subtasks};
use crate::engine::state::step::{Step, StepState};
use crate::engine::state::workflow::Workflow;
use crate::engine::words::answer::Segment;
use crate::engine::words::event::Event;
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;

/// The version of the rules by which this build reads a script.
pub const ASSEMBLER: u32 = 1;

/// The next event of the assembly that is due, whether or not something new may start.
pub fn assembly(workflow: &Workflow, now: Timestamp) -> Option<Event> {
    if find_step(workflow, &StepName::Synthesis)?.state != StepState::Pending {
        return None;
    }
    match making(workflow)? {
        Making::Single => single(workflow),
        Making::Assemble => edited(workflow, now),
        Making::Direct | Making::Merge => None,
    }
}

/// The step of the repair, where it is due to begin.
pub fn repair(workflow: &Workflow, now: Timestamp) -> Option<Step> {
    let is_open = making(workflow) == Some(Making::Assemble) && find_step(workflow, &REPAIR).is_none();
    (is_open && needs_repair(&*first_assembly(workflow)?) && past_stop(workflow, now).is_none())
        .then(|| repair_step(workflow))
}

/// A reply without marks has no edits. It would not follow the syntax the second time either.
fn needs_repair(first: &Assembly) -> bool {
    !first.unmarked && first.failed_edits().next().is_some()
}

/// The text of a client's own single subtask is the answer. A synthesis that a 0.1.0 has begun goes on.
fn single(workflow: &Workflow) -> Option<Event> {
    if !find_step(workflow, &StepName::Synthesis)?.attempts.is_empty() {
        return None;
    }
    let step = subtasks(workflow).next()?;
    let (whole, attempt) = (step.answer()?, step.attempts.last()?);
    // A text of nothing but notes is better than none.
    let range = step.without_notes.clone().filter(|range| !range.is_empty());
    let range = range.unwrap_or(0..whole.len());
    let chars = |bytes: usize| whole.get(..bytes).unwrap_or_default().chars().count();
    Some(Event::AnswerAssembled {
        assembler: ASSEMBLER,
        segments: vec![Segment::Slice {
            step: step.name.clone(),
            run: attempt.run,
            number: attempt.number,
            from: chars(range.start),
            to: chars(range.end),
        }],
        edits: Vec::new(),
        problems: Vec::new(),
        unmarked: false,
    })
}

fn edited(workflow: &Workflow, now: Timestamp) -> Option<Event> {
    let edit = script(workflow, &EDIT)?;
    let first = || first_assembly(workflow).map(|first| assembled(&first));
    let Some(repair) = find_step(workflow, &REPAIR) else {
        let waits = needs_repair(&*first_assembly(workflow)?) && past_stop(workflow, now).is_none();
        return if waits { None } else { first() };
    };
    match &repair.state {
        StepState::Complete { .. } => {
            let scripts = [edit, script(workflow, &REPAIR)?];
            Some(assembled(&resolve(&parts(workflow), &scripts)))
        }
        StepState::Failed { .. } | StepState::Skipped { .. } => first(),
        // It has not begun, or would be repeated.
        StepState::Pending | StepState::Backoff { .. } => {
            past_stop(workflow, now).map(|reason| Event::StepSkipped { step: REPAIR, reason })
        }
        StepState::InFlight { .. } | StepState::Exhausted { .. } => None,
    }
}

fn assembled(assembly: &Assembly) -> Event {
    Event::AnswerAssembled {
        assembler: ASSEMBLER,
        segments: assembly.segments.clone(),
        edits: assembly.edits.clone(),
        problems: assembly.problems.clone(),
        unmarked: assembly.unmarked,
    }
}
