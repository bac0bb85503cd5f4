// A crash of the WebAssembly hangs nobody and costs nobody the alarm: src/cloudflare/main.js, on a build whose routes
// crash on request (src/cloudflare/crash.rs).

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { pauseMs } from "../../src/cloudflare/alarm-guard.js";
import { startWorker } from "./harness/miniflare.mjs";
import { eventually } from "./support/eventually.mjs";

const buildDir = fileURLToPath(new URL("../../build/crash-test", import.meta.url));
const KINDS = ["panic", "memory", "throw", "stack", "late-panic", "late-memory", "late-throw", "late-stack"];
/** Loose: they were answered within 60 ms here. Without the guard they would wait for ever. */
const ANSWERED_WITHIN_MS = 5_000;
/** One, and the six repetitions after which it forgets the alarm. */
const ATTEMPTS_OF_THE_PLATFORM = 7;

let worker;
let stateDir;
/** A page that development lets read every answer. */
const ORIGIN = "http://localhost:5173";
const get = (route, init) =>
  fetch(`${worker.url}/crash/${route}`, { signal: AbortSignal.timeout(30_000), headers: { origin: ORIGIN }, ...init });

test.before(async () => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), "orchestrator-workers-"));
  worker = await startWorker({ stateDir, buildDir, vars: { HEARTBEAT_MS: "100" }, platform: true });
});
test.after(async () => {
  await worker?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

for (const place of ["entry", "object/a"]) {
  for (const kind of KINDS) {
    test(`${kind} in the ${place.split("/")[0]} is answered, and the next request works`, async () => {
      await assertProblem(get(`${place}/${kind}`));
      assert.equal(await (await get("object/a/ok")).text(), "ok\n");
    });
  }
}

test("calls in flight elsewhere in the isolate are answered too", async () => {
  const innocents = [get("entry/slow"), get("object/b/slow"), get("object/c/slow")];
  await inFlight(innocents.length);
  await Promise.all([...innocents, get("object/a/late-panic")].map((call) => assertProblem(call)));
});

/** The crash before has left an instance that has begun none. */
const inFlight = (count) =>
  eventually("the slow calls have begun", async () => (await (await get("object/a/slow-begun")).text()) === `${count}`);

test("a panic under wait_until hangs nobody", async () => {
  const innocent = get("object/b/slow");
  await inFlight(1);
  assert.equal(await (await get("object/a/background/late-panic")).text(), "started\n");
  await assertProblem(innocent);
  assert.equal(await (await get("object/a/ok")).text(), "ok\n");
});

test("an alarm that fails more often than the platform would repeat it still gets through", {
  timeout: 60_000,
}, async () => {
  const kinds = ["late-panic", "memory", "throw", "error"];
  // At the same time, since the guard waits longer each time; so one's crash may end another's attempt.
  const evictions = await Promise.all(kinds.map((kind) => alarmGetsThrough(`alarm-${kind}`, kind)));
  assert.ok(Math.min(...evictions) > 0, "each was evicted in between");
  const logged = worker.logs.filter(({ message }) => message.includes("the alarm failed"));
  for (const kind of kinds) {
    const failures = logged
      .map(({ message }) => JSON.parse(message))
      .filter(({ level, object }) => level === "error" && object === `alarm-${kind}`)
      .map(({ failures }) => failures);
    assert.ok(failures.length >= ATTEMPTS_OF_THE_PLATFORM, `${failures}`);
    assert.deepEqual(
      failures,
      failures.map((_, index) => index + 1),
      "the count outlives an eviction",
    );
  }
});

/** Resolves once the alarm has got through, to the number of times that its object was evicted meanwhile. */
async function alarmGetsThrough(name, kind) {
  assert.equal(await (await get(`object/${name}/alarm/${kind}`)).text(), "armed\n");
  let [begun, evictions] = [0, 0];
  for (let done = false; !done; ) {
    await sleep(250);
    // Refused while it is busy, or not there.
    await worker.evict(name).then(() => (evictions += 1), ignore);
    const response = await get(`object/${name}/alarms`);
    if (response.ok) [begun, done] = await response.json();
  }
  assert.ok(begun > ATTEMPTS_OF_THE_PLATFORM, `it failed ${begun - 1} times`);
  return evictions;
}

function ignore() {}

test("the pause before the next alarm begins with a heartbeat and doubles up to ten minutes", () => {
  const pauses = (heartbeat) => [1, 2, 3, 7, 100].map((failures) => pauseMs(failures, heartbeat));
  assert.deepEqual(pauses("500"), [500, 1_000, 2_000, 32_000, 600_000]);
  for (const heartbeat of [undefined, "", "60000", "soon", "1"])
    assert.deepEqual(pauses(heartbeat), [10_000, 20_000, 40_000, 600_000, 600_000], heartbeat);
});

test("an event stream breaks off at a crash", async () => {
  const reader = (await get("object/b/stream", { signal: null })).body.getReader();
  await reader.read();
  const ended = (async () => {
    while (!(await reader.read()).done);
    return "ended as if complete";
  })().catch(() => "broke off");
  await assertProblem(get("object/a/panic"));
  assert.equal(await Promise.race([ended, sleep(ANSWERED_WITHIN_MS, "silent", { ref: false })]), "broke off");
});

test("an event stream that ends is passed on whole", async () => {
  const response = await get("object/b/short-stream");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(await response.text(), "data: tick\n\n".repeat(3));
});

test("a client that leaves an event stream is noticed by the object", async () => {
  const before = Number(await (await get("object/a/dropped")).text());
  const controller = new AbortController();
  const response = await get("object/b/stream", { signal: controller.signal });
  await response.body.getReader().read();
  controller.abort();
  let dropped;
  for (let i = 0; i < 100 && !(dropped > before); i++) {
    await sleep(100);
    dropped = Number(await (await get("object/a/dropped")).text());
  }
  assert.equal(dropped, before + 1);
});

test("twenty mixed crashes at once leave a worker that works", async () => {
  const calls = Array.from({ length: 20 }, (_, i) =>
    get(`${i % 3 ? `object/${i}` : "entry"}/${KINDS[i % KINDS.length]}`),
  );
  await Promise.all(calls.map((call) => assertProblem(call)));
  assert.equal(await (await get("object/a/ok")).text(), "ok\n");
});

async function assertProblem(call) {
  const started = Date.now();
  const response = await call;
  const body = await response.text();
  assert.equal(response.status, 500, body);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("retry-after"), "1");
  assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN, "a page may read it");
  // To the router these are unknown paths, at which a browser gets the console's page.
  assert.equal(response.headers.get("vary"), "Accept, Origin");
  const problem = JSON.parse(body);
  assert.equal(problem.type, "urn:orchestrator-workers:problem:internal-error");
  assert.ok(problem.title && problem.detail);
  assert.ok(Date.now() - started < ANSWERED_WITHIN_MS, `answered after ${Date.now() - started} ms`);
}
