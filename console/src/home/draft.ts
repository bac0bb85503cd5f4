// What is being written on the start page. Kept for the session, so that a reload or a look at a workflow loses
// nothing. What would be overwritten is set aside, and can be brought back.

import { session } from "../lib/storage";
import { createStore } from "../lib/store";
import type { Info, Submission } from "../net/api";
import type { Length, Mode, ModelSpec, Plan, Spec } from "../workflow/events";
import { EXAMPLES, withoutMarkers } from "./examples";

export interface Draft {
  prompt: string;
  mode: Mode;
  length: "brief" | "normal" | "full" | "words";
  /** Of the length `words`. */
  maxWords: string;
  /** The answer is reviewed before it is final. */
  review: boolean;
  /** A JSON Schema, as text; empty for none. */
  outputSchema: string;
  maxSubtasks: string;
  approval: boolean;
  failure: "continue" | "fail";
  bigModel: string;
  smallModel: string;
  instructions: string;
  maxConcurrency: string;
  tokenBudget: string;
  deadlineSeconds: string;
  /** The workflow that it goes on with. */
  followUpTo: string | null;
  /** Of the workflow that it was taken from: the page has no fields for them. */
  metadata: Record<string, string> | null;
  tasks: Plan["tasks"] | null;
  /** What goes with the tasks. */
  terms: Terms;
}

type Terms = Partial<Pick<Plan, "form" | "shared" | "borders" | "criteria">>;

export const BLANK: Draft = {
  prompt: "",
  mode: "auto",
  length: "normal",
  maxWords: "",
  review: false,
  outputSchema: "",
  maxSubtasks: "",
  approval: false,
  failure: "continue",
  bigModel: "",
  smallModel: "",
  instructions: "",
  maxConcurrency: "",
  tokenBudget: "",
  deadlineSeconds: "",
  followUpTo: null,
  metadata: null,
  tasks: null,
  terms: {},
};

const KEY = "orchestrator.draft";
const ASIDE_KEY = "orchestrator.draft.aside";
const ASIDE_MAX = 10;

function load<T>(key: string, none: T): T {
  try {
    return JSON.parse(session.get(key) ?? "null") ?? none;
  } catch {
    return none;
  }
}

export const draft = createStore<Draft>({ ...BLANK, ...load<Partial<Draft>>(KEY, {}) });

/** What was written before something else took its place, the latest last. */
export const aside = createStore<Draft[]>(load<Draft[]>(ASIDE_KEY, []));

export function edit(change: Partial<Draft>): void {
  const next = { ...draft.get(), ...change };
  session.set(KEY, JSON.stringify(next));
  draft.set(next);
}

function setAside(drafts: Draft[]): void {
  const kept = drafts.slice(-ASIDE_MAX);
  session.set(ASIDE_KEY, kept.length > 0 ? JSON.stringify(kept) : null);
  aside.set(kept);
}

/** Takes the place of what is written, which is set aside if somebody wrote it. */
export function replace(change: Partial<Draft>): void {
  const before = draft.get();
  const next = { ...before, ...change };
  if (isLost(before, next, aside.get())) setAside([...aside.get(), before]);
  edit(change);
  putIn = next.prompt;
}

/** The prompt that was put in for the one who writes, until they write on: taking it back is then what undo means. */
let putIn: string | null = null;
export const canUndo = (): boolean => aside.get().length > 0 && draft.get().prompt === putIn;

/** Exchanges what is written for what was set aside last. */
export function bringBack(): void {
  const rest = [...aside.get()];
  const last = rest.pop();
  if (!last) return;
  const next = { ...BLANK, ...last };
  // At the other end, so that pressing again and again leads through all of them.
  const before = draft.get();
  setAside(isLost(before, next, rest) ? [before, ...rest] : rest);
  edit(next);
  putIn = null;
}

/**
 * Whether somebody would miss something of it once the next one is in its place. An example as it was offered can be
 * had again, and what is set aside already is not lost.
 */
function isLost(before: Draft, next: Draft, kept: Draft[]): boolean {
  const prompt = withoutMarkers(before.prompt);
  const written =
    prompt !== "" && prompt !== withoutMarkers(next.prompt) && !EXAMPLES.some((example) => example.prompt === prompt);
  const text = (value: unknown) => JSON.stringify(value);
  const changed = (name: keyof Draft) =>
    name !== "prompt" && text(before[name]) !== text(BLANK[name]) && text(before[name]) !== text(next[name]);
  const lost = written || (Object.keys(BLANK) as (keyof Draft)[]).some(changed);
  return lost && !kept.some((other) => text(other) === text(before));
}

/** The body of `POST /`: only what differs from the server's defaults. */
export function submissionOf(from: Draft): Submission {
  const options: Record<string, unknown> = {};
  const number = (name: string, value: string) => {
    const text = value.trim();
    if (text) options[name] = numberOf(text);
  };
  if (from.mode !== "auto") options.mode = from.mode;
  if (from.length === "words") options.length = { max_words: numberOf(from.maxWords.trim()) };
  else if (from.length !== "normal") options.length = from.length;
  if (from.review) options.review = "once";
  if (from.outputSchema.trim()) options.output_schema = jsonOf(from.outputSchema);
  number("max_subtasks", from.maxSubtasks);
  if (from.approval) options.approval = "plan";
  if (from.failure !== "continue") options.on_subtask_failure = from.failure;
  if (from.bigModel) options.big_model = from.bigModel;
  if (from.smallModel) options.small_model = from.smallModel;
  if (from.instructions.trim()) options.instructions = from.instructions.trim();
  number("max_concurrency", from.maxConcurrency);
  number("token_budget", from.tokenBudget);
  number("deadline_seconds", from.deadlineSeconds);
  return {
    prompt: from.prompt,
    ...(from.followUpTo ? { follow_up_to: from.followUpTo } : {}),
    ...(from.tasks ? { tasks: from.tasks, ...from.terms } : {}),
    ...(from.metadata ? { metadata: from.metadata } : {}),
    ...(Object.keys(options).length > 0 ? { options } : {}),
  };
}

/** What is no number is shown as it is: JSON would make null of it. */
const numberOf = (text: string): number | string => (Number.isNaN(Number(text)) ? text : Number(text));

/** What is no JSON is shown as the text that it is. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** How many of the fields behind the fold differ from their defaults. */
export const optionsSet = (from: Draft): number =>
  Object.keys(submissionOf({ ...from, approval: false }).options ?? {}).length;

/**
 * A workflow's prompt and all of its options, to be changed and sent again. `info`: the deployment's defaults, which
 * are left out. The first models of its lists are the default ones.
 */
export function draftOf(spec: Spec, info: Pick<Info, "big" | "small" | "defaults"> | null): Draft {
  const { options } = spec;
  const text = (value: number | null | undefined, usual?: number) => (value && value !== usual ? String(value) : "");
  // Given subtasks have room in any case.
  const subtasks = Math.max(info?.defaults?.max_subtasks ?? 0, spec.tasks?.tasks.length ?? 0);
  return {
    ...BLANK,
    prompt: spec.prompt,
    mode: options.mode ?? "auto",
    ...lengthOf(options.length),
    review: options.review === "once",
    outputSchema: options.output_schema === undefined ? "" : JSON.stringify(options.output_schema, null, 2),
    maxSubtasks: text(options.max_subtasks, subtasks),
    approval: options.approval === "plan",
    failure: options.on_subtask_failure ?? "continue",
    bigModel: chosen(spec.big_models[0], spec.provider, info?.big),
    smallModel: chosen(spec.small_models[0], spec.provider, info?.small),
    instructions: options.instructions ?? "",
    maxConcurrency: text(options.max_concurrency, info?.defaults?.max_concurrency),
    tokenBudget: text(options.token_budget, info?.defaults?.token_budget ?? undefined),
    deadlineSeconds: text(options.deadline_seconds),
    followUpTo: spec.parent?.id ?? null,
    metadata: Object.keys(spec.metadata ?? {}).length > 0 ? (spec.metadata ?? null) : null,
    tasks: spec.tasks?.tasks ?? null,
    terms: termsOf(spec.tasks),
  };
}

function lengthOf(length: Length = "normal"): Pick<Draft, "length" | "maxWords"> {
  return typeof length === "object"
    ? { length: "words", maxWords: String(length.max_words) }
    : { length, maxWords: "" };
}

function termsOf({ form, shared, borders = [], criteria = [] }: Partial<Plan> = {}): Terms {
  return {
    ...(form && form !== "merge" ? { form } : {}),
    ...(shared ? { shared } : {}),
    ...(borders.length > 0 ? { borders } : {}),
    ...(criteria.length > 0 ? { criteria } : {}),
  };
}

/** The name that the API takes: with the provider's prefix where it is not the deployment's. */
function chosen(model: ModelSpec | undefined, provider: string, offered: string[] | undefined): string {
  if (!model) return "";
  const name = model.provider === provider && model.name ? model.name : `${model.provider}:${model.name}`;
  return name === offered?.[0] ? "" : name;
}
