// Following a workflow: signs of life while nothing happens, and how long an answer may take.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  endWithin,
  follow,
  KEEP_ALIVE_MS,
  patienceMs,
  usageOf,
  WAIT_MS,
  workflowHeaders,
} from "../../src/doors/openai-common/follow.js";

const never = () => new Promise(() => {});
const request = (headers = {}) => new Request("https://host.example/v1/chat/completions", { headers });

test("an answer may take 240 seconds, or less where its client asks for less", () => {
  assert.equal(WAIT_MS, 240_000);
  assert.equal(patienceMs(request()), 240_000);
  assert.equal(patienceMs(request({ prefer: "respond-async, wait=5" })), 5_000);
  assert.equal(patienceMs(request({ prefer: "wait=999" })), 240_000);
  assert.equal(patienceMs(request({ prefer: "await=5" })), 240_000);
});

test("an end that comes in time is given, one that does not is null and its poll is let go of", async () => {
  const inside = (wait) => /** @type {any} */ ({ client: { wait } });
  assert.deepEqual(
    await endWithin(
      inside(async () => ({ status: "complete" })),
      "w",
      1_000,
    ),
    { status: "complete" },
  );
  let signal;
  const late = (_, options) => {
    signal = options.signal;
    return never();
  };
  assert.equal(await endWithin(inside(late), "w", 10), null);
  assert.equal(signal.aborted, true);
  await assert.rejects(
    endWithin(
      inside(async () => Promise.reject(new Error("gone"))),
      "w",
      1_000,
    ),
    /gone/,
  );
});

test("while nothing happens there is a sign of life, and no event is lost", async () => {
  let go;
  const gate = new Promise((resolve) => {
    go = resolve;
  });
  async function* events() {
    yield { type: "attempt_started" };
    await gate;
    yield { type: "workflow_completed" };
  }
  const inside = /** @type {any} */ ({ client: { events } });
  const seen = [];
  for await (const event of follow(inside, "w", { signal: undefined, keepAliveMs: 5 })) {
    seen.push(event?.type ?? null);
    if (seen.filter((type) => type === null).length === 3) go();
  }
  assert.equal(seen[0], "attempt_started");
  assert.ok(seen.filter((type) => type === null).length >= 3);
  assert.equal(seen.at(-1), "workflow_completed");
});

test("a sign of life comes often enough for proxies, which close what is silent for 30 seconds or more", () => {
  assert.ok(KEEP_ALIVE_MS <= 15_000);
});

test("the types that are asked for have words or end a run", async () => {
  let asked;
  async function* events(_, { types }) {
    asked = types;
    yield* [];
  }
  const inside = /** @type {any} */ ({ client: { events } });
  for await (const _ of follow(inside, "w", { signal: undefined })) assert.fail("nothing");
  assert.ok(asked.includes("answer") && asked.includes("plan_accepted") && asked.includes("workflow_errored"));
  assert.ok(!asked.includes("delta"));
});

test("usage and headers", () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, model_calls: 4, estimated: true };
  assert.deepEqual(usageOf({ usage }), { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 });
  const headers = workflowHeaders(request(), "w1");
  assert.equal(headers["x-workflow-url"], "https://host.example/workflows/w1");
  assert.equal(headers["x-request-id"], "w1");
  const proxied = new Request("http://host.example/v1/models", { headers: { "x-forwarded-proto": "https" } });
  assert.equal(workflowHeaders(proxied, "w1")["x-workflow-url"], "https://host.example/workflows/w1");
});
