// A reviewed answer, and an answer as JSON, in the console's state.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { attempt, done, journal, LIFE, SPEC, start, started, stepOf } from "./support/journal.mjs";
import { load } from "./support/load.mjs";

const { reduceAll } = await load("workflow/reduce.ts");
const { EMPTY, unreviewed } = await load("workflow/state.ts");
const { criticalPath, drawnEdges } = await load("workflow/analysis.ts");
const { lacksOf, warningsOf } = await load("workflow/words.ts");
const { gapsOf } = await load("workflow/outcome.ts");
const { leftOver, lostBy, resetBy } = await load("workflow/restart.ts");
const { draftOf, submissionOf, BLANK, optionsSet } = await load("home/draft.ts");
const { faultsOf, refusedField, ApiProblem } = await load("home/check.ts", "net/problem.ts");
const { indented } = await load("lib/json.ts");
Object.assign(globalThis, { addEventListener() {} });
const { LACKS, standing } = await load("net/heal.ts");

const SCHEMA = { type: "object" };
const asked = (options) => ({ type: "workflow_queued", spec: { ...SPEC, options: { ...SPEC.options, ...options } } });
const task = (id) => ({ id, title: id, instructions: id, depends_on: [] });
const planned = (form, ...ids) => ({
  type: "plan_accepted",
  source: "planner",
  plan: { analysis: "", form, ...(ids.length > 0 ? {} : { mode: "direct" }), tasks: ids.map(task) },
});
const slice = (step, from, to, number = 1) => ({ step, run: 1, number, from, to });
const reviewed = (segments, more = {}) => ({ type: "answer_reviewed", assembler: 1, segments, ...more });
const state = (...bodies) => reduceAll(EMPTY, journal(...bodies));
const names = (steps) => steps.map(({ name }) => name);
const failure = { error: { name: "Timeout", message: "late" } };

const ONCE = [
  asked({ review: "once" }),
  started,
  planned("merge"),
  start("synthesis"),
  done("synthesis", "The port is 80."),
];
const FIXED = [
  ...ONCE,
  start("review/1"),
  done("review/1", "@edit 8080"),
  reviewed([slice("synthesis", 0, 12), slice("review/1", 6, 10), slice("synthesis", 14, 15)], {
    edits: [{ step: "synthesis", state: "applied" }],
  }),
];
const ENDED = [...FIXED, { type: "workflow_completed" }];

test("the steps after the synthesis are those that the request asks for, in their order", () => {
  const all = state(asked({ review: "once", output_schema: SCHEMA }), started, planned("assemble", "t1", "t2"));
  assert.deepEqual(names(all.steps).slice(-4), ["edit/1", "synthesis", "review/1", "structure"]);
  assert.deepEqual(drawnEdges(all).slice(-3), [
    ["edit/1", "synthesis"],
    ["synthesis", "review/1"],
    ["review/1", "structure"],
  ]);
  const one = state(asked({ output_schema: true }), started, planned("merge"));
  assert.deepEqual(stepOf(one, "structure").dependsOn, ["synthesis"]);
  assert.deepEqual(names(state(asked({ review: "none" }), started, planned("merge")).steps), ["plan", "synthesis"]);
});

test("a reviewed answer is the result, and what it was before is kept", () => {
  const workflow = state(...ENDED);
  assert.equal(workflow.result, "The port is 8080.");
  assert.equal(unreviewed(workflow), "The port is 80.");
  assert.equal(workflow.log.at(-2).text, "The review made 1 correction");
  assert.equal(unreviewed(state(...FIXED.slice(0, -1), reviewed([slice("synthesis", 0, 15)]))), null);
  assert.deepEqual([...criticalPath(workflow, 0)], ["review/1", "synthesis"]);
});

test("a review of an answer that was put together takes slices of it, and the path leads on through it", () => {
  const workflow = state(
    asked({ review: "once" }),
    started,
    planned("assemble", "t1", "t2"),
    ...["t1", "t2"].flatMap((id) => [start(`subtask/${id}`), done(`subtask/${id}`, `${id}.`)]),
    start("edit/1"),
    done("edit/1", "x"),
    { type: "answer_assembled", segments: [slice("subtask/t1", 0, 3), { text: " " }, slice("subtask/t2", 0, 3)] },
    start("review/1"),
    done("review/1", "none"),
    reviewed([slice("synthesis", 0, 3, 0), { text: "!" }]),
    { type: "workflow_completed" },
  );
  assert.equal(workflow.result, "t1.!");
  assert.deepEqual([...criticalPath(workflow, 0)], ["review/1", "edit/1", "subtask/t2"]);
});

test("an answer that was not reviewed is whole, and says why; a correction that failed is a gap", () => {
  const skip = { type: "step_skipped", step: "review/1", reason: "a review takes about 9 tokens, and 3 are left" };
  const ends = { type: "workflow_completed" };
  const failed = [
    start("review/1"),
    attempt("errored", "review/1", 1, { ...failure, class: "permanent", retry_at: null }),
    { type: "step_errored", step: "review/1", ...failure },
  ];
  for (const [bodies, title, view] of [
    [[skip], "The answer was not reviewed", { step: "review/1", reason: "skipped" }],
    [failed, "The answer was not reviewed", { step: "review/1", reason: "failed" }],
    [
      [start("review/1"), done("review/1", "x"), reviewed([slice("synthesis", 0, 15)], { refused: "it is empty" })],
      "The review was not taken",
      { step: "review/1", reason: "review" },
    ],
  ]) {
    const workflow = state(...ONCE, ...bodies, ends);
    assert.deepEqual(
      warningsOf(workflow).map((warning) => [warning.title, warning.lacks]),
      [[title, false]],
    );
    assert.deepEqual([workflow.result, workflow.limit, gapsOf(workflow)], ["The port is 80.", null, null]);
    assert.equal(standing({ status: { status: "complete", warnings: [view], steps: [] } }).gaps, null);
  }
  const edits = [{ step: "synthesis", state: "failed", reason: "the old text is not found" }];
  const gap = state(...FIXED.slice(0, -1), reviewed([slice("synthesis", 0, 15)], { edits }), ends);
  assert.deepEqual([lacksOf(gap).length, gapsOf(gap)], [1, ""]);
  const view = { status: "complete", warnings: [{ step: "review/1", reason: "edit_failed" }], steps: [] };
  assert.equal(standing({ status: view }).gaps, "");
});

test("each reason of a warning of STATUS is known to tell of a gap or of none", () => {
  const source = readFileSync(new URL("../../src/engine/show/view.rs", import.meta.url), "utf8");
  const [, variants] = /pub enum WarningReason \{([^}]*)\}/.exec(source);
  const reasons = [...variants.matchAll(/^ {4}([A-Z]\w+),/gm)].map(([, name]) =>
    name.replace(/(?<=.)(?=[A-Z])/g, "_").toLowerCase(),
  );
  assert.deepEqual(Object.keys(LACKS).sort(), reasons.sort());
});

test("a restart from the review keeps the answer, and one from the synthesis reviews anew", () => {
  const reset = (workflow, from) => names(resetBy(workflow, from));
  const workflow = state(...ENDED);
  assert.deepEqual(reset(workflow, { name: "review/1" }), ["review/1"]);
  assert.deepEqual(lostBy(workflow, { name: "review/1" }), ["the review of the answer"]);
  assert.deepEqual(reset(workflow, { name: "synthesis" }), ["synthesis", "review/1"]);
  const again = { type: "workflow_restarted", run: 2, reset: { steps: ["review/1"] } };
  const after = state(...ENDED, again);
  assert.deepEqual([after.reviewed, stepOf(after, "synthesis").answer], [null, "The port is 80."]);
  const terminated = state(...ONCE, start("review/1"), { type: "workflow_terminated" });
  assert.deepEqual([names(leftOver(terminated).steps), leftOver(terminated).from.name], [["review/1"], "review/1"]);
});

test("what failed after the answer is done again without it", () => {
  const ended = [
    asked({ output_schema: SCHEMA }),
    started,
    planned("merge"),
    start("synthesis"),
    done("synthesis", "Text."),
    start("structure"),
    attempt("errored", "structure", 1, { ...failure, class: "invalid", reply: "no", retry_at: null }),
    { type: "step_errored", step: "structure", ...failure },
    { type: "workflow_errored", error: { name: "InvalidOutput", message: "at /a: required" } },
  ];
  const workflow = state(...ended);
  assert.deepEqual([workflow.status, workflow.result], ["errored", "Text."]);
  assert.deepEqual(names(resetBy(workflow, "failed")), ["structure"]);
  assert.deepEqual(lostBy(workflow, "failed"), []);
  const measured = { type: "measured", life: LIFE, run: 1, words: 1, limit: null };
  assert.deepEqual(reduceAll(workflow, [measured]).measured, { words: 1, limit: null });
  assert.equal(reduceAll(state(...ended.slice(0, 3), ended.at(-1)), [measured]).measured, null);
  assert.equal(state(...ended.slice(0, 3), ended.at(-1)).result, null, "there was no answer yet");
  const cut = { ...done("synthesis", "Half", 1, { truncated: true }) };
  assert.equal(state(...ended.slice(0, 4), cut, ended.at(-1)).result, "Half", "parts are an answer");
  assert.equal(state(asked({}), ...ended.slice(1)).result, null, "nobody asked for JSON");
});

test("a remark of a restart is told, and is of that run only", () => {
  const remark = { step: "synthesis", text: "Shorter." };
  const again = (run, more = {}) => ({ type: "workflow_restarted", run, reset: { steps: ["synthesis"] }, ...more });
  const told = state(...ENDED, again(2, { remark }));
  assert.deepEqual(told.remark, remark);
  assert.deepEqual(
    [told.log.at(-1).text, told.log.at(-1).detail],
    ["Restart: run 2 of Synthesis, with a remark on Synthesis", "Shorter."],
  );
  assert.equal(state(...ENDED, again(2, { remark }), again(3)).remark, null);
});

test("a mode and a budget that were not kept are told, and are no gaps", () => {
  const other = state(asked({ mode: "split" }), started, planned("merge"));
  assert.deepEqual(
    warningsOf(other).map(({ title }) => title),
    ["There are no subtasks"],
  );
  const plan = { ...planned("merge", "t1"), estimate: { calls: 3, tokens: 500 } };
  const titles = (budget, ...more) =>
    warningsOf(state(asked({ token_budget: budget }), started, plan, ...more)).map(({ title }) => title);
  assert.deepEqual(titles(499), ["The budget may end the run with a part of its answers"]);
  assert.deepEqual(titles(500), []);
  assert.deepEqual(titles(499, start("subtask/t1")), []);
  assert.deepEqual(titles(14, start("subtask/t1"), done("subtask/t1", "x")), [
    "More tokens were used than the budget has",
  ]);
  const edited = { type: "plan_approved", plan: plan.plan, estimate: { calls: 4, tokens: 900 } };
  assert.deepEqual(titles(700, edited), ["The budget may end the run with a part of its answers"]);
});

test("a schema is an option of the start page: checked as JSON, sent as it is, and brought along", () => {
  const fault = (outputSchema) => faultsOf({ ...BLANK, prompt: "p", outputSchema }).outputSchema;
  for (const fine of ["", " ", "true", "{}", '{"type": "object"}']) assert.equal(fault(fine), undefined, fine);
  assert.match(fault("{"), /^This is no JSON\. .+\.$/);
  for (const other of ["1", "[]", '"x"', "null"]) assert.match(fault(other), /^A JSON Schema is an object/, other);
  const long = JSON.stringify({ description: "é".repeat(33_000) }, null, 2);
  assert.match(fault(long), /^Too long: 64\.5 KiB of at most 64 KiB\.$/);
  const draft = { ...BLANK, prompt: "p", outputSchema: '{"type": "object"}' };
  assert.deepEqual([submissionOf(draft).options, optionsSet(draft)], [{ output_schema: SCHEMA }, 1]);
  assert.deepEqual(submissionOf({ ...draft, outputSchema: "false" }).options, { output_schema: false });
  assert.equal(submissionOf({ ...draft, outputSchema: "{" }).options.output_schema, "{", "shown in curl as it is");
  const again = draftOf({ ...SPEC, options: { output_schema: SCHEMA } }, null);
  assert.deepEqual(JSON.parse(again.outputSchema), SCHEMA);
  const detail = 'options.output_schema: "foo" at "/properties/a" is no keyword of JSON Schema 2020-12';
  assert.deepEqual(refusedField(new ApiProblem(400, "invalid", "", detail, null, "options.output_schema")), {
    outputSchema: `The server does not take this. ${detail.slice("options.output_schema: ".length)}.`,
  });
});

test("JSON is indented as it was written, down to its numbers and the order of its keys", () => {
  const json = '{"b":1.50,"10":[],"a":[12345678901234567890,{"x: {":"\\"}, "}],"e":{ }}';
  const shown = indented(json);
  assert.equal(
    shown,
    '{\n  "b": 1.50,\n  "10": [],\n  "a": [\n    ' +
      '12345678901234567890,\n    {\n      "x: {": "\\"}, "\n    }\n  ],\n  "e": {}\n}',
  );
  assert.deepEqual(JSON.parse(shown), JSON.parse(json));
  assert.equal(indented(shown), shown);
  for (const one of ["null", "-1.5e+3", '"a\\nb"', "[]", "{}"]) assert.equal(indented(one), one);
  assert.equal(indented("prose {"), "prose {");
});

test("a review is an option of the start page, sent and brought along", () => {
  const draft = { ...BLANK, prompt: "p", review: true };
  assert.deepEqual([submissionOf(draft).options, optionsSet(draft)], [{ review: "once" }, 1]);
  assert.equal(draftOf({ ...SPEC, options: { review: "once" } }, null).review, true);
});
