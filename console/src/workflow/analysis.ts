// What the timeline shows beyond the bars: the critical path, how many calls ran at once, and a scale without the idle
// time.

import { type Idle, isResolved, type Step, spanOf, type Workflow } from "./state";

/**
 * The chain of steps that decided when the run ended: from the last one back, each time the predecessor that finished
 * last. Only over steps that ran in the present run.
 */
export function criticalPath(workflow: Workflow, now: number): Set<string> {
  const spans = new Map<string, { start: number; end: number }>();
  for (const step of workflow.steps) {
    const span = spanOf(step, now);
    if (span && span.end >= workflow.runStart && step.attempts.some((attempt) => attempt.run === workflow.run))
      spans.set(step.name, span);
  }
  const latest = (names: string[]): string | undefined =>
    names
      .filter((name) => spans.has(name))
      .reduce<string | undefined>((best, name) => (endOf(spans, best) >= endOf(spans, name) ? best : name), undefined);
  // Over steps that took no time, such as an answer that is put together.
  const before = (name: string, known: Set<string>): string[] =>
    predecessors(workflow, name).flatMap((other) => {
      if (spans.has(other) || known.has(other)) return [other];
      known.add(other);
      return before(other, known);
    });
  const path = new Set<string>();
  let name = latest([...spans.keys()]);
  while (name && !path.has(name)) {
    path.add(name);
    name = latest(before(name, new Set()));
  }
  return path;
}

const endOf = (spans: Map<string, { end: number }>, name: string | undefined): number =>
  name ? (spans.get(name)?.end ?? -1) : -1;

/** What a step waited for. The plan comes before every subtask, reductions and the editor before the synthesis. */
export function predecessors(workflow: Workflow, name: string): string[] {
  const step = workflow.steps.find((candidate) => candidate.name === name);
  if (!step || step.kind === "plan") return [];
  if (step.kind === "synthesis") {
    const made = workflow.steps.filter(({ kind }) => kind === "reduce" || kind === "edit").map(({ name }) => name);
    const before = [...new Set([...step.dependsOn, ...made])];
    // A request that is answered directly has no subtasks.
    return before.length > 0 ? before : plans(workflow);
  }
  return step.dependsOn.length > 0 ? step.dependsOn : plans(workflow);
}

const plans = (workflow: Workflow): string[] =>
  workflow.steps.filter((candidate) => candidate.kind === "plan").map(({ name }) => name);

export interface Concurrency {
  /** Time and number of calls in flight from then on. */
  points: { at: number; count: number }[];
  peak: number;
  /** Milliseconds of all calls of the run together. */
  work: number;
}

export function concurrency(workflow: Workflow, now: number): Concurrency {
  const changes: { at: number; by: number }[] = [];
  let work = 0;
  for (const step of workflow.steps) {
    for (const attempt of step.attempts) {
      if (attempt.run !== workflow.run) continue;
      const end = attempt.end ?? Math.max(now, attempt.start);
      changes.push({ at: attempt.start, by: 1 }, { at: end, by: -1 });
      work += end - attempt.start;
    }
  }
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  const points: { at: number; count: number }[] = [];
  let count = 0;
  let peak = 0;
  for (const { at, by } of changes) {
    count += by;
    peak = Math.max(peak, count);
    const last = points[points.length - 1];
    if (last?.at === at) last.count = count;
    else points.push({ at, count });
  }
  return { points, peak, work };
}

/** Idle time longer than this is shortened to it: a night's pause must not squeeze the bars to nothing. */
const IDLE_SHOWN_MS = 1500;

/** Milliseconds of the run on the shortened scale, and the places where it was shortened. */
export function scaleOf(
  idle: Idle[],
  runStart: number,
  now: number,
): { of: (at: number) => number; breaks: { at: number; ms: number; why: Idle["why"] }[] } {
  const cuts = idle
    .map((span) => ({ from: span.from, to: span.to ?? now, why: span.why }))
    .filter((span) => span.to - span.from > IDLE_SHOWN_MS);
  const of = (at: number): number => {
    let cut = 0;
    for (const span of cuts) {
      const inside = Math.min(Math.max(at - span.from, 0), span.to - span.from);
      const length = span.to - span.from;
      cut += inside - (inside / length) * IDLE_SHOWN_MS;
    }
    return Math.max(0, at - runStart - cut);
  };
  return { of, breaks: cuts.map((span) => ({ at: of(span.from), ms: span.to - span.from, why: span.why })) };
}

/** Round steps for an axis of about `count` ticks. */
export function ticks(total: number, count: number): number[] {
  const rough = Math.max(total, 1) / Math.max(count, 1);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const size = ([1, 2, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  const all: number[] = [];
  for (let at = 0; at <= total; at += size) all.push(at);
  return all;
}

export const resolvedCount = (steps: Step[]): number => steps.filter(isResolved).length;

/**
 * The edges worth drawing: those that no longer way implies. Synthesis needs every subtask, and a dense plan would be a
 * black square.
 */
export function drawnEdges(workflow: Workflow): [string, string][] {
  const names = new Set(workflow.steps.map((step) => step.name));
  const before = new Map(
    workflow.steps.map((step) => [step.name, predecessors(workflow, step.name).filter((name) => names.has(name))]),
  );
  const reach = new Map<string, Set<string>>();
  const ancestors = (name: string): Set<string> => {
    const known = reach.get(name);
    if (known) return known;
    const all = new Set<string>();
    reach.set(name, all);
    for (const parent of before.get(name) ?? []) {
      all.add(parent);
      for (const more of ancestors(parent)) all.add(more);
    }
    return all;
  };
  return workflow.steps.flatMap((step) => {
    const parents = [...new Set(before.get(step.name) ?? [])];
    return parents
      .filter((parent) => !parents.some((other) => other !== parent && ancestors(other).has(parent)))
      .map((parent): [string, string] => [parent, step.name]);
  });
}
