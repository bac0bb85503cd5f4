// One action on many workflows. Pure but for what `act` does.

import { canTerminate, type Entry } from "./entries";

export type BulkName = "terminate" | "delete";

export interface Failed {
  id: string;
  error: unknown;
}

/** So many requests are under way at once. */
const AT_ONCE = 6;
const NAMED_MAX = 5;

/** What an action is done to, and what is left out because it can't be. */
export function partsOf(name: BulkName, entries: Entry[]): { done: Entry[]; left: Entry[] } {
  if (name === "delete") return { done: entries, left: [] };
  return { done: entries.filter(canTerminate), left: entries.filter((entry) => !canTerminate(entry)) };
}

/** Acts on all, whatever fails. `told` hears how many are done. Resolves to the failures, in the order of `ids`. */
export async function actOnAll(
  ids: string[],
  act: (id: string) => Promise<unknown>,
  told: (done: number) => void = () => {},
): Promise<Failed[]> {
  const failed: Failed[] = [];
  let [next, done] = [0, 0];
  const work = async () => {
    for (;;) {
      const id = ids[next++];
      if (id === undefined) return;
      await act(id).catch((error) => failed.push({ id, error }));
      told(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, work));
  return failed.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

/** `“a”, “b” and 3 more` */
export function named(titles: string[]): string {
  const shown = titles.slice(0, NAMED_MAX).map((title) => `“${title}”`);
  const more = titles.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
