// What a planner may answer instead of a plan, and what becomes of a workflow one of whose subtasks always fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { error, plan, planJson, tasksOf, text } from "./emulators/scripts.mjs";
import { stepOf } from "./support/api.mjs";
import { backOffsOf } from "./support/events.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { api, emulator } = await startWithOpenai();

/** Answers the first planner call by `reply` and the next by a good plan. */
function brokenOnce(reply) {
  return emulator.workflow((call) => {
    if (call.step !== "plan") return undefined;
    return call.number === 1 ? reply : plan(["good", "fine"]);
  });
}

/** What a planner call was asked, as one text. */
function asked(call) {
  return call.messages.map((message) => message.content).join("\n");
}

const BROKEN = [
  ["prose", text("I would split this into research and writing."), /holds no JSON/],
  [
    "a cycle",
    plan([
      { id: "a", depends_on: ["b"] },
      { id: "b", depends_on: ["a"] },
    ]),
    /cycle/,
  ],
  ["an unknown dependency", plan([{ id: "a", depends_on: ["nowhere"] }]), /unknown subtask nowhere/],
  ["200 tasks", plan(Array.from({ length: 200 }, (_, index) => `t${index}`)), /200 subtasks/],
  ["an empty list", text('{"analysis": "Nothing to do.", "tasks": []}'), /no subtasks/],
  ["two tasks of one id", plan(["same", "same"]), /two subtasks have the id same/],
  ["truncated JSON", text(planJson(["a", "b"]).slice(0, 60), { finish: "length" }), /cut off at the limit/],
  ["JSON that breaks off without a word", text(planJson(["a", "b"]).slice(0, 60)), /truncated/],
];

for (const [what, reply, reason] of BROKEN) {
  test(`a planner that answers ${what} is asked again with the reason`, async () => {
    const workflow = brokenOnce(reply);
    const status = await api.run(workflow.prompt());
    assert.equal(workflow.count("plan"), 2);
    // The last message alone: those before it repeat the refused reply, which the reasons quote from.
    assert.match(workflow.calls("plan")[1].messages.at(-1).content, reason);
    assert.deepEqual(status.output.workerResponses, ["Answer of good.", "Answer of fine."]);
    const { attempts } = stepOf(status, "plan");
    assert.deepEqual(
      attempts.map((attempt) => attempt.success),
      [false, true],
    );
    assert.match(attempts[0].error.message, reason);
  });
}

test("repairing has no delay", async () => {
  const workflow = brokenOnce(text("prose"));
  const id = await api.submit(workflow.prompt());
  await api.reach(id, "complete");
  assert.deepEqual(await backOffsOf(api, id, "plan"), [0]);
});

test("JSON in a code fence, with words around it, needs no repair", async () => {
  const fenced = `Here is the plan:\n\n\`\`\`json\n${planJson(["a", "b"])}\n\`\`\`\n\nGood luck!`;
  const workflow = emulator.workflow((call) => (call.step === "plan" ? text(fenced) : undefined));
  const status = await api.run(workflow.prompt());
  assert.equal(workflow.count("plan"), 1);
  assert.deepEqual(status.output.workerResponses, ["Answer of a.", "Answer of b."]);
});

test("tasks as plain strings, as the original demo's planner gave them, are a plan", async () => {
  const strings = tasksOf(["a", "b"]).map((task) => task.instructions);
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? text(JSON.stringify({ tasks: strings })) : undefined,
  );
  const status = await api.run(workflow.prompt());
  assert.deepEqual(status.output.workerResponses, ["Answer of a.", "Answer of b."]);
});

test("a planner that never gives a plan ends in errored, with a message that says why", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan([{ id: "a", depends_on: ["nowhere"] }]) : undefined,
  );
  const status = await api.run({ prompt: workflow.prompt(), options: { mode: "split" } }, "errored");
  assert.match(status.error.message, /nowhere/);
  assert.equal(workflow.count("plan"), 5);
  assert.equal(workflow.count("subtask"), 0);
  assert.equal(stepOf(status, "plan").success, false);
});

test("in mode auto such a planner leaves the request to one direct call, with a warning", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan([{ id: "a", depends_on: ["nowhere"] }]) : undefined,
  );
  const status = await api.run(workflow.prompt());
  assert.equal(status.mode.chosen, "direct");
  assert.equal(workflow.count("plan"), 5);
  assert.equal(workflow.count("subtask"), 0);
  assert.deepEqual(
    status.warnings.map(({ step, reason }) => [step, reason]),
    [["plan", "failed"]],
    JSON.stringify(status.warnings),
  );
});

test("max_subtasks is told to the planner and holds against it", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step !== "plan") return undefined;
    return call.number === 1 ? plan(["a", "b", "c"]) : plan(["a", "b"]);
  });
  const status = await api.run({ prompt: workflow.prompt(), options: { max_subtasks: 2 } });
  assert.equal(status.output.workerResponses.length, 2);
  assert.match(asked(workflow.calls("plan")[0]), /\b2\b/);
});

test("a subtask whose model always fails leaves a named gap, and its siblings run once", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["good", "bad", { id: "after", depends_on: ["bad"] }]);
    return call.task === "bad"
      ? error(400, { error: { message: "I refuse.", type: "invalid_request_error" } })
      : undefined;
  });
  const status = await api.run(workflow.prompt());
  assert.deepEqual(status.output.workerResponses, ["Answer of good.", null, "Answer of after."]);
  assert.deepEqual(
    status.warnings.map(({ step, reason }) => [step, reason]),
    [["subtask/bad", "failed"]],
  );
  assert.match(status.warnings[0].message, /refuse/);
  assert.deepEqual([workflow.count("subtask", "good"), workflow.count("subtask", "after")], [1, 1]);
  assert.equal(stepOf(status, "subtask/bad").success, false);
  // The dependent and the synthesis are told of the gap.
  for (const call of [workflow.calls("subtask", "after")[0], workflow.calls("synthesis")[0]]) {
    assert.match(asked(call), /refuse|fail|missing/i);
  }
});

test("with on_subtask_failure fail the workflow ends with the subtask", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["good", "bad"]);
    return call.task === "bad"
      ? error(400, { error: { message: "I refuse.", type: "invalid_request_error" } })
      : undefined;
  });
  const status = await api.run({ prompt: workflow.prompt(), options: { on_subtask_failure: "fail" } }, "errored");
  assert.match(status.error.message, /bad|refuse/);
  assert.equal(workflow.count("synthesis"), 0);
});

test("every subtask failing ends in errored: there is nothing to synthesise", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["bad", "worse"]);
    return call.step === "subtask"
      ? error(400, { error: { message: "I refuse.", type: "invalid_request_error" } })
      : undefined;
  });
  const id = await api.submit(workflow.prompt());
  const status = await api.reach(id, "errored");
  assert.match(status.error.message, /refuse|subtask/);
});

test("a subtask sees the prompt, the outline, its own instructions and its dependencies' answers", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["first", "aside", { id: "second", depends_on: ["first"] }]);
    return undefined;
  });
  await api.run({ prompt: workflow.prompt("Tell of bees."), options: { instructions: "Write like a pirate." } });
  const words = asked(workflow.calls("subtask", "second")[0]);
  for (const part of ["Tell of bees.", "Title of aside", "Work on second.", "Answer of first."])
    assert.ok(words.includes(part), part);
  assert.ok(!words.includes("Answer of aside."), "no answer that it does not depend on");
  assert.ok(!words.includes("Work on aside."), "not the instructions of others");
  const final = asked(workflow.calls("synthesis")[0]);
  for (const part of ["Tell of bees.", "Answer of first.", "Answer of aside.", "Answer of second."])
    assert.ok(final.includes(part), part);
  for (const call of workflow.calls()) assert.match(asked(call), /Write like a pirate\./);
});

test("a truncated subtask is kept and marked, a truncated synthesis is continued", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["long", "short"]);
    if (call.task === "long") return text("Cut in the mid", { finish: "length" });
    if (call.step === "subtask") return undefined;
    return call.number === 1 ? text("The first half,", { finish: "length" }) : text(" the second half.");
  });
  const status = await api.run(workflow.prompt());
  assert.deepEqual(
    status.warnings.map(({ step, reason }) => [step, reason]),
    [["subtask/long", "truncated"]],
  );
  assert.match(status.output.workerResponses[0], /^Cut in the mid/);
  assert.equal(status.output.finalResult, "The first half, the second half.");
  assert.equal(workflow.count("synthesis"), 2);
  assert.ok(asked(workflow.calls("synthesis")[1]).includes("The first half,"));
});
