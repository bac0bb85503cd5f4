// A response as server-sent events, from its beginning or after any of its events.

import { bodyOf, HEADERS, KEEP_ALIVE } from "../event-stream.js";
import { refusalOf } from "../openai-common/errors.js";
import { endOf, follow } from "../openai-common/follow.js";
import { StreamRestarted } from "../openai-common/settled.js";
import { errorOf } from "./errors.js";
import { Narration, TYPES } from "./narration.js";

/** As the specification has it: `event` is the type, and there is no `id`. */
const frame = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const DONE = "data: [DONE]\n\n";

/**
 * @param {import("../inside.js").Inside} inside
 * @param {string} id of the workflow
 * @param {{ after?: number, headers?: Record<string, string>, delivered?: () => void }} [options] `after`: the number
 * after which to begin. `delivered`: once the last byte was taken
 */
export function streamed(inside, id, { after, headers, delivered = () => {} } = {}) {
  const abort = new AbortController();
  const frames = framesOf(inside, id, after, abort.signal);
  const body = bodyOf(frames, abort, (isTold) => isTold && delivered());
  return new Response(body, { headers: { ...headers, ...HEADERS } });
}

/**
 * The frames, and whether in the end all was told. An error that arises here is the last event.
 *
 * @returns {AsyncGenerator<string, boolean>}
 */
async function* framesOf(inside, id, after, signal) {
  const narration = new Narration(id, { after });
  try {
    for await (const event of narrated(inside, narration, signal)) yield event === null ? KEEP_ALIVE : frame(event);
    yield DONE;
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    yield frame(errorEvent(error, narration.last + 1));
    yield DONE;
    return false;
  }
}

/** The events of a response, and null where nothing has come for a while. */
export async function* narrated(inside, narration, signal) {
  for await (const event of follow(inside, narration.id, { signal, types: TYPES })) {
    if (event === null) yield null;
    else yield* narration.take(event);
  }
  yield* narration.finish(await endOf(inside, narration.id));
}

/** The response of a workflow that has ended. */
export async function ended(inside, id) {
  const narration = new Narration(id);
  for await (const _ of narrated(inside, narration, new AbortController().signal));
  return narration.response;
}

/** In both forms of this event: OpenAI's has its fields beside the type, Open Responses' has an object of them. */
function errorEvent(error, sequence_number) {
  const told = errorOf(error instanceof StreamRestarted ? RESTARTED : refusalOf(error));
  const { code, message, param } = told;
  return { type: "error", sequence_number, code, message, param, error: told };
}

/** The run goes on, so that no `response.failed` follows. */
const RESTARTED = {
  type: "server_error",
  code: "stream_restarted",
  message:
    "the text that you have does not stand any more: a model call was lost and is made again, the editor has " +
    "corrected it, or the workflow was restarted or is another one by now. Forget the text, and read the response " +
    "without starting_after: whether it goes on or has ended, it is there",
  param: null,
};
