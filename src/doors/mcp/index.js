// The Model Context Protocol at /mcp, by Streamable HTTP: revision 2026-07-28, which is stateless, and for older
// clients `initialize` of 2025-11-25 and 2025-06-18 without sessions. What the tools do is in tools.js, what models are
// told of them in definitions.js.

import { INSTRUCTIONS, PROMPTS, promptText, TOOLS } from "./definitions.js";
import {
  assertMessage,
  badParams,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  invalid,
  isModern,
  isObject,
  LEGACY,
  LEGACY_NOT_FOUND,
  METHOD_NOT_FOUND,
  MODERN,
  PARSE_ERROR,
  parsed,
  RpcError,
  shown,
} from "./protocol.js";
import { listResources, readResource, TEMPLATES } from "./resources.js";
import { declaresTasks, startedTask, TASK_METHODS, TASKS } from "./tasks.js";
import { prepared } from "./tools.js";

/** As for a submission: a prompt of 128 KiB may be six times as long in JSON. */
const BODY_BYTES_MAX = 1024 * 1024;
const REFUSED_BYTES_MAX = 64 * 1024;
const CAPABILITIES = { tools: {}, resources: {}, prompts: {} };
/** What is the same for everybody until the next deployment, and what is the caller's. */
const PUBLIC = { ttlMs: 300_000, cacheScope: "public" };
const PRIVATE = { ttlMs: 0, cacheScope: "private" };

export const mcp = {
  async fetch(request, inside) {
    const access = await inside.access();
    if (access instanceof Response) return refused(access, await idOf(request));
    if (request.method !== "POST") {
      const error = invalid("Send each message by POST. There is no stream to GET, and no session to DELETE.", 405);
      return failure(error, undefined, { allow: "POST" });
    }
    let id;
    try {
      const read = parsed(await textOf(request));
      id = read.id;
      assertMessage(read.message);
      // All that a client may notify of are requests of its own, which end with their connection.
      if (id === undefined) return new Response(null, { status: 202 });
      return await answer(read.message, request, inside);
    } catch (error) {
      return failure(asRpcError(error), id);
    }
  },
};

/** @param {{ id: unknown, method: string, params?: any }} message */
async function answer({ id, method, params = {} }, request, inside) {
  const modern = isModern({ method, params }, request.headers);
  const methods = modern ? MODERN_METHODS : LEGACY_METHODS;
  if (!Object.hasOwn(methods, method) && method !== "tools/call")
    throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${shown(method)}`, modern ? 404 : 200);
  const enveloped = async (result) => ({
    jsonrpc: "2.0",
    id,
    result: modern ? await complete(result, inside) : legacy(result),
  });
  if (method !== "tools/call") return Response.json(await enveloped(await methods[method](params, inside, modern)));
  const asTask = modern && declaresTasks(params);
  const call = prepared(params, { asTask });
  const made = async (tell, signal) => {
    const result = await call.run(inside.client, tell, signal);
    return asTask && call.starts ? startedTask(inside.client, params, result) : result;
  };
  const token = progressToken(params);
  if (token !== undefined && call.waits && accepts(request, "text/event-stream"))
    return streamed(id, token, async (tell, signal) => enveloped(await made(tell, signal)));
  return Response.json(await enveloped(await made()));
}

/** The methods of both eras, but for `tools/call`. */
const METHODS = {
  "tools/list": () => ({ tools: TOOLS, ...PUBLIC }),
  "resources/templates/list": () => ({ resourceTemplates: TEMPLATES, ...PUBLIC }),
  "prompts/list": () => ({ prompts: PROMPTS, ...PUBLIC }),
  "resources/list": async (params, { client }) => ({ ...(await listResources(client, params)), ...PRIVATE }),
  "resources/read": async (params, { client }, modern) => ({
    ...(await readResource(client, params, modern ? INVALID_PARAMS : LEGACY_NOT_FOUND)),
    ...PRIVATE,
  }),
  "prompts/get": ({ name, arguments: given }) => {
    const prompt = PROMPTS.find((each) => each.name === name);
    if (!prompt) throw badParams(`Unknown prompt: ${shown(name)}`);
    if (typeof given?.request !== "string") throw badParams("The argument request must be a string");
    const content = { type: "text", text: promptText(given.request) };
    return { description: prompt.description, messages: [{ role: "user", content }] };
  },
};

const MODERN_METHODS = {
  ...METHODS,
  ...TASK_METHODS,
  "server/discover": () => ({
    supportedVersions: [MODERN],
    capabilities: { ...CAPABILITIES, extensions: { [TASKS]: {} } },
    instructions: INSTRUCTIONS,
    ...PUBLIC,
  }),
};

const LEGACY_METHODS = {
  ...METHODS,
  ping: () => ({}),
  initialize: async ({ protocolVersion }, inside) => ({
    // A revision that we don't speak is answered with the newest that a client of that era can.
    protocolVersion: LEGACY.includes(protocolVersion) ? protocolVersion : LEGACY[0],
    capabilities: CAPABILITIES,
    serverInfo: await serverInfo(inside),
    instructions: INSTRUCTIONS,
  }),
};

/** A result as the modern era has it. */
async function complete(result, inside) {
  const _meta = { "io.modelcontextprotocol/serverInfo": await serverInfo(inside) };
  return { resultType: "complete", ...result, _meta };
}

/** The legacy era knows nothing of hints for caches. */
const legacy = ({ ttlMs: _ttl, cacheScope: _scope, ...result }) => result;

let known;

/** Who answers. It stays the same as long as this program runs. */
async function serverInfo({ client }) {
  known ??= (await client.describe()).version;
  return { name: "orchestrator-workers", title: "Orchestrator Workers", version: known };
}

function progressToken({ _meta }) {
  const token = isObject(_meta) ? _meta.progressToken : undefined;
  if (token === undefined || typeof token === "string" || Number.isSafeInteger(token)) return token;
  throw badParams("The progressToken must be a string or a whole number");
}

const accepts = (request, type) => {
  const accept = request.headers.get("accept") ?? "*/*";
  return accept.includes(type) || accept.includes("*/*") || accept.includes(`${type.split("/")[0]}/*`);
};

/** A stream of server-sent events with notifications of progress, which ends with the response. */
function streamed(id, progressToken, run) {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  let progress = 0;
  const body = new ReadableStream({
    async start(controller) {
      const send = (message) => {
        if (!gone.signal.aborted)
          controller.enqueue(encoder.encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`));
      };
      const tell = (message) => {
        const params = { progressToken, progress: ++progress, message };
        send({ jsonrpc: "2.0", method: "notifications/progress", params });
      };
      // Not awaited: the stream is read while it is written.
      run(tell, gone.signal)
        .then(send, (error) => send(errorMessage(asRpcError(error), id)))
        .finally(() => gone.signal.aborted || controller.close());
    },
    // The client is not waiting any more. Its workflow goes on.
    cancel: () => gone.abort(),
  });
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" };
  return new Response(body, { headers });
}

/** The id to answer a refusal with, without which some clients show no words. Of short bodies: who asks is unknown. */
async function idOf(request) {
  try {
    return parsed(await textOf(request, REFUSED_BYTES_MAX)).id;
  } catch {
    return undefined;
  }
}

async function textOf(request, most = BODY_BYTES_MAX) {
  const type = (request.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
  if (type !== "application/json") throw invalid(`The Content-Type is ${shown(type)}: expected application/json`, 415);
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity")
    throw invalid(`The body is encoded with ${shown(encoding)}: send it as it is`, 415);
  const bytes = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > most) throw invalid(`The body is larger than ${most} bytes`, 413);
    bytes.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await new Blob(bytes).arrayBuffer());
  } catch {
    throw new RpcError(PARSE_ERROR, "The body is not UTF-8", 400);
  }
}

/** The core's refusal of who asks, in JSON-RPC's words. Its code is the status, since the protocol has none for it. */
async function refused(response, id) {
  const problem = await response.json().catch(() => null);
  const message =
    [problem?.title, problem?.detail].filter(Boolean).join(": ") || `Refused with status ${response.status}`;
  const headers = {};
  for (const name of ["www-authenticate", "retry-after"])
    if (response.headers.has(name)) headers[name] = response.headers.get(name);
  // Closed as it is set up, which is no matter of time: also to a page whose host name was made to lead here.
  const status = problem?.type?.endsWith(":auth-not-configured") ? 403 : response.status;
  return failure(new RpcError(status, message, status, problem ?? undefined), id, headers);
}

function asRpcError(error) {
  if (error instanceof RpcError) return error;
  console.error("mcp failed with", error);
  return new RpcError(INTERNAL_ERROR, "Something failed on our side; the request may be repeated");
}

const errorMessage = ({ code, message, data }, id) => ({
  jsonrpc: "2.0",
  ...(id === undefined ? {} : { id }),
  error: { code, message, ...(data === undefined ? {} : { data }) },
});

const failure = (error, id, headers = {}) =>
  Response.json(errorMessage(error, id), {
    status: error.status,
    headers: { "cache-control": "no-store", ...headers },
  });
