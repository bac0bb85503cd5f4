// What a person writes is never lost, and never sent where it is wrong: the start page's draft, its fields, the plan.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support/load.mjs";

Object.assign(globalThis, { addEventListener() {} });
const { aside, BLANK, bringBack, canUndo, draft, draftOf, edit, optionsSet, replace, submissionOf } =
  await load("home/draft.ts");
const { EXAMPLES, TROUBLE, toggleMarker } = await load("home/examples.ts");
const { faultsOf, firstFault, optionFaults, refusedField, ApiProblem } = await load("home/check.ts", "net/problem.ts");
const plan = await load("run/plan.ts");

const MINE = "Something that took me ten minutes to write.";
const fresh = (change = {}) => {
  edit({ ...BLANK, ...change });
  while (aside.get().length > 0) {
    edit(BLANK);
    bringBack();
  }
  edit({ ...BLANK, ...change });
};

test("an example takes the place of what was written, which is set aside and comes back", () => {
  fresh({ prompt: MINE });
  replace({ prompt: EXAMPLES[0].prompt });
  assert.equal(draft.get().prompt, EXAMPLES[0].prompt);
  assert.ok(canUndo());
  bringBack();
  assert.equal(draft.get().prompt, MINE);
  assert.equal(aside.get().length, 0, "an example is there to be clicked again");
});

test("undo is for what was put in, not for what was written on since", () => {
  fresh({ prompt: MINE });
  replace({ prompt: EXAMPLES[0].prompt });
  edit({ prompt: `${EXAMPLES[0].prompt} And more.` });
  assert.equal(canUndo(), false);
  bringBack();
  assert.equal(draft.get().prompt, MINE);
  bringBack();
  assert.equal(draft.get().prompt, `${EXAMPLES[0].prompt} And more.`, "the other one is not lost for it");
});

test("an example with the demo's trouble is nothing that somebody wrote", () => {
  fresh({ prompt: toggleMarker(EXAMPLES[0].prompt, TROUBLE[0].marker) });
  replace({ prompt: EXAMPLES[1].prompt });
  assert.equal(aside.get().length, 0);
});

test("options that a workflow's ones replace are set aside, also without a prompt", () => {
  fresh({ instructions: "Be brief." });
  replace({ ...BLANK, prompt: "Of a workflow." });
  assert.equal(aside.get().at(-1).instructions, "Be brief.");
  fresh({ maxSubtasks: "3" });
  replace({ ...BLANK, prompt: "Of a workflow.", maxSubtasks: "3" });
  assert.equal(aside.get().length, 0, "nothing of it is lost");
});

const SPEC = {
  id: "w1",
  prompt: "P",
  metadata: { team: "a" },
  tasks: { analysis: "", tasks: [{ id: "t1", title: "T", instructions: "I", depends_on: [] }] },
  options: {
    max_subtasks: 2,
    max_concurrency: 1,
    approval: "plan",
    on_subtask_failure: "fail",
    token_budget: 900,
    deadline_seconds: 30,
    instructions: "Be brief.",
  },
  provider: "openai",
  big_models: [{ provider: "openai", name: "second" }],
  small_models: [{ provider: "workers-ai", name: "@cf/x" }],
};

test("a new workflow from a workflow's prompt has all of its options, models, metadata and its own plan", () => {
  const defaults = { max_subtasks: 8, max_concurrency: 50 };
  const taken = draftOf(SPEC, { big: ["first", "second"], small: ["tiny"], defaults });
  assert.deepEqual(submissionOf(taken), {
    prompt: "P",
    tasks: SPEC.tasks.tasks,
    metadata: { team: "a" },
    options: {
      max_subtasks: 2,
      approval: "plan",
      on_subtask_failure: "fail",
      big_model: "second",
      small_model: "workers-ai:@cf/x",
      instructions: "Be brief.",
      max_concurrency: 1,
      token_budget: 900,
      deadline_seconds: 30,
    },
  });
  const usual = draftOf(SPEC, { big: ["second"], small: ["workers-ai:@cf/x"], defaults });
  assert.deepEqual([usual.bigModel, usual.smallModel], ["", ""], "the deployment's first ones are the default");
});

test("what a workflow has by the deployment's defaults is no option that somebody set", () => {
  const info = {
    big: ["second"],
    small: ["workers-ai:@cf/x"],
    defaults: { max_subtasks: 8, max_concurrency: 50 },
  };
  const of = (options, more = {}) => draftOf({ ...SPEC, tasks: undefined, ...more, options }, info);
  assert.equal(optionsSet(of({ max_subtasks: 8, max_concurrency: 50 })), 0);
  assert.equal(optionsSet(of({ max_subtasks: 9, max_concurrency: 49 })), 2);
  // More subtasks that came with the prompt than the default raise it.
  const task = { title: "T", instructions: "I", depends_on: [] };
  const tasks = { analysis: "", tasks: Array.from({ length: 10 }, (_, index) => ({ ...task, id: `t${index}` })) };
  assert.equal(optionsSet(of({ max_subtasks: 10, max_concurrency: 50 }, { tasks })), 0);
  // Where a server does not tell, nothing is left out.
  const told = draftOf({ ...SPEC, options: { max_subtasks: 8, max_concurrency: 50 } }, { ...info, defaults: null });
  assert.deepEqual([told.maxSubtasks, told.maxConcurrency], ["8", "50"]);
});

test("the count of options leaves out the check box that stands above them", () => {
  assert.equal(optionsSet({ ...BLANK, approval: true }), 0);
  assert.equal(optionsSet({ ...BLANK, approval: true, maxSubtasks: "3", failure: "fail" }), 2);
});

test("what is wrong is told at its field, whatever was typed", () => {
  const valid = { ...BLANK, prompt: "P" };
  assert.deepEqual(faultsOf({ ...valid, maxSubtasks: "50", deadlineSeconds: "1", tokenBudget: " 900 " }), {});
  for (const [field, value, words] of [
    ["maxSubtasks", "99", /whole number from 1 to 50/],
    ["maxSubtasks", "0", /whole number/],
    ["maxConcurrency", "2.5", /whole number from 1 on/],
    ["deadlineSeconds", "soon", /from 1 to 604,800/],
    ["tokenBudget", "1e9", /from 1 to 1,000,000,000/],
    ["instructions", "é".repeat(2049), /Too long: 4.1 KiB of at most 4 KiB/],
    ["prompt", "é".repeat(65_600), /Too long: 128.2 KiB of at most 128 KiB/],
    ["prompt", "  ", /Write what should be done first/],
  ]) {
    const faults = faultsOf({ ...valid, [field]: value });
    assert.match(faults[field] ?? "nothing", words, `${field} ${value.slice(0, 9)}`);
    assert.equal(firstFault(faults), field);
  }
  assert.equal(optionFaults(faultsOf({ ...BLANK, maxSubtasks: "x", tokenBudget: "y" })), 2);
});

test("what the server refuses of a field is told there, without the API's name of it", () => {
  const problem = (field, detail) => new ApiProblem(400, "invalid-request", "Not valid", detail, null, field);
  assert.deepEqual(refusedField(problem("options.big_model", 'options.big_model is "x": expected one of a, b')), {
    bigModel: "The server does not take this. Expected one of a, b.",
  });
  assert.deepEqual(Object.keys(refusedField(problem("tasks[0].title", "tasks[0].title: too long"))), ["tasks"]);
  assert.equal(refusedField(problem("id", "id is taken")), null);
  assert.equal(refusedField(new TypeError("network")), null);
});

const task = (id, ...depends_on) => ({ id, title: id, instructions: id, depends_on });

test("an edited plan is checked before it is sent, and each fault has its field", () => {
  const faults = (tasks, max = 8) => plan.faultsOf(tasks, max).map(({ id, field }) => [id, field]);
  assert.deepEqual(faults([task("a"), task("b", "a")]), []);
  assert.deepEqual(faults([task("a", "b"), task("b", "a")]), [
    ["a", "needs"],
    ["b", "needs"],
  ]);
  assert.deepEqual(faults([{ ...task("a"), instructions: " " }]), [["a", "instructions"]]);
  assert.deepEqual(faults([{ ...task("a"), title: "x".repeat(201) }]), [["a", "title"]]);
  assert.deepEqual(faults([task("a"), task("b")], 1), [[null, null]]);
  assert.deepEqual(plan.withoutTask([task("a"), task("b", "a")], "a"), [task("b")]);
});

test("every change of a plan can be undone, and typing in one field is one change", () => {
  const first = plan.begun([task("a"), task("b", "a")]);
  const typed = ["x", "xy"].reduce(
    (edit, title) => plan.changed(edit, [{ ...task("a"), title }, task("b", "a")], "a title"),
    first,
  );
  const removed = plan.changed(typed, plan.withoutTask(typed.tasks, "a"), "");
  const thrown = plan.changed(removed, [task("z")], "");
  assert.deepEqual(plan.undone(thrown).tasks, [task("b")]);
  assert.deepEqual(plan.undone(plan.undone(thrown)).tasks, typed.tasks);
  assert.deepEqual(plan.undone(plan.undone(plan.undone(thrown))).tasks, first.tasks);
  assert.equal(plan.undone(first), first);
});
