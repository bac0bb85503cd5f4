// Texts that are being written on a workflow's page: kept for the session, whatever else the page shows meanwhile.

import { session } from "./storage";
import { createStore, type Store } from "./store";

const KEY = "orchestrator.text";
const stores = new Map<string, Store<string>>();

/** `name` tells what it is for, with the workflow's id. */
export function writtenText(name: string): Store<string> {
  const known = stores.get(name);
  if (known) return known;
  const key = `${KEY} ${name}`;
  const store = createStore(session.get(key) ?? "");
  store.watch(() => session.set(key, store.get() || null));
  stores.set(name, store);
  return store;
}

/** The most bytes of instructions, as src/api/submission/options.rs has it. */
export const INSTRUCTIONS_BYTES_MAX = 32_768;

/** The most bytes of a remark on a step, as src/api/control.rs has it. */
export const REMARK_BYTES_MAX = 4096;

/** What is wrong with a text of more bytes than that; null where nothing is. */
export function tooLong(text: string, max: number): string | null {
  const bytes = new TextEncoder().encode(text).length;
  return bytes > max ? `Too long: ${kilobytes(bytes)} of at most ${kilobytes(max)}.` : null;
}

/** Rounded up, so that a byte too many is more than the most. */
const kilobytes = (bytes: number): string => `${(Math.ceil(bytes / 102.4) / 10).toLocaleString("en-US")} KiB`;
