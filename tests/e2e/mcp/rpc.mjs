// Requests to /mcp as they are on the wire, without an SDK that would refuse to send what a test is about. Each
// answer is held against the OpenAPI document.

import { assertDescribedAnswer } from "../support/described.mjs";

export const MODERN = "2026-07-28";
const META = "io.modelcontextprotocol/";

/** The `_meta` of a request of the modern era. */
export const meta = (more = {}) => ({
  [`${META}protocolVersion`]: MODERN,
  [`${META}clientInfo`]: { name: "test", version: "1" },
  [`${META}clientCapabilities`]: {},
  ...more,
});

/** `{ status, headers, text, json }` of a POST with any body. */
export async function post(url, body, headers = {}) {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  const text = await response.text();
  assertDescribedAnswer("POST", response.url, response, text);
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
}

/** The headers that repeat what a request of the modern era says. */
export function mirrored({ method, params }) {
  const name = { "tools/call": params?.name, "prompts/get": params?.name, "resources/read": params?.uri }[method];
  return {
    "mcp-protocol-version": MODERN,
    "mcp-method": method,
    ...(name === undefined ? {} : { "mcp-name": name }),
  };
}

/** A request of the modern era: `request(method, params)` resolves to the answer. */
export function makeModern(url, headers = {}) {
  let id = 0;
  return async (method, params = {}, { with: more = {}, meta: moreMeta = {} } = {}) => {
    const message = { jsonrpc: "2.0", id: ++id, method, params: { ...params, _meta: meta(moreMeta) } };
    return post(url, message, { ...headers, ...mirrored(message), ...more });
  };
}

/** Calls a tool, and gives its result. */
export const makeTools = (request) => async (name, args) => {
  const { json, text } = await request("tools/call", { name, arguments: args });
  if (!json?.result) throw new Error(text);
  return json.result;
};
