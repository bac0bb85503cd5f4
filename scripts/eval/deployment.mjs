// The deployment that is evaluated: one workflow per call, safe to repeat after a crash of ours or of its own.

import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../ask/options.mjs";
import { sha256 } from "./requests.mjs";

/** How long it may be away, as for a restart, before the eval gives up (and can be resumed). */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;
/** What it refuses of one request, rather than of us: that arm has no answer to it. */
const OF_THE_REQUEST = [400, 413];
/** What it says of a key that came with another body, as where an answer of this run was deleted and made again. */
const REUSED = 422;
const HOW_TO_BEGIN_ANEW = "This run can't go on, because it now asks for something else than before: add --new.";

export class Deployment {
  /** `note(text)` tells the reader what has to be told. */
  constructor(client, note = (_text) => {}, { patienceMs = PATIENCE_MS, pauseMs = PAUSE_MS } = {}) {
    this.client = client;
    this.note = note;
    this.patienceMs = patienceMs;
    this.pauseMs = pauseMs;
  }

  async describe() {
    const { version, environment, provider, models, defaults } = await this.client.describe();
    return { version, environment, provider, models, budget: defaults?.token_budget ?? null };
  }

  /** Whether it knows `options.review`, asked with a submission that it refuses in any case. */
  async reviews() {
    const problem = await this.client.refusal({ prompt: "x", options: { review: "once", max_subtasks: 0 } });
    if (problem?.field === "options.max_subtasks") return true;
    if (problem?.status === 400 && `${problem.field} ${problem.detail}`.includes("options.review")) return false;
    throw new Failure(3, `${this.client.url} can't be asked for a review: ${problem?.title} ${problem?.detail ?? ""}`);
  }

  /**
   * The answer to `body`. Under its `key` the deployment makes it once, however often we ask. `onPlan(tokens)` is told
   * what the plan is expected to take.
   *
   * `{ id, text, sha256, words, limit, tokens, estimated, seconds, calls, models, prompts, mode, warnings, error }`,
   * where `text` is null and `error` says why if there is none.
   */
  async answer(body, key, onPlan = (_tokens) => {}) {
    const until = Date.now() + this.patienceMs;
    for (;;) {
      try {
        return await this.#once(body, key, onPlan);
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        if (OF_THE_REQUEST.includes(failure.status)) return refused(failure.message);
        if (failure.status === REUSED) throw new Failure(3, `${failure.message} ${HOW_TO_BEGIN_ANEW}`);
        const mayPass = failure.status === undefined || failure.status === 429 || failure.status >= 500;
        if (!mayPass || Date.now() > until) throw failure;
        await sleep(this.pauseMs);
      }
    }
  }

  async #once(body, key, onPlan) {
    const id = await this.client.submit(body, key);
    let last;
    for await (const status of this.client.follow(id, { live: false, away: () => {} })) {
      if (status.status === "paused") this.note(`Workflow ${id} is paused: resume it at ${this.client.url}/${id}`);
      if (status.plan?.estimate) onPlan(status.plan.estimate.tokens);
      last = status;
    }
    const started = await this.client.attempts(id);
    return answerOf(id, last, started);
  }
}

/** What a finished workflow's STATUS and its attempts say of its answer. */
export function answerOf(id, status, started) {
  const text = status.status === "complete" ? status.output.finalResult : null;
  const steps = status.steps ?? [];
  const seconds = status.start && status.end ? (Date.parse(status.end) - Date.parse(status.start)) / 1_000 : null;
  return {
    id,
    text,
    sha256: text === null ? null : sha256(text),
    words: status.answer?.words ?? 0,
    limit: status.answer?.limit ?? null,
    tokens: status.usage.total_tokens,
    estimated: status.usage.estimated,
    seconds,
    calls: status.usage.model_calls,
    models: [...new Set(steps.flatMap((step) => step.attempts.map(({ model }) => model)))].filter(Boolean),
    // Absent in events of 0.1.0.
    prompts: [...new Set(started.map(({ prompts }) => prompts ?? 1))],
    mode: status.mode?.chosen ?? null,
    warnings: (status.warnings ?? []).map(({ step, reason }) => `${step} ${reason}`),
    error:
      text === null ? (status.error ?? { name: status.status, message: `the workflow is ${status.status}` }) : null,
  };
}

function refused(message) {
  const nothing = { id: null, text: null, sha256: null, words: 0, limit: null, tokens: 0, estimated: false };
  const empty = { seconds: null, calls: 0, models: [], prompts: [], mode: null, warnings: [] };
  return { ...nothing, ...empty, error: { name: "Refused", message } };
}
