// The API against its own document: every operation is asked for every status that the document gives it, and every
// answer is one that it describes (support/api.mjs holds all answers of all test files against it). Those of doors are
// held by the tests of each (support/described.mjs).

import assert from "node:assert/strict";
import { test } from "node:test";
import { subscribe } from "./support/events.mjs";
import { document, ownPaths, seen } from "./support/openapi.mjs";
import { startForFile } from "./support/worker.mjs";

const TOKEN = "token-of-alice-0123456789";
const OURS = "https://app.example";
const vars = { DEMO_SPEED: "0", API_TOKENS: `alice:${TOKEN}`, ALLOWED_ORIGINS: OURS };
const { api } = await startForFile({ vars, token: TOKEN });

/** What no request can bring about on a healthy server; other files meet some of it. */
const OUT_OF_REACH = {
  statuses: [500],
  problems: ["internal-error", "newer-journal", "unavailable"],
};

const TOO_LONG = "x".repeat(1024 * 1024 + 1);
/** Within the limit of a prompt, and beyond the demo's context of 128,000 tokens. */
const TOO_LARGE_FOR_THE_DEMO = "\u0001".repeat(128 * 1024);
const NOT_UTF8 = new Uint8Array([0xff, 0xfe]);
const CONTROLS = ["pause", "resume", "terminate", "restart", "approve"];

/** GET, and HEAD with the same outcome. */
async function get(path, status, headers = {}) {
  const answer = await api.get(path, headers);
  assert.equal(answer.status, status, `GET ${path}: ${answer.text}`);
  const head = await api.request("HEAD", path, { headers });
  assert.equal(head.status, status, `HEAD ${path}`);
  return answer;
}

async function post(path, status, body, headers) {
  const answer = await api.post(path, body, headers);
  assert.equal(answer.status, status, `POST ${path}: ${answer.text}`);
  return answer;
}

const operations = Object.entries(ownPaths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => method !== "parameters")
    .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);

/** A workflow that does not end by itself. */
const hanging = (options) => api.submit({ prompt: "Write about a, b and c. [demo: hang t1]", ...options });

test("the document is served as it is committed", async () => {
  const { json, headers } = await get("/openapi.json", 200);
  assert.deepEqual(json, document);
  await get("/openapi.json", 304, { "if-none-match": headers.get("etag") });
});

test("what is open to everybody", async () => {
  await get("/", 200);
  await get("/health", 200);
  for (const path of ["/", "/some-id", "/workflows/some-id"]) {
    const page = await api.get(path, { accept: "text/html" });
    assert.match(page.headers.get("content-type"), /^text\/html/);
    await api.request("HEAD", path, { headers: { accept: "text/html" } });
  }
});

/** A test of each route of a workflow: below `/workflows`, and at the root. */
function everywhere(name, run) {
  test(`${name}, below /workflows`, () => run({ collection: "/workflows", at: "/workflows" }));
  test(`${name}, at the root`, () => run({ collection: "/", at: "" }));
}

everywhere("submissions", async ({ collection, at }) => {
  const accepted = await post(collection, 202, { prompt: "Write about a, b and c." });
  await api.reach(accepted.json.id, "complete");
  await post(collection, 202, "Write about a, b and c.", { "content-type": "text/markdown" });
  const wait = { prefer: "wait=30" };
  await post(collection, 200, { prompt: "Write about a, b and c.", metadata: { a: "b" } }, wait);
  await post(collection, 200, { prompt: "Write about a, b and c." }, { ...wait, accept: "text/markdown" });
  const events = await post(
    collection,
    200,
    { prompt: "Write about a, b and c. [demo: fail t2 1x]" },
    { accept: "text/event-stream" },
  );
  assert.match(events.text, /event: workflow_completed/);
  await post(collection, 409, { prompt: "x", id: accepted.json.id });
  await post(collection, 202, { prompt: "x" }, { "idempotency-key": `k1${at}` });
  await post(collection, 422, { prompt: "y" }, { "idempotency-key": `k1${at}` });
  await post(collection, 400, "{", { "content-type": "application/json" });
  await post(collection, 400, { prompt: "x", surprise: 1 });
  await post(collection, 400, { prompt: "x", tasks: [{ id: "a", instructions: "a", depends_on: ["a"] }] });
  await post(collection, 413, { prompt: TOO_LONG });
  await post(collection, 400, { prompt: TOO_LARGE_FOR_THE_DEMO });
  await post(collection, 415, "<x/>", { "content-type": "application/xml" });
  await post(collection, 415, { prompt: "x" }, { "content-encoding": "gzip" });
});

everywhere("reading a workflow", async ({ at }) => {
  const id = await api.submit({ prompt: "Write about a, b and c. [demo: fail t2 2x] [demo: truncate synthesis]" });
  await api.reach(id, "complete");
  const full = await get(`${at}/${id}`, 200, { prefer: "wait=1" });
  await get(`${at}/${id}`, 304, { "if-none-match": full.headers.get("etag") });
  await get(`${at}/${id}?simple=true`, 200);
  await get(`${at}/${id}?simple=perhaps`, 400);
  await get(`${at}/${id}/result`, 200, { prefer: "wait=1" });
  const events = await api.get(`${at}/${id}/events`);
  const last = events.text
    .match(/^id: (\S+)$/gm)
    .at(-1)
    .slice(4);
  assert.equal((await api.request("HEAD", `${at}/${id}/events`)).status, 200);
  assert.equal((await api.get(`${at}/${id}/events`, { "last-event-id": last })).status, 204);
  await get(`${at}/${id}/events?types=nonsense`, 400);
  for (const part of ["", "/result", "/events"]) await get(`${at}/unknown-id${part}`, 404);
});

everywhere("every control, where it is possible and where it is not", async ({ at }) => {
  const id = await hanging();
  assert.equal((await api.get(`${at}/${id}/result`)).status, 409);
  assert.equal((await api.request("HEAD", `${at}/${id}/result`)).status, 409);
  for (const control of ["pause", "pause", "resume", "resume"]) await post(`${at}/${id}/${control}`, 200);
  await post(`${at}/${id}/approve`, 409);
  await post(`${at}/${id}/restart`, 400, { from: { name: "subtask/t99" } });
  await post(`${at}/${id}/restart`, 400, { form: 1 });
  await post(`${at}/${id}/restart`, 400, "{", { "content-type": "application/json" });
  for (const control of ["terminate", "terminate"]) await post(`${at}/${id}/${control}`, 200);
  for (const control of ["pause", "resume"]) await post(`${at}/${id}/${control}`, 409);
  await get(`${at}/${id}/result`, 409);
  for (let run = 0; run < 20; run++) await post(`${at}/${id}/restart`, 200, { from: "failed" });
  await post(`${at}/${id}/restart`, 409);
  const ended = await api.submit("Write about a, b and c.");
  await api.reach(ended, "complete");
  await post(`${at}/${ended}/terminate`, 409);
  const waiting = await api.submit({ prompt: "Write about a, b and c.", options: { approval: "plan" } });
  await api.reach(waiting, "waiting");
  await post(`${at}/${waiting}/approve`, 400, { tasks: [] });
  await post(`${at}/${waiting}/approve`, 400, { task: [] });
  await post(`${at}/${waiting}/approve`, 400, "{", { "content-type": "application/json" });
  await post(`${at}/${waiting}/approve`, 200, {
    tasks: ["Write about a.", { instructions: "Write about b.", depends_on: ["t1"] }],
  });
  await api.reach(waiting, "complete");
  for (const control of CONTROLS) {
    await post(`${at}/unknown-id/${control}`, 404);
    await post(`${at}/${id}/${control}`, 413, TOO_LONG);
    await post(`${at}/${id}/${control}`, 400, NOT_UTF8);
    await post(`${at}/${id}/${control}`, 415, "{}", { "content-encoding": "gzip" });
  }
});

everywhere("more clients than may read the events of a workflow", async ({ collection, at }) => {
  const body = { prompt: "Write about a, b and c.", options: { approval: "plan" } };
  const key = { "idempotency-key": `watched${at}` };
  const { id } = (await post(collection, 202, body, key)).json;
  await api.reach(id, "waiting");
  const watching = await Promise.all(Array.from({ length: 100 }, () => subscribe(api, id)));
  assert.equal((await api.get(`${at}/${id}/events`)).status, 429);
  assert.equal((await api.request("HEAD", `${at}/${id}/events`)).status, 200, "HEAD opens no stream");
  await post(collection, 429, body, { ...key, accept: "text/event-stream" });
  for (const controller of watching) controller.abort();
});

everywhere("going on with a workflow that is not there", async ({ collection }) => {
  await post(collection, 404, { prompt: "Shorter.", follow_up_to: "unknown-id" });
});

everywhere("deleting", async ({ at }) => {
  const id = await hanging();
  assert.equal((await api.request("DELETE", `${at}/${id}?follow_ups=perhaps`)).status, 400);
  assert.equal((await api.request("DELETE", `${at}/${id}?follow_ups=true`)).status, 204);
  assert.equal((await api.request("DELETE", `${at}/${id}`)).status, 404);
});

test("who is asking", async () => {
  await get("/v1/access", 200);
});

test("listing", async () => {
  await get("/workflows?limit=1", 200);
  await get("/workflows?limit=0", 400);
  const bare = await startForFile({ index: false });
  assert.equal((await bare.api.get("/workflows")).status, 503);
});

test("nobody without a token, and no page of another site", async () => {
  for (const { method, path, operation } of operations) {
    const open = operation.security.length === 0;
    const answer = await api.request(method, sample(path), {
      headers: { authorization: "Bearer wrong-token-0123456789" },
    });
    if (!open) assert.equal(answer.status, 401, `${method} ${path}`);
    const asksForIt = path === "/v1/access" && method !== "OPTIONS";
    if (!["POST", "DELETE"].includes(method) && !asksForIt) continue;
    const foreign = await api.request(method, sample(path), { headers: { origin: "https://elsewhere.example" } });
    assert.equal(foreign.status, 403, `${method} ${path}`);
  }
});

test("pages of an allowed origin read every answer", async () => {
  for (const { method, path } of operations.filter(({ method }) => method !== "POST")) {
    const answer = await api.request(method, sample(path), { headers: { origin: OURS } });
    assert.equal(answer.headers.get("access-control-allow-origin"), OURS, `${method} ${path}`);
  }
});

test("other methods and other paths", async () => {
  for (const [path, item] of Object.entries(ownPaths))
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY"]) {
      if (method.toLowerCase() in item) continue;
      const answer = await api.request(method, sample(path));
      assert.equal(answer.status, 405, `${method} ${path}`);
      const allowed = answer.headers.get("allow").toLowerCase().split(", ");
      assert.deepEqual(allowed.toSorted(), methodsOf(item), path);
    }
  for (const path of ["/nowhere/at/all", "/w1/", "/health/", "/metrics", "/usage", "/assets/pause", "/workflows/"])
    assert.equal((await api.get(path)).status, 404, path);
  // A malformed id.
  for (const [path, item] of Object.entries(ownPaths).filter(([path]) => path.includes("{id}")))
    for (const method of methodsOf(item)) {
      const answer = await api.request(method.toUpperCase(), path.replace("{id}", "-a"));
      assert.equal(answer.status, 404, `${method} ${path}`);
      seen.answers.add(`${method.toUpperCase()} ${path} 404`);
    }
});

test("a deployment that is closed or misconfigured says so everywhere", async () => {
  const closed = await startForFile({ vars: { ENVIRONMENT: "production" } });
  const broken = await startForFile({ vars: { HEARTBEAT_MS: "soon" } });
  for (const { method, path, operation } of operations) {
    const open = operation.security.length === 0;
    const of = (server) => server.api.request(method, sample(path));
    if (!open) assert.equal((await of(closed)).status, 503, `${method} ${path}`);
    assert.equal((await of(broken)).status, 503, `${method} ${path}`);
  }
});

test("nothing that is documented was left out", () => {
  const documented = operations.flatMap(({ method, path, operation }) =>
    Object.keys(operation.responses)
      .filter((status) => !OUT_OF_REACH.statuses.includes(Number(status)))
      .map((status) => `${method} ${path} ${status}`),
  );
  const missing = documented.filter((answer) => !seen.answers.has(answer));
  // Served without a look at the assets unless they are missing.
  const expected = ["GET /openapi.json 404", "HEAD /openapi.json 404"];
  assert.deepEqual(missing, expected);
  const problems = Object.values(document.components.schemas)
    .map((schema) => schema.properties?.type?.const)
    .filter((type) => type?.startsWith("urn:"))
    .filter((type) => !OUT_OF_REACH.problems.some((name) => type.endsWith(`:${name}`)));
  assert.deepEqual(
    problems.filter((type) => !seen.problems.has(type)),
    [],
  );
});

function methodsOf(item) {
  return Object.keys(item)
    .filter((key) => key !== "parameters")
    .toSorted();
}

function sample(path) {
  return path.replace("{id}", "unknown-id");
}
