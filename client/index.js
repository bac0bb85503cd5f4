// The client of the API: for browsers, Node 18 or newer, and Workers, there also over a service binding. No dependency.
//
//     const client = new OrchestratorClient({ url: "http://localhost:8787", token });
//     const { id } = await client.submit({ prompt: "Compare ..." });
//     for await (const event of client.events(id, { types: "all" })) console.log(event.type);
//     console.log(await client.result(id));
//
// What may be asked twice is asked again where the network fails or the server is away for a moment, for a bounded
// time.

import { framesOf } from "./sse.js";

/** @typedef {import("./types.js").Submission} Submission */
/** @typedef {import("./types.js").Submitted} Submitted */
/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").EventType} EventType */
/** @typedef {import("./types.js").Restart} Restart */
/** @typedef {import("./types.js").Approve} Approve */
/** @typedef {import("./types.js").Listed} Listed */
/** @typedef {import("./types.js").Page} Page */
/** @typedef {import("./types.js").Query} Query */
/** @typedef {import("./types.js").Deployment} Deployment */
/** @typedef {import("./types.js").Problem} Problem */

/** The server holds a long poll for up to a minute; less keeps proxies content. */
const WAIT_SECONDS = 25;
/** How long a server may be away where nothing of ours had begun, and where something had: a workflow outlives it. */
const FIRST_MS = 5_000;
const BEGUN_MS = 60_000;
/** Streams in a row that break off at once: a minute, too. */
const BREAKS_MAX = 15;
/** For how long a server may refuse and say when to ask again, and how far off that may be: a fleet that takes over. */
const REFUSED_MS = 45_000;
const RETRY_AFTER_MS_MAX = 5_000;
const BACKOFF_MS = 300;
const BACKOFF_MS_MAX = 4_000;
/** A workflow that waits for somebody answers long polls at once. */
const STANDING_MS = 2_000;
const TERMINAL = /^(complete|errored|terminated)$/;
const ENDS = /^workflow_(completed|errored|terminated)$/;

/** What the server refused, or no answer of this API. Where the network fails, the error of `fetch` is thrown. */
export class OrchestratorError extends Error {
  name = "OrchestratorError";

  /**
   * @param {number} status of HTTP
   * @param {Problem | null} problem its problem document (RFC 9457)
   * @param {number | null} retryAfterMs when to ask again
   * @param {string} message
   */
  constructor(status, problem, retryAfterMs, message) {
    super(message);
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  /** The stable name of the problem, such as `not-found`; empty where there is no problem document. */
  get kind() {
    return `${this.problem?.type ?? ""}`.replace(/.*:/, "");
  }

  /** Of a response that is a refusal. Reads its body. */
  static async of(/** @type {Response} */ response) {
    // Anything but JSON is of some other server, or of a proxy in front.
    const read = await response.json().catch(() => null);
    const said = [read?.title, read?.detail].filter(Boolean).join(": ");
    const message = said || `the server answered with status ${response.status}`;
    return new OrchestratorError(response.status, said ? read : null, retryAfter(response), message);
  }
}

export class OrchestratorClient {
  #fetch;
  #headers;
  #patienceMs;
  #refusedMs;

  /**
   * @param {object} options
   * @param {string} [options.url] where the deployment is. A binding needs none.
   * @param {string | null} [options.token]
   * @param {(url: string, init: RequestInit) => Promise<Response>} [options.fetch] instead of the global one
   * @param {{ fetch(url: any, init?: any): Promise<any> }} [options.binding] `env.X`, a service binding of a Worker
   * @param {Record<string, string>} [options.headers] of each request
   * @param {number} [options.patienceMs] for how long a server that does not answer is asked again: 0 for not at all
   * @param {number} [options.refusedMs] for how long one that refuses and says when to ask again
   */
  constructor({ url, token, fetch, binding, headers, patienceMs = FIRST_MS, refusedMs = REFUSED_MS }) {
    this.url = (url ?? (binding ? "https://orchestrator" : "")).replace(/\/+$/, "");
    // Neither may be called as a method of ours.
    this.#fetch = fetch ?? ((at, init) => (binding ?? globalThis).fetch(at, init));
    this.#headers = { accept: "application/json", authorization: token && `Bearer ${token}`, ...headers };
    this.#patienceMs = patienceMs;
    this.#refusedMs = refusedMs;
  }

  /** @returns {Promise<Deployment>} the JSON of `GET /`: version, provider, models, defaults. */
  describe() {
    return this.#json("/");
  }

  /**
   * Submits a workflow. Without an id and a key it makes a key, so that it may be repeated where the network fails;
   * with an id of your own it is sent once.
   *
   * @param {Submission} body
   * @param {{ idempotencyKey?: string, wait?: number, signal?: AbortSignal }} [options] `wait`: seconds, for its end
   * @returns {Promise<Submitted & { headers: Headers }>}
   */
  async submit(body, { idempotencyKey, wait, signal } = {}) {
    const key = idempotencyKey ?? (body.id == null ? randomKey() : null);
    const headers = { "idempotency-key": key };
    const response = await this.request("/workflows", {
      json: body,
      headers,
      wait,
      signal,
      repeat: key ? ALWAYS : NEVER,
    });
    return { ...(await jsonOf(response)), headers: response.headers };
  }

  /**
   * STATUS of a workflow.
   *
   * @template {string | string[] | undefined} [Fields=undefined]
   * @param {string} id
   * @param {{ wait?: number, simple?: boolean, fields?: Fields, signal?: AbortSignal }} [options] `wait`: up to so many
   * seconds for its end. `simple`: without prompt, steps and texts of subtasks. `fields`: those alone.
   * @returns {Promise<Fields extends undefined ? Status : Partial<Status>>}
   */
  async status(id, { wait, simple, fields, signal } = {}) {
    return (await this.#json(pathOf(id) + queryOf({ simple, fields }), { wait, signal })).status;
  }

  /**
   * STATUS of a workflow at its end, by long polls.
   *
   * @param {string} id
   * @param {{ signal?: AbortSignal, onStatus?: (status: Status) => void }} [options] `onStatus`:
   * each that was seen, also the last. One that waits for somebody's approval, or is paused, is told and waited for.
   * @returns {Promise<Status>}
   */
  async wait(id, { signal, onStatus } = {}) {
    let etag = null;
    for (;;) {
      const headers = { "if-none-match": etag };
      const patienceMs = etag ? BEGUN_MS : undefined;
      const asked = Date.now();
      const response = await this.request(pathOf(id), { headers, wait: WAIT_SECONDS, signal, patienceMs });
      if (response.status !== 304) {
        const { status } = await jsonOf(response);
        etag = response.headers.get("etag");
        onStatus?.(status);
        if (TERMINAL.test(status.status)) return status;
      }
      await sleep(STANDING_MS - (Date.now() - asked), signal);
    }
  }

  /**
   * The events of a workflow, from its first until its end. Where the connection breaks off or is silent for too long,
   * the stream goes on after the last event by itself: each event comes once, in order.
   *
   * The live texts `answer` and `delta` have no id (`null`), and WITH EACH CONNECTION THEY BEGIN ANEW: cut what you
   * have to `from` characters (code points), then append `text`. `onConnect` is told of each connection.
   *
   * Ends quietly with the workflow. A workflow that was deleted is an OrchestratorError of status 404, and so is what
   * the server refuses; a server that is away for more than a minute is the network's error.
   *
   * @param {string} id
   * @param {object} [options]
   * @param {string | null} [options.after] the whole id of the event after which to begin
   * @param {EventType | "all" | (EventType | "all")[]} [options.types] without it all but `answer`
   * @param {AbortSignal} [options.signal] its reason is thrown
   * @param {(response: Response) => void} [options.onConnect]
   * @returns {AsyncGenerator<Event, void, void>}
   */
  async *events(id, { after, types, signal, onConnect } = {}) {
    const path = `${pathOf(id)}/events${queryOf({ types })}`;
    let last = after;
    let failures = 0;
    for (let begun = false; ; begun = true) {
      const headers = { accept: "text/event-stream", "last-event-id": last };
      const response = await this.#send(path, { headers, signal, patienceMs: begun ? BEGUN_MS : undefined });
      if (response.status === 204) return;
      onConnect?.(response);
      const opened = Date.now();
      let ended = false;
      try {
        for await (const { id: own, event: type, data } of framesOf(/** @type {any} */ (response.body), signal)) {
          failures = 0;
          last = own ?? last;
          // Earlier runs of a workflow that was restarted have their ends too.
          if (own) ended = ENDS.test(type);
          yield { ...parsed(data), id: own, type };
        }
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof OrchestratorError || error instanceof RangeError) throw error;
        ended = false;
      }
      if (ended) return;
      if (Date.now() - opened > FIRST_MS) failures = 0;
      if (failures > BREAKS_MAX) throw new Error("the event stream breaks off each time");
      // Almost at once after a stream that told something: it may have been the last of what was asked for.
      await sleep(backoff(failures++ - 2), signal);
    }
  }

  /**
   * The answer of a workflow that is complete.
   *
   * @template {"markdown" | "json"} [As="markdown"]
   * @param {string} id
   * @param {{ as?: As, wait?: number, signal?: AbortSignal }} [options] `json`: that of its `output_schema`
   * @returns {Promise<As extends "json" ? any : string>}
   */
  async result(id, { as, wait, signal } = {}) {
    const accept = as === "json" ? "application/json" : "text/markdown";
    const response = await this.#send(`${pathOf(id)}/result`, { headers: { accept }, wait, signal });
    if (as !== "json") return /** @type {any} */ (response.text());
    if (response.ok && response.headers.get("content-type")?.startsWith("text/markdown"))
      throw new OrchestratorError(200, null, null, `${id} has no JSON: it was submitted without output_schema`);
    return jsonOf(response);
  }

  /** @returns {Promise<Status>} */
  pause(/** @type {string} */ id) {
    return this.#control(id, "pause");
  }

  /** @returns {Promise<Status>} */
  resume(/** @type {string} */ id) {
    return this.#control(id, "resume");
  }

  /** @returns {Promise<Status>} */
  terminate(/** @type {string} */ id) {
    return this.#control(id, "terminate");
  }

  /**
   * @param {string} id
   * @param {Restart} [restart] everything again, or `from` a step, with `instructions` for it
   * @returns {Promise<Status>}
   */
  restart(id, restart) {
    return this.#control(id, "restart", restart);
  }

  /**
   * @param {string} id
   * @param {Approve} [plan] another plan than the one that waits
   * @returns {Promise<Status>}
   */
  approve(id, plan) {
    return this.#control(id, "approve", plan);
  }

  /**
   * Deletes a workflow, whatever its state is.
   *
   * @param {string} id
   * @param {{ followUps?: boolean }} [options] `followUps`: those that go on with its answer first
   * @returns {Promise<void>}
   */
  async delete(id, { followUps } = {}) {
    await this.#send(pathOf(id) + queryOf({ follow_ups: followUps }), { method: "DELETE", repeat: REFUSED });
  }

  /**
   * The workflows that match, newest first, page after page. `limit` is that of a page.
   *
   * @param {Query} [query]
   * @returns {AsyncGenerator<Listed, void, void>}
   */
  async *list(query = {}) {
    let cursor = query.cursor;
    do {
      const { workflows, next } = await this.page({ ...query, cursor });
      yield* workflows;
      cursor = next;
    } while (cursor != null);
  }

  /**
   * @param {Query} [query]
   * @returns {Promise<Page>}
   */
  page({ metadata = {}, signal, ...query } = {}) {
    const all = { ...query };
    for (const key in metadata) all[`metadata.${key}`] = metadata[key];
    return this.#json(`/workflows${queryOf(all)}`, { signal });
  }

  /**
   * The server's answer to any request, also a refusal. For what has no method of its own.
   *
   * @param {string} path
   * @param {object} [init] as that of `fetch`, and
   * @param {string} [init.method]
   * @param {AbortSignal} [init.signal]
   * @param {Record<string, string | null | undefined>} [init.headers] those that are null are left out
   * @param {unknown} [init.json] a body, which is posted
   * @param {number} [init.wait] seconds
   * @param {0 | 1 | 2} [init.repeat] 2 where it may be asked twice, 1 only where the server refuses for the moment, 0
   * not at all; without it 2 for GET and HEAD
   * @param {number} [init.patienceMs] for how long a server that does not answer is asked again
   * @returns {Promise<Response>}
   */
  async request(path, { repeat, patienceMs = this.#patienceMs, json, wait, headers, ...init } = {}) {
    const { signal, method = json ? "POST" : "GET" } = init;
    const mode = repeat ?? (/^(GET|HEAD)$/.test(method) ? ALWAYS : NEVER);
    const awayMs = mode === ALWAYS ? patienceMs : 0;
    const type = json && "application/json";
    const given = { ...this.#headers, prefer: wait && `wait=${wait}`, "content-type": type, ...headers };
    const all = /** @type {any} */ ({
      body: json && JSON.stringify(json),
      ...init,
      method,
      headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value)),
    });
    const began = Date.now();
    for (let n = 0; ; n++) {
      signal?.throwIfAborted();
      let pause = backoff(n);
      try {
        const response = await this.#fetch(this.url + path, all);
        const told = retryAfter(response);
        const { status } = response;
        // A 503 without it is not for the moment: the configuration is wrong, or a token is missing. Where there are
        // too many listeners in the middle of a stream, the one that has not gone yet may be our own.
        const left =
          status === 503 || (status === 429 && patienceMs === BEGUN_MS)
            ? told !== null && mode
              ? this.#refusedMs
              : 0
            : status > 499
              ? awayMs
              : 0;
        if (Date.now() - began >= left) return response;
        pause = Math.min(Math.max(told ?? 0, pause), RETRY_AFTER_MS_MAX);
        await response.body?.cancel();
      } catch (error) {
        signal?.throwIfAborted();
        if (Date.now() - began >= awayMs) throw error;
      }
      await sleep(pause, signal);
    }
  }

  async #send(path, init) {
    const response = await this.request(path, init);
    if (!response.ok) throw await OrchestratorError.of(response);
    return response;
  }

  async #json(path, init) {
    return jsonOf(await this.request(path, init));
  }

  /** A control may be repeated where the server refuses, not where nobody knows whether it was taken. */
  async #control(id, name, body) {
    return (await this.#json(`${pathOf(id)}/${name}`, { json: body ?? {}, repeat: REFUSED })).status;
  }
}

const NEVER = 0;
const REFUSED = 1;
const ALWAYS = 2;

/** Where a workflow is. An empty id would be the list, and dots another path. */
export function pathOf(/** @type {string} */ id) {
  if (!/[^.]/.test(id)) throw new TypeError(`"${id}" is no id of a workflow`);
  return `/workflows/${encodeURIComponent(id)}`;
}

/** Lists are separated by commas, and what is not given is left out. */
function queryOf(parameters) {
  const query = new URLSearchParams();
  for (const name in parameters) if (parameters[name] != null) query.set(name, parameters[name]);
  return `?${query}`;
}

async function jsonOf(response) {
  if (!response.ok) throw await OrchestratorError.of(response);
  return parsed(await response.text());
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new OrchestratorError(200, null, null, "no JSON: is it an orchestrator?");
  }
}

/** `Retry-After` in milliseconds: ours is a number of seconds, and a proxy's date is left aside. */
function retryAfter({ headers }) {
  const text = headers.get("retry-after");
  return /^\d+$/.test(text) ? text * 1_000 : null;
}

/** Not all clients at once. */
const backoff = (n) => Math.min(BACKOFF_MS * 2 ** n, BACKOFF_MS_MAX) * (0.8 + 0.4 * Math.random());

/** Pages that are not served by HTTPS, and Node 18, have no `crypto.randomUUID`. */
const randomKey = () => globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

/** Rejects with the reason of a signal that is aborted. */
function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      if (signal?.aborted) reject(signal.reason);
      else resolve(undefined);
    }
    if (signal?.aborted) done();
  });
}
