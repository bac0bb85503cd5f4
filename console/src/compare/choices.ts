// What was chosen in this browser, so that nobody judges a pair again whose names they have seen.

import { local } from "../lib/storage";
import type { Choice, Pair } from "./comparison";

const KEY = "orchestrator.compared";
const KEPT_MAX = 100;

function load(): [string, Choice][] {
  try {
    const value: unknown = JSON.parse(local.get(KEY) ?? "[]");
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** The order is a part of it: A is another one in the other. */
const keyOf = (pair: Pair): string => pair.join(" ");

export const chosenOf = (pair: Pair): Choice | null => load().find(([key]) => key === keyOf(pair))?.[1] ?? null;

export function keepChoice(pair: Pair, choice: Choice): void {
  const others = load().filter(([key]) => key !== keyOf(pair));
  local.set(KEY, JSON.stringify([...others, [keyOf(pair), choice]].slice(-KEPT_MAX)));
}
