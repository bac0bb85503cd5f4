// Brings the browser's list up to date: an entry whose end no page of this browser has seen asks the server.

import { type Listed, learn, recents } from "../lib/recents";
import { isTerminal, type Status } from "../workflow/state";
import { send } from "./api";

/** At a time, the newest first: a list of fifty is no reason for fifty requests. */
const ASKED_MAX = 8;

export const isStale = ({ status, gone }: Listed): boolean => !gone && (status === null || !isTerminal(status));

export async function heal(): Promise<void> {
  await Promise.all(recents.get().filter(isStale).slice(0, ASKED_MAX).map(ask));
}

/** Without a word where it fails: the list is no reason to ask for a token. */
async function ask({ id }: Listed): Promise<void> {
  try {
    const response = await send(`/${encodeURIComponent(id)}?fields=status,warnings,steps`, {
      headers: { accept: "application/json" },
    });
    if (response.status === 404) learn(id, { status: null, gone: true });
    if (response.ok) learn(id, standing(await response.json()));
  } catch {
    // Asked again, later.
  }
}

/** Warnings of STATUS that tell of no gap, as `lacks: false` does in words.ts. */
const REMARKS = new Set(["merged", "length"]);

interface Standing {
  status?: { status?: Status; warnings?: { reason?: string }[]; steps?: { name: string; state: string }[] };
}

/** As `gapsOf` has it, from what the API says. */
export function standing({ status: view }: Standing): Pick<Listed, "status" | "gaps"> {
  const status = view?.status ?? null;
  if (status !== "complete") return { status, gaps: null };
  const subtasks = (view?.steps ?? []).filter((step) => step.name.startsWith("subtask/"));
  const complete = subtasks.filter((step) => step.state === "complete").length;
  if (complete < subtasks.length) return { status, gaps: `${complete} of ${subtasks.length}` };
  return { status, gaps: (view?.warnings ?? []).some(({ reason }) => !REMARKS.has(reason ?? "")) ? "" : null };
}
