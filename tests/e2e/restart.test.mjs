// Restarting a workflow, whole or in part, and approving its plan.

import assert from "node:assert/strict";
import { test } from "node:test";
import { error, held, makeGate, plan, tasksOf, text } from "./emulators/scripts.mjs";
import { assertProblem, stepOf } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { api, emulator } = await startWithOpenai();
const TASKS = ["a", "b", { id: "c", depends_on: ["a"] }];

/** A workflow of three subtasks; `reply(call)` may answer otherwise than by default. */
function workflowOf(reply = () => undefined) {
  return emulator.workflow((call) => reply(call) ?? (call.step === "plan" ? plan(TASKS) : undefined));
}

async function restart(id, body) {
  const answer = await api.post(`/${id}/restart`, body);
  assert.equal(answer.status, 200, answer.text);
}

/** STATUS once the given run is complete. */
function completeRun(id, run) {
  return eventually(`run ${run} of ${id} is complete`, async () => {
    const status = await api.status(id);
    return status.run === run && status.status === "complete" && status;
  });
}

test("a restart of everything is a second run of the same id, with a plan of its own", async () => {
  const workflow = workflowOf();
  const id = await api.submit(workflow.prompt());
  const first = await api.reach(id, "complete");
  await restart(id);
  const second = await completeRun(id, 2);
  assert.deepEqual([workflow.count("plan"), workflow.count("subtask"), workflow.count("synthesis")], [2, 6, 2]);
  assert.equal(second.queued, first.queued);
  assert.equal(second.usage.model_calls, 10, "the usage is that of all runs");
});

test("a restart from a step repeats it, its dependents and the synthesis, keeping its siblings' answers", async () => {
  const workflow = workflowOf((call) =>
    call.step === "subtask" ? text(`Answer ${call.number} of ${call.task}.`) : undefined,
  );
  const id = await api.submit(workflow.prompt());
  await api.reach(id, "complete");
  await restart(id, { from: { name: "subtask/a" } });
  const status = await completeRun(id, 2);
  assert.deepEqual(status.output.workerResponses, ["Answer 2 of a.", "Answer 1 of b.", "Answer 2 of c."]);
  assert.deepEqual([workflow.count("plan"), workflow.count("subtask", "b"), workflow.count("synthesis")], [1, 1, 2]);
});

test("a restart of what failed fills the gap and takes its warning away", async () => {
  const refusal = error(403, { error: { message: "I refuse.", type: "permission_error" } });
  const workflow = workflowOf((call) => (call.task === "b" && call.number === 1 ? refusal : undefined));
  const id = await api.submit(workflow.prompt());
  const first = await api.reach(id, "complete");
  assert.equal(first.warnings.length, 1);
  await restart(id, { from: "failed" });
  const second = await completeRun(id, 2);
  assert.deepEqual(second.output.workerResponses, ["Answer of a.", "Answer of b.", "Answer of c."]);
  assert.deepEqual(second.warnings, []);
  assert.equal(workflow.count("subtask", "a"), 1);
});

test("a restart of a running workflow aborts the calls it repeats", async () => {
  const gate = makeGate();
  const workflow = workflowOf((call) =>
    call.task === "a" && call.number === 1 ? held(gate, text("Too late.")) : undefined,
  );
  const id = await api.submit(workflow.prompt());
  await eventually("a is called", () => workflow.count("subtask", "a") === 1);
  await restart(id);
  await eventually("the first call is closed", () => workflow.calls("subtask", "a")[0].closedBy === "client");
  gate.open();
  const status = await completeRun(id, 2);
  assert.equal(status.output.workerResponses[0], "Answer of a.");
});

test("a terminated and an errored workflow can be restarted", async () => {
  const gate = makeGate();
  const stuck = workflowOf((call) =>
    call.step === "plan" && call.number === 1 ? held(gate, text("late")) : undefined,
  );
  const terminated = await api.submit(stuck.prompt());
  await eventually("the planner is called", () => stuck.count("plan") === 1);
  await api.post(`/${terminated}/terminate`);
  await restart(terminated);
  await completeRun(terminated, 2);
  const broken = workflowOf((call) =>
    call.step === "plan" && call.number === 1 ? error(404, { error: { message: "gone" } }) : undefined,
  );
  const errored = await api.submit(broken.prompt());
  await api.reach(errored, "errored");
  await restart(errored, {});
  const status = await completeRun(errored, 2);
  assert.equal(status.error, null);
});

test("a restart from an unknown step is 400 and lists the steps", async () => {
  const id = await api.submit(workflowOf().prompt());
  await api.reach(id, "complete");
  const problem = assertProblem(await api.post(`/${id}/restart`, { from: { name: "subtask/z" } }), 400);
  assert.match(problem.detail, /subtask\/a.*subtask\/b.*synthesis/);
  for (const body of [{ from: "nowhere" }, { from: 3 }, { form: "failed" }])
    assertProblem(await api.post(`/${id}/restart`, body), 400);
  assert.equal((await api.status(id)).run, 1);
});

test("with approval a workflow waits after its plan, and runs it when it is approved", async () => {
  const workflow = workflowOf();
  const id = await api.submit({ prompt: workflow.prompt(), options: { approval: "plan" } });
  const waiting = await api.reach(id, "waiting");
  assert.deepEqual(waiting.steps.map((step) => step.name).slice(0, 4), ["plan", "subtask/a", "subtask/b", "subtask/c"]);
  assert.equal(workflow.count("subtask"), 0);
  assert.equal((await api.post(`/${id}/approve`)).status, 200);
  await api.reach(id, "complete");
  assertProblem(await api.post(`/${id}/approve`), 409);
});

test("an approval may edit the plan, within its rules", async () => {
  const workflow = workflowOf();
  const id = await api.submit({ prompt: workflow.prompt(), options: { approval: "plan" } });
  await api.reach(id, "waiting");
  const wrong = await api.post(`/${id}/approve`, { tasks: tasksOf([{ id: "x", depends_on: ["nowhere"] }]) });
  assert.match(assertProblem(wrong, 400).detail, /nowhere/);
  assert.equal((await api.status(id)).status, "waiting");
  await api.post(`/${id}/approve`, { tasks: tasksOf(["x", "y"]) });
  const status = await api.reach(id, "complete");
  assert.deepEqual(status.output.workerResponses, ["Answer of x.", "Answer of y."]);
  assert.equal(stepOf(status, "subtask/x").success, true);
  assert.equal(workflow.count("plan"), 1);
});
