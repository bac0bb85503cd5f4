// An answer that fits its request: one call where one is enough, a contract that all writers keep where it has parts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contract, direct, directThatWritesOn, edit, editor, partOf, WORDS_WRITTEN_ON } from "./emulators/answers.mjs";
import { tokensOf } from "./emulators/play.mjs";
import { plan, tasksOf, text } from "./emulators/scripts.mjs";
import { assertProblem, stepOf } from "./support/api.mjs";
import { journalOf } from "./support/events.mjs";
import { openaiVars, startWithOpenai } from "./support/worker.mjs";

/** What the planner may spend on saying that one call is enough. */
const TOKENS_OF_A_MODE = 60;
/** Of `direct` to a bare call, as the issue has it, and what a busy machine is allowed. */
const SLOWER_AT_MOST = 1.5;
const ROUNDS = 5;

const { api, emulator } = await startWithOpenai();

/** What a call was asked, as one text. */
function asked(call) {
  return call.messages.map((message) => message.content).join("\n");
}

const kindsOf = (workflow) => workflow.calls().map((call) => call.kind);
const texts = (call) => call.messages.map(({ content }) => content);

for (const [what, mode] of [
  ["a planner that stops at its mode", direct()],
  ["a planner that writes on after its mode", directThatWritesOn()],
])
  test(`a simple request takes two calls, the first of at most 60 tokens: ${what}`, async (t) => {
    const workflow = emulator.workflow((call) => (call.step === "plan" ? mode : text("Because of the moon.")));
    const prompt = workflow.prompt("Why are there tides?");
    const id = await api.submit(prompt);
    const status = await api.reach(id, "complete");
    assert.deepEqual(kindsOf(workflow), ["plan", "direct"]);
    assert.deepEqual(status.output, {
      orchestratorTasks: [prompt],
      workerResponses: ["Because of the moon."],
      finalResult: "Because of the moon.",
    });
    assert.equal(status.mode.asked, "auto");
    assert.equal(status.mode.chosen, "direct");
    assert.deepEqual(
      status.steps.map(({ name }) => name),
      ["plan", "synthesis"],
    );
    const completed = (await journalOf(api, id)).find(
      ({ type, step }) => type === "attempt_completed" && step === "plan",
    );
    assert.ok(tokensOf(completed.text) <= TOKENS_OF_A_MODE, completed.text);
    const [planner] = workflow.calls("plan");
    t.diagnostic(`figure: ${planner.frames} tokens of the planner were sent before its reader had enough`);
    if (mode.pauseMs) {
      assert.equal(planner.closedBy, "client", "the call is dropped");
      assert.ok(planner.frames < WORDS_WRITTEN_ON / 4, `${planner.frames} tokens were sent`);
    }
  });

test("the request's mode is obeyed: direct asks no planner, split is told to the planner", async () => {
  const one = emulator.workflow(() => text("In one call."));
  const status = await api.run({ prompt: one.prompt(), options: { mode: "direct" } });
  assert.deepEqual(kindsOf(one), ["direct"]);
  assert.equal(status.output.finalResult, "In one call.");
  assert.deepEqual({ asked: status.mode.asked, chosen: status.mode.chosen }, { asked: "direct", chosen: "direct" });
  assert.deepEqual(
    status.steps.map(({ name }) => name),
    ["synthesis"],
  );
  const parts = emulator.workflow();
  const split = await api.run({ prompt: parts.prompt(), options: { mode: "split" } });
  assert.equal(split.mode.chosen, "split");
  assert.match(asked(parts.calls("plan")[0]), /mode is "split"/);
  const tasks = { prompt: "Two things.", tasks: ["One.", "Two."], options: { mode: "direct" } };
  assertProblem(await api.post("/", tasks), 400);
});

test("a planner's plan of one subtask is one call, and so is a request for at most one", async () => {
  const single = emulator.workflow((call) => (call.step === "plan" ? plan(["only"]) : undefined));
  assert.equal((await api.run(single.prompt())).mode.chosen, "direct");
  assert.deepEqual(kindsOf(single), ["plan", "direct"]);
  const limited = emulator.workflow();
  await api.run({ prompt: limited.prompt(), options: { max_subtasks: 1 } });
  assert.deepEqual(kindsOf(limited), ["direct"]);
});

test("direct takes hardly longer than a bare call", async (t) => {
  const reply = text("word ".repeat(150), { pauseMs: 8 });
  const bare = [];
  const whole = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const workflow = emulator.workflow(() => reply);
    bare.push(await millisecondsOf(() => bareCall(workflow.prompt("Say it."))));
    whole.push(
      await millisecondsOf(async () => {
        const body = { prompt: workflow.prompt("Say it."), options: { mode: "direct" } };
        const answer = await api.post("/", body, { prefer: "wait=60" });
        assert.equal(answer.json.details.status, "complete", answer.text);
      }),
    );
  }
  const ratio = median(whole) / median(bare);
  t.diagnostic(`figure: direct ${median(whole)} ms, a bare call ${median(bare)} ms: ${ratio.toFixed(3)}`);
  assert.ok(ratio < SLOWER_AT_MOST, `${ratio} times a bare call`);
});

async function bareCall(prompt) {
  const { OPENAI_BASE_URL, OPENAI_API_KEY } = openaiVars(emulator);
  const response = await fetch(`${OPENAI_BASE_URL}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${OPENAI_API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "big-model",
      messages: [{ role: "user", content: prompt }],
      max_tokens: 4_096,
      stream: true,
    }),
  });
  assert.match(await response.text(), /\[DONE\]/);
}

async function millisecondsOf(work) {
  const start = performance.now();
  await work();
  return Math.round(performance.now() - start);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

const BRIDGE = {
  shared: "The bridge is 420 m long. The river is called Aar.",
  borders: [
    { what: "the name of the river", owner: "t1" },
    { what: "the year of the opening", owner: "editor" },
  ],
  criteria: ["The length is given in metres", "The costs are marked as estimates", "It opens with a decision"],
  length: 900,
};
const BRIDGE_TASKS = [
  { id: "t1", words: 400, criteria: [1] },
  { id: "t2", words: 300, criteria: [2], depends_on: ["t1"] },
  { id: "t3", words: 100, criteria: [1, 2], model: "big" },
];

test("what is shared, the borders and the criteria reach those whom they concern", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? contract(BRIDGE_TASKS, BRIDGE) : undefined));
  const id = await api.submit(workflow.prompt());
  const status = await api.reach(id, "complete");
  const of = (task) => asked(workflow.calls("subtask", task)[0]);
  const editing = asked(workflow.calls("edit")[0]);
  for (const words of [of("t1"), of("t2"), of("t3"), editing]) {
    assert.ok(words.includes(`<shared_facts>\n${BRIDGE.shared}\n</shared_facts>`), words);
    assert.ok(words.includes("- the name of the river (t1 decides)"), words);
    assert.ok(words.includes("- the year of the opening (editor decides)"), words);
  }
  const [metres, estimates, decision] = BRIDGE.criteria;
  const has = (words) => BRIDGE.criteria.map((criterion) => words.includes(criterion));
  assert.deepEqual(has(of("t1")), [true, false, false]);
  assert.deepEqual(has(of("t2")), [false, true, false]);
  assert.deepEqual(has(of("t3")), [true, true, false]);
  for (const line of [`- ${metres} (t1, t3)`, `- ${estimates} (t2, t3)`, `- ${decision} (yours)`])
    assert.ok(editing.includes(line), `${line} is not in ${editing}`);
  assert.match(of("t1"), /about 400 words/);
  const models = ["t1", "t2", "t3"].map((task) => workflow.calls("subtask", task)[0].model);
  assert.deepEqual(models, ["small-model", "small-model", "big-model"]);
  const shown = { ...BRIDGE, form: "assemble", mode: "split" };
  for (const [field, value] of Object.entries(shown)) assert.deepEqual(status.plan[field], value, field);
  assert.deepEqual(
    status.plan.tasks.map(({ id, words, criteria, model }) => ({ id, words, criteria, model })),
    BRIDGE_TASKS.map(({ id, words, criteria, model = "small" }) => ({ id, words, criteria, model })),
  );
  const planner = asked(workflow.calls("plan")[0]);
  assert.match(planner, new RegExp(`The date is ${new Date().toISOString().slice(0, 7)}-\\d\\d`));
  for (const told of ["small-model", "big-model", "words"]) assert.ok(planner.includes(told), told);
});

test("two subtasks share the beginning of their messages byte for byte, up to what is their own", async () => {
  const tasks = ["t1", "t2", "t3"].map((id) => ({ id, words: 200, criteria: [1] }));
  const workflow = emulator.workflow((call) => (call.step === "plan" ? contract(tasks, BRIDGE) : undefined));
  await api.run({ prompt: workflow.prompt(), options: { instructions: "Write plainly." } });
  const [first, ...others] = ["t1", "t2", "t3"].map((task) => texts(workflow.calls("subtask", task)[0]));
  const end = "</plan_outline>";
  for (const other of others) {
    assert.equal(other[0], first[0], "the system message");
    const same = first[1].slice(0, first[1].indexOf(end) + end.length);
    assert.ok(same.includes(BRIDGE.shared) && same.includes("Write plainly."), same);
    assert.equal(other[1].slice(0, same.length), same);
  }
});

test("a plan that waits for approval shows its contract and what it will cost, and may be edited", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? contract(BRIDGE_TASKS, BRIDGE) : undefined));
  const id = await api.submit({ prompt: workflow.prompt(), options: { approval: "plan" } });
  const { plan: proposed } = await api.reach(id, "waiting");
  assert.equal(proposed.shared, BRIDGE.shared);
  assert.equal(proposed.estimate.calls, 4, "three parts and the editor");
  assert.ok(proposed.estimate.tokens > 1_000, JSON.stringify(proposed.estimate));
  const edited = {
    shared: "The bridge is 430 m long.",
    criteria: [...BRIDGE.criteria, "It names the river"],
    length: 500,
  };
  const approved = await api.post(`/${id}/approve`, edited);
  assert.equal(approved.status, 200, approved.text);
  const status = await api.reach(id, "complete");
  for (const [field, value] of Object.entries(edited)) assert.deepEqual(status.plan[field], value, field);
  assert.deepEqual(status.plan.borders, BRIDGE.borders, "what is not named stays");
  const part = asked(workflow.calls("subtask", "t1")[0]);
  assert.ok(part.includes("430 m") && !part.includes("420 m"), part);
  assert.ok(asked(workflow.calls("edit")[0]).includes("- It names the river (yours)"));
});

test("a proposed direct answer does not wait for approval", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? direct() : text("At once.")));
  const status = await api.run({ prompt: workflow.prompt(), options: { approval: "plan" } });
  assert.equal(status.output.finalResult, "At once.");
});

test("a client's own tasks may come with a contract", async () => {
  const workflow = emulator.workflow();
  const { borders: _, ...contractOf } = BRIDGE;
  const body = { prompt: workflow.prompt(), tasks: tasksOf(["t1", "t2"]), form: "assemble", ...contractOf };
  delete body.length;
  const status = await api.run(body);
  assert.deepEqual(kindsOf(workflow), ["part", "part", "edit"]);
  for (const call of workflow.calls()) assert.ok(asked(call).includes(BRIDGE.shared));
  assert.match(status.output.finalResult, /Answer of t1\.\s+Answer of t2\./);
  assertProblem(await api.post("/", { prompt: "No tasks.", shared: "x" }), 400);
});

test("a client's own single task is the answer, without another call", async () => {
  const workflow = emulator.workflow(() => text("All of it.\n\nNote: for the editor."));
  const status = await api.run({ prompt: workflow.prompt(), tasks: ["Do all of it."] });
  assert.deepEqual(kindsOf(workflow), ["part"]);
  assert.equal(status.output.finalResult, "All of it.");
});

test("the estimate is within a factor of three of what is used", async (t) => {
  const tasks = ["t1", "t2", "t3", "t4"].map((id) => ({ id, words: 500 }));
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return contract(tasks, { length: 2_200 });
    if (call.step === "subtask") return text(partOf(call.task, 500));
    return editor(call, { edits: [edit("t1", "end of t1.1", "End of t1.1")], lead: "Lead. ".repeat(100) });
  });
  const status = await api.run(workflow.prompt());
  const used = status.usage.total_tokens;
  const planner = stepOf(status, "plan").attempts[0].usage;
  const after = used - planner.prompt_tokens - planner.completion_tokens;
  const { estimate } = status.plan;
  t.diagnostic(`figure: estimated ${estimate.calls} calls and ${estimate.tokens} tokens, used ${after} after the plan`);
  assert.equal(estimate.calls, status.usage.model_calls - 1);
  assert.ok(estimate.tokens < 3 * after && estimate.tokens > after / 3, `${estimate.tokens} for ${after}`);
});

test("a length that the request names is told to all and measured", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return contract(["t1", "t2"], { length: 90 });
    return call.step === "subtask" ? text(partOf(call.task, 100)) : undefined;
  });
  const status = await api.run({ prompt: workflow.prompt(), options: { length: { max_words: 100 } } });
  for (const call of [workflow.calls("plan")[0], workflow.calls("edit")[0]])
    assert.match(asked(call), /at most (100|90) words/);
  assert.equal(status.answer.limit, 100);
  assert.ok(status.answer.words > 200, JSON.stringify(status.answer));
  assert.deepEqual(
    status.warnings.map(({ reason }) => reason),
    ["length"],
  );
});
