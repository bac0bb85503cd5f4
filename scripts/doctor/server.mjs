// A server by its URL: whether it is up and lets us in, and whether what stands before it passes streams on.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { shownUrl } from "../lib/urls.mjs";
import { seconds } from "./models.mjs";
import { mend, note, ok } from "./result.mjs";

/** A stream's first bytes come at once. A proxy that buffers keeps them for as long as the stream lasts. */
const STREAM_MS_MAX = 5_000;
const RUN_MS_MAX = 120_000;
/** The demo costs nothing, so nobody has to be asked. */
const FREE = "demo";
const PROXY = "switch buffering off in the proxy: see docs/self-hosting.md, Proxy and TLS";

/** `{ results, isFree, works }`: `works` where a request may be tried. */
export async function server(url, token, web) {
  const health = await web.ask(`${url}/health`);
  const upAs = healthOf(url, health);
  if (upAs.state === "mend") return { results: [upAs], isFree: false, works: false };
  const access = accessOf(token, await web.ask(`${url}/workflows?limit=1`, { headers: bearer(token) }));
  const results = [upAs, readyOf(await web.ask(`${url}/ready`)), access];
  const works = access.state === "ok";
  if (works) results.push(await stream(url, token, web));
  const isFree = works && health.json.provider === FREE && (await answersFree(url, token, web));
  return { results, isFree, works };
}

/** A model of another provider than the usual one is shown with that one's name before a colon. */
async function answersFree(url, token, web) {
  const { json } = await web.ask(url, { headers: { ...bearer(token), accept: "application/json" } });
  const { big, small } = json?.models ?? {};
  return Array.isArray(big) && Array.isArray(small) && ![...big, ...small].some((name) => name.includes(":"));
}

function healthOf(url, { failure, status, json, tookMs }) {
  if (failure) return mend("server", `${shownUrl(url)} does not answer (${failure})`, "start it, or correct the URL");
  if (status === 200 && json?.version)
    return ok("server", `version ${json.version}, ${json.environment}, ${json.provider}; answers after ${tookMs} ms`);
  if (json?.detail) return mend("server", `${status}: ${json.detail}`, "correct the variable that it names");
  return mend("server", `${shownUrl(url)} is something else (${status})`, "correct the URL");
}

function readyOf({ status, json }) {
  if (status === 200) return ok("ready", "takes requests");
  if (json?.status === "ending") return note("ready", "it was asked to end, and takes no more requests");
  return note("ready", `is not known there (${status ?? "no answer"}): an older version`);
}

function accessOf(token, { failure, status, json }) {
  if (failure) return mend("token", `no answer (${failure})`, "try again");
  if (status === 200) return ok("token", token ? "is accepted" : "is not asked for");
  if (status === 401 && !token) return note("token", "is asked for", "ORCHESTRATOR_TOKEN=..., or --token");
  if (status === 401) return mend("token", "is not one of API_TOKENS", "ORCHESTRATOR_TOKEN=..., what follows the name");
  if (json?.detail) return mend("token", json.detail, "do what it says");
  return mend("token", `${status}`, "look at the server's log");
}

/**
 * The event stream of a workflow that waits for an approval of its own tasks: it calls no model, and says nothing more
 * after its first events, so that a proxy which buffers has nothing to fill its buffer with.
 */
async function stream(url, token, web) {
  const id = `doctor-${randomBytes(8).toString("hex")}`;
  const body = {
    id,
    prompt: "doctor",
    tasks: ["Nothing: this waits until it is deleted"],
    options: { approval: "plan" },
  };
  const began = Date.now();
  let firstMs = null;
  const init = { method: "POST", headers: { ...bearer(token), ...EVENTS }, body: JSON.stringify(body) };
  const answer = await web.stream(
    `${url}/workflows`,
    init,
    () => {
      firstMs ??= Date.now() - began;
      return true;
    },
    STREAM_MS_MAX,
  );
  await web.ask(`${url}/workflows/${id}`, { method: "DELETE", headers: bearer(token) });
  if (firstMs !== null) return ok("stream", `comes as it is written: first bytes after ${firstMs} ms`);
  if (answer.failure) return mend("stream", `no byte within ${seconds(STREAM_MS_MAX)}: something keeps it back`, PROXY);
  return mend(
    "stream",
    `${answer.status}: ${answer.json?.detail ?? answer.text.slice(0, 200)}`,
    "look at the server's log",
  );
}

export const QUESTION =
  "Submit one short request to the server? It is answered by one call of the big model, some hundred tokens, which " +
  "costs far less than a cent at any listed price. [y/N] ";

/** One request, answered directly: the time to its first token, and whether `Prefer: wait` is honoured. */
export async function request(url, token, web) {
  const id = `doctor-${randomBytes(8).toString("hex")}`;
  const began = Date.now();
  let firstMs = null;
  const options = { mode: "direct", length: "brief" };
  const body = JSON.stringify({ id, prompt: "Answer with the one word: ready", options });
  const init = { method: "POST", headers: { ...bearer(token), ...EVENTS }, body };
  const streamed = web.stream(
    `${url}/workflows?types=all`,
    init,
    (text) => {
      if (/^event: (delta|answer)$/m.test(text)) firstMs ??= Date.now() - began;
      return lastEvent(text) !== null;
    },
    RUN_MS_MAX,
  );
  const waited = await waiting(url, token, id, web);
  const { failure, status, text } = await streamed;
  await web.ask(`${url}/workflows/${id}`, { method: "DELETE", headers: bearer(token) });
  if (failure || status !== 200)
    return [mend("request", failure ?? `${status}: ${text.slice(0, 200)}`, "look at the server's log")];
  const end = lastEvent(text);
  if (end === null) return [mend("request", "the stream broke off before the end", PROXY), waited];
  if (end.type !== "completed")
    return [mend("request", `ended in ${end.data.error?.name ?? end.type}`, "see docs/errors.md"), waited];
  const first = firstMs === null ? "no live text" : `first token after ${seconds(firstMs)}`;
  return [ok("request", `${first}, all after ${seconds(Date.now() - began)}`), waited];
}

/** The event that ends a workflow, once all of it is there: `{ type, data }`. */
function lastEvent(text) {
  const [, type, data] = /^event: workflow_(completed|errored|terminated)\ndata: (.*)\n\n/m.exec(text) ?? [];
  return type === undefined ? null : { type, data: JSON.parse(data) };
}

/** A request that waits is told so, whatever the workflow does meanwhile. */
async function waiting(url, token, id, web) {
  const headers = { ...bearer(token), prefer: "wait=1" };
  for (let attempt = 0; attempt < 50; attempt++, await sleep(100)) {
    const { failure, status, headers: answered } = await web.ask(`${url}/workflows/${id}`, { headers });
    if (status === 404) continue;
    if (failure) return mend("Prefer", `no answer (${failure})`, "let the proxy wait for 90 seconds or more");
    const applied = answered.get("preference-applied");
    if (applied) return ok("Prefer", `is honoured (${applied})`);
    return mend("Prefer", "does not arrive at the server", "let the proxy pass the header Prefer on");
  }
  return mend("Prefer", "can't be tried, because the workflow is not there", "look at the server's log");
}

const EVENTS = { "content-type": "application/json", accept: "text/event-stream" };
const bearer = (token) => (token ? { authorization: `Bearer ${token}` } : {});
