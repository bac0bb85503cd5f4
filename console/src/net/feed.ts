// The event stream of one workflow, kept alive: through `fetch`, since EventSource can't send a token.
//
// Resumes after the last event seen, by its whole id: the server tells everything from the beginning where the id
// belonged to another life of the workflow's id. When the server goes away it tries again with growing pauses, at once
// when the browser comes back online or the page is looked at. After the workflow's end it asks now and then, while
// somebody looks, whether it was restarted.

import { makeParser } from "../../../client/sse.js";
import { noticed, opened, pathOf, send } from "./api";
import { ApiProblem } from "./problem";

export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "ended" }
  /** `refusal`: what the server said, where it answered with a problem that passes. */
  | { kind: "waiting"; since: number; retryAt: number; refusal: ApiProblem | null }
  /** Given up until somebody acts: no such workflow, no token. */
  | { kind: "refused"; problem: ApiProblem };

export interface FeedHost {
  /** The id of the last event known, after which the stream resumes; empty where none is. */
  lastEventId(): string;
  hasEnded(): boolean;
  connected(serverTime: number | null): void;
  /** True where something is missing: the stream begins anew. */
  take(messages: unknown[]): boolean;
  changed(connection: Connection): void;
}

/** The reader's answer comes only where it is asked for. */
const ALL_TYPES = "?types=all";
const BACKOFF_MS = [300, 1000, 2000, 4000, 8000];
/** A breath, so that a server that is wrong for good is not asked in a tight loop. */
const RESYNC_MS = [150, 1000, 4000, 8000];
/** After so many streams in a row in which something was missing, the next one begins with the first event. */
const GAPS_MAX = 2;
/** The server sends a sign of life every 15 s. */
const SILENCE_MS = 40_000;
const WATCH_MS = [3000, 3000, 5000, 10_000, 15_000, 30_000];

export class Feed {
  #stopped = false;
  #path: string;
  #abort = new AbortController();
  #wake: (() => void) | null = null;
  /** Something is known to have changed since the last request was sent. */
  #woken = false;
  #lostSince: number | null = null;

  constructor(
    readonly id: string,
    readonly host: FeedHost,
  ) {
    this.#path = `${pathOf(id)}/events${ALL_TYPES}`;
    addEventListener("online", this.retryNow);
    document.addEventListener("visibilitychange", this.#looked);
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#abort.abort();
    removeEventListener("online", this.retryNow);
    document.removeEventListener("visibilitychange", this.#looked);
    this.retryNow();
  }

  retryNow = (): void => this.#wake?.();

  /**
   * Asks at once because something was changed, also where an answer from before the change is under way. An ended
   * workflow is then watched closely again.
   */
  wake(): void {
    this.#woken = true;
    this.retryNow();
  }

  #looked = (): void => {
    if (document.visibilityState === "visible") this.retryNow();
  };

  async #run(): Promise<void> {
    let failures = 0;
    let gaps = 0;
    let watched = 0;
    this.host.changed({ kind: "connecting" });
    while (!this.#stopped) {
      const woken = this.#woken;
      const outcome = await this.#connect(gaps < GAPS_MAX ? this.host.lastEventId() : "");
      if (this.#stopped) return;
      if (outcome instanceof ApiProblem) {
        this.host.changed({ kind: "refused", problem: outcome });
        return;
      }
      if (outcome.progress) failures = 0;
      gaps = outcome.again ? gaps + 1 : 0;
      if (outcome.ended) {
        this.#lostSince = null;
        this.host.changed({ kind: "ended" });
        watched = outcome.progress || woken || this.#woken ? 0 : watched + 1;
        await this.#pause(nth(WATCH_MS, watched), true);
      } else if (outcome.again) {
        await this.#pause(nth(RESYNC_MS, gaps - 1), false);
      } else {
        const { refusal = null } = outcome;
        const backoff = nth(BACKOFF_MS, failures++) * (0.8 + 0.4 * Math.random());
        // Later than asked for, never earlier, and not all clients at once.
        const asked = (refusal?.retryAfterMs ?? 0) * (1 + 0.2 * Math.random());
        const wait = Math.max(backoff, asked);
        this.#lostSince ??= Date.now();
        this.host.changed({ kind: "waiting", since: this.#lostSince, retryAt: Date.now() + wait, refusal });
        await this.#pause(wait, false);
      }
    }
  }

  /** One connection, from its request to its end. */
  async #connect(lastEventId: string): Promise<ApiProblem | Outcome> {
    let progress = false;
    this.#woken = false;
    this.#abort = new AbortController();
    const silence = new Silence(() => this.#abort.abort());
    try {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (lastEventId !== "") headers["last-event-id"] = lastEventId;
      const response = await send(this.#path, { headers, signal: this.#abort.signal });
      // A server that went back to a version without the reader's answer.
      if (response.status === 400 && this.#path.endsWith(ALL_TYPES)) {
        this.#path = this.#path.slice(0, -ALL_TYPES.length);
        return { again: true, progress };
      }
      if (response.ok) opened();
      if (response.status === 204) return { ended: true, progress };
      if (!response.ok || !response.body) return await refusal(response);
      const date = Date.parse(response.headers.get("date") ?? "");
      this.host.connected(Number.isNaN(date) ? null : date);
      this.#lostSince = null;
      this.host.changed({ kind: "live" });
      const push = makeParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return { ended: this.host.hasEnded(), progress };
        silence.heard();
        const messages = push(value).flatMap(parsed);
        if (messages.length === 0) continue;
        progress = true;
        if (this.host.take(messages)) {
          this.#abort.abort();
          return { again: true, progress };
        }
      }
    } catch {
      return { progress };
    } finally {
      silence.end();
    }
  }

  /** Until the time is over or somebody wakes us; a hidden page watches nothing. */
  #pause(ms: number, watching: boolean): Promise<void> {
    if (this.#woken) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(() => {
        if (!watching || document.visibilityState === "visible") done();
      }, ms);
      this.#wake = done;
    });
  }
}

/** How a connection ended. */
interface Outcome {
  /** Nothing more comes unless the workflow is restarted. */
  ended?: boolean;
  /** Something is missing. */
  again?: boolean;
  /** Something came. */
  progress: boolean;
  /** The server refused, for now. */
  refusal?: ApiProblem;
}

/** The nth of a list of pauses, of which the last one stays. */
const nth = (pauses: number[], n: number): number => pauses[Math.min(n, pauses.length - 1)] ?? 0;

/** What is worth trying again, and what is not. */
async function refusal(response: Response): Promise<ApiProblem | Outcome> {
  const problem = noticed(await ApiProblem.of(response));
  const passing = problem.status === 408 || problem.status === 429 || (problem.status >= 500 && !problem.isAuth);
  return passing ? { progress: false, refusal: problem } : problem;
}

/** A delta names its type only in the frame, and an event's id stands there alone. */
function parsed({ id, event, data }: { id: string | null; event: string; data: string }): unknown[] {
  try {
    return [{ type: event, ...JSON.parse(data), id }];
  } catch {
    return [];
  }
}

class Silence {
  #timer: ReturnType<typeof setTimeout>;

  constructor(readonly onSilence: () => void) {
    this.#timer = setTimeout(onSilence, SILENCE_MS);
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.onSilence, SILENCE_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
