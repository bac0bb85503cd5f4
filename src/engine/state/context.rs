//! The context of a model: as configured, and what its server has told since.

use super::queries::{model_of, models_of};
use super::step::Step;
use super::workflow::Workflow;
use crate::engine::words::event::ContextLesson;
use crate::engine::words::step_name::StepName;
use crate::model::facts::is_small_local;
use crate::model::{ModelSpec, Provider};

/// A server that counts more than eight tokens where one is estimated means something else. The bound keeps an absurd
/// number from making every request too long.
const COUNTED_PER_1000_MAX: u64 = 8_000;
/// A context below this is no context either.
pub const CONTEXT_TOKENS_MIN: u32 = 256;
/// A model with less context gets plain prompts.
pub const PLAIN_CONTEXT_TOKENS: u64 = 16_384;

/// The context of a model, and how its server counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelContext {
    /// Prompt and reply together.
    pub context_tokens: u64,
    /// Tokens that the server counts where a thousand are estimated; 1,000 until it says otherwise.
    pub counted_per_1000: u64,
    /// It has answered an edit without any mark.
    pub unmarked: bool,
    /// It is a small model on the user's own machine.
    pub small: bool,
}

/// What the server of a model has told, and how the model has answered. It holds for the whole workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelLesson {
    provider: Provider,
    model: String,
    /// The smallest context and the largest count that were told.
    lesson: ContextLesson,
    unmarked: bool,
}

impl ModelContext {
    pub fn of(model: &ModelSpec) -> ModelContext {
        ModelContext {
            context_tokens: model.context_tokens.into(),
            counted_per_1000: 1_000,
            unmarked: false,
            small: is_small_local(model),
        }
    }

    /// The context after a refusal. It only gets tighter.
    pub fn with(self, lesson: &ContextLesson) -> ModelContext {
        let told = lesson.context_tokens.map_or(u64::MAX, u64::from);
        let counted = lesson.counted_per_1000.map_or(0, u64::from);
        ModelContext {
            context_tokens: self.context_tokens.min(told.max(CONTEXT_TOKENS_MIN.into())),
            counted_per_1000: self.counted_per_1000.max(counted.min(COUNTED_PER_1000_MAX)),
            ..self
        }
    }

    /// Whether the model gets plain prompts: the short forms, and one text instead of edits and includes.
    pub fn is_plain(self) -> bool {
        self.unmarked || self.small || self.context_tokens < PLAIN_CONTEXT_TOKENS
    }

    /// What the server is expected to count.
    pub fn counted(self, estimated_tokens: u64) -> u64 {
        estimated_tokens.saturating_mul(self.counted_per_1000).div_ceil(1_000)
    }

    /// The largest estimate for a prompt that leaves this much of the context for the reply.
    pub fn room(self, reply_tokens: u64) -> u64 {
        let left = self.context_tokens.saturating_sub(reply_tokens);
        left.saturating_mul(1_000) / self.counted_per_1000
    }
}

/// The context that a call of this step on this model of its list has to keep to.
pub fn context_of(workflow: &Workflow, step: &Step, model_index: usize) -> ModelContext {
    let models = models_of(workflow, &step.name);
    let model = models.get(model_index).unwrap_or(model_of(workflow, step));
    let context = context_of_model(workflow, model);
    match &step.guess {
        Some((guessed_for, guess)) if *guessed_for == model_index => context.with(guess),
        _ => context,
    }
}

/// What is known of the context of a model, whatever it is asked.
pub fn context_of_model(workflow: &Workflow, model: &ModelSpec) -> ModelContext {
    let context = ModelContext::of(model);
    match workflow.lessons.iter().find(|known| known.is_of(model)) {
        Some(known) => ModelContext {
            unmarked: known.unmarked,
            ..context.with(&known.lesson)
        },
        None => context,
    }
}

/// Notes what the server of the model has told.
pub fn learn(workflow: &mut Workflow, step: &StepName, model_index: usize, lesson: ContextLesson) {
    let Some(known) = lesson_of(workflow, step, model_index) else {
        return;
    };
    let smaller = [known.lesson.context_tokens, lesson.context_tokens];
    known.lesson.context_tokens = smaller.into_iter().flatten().min();
    known.lesson.counted_per_1000 = known.lesson.counted_per_1000.max(lesson.counted_per_1000);
}

/// Notes that the model has answered an edit without any mark.
pub fn learn_unmarked(workflow: &mut Workflow, step: &StepName, model_index: usize) {
    if let Some(known) = lesson_of(workflow, step, model_index) {
        known.unmarked = true;
    }
}

/// What is noted of the model at this place of the step's list.
fn lesson_of<'a>(workflow: &'a mut Workflow, step: &StepName, model_index: usize) -> Option<&'a mut ModelLesson> {
    let model = models_of(workflow, step).get(model_index)?.clone();
    let known = workflow.lessons.iter().position(|known| known.is_of(&model));
    let place = known.unwrap_or_else(|| {
        workflow.lessons.push(ModelLesson {
            provider: model.provider,
            model: model.name,
            lesson: ContextLesson::default(),
            unmarked: false,
        });
        workflow.lessons.len() - 1
    });
    workflow.lessons.get_mut(place)
}

impl ModelLesson {
    fn is_of(&self, model: &ModelSpec) -> bool {
        self.provider == model.provider && self.model == model.name
    }
}
