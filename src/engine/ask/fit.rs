//! Fitting what a step is given into its model's context window.
//!
//! A subtask's inputs are cut, the longest first, and marked. The synthesis is never cut: answers that are too long
//! together are condensed in rounds of `reduce/<n>` steps. Token counts are estimates, so a reserve is kept.

use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::{Reduction, ReductionPart};
use crate::engine::words::outcome::ErrorInfo;
use crate::engine::words::step_name::StepName;
use crate::model::tokens::estimate_tokens;
use crate::model::{AnswerContent, ModelSpec, Repair};

/// Kept free for the fixed text of a prompt, its delimiters and the error of the estimate.
const RESERVE_TOKENS: u64 = 700;
/// What names an answer in a prompt.
const ANSWER_OVERHEAD_TOKENS: u64 = 40;
/// More rounds than this would mean that the answers do not get shorter.
const REDUCE_ROUNDS_MAX: u32 = 6;
/// Each is a model call: answers that would take more are too long for this model.
const REDUCTIONS_PER_ROUND_MAX: usize = 250;
/// The least that a reduction must be able to read for the rounds to shrink anything.
const REDUCE_INPUT_TOKENS_MIN: u64 = 512;
/// What is kept of a text that has to be cut, at least.
const CUT_TOKENS_MIN: u64 = 64;

const CUT_MARK: &str = "\n\n[... cut to fit the model's context ...]\n\n";

/// Whether a step's prompt fits its model.
pub(in crate::engine) enum Fit {
    Fits {
        input_cut: bool,
    },
    /// Only for the synthesis: condense these first.
    Reduce(Vec<Reduction>),
    Impossible(ErrorInfo),
}

/// The texts of a subtask's prompt after cutting.
pub(in crate::engine) struct Fitted {
    pub prompt: String,
    /// In the order of the step's dependencies.
    pub inputs: Vec<(String, bool)>,
}

impl Workflow {
    pub(in crate::engine) fn models_of(&self, step: &StepName) -> &[ModelSpec] {
        match step {
            StepName::Subtask(_) => &self.spec.small_models,
            StepName::Plan | StepName::Reduce(_) | StepName::Synthesis => &self.spec.big_models,
        }
    }

    pub(in crate::engine) fn model_of(&self, step: &Step) -> &ModelSpec {
        let models = self.models_of(&step.name);
        models.get(step.model_index).or(models.last()).unwrap_or(&NO_MODEL)
    }

    /// The reply's limit: what is configured for the role, and never more than half of the context.
    pub(in crate::engine) fn max_tokens(&self, step: &Step) -> u32 {
        let policy = &self.spec.policy;
        let role = match step.name {
            StepName::Plan => policy.plan_max_tokens,
            StepName::Subtask(_) => policy.subtask_max_tokens,
            StepName::Reduce(_) => policy.subtask_max_tokens.min(self.model_of(step).context_tokens / 4),
            StepName::Synthesis => policy.synthesis_max_tokens,
        };
        role.min(self.model_of(step).context_tokens / 2).max(1)
    }

    /// Tokens that the prompt may take, beside the reply and the fixed text.
    fn room(&self, step: &Step) -> u64 {
        let instructions = self.spec.options.instructions.as_deref().map_or(0, estimate_tokens);
        u64::from(self.model_of(step).context_tokens)
            .saturating_sub(u64::from(self.max_tokens(step)) + RESERVE_TOKENS + instructions)
    }

    pub(in crate::engine) fn fit(&self, step: &Step) -> Fit {
        let request = estimate_tokens(&self.spec.prompt);
        let room = self.room(step);
        match &step.name {
            StepName::Plan if request > room => self.too_long(step, "the prompt", request, room),
            StepName::Plan | StepName::Reduce(_) => Fit::Fits { input_cut: false },
            StepName::Subtask(id) => {
                let fitted = self.fit_subtask(step, id);
                Fit::Fits {
                    input_cut: fitted.prompt.len() < self.spec.prompt.len()
                        || fitted.inputs.iter().any(|(_, cut)| *cut),
                }
            }
            StepName::Synthesis => {
                let partial: u64 = step.parts.iter().map(|part| estimate_tokens(part)).sum();
                let needed: u64 = self.answer_tokens() + request + partial;
                if needed <= room {
                    Fit::Fits { input_cut: false }
                } else {
                    self.plan_reduction(step, request + partial)
                }
            }
        }
    }

    fn too_long(&self, step: &Step, what: &str, tokens: u64, room: u64) -> Fit {
        let model = self.model_of(step);
        let message = format!(
            "{what} has about {tokens} tokens, of which {room} fit the context of {} ({} tokens): shorten it, or use a model with a larger context",
            model.name, model.context_tokens
        );
        Fit::Impossible(ErrorInfo::new("ContextTooSmall", message))
    }

    fn answer_tokens(&self) -> u64 {
        let text_tokens = |content: &AnswerContent| match content {
            AnswerContent::Text { text, .. } => estimate_tokens(text),
            AnswerContent::Missing { reason } => estimate_tokens(reason),
        };
        self.synthesis_answers()
            .iter()
            .map(|answer| text_tokens(&answer.content) + estimate_tokens(&answer.title) + ANSWER_OVERHEAD_TOKENS)
            .sum()
    }

    /// The next round: the present texts in order, in groups that each fit the model together with the request.
    fn plan_reduction(&self, synthesis: &Step, beside: u64) -> Fit {
        let reductions = || self.steps.iter().filter_map(|step| step.reduction.as_ref());
        let round = reductions()
            .map(|reduction| reduction.round)
            .max()
            .unwrap_or(0)
            .saturating_add(1);
        let reply = u64::from(
            self.spec
                .policy
                .subtask_max_tokens
                .min(self.model_of(synthesis).context_tokens / 4),
        );
        let context = u64::from(self.model_of(synthesis).context_tokens);
        let room = context.saturating_sub(
            reply + RESERVE_TOKENS + beside + self.spec.options.instructions.as_deref().map_or(0, estimate_tokens),
        );
        let too_long = || {
            let tokens = beside + self.answer_tokens();
            self.too_long(synthesis, "the request with all answers", tokens, self.room(synthesis))
        };
        if room < REDUCE_INPUT_TOKENS_MIN.max(reply) || round > REDUCE_ROUNDS_MAX {
            return too_long();
        }
        let mut number = reductions().map(|reduction| reduction.number).max().unwrap_or(0);
        let mut groups: Vec<Reduction> = Vec::new();
        let mut used = u64::MAX;
        for (step, text) in self.reducible() {
            for (from, to, tokens) in pieces(text, room.saturating_sub(ANSWER_OVERHEAD_TOKENS)) {
                let tokens = tokens + ANSWER_OVERHEAD_TOKENS;
                let part = ReductionPart {
                    step: step.clone(),
                    from,
                    to,
                };
                match groups.last_mut() {
                    Some(group) if used.saturating_add(tokens) <= room => {
                        group.parts.push(part);
                        used += tokens;
                    }
                    _ => {
                        number = number.saturating_add(1);
                        groups.push(Reduction {
                            number,
                            round,
                            parts: vec![part],
                        });
                        used = tokens;
                    }
                }
            }
        }
        if groups.len() > REDUCTIONS_PER_ROUND_MAX {
            return too_long();
        }
        Fit::Reduce(groups)
    }

    /// What the planner is told of its refused reply: as much of it as fits beside the request.
    pub(in crate::engine) fn fit_repair(&self, step: &Step) -> Option<Repair> {
        let Repair { reply, reason } = step.repair.as_ref()?;
        let beside = estimate_tokens(&self.spec.prompt) + estimate_tokens(reason);
        let left = self.room(step).saturating_sub(beside);
        let reply = if left < CUT_TOKENS_MIN {
            String::new()
        } else {
            shorten(reply, left).0
        };
        Some(Repair {
            reply,
            reason: reason.clone(),
        })
    }

    /// Cuts the longest texts first until all fit; the step's own instructions and the outline are never cut.
    pub(in crate::engine) fn fit_subtask(&self, step: &Step, id: &str) -> Fitted {
        let own = self
            .plan
            .as_ref()
            .and_then(|plan| plan.tasks().iter().find(|task| task.id == id))
            .map_or(0, |task| estimate_tokens(&task.instructions));
        let outline: u64 = self.plan.as_ref().map_or(0, |plan| {
            plan.tasks().iter().map(|task| estimate_tokens(&task.title) + 8).sum()
        });
        let answers = || {
            step.depends_on
                .iter()
                .map(|name| self.step(name).and_then(Step::answer).unwrap_or_default())
        };
        let room = self
            .room(step)
            .saturating_sub(own + outline + ANSWER_OVERHEAD_TOKENS * step.depends_on.len() as u64);
        let sizes: Vec<u64> = std::iter::once(estimate_tokens(&self.spec.prompt))
            .chain(answers().map(estimate_tokens))
            .collect();
        let limit = level(&sizes, room);
        let cut = |text: &str| shorten(text, limit.max(CUT_TOKENS_MIN));
        Fitted {
            prompt: cut(&self.spec.prompt).0,
            inputs: answers().map(cut).collect(),
        }
    }
}

/// The largest size to which the longest must be cut so that all fit `room` together.
fn level(sizes: &[u64], room: u64) -> u64 {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    let mut left = room;
    for (index, size) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - index) as u64;
        if *size > share {
            return share;
        }
        left -= size;
    }
    u64::MAX
}

/// The beginning and the end of a text, about `tokens_max` in all, with a mark between them.
fn shorten(text: &str, tokens_max: u64) -> (String, bool) {
    let tokens = estimate_tokens(text);
    if tokens <= tokens_max {
        return (text.to_owned(), false);
    }
    let chars: Vec<char> = text.chars().collect();
    let keep = (chars.len() as u64).saturating_mul(tokens_max.saturating_sub(16)) / tokens.max(1);
    let (head, tail) = (keep as usize * 2 / 3, keep as usize / 3);
    let begin: String = chars.iter().take(head).collect();
    let end: String = chars.iter().skip(chars.len().saturating_sub(tail)).collect();
    (begin + CUT_MARK + &end, true)
}

/// A text as pieces of at most `tokens_max` tokens each: character ranges and their estimated tokens.
fn pieces(text: &str, tokens_max: u64) -> Vec<(usize, usize, u64)> {
    let tokens = estimate_tokens(text);
    let chars = text.chars().count();
    let count = tokens.div_ceil(tokens_max.max(1)).max(1);
    if count == 1 {
        return vec![(0, chars, tokens)];
    }
    // One more piece than the mean asks for, since tokens are not spread evenly over a text.
    let size = chars.div_ceil(count as usize + 1).max(1);
    let all: Vec<char> = text.chars().collect();
    all.chunks(size)
        .enumerate()
        .map(|(index, piece)| {
            (
                index * size,
                index * size + piece.len(),
                estimate_tokens(&piece.iter().collect::<String>()),
            )
        })
        .collect()
}

/// The lists are never empty; this keeps an empty one from being a panic.
static NO_MODEL: ModelSpec = ModelSpec {
    provider: crate::model::Provider::Demo,
    name: String::new(),
    context_tokens: 4096,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_are_cut_first() {
        assert_eq!(level(&[10, 20, 30], 100), u64::MAX);
        assert_eq!(level(&[10, 200, 300], 110), 50);
        assert_eq!(level(&[10, 20, 300], 110), 80);
        assert_eq!(level(&[5, 5], 0), 0);
    }

    #[test]
    fn a_shortened_text_keeps_its_beginning_and_its_end() {
        let text = format!("BEGIN {} END", "word ".repeat(2000));
        let (short, cut) = shorten(&text, 200);
        assert!(cut && short.starts_with("BEGIN") && short.ends_with("END") && short.contains(CUT_MARK));
        assert!(estimate_tokens(&short) <= 220, "{}", estimate_tokens(&short));
        assert_eq!(shorten("short", 200), ("short".to_owned(), false));
    }

    #[test]
    fn pieces_cover_a_text_without_gap_or_overlap() {
        let text = "日本語のテキストと ASCII words ".repeat(500);
        let pieces = pieces(&text, 300);
        assert_eq!(pieces.first().unwrap().0, 0);
        assert_eq!(pieces.last().unwrap().1, text.chars().count());
        assert!(pieces.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert!(pieces.iter().all(|piece| piece.2 <= 300), "{pieces:?}");
    }
}
