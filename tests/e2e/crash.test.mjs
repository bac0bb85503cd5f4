// kill -9 of workerd in mid-flight. The journal and the alarm are on disk: it goes on by itself, and repeats nothing
// that was done.

import assert from "node:assert/strict";
import { test } from "node:test";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { stepOf } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const worker = await startWithOpenai();
const { api, emulator } = worker;

test("killed in mid fan-out it goes on without being asked, and completed calls are not repeated", async () => {
  const gate = makeGate();
  const tasks = ["done", "slow", "slower", { id: "after", depends_on: ["slow", "done"] }];
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(tasks);
    return call.step === "subtask" && call.task.startsWith("slow")
      ? held(gate, text(`Answer of ${call.task}.`))
      : undefined;
  });
  const id = await api.submit(workflow.prompt());
  await eventually("one subtask is done and two are in flight", async () => {
    const { steps } = await api.status(id);
    return steps.find((step) => step.name === "subtask/done")?.success === true && workflow.count("subtask") === 3;
  });

  await worker.crash();
  gate.open();
  // Nobody asks the Worker for anything: the alarm alone must bring it back.
  await eventually("the synthesis is called by itself", () => workflow.calls("synthesis")[0]?.closedAt, 30_000);

  const status = await api.reach(id, "complete");
  assert.deepEqual(status.output.workerResponses, [
    "Answer of done.",
    "Answer of slow.",
    "Answer of slower.",
    "Answer of after.",
  ]);
  const counts = Object.fromEntries(
    ["done", "slow", "slower", "after"].map((task) => [task, workflow.count("subtask", task)]),
  );
  assert.deepEqual(counts, { done: 1, slow: 2, slower: 2, after: 1 });
  assert.deepEqual([workflow.count("plan"), workflow.count("synthesis")], [1, 1]);
  const { attempts } = stepOf(status, "subtask/slow");
  assert.equal(attempts.at(-1).success, true);
  assert.equal(stepOf(status, "subtask/done").attempts.length, 1);
});

test("killed in mid-plan it plans again", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "plan" && call.number === 1 ? held(gate, plan(["late"])) : undefined,
  );
  const id = await api.submit(workflow.prompt());
  await eventually("the planner is called", () => workflow.count("plan") === 1);
  await worker.crash();
  gate.open();
  await eventually("it goes on by itself", () => workflow.calls("synthesis")[0]?.closedAt, 30_000);
  const status = await api.reach(id, "complete");
  assert.equal(workflow.count("plan"), 2);
  assert.equal(status.output.workerResponses.length, 3);
});

test("killed while a retry is due, it keeps the time of the retry and the count of its failures", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["shaky", "calm"]);
    if (call.task !== "shaky" || call.number > 1) return undefined;
    return { kind: "error", status: 429, body: { error: { message: "slow down" } }, headers: { "retry-after": "3" } };
  });
  const id = await api.submit(workflow.prompt());
  await eventually("the retry is due", async () => (await api.status(id)).steps.some((step) => step.retry_at));
  await worker.crash();
  await eventually("it is retried by itself", () => workflow.count("subtask", "shaky") === 2, 30_000);
  const [first, second] = workflow.calls("subtask", "shaky");
  assert.ok(second.arrivedAt - first.arrivedAt >= 2_900, `${second.arrivedAt - first.arrivedAt} ms`);
  const status = await api.reach(id, "complete");
  assert.deepEqual(
    stepOf(status, "subtask/shaky").attempts.map((attempt) => attempt.success),
    [false, true],
  );
});

test("paused, terminated and finished workflows are as they were", async () => {
  const gate = makeGate();
  const finished = emulator.workflow();
  const [first, second] = [1, 2].map(() =>
    emulator.workflow((call) => (call.step === "subtask" ? held(gate, text("x")) : undefined)),
  );
  const done = await api.submit(finished.prompt());
  const before = await api.reach(done, "complete");
  const terminated = await api.submit(first.prompt());
  await eventually("its subtasks are called", () => first.count("subtask") === 3);
  await api.post(`/${terminated}/terminate`);
  const paused = await api.submit(second.prompt());
  await eventually("its subtasks are called", () => second.count("subtask") === 3);
  await api.post(`/${paused}/pause`);
  await worker.crash();
  gate.open();
  assert.deepEqual(await api.status(done), before);
  assert.equal((await api.status(terminated)).status, "terminated");
  // A call that was lost while its workflow was to pause is not repeated before it is resumed.
  await api.reach(paused, "paused");
  await api.post(`/${paused}/resume`);
  await api.reach(paused, "complete");
  assert.equal(first.count(), 4, "the terminated one called nobody again");
});

test("three kills in a row, at whatever moment, and every answer is there", async () => {
  const tasks = ["a", "b", "c", { id: "d", depends_on: ["a", "b"] }];
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(tasks, { pauseMs: 10 });
    return text(`Answer of ${call.task ?? "all"}.`, { pauseMs: 100 });
  });
  const id = await api.submit(workflow.prompt());
  for (const calls of [2, 5, 7]) {
    await eventually(`${calls} calls were made`, () => workflow.count() >= calls, 30_000);
    await worker.crash();
  }
  const status = await api.reach(id, "complete", 30_000);
  assert.deepEqual(
    status.output.workerResponses,
    ["a", "b", "c", "d"].map((task) => `Answer of ${task}.`),
  );
  assert.equal(status.output.finalResult, "Answer of all.");
});
