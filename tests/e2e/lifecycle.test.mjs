// What a workflow goes through beside its controls: tenants, long answers, an answer in parts, and the end of its data.

import assert from "node:assert/strict";
import { test } from "node:test";
import { held, makeGate, plan, tasksOf, text } from "./emulators/scripts.mjs";
import { Api, assertProblem } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { allTables, armedAlarms, objectFiles, tablesOf } from "./support/storage.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const TOKENS = { alice: "alice-0123456789abcdef0123456789", bob: "bob-0123456789abcdef0123456789ab" };
const tokens = Object.entries(TOKENS).map(([name, token]) => `${name}:${token}`);

const plain = await startWithOpenai();
const shared = await startWithOpenai({ vars: { API_TOKENS: tokens.join(",") } });
const narrow = await startWithOpenai({ vars: { BIG_MODEL_CONTEXT_TOKENS: "4000" } });
// A little less than a second.
const forgetful = await startWithOpenai({ vars: { RETENTION_DAYS: "0.00001" } });

test("tenants share neither ids nor idempotency keys, and see nothing of each other", async () => {
  const [alice, bob] = ["alice", "bob"].map((name) => new Api(shared.url, TOKENS[name]));
  const workflow = shared.emulator.workflow();
  const body = { id: "report", prompt: workflow.prompt() };
  await alice.submit(body);
  assertProblem(await bob.get("/report"), 404);
  for (const control of ["pause", "terminate", "restart"]) assertProblem(await bob.post(`/report/${control}`), 404);
  assertProblem(await bob.request("DELETE", "/report"), 404);
  const other = shared.emulator.workflow((call) => (call.step === "synthesis" ? text("Bob's own.") : undefined));
  await bob.submit({ ...body, prompt: other.prompt() });
  assert.equal((await bob.reach("report", "complete")).output.finalResult, "Bob's own.");
  assert.equal((await alice.reach("report", "complete")).output.finalResult, "The final result.");
  assertProblem(await bob.post("/", body), 409);

  const key = { "idempotency-key": "order-17" };
  const ids = await Promise.all(
    [alice, bob].map(async (api) => (await api.post("/", { prompt: workflow.prompt() }, key)).json.id),
  );
  assert.notEqual(ids[0], ids[1]);
  assertProblem(await bob.get(`/${ids[0]}`), 404);
  assertProblem(await bob.post("/", { prompt: "Another body." }, key), 422);
  const again = await alice.post("/", { prompt: workflow.prompt() }, key);
  assert.equal(again.json.id, ids[0]);
  assertProblem(await alice.post("/", { id: "both", prompt: "x" }, key), 400);
});

test("a client's own tasks need no planner, and are held to the same rules", async () => {
  const { api, emulator } = plain;
  const workflow = emulator.workflow();
  const tasks = tasksOf(["first", { id: "second", depends_on: ["first"] }]);
  const status = await api.run({ prompt: workflow.prompt(), tasks });
  assert.equal(workflow.count("plan"), 0);
  assert.deepEqual(status.output.workerResponses, ["Answer of first.", "Answer of second."]);
  const refused = [
    tasksOf([{ id: "a", depends_on: ["a"] }]),
    tasksOf([{ id: "a", depends_on: ["nobody"] }]),
    tasksOf(["a", "a"]),
    [],
  ];
  for (const wrong of refused)
    assertProblem(await api.post("/", { prompt: workflow.prompt(), tasks: wrong }), 400, "invalid-plan");
});

test("an edited task list is validated before it is approved", async () => {
  const { api, emulator } = plain;
  const workflow = emulator.workflow();
  const id = await api.submit({ prompt: workflow.prompt(), options: { approval: "plan", max_subtasks: 3 } });
  await api.reach(id, "waiting");
  for (const wrong of [tasksOf([{ id: "a", depends_on: ["b"] }]), tasksOf(["a", "b", "c", "d"])]) {
    assertProblem(await api.post(`/${id}/approve`, { tasks: wrong }), 400, "invalid-plan");
    assert.equal((await api.status(id)).status, "waiting");
  }
  await api.post(`/${id}/approve`, { tasks: tasksOf(["mine", { id: "next", depends_on: ["mine"] }]) });
  const status = await api.reach(id, "complete");
  assert.deepEqual(status.output.workerResponses, ["Answer of mine.", "Answer of next."]);
  assert.deepEqual([workflow.count("plan"), workflow.count("subtask", "t1")], [1, 0]);
});

test("answers too long for the big model are condensed in reduce steps, and the synthesis gets those", async () => {
  const { api, emulator } = narrow;
  const long = (task) => `Answer of ${task}. ${"All of it matters. ".repeat(200)}`;
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["a", "b", "c"]);
    if (call.step === "subtask") return text(long(call.task), { pieces: [long(call.task)] });
    return undefined;
  });
  const id = await api.submit(workflow.prompt());
  const status = await api.reach(id, "complete", 30_000);
  const reduced = status.steps.filter((step) => step.name.startsWith("reduce/"));
  assert.ok(reduced.length > 0, status.steps.map((step) => step.name).join());
  for (const step of reduced) assert.equal(step.success, true);
  assert.deepEqual(status.output.workerResponses, ["a", "b", "c"].map(long), "the answers themselves stay whole");
  const last = emulator.calls.filter((call) => call.workflow === workflow.name).at(-1);
  const given = last.messages.map((message) => message.content).join("\n");
  assert.ok(given.includes(reduced.at(-1).output), "the synthesis is given what was condensed");
  assert.ok(!given.includes(long("a")), "and not the long answers");
});

test("a truncated synthesis is continued, up to three times", async () => {
  const { api, emulator } = plain;
  for (const [cuts, warned] of [
    [2, false],
    [9, true],
  ]) {
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return plan(["a", "b"]);
      return call.step === "synthesis"
        ? text(`Part ${call.number}. `, { finish: call.number <= cuts ? "length" : "stop" })
        : undefined;
    });
    const status = await api.run(workflow.prompt());
    const parts = Math.min(cuts, 3) + 1;
    assert.equal(workflow.count("synthesis"), parts);
    const whole = Array.from({ length: parts }, (_, index) => `Part ${index + 1}.`);
    assert.equal(status.output.finalResult.trim().replaceAll(/\s+/g, " "), whole.join(" "));
    assert.equal(
      status.warnings.some((warning) => warning.step === "synthesis" && warning.reason === "truncated"),
      warned,
    );
  }
});

test("deadline and budget are met by an answer from what is there", async () => {
  const { api, emulator } = plain;
  const gate = makeGate();
  const stuck = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["quick", "stuck"]);
    return call.task === "stuck" ? held(gate, text("Too late.")) : undefined;
  });
  const id = await api.submit({ prompt: stuck.prompt(), options: { deadline_seconds: 3 } });
  const status = await api.reach(id, "complete", 30_000);
  gate.open();
  assert.deepEqual(status.output.workerResponses, ["Answer of quick.", null]);
  assert.equal(status.output.finalResult, "The final result.");
  assert.ok(status.warnings.some((warning) => warning.reason === "limit"));
});

test("after its time of retention a workflow is purged, and nothing is left of it", async () => {
  const { api, emulator, stateDir } = forgetful;
  const finished = emulator.workflow();
  const idle = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2"]) : undefined));
  const done = await api.submit(finished.prompt());
  const waiting = await api.submit({ prompt: idle.prompt(), options: { approval: "plan" } });
  await api.reach(waiting, "waiting");
  await eventually("its data is gone", async () => (await api.get(`/${done}`)).status === 404, 30_000);
  // One that was idle so long that its alarm has gone is purged as well, once it has ended.
  await eventually("no alarm is armed", async () => (await armedAlarms(stateDir)) === 0);
  assert.equal((await api.status(waiting)).status, "waiting");
  assert.equal((await api.post(`/${waiting}/terminate`)).status, 200);
  await eventually("its data is gone", async () => (await api.get(`/${waiting}`)).status === 404, 30_000);

  for (const path of [`/${done}`, `/${done}/result`, `/${done}/events`]) assertProblem(await api.get(path), 404);
  assertProblem(await api.post(`/${done}/restart`), 404);
  const isEmpty = (tables) => Object.keys(tables).length === 0;
  // Once the index knows.
  await eventually("nothing is left", async () => (await allTables(stateDir)).every(isEmpty));
  await eventually("nor is an alarm", async () => (await armedAlarms(stateDir)) === 0);
  await forgetful.stop();
  for (const file of await objectFiles(stateDir)) assert.deepEqual(await tablesOf(file), {}, file);
  assert.equal(await armedAlarms(stateDir), 0);
});
