// A page of an allowed origin reads every answer, whatever kind it is of; one of another origin reads none. The answers
// of crashes are in crash-guard.test.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startForFile } from "./support/worker.mjs";

const TOKEN = "token-of-alice-0123456789";
const OURS = "https://app.example";
const THEIRS = "https://elsewhere.example";
const ours = { ALLOWED_ORIGINS: OURS, DEMO_SPEED: "0" };
const open = await startForFile({ vars: { ...ours, API_TOKENS: `alice:${TOKEN}` }, token: TOKEN });
const closed = await startForFile({ vars: { ...ours, ENVIRONMENT: "production" } });
const broken = await startForFile({ vars: { ...ours, HEARTBEAT_MS: "soon" } });
const { api } = open;

const id = await api.submit({ prompt: "Write about a, b and c." });
await api.reach(id, "complete");
const waiting = await api.submit({ prompt: "Write about a, b and c.", options: { approval: "plan" } });
await api.reach(waiting, "waiting");
const etag = (await api.get(`/workflows/${id}`)).headers.get("etag");
const last = (await api.get(`/workflows/${id}/events`)).text
  .match(/^id: (\S+)$/gm)
  .at(-1)
  .slice(4);
const json = { "content-type": "application/json" };

/** Name, status, method, path, and what else is sent. */
const ANSWERS = [
  ["what this is", 200, "GET", "/"],
  ["the page", 200, "GET", "/", { headers: { accept: "text/html" } }],
  ["the page of a workflow", 200, "GET", `/workflows/${id}`, { headers: { accept: "text/html" } }],
  ["health", 200, "GET", "/health"],
  ["the document", 200, "GET", "/openapi.json"],
  ["a status", 200, "GET", `/workflows/${id}`],
  ["the head of a status", 200, "HEAD", `/${id}`],
  ["a status that is known", 304, "GET", `/${id}`, { headers: { "if-none-match": etag } }],
  ["a result", 200, "GET", `/${id}/result`],
  ["a stream", 200, "GET", `/${id}/events`],
  ["a stream without more", 204, "GET", `/${id}/events`, { headers: { "last-event-id": last } }],
  ["a submission", 202, "POST", "/workflows", { body: { prompt: "x" } }],
  ["a stream of a submission", 200, "POST", "/", { body: { prompt: "x" }, headers: { accept: "text/event-stream" } }],
  ["a control", 200, "POST", `/${waiting}/pause`],
  ["what is not JSON", 400, "POST", "/", { body: "{", headers: json }],
  ["a wrong query", 400, "GET", `/${id}?simple=perhaps`],
  ["no token", 401, "GET", `/${id}`, { headers: { authorization: "" } }],
  ["no path", 404, "GET", "/no/such/path"],
  ["a malformed id", 404, "DELETE", "/-a"],
  ["a reserved word", 404, "GET", "/usage"],
  ["no file of the console", 404, "GET", "/assets/pause"],
  ["no workflow", 404, "GET", "/nobody"],
  ["a wrong method", 405, "PUT", "/workflows"],
  ["an unknown method", 405, "PROPFIND", `/${id}`],
  ["a conflict", 409, "GET", `/${waiting}/result`],
  ["a control that is not possible", 409, "POST", `/${id}/pause`],
  ["too much", 413, "POST", "/", { body: { prompt: "x".repeat(1024 * 1024) } }],
  ["a media type", 415, "POST", "/", { body: "<x/>", headers: { "content-type": "text/xml" } }],
  ["a compressed body", 415, "POST", "/", { body: "{}", headers: { ...json, "content-encoding": "gzip" } }],
  ["a deletion", 204, "DELETE", `/${waiting}`],
  ["a deployment without tokens", 503, "GET", `/${id}`, {}, closed],
  ["a deployment with a wrong variable", 503, "GET", "/health", {}, broken],
];

const allowed = (answer) => answer.headers.get("access-control-allow-origin");

for (const [name, status, method, path, { body, headers } = {}, server = open] of ANSWERS) {
  test(`a page of an allowed origin reads ${name}`, async () => {
    const send = (origin) => server.api.request(method, path, { body, headers: { ...headers, origin } });
    // The other one first, since the request may change what the next would meet.
    const isSafe = ["GET", "HEAD"].includes(method);
    const theirs = isSafe ? await send(THEIRS) : null;
    if (theirs) assert.deepEqual([theirs.status, allowed(theirs)], [status, null]);
    const answer = await send(OURS);
    assert.deepEqual([answer.status, allowed(answer)], [status, OURS]);
    const exposed = answer.headers.get("access-control-expose-headers").split(", ");
    for (const name of ["retry-after", "location", "www-authenticate", "allow", "accept-post", "accept-encoding"])
      assert.ok(exposed.includes(name), name);
    assert.match(answer.headers.get("vary"), /\bOrigin\b/, "a cache tells the origins apart");
    // Without it the browser would not send what needs a preflight.
    const preflight = await fetch(server.url + path, {
      method: "OPTIONS",
      headers: { origin: OURS, "access-control-request-method": method },
    });
    assert.deepEqual([preflight.status, allowed(preflight)], [204, OURS]);
    const refused = await fetch(server.url + path, {
      method: "OPTIONS",
      headers: { origin: THEIRS, "access-control-request-method": method },
    });
    assert.deepEqual([refused.status, allowed(refused)], [204, null]);
  });
}
