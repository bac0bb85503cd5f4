// What a client may say of a plan and of an answer: contracts beside its own tasks, edits of a proposed plan, modes,
// lengths and budgets. Each mistake is a 400 that names its field, before a model is called.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertProblem } from "./support/api.mjs";
import { readEvents } from "./support/events.mjs";
import { startWithOpenai } from "./support/worker.mjs";

// Blank is as good as absent.
const { api, emulator, url } = await startWithOpenai({ vars: { WORKFLOW_TOKEN_BUDGET: "" } });

const TASKS = [
  { id: "api", instructions: "Write the API.", criteria: [1], words: 300, model: "big" },
  "Write the page.",
];
const CONTRACT = {
  tasks: TASKS,
  shared: "The port is 8080.",
  borders: ["the title", { what: "the port", owner: "api" }],
  criteria: ["names the port", "is short"],
  form: "assemble",
};

async function refused(body, type, field) {
  const problem = assertProblem(await api.post("/", { prompt: "x", ...body }), 400, type);
  assert.equal(problem.field, field, problem.detail);
}

/** The data of the first event of a type. */
async function eventOf(id, type) {
  const response = await fetch(`${url}/${id}/events?types=${type}`);
  const frames = await readEvents(response, ({ event }) => event === type);
  return frames.find(({ event }) => event === type).data;
}

test("a contract without tasks, and a direct answer with them", async () => {
  await refused({ shared: "x" }, "invalid-request", "shared");
  await refused({ borders: ["x"] }, "invalid-request", "borders");
  await refused({ criteria: ["x"] }, "invalid-request", "criteria");
  await refused({ form: "assemble" }, "invalid-request", "form");
  await refused({ tasks: TASKS, options: { mode: "direct" } }, "invalid-request", "options.mode");
  assert.equal(emulator.calls.length, 0);
});

test("mistakes in a contract are named with their place", async () => {
  await refused({ ...CONTRACT, shared: 7 }, "invalid-request", "shared");
  await refused({ ...CONTRACT, shared: "x".repeat(32_001) }, "invalid-plan", "shared");
  await refused({ ...CONTRACT, borders: [{ owner: "api" }] }, "invalid-request", "borders[0]");
  await refused({ ...CONTRACT, borders: [{ what: "x", owner: "nobody" }] }, "invalid-plan", "borders");
  await refused({ ...CONTRACT, criteria: ["names the port", 2] }, "invalid-request", "criteria[1]");
  await refused({ ...CONTRACT, criteria: [] }, "invalid-plan", "tasks");
  await refused({ ...CONTRACT, criteria: Array(41).fill("x") }, "invalid-plan", "criteria");
  await refused({ ...CONTRACT, form: "poem" }, "invalid-request", "form");
  await refused({ tasks: [{ instructions: "x", words: 5 }] }, "invalid-plan", "tasks");
  await refused({ tasks: [{ instructions: "x", model: "huge" }] }, "invalid-request", "tasks[0]");
  assert.equal(emulator.calls.length, 0);
});

test("mistakes in a mode and a length", async () => {
  await refused({ options: { mode: "team" } }, "invalid-request", "options.mode");
  await refused({ options: { length: "short" } }, "invalid-request", "options.length");
  await refused({ options: { length: 300 } }, "invalid-request", "options.length");
  await refused({ options: { length: {} } }, "invalid-request", "options.length.max_words");
  for (const max_words of [49, 20_001, "300", 99.5])
    await refused({ options: { length: { max_words } } }, "invalid-request", "options.length.max_words");
  assert.equal(emulator.calls.length, 0);
});

test("a contract is journaled as it was sent, and a proposed one is edited field by field", async () => {
  const workflow = emulator.workflow();
  const options = { approval: "plan", mode: "split", length: { max_words: 600 } };
  const id = await api.submit({ prompt: workflow.prompt(), ...CONTRACT, options });
  await api.reach(id, "waiting");
  const { spec } = await eventOf(id, "workflow_queued");
  assert.deepEqual([spec.options.mode, spec.options.length], ["split", { max_words: 600 }]);
  const { shared, borders, criteria, form, tasks } = spec.tasks;
  assert.deepEqual([shared, criteria, form], [CONTRACT.shared, CONTRACT.criteria, CONTRACT.form]);
  assert.deepEqual(borders, [{ what: "the title" }, { what: "the port", owner: "api" }]);
  assert.deepEqual([tasks[0].criteria, tasks[0].words, tasks[0].model], [[1], 300, "big"]);

  for (const [edit, type, field] of [
    [{ analysis: "x" }, "invalid-request", undefined],
    [{ length: 19 }, "invalid-request", "length"],
    [{ criteria: [] }, "invalid-plan", "tasks"],
    [{ borders: [{ what: "x", owner: "nobody" }] }, "invalid-plan", "borders"],
    [{ tasks: ["Same.", "Same."] }, "invalid-plan", "tasks"],
  ]) {
    const problem = assertProblem(await api.post(`/${id}/approve`, edit), 400, type);
    assert.equal(problem.field, field, problem.detail);
    assert.equal((await api.status(id)).status, "waiting");
  }
  assert.equal(emulator.calls.length, 0);

  const approved = await api.post(`/${id}/approve`, { shared: "The port is 9090.", form: "merge", length: 400 });
  assert.equal(approved.status, 200, approved.text);
  const { plan } = await eventOf(id, "plan_approved");
  assert.deepEqual([plan.shared, plan.form ?? "merge", plan.length], ["The port is 9090.", "merge", 400]);
  assert.deepEqual([plan.tasks, plan.criteria], [tasks, CONTRACT.criteria]);
  await api.post(`/${id}/terminate`);
});

test("the same key with another contract is another request", async () => {
  const workflow = emulator.workflow();
  const prompt = workflow.prompt();
  const headers = { "idempotency-key": "contract" };
  const first = await api.post("/", { prompt, ...CONTRACT }, headers);
  assert.equal(first.status, 202, first.text);
  const again = await api.post("/", { ...CONTRACT, prompt }, headers);
  assert.equal(again.json.id, first.json.id);
  const other = await api.post("/", { prompt, ...CONTRACT, shared: "The port is 9090." }, headers);
  assertProblem(other, 422, "idempotency-key-reused");
  await api.post(`/${first.json.id}/terminate`);
});

test("every workflow has a budget, unless it names its own", async () => {
  for (const [options, budget] of [
    [{}, 400_000],
    [{ token_budget: 900_000 }, 900_000],
  ]) {
    const id = await api.submit({ prompt: emulator.workflow().prompt(), options: { ...options, approval: "plan" } });
    const { spec } = await eventOf(id, "workflow_queued");
    assert.equal(spec.options.token_budget, budget);
    await api.post(`/${id}/terminate`);
  }
});
