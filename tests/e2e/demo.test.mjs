// The demo provider: the whole machine without a network, honest about what it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stepOf } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { CONFERENCE } from "./support/prompts.mjs";
import { startForFile } from "./support/worker.mjs";

const HONEST = /^Demo: no language model was called\./;
const instant = await startForFile({ vars: { DEMO_SPEED: "0" } });
const paced = await startForFile();

test("a run is complete, has its three fields, and says in each of its texts that no model was called", async () => {
  const status = await instant.api.run(CONFERENCE);
  const { orchestratorTasks, workerResponses, finalResult } = status.output;
  assert.ok(orchestratorTasks.length >= 3);
  assert.equal(workerResponses.length, orchestratorTasks.length);
  for (const answer of [...workerResponses, finalResult]) assert.match(answer, HONEST);
  assert.equal(status.provider, "demo");
  assert.equal(status.usage.estimated, true);
  assert.equal(stepOf(status, "plan").attempts[0].model, "demo-big");
  assert.equal(status.steps.find((step) => step.name.startsWith("subtask/")).attempts[0].model, "demo-small");
  assert.deepEqual(status.warnings, []);
});

test("the same prompt gives the same plan, another prompt another", async () => {
  const plans = [];
  for (const prompt of [CONFERENCE, CONFERENCE, "Tell me about bees. Tell me about honey. Summarise both."]) {
    plans.push((await instant.api.run(prompt)).output.orchestratorTasks);
  }
  assert.deepEqual(plans[0], plans[1]);
  assert.notDeepEqual(plans[0], plans[2]);
});

test("words such as based on make dependencies", async () => {
  const status = await instant.api.run(CONFERENCE);
  assert.ok(
    status.steps.some(
      (step) =>
        step.name.startsWith("subtask/") &&
        step.depends_on.some((name) => name.startsWith("subtask/") || name.startsWith("t")),
    ),
  );
});

test("max_subtasks holds", async () => {
  const prompt = Array.from({ length: 30 }, (_, index) => `- Do thing number ${index}`).join("\n");
  for (const max_subtasks of [1, 3, 12]) {
    const status = await instant.api.run({ prompt, options: { max_subtasks } });
    assert.ok(status.output.workerResponses.length <= max_subtasks, `${status.output.workerResponses.length}`);
  }
});

test("at its normal pace subtasks overlap, and a run takes seconds", async () => {
  const status = await paced.api.run(CONFERENCE, "complete", 30_000);
  const subtasks = status.steps.filter((step) => step.name.startsWith("subtask/"));
  assert.ok(subtasks.length >= 3);
  const overlap = subtasks.some((one) =>
    subtasks.some((other) => one !== other && one.start < other.end && other.start < one.end),
  );
  assert.ok(overlap, JSON.stringify(subtasks.map(({ name, start, end }) => [name, start, end])));
  const took = Date.parse(status.end) - Date.parse(status.queued);
  assert.ok(took > 1_000 && took < 20_000, `${took} ms`);
});

test("[demo: fail t2 2x] fails twice and is retried", async () => {
  const status = await instant.api.run(`${CONFERENCE}\n[demo: fail t2 2x]`, "complete", 30_000);
  assert.deepEqual(
    stepOf(status, "subtask/t2").attempts.map((attempt) => attempt.success),
    [false, false, true],
  );
  assert.equal(stepOf(status, "subtask/t1").attempts.length, 1);
});

test("[demo: invalid-plan 1x] is repaired", async () => {
  const status = await instant.api.run(`${CONFERENCE}\n[demo: invalid-plan 1x]`);
  assert.deepEqual(
    stepOf(status, "plan").attempts.map((attempt) => attempt.success),
    [false, true],
  );
});

test("[demo: rate-limit t1 2s] waits as long as it was told", async () => {
  const status = await instant.api.run(`${CONFERENCE}\n[demo: rate-limit t1 2s]`, "complete", 30_000);
  const [first, second] = stepOf(status, "subtask/t1").attempts;
  assert.equal(first.success, false);
  assert.ok(Date.parse(second.start) - Date.parse(first.end) >= 1_900);
});

test("it plans a contract of what the prompt says, and puts the parts together with an edit", async () => {
  const status = await instant.api.run(CONFERENCE);
  const { plan, output } = status;
  assert.equal(plan.form, "assemble");
  assert.ok(plan.shared.includes("Find three venues"), plan.shared);
  assert.ok(plan.borders.length >= 1 && plan.criteria.length > plan.tasks.length, JSON.stringify(plan));
  for (const [index, task] of plan.tasks.entries()) {
    assert.equal(output.finalResult.split(`## ${task.title}`).length, 2, `${task.title} stands in it once`);
    assert.ok(!output.workerResponses[index].includes("editor added"), "a part is as it was written");
  }
  assert.match(output.finalResult, /\(The demo's editor added these words\.\)/);
  assert.ok(!/^Note:/m.test(output.finalResult), output.finalResult);
});

test("[demo: direct] and a short question are answered in one call, without a word of an answer", async () => {
  for (const prompt of [`${CONFERENCE}\n[demo: direct]`, "Why is the sky blue?"]) {
    const status = await instant.api.run(prompt);
    assert.equal(status.mode.chosen, "direct", prompt);
    assert.match(status.output.finalResult, HONEST);
    assert.equal(status.usage.model_calls, 2);
  }
});

for (const [marker, warnings] of [
  ["[demo: failing-edit]", []],
  ["[demo: failing-edit 2x]", ["edit_failed"]],
])
  test(`${marker} goes back once`, async () => {
    const status = await instant.api.run(`${CONFERENCE}\n${marker}`);
    assert.equal(stepOf(status, "edit/2").success, true);
    assert.deepEqual([...new Set(status.warnings.map(({ reason }) => reason))], warnings);
    assert.equal(status.output.finalResult.includes("editor added"), warnings.length === 0);
  });

test("[demo: no-marks] gives one text, and the next run is asked for one", async () => {
  const id = await instant.api.submit(`${CONFERENCE}\n[demo: no-marks]`);
  const first = await instant.api.reach(id, "complete");
  assert.match(first.output.finalResult, HONEST);
  assert.equal((await instant.api.post(`/${id}/restart`)).status, 200);
  const second = await instant.api.reach(id, "complete");
  assert.equal(second.plan.form, "merge");
  assert.match(second.output.finalResult, HONEST);
});

test("[demo: truncate synthesis] is continued, where the editor writes the answer too", async () => {
  const status = await instant.api.run(`${CONFERENCE}\n[demo: truncate synthesis]`);
  assert.ok(stepOf(status, "edit/1").attempts.length >= 2);
});

test("[demo: hang t3] hangs until it is terminated, while its siblings finish", async () => {
  const { api } = instant;
  const id = await api.submit(`${CONFERENCE}\n[demo: hang t3]`);
  await eventually("t1 has finished and t3 has not", async () => {
    const { steps } = await api.status(id);
    const state = (name) => steps.find((step) => step.name === name)?.success;
    return state("subtask/t1") === true && state("subtask/t3") === null;
  });
  assert.equal((await api.post(`/${id}/terminate`)).status, 200);
  await api.reach(id, "terminated");
});

test("/health and GET / name the provider", async () => {
  assert.equal((await instant.api.get("/health")).json.provider, "demo");
  assert.equal((await instant.api.get("/", { accept: "application/json" })).json.provider, "demo");
});
