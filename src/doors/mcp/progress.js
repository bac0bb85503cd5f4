// What happens to a workflow while a call waits for it, in words.

import { OrchestratorError } from "../../../client/index.js";

/** @type {import("../../../client/types.js").EventType[]} */
const TYPES = [
  "workflow_started",
  "workflow_restarted",
  "plan_accepted",
  "plan_approved",
  "attempt_started",
  "attempt_completed",
  "attempt_errored",
  "attempt_lost",
  "step_errored",
  "step_skipped",
  "workflow_waiting",
  "workflow_paused",
  "workflow_completed",
  "workflow_errored",
  "workflow_terminated",
];
const STANDS = /^workflow_(waiting|paused|completed|errored|terminated)$/;
const RUNS = ["queued", "running", "waitingForPause"];
/** Clients start their time-outs anew with each notification. */
const SIGN_OF_LIFE_MS = 10_000;

/**
 * Waits until a workflow has ended or waits for somebody, at most so many seconds, and tells what happens meanwhile.
 *
 * @param {import("../../../client/index.js").OrchestratorClient} client
 * @param {string} id
 * @param {number} seconds
 * @param {(words: string) => void} tell
 * @param {AbortSignal} signal
 */
export async function watch(client, id, seconds, tell, signal) {
  const since = Date.now();
  const { status } = await client.status(id, { fields: "status", signal });
  if (!RUNS.includes(status)) return;
  tell(`The workflow is ${status}`);
  const story = new Story();
  const ended = new AbortController();
  const stop = () => ended.abort();
  signal.addEventListener("abort", stop);
  const timer = setTimeout(stop, seconds * 1_000);
  const life = setInterval(() => tell(story.now()), SIGN_OF_LIFE_MS);
  try {
    for await (const each of client.events(id, { types: TYPES, signal: ended.signal })) {
      const event = /** @type {{ type: string, at: string }} */ (each);
      const words = story.learn(event);
      // The journal comes from its beginning.
      if (Date.parse(event.at) < since) continue;
      if (words) tell(words);
      if (STANDS.test(event.type)) return;
    }
  } catch (error) {
    signal.throwIfAborted();
    // Too many may listen; the wait is what was asked for.
    if (error instanceof OrchestratorError && error.status === 429) await client.status(id, { wait: seconds, signal });
    else if (!ended.signal.aborted) throw error;
  } finally {
    clearInterval(life);
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    stop();
  }
}

/** What is known from the events so far. */
export class Story {
  #titles = new Map();
  #over = new Set();
  #last = "The workflow runs";

  /** The words for an event; undefined where there is nothing to say. */
  learn(event) {
    const words = this.#wordsFor(event);
    if (words) this.#last = words;
    return words;
  }

  /** What was said last. */
  now() {
    return `${this.#last}; it goes on`;
  }

  #wordsFor({ type, step, plan, error }) {
    switch (type) {
      case "workflow_restarted":
        this.#over.clear();
        return "It begins another run";
      case "plan_accepted":
      case "plan_approved": {
        if (!plan) return "The plan is approved";
        this.#titles = new Map(plan.tasks.map(({ id, title }) => [`subtask/${id}`, title]));
        const count = plan.tasks.length;
        return count > 0 ? `The plan has ${count} subtask${count === 1 ? "" : "s"}` : "It is answered directly";
      }
      case "attempt_started":
        return `${this.#named(step)} is being written`;
      case "attempt_completed":
        return this.#ended(step, "is done");
      case "step_skipped":
        return this.#ended(step, "is left out");
      case "step_errored":
        return this.#ended(step, `has failed: ${error.message}`);
      case "attempt_errored":
      case "attempt_lost":
        return `${this.#named(step)} did not succeed, and is tried again`;
      case "workflow_waiting":
        return "The plan waits for approval";
      default:
        return type.startsWith("workflow_") ? `The workflow is ${type.slice("workflow_".length)}` : undefined;
    }
  }

  #ended(step, how) {
    if (!this.#titles.has(step)) return `${this.#named(step)} ${how}`;
    this.#over.add(step);
    return `${this.#named(step)} ${how} (${this.#over.size} of ${this.#titles.size} subtasks)`;
  }

  #named(step) {
    const words = { plan: "The plan", synthesis: "The answer", structure: "The JSON" };
    const title = this.#titles.get(step);
    return words[step] ?? (title ? `${step} (${title})` : step.startsWith("edit/") ? "The answer" : step);
  }
}
