// What is being written on the start page. Kept for the session, so that a reload or a look at a workflow loses
// nothing.

import { session } from "../lib/storage";
import { createStore } from "../lib/store";
import type { Spec } from "../workflow/events";

export interface Draft {
  prompt: string;
  maxSubtasks: string;
  approval: boolean;
  failure: "continue" | "fail";
  bigModel: string;
  smallModel: string;
  instructions: string;
  maxConcurrency: string;
  tokenBudget: string;
  deadlineSeconds: string;
}

export const BLANK: Draft = {
  prompt: "",
  maxSubtasks: "",
  approval: false,
  failure: "continue",
  bigModel: "",
  smallModel: "",
  instructions: "",
  maxConcurrency: "",
  tokenBudget: "",
  deadlineSeconds: "",
};

const KEY = "orchestrator.draft";

function load(): Draft {
  try {
    return { ...BLANK, ...JSON.parse(session.get(KEY) ?? "{}") };
  } catch {
    return BLANK;
  }
}

export const draft = createStore<Draft>(load());

export function edit(change: Partial<Draft>): void {
  const next = { ...draft.get(), ...change };
  session.set(KEY, JSON.stringify(next));
  draft.set(next);
}

/** The body of `POST /`: only what differs from the server's defaults. */
export function submissionOf(from: Draft): { prompt: string; options?: Record<string, unknown> } {
  const options: Record<string, unknown> = {};
  const number = (name: string, value: string) => {
    if (value.trim()) options[name] = Number(value);
  };
  number("max_subtasks", from.maxSubtasks);
  if (from.approval) options.approval = "plan";
  if (from.failure !== "continue") options.on_subtask_failure = from.failure;
  if (from.bigModel) options.big_model = from.bigModel;
  if (from.smallModel) options.small_model = from.smallModel;
  if (from.instructions.trim()) options.instructions = from.instructions.trim();
  number("max_concurrency", from.maxConcurrency);
  number("token_budget", from.tokenBudget);
  number("deadline_seconds", from.deadlineSeconds);
  return Object.keys(options).length > 0 ? { prompt: from.prompt, options } : { prompt: from.prompt };
}

/** A workflow's prompt and options, to be changed and sent again. */
export function draftOf(spec: Spec): Draft {
  const { options } = spec;
  return {
    ...BLANK,
    prompt: spec.prompt,
    maxSubtasks: options.max_subtasks === 8 ? "" : String(options.max_subtasks),
    approval: options.approval === "plan",
    failure: options.on_subtask_failure ?? "continue",
    instructions: options.instructions ?? "",
    tokenBudget: options.token_budget ? String(options.token_budget) : "",
    deadlineSeconds: options.deadline_seconds ? String(options.deadline_seconds) : "",
  };
}
