// The closed door: who may ask for a workflow, from where.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, assertProblem } from "./support/api.mjs";
import { rawRequest } from "./support/raw.mjs";
import { startForFile, startWithOpenai } from "./support/worker.mjs";

const open = await startWithOpenai();
const port = new URL(open.url).port;
const bodyless = { vars: { ENVIRONMENT: "production", MODEL_PROVIDER: "demo", DEMO_SPEED: "0" } };
const unconfigured = await startForFile(bodyless);
const guarded = await startForFile({
  vars: { ...bodyless.vars, API_TOKENS: "alice:token-of-alice-0123456789,bob:token-of-bob-0123456789abc" },
});

const alice = new Api(guarded.url, "token-of-alice-0123456789");
const bob = new Api(guarded.url, "token-of-bob-0123456789abc");

function raw(head, body = "") {
  return rawRequest(port, `${head.join("\r\n")}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
}

test("without tokens every workflow route is closed, and the answer gives the command to run", async () => {
  const { api } = unconfigured;
  const answers = [
    await api.post("/", { prompt: "x" }),
    await api.get("/some-id"),
    await api.get("/some-id/result"),
    await api.post("/some-id/pause"),
    await api.request("DELETE", "/some-id"),
  ];
  for (const answer of answers) assert.match(assertProblem(answer, 503, "auth-not-configured").detail, /API_TOKENS/);
  assert.equal((await api.get("/health")).status, 200);
});

test("a missing or wrong token is 401 and told which scheme to use", async () => {
  for (const token of [undefined, "wrong", "token-of-alice-012345678", "alice:token-of-alice-0123456789"]) {
    const answer = await new Api(guarded.url, token).post("/", { prompt: "x" });
    assertProblem(answer, 401);
    assert.match(answer.headers.get("www-authenticate"), /^Bearer\b/);
    assert.ok(!answer.text.includes("token-of-alice"), "no token in an answer");
  }
  const basic = await new Api(guarded.url).get("/some-id", { authorization: "Basic dG9rZW4tb2YtYWxpY2U=" });
  assertProblem(basic, 401);
});

test("GET /v1/access says whose workflows the caller may see, and refuses as the others do", async () => {
  for (const [api, tenant] of [
    [alice, "alice"],
    [bob, "bob"],
    [open.api, "default"],
  ]) {
    const answer = await api.get("/v1/access");
    assert.deepEqual([answer.status, answer.json], [200, { tenant }]);
    assert.equal(answer.headers.get("cache-control"), "private, no-cache");
  }
  assertProblem(await new Api(guarded.url, "wrong-token-0123456789").get("/v1/access"), 401);
  assertProblem(await alice.get("/v1/access", { origin: "https://evil.example" }), 403);
  assertProblem(await unconfigured.api.get("/v1/access"), 503, "auth-not-configured");
});

test("a right token opens, and tenants do not see each other's workflows", async () => {
  const id = await alice.submit({ id: "shared-name", prompt: "Write about bees. Then about honey." });
  await alice.reach(id, "complete");
  assertProblem(await bob.get(`/${id}`), 404);
  assert.equal(await bob.submit({ id: "shared-name", prompt: "Bob's own. With two sentences." }), "shared-name");
  assert.match((await alice.status(id)).prompt, /bees/);
});

test("development is open on a loopback host and closed on any other, be it deployed or a rebound name", async () => {
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
    const answer = await raw([`GET /nobody HTTP/1.1`, `host: ${host}`]);
    assert.equal(answer.status, 404, `${host}: ${answer.text}`);
  }
  for (const host of [
    "orchestrator-workers.someone.workers.dev",
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    `localhost.evil.example:${port}`,
  ]) {
    const read = await raw([`GET /nobody HTTP/1.1`, `host: ${host}`]);
    assertProblem(read, 503, "auth-not-configured");
    const write = await raw(["POST / HTTP/1.1", `host: ${host}`, "content-type: application/json"], '{"prompt":"x"}');
    assertProblem(write, 503, "auth-not-configured");
  }
  assert.equal(open.emulator.calls.length, 0, "no model call was spent");
});

test("open development is closed behind a proxy that says so", async () => {
  for (const header of [
    "x-forwarded-for: 192.0.2.1",
    "X-Forwarded-Host: dev.example",
    "x-forwarded-proto: https",
    "Forwarded: for=192.0.2.1",
    "Via: 1.1 proxy",
    "X-Real-IP: 192.0.2.1",
  ]) {
    const host = `host: 127.0.0.1:${port}`;
    const read = await raw(["GET /nobody HTTP/1.1", host, header]);
    assert.match(assertProblem(read, 503, "auth-not-configured").detail, /proxy.*API_TOKENS/);
    const write = await raw(["POST / HTTP/1.1", host, header, "content-type: application/json"], '{"prompt":"x"}');
    assertProblem(write, 503, "auth-not-configured");
    assert.equal((await raw(["GET /health HTTP/1.1", host, header])).status, 200, "what is open stays open");
    assertProblem(await alice.get("/nobody", Object.fromEntries([header.split(": ")])), 404);
  }
  assert.equal(open.emulator.calls.length, 0, "no model call was spent");
});

test("with ALLOWED_ORIGINS=* open development still allows loopback pages only", async () => {
  const { api } = await startForFile({ vars: { ALLOWED_ORIGINS: "*", DEMO_SPEED: "0" } });
  const origin = "https://anything.example";
  assertProblem(await api.post("/", { prompt: "x" }, { origin }), 403);
  assert.equal((await api.get("/health", { origin })).headers.get("access-control-allow-origin"), null);
  const loopback = await api.post("/", { prompt: "x" }, { origin: "http://localhost:5173" });
  assert.deepEqual(
    [loopback.status, loopback.headers.get("access-control-allow-origin")],
    [202, "http://localhost:5173"],
  );
});

test("an unsafe request from a foreign origin is refused", async () => {
  for (const origin of ["https://evil.example", "null", "http://localhost.evil.example"]) {
    const answer = await open.api.post("/", { prompt: "x" }, { origin });
    assertProblem(answer, 403);
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
    assertProblem(await open.api.request("DELETE", "/nobody", { headers: { origin } }), 403);
  }
  assert.equal(open.emulator.calls.length, 0, "no model call was spent");
});

test("a foreign page may not read either", async () => {
  const answer = await open.api.get("/health", { origin: "https://evil.example" });
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
});

test("a preflight allows loopback pages in development, and no others", async () => {
  const preflight = (origin, path = "/") =>
    open.api.request("OPTIONS", path, {
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,authorization,prefer,idempotency-key",
      },
    });
  const allowed = await preflight("http://localhost:5173");
  assert.equal(allowed.status, 204, allowed.text);
  assert.equal(allowed.headers.get("access-control-allow-origin"), "http://localhost:5173");
  assert.match(allowed.headers.get("access-control-allow-methods"), /POST/);
  for (const name of ["content-type", "authorization", "prefer", "idempotency-key"]) {
    assert.match(allowed.headers.get("access-control-allow-headers"), new RegExp(name, "i"));
  }
  assert.match(allowed.headers.get("vary") ?? "", /origin/i);
  assert.equal((await preflight("http://localhost:5173", "/some-id")).status, 204);
  assert.equal((await preflight("https://evil.example")).headers.get("access-control-allow-origin"), null);
});

test("an answer to a loopback page lets it read what it needs", async () => {
  const answer = await open.api.get("/health", { origin: "http://localhost:5173" });
  assert.equal(answer.headers.get("access-control-allow-origin"), "http://localhost:5173");
  assert.match(answer.headers.get("access-control-expose-headers") ?? "", /location/i);
});
