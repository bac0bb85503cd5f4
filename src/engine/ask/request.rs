//! What each attempt asks its model: the brief of a step, rendered by `prompts`.

use super::prompts;
use crate::engine::state::step::{Outcome, Step, StepState};
use crate::engine::state::workflow::{AttemptId, Workflow};
use crate::engine::words::plan::plan_schema;
use crate::engine::words::step_name::StepName;
use crate::model::{Answer, AnswerContent, Brief, ModelRequest, OutlineItem, ReportLine};

impl Workflow {
    /// The call of an attempt; none where it is no longer current.
    pub fn model_request(&self, attempt: &AttemptId) -> Option<ModelRequest> {
        let step = self.current(attempt)?;
        let brief = self.brief(step)?;
        Some(ModelRequest {
            model: self.model_of(step).clone(),
            messages: prompts::render(&brief),
            max_tokens: self.max_tokens(step),
            json_schema: (step.name == StepName::Plan).then(|| plan_schema(self.spec.options.max_subtasks)),
            attempt: attempt.number,
            brief,
        })
    }

    /// The step whose attempt in flight this is.
    pub(in crate::engine) fn current(&self, attempt: &AttemptId) -> Option<&Step> {
        let step = self.step(&attempt.step)?;
        let is_current = attempt.nonce == self.spec.nonce
            && step.state
                == StepState::InFlight {
                    run: attempt.run,
                    number: attempt.number,
                };
        is_current.then_some(step)
    }

    fn brief(&self, step: &Step) -> Option<Brief> {
        let prompt = self.spec.prompt.clone();
        let instructions = self.spec.options.instructions.clone();
        Some(match &step.name {
            StepName::Plan => Brief::Plan {
                prompt,
                instructions,
                max_subtasks: self.spec.options.max_subtasks,
                repair: self.fit_repair(step),
            },
            StepName::Subtask(id) => {
                let plan = self.plan.as_ref()?;
                let task = plan.tasks().iter().find(|task| task.id == *id)?;
                let fitted = self.fit_subtask(step, id);
                let inputs = step
                    .depends_on
                    .iter()
                    .zip(fitted.inputs)
                    .filter_map(|(name, text)| self.input(name, text))
                    .collect();
                Brief::Subtask {
                    prompt: fitted.prompt,
                    instructions,
                    outline: plan
                        .tasks()
                        .iter()
                        .map(|task| OutlineItem {
                            id: task.id.clone(),
                            title: task.title.clone(),
                        })
                        .collect(),
                    id: id.clone(),
                    title: task.title.clone(),
                    task: task.instructions.clone(),
                    inputs,
                }
            }
            StepName::Reduce(number) => Brief::Reduce {
                prompt,
                instructions,
                number: *number,
                answers: self.reduction_answers(step),
            },
            StepName::Synthesis => Brief::Synthesis {
                prompt,
                instructions,
                answers: self.synthesis_answers(),
                continue_from: (!step.parts.is_empty()).then(|| step.parts.concat()),
                report: self.report(),
            },
        })
    }

    fn input(&self, name: &StepName, (text, cut): (String, bool)) -> Option<Answer> {
        let step = self.step(name)?;
        let content = match &step.state {
            StepState::Complete { truncated, .. } => AnswerContent::Text {
                text,
                cut: cut || *truncated,
            },
            state => AnswerContent::Missing {
                reason: missing_reason(state),
            },
        };
        Some(Answer {
            id: short_id(name),
            title: step.title.clone(),
            content,
        })
    }

    /// What the synthesis reads: the last round's reductions where there are any, else the subtasks' answers; then the
    /// gaps.
    pub(in crate::engine) fn synthesis_answers(&self) -> Vec<Answer> {
        let round = self.last_round();
        let answer = |step: &Step| {
            let text = step.answer().unwrap_or_default().to_owned();
            self.input(&step.name, (text, false))
        };
        self.steps
            .iter()
            .filter(|step| match (&step.reduction, round) {
                (Some(reduction), Some(round)) => reduction.round == round,
                (None, None) => step.is_subtask(),
                // Reductions hold the answers, not the gaps.
                (None, Some(_)) => step.is_subtask() && step.answer().is_none(),
                (Some(_), None) => false,
            })
            .filter_map(answer)
            .collect()
    }

    /// The texts that a further round of reductions would condense.
    pub(in crate::engine) fn reducible(&self) -> impl Iterator<Item = (&StepName, &str)> {
        let round = self.last_round();
        let present = move |step: &&Step| match round {
            Some(round) => step
                .reduction
                .as_ref()
                .is_some_and(|reduction| reduction.round == round),
            None => step.is_subtask(),
        };
        self.steps
            .iter()
            .filter(present)
            .filter_map(|step| Some((&step.name, step.answer()?)))
    }

    fn last_round(&self) -> Option<u32> {
        self.steps
            .iter()
            .filter_map(|step| step.reduction.as_ref())
            .map(|reduction| reduction.round)
            .max()
    }

    fn reduction_answers(&self, step: &Step) -> Vec<Answer> {
        let Some(reduction) = &step.reduction else {
            return Vec::new();
        };
        let part_text = |answer: &str, from: usize, to: usize| {
            answer
                .chars()
                .skip(from)
                .take(to.saturating_sub(from))
                .collect::<String>()
        };
        reduction
            .parts
            .iter()
            .filter_map(|part| {
                let source = self.step(&part.step)?;
                let text = part_text(source.answer()?, part.from, part.to);
                Some(Answer {
                    id: short_id(&part.step),
                    title: source.title.clone(),
                    content: AnswerContent::Text { text, cut: false },
                })
            })
            .collect()
    }

    fn report(&self) -> Vec<ReportLine> {
        self.steps
            .iter()
            .filter(|step| step.name != StepName::Synthesis)
            .map(report_line)
            .collect()
    }
}

fn report_line(step: &Step) -> ReportLine {
    let first = step.attempts.first().map(|attempt| attempt.start);
    let last = step.attempts.last();
    ReportLine {
        step: step.name.to_string(),
        title: step.title.clone(),
        model: last.map(|attempt| attempt.model.clone()).unwrap_or_default(),
        attempts: step.attempts.len() as u32,
        duration_ms: first
            .zip(last.and_then(|attempt| attempt.end))
            .map_or(0, |(start, end)| end.ms_since(start)),
        outcome: match &step.state {
            StepState::Complete { truncated: true, .. } => "truncated".to_owned(),
            StepState::Complete { .. }
                if step
                    .attempts
                    .iter()
                    .any(|attempt| matches!(attempt.outcome, Outcome::Errored(_))) =>
            {
                "complete after a retry".to_owned()
            }
            StepState::Complete { .. } => "complete".to_owned(),
            state => missing_reason(state),
        },
    }
}

fn missing_reason(state: &StepState) -> String {
    match state {
        StepState::Failed { error } | StepState::Exhausted { error, .. } => format!("failed: {}", error.message),
        StepState::Skipped { reason } => format!("skipped: {reason}"),
        StepState::Complete { .. } => "complete".to_owned(),
        StepState::Pending | StepState::InFlight { .. } | StepState::Backoff { .. } => "not finished".to_owned(),
    }
}

/// A subtask's own id; a reduction's step name.
fn short_id(name: &StepName) -> String {
    match name {
        StepName::Subtask(id) => id.clone(),
        other => other.to_string(),
    }
}
