// The event stream as a UI message stream of the AI SDK, version 1: GET /workflows/ID/ui-message-stream, and without
// /workflows. Whoever gets it again gets all of it again, which is how that protocol resumes: the message has the same
// id each time, and a client begins it anew.

import { OrchestratorError } from "../../../client/index.js";
import { bodyOf, KEEP_ALIVE } from "../event-stream.js";
import { StreamRestarted } from "../openai-common/settled.js";
import { Encoder, TYPES } from "./encode.js";

const PATH = /^(.*\/([^/]+))\/ui-message-stream$/;
const KEEP_ALIVE_MS = 15_000;
const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-vercel-ai-ui-message-stream": "v1",
  "x-accel-buffering": "no",
};
const METHODS = ["GET", "HEAD"];

export const uiStream = {
  async fetch(request, inside) {
    const { pathname } = new URL(request.url);
    const [, workflow, id] = /** @type {string[]} */ (PATH.exec(pathname));
    if (!METHODS.includes(request.method)) return notAllowed(request.method);
    // The core says who may see it, and whether it is there.
    const found = await inside.fetch(`${workflow}?fields=status`, { headers: { accept: "application/json" } });
    if (!found.ok) return found;
    // A reserved word, where the core has something else. Of this path it knows nothing.
    if ((await found.json()).id !== id) return inside.fetch(pathname);
    if (request.method === "HEAD") return new Response(null, { headers: HEADERS });
    const abort = new AbortController();
    const events = inside.client.events(id, { types: TYPES, signal: abort.signal });
    // A refusal, as where too many listen, has a status of its own as long as nothing was sent.
    const first = events.next();
    try {
      await first;
    } catch (error) {
      if (error instanceof OrchestratorError && error.problem) return refused(error);
      throw error;
    }
    const frames = framesOf(id, inside, withSignsOfLife(events, first), abort.signal);
    return new Response(bodyOf(frames, abort), { headers: HEADERS });
  },
};

/** @param {import("../inside.js").Inside} inside */
async function* framesOf(id, inside, events, signal) {
  const message = new Encoder(id);
  yield written(message.begin());
  try {
    for await (const event of events) yield event === null ? KEEP_ALIVE : written(message.take(event));
    const whole = message.isComplete ? await inside.client.result(id, { signal }) : undefined;
    yield written(message.end(whole));
  } catch (error) {
    if (signal.aborted) return;
    yield written(message.fail(wordsOf(error)));
  }
  yield "data: [DONE]\n\n";
}

const written = (parts) => parts.map((part) => `data: ${JSON.stringify(part)}\n\n`).join("");

/** Begins with a word that a program can tell apart. */
function wordsOf(error) {
  if (error instanceof StreamRestarted)
    return "stream_restarted: the attempt that wrote this text has died, and another one writes. Get the stream again.";
  if (error instanceof OrchestratorError) return `${error.kind || "refused"}: ${error.message}`;
  return `stream_interrupted: ${error.message}. Get the stream again.`;
}

/** The events, of which the first was asked for, and in between null where nothing has come for a while. */
async function* withSignsOfLife(events, next) {
  for (;;) {
    let timer;
    const silence = new Promise((resolve) => {
      timer = setTimeout(resolve, KEEP_ALIVE_MS, null);
    });
    const result = await Promise.race([next, silence]).finally(() => clearTimeout(timer));
    if (result?.done) return;
    yield result === null ? null : result.value;
    if (result) next = events.next();
  }
}

const PROBLEM = { "content-type": "application/problem+json", "cache-control": "no-store" };

function refused({ status, problem, retryAfterMs }) {
  const later = retryAfterMs === null ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) };
  return Response.json(problem, { status, headers: { ...PROBLEM, ...later } });
}

const notAllowed = (method) =>
  Response.json(
    {
      type: "urn:orchestrator-workers:problem:method-not-allowed",
      title: "The method is not allowed here",
      status: 405,
      detail: `${method} is not possible here, only ${METHODS.join(" and ")}`,
    },
    { status: 405, headers: { ...PROBLEM, allow: METHODS.join(", ") } },
  );
