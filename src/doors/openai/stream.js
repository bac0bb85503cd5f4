// A chat completion as a stream of chunks: what happens, in words, as `reasoning_content`; then the answer as
// `content`, as far as it is settled. Whoever has got text of an attempt that died gets an error: the same request then
// gives the whole answer.

import { bodyOf, HEADERS, KEEP_ALIVE } from "../event-stream.js";
import { forget } from "../openai-common/delivery.js";
import { ofEnd, Refusal, refusalOf } from "../openai-common/errors.js";
import { answerOf, endOf, follow, isTruncated, usageOf } from "../openai-common/follow.js";
import { Bound } from "../openai-common/length.js";
import { Progress } from "../openai-common/progress.js";
import { piecesOf, SettledText, StreamRestarted } from "../openai-common/settled.js";
import { about } from "./delivery.js";

const frame = (value) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;

/**
 * @param {import("../inside.js").Inside} inside
 * @param {{ id: string, created: number, asked: import("./read.js").Asked, told: string[] }} answer
 */
export function streamed(inside, answer, headers) {
  const abort = new AbortController();
  const frames = framesOf(inside, answer, headers, abort.signal);
  const body = bodyOf(frames, abort, (how) => {
    if (how === "delivered" && !answer.asked.isStored) forget(inside, answer.id);
  });
  return new Response(body, { headers: { ...headers, ...HEADERS } });
}

/** The frames, and whether in the end all was delivered. An error that arises here is the last frame. */
async function* framesOf(inside, answer, headers, signal) {
  try {
    return yield* chunksOf(inside, answer, headers, signal);
  } catch (error) {
    if (!signal.aborted) yield frame((error instanceof StreamRestarted ? restarted() : refusalOf(error)).body);
    return "broken";
  }
}

async function* chunksOf(inside, { id, created, asked, told }, headers, signal) {
  const chunk = (choices, more = {}) =>
    frame({
      id: `chatcmpl-${id}`,
      object: "chat.completion.chunk",
      created,
      model: asked.model,
      choices,
      ...(asked.withUsage ? { usage: null } : {}),
      ...more,
    });
  const delta = (fields) => chunk([{ index: 0, delta: fields, logprobs: null, finish_reason: null }]);
  const settled = new SettledText();
  const bound = new Bound(asked.maxTokens);
  const progress = new Progress();
  let begun = false;
  function* shown(text) {
    for (const content of piecesOf(bound.take(text))) {
      begun = true;
      yield delta({ content });
    }
  }

  yield delta({ role: "assistant", content: "" });
  for (const warning of told) yield delta({ reasoning_content: `${warning}\n` });
  for await (const event of follow(inside, id, { signal })) {
    if (event === null) yield KEEP_ALIVE;
    else if (event.type === "answer") {
      // JSON is made of the text once that is whole.
      if (!asked.isJson) yield* shown(settled.take(event));
    } else if (!begun) {
      const words = progress.words(event);
      if (words !== null) yield delta({ reasoning_content: words });
    }
  }
  const status = await endOf(inside, id);
  const failed = ofEnd(status);
  if (failed !== null) {
    yield frame(failed.body);
    return failed.status === 503 ? "broken" : "delivered";
  }
  yield* shown(settled.finish(answerOf(status)));
  const finish_reason = bound.isReached || isTruncated(status) ? "length" : "stop";
  yield chunk([{ index: 0, delta: {}, logprobs: null, finish_reason }], {
    workflow: about({ id, asked, told }, headers, status),
  });
  if (asked.withUsage) yield chunk([], { usage: usageOf(status) });
  yield frame("[DONE]");
  return "delivered";
}

const restarted = () =>
  new Refusal(
    503,
    "a call was lost and is made again, so that what was sent of the answer no longer holds: repeat the request",
    { code: "stream_restarted" },
  );
