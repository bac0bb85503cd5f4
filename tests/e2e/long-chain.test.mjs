// A thousand attempts of one workflow, one after the other: neither the stack nor the memory grows with each of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { plan, text } from "./emulators/scripts.mjs";
import { crashTestBuild, inMib, MIB, peakMemory } from "./support/memory.mjs";
import { startWithOpenai } from "./support/worker.mjs";

/** A workflow's most. Each subtask waits for the one before. */
const SUBTASKS = Array.from({ length: 50 }, (_, index) => ({
  id: `t${index + 1}`,
  depends_on: index === 0 ? [] : [`t${index}`],
}));
/** The budget counts all runs. */
const OPTIONS = { max_subtasks: SUBTASKS.length, token_budget: 1_000_000_000 };
/** A workflow's most. */
const RESTARTS = 20;
const ATTEMPTS_PER_RUN = SUBTASKS.length + 2;
const ATTEMPTS = (RESTARTS + 1) * ATTEMPTS_PER_RUN;
const ANSWER = "What a subtask says, at some length. ".repeat(50);
/** Far more than an attempt's place in the state and in the journal takes, and less than its request or its answer. */
const GROWTH_PER_ATTEMPT_MAX = 1_024;
const RUN_WITHIN_MS = 30_000;

const worker = await startWithOpenai({ buildDir: crashTestBuild });
const { api, emulator } = worker;

test("a thousand attempts one after the other", { timeout: 180_000 }, async (context) => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(SUBTASKS);
    return call.step === "subtask" ? text(ANSWER, { pieces: [ANSWER] }) : undefined;
  });
  const began = Date.now();
  const id = await api.submit({ prompt: workflow.prompt(), options: OPTIONS });
  await ended(id, 1);
  const first = await peakMemory(worker);
  for (let run = 2; run <= RESTARTS + 1; run += 1) {
    assert.equal((await fetch(`${api.url}/${id}/restart`, { method: "POST" })).status, 200);
    await ended(id, run);
  }
  const last = await peakMemory(worker);
  context.diagnostic(
    `figure: ${workflow.count()} attempts one after the other: ${Date.now() - began} ms, ` +
      `WebAssembly ${inMib(first)} after the first run, ${inMib(last)} after the last`,
  );
  assert.equal(workflow.count(), ATTEMPTS);
  const growth = (last - first) / (ATTEMPTS - ATTEMPTS_PER_RUN);
  assert.ok(growth < GROWTH_PER_ATTEMPT_MAX, `${growth} bytes per attempt`);
  assert.ok(last < 16 * MIB, inMib(last));
});

/** Waits for the end without the texts, which would take memory of their own. */
async function ended(id, run) {
  const deadline = Date.now() + RUN_WITHIN_MS;
  for (;;) {
    const { status } = (await api.get(`/${id}?simple=true`, { prefer: "wait=10" })).json;
    if (status.run === run && status.status === "complete") return;
    assert.ok(Date.now() < deadline, `run ${run} is ${status.status}: ${JSON.stringify(status.error)}`);
  }
}
