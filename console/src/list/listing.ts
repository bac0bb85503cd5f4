// The list of workflows as it is now: reads pages, and reads the newest ones again while somebody looks at the list.
// The requests run one after another, because the result of each changes what the next one is merged into.

import { createStore } from "../lib/store";
import { ApiProblem } from "../net/problem";
import {
  appended,
  type Counts,
  type Entries,
  type Entry,
  isActive,
  LIMIT_MAX,
  merged,
  PAGE_ENTRIES,
  type Page,
  refreshedCount,
} from "./entries";
import { EVERYTHING, type Filter, isSame, queryOf } from "./filter";

const REFRESH_MS = 3000;
/** Where nothing runs, or the server does not answer. */
const IDLE_REFRESH_MS = 10_000;
/** A page may be short or empty although more follow. So many are read without asking. */
const PAGES_MAX = 10;

export interface Listed extends Entries {
  /**
   * `unavailable`: the server has no list. `closed`: it wants a token. `failed`: there is nothing to show. A list that
   * could not be refreshed stays `listed`.
   */
  kind: "loading" | "listed" | "unavailable" | "closed" | "failed";
  counts: Counts | null;
  /** Why the last request failed. Null where it did not. */
  error: unknown;
  /** Pages are being read that somebody asked for. */
  reading: boolean;
}

const NOTHING: Listed = { kind: "loading", entries: [], next: null, counts: null, error: null, reading: true };

export type Ask = (query: string, signal: AbortSignal) => Promise<Page>;

export class Listing {
  readonly state = createStore<Listed>(NOTHING);
  readonly #ask: Ask;
  readonly #isVisible: () => boolean;
  #filter = EVERYTHING;
  /** The entries are those of the filter. */
  #isRead = false;
  /** Of the requests for the present filter. Null while nobody looks. */
  #run: AbortController | null = null;
  #queue: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Deleted here. The server's list may have them for a moment longer. */
  readonly #removed = new Set<string>();

  constructor(ask: Ask, isVisible = () => document.visibilityState === "visible") {
    this.#ask = ask;
    this.#isVisible = isVisible;
  }

  /** Begins to look, or goes on with another filter. The entries before stay until the new ones are there. */
  open(filter: Filter): void {
    const isOther = !isSame(filter, this.#filter);
    if (this.#run && !isOther) return;
    this.stop();
    if (isOther) this.#isRead = false;
    this.#filter = filter;
    this.#run = new AbortController();
    this.look();
  }

  /** The page is seen, or something was done: reads all loaded entries again. Nothing while the page is hidden. */
  look(): void {
    if (!this.#isVisible()) return;
    if (this.#isRead) this.#again(Math.max(this.state.get().entries.length, PAGE_ENTRIES), PAGES_MAX);
    else this.retry();
  }

  /** Nobody looks any more. What is known is kept for the next time. */
  stop(): void {
    this.#run?.abort();
    this.#run = null;
    clearTimeout(this.#timer);
  }

  /** Reads the list from its beginning. */
  retry(): void {
    this.#tell({ reading: true });
    this.#do(async (signal) => {
      this.#isRead = false;
      await this.#pages(null, PAGE_ENTRIES, PAGES_MAX, signal, (page) => {
        this.#take(appended(this.#isRead ? this.state.get().entries : [], page), page.counts);
        this.#isRead = true;
      });
    });
  }

  /** Reads the entries after the last one. */
  more(): void {
    if (this.state.get().reading || this.state.get().next === null) return;
    this.#tell({ reading: true });
    this.#do((signal) =>
      this.#pages(this.state.get().next, PAGE_ENTRIES, PAGES_MAX, signal, (page) =>
        this.#take(appended(this.state.get().entries, page), page.counts),
      ),
    );
  }

  /** The entries are deleted. */
  drop(ids: string[]): void {
    const { entries } = this.state.get();
    for (const entry of entries) if (ids.includes(entry.id)) this.#removed.add(keyOf(entry));
    this.#tell({ entries: this.#present(entries) });
  }

  #again(wanted: number, pages: number): void {
    this.#do(async (signal) => {
      let read: Entries = { entries: [], next: null };
      let counts: Counts | null = null;
      await this.#pages(null, wanted, pages, signal, (page) => {
        read = appended(read.entries, page);
        counts = page.counts;
      });
      if (counts) this.#take(merged(this.state.get(), { workflows: read.entries, next: read.next }), counts);
    });
  }

  /** Asks for pages until there are as many entries as `wanted`. */
  async #pages(
    from: string | null,
    wanted: number,
    pages: number,
    signal: AbortSignal,
    take: (page: Page) => void,
  ): Promise<void> {
    let [cursor, left] = [from, wanted];
    for (let read = 0; read < pages; read++) {
      const page = await this.#ask(queryOf(this.#filter, Math.min(left, LIMIT_MAX), cursor), signal);
      if (signal.aborted) return;
      take(page);
      [cursor, left] = [page.next, left - page.workflows.length];
      if (cursor === null || left <= 0) return;
    }
  }

  #take({ entries, next }: Entries, counts: Counts): void {
    this.#tell({ kind: "listed", entries: this.#present(entries), next, counts, error: null });
  }

  #do(task: (signal: AbortSignal) => Promise<void>): void {
    const signal = this.#run?.signal;
    if (!signal) return;
    clearTimeout(this.#timer);
    this.#queue = this.#queue.then(async () => {
      if (signal.aborted) return;
      try {
        await task(signal);
      } catch (error) {
        if (!signal.aborted) this.#tell({ kind: this.#kindAfter(error), error });
      }
      if (signal.aborted) return;
      this.#tell({ reading: false });
      this.#wait();
    });
  }

  /** Hidden, it does not even wait: `look` is called when the page is seen again. */
  #wait(): void {
    const { kind, counts, error } = this.state.get();
    clearTimeout(this.#timer);
    if (kind !== "listed" && kind !== "failed") return;
    const isQuick = error === null && counts !== null && isActive(counts);
    this.#timer = setTimeout(
      () => {
        if (!this.#isVisible()) return;
        if (this.#isRead) this.#again(refreshedCount(this.state.get().entries), 1);
        else this.retry();
      },
      isQuick ? REFRESH_MS : IDLE_REFRESH_MS,
    );
  }

  #kindAfter(error: unknown): Listed["kind"] {
    if (error instanceof ApiProblem) {
      const hasNoList = error.status === 404 || error.status === 405 || error.kind === "index-not-configured";
      if (hasNoList) return "unavailable";
      if (error.isAuth) return "closed";
    }
    // Entries of another filter would be taken for those of this one.
    return this.#isRead ? "listed" : "failed";
  }

  #present(entries: Entry[]): Entry[] {
    return entries.filter((entry) => !this.#removed.has(keyOf(entry)));
  }

  #tell(news: Partial<Listed>): void {
    this.state.set({ ...this.state.get(), ...news });
  }
}

/** Another workflow may have the id of one that was deleted. */
const keyOf = ({ id, queued }: Entry): string => `${id} ${queued}`;
