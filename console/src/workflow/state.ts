// A workflow as the console knows it. It follows from the events alone, as the engine's own state does
// (src/engine/state.rs).

import type {
  AssemblyProblem,
  EditResult,
  ErrorInfo,
  Estimate,
  FailureClass,
  MergedTask,
  Plan,
  Reduction,
  Spec,
  StepRemark,
  Usage,
} from "./events";
import type { LiveText } from "./text";

export type Status =
  | "queued"
  | "running"
  | "waiting"
  | "waitingForPause"
  | "paused"
  | "complete"
  | "errored"
  | "terminated";
export type StepState = "pending" | "running" | "retrying" | "complete" | "errored" | "skipped";
export type StepKind = "plan" | "subtask" | "reduce" | "edit" | "synthesis" | "review" | "structure";

export interface Attempt {
  run: number;
  number: number;
  model: string;
  start: number;
  end: number | null;
  outcome: "running" | "complete" | "failed" | "lost" | "aborted";
  error: ErrorInfo | null;
  failure: FailureClass | null;
  usage: Usage | null;
  retryAt: number | null;
  truncated: boolean;
  inputCut: boolean;
  /** No more live text of it comes: the rest is read once it is complete. */
  liveIsCut: boolean;
  /** What it has written so far; kept after a failure, so that one can see how far it came. */
  live: LiveText;
}

export interface Step {
  /** `plan`, `subtask/<id>`, `reduce/<n>`, `edit/<n>`, `synthesis`, `review/<n>`, `structure`. */
  name: string;
  kind: StepKind;
  title: string;
  instructions: string;
  dependsOn: string[];
  reduction: Reduction | null;
  state: StepState;
  attempts: Attempt[];
  /** What a truncated synthesis or script has so far. */
  parts: string[];
  answer: string | null;
  /** Its answer was put together of other texts, without a call, at this time. */
  assembledAt: number | null;
  truncated: boolean;
  /** The server's word for the end of its text, where nobody knows it. */
  unknownFinish: string | null;
  error: ErrorInfo | null;
  skipReason: string | null;
  retryAt: number | null;
}

/** Time in which nothing could run: paused, or waiting for a person. */
export interface Idle {
  from: number;
  to: number | null;
  why: "paused" | "approval";
}

export interface Spent {
  calls: number;
  prompt: number;
  completion: number;
  estimated: boolean;
}

/** The answer as its reader will have it, while it is being written. */
export interface ReaderText {
  live: LiveText;
  /** So many scalar values of it stay as they are. */
  settled: number;
  /** No more of it comes live. */
  isCut: boolean;
  /** A new connection has begun, which tells it again from its first character. */
  isOld: boolean;
}

/** How the answer was put together. */
export interface Assembly {
  edits: EditResult[];
  problems: AssemblyProblem[];
  /** The editor was asked for marks and wrote all of the answer without one. */
  unmarked: boolean;
  /** The subtasks whose text the answer has. */
  included: string[];
}

/** What the review made of the answer. As it was before, it is the answer of `synthesis`. */
export interface Reviewed {
  text: string;
  edits: EditResult[];
  /** Why a whole text of the reviewer's was not taken. */
  refused: string | null;
}

/** How long the answer is, as the server counts. */
export interface Measured {
  words: number;
  limit: number | null;
}

export interface Workflow {
  /** The last journal event taken in. 0: none yet. */
  seq: number;
  /** Its id on the wire, after which a stream resumes. Empty: none yet. */
  lastEventId: string;
  /** Something is missing between what is known and what came: connect anew. */
  gap: boolean;
  spec: Spec | null;
  status: Status;
  beforePause: Status;
  run: number;
  queuedAt: number;
  runStart: number;
  startedAt: number | null;
  endedAt: number | null;
  lastAt: number;
  plan: Plan | null;
  planSource: "planner" | "client";
  estimate: Estimate | null;
  merged: MergedTask[];
  approved: boolean;
  edited: boolean;
  steps: Step[];
  /** Of all runs together. */
  total: Spent;
  /** Of the present run. */
  spent: Spent;
  error: ErrorInfo | null;
  result: string | null;
  resultSource: "synthesis" | "answers";
  /** Null where nothing is known of it: nobody has written yet, or the server is an older one. */
  reader: ReaderText | null;
  assembly: Assembly | null;
  /** The models whose editor wrote no mark: they are not asked for any again. */
  withoutMarks: string[];
  reviewed: Reviewed | null;
  /** What the present run was told to do otherwise. */
  remark: StepRemark | null;
  measured: Measured | null;
  /** The limit of the run that was reached, in words. */
  limit: string | null;
  idle: Idle[];
  log: LogEntry[];
  /** Text of attempts whose start is not known yet: it may overtake the journal. */
  early: Record<string, Pick<Attempt, "live" | "liveIsCut">>;
}

export type Tone = "info" | "good" | "warn" | "bad";

export interface LogEntry {
  seq: number;
  at: number;
  tone: Tone;
  step: string | null;
  text: string;
  detail: string | null;
}

const NONE: Spent = { calls: 0, prompt: 0, completion: 0, estimated: false };

export const EMPTY: Workflow = {
  seq: 0,
  lastEventId: "",
  gap: false,
  spec: null,
  status: "queued",
  beforePause: "queued",
  run: 1,
  queuedAt: 0,
  runStart: 0,
  startedAt: null,
  endedAt: null,
  lastAt: 0,
  plan: null,
  planSource: "planner",
  estimate: null,
  merged: [],
  approved: false,
  edited: false,
  steps: [],
  total: NONE,
  spent: NONE,
  error: null,
  result: null,
  resultSource: "synthesis",
  reader: null,
  assembly: null,
  withoutMarks: [],
  reviewed: null,
  remark: null,
  measured: null,
  limit: null,
  idle: [],
  log: [],
  early: {},
};

/** Names the life of a workflow's id that an event belongs to: an id may be deleted and used again. */
export const lifeOf = (eventId: string): string => eventId.replace(/^\d+-?/, "");

export const isTerminal = (status: Status): boolean =>
  status === "complete" || status === "errored" || status === "terminated";
export const isResolved = (step: Step): boolean =>
  step.state === "complete" || step.state === "errored" || step.state === "skipped";

export function newStep(
  name: string,
  title: string,
  dependsOn: string[],
  instructions = "",
  reduction: Reduction | null = null,
): Step {
  return {
    name,
    kind: kindOf(name),
    title,
    instructions,
    dependsOn,
    reduction,
    state: "pending",
    attempts: [],
    parts: [],
    answer: null,
    assembledAt: null,
    truncated: false,
    unknownFinish: null,
    error: null,
    skipReason: null,
    retryAt: null,
  };
}

export function kindOf(name: string): StepKind {
  if (name === "plan" || name === "synthesis" || name === "structure") return name;
  const kind = name.split("/")[0];
  return kind === "edit" || kind === "reduce" || kind === "review" ? kind : "subtask";
}

/** The editor's call, and the one repair of edits that did not apply. */
export const EDIT = "edit/1";
export const REPAIR = "edit/2";
export const REVIEW = "review/1";
export const STRUCTURE = "structure";

/** What is done with an answer before it is final. */
export const isAfterSynthesis = ({ kind }: Step): boolean => kind === "review" || kind === "structure";

/** `t1` of `subtask/t1`; a word for the others. */
export function shortName(name: string): string {
  if (name === "plan") return "Plan";
  if (name === "synthesis") return "Synthesis";
  if (name === STRUCTURE) return "JSON output";
  if (name.startsWith("review/")) return "Review";
  if (name.startsWith("edit/")) return name === EDIT ? "Editing" : "Repairing edits";
  return name.startsWith("subtask/") ? name.slice("subtask/".length) : name.replace("reduce/", "Condense ");
}

/** Its text is final: a run whose JSON never fits its schema fails and keeps the text. */
export const hasFinalText = ({ status, result }: Workflow): boolean =>
  status === "complete" || (status === "errored" && result !== null);

/** The big model answers the request by itself. */
export const isDirect = (workflow: Workflow): boolean =>
  workflow.plan ? workflow.plan.mode === "direct" : !asksPlanner(workflow.spec) && !workflow.spec?.tasks;

/** Whether a planner decides how the request is answered. A limit of one subtask decides it, as a mode does. */
export const asksPlanner = (spec: Spec | null): boolean =>
  !spec || (!spec.tasks && spec.options.mode !== "direct" && spec.options.max_subtasks > 1);

export const findStep = (workflow: Workflow, name: string | null): Step | undefined =>
  workflow.steps.find((step) => step.name === name);
export const subtasksOf = (workflow: Workflow): Step[] => workflow.steps.filter((step) => step.kind === "subtask");
export const lastAttempt = (step: Step): Attempt | undefined => step.attempts[step.attempts.length - 1];

/**
 * The part of its text that each attempt worked on, from 1: what the limit of tokens cut off is continued, which is no
 * repetition.
 */
export function partsOf(step: Step): number[] {
  let part = 1;
  return step.attempts.map((attempt) => {
    const its = part;
    if (attempt.outcome === "complete" && attempt.truncated) part++;
    return its;
  });
}

/** How often the part that needed most was tried. */
export function triesOf(step: Step): number {
  const parts = partsOf(step);
  return Math.max(0, ...parts.map((part) => parts.filter((other) => other === part).length));
}

/** What there is to read of a step: its answer, or what it has written so far. */
export function textOf(step: Step): string {
  if (step.answer !== null) return step.answer;
  const last = lastAttempt(step);
  return step.parts.join("") + (last && last.outcome !== "complete" ? last.live.text : "");
}

/** The answer as it was before a review that has changed it; null where none has. */
export function unreviewed(workflow: Workflow): string | null {
  const before = findStep(workflow, "synthesis")?.answer ?? null;
  return workflow.reviewed === null || workflow.reviewed.text === before ? null : before;
}

/** From the first attempt's start to the last one's end, or to `now`. */
export function spanOf(step: Step, now: number): { start: number; end: number } | null {
  const first = step.attempts[0];
  const last = lastAttempt(step);
  if (!first || !last) return null;
  const open = !isResolved(step) && (last.end === null || step.state === "retrying");
  return { start: first.start, end: open ? Math.max(now, last.end ?? 0, first.start) : (last.end ?? first.start) };
}

export function tokensOf(step: Step): { total: number; estimated: boolean } {
  let total = 0;
  let estimated = false;
  for (const { usage } of step.attempts) {
    total += (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0);
    estimated ||= usage?.estimated ?? false;
  }
  return { total, estimated };
}
