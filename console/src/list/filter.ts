// Which workflows the list shows. It is the fragment of the start page's address, so that a reload keeps it. Pure.

import type { Status } from "../workflow/state";
import type { Counts } from "./entries";

export type Tab = "all" | "running" | "waiting" | "complete" | "errored" | "terminated";

export interface Filter {
  tab: Tab;
  /** Words that the excerpt of the prompt has. */
  q: string;
  /** Only the follow-ups of this workflow. */
  parent: string | null;
}

export const EVERYTHING: Filter = { tab: "all", q: "", parent: null };

/** The tabs with their statuses. None: all of them. */
export const TABS: [Tab, string, Status[]][] = [
  ["all", "All", []],
  ["running", "Running", ["queued", "running", "waitingForPause"]],
  ["waiting", "Waiting", ["waiting", "paused"]],
  ["complete", "Complete", ["complete"]],
  ["errored", "Failed", ["errored"]],
  ["terminated", "Terminated", ["terminated"]],
];

const statusesOf = (tab: Tab): Status[] => TABS.find(([name]) => name === tab)?.[2] ?? [];

/** The filter that a fragment names. What it does not know is left out. */
export function filterOf(fragment: string): Filter {
  const parameters = new URLSearchParams(fragment);
  const tab = TABS.find(([name]) => name === parameters.get("status"))?.[0] ?? "all";
  return { tab, q: parameters.get("q") ?? "", parent: parameters.get("parent") || null };
}

/** Empty where everything is shown. */
export function fragmentOf({ tab, q, parent }: Filter): string {
  const parameters = new URLSearchParams();
  if (tab !== "all") parameters.set("status", tab);
  if (q.trim()) parameters.set("q", q.trim());
  if (parent !== null) parameters.set("parent", parent);
  return parameters.toString();
}

export const addressOfFilter = (filter: Filter): string => `/#${encodeURI(fragmentOf(filter))}`;

export const isSame = (one: Filter, other: Filter): boolean => fragmentOf(one) === fragmentOf(other);

/** The query of a page of the API. */
export function queryOf({ tab, q, parent }: Filter, limit: number, cursor: string | null): string {
  const parameters = new URLSearchParams();
  const statuses = statusesOf(tab);
  if (statuses.length > 0) parameters.set("status", statuses.join(","));
  if (q.trim()) parameters.set("q", q.trim());
  if (parent !== null) parameters.set("parent", parent);
  parameters.set("limit", String(limit));
  if (cursor !== null) parameters.set("cursor", cursor);
  return parameters.toString();
}

export function countOf(tab: Tab, counts: Counts): number {
  const statuses = statusesOf(tab);
  const counted = statuses.length > 0 ? statuses : (Object.keys(counts) as Status[]);
  return counted.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}
