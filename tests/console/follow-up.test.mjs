// What goes on with an answer, and what a step is told to do otherwise, as they are sent.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SPEC } from "./support/journal.mjs";
import { load } from "./support/load.mjs";

const { expanding, followUpOf, SHORTER } = await load("run/followUps.ts");
const { bodyOf } = await load("workflow/restart.ts");
const { BLANK, draftOf, submissionOf } = await load("home/draft.ts");
const { refusedField, firstFault, ApiProblem } = await load("home/check.ts", "net/problem.ts");
const { INSTRUCTIONS_BYTES_MAX, REMARK_BYTES_MAX, tooLong } = await load("lib/texts.ts");
const { GrowingMarkdown } = await load("markdown/blocks.ts");

const INFO = { big: [], small: [], defaults: { max_subtasks: 8, max_concurrency: 50 } };
const of = (spec, options) => ({ ...SPEC, ...spec, options: { ...SPEC.options, ...options } });

test("a follow-up has the options of what it goes on with, and chooses anew how it is answered", () => {
  const spec = of({ metadata: { team: "a" } }, { mode: "split", length: "brief", review: "once", approval: "plan" });
  assert.deepEqual(followUpOf(spec, INFO, "And?", true), {
    prompt: "And?",
    follow_up_to: "w1",
    metadata: { team: "a" },
    options: { length: "brief", review: "once", approval: "plan" },
  });
  assert.deepEqual(followUpOf(of({}, { mode: "direct" }), INFO, "x", true).options, { mode: "direct" });
  const output_schema = { type: "object" };
  const asJson = [true, false].map((wanted) => followUpOf(of({}, { output_schema }), INFO, "x", wanted).options);
  assert.deepEqual(asJson, [{ output_schema }, undefined]);
  const tasks = { analysis: "", tasks: [{ id: "t1", title: "a", instructions: "a", depends_on: [] }], shared: "s" };
  assert.deepEqual(followUpOf(of({ tasks }), INFO, SHORTER, true), { prompt: SHORTER, follow_up_to: "w1" });
  // Itself a follow-up, it is the one that is gone on with.
  assert.equal(followUpOf(of({ parent: { id: "w0", run: 1 } }), INFO, "x", true).follow_up_to, "w1");
  assert.match(expanding("The well"), /^Expand the section “The well” of your answer/);
});

test("a new start of a follow-up goes on with the same answer, and a refusal of it is told at its line", () => {
  const draft = draftOf(of({ parent: { id: "w0", run: 1 } }), INFO);
  assert.deepEqual(submissionOf(draft), { prompt: "p", follow_up_to: "w0" });
  assert.deepEqual(
    [submissionOf({ ...BLANK, prompt: "p" }), draftOf(of({}), INFO).followUpTo],
    [{ prompt: "p" }, null],
  );
  const detail = "follow_up_to is w0: there is no such workflow";
  assert.deepEqual(refusedField(new ApiProblem(404, "not-found", "Not found", detail, null, "follow_up_to")), {
    followUpTo: "The server does not take this. There is no such workflow.",
  });
  assert.equal(firstFault({ metadata: "a", followUpTo: "b" }), "followUpTo");
});

test("a remark is sent with the step that it is for, and with no other restart", () => {
  const from = { name: "subtask/t1" };
  assert.deepEqual(bodyOf(from, " Shorter.\n"), { from, instructions: "Shorter." });
  assert.deepEqual([bodyOf(from), bodyOf(from, " ")], [{ from }, { from }]);
  assert.deepEqual(bodyOf("everything"), {});
});

test("a text is too long by the server's measure", () => {
  for (const [name, own, file] of [
    ["INSTRUCTIONS_BYTES_MAX", INSTRUCTIONS_BYTES_MAX, "submission/options.rs"],
    ["REMARK_BYTES_MAX", REMARK_BYTES_MAX, "control.rs"],
  ]) {
    const source = readFileSync(new URL(`../../src/api/${file}`, import.meta.url), "utf8");
    const [, max] = new RegExp(`${name}: usize = (.+);`).exec(source);
    assert.equal(
      own,
      max.split("*").reduce((product, part) => product * Number(part), 1),
      name,
    );
  }
  assert.equal(tooLong("é".repeat(2048), 4096), null);
  assert.equal(tooLong("é".repeat(2049), 4096), "Too long: 4.1 KiB of at most 4 KiB.");
});

test("each heading of the answer is known by its words", () => {
  const blocks = new GrowingMarkdown().update("# A **b** `c`\n\nText.\n\nUnder\n---\n\n- # no\n", true);
  assert.deepEqual(
    blocks.map(({ heading }) => heading),
    ["A b c", null, "Under", null],
  );
});
