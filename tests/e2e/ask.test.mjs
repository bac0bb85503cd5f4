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

test("the workflows are listed, newest first, by what they are asked for, and as JSON", async () => {
  await api.submit({ id: "listed-1", prompt: "Compare bees\nand wasps", metadata: { team: "list" } });
  await api.reach("listed-1", "complete");
  await api.submit({
    id: "listed-2",
    prompt: "More of the bees",
    metadata: { team: "list" },
    follow_up_to: "listed-1",
  });
  await api.reach("listed-2", "complete");
  const listed = async (...args) => (await ask("list", ...args)).stdout.trimEnd().split("\n");
  await eventually("the index was told", async () => {
    const rows = await listed("--metadata", "team=list", "--status", "complete,errored");
    return rows.length === 3;
  });
  const [heading, second, first] = await listed("--metadata", "team=list");
  assert.match(heading, /^ID +STATUS +AGE +SUBTASKS +TOKENS +PROMPT$/);
  assert.match(second, /^listed-2 +complete +\d+s +(\d+\/\d+|direct) +~?[\d,]+ +More of the bees$/);
  assert.match(first, /^listed-1 +complete +\d+s +(\d+\/\d+|direct) +~?[\d,]+ +Compare bees and wasps$/);
  const entries = (await listed("--json", "--q", "BEES wasps")).map((line) => JSON.parse(line));
  assert.deepEqual(
    entries.map(({ id, status, children }) => [id, status, children]),
    [["listed-1", "complete", 1]],
  );
  assert.match((await listed("--parent", "listed-1"))[1], /^listed-2 /);
  const { stdout, stderr } = await ask("list", "--limit", "1");
  assert.equal(stdout.trimEnd().split("\n").length, 2);
  assert.equal(stderr, "There are more: give a larger --limit.\n");
  assert.equal((await ask("list", "--q", "no-such-words")).stderr, "There are no such workflows.\n");
});

test("what the server refuses of a list is said by its flag", async () => {
  const { code, stderr } = await ask("list", "--status", "done").then(
    () => assert.fail("it was not refused"),
    (failure) => failure,
  );
  assert.equal(code, 3);
  assert.match(stderr, /^ask: .*status.*done/);
});

test("the answer of a workflow that has ended is printed without waiting", async () => {
  const { stdout, stderr } = await ask("get", "asked");
  assert.equal(stdout.trimEnd(), (await api.status("asked")).output.finalResult.trimEnd());
  assert.match(stderr, /^complete in [\d.]+ s, /m);
  assert.deepEqual(JSON.parse((await ask("get", "asked", "--json")).stdout), await api.status("asked"));
  await api.submit({ id: "unfinished", prompt: "- a\n- b", options: { approval: "plan" } });
  await api.reach("unfinished", "waiting");
  const failure = await ask("get", "unfinished").then(
    () => assert.fail("it has not ended"),
    (thrown) => thrown,
  );
  assert.deepEqual([failure.code, failure.stdout], [1, ""]);
  assert.match(failure.stderr, /^ask: the workflow is waiting\.$/m);
  await assert.rejects(ask("get", "nobody"), ({ code }) => code === 3);
});
