// The limits of a run and of a request, from the side on which they still let through.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hang, plan, text } from "./emulators/scripts.mjs";
import { startWithOpenai } from "./support/worker.mjs";

// Beyond any text of these tests, whatever its characters are estimated at.
const CONTEXT = { BIG_MODEL_CONTEXT_TOKENS: "400000", SMALL_MODEL_CONTEXT_TOKENS: "400000" };
const { api, emulator } = await startWithOpenai({ vars: CONTEXT });
const KIB = 1024;

test("at the deadline the calls still running are aborted and the answer is made of what is there", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["quick", "stuck", { id: "later", depends_on: ["stuck"] }]);
    return call.task === "stuck" ? hang() : undefined;
  });
  const status = await api.run({ prompt: workflow.prompt(), options: { deadline_seconds: 4 } }, "complete", 30_000);
  assert.equal(status.output.workerResponses[0], "Answer of quick.");
  assert.equal(status.output.workerResponses[1], null);
  assert.ok(
    status.warnings.some(({ reason, message }) => reason === "limit" && /deadline|seconds/.test(message)),
    JSON.stringify(status.warnings),
  );
  assert.equal(workflow.calls("subtask", "stuck")[0].closedBy, "client");
  assert.equal(workflow.count("subtask", "later"), 0);
});

test("with the token budget nearly used no further subtask starts, and the warnings name the limit", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["first", { id: "second", depends_on: ["first"] }]);
    return call.task === "first" ? text("word ".repeat(4_000)) : undefined;
  });
  const status = await api.run({ prompt: workflow.prompt(), options: { token_budget: 6_000 } });
  assert.equal(workflow.count("subtask", "second"), 0);
  assert.ok(
    status.warnings.some(({ reason }) => reason === "limit"),
    JSON.stringify(status.warnings),
  );
  assert.match(status.output.finalResult, /\S/);
});

test("WORKFLOW_TOKEN_BUDGET is the budget of a workflow that names none", async () => {
  const bounded = await startWithOpenai({ vars: { ...CONTEXT, WORKFLOW_TOKEN_BUDGET: "6000" } });
  const make = () =>
    bounded.emulator.workflow((call) => {
      if (call.step === "plan") return plan(["first", { id: "second", depends_on: ["first"] }]);
      return call.task === "first" ? text("word ".repeat(4_000)) : undefined;
    });
  const [unnamed, named] = [make(), make()];
  const short = await bounded.api.run(unnamed.prompt());
  assert.equal(unnamed.count("subtask", "second"), 0);
  assert.ok(
    short.warnings.some(({ reason }) => reason === "limit"),
    JSON.stringify(short.warnings),
  );
  const whole = await bounded.api.run({ prompt: named.prompt(), options: { token_budget: 1_000_000 } });
  assert.equal(named.count("subtask", "second"), 1);
  assert.deepEqual(whole.warnings, []);
});

test("a prompt of exactly 128 KiB is taken, also where escapes make its body far longer", async () => {
  const workflow = emulator.workflow();
  const marked = workflow.prompt("");
  for (const filler of ["p", "\u0001"]) {
    const prompt = filler.repeat(128 * KIB - Buffer.byteLength(marked)) + marked;
    const id = await api.submit(prompt);
    await api.reach(id, "complete");
    assert.equal((await api.status(id)).prompt, prompt);
  }
});

test("a long answer and many of them pass whole", async () => {
  const long = `${"Grüße, 世界 🌍. ".repeat(8_000)}End.`;
  const tasks = ["a", "b", "c", "d"];
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(tasks);
    return call.step === "subtask" ? text(long, { pieces: long.match(/.{1,2000}/gsu) }) : undefined;
  });
  const status = await api.run(workflow.prompt(), "complete", 30_000);
  for (const answer of status.output.workerResponses) assert.equal(answer, long);
});
