// Deploys and rollbacks between this build and the released 0.1.0, in mid-run: whatever state the one leaves a workflow
// in, the other takes it up and finishes it, or says that the journal is of a newer version.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { contract, direct } from "./emulators/answers.mjs";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { Api, assertProblem, stepOf } from "./support/api.mjs";
import { assertSound, journalOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { countsOf, STATES } from "./support/states.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const PACKAGE = fileURLToPath(new URL("../fixtures/releases/orchestrator-workers-0.1.0.tgz", import.meta.url));
const THIS_BUILD = fileURLToPath(new URL("../../build", import.meta.url));
const TERMINAL = ["complete", "errored", "terminated"];

const unpacked = mkdtempSync(path.join(tmpdir(), "orchestrator-release-"));
after(() => rmSync(unpacked, { recursive: true, force: true }));
execFileSync("tar", ["xzf", PACKAGE, "-C", unpacked]);
const RELEASED = path.join(unpacked, "package/build");

const long = (task) => `Answer of ${task}. ${"All of it matters. ".repeat(200)}`;

/** Its prompt says so in every release, although it begins in another way in each. */
const condenses = (call) => call.messages.at(-1).content.includes("Condense these answers now.");

/** Those of every release, and what only this file asks for. */
const LEFT = {
  ...STATES,
  "condensing long answers": {
    script: (call, gate) => {
      if (call.step === "plan") return plan(["a", "b", "c"]);
      if (call.step === "subtask") return text(long(call.task), { pieces: [long(call.task)] });
      return condenses(call) && call.number === 1 ? held(gate, text("Lost.")) : undefined;
    },
    // In several calls at once, of which the first is held.
    there: (workflow) => workflow.calls().some(condenses),
  },
  "restarted from a subtask": {
    script: (call, gate) => {
      if (call.step === "plan") return plan(["a", "b"]);
      return call.task === "b" && call.number === 2 ? held(gate, text("Lost.")) : undefined;
    },
    there: async (workflow, status) => workflow.count("synthesis") === 1 && (await status()).status === "complete",
    before: async (api, id, workflow) => {
      assert.equal((await api.post(`/${id}/restart`, { from: { name: "subtask/b" } })).status, 200);
      await eventually("b is called again", () => workflow.count("subtask", "b") === 2);
    },
    calls: { plan: 1, "subtask/a": 1, "subtask/b": 3, synthesis: 2 },
  },
  complete: {
    script: () => undefined,
    there: async (_, status) => (await status()).status === "complete",
  },
  "complete with a gap": {
    script: (call) => (call.task === "t2" ? { kind: "error", status: 401, body: { error: {} } } : undefined),
    there: async (_, status) => (await status()).status === "complete",
  },
  errored: {
    script: () => ({ kind: "error", status: 401, body: { error: { message: "no" } } }),
    there: async (_, status) => (await status()).status === "errored",
  },
  terminated: {
    script: (call, gate) => (call.step === "subtask" ? held(gate, text("Too late.")) : undefined),
    there: (workflow) => workflow.count("subtask") === 3,
    before: async (api, id) => assert.equal((await api.post(`/${id}/terminate`)).status, 200),
  },
};

/** What this build writes in words that 0.1.0 does not know, so that it must refuse it. */
const NEWER = {
  "with a contract, in mid fan-out": {
    script: (call, gate) => {
      if (call.step === "plan") return contract(["t1", "t2"], { form: "merge", shared: "It is blue." });
      return call.task === "t2" && call.number === 1 ? held(gate, text("Lost.")) : undefined;
    },
    there: (workflow) => workflow.count("subtask", "t2") === 1,
  },
  "while the request is answered directly": {
    script: (call, gate) => {
      if (call.step === "plan") return direct();
      return call.number === 1 ? held(gate, text("Lost.")) : undefined;
    },
    there: (workflow) => workflow.count("synthesis") === 1,
  },
  "while the editor writes": {
    script: (call, gate) => {
      if (call.step === "plan") return contract(["t1", "t2"]);
      return call.step === "edit" && call.number === 1 ? held(gate, text("Lost.")) : undefined;
    },
    there: (workflow) => workflow.count("edit") === 1,
  },
  "complete, with an assembled answer": {
    script: (call) => (call.step === "plan" ? contract(["t1", "t2"]) : undefined),
    there: async (_, status) => (await status()).status === "complete",
  },
};

for (const { name, from, to } of [
  { name: "0.1.0 takes over from this build, and this build again", from: THIS_BUILD, to: RELEASED },
  { name: "this build takes over from 0.1.0", from: RELEASED, to: THIS_BUILD },
])
  test(name, async (context) => {
    // Little context for the big model, so that long answers are condensed.
    const worker = await startWithOpenai({ buildDir: from, vars: { BIG_MODEL_CONTEXT_TOKENS: "4000" } });
    const apiOf = (build) => new Api(worker.url, undefined, { documented: build === THIS_BUILD });
    const gate = makeGate();
    const lefts = await Promise.all(
      Object.entries(LEFT).map(([state, script]) => leave(worker, apiOf(from), gate, state, script)),
    );
    const keyed = await submitUnderKeys(worker, apiOf(from));
    const reserved = worker.emulator.workflow().prompt();
    if (from === RELEASED) await apiOf(from).submit({ id: "usage", prompt: reserved });
    await worker.kill();
    gate.open();
    await worker.revive({ buildDir: to });
    await context.test("a request under a key is known again", () => areKnown(apiOf(to), keyed));
    if (from === RELEASED)
      await context.test("an id that is reserved by now", async () => {
        const { status } = (await apiOf(to).get("/workflows/usage")).json;
        assert.equal(status.prompt, reserved);
        assert.equal((await apiOf(to).request("DELETE", "/workflows/usage")).status, 204);
        assertProblem(await apiOf(to).get("/usage"), 404);
      });
    for (const left of lefts) await context.test(left.state, () => finishes(apiOf(to), left));
    if (to === THIS_BUILD) {
      await context.test("each is in the list once it was read", () => areListed(apiOf(to), lefts));
      return;
    }
    await worker.kill();
    await worker.revive({ buildDir: THIS_BUILD });
    for (const left of lefts)
      await context.test(`this build again: ${left.state}`, () => isAsItWas(apiOf(THIS_BUILD), left));
  });

test("0.1.0 leaves what it cannot read, and this build goes on with it", async (context) => {
  const worker = await startWithOpenai({ buildDir: THIS_BUILD });
  const gate = makeGate();
  const lefts = await Promise.all(
    Object.entries(NEWER).map(([state, script]) => leave(worker, worker.api, gate, state, script)),
  );
  await worker.kill();
  gate.open();
  await worker.revive({ buildDir: RELEASED });
  const old = new Api(worker.url, undefined, { documented: false });
  for (const { state, id } of lefts)
    await context.test(state, async () => assertProblem(await old.get(`/${id}`), 503, "newer-journal"));
  await worker.kill();
  await worker.revive({ buildDir: THIS_BUILD });
  for (const { state, id, workflow, before } of lefts)
    await context.test(`this build again: ${state}`, async () => {
      const { output } = await worker.api.reach(id, "complete", 30_000);
      assert.match(output.finalResult, /^The final result\./);
      if (before.status === "complete") assert.deepEqual(output, before.output);
      assert.equal(workflow.count("plan"), 1, "0.1.0 has not planned it anew");
      assert.deepEqual([...assertSound(await journalOf(worker.api, id))], []);
    });
});

/** With the status that it has. */
function areListed(api, lefts) {
  return eventually("the list has them", async () => {
    const { workflows } = (await api.get("/workflows?limit=100")).json;
    const listed = new Map(workflows.map(({ id, status }) => [id, status]));
    const statuses = await Promise.all(lefts.map(async ({ id }) => [id, (await api.status(id)).status]));
    return statuses.every(([id, status]) => listed.get(id) === status);
  });
}

/** Brings a workflow into the state. */
async function leave({ emulator }, api, gate, state, script) {
  const workflow = emulator.workflow((call) => script.script(call, gate));
  const { options } = script;
  const id = await api.submit({ prompt: workflow.prompt(), ...(options ? { options } : {}) });
  await eventually(`it is left ${state}`, () => script.there(workflow, () => api.status(id)), 30_000);
  await script.before?.(api, id, workflow);
  return { state, script, workflow, id, before: await api.status(id) };
}

/** Bodies as clients write them, each under a key of its own. */
async function submitUnderKeys({ emulator }, api) {
  const prompt = () => JSON.stringify(emulator.workflow().prompt("Write."));
  const bodies = [
    ["application/json", `{"prompt": ${prompt()}, "options": {"max_subtasks": 3}}`],
    ["text/plain", JSON.parse(prompt())],
    ["text/markdown", `{"prompt": ${prompt()}}`],
  ];
  const submitted = bodies.map(async ([type, body], index) => {
    const headers = { "content-type": type, "idempotency-key": `across-${index}` };
    const answer = await api.post("/", body, headers);
    assert.equal(answer.status, 202, answer.text);
    return { body, headers, id: answer.json.id };
  });
  return Promise.all(submitted);
}

/** A repetition sends the same bytes. */
async function areKnown(api, keyed) {
  for (const { body, headers, id } of keyed) {
    const again = await api.post("/", body, headers);
    assert.equal(again.json?.id, id, again.text);
    assertProblem(await api.post("/", body.replace("Write.", "Read."), headers), 422);
  }
}

/** One that has ended is shown as it was; another goes on to its end, and nothing that was done is done again. */
async function finishes(api, left) {
  const { script, workflow, id, before } = left;
  if (TERMINAL.includes(before.status)) {
    const after = await api.status(id);
    for (const field of ["status", "output", "error", "warnings", "usage", "run"])
      assert.deepEqual(after[field], before[field], field);
  } else {
    await script.back?.(api, id);
    left.before = await api.reach(id, "complete", 30_000);
    assert.equal(left.before.output.finalResult, script.result ?? "The final result.");
    if (script.calls) assert.deepEqual(countsOf(workflow), script.calls);
    for (const step of before.steps.filter(({ success }) => success))
      assert.deepEqual(stepOf(left.before, step.name).output, step.output, step.name);
  }
}

async function isAsItWas(api, { id, before }) {
  const { status, output, run } = await api.status(id);
  assert.deepEqual({ status, output, run }, { status: before.status, output: before.output, run: before.run });
  const open = assertSound(await journalOf(api, id));
  if (before.status === "complete") assert.deepEqual([...open], []);
}
