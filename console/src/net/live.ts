// A workflow as it is now: the reducer's state behind a store that redraws at most once a frame, however many deltas
// come.

import { createStore } from "../lib/store";
import { hasEnded, type Input, reduce } from "../workflow/reduce";
import { EMPTY, hasFinalText, lifeOf, type Workflow } from "../workflow/state";
import { type Action, type Place, settled, told } from "./action";
import { type ControlName, control, measure } from "./api";
import { type Connection, Feed } from "./feed";

/** A control's effect that was not seen by then comes without being waited for. */
const EFFECT_MS = 5000;
const HIDDEN_MS = 200;

export class LiveWorkflow {
  readonly workflow = createStore<Workflow>(EMPTY);
  readonly connection = createStore<Connection>({ kind: "connecting" });
  /** What was asked of it last from here, while that is of interest. */
  readonly action = createStore<Action | null>(null);
  #state: Workflow = EMPTY;
  #drawing = false;
  /** Milliseconds that this computer's clock is ahead of the server's. */
  #skew: number | null = null;
  /** The life and the run whose answer was measured last. */
  #measured = "";
  readonly #feed: Feed;

  constructor(readonly id: string) {
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
      changed: (connection) => {
        this.connection.set(connection);
        this.#settle();
      },
    });
  }

  /** The server's time now, or at a moment of this computer's clock. */
  now(here = Date.now()): number {
    return Math.max(this.#state.lastAt, here - (this.#skew ?? 0));
  }

  /**
   * Asks for a control, one at a time, and looks at once what became of it. Resolves to whether the server did it; why
   * it did not is in `action`.
   */
  async act(name: ControlName, place: Place, body?: unknown): Promise<boolean> {
    const before = this.action.get();
    if (before && before.kind !== "refused") return false;
    this.action.set({ kind: "asked", name, place });
    try {
      const answer = await control(this.id, name, body);
      const taken: Action = { kind: "taken", name, place, ...told(answer), seq: this.#state.seq };
      this.action.set(taken);
      setTimeout(() => this.action.get() === taken && this.action.set(null), EFFECT_MS);
      this.#settle();
      return true;
    } catch (error) {
      const { status, run } = this.#state;
      this.action.set({ kind: "refused", name, place, error, status, run, down: false });
      return false;
    } finally {
      // Also where it was refused: then what is shown here may be out of date.
      this.#feed.wake();
    }
  }

  /** The message was read. */
  dismiss(): void {
    if (this.action.get()?.kind === "refused") this.action.set(null);
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
    void this.#measure();
  }

  /** Asks once how long the answer of a run is: the server counts, so that there is one way to. */
  async #measure(): Promise<void> {
    const { run, lastEventId } = this.#state;
    const life = lifeOf(lastEventId);
    const key = `${life} ${run}`;
    if (!hasFinalText(this.#state) || this.#measured === key) return;
    this.#measured = key;
    const answer = await measure(this.id);
    if (answer) this.#apply([{ type: "measured", life, run, ...answer }]);
  }

  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    const draw = () => {
      if (!this.#drawing) return;
      this.#drawing = false;
      this.workflow.set(this.#state);
      this.#settle();
    };
    requestAnimationFrame(draw);
    // A page that is hidden, or was hidden since, gets no animation frames: its title still tells how far it is.
    setTimeout(draw, HIDDEN_MS);
  }

  #settle(): void {
    this.action.set(settled(this.action.get(), this.#state, this.connection.get()));
  }
}
