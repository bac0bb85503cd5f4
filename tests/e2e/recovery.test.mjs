// kill -9 in every state that a workflow can be in, and deploys. On return it goes on by itself; no completed call is
// made again.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertProblem, stepOf } from "./support/api.mjs";
import { assertSound, journalOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { countsOf, STATES } from "./support/states.mjs";
import { editJournal, journalRows, objectFiles } from "./support/storage.mjs";
import { startWithOpenai } from "./support/worker.mjs";

/** Another build of the same source, as a deploy would bring it. */
const OTHER_BUILD = fileURLToPath(new URL("../../build/crash-test", import.meta.url));
const NEWER = "newer-journal";

const worker = await startWithOpenai();
const deployed = await startWithOpenai();
const rolledBack = await startWithOpenai();

test("killed in every state by one kill, each goes on by itself to its end", async (context) => {
  const { api, emulator } = worker;
  const gate = makeGate();
  const runs = await Promise.all(
    Object.entries(STATES).map(async ([name, state]) => {
      const workflow = emulator.workflow((call) => state.script(call, gate));
      const id = await api.submit({ prompt: workflow.prompt(), ...(state.options ? { options: state.options } : {}) });
      await eventually(`it is killed ${name}`, () => state.there(workflow, () => api.status(id), id), 30_000);
      await state.before?.(api, id);
      return { name, state, workflow, id };
    }),
  );
  await worker.kill();
  gate.open();
  await worker.revive();
  for (const { name, state, workflow, id } of runs) {
    await context.test(name, async () => {
      if (state.back) await state.back(api, id);
      // Nobody asks: the alarm alone brings it back.
      await eventually(
        "the last call is answered",
        () => workflow.count("synthesis") === state.calls.synthesis,
        30_000,
      );
      const status = await api.reach(id, "complete");
      assert.deepEqual(countsOf(workflow), state.calls);
      assert.equal(status.output.finalResult, state.result ?? "The final result.");
      const journal = await journalOf(api, id);
      assert.deepEqual([...assertSound(journal)], []);
      const failed = journal.filter((event) => event.type === "attempt_errored").map((event) => event.step);
      assert.deepEqual(failed, state.failures ?? [], "a lost attempt is no failure");
    });
  }
});

test("a subtask that is restarted leaves its siblings' answers as they are, also when killed meanwhile", async () => {
  const { api, emulator } = worker;
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["a", "b", { id: "c", depends_on: ["b"] }]);
    if (call.task === "b" && call.number === 2) return held(gate, text("Lost."));
    return text(`${call.task ?? "All"}, in call ${call.number}: grüße 🦀 ${Math.random()}`);
  });
  const id = await api.submit(workflow.prompt());
  const before = await api.reach(id, "complete");
  const restarted = await api.post(`/${id}/restart`, { from: { name: "subtask/b" } });
  assert.equal(restarted.status, 200, restarted.text);
  await eventually("b is called again", () => workflow.count("subtask", "b") === 2);
  await worker.crash();
  gate.open();
  const after = await api.reach(id, "complete");
  assert.equal(after.run, 2);
  assert.equal(stepOf(after, "subtask/a").output, stepOf(before, "subtask/a").output);
  assert.deepEqual(countsOf(workflow), { plan: 1, "subtask/a": 1, "subtask/b": 3, "subtask/c": 2, synthesis: 2 });
  assert.match(stepOf(after, "subtask/b").output, /^b, in call 3/);
  assert.notEqual(after.output.finalResult, before.output.finalResult);
  assertSound(await journalOf(api, id));
});

test("another build takes over in mid-run", async () => {
  const { api, emulator } = deployed;
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.task === "t2" && call.number === 1 ? held(gate, text("Lost.")) : undefined,
  );
  const id = await api.submit(workflow.prompt());
  await eventually(
    "two subtasks are done",
    async () => (await api.status(id)).steps.filter((step) => step.success).length === 3,
  );
  await deployed.kill();
  await deployed.revive({ buildDir: OTHER_BUILD });
  await eventually("it goes on by itself", () => workflow.count("synthesis") === 1, 30_000);
  await api.reach(id, "complete");
  assert.deepEqual(countsOf(workflow), { plan: 1, "subtask/t1": 1, "subtask/t2": 2, "subtask/t3": 1, synthesis: 1 });
});

describe("an older build meets the journal of a newer one", () => {
  const { api, emulator, stateDir } = rolledBack;
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.task === "t2" && call.number === 1 ? held(gate, text("Lost.")) : undefined,
  );
  const id = "rolled-back";
  let written;

  test("it leaves it untouched, and says so", async () => {
    await api.submit({ id, prompt: workflow.prompt() });
    await eventually(
      "two subtasks are done",
      async () => (await api.status(id)).steps.filter((step) => step.success).length === 3,
    );
    await rolledBack.kill();
    const [file] = await objectFiles(stateDir);
    editJournal(file, "INSERT INTO event SELECT max(seq) + 1, max(at), 'workflow_dreamt', '{\"v\":2}' FROM event");
    written = await journalRows(file);
    await rolledBack.revive();
    const calls = emulator.calls.length;
    for (const request of [
      api.get(`/${id}`),
      api.get(`/${id}/result`),
      api.get(`/${id}/events`),
      api.post("/", { id, prompt: workflow.prompt() }),
      api.post(`/${id}/pause`),
      api.post(`/${id}/terminate`),
      api.post(`/${id}/restart`),
      api.request("DELETE", `/${id}`),
    ]) {
      const answer = await request;
      assertProblem(answer, 503, NEWER);
      assert.ok(answer.headers.get("retry-after"));
    }
    const warned = () => rolledBack.logs().filter(({ message }) => message.includes("workflow_dreamt")).length;
    await eventually("its alarm has fired more than once, and armed itself again", () => warned() >= 3, 30_000);
    assert.equal(emulator.calls.length, calls, "no model was called");
  });

  test("back on a build that can read it, it goes on by itself", async () => {
    await rolledBack.kill();
    const [file] = await objectFiles(stateDir);
    assert.deepEqual(await journalRows(file), written);
    // A build that knows the event would go on after it; here the event goes, which comes to the same for this build.
    editJournal(file, "DELETE FROM event WHERE type = 'workflow_dreamt'");
    await rolledBack.revive();
    await eventually("it goes on by itself", () => workflow.count("synthesis") === 1, 30_000);
    await api.reach(id, "complete");
    assert.deepEqual(countsOf(workflow), { plan: 1, "subtask/t1": 1, "subtask/t2": 2, "subtask/t3": 1, synthesis: 1 });
  });
});
