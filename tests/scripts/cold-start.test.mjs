// The build's check of the cold start: scripts/build/cold-start.mjs.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { checkColdStart } from "../../scripts/build/cold-start.mjs";

const FEW = { runs: 2, runsAgain: 2 };

/** A bundle like the build's, whose main module is this text. */
function bundle(t, main) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "bundle-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const object =
    'import { DurableObject } from "cloudflare:workers";\nexport class OrchestratorWorkflow extends DurableObject {}';
  writeFileSync(path.join(folder, "main.js"), `${object}\n${main}`);
  writeFileSync(path.join(folder, "index_bg.wasm"), Buffer.from("0061736d01000000", "hex"));
  writeFileSync(path.join(folder, "doors.js"), "export const answer = () => new Response();");
  return folder;
}

test("a Worker that does a lot of work at its start is refused, with the ratio", async (t) => {
  // As much as keeps a fast machine busy for several times as long as an empty Worker takes.
  const work = "let sum = 0; for (let i = 0; i < 1e8; i++) sum += i % 7;";
  const slow = bundle(t, `${work}\nexport default { fetch: () => new Response(sum) };`);
  await assert.rejects(checkColdStart(slow, FEW), /the cold start takes [\d.]+ times as long/);
});

test("a Worker that does not start, or does not answer well, is refused", async (t) => {
  await assert.rejects(checkColdStart(bundle(t, "throw new Error('no')"), FEW), /workerd ended: /);
  const failing = bundle(t, "export default { fetch: () => new Response('', { status: 500 }) };");
  await assert.rejects(checkColdStart(failing, FEW), /answers GET \/health with 500/);
});

test("a Worker that has evaluated the doors by its first answer is refused", async (t) => {
  const fetched = 'export default { fetch: async () => (await import("./doors.js")).answer() };';
  await assert.rejects(checkColdStart(bundle(t, fetched), FEW), /answers GET \/health with 500/);
  const imported = 'import { answer } from "./doors.js";\nexport default { fetch: answer };';
  await assert.rejects(checkColdStart(bundle(t, imported), FEW), /workerd ended: .*doors\.js: evaluated at the start/);
});
