// doors.js, the module of the bundle that the first request for a door loads: src/cloudflare/main.js, with paths and a
// door that are made here.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { bundleMain } from "../../scripts/build/bundle.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { startWorker } from "./harness/miniflare.mjs";

const ORIGIN = "http://localhost:5173";
const PATHS = `export const doorOf = (pathname) =>
  pathname.startsWith("/door/") ? { name: "test", requestHeaders: "x-of-the-door" } : undefined;`;
/** Says how often this was evaluated in the isolate, and asked, and what our API answers to the rest of the path. */
const DOOR = `globalThis.evaluated = (globalThis.evaluated ?? 0) + 1;
let asked = 0;
export async function answer(name, request, ctx, core) {
  const { pathname } = new URL(request.url);
  const inner = new Request(new URL(pathname.slice("/door".length), request.url), { headers: request.headers });
  const response = await core(inner);
  request.cors ??= inner.cors;
  const body = await response.text();
  return Response.json({ name, evaluated: globalThis.evaluated, asked: ++asked, status: response.status, body });
}`;

/** A Worker of the crash-test build with this doors.js, or none. */
async function start(t, doors) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "orchestrator-doors-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const bundle = path.join(folder, "build/bundle");
  mkdirSync(bundle, { recursive: true });
  await bundleMain(path.join(bundle, "main.js"), { conditions: ["crash-test"], plugins: [instead(PATHS)] });
  cpSync(inRoot("build/crash-test/index_bg.wasm"), path.join(bundle, "index_bg.wasm"));
  if (doors !== null) writeFileSync(path.join(bundle, "doors.js"), doors);
  const worker = await startWorker({
    stateDir: path.join(folder, "state"),
    buildDir: path.join(folder, "build"),
    vars: { DEMO_SPEED: "0" },
  });
  t.after(() => worker.stop());
  return (route, init = {}) =>
    fetch(`${worker.url}${route}`, { ...init, headers: { origin: ORIGIN, ...init.headers } });
}

/** In the place of src/doors/paths.js. */
const instead = (contents) => ({
  name: "paths",
  setup: (build) => build.onLoad({ filter: /\/src\/doors\/paths\.js$/ }, () => ({ contents })),
});

test("the first request for a door loads it, and a crash of the WebAssembly does not load it anew", async (t) => {
  const ask = await start(t, DOOR);
  assert.equal((await ask("/health")).status, 200);
  const first = await Promise.all(Array.from({ length: 20 }, async () => (await ask("/door/health")).json()));
  const different = new Set(first.map(({ name, evaluated, status }) => `${name} ${evaluated} ${status}`));
  assert.deepEqual([...different], ["test 1 200"]);
  assert.deepEqual(
    first.map(({ asked }) => asked).sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  for (const kind of ["panic", "late-memory"]) {
    assert.equal((await ask(`/door/crash/entry/${kind}`)).status, 500);
    const next = await (await ask("/door/health")).json();
    assert.deepEqual([next.evaluated, next.status], [1, 200]);
  }
  assert.equal((await (await ask("/door/health")).json()).asked, 25, "its state is still there");
});

test("pages may read its answers, and send what it names", async (t) => {
  const ask = await start(t, DOOR);
  const preflight = await ask("/door/health", {
    method: "OPTIONS",
    headers: { "access-control-request-method": "POST" },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-methods"), "GET, HEAD, POST, DELETE, OPTIONS");
  assert.match(preflight.headers.get("access-control-allow-headers"), /authorization.*, x-of-the-door$/i);
  for (const answer of [preflight, await ask("/door/health")])
    assert.equal(answer.headers.get("access-control-allow-origin"), ORIGIN);
});

for (const [what, doors] of [
  ["is not there", null],
  ["throws", 'throw new Error("broken");'],
  ["has nothing that answers", "export const other = 1;"],
]) {
  test(`where doors.js ${what}, a door is answered 500, and everything else works`, async (t) => {
    const ask = await start(t, doors);
    for (let time = 1; time <= 2; time++) {
      const refused = await ask("/door/health");
      assert.equal(refused.status, 500);
      assert.equal(refused.headers.get("content-type"), "application/problem+json");
      assert.equal((await refused.json()).type, "urn:orchestrator-workers:problem:internal-error");
      assert.equal((await ask("/health")).status, 200);
    }
    const done = await ask("/workflows", {
      method: "POST",
      headers: { "content-type": "application/json", prefer: "wait=30" },
      body: JSON.stringify({ prompt: "- Find a venue\n- Draft a schedule" }),
    });
    assert.equal((await done.json()).details.status, "complete");
  });
}
