// A workflow as it is now: the reducer's state behind a store that redraws at most once a frame, however many deltas
// come.

import { createStore } from "../lib/store";
import { hasEnded, type Input, reduce } from "../workflow/reduce";
import { EMPTY, type Workflow } from "../workflow/state";
import { type Connection, Feed } from "./feed";

export class LiveWorkflow {
  readonly workflow = createStore<Workflow>(EMPTY);
  readonly connection = createStore<Connection>({ kind: "connecting" });
  #state: Workflow = EMPTY;
  #drawing = false;
  /** Milliseconds that this computer's clock is ahead of the server's. */
  #skew: number | null = null;
  readonly #feed: Feed;

  constructor(id: string) {
    this.#feed = new Feed(id, {
      lastEventId: () => this.#state.lastEventId,
      hasEnded: () => hasEnded(this.#state),
      connected: (serverTime) => {
        if (serverTime !== null) this.#skew = Math.min(this.#skew ?? Number.POSITIVE_INFINITY, Date.now() - serverTime);
        this.#apply([{ type: "connected" }]);
      },
      take: (messages) => {
        this.#apply(messages as Input[]);
        return this.#state.gap;
      },
      changed: (connection) => this.connection.set(connection),
    });
  }

  /** The server's time now. */
  now(): number {
    return Math.max(this.#state.lastAt, Date.now() - (this.#skew ?? 0));
  }

  retryNow(): void {
    this.#feed.retryNow();
  }

  stop(): void {
    this.#feed.stop();
  }

  #apply(inputs: Input[]): void {
    for (const input of inputs) {
      this.#state = reduce(this.#state, input);
      // No event comes from the future: the least difference seen is the closest to the truth.
      if ("at" in input)
        this.#skew = Math.min(this.#skew ?? Number.POSITIVE_INFINITY, Date.now() - Date.parse(input.at));
    }
    this.#draw();
  }

  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    const draw = () => {
      this.#drawing = false;
      this.workflow.set(this.#state);
    };
    // A hidden page gets no animation frames, and still has to be right when it is looked at.
    if (document.visibilityState === "visible") requestAnimationFrame(draw);
    else setTimeout(draw, 200);
  }
}
