// What was asked of a workflow from this page, from the click until its effect is seen. Pure, so that when a message
// goes and when a button comes back can be tested without a browser.

import type { Status, Workflow } from "../workflow/state";
import type { ControlName } from "./api";
import type { Connection } from "./feed";
import { ApiProblem } from "./problem";

/** Where it was asked, and where an error is told. */
export type Place = "controls" | "step" | "plan";

interface Asked {
  name: ControlName;
  place: Place;
}

export type Action =
  | ({ kind: "asked" } & Asked)
  /** The server did it: `status` and `run` are those of its answer, `seq` what was known here by then. */
  | ({ kind: "taken"; status: Status | null; run: number; seq: number } & Asked)
  /** `status` and `run` as they were when it was refused. `down`: the connection was lost then, or since. */
  | ({ kind: "refused"; error: unknown; status: Status; run: number; down: boolean } & Asked);

/** What remains of it now. */
export function settled(action: Action | null, workflow: Workflow, connection: Connection): Action | null {
  if (action?.kind === "taken") {
    const told = workflow.status === action.status || workflow.seq > action.seq;
    return workflow.run >= action.run && told ? null : action;
  }
  if (action?.kind === "refused") {
    // It was refused to a workflow that has moved on.
    if (workflow.status !== action.status || workflow.run !== action.run) return null;
    if (action.error instanceof ApiProblem) return action;
    const up = connection.kind === "live" || connection.kind === "ended";
    if (up) return action.down ? null : action;
    return action.down ? action : { ...action, down: true };
  }
  return action;
}

/** The status and the run that a control's answer names. */
export function told(answer: unknown): { status: Status | null; run: number } {
  const { status, run } = (answer as { status?: Status; run?: number } | null) ?? {};
  return { status: status ?? null, run: run ?? 0 };
}

const DOING: Record<ControlName, string> = {
  pause: "Pausing…",
  resume: "Resuming…",
  terminate: "Terminating…",
  restart: "Restarting…",
  approve: "Approving…",
};

/** What is being done. Null where nothing is. */
export const doing = (action: Action | null): string | null =>
  action && action.kind !== "refused" ? DOING[action.name] : null;
