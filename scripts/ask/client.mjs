// The HTTP side of `npm run ask`.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { commands } from "../lib/command.mjs";
import { Failure, flagOf, flagOfQuery } from "./options.mjs";
import { sentence } from "./text.mjs";

const POLL_MS = 300;
/** The server holds a long poll for up to a minute; less keeps proxies content. */
const WAIT_SECONDS = 25;
/** How long a server may be away in the middle of a run, as for a restart: the workflow outlives it. */
const PATIENCE_MS = 60_000;
/** For how long a server may refuse for the moment, and say when to ask again: a fleet that takes over does. */
const REFUSED_MS_MAX = 45_000;
const RETRY_AFTER_MS_MAX = 5_000;
/** The most entries of the list that a server gives at once. */
const PAGE_MAX = 100;
const ANSWER_TYPES = "answer";
/** Of a server that does not know the reader's answer. */
const OLDER_TYPES = "delta,attempt_errored,attempt_lost";
const TERMINAL = new Set(["complete", "errored", "terminated"]);
/** It stands until somebody acts, which nobody does who isn't told. */
export const STANDING = new Set(["waiting", "paused"]);

/** Words that are no ids at the root of a server, as src/api/id.rs has them: a test compares them. */
export const RESERVED = (
  "health docs mcp assets api console metrics events result favicon openapi index workflows v1 ready share usage " +
  "tenants login well-known"
).split(" ");

/** Where a workflow is. At the root servers of 0.1.0 have it too. */
const pathOf = (id) => `${RESERVED.includes(id) ? "/workflows" : ""}/${encodeURIComponent(id)}`;

export class Client {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /**
   * Submits, and gives the id. With an idempotency `key` a repetition gives the workflow that is there, so a body
   * without an id gets one.
   */
  async submit(body, key = body.id === undefined ? randomUUID() : undefined) {
    return (await json(await this.#post(body, key))).id;
  }

  /** Deletes a workflow, in whatever state it is. */
  async remove(id) {
    const response = await this.#fetch(pathOf(id), { method: "DELETE" });
    if (!response.ok && response.status !== 404) throw new Failure(3, await problemText(response), response.status);
  }

  /** What the server says of a body that it refuses: the problem document, or null where it does not refuse. */
  async refusal(body) {
    const response = await this.#post(body);
    if (response.ok) return null;
    return JSON.parse(await response.text());
  }

  /** The deployment: version, provider, models, defaults. */
  async describe() {
    const about = await json(await this.#fetch("/", {}));
    if (!about.version) throw new Failure(3, `${this.url} does not say what it is: is it an orchestrator?`);
    return about;
  }

  /** STATUS of a workflow, as it is. */
  async status(id) {
    const { status } = await json(await this.#fetch(pathOf(id), {}));
    // `get health` asks for what is there, and no workflow.
    if (!Array.isArray(status?.steps)) throw new Failure(3, `There is no workflow at ${this.url}/${id}.`);
    return status;
  }

  /**
   * The workflows that match a query, newest first: pages of entries, until there are `limit` of them.
   *
   * @param {URLSearchParams} query
   * @returns {AsyncGenerator<{ entries: object[], isLast: boolean }>}
   */
  async *list(query, limit) {
    let left = limit;
    let cursor = null;
    do {
      const asked = new URLSearchParams(query);
      asked.set("limit", String(Math.min(left, PAGE_MAX)));
      if (cursor !== null) asked.set("cursor", cursor);
      const response = await this.#fetch(`/workflows?${asked}`, {});
      const { workflows, next = null } = await json(response, flagOfQuery);
      if (!Array.isArray(workflows)) throw new Failure(3, `${this.url} has no list of workflows.`);
      // A page may be short, or empty, although more follow.
      left -= workflows.length;
      cursor = next;
      yield { entries: workflows, isLast: cursor === null };
    } while (cursor !== null && left > 0);
  }

  /** The attempts of a workflow that has ended, as they were journaled when they began. */
  async attempts(id) {
    const headers = { accept: "text/event-stream" };
    const response = await this.#fetch(`${pathOf(id)}/events?types=attempt_started`, { headers });
    if (response.status !== 200) throw new Failure(3, await problemText(response));
    const attempts = [];
    for await (const event of eventsOf(response.body)) attempts.push(event);
    return attempts;
  }

  /**
   * STATUS of a workflow after each change, until its end. `live: false` gives only the last, and those in which it
   * waits for somebody, by long polls.
   * `away(gone)` is told when the server stops answering and when it answers again.
   */
  async *follow(id, { live, away }) {
    let etag;
    let goneSince = null;
    for (;;) {
      let response;
      try {
        const headers = {
          ...(etag ? { "if-none-match": etag } : {}),
          ...(live ? {} : { prefer: `wait=${WAIT_SECONDS}` }),
        };
        response = await (etag === undefined
          ? this.#fetch(pathOf(id), { headers })
          : this.#once(pathOf(id), { headers }));
        if (response.status >= 500) throw new Failure(3, await problemText(response), response.status);
      } catch (failure) {
        // The first request tells whether there is a server at all.
        if (etag === undefined || (goneSince !== null && Date.now() - goneSince > PATIENCE_MS)) throw failure;
        if (goneSince === null) away(true);
        goneSince ??= Date.now();
        await sleep(POLL_MS);
        continue;
      }
      if (goneSince !== null) away(false);
      goneSince = null;
      if (response.status !== 304) {
        const { status } = await json(response);
        // `--follow health` asks for what is there, and no workflow.
        if (!Array.isArray(status?.steps)) throw new Failure(3, `There is no workflow at ${this.url}/${id}.`);
        etag = response.headers.get("etag") ?? etag;
        const ended = TERMINAL.has(status.status);
        if (live || ended || STANDING.has(status.status)) yield status;
        if (ended) return;
      }
      // Also between long polls: a server that ignores the wait must not be asked in a tight loop.
      await sleep(POLL_MS);
    }
  }

  /** Approves the plan of a workflow that waits for it. False where it waits no more, as somebody else was faster. */
  async approve(id) {
    const response = await this.#fetch(`${pathOf(id)}/approve`, { method: "POST" });
    if (response.status === 409) return false;
    await json(response);
    return true;
  }

  /**
   * The reader's answer as it is written, `{ from, text, settled }` each, until the workflow ends. A stream that breaks
   * off begins anew: it then tells the text from its first character. An older server tells the text of the calls in
   * flight instead, `{ step, attempt, from, text }` each, and the attempts that end without an answer.
   */
  async *texts(id, signal) {
    let types = ANSWER_TYPES;
    while (!signal.aborted) {
      try {
        const headers = { accept: "text/event-stream" };
        const response = await this.#once(`${pathOf(id)}/events?types=${types}`, { headers, signal });
        if (response.status === 400 && types === ANSWER_TYPES) {
          types = OLDER_TYPES;
          continue;
        }
        if (response.status < 500 && response.status !== 200) return;
        if (response.status === 200) for await (const event of eventsOf(response.body)) yield event;
      } catch {
        // The server went away, or nobody wants any more. STATUS tells which.
      }
      await sleep(POLL_MS);
    }
  }

  #post(body, key) {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json", ...(key ? { "idempotency-key": key } : {}) },
      body: JSON.stringify(body),
    };
    // Without a key it is not known whether the first one was taken.
    return key ? this.#fetch("/", init) : this.#once("/", init);
  }

  /** The response; where the server refuses for the moment, that of a later request. */
  async #fetch(path, init) {
    for (const began = Date.now(); ; ) {
      const response = await this.#once(path, init);
      const seconds = response.status === 503 ? response.headers.get("retry-after") : null;
      if (!/^\d+$/.test(seconds ?? "") || Date.now() - began > REFUSED_MS_MAX) return response;
      await response.body?.cancel();
      await sleep(Math.min(Number(seconds) * 1_000, RETRY_AFTER_MS_MAX));
    }
  }

  async #once(path, init) {
    const authorization = this.token ? { authorization: `Bearer ${this.token}` } : {};
    try {
      return await fetch(this.url + path, {
        ...init,
        headers: { accept: "application/json", ...authorization, ...init.headers },
      });
    } catch (error) {
      const cause = error.cause?.code ?? error.cause?.message ?? error.message;
      throw new Failure(
        3,
        `no answer from ${this.url} (${cause}). ` +
          `Is the server running? Start it with ${commands().start}, or name another with --url.`,
      );
    }
  }
}

/** The body of a successful answer; anything else becomes a message for the user. */
async function json(response, naming = flagOf) {
  if (!response.ok) throw new Failure(3, await problemText(response, naming), response.status);
  try {
    return await response.json();
  } catch {
    throw new Failure(3, `${response.url} did not answer with JSON: is it an orchestrator?`);
  }
}

/** The data of each event of a stream (the HTML Standard, section 9.2); ours are one line of JSON each. */
async function* eventsOf(body) {
  let rest = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data:")) yield JSON.parse(line.slice("data:".length));
  }
}

/** What a problem document says (RFC 9457), or what can be said without one. `naming`: the flag that sets a field. */
async function problemText(response, naming = flagOf) {
  const text = await response.text();
  try {
    const problem = JSON.parse(text);
    const { title, detail } = problem;
    if (title || detail) {
      const hint = response.status === 401 ? " Give a token with --token or ORCHESTRATOR_TOKEN." : "";
      return `${sentence(ofFlag(problem, naming) ?? [title, detail].filter(Boolean).join(": "))}${hint}`;
    }
  } catch {
    // Not JSON: some other server, or a proxy in front.
  }
  return `${response.url} answered ${response.status} ${response.statusText}: is it an orchestrator?`;
}

/** What is wrong with a field, or a parameter of the query, that a flag sets: by the name that the reader gave it. */
function ofFlag({ type, detail = "", field = type?.endsWith(":id-taken") ? "id" : undefined }, naming) {
  const [words, parameter] = /^the query parameter (\S+)(?= )/.exec(detail) ?? [field, field];
  const flag = naming(parameter);
  if (!flag || !detail) return undefined;
  return detail.startsWith(`${words} `) ? flag + detail.slice(words.length) : `${flag}: ${detail}`;
}
