// The workflows that this browser has started or opened, newest first. They are kept here and nowhere else: a listing
// by the server would be a second source behind the same `Listed`.

import type { Status } from "../workflow/state";
import { local } from "./storage";
import { createStore } from "./store";

export interface Listed {
  id: string;
  title: string;
  status: Status | null;
  at: number;
}

const KEY = "orchestrator.recent";
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

export function remember(entry: Listed): void {
  const known = load();
  const old = known.find((other) => other.id === entry.id);
  if (old && old.status === entry.status && old.title === titleOf(entry.title)) return;
  const rest = known.filter((other) => other.id !== entry.id);
  save([{ ...entry, title: titleOf(entry.title) }, ...rest].sort((a, b) => b.at - a.at));
}

export const forget = (id: string): void => save(load().filter((entry) => entry.id !== id));
export const forgetAll = (): void => save([]);

function save(entries: Listed[]): void {
  const kept = entries.slice(0, ENTRIES_MAX);
  local.set(KEY, JSON.stringify(kept));
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
