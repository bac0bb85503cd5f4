// Every control in every status, by the table that docs/api.md shows; and controls that meet each other.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { error, held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertProblem, stepOf } from "./support/api.mjs";
import { CONFLICT, CONTROLS, controlsTable, STATUSES, UNCHANGED } from "./support/controls.mjs";
import { assertSound, journalOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { editJournal, journalRows, objectFiles } from "./support/storage.mjs";
import { startWithOpenai } from "./support/worker.mjs";

// Without a heartbeat within the test: what happens is a control's doing.
const worker = await startWithOpenai({ vars: { HEARTBEAT_MS: "60000" } });
const { api, emulator } = worker;
const PAGE = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");

/** Brings a workflow, whose `t1` is held by the gate, into a status. */
const INTO = {
  running: async () => {},
  waiting: async (id) => api.reach(id, "waiting"),
  waitingForPause: async (id) => api.post(`/${id}/pause`),
  paused: async (id, gate) => {
    await api.post(`/${id}/pause`);
    gate.open();
    await api.reach(id, "paused");
  },
  complete: async (id, gate) => {
    gate.open();
    await api.reach(id, "complete");
  },
  errored: async (id, gate) => {
    gate.open();
    await api.reach(id, "errored");
  },
  terminated: async (id) => api.post(`/${id}/terminate`),
};

async function workflowIn(status) {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", { id: "t2", depends_on: ["t1"] }]);
    if (status === "errored") return error(401, { error: { message: "no such key" } });
    return call.task === "t1" && call.number === 1 ? held(gate, text("Answer of t1.")) : undefined;
  });
  const options = status === "waiting" ? { options: { approval: "plan" } } : {};
  const id = await api.submit({ prompt: workflow.prompt(), ...options });
  if (status !== "waiting") await eventually("t1 is called", () => workflow.count("subtask", "t1") === 1);
  await INTO[status]?.(id, gate);
  return { id, gate };
}

async function tryControl(control, status, id) {
  const expected = CONTROLS[control][STATUSES.indexOf(status)];
  // A queued workflow begins as soon as anybody looks at it, so that nobody does.
  const before = status === "queued" ? null : await api.get(`/${id}`);
  if (before) assert.equal(before.json.status.status, status);
  const answer = await api.post(`/${id}/${control}`);
  if (expected === CONFLICT) {
    const { detail, allowed } = assertProblem(answer, 409, "control-not-allowed");
    assert.ok(detail.includes(status), detail);
    const possible = Object.keys(CONTROLS).filter(
      (name) => ![CONFLICT, UNCHANGED].includes(CONTROLS[name][STATUSES.indexOf(status)]),
    );
    assert.deepEqual(allowed.toSorted(), possible.toSorted());
  } else {
    assert.equal(answer.status, 200, answer.text);
  }
  if (expected === CONFLICT || expected === UNCHANGED) {
    const after = await api.get(`/${id}`);
    if (before) assert.equal(after.headers.get("etag"), before.headers.get("etag"), "nothing has changed");
  } else {
    assert.equal(answer.json.status.status, expected);
  }
  assert.equal((await api.request("DELETE", `/${id}`)).status, 204, "DELETE is possible in every status");
  assertProblem(await api.get(`/${id}`), 404);
}

test("each control in each status", { concurrency: true }, async (context) => {
  // No client ever sees a queued workflow: it begins in the turn that makes it. A crash between the two leaves one.
  const queued = new Map();
  for (const control of Object.keys(CONTROLS)) queued.set(control, (await workflowIn("queued")).id);
  await worker.kill();
  for (const file of await objectFiles(worker.stateDir)) {
    editJournal(file, "DELETE FROM event WHERE seq > 1");
    assert.equal((await journalRows(file)).length, 1);
  }
  await worker.revive();
  for (const status of STATUSES) {
    const cells = Object.keys(CONTROLS).map((control) =>
      context.test(`${control} of one that is ${status}`, async () => {
        if (status === "queued") return tryControl(control, status, queued.get(control));
        const { id, gate } = await workflowIn(status);
        await tryControl(control, status, id);
        gate.open();
      }),
    );
    await Promise.all(cells);
  }
});

test("docs/api.md has this table", () => {
  const shown = /<!-- controls -->\n(.*?)\n<!-- \/controls -->/s.exec(PAGE)?.[1];
  const lines = (table) => table?.split("\n").map((line) => line.replaceAll(/\s+/g, " "));
  assert.deepEqual(lines(shown), lines(controlsTable()));
});

test("an approval that is sent again, without tasks, changes nothing", async () => {
  const { id } = await workflowIn("waiting");
  assert.equal((await api.post(`/${id}/approve`)).json.status.status, "running");
  assert.equal((await api.post(`/${id}/approve`)).status, 200);
  assertProblem(await api.post(`/${id}/approve`, { tasks: ["Another."] }), 409);
  await api.request("DELETE", `/${id}`);
});

test("a workflow that was paused while it waited for approval waits again when it is resumed", async () => {
  const { id } = await workflowIn("waiting");
  assert.equal((await api.post(`/${id}/pause`)).json.status.status, "paused");
  assertProblem(await api.post(`/${id}/approve`), 409);
  assert.equal((await api.post(`/${id}/resume`)).json.status.status, "waiting");
  await api.request("DELETE", `/${id}`);
});

test("controls at the same time leave one history", async () => {
  for (let round = 0; round < 5; round += 1) {
    const { id, gate } = await workflowIn("running");
    const names = ["pause", "resume", "pause", "terminate", "resume", "restart", "terminate", "pause"];
    gate.open();
    const answers = await Promise.all(names.map((name) => api.post(`/${id}/${name}`)));
    for (const [index, answer] of answers.entries())
      assert.ok([200, 409].includes(answer.status), `${names[index]}: ${answer.text}`);
    await api.post(`/${id}/resume`);
    const status = await eventually("it ends", async () => {
      const now = await api.status(id);
      return ["complete", "terminated"].includes(now.status) && now;
    });
    const journal = await journalOf(api, id);
    assertSound(journal);
    const ends = { complete: "workflow_completed", terminated: "workflow_terminated" };
    assert.equal(journal.at(-1).type, ends[status.status]);
    const runs = journal.filter((event) => event.type === "workflow_restarted").map((event) => event.run);
    assert.deepEqual(runs, runs.length > 0 ? [2] : []);
    assert.equal(status.run, runs.at(-1) ?? 1);
  }
});

test("DELETE and a submission under the same id, at the same time: the old one or a whole new one", async () => {
  for (let round = 0; round < 5; round += 1) {
    const id = `racing-${round}`;
    const workflow = emulator.workflow((call) =>
      call.task === "t1" && call.number === 1 ? { kind: "hang" } : undefined,
    );
    const body = { id, prompt: workflow.prompt() };
    await api.submit(body);
    await eventually("t1 is called", () => workflow.count("subtask", "t1") === 1);
    const [deleted, ...submitted] = await Promise.all([
      api.request("DELETE", `/${id}`),
      api.post("/", body),
      api.post("/", body),
    ]);
    assert.equal(deleted.status, 204);
    const call = workflow.calls("subtask", "t1")[0];
    await eventually("the old call is aborted", () => call.closedBy === "client");
    assert.ok(
      submitted.filter((answer) => answer.status === 202).length <= 1,
      submitted.map((answer) => answer.status).join(),
    );
    if (submitted.every((answer) => answer.status === 409)) {
      assertProblem(await api.get(`/${id}`), 404);
      await api.submit(body);
    }
    const status = await api.reach(id, "complete");
    for (const step of status.steps) assert.equal(step.attempts.length, 1, step.name);
    assert.equal(stepOf(status, "subtask/t1").output, "Answer of t1.");
    assertSound(await journalOf(api, id));
  }
});
