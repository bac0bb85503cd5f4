//! `apply` is the only place where the state changes. Replay uses it too, so that a replayed workflow is the lost one.
//!
//! It records what an event says and decides nothing. An event that names an unknown step changes nothing.

use super::assembly::{Assembled, EDIT, Making, REPAIR, REVIEW, ReviewedAnswer, joined, making};
use super::context::{context_of, learn, learn_unmarked};
use super::memo::Memo;
use super::queries::{asks_planner, find_step};
use super::result::final_result;
use super::step::{Attempt, Outcome, Remark, Step, StepState};
use super::workflow::Workflow;
use crate::engine::words::answer::{AssemblyProblem, EditResult, EditState, Segment};
use crate::engine::words::codec;
use crate::engine::words::event::{
    Event, FailureClass, PlanSource, Reduction, Reset, ResultSource, StepRemark, StopReason,
};
use crate::engine::words::outcome::{AttemptUsage, Status, WorkflowUsage};
use crate::engine::words::plan::Plan;
use crate::engine::words::spec::{Review, WorkflowSpec};
use crate::engine::words::step_name::StepName;
use crate::engine::words::time::Timestamp;

/// The state after `workflow_queued`, the event that makes a workflow.
pub fn queued(spec: WorkflowSpec, at: Timestamp) -> Workflow {
    let mut workflow = Workflow {
        journal_bytes: codec::stored_bytes_of_spec(&spec),
        spec,
        run: 1,
        status: Status::Queued,
        before_pause: Status::Queued,
        last_at: at,
        queued: at,
        started: None,
        ended: None,
        active_ms: 0,
        active_since: None,
        plan: None,
        plan_source: PlanSource::Planner,
        estimate: None,
        merged: Vec::new(),
        approved: false,
        steps: Vec::new(),
        usage: WorkflowUsage::default(),
        error: None,
        result: None,
        result_source: ResultSource::Synthesis,
        assembled: None,
        reviewed: None,
        first_assembly: Memo::default(),
        words: Memo::default(),
        pauses: 0,
        deserted: None,
        limit: None,
        lessons: Vec::new(),
    };
    start_over(&mut workflow);
    workflow
}

/// Changes the state as `event` says.
pub fn apply(workflow: &mut Workflow, event: &Event, at: Timestamp) {
    workflow.last_at = workflow.last_at.max(at);
    workflow.journal_bytes = workflow.journal_bytes.saturating_add(codec::stored_bytes(event));
    match event {
        // `queued` has applied it. Replay refuses a second one.
        Event::WorkflowQueued { .. } => {}
        Event::WorkflowStarted {} => {
            workflow.started = Some(at);
            enter(workflow, Status::Running, at);
        }
        Event::WorkflowWaiting {} => enter(workflow, Status::Waiting, at),
        Event::WorkflowWaitingForPause { reason } => pause(workflow, Status::WaitingForPause, *reason, at),
        Event::WorkflowPaused { reason } => pause(workflow, Status::Paused, *reason, at),
        Event::WorkflowResumed {} => enter(workflow, workflow.before_pause, at),
        Event::WorkflowCompleted { result } => {
            workflow.result = Some(final_result(workflow, *result));
            workflow.words.forget();
            workflow.result_source = *result;
            end(workflow, Status::Complete, at);
        }
        Event::WorkflowErrored { error } => {
            workflow.error = Some(error.clone());
            keep_answer(workflow);
            end(workflow, Status::Errored, at);
        }
        Event::WorkflowTerminated { reason } => {
            end(workflow, Status::Terminated, at);
            workflow.deserted = reason.map(|_| at);
        }
        Event::WorkflowRestarted { run, reset, remark } => restart(workflow, *run, reset, remark.as_ref(), at),
        Event::PlanAccepted {
            plan,
            source,
            merged,
            estimate,
        } => {
            workflow.plan_source = *source;
            set_plan(workflow, plan.clone());
            workflow.merged.clone_from(merged);
            workflow.estimate = *estimate;
        }
        Event::PlanApproved { plan, estimate } => {
            if let Some(plan) = plan {
                // Whoever edits a plan makes it their own.
                workflow.plan_source = PlanSource::Client;
                set_plan(workflow, plan.clone());
                workflow.estimate = *estimate;
            }
            workflow.approved = true;
            if workflow.status == Status::Waiting {
                enter(workflow, Status::Running, at);
            }
        }
        Event::ReductionPlanned { reductions } => add_reductions(workflow, reductions),
        Event::AnswerAssembled {
            assembler: _,
            segments,
            edits,
            problems,
            unmarked,
        } => assemble(workflow, segments, edits, problems, *unmarked, at),
        Event::AnswerReviewed {
            assembler: _,
            segments,
            edits,
            refused,
        } => take_review(workflow, segments, edits, refused.as_ref()),
        Event::AttemptStarted {
            step,
            run,
            number,
            model,
            model_index,
            input_cut,
            prompts,
            request_sha256: _,
        } => {
            // A call counts when it starts, because a lost one has been paid for too.
            workflow.usage.model_calls += 1;
            add_step_that_begins_with(workflow, step);
            // What is known of the model by now, because the request is made for that.
            let Some(context) = find_step(workflow, step)
                .map(|step| context_of(workflow, step, model_index.unwrap_or(step.model_index)))
            else {
                return;
            };
            if let Some(step) = find_step_mut(workflow, step) {
                step.turn_to(model_index.unwrap_or(step.model_index));
                step.attempts.push(Attempt {
                    run: *run,
                    number: *number,
                    model: model.clone(),
                    start: at,
                    end: None,
                    outcome: Outcome::Running,
                    usage: None,
                    context,
                    prompts: *prompts,
                });
                step.input_cut = *input_cut;
                step.state = StepState::InFlight {
                    run: *run,
                    number: *number,
                };
            }
        }
        Event::AttemptCompleted {
            step,
            text,
            truncated,
            unknown_finish,
            usage,
            model,
            ..
        } => {
            add_usage(workflow, usage);
            progressed(workflow);
            // A repair only adds to what the first script and the parts give.
            if *step != REPAIR {
                workflow.first_assembly.forget();
            }
            let continuations_max = workflow.spec.policy.continuations_max as usize;
            if let Some(step) = find_step_mut(workflow, step) {
                step.end_attempt(at, Outcome::Completed, Some(*usage));
                // The server chose another model than `attempt_started` names.
                if let (Some(model), Some(attempt)) = (model, step.attempts.last_mut()) {
                    attempt.model = model.clone();
                }
                step.complete(text, *truncated, unknown_finish, continuations_max);
            }
        }
        Event::AttemptErrored {
            step,
            error,
            class,
            reply,
            usage,
            retry_at,
            next_model,
            context,
            ..
        } => {
            if let Some(usage) = usage {
                add_usage(workflow, usage);
            }
            progressed(workflow);
            let asked = find_step(workflow, step).map_or(0, |step| step.model_index);
            if let Some(lesson) = context.filter(|lesson| !lesson.guessed) {
                learn(workflow, step, asked, lesson);
            }
            // Only a limit of the run aborts a call by an event of its own.
            if *class == FailureClass::Aborted {
                workflow.limit = Some(error.message.clone());
            }
            if let Some(step) = find_step_mut(workflow, step) {
                step.end_attempt(at, Outcome::Errored(error.clone()), *usage);
                if let Some(guess) = context.filter(|lesson| lesson.guessed) {
                    step.guess = Some((asked, guess));
                }
                step.fail(error, *class, reply.as_ref(), *retry_at, *next_model);
            }
        }
        Event::AttemptLost { step, retry_at, .. } => {
            let lost_max = workflow.spec.policy.lost_max;
            if let Some(step) = find_step_mut(workflow, step) {
                step.lose(at, retry_at.unwrap_or(at), lost_max);
            }
        }
        Event::StepErrored { step, error } => {
            add_step_that_begins_with(workflow, step);
            if let Some(step) = find_step_mut(workflow, step) {
                step.state = StepState::Failed { error: error.clone() };
            }
        }
        Event::StepSkipped { step, reason } => {
            // A step is skipped only because a limit of the run was reached. The answer lacks nothing without a review.
            if *step != REVIEW {
                workflow.limit = Some(reason.clone());
            }
            if let Some(step) = find_step_mut(workflow, step) {
                step.state = StepState::Skipped { reason: reason.clone() };
            }
        }
    }
}

fn find_step_mut<'a>(workflow: &'a mut Workflow, name: &StepName) -> Option<&'a mut Step> {
    workflow.steps.iter_mut().find(|step| step.name == *name)
}

fn pause(workflow: &mut Workflow, status: Status, reason: Option<StopReason>, at: Timestamp) {
    // `workflow_waiting_for_pause` has noted already where resume leads. So has a pause for want of a listener which a
    // control makes its own.
    if !matches!(workflow.status, Status::WaitingForPause | Status::Paused) {
        workflow.pauses += 1;
        workflow.before_pause = workflow.status;
    }
    let since = workflow.deserted.unwrap_or(at);
    enter(workflow, status, at);
    workflow.deserted = reason.map(|_| since);
}

/// Changes the status and keeps the account of the time that counts for the deadline.
fn enter(workflow: &mut Workflow, status: Status, at: Timestamp) {
    if let Some(since) = workflow.active_since.take() {
        workflow.active_ms = workflow.active_ms.saturating_add(at.ms_since(since));
    }
    if matches!(status, Status::Running | Status::WaitingForPause) {
        workflow.active_since = Some(at);
    }
    workflow.status = status;
    workflow.deserted = None;
}

/// Calls in flight die with the workflow.
fn end(workflow: &mut Workflow, status: Status, at: Timestamp) {
    for step in &mut workflow.steps {
        step.abort(at);
    }
    enter(workflow, status, at);
    workflow.ended = Some(at);
}

/// Where JSON was asked for and there is none, the answer is kept as text beside the error.
fn keep_answer(workflow: &mut Workflow) {
    if workflow.spec.options.output_schema.is_none() {
        return;
    }
    let synthesis = find_step(workflow, &StepName::Synthesis);
    let is_written = synthesis.is_some_and(|step| step.answer().is_some() || !step.parts.is_empty());
    let source = if is_written {
        ResultSource::Synthesis
    } else {
        ResultSource::Answers
    };
    let text = final_result(workflow, source);
    if !text.is_empty() {
        workflow.words.forget();
        workflow.result_source = source;
        workflow.result = Some(text);
    }
}

/// The first steps of a run. A request that needs no planner has no `plan` step.
fn start_over(workflow: &mut Workflow) {
    workflow.assembled = None;
    workflow.reviewed = None;
    workflow.first_assembly.forget();
    workflow.plan = None;
    workflow.estimate = None;
    workflow.merged.clear();
    workflow.approved = false;
    workflow.steps.clear();
    if asks_planner(&workflow.spec) {
        workflow.steps.push(plan_step());
    }
}

fn plan_step() -> Step {
    Step::new(StepName::Plan, "Plan", Vec::new())
}

/// The step of `edit/2`. It begins with the model that wrote the script which it repairs.
pub fn repair_step(workflow: &Workflow) -> Step {
    let mut step = Step::new(REPAIR, "Repair of edits", vec![EDIT]);
    step.turn_to(find_step(workflow, &EDIT).map_or(0, |edit| edit.model_index));
    step
}

/// Two steps are there only once something of them has begun: the repair of edits, and the plan of a 0.1.0 that asked
/// the planner where this build does not.
fn add_step_that_begins_with(workflow: &mut Workflow, name: &StepName) {
    if find_step(workflow, name).is_some() {
        return;
    }
    let is_assembled = making(workflow) == Some(Making::Assemble);
    if *name == REPAIR && is_assembled {
        let step = repair_step(workflow);
        let at = place_of_synthesis(workflow);
        workflow.steps.insert(at, step);
    } else if *name == StepName::Plan && workflow.plan.is_none() && workflow.spec.tasks.is_none() {
        workflow.steps.insert(0, plan_step());
    }
}

/// The next run of the same workflow. `usage` goes on, because the token budget counts all runs.
fn restart(workflow: &mut Workflow, run: u32, reset: &Reset, remark: Option<&StepRemark>, at: Timestamp) {
    let previous = remark.and_then(|remark| find_step(workflow, &remark.step)?.shared_answer());
    workflow.run = run;
    workflow.error = None;
    workflow.result = None;
    workflow.words.forget();
    workflow.limit = None;
    workflow.started = None;
    workflow.ended = None;
    // The deadline begins anew: first close the account of the old run, then clear it.
    enter(workflow, Status::Queued, at);
    workflow.active_ms = 0;
    match reset {
        Reset::Everything => start_over(workflow),
        Reset::Steps(names) => reset_steps(workflow, names),
    }
    for step in &mut workflow.steps {
        step.lost = 0;
        step.remark = None;
    }
    if let Some(remark) = remark
        && let Some(step) = find_step_mut(workflow, &remark.step)
    {
        step.remark = Some(Remark {
            text: remark.text.clone(),
            previous,
        });
    }
}

/// A new synthesis makes its review stale. A subtask's new answer makes every reduction stale. A reduction's new text
/// makes those of later rounds stale.
fn reset_steps(workflow: &mut Workflow, names: &[StepName]) {
    if names.contains(&StepName::Synthesis) {
        workflow.assembled = None;
        workflow.first_assembly.forget();
    }
    if names.iter().any(|name| *name == REVIEW || *name == StepName::Synthesis) {
        workflow.reviewed = None;
    }
    let subtasks = names.iter().any(|name| matches!(name, StepName::Subtask(_)));
    let round = workflow
        .steps
        .iter()
        .filter(|step| names.contains(&step.name))
        .filter_map(|step| step.reduction.as_ref())
        .map(|r| r.round)
        .min();
    // Stale reductions go, and so does the repair of a script that is written anew. Steps that are reset stay and run
    // again.
    let edits = names.iter().any(|name| matches!(name, StepName::Edit(_)));
    workflow.steps.retain(|step| match &step.reduction {
        Some(reduction) => !subtasks && round.is_none_or(|round| reduction.round <= round),
        None => !edits || step.name != REPAIR,
    });
    for step in workflow.steps.iter_mut().filter(|step| names.contains(&step.name)) {
        step.reset();
    }
}

/// Replaces all steps but `plan`, which keeps its attempts.
fn set_plan(workflow: &mut Workflow, plan: Plan) {
    workflow.merged.clear();
    workflow.estimate = None;
    workflow.steps.retain(|step| step.name == StepName::Plan);
    for task in plan.tasks() {
        let depends_on = task.depends_on.iter().cloned().map(StepName::Subtask).collect();
        workflow
            .steps
            .push(Step::new(StepName::Subtask(task.id.clone()), &task.title, depends_on));
    }
    let subtasks = plan
        .tasks()
        .iter()
        .map(|task| StepName::Subtask(task.id.clone()))
        .collect();
    workflow.plan = Some(plan);
    workflow.first_assembly.forget();
    let reads = if making(workflow) == Some(Making::Assemble) {
        workflow.steps.push(Step::new(EDIT, "Edit", subtasks));
        vec![EDIT]
    } else {
        subtasks
    };
    workflow.steps.push(Step::new(StepName::Synthesis, "Synthesis", reads));
    add_steps_after_synthesis(workflow);
}

/// What is done with the answer before it is final.
fn add_steps_after_synthesis(workflow: &mut Workflow) {
    let mut last = StepName::Synthesis;
    if workflow.spec.options.review == Review::Once {
        workflow.steps.push(Step::new(REVIEW, "Review", vec![last]));
        last = REVIEW;
    }
    if workflow.spec.options.output_schema.is_some() {
        workflow
            .steps
            .push(Step::new(StepName::Structure, "Structured output", vec![last]));
    }
}

/// The answer is put together, without a call of its own.
fn assemble(
    workflow: &mut Workflow,
    segments: &[Segment],
    edits: &[EditResult],
    problems: &[AssemblyProblem],
    unmarked: bool,
    at: Timestamp,
) {
    let text = joined(workflow, segments);
    if unmarked && let Some(edit) = find_step(workflow, &EDIT) {
        learn_unmarked(workflow, &EDIT, edit.model_index);
    }
    workflow.assembled = Some(Assembled {
        failed_edits: edits
            .iter()
            .filter(|edit| edit.state == EditState::Failed)
            .cloned()
            .collect(),
        problems: problems.to_vec(),
        unmarked,
    });
    if let Some(synthesis) = find_step_mut(workflow, &StepName::Synthesis) {
        synthesis.assemble(text, at);
    }
}

/// The answer as the review has left it.
fn take_review(workflow: &mut Workflow, segments: &[Segment], edits: &[EditResult], refused: Option<&String>) {
    let before = find_step(workflow, &StepName::Synthesis).and_then(Step::shared_answer);
    let joined = joined(workflow, segments);
    let text = match before {
        Some(before) if before == joined => before,
        _ => joined,
    };
    let failed = edits.iter().filter(|edit| edit.state == EditState::Failed);
    workflow.reviewed = Some(ReviewedAnswer {
        text,
        failed_edits: failed.cloned().collect(),
        refused: refused.cloned(),
    });
}

fn place_of_synthesis(workflow: &Workflow) -> usize {
    workflow
        .steps
        .iter()
        .position(|step| step.name == StepName::Synthesis)
        .unwrap_or(workflow.steps.len())
}

/// Puts a round of `reduce/<n>` steps before the synthesis.
fn add_reductions(workflow: &mut Workflow, reductions: &[Reduction]) {
    let at = place_of_synthesis(workflow);
    let steps = reductions.iter().map(|reduction| {
        let mut depends_on: Vec<StepName> = reduction.parts.iter().map(|part| part.step.clone()).collect();
        depends_on.dedup();
        let title = format!("Condense {} of round {}", reduction.number, reduction.round);
        Step {
            reduction: Some(reduction.clone()),
            ..Step::new(StepName::Reduce(reduction.number), &title, depends_on)
        }
    });
    workflow.steps.splice(at..at, steps);
}

fn add_usage(workflow: &mut Workflow, usage: &AttemptUsage) {
    // Saturating, because servers report what they like and a sum that wraps around would lift the token budget.
    workflow.usage.prompt_tokens = workflow.usage.prompt_tokens.saturating_add(usage.prompt_tokens);
    workflow.usage.completion_tokens = workflow.usage.completion_tokens.saturating_add(usage.completion_tokens);
    workflow.usage.total_tokens = workflow
        .usage
        .prompt_tokens
        .saturating_add(workflow.usage.completion_tokens);
    workflow.usage.estimated |= usage.estimated;
}

/// An attempt has ended, so this is no crash loop whatever was lost before.
fn progressed(workflow: &mut Workflow) {
    for step in &mut workflow.steps {
        step.lost = 0;
    }
}
