// The typed client against a Worker that is killed: the stream goes on by itself, waiting goes on, nothing comes twice.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { OrchestratorClient } from "../../client/index.js";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { held, makeGate, text } from "./emulators/scripts.mjs";
import { makeRandom } from "./support/random.mjs";
import { startForFile, startWithOpenai } from "./support/worker.mjs";

const ROUNDS = process.env.TEST_FULL ? 20 : 3;
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);
const chance = makeRandom(SEED);
/** Events of a run of three subtasks and its answer, about. */
const EVENTS = 14;

const { emulator, url, ...worker } = await startWithOpenai();
const demo = await startForFile({ vars: { DEMO_SPEED: "0" } });
const client = new OrchestratorClient({ url });

for (let round = 1; round <= ROUNDS; round++)
  test(`kill -9 at a random event: each event once, the whole text, one end (${round}, CHAOS_SEED=${SEED})`, {
    timeout: 60_000,
  }, async () => {
    const words = Array.from({ length: 50 }, (_, n) => `word${n}`).join(" ");
    const gate = makeGate();
    const workflow = emulator.workflow((call) => {
      if (call.kind === "merge") return text(words, { pauseMs: 2 });
      // So that there is somebody to be killed.
      return call.task === "t3" && call.number === 1 ? held(gate, text("Answer of t3.")) : undefined;
    });
    const { id } = await client.submit({ prompt: workflow.prompt() });
    const waited = client.wait(id);
    const at = chance.whole(3, EVENTS);
    const ids = [];
    let answer = [];
    let crashed;
    for await (const event of client.events(id, { types: "all" })) {
      if (event.type === "answer") answer = [...answer.slice(0, event.from), ...event.text];
      if (event.id) ids.push(event.id);
      if (event.type === "attempt_completed" && event.step === "subtask/t2") gate.open();
      if (ids.length === at) crashed ??= worker.crash();
    }
    await crashed;
    assert.deepEqual(
      ids.map((of) => Number.parseInt(of, 10)),
      ids.map((_, index) => index + 1),
      `killed at ${at}`,
    );
    const status = await waited;
    assert.deepEqual([status.status, status.output.finalResult], ["complete", words]);
    assert.equal(answer.join(""), words);
    assert.equal(await client.result(id), words);
    await assert.rejects(client.result(id, { as: "json" }), /has no JSON: it was submitted without output_schema/);
  });

test("a workflow that is deleted meanwhile ends the stream with an error", { timeout: 20_000 }, async () => {
  const hanging = emulator.workflow((call) => (call.step === "subtask" ? { kind: "hang" } : undefined));
  const { id } = await client.submit({ prompt: hanging.prompt() });
  await assert.rejects(
    async () => {
      for await (const event of client.events(id)) if (event.type === "plan_accepted") await client.delete(id);
    },
    { status: 404, kind: "not-found" },
  );
});

test("a body with a key is one workflow, and another body is refused", { timeout: 20_000 }, async () => {
  const prompt = emulator.workflow().prompt();
  const submit = (of) => client.submit({ prompt: of }, { idempotencyKey: "typed", wait: 20 });
  const { id, details } = await submit(prompt);
  assert.equal(details.status, "complete");
  assert.equal((await submit(prompt)).id, id);
  await assert.rejects(submit(`${prompt}!`), { status: 422, kind: "idempotency-key-reused" });
});

test("the program of docs/client.md runs as it stands", { timeout: 30_000 }, () => {
  const [, program] = /```js\n([\s\S]*?)```/.exec(readFileSync(inRoot("docs/client.md"), "utf8"));
  const here = program
    .replace('"orchestrator-workers/client"', JSON.stringify(pathToFileURL(inRoot("client/index.js")).href))
    .replace("http://localhost:8787", demo.url);
  const args = ["--input-type=module", "--eval", here];
  const lines = execFileSync(process.execPath, args, { encoding: "utf8" }).trim().split("\n");
  assert.equal(lines.at(-1), "true");
  assert.match(lines[0], /^\[/);
});
