// The list of workflows as the server tells it, page by page. Pure.

import { count } from "../lib/format";
import { isTerminal, type Status } from "../workflow/state";

/** One workflow of `GET /workflows`. Other fields of an entry are not used. */
export interface Entry {
  id: string;
  status: Status;
  queued: string;
  /** The first characters of the prompt. */
  prompt: string;
  metadata: Record<string, string>;
  parent: string | null;
  /** How many workflows follow it up. */
  children: number;
  mode: { asked: string; chosen: string | null };
  subtasks: { done: number; planned: number };
  warnings: number;
  usage: { total_tokens: number; estimated: boolean };
}

export type Counts = Record<Status, number>;

export interface Page {
  workflows: Entry[];
  /** The cursor of the page after it. Null where there is none. */
  next: string | null;
  /** Of all workflows of the tenant, whatever the filter. */
  counts: Counts;
}

export interface Entries {
  entries: Entry[];
  next: string | null;
}

export const PAGE_ENTRIES = 25;
/** The most that the server gives at once. */
export const LIMIT_MAX = 100;

/** The entries after a further page. One that was there before keeps its place. */
export function appended(known: Entry[], page: Pick<Page, "workflows" | "next">): Entries {
  const ids = new Set(known.map(({ id }) => id));
  return { entries: [...known, ...page.workflows.filter(({ id }) => !ids.has(id))], next: page.next };
}

/**
 * The entries after the newest ones were read again. What the page would have and has not is gone, and what comes after
 * the page stays. Where nothing of the page was known, entries between it and the known ones may be missing, so that
 * the list begins anew.
 */
export function merged(known: Entries, page: Pick<Page, "workflows" | "next">): Entries {
  const fresh = page.workflows;
  const last = fresh.at(-1);
  if (page.next === null) return { entries: fresh, next: null };
  // It looked through many that do not match, and nobody knows how far.
  if (last === undefined) return known;
  const ids = new Set(fresh.map(({ id }) => id));
  if (known.entries.length > 0 && !known.entries.some(({ id }) => ids.has(id)))
    return { entries: fresh, next: page.next };
  const at = known.entries.findIndex(({ id }) => id === last.id);
  const isBehind = (entry: Entry, index: number) => (at >= 0 ? index > at : entry.queued <= last.queued);
  const rest = known.entries.filter((entry, index) => !ids.has(entry.id) && isBehind(entry, index));
  return { entries: [...fresh, ...rest], next: rest.length > 0 ? known.next : page.next };
}

/** How many of the newest entries are read again: the first page, and further down to the last one that may change. */
export function refreshedCount(entries: Entry[]): number {
  const lastActive = entries.findLastIndex(({ status }) => !isTerminal(status));
  return Math.min(LIMIT_MAX, Math.max(PAGE_ENTRIES, lastActive + 1));
}

/** Whether something of the tenant runs. What waits for a person may do so for days. */
export const isActive = ({ queued, running, waitingForPause }: Counts): boolean =>
  queued + running + waitingForPause > 0;

export const totalOf = (counts: Counts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);

export const canTerminate = ({ status }: Pick<Entry, "status">): boolean => !isTerminal(status);

/** Its result lacks a subtask. Whether a warning tells of another gap is not known here. */
export const hasGaps = ({ status, subtasks: { done, planned } }: Entry): boolean =>
  status === "complete" && done < planned;

const MOVING: ReadonlySet<Status> = new Set<Status>(["queued", "running", "waitingForPause"]);

/** `2 of 3`, with the unit. A request that is answered directly has no subtasks. */
export function subtaskWords({ mode, status, subtasks: { done, planned } }: Entry): [string, string] {
  // The list is not told of each that is done meanwhile.
  const words = MOVING.has(status) ? String(planned) : `${done} of ${planned}`;
  if (planned > 0) return [words, planned === 1 ? "subtask" : "subtasks"];
  return mode.chosen === "direct" ? ["1", "direct call"] : ["–", "no plan yet"];
}

/** `≈ 1,234`, with the unit. */
export const tokenWords = ({ usage: { total_tokens, estimated } }: Entry): [string, string] => [
  `${estimated ? "≈ " : ""}${count(total_tokens)}`,
  "tokens",
];
