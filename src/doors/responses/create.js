// One response: the request becomes a workflow or joins one, and is answered at once, whole or as a stream.

import { delivering, forget, whenLeft } from "../openai-common/delivery.js";
import { ofEnd, ofProblem, Refusal, refusalOf } from "../openai-common/errors.js";
import { endWithin, goesOn, patienceMs, workflowHeaders } from "../openai-common/follow.js";
import { submitOrJoin } from "../openai-common/join.js";
import { keyOf, readObject } from "../openai-common/requests.js";
import { refused } from "./errors.js";
import { read, tooLong } from "./request.js";
import { current } from "./retrieve.js";
import { ended, streamed } from "./stream.js";

/** How long a client that was told 504 is asked to wait: its run goes on meanwhile. */
const RETRY_AFTER_SECONDS = 5;

/**
 * @param {Request} request
 * @param {import("../inside.js").Inside} inside
 */
export async function create(request, inside) {
  const arrived = Date.now();
  const asked = await read(await readObject(request));
  const waitedMs = asked.isStreamed || asked.isBackground ? null : patienceMs(request);
  const { id, joined, details } = await submitted(inside, asked, waitedMs);
  const headers = workflowHeaders(request, id, {
    ...(joined ? { "x-workflow-joined": "true" } : {}),
    ...(asked.warnings.length > 0 ? { "x-workflow-warning": asked.warnings.join(" ") } : {}),
  });
  try {
    if (!asked.mayCut && isCut(details)) {
      forget(inside, id);
      throw tooLong("the conversation does not fit, and truncation is disabled", asked.previous);
    }
    if (asked.isStreamed)
      return streamed(inside, id, { headers, delivered: () => asked.isStored || forget(inside, id) });
    if (asked.isBackground) return Response.json(await current(inside, id), { headers });
    return await whole(inside, { id, asked }, headers, waitedMs - (Date.now() - arrived));
  } catch (error) {
    return refused(refusalOf(error), headers);
  }
}

/** Whether the conversation that it goes on with was too long. */
const isCut = (details) => details?.parent?.left_out > 0 || details?.history?.some(({ cut }) => cut);

async function whole(inside, answer, headers, ms) {
  const { id } = answer;
  const status = await endWithin(inside, id, ms);
  if (status === null) throw await goesOn(inside, id, RETRY_AFTER_SECONDS);
  const failed = ofEnd(status);
  const response = failed === null ? Response.json(await ended(inside, id), { headers }) : refused(failed, headers);
  return delivering(inside, answer, response);
}

/** What is wrong with the previous response is told as that. */
async function submitted(inside, asked, waitedMs) {
  const { follow_up_to } = asked.submission;
  try {
    return await submitOrJoin(inside, await completed(asked, inside), waitedMs);
  } catch (error) {
    if (follow_up_to === undefined || ![404, 409].includes(error?.status)) throw error;
    const refusal = ofProblem(400, error.problem, { places: { follow_up_to: "previous_response_id" } });
    const code = error.status === 404 ? "previous_response_not_found" : "previous_response_not_completed";
    throw new Refusal(400, refusal.message, { code, param: "previous_response_id" });
  }
}

/** The submission with what the deployment decides: what becomes of a stream that nobody reads any more. */
async function completed({ submission, isStreamed, isBackground }, inside) {
  if (!isStreamed || isBackground || keyOf(inside.request) !== undefined) return submission;
  const { defaults } = await inside.client.describe();
  const { on_disconnect } = /** @type {any} */ (defaults);
  return {
    ...submission,
    options: { ...submission.options, on_disconnect: whenLeft(submission.options, on_disconnect) },
  };
}
