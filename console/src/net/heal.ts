// Brings the browser's list up to date: an entry whose end no page of this browser has seen asks the server.

import { OrchestratorError } from "../../../client/index.js";
import { type Listed, learn, recents } from "../lib/recents";
import { isTerminal, type Status } from "../workflow/state";
import { client } from "./api";

/** At a time, the newest first: a list of fifty is no reason for fifty requests. */
const ASKED_MAX = 8;

export const isStale = ({ status, gone }: Listed): boolean => !gone && (status === null || !isTerminal(status));

export async function heal(): Promise<void> {
  await Promise.all(recents.get().filter(isStale).slice(0, ASKED_MAX).map(ask));
}

/** Without a word where it fails: the list is no reason to ask for a token. */
async function ask({ id }: Listed): Promise<void> {
  try {
    const status = await client.status(id, { fields: "status,warnings,steps" });
    learn(id, standing({ status } as Standing));
  } catch (error) {
    // Whatever else it is, it is asked again, later.
    if (error instanceof OrchestratorError && error.status === 404) learn(id, { status: null, gone: true });
  }
}

/**
 * Whether a warning of STATUS tells of a gap, as `lacks` does in words.ts, by its reason. One that is not known may
 * tell of one.
 */
export const LACKS: Record<string, boolean> = {
  failed: true,
  truncated: true,
  skipped: true,
  limit: true,
  unknown_finish: true,
  edit_failed: true,
  assembly: true,
  merged: false,
  length: false,
  review: false,
  mode: false,
  budget: false,
};

interface Told {
  step?: string;
  reason?: string;
}

/** Without a review the answer is as it was; with a correction that could not be made it has a known mistake. */
const lacks = ({ step = "", reason = "" }: Told): boolean =>
  step.startsWith("review/") ? reason === "edit_failed" : (LACKS[reason] ?? true);

interface Standing {
  status?: { status?: Status; warnings?: Told[]; steps?: { name: string; state: string }[] };
}

/** As `gapsOf` has it, from what the API says. */
export function standing({ status: view }: Standing): Pick<Listed, "status" | "gaps"> {
  const status = view?.status ?? null;
  if (status !== "complete") return { status, gaps: null };
  const subtasks = (view?.steps ?? []).filter((step) => step.name.startsWith("subtask/"));
  const complete = subtasks.filter((step) => step.state === "complete").length;
  if (complete < subtasks.length) return { status, gaps: `${complete} of ${subtasks.length}` };
  return { status, gaps: (view?.warnings ?? []).some(lacks) ? "" : null };
}
