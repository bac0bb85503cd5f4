// The event stream as a client reads it.

import assert from "node:assert/strict";

/**
 * The frames of `GET /:id/events` after `after`: `{ id, event, data }`, where live-only ones have no `id`. Ends with the stream; throws
 * where it breaks off.
 */
export async function* eventsOf(api, id, { after = 0, signal } = {}) {
  const headers = { accept: "text/event-stream", ...(after > 0 ? { "last-event-id": String(after) } : {}) };
  const response = await fetch(`${api.url}/${id}/events`, { headers, signal });
  if (response.status === 204) return;
  assert.equal(response.status, 200, `events of ${id}: ${response.status}`);
  let buffered = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const frames = (buffered + chunk).split("\n\n");
    buffered = frames.pop();
    for (const frame of frames.map(parse)) if (frame) yield frame;
  }
}

/** The journal of a workflow that has ended: the data of its events. */
export async function journalOf(api, id) {
  const events = [];
  for await (const { id: seq, data } of eventsOf(api, id)) if (seq !== undefined) events.push(data);
  return events;
}

/** Asserts that a journal has no gap, goes forward in time, and that every attempt which began came to exactly one end. */
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

function parse(frame) {
  const fields = Object.fromEntries(
    frame
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith(":"))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trimStart()]),
  );
  return fields.data === undefined ? null : { ...fields, data: JSON.parse(fields.data) };
}
