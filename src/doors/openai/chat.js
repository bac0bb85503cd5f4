// One chat completion: the request becomes a workflow or joins one, and is answered whole or as a stream.

import { delivering, whenLeft } from "../openai-common/delivery.js";
import { ofEnd, refusalOf } from "../openai-common/errors.js";
import {
  answerOf,
  endWithin,
  goesOn,
  isTruncated,
  patienceMs,
  usageOf,
  workflowHeaders,
} from "../openai-common/follow.js";
import { submitOrJoin } from "../openai-common/join.js";
import { Bound } from "../openai-common/length.js";
import { keyOf, readObject } from "../openai-common/requests.js";
import { about } from "./delivery.js";
import { read } from "./read.js";
import { streamed } from "./stream.js";

/** How long a client that was told 504 is asked to wait: its run goes on meanwhile. */
const RETRY_AFTER_SECONDS = 1;

/**
 * @param {Request} request
 * @param {import("../inside.js").Inside} inside
 */
export async function chat(request, inside) {
  const arrived = Date.now();
  const asked = await read(await readObject(request));
  const waitedMs = asked.isStreamed ? null : patienceMs(request);
  const { id, joined, details } = await submitOrJoin(inside, await completed(asked, inside), waitedMs);
  const told = [...asked.warnings, ...(details?.warnings ?? []).map(({ message }) => message)];
  const answer = { id, created: Math.floor(arrived / 1_000), asked, told };
  const headers = workflowHeaders(request, id, {
    ...(joined ? { "x-workflow-joined": "true" } : {}),
    // Headers are ASCII; these sentences are ours.
    ...(asked.warnings.length > 0 ? { "x-workflow-warning": asked.warnings.join(" ") } : {}),
  });
  if (asked.isStreamed) return streamed(inside, answer, headers);
  try {
    return await whole(inside, answer, headers, waitedMs - (Date.now() - arrived));
  } catch (error) {
    return refusalOf(error).response(headers);
  }
}

/** The submission with what the deployment decides: its small model, and what becomes of a stream nobody reads. */
async function completed({ submission, chore, isStreamed }, inside) {
  const { options } = submission;
  const isForeground = isStreamed && keyOf(inside.request) === undefined;
  if (chore === null && !isForeground) return submission;
  const { models, defaults } = await inside.client.describe();
  return {
    ...submission,
    options: {
      ...options,
      ...(chore === null ? {} : { big_model: models.small[0] }),
      ...(isForeground ? { on_disconnect: whenLeft(options, defaults.on_disconnect) } : {}),
    },
  };
}

async function whole(inside, answer, headers, ms) {
  const { id, created, asked } = answer;
  const status = await endWithin(inside, id, ms);
  if (status === null) throw await goesOn(inside, id, RETRY_AFTER_SECONDS);
  const failed = ofEnd(status);
  if (failed !== null)
    return delivering(
      inside,
      answer,
      Response.json(failed.body, { status: failed.status, headers: { ...headers, ...failed.headers } }),
    );
  const bound = new Bound(asked.maxTokens);
  const content = bound.take(answerOf(status));
  const finish_reason = bound.isReached || isTruncated(status) ? "length" : "stop";
  const message = { role: "assistant", content, refusal: null };
  const body = {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    created,
    model: asked.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    usage: usageOf(status),
    workflow: about(answer, headers, status),
  };
  return delivering(inside, answer, Response.json(body, { headers }));
}
