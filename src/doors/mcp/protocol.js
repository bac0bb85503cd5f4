// JSON-RPC 2.0 as the Model Context Protocol has it, in both of its eras. Pure.
//
// Modern (2026-07-28): every request says in its `_meta` which revision it speaks, and repeats what it is in headers.
// Legacy (2025-11-25, 2025-06-18): a client begins with `initialize`, and later requests carry the revision in a
// header. There is no session in either, so each request is read by itself.

import { parse } from "../json.js";

export const MODERN = "2026-07-28";
/** The newest first. */
export const LEGACY = ["2025-11-25", "2025-06-18"];
const META = "io.modelcontextprotocol/";
/** Which parameter `Mcp-Name` repeats. */
const NAMED = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** Of the legacy era. The modern one has -32602 for it. */
export const LEGACY_NOT_FOUND = -32002;
const HEADER_MISMATCH = -32020;
const UNSUPPORTED_VERSION = -32022;

/** What is answered as an error of JSON-RPC, with the status of its HTTP response. */
export class RpcError extends Error {
  constructor(code, message, status = 200, data = undefined) {
    super(message);
    this.code = code;
    this.status = status;
    this.data = data;
  }
}

/** True for a JSON object. */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The message in a body, and its id where it has one that can be answered: `{ message, id }`. */
export function parsed(text) {
  let message;
  try {
    message = parse(text);
  } catch (error) {
    throw new RpcError(PARSE_ERROR, `The body is not JSON: ${error.message}`, 400);
  }
  if (Array.isArray(message))
    throw invalid("A batch is not part of these revisions of the protocol: send each message as a request of its own");
  if (!isObject(message)) throw invalid("The body is not a JSON object");
  const { id } = message;
  const answerable = typeof id === "string" || Number.isSafeInteger(id);
  if ("id" in message && !answerable) throw invalid("The id must be a string or a whole number");
  return { message, id };
}

/** Throws where a message is no request and no notification. */
export function assertMessage({ jsonrpc, method, params, ...rest }) {
  if (jsonrpc !== "2.0") throw invalid('The field jsonrpc must be "2.0"');
  if (method === undefined && ("result" in rest || "error" in rest))
    throw invalid("This server sends no requests, so it takes no responses");
  if (typeof method !== "string") throw invalid("The field method must be a string");
  if (params !== undefined && !isObject(params)) throw badParams("The params must be an object", 400);
}

/** True where the request is of the modern era. Throws where it is of neither, or its headers say otherwise. */
export function isModern({ method, params }, headers) {
  const meta = params?._meta;
  const inBody = isObject(meta) ? meta[`${META}protocolVersion`] : undefined;
  const inHeader = headers.get("mcp-protocol-version");
  const isLegacy = inHeader === null || LEGACY.includes(inHeader) || (method === "initialize" && inHeader !== MODERN);
  if (inBody === undefined && isLegacy) return false;
  if (inBody === undefined && inHeader !== MODERN) throw unsupported(inHeader);
  if (typeof inBody !== "string")
    throw badParams(`params._meta must have ${META}protocolVersion, a string such as "${MODERN}"`, 400);
  if (!isObject(meta[`${META}clientCapabilities`]))
    throw badParams(`params._meta must have ${META}clientCapabilities, an object`, 400);
  assertSame("MCP-Protocol-Version", inHeader, inBody);
  if (inBody !== MODERN) throw unsupported(inBody);
  assertSame("Mcp-Method", headers.get("mcp-method"), method);
  const name = params[NAMED[method]];
  if (typeof name === "string") assertSame("Mcp-Name", decoded(headers.get("mcp-name")), name);
  return true;
}

/** A header that repeats what the body says. */
function assertSame(header, value, wanted) {
  if (value === wanted) return;
  const problem = value === null ? "is missing" : `is ${shown(value)}`;
  throw mismatch(`the header ${header} ${problem}, and the body says ${shown(wanted)}`);
}

/** A header's value that may be wrapped as Base64 of UTF-8. */
function decoded(value) {
  const [, base64] = /^=\?base64\?(.*)\?=$/.exec(value ?? "") ?? [];
  if (base64 === undefined) {
    if (/[^\t\x20-\x7e]/.test(value ?? "")) throw mismatch("the header Mcp-Name has characters that need Base64");
    return value;
  }
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw mismatch("the header Mcp-Name is not Base64 of UTF-8");
  }
}

const mismatch = (message) => new RpcError(HEADER_MISMATCH, `Header mismatch: ${message}`, 400);
export const invalid = (message, status = 400) => new RpcError(INVALID_REQUEST, message, status);
export const badParams = (message, status = 200, data = undefined) =>
  new RpcError(INVALID_PARAMS, message, status, data);

function unsupported(requested) {
  const message =
    `Unsupported protocol version ${shown(requested)}: this server speaks ${MODERN}, and ${LEGACY.join(" and ")} ` +
    "with clients that begin with initialize";
  return new RpcError(UNSUPPORTED_VERSION, message, 400, { supported: [MODERN], requested });
}

/** A text of somebody else's in a message of ours: quoted, and not too long. */
export function shown(value) {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
