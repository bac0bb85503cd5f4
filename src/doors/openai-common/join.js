// One request, one workflow: a repetition joins the run that the first one began. Either it has the same
// `Idempotency-Key`, which is the core's matter, or the run is found by the hash of the request, its label in
// `metadata`: where its client says that it is a repetition (OpenAI's SDKs count them in `X-Stainless-Retry-Count`),
// and where it must be one. LangChain.js and the AI SDK repeat what was answered 504 without a word of it. An answer
// that comes whole is waited for no longer than a certain time, so that an older run has lost its first reader.

import { badRequest } from "./errors.js";
import { keyOf } from "./requests.js";

/** @typedef {import("../../../client/index.js").Submission} Submission */

/** The name of the label. */
export const LABEL = "openai-request";

const HOUR_MS = 3_600_000;
/** Of the time that an answer is waited for: the workflow is younger than its request. */
const WAITED_SHARE = 0.95;
/** A run that nobody said to repeat is joined so long after its end: the pause before a repetition, and more. */
const ENDED_MS = 60_000;
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
  const joined = idempotencyKey === undefined ? await begun(inside, submission.metadata[LABEL], waitedMs) : null;
  if (joined !== null) return { id: joined, joined: true, details: null };
  const { id, details } = await inside.client.submit(submission, { idempotencyKey });
  return { id, joined: false, details };
}

/** The run that an earlier request began, if this one repeats it. */
async function begun(inside, hash, waitedMs) {
  if (isRepetition(inside.request)) {
    for (let look = 0; look < LOOKS; look += 1) {
      if (look > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const found = await newest(inside, hash, {});
      if (found !== null) return found.status === "terminated" ? null : found.id;
    }
    return null;
  }
  if (waitedMs === null) return null;
  const created_before = new Date(Date.now() - WAITED_SHARE * waitedMs).toISOString();
  const found = await newest(inside, hash, { created_before });
  if (found === null || found.status === "terminated") return null;
  return !found.end || Date.now() - Date.parse(found.end) <= ENDED_MS ? found.id : null;
}

/** The newest run of the last hour with this label, as the list has it. Where there is no list to ask, none. */
async function newest(inside, hash, more) {
  const query = new URLSearchParams({
    [`metadata.${LABEL}`]: hash,
    created_after: new Date(Date.now() - HOUR_MS).toISOString(),
    limit: "1",
    ...more,
  });
  const response = await inside.fetch(`/workflows?${query}`, { headers: { accept: "application/json" } });
  if (!response.ok) return null;
  const { workflows } = await response.json();
  return workflows[0] ?? null;
}
