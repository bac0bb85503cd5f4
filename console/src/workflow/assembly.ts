// The answer of `answer_assembled`: only slices that are joined, as src/engine/answer/segments.rs does it. What the
// editor wrote is never read here.

import type { Segment } from "./events";
import { kindOf, lastAttempt, type Step } from "./state";
import { scalarSlice } from "./text";

/** A slice of an attempt that is not known is empty. */
export function joined(segments: Segment[], steps: Step[]): string {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const textOf = (name: string, run: number, number: number): string => {
    const step = byName.get(name);
    const last = step && lastAttempt(step);
    return step && last?.run === run && last.number === number ? (step.answer ?? "") : "";
  };
  return segments
    .map((segment) =>
      segment.text !== undefined
        ? segment.text
        : scalarSlice(textOf(segment.step, segment.run, segment.number), segment.from, segment.to),
    )
    .join("");
}

/** The subtasks whose text the answer has, in its order. */
export function includedIn(segments: Segment[]): string[] {
  const names = segments.flatMap((segment) => (segment.text === undefined ? [segment.step] : []));
  return [...new Set(names)].filter((name) => kindOf(name) === "subtask");
}
