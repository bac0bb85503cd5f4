// The answer of `answer_assembled` and `answer_reviewed`: only slices that are joined, as
// src/engine/answer/segments.rs does it. What the editor and the reviewer wrote is never read here.

import type { AssemblyProblem, Segment } from "./events";
import { lastAttempt, type Step } from "./state";
import { scalarSlice } from "./text";

/** A slice of an attempt that is not known is empty. */
export function joined(segments: Segment[], steps: Step[]): string {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const textOf = (name: string, run: number, number: number): string => {
    const step = byName.get(name);
    const last = step && lastAttempt(step);
    // Without a call there is no attempt of any run.
    const isIt = last ? last.run === run && last.number === number : number === 0;
    return isIt ? (step?.answer ?? "") : "";
  };
  return segments
    .map((segment) =>
      segment.text !== undefined
        ? segment.text
        : scalarSlice(textOf(segment.step, segment.run, segment.number), segment.from, segment.to),
    )
    .join("");
}

/**
 * The subtasks whose part the answer has. Slices do not tell: of a part that an edit wrote anew there are none, and it
 * is included all the same.
 */
export function includedIn(steps: Step[], problems: AssemblyProblem[]): string[] {
  const isNone = problems.some(({ kind }) => kind === "no_includes");
  const left = new Set(problems.flatMap(({ kind, id }) => (kind === "left_out" ? [`subtask/${id}`] : [])));
  const isIncluded = ({ name, kind, answer }: Step) => kind === "subtask" && answer !== null && !left.has(name);
  return isNone ? [] : steps.filter(isIncluded).map(({ name }) => name);
}
