// The event stream of one workflow, kept alive: through `fetch`, since EventSource can't send a token.
//
// Resumes after the last event seen. When the server goes away it tries again with growing pauses, at once when the
// browser comes back online or the page is looked at. After the workflow's end it asks now and then, while somebody
// looks, whether it was restarted.

import { noticed, send } from "./api";
import { ApiProblem } from "./problem";
import { SseParser } from "./sse";

export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "ended" }
  | { kind: "waiting"; since: number; retryAt: number }
  /** Given up until somebody acts: no such workflow, no token. */
  | { kind: "refused"; problem: ApiProblem };

export interface FeedHost {
  /** The last event known: the stream resumes after it. */
  seq(): number;
  hasEnded(): boolean;
  connected(serverTime: number | null): void;
  /** True where something is missing: the stream begins anew. */
  take(messages: unknown[]): boolean;
  changed(connection: Connection): void;
}

const BACKOFF_MS = [300, 1000, 2000, 4000, 8000];
const RESYNC_MS = 150;
/** The server sends a sign of life every 15 s. */
const SILENCE_MS = 40_000;
const WATCH_MS = [3000, 3000, 5000, 10_000, 15_000, 30_000];

export class Feed {
  #stopped = false;
  #abort = new AbortController();
  #wake: (() => void) | null = null;
  #lostSince: number | null = null;

  constructor(
    readonly id: string,
    readonly host: FeedHost,
  ) {
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

  #looked = (): void => {
    if (document.visibilityState === "visible") this.retryNow();
  };

  async #run(): Promise<void> {
    let failures = 0;
    let watched = 0;
    this.host.changed({ kind: "connecting" });
    while (!this.#stopped) {
      const outcome = await this.#connect();
      if (this.#stopped) return;
      if (outcome instanceof ApiProblem) {
        this.host.changed({ kind: "refused", problem: outcome });
        return;
      }
      if (outcome.progress) failures = 0;
      if (outcome.ended) {
        this.#lostSince = null;
        this.host.changed({ kind: "ended" });
        watched = outcome.progress ? 0 : watched + 1;
        await this.#pause(WATCH_MS[Math.min(watched, WATCH_MS.length - 1)] ?? 30_000, true);
      } else if (outcome.again) {
        // A breath, so that a server that is wrong for good is not asked in a tight loop.
        await this.#pause(RESYNC_MS, false);
      } else {
        const base = outcome.retryAfterMs ?? BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)] ?? 8000;
        const wait = base * (0.8 + 0.4 * Math.random());
        this.#lostSince ??= Date.now();
        this.host.changed({ kind: "waiting", since: this.#lostSince, retryAt: Date.now() + wait });
        await this.#pause(wait, false);
      }
    }
  }

  /** One connection, from its request to its end. */
  async #connect(): Promise<
    ApiProblem | { ended?: boolean; again?: boolean; progress: boolean; retryAfterMs?: number | null }
  > {
    let progress = false;
    this.#abort = new AbortController();
    const silence = new Silence(() => this.#abort.abort());
    try {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (this.host.seq() > 0) headers["last-event-id"] = String(this.host.seq());
      const response = await send(`/${this.id}/events`, { headers, signal: this.#abort.signal });
      if (response.status === 204) return { ended: true, progress };
      if (!response.ok || !response.body) return await refusal(response);
      const date = Date.parse(response.headers.get("date") ?? "");
      this.host.connected(Number.isNaN(date) ? null : date);
      this.#lostSince = null;
      this.host.changed({ kind: "live" });
      const parser = new SseParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return { ended: this.host.hasEnded(), progress };
        silence.heard();
        const messages = parser.push(value).flatMap(parsed);
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

/** What is worth trying again, and what is not. */
async function refusal(response: Response) {
  const problem = noticed(await ApiProblem.of(response));
  const passing = problem.status === 408 || problem.status === 429 || (problem.status >= 500 && !problem.isAuth);
  return passing ? { progress: false, retryAfterMs: problem.retryAfterMs } : problem;
}

/** A delta names its type only in the frame. */
function parsed(frame: { event: string; data: string }): unknown[] {
  try {
    return [{ type: frame.event, ...JSON.parse(frame.data) }];
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
