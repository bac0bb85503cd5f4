// The event stream of a workflow: the journal, then live, resumable, with the text as it is written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertProblem } from "./support/api.mjs";
import { readEvents } from "./support/events.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { api, emulator, url } = await startWithOpenai();

function events(id, { query = "", headers = {} } = {}) {
  return fetch(`${url}/${id}/events${query}`, { headers });
}

function journaled(frames) {
  return frames.filter((frame) => frame.event !== "delta");
}

test("a subscriber sees the run from its first event to its last, in order", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "plan" ? held(gate, plan(["t1"])) : undefined));
  const id = await api.submit(workflow.prompt());
  const response = await events(id);
  assert.match(response.headers.get("content-type"), /^text\/event-stream/);
  gate.open();
  const frames = journaled(await readEvents(response));
  assert.deepEqual(
    frames.map((frame) => frame.event),
    [
      "workflow_queued",
      "workflow_started",
      "attempt_started",
      "attempt_completed",
      "plan_accepted",
      "attempt_started",
      "attempt_completed",
      "attempt_started",
      "attempt_completed",
      "workflow_completed",
    ],
  );
  assert.deepEqual(
    frames.map((frame) => Number(frame.id)),
    frames.map((_, index) => index + 1),
  );
  for (const { id: seq, event, data } of frames) {
    assert.deepEqual([data.seq, data.type], [Number(seq), event]);
    assert.match(data.at, /^\d{4}-\d\d-\d\dT/);
  }
});

test("a subscriber that was cut off resumes after its last event, and after the end nothing more comes", async () => {
  const workflow = emulator.workflow();
  const id = await api.submit(workflow.prompt());
  await api.reach(id, "complete");
  const all = journaled(await readEvents(await events(id)));
  const byHeader = journaled(await readEvents(await events(id, { headers: { "last-event-id": "4" } })));
  const byQuery = journaled(await readEvents(await events(id, { query: "?after=4" })));
  assert.deepEqual(byHeader, all.slice(4));
  assert.deepEqual(byQuery, all.slice(4));
  const over = await events(id, { headers: { "last-event-id": all.at(-1).id } });
  assert.deepEqual([over.status, await over.text()], [204, ""]);
});

test("?types= lets through what it names", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  await api.reach(id, "complete");
  const frames = await readEvents(await events(id, { query: "?types=plan_accepted,workflow_completed" }));
  assert.deepEqual(
    frames.map((frame) => frame.event),
    ["plan_accepted", "workflow_completed"],
  );
  assertProblem(await api.get(`/${id}/events?types=nonsense`), 400);
});

test("the text comes as it is written, and a late subscriber gets what was written before", async () => {
  const gate = makeGate();
  const words = "Grüße, 世界 🌍, one after another, until all are written.";
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1"]);
    return call.step === "subtask" ? held(gate, text(words, { pauseMs: 60 })) : undefined;
  });
  const id = await api.submit(workflow.prompt());
  const early = events(id);
  const reading = early.then((response) => readEvents(response));
  gate.open();
  // The second subscriber joins once some of the text was written.
  await readEvents(await events(id), (frame) => frame.event === "delta" && frame.data.from > 0);
  const late = await readEvents(await events(id));
  for (const frames of [await reading, late]) {
    let written = "";
    const deltas = frames.filter((frame) => frame.event === "delta" && frame.data.step === "subtask/t1");
    assert.ok(deltas.length > 0);
    for (const { data, id: seq } of deltas) {
      assert.equal(seq, null, "a delta has no id: it can't be resumed after");
      // `from` counts characters, not bytes or UTF-16 units.
      written = [...written].slice(0, data.from).join("") + data.text;
    }
    assert.equal(written, words);
  }
});

test("a submission that accepts an event stream gets its run's events at once", async () => {
  const workflow = emulator.workflow();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ prompt: workflow.prompt() }),
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("location"), /^\/[\w-]+$/);
  const frames = journaled(await readEvents(response));
  assert.deepEqual([frames[0].event, frames.at(-1).event], ["workflow_queued", "workflow_completed"]);
});

test("HEAD of a running workflow's events is answered at once", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow(() => held(gate, plan(["t1"])));
  const id = await api.submit(workflow.prompt());
  const answer = await api.request("HEAD", `/${id}/events`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/event-stream/);
  await api.post(`/${id}/terminate`);
});

test("the events of an unknown workflow are 404", async () => {
  assertProblem(await api.get("/nobody/events"), 404);
});
