// What a door has of us: our own API, asked in this process as the caller itself would ask it.

import { OrchestratorClient } from "../../client/index.js";

/** Who asks, and from where: the core decides by these what is allowed. */
const CARRIED = [
  "authorization",
  "origin",
  "host",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
];

/** @typedef {ReturnType<typeof makeInside>} Inside */

/**
 * @param {Request & { cors?: [string, string][] }} request
 * @param {{ waitUntil(promise: Promise<unknown>): void }} ctx
 * @param {(request: Request & { cors?: [string, string][] }) => Promise<Response>} core answers our own API.
 */
export function makeInside(request, ctx, core) {
  /** The core's own answer, whatever it is. CORS is left on the outer request, where main.js finds it. */
  async function fetch(url, init = {}) {
    const headers = new Headers(init.headers);
    for (const name of CARRIED) {
      const value = request.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    /** @type {Request & { cors?: [string, string][] }} */
    const inner = new Request(new URL(url, request.url), { ...init, headers });
    const response = await core(inner);
    request.cors ??= inner.cors;
    return response;
  }

  return {
    request,
    fetch,
    client: new OrchestratorClient({ url: new URL(request.url).origin, fetch }),
    /** Who asks, `{ tenant }`, or the core's refusal. */
    async access() {
      const response = await fetch("/v1/access");
      return response.ok ? /** @type {{ tenant: string }} */ (await response.json()) : response;
    },
    waitUntil: (promise) => ctx.waitUntil(promise),
  };
}
