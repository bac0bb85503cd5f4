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
  tasks: {
    analysis: "",
    form: "assemble",
    shared: "The port is 8080.",
    borders: [{ what: "port", owner: "t1" }],
    criteria: ["names the port"],
    tasks: [{ id: "t1", title: "T", instructions: "I", depends_on: [], criteria: [1] }],
  },
  options: {
    max_subtasks: 2,
    max_concurrency: 1,
    approval: "plan",
    on_subtask_failure: "fail",
    token_budget: 900,
    deadline_seconds: 30,
    instructions: "Be brief.",
    mode: "split",
    length: { max_words: 600 },
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
    form: "assemble",
    shared: "The port is 8080.",
    borders: [{ what: "port", owner: "t1" }],
    criteria: ["names the port"],
    metadata: { team: "a" },
    options: {
      mode: "split",
      length: { max_words: 600 },
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
    defaults: { max_subtasks: 8, max_concurrency: 50, token_budget: 400_000 },
  };
  const of = (options, more = {}) => draftOf({ ...SPEC, tasks: undefined, ...more, options }, info);
  assert.equal(optionsSet(of({ max_subtasks: 8, max_concurrency: 50, token_budget: 400_000 })), 0);
  assert.equal(optionsSet(of({ max_subtasks: 9, max_concurrency: 49 })), 2);
  // More subtasks that came with the prompt than the default raise it.
  const task = { title: "T", instructions: "I", depends_on: [] };
  const tasks = { analysis: "", tasks: Array.from({ length: 10 }, (_, index) => ({ ...task, id: `t${index}` })) };
  assert.equal(optionsSet(of({ max_subtasks: 10, max_concurrency: 50 }, { tasks })), 0);
  // Where a server does not tell, nothing is left out.
  const told = draftOf({ ...SPEC, options: { max_subtasks: 8, max_concurrency: 50 } }, { ...info, defaults: null });
  assert.deepEqual([told.maxSubtasks, told.maxConcurrency], ["8", "50"]);
});

test("modes and lengths are sent where somebody chose them, and given subtasks can't be answered directly", () => {
  const options = (change) => submissionOf({ ...BLANK, prompt: "P", ...change }).options;
  assert.equal(options({}), undefined);
  assert.deepEqual(options({ mode: "direct", length: "brief" }), { mode: "direct", length: "brief" });
  assert.deepEqual(options({ length: "words", maxWords: " 800 " }), { length: { max_words: 800 } });
  // What was typed for another length is not sent, nor judged.
  assert.deepEqual(options({ length: "full", maxWords: "x" }), { length: "full" });
  assert.deepEqual(faultsOf({ ...BLANK, prompt: "P", length: "full", maxWords: "x" }), {});
  assert.match(faultsOf({ ...BLANK, prompt: "P", mode: "direct", tasks: [{}] }).mode, /its own subtasks/);
});

test("the count of options leaves out the check box that stands above them", () => {
  assert.equal(optionsSet({ ...BLANK, approval: true }), 0);
  assert.equal(optionsSet({ ...BLANK, approval: true, maxSubtasks: "3", failure: "fail" }), 2);
});

test("what is wrong is told at its field, whatever was typed", () => {
  const valid = { ...BLANK, prompt: "P" };
  assert.deepEqual(faultsOf({ ...valid, maxSubtasks: "50", deadlineSeconds: "1", tokenBudget: " 900 " }), {});
  for (const [field, value, words] of [
    ["maxWords", "49", /^Enter a whole number from 50 to 20,000\.$/],
    ["maxWords", "", /whole number from 50/],
    ["maxSubtasks", "99", /whole number from 1 to 50/],
    ["maxSubtasks", "0", /whole number/],
    ["maxConcurrency", "2.5", /whole number from 1 on/],
    ["deadlineSeconds", "soon", /from 1 to 604,800/],
    ["tokenBudget", "1e9", /from 1 to 1,000,000,000/],
    ["instructions", "é".repeat(16_385), /Too long: 32.1 KiB of at most 32 KiB/],
    ["prompt", "é".repeat(65_600), /Too long: 128.2 KiB of at most 128 KiB/],
    ["prompt", "  ", /Write what should be done first/],
  ]) {
    const faults = faultsOf({ ...valid, length: field === "maxWords" ? "words" : "normal", [field]: value });
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
  for (const [named, field] of [
    ["options.mode", "mode"],
    ["options.length", "length"],
    ["options.length.max_words", "maxWords"],
    ["borders[0].owner", "tasks"],
    ["shared", "tasks"],
  ])
    assert.deepEqual(Object.keys(refusedField(problem(named, "no"))), [field]);
  assert.equal(refusedField(problem("id", "id is taken")), null);
  assert.equal(refusedField(new TypeError("network")), null);
});

const task = (id, ...depends_on) => plan.draftTask({ id, title: id, instructions: id, depends_on });
const contract = (tasks, more = {}) => ({ ...plan.contractOf(null), tasks, ...more });

test("an edited plan is checked before it is sent, and each fault has its field", () => {
  const faults = (tasks, max = 8, more = {}) =>
    plan.faultsOf(contract(tasks, more), max).map(({ id, field }) => [id, field]);
  assert.deepEqual(faults([task("a"), task("b", "a")]), []);
  assert.deepEqual(faults([task("a", "b"), task("b", "a")]), [
    ["a", "needs"],
    ["b", "needs"],
  ]);
  assert.deepEqual(faults([{ ...task("a"), instructions: " " }]), [["a", "instructions"]]);
  assert.deepEqual(faults([{ ...task("a"), title: "x".repeat(201) }]), [["a", "title"]]);
  assert.deepEqual(faults([task("a"), task("b")], 1), [[null, null]]);
  assert.deepEqual(faults([{ ...task("a"), words: "19" }]), [["a", "words"]]);
  assert.deepEqual(faults([task("a")], 8, { length: "some", shared: "x".repeat(32_001) }), [
    [null, "length"],
    [null, "shared"],
  ]);
  const lists = {
    borders: [
      { what: "port", owner: "a" },
      { what: " ", owner: "" },
    ],
    criteria: ["x".repeat(501)],
  };
  assert.deepEqual(faults([task("a")], 8, lists), [
    [null, "border-1"],
    [null, "criterion-0"],
  ]);
  // A length can be changed, and not taken back.
  const planned = contract([task("a")], { length: "900" });
  const [emptied] = plan.faultsOf({ ...planned, length: "" }, 8, planned);
  assert.deepEqual([emptied.field, emptied.text], ["length", "Enter a whole number from 20 to 1,000,000."]);
});

const PROPOSED = {
  analysis: "Why.",
  form: "assemble",
  length: 900,
  shared: "The port is 8080.",
  borders: [{ what: "port", owner: "a" }, { what: "title", owner: "editor" }, { what: "units" }],
  criteria: ["names the port", "is short", "is right"],
  tasks: [
    { ...task("a"), criteria: [1, 3], words: 500, model: "big" },
    { id: "b", title: "b", instructions: "b", depends_on: ["a"] },
  ],
};

test("an approval sends only what was changed of a plan, and numbers as numbers", () => {
  const before = plan.contractOf(PROPOSED);
  assert.deepEqual(plan.editOf(before, before), {});
  assert.deepEqual(plan.editOf({ ...before, length: " 1200 ", form: "merge" }, before), {
    form: "merge",
    length: 1200,
  });
  const words = { ...before, tasks: [{ ...before.tasks[0], words: "300", model: "small" }, before.tasks[1]] };
  assert.deepEqual(plan.editOf(words, before), {
    tasks: [
      { id: "a", title: "a", instructions: "a", depends_on: [], criteria: [1, 3], words: 300 },
      { id: "b", title: "b", instructions: "b", depends_on: ["a"] },
    ],
  });
  // A plan of 0.1.0 has tasks only, and so has what is sent of it.
  const old = plan.contractOf({ analysis: "", tasks: [{ id: "a", title: "A", instructions: "a", depends_on: [] }] });
  const titled = { ...old, tasks: [{ ...old.tasks[0], title: "" }] };
  assert.deepEqual(plan.editOf(titled, old), { tasks: [{ id: "a", instructions: "a", depends_on: [] }] });
});

test("a task or a criterion that goes leaves nothing behind that names it", () => {
  const before = plan.contractOf(PROPOSED);
  const alone = plan.withoutTask(before, "a");
  assert.deepEqual(alone.tasks, [task("b")]);
  assert.deepEqual(
    alone.borders.map(({ owner }) => owner),
    ["", "editor", ""],
  );
  const fewer = plan.withoutCriterion(before, 1);
  assert.deepEqual([fewer.criteria, fewer.tasks[0].criteria], [["is short", "is right"], [2]]);
  assert.deepEqual(
    [1, 2].map((number) => plan.ownersOf(fewer.tasks, number)),
    ["the editor", "a"],
  );
});

test("what the server refuses of an edited plan is told at its field", () => {
  const before = plan.contractOf(PROPOSED);
  const at = (field) => Object.values(plan.placeOf(field, before) ?? { none: null });
  for (const [field, ...place] of [
    ["tasks[1].words", "b", "words"],
    ["tasks[0].depends_on[2]", "a", "needs"],
    ["tasks[0]", "a", "instructions"],
    ["borders[1].owner", null, "border-1"],
    ["criteria[9]", null, "criteria"],
    ["criteria", null, "criteria"],
    ["length", null, "length"],
    ["tasks", null],
    ["prompt", null],
  ])
    assert.deepEqual(at(field), place, field);
});

test("every change of a plan can be undone, and typing in one field is one change", () => {
  const first = plan.begun(contract([task("a"), task("b", "a")]));
  const typed = ["x", "xy"].reduce(
    (edit, title) => plan.changed(edit, contract([{ ...task("a"), title }, task("b", "a")]), "a title"),
    first,
  );
  const removed = plan.changed(typed, plan.withoutTask(typed.plan, "a"), "");
  const thrown = plan.changed(removed, contract([task("z")]), "");
  assert.deepEqual(plan.undone(thrown).plan.tasks, [task("b")]);
  assert.deepEqual(plan.undone(plan.undone(thrown)).plan, typed.plan);
  assert.deepEqual(plan.undone(plan.undone(plan.undone(thrown))).plan, first.plan);
  assert.equal(plan.undone(first), first);
});
