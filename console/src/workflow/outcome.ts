// How a workflow stands, in one word: what the pill, the list, the tab's title and its icon say. A result that lacks
// something never looks like a whole one.

import { isTerminal, type Status, subtasksOf, type Workflow } from "./state";
import { lacksOf, STATUS_WORDS } from "./words";

export interface Tally {
  all: number;
  complete: number;
  failed: number;
  skipped: number;
}

export function tallyOf(workflow: Workflow): Tally {
  const subtasks = subtasksOf(workflow);
  const count = (state: string) => subtasks.filter((step) => step.state === state).length;
  return { all: subtasks.length, complete: count("complete"), failed: count("errored"), skipped: count("skipped") };
}

/** `2 of 3, 1 failed`: only what has an answer counts as done. */
export function tallyWords({ all, complete, failed, skipped }: Tally): string {
  if (all === 0) return "–";
  const lacking = [failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`].filter(Boolean);
  return [`${complete} of ${all}`, ...lacking].join(", ");
}

/** What a complete workflow's result lacks: `2 of 3`, empty where it is no subtask. Null where it lacks nothing. */
export function gapsOf(workflow: Workflow): string | null {
  if (workflow.status !== "complete") return null;
  const { all, complete } = tallyOf(workflow);
  if (complete < all) return `${complete} of ${all}`;
  return lacksOf(workflow).length > 0 ? "" : null;
}

export function statusWord(status: Status, gaps: string | null | undefined): string {
  if (status !== "complete" || gaps === null || gaps === undefined) return STATUS_WORDS[status];
  return gaps === "" ? "Complete with gaps" : `Complete with gaps: ${gaps}`;
}

export type Signal = "running" | "asking" | "good" | "gaps" | "bad" | "still";

/** What a tab shows that is not looked at: a sign before its title, and an icon. */
export function signalOf(workflow: Workflow): { signal: Signal; sign: string } {
  const { all, complete, failed, skipped } = tallyOf(workflow);
  switch (workflow.status) {
    case "waiting":
      return { signal: "asking", sign: "Approve: " };
    case "paused":
    case "waitingForPause":
      return { signal: "still", sign: "Paused: " };
    case "terminated":
      return { signal: "still", sign: "Terminated: " };
    case "errored":
      return { signal: "bad", sign: "✗ " };
    case "complete":
      return gapsOf(workflow) === null ? { signal: "good", sign: "✓ " } : { signal: "gaps", sign: "✓ with gaps: " };
    default:
      return { signal: "running", sign: all > 0 ? `${complete + failed + skipped}/${all} ` : "… " };
  }
}

/** Where there is news that the panel does not show. `read`: the run whose answer was looked at last. */
export function newsOf(workflow: Workflow, panel: string, read: number | null): "answer" | "plan" | null {
  if (awaitsApproval(workflow)) return panel === "plan" ? null : "plan";
  const ended = isTerminal(workflow.status);
  return ended && panel !== "answer" && read !== workflow.run ? "answer" : null;
}

/** The plan can be edited. It can be approved once the workflow is not paused. */
export const awaitsApproval = ({ status, beforePause }: Workflow): boolean =>
  status === "waiting" || ((status === "paused" || status === "waitingForPause") && beforePause === "waiting");

export interface Times {
  /** In which something could run. */
  active: number;
  paused: number;
  approval: number;
}

/** The times of the present run, in milliseconds. */
export function timesOf(workflow: Workflow, now: number): Times {
  const idle = (why: "paused" | "approval") =>
    workflow.idle
      .filter((span) => span.why === why)
      .reduce((sum, span) => sum + Math.max(0, (span.to ?? now) - span.from), 0);
  const [paused, approval] = [idle("paused"), idle("approval")];
  const whole = (workflow.endedAt ?? now) - workflow.runStart;
  return { active: Math.max(0, whole - paused - approval), paused, approval };
}
