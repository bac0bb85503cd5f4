// One request answered in two ways, to be judged without knowing which is which. Its address names both workflows in
// the order in which they are shown, so that a reload loses nothing and tells nothing.

import { type Draft, submissionOf } from "../home/draft";
import { count } from "../lib/format";
import type { Submission } from "../net/api";
import type { Mode, PlanMode } from "../workflow/events";
import type { Status } from "../workflow/state";

export type Pair = [string, string];

const ADDRESS = /^compare\/(\w[\w-]{0,99})\/(\w[\w-]{0,99})$/;

export const addressOfPair = ([a, b]: Pair): string => `/#compare/${a}/${b}`;

/** Null where the fragment names no comparison. */
export function pairOf(fragment: string): Pair | null {
  const [, a, b] = ADDRESS.exec(fragment) ?? [];
  return a && b ? [a, b] : null;
}

/** The draft as one call answers it, and as the big model chooses. Nobody approves a plan, which would give it away. */
export function submissionsOf(draft: Draft): [Submission, Submission] {
  const [direct, auto] = (["direct", "auto"] as const).map((mode) => submissionOf({ ...draft, mode, approval: false }));
  return [direct as Submission, auto as Submission];
}

/** `heads`: the toss of a coin. */
export const inOrder = ([one, other]: Pair, heads: boolean): Pair => (heads ? [one, other] : [other, one]);

export const toss = (): boolean => (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) < 128;

/** Of STATUS, what a comparison asks for. */
export interface Side {
  status: Status;
  output: { finalResult: string } | null;
  mode: { asked: Mode; chosen: PlanMode | null };
  answer: { words: number } | null;
  start: string | null;
  end: string | null;
  warnings: unknown[];
  usage: { total_tokens: number; model_calls: number; estimated: boolean };
}
export const FIELDS = "status,output,mode,answer,start,end,warnings,usage";

export type Choice = "a" | "b" | "equal" | "neither";
export const CHOICES: [Choice, string][] = [
  ["a", "A"],
  ["b", "B"],
  ["equal", "Both alike"],
  ["neither", "Neither"],
];

/** What one side is, once it may be told. */
export function nameOf({ mode: { asked, chosen } }: Side): string {
  if (asked === "direct") return "Direct: one call of the big model";
  if (chosen === "direct") return "Auto, which chose one call of the big model";
  return "Auto, which split the request into subtasks";
}

/** The same rows for both sides. */
export function factsOf(side: Side): [string, string][] {
  const { start, end, usage, answer, warnings } = side;
  const ms = start && end ? Date.parse(end) - Date.parse(start) : null;
  return [
    ["Words", answer ? count(answer.words) : "–"],
    ["Tokens", `${usage.estimated ? "≈ " : ""}${count(usage.total_tokens)}`],
    ["Model calls", count(usage.model_calls)],
    ["Seconds", ms === null ? "–" : (ms / 1000).toFixed(1)],
    ["Warnings", count(warnings.length)],
  ];
}

/** What the choice says, with the names. */
export function verdictOf(choice: Choice, [a, b]: [Side, Side]): string {
  const chosen = { a: `You would send A. ${nameOf(a)}.`, b: `You would send B. ${nameOf(b)}.` };
  const said = {
    ...chosen,
    equal: "Both are alike to you.",
    neither: "You would send neither.",
  }[choice];
  const isSame = [a, b].every(({ mode }) => mode.asked === "direct" || mode.chosen === "direct");
  return isSame ? `${said} Both were written by one call, so that they differ by chance alone.` : said;
}
