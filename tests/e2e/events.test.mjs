// The event stream of a workflow: the journal, then live, resumable, with the text as it is written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { hang, held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertProblem } from "./support/api.mjs";
import { readEvents } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

/** Loose: a stream that goes on says something every few milliseconds here. */
const SILENT_AFTER_MS = 10_000;

const { api, emulator, url } = await startWithOpenai();

function events(id, { query = "", headers = {} } = {}) {
  return fetch(`${url}/${id}/events${query}`, { headers });
}

function journaled(frames) {
  return frames.filter((frame) => frame.event !== "delta");
}

test("a subscriber sees the run from its first event to its last, in order", async () => {
  const tasks = ["t1", { id: "t2", depends_on: ["t1"] }];
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "plan" ? held(gate, plan(tasks)) : undefined));
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
      "attempt_started",
      "attempt_completed",
      "workflow_completed",
    ],
  );
  assert.deepEqual(
    frames.map((frame) => frame.data.seq),
    frames.map((_, index) => index + 1),
  );
  for (const { event, data } of frames) {
    assert.equal(data.type, event);
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

test("after the end nothing more of the types that were asked for comes", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  await api.reach(id, "complete");
  const all = journaled(await readEvents(await events(id)));
  const accepted = all.find(({ event }) => event === "plan_accepted");
  const resumed = (types, last) => events(id, { query: `?types=${types}`, headers: { "last-event-id": last } });
  assert.equal((await resumed("plan_accepted", accepted.id)).status, 204, "the last of its type was seen");
  assert.equal((await resumed("workflow_errored", all[0].id)).status, 204, "there is none");
  const rest = await readEvents(await resumed("plan_accepted,workflow_completed", accepted.id));
  assert.deepEqual(
    rest.map(({ event }) => event),
    ["workflow_completed"],
  );
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
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.task === "t1" ? held(gate, text(words, { pauseMs: 60 })) : undefined;
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

// --- Every stream ends with its workflow: what follows once fell silent instead.

/** A journal of more than one of the pages in which a stream reads it. */
const MANY = Array.from({ length: 30 }, (_, index) => `t${index + 1}`);
const MANY_LONG = Array.from({ length: 48 }, (_, index) => `t${index + 1}`);

/** A subscriber that is answered: `{ response, frames }`, of which `frames` comes with the stream's end. */
async function subscribed(id, options) {
  const response = await events(id, options);
  assert.equal(response.status, 200);
  return { response, frames: within(readEvents(response)) };
}

function within(reading) {
  const silent = sleep(SILENT_AFTER_MS, null, { ref: false }).then(() => {
    throw new Error("the stream fell silent");
  });
  return Promise.race([reading, silent]);
}

/** Asserts that the frames are the journal from an event on, to its end, and no text of an attempt that has ended. */
function assertTail(frames, firstSeq = 1, last = "workflow_completed") {
  const seqs = journaled(frames).map((frame) => frame.data.seq);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => firstSeq + index),
  );
  assert.equal(frames.at(-1)?.event, last);
  const ended = new Set();
  for (const { event, data } of frames) {
    const attempt = `${data.run} ${data.step} ${data.number ?? data.attempt}`;
    if (event === "attempt_completed") ended.add(attempt);
    if (event === "delta") assert.ok(!ended.has(attempt), `text of ${attempt} after its end`);
  }
}

/** A workflow whose journal has many events, and whose synthesis the gate holds. */
async function manyEvents(gate) {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(MANY);
    return call.step === "synthesis" ? held(gate, text("The final result.")) : undefined;
  });
  const id = await api.submit({ prompt: workflow.prompt(), options: { max_subtasks: MANY.length } });
  return { id, synthesised: eventually("all but the synthesis is done", () => workflow.count("synthesis") === 1) };
}

const SUBSCRIPTIONS = [
  [1, {}],
  [50, { headers: { "last-event-id": "49" } }],
  [51, { headers: { "last-event-id": "50" } }],
  [61, { query: "?after=60" }],
];

test("with more than a page of events each stream ends with the workflow, wherever it began", async () => {
  const gate = makeGate();
  const { id, synthesised } = await manyEvents(gate);
  const early = await subscribed(id);
  await synthesised;
  const late = await Promise.all(
    SUBSCRIPTIONS.map(async ([firstSeq, options]) => ({ firstSeq, ...(await subscribed(id, options)) })),
  );
  const filtered = await subscribed(id, { query: "?types=plan_accepted" });
  gate.open();
  assertTail(await early.frames);
  for (const { firstSeq, frames } of late) assertTail(await frames, firstSeq);
  const types = (await filtered.frames).map((frame) => frame.event);
  assert.deepEqual(types, ["plan_accepted"], "it ends although the last event is none of its own");

  const last = (await early.frames).at(-1).data.seq;
  for (const [firstSeq, options] of [...SUBSCRIPTIONS, [last, { query: `?after=${last - 1}` }]])
    assertTail(await (await subscribed(id, options)).frames, firstSeq);
});

test("a subscriber that reads late sees neither silence at the end nor text of an attempt that is over", {
  timeout: 60_000,
}, async () => {
  // More than what lies between the Worker and a client that does not read: the first pages are still on their way
  // when the workflow ends.
  const long = "a word or two ".repeat(20_000);
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan([...MANY_LONG, "slow", "held"]);
    if (call.task === "slow") return text("one two three four five six seven eight nine ten", { pauseMs: 100 });
    return call.task === "held" ? hang() : text(long, { pieces: [long] });
  });
  const options = { max_subtasks: MANY_LONG.length + 2, max_concurrency: 1 };
  const id = await api.submit({ prompt: workflow.prompt(), options });
  await eventually("the slow one runs", () => workflow.count("subtask", "slow") === 1, 30_000);
  await readEvents(await events(id, { query: "?types=delta" }), ({ data }) => data.step === "subtask/slow");
  const response = await events(id);
  await eventually("the slow one is over", () => workflow.count("subtask", "held") === 1);
  assert.equal((await fetch(`${url}/${id}/terminate`, { method: "POST" })).status, 200);
  assertTail(await within(readEvents(response)), 1, "workflow_terminated");
});

test("after an event that the workflow does not have the stream is the whole one, and ends", async () => {
  const gate = makeGate();
  const { id, synthesised } = await manyEvents(gate);
  await synthesised;
  const unknown = [{ headers: { "last-event-id": "9999" } }, { query: "?after=9999" }];
  const running = await Promise.all(unknown.map((options) => subscribed(id, options)));
  gate.open();
  for (const { frames } of running) assertTail(await frames);
  await api.reach(id, "complete");
  for (const options of unknown) assertTail(await (await subscribed(id, options)).frames);
});

test("an id is deleted and used again: the old stream ends, who resumes gets the new life whole", async () => {
  const gate = makeGate();
  const [old, anew] = [1, 2].map(() =>
    emulator.workflow((call) => (call.step === "synthesis" ? held(gate, text("The final result.")) : undefined)),
  );
  const id = "used-again";
  await api.submit({ id, prompt: old.prompt() });
  await eventually("all but the synthesis is done", () => old.count("synthesis") === 1);
  const before = await subscribed(id);
  assert.equal((await api.request("DELETE", `/${id}`)).status, 204);
  await api.submit({ id, prompt: anew.prompt() });
  const seen = await before.frames;
  assert.ok(seen.length > 0);
  assert.ok(!seen.some(({ event }) => event === "workflow_completed"), "it ended with its own life");

  // As an EventSource does: with the last id it has seen, which the new life may have as well.
  await eventually("all but the synthesis is done", () => anew.count("synthesis") === 1);
  const lastId = seen.filter((frame) => frame.id !== null).at(-1).id;
  const resumed = await subscribed(id, { headers: { "last-event-id": lastId } });
  gate.open();
  const frames = await resumed.frames;
  assertTail(frames);
  assert.equal(frames[0].event, "workflow_queued");
});

test("no proxy may keep an event stream back or rewrite it", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  const { response, frames } = await subscribed(id);
  await frames;
  assert.equal(response.headers.get("x-accel-buffering"), "no");
  assert.equal(response.headers.get("cache-control"), "no-store, no-transform");
});
