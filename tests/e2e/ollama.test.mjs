// The `ollama` provider: no key, the first model that the server lists, two calls at a time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOllama } from "./support/worker.mjs";

const { api, emulator } = await startWithOllama({ emulator: { models: ["llama3.2:3b", "qwen3:8b"] } });

test("the first listed model serves every role", async () => {
  const workflow = emulator.workflow();
  const status = await api.run(workflow.prompt());
  assert.deepEqual([...new Set(workflow.calls().map((call) => call.model))], ["llama3.2:3b"]);
  assert.equal(status.provider, "ollama");
  assert.equal(status.output.workerResponses.length, 3);
});

test("two calls run at a time, and those that wait do not run into a time limit", async () => {
  const gates = ["a", "b", "c", "d"].map(makeGate);
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["a", "b", "c", "d"]);
    return call.step === "subtask"
      ? held(gates["abcd".indexOf(call.task)], text(`Answer of ${call.task}.`))
      : undefined;
  });
  const id = await api.submit(workflow.prompt());
  await eventually("two are called", () => workflow.count("subtask") >= 2);
  gates[0].open();
  await eventually("the third takes the slot", () => workflow.count("subtask") >= 3);
  for (const gate of gates) gate.open();
  const status = await api.reach(id, "complete");
  const calls = workflow.calls("subtask");
  const most = Math.max(
    ...calls.map(
      (call) => calls.filter((other) => other.arrivedAt <= call.arrivedAt && other.closedAt > call.arrivedAt).length,
    ),
  );
  assert.ok(most <= 2, `${most} at once`);
  assert.deepEqual(
    status.output.workerResponses,
    ["a", "b", "c", "d"].map((id) => `Answer of ${id}.`),
  );
});

test("named models are taken as they are", async () => {
  const named = await startWithOllama({ vars: { BIG_MODEL: "qwen3:8b", SMALL_MODEL: "llama3.2:3b" } });
  const workflow = named.emulator.workflow();
  await named.api.run(workflow.prompt());
  assert.deepEqual(
    workflow.calls("plan").map((call) => call.model),
    ["qwen3:8b"],
  );
  assert.equal(named.emulator.modelListings, 0);
});

test("a server that has no model says so", async () => {
  const empty = await startWithOllama({ emulator: { models: [] } });
  const answer = await empty.api.post("/", { prompt: "Write." });
  const message =
    answer.status === 202 ? (await empty.api.reach(answer.json.id, "errored")).error.message : answer.json.detail;
  assert.match(message, /model/i);
});
