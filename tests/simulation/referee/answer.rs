//! What the answer must be, read from the scripts and the parts by rules of its own.
//!
//! The scripts of the simulated editor are simple: edits of one line, an answer whose blocks stand alone. So a reader
//! of a few lines knows what they mean, without the engine's.

use std::collections::BTreeMap;

use orchestrator_workers::engine::words::answer::Segment;
use orchestrator_workers::engine::words::event::PlanSource;
use orchestrator_workers::engine::words::plan::{Form, Plan};
use orchestrator_workers::engine::words::step_name::StepName;

use super::{Referee, State, Verdict, ensure};

pub const EDITOR: StepName = StepName::Edit(1);
pub const REPAIR: StepName = StepName::Edit(2);
pub const REVIEW: StepName = StepName::Review(1);
/// A new text has at least half of the old one, but for so many bytes, and at least a tenth.
const REWRITTEN_PART: usize = 2;
const GONE_BYTES: usize = 120;
const LEFT_PART: usize = 10;

/// Where the synthesis has no call of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    OfTheOnlyPart,
    ByTheEditor,
}

/// None where a model writes the answer.
pub fn made(plan: &Plan, source: PlanSource) -> Option<Made> {
    match plan.tasks().len() {
        1 if source == PlanSource::Client => Some(Made::OfTheOnlyPart),
        0 | 1 => None,
        _ => (plan.form() == Form::Assemble).then_some(Made::ByTheEditor),
    }
}

/// What the scripts and the parts give.
struct Reading {
    answer: String,
    has_failed_edit: bool,
}

impl Referee {
    /// The event's segments are slices of the texts that are there, and together what these mean.
    pub(super) fn assembled(&mut self, segments: &[Segment], unmarked: bool) -> Verdict {
        let whole = self.joined(segments)?;
        match self.made {
            None => return Err("a model writes this answer".into()),
            Some(Made::OfTheOnlyPart) => {
                let part = self.parts().into_values().next().unwrap_or_default();
                ensure(whole == part, || format!("not the only part: {part:?}"))?;
            }
            Some(Made::ByTheEditor) => self.check_edited(&whole, unmarked)?,
        }
        let synthesis = self.steps.entry(StepName::Synthesis).or_default();
        ensure(synthesis.state == State::Pending, || {
            format!("the synthesis is {:?}", synthesis.state)
        })?;
        synthesis.state = State::Done { text: whole };
        Ok(())
    }

    /// What the review makes of the answer: its edits, or its whole text.
    pub(super) fn reviewed(&mut self, segments: &[Segment], refused: bool) -> Verdict {
        ensure(self.reviewed.is_none(), || "the answer was reviewed before".into())?;
        let whole = self.joined(segments)?;
        let text = |step: &StepName| match self.steps.get(step).map(|record| &record.state) {
            Some(State::Done { text }) => Ok(text.clone()),
            other => Err(format!("{step} is {other:?}")),
        };
        let (before, reply) = (text(&StepName::Synthesis)?, text(&REVIEW)?);
        let is_cut = self.steps.get(&REVIEW).is_some_and(|record| record.cut);
        let mut edited = before.clone();
        for (_, old, new) in edits(&reply) {
            if edited.matches(old).count() == 1 {
                edited = edited.replace(old, new);
            }
        }
        let rewritten = reply.split_once("@answer\n").map(|(_, text)| text.trim().to_owned());
        let expected = match rewritten {
            Some(new) if !refused => {
                let bytes = |text: &str| text.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
                let (left, whole) = (bytes(&new), bytes(&before));
                let is_half_gone = left < whole / REWRITTEN_PART && whole - left > GONE_BYTES;
                let is_short = is_half_gone || left < whole / LEFT_PART;
                let may_be_short = self.words_allowed().is_some();
                ensure(!is_cut && (!is_short || may_be_short), || {
                    "a text that loses something".into()
                })?;
                new
            }
            _ => edited,
        };
        // Half a mark at the end of a reply that was cut off is read in its own way.
        ensure(whole == expected || is_cut, || {
            format!("{whole:?} is not what the review gives, which is {expected:?}")
        })?;
        self.reviewed = Some(whole);
        Ok(())
    }

    fn words_allowed(&self) -> Option<u32> {
        let asked = self.spec.as_ref().and_then(|spec| spec.options.length.firm_words());
        asked.or_else(|| self.plan.as_ref().and_then(Plan::length))
    }

    /// The final answer, once it is decided.
    pub fn decided(&self) -> Option<&str> {
        let synthesis = match self.steps.get(&StepName::Synthesis).map(|record| &record.state) {
            Some(State::Done { text }) => text.as_str(),
            _ => return None,
        };
        match self.steps.get(&REVIEW).map(|record| &record.state) {
            Some(State::Done { .. }) => self.reviewed.as_deref(),
            Some(State::Failed | State::Skipped) | None => Some(synthesis),
            Some(_) => None,
        }
    }

    /// A repair is for edits that failed.
    pub(super) fn repairs(&self) -> Verdict {
        ensure(self.reading().is_none_or(|reading| reading.has_failed_edit), || {
            "no edit has failed".into()
        })
    }

    /// A model that answered an edit without marks gets no more plans to assemble.
    pub(super) fn check_form(&self, plan: &Plan, source: PlanSource) -> Verdict {
        let first = self.spec.as_ref().and_then(|spec| spec.big_models.first());
        let writes_no_marks = first.is_some_and(|model| self.unmarked.contains(&model.name));
        let is_planned = source == PlanSource::Planner && plan.form() == Form::Assemble;
        ensure(!is_planned || !writes_no_marks, || {
            "its editor is a model that writes no marks".into()
        })
    }

    fn joined(&self, segments: &[Segment]) -> Result<String, String> {
        let mut whole = String::new();
        for segment in segments {
            match segment {
                Segment::Text { text } => whole.push_str(text),
                Segment::Slice {
                    step,
                    run,
                    number,
                    from,
                    to,
                } => {
                    let record = self.steps.get(step);
                    let Some(State::Done { text }) = record.map(|record| &record.state) else {
                        return Err(format!("{step} has no text"));
                    };
                    let written = record.map(|record| record.written);
                    // No model wrote what was put together.
                    let is_put_together = *step == StepName::Synthesis && self.made.is_some() && *number == 0;
                    ensure(is_put_together || written == Some((*run, *number)), || {
                        format!("the text of {step} is of {written:?}")
                    })?;
                    ensure(from <= to && *to <= text.chars().count(), || {
                        format!("{step} has no characters {from} to {to}")
                    })?;
                    whole.extend(text.chars().take(*to).skip(*from));
                }
            }
        }
        Ok(whole)
    }

    fn check_edited(&mut self, whole: &str, unmarked: bool) -> Verdict {
        let editor = self.steps.get(&EDITOR).cloned().unwrap_or_default();
        let State::Done { text: script } = &editor.state else {
            return Err(format!("the editor is {:?}", editor.state));
        };
        let repair = self.steps.get(&REPAIR).map(|record| record.state.clone());
        let is_over = matches!(repair, None | Some(State::Done { .. } | State::Failed | State::Skipped));
        ensure(is_over, || format!("the repair is {repair:?}"))?;
        if unmarked {
            let models = self.models(&EDITOR);
            self.unmarked
                .extend(models.get(editor.model).map(|model| model.name.clone()));
        }
        let Some(reading) = self.reading() else {
            return Ok(());
        };
        ensure(unmarked != has_marks(script), || format!("unmarked: {unmarked}"))?;
        let must_repair = reading.has_failed_edit && !self.has_limits();
        ensure(!must_repair || repair.is_some(), || {
            "edits failed, and nobody repaired them".into()
        })?;
        let mended = match &repair {
            Some(State::Done { .. }) => match self.mended() {
                Some(mended) => mended,
                // It was cut off.
                None => return Ok(()),
            },
            _ => reading.answer,
        };
        ensure(whole == mended, || {
            format!("{whole:?} is not what the script and the parts give, which is {mended:?}")
        })
    }

    /// By the editor's script alone. None where the script was cut off: then its last mark may be a half.
    fn reading(&self) -> Option<Reading> {
        let script = self.whole_script(&EDITOR)?;
        Some(self.read(&[script]))
    }

    /// With the repair's.
    fn mended(&self) -> Option<String> {
        let scripts = [self.whole_script(&EDITOR)?, self.whole_script(&REPAIR)?];
        Some(self.read(&scripts).answer)
    }

    fn whole_script(&self, step: &StepName) -> Option<String> {
        let record = self.steps.get(step)?;
        match &record.state {
            State::Done { text } if !record.cut => Some(text.clone()),
            _ => None,
        }
    }

    /// The parts for readers, by their ids.
    fn parts(&self) -> BTreeMap<String, String> {
        let done = self
            .steps
            .iter()
            .filter_map(|(name, record)| match (name, &record.state) {
                (StepName::Subtask(id), State::Done { text }) => Some((id.clone(), without_notes(text))),
                _ => None,
            });
        done.collect()
    }

    fn read(&self, scripts: &[String]) -> Reading {
        let mut parts = self.parts();
        let mut has_failed_edit = false;
        for script in scripts {
            for (id, old, new) in edits(script) {
                match parts.get_mut(id) {
                    Some(part) if part.matches(old).count() == 1 => *part = part.replace(old, new),
                    _ => has_failed_edit = true,
                }
            }
        }
        let first = scripts.first().map_or("", String::as_str);
        let blocks: Vec<&str> = if !has_marks(first) {
            vec![first.trim()]
        } else if let Some((_, answer)) = first.split_once("@answer\n") {
            let mut included = Vec::new();
            let mut of_failed = Vec::new();
            let mut blocks = Vec::new();
            for block in answer.split("\n\n").map(str::trim) {
                match block.strip_prefix("@include ").map(|id| (id, parts.get(id))) {
                    Some((id, Some(_))) if included.contains(&id) => {}
                    Some((id, Some(part))) => {
                        included.push(id);
                        blocks.push(part.as_str());
                    }
                    Some((_, None)) => of_failed.push(blocks.len()),
                    None => blocks.push(block),
                }
            }
            // An editor that names as many parts that are not there as there are, and none that is, means those.
            if let Some(&at) = of_failed.first()
                && parts.len() > 1
                && of_failed.len() >= parts.len()
                && included.is_empty()
            {
                blocks.splice(at..at, self.in_plan_order(&parts));
            }
            blocks
        } else {
            self.in_plan_order(&parts)
        };
        let blocks: Vec<&str> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
        Reading {
            answer: blocks.join("\n\n"),
            has_failed_edit,
        }
    }

    fn in_plan_order<'a>(&self, parts: &'a BTreeMap<String, String>) -> Vec<&'a str> {
        let plan = self.plan.iter().flat_map(|plan| plan.tasks());
        plan.filter_map(|task| parts.get(&task.id))
            .map(String::as_str)
            .collect()
    }
}

pub(super) fn has_marks(script: &str) -> bool {
    script.lines().any(|line| line.starts_with('@'))
}

fn without_notes(text: &str) -> String {
    text.split("\n\nNote: ").next().unwrap_or_default().trim().to_owned()
}

/// Each edit's part, old text and new text.
fn edits(script: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    script.split("@edit ").skip(1).filter_map(|edit| {
        let (id, rest) = edit.split_once("\n<<<<\n")?;
        let (old, rest) = rest.split_once("\n====\n")?;
        let (new, _) = rest.split_once("\n>>>>")?;
        Some((id, old, new))
    })
}
