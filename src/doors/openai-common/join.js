// One request, one workflow: a repetition joins the run that the first one began. Either it has the same
// `Idempotency-Key`, which is the core's matter, or its client says that it is a repetition (OpenAI's SDKs count them
// in `X-Stainless-Retry-Count`), and then the run is found by the hash of the request, its label in `metadata`.

import { badRequest } from "./errors.js";
import { keyOf } from "./requests.js";

/** @typedef {import("../../../client/index.js").Submission} Submission */

/** The name of the label. */
export const LABEL = "openai-request";

const HOUR_MS = 3_600_000;
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
 */
export async function submitOrJoin(inside, submission) {
  const idempotencyKey = keyOf(inside.request);
  if (idempotencyKey === undefined && isRepetition(inside.request)) {
    const id = await find(inside, submission.metadata[LABEL]);
    if (id !== null) return { id, joined: true, details: null };
  }
  const { id, details } = await inside.client.submit(submission, { idempotencyKey });
  return { id, joined: false, details };
}

/** The newest run of the last hour with this label. Where there is no list to ask, none. */
async function find(inside, hash) {
  const query = new URLSearchParams({
    [`metadata.${LABEL}`]: hash,
    created_after: new Date(Date.now() - HOUR_MS).toISOString(),
    limit: "1",
  });
  for (let look = 0; look < LOOKS; look += 1) {
    if (look > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const response = await inside.fetch(`/workflows?${query}`, { headers: { accept: "application/json" } });
    if (!response.ok) return null;
    const { workflows } = await response.json();
    if (workflows.length > 0) return workflows[0].id;
  }
  return null;
}
