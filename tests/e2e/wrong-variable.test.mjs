// A deployment with a wrong variable that stays for longer than the platform repeats an alarm. Mended, it strands
// nobody. This file does nothing but wait for most of its time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertProblem } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { alarmTimes, allTables, passTimeOfAlarms } from "./support/storage.mjs";
import { startWithOpenai } from "./support/worker.mjs";

/** The platform repeats an alarm that throws after 2, 4, 8, 16, 32 and 64 s, or a little more, and then forgets it. */
const TROUBLE_MS = 160_000;
/** However often an alarm failed, the next one is no later than this. */
const PAUSE_MS_MAX = 600_000;
/** Loose: a heartbeat is half a second here. */
const GOES_ON_WITHIN_MS = 10_000;
const WRONG = { HEARTBEAT_MS: "soon" };

// An ended workflow is purged after half a minute.
const worker = await startWithOpenai({ vars: { RETENTION_DAYS: String(30 / 86_400) } });
const { api, emulator, stateDir } = worker;

/** A workflow with one subtask done and one in flight, whose answer will be lost. */
async function running(gate) {
  const workflow = emulator.workflow((call, number) => {
    if (call.step === "plan") return plan(["done", "slow"]);
    return call.task === "slow" && number === 1 ? held(gate, text("Lost.")) : undefined;
  });
  const id = await api.submit(workflow.prompt());
  await eventually("one subtask is done, one runs", async () => {
    const { steps } = await api.status(id);
    return (
      workflow.count("subtask", "slow") === 1 && steps.some(({ name, success }) => success && name.endsWith("done"))
    );
  });
  return { workflow, id };
}

test("after 160 s of a wrong variable a workflow goes on at the next contact or alarm, and an ended one is purged", {
  timeout: TROUBLE_MS + 120_000,
}, async (context) => {
  const gate = makeGate();
  const [contacted, alone] = await Promise.all([running(gate), running(gate)]);
  const ended = await api.submit(emulator.workflow().prompt());
  await api.reach(ended, "complete");
  await worker.kill();
  gate.open();

  await worker.revive({ vars: WRONG });
  const began = Date.now();
  assertProblem(await api.get("/nobody"), 503);
  await sleep(TROUBLE_MS);
  await worker.kill();
  const pauses = (await alarmTimes(stateDir)).map((at) => Math.round(at - Date.now()));
  context.diagnostic(`figure: alarms after ${Date.now() - began} ms of a wrong variable are due in ${pauses} ms`);
  assert.equal(pauses.length, 3, "each of the three has an alarm");
  assert.ok(Math.max(...pauses) <= PAUSE_MS_MAX, `${pauses}`);

  await worker.revive();
  // Whoever asks for it makes it go on, although its alarm may be minutes away.
  assert.equal((await api.status(contacted.id)).status, "running");
  await eventually("it goes on", () => contacted.workflow.calls("synthesis")[0]?.closedAt, GOES_ON_WITHIN_MS);

  // Nobody asks for the other two: only their alarms, once their time has come.
  await worker.kill();
  await passTimeOfAlarms(stateDir);
  await worker.revive();
  await eventually("the other goes on", () => alone.workflow.calls("synthesis")[0]?.closedAt, GOES_ON_WITHIN_MS);
  for (const { workflow, id } of [contacted, alone]) {
    assert.equal((await api.reach(id, "complete")).output.workerResponses.length, 2);
    assert.deepEqual([workflow.count("subtask", "done"), workflow.count("subtask", "slow")], [1, 2]);
  }
  await eventually("the ended one is gone", async () => (await api.get(`/${ended}`)).status === 404);
  // Once the index knows of it.
  const tables = await eventually("the file of the one that was purged is empty", async () => {
    const all = await allTables(stateDir);
    return all.filter((ofObject) => Object.keys(ofObject).length === 0).length === 1 && all;
  });
  await worker.stop();
  for (const { _cf_KV: rows = 0 } of tables) assert.equal(rows, 0, "what counted the failures is gone");
});
