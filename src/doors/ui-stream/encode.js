// From the events of a workflow to the parts of a UI message stream: one message, which is the answer.
//
// The settled text is one text part. What else happens is in data parts whose ids stay, so that each is updated in
// place: `data-workflow` (one), `data-plan` (one), and `data-subtask` (one for each). Without an await and without I/O.

import { piecesOf, SettledText } from "../openai-common/settled.js";

const TEXT = "answer";

/** What a workflow's status is after an event. */
const STATUS = {
  workflow_queued: "queued",
  workflow_started: "running",
  workflow_waiting: "waiting",
  workflow_waiting_for_pause: "waitingForPause",
  workflow_paused: "paused",
  workflow_resumed: "running",
  workflow_restarted: "queued",
  workflow_completed: "complete",
  workflow_errored: "errored",
  workflow_terminated: "terminated",
  plan_approved: "running",
};

/** Those that the encoder is to be given, for `?types=`. */
export const TYPES = [
  ...Object.keys(STATUS),
  "answer",
  "plan_accepted",
  "attempt_started",
  "attempt_completed",
  "attempt_errored",
  "attempt_lost",
  "step_errored",
  "step_skipped",
];

export class Encoder {
  #id;
  #text = new SettledText();
  #isOpen = false;
  #run = 1;
  #subtasks = new Map();
  /** The event that the present run ended with. Where it is restarted, there is none. */
  #end = null;

  constructor(id) {
    this.#id = id;
  }

  begin() {
    return [{ type: "start", messageId: this.#id, messageMetadata: { workflow: this.#id } }];
  }

  /** The parts that an event makes. An answer that can't be taken back ends in {@link StreamRestarted}. */
  take(event) {
    if (event.type === "answer") return this.#delta(this.#text.take(event));
    const parts = [];
    if (event.type === "workflow_restarted") this.#restart(event, parts);
    if (Object.hasOwn(STATUS, event.type)) parts.push(this.#workflow(STATUS[event.type]));
    if (event.plan) this.#plan(event.plan, parts);
    const subtask = this.#subtasks.get(event.step);
    if (subtask) this.#subtask(subtask, event, parts);
    this.#end = /^workflow_(completed|errored|terminated)$/.test(event.type) ? event : null;
    return parts;
  }

  get isComplete() {
    return this.#end?.type === "workflow_completed";
  }

  /** The last parts, once no event follows. `whole`: the answer of a workflow that is complete. */
  end(whole = "") {
    if (this.#end?.type === "workflow_terminated") return [...this.#close(), { type: "abort", reason: "terminated" }];
    if (this.#end?.type === "workflow_errored") {
      const { name, message } = this.#end.error;
      return this.fail(`${name}: ${message}`);
    }
    if (this.#end === null) return this.fail("stream_interrupted: get the stream again");
    return [...this.#delta(this.#text.finish(whole)), ...this.#close(), { type: "finish", finishReason: "stop" }];
  }

  /** The last parts after something that went wrong. */
  fail(errorText) {
    return [...this.#close(), { type: "error", errorText }, { type: "finish", finishReason: "error" }];
  }

  #delta(delta) {
    if (delta === "") return [];
    const start = this.#isOpen ? [] : [{ type: "text-start", id: TEXT }];
    this.#isOpen = true;
    return [...start, ...Array.from(piecesOf(delta), (piece) => ({ type: "text-delta", id: TEXT, delta: piece }))];
  }

  #close() {
    if (!this.#isOpen) return [];
    this.#isOpen = false;
    return [{ type: "text-end", id: TEXT }];
  }

  #workflow(status) {
    return { type: "data-workflow", id: "workflow", data: { id: this.#id, status, run: this.#run } };
  }

  #plan({ mode = "split", tasks }, parts) {
    const shown = tasks.map(({ id, title, depends_on }) => ({ id, title, depends_on }));
    parts.push({ type: "data-plan", id: "plan", data: { mode, tasks: shown } });
    const left = new Map(this.#subtasks);
    this.#subtasks.clear();
    for (const { id, title } of tasks) {
      const name = `subtask/${id}`;
      left.delete(name);
      this.#set({ id, title, state: "pending", attempts: 0, error: null }, parts);
    }
    // A data part can't be taken away again.
    for (const subtask of left.values()) parts.push(partOf({ ...subtask, state: "dropped" }));
  }

  /** Steps that are not run again keep their answers. */
  #restart({ run, reset }, parts) {
    this.#run = run;
    for (const [name, subtask] of this.#subtasks)
      if (reset === "everything" || reset.steps?.includes(name))
        this.#set({ ...subtask, state: "pending", attempts: 0, error: null }, parts);
  }

  #subtask(subtask, { type, error, reason, retry_at: retryAt }, parts) {
    if (type === "attempt_started") this.#set({ ...subtask, state: "running", attempts: subtask.attempts + 1 }, parts);
    if (type === "attempt_completed") this.#set({ ...subtask, state: "complete", error: null }, parts);
    // Without a time the step fails for good, and that is told by itself.
    if (type === "attempt_errored" && retryAt) this.#set({ ...subtask, state: "retrying", error }, parts);
    if (type === "attempt_lost") this.#set({ ...subtask, state: "retrying" }, parts);
    if (type === "step_errored") this.#set({ ...subtask, state: "errored", error }, parts);
    if (type === "step_skipped")
      this.#set({ ...subtask, state: "skipped", error: { name: "Skipped", message: reason } }, parts);
  }

  #set(subtask, parts) {
    this.#subtasks.set(`subtask/${subtask.id}`, subtask);
    parts.push(partOf(subtask));
  }
}

const partOf = (subtask) => ({ type: "data-subtask", id: `subtask/${subtask.id}`, data: subtask });
