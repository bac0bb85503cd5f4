// `npm run ask` against the real Worker, from prompt to answer.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startForFile } from "./support/worker.mjs";

const SCRIPT = fileURLToPath(new URL("../../scripts/ask.mjs", import.meta.url));
const { api, url } = await startForFile({ vars: { DEMO_SPEED: "0" } });

function ask(...args) {
  return promisify(execFile)(process.execPath, [SCRIPT, "--url", url, ...args]);
}

test("a prompt in, the subtasks on stderr, the answer on stdout", async () => {
  const { stdout, stderr } = await ask("--id", "asked", "- Find a venue\n- Draft a schedule\n- Estimate the costs");
  assert.match(stdout, /^Demo: no language model was called\./);
  assert.match(stderr, /plan.*complete/);
  assert.match(stderr, /t1.*complete/);
  assert.equal((await api.status("asked")).output.finalResult.trimEnd(), stdout.trimEnd());
});

test("a finished workflow can be looked at again, whole", async () => {
  const { stdout } = await ask("--follow", "asked", "--json");
  assert.deepEqual(JSON.parse(stdout), await api.status("asked"));
});

test("what the server refuses is shown in its own words", async () => {
  await assert.rejects(
    ask("--max-subtasks", "51", "Write."),
    ({ code, stderr }) => code === 2 && /max_subtasks/.test(stderr),
  );
  await assert.rejects(ask("--follow", "nobody"), ({ code, stderr }) => code === 2 && /nobody/.test(stderr));
});
