// `npm run ask` against the real Worker, from prompt to answer.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { eventually } from "./support/eventually.mjs";
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
  assert.match(stderr, /^It is split into 3 subtasks \(about \d+ model calls, [\d,]+ tokens\)\. Demo: /m);
  assert.match(stderr, /edit\/1.*complete/);
  assert.equal((await api.status("asked")).output.finalResult.trimEnd(), stdout.trimEnd());
});

test("a mode and a length are the server's to follow", async () => {
  const { stdout, stderr } = await ask("--id", "direct", "--mode", "direct", "--length", "50", "Why is the sky blue?");
  assert.match(stdout, /^Demo: no language model was called\./);
  assert.match(stderr, /^It is answered directly, by one call of the big model\./m);
  assert.match(stderr, /complete in [\d.]+ s, 1 model call,/);
  assert.deepEqual((await api.status("direct")).answer.limit, 50);
});

test("a finished workflow can be looked at again, whole", async () => {
  const { stdout } = await ask("--follow", "asked", "--json");
  assert.deepEqual(JSON.parse(stdout), await api.status("asked"));
});

test("a plan is shown, approved and followed to its answer", async () => {
  const first = ask("--id", "reviewed", "--approval", "plan", "- Find a venue\n- Draft a schedule");
  await eventually("the plan waits", async () => (await api.get("/reviewed")).json.status?.status === "waiting");
  const { stdout, stderr } = await ask("--follow", "reviewed", "--approve");
  assert.match(stdout, /^Demo: no language model was called\./);
  assert.match(stderr, /complete in [\d.]+ s, \d+ model calls, about [\d,]+ tokens, [\d,]+ words: http/);
  // Whoever submitted it was told how to go on, and has the answer too.
  const submitted = await first;
  assert.match(submitted.stderr, /--follow reviewed --approve/);
  assert.equal(submitted.stdout, stdout);
});

test("a submission is approved at once where that is asked for", async () => {
  const { stdout, stderr } = await ask("--approval", "plan", "--approve", "- Find a venue\n- Draft a schedule");
  assert.match(stdout, /^Demo: no language model was called\./);
  assert.match(stderr, /Its plan of 3 subtasks \(about \d+ model calls, [\d,]+ tokens\) is approved\./);
});

test("what the server refuses is said in the words of the command line", async () => {
  const says = async (...args) => {
    const { code, stderr } = await ask(...args).then(
      () => assert.fail("it was not refused"),
      (failure) => failure,
    );
    assert.equal(code, 3);
    return stderr;
  };
  assert.equal(
    await says("--max-subtasks", "51", "Write."),
    "ask: --max-subtasks is 51: expected a whole number from 1 to 50.\n",
  );
  assert.match(
    await says("--approval", "maybe", "Write."),
    /^ask: --approval is "maybe": expected "none" or "plan"\.\n$/,
  );
  assert.match(await says("--big-model", "none", "Write."), /^ask: --big-model is "none": expected one of /);
  assert.match(await says("--id", "a b", "Write."), /^ask: --id is "a b": /);
  assert.match(await says("--id", "asked", "Write."), /^ask: --id: there is already a workflow "asked": /);
  assert.match(await says("--follow", "nobody"), /nobody/);
});
