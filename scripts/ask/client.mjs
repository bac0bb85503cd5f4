// The server as `npm run ask` sees it: the client of the API (client/index.js), in words for a terminal.

import { setTimeout as sleep } from "node:timers/promises";
import { OrchestratorClient, OrchestratorError, pathOf } from "../../client/index.js";
import { commands } from "../lib/command.mjs";
import { Failure, flagOf, flagOfQuery } from "./options.mjs";
import { sentence } from "./text.mjs";

const POLL_MS = 300;
/** The server holds a long poll for up to a minute; less keeps proxies content. */
const WAIT_SECONDS = 25;
/** How long a server may be away in the middle of a run, as for a restart: the workflow outlives it. */
const PATIENCE_MS = 60_000;
/** The most entries of the list that a server gives at once. */
const PAGE_MAX = 100;
const TERMINAL = new Set(["complete", "errored", "terminated"]);
/** It stands until somebody acts, which nobody does who isn't told. */
export const STANDING = new Set(["waiting", "paused"]);

export class Client {
  #api;

  constructor(url, token) {
    this.url = url;
    // Who has typed an address wants to know at once that nobody is there.
    this.#api = new OrchestratorClient({ url, token, patienceMs: 0 });
  }

  /** Submits, and gives the id. With an idempotency `key` a repetition gives the workflow that is there. */
  async submit(body, key = undefined) {
    return (await this.#told(this.#api.submit(body, { idempotencyKey: key }))).id;
  }

  /** Deletes a workflow, in whatever state it is. */
  async remove(id) {
    await this.#told(this.#api.delete(id).catch(unlessGone));
  }

  /** What the server says of a body that it refuses: the problem document, or null where it does not refuse. */
  async refusal(body) {
    const response = await this.#told(this.#api.request("/workflows", { json: body }));
    return response.ok ? null : JSON.parse(await response.text());
  }

  /** The deployment: version, provider, models, defaults. */
  async describe() {
    const about = await this.#told(this.#api.describe());
    if (!about.version) throw new Failure(3, `${this.url} does not say what it is: is it an orchestrator?`);
    return about;
  }

  /** STATUS of a workflow, as it is. */
  async status(id) {
    return this.#known(id, await this.#told(this.#api.status(id)));
  }

  /**
   * The workflows that match a query, newest first: pages of entries, until there are `limit` of them.
   *
   * @param {import("../../client/types.js").Query} query
   * @returns {AsyncGenerator<{ entries: object[], isLast: boolean }>}
   */
  async *list(query, limit) {
    let left = limit;
    let cursor = null;
    do {
      const page = this.#api.page({ ...query, limit: Math.min(left, PAGE_MAX), cursor });
      const { workflows, next = null } = await this.#told(page, flagOfQuery);
      if (!Array.isArray(workflows)) throw new Failure(3, `${this.url} has no list of workflows.`);
      // A page may be short, or empty, although more follow.
      left -= workflows.length;
      cursor = next;
      yield { entries: workflows, isLast: cursor === null };
    } while (cursor !== null && left > 0);
  }

  /** The attempts of a workflow that has ended, as they were journaled when they began. */
  async attempts(id) {
    const read = async () => {
      const attempts = [];
      for await (const event of this.#api.events(id, { types: "attempt_started" })) attempts.push(event);
      return attempts;
    };
    return this.#told(read());
  }

  /**
   * STATUS of a workflow after each change, until its end. `live: false` gives only the last, and those in which it
   * waits for somebody, by long polls.
   * `away(gone)` is told when the server stops answering and when it answers again.
   */
  async *follow(id, { live, away }) {
    let etag = null;
    let goneSince = null;
    for (;;) {
      let response;
      try {
        const headers = { "if-none-match": etag };
        const wait = live ? undefined : WAIT_SECONDS;
        const asked = this.#api.request(pathOf(id), { headers, wait, repeat: etag === null ? undefined : 0 });
        response = await this.#told(asked);
        if (response.status >= 500) throw this.#failure(await OrchestratorError.of(response));
      } catch (failure) {
        // The first request tells whether there is a server at all.
        if (etag === null || (goneSince !== null && Date.now() - goneSince > PATIENCE_MS)) throw failure;
        if (goneSince === null) away(true);
        goneSince ??= Date.now();
        await sleep(POLL_MS);
        continue;
      }
      if (goneSince !== null) away(false);
      goneSince = null;
      if (response.status !== 304) {
        if (!response.ok) throw this.#failure(await OrchestratorError.of(response));
        const { status } = await response.json().catch(() => ({}));
        this.#known(id, status);
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
    return this.#told(
      this.#api.approve(id).then(
        () => true,
        (error) => (error.status === 409 ? false : Promise.reject(error)),
      ),
    );
  }

  /**
   * The reader's answer as it is written, `{ from, text, settled }` each, until the workflow ends. A stream that breaks
   * off begins anew: it then tells the text from its first character.
   */
  async *texts(id, signal) {
    while (!signal.aborted) {
      try {
        yield* this.#api.events(id, { types: "answer", signal });
        return;
      } catch (error) {
        // Else the server went away, or nobody wants any more. STATUS tells which.
        if (error.status < 500) return;
      }
      await sleep(POLL_MS);
    }
  }

  /** What a request gave, or a message for the user. */
  async #told(asked, naming = flagOf) {
    try {
      return await asked;
    } catch (error) {
      throw this.#failure(error, naming);
    }
  }

  #known(id, status) {
    // Some other server answers everything with JSON.
    if (!Array.isArray(status?.steps)) throw new Failure(3, `There is no workflow at ${this.url}/${id}.`);
    return status;
  }

  /** `naming`: the flag that sets a field. */
  #failure(error, naming = flagOf) {
    if (error instanceof OrchestratorError) return new Failure(3, this.#words(error, naming), error.status);
    const cause = error.cause?.code ?? error.cause?.message ?? error.message;
    return new Failure(
      3,
      `no answer from ${this.url} (${cause}). ` +
        `Is the server running? Start it with ${commands().start}, or name another with --url.`,
    );
  }

  #words({ status, problem, message }, naming) {
    if (!problem) return `${this.url}: ${message.replace(/(: is it an orchestrator\?)?$/, ": is it an orchestrator?")}`;
    const hint = status === 401 ? " Give a token with --token or ORCHESTRATOR_TOKEN." : "";
    return `${sentence(ofFlag(problem, naming) ?? message)}${hint}`;
  }
}

function unlessGone(error) {
  if (error.status !== 404) throw error;
}

/** What is wrong with a field, or a parameter of the query, that a flag sets: by the name that the reader gave it. */
function ofFlag({ type, detail = "", field = type?.endsWith(":id-taken") ? "id" : undefined }, naming) {
  const [words, parameter] = /^the query parameter (\S+)(?= )/.exec(detail) ?? [field, field];
  const flag = naming(parameter);
  if (!flag || !detail) return undefined;
  return detail.startsWith(`${words} `) ? flag + detail.slice(words.length) : `${flag}: ${detail}`;
}
