// The event stream as a client library reads it, the npm package `eventsource`: a token in a header, a server that is
// killed in between, the end.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { EventSource } from "eventsource";
import { plan } from "./emulators/scripts.mjs";
import { assertSound, readEvents } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { EVENTS } from "./support/openapi.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const TOKEN = "0123456789abcdef-event-source";
const authorization = `Bearer ${TOKEN}`;
const sources = [];
after(() => {
  for (const source of sources) source.close();
});

const { api, emulator, url, ...worker } = await startWithOpenai({ token: TOKEN, vars: { API_TOKENS: `me:${TOKEN}` } });

/**
 * Every type of event, as they come, and every request that the library makes: `{ lastEventId, status }`, null where
 * nobody answered. `lastId` gives the id after which the library would resume.
 */
function watch(id) {
  const requests = [];
  const source = new EventSource(`${url}/${id}/events`, {
    async fetch(input, init) {
      const request = { lastEventId: init.headers["Last-Event-ID"] ?? null, status: null };
      requests.push(request);
      const response = await fetch(input, { ...init, headers: { ...init.headers, Authorization: authorization } });
      request.status = response.status;
      return response;
    },
  });
  sources.push(source);
  const events = [];
  let last = null;
  for (const type of Object.keys(EVENTS))
    source.addEventListener(type, ({ data, lastEventId }) => {
      events.push(JSON.parse(data));
      last = lastEventId;
    });
  // Live text has no number: it is nowhere kept.
  const journaled = () => events.filter(({ seq }) => seq !== undefined);
  return { source, requests, events, journaled, lastId: () => last };
}

test("a library resumes after kill -9 without a gap or a repetition, and stops at the end", {
  timeout: 60_000,
}, async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.task === "t2" && call.number === 1 ? { kind: "hang" } : undefined;
  });
  const id = await api.submit(workflow.prompt());
  const { source, requests, events, journaled, lastId } = watch(id);
  await eventually("t1 is done and t2 runs", () => {
    const completed = journaled().some(({ type, step }) => type === "attempt_completed" && step === "subtask/t1");
    return completed && workflow.count("subtask", "t2") === 1;
  });
  const before = lastId();
  await worker.crash();
  await eventually("the library has stopped", () => source.readyState === source.CLOSED, 30_000);

  const whole = await readEvents(await fetch(`${url}/${id}/events`, { headers: { authorization } }));
  assert.deepEqual(
    journaled(),
    whole.map(({ data }) => data),
    "each event of the journal came once",
  );
  assertSound(journaled());
  assert.equal(journaled().at(-1).type, "workflow_completed");
  assert.ok(
    events.some(({ seq, text }) => seq === undefined && text !== ""),
    "live text came too",
  );
  const answered = requests.filter(({ status }) => status !== null);
  assert.deepEqual(
    answered.map(({ status, lastEventId }) => [status, lastEventId]),
    [
      [200, null],
      [200, before],
      [204, whole.at(-1).id],
    ],
  );
  assert.deepEqual(
    [workflow.count("subtask", "t1"), workflow.count("subtask", "t2")],
    [1, 2],
    "only what was lost was called again",
  );
});

test("a library that comes after the end gets the whole journal, and stops", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  await api.reach(id, "complete");
  const { source, requests, journaled } = watch(id);
  await eventually("the library has stopped", () => source.readyState === source.CLOSED);
  assertSound(journaled());
  assert.deepEqual(
    requests.map(({ status }) => status),
    [200, 204],
  );
});

test("a library without the token is refused for good", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  const source = new EventSource(`${url}/${id}/events`);
  sources.push(source);
  const code = await new Promise((resolve) => source.addEventListener("error", (event) => resolve(event.code)));
  assert.deepEqual([code, source.readyState], [401, source.CLOSED]);
});
