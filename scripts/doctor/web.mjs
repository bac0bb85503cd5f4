// Requests of the checks. They never throw, and they remember how far the clocks of the others are from ours.

import { hasUser } from "../lib/urls.mjs";

const ANSWER_MS_MAX = 10_000;
/** A Date header has whole seconds. */
const RESOLUTION_MS = 1_000;

export class Web {
  /** How far our clock is ahead, by the host that said so: `{ host, aheadMs }`. */
  clocks = [];
  /** The hosts that answered. */
  asked = new Set();

  /** `{ status, text, json, headers, tookMs }`, or `{ failure }` where there is no answer. */
  async ask(url, init = {}) {
    const began = Date.now();
    // Node's own words on it would show them.
    if (hasUser(url)) return { failure: "a URL with a user or a password can't be asked" };
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX), ...init });
      this.#compareClocks(url, response, began);
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: parsed(text),
        tookMs: Date.now() - began,
      };
    } catch (error) {
      return { failure: reasonOf(error) };
    }
  }

  /**
   * The body as it comes: `onText(text)` with each piece, and true from it ends the reading. Resolves to `{ status,
   * text }`, or `{ failure }`.
   */
  async stream(url, init, onText, timeoutMs) {
    const began = Date.now();
    // Node's own words on it would show them.
    if (hasUser(url)) return { failure: "a URL with a user or a password can't be asked" };
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
      this.#compareClocks(url, response, began);
      let text = "";
      /** @type {AsyncIterable<string>} */
      const pieces = /** @type {any} */ (response.body.pipeThrough(new TextDecoderStream()));
      for await (const piece of pieces) {
        text += piece;
        if (response.ok && onText(text)) break;
      }
      return { status: response.status, text, json: parsed(text) };
    } catch (error) {
      return { failure: reasonOf(error) };
    }
  }

  #compareClocks(url, response, began) {
    this.asked.add(new URL(url).host);
    const theirs = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(theirs)) return;
    const now = Date.now();
    // Theirs lies somewhere between the two, and was rounded down.
    const aheadMs = began > theirs + RESOLUTION_MS ? began - theirs - RESOLUTION_MS : Math.min(0, now - theirs);
    this.clocks.push({ host: new URL(url).host, aheadMs });
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reasonOf(error) {
  if (error.name === "TimeoutError") return "no answer in time";
  // Node's own words on what is no request quote it, and a key may be in it.
  if (error instanceof TypeError && error.cause === undefined)
    return "its address or its key has characters that no request may have";
  return error.cause?.code ?? error.cause?.message ?? error.message;
}
