//! The index of a tenant as the simulation has it: the newest notice of each life, behind a network that loses requests
//! and answers, and delivers late and twice. What an index makes of notices has tests of its own (`src/tenant`); here
//! the question is whether a workflow tells what it has to.

use std::collections::BTreeMap;

use orchestrator_workers::notify::Notice;

/// What is known of a life.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// Up to this event.
    Alive {
        seq: u64,
    },
    Gone,
}

#[derive(Clone, Debug, Default)]
pub struct Index {
    pub lives: BTreeMap<String, Known>,
    /// What is still on its way, and when it arrives.
    pub late: Vec<(u64, Notice)>,
}

impl Index {
    pub fn deliver(&mut self, now: u64) {
        let (arrived, late) = std::mem::take(&mut self.late)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.late = late;
        let arrived: Vec<(u64, Notice)> = arrived;
        for (_, notice) in arrived {
            self.take(&notice);
        }
    }

    pub fn take(&mut self, notice: &Notice) {
        let known = self.lives.entry(notice.life.clone()).or_insert(Known::Alive { seq: 0 });
        match (&notice.entry, &*known) {
            (None, _) => *known = Known::Gone,
            (Some(entry), Known::Alive { seq }) if entry.seq > *seq => *known = Known::Alive { seq: entry.seq },
            _ => {}
        }
    }
}
