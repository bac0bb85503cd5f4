// The only place where the console's state changes: a pure reducer over journal events and deltas, the same for a
// replay and for what happens live. It mirrors `Workflow::apply` of src/engine/state.rs.

import { includedIn, joined } from "./assembly";
import type { AnswerUpdate, Delta, JournalEvent, Plan, Reduction, Reset, Usage } from "./events";
import { describe } from "./log";
import {
  type Attempt,
  asksPlanner,
  EDIT,
  EMPTY,
  findStep,
  hasFinalText,
  isTerminal,
  lastAttempt,
  lifeOf,
  type Measured,
  newStep,
  REPAIR,
  REVIEW,
  type Spent,
  STRUCTURE,
  type Status,
  type Step,
  type Workflow,
} from "./state";
import { NOTHING, splice } from "./text";

/** A model with less context gets plain prompts. */
const PLAIN_CONTEXT_TOKENS = 16_384;

/**
 * `connected`: a new stream begins, which tells the text of attempts in flight and the reader's from their first
 * characters. `measured`: what STATUS says of the answer of a run.
 */
export type Input =
  | JournalEvent
  | Delta
  | AnswerUpdate
  | { type: "connected" }
  | ({ type: "measured"; life: string; run: number } & Measured);

export function reduce(state: Workflow, input: Input): Workflow {
  if (input.type === "connected") return { ...state, gap: false, early: {}, reader: oldReader(state) };
  if (input.type === "delta") return applyDelta(state, input);
  if (input.type === "answer") return applyAnswer(state, input);
  if (input.type === "measured") return measured(state, input);
  // The first event of a journal begins a workflow, also where another one lived under this id before.
  if (input.type === "workflow_queued") return logged(input, queued(input));
  // Another life in the middle: nothing that is known belongs to it, so the next stream tells everything.
  if (state.seq > 0 && lifeOf(input.id) !== lifeOf(state.lastEventId)) return { ...EMPTY, gap: true };
  if (input.seq <= state.seq) return state;
  if (input.seq > state.seq + 1) return { ...state, gap: true };
  return logged(input, {
    ...applyEvent(state, input, time(input.at)),
    seq: input.seq,
    lastEventId: input.id,
    lastAt: Math.max(state.lastAt, time(input.at)),
  });
}

export const reduceAll = (state: Workflow, inputs: Input[]): Workflow => inputs.reduce(reduce, state);

function logged(event: JournalEvent, state: Workflow): Workflow {
  const entry = describe(event, state);
  return entry ? { ...state, log: [...state.log, { ...entry, seq: event.seq, at: time(event.at) }] } : state;
}

function queued(event: Extract<JournalEvent, { type: "workflow_queued" }>): Workflow {
  const at = time(event.at);
  const { seq, id: lastEventId, spec } = event;
  return startOver({ ...EMPTY, seq, lastEventId, spec, queuedAt: at, runStart: at, lastAt: at });
}

function applyEvent(state: Workflow, event: JournalEvent, at: number): Workflow {
  switch (event.type) {
    case "workflow_queued":
      return state;
    case "workflow_started":
      return enter({ ...state, startedAt: at }, "running", at);
    case "workflow_waiting":
      return enter(state, "waiting", at);
    case "workflow_waiting_for_pause":
      return enter({ ...state, beforePause: state.status }, "waitingForPause", at);
    case "workflow_paused":
      return enter(
        { ...state, beforePause: state.status === "waitingForPause" ? state.beforePause : state.status },
        "paused",
        at,
      );
    case "workflow_resumed":
      return enter(state, state.beforePause, at);
    case "workflow_completed": {
      const resultSource = event.result ?? "synthesis";
      return end({ ...state, resultSource, result: finalResult(state, resultSource), reader: null }, "complete", at);
    }
    case "workflow_errored":
      return end({ ...keptAnswer(state), error: event.error }, "errored", at);
    case "workflow_terminated":
      return end(state, "terminated", at);
    case "workflow_restarted":
      return { ...restart(state, event.run, event.reset, at), remark: event.remark ?? null };
    case "plan_accepted": {
      const { merged = [], estimate = null } = event;
      return { ...setPlan({ ...state, planSource: event.source, edited: false }, event.plan), merged, estimate };
    }
    case "plan_approved": {
      const { plan, estimate = null } = event;
      // Whoever edits a plan makes it their own, and what was expected of the proposed one says nothing of it.
      const planned = plan
        ? { ...setPlan({ ...state, planSource: "client" }, plan), edited: true, merged: [], estimate }
        : state;
      return enter({ ...planned, approved: true }, state.status === "waiting" ? "running" : state.status, at);
    }
    case "reduction_planned":
      return addReductions(state, event.reductions);
    case "answer_assembled": {
      const { segments, edits = [], problems = [] } = event;
      const answer = joined(segments, state.steps);
      const edit = findStep(state, EDIT);
      const editor = edit && lastAttempt(edit)?.model;
      const wroteAnew = event.unmarked === true && editor !== undefined;
      const unmarked = wroteAnew && isAskedForMarks(state, editor);
      const withoutMarks = wroteAnew ? [...new Set([...state.withoutMarks, editor])] : state.withoutMarks;
      const assembly = { edits, problems, unmarked, included: includedIn(state.steps, problems) };
      return withStep({ ...state, assembly, withoutMarks }, "synthesis", (step) => ({
        ...step,
        parts: [],
        answer,
        assembledAt: at,
        state: "complete",
        error: null,
      }));
    }
    case "answer_reviewed": {
      const { segments, edits = [], refused = null } = event;
      return { ...state, reviewed: { text: joined(segments, state.steps), edits, refused } };
    }
    case "attempt_started":
      return attemptStarted(withBegun(state, event.step), event, at);
    case "attempt_completed": {
      const truncated = event.truncated ?? false;
      const continuations = state.spec?.policy.continuations_max ?? 3;
      return withStep(addUsage(state, event.usage), event.step, (step) =>
        complete(
          endAttempt(step, at, {
            outcome: "complete",
            usage: event.usage,
            truncated,
            live: NOTHING,
            ...(event.model ? { model: event.model } : {}),
          }),
          event.text,
          truncated,
          event.unknown_finish ?? null,
          continuations,
        ),
      );
    }
    case "attempt_errored": {
      const retryAt = event.retry_at === null || event.retry_at === undefined ? null : time(event.retry_at);
      const outcome = event.class === "aborted" ? "aborted" : "failed";
      const limited = event.class === "aborted" ? { ...state, limit: event.error.message } : state;
      return withStep(addUsage(limited, event.usage), event.step, (step) => ({
        ...endAttempt(step, at, {
          outcome,
          error: event.error,
          failure: event.class,
          usage: event.usage ?? null,
          retryAt,
        }),
        // Without a further attempt its `step_errored` or `step_skipped` follows at once.
        state: retryAt === null ? "errored" : "retrying",
        error: event.error,
        retryAt,
      }));
    }
    case "attempt_lost":
      return withStep(state, event.step, (step) => ({
        ...endAttempt(step, at, {
          outcome: "lost",
          error: { name: "Lost", message: "the host restarted while the call was running; it is repeated" },
        }),
        state: "retrying",
        retryAt: event.retry_at ? time(event.retry_at) : at,
      }));
    case "step_errored":
      return withStep(withBegun(state, event.step), event.step, (step) => ({
        ...step,
        state: "errored",
        error: event.error,
        retryAt: null,
      }));
    case "step_skipped": {
      // The answer lacks nothing without a review, which has reasons of its own.
      const limit = event.step === REVIEW ? state.limit : event.reason;
      return withStep({ ...withBegun(state, event.step), limit }, event.step, (step) => ({
        ...step,
        state: "skipped",
        skipReason: event.reason,
        retryAt: null,
      }));
    }
    default:
      // A newer server's event: its sequence number counts, its meaning is unknown.
      return state;
  }
}

function applyDelta(state: Workflow, delta: Delta): Workflow {
  const known = state.steps.some(
    (step) => step.name === delta.step && step.attempts.some((attempt) => isOf(attempt, delta)),
  );
  const liveIsCut = delta.last ?? false;
  if (!known) {
    const key = attemptKey(delta.step, delta.run, delta.attempt);
    const live = splice(state.early[key]?.live ?? NOTHING, delta.from, delta.text);
    return live ? { ...state, early: { ...state.early, [key]: { live, liveIsCut } } } : { ...state, gap: true };
  }
  let gap = false;
  const next = withStep(state, delta.step, (step) => ({
    ...step,
    attempts: step.attempts.map((attempt) => {
      if (!isOf(attempt, delta) || attempt.outcome !== "running") return attempt;
      const live = splice(attempt.live, delta.from, delta.text);
      gap ||= live === null;
      return live ? { ...attempt, live, liveIsCut } : attempt;
    }),
  }));
  return gap ? { ...state, gap: true } : next;
}

function applyAnswer(state: Workflow, update: AnswerUpdate): Workflow {
  const { reader } = state;
  // The result is known, and whole.
  if (state.result !== null) return state;
  const begins = update.from === 0;
  const live = splice(reader && !reader.isOld ? reader.live : NOTHING, update.from, update.text);
  if (!live || (reader?.isOld && !begins)) return { ...state, gap: true };
  return { ...state, reader: { live, settled: update.settled, isCut: update.last ?? false, isOld: false } };
}

/** It is shown until it is told anew, though it may have been changed meanwhile. */
const oldReader = ({ reader }: Workflow): Workflow["reader"] => reader && { ...reader, settled: 0, isOld: true };

function measured(state: Workflow, { life, run, words, limit }: Extract<Input, { type: "measured" }>): Workflow {
  const isOfThis = lifeOf(state.lastEventId) === life && state.run === run && hasFinalText(state);
  return isOfThis ? { ...state, measured: { words, limit } } : state;
}

/** An attempt of which no text has come yet. */
const SILENT = { live: NOTHING, liveIsCut: false };
const isOf = (attempt: Attempt, delta: Delta): boolean => attempt.run === delta.run && attempt.number === delta.attempt;
const attemptKey = (step: string, run: number, number: number): string => `${step} ${run} ${number}`;

function attemptStarted(
  state: Workflow,
  event: Extract<JournalEvent, { type: "attempt_started" }>,
  at: number,
): Workflow {
  const key = attemptKey(event.step, event.run, event.number);
  const { [key]: { live, liveIsCut } = SILENT, ...early } = state.early as Partial<Workflow["early"]>;
  const attempt: Attempt = {
    run: event.run,
    number: event.number,
    model: event.model,
    start: at,
    end: null,
    outcome: "running",
    error: null,
    failure: null,
    usage: null,
    retryAt: null,
    truncated: false,
    inputCut: event.input_cut ?? false,
    liveIsCut,
    live,
  };
  const counted = spend({ ...state, early: early as Workflow["early"] }, (sum) => ({ ...sum, calls: sum.calls + 1 }));
  return withStep(counted, event.step, (step) => ({
    ...step,
    state: "running",
    error: null,
    retryAt: null,
    attempts: [...step.attempts, attempt],
  }));
}

function withStep(state: Workflow, name: string, change: (step: Step) => Step): Workflow {
  return { ...state, steps: state.steps.map((step) => (step.name === name ? change(step) : step)) };
}

function endAttempt(step: Step, at: number, ending: Partial<Attempt>): Step {
  const attempts = step.attempts.slice();
  const last = attempts.pop();
  return last ? { ...step, attempts: [...attempts, { ...last, ...ending, end: at }] } : step;
}

function complete(
  step: Step,
  text: string,
  truncated: boolean,
  unknownFinish: string | null,
  continuationsMax: number,
): Step {
  const isContinued = step.kind === "synthesis" || step.kind === "edit";
  if (isContinued && truncated && step.parts.length < continuationsMax) {
    return { ...step, parts: [...step.parts, text], state: "pending", error: null };
  }
  const answer = step.parts.join("") + text;
  return { ...step, answer, parts: [], truncated, unknownFinish, state: "complete", error: null };
}

/** Changes the status and keeps account of the time in which nothing could run. */
function enter(state: Workflow, status: Status, at: number): Workflow {
  const idle = state.idle.map((span) => (span.to === null ? { ...span, to: at } : span));
  if (status === "paused") idle.push({ from: at, to: null, why: "paused" });
  if (status === "waiting") idle.push({ from: at, to: null, why: "approval" });
  return { ...state, status, idle };
}

function end(state: Workflow, status: Status, at: number): Workflow {
  const steps = state.steps.map((step) =>
    step.state === "running" ? { ...aborted(step, at), state: "pending" as const } : step,
  );
  return { ...enter({ ...state, steps }, status, at), endedAt: at };
}

const aborted = (step: Step, at: number): Step =>
  endAttempt(step, at, { outcome: "aborted", error: { name: "Aborted", message: "the call was aborted" } });

function startOver(state: Workflow): Workflow {
  const steps = asksPlanner(state.spec) ? [planStep()] : [];
  const fresh = { ...state, assembly: null, reviewed: null, steps };
  return { ...fresh, plan: null, estimate: null, merged: [], approved: false, edited: false };
}

const planStep = (): Step => newStep("plan", "Plan", []);

/**
 * With a step that is there only once something of it has begun: the repair of edits, and the plan of a server that
 * asks the planner where this one does not.
 */
function withBegun(state: Workflow, name: string): Workflow {
  if (state.steps.some((step) => step.name === name)) return state;
  if (name === "plan") return { ...state, steps: [planStep(), ...state.steps] };
  return name === REPAIR ? beforeSynthesis(state, [newStep(REPAIR, "Repairing edits", [EDIT])]) : state;
}

/** As src/engine/state/context.rs has it: a small model is asked for one text, as is one that has written no mark. */
function isAskedForMarks(state: Workflow, model: string): boolean {
  const { context_tokens = PLAIN_CONTEXT_TOKENS } = state.spec?.big_models.find(({ name }) => name === model) ?? {};
  return !state.withoutMarks.includes(model) && context_tokens >= PLAIN_CONTEXT_TOKENS;
}

function restart(state: Workflow, run: number, reset: Reset, at: number): Workflow {
  const fresh = enter(
    {
      ...state,
      run,
      error: null,
      result: null,
      reader: null,
      measured: null,
      limit: null,
      startedAt: null,
      endedAt: null,
      runStart: at,
      idle: [],
      spent: EMPTY.spent,
    },
    "queued",
    at,
  );
  return reset === "everything" ? startOver(fresh) : resetSteps(fresh, reset.steps);
}

/**
 * A subtask's new answer makes every reduction stale; a reduction's only those of the rounds after it. An answer that
 * is written anew was not reviewed.
 */
function resetSteps(state: Workflow, names: string[]): Workflow {
  const subtasks = names.some((name) => name.startsWith("subtask/"));
  const rounds = state.steps.filter((step) => names.includes(step.name)).flatMap((step) => step.reduction?.round ?? []);
  const round = rounds.length > 0 ? Math.min(...rounds) : Number.POSITIVE_INFINITY;
  // The repair of a script goes with it.
  const edits = names.some((name) => name.startsWith("edit/"));
  const kept = state.steps.filter((step) =>
    step.reduction ? !subtasks && step.reduction.round <= round : !edits || step.name !== REPAIR,
  );
  const steps = kept.map((step) =>
    names.includes(step.name)
      ? newStep(step.name, step.title, step.dependsOn, step.instructions, step.reduction)
      : step,
  );
  const isNew = names.includes("synthesis");
  return {
    ...state,
    steps,
    assembly: isNew ? null : state.assembly,
    reviewed: isNew || names.includes(REVIEW) ? null : state.reviewed,
  };
}

const setPlan = (state: Workflow, plan: Plan): Workflow => ({ ...withPlan(state, plan), plan, reader: null });

/** With the steps of a plan, none of which has begun. */
export function withPlan(state: Workflow, { tasks, form }: Pick<Plan, "tasks" | "form">): Workflow {
  const subtask = (task: Plan["tasks"][number]): Step =>
    newStep(
      `subtask/${task.id}`,
      task.title,
      task.depends_on.map((id) => `subtask/${id}`),
      task.instructions,
    );
  const subtasks = tasks.map(subtask);
  const names = subtasks.map((step) => step.name);
  // A single part needs no editor.
  const edits = form === "assemble" && tasks.length > 1 ? [newStep(EDIT, "Editing", names)] : [];
  const synthesis = newStep("synthesis", "Synthesis", edits.length > 0 ? [EDIT] : names);
  const before = [...state.steps.filter((step) => step.kind === "plan"), ...subtasks, ...edits, synthesis];
  return { ...state, steps: [...before, ...afterSynthesis(state)] };
}

/** What the request asks for once there is an answer. */
function afterSynthesis({ spec }: Workflow): Step[] {
  const review = spec?.options.review === "once" ? [newStep(REVIEW, "Review", ["synthesis"])] : [];
  if (spec?.options.output_schema === undefined) return review;
  return [...review, newStep(STRUCTURE, "Structured output", [review.length > 0 ? REVIEW : "synthesis"])];
}

function addReductions(state: Workflow, reductions: Reduction[]): Workflow {
  const steps = reductions.map((reduction) => {
    const dependsOn = [...new Set(reduction.parts.map((part) => part.step))];
    return newStep(
      `reduce/${reduction.number}`,
      `Condense ${reduction.number} of round ${reduction.round}`,
      dependsOn,
      "",
      reduction,
    );
  });
  return beforeSynthesis(state, steps);
}

function beforeSynthesis(state: Workflow, steps: Step[]): Workflow {
  const at = state.steps.findIndex((step) => step.kind === "synthesis");
  const before = at < 0 ? state.steps : state.steps.slice(0, at);
  return { ...state, steps: [...before, ...steps, ...(at < 0 ? [] : state.steps.slice(at))] };
}

const addUsage = (state: Workflow, usage: Usage | null | undefined): Workflow =>
  usage
    ? spend(state, (sum) => ({
        ...sum,
        prompt: sum.prompt + usage.prompt_tokens,
        completion: sum.completion + usage.completion_tokens,
        estimated: sum.estimated || usage.estimated,
      }))
    : state;

const spend = (state: Workflow, more: (sum: Spent) => Spent): Workflow => ({
  ...state,
  total: more(state.total),
  spent: more(state.spent),
});

/** Where JSON was asked for and there is none, the run fails, and the answer is kept as text beside the error. */
function keptAnswer(state: Workflow): Workflow {
  if (state.spec?.options.output_schema === undefined) return state;
  const synthesis = state.steps.find((step) => step.kind === "synthesis");
  const isWritten = synthesis !== undefined && (synthesis.answer !== null || synthesis.parts.length > 0);
  const resultSource = isWritten ? "synthesis" : "answers";
  const result = finalResult(state, resultSource);
  return result === "" ? state : { ...state, result, resultSource, reader: null };
}

function finalResult(state: Workflow, source: "synthesis" | "answers"): string {
  const synthesis = state.steps.find((step) => step.kind === "synthesis");
  const parts = synthesis?.parts.join("") || null;
  if (source === "synthesis") return state.reviewed?.text ?? synthesis?.answer ?? parts ?? "";
  // The server has told it, right before. What it leaves out of each part is not for the console to decide.
  const told = state.reader;
  if (told && !told.isOld && !told.isCut) return told.live.text;
  const answered = state.steps.filter((step) => step.kind === "subtask" && step.answer !== null);
  return parts ?? answered.map((step) => `## ${step.title}\n\n${step.answer}`).join("\n\n");
}

const time = (at: string | number): number => (typeof at === "number" ? at : Date.parse(at));

/** The next state would be asked for by a new stream: nothing more comes of this one. */
export const hasEnded = (state: Workflow): boolean => isTerminal(state.status);
