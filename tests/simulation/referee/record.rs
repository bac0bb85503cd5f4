//! What the referee notes down: phases, plans, restarts.

use orchestrator_workers::engine::words::event::{PlanSource, Reset};
use orchestrator_workers::engine::words::plan::Plan;
use orchestrator_workers::engine::words::spec::{Mode, Review};
use orchestrator_workers::engine::words::step_name::StepName;

use super::answer::{EDITOR, Made, REPAIR, REVIEW, made};
use super::{Phase, Referee, State, StepRecord};

impl Referee {
    pub(super) fn enter(&mut self, phase: Phase) {
        self.phase = Some(phase);
    }

    pub(super) fn end(&mut self) {
        for record in self
            .steps
            .values_mut()
            .filter(|record| matches!(record.state, State::InFlight { .. }))
        {
            record.state = State::Pending;
        }
        self.enter(Phase::Ended);
    }

    pub(super) fn progress(&mut self) {
        self.steps.values_mut().for_each(|record| record.lost = 0);
    }

    pub(super) fn start_over(&mut self) {
        self.steps.clear();
        self.reviewed = None;
        self.plan = None;
        self.made = None;
        self.approved = false;
        let asks_planner = self.spec.as_ref().is_some_and(|spec| {
            spec.tasks.is_none() && spec.options.mode != Mode::Direct && spec.options.max_subtasks > 1
        });
        if asks_planner {
            self.steps.insert(StepName::Plan, StepRecord::default());
        }
    }

    pub(super) fn set_plan(&mut self, plan: &Plan, source: PlanSource) {
        self.steps.retain(|name, _| *name == StepName::Plan);
        for task in plan.tasks() {
            self.steps
                .insert(StepName::Subtask(task.id.clone()), StepRecord::default());
        }
        self.made = made(plan, source);
        if self.made == Some(Made::ByTheEditor) {
            self.steps.insert(EDITOR, StepRecord::default());
        }
        self.steps.insert(StepName::Synthesis, StepRecord::default());
        if self
            .spec
            .as_ref()
            .is_some_and(|spec| spec.options.review == Review::Once)
        {
            self.steps.insert(REVIEW, StepRecord::default());
        }
        if self
            .spec
            .as_ref()
            .is_some_and(|spec| spec.options.output_schema.is_some())
        {
            self.steps.insert(StepName::Structure, StepRecord::default());
        }
        self.reviewed = None;
        self.plan = Some(plan.clone());
    }

    pub(super) fn restart(&mut self, reset: &Reset) {
        self.enter(Phase::Queued);
        match reset {
            Reset::Everything => self.start_over(),
            Reset::Steps(names) => {
                let answers_change = names.iter().any(|name| matches!(name, StepName::Subtask(_)));
                let round = names.iter().filter_map(|name| self.steps.get(name)?.round).min();
                self.steps.retain(|_, record| {
                    record
                        .round
                        .is_none_or(|own| !answers_change && round.is_none_or(|from| own <= from))
                });
                if names
                    .iter()
                    .any(|name| matches!(name, StepName::Synthesis | StepName::Review(_)))
                {
                    self.reviewed = None;
                }
                // A script that is written anew needs its own repair.
                if names.iter().any(|name| matches!(name, StepName::Edit(_))) {
                    self.steps.remove(&REPAIR);
                }
                for (_, record) in self.steps.iter_mut().filter(|(name, _)| names.contains(name)) {
                    *record = StepRecord {
                        round: record.round,
                        reads: std::mem::take(&mut record.reads),
                        ..StepRecord::default()
                    };
                }
            }
        }
        self.progress();
    }
}
