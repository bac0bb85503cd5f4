// Following a workflow from a door: how long an answer may take, what keeps its connection alive, what its headers say.

import { Refusal } from "./errors.js";
import { PROGRESS_TYPES } from "./progress.js";

/** @typedef {import("../../../client/index.js").EventType} EventType */

/** How long an answer that is not streamed may take: proxies and clients give up after five minutes or ten. */
export const WAIT_MS = 240_000;
/** Between two signs of life: proxies drop a connection that is silent for a minute, some for half of one. */
export const KEEP_ALIVE_MS = 15_000;

/** @type {EventType[]} */
const ENDS = ["workflow_completed", "workflow_errored", "workflow_terminated"];

/** Of the workflow that answers. `x-request-id` is what OpenAI's SDKs show as the id of a request. */
export function workflowHeaders(request, id, more = {}) {
  const url = new URL(`/workflows/${id}`, request.url);
  // A proxy in front may speak HTTPS for us.
  if (request.headers.get("x-forwarded-proto") === "https") url.protocol = "https:";
  return {
    "x-workflow-id": id,
    "x-workflow-url": url.href,
    "x-request-id": id,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    ...more,
  };
}

/** How long this request may be waited for: less than `WAIT_MS` where it asks for less (`Prefer: wait=N`, RFC 7240). */
export function patienceMs(request) {
  const asked = /(?:^|[,;\s])wait=(\d{1,6})/i.exec(request.headers.get("prefer") ?? "")?.[1];
  return asked === undefined ? WAIT_MS : Math.min(WAIT_MS, Number(asked) * 1_000);
}

/**
 * STATUS of the workflow once it has ended, or null where that takes longer than `ms`. The run goes on then.
 *
 * @param {import("../inside.js").Inside} inside
 */
export async function endWithin(inside, id, ms) {
  const abort = new AbortController();
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  const waiting = inside.client.wait(id, { signal: abort.signal });
  waiting.catch(() => {});
  try {
    return await Promise.race([waiting, late]);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

/** Of a run that takes longer than it is waited for: what it is told instead of an answer. */
export async function goesOn(inside, id, retryAfterSeconds) {
  const { status } = await endOf(inside, id);
  // As with one that was ended: a status that clients repeat would have another one begin.
  if (["waitingForPause", "paused"].includes(status))
    return new Refusal(400, `the workflow ${id} is paused: resume it, and read its answer at X-Workflow-Url`, {
      code: "workflow_paused",
      headers: { "x-should-retry": "false" },
    });
  return new Refusal(504, "the run takes longer than an answer may: it goes on, and the same request joins it", {
    code: "run_goes_on",
    headers: { "retry-after": String(retryAfterSeconds) },
  });
}

/**
 * The workflow's events from the beginning to its end: those that `Progress` has words for, `answer`, and the end. In
 * between null, whenever nothing has come for `KEEP_ALIVE_MS`. Whoever has enough aborts `signal`.
 *
 * @param {import("../inside.js").Inside} inside
 * @param {string} id
 * @param {{ signal?: AbortSignal, types?: EventType[], keepAliveMs?: number }} options
 */
export async function* follow(
  inside,
  id,
  { signal, types = ["answer", ...PROGRESS_TYPES], keepAliveMs = KEEP_ALIVE_MS },
) {
  const events = inside.client.events(id, { types: [...types, ...ENDS], signal })[Symbol.asyncIterator]();
  let next = events.next();
  next.catch(() => {});
  for (;;) {
    let timer;
    const silence = new Promise((resolve) => {
      timer = setTimeout(() => resolve(null), keepAliveMs);
    });
    const result = await Promise.race([next, silence]).finally(() => clearTimeout(timer));
    if (result === null) yield null;
    else if (result.done) return;
    else {
      yield result.value;
      next = events.next();
      next.catch(() => {});
    }
  }
}

/** STATUS without the texts of steps. */
export const endOf = (inside, id) => inside.client.status(id, { simple: true });

/** `{ prompt_tokens, completion_tokens, total_tokens }`: of all calls of all runs of the workflow. */
export const usageOf = ({ usage }) => ({
  prompt_tokens: usage.prompt_tokens,
  completion_tokens: usage.completion_tokens,
  total_tokens: usage.total_tokens,
});

/** What was cut is then what a model was given (src/engine/show/warnings.rs), and its text is whole. */
const OF_INPUT = "what the step was given was cut";

/** Whether the text itself ends too early, because a model came to its limit of tokens. */
export const isTruncated = ({ warnings }) =>
  warnings.some(
    ({ step, reason, message }) =>
      reason === "truncated" && (step === "synthesis" || step.startsWith("edit/")) && !message.startsWith(OF_INPUT),
  );

/** The reader's text, or the JSON where that was asked for. */
export const answerOf = ({ output }) =>
  output?.structured === undefined || output.structured === null
    ? (output?.finalResult ?? "")
    : JSON.stringify(output.structured);
