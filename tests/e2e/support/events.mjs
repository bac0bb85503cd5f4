// A reader of server-sent events that tells frames from comments, as an EventSource does.

import assert from "node:assert/strict";
import { assertDocumentedEvent } from "./openapi.mjs";

/**
 * The frames of a response as they come, each held against the OpenAPI document: `{ id, event, data }`, `data` parsed,
 * `id` null for live-only ones.
 */
export async function* framesOf(response) {
  let buffered = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = (buffered + chunk).split("\n\n");
    buffered = parts.pop();
    for (const frame of parts.map(parse)) {
      if (frame.data === null) continue;
      assertDocumentedEvent(frame);
      yield frame;
    }
  }
}

function parse(part) {
  const fields = { id: null, event: "message", data: null };
  for (const line of part.split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (name in fields) fields[name] = line.slice(colon + 1).trim();
  }
  return { ...fields, data: fields.data === null ? null : JSON.parse(fields.data) };
}

/** Reads a stream to its end: all of its frames. `until(frame)` ends it early. */
export async function readEvents(response, until = () => false) {
  const frames = [];
  for await (const frame of framesOf(response)) {
    frames.push(frame);
    if (until(frame)) break;
  }
  return frames;
}

/**
 * The frames of `GET /:id/events` after the event with the id `after`. Ends with the stream; throws where it breaks
 * off.
 */
export async function* eventsOf(api, id, { after = null, signal } = {}) {
  const headers = {
    accept: "text/event-stream",
    ...(after === null ? {} : { "last-event-id": after }),
    ...(api.token ? { authorization: `Bearer ${api.token}` } : {}),
  };
  const response = await fetch(`${api.url}/${id}/events`, { headers, signal });
  if (response.status === 204) return;
  assert.equal(response.status, 200, `events of ${id}: ${response.status}`);
  yield* framesOf(response);
}

/** The journal of a workflow that has ended: the data of its events. */
export async function journalOf(api, id) {
  const events = [];
  for await (const frame of eventsOf(api, id)) if (frame.id !== null) events.push(frame.data);
  return events;
}

/**
 * How long the next attempt waits after each that failed, in milliseconds: as it was decided, because a busy machine
 * takes its own time to keep it.
 */
export async function backOffsOf(api, id, step) {
  const failed = (await journalOf(api, id)).filter((event) => event.type === "attempt_errored" && event.step === step);
  return failed.map(({ at, retry_at }) => retry_at - Date.parse(at));
}

/** Subscribes and reads the first piece. Aborting the result is to vanish. */
export async function subscribe(api, id) {
  const controller = new AbortController();
  const headers = api.token ? { authorization: `Bearer ${api.token}` } : {};
  const response = await fetch(`${api.url}/${id}/events`, { headers, signal: controller.signal });
  assert.equal(response.status, 200, `events of ${id}: ${response.status}`);
  await response.body.getReader().read();
  return controller;
}

/**
 * Asserts that a journal has no gap, goes forward in time, and that no attempt began twice or ended unbegun. Returns
 * those still open.
 */
export function assertSound(events) {
  events.forEach((event, index) => {
    assert.equal(event.seq, index + 1, "the journal has a gap");
    assert.ok(index === 0 || event.at >= events[index - 1].at, `event ${event.seq} is before ${index}`);
  });
  const open = new Set();
  for (const { type, step, run, number } of events) {
    const attempt = `${run} ${step} ${number}`;
    if (type === "attempt_started") {
      assert.ok(!open.has(attempt), `${attempt} began twice`);
      open.add(attempt);
    } else if (["attempt_completed", "attempt_errored", "attempt_lost"].includes(type)) {
      assert.ok(open.delete(attempt), `${attempt} ended without a beginning`);
    }
  }
  return open;
}
