// Pause, resume, terminate and delete, also while model calls are in flight.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hang, held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertProblem, stepOf } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { api, emulator } = await startWithOpenai();

/** A workflow whose subtask `t1` waits for a gate; `t2` depends on it. */
function gated(answer = text("Answer of t1.")) {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", { id: "t2", depends_on: ["t1"] }]);
    return call.task === "t1" ? held(gate, answer) : undefined;
  });
  return { gate, workflow };
}

async function control(id, name) {
  const answer = await api.post(`/${id}/${name}`);
  assert.equal(answer.status, 200, answer.text);
  return statusOf(answer);
}

/** STATUS, whether it comes alone or beside the id. */
function statusOf({ json }) {
  return typeof json.status === "string" ? json : json.status;
}

test("a paused workflow lets what runs finish, starts nothing, and goes on when resumed", async () => {
  const { gate, workflow } = gated();
  const id = await api.submit(workflow.prompt());
  await eventually("t1 is called", () => workflow.count("subtask", "t1") === 1);
  assert.equal((await control(id, "pause")).status, "waitingForPause");
  assert.equal((await control(id, "pause")).status, "waitingForPause", "its goal already holds");
  gate.open();
  const paused = await api.reach(id, "paused");
  assert.equal(stepOf(paused, "subtask/t1").success, true);
  assert.equal(workflow.count("subtask", "t2"), 0);
  assert.equal((await control(id, "pause")).status, "paused");
  assert.equal((await control(id, "resume")).status, "running");
  const status = await api.reach(id, "complete");
  assert.equal(status.output.finalResult, "The final result.");
  assert.deepEqual([workflow.count("subtask", "t1"), workflow.count("subtask", "t2")], [1, 1]);
});

test("a pause is taken back before it has taken hold", async () => {
  const { gate, workflow } = gated();
  const id = await api.submit(workflow.prompt());
  await eventually("t1 is called", () => workflow.count("subtask", "t1") === 1);
  await control(id, "pause");
  assert.equal((await control(id, "resume")).status, "running");
  gate.open();
  await api.reach(id, "complete");
});

test("terminate closes the connection of the running call, and its late reply changes nothing", async () => {
  const { gate, workflow } = gated();
  const id = await api.submit(workflow.prompt());
  await eventually("t1 is called", () => workflow.count("subtask", "t1") === 1);
  assert.equal((await control(id, "terminate")).status, "terminated");
  const [call] = workflow.calls("subtask", "t1");
  await eventually("the connection is closed from the Worker's side", () => call.closedBy === "client");
  gate.open();
  assert.equal((await control(id, "terminate")).status, "terminated", "its goal already holds");
  const status = await api.status(id);
  assert.deepEqual([status.status, status.output], ["terminated", null]);
  assert.equal(workflow.count("subtask", "t2"), 0);
  assert.ok(status.end);
});

test("terminate closes a stream in the middle of its text", async () => {
  const { gate, workflow } = gated(text("One two three.", { ending: "stall" }));
  const id = await api.submit(workflow.prompt());
  gate.open();
  await eventually("t1 streams", () => workflow.calls("subtask", "t1")[0]?.firstByteAt);
  await control(id, "terminate");
  const [call] = workflow.calls("subtask", "t1");
  await eventually("the connection is closed from the Worker's side", () => call.closedBy === "client");
});

test("what can't be reached is 409 and names the status and what is allowed", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  await api.reach(id, "complete");
  for (const name of ["pause", "terminate"]) {
    const problem = assertProblem(await api.post(`/${id}/${name}`), 409);
    assert.match(problem.detail, /complete/);
  }
});

test("resuming a running workflow holds already", async () => {
  const { gate, workflow } = gated();
  const id = await api.submit(workflow.prompt());
  await eventually("t1 is called", () => workflow.count("subtask", "t1") === 1);
  assert.equal((await control(id, "resume")).status, "running");
  gate.open();
  await api.reach(id, "complete");
});

test("controls of an unknown workflow are 404 and make none", async () => {
  for (const name of ["pause", "resume", "terminate"]) assertProblem(await api.post(`/nobody/${name}`), 404);
  assertProblem(await api.get("/nobody"), 404);
});

test("DELETE ends the running call and leaves nothing, and the id is free again", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" && call.number === 1 ? hang() : undefined));
  const id = await api.submit({ id: "to-delete", prompt: workflow.prompt() });
  await eventually("the planner is called", () => workflow.count("plan") === 1);
  const deleted = await api.request("DELETE", `/${id}`);
  assert.deepEqual([deleted.status, deleted.text], [204, ""]);
  const [call] = workflow.calls("plan");
  await eventually("the connection is closed from the Worker's side", () => call.closedBy === "client");
  assertProblem(await api.get(`/${id}`), 404);
  assertProblem(await api.get(`/${id}/result`), 404);
  assertProblem(await api.request("DELETE", `/${id}`), 404);
  await api.submit({ id, prompt: workflow.prompt() });
  const status = await api.reach(id, "complete");
  assert.equal(status.run, 1);
  assert.equal(stepOf(status, "plan").attempts.length, 1);
});

test("DELETE and terminate end the wait of another client", async () => {
  const deleted = emulator.workflow(() => hang());
  const terminated = emulator.workflow(() => hang());
  const wait = { prefer: "wait=30" };
  const ids = await Promise.all([deleted, terminated].map((workflow) => api.submit(workflow.prompt())));
  const waiting = [api.get(`/${ids[0]}`, wait), api.get(`/${ids[1]}`, wait)];
  await eventually("both are called", () => deleted.count() + terminated.count() === 2);
  await api.request("DELETE", `/${ids[0]}`);
  await api.post(`/${ids[1]}/terminate`);
  assertProblem(await waiting[0], 404);
  assert.equal((await waiting[1]).json.status.status, "terminated");
});

test("DELETE of a finished workflow", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  await api.reach(id, "complete");
  assert.equal((await api.request("DELETE", `/${id}`)).status, 204);
  assertProblem(await api.get(`/${id}`), 404);
});

test("a workflow whose last call ends after a pause completes", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "synthesis" ? held(gate, text("Last.")) : undefined));
  const id = await api.submit(workflow.prompt());
  await eventually("the synthesis is called", () => workflow.count("synthesis") === 1);
  await control(id, "pause");
  gate.open();
  await api.reach(id, "complete");
});
