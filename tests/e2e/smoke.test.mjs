// The built Worker answers on workerd.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { startWorker } from "./harness/miniflare.mjs";
import { assertDoorAnswers } from "./support/door.mjs";

test("the built worker answers, also after kill -9 on the same state", async (t) => {
  const stateDir = mkdtempSync(path.join(os.tmpdir(), "orchestrator-workers-"));
  t.after(() => rmSync(stateDir, { recursive: true, force: true }));
  const first = await startWorker({ stateDir });
  assert.equal((await fetch(`${first.url}/health`)).status, 200);
  await assertDoorAnswers(first.url);
  await first.kill9();
  const second = await startWorker({ stateDir, port: first.port });
  t.after(() => second.stop());
  assert.notEqual(second.pid, first.pid);
  assert.equal((await fetch(`${second.url}/health`)).status, 200);
  await assertDoorAnswers(second.url);
});
