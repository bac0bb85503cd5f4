// The `ollama` provider, by Ollama's own API: no key, the first model that the server lists, the context that a request
// needs, and one call at a time over all workflows.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { held, makeGate, plan, raw, text } from "./emulators/scripts.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOllama } from "./support/worker.mjs";

const { api, emulator, url } = await startWithOllama({ emulator: { models: ["llama3.2:3b", "qwen3:8b"] } });

/** The most calls that were open at the same time. */
const mostAtOnce = (calls) =>
  Math.max(
    ...calls.map(
      (call) => calls.filter((other) => other.arrivedAt <= call.arrivedAt && other.closedAt > call.arrivedAt).length,
    ),
  );

test("the first listed model serves every role, and is asked about once", async () => {
  const workflow = emulator.workflow();
  const status = await api.run(workflow.prompt());
  assert.deepEqual([...new Set(workflow.calls().map((call) => call.model))], ["llama3.2:3b"]);
  assert.equal(status.provider, "ollama");
  assert.equal(status.output.workerResponses.length, 3);
  const planned = workflow.calls("plan")[0].body;
  assert.equal(planned.format.type, "object");
  assert.match(planned.messages.at(-1).content, /At most 3 tasks\./);
  assert.ok(status.usage.prompt_tokens > 0 && !status.usage.estimated, JSON.stringify(status.usage));
  await api.run(emulator.workflow().prompt());
  assert.equal(emulator.modelListings, 1);
  assert.deepEqual(emulator.shown, ["llama3.2:3b"]);
});

test("ask says how long the rest takes, at the speed of the plan", async () => {
  const script = inRoot("scripts/ask.mjs");
  const { stderr } = await promisify(execFile)(process.execPath, [script, "--url", url, emulator.workflow().prompt()]);
  assert.match(stderr, /It is split into \d+ subtasks \(about .* tokens: \d+ minutes? at the speed of its plan\)/);
});

test("ask says no time where the plan waited behind another workflow", async () => {
  const gate = makeGate();
  const other = emulator.workflow((call) => (call.step === "plan" ? held(gate, plan(["a", "b"])) : undefined));
  const id = await api.submit(other.prompt());
  await eventually("the other is called", () => other.count("plan") === 1);
  const script = inRoot("scripts/ask.mjs");
  const asked = promisify(execFile)(process.execPath, [script, "--url", url, emulator.workflow().prompt()]);
  await eventually("both are there", async () => {
    const { workflows } = (await api.get("/workflows?limit=2")).json;
    return workflows[1]?.id === id;
  });
  gate.open();
  const { stderr } = await asked;
  assert.match(stderr, /It is split into \d+ subtasks \(about [\d,]+ model calls, [\d,]+ tokens\)/);
  await api.reach(id, "complete");
});

test("calls of all workflows run one at a time, in the order in which they came", async () => {
  const gate = makeGate();
  const first = emulator.workflow((call) => (call.step === "plan" ? held(gate, plan(["a", "b"])) : undefined));
  const later = [1, 2, 3].map(() => emulator.workflow());
  const ids = [await api.submit(first.prompt())];
  await eventually("the first is called", () => first.count("plan") === 1);
  for (const workflow of later) ids.push(await api.submit(workflow.prompt()));
  gate.open();
  for (const id of ids) await api.reach(id, "complete");
  const calls = [first, ...later].flatMap((workflow) => workflow.calls());
  assert.equal(mostAtOnce(calls), 1);
  const plans = later.map((workflow) => workflow.calls("plan")[0].arrivedAt);
  assert.deepEqual(
    plans,
    plans.toSorted((one, other) => one - other),
  );
});

test("a workflow that is terminated while it waits leaves the line", async () => {
  const gate = makeGate();
  const first = emulator.workflow((call) => (call.step === "plan" ? held(gate, plan(["a"])) : undefined));
  const [second, third] = [emulator.workflow(), emulator.workflow()];
  const firstId = await api.submit(first.prompt());
  await eventually("the first is called", () => first.count("plan") === 1);
  const secondId = await api.submit(second.prompt());
  const thirdId = await api.submit(third.prompt());
  await api.post(`/${secondId}/terminate`);
  gate.open();
  await api.reach(firstId, "complete");
  await api.reach(thirdId, "complete");
  assert.equal(second.count(), 0);
});

test("a call that waits does not run into a time limit", async () => {
  const hasty = await startWithOllama({ vars: { FIRST_TOKEN_TIMEOUT_SECONDS: "1" } });
  const slow = hasty.emulator.workflow((call) =>
    call.step === "plan" ? plan(["a", "b"], { pauseMs: 300 }) : undefined,
  );
  const waiting = hasty.emulator.workflow();
  const slowId = await hasty.api.submit(slow.prompt());
  await eventually("the first is called", () => slow.count("plan") === 1);
  const status = await hasty.api.run(waiting.prompt());
  assert.deepEqual([...new Set(status.steps.map((step) => step.attempts.length))], [1]);
  await hasty.api.reach(slowId, "complete");
});

test("named models are taken as they are, at the address of an older configuration", async () => {
  const models = ["llama3.2:3b", "qwen3:8b"];
  const vars = { BIG_MODEL: "qwen3:8b", SMALL_MODEL: "llama3.2:3b" };
  const named = await startWithOllama({ emulator: { models, thinks: true }, vars });
  await named.stop();
  await named.revive({ vars: { OLLAMA_BASE_URL: `${named.emulator.url}/v1` } });
  const workflow = named.emulator.workflow((call) =>
    call.step === "subtask" ? text(`Grüße von ${call.task}.`, { reasoning: "Let me think.", writes: 7 }) : undefined,
  );
  const status = await named.api.run(workflow.prompt());
  assert.deepEqual(
    workflow.calls("plan").map((call) => [call.model, call.body.think]),
    [["qwen3:8b", false]],
  );
  assert.equal(status.output.workerResponses[0], "Grüße von t1.");
  assert.equal(named.emulator.modelListings, 0);
});

test("a prompt beyond 4,096 tokens gets the context that it needs", async () => {
  const workflow = emulator.workflow();
  const words = "Many words. ".repeat(4_000);
  await api.run(workflow.prompt(words));
  const { num_ctx } = workflow.calls("plan")[0].body.options;
  assert.ok(num_ctx >= 16_384, `${num_ctx}`);
});

test("a request beyond the context of the model is asked for less, and never cut by the server", async () => {
  const small = await startWithOllama({ emulator: { context: 8_192 } });
  const workflow = small.emulator.workflow();
  const status = await small.api.run(workflow.prompt());
  assert.equal(status.status, "complete");
  assert.ok(workflow.calls().every((call) => call.body.options.num_ctx === 8_192));
});

test("a stream that breaks off, or ends with an error, is repeated", async () => {
  const endings = ["cut", "end", "error"];
  const workflow = emulator.workflow((call, number) =>
    call.step === "plan" && number <= endings.length ? plan(["a"], { ending: endings[number - 1] }) : undefined,
  );
  const status = await api.run(workflow.prompt());
  const [planned] = status.steps;
  assert.deepEqual(
    planned.attempts.map((attempt) => attempt.error?.name),
    ["NetworkError", "StreamCutOff", "ProviderError", undefined],
  );
});

test("a line that is not understood is never a success", async () => {
  const line = '{"message":{"role":"assistant","content":"half"},"done":false}\n';
  const workflow = emulator.workflow((call, number) =>
    call.step === "plan" && number === 1 ? raw([line, "no JSON\n"]) : undefined,
  );
  const status = await api.run(workflow.prompt());
  assert.equal(status.steps[0].attempts[0].error.name, "BadReply");
});

test("a model that is missing is an error that says how to get it", async () => {
  const missing = await startWithOllama({ vars: { BIG_MODEL: "qwen3:8b", SMALL_MODEL: "llama3.2:3b" } });
  const id = await missing.api.submit(missing.emulator.workflow().prompt());
  const { error } = await missing.api.reach(id, "errored");
  assert.match(error.message, /ollama pull qwen3:8b/);
});

test("a server that has no model says so", async () => {
  const empty = await startWithOllama({ emulator: { models: [] } });
  const id = await empty.api.submit("Write.");
  const { error } = await empty.api.reach(id, "errored");
  assert.match(error.message, /has no model/);
});
