// OpenAI's Responses (and Open Responses): a response is a workflow, and its id is `resp_` and the workflow's. So one
// in the background is no other than one that is waited for. Each may be fetched, resumed, cancelled and deleted.

import { ofResponse, Refusal, refusalOf } from "../openai-common/errors.js";
import { workflowHeaders } from "../openai-common/follow.js";
import { create } from "./create.js";
import { refused } from "./errors.js";
import { inputItems } from "./items.js";
import { isNumber } from "./numbers.js";
import { PLACES, workflowOf } from "./request.js";
import { current } from "./retrieve.js";
import { streamed } from "./stream.js";

const ROOT = "/v1/responses";

/** Of the same protocol, and not here. */
const ABSENT = {
  compact: "nothing is compacted here: send previous_response_id, or the messages themselves",
  input_tokens: "tokens are not counted before a run here: GET a response for its usage",
};

/** @type {import("../index.js").Door} */
export const responses = {
  async fetch(request, inside) {
    try {
      const access = await inside.access();
      if (access instanceof Response) throw await ofResponse(access);
      return await answer(request, inside);
    } catch (error) {
      return refused(named(refusalOf(error, PLACES), request));
    }
  },
};

async function answer(request, inside) {
  const { pathname, searchParams } = new URL(request.url);
  const [first, second, ...more] = pathname.slice(ROOT.length + 1).split("/");
  const { method } = request;
  if (first === "") {
    allow(method, ["POST"], pathname);
    return create(request, inside);
  }
  if (Object.hasOwn(ABSENT, first)) throw new Refusal(404, ABSENT[first], { code: "unknown_url" });
  if (more.length > 0 || ![undefined, "cancel", "input_items"].includes(second))
    throw new Refusal(404, `there is no ${pathname}`, { code: "unknown_url" });
  const id = workflowOf(first);
  const headers = workflowHeaders(request, id);
  if (second === "cancel") {
    allow(method, ["POST"], pathname);
    return json(await cancelled(inside, id), headers);
  }
  if (second === "input_items") {
    allow(method, ["GET", "HEAD"], pathname);
    return json(await inputItems(inside, id, searchParams));
  }
  allow(method, ["GET", "HEAD", "DELETE"], pathname);
  if (method === "DELETE") {
    await inside.client.delete(id);
    return json({ id: first, object: "response", deleted: true });
  }
  return retrieve(inside, id, searchParams, headers);
}

async function retrieve(inside, id, query, headers) {
  const after = query.get("starting_after") ?? undefined;
  if (query.get("stream") !== "true") {
    if (after !== undefined)
      throw new Refusal(400, "starting_after goes with stream=true", { param: "starting_after" });
    return json(await current(inside, id), headers);
  }
  const number = after === undefined ? undefined : Number(after);
  if (number !== undefined && (!isNumber(number) || after.trim() === ""))
    throw new Refusal(400, "starting_after has to be the sequence_number of an event", { param: "starting_after" });
  // What does not exist is no stream.
  await inside.client.status(id, { fields: "status" });
  return streamed(inside, id, { after: number, headers });
}

/** The response after that. What has ended stays as it is. */
async function cancelled(inside, id) {
  try {
    await inside.client.terminate(id);
  } catch (error) {
    if (error?.status !== 409) throw error;
  }
  return current(inside, id);
}

/** The core speaks of workflows. */
function named(refusal, request) {
  const { pathname } = new URL(request.url);
  const [id] = pathname.slice(ROOT.length + 1).split("/");
  if (refusal.status === 404 && refusal.code === "not_found" && id.startsWith("resp_"))
    refusal.message = `there is no response ${id}: it was deleted, or it never was`;
  return refusal;
}

function allow(method, methods, pathname) {
  if (methods.includes(method)) return;
  throw new Refusal(405, `${pathname} takes ${methods.join(", ")}`, {
    code: "method_not_allowed",
    headers: { allow: [...methods, "OPTIONS"].join(", ") },
  });
}

const json = (value, headers = { "cache-control": "no-store" }) => Response.json(value, { headers });
