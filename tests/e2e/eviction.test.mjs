// What the platform does to objects: it throws idle ones out of memory, and ends all in the middle of their work (a
// deploy, a move).

import assert from "node:assert/strict";
import { test } from "node:test";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertSound, journalOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { api, emulator, evict, reset } = await startWithOpenai({ platform: true });

/** Evicts, and makes sure that it happened: what is not in memory can't be evicted. */
async function evicted(id) {
  await eventually("it is idle and evicted", () =>
    evict(`default/${id}`).then(
      () => true,
      () => false,
    ),
  );
  await assert.rejects(evict(`default/${id}`), /not currently running/);
}

test("a workflow that waits for approval outlives its eviction", async () => {
  const workflow = emulator.workflow();
  const id = await api.submit({ prompt: workflow.prompt(), options: { approval: "plan" } });
  await api.reach(id, "waiting");
  await evicted(id);
  assert.equal((await api.post(`/${id}/approve`)).status, 200);
  await api.reach(id, "complete");
  assert.deepEqual([...assertSound(await journalOf(api, id))], []);
  assert.equal(workflow.count("plan"), 1);
});

test("so does a paused one, with what it had finished", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["a", { id: "b", instructions: "b", depends_on: ["a"] }]);
    return call.task === "a" ? held(gate, text("Answer of a.")) : undefined;
  });
  const id = await api.submit(workflow.prompt());
  await eventually("a is called", () => workflow.count("subtask", "a") === 1);
  await api.post(`/${id}/pause`);
  gate.open();
  await api.reach(id, "paused");
  await evicted(id);
  await api.post(`/${id}/resume`);
  const status = await api.reach(id, "complete");
  assert.equal(status.output.workerResponses[0], "Answer of a.");
  assert.deepEqual([workflow.count("plan"), workflow.count("subtask", "a")], [1, 1]);
});

test("a workflow whose object is ended in mid fan-out goes on by itself and keeps what it had finished", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call, number) => {
    if (call.step === "plan") return plan(["a", "slow"]);
    return call.task === "slow" && number === 1 ? held(gate, text("Too late.")) : undefined;
  });
  const id = await api.submit(workflow.prompt());
  await eventually(
    "a is done, slow runs",
    async () =>
      workflow.count("subtask", "slow") === 1 &&
      (await api.status(id)).steps.some((step) => step.name === "subtask/a" && step.success),
  );
  await reset();
  await eventually("nobody asks, and it goes on", () => workflow.count("synthesis") === 1, 30_000);
  gate.open();
  const status = await api.reach(id, "complete");
  assert.deepEqual(
    [workflow.count("plan"), workflow.count("subtask", "a"), workflow.count("subtask", "slow")],
    [1, 1, 2],
  );
  const journal = await journalOf(api, id);
  assert.deepEqual([...assertSound(journal)], []);
  assert.deepEqual(
    journal.filter((event) => event.type === "attempt_lost").map((event) => event.step),
    ["subtask/slow"],
  );
  assert.ok(!status.output.workerResponses.includes("Too late."));
});
