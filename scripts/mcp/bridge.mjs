// From messages of a client's stdin to requests of Streamable HTTP, and back. It knows no more of the protocol than the
// transports differ in: headers, cancelling, and that every request has to be answered.

import { framesOf } from "../../client/sse.js";

const META = "io.modelcontextprotocol/protocolVersion";
/** Which parameter `Mcp-Name` repeats. */
const NAMED = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
/** Of errors of our own. The protocol has no code for them; this is what HTTP calls it. */
const UNAVAILABLE = 503;

export class Bridge {
  #options;
  #running = new Map();
  #tasks = new Set();
  /** What an older client and the server have agreed upon, which is told in a header of each request from then on. */
  #version;

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {string} [options.token]
   * @param {(message: object) => void} options.write to the client
   * @param {(words: string) => void} options.warn to whoever reads stderr
   */
  constructor(options) {
    this.#options = options;
  }

  /** Takes a line, and returns at once: requests do not wait for one another. */
  take(line) {
    if (line.trim() === "") return;
    let message;
    try {
      message = JSON.parse(line);
    } catch (error) {
      return this.#fail(undefined, PARSE_ERROR, `The line is not JSON: ${error.message}`);
    }
    if (typeof message !== "object" || message === null || Array.isArray(message))
      return this.#fail(undefined, INVALID_REQUEST, "The line is not one message of JSON-RPC: a JSON object is");
    // By HTTP a request is cancelled by closing it.
    if (message.method === "notifications/cancelled")
      return this.#running.get(keyOf(message.params?.requestId))?.abort();
    const task = this.#forward(message).finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  /** Waits for what is still to be answered, but not for long. */
  async finish(ms) {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([Promise.all(this.#tasks), late]);
    clearTimeout(timer);
    for (const request of this.#running.values()) request.abort();
  }

  async #forward(message) {
    const { id } = message;
    const isRequest = id !== undefined && typeof message.method === "string";
    const request = new AbortController();
    if (isRequest) this.#running.set(keyOf(id), request);
    try {
      const answered = await this.#exchange(message, request.signal);
      if (isRequest && !answered) this.#fail(id, UNAVAILABLE, `The server's answer broke off. ${GOES_ON}`);
    } catch (error) {
      if (request.signal.aborted) return;
      const words = `${this.#options.url} can't be reached: ${reasonOf(error)}. ${GOES_ON}`;
      if (isRequest) this.#fail(id, UNAVAILABLE, words);
      else this.#options.warn(words);
    } finally {
      if (this.#running.get(keyOf(id)) === request) this.#running.delete(keyOf(id));
    }
  }

  /** Sends a message, and passes on what comes back. True once the response was among it. */
  async #exchange(message, signal) {
    const { url } = this.#options;
    const headers = this.#headersFor(message);
    const body = JSON.stringify(message);
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    const type = (response.headers.get("content-type") ?? "").split(";")[0];
    if (response.ok && type === "text/event-stream") {
      let answered = false;
      for await (const { data } of framesOf(response.body, signal))
        answered = this.#pass(JSON.parse(data), message) || answered;
      return answered;
    }
    const text = await response.text();
    const read = type === "application/json" ? parsed(text) : undefined;
    // A notification has no answer.
    if (message.id === undefined) {
      if (!response.ok) this.#options.warn(read?.error?.message ?? refusal(response, url));
      return true;
    }
    // An error of which the server could not say whose it is: it is this one's.
    if (read?.error && read.id === undefined)
      return this.#fail(message.id, read.error.code, read.error.message, read.error.data);
    if (read) return this.#pass(read, message);
    if (response.ok) return false;
    return this.#fail(message.id, response.status, refusal(response, url));
  }

  /** True where it is the response to this request. */
  #pass(read, { id, method }) {
    if (method === "initialize" && read.result?.protocolVersion) this.#version = read.result.protocolVersion;
    this.#options.write(read);
    return read.id === id && read.method === undefined;
  }

  #headersFor({ method, params }) {
    const version = params?._meta?.[META];
    const name = params?.[NAMED[method]];
    const { token } = this.#options;
    return {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(typeof version === "string" ? { "mcp-method": headerValue(method) } : {}),
      ...(typeof version === "string" && typeof name === "string" ? { "mcp-name": headerValue(name) } : {}),
      ...protocolVersion(typeof version === "string" ? version : method !== "initialize" && this.#version),
    };
  }

  /** Always true: an error is an answer. */
  #fail(id, code, message, data = undefined) {
    const error = { code, message, ...(data === undefined ? {} : { data }) };
    this.#options.write({ jsonrpc: "2.0", ...(id === undefined ? {} : { id }), error });
    return true;
  }
}

const GOES_ON = "Workflows that were started go on: ask again with get_workflow, or list_workflows for their ids";

const keyOf = (id) => JSON.stringify(id) ?? "";
const protocolVersion = (version) => (version ? { "mcp-protocol-version": headerValue(version) } : {});

/** As the protocol wraps what a header can't hold. */
function headerValue(value) {
  const text = String(value);
  const isPlain = /^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text).toString("base64")}?=`;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal({ status, headers }, url) {
  if (status >= 300 && status < 400) return `${url} leads to ${headers.get("location")}: give that as --url`;
  if (status === 404) return `There is no MCP at ${url}: is it an orchestrator of version 0.2.0 or newer?`;
  return `${url} answered with status ${status}, which is none of the protocol's answers`;
}

/** What Node's fetch hides behind "fetch failed". */
const reasonOf = (error) => error?.cause?.message || error?.cause?.code || error?.message || String(error);
