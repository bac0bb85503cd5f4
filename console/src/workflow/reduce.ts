// The only place where the console's state changes: a pure reducer over journal events and deltas, the same for a
// replay and for what happens live. It mirrors `Workflow::apply` of src/engine/state.rs.

import type { Delta, JournalEvent, Plan, PlannedTask, Reduction, Reset, Usage } from "./events";
import { describe } from "./log";
import {
  type Attempt,
  EMPTY,
  isTerminal,
  lifeOf,
  newStep,
  type Spent,
  type Status,
  type Step,
  type Workflow,
} from "./state";
import { NOTHING, splice } from "./text";

/** `connected`: a new stream begins, which tells the text of attempts in flight from its first character. */
export type Input = JournalEvent | Delta | { type: "connected" };

export function reduce(state: Workflow, input: Input): Workflow {
  if (input.type === "connected") return { ...state, gap: false, early: {} };
  if (input.type === "delta") return applyDelta(state, input);
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
      return end({ ...state, resultSource, result: finalResult(state, resultSource) }, "complete", at);
    }
    case "workflow_errored":
      return end({ ...state, error: event.error }, "errored", at);
    case "workflow_terminated":
      return end(state, "terminated", at);
    case "workflow_restarted":
      return restart(state, event.run, event.reset, at);
    case "plan_accepted":
      return setPlan({ ...state, planSource: event.source, edited: false }, event.plan);
    case "plan_approved": {
      const planned = event.plan ? { ...setPlan(state, event.plan), edited: true } : state;
      return enter({ ...planned, approved: true }, state.status === "waiting" ? "running" : state.status, at);
    }
    case "reduction_planned":
      return addReductions(state, event.reductions);
    case "attempt_started":
      return attemptStarted(state, event, at);
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
      return withStep(state, event.step, (step) => ({ ...step, state: "errored", error: event.error, retryAt: null }));
    case "step_skipped":
      return withStep({ ...state, limit: event.reason }, event.step, (step) => ({
        ...step,
        state: "skipped",
        skipReason: event.reason,
        retryAt: null,
      }));
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

function complete(step: Step, text: string, truncated: boolean, continuationsMax: number): Step {
  if (step.kind === "synthesis" && truncated && step.parts.length < continuationsMax) {
    return { ...step, parts: [...step.parts, text], state: "pending", error: null };
  }
  return { ...step, answer: step.parts.join("") + text, parts: [], truncated, state: "complete", error: null };
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
  const steps = state.spec?.tasks ? [] : [newStep("plan", "Plan", [])];
  return { ...state, plan: null, approved: false, edited: false, steps };
}

function restart(state: Workflow, run: number, reset: Reset, at: number): Workflow {
  const fresh = enter(
    {
      ...state,
      run,
      error: null,
      result: null,
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

/** A subtask's new answer makes every reduction stale; a reduction's only those of the rounds after it. */
function resetSteps(state: Workflow, names: string[]): Workflow {
  const subtasks = names.some((name) => name.startsWith("subtask/"));
  const rounds = state.steps.filter((step) => names.includes(step.name)).flatMap((step) => step.reduction?.round ?? []);
  const round = rounds.length > 0 ? Math.min(...rounds) : Number.POSITIVE_INFINITY;
  const kept = state.steps.filter((step) => !step.reduction || (!subtasks && step.reduction.round <= round));
  const steps = kept.map((step) =>
    names.includes(step.name)
      ? newStep(step.name, step.title, step.dependsOn, step.instructions, step.reduction)
      : step,
  );
  return { ...state, steps };
}

const setPlan = (state: Workflow, plan: Plan): Workflow => ({ ...withTasks(state, plan.tasks), plan });

/** With the steps of these subtasks, none of which has begun. */
export function withTasks(state: Workflow, tasks: PlannedTask[]): Workflow {
  const subtask = (task: PlannedTask): Step =>
    newStep(
      `subtask/${task.id}`,
      task.title,
      task.depends_on.map((id) => `subtask/${id}`),
      task.instructions,
    );
  const subtasks = tasks.map(subtask);
  const synthesis = newStep(
    "synthesis",
    "Synthesis",
    subtasks.map((step) => step.name),
  );
  return { ...state, steps: [...state.steps.filter((step) => step.kind === "plan"), ...subtasks, synthesis] };
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

function finalResult(state: Workflow, source: "synthesis" | "answers"): string {
  const synthesis = state.steps.find((step) => step.kind === "synthesis");
  const parts = synthesis?.parts.join("") || null;
  if (source === "synthesis") return synthesis?.answer ?? parts ?? "";
  const answered = state.steps.filter((step) => step.kind === "subtask" && step.answer !== null);
  return parts ?? answered.map((step) => `## ${step.title}\n\n${step.answer}`).join("\n\n");
}

const time = (at: string | number): number => (typeof at === "number" ? at : Date.parse(at));

/** The next state would be asked for by a new stream: nothing more comes of this one. */
export const hasEnded = (state: Workflow): boolean => isTerminal(state.status);
