// What the console says of a workflow is true: the pill, the counts and their scope, the clock, the words of limits.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attempt, done, journal, planned, queued, RUN, start, started, stepOf } from "./support/journal.mjs";
import { load } from "./support/load.mjs";

const { reduceAll } = await load("workflow/reduce.ts");
const { EMPTY, partsOf, triesOf } = await load("workflow/state.ts");
const outcome = await load("workflow/outcome.ts");
const { pendingWords, sentence, silenceWords, stepWord, warningsOf } = await load("workflow/words.ts");
const { lostBy, leftOver, resetBy } = await load("workflow/restart.ts");
const { panelOf, isChosen } = await load("run/selection.ts");
Object.assign(globalThis, { addEventListener() {} });
const { standing } = await load("net/heal.ts");

const state = (...bodies) => reduceAll(EMPTY, journal(...bodies));
const failedFor = (step) => [
  attempt("errored", step, 1, { error: { name: "Timeout", message: "late" }, class: "permanent", retry_at: null }),
  { type: "step_errored", step, error: { name: "Timeout", message: "late" } },
];
const PLANNED = [queued, started, planned(["t1"], ["t2"], ["t3", "t2"])];
const PARTIAL = [
  ...PLANNED,
  start("subtask/t1"),
  done("subtask/t1", "one"),
  start("subtask/t2"),
  ...failedFor("subtask/t2"),
  start("subtask/t3"),
  done("subtask/t3", "three"),
  start("synthesis"),
  done("synthesis", "all"),
  { type: "workflow_completed" },
];
const restarted = (run, steps, seq) => ({
  type: "workflow_restarted",
  run,
  reset: { steps },
  id: `${seq}-9f86d081`,
  seq,
  at: new Date(1000 * seq).toISOString(),
});

test("a result that lacks a subtask never looks like a whole one", () => {
  const partial = state(...PARTIAL);
  const gaps = outcome.gapsOf(partial);
  assert.equal(outcome.statusWord(partial.status, gaps), "Complete with gaps: 2 of 3");
  assert.equal(outcome.tallyWords(outcome.tallyOf(partial)), "2 of 3, 1 failed");
  assert.deepEqual(outcome.signalOf(partial), { signal: "gaps", sign: "✓ with gaps: " });
  assert.match(partial.log.at(-1).text, /complete with gaps: 2 of 3 subtasks/);
  assert.equal(partial.log.at(-1).tone, "warn");
});

test("a result that is whole in number and lacks something else has gaps too", () => {
  const cut = state(
    ...PLANNED.slice(0, 2),
    planned(["t1"]),
    start("subtask/t1"),
    done("subtask/t1", "o", 1, {
      truncated: true,
    }),
    start("synthesis"),
    done("synthesis", "all"),
    { type: "workflow_completed" },
  );
  assert.equal(outcome.statusWord(cut.status, outcome.gapsOf(cut)), "Complete with gaps");
  const whole = reduceAll(EMPTY, RUN);
  assert.equal(outcome.statusWord(whole.status, outcome.gapsOf(whole)), "Complete");
  assert.deepEqual(outcome.signalOf(whole), { signal: "good", sign: "✓ " });
});

test("a subtask that failed is not counted as done where the workflow failed", () => {
  const failed = state(...PARTIAL.slice(0, 8), { type: "workflow_errored", error: { name: "Timeout", message: "x" } });
  assert.equal(outcome.tallyWords(outcome.tallyOf(failed)), "1 of 3, 1 failed");
  assert.equal(outcome.statusWord(failed.status, outcome.gapsOf(failed)), "Failed");
});

test("what a run has used is told apart from what all runs have", () => {
  const again = reduceAll(EMPTY, [
    ...RUN,
    restarted(2, ["synthesis"], 17),
    { ...start("synthesis", 1, 2), id: "18-9f86d081", seq: 18, at: new Date(18_000).toISOString() },
  ]);
  assert.deepEqual([again.spent.calls, again.total.calls], [1, 7]);
  assert.deepEqual([again.spent.prompt, again.total.prompt], [0, 50]);
});

test("the clock counts the time in which something could run, and says what it leaves out", () => {
  // Queued at 1 s, started at 2 s, paused at 3 s; looked at 10 s later.
  const paused = state(queued, started, { type: "workflow_paused" });
  assert.deepEqual(outcome.timesOf(paused, 13_000), { active: 2000, paused: 10_000, approval: 0 });
  assert.deepEqual(outcome.timesOf(paused, 14_000), { active: 2000, paused: 11_000, approval: 0 }, "it stands");
  const on = state(queued, started, { type: "workflow_waiting" }, { type: "plan_approved" });
  assert.deepEqual(outcome.timesOf(on, 5000), { active: 3000, paused: 0, approval: 1000 });
});

const LIMITED = [
  ...PLANNED,
  start("subtask/t1"),
  done("subtask/t1", "one"),
  start("subtask/t2"),
  attempt("errored", "subtask/t2", 1, {
    error: { name: "TokenBudgetReached", message: "the call was aborted by token_budget (900)" },
    class: "aborted",
    retry_at: null,
  }),
  { type: "step_skipped", step: "subtask/t2", reason: "the call was aborted by token_budget (900)" },
  { type: "step_skipped", step: "subtask/t3", reason: "the whole of token_budget (900) was used" },
  { type: "workflow_completed", result: "answers" },
];

test("a limit is one warning, in words, and tells what it stopped from what it kept from starting", () => {
  const limited = state(...LIMITED);
  const warnings = warningsOf(limited);
  assert.equal(warnings.length, 1);
  assert.equal(
    warnings[0].detail,
    "The whole of the token budget (900 tokens) was used. Stopped: t2. Not started: t3. " +
      "There was no room for a synthesis: the result is the subtasks' answers one after the other.",
  );
  assert.equal(stepWord(stepOf(limited, "subtask/t2"), limited), "Stopped");
  assert.equal(stepWord(stepOf(limited, "subtask/t3"), limited), "Skipped");
  assert.deepEqual(
    limited.log.slice(-4, -1).map((entry) => entry.text),
    ["t2: attempt 1 was stopped. The token budget of the run was reached.", "t2 was stopped", "t3 was skipped"],
  );
});

test("names of the API are no words of a sentence", () => {
  assert.equal(
    sentence("three quarters of deadline_seconds (30) was used"),
    "Three quarters of the time limit (30 s) was used.",
  );
  assert.equal(sentence("options.max_subtasks is 99"), "options.max_subtasks is 99.");
  assert.equal(sentence("subtask/t2 failed"), "subtask/t2 failed.");
  assert.equal(sentence("gpt-5: no connection"), "gpt-5: no connection.");
  assert.equal(sentence("a plan"), "A plan.");
});

test("an answer that was continued is no retry", () => {
  const continued = state(
    ...PLANNED,
    start("synthesis"),
    done("synthesis", "first ", 1, { truncated: true }),
    start("synthesis", 2),
    done("synthesis", "second", 2),
  );
  const synthesis = stepOf(continued, "synthesis");
  assert.deepEqual([partsOf(synthesis), triesOf(synthesis)], [[1, 2], 1]);
  assert.equal(triesOf(stepOf(reduceAll(EMPTY, RUN), "subtask/t2")), 2);
  const told = continued.log.filter((entry) => entry.step === "synthesis").map((entry) => [entry.text, entry.tone]);
  assert.deepEqual(told.slice(1, 3), [
    ["Synthesis stopped at its limit of tokens, and is continued", "good"],
    ["Synthesis goes on where it was cut off", "info"],
  ]);
});

test("a restart says what it throws away, and nothing where nothing is lost", () => {
  const complete = reduceAll(EMPTY, RUN);
  assert.deepEqual(lostBy(complete, "everything"), ["the answer", "the plan", "t1", "t2", "t3"]);
  assert.deepEqual(lostBy(complete, { name: "subtask/t1" }), ["the answer", "t1", "t3"]);
  assert.deepEqual(lostBy(complete, { name: "synthesis" }), ["the answer"]);
  const failed = state(...PARTIAL.slice(0, 8), { type: "workflow_errored", error: { name: "Timeout", message: "x" } });
  assert.deepEqual(lostBy(failed, "failed"), []);
  assert.deepEqual(
    resetBy(failed, "failed").map((step) => step.name),
    ["subtask/t2", "subtask/t3", "synthesis"],
  );
});

test("what is left of a terminated run is what has no answer", () => {
  const stopped = state(...PARTIAL.slice(0, 6), { type: "workflow_terminated" });
  assert.deepEqual(
    leftOver(stopped).steps.map((step) => step.name),
    ["subtask/t2", "subtask/t3", "synthesis"],
  );
  assert.deepEqual(lostBy(stopped, { name: "synthesis" }), []);
  assert.deepEqual(
    leftOver(state(queued, started, { type: "workflow_terminated" })),
    { steps: [], from: undefined },
    "no plan, nothing left of it",
  );
});

test("a paused run shows what was made last, and a plan that waits stays to be edited", () => {
  const paused = state(...PARTIAL.slice(0, 5), { type: "workflow_paused" });
  assert.equal(panelOf(paused, ""), "subtask/t1");
  assert.match(pendingWords(stepOf(paused, "synthesis"), paused), /paused: it starts once the run is resumed/);
  const waiting = state(...PLANNED, { type: "workflow_waiting" }, { type: "workflow_paused" });
  assert.deepEqual([outcome.awaitsApproval(waiting), panelOf(waiting, "")], [true, "plan"]);
});

test("a call without a word says how long it is waited for", () => {
  const spec = { ...queued.spec, policy: { ...queued.spec.policy, first_token_timeout_ms: 120_000 } };
  const silent = state({ ...queued, spec }, started, start("plan"));
  const words = silenceWords(stepOf(silent, "plan"), silent, 15_000);
  assert.equal(words, "Waiting for the first word for 12.0 s. It is given up after 2 min 0 s, and tried again.");
});

test("a mistaken fragment leaves the page following the run", () => {
  const complete = reduceAll(EMPTY, RUN);
  for (const fragment of ["50%", "subtask/t99", ""]) {
    assert.deepEqual([isChosen(complete, fragment), panelOf(complete, fragment)], [false, "answer"], fragment);
  }
});

test("there is news where a run has ended, or waits, until it was looked at", () => {
  const complete = reduceAll(EMPTY, RUN);
  assert.equal(outcome.newsOf(complete, "subtask/t1", null), "answer");
  assert.equal(outcome.newsOf(complete, "subtask/t1", 1), null, "it was read");
  assert.equal(outcome.newsOf(complete, "answer", null), null);
  const waiting = state(...PLANNED, { type: "workflow_waiting" });
  assert.deepEqual([outcome.newsOf(waiting, "log", null), outcome.newsOf(waiting, "plan", null)], ["plan", null]);
});

test("the list's entry and the page say the same of a result", () => {
  const steps = ["complete", "errored", "complete"].map((state, at) => ({ name: `subtask/t${at}`, state }));
  assert.deepEqual(standing({ status: { status: "complete", warnings: [{}], steps } }), {
    status: "complete",
    gaps: "2 of 3",
  });
  assert.deepEqual(standing({ status: { status: "complete", warnings: [], steps: [] } }).gaps, null);
  assert.deepEqual(standing({ status: { status: "running" } }), { status: "running", gaps: null });
});
