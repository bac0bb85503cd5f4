// Errors and warnings in words that a person understands. The server's own message is always shown beside them.

import { duration } from "../lib/format";
import type { ErrorInfo } from "./events";
import {
  isTerminal,
  lastAttempt,
  type Status,
  type Step,
  type StepState,
  shortName,
  type Tone,
  type Workflow,
} from "./state";

const ERRORS: Record<string, string> = {
  RateLimited: "The model's service asked for fewer requests (rate limit).",
  OutOfCapacity: "The model has no free capacity right now.",
  ServerError: "The model's service had a fault of its own.",
  ProviderError: "The model's service reported an error.",
  HttpError: "The model's service answered with an error.",
  NetworkError: "The connection to the model failed.",
  Timeout: "The model took too long.",
  FirstTokenTimeout: "The model did not begin to answer in time.",
  IdleTimeout: "The model stopped in the middle of its answer.",
  AttemptTimeout: "The model's answer took too long in all.",
  Unauthorized: "The model's service did not accept the API key.",
  Forbidden: "This deployment may not use that model.",
  ModelNotFound: "The model's service does not know that model.",
  NotFound: "The address of the model's service is wrong.",
  BadRequest: "The model's service did not accept the request.",
  BadReply: "The model's reply could not be read.",
  EmptyReply: "The model answered without any text.",
  InvalidPlan: "The model's plan could not be used; it is asked to mend it.",
  ContextTooLong: "The text is too long for the model.",
  ContextTooSmall: "The text is too long for the model.",
  RequestTooLarge: "The request is too large for the model's service.",
  ContentFiltered: "The model's service refused the content.",
  QuotaExceeded: "The allowance or credit at the model's service is used up.",
  Lost: "The server restarted during this call. It is repeated and does not count as a failure.",
  CrashLoop: "The server restarted whenever this step ran, so it was given up.",
  Aborted: "The call was stopped.",
  DeadlineReached: "The time limit of the run was reached.",
  TokenBudgetReached: "The token budget of the run was reached.",
  LimitReached: "A limit of the run was reached before there was an answer.",
  AllSubtasksFailed: "Every subtask failed, so there is nothing to answer with.",
};

/** A sentence for a person. Null where there is none: the message speaks for itself. */
export const explain = (error: ErrorInfo): string =>
  ERRORS[error.name] ?? `${error.name.replace(/(?<=[a-z])(?=[A-Z])/g, " ")}.`;

export const STATUS_WORDS: Record<Status, string> = {
  queued: "Queued",
  running: "Running",
  waiting: "Waiting for approval",
  waitingForPause: "Pausing",
  paused: "Paused",
  complete: "Complete",
  errored: "Failed",
  terminated: "Terminated",
};

export const STEP_WORDS: Record<StepState, string> = {
  pending: "Waiting",
  running: "Running",
  retrying: "Retrying",
  complete: "Complete",
  errored: "Failed",
  skipped: "Skipped",
};

/** What a step's state is called, given what became of the workflow. */
export function stepWord(step: Step, workflow: Workflow): string {
  if (step.state === "pending" && isTerminal(workflow.status))
    return lastAttempt(step)?.outcome === "aborted" ? "Stopped" : "Not run";
  return STEP_WORDS[step.state];
}

export interface Warning {
  tone: Tone;
  step: string | null;
  title: string;
  detail: string;
}

/** What the answer lacks, and what went wrong on the way to it: as STATUS has it in `warnings`. */
export function warningsOf(workflow: Workflow): Warning[] {
  const warnings = workflow.steps.flatMap((step) => stepWarnings(step, workflow));
  if (workflow.limit)
    warnings.push({ tone: "warn", step: null, title: "A limit of the run was reached", detail: `${workflow.limit}.` });
  if (workflow.status === "complete" && workflow.resultSource === "answers") {
    const detail = "Nothing put the answers together: the result is the subtasks' answers one after the other.";
    warnings.push({ tone: "warn", step: "synthesis", title: "No synthesis", detail });
  }
  return warnings;
}

function stepWarnings(step: Step, workflow: Workflow): Warning[] {
  const warnings: Warning[] = [];
  const name = shortName(step.name);
  const add = (tone: Tone, title: string, detail: string) => warnings.push({ tone, step: step.name, title, detail });
  if (lastAttempt(step)?.inputCut)
    add("warn", `${name} saw a shortened input`, "What it was given was cut to fit its model's context.");
  if (step.state === "errored" && step.error)
    add("bad", `${name} failed`, `${explain(step.error)} ${sentence(step.error.message)}`);
  if (step.state === "skipped") add("warn", `${name} was skipped`, sentence(step.skipReason ?? ""));
  if (step.state === "complete" && step.truncated) {
    add("warn", `${name} is incomplete`, "The model stopped at its limit of tokens.");
  }
  if (step.parts.length > 0 && isTerminal(workflow.status)) {
    add("warn", `${name} is incomplete`, "It could not be continued after the model's limit of tokens.");
  }
  return warnings;
}

/** What happens after a failed attempt. */
export function retryWords(step: Step, now: number): string {
  if (step.retryAt === null) return "";
  const wait = step.retryAt - now;
  return wait > 500 ? `Next attempt in ${duration(wait)}.` : "The next attempt starts as soon as there is room.";
}

export function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return "";
  const first = trimmed[0]?.toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
