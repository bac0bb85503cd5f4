// The answer in the console, without a browser: how it was chosen, how it is put together, and what of it streams.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attempt, delta, done, journal, LIFE, queued, RUN, SPEC, start, started, stepOf } from "./support/journal.mjs";
import { load } from "./support/load.mjs";

const { reduceAll } = await load("workflow/reduce.ts");
const { EMPTY, isDirect, textOf } = await load("workflow/state.ts");
const { criticalPath, drawnEdges } = await load("workflow/analysis.ts");
const { scalarSlice } = await load("workflow/text.ts");
const { estimateWords, lacksOf, lengthWords, modeWords, pendingWords, warningsOf } = await load("workflow/words.ts");
const { gapsOf, statusWord } = await load("workflow/outcome.ts");
const { resetBy } = await load("workflow/restart.ts");
const { panelOf } = await load("run/selection.ts");
const { GrowingMarkdown } = await load("markdown/blocks.ts");
Object.assign(globalThis, { addEventListener() {} });
const { standing } = await load("net/heal.ts");

const asked = (options) => ({ type: "workflow_queued", spec: { ...SPEC, options: { ...SPEC.options, ...options } } });
const DIRECT = { type: "plan_accepted", source: "planner", plan: { analysis: "one fact", mode: "direct", tasks: [] } };
const task = (id) => ({ id, title: id, instructions: id, depends_on: [] });
const ASSEMBLE = {
  type: "plan_accepted",
  source: "planner",
  plan: { analysis: "two parts", form: "assemble", tasks: [task("t1"), task("t2")] },
  estimate: { calls: 9, tokens: 45_000 },
};
const slice = (step, from, to, number = 1) => ({ step, run: 1, number, from, to });
const assembled = (segments, more = {}) => ({ type: "answer_assembled", assembler: 1, segments, ...more });
const answer = (from, text, settled, more = {}) => ({ type: "answer", from, text, settled, ...more });
const state = (...bodies) => reduceAll(EMPTY, journal(...bodies));
const inRun = (run) => (event) => ("step" in event ? { ...event, run } : event);
const names = (workflow) => workflow.steps.map((step) => step.name);

const PARTS = [
  queued,
  started,
  ASSEMBLE,
  start("subtask/t1"),
  done("subtask/t1", "One 🦀.\nNote: for the editor"),
  start("subtask/t2"),
  done("subtask/t2", "Two."),
];
const EDITED = [
  ...PARTS,
  start("edit/1"),
  done("edit/1", "@answer\nFirst:\n@include t1\n@include t2\n"),
  assembled([slice("edit/1", 8, 15), slice("subtask/t1", 0, 6), { text: "\n\n" }, slice("subtask/t2", 0, 4)]),
  { type: "workflow_completed" },
];
const FINAL = "First:\nOne 🦀.\n\nTwo.";

test("an assembled answer is the slices that the server names, by characters", () => {
  const workflow = state(...EDITED);
  assert.equal(workflow.result, FINAL);
  assert.deepEqual(names(workflow), ["plan", "subtask/t1", "subtask/t2", "edit/1", "synthesis"]);
  const synthesis = stepOf(workflow, "synthesis");
  assert.deepEqual([synthesis.state, synthesis.attempts.length, synthesis.dependsOn], ["complete", 0, ["edit/1"]]);
  assert.deepEqual(workflow.assembly.included, ["subtask/t1", "subtask/t2"]);
  assert.equal(scalarSlice("a🦀b🦀c", 1, 4), "🦀b🦀");
  assert.equal(scalarSlice("abc", 2, 9), "c");
});

test("the edges and the critical path lead through the editor", () => {
  const workflow = state(...EDITED);
  assert.deepEqual(
    drawnEdges(workflow)
      .map((edge) => edge.join(" "))
      .sort(),
    ["edit/1 synthesis", "plan subtask/t1", "plan subtask/t2", "subtask/t1 edit/1", "subtask/t2 edit/1"],
  );
  assert.ok(criticalPath(workflow, 0).has("edit/1"));
});

test("an assembly is told in words, with its corrections", () => {
  const last = (workflow) => workflow.log.find(({ text }) => text.startsWith("The answer was put together"));
  assert.equal(last(state(...EDITED)).text, "The answer was put together of 2 parts");
  const edits = [
    { step: "subtask/t1", state: "applied" },
    { step: "subtask/t2", state: "failed", reason: "the old text is not found" },
  ];
  const some = state(...PARTS, start("edit/1"), done("edit/1", "x"), assembled([slice("subtask/t1", 0, 6)], { edits }));
  assert.deepEqual(
    [last(some).text, last(some).tone],
    ["The answer was put together of 2 parts, with 1 correction, 1 correction could not be made", "warn"],
  );
  const problems = [{ kind: "left_out", id: "t2" }];
  const left = state(...PARTS, start("edit/1"), done("edit/1", "x"), assembled([], { problems }));
  assert.deepEqual([last(left).text, last(left).tone], ["The answer was put together of 1 part", "warn"]);
  const none = assembled([], { problems: [{ kind: "no_includes" }] });
  assert.match(last(state(...PARTS, start("edit/1"), done("edit/1", "x"), none)).text, /without any part$/);
  const bare = state(...PARTS, start("edit/1"), done("edit/1", "x"), assembled([], { unmarked: true }));
  assert.equal(last(bare).text, "The answer was put together as the editor wrote it");
});

test("a script without marks is a warning where marks were asked for", () => {
  const unmarked = [start("edit/1"), done("edit/1", "x"), assembled([], { unmarked: true })];
  const titles = (workflow) => warningsOf(workflow).map(({ title }) => title);
  const once = state(...PARTS, ...unmarked);
  assert.deepEqual(titles(once), ["The editor wrote all of the answer anew"]);
  // From then on the model is asked for one text, also by the next run.
  const again = { type: "workflow_restarted", run: 2, reset: { steps: ["edit/1", "synthesis"] } };
  assert.deepEqual(titles(state(...PARTS, ...unmarked, again, ...unmarked.map(inRun(2)))), []);
  const big_models = [{ provider: "demo", name: "m", context_tokens: 8_192 }];
  const small = { type: "workflow_queued", spec: { ...SPEC, big_models } };
  assert.deepEqual(titles(state(small, ...PARTS.slice(1), ...unmarked)), []);
});

test("the repair of edits is there once it begins, and goes with the script that it is for", () => {
  const workflow = state(...PARTS, start("edit/1"), done("edit/1", "x"), start("edit/2"));
  assert.deepEqual(names(workflow).slice(-3), ["edit/1", "edit/2", "synthesis"]);
  assert.deepEqual(drawnEdges(workflow).slice(-2), [
    ["edit/1", "edit/2"],
    ["edit/2", "synthesis"],
  ]);
  const again = { type: "workflow_restarted", run: 2, reset: { steps: ["edit/1", "edit/2", "synthesis"] } };
  const bodies = [...PARTS, start("edit/1"), done("edit/1", "x"), start("edit/2"), again];
  assert.deepEqual(names(state(...bodies)).slice(-2), ["edit/1", "synthesis"]);
});

test("a restart from the synthesis writes the script anew, and keeps it where only its repair failed", () => {
  const reset = (workflow, from) => resetBy(workflow, from).map((step) => step.name);
  const workflow = state(...EDITED);
  assert.deepEqual(reset(workflow, { name: "synthesis" }), ["edit/1", "synthesis"]);
  const failure = { error: { name: "Timeout", message: "late" } };
  const repairs = [
    ...EDITED.slice(0, -2),
    start("edit/2"),
    attempt("errored", "edit/2", 1, { ...failure, class: "permanent", retry_at: null }),
    { type: "step_errored", step: "edit/2", ...failure },
    ...EDITED.slice(-2),
  ];
  assert.deepEqual(reset(state(...repairs), "failed"), ["edit/2", "synthesis"]);
});

test("a request that is answered directly has no subtasks, says why, and its answer leads", () => {
  const chosen = state(queued, started, start("plan"), done("plan", "{}"), DIRECT);
  assert.deepEqual(names(chosen), ["plan", "synthesis"]);
  assert.deepEqual(modeWords(chosen), {
    chosen: "Answered directly by one call of the big model",
    why: "One fact.",
  });
  assert.equal(panelOf(chosen, ""), "answer");
  assert.equal(chosen.log.at(-1).text, "The request is answered directly, by one call of the big model");
  assert.deepEqual(drawnEdges(chosen), [["plan", "synthesis"]]);
  for (const options of [{ mode: "direct" }, { max_subtasks: 1 }]) {
    const before = state(asked(options), started);
    assert.deepEqual([isDirect(before), names(before)], [true, []], JSON.stringify(options));
    // A server of 0.1.0 asks the planner all the same.
    assert.deepEqual(names(reduceAll(before, [{ ...start("plan"), seq: 3, id: `3-${LIFE}`, at: RUN[2].at }])), [
      "plan",
    ]);
  }
  assert.equal(modeWords(state(asked({ mode: "direct" }), started, DIRECT)).why, "The request asked for it.");
  assert.equal(isDirect(state(queued, started)), false, "nobody has chosen yet");
});

test("a plan of subtasks says how they become one answer, and what it will take", () => {
  const workflow = state(queued, started, ASSEMBLE);
  assert.deepEqual(modeWords(workflow), {
    chosen: "Split into subtasks; its parts are put together by an editor",
    why: "Two parts.",
  });
  assert.equal(workflow.log.at(-1).text, "The plan has 2 subtasks: about 9 calls, 45,000 tokens");
  assert.equal(estimateWords({ calls: 1, tokens: 1 }), "about 1 call, 1 token");
  assert.equal(
    pendingWords(stepOf(workflow, "synthesis"), workflow),
    "The answer is put together once the editing is done.",
  );
  const edited = { ...ASSEMBLE.plan, tasks: [task("t1")] };
  const approved = state(queued, started, ASSEMBLE, { type: "plan_approved", plan: edited });
  assert.deepEqual([names(approved), approved.estimate], [["plan", "subtask/t1", "synthesis"], null]);
});

test("the reader's answer streams: it is appended, cut back by characters, and ends as the result", () => {
  const begun = journal(...EDITED.slice(0, -3));
  const rest = journal(...EDITED).slice(-3);
  const told = reduceAll(EMPTY, [...begun, answer(0, "First:\nOne 🦀", 7), answer(12, "!", 7), answer(12, ".", 13)]);
  assert.deepEqual([told.reader.live.text, told.reader.settled], ["First:\nOne 🦀.", 13]);
  assert.equal(panelOf(told, ""), "answer", "the editor writes it");
  const ended = reduceAll(told, [answer(13, "\n\nTwo.", 19), ...rest]);
  assert.deepEqual([ended.result, ended.reader], [FINAL, null]);
  // What comes after the end of a text that is known changes nothing.
  assert.equal(reduceAll(ended, [answer(0, "x", 1)]), ended);
});

test("a new connection tells the answer anew, and what is shown until then is not settled", () => {
  const before = reduceAll(EMPTY, [...journal(...PARTS), answer(0, "Old text", 8), { type: "connected" }]);
  assert.deepEqual([before.reader.live.text, before.reader.settled], ["Old text", 0]);
  assert.equal(reduceAll(before, [answer(0, "New", 3)]).reader.live.text, "New");
  assert.equal(reduceAll(before, [answer(8, " and more", 3)]).gap, true, "it goes on from what is not known");
  assert.equal(reduceAll(EMPTY, [...journal(...PARTS), answer(4, "x", 0)]).gap, true);
});

test("a stream without the reader's answer still shows the synthesis's text", () => {
  const workflow = reduceAll(EMPTY, [...RUN.slice(0, 14), delta("synthesis", 0, "al")]);
  assert.deepEqual([workflow.reader, textOf(stepOf(workflow, "synthesis"))], [null, "al"]);
});

test("answers one after the other are those that the server told, where it told them", () => {
  const without = { type: "workflow_completed", result: "answers" };
  const told = reduceAll(EMPTY, journal(...PARTS, without).toSpliced(-1, 0, answer(0, "As the server has it", 20)));
  assert.equal(told.result, "As the server has it");
  assert.match(state(...PARTS, without).result, /^## t1\n\nOne/, "an older server tells nothing");
});

test("what the editor could not do is a gap, in words and with its reason", () => {
  const edits = [{ step: "subtask/t2", state: "failed", reason: "the old text is found twice" }];
  const problems = [{ kind: "left_out", id: "t1" }, { kind: "from_the_future" }];
  const workflow = state(...EDITED.slice(0, -2), assembled([], { edits, problems }), EDITED.at(-1));
  assert.deepEqual(
    warningsOf(workflow).map(({ step, title, detail }) => [step, title, detail]),
    [
      ["edit/1", "A correction of t2 could not be made", "The old text is found twice."],
      ["edit/1", "t1 is left out", "The editor included the other parts and not this one."],
      ["edit/1", "The answer could not be put together as the editor wanted", "from_the_future."],
    ],
  );
  assert.equal(statusWord("complete", gapsOf(workflow)), "Complete with gaps");
});

test("an answer that is too long, and a subtask that was asked for twice, are told and are no gaps", () => {
  const merged = [{ id: "t3", title: "Again", into: "t1" }];
  const events = journal(asked({ length: "brief" }), started, { ...ASSEMBLE, merged }, ...EDITED.slice(3));
  const measured = { type: "measured", life: LIFE, run: 1, words: 441, limit: 400 };
  const workflow = reduceAll(EMPTY, [...events, measured]);
  assert.equal(lengthWords(workflow.measured), "441 words, limit 400");
  assert.deepEqual(
    warningsOf(workflow).map(({ title }) => title),
    ["The plan asked for the same twice", "The answer is longer than was asked for"],
  );
  assert.deepEqual([lacksOf(workflow), gapsOf(workflow)], [[], null]);
  // The list of the start page says the same by what STATUS has.
  const warnings = [{ reason: "merged" }, { reason: "length" }];
  const view = { status: "complete", warnings, steps: [] };
  assert.deepEqual(standing({ status: view }), { status: "complete", gaps: null });
  const failed = { ...view, warnings: [...warnings, { reason: "edit_failed" }] };
  assert.deepEqual(standing({ status: failed }), { status: "complete", gaps: "" });
  // A tenth more than was asked for is none, nor is a measure of another run or life.
  for (const other of [{ words: 440 }, { run: 2 }, { life: "0a1b2c3d" }])
    assert.equal(warningsOf(reduceAll(EMPTY, [...events, { ...measured, ...other }])).length, 1, JSON.stringify(other));
  assert.equal(lengthWords({ words: 1240, limit: null }), "1,240 words");
});

test("a text that a server ended with an unknown word may be incomplete", () => {
  const events = RUN.map((event) => (event.text === "two" ? { ...event, unknown_finish: "eos?" } : event));
  const [warning] = warningsOf(reduceAll(EMPTY, events));
  assert.deepEqual([warning.title, warning.lacks], ["t2 may be incomplete", true]);
});

test("each block of a growing text knows where it ends", () => {
  const text = "One.\n\n[x]: y\n\nTwo 🦀.\n\nThree.";
  for (const final of [false, true]) {
    const growing = new GrowingMarkdown();
    for (let at = 1; at < text.length; at += 3) growing.update(text.slice(0, at), false);
    const blocks = growing.update(text, final);
    for (const { raw, end } of blocks) assert.equal(text.slice(end - raw.length, end), raw);
    assert.equal(blocks.at(-1).end, text.length);
  }
});
