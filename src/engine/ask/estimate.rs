//! What a plan is expected to take, so that nobody who approves it is surprised: model calls without repetitions, and
//! tokens of prompts and replies together. The planner's own call is paid by then and is not in it.
//!
//! Prompts are rendered and counted; of the parts, which differ in little, one is. Replies are as long as the contract
//! says, or a third of what they may be.

use super::brief::{draft, length};
use super::check::with_plan;
use super::measure::{first_context, rendered, reply_tokens_of, synthesis_room};
use crate::engine::answer::REWRITE_WORDS_MAX;
use crate::engine::state::assembly::REVIEW;
use crate::engine::state::context::ModelContext;
use crate::engine::state::queries::{find_step, subtasks};
use crate::engine::state::step::Step;
use crate::engine::state::workflow::Workflow;
use crate::engine::words::event::Estimate;
use crate::engine::words::plan::{Form, Plan, Task};
use crate::engine::words::step_name::StepName;
use crate::model::tokens::estimate_tokens;

/// Tokens of a hundred words: 140 in English, and a quarter more for other languages, marks and code.
const TOKENS_OF_100_WORDS: u64 = 175;
/// Where nobody has said how long a reply will be, it takes this part of what it may.
const USUAL_PART: u64 = 3;
/// The tags around a part in another's prompt.
const TAGS_TOKENS: u64 = 40;
/// Of the editor's script: its lead and bridges, and an edit with what it needs of the old text for each part.
const SCRIPT_TOKENS: u64 = 400;
const EDIT_TOKENS: u64 = 60;
/// A reply of less says nothing.
const REVIEW_TOKENS_MIN: u32 = 64;
/// A reviewer changes about this part of a long answer.
const REVIEWED_PART: u64 = 10;

/// The rest of the run from this plan on.
pub fn estimate(workflow: &Workflow, plan: &Plan) -> Estimate {
    let planned = with_plan(workflow, plan);
    let mut sum = Sum::default();
    if plan.is_direct() {
        let context = first_context(&planned, &StepName::Synthesis);
        let prompt = find_step(&planned, &StepName::Synthesis).map_or(0, |step| prompt_tokens(&planned, step, context));
        sum.call(&planned, &StepName::Synthesis, context, prompt, whole_answer(&planned));
        let usual = u64::from(reply_tokens_of(&planned, &StepName::Synthesis, context).wanted) / USUAL_PART;
        after(&planned, whole_answer(&planned).unwrap_or(usual), &mut sum);
        return sum.0;
    }

    let replies = replies(&planned, plan);
    parts(&planned, plan, &replies, &mut sum);
    // The answer of a single subtask is the whole answer.
    if plan.tasks().len() > 1 {
        end(&planned, plan, &replies, &mut sum);
    }
    let parts: u64 = replies.iter().sum();
    after(&planned, whole_answer(&planned).unwrap_or(parts), &mut sum);
    sum.0
}

#[derive(Default)]
struct Sum(Estimate);

impl Sum {
    /// A call takes no more than the context, because its prompt is cut to that, and no more than its reply may have.
    fn call(&mut self, workflow: &Workflow, name: &StepName, context: ModelContext, prompt: u64, reply: Option<u64>) {
        let most = u64::from(reply_tokens_of(workflow, name, context).wanted);
        let reply = reply.unwrap_or(most / USUAL_PART).min(most);
        let prompt = context
            .counted(prompt)
            .min(context.context_tokens.saturating_sub(reply));
        self.0.calls = self.0.calls.saturating_add(1);
        self.0.tokens = self.0.tokens.saturating_add(prompt).saturating_add(reply);
    }
}

/// What a review of the answer is expected to take.
pub fn review_tokens(workflow: &Workflow, step: &Step) -> u64 {
    let context = first_context(workflow, &step.name);
    let answer = find_step(workflow, &StepName::Synthesis).and_then(Step::answer);
    let answer = estimate_tokens(answer.unwrap_or_default());
    let prompt = context.counted(prompt_tokens(workflow, step, context));
    prompt.saturating_add(review_reply(workflow, answer))
}

/// What the JSON that is made of the answer is expected to take. Nothing where nobody wants any.
pub fn structure_tokens(workflow: &Workflow) -> u64 {
    let answer = find_step(workflow, &StepName::Synthesis).and_then(Step::answer);
    let mut sum = Sum::default();
    // The answer is there, and in the prompt.
    structure(workflow, estimate_tokens(answer.unwrap_or_default()), 0, &mut sum);
    sum.0.tokens
}

/// The most tokens of a review's reply, so that the budget is enough for the JSON after it.
pub fn review_reply_max(workflow: &Workflow, prompt_tokens: u64) -> u32 {
    let (Some(budget), Some(_)) = (workflow.spec.options.token_budget, &workflow.spec.options.output_schema) else {
        return u32::MAX;
    };
    let left = budget.saturating_sub(workflow.usage.total_tokens);
    let rest = left.saturating_sub(prompt_tokens.saturating_add(structure_tokens(workflow)));
    u32::try_from(rest).unwrap_or(u32::MAX).max(REVIEW_TOKENS_MIN)
}

/// Edits of every tenth passage. A short answer may be written anew.
fn review_reply(workflow: &Workflow, answer: u64) -> u64 {
    let most = u64::from(reply_tokens_of(workflow, &REVIEW, first_context(workflow, &REVIEW)).wanted);
    let is_short = answer <= tokens_of(u32::try_from(REWRITE_WORDS_MAX).unwrap_or(u32::MAX));
    let reply = if is_short { answer } else { answer / REVIEWED_PART };
    reply.saturating_add(SCRIPT_TOKENS).min(most)
}

/// What is done with an answer of so many tokens before it is final.
fn after(workflow: &Workflow, answer: u64, sum: &mut Sum) {
    review(workflow, answer, sum);
    structure(workflow, answer, answer, sum);
}

/// The review of an answer of so many tokens, where one is asked for.
fn review(workflow: &Workflow, answer: u64, sum: &mut Sum) {
    let Some(step) = find_step(workflow, &REVIEW) else {
        return;
    };
    let context = first_context(workflow, &REVIEW);
    if !context.is_plain() {
        let prompt = prompt_tokens(workflow, step, context).saturating_add(answer);
        let reply = Some(review_reply(workflow, answer));
        sum.call(workflow, &REVIEW, context, prompt, reply);
    }
}

/// The call that turns an answer of so many tokens into JSON, where that is asked for. `missing`: what of the answer is
/// not in the prompt yet.
fn structure(workflow: &Workflow, answer: u64, missing: u64, sum: &mut Sum) {
    if let Some(step) = find_step(workflow, &StepName::Structure) {
        let context = first_context(workflow, &step.name);
        let prompt = prompt_tokens(workflow, step, context).saturating_add(missing);
        sum.call(workflow, &step.name, context, prompt, Some(answer / 2));
    }
}

/// How long each part will be, in plan order.
fn replies(workflow: &Workflow, plan: &Plan) -> Vec<u64> {
    let reply = |task: &Task| {
        let name = StepName::Subtask(task.id.clone());
        let most = u64::from(reply_tokens_of(workflow, &name, first_context(workflow, &name)).wanted);
        task.words.map_or(most / USUAL_PART, tokens_of).min(most)
    };
    plan.tasks().iter().map(reply).collect()
}

/// All parts begin alike, so that one is rendered, and of the others only what differs is counted.
fn parts(workflow: &Workflow, plan: &Plan, replies: &[u64], sum: &mut Sum) {
    let own = |task: &Task| estimate_tokens(&task.instructions) + estimate_tokens(&task.title);
    let inputs = |task: &Task| -> u64 {
        let read = plan.tasks().iter().zip(replies);
        read.filter(|(other, _)| task.depends_on.contains(&other.id))
            .map(|(_, reply)| reply + TAGS_TOKENS)
            .sum()
    };
    let Some((first, step)) = plan.tasks().first().zip(subtasks(workflow).next()) else {
        return;
    };
    let rest = prompt_tokens(workflow, step, first_context(workflow, &step.name)).saturating_sub(own(first));
    for (task, reply) in plan.tasks().iter().zip(replies) {
        let name = StepName::Subtask(task.id.clone());
        let prompt = rest + own(task) + inputs(task);
        sum.call(workflow, &name, first_context(workflow, &name), prompt, Some(*reply));
    }
}

/// The editor, or the synthesis with the reductions that it needs.
fn end(workflow: &Workflow, plan: &Plan, replies: &[u64], sum: &mut Sum) {
    let name = StepName::Synthesis;
    let context = first_context(workflow, &name);
    let mut read: u64 = replies.iter().sum();
    // The parts are still missing in it, so that their tags are counted.
    let prompt = |name: &StepName| prompt_tokens(workflow, &Step::new(name.clone(), "", Vec::new()), context);
    if plan.form() == Form::Assemble && !context.is_plain() {
        let edits = EDIT_TOKENS.saturating_mul(replies.len() as u64);
        let script = SCRIPT_TOKENS.saturating_add(edits);
        let editor = StepName::Edit(1);
        return sum.call(
            workflow,
            &editor,
            context,
            prompt(&editor).saturating_add(read),
            Some(script),
        );
    }
    let room = synthesis_room(workflow, context).max(1);
    if read > room {
        // A reduction reads about what the synthesis could, and writes a third of it.
        let reduction = StepName::Reduce(1);
        let groups = read.div_ceil(room);
        let each = read / groups;
        for _ in 0..groups.min(u64::from(u16::MAX)) {
            sum.call(workflow, &reduction, context, each, Some(each / USUAL_PART));
        }
        read = (read / USUAL_PART).min(room);
    }
    sum.call(
        workflow,
        &name,
        context,
        prompt(&name).saturating_add(read),
        whole_answer(workflow),
    );
}

/// What the whole answer takes. None where nobody has said.
fn whole_answer(workflow: &Workflow) -> Option<u64> {
    let length = length(workflow);
    let is_said = length.firm || workflow.plan.as_ref().is_some_and(|plan| plan.length().is_some());
    length.words.filter(|_| is_said).map(tokens_of)
}

fn tokens_of(words: u32) -> u64 {
    u64::from(words) * TOKENS_OF_100_WORDS / 100
}

fn prompt_tokens(workflow: &Workflow, step: &Step, context: ModelContext) -> u64 {
    draft(workflow, step, context, None).map_or(0, |draft| rendered(draft).tokens)
}
