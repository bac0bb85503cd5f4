// The HTTP side of `npm run ask`.

import { setTimeout as sleep } from "node:timers/promises";
import { commands } from "../lib/command.mjs";
import { Failure } from "./options.mjs";

const POLL_MS = 300;
/** The server holds a long poll for up to a minute; less keeps proxies content. */
const WAIT_SECONDS = 25;
/** How long a server may be away in the middle of a run, as for a restart: the workflow outlives it. */
const PATIENCE_MS = 60_000;
const TERMINAL = new Set(["complete", "errored", "terminated"]);

export class Client {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /** Submits, and gives the id. */
  async submit(body) {
    const response = await this.#fetch("/", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await json(response)).id;
  }

  /**
   * STATUS of a workflow after each change, until its end. `live: false` gives only the last, by long polls.
   * `away(gone)` is told when the server stops answering and when it answers again.
   */
  async *follow(id, { live, away }) {
    let etag;
    let goneSince = null;
    for (;;) {
      let response;
      try {
        response = await this.#fetch(`/${id}`, {
          headers: { ...(etag ? { "if-none-match": etag } : {}), ...(live ? {} : { prefer: `wait=${WAIT_SECONDS}` }) },
        });
        if (response.status >= 500) throw new Failure(3, await problemText(response));
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
        etag = response.headers.get("etag") ?? etag;
        const ended = TERMINAL.has(status.status);
        if (live || ended) yield status;
        if (ended) return;
      }
      // Also between long polls: a server that ignores the wait must not be asked in a tight loop.
      await sleep(POLL_MS);
    }
  }

  async #fetch(path, init) {
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
async function json(response) {
  if (!response.ok)
    throw new Failure(
      response.status < 500 && response.status !== 401 && response.status !== 403 ? 2 : 3,
      await problemText(response),
    );
  try {
    return await response.json();
  } catch {
    throw new Failure(3, `${response.url} did not answer with JSON: is it an orchestrator?`);
  }
}

/** What a problem document says (RFC 9457), or what can be said without one. */
async function problemText(response) {
  const text = await response.text();
  try {
    const { title, detail } = JSON.parse(text);
    if (title || detail) {
      const hint = response.status === 401 ? " Give a token with --token or ORCHESTRATOR_TOKEN." : "";
      return `${[title, detail].filter(Boolean).join(": ")}${hint}`;
    }
  } catch {
    // Not JSON: some other server, or a proxy in front.
  }
  return `${response.url} answered ${response.status} ${response.statusText}: is it an orchestrator?`;
}
