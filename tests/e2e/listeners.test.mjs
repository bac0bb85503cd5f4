// A run whose client goes away: `options.on_disconnect`, with a second in place of a minute.

import assert from "node:assert/strict";
import { test } from "node:test";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { framesOf, journalOf } from "./support/events.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const worker = await startWithOpenai({ vars: { DISCONNECT_SECONDS: "1" } });
const { api, emulator, url } = worker;

/** A workflow whose subtask `t1` waits for a gate; `t2` depends on it. */
function gated(from = emulator) {
  const gate = makeGate();
  const workflow = from.workflow((call) => {
    if (call.step === "plan") return plan(["t1", { id: "t2", depends_on: ["t1"] }]);
    return call.task === "t1" ? held(gate, text("Answer of t1.")) : undefined;
  });
  return { gate, workflow };
}

/** Submits under a key and answers with the stream. */
function stream(body, key, signal) {
  return fetch(`${url}/workflows`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", "idempotency-key": key },
    body: JSON.stringify(body),
    signal,
  });
}

const told = ({ type, reason }) => (reason ? [type, reason] : [type]);
const stops = (journal) => journal.map(told).filter(([type]) => /pause|resumed|terminated/.test(type));

test("a run that its client has left pauses, outlives a crash, and goes on when the client is back", async () => {
  // It writes while the client leaves: what is written to a connection tells that nobody is there any more.
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", { id: "t2", depends_on: ["t1"] }]);
    return call.task === "t1" ? text("Long.", { pieces: Array(40).fill("a word "), pauseMs: 100 }) : undefined;
  });
  const body = { prompt: workflow.prompt(), options: { on_disconnect: "pause" } };
  const client = new AbortController();
  const answer = await stream(body, "left", client.signal);
  const id = answer.headers.get("location").split("/").at(-1);
  for await (const { event, data } of framesOf(answer))
    if (event === "attempt_started" && data.step === "subtask/t1") break;
  client.abort();
  assert.equal((await api.reach(id, "waitingForPause", 30_000)).stop_reason, "no_listener");
  await api.reach(id, "paused");
  await worker.crash();
  const paused = await api.status(id);
  assert.deepEqual([paused.status, paused.stop_reason], ["paused", "no_listener"], "who only looks does not listen");
  const types = [];
  for await (const { event } of framesOf(await stream(body, "left"))) types.push(event);
  assert.equal(types.at(-1), "workflow_completed");
  assert.deepEqual([workflow.count("subtask", "t1"), workflow.count("subtask", "t2")], [1, 1]);
  assert.deepEqual(stops(await journalOf(api, id)), [
    ["workflow_waiting_for_pause", "no_listener"],
    ["workflow_paused", "no_listener"],
    ["workflow_resumed"],
  ]);
  assert.equal((await api.status(id)).stop_reason, null);
});

test("a request that waits listens, and one that comes back to wait resumes", async () => {
  const { gate, workflow } = gated();
  const id = await api.submit({ prompt: workflow.prompt(), options: { on_disconnect: "pause" } });
  const waited = await api.get(`/${id}?fields=status`, { prefer: "wait=4" });
  assert.equal(waited.json.status.status, "running");
  await api.reach(id, "waitingForPause");
  gate.open();
  await api.reach(id, "paused");
  const complete = await api.get(`/${id}?fields=status`, { prefer: "wait=30" });
  assert.equal(complete.json.status.status, "complete");
});

test("a pause by a control is no listener's to end", async () => {
  const { gate, workflow } = gated();
  const id = await api.submit({ prompt: workflow.prompt(), options: { on_disconnect: "pause" } });
  await api.reach(id, "waitingForPause");
  const { json } = await api.post(`/${id}/pause`);
  assert.deepEqual([json.status.status, json.status.stop_reason], ["waitingForPause", null]);
  gate.open();
  await api.reach(id, "paused");
  assert.equal((await api.get(`/${id}`, { prefer: "wait=1" })).json.status.status, "paused");
});

test("a run may end when nobody listens, at once or after sixty times as long", async () => {
  const hasty = await startWithOpenai({ vars: { DISCONNECT_SECONDS: "0.05" } });
  const start = async (on_disconnect) => {
    const { gate, workflow } = gated(hasty.emulator);
    const id = await hasty.api.submit({ prompt: workflow.prompt(), options: { on_disconnect } });
    return { gate, id };
  };
  const [paused, terminated, going] = [await start("pause"), await start("terminate"), await start("continue")];
  assert.equal((await hasty.api.reach(terminated.id, "terminated")).stop_reason, "no_listener");
  paused.gate.open();
  assert.equal((await hasty.api.reach(paused.id, "terminated")).stop_reason, "no_listener");
  assert.deepEqual(stops(await journalOf(hasty.api, paused.id)).at(-1), ["workflow_terminated", "no_listener"]);
  going.gate.open();
  await hasty.api.reach(going.id, "complete");
  const index = await hasty.api.get("/");
  assert.equal(index.json.defaults.on_disconnect, "pause");
});
