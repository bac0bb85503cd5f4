// The workflows that this browser has started or opened, newest first, for a server that has no list of its own
// (list/). Where it has one, nothing is added here, and what is here goes as the server's list takes it over.

import type { Status } from "../workflow/state";
import { local } from "./storage";
import { createStore } from "./store";

export interface Listed {
  id: string;
  title: string;
  status: Status | null;
  at: number;
  /** What the result of a complete one lacks, as `gapsOf` has it. */
  gaps?: string | null;
  /** The server knows it no more, or not for this token. */
  gone?: boolean;
}

const KEY = "orchestrator.recent";
/** Set where the server has a list. */
const LISTED = "orchestrator.listed";
const ENTRIES_MAX = 50;
const TITLE_CHARS = 120;

function load(): Listed[] {
  try {
    const value: unknown = JSON.parse(local.get(KEY) ?? "[]");
    return Array.isArray(value)
      ? value.filter((entry) => typeof entry?.id === "string" && typeof entry?.title === "string")
      : [];
  } catch {
    return [];
  }
}

export const recents = createStore<Listed[]>(load());

// Another tab of this browser may have added some.
addEventListener("storage", (event) => event.key === KEY && recents.set(load()));

/** Whether the server has a list, as it has just said. Then this browser adds nothing to its own. */
export const serverLists = (does: boolean): void => local.set(LISTED, does ? "1" : null);

export function remember(entry: Listed): void {
  if (local.get(LISTED) !== null) return;
  const known = load();
  const old = known.find((other) => other.id === entry.id);
  const same = (name: "status" | "gaps" | "gone") => (old?.[name] ?? null) === (entry[name] ?? null);
  if (old && same("status") && same("gaps") && same("gone") && old.title === titleOf(entry.title)) return;
  const rest = known.filter((other) => other.id !== entry.id);
  save([{ ...entry, title: titleOf(entry.title) }, ...rest].sort((a, b) => b.at - a.at));
}

/** What was learnt of one that is still listed. */
export function learn(id: string, news: Pick<Listed, "status" | "gaps" | "gone">): void {
  const old = load().find((entry) => entry.id === id);
  if (old) remember({ ...old, ...news });
}

export function forget(id: string): void {
  const known = load();
  if (known.some((entry) => entry.id === id)) save(known.filter((entry) => entry.id !== id));
}

/** Gives what was forgotten, for those who did not mean it. */
export function forgetAll(): Listed[] {
  const all = load();
  save([]);
  return all;
}

/** Puts back what was forgotten; what was added meanwhile stays. */
export function recall(entries: Listed[]): void {
  const now = load();
  const missing = entries.filter((entry) => !now.some((other) => other.id === entry.id));
  save([...now, ...missing].sort((a, b) => b.at - a.at));
}

function save(entries: Listed[]): void {
  const kept = entries.slice(0, ENTRIES_MAX);
  local.set(KEY, kept.length > 0 ? JSON.stringify(kept) : null);
  recents.set(kept);
}

/** The first line that says something. */
export function titleOf(prompt: string): string {
  const line = prompt
    .split("\n")
    .map((candidate) => candidate.replace(/^[#>*\-\s]+|[:\s]+$/g, ""))
    .find(Boolean);
  const title = line ?? "Untitled";
  return title.length > TITLE_CHARS ? `${title.slice(0, TITLE_CHARS).trimEnd()}…` : title;
}
