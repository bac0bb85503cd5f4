// One request, one workflow: a repetition joins the run that the first one began. Either it has the same
// `Idempotency-Key`, which is the core's matter, or the run is found by the hash of the request, its label in
// `metadata`: where its client says that it is a repetition (OpenAI's SDKs count them in `X-Stainless-Retry-Count`),
// and where it must be one. LangChain.js and the AI SDK repeat what was answered 504 without a word of it. An answer
// that comes whole is waited for no longer than a certain time, which is in the label, so that an older run with this
// label has lost its first reader. Streams and what runs in the background are waited for as long as they take.

import { badRequest } from "./errors.js";
import { WAIT_MS } from "./follow.js";
import { keyOf } from "./requests.js";

/** @typedef {import("../../../client/index.js").Submission} Submission */

/** The name of the label. */
export const LABEL = "openai-request";

const HOUR_MS = 3_600_000;
/** Of the time that an answer is waited for: the workflow is younger than its request. */
const WAITED_SHARE = 0.95;
/** By so much, where it has ended. */
const MOMENT_MS = 100;
/** A run that its reader did not wait for is joined so long after its end: the pause before a repetition, and more. */
const ENDED_MS = 60_000;
/** Somebody has stopped these, and who sends such a request anew does not wait for them. */
const NOBODYS = ["waitingForPause", "paused", "terminated"];
/** The list hears of a run after about a tenth of a second; a second run would cost more than this wait. */
const LOOKS = 4;
const LOOK_MS = 400;

/**
 * The hash of a request: the same for the same JSON, whatever the order of its keys. `without` are the fields that only
 * say how the answer is to be sent.
 *
 * @param {string} door
 * @param {Record<string, unknown>} body
 * @param {string[]} without
 */
export async function hashOf(door, body, without = []) {
  const asked = Object.fromEntries(Object.entries(body).filter(([name]) => !without.includes(name)));
  const bytes = new TextEncoder().encode(`${door} ${canonical(asked)}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function canonical(value) {
  try {
    return JSON.stringify(value, (_, inner) =>
      inner === null || typeof inner !== "object" || Array.isArray(inner)
        ? inner
        : Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))),
    );
  } catch (error) {
    // The parser has no such bound.
    if (!(error instanceof RangeError)) throw error;
    throw badRequest("the body is nested too deeply", null, "invalid_json");
  }
}

/** Whether the client says that it has sent this request before. */
export const isRepetition = (request) => Number(request.headers.get("x-stainless-retry-count")) >= 1;

/**
 * `{ id, joined, details }`: the workflow that answers. `details` is its STATUS where it was submitted just now.
 *
 * @param {import("../inside.js").Inside} inside
 * @param {Submission & { metadata: Record<string, string> }} submission whose metadata has the label
 * @param {number | null} waitedMs how long its answer is waited for, if that comes whole
 */
export async function submitOrJoin(inside, submission, waitedMs) {
  const idempotencyKey = keyOf(inside.request);
  if (idempotencyKey !== undefined) return submitted(inside, submission, idempotencyKey);
  const hash = submission.metadata[LABEL];
  const joined = isRepetition(inside.request)
    ? await repeated(inside, [hash, waitedFor(hash, waitedMs ?? WAIT_MS)])
    : waitedMs !== null && (await left(inside, waitedFor(hash, waitedMs), waitedMs));
  if (joined) return { id: joined, joined: true, details: null };
  if (waitedMs === null) return submitted(inside, submission);
  const metadata = { ...submission.metadata, [LABEL]: waitedFor(hash, waitedMs) };
  return submitted(inside, { ...submission, metadata });
}

/** The label of a run that is waited for whole. */
const waitedFor = (hash, ms) => `${hash}/${ms}`;

async function submitted(inside, submission, idempotencyKey = undefined) {
  const { id, details } = await inside.client.submit(submission, { idempotencyKey });
  return { id, joined: false, details };
}

/** The newest run with one of these labels, of a request that its client says to repeat. */
async function repeated(inside, labels) {
  for (let look = 0; look < LOOKS; look += 1) {
    if (look > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const found = await Promise.all(labels.map((label) => newest(inside, label)));
    if (found.includes(undefined)) return null;
    const [last] = found.filter((run) => run !== null).sort((a, b) => Date.parse(b.queued) - Date.parse(a.queued));
    if (last) return last.status === "terminated" ? null : last.id;
  }
  return null;
}

/** The run that an earlier request has waited for, `ms` and no longer: it goes on, or has ended just now. */
async function left(inside, label, ms) {
  const created_before = new Date(Date.now() - WAITED_SHARE * ms).toISOString();
  const run = await newest(inside, label, { created_before });
  if (!run || NOBODYS.includes(run.status)) return null;
  if (!run.end) return run.id;
  const [queued, end] = [run.queued, run.end].map(Date.parse);
  return end - queued >= ms - MOMENT_MS && Date.now() - end <= ENDED_MS ? run.id : null;
}

/**
 * The newest run of the last hour with this label, as the list has it; null where there is none. Undefined where there
 * is no list to ask.
 */
async function newest(inside, label, more = {}) {
  const query = new URLSearchParams({
    [`metadata.${LABEL}`]: label,
    created_after: new Date(Date.now() - HOUR_MS).toISOString(),
    limit: "1",
    ...more,
  });
  const response = await inside.fetch(`/workflows?${query}`, { headers: { accept: "application/json" } });
  if (!response.ok) return undefined;
  const { workflows } = await response.json();
  return workflows[0] ?? null;
}
